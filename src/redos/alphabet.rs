//! The code units of a pattern, those together that it never tells apart. Owns the partition and
//! the choice of a readable representative for each class; knows nothing of automata.

use crate::ecma::{Assertion, Node, NodeKind, UnitSet};
use std::collections::{BTreeMap, BTreeSet};

/// A class of code units, an index below [`Alphabet::len`].
pub(crate) type Class = u16;

/// A partition of the code units into classes that every set of a pattern contains whole or not
/// at all.
#[derive(Debug)]
pub(crate) struct Alphabet {
    /// The first code unit of each run of one class, ascending, and the class.
    runs: Vec<(u16, Class)>,
    representatives: Vec<u16>,
    /// All classes, those with the most readable representatives first.
    preferred: Vec<Class>,
    /// All classes, those that belong to the fewest sets first.
    rare: Vec<Class>,
}

/// Which classes come first when several will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Those with the most readable representatives.
    Readable,
    /// Those that the fewest sets of the pattern contain, so that little else can match.
    Rare,
}

impl Alphabet {
    /// A partition that respects every set of `roots`, and word characters if they ask for them.
    pub(crate) fn of(roots: &[&Node]) -> Self {
        let mut sets = BTreeSet::new();
        let word = UnitSet::word();
        for root in roots {
            collect(root, &word, &mut sets);
        }
        Self::respecting(&sets.into_iter().collect::<Vec<_>>())
    }

    /// The coarsest partition that respects `sets`.
    fn respecting(sets: &[&UnitSet]) -> Self {
        let signature_words = sets.len().div_ceil(64).max(1);
        // Where membership changes: at a code unit, in which set.
        let mut changes: Vec<(u32, usize)> = vec![(0, usize::MAX)];
        for (index, set) in sets.iter().enumerate() {
            for &(first, last) in set.ranges() {
                changes.push((u32::from(first), index));
                changes.push((u32::from(last) + 1, index));
            }
        }
        changes.sort_unstable();
        let mut signature = vec![0_u64; signature_words];
        let mut classes: BTreeMap<Vec<u64>, Class> = BTreeMap::new();
        let mut runs = Vec::new();
        let mut best: Vec<(u8, u16)> = Vec::new();
        let mut changes = changes.chunk_by(|a, b| a.0 == b.0).peekable();
        while let Some(here) = changes.next() {
            let Some(&(start, _)) = here.first() else {
                continue;
            };
            for &(_, set) in here {
                if let Some(word) = signature.get_mut(set / 64) {
                    *word ^= 1 << (set % 64);
                }
            }
            let Ok(first) = u16::try_from(start) else {
                break;
            };
            let next = changes
                .peek()
                .and_then(|change| change.first())
                .map_or(0x1_0000, |&(next, _)| next);
            let last = u16::try_from(next - 1).unwrap_or(u16::MAX);
            let candidate = most_readable(first, last, &|_| true).unwrap_or((u8::MAX, first));
            let class = match classes.get(&signature) {
                Some(&class) => class,
                None => {
                    let class = best.len() as Class;
                    classes.insert(signature.clone(), class);
                    best.push(candidate);
                    class
                }
            };
            if let Some(known) = best.get_mut(usize::from(class))
                && candidate < *known
            {
                *known = candidate;
            }
            runs.push((first, class));
        }
        let mut preferred: Vec<Class> = (0..best.len() as Class).collect();
        preferred.sort_by_key(|&class| best.get(usize::from(class)).copied());
        let mut sets_of = vec![0; best.len()];
        for (signature, &class) in &classes {
            if let Some(sets) = sets_of.get_mut(usize::from(class)) {
                *sets = signature.iter().map(|word| word.count_ones()).sum::<u32>();
            }
        }
        let mut rare = preferred.clone();
        rare.sort_by_key(|&class| sets_of.get(usize::from(class)).copied());
        Self {
            runs,
            representatives: best.iter().map(|&(_, unit)| unit).collect(),
            preferred,
            rare,
        }
    }

    /// How many classes there are, at least 1.
    pub(super) fn len(&self) -> usize {
        self.representatives.len()
    }

    /// The class of a code unit.
    pub(crate) fn class(&self, unit: u16) -> Class {
        let after = self.runs.partition_point(|&(first, _)| first <= unit);
        after
            .checked_sub(1)
            .and_then(|index| self.runs.get(index))
            .map_or(0, |&(_, class)| class)
    }

