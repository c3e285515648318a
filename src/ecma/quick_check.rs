//! What V8 looks at before it tries a way. Owns the checks of the next code units that V8 makes
//! where a search starts and where a pattern forks, written as look-ahead: they change what a
//! search costs, not what it finds.
//!
//! Only what a negative look-around costs depends on them: it is not even tried where what
//! follows it cannot match (`(?!a*x)b` never looks for the `x`). Everything else that V8 would
//! try there fails within the code units looked at.

use super::executed::{LATIN_1, Subject};
use super::tree::{Direction, Greediness, Node, NodeKind, Polarity};
use super::units::UnitSet;
use crate::diagnostic::Span;

/// The most code units looked at where a search starts (`kMaxLookaheadForBoyerMoore`).
const SEARCH: usize = 8;

/// How many members, modulo 128, a small set has at most
/// (`BoyerMooreLookahead::FindWorthwhileInterval`).
const SMALL: [usize; 3] = [4, 8, 16];

/// Up to this least number of turns a repetition is written out (`kMaxUnrolledMinMatches`).
const UNROLLED: u32 = 3;

/// A mask that leaves more bits open than this, other than the lowest, is taken for exact.
const SCATTERED: u32 = 8;

/// For which texts checks are written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Texts {
    /// As V8 checks those of one kind.
    Of(Subject),
    /// As V8 checks those of both kinds.
    OfAnyKind,
}

/// Whether what V8 checks changes what a search costs.
pub(super) fn matters(root: &Node) -> bool {
    root.any(&|part| {
        matches!(&part.kind, NodeKind::Look { node, polarity: Polarity::Negative, .. }
            if is_costly(node))
    })
}

/// `root` with the checks that V8 makes. Where a search is `tried` once only, nothing is checked
/// beforehand.
pub(super) fn checked(root: Node, texts: Texts, tried: Tried) -> Node {
    let ahead = ahead(&root, Ahead::default());
    let root = forks(root, Ahead::default(), texts);
    match tried {
        Tried::Once => root,
        Tried::Often => before(ahead.check_of_search(texts), root),
    }
}

/// Whether a search tries one position or several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tried {
    Once,
    Often,
}

/// Whether trying a look-around for `body` may take long.
fn is_costly(body: &Node) -> bool {
    body.any(&|part| matches!(part.kind, NodeKind::Repeat { .. }))
}

/// What is known of the code units that a way consumes next.
#[derive(Clone, Default)]
struct Ahead {
    /// What each can be. Every match from here on consumes at least as many.
    sets: Vec<UnitSet>,
    /// How many come before the first costly look-around, if one is met.
    look: Option<usize>,
}

impl Ahead {
    /// The same after a code unit of `set`.
    fn after(mut self, set: &UnitSet) -> Self {
        self.sets.insert(0, set.clone());
        self.sets.truncate(SEARCH);
        self.look = self.look.map(|look| look + 1);
        self
    }

    /// The same, and `next` after it.
    fn then(&self, next: &Self) -> Self {
        let sets = self.sets.iter().chain(&next.sets).take(SEARCH);
        let beyond = next.look.map(|look| look + self.sets.len());
        Self {
            sets: sets.cloned().collect(),
            look: self.look.or(beyond),
        }
    }

    /// What is known when the way is one of two.
    fn or(&self, other: &Self) -> Self {
        let sets = self.sets.iter().zip(&other.sets);
        Self {
            sets: sets.map(|(a, b)| a.union(b)).collect(),
            look: self.look.into_iter().chain(other.look).min(),
        }
    }

    /// What V8 checks where a search starts: as at a fork, and for each run of small sets whether
    /// the code unit at its end is in any of them (`BoyerMooreLookahead::FindBestInterval`). V8
    /// takes the best run for the text at hand; here none may be missed.
    fn check_of_search(&self, texts: Texts) -> Vec<UnitSet> {
        let mut found = self.masked(self.sets.len(), texts);
        found.resize(self.sets.len(), UnitSet::full());
        let sizes: Vec<usize> = self.sets.iter().map(modulo_128).collect();
        for most in SMALL {
            let mut run = UnitSet::empty();
            let mut sizes = sizes.iter().peekable();
            for (set, check) in self.sets.iter().zip(&mut found) {
                if sizes.next().is_none_or(|size| *size > most) {
                    run = UnitSet::empty();
                    continue;
                }
                run = run.union(set);
                if sizes.peek().is_none_or(|size| **size > most) {
                    *check = check.intersection(&run);
                }
            }
        }
        self.useful(found)
    }

