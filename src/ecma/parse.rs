//! Reads patterns. Owns the concrete syntax: ECMA-262 with the forms of Annex B.1.2, as V8 12 and
//! earlier accept it (no modifiers, no duplicate group names); builds the tree and nothing else.

mod class;
mod cursor;
mod escape;
mod groups;

use super::tree::{Assertion, Case, Direction, Greediness, Node, NodeKind, Pattern, Polarity};
use super::units::UnitSet;
use crate::diagnostic::Span;
use cursor::Cursor;
use groups::Groups;

/// How deep groups may nest, so that no later walk of the tree can exhaust the stack.
const MAX_DEPTH: u32 = 250;

/// The longest pattern read, in bytes of UTF-8.
const MAX_LENGTH: usize = 1 << 16;

/// Counts from here on mean "no limit", as in V8.
const INFINITE: u32 = i32::MAX as u32;

/// Why a text is not a pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} at byte {at}")]
pub struct PatternError {
    /// The byte of the text where the faulty part starts.
    pub at: usize,
    /// What is wrong: lower case, no final period, the pattern's own text in backticks.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl PatternError {
    fn new(at: usize, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
            help: help.into(),
        }
    }
}

impl Pattern {
    /// Reads a pattern (ECMA-262 §22.2.1 without the `u` and `v` flags, with Annex B.1.2), meant
    /// to be matched with the `i` flag.
    ///
    /// # Errors
    /// What `new RegExp(text, "i")` of Node 20 refuses; also more than 65,536 bytes of text, and
    /// groups nested more than 250 deep.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        Self::parse_with(text, Case::Ignored)
    }

    /// Reads a pattern as [`Self::parse`] does, with or without the `i` flag.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_with(text: &str, case: Case) -> Result<Self, PatternError> {
        if text.len() > MAX_LENGTH {
            return Err(PatternError::new(
                MAX_LENGTH,
                format!("a pattern longer than {MAX_LENGTH} bytes"),
                "split it into several patterns",
            ));
        }
        let groups = Groups::scan(text)?;
        let captures = groups.count();
        let mut parser = Parser {
            cursor: Cursor::new(text),
            groups,
            case,
            opened: 0,
            depth: 0,
        };
        let root = parser.disjunction()?;
        match parser.cursor.peek() {
            None => Ok(Self { root, captures }),
            Some(_) => Err(PatternError::new(
                parser.cursor.at(),
                "a `)` without its `(`",
                "write `\\)` for the character itself",
            )),
        }
    }
}

struct Parser<'t> {
    cursor: Cursor<'t>,
    groups: Groups,
    case: Case,
    /// Capturing groups opened so far.
    opened: u32,
    depth: u32,
}

/// A term, and whether a quantifier may follow it.
enum Term {
    Quantifiable(Node),
    /// Literal text beyond the Basic Multilingual Plane: two code units, of which a quantifier
    /// repeats the second.
    Pair(Node, Node),
    /// An assertion that a quantifier may not follow; the text says what a quantifier there is.
    Fixed(Node, &'static str),
}

const NOTHING_TO_REPEAT: &str = "nothing to repeat before this quantifier";

impl Parser<'_> {
    fn disjunction(&mut self) -> Result<Node, PatternError> {
        let start = self.cursor.at();
        let first = self.alternative()?;
        if self.cursor.peek() != Some('|') {
            return Ok(first);
        }
        let mut alternatives = vec![first];
        while self.cursor.eat('|') {
            alternatives.push(self.alternative()?);
        }
        Ok(self.node(start, NodeKind::Alternation(alternatives)))
    }