    /// The most readable code unit of a class.
    pub(super) fn representative(&self, class: Class) -> u16 {
        self.representatives
            .get(usize::from(class))
            .copied()
            .unwrap_or(0)
    }

    /// For each class the most readable of its code units that are `allowed`.
    pub(crate) fn readable(&self, allowed: &impl Fn(u16) -> bool) -> Vec<Option<u16>> {
        let mut best: Vec<Option<(u8, u16)>> = vec![None; self.len()];
        for (index, &(first, class)) in self.runs.iter().enumerate() {
            let next = self.runs.get(index + 1);
            let last = next.map_or(u16::MAX, |&(next, _)| next - 1);
            let found = most_readable(first, last, allowed);
            if let Some(best) = best.get_mut(usize::from(class)) {
                *best = best.iter().copied().chain(found).min();
            }
        }
        let unit = |best: Option<(u8, u16)>| best.map(|(_, unit)| unit);
        best.into_iter().map(unit).collect()
    }

    /// The classes of a set that the partition respects, as bits of words of 64.
    pub(super) fn members(&self, set: &UnitSet) -> Vec<u64> {
        let mut bits = vec![0_u64; self.len().div_ceil(64)];
        for (class, &unit) in self.representatives.iter().enumerate() {
            if let (true, Some(word)) = (set.contains(unit), bits.get_mut(class / 64)) {
                *word |= 1 << (class % 64);
            }
        }
        bits
    }

    /// All classes, the most readable first.
    pub(super) fn preferred(&self) -> &[Class] {
        &self.preferred
    }

    /// All classes in an order.
    pub(super) fn ordered(&self, order: Order) -> &[Class] {
        match order {
            Order::Readable => &self.preferred,
            Order::Rare => &self.rare,
        }
    }
}

fn collect<'n>(node: &'n Node, word: &'n UnitSet, sets: &mut BTreeSet<&'n UnitSet>) {
    match &node.kind {
        NodeKind::Set(set) => {
            sets.insert(set);
        }
        NodeKind::Assertion(Assertion::WordBoundary | Assertion::NotWordBoundary) => {
            sets.insert(word);
        }
        _ => {}
    }
    for child in node.children() {
        collect(child, word, sets);
    }
}

/// An allowed member of a range that people like to read in an example, with its rank: lower is
/// better. A surrogate is the last resort, since alone it is no text.
fn most_readable(first: u16, last: u16, allowed: &impl Fn(u16) -> bool) -> Option<(u8, u16)> {
    const LIKED: [(u16, u16); 12] = [
        (0x61, 0x7A),
        (0x30, 0x39),
        (0x41, 0x5A),
        (0x20, 0x20),
        (0x21, 0x7E),
        (0x09, 0x0A),
        (0x01, 0x7F),
        (0xA1, 0xFF),
        (0x100, 0xD7FF),
        (0xE000, 0xFFFF),
        (0x00, 0xFF),
        (0xD800, 0xDFFF),
    ];
    (0..).zip(LIKED).find_map(|(rank, (from, to))| {
        let unit = (first.max(from)..=last.min(to)).find(|&unit| allowed(unit))?;
        Some((rank, unit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_respect_the_sets() {
        let sets = [
            UnitSet::word(),
            UnitSet::digits(),
            UnitSet::singleton(0x20),
            UnitSet::range(0xD800, 0xDFFF),
        ];
        let alphabet = Alphabet::respecting(&sets.iter().collect::<Vec<_>>());
        assert_eq!(alphabet.len(), 5);
        for set in &sets {
            let bits = alphabet.members(set);
            for unit in 0..=u16::MAX {
                let class = usize::from(alphabet.class(unit));
                assert_eq!(
                    bits.first().map(|bits| bits >> class & 1),
                    Some(u64::from(set.contains(unit))),
                    "{unit:x}"
                );
            }
        }
        let read: Vec<u16> = alphabet
            .preferred()
            .iter()
            .map(|&class| alphabet.representative(class))
            .collect();
        assert_eq!(read, [0x61, 0x30, 0x20, 0x21, 0xD800]);
    }

    #[test]
    fn a_pattern_without_sets_has_one_class() {
        let alphabet = Alphabet::respecting(&[]);
        assert_eq!((alphabet.len(), alphabet.class(0xFFFF)), (1, 0));
        assert_eq!(alphabet.representative(0), 0x61);
    }
}