    /// What V8 checks at a fork whose every way consumes `eaten` code units at least
    /// (`ChoiceNode::CalculatePreloadCharacters`).
    fn check(&self, eaten: usize, texts: Texts) -> Vec<UnitSet> {
        self.useful(self.masked(eaten, texts))
    }

    fn masked(&self, eaten: usize, texts: Texts) -> Vec<UnitSet> {
        let subject = match texts {
            Texts::Of(subject) => subject,
            Texts::OfAnyKind => {
                let mut both = self.masked(eaten, Texts::Of(Subject::OneByte));
                let two_byte = self.masked(eaten, Texts::Of(Subject::TwoByte));
                both.resize(both.len().max(two_byte.len()), UnitSet::full());
                for (set, other) in both.iter_mut().zip(&two_byte) {
                    *set = set.intersection(other);
                }
                return both;
            }
        };
        let checked = match (eaten, subject) {
            (0 | 1, _) => eaten,
            (2 | 3, _) | (_, Subject::TwoByte) => 2,
            (_, Subject::OneByte) => 4,
        };
        let sets = self.sets.get(..checked).unwrap_or(&self.sets);
        let masks: Vec<Mask> = sets.iter().map(|set| Mask::of(set, subject)).collect();
        if !masks.iter().any(Mask::is_useful) {
            return Vec::new();
        }
        let admitted = masks.iter().map(|mask| mask.admitted(subject));
        let admitted = admitted.zip(sets);
        admitted
            .map(|(admitted, set)| admitted.unwrap_or_else(|| set.clone()))
            .collect()
    }

    /// The sets up to the last that excludes anything; none unless a look-around comes before it.
    fn useful(&self, mut sets: Vec<UnitSet>) -> Vec<UnitSet> {
        if self.look.is_none_or(|look| look >= sets.len()) {
            sets.clear();
        }
        while sets.last().is_some_and(|set| *set == UnitSet::full()) {
            sets.pop();
        }
        sets
    }
}

/// The bits that all members of a set have in common (`TextNode::GetQuickCheckDetails`).
struct Mask {
    /// One of the members.
    member: u16,
    /// The bits in which others differ from it.
    differing: u16,
}

impl Mask {
    fn of(set: &UnitSet, subject: Subject) -> Self {
        let set = match subject {
            Subject::OneByte => set.intersection(&UnitSet::range(0, LATIN_1)),
            Subject::TwoByte => set.clone(),
        };
        let Some(member) = set.first() else {
            return Self {
                member: 0,
                differing: u16::MAX,
            };
        };
        let mut differing = 0;
        for &(from, to) in set.ranges() {
            // Between two numbers all bits below the highest that tells them apart take both
            // values.
            let below = u16::MAX.checked_shr((from ^ to).leading_zeros());
            differing |= (from ^ member) | below.unwrap_or(0);
        }
        Self { member, differing }
    }

    /// V8 checks no masks that leave nothing of the lower half of any code unit.
    const fn is_useful(&self) -> bool {
        self.differing & 0xFF != 0xFF
    }

    /// The code units with those bits, `None` where they are too scattered.
    fn admitted(&self, subject: Subject) -> Option<UnitSet> {
        // A run of the lowest bits that differ, for each choice of the others.
        let run = u16::MAX.checked_shr(16 - self.differing.trailing_ones());
        let run = run.unwrap_or(0);
        let others = self.differing & !run;
        if others.count_ones() > SCATTERED {
            return None;
        }
        let fixed = self.member & !self.differing;
        let mut runs = Vec::new();
        if subject == Subject::OneByte {
            // What no such text holds.
            runs.push((LATIN_1 + 1, u16::MAX));
        }
        let mut choice = 0_u16;
        loop {
            runs.push((fixed | choice, fixed | choice | run));
            // The next larger choice of bits.
            choice = choice.wrapping_sub(others) & others;
            if choice == 0 {
                return Some(runs.into_iter().collect());
            }
        }
    }
}

/// How many members of a set differ modulo 128.
fn modulo_128(set: &UnitSet) -> usize {
    let mut met = 0_u128;
    for &(from, to) in set.ranges() {
        if to - from >= 128 {
            return 128;
        }
        for unit in from..=to {
            met |= 1 << (unit % 128);
        }
    }
    met.count_ones() as usize
}

