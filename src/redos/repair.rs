//! Patterns written otherwise: found in the same texts, at less cost. Owns the rewritings that are
//! tried and the proof that one changes nothing; a rewriting that is not proved is not offered.

use super::alphabet::{Alphabet, Class};
use super::ambiguity::{Ambiguity, ambiguity};
use super::analysis::{Verdict, analyse};
use super::automaton::{Automaton, Certainty, INITIAL, Searching};
use super::budget::{Budget, Exhausted};
use super::graph::{self, Conditions, Purpose};
use super::hash::Map;
use super::subsets::{BEGINNING, SubsetId, Subsets};
use crate::diagnostic::Span;
use crate::ecma::{Direction, Node, NodeKind, Pattern};

/// How many rewritings are made one after the other.
const ROUNDS: usize = 6;
/// How many rewritings of one pattern are compared with it.
const MAX_EDITS: usize = 40;
/// How many patterns are analysed in all.
const MAX_ANALYSES: usize = 8;
/// Units of work for all comparisons.
const WORK: u64 = 10_000_000;
/// Units of work for one comparison.
const COMPARISON: u64 = 1_000_000;
/// The most steps and states of an automaton that is compared.
const MAX_STEPS: usize = 2_000;
const MAX_STATES: usize = 500;
/// The most pairs of subsets that are compared.
const MAX_PAIRS: usize = 10_000;

/// The pattern `text` written so that a search with it finds something in exactly the same texts,
/// and takes less time; `None` if no small rewriting is proved to be that.
///
/// What is found may begin or end elsewhere: `\s+$` becomes `\s$`. Equivalence is decided on the
/// automata of both searches, made deterministic (Hopcroft and Karp, A linear algorithm for testing
/// equivalence of finite automata, Cornell University TR 71-114, 1971).
pub fn repaired(text: &str) -> Option<String> {
    let original = Draft::new(text.to_owned())?;
    let mut best = original.clone();
    let mut effort = Effort {
        analyses: MAX_ANALYSES,
        budget: Budget::new(WORK),
    };
    for _ in 0..ROUNDS {
        match improved(&original, &best, &mut effort) {
            Some(better) => best = better,
            None => break,
        }
    }
    (best.harm < original.harm).then_some(best.text)
}

/// What may still be done.
struct Effort {
    analyses: usize,
    budget: Budget,
}

/// A pattern, and how bad it is.
#[derive(Clone)]
struct Draft {
    text: String,
    pattern: Pattern,
    harm: Harm,
    /// What makes it bad.
    spots: Vec<Span>,
}

/// How bad a pattern is, the least bad first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Harm {
    None,
    Polynomial(u32),
    /// Never fails, so that it costs nothing, but is not evaluated.
    Ambiguous,
    Exponential,
}

impl Draft {
    /// A pattern, unless it is none or too little is known about it.
    fn new(text: String) -> Option<Self> {
        let pattern = Pattern::parse(&text).ok()?;
        let analysis = analyse(&pattern);
        let mut spots = analysis.hotspots;
        let harm = match (analysis.verdict, ambiguity(&pattern)) {
            (Verdict::Unknown(_), _) | (_, Ambiguity::Unknown(_)) => return None,
            (Verdict::Exponential, _) => Harm::Exponential,
            (_, Ambiguity::Exponential { span }) => {
                spots.push(span);
                Harm::Ambiguous
            }
            (Verdict::Polynomial(degree), _) => Harm::Polynomial(degree),
            (Verdict::Safe, _) => Harm::None,
        };
        Some(Self {
            text,
            pattern,
            harm,
            spots,
        })
    }
}

/// A rewriting of `current` that is less bad; or as bad and shorter, for one of several loops may
/// have to be mended before anything gets better.
fn improved(original: &Draft, current: &Draft, effort: &mut Effort) -> Option<Draft> {
    let mut shorter = None;
    for text in edits(current).into_iter().take(MAX_EDITS) {
        let Ok(pattern) = Pattern::parse(&text) else {
            continue;
        };
        let mut own = effort.budget.take(COMPARISON);
        let same = finds_the_same(&original.pattern, &pattern, &mut own);
        effort.budget.put_back(own);
        if same != Ok(true) {
            continue;
        }
        effort.analyses = effort.analyses.checked_sub(1)?;
        let Some(draft) = Draft::new(text) else {
            continue;
        };
        if draft.harm < current.harm {
            return Some(draft);
        }
        let is_shorter = draft.text.len() < current.text.len();
        if draft.harm == current.harm && is_shorter && shorter.is_none() {
            shorter = Some(draft);
        }
    }
    shorter
}

/// The texts that rewriting one part of what is bad gives.
fn edits(draft: &Draft) -> Vec<String> {
    let mut edits = Edits {
        text: &draft.text,
        spots: &draft.spots,
        found: Vec::new(),
    };
    edits.of(&draft.pattern.root, draft.pattern.root.span);
    edits.found
}

