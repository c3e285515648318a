//! The code units that a text has to be spelled with, as few as will do. Owns what a code unit
//! means to patterns and to keywords; knows nothing of searches.
//!
//! Patterns see the code units of a text, in classes that none of them tells apart. Keywords see
//! its lower case, which is not what the `i` flag goes by: the Kelvin sign is a `k` to a keyword
//! and none to a pattern, the dotted capital I is two code units. A capital sigma is never needed,
//! because to patterns it is the same as both of its lower cases.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::OnceLock;

use crate::ecma::Node;
use crate::redos::{Alphabet, Class};

const CAPITAL_SIGMA: u16 = 0x3A3;

/// The first halves of characters above U+FFFF, the second ones, and both.
pub(super) const FIRST_HALVES: RangeInclusive<u16> = 0xD800..=0xDBFF;
pub(super) const SECOND_HALVES: RangeInclusive<u16> = 0xDC00..=0xDFFF;
pub(super) const HALVES: RangeInclusive<u16> = *FIRST_HALVES.start()..=*SECOND_HALVES.end();

/// A code unit of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) unit: u16,
    /// What keywords see of it.
    pub(super) lowered: Vec<u16>,
}

/// Letters with which there is a text if there is one at all: one for each class of code units, of
/// no keyword where possible, and those that the keywords need that have to occur.
pub(super) fn letters(patterns: &[&Node], wanted: &[&str], forbidden: &[&str]) -> Vec<Letter> {
    let alphabet = Alphabet::of(patterns);
    let wanted = with_lower_case_in(wanted);
    let in_keywords = &wanted | &with_lower_case_in(forbidden);
    let neutral = alphabet.readable(&|unit| unit != CAPITAL_SIGMA && !in_keywords.contains(&unit));
    // Where a class is made of the units of keywords, which of them makes a difference.
    let has_neutral = |unit: u16| {
        let class = usize::from(alphabet.class(unit));
        neutral.get(class).is_some_and(Option::is_some)
    };
    let is_needed =
        |unit: &u16| *unit != CAPITAL_SIGMA && (wanted.contains(unit) || !has_neutral(*unit));
    let needed = in_keywords.iter().copied().filter(is_needed);
    // Of two that mean the same, the lower case is the one to read.
    let (lower, upper): (Vec<u16>, Vec<u16>) = needed.partition(|&unit| lowered(unit) == [unit]);
    let mut seen: BTreeSet<(Class, Vec<u16>)> = BTreeSet::new();
    let units = neutral.iter().copied().flatten().chain(lower).chain(upper);
    let mut units: Vec<u16> = units.collect();
    if units.iter().any(|unit| HALVES.contains(unit)) {
        // One half of a character takes the other.
        let one_half = |range: RangeInclusive<u16>| {
            alphabet.readable(&|unit| range.contains(&unit) && !in_keywords.contains(&unit))
        };
        units.extend(one_half(FIRST_HALVES).into_iter().flatten());
        units.extend(one_half(SECOND_HALVES).into_iter().flatten());
    }
    units
        .into_iter()
        .filter_map(|unit| {
            let lowered = lowered(unit);
            let is_new = seen.insert((alphabet.class(unit), lowered.clone()));
            is_new.then_some(Letter { unit, lowered })
        })
        .collect()
}

/// What keywords see of a character above U+FFFF, given by its halves.
pub(super) fn lowered_pair(first: u16, second: u16) -> Vec<u16> {
    let mut characters = char::decode_utf16([first, second]);
    match characters.next() {
        Some(Ok(character)) => lower_case(character),
        _ => vec![first, second],
    }
}

/// The lower case of a code unit by itself.
fn lowered(unit: u16) -> Vec<u16> {
    char::from_u32(unit.into()).map_or_else(|| vec![unit], lower_case)
}

fn lower_case(character: char) -> Vec<u16> {
    let mut units = Vec::new();
    for lower in character.to_lowercase() {
        units.extend_from_slice(lower.encode_utf16(&mut [0; 2]));
    }
    units
}

/// The code units whose lower case has one of keywords in it, themselves in lower case. Of characters
/// above U+FFFF these are the halves.
fn with_lower_case_in(keywords: &[&str]) -> BTreeSet<u16> {
    let characters = keywords.iter().flat_map(|word| word.chars());
    let above: BTreeSet<char> = characters.filter(|&c| c > '\u{FFFF}').collect();
    let units: BTreeSet<u16> = keywords
        .iter()
        .flat_map(|word| word.encode_utf16())
        .collect();
    let upper = |unit: &u16| upper_cases().get(unit).map(Vec::as_slice);
    let uppers = units.iter().filter_map(upper).flatten().copied();
    let halves = match above.is_empty() {
        true => Vec::new(),
        false => ('\u{10000}'..'\u{20000}')
            .filter(|upper| upper.to_lowercase().any(|lower| above.contains(&lower)))
            .flat_map(|upper| upper.encode_utf16(&mut [0; 2]).to_vec())
            .collect(),
    };
    let uppers = uppers.chain(halves);
    uppers.chain(units.iter().copied()).collect()
}

/// For each code unit all others in whose lower case it occurs.
fn upper_cases() -> &'static BTreeMap<u16, Vec<u16>> {
    static TABLE: OnceLock<BTreeMap<u16, Vec<u16>>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table: BTreeMap<u16, Vec<u16>> = BTreeMap::new();
        for unit in 0..=u16::MAX {
            for lower in lowered(unit).into_iter().filter(|&lower| lower != unit) {
                table.entry(lower).or_default().push(unit);
            }
        }
        table
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecma::Pattern;

    fn units(pattern: &str, wanted: &[&str], forbidden: &[&str]) -> String {
        let pattern = Pattern::parse(pattern).unwrap();
        let letters = letters(&[&pattern.root], wanted, forbidden);
        let units: Vec<u16> = letters.iter().map(|letter| letter.unit).collect();
        String::from_utf16(&units).unwrap()
    }

    #[test]
    fn few_letters_are_enough() {
        assert_eq!(units("b[0-9]", &[], &[]), "a0b");
        assert_eq!(units("b[0-9]", &["x1"], &["zz"]), "a0b1x");
        // All of a class is forbidden, each unit by another keyword.
        assert_eq!(units("[ab]", &[], &["aa", "b"]), "cab");
    }

    #[test]
    fn the_kelvin_sign_is_a_k_to_keywords_only() {
        assert_eq!(units("k", &["k"], &[]), "ak\u{212A}");
        assert_eq!(units("x", &["k"], &[]), "axk");
        assert_eq!(units("x", &["i\u{307}"], &[]), "axi\u{307}\u{130}");
        assert_eq!(units("\u{3C3}", &["\u{3C2}"], &[]), "a\u{3C3}\u{3C2}");
    }
}