/// A check of the next code units, at `node`; none of nothing.
fn look_ahead(check: Vec<UnitSet>, node: &Node) -> Option<Node> {
    let span = node.span;
    let mut sets: Vec<Node> = check
        .into_iter()
        .map(|set| Node {
            span,
            kind: NodeKind::Set(set),
        })
        .collect();
    let body = match sets.pop() {
        None => return None,
        Some(only) if sets.is_empty() => only,
        Some(last) => {
            sets.push(last);
            Node {
                span,
                kind: NodeKind::Concat(sets),
            }
        }
    };
    Some(Node {
        span,
        kind: NodeKind::Look {
            node: Box::new(body),
            direction: Direction::Ahead,
            polarity: Polarity::Positive,
        },
    })
}

/// `node` after a check.
fn before(check: Vec<UnitSet>, node: Node) -> Node {
    match look_ahead(check, &node) {
        Some(check) => Node {
            span: node.span,
            kind: NodeKind::Concat(vec![check, node]),
        },
        None => node,
    }
}

/// What a way through `node` and then on to `next` consumes.
fn ahead(node: &Node, next: Ahead) -> Ahead {
    match &node.kind {
        NodeKind::Set(set) => next.after(set),
        NodeKind::Concat(parts) => parts
            .iter()
            .rev()
            .fold(next, |next, part| ahead(part, next)),
        NodeKind::Alternation(parts) => {
            let ways = parts.iter().map(|part| ahead(part, next.clone()));
            ways.reduce(|a, b| a.or(&b)).unwrap_or_default()
        }
        NodeKind::Group { node, .. } => ahead(node, next),
        NodeKind::Repeat { node, min, max, .. } => {
            let turn = ahead(node, Ahead::default());
            let more = match max {
                Some(max) if max == min && *min <= UNROLLED => next.clone(),
                _ => some_turns(node, &turn, &next),
            };
            match min {
                0 => more,
                _ if !is_fixed(node) => turn,
                1..=UNROLLED => (0..*min).fold(more, |next, _| turn.then(&next)),
                // How many turns are left is not known inside.
                _ => turn.then(&more),
            }
        }
        NodeKind::Look {
            node,
            polarity: Polarity::Negative,
            ..
        } if is_costly(node) => Ahead {
            look: Some(0),
            ..next
        },
        NodeKind::Empty
        | NodeKind::Assertion(_)
        | NodeKind::Look {
            polarity: Polarity::Negative,
            ..
        } => next,
        NodeKind::Look { .. } | NodeKind::Backreference(_) => Ahead::default(),
    }
}

/// What the first code units of every match of `parts`, one after the other, can be, as many as
/// are known.
pub(crate) fn begins(parts: &[&Node]) -> Vec<UnitSet> {
    let way = |next, part: &&Node| ahead(part, next);
    let ahead = parts.iter().rev().fold(Ahead::default(), way);
    ahead.sets
}

/// What turns of `body` that may be left out, and then `next`, consume.
fn some_turns(body: &Node, turn: &Ahead, next: &Ahead) -> Ahead {
    if is_fixed(body) {
        return (0..SEARCH).fold(next.clone(), |left, _| turn.then(&left).or(next));
    }
    let mut left = turn.or(next);
    if !turn.sets.is_empty() {
        // Beyond the shortest turn anything in the turn or beyond it can follow.
        let mut any = next
            .sets
            .iter()
            .flat_map(UnitSet::ranges)
            .copied()
            .collect();
        unite(body, &mut any);
        left.sets.resize(next.sets.len(), any);
    }
    left
}

/// Whether V8 writes an optional turn out instead of counting it (`RegExpQuantifier::ToNode`).
fn is_written_out(body: &Node) -> bool {
    body.min_width() > 0 && body.captures().is_none()
}

const fn empty(span: Span) -> Node {
    let kind = NodeKind::Empty;
    Node { span, kind }
}

fn is_fixed(node: &Node) -> bool {
    node.max_width() == Some(node.min_width())
}

/// Adds all that parts of `node` consume to `any`.
fn unite(node: &Node, any: &mut UnitSet) {
    if let NodeKind::Set(set) = &node.kind {
        *any = any.union(set);
    }
    for child in node.children() {
        unite(child, any);
    }
}