struct Edits<'d> {
    text: &'d str,
    spots: &'d [Span],
    found: Vec<String>,
}

impl<'d> Edits<'d> {
    fn written(&self, span: Span) -> &'d str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    fn put(&mut self, span: Span, replacement: &str) {
        let bad = |spot: &Span| spot.start < span.end && span.start < spot.end;
        let whole = (self.text.get(..span.start), self.text.get(span.end..));
        if let ((Some(before), Some(after)), true) = (whole, self.spots.iter().any(bad)) {
            let text = format!("{before}{replacement}{after}");
            if text != self.text && !self.found.contains(&text) {
                self.found.push(text);
            }
        }
    }

    /// Those of a part; `around` is the group that holds nothing else, or the part itself.
    fn of(&mut self, node: &Node, around: Span) {
        match &node.kind {
            NodeKind::Repeat {
                node: body,
                min,
                max: None,
                ..
            } => {
                self.nested(node.span, *min, body);
                self.fewer(node.span, around, *min, body);
            }
            NodeKind::Alternation(parts) => self.alternatives(node.span, around, parts),
            _ => {}
        }
        for child in node.children() {
            let around = match node.kind {
                NodeKind::Group { .. } => around,
                _ => child.span,
            };
            self.of(child, around);
        }
    }

    /// `(a+)+` as `a+`, `(?:a*b*)*` as `(?:a|b)*`.
    fn nested(&mut self, span: Span, min: u32, body: &Node) {
        let many = |least: u32| if least == 0 { "*" } else { "+" };
        match &inside(body).kind {
            NodeKind::Repeat {
                node, min: inner, ..
            } => {
                let text = format!("{}{}", self.written(node.span), many(min.min(*inner)));
                self.put(span, &text);
            }
            NodeKind::Concat(parts) => {
                let units = parts.iter().map(|part| match &part.kind {
                    NodeKind::Repeat { node, min: 0, .. } => Some(self.written(node.span)),
                    _ => None,
                });
                if let Some(units) = units.collect::<Option<Vec<_>>>() {
                    self.put(span, &format!("(?:{})*", units.join("|")));
                }
            }
            _ => {}
        }
    }

    /// `a+` as `a`, `a*` as nothing: what is repeated as often as it must be.
    fn fewer(&mut self, span: Span, around: Span, min: u32, body: &Node) {
        match min {
            0 => {
                self.put(around, "");
                self.put(span, "");
            }
            1 => self.put(span, self.written(body.span)),
            _ => self.put(span, &format!("{}{{{min}}}", self.written(body.span))),
        }
    }

    /// `(a|a)` as `a`: without one of the alternatives.
    fn alternatives(&mut self, span: Span, around: Span, parts: &[Node]) {
        for dropped in 0..parts.len() {
            let kept = parts.iter().enumerate().filter(|(at, _)| *at != dropped);
            let kept: Vec<&Node> = kept.map(|(_, part)| part).collect();
            if let [only] = kept.as_slice()
                && matches!(only.kind, NodeKind::Set(_))
            {
                self.put(around, self.written(only.span));
                continue;
            }
            let kept: Vec<&str> = kept.iter().map(|part| self.written(part.span)).collect();
            self.put(span, &kept.join("|"));
        }
    }
}

/// What stands in parentheses, however many.
fn inside(node: &Node) -> &Node {
    match &node.kind {
        NodeKind::Group { node, .. } => inside(node),
        _ => node,
    }
}

/// Whether searches with both patterns find something in the same texts; an error, or no, if that
/// cannot be told.
fn finds_the_same(left: &Pattern, right: &Pattern, budget: &mut Budget) -> Result<bool, Exhausted> {
    if left.needs_backtracking() || right.needs_backtracking() {
        return Ok(false);
    }
    let alphabet = Alphabet::of(&[&left.root, &right.root]);
    let left = automaton(left, &alphabet, budget)?;
    let right = automaton(right, &alphabet, budget)?;
    let mut left = Side::new(&left, &alphabet);
    let mut right = Side::new(&right, &alphabet);
    let start = (left.start(), right.start());
    let mut known = Map::default();
    known.insert(start, ());
    let mut pending = vec![start];
    while let Some((a, b)) = pending.pop() {
        if left.found_at_end(a) != right.found_at_end(b) {
            return Ok(false);
        }
        if a == b && a == State::Found {
            continue;
        }
        for class in 0..alphabet.len() as Class {
            let next = (left.step(a, class, budget)?, right.step(b, class, budget)?);
            if known.insert(next, ()).is_none() {
                pending.push(next);
            }
        }
        if known.len() > MAX_PAIRS {
            return Err(Exhausted);
        }
    }
    Ok(true)
}