    fn alternative(&mut self) -> Result<Node, PatternError> {
        let start = self.cursor.at();
        let mut terms = Vec::new();
        while !matches!(self.cursor.peek(), None | Some('|' | ')')) {
            match self.term()? {
                Term::Quantifiable(atom) => terms.push(self.quantified(atom)?),
                Term::Pair(lead, trail) => {
                    terms.push(lead);
                    terms.push(self.quantified(trail)?);
                }
                Term::Fixed(node, fault) => {
                    self.refuse_quantifier(fault)?;
                    terms.push(node);
                }
            }
        }
        Ok(match (terms.pop(), terms.is_empty()) {
            (None, _) => self.node(start, NodeKind::Empty),
            (Some(only), true) => only,
            (Some(last), false) => {
                terms.push(last);
                self.node(start, NodeKind::Concat(terms))
            }
        })
    }

    fn term(&mut self) -> Result<Term, PatternError> {
        let start = self.cursor.at();
        self.refuse_quantifier(NOTHING_TO_REPEAT)?;
        let Some(character) = self.cursor.next() else {
            return Ok(Term::Quantifiable(self.node(start, NodeKind::Empty)));
        };
        match character {
            '^' => Ok(self.assertion(start, Assertion::Start)),
            '$' => Ok(self.assertion(start, Assertion::End)),
            '.' => Ok(Term::Quantifiable(
                self.node(start, NodeKind::Set(UnitSet::dot())),
            )),
            '[' => {
                let set =
                    class::parse(&mut self.cursor, start, self.groups.any_named(), self.case)?;
                Ok(Term::Quantifiable(self.node(start, NodeKind::Set(set))))
            }
            '(' => self.group(start),
            '\\' => self.escape(start),
            literal => Ok(self.literal(start, literal)),
        }
    }

    /// The code units that one of the pattern stands for.
    fn unit(&self, unit: u16) -> NodeKind {
        NodeKind::Set(self.case.apply(UnitSet::singleton(unit)))
    }

    /// A character that stands for itself.
    fn literal(&self, start: usize, character: char) -> Term {
        let node = |unit| self.node(start, self.unit(unit));
        match *character.encode_utf16(&mut [0; 2]) {
            [lead, trail] => Term::Pair(node(lead), node(trail)),
            [unit] => Term::Quantifiable(node(unit)),
            _ => Term::Quantifiable(self.node(start, NodeKind::Empty)),
        }
    }

    fn assertion(&self, start: usize, assertion: Assertion) -> Term {
        Term::Fixed(
            self.node(start, NodeKind::Assertion(assertion)),
            NOTHING_TO_REPEAT,
        )
    }

    fn escape(&mut self, start: usize) -> Result<Term, PatternError> {
        match self.cursor.peek() {
            Some('b') => {
                self.cursor.next();
                Ok(self.assertion(start, Assertion::WordBoundary))
            }
            Some('B') => {
                self.cursor.next();
                Ok(self.assertion(start, Assertion::NotWordBoundary))
            }
            Some('k') if self.groups.any_named() => {
                self.cursor.next();
                let number = self.groups.reference(&mut self.cursor, start)?;
                let kind = NodeKind::Backreference(vec![number]);
                Ok(Term::Quantifiable(self.node(start, kind)))
            }
            Some('1'..='9') => Ok(self.decimal_escape(start)),
            _ => match escape::parse(&mut self.cursor, start)? {
                escape::Escape::Class(set) => {
                    Ok(Term::Quantifiable(self.node(start, NodeKind::Set(set))))
                }
                escape::Escape::Unit(unit) => {
                    Ok(Term::Quantifiable(self.node(start, self.unit(unit))))
                }
                escape::Escape::Pair(character) => Ok(self.literal(start, character)),
            },
        }
    }

    /// `\1`: a back-reference when there are that many groups anywhere in the pattern, else an
    /// octal escape, else (`\8`, `\9`) the digit itself (Annex B.1.2, DecimalEscape).
    fn decimal_escape(&mut self, start: usize) -> Term {
        let digits = self.cursor.clone();
        let number = self.cursor.decimal().unwrap_or(u32::MAX);
        let kind = if number <= self.groups.count() {
            NodeKind::Backreference(vec![number])
        } else {
            self.cursor = digits;
            let unit = escape::legacy_digits(&mut self.cursor);
            self.unit(unit)
        };
        Term::Quantifiable(self.node(start, kind))
    }

