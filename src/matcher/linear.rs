//! Patterns without look-around and back-references as byte automata. Owns the translation of the
//! syntax tree into the one that `regex-automata` compiles; knows nothing of rules.
//!
//! The text that these patterns are matched on holds one UTF-16 code unit after the other, each
//! encoded as UTF-8 would encode a character of that number, and A to Z in lower case. A set of
//! code units becomes an alternation of byte sequences. Because the sets are closed under case
//! folding, and folding never joins a letter of ASCII with another character (ECMA-262,
//! Canonicalize), upper case can be taken out of both the text and the sets: letters are plain
//! bytes again, which the engine can search for.

use regex_automata::meta::{Config, Regex};
use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, Hir, Look, Repetition};

use crate::ecma::{Assertion, Node, NodeKind, UnitSet};

/// Largest automaton, in bytes, that a pattern may need before it is determinized.
const AUTOMATON_BYTES: usize = 4 << 20;
/// Memory in bytes that one thread may use for the determinized part of one pattern's automaton.
const CACHE_BYTES: usize = 1 << 20;

/// Compiles a pattern without look-around and back-references; `None` if the automaton would be
/// too large.
pub(super) fn compile(root: &Node) -> Option<Regex> {
    build(root, &encoded)
}

/// Compiles a pattern whose case matters, for text of which no letter was lowered.
pub(super) fn compile_exact(root: &Node) -> Option<Regex> {
    build(root, &sequences)
}

fn build(root: &Node, set: &impl Fn(&UnitSet) -> Hir) -> Option<Regex> {
    let config = Config::new()
        .utf8_empty(false)
        .nfa_size_limit(Some(AUTOMATON_BYTES))
        .hybrid_cache_capacity(CACHE_BYTES)
        // Only whether there is a match is asked, for which these are never used.
        .onepass(false)
        .backtrack(false);
    Regex::builder()
        .configure(config)
        .build_from_hir(&translate(root, set))
        .ok()
}

/// The tree over bytes, with the sets translated by `set`. What it says of look-around and
/// back-references is true but not all: that they hold, and match anything.
pub(super) fn translate(node: &Node, set: &impl Fn(&UnitSet) -> Hir) -> Hir {
    let all = |nodes: &[Node]| nodes.iter().map(|node| translate(node, set)).collect();
    match &node.kind {
        NodeKind::Empty => Hir::empty(),
        NodeKind::Set(units) => set(units),
        NodeKind::Concat(nodes) => Hir::concat(all(nodes)),
        NodeKind::Alternation(nodes) => Hir::alternation(all(nodes)),
        NodeKind::Repeat { node, min, max, .. } => Hir::repetition(Repetition {
            min: *min,
            max: *max,
            // Which match is preferred makes no difference to whether there is one.
            greedy: true,
            sub: Box::new(translate(node, set)),
        }),
        NodeKind::Group { node, .. } => translate(node, set),
        NodeKind::Assertion(assertion) => Hir::look(match assertion {
            Assertion::Start => Look::Start,
            Assertion::End => Look::End,
            Assertion::WordBoundary => Look::WordAscii,
            Assertion::NotWordBoundary => Look::WordAsciiNegate,
        }),
        NodeKind::Look { .. } => Hir::empty(),
        NodeKind::Backreference(_) => anything(),
    }
}

/// Any text.
pub(super) fn anything() -> Hir {
    Hir::repetition(Repetition {
        min: 0,
        max: None,
        greedy: true,
        sub: Box::new(class(ClassBytes::new([ClassBytesRange::new(0, 0xFF)]))),
    })
}

/// Any code units from the start of the text.
pub(super) fn units_from_start() -> Hir {
    let units = Hir::repetition(Repetition {
        min: 0,
        max: None,
        greedy: true,
        sub: Box::new(encoded(&UnitSet::full())),
    });
    Hir::concat(vec![Hir::look(Look::Start), units])
}

/// A set without the upper-case letters of ASCII, which the text does not have.
fn lower_case(set: &UnitSet) -> UnitSet {
    set.intersection(&UnitSet::range(b'A'.into(), b'Z'.into()).complement())
}

/// A set as the byte sequences of its members in lower case.
pub(super) fn encoded(set: &UnitSet) -> Hir {
    sequences(&lower_case(set))
}

/// A set as the byte sequences of its members.
fn sequences(set: &UnitSet) -> Hir {
    let mut ascii = ClassBytes::empty();
    let mut sequences = Vec::new();
    for &(first, last) in set.ranges() {
        for_each_sequence(first, last, &mut |sequence| match *sequence {
            [range] => ascii.push(range),
            _ => {
                let bytes = sequence
                    .iter()
                    .map(|&range| class(ClassBytes::new([range])));
                sequences.push(Hir::concat(bytes.collect()));
            }
        });
    }
    sequences.push(class(ascii));
    Hir::alternation(sequences)
}

fn class(bytes: ClassBytes) -> Hir {
    Hir::class(Class::Bytes(bytes))
}

/// Calls `found` with sequences of byte ranges which together are the encodings of the code units
/// `first` to `last`. Russ Cox, "Regular Expression Matching in the Wild" (2010), describes the
/// method: a range is split until the continuation bytes at both ends span whole ranges.
fn for_each_sequence(first: u16, last: u16, found: &mut impl FnMut(&[ClassBytesRange])) {
    let mut split_after = |end: u16| {
        for_each_sequence(first, end, found);
        for_each_sequence(end + 1, last, found);
    };
    for longest in [0x7F, 0x7FF] {
        if first <= longest && longest < last {
            return split_after(longest);
        }
    }
    // Ranges of one length below 0x80 have no continuation bytes.
    for low_bits in [0x3F, 0xFFF].into_iter().filter(|_| first >= 0x80) {
        if first | low_bits != last | low_bits {
            if first & low_bits != 0 {
                return split_after(first | low_bits);
            }
            if last & low_bits != low_bits {
                return split_after((last & !low_bits) - 1);
            }
        }
    }
    let range = |marker: u8, shift: u32, mask: u16| {
        let byte = |unit: u16| marker | (unit >> shift & mask) as u8;
        ClassBytesRange::new(byte(first), byte(last))
    };
    let continuation = |shift| range(0x80, shift, 0x3F);
    match first {
        0..=0x7F => found(&[range(0, 0, 0x7F)]),
        0x80..=0x7FF => found(&[range(0xC0, 6, 0x1F), continuation(0)]),
        _ => found(&[range(0xE0, 12, 0x0F), continuation(6), continuation(0)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_are_the_encodings_of_the_range() {
        for (first, last) in [(0, 0xFFFF), (0x7F, 0x80), (0x7FE, 0x1234), (0xD7FF, 0xE000)] {
            let mut count = 0;
            for_each_sequence(first, last, &mut |sequence| {
                let lengths = sequence
                    .iter()
                    .map(|range| usize::from(range.end() - range.start()) + 1);
                count += lengths.product::<usize>();
            });
            assert_eq!(count, usize::from(last - first) + 1);
        }
    }
}