fn automaton(
    pattern: &Pattern,
    alphabet: &Alphabet,
    budget: &mut Budget,
) -> Result<Automaton, Exhausted> {
    let purpose = Purpose::Texts {
        conditions: Conditions::Held,
        relaxed: None,
    };
    let built = graph::build(&pattern.root, Direction::Ahead, purpose, MAX_STEPS);
    let built = built.map_err(|_| Exhausted)?;
    let searching = Searching::Everywhere;
    let automaton = Automaton::build(&built, alphabet, searching, MAX_STATES, budget);
    match automaton {
        Ok(automaton) if automaton.certainty == Certainty::Sure => Ok(automaton),
        _ => Err(Exhausted),
    }
}

/// Where a search stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum State {
    Searching(SubsetId),
    /// It has found something, whatever follows.
    Found,
}

/// The deterministic automaton of one search.
struct Side<'a> {
    automaton: &'a Automaton,
    subsets: Subsets<'a>,
}

impl<'a> Side<'a> {
    fn new(automaton: &'a Automaton, alphabet: &Alphabet) -> Self {
        Self {
            automaton,
            subsets: Subsets::new(automaton, alphabet.len()),
        }
    }

    fn start(&self) -> State {
        match self.automaton.accepts_always(INITIAL) {
            true => State::Found,
            false => State::Searching(BEGINNING),
        }
    }

    fn step(
        &mut self,
        state: State,
        class: Class,
        budget: &mut Budget,
    ) -> Result<State, Exhausted> {
        let State::Searching(subset) = state else {
            return Ok(State::Found);
        };
        let step = self.subsets.step(subset, class, budget)?;
        Ok(match step.accepted {
            true => State::Found,
            false => State::Searching(step.to),
        })
    }

    fn found_at_end(&self, state: State) -> bool {
        match state {
            State::Searching(subset) => self.subsets.accepts_at_end(subset),
            State::Found => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecma::{Program, Search};

    #[test]
    fn repairs() {
        for (text, expected) in [
            ("^(a+)+$", "^a+$"),
            ("^(a*)*$", "^a*$"),
            ("x(a|a)*y", "xa*y"),
            ("^(?:a|b|[ab])+$", "^(?:a|b)+$"),
            ("^(\\w+\\s?)+$", "^(\\w\\s?)+$"),
            ("^(?:a*b*)*$", "^(?:a|b)*$"),
            ("^(a+)+(b+)+$", "^a+b+$"),
            ("\\s+$", "\\s$"),
            ("^\\s*\\s+#", "^\\s+#"),
            ("(.*)\\.exe$", "\\.exe$"),
            ("(a+)+", "a+"),
            ("^(a|b|ab)*$", "^(a|b)*$"),
        ] {
            assert_eq!(repaired(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_proved_is_not_offered() {
        for text in ["abc", "<a.*b.*c", "^(a+)+\\1$", "^(?=x)(a+)+$", "("] {
            assert_eq!(repaired(text), None, "{text}");
        }
    }

    /// All texts of up to so many of some code units.
    fn texts(units: &[u16], length: usize) -> Vec<Vec<u16>> {
        let mut all = vec![Vec::new()];
        let mut last = all.clone();
        for _ in 0..length {
            let longer = |text: &Vec<u16>| {
                let text = text.clone();
                units
                    .iter()
                    .map(move |&unit| [text.as_slice(), &[unit]].concat())
            };
            last = last.iter().flat_map(longer).collect();
            all.extend_from_slice(&last);
        }
        all
    }

    /// Whether the texts in which something is found differ, by trying them.
    #[test]
    fn patterns_are_told_apart_as_a_search_tells_them_apart() {
        let patterns = [
            "a",
            "a+",
            "^a",
            "a$",
            "^a+$",
            "^$",
            "",
            "a*",
            "\\ba",
            "a\\b",
            "a\\B",
            "a| ",
            "a|b",
            "[ab]",
            "^[ab]*$",
            "^(?:a|b)*$",
            "(a|b)b",
            "ab|bb",
            "a?b",
            "b",
            "a{2}",
            "aa+",
            "\\bb\\b",
            "$a",
            "[]",
            "\\b",
            "\\B",
            "^\\w",
            "\\w$",
            "(?:^|b)a",
            "^a|ba",
            "a(?:$|b)",
            "(a*)*b",
            "^(a*)*b",
        ];
        let texts = texts(&"ab1 ".encode_utf16().collect::<Vec<_>>(), 5);
        let found: Vec<(Pattern, Vec<bool>)> = patterns
            .iter()
            .map(|text| {
                let pattern = Pattern::parse(text).unwrap();
                let program = Program::compile(&pattern).unwrap();
                let found = texts.iter().map(|text| {
                    let (search, _) = program.search(text, 1_000_000);
                    matches!(search, Search::Found { .. })
                });
                (pattern, found.collect())
            })
            .collect();
        for (left, found_left) in &found {
            for (right, found_right) in &found {
                let same = finds_the_same(left, right, &mut Budget::new(COMPARISON));
                assert_eq!(same, Ok(found_left == found_right), "{left:?} {right:?}");
            }
        }
    }
}