    /// What follows a `(` at `start`.
    fn group(&mut self, start: usize) -> Result<Term, PatternError> {
        if self.depth == MAX_DEPTH {
            return Err(PatternError::new(
                start,
                format!("groups nested more than {MAX_DEPTH} deep"),
                "simplify the pattern",
            ));
        }
        let opening = groups::opening(&mut self.cursor, start)?;
        if matches!(
            opening,
            groups::Opening::Capture | groups::Opening::Named(_)
        ) {
            self.opened += 1;
        }
        let number = self.opened;
        self.depth += 1;
        let body = Box::new(self.disjunction()?);
        self.depth -= 1;
        if !self.cursor.eat(')') {
            return Err(PatternError::new(
                start,
                "a `(` without its `)`",
                "close the group, or write `\\(` for the character itself",
            ));
        }
        Ok(match opening {
            groups::Opening::Capture | groups::Opening::Named(_) => Term::Quantifiable(self.node(
                start,
                NodeKind::Group {
                    node: body,
                    capture: Some(number),
                },
            )),
            groups::Opening::Plain => Term::Quantifiable(self.node(
                start,
                NodeKind::Group {
                    node: body,
                    capture: None,
                },
            )),
            groups::Opening::Look(direction, polarity) => {
                self.look(start, body, direction, polarity)
            }
        })
    }

    /// Annex B lets a quantifier follow a look-ahead, not a look-behind.
    fn look(
        &self,
        start: usize,
        node: Box<Node>,
        direction: Direction,
        polarity: Polarity,
    ) -> Term {
        let node = self.node(
            start,
            NodeKind::Look {
                node,
                direction,
                polarity,
            },
        );
        match direction {
            Direction::Ahead => Term::Quantifiable(node),
            Direction::Behind => Term::Fixed(node, "a look-behind cannot be repeated"),
        }
    }

    fn quantified(&mut self, atom: Node) -> Result<Node, PatternError> {
        let start = atom.span.start;
        let Some((min, max)) = self.quantifier()? else {
            return Ok(atom);
        };
        let greediness = if self.cursor.eat('?') {
            Greediness::Lazy
        } else {
            Greediness::Greedy
        };
        self.refuse_quantifier(NOTHING_TO_REPEAT)?;
        Ok(self.node(
            start,
            NodeKind::Repeat {
                node: Box::new(atom),
                min,
                max,
                greediness,
            },
        ))
    }

    /// `*`, `+`, `?` or `{n,m}`; `None`, and nothing read, for anything else.
    fn quantifier(&mut self) -> Result<Option<(u32, Option<u32>)>, PatternError> {
        let start = self.cursor.at();
        let bounds = match self.cursor.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => {
                let Some((min, max)) = self.cursor.interval() else {
                    return Ok(None);
                };
                let (min, max) = (min.min(INFINITE), max.map(|max| max.min(INFINITE)));
                if max.is_some_and(|max| max < min) {
                    return Err(PatternError::new(
                        start,
                        "the numbers of this quantifier are out of order",
                        "write the smaller number first",
                    ));
                }
                return Ok(Some((min, max.filter(|&max| max < INFINITE))));
            }
            _ => return Ok(None),
        };
        self.cursor.next();
        Ok(Some(bounds))
    }

    fn refuse_quantifier(&mut self, message: &'static str) -> Result<(), PatternError> {
        let at = self.cursor.at();
        let found = match self.cursor.peek() {
            Some('*' | '+' | '?') => true,
            Some('{') => self.cursor.clone().interval().is_some(),
            _ => false,
        };
        if found {
            return Err(PatternError::new(
                at,
                message,
                "remove it, or put a backslash before it to match the character itself",
            ));
        }
        Ok(())
    }

    fn node(&self, start: usize, kind: NodeKind) -> Node {
        Node {
            span: Span::new(start, self.cursor.at()),
            kind,
        }
    }
}

#[cfg(test)]
mod tests;