/// `node`, followed by `next`, with the checks at its forks.
fn forks(node: Node, next: Ahead, texts: Texts) -> Node {
    let span = node.span;
    let kind = match node.kind {
        NodeKind::Concat(parts) => {
            let mut next = next;
            let mut checked = Vec::with_capacity(parts.len());
            for part in parts.into_iter().rev() {
                let before = ahead(&part, next.clone());
                checked.push(forks(part, next, texts));
                next = before;
            }
            checked.reverse();
            NodeKind::Concat(checked)
        }
        NodeKind::Alternation(parts) => {
            let ways: Vec<Ahead> = parts.iter().map(|part| ahead(part, next.clone())).collect();
            let eaten = ways.iter().map(|way| way.sets.len()).min().unwrap_or(0);
            let parts = parts.into_iter().zip(ways).map(|(part, way)| {
                before(way.check(eaten, texts), forks(part, next.clone(), texts))
            });
            NodeKind::Alternation(parts.collect())
        }
        NodeKind::Group { node, capture } => NodeKind::Group {
            node: Box::new(forks(*node, next, texts)),
            capture,
        },
        NodeKind::Repeat {
            node: body,
            min,
            max,
            greediness,
        } => {
            // Before each turn that may be left out: the turn, or what follows.
            let turn = ahead(&body, Ahead::default());
            let after = match max {
                Some(1) => next.clone(),
                _ => some_turns(&body, &turn, &next),
            };
            let way = ahead(&body, after.clone());
            let body = forks(*body, after, texts);
            let eaten = match max {
                Some(max) if max == min => 0,
                _ => way.sets.len().min(next.sets.len()),
            };
            let turn = before(way.check(eaten, texts), body);
            if (min, max) == (0, Some(1)) && is_written_out(&turn) {
                // After the only turn there is no fork.
                let none = before(next.check(eaten, texts), empty(span));
                let (first, second) = match greediness {
                    Greediness::Greedy => (turn, none),
                    Greediness::Lazy => (none, turn),
                };
                let kind = NodeKind::Alternation(vec![first, second]);
                return Node { span, kind };
            }
            let repeat = Node {
                span,
                kind: NodeKind::Repeat {
                    node: Box::new(turn),
                    min,
                    max,
                    greediness,
                },
            };
            match look_ahead(next.check(eaten, texts), &repeat) {
                Some(check) => NodeKind::Concat(vec![repeat, check]),
                None => return repeat,
            }
        }
        NodeKind::Look {
            node: body,
            direction,
            polarity,
        } => NodeKind::Look {
            // Nothing is checked before reading backwards.
            node: match direction {
                Direction::Ahead => Box::new(forks(*body, Ahead::default(), texts)),
                Direction::Behind => body,
            },
            direction,
            polarity,
        },
        kind @ (NodeKind::Empty
        | NodeKind::Set(_)
        | NodeKind::Assertion(_)
        | NodeKind::Backreference(_)) => kind,
    };
    Node { span, kind }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecma::{Pattern, Program};

    /// The steps of a search in a text of one kind.
    fn steps(pattern: &str, text: &str, subject: Subject) -> u64 {
        let pattern = Pattern::parse(pattern).unwrap();
        let units: Vec<u16> = text.encode_utf16().collect();
        let program = Program::compile_for(&pattern, subject).unwrap();
        program.search(&units, u64::MAX).1
    }

    #[test]
    fn look_around_is_tried_only_where_it_can_matter() {
        // One step to start and one to see that there is no `b`, at each of four positions.
        assert_eq!(steps("(?!a*x)b", "aaa", Subject::OneByte), 8);
        // Where there is one: a step for it, two for the look-around, one for it again.
        assert_eq!(steps("(?!a*x)b", "b", Subject::OneByte), 5);
        // A look-around that takes no time is tried everywhere.
        assert_eq!(steps("(?!a)b", "aaa", Subject::OneByte), 4 + 4 + 1);
        // Nothing is looked at before the only attempt.
        assert_eq!(steps("^(?!a*x)b", "a", Subject::OneByte), 1 + 1 + 4 + 1);
    }

    #[test]
    fn masks_hold_what_all_members_have_in_common() {
        let admitted = |first: char, last: char, subject| {
            let set = UnitSet::range(first as u16, last as u16);
            Mask::of(&set, subject).admitted(subject).unwrap()
        };
        let both = [Subject::OneByte, Subject::TwoByte];
        for subject in both {
            let digits = admitted('0', '9', subject);
            assert_eq!(
                digits.intersection(&UnitSet::range(0, 0xFF)),
                UnitSet::range(0x30, 0x3F)
            );
            assert_eq!(digits.contains(0x130), subject == Subject::OneByte);
        }
        let letter = Pattern::parse("b").unwrap().root;
        let NodeKind::Set(letter) = letter.kind else {
            panic!("not a set");
        };
        assert_eq!(
            Mask::of(&letter, Subject::TwoByte).admitted(Subject::TwoByte),
            Some(letter)
        );
        // Above the lower half of a code unit alone nothing is checked.
        assert!(!Mask::of(&UnitSet::range(0x3040, 0x30FF), Subject::TwoByte).is_useful());
        assert!(Mask::of(&UnitSet::range(0x3040, 0x305F), Subject::TwoByte).is_useful());
    }

    #[test]
    fn masks_are_the_bits_in_which_members_agree() {
        for text in [
            "b",
            "[ac]",
            "[a-c]",
            "\\d",
            "\\w",
            "[0-9a-f]",
            "[\u{80}-\u{90}z]",
            "[\u{3040}-\u{305F}]",
            "[\u{3040}\u{3100}]",
            "[\u{3000}-\u{31FF}]",
            // Bits that are apart: eight, and nine.
            "[\u{2000}\u{21FE}]",
            "[\u{2000}\u{23FE}]",
            "[^]",
        ] {
            let NodeKind::Set(set) = Pattern::parse(text).unwrap().root.kind else {
                panic!("{text} is no set");
            };
            for subject in [Subject::OneByte, Subject::TwoByte] {
                let limit = match subject {
                    Subject::OneByte => LATIN_1,
                    Subject::TwoByte => u16::MAX,
                };
                let members: Vec<u16> = set.iter().filter(|&unit| unit <= limit).collect();
                let mask = Mask::of(&set, subject);
                let Some(&first) = members.first() else {
                    assert_eq!(mask.differing, u16::MAX, "{text}");
                    continue;
                };
                let differing = members.iter().fold(0, |bits, unit| bits | unit ^ first);
                assert_eq!((mask.member, mask.differing), (first, differing), "{text}");
                let fits = |unit: u16| (unit ^ first) & !differing == 0;
                let is_beyond = |unit: u16| subject == Subject::OneByte && unit > LATIN_1;
                match mask.admitted(subject) {
                    Some(admitted) => {
                        for unit in 0..=u16::MAX {
                            let expected = fits(unit) || is_beyond(unit);
                            assert_eq!(admitted.contains(unit), expected, "{text} {unit:x}");
                        }
                    }
                    None => {
                        let apart = differing >> differing.trailing_ones().min(15);
                        assert!(apart.count_ones() > SCATTERED, "{text}");
                    }
                }
            }
        }
    }

    #[test]
    fn small_sets_are_counted_modulo_128() {
        for (text, expected) in [
            ("[]", 0),
            ("b", 2),
            ("[b-d]", 6),
            ("[\\x00\\x80]", 1),
            ("[\\x7f-\\x82]", 4),
            ("[\u{100}-\u{180}]", 128),
            ("[^]", 128),
        ] {
            let NodeKind::Set(set) = Pattern::parse(text).unwrap().root.kind else {
                panic!("{text} is no set");
            };
            assert_eq!(modulo_128(&set), expected, "{text}");
        }
    }

    #[test]
    fn runs_of_small_sets_are_checked_at_their_ends() {
        let small = |units: &str| units.encode_utf16().map(|unit| (unit, unit)).collect();
        let full = UnitSet::full;
        let check = |last: &[UnitSet]| {
            let ahead = Ahead {
                sets: [&[full(), full(), full(), full()], last].concat(),
                look: Some(0),
            };
            ahead.check_of_search(Texts::Of(Subject::OneByte))
        };
        let (few, more): (UnitSet, UnitSet) = (small("ab"), small("wxyz"));
        let either = few.union(&more);
        let before = |last: &[UnitSet]| [&[full(), full(), full(), full()], last].concat();
        assert_eq!(
            check(&[few.clone(), full()]),
            before(std::slice::from_ref(&few))
        );
        assert_eq!(check(&[few.clone(), more]), before(&[full(), either]));
        assert_eq!(check(&[full(), full()]), []);
        // A unit more comes before the look-around.
        let after = Ahead {
            sets: Vec::new(),
            look: Some(1),
        };
        assert_eq!(after.after(&few).look, Some(2));
    }
}
