//! Case folding of the `i` flag without the `u` flag. Owns Canonicalize and closing a set under
//! it; knows nothing of patterns.

use super::units::UnitSet;
use std::sync::OnceLock;

/// Canonicalize(ch) of ECMA-262 §22.2.2.7.3 for a pattern with the `i` flag and without `u` or
/// `v`: the upper case of one code unit, unless that has another length or would turn a code unit
/// outside ASCII into one inside. Surrogates stand for themselves.
pub fn canonicalize(unit: u16) -> u16 {
    match unit {
        0..0x80 => u16::from((unit as u8).to_ascii_uppercase()),
        _ => canonicalize_beyond_ascii(unit),
    }
}

fn canonicalize_beyond_ascii(unit: u16) -> u16 {
    let Some(character) = char::from_u32(u32::from(unit)) else {
        return unit;
    };
    let mut upper = character.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(only), None) => match u16::try_from(u32::from(only)) {
            Ok(upper) if upper >= 0x80 => upper,
            _ => unit,
        },
        _ => unit,
    }
}

/// Every code unit outside ASCII that shares its canonical form with another: sorted pairs of a
/// code unit and one that it is equal to. ASCII letters are equal to ASCII letters only.
fn equal_units() -> &'static [(u16, u16)] {
    static TABLE: OnceLock<Vec<(u16, u16)>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut by_canonical: Vec<(u16, u16)> = (0x80..=u16::MAX)
            .map(|unit| (canonicalize_beyond_ascii(unit), unit))
            .collect();
        by_canonical.sort_unstable();
        let mut pairs: Vec<(u16, u16)> = by_canonical
            .chunk_by(|a, b| a.0 == b.0)
            .filter(|class| class.len() > 1)
            .flat_map(|class| {
                class.iter().flat_map(|&(_, unit)| {
                    class
                        .iter()
                        .map(move |&(_, other)| (unit, other))
                        .filter(|(unit, other)| unit != other)
                })
            })
            .collect();
        pairs.sort_unstable();
        pairs
    })
}

impl UnitSet {
    /// The set with every code unit added whose canonical form is that of a member.
    #[must_use]
    pub fn fold(&self) -> Self {
        let mut added = Vec::new();
        for &(first, last) in self.ranges() {
            for (from, to) in [(0x41, 0x61), (0x61, 0x41)] {
                let (low, high) = (first.max(from), last.min(from + 25));
                if low <= high {
                    added.push((low - from + to, high - from + to));
                }
            }
            if last >= 0x80 {
                let table = equal_units();
                let start = table.partition_point(|&(unit, _)| unit < first);
                added.extend(
                    table
                        .iter()
                        .skip(start)
                        .take_while(|&&(unit, _)| unit <= last)
                        .map(|&(_, other)| (other, other)),
                );
            }
        }
        if added.is_empty() {
            return self.clone();
        }
        self.ranges().iter().copied().chain(added).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn canonical_forms() {
        for (unit, canonical) in [
            ('a', 'A'),
            ('Z', 'Z'),
            ('_', '_'),
            ('é', 'É'),
            ('ÿ', 'Ÿ'),
            ('µ', 'Μ'),
            ('ς', 'Σ'),
            // Never from outside ASCII into it, and never to more than one code unit.
            ('ſ', 'ſ'),
            ('ı', 'ı'),
            ('\u{212A}', '\u{212A}'),
            ('ß', 'ß'),
            ('ŉ', 'ŉ'),
            ('ẞ', 'ẞ'),
        ] {
            assert_eq!(canonicalize(unit as u16), canonical as u16, "{unit}");
        }
        assert_eq!(canonicalize(0xD83D), 0xD83D);
    }

    #[test]
    fn a_set_is_closed() {
        let k = UnitSet::singleton(u16::from(b'k')).fold();
        assert_eq!(k.ranges(), [(0x4B, 0x4B), (0x6B, 0x6B)]);
        let sigma = UnitSet::singleton('σ' as u16).fold();
        assert_eq!(
            sigma.iter().collect::<Vec<_>>(),
            ['Σ' as u16, 'ς' as u16, 'σ' as u16]
        );
        for set in [UnitSet::word(), UnitSet::white_space(), UnitSet::dot()] {
            assert_eq!(set.fold(), set);
            assert_eq!(set.complement().fold(), set.complement());
        }
    }

    proptest! {
        #[test]
        fn folding_is_equality_of_canonical_forms(member in any::<u16>(), unit in any::<u16>()) {
            let folded = UnitSet::singleton(member).fold();
            prop_assert_eq!(folded.contains(unit), canonicalize(member) == canonicalize(unit));
            prop_assert!(folded.contains(member));
            prop_assert!(folded.iter().all(|unit| canonicalize(unit) == canonicalize(member)));
        }
    }
}
