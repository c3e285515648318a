//! The syntax tree of a pattern. Owns the shapes; knows neither the concrete syntax nor how a
//! tree is matched.

use super::units::UnitSet;
use crate::diagnostic::Span;

/// A parsed pattern, matched without the `u` and `v` flags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The whole pattern.
    pub root: Node,
    /// How many capturing groups it has.
    pub captures: u32,
}

/// Whether a pattern has the `i` flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// It has: upper and lower case are the same.
    Ignored,
    /// It has not.
    Kept,
}

impl Case {
    /// The code units that those of the pattern's text stand for.
    pub(super) fn apply(self, literal: UnitSet) -> UnitSet {
        match self {
            Self::Ignored => literal.fold(),
            Self::Kept => literal,
        }
    }
}

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The bytes of the pattern's text that it was read from.
    pub span: Span,
    /// What it matches.
    pub kind: NodeKind,
}

/// What a part of a pattern matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// The empty text.
    Empty,
    /// One UTF-16 code unit. The set is final: closed under case folding if case is ignored,
    /// complement applied.
    Set(UnitSet),
    /// The parts one after the other.
    Concat(Vec<Node>),
    /// One of the parts, tried in order.
    Alternation(Vec<Node>),
    /// The part several times.
    Repeat {
        /// What is repeated.
        node: Box<Node>,
        /// Least number of turns.
        min: u32,
        /// Greatest number of turns, `None` for no limit.
        max: Option<u32>,
        /// Whether more or fewer turns are tried first.
        greediness: Greediness,
    },
    /// A parenthesised part.
    Group {
        /// What stands in the parentheses.
        node: Box<Node>,
        /// The number of the capturing group, from 1; `None` when it captures nothing.
        capture: Option<u32>,
    },
    /// A condition on the text around, which consumes nothing.
    Look {
        /// What must, or must not, match there.
        node: Box<Node>,
        /// On which side of the position.
        direction: Direction,
        /// Whether it must match or must not.
        polarity: Polarity,
    },
    /// A condition on the position.
    Assertion(Assertion),
    /// What a capturing group matched last, or the empty text when it matched nothing. Several
    /// numbers stand for groups of one name, of which at most one can have matched.
    Backreference(Vec<u32>),
}

/// Whether a repetition tries more turns first or fewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Greediness {
    /// As many turns as possible first: `a*`.
    Greedy,
    /// As few turns as possible first: `a*?`.
    Lazy,
}

/// The side of the position on which a look-around looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// At what follows.
    Ahead,
    /// At what precedes.
    Behind,
}

/// Whether a look-around holds when its part matches or when it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polarity {
    /// `(?=…)`, `(?<=…)`.
    Positive,
    /// `(?!…)`, `(?<!…)`.
    Negative,
}

/// A condition on the position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assertion {
    /// `^`: the start of the text, since there is no `m` flag.
    Start,
    /// `$`: the end of the text, since there is no `m` flag.
    End,
    /// `\b`.
    WordBoundary,
    /// `\B`.
    NotWordBoundary,
}

impl Pattern {
    /// Whether it has look-around or back-references, which no finite automaton of this crate
    /// matches.
    pub fn needs_backtracking(&self) -> bool {
        self.root.any(&|node| {
            matches!(
                node.kind,
                NodeKind::Look { .. } | NodeKind::Backreference(_)
            )
        })
    }
}

impl Node {
    /// The parts directly below this one.
    pub fn children(&self) -> &[Node] {
        match &self.kind {
            NodeKind::Concat(parts) | NodeKind::Alternation(parts) => parts,
            NodeKind::Repeat { node, .. }
            | NodeKind::Group { node, .. }
            | NodeKind::Look { node, .. } => std::slice::from_ref(node),
            NodeKind::Empty
            | NodeKind::Set(_)
            | NodeKind::Assertion(_)
            | NodeKind::Backreference(_) => &[],
        }
    }

    /// Whether `test` holds for this part or one below it.
    pub fn any(&self, test: &impl Fn(&Node) -> bool) -> bool {
        test(self) || self.children().iter().any(|child| child.any(test))
    }

    /// The first and the last capturing group of it, itself included. Groups are numbered in the
    /// order of the text, so all between belong to it too.
    pub fn captures(&self) -> Option<(u32, u32)> {
        let own = match self.kind {
            NodeKind::Group {
                capture: Some(number),
                ..
            } => Some((number, number)),
            _ => None,
        };
        self.children()
            .iter()
            .filter_map(Self::captures)
            .chain(own)
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// Fewest code units that a match of it consumes.
    pub fn min_width(&self) -> u32 {
        match &self.kind {
            NodeKind::Set(_) => 1,
            NodeKind::Concat(parts) => parts
                .iter()
                .fold(0, |sum, part| part.min_width().saturating_add(sum)),
            NodeKind::Alternation(parts) => parts.iter().map(Node::min_width).min().unwrap_or(0),
            NodeKind::Repeat { node, min, .. } => node.min_width().saturating_mul(*min),
            NodeKind::Group { node, .. } => node.min_width(),
            NodeKind::Empty
            | NodeKind::Look { .. }
            | NodeKind::Assertion(_)
            | NodeKind::Backreference(_) => 0,
        }
    }

    /// Most code units that a match of it consumes, `None` for no limit. A back-reference counts
    /// as unlimited, as it does in V8.
    pub fn max_width(&self) -> Option<u32> {
        match &self.kind {
            NodeKind::Set(_) => Some(1),
            NodeKind::Concat(parts) => parts
                .iter()
                .try_fold(0_u32, |sum, part| sum.checked_add(part.max_width()?)),
            NodeKind::Alternation(parts) => parts
                .iter()
                .try_fold(0, |most, part| Some(part.max_width()?.max(most))),
            NodeKind::Repeat { node, max, .. } => match node.max_width()? {
                0 => Some(0),
                width => width.checked_mul((*max)?),
            },
            NodeKind::Group { node, .. } => node.max_width(),
            NodeKind::Empty | NodeKind::Look { .. } | NodeKind::Assertion(_) => Some(0),
            NodeKind::Backreference(_) => None,
        }
    }
}
