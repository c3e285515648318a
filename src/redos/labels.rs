//! Sets of classes, numbered. Owns their algebra; the same set has the same number.

use super::alphabet::Class;
use super::hash::Map;

/// The number of a set of classes.
pub(super) type Label = u32;

/// All sets of classes met so far. The end of the text counts as one more class.
#[derive(Debug)]
pub(super) struct Labels {
    /// How many classes, the end of the text included.
    classes: usize,
    words: usize,
    bits: Vec<u64>,
    numbers: Map<Vec<u64>, Label>,
    meets: Map<(Label, Label), Label>,
}

impl Labels {
    /// No class at all.
    pub(super) const NONE: Label = 0;
    /// Every class and the end of the text.
    pub(super) const ALL: Label = 1;

    /// For an alphabet of that many classes.
    pub(super) fn new(classes: usize) -> Self {
        let classes = classes + 1;
        let words = classes.div_ceil(64);
        let mut labels = Self {
            classes,
            words,
            bits: Vec::new(),
            numbers: Map::default(),
            meets: Map::default(),
        };
        labels.number(vec![0; words]);
        let mut all = vec![u64::MAX; words];
        if let (Some(last), Some(unused)) = (all.last_mut(), (words * 64).checked_sub(classes)) {
            *last >>= unused;
        }
        labels.number(all);
        labels
    }

    fn number(&mut self, bits: Vec<u64>) -> Label {
        if let Some(&label) = self.numbers.get(&bits) {
            return label;
        }
        let label = self.numbers.len() as Label;
        self.bits.extend_from_slice(&bits);
        self.numbers.insert(bits, label);
        label
    }

    fn end(&self) -> usize {
        self.classes - 1
    }

    /// The set with the given bits, and the end of the text if `edge`.
    pub(super) fn of(&mut self, members: &[u64], edge: Edge) -> Label {
        let mut bits = members.to_vec();
        bits.resize(self.words, 0);
        let end = self.end();
        if let (Edge::Allowed, Some(word)) = (edge, bits.get_mut(end / 64)) {
            *word |= 1 << (end % 64);
        }
        self.number(bits)
    }

    fn words(&self, label: Label) -> &[u64] {
        let start = label as usize * self.words;
        self.bits.get(start..start + self.words).unwrap_or_default()
    }

    /// The classes of a set as bits, the end of the text included.
    pub(super) fn bits(&self, label: Label) -> &[u64] {
        self.words(label)
    }

    /// Whether some class is of a set and of `letters`.
    pub(super) fn meets(&self, label: Label, letters: &[u64]) -> bool {
        let mut both = self.words(label).iter().zip(letters);
        both.any(|(a, b)| a & b != 0)
    }

    /// The classes of both.
    pub(super) fn meet(&mut self, a: Label, b: Label) -> Label {
        match (a, b) {
            (Self::ALL, other) | (other, Self::ALL) => return other,
            (Self::NONE, _) | (_, Self::NONE) => return Self::NONE,
            _ if a == b => return a,
            _ => {}
        }
        let key = (a.min(b), a.max(b));
        if let Some(&label) = self.meets.get(&key) {
            return label;
        }
        let bits = zip(self.words(a), self.words(b), |a, b| a & b);
        let label = self.number(bits);
        self.meets.insert(key, label);
        label
    }

    /// The classes of either.
    pub(super) fn join(&mut self, a: Label, b: Label) -> Label {
        if a == b || b == Self::NONE {
            return a;
        }
        let bits = zip(self.words(a), self.words(b), |a, b| a | b);
        self.number(bits)
    }

    /// The classes of `a` that are not of `b`.
    pub(super) fn without(&mut self, a: Label, b: Label) -> Label {
        let bits = zip(self.words(a), self.words(b), |a, b| a & !b);
        self.number(bits)
    }

    /// Whether some class is of both.
    pub(super) fn intersect(&self, a: Label, b: Label) -> bool {
        self.words(a)
            .iter()
            .zip(self.words(b))
            .any(|(a, b)| a & b != 0)
    }

    /// Whether some class is of all three.
    pub(super) fn intersect3(&self, a: Label, b: Label, c: Label) -> bool {
        self.words(a)
            .iter()
            .zip(self.words(b))
            .zip(self.words(c))
            .any(|((a, b), c)| a & b & c != 0)
    }

    /// Whether a class belongs to the set.
    pub(super) fn contains(&self, label: Label, class: Class) -> bool {
        self.words(label)
            .get(usize::from(class) / 64)
            .is_some_and(|word| word >> (class % 64) & 1 == 1)
    }

    /// Whether the end of the text belongs to the set.
    pub(super) fn allows_end(&self, label: Label) -> bool {
        self.contains(label, self.end() as Class)
    }
}

/// Whether a set of classes takes in the end of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    Allowed,
    Forbidden,
}

fn zip(a: &[u64], b: &[u64], operation: impl Fn(u64, u64) -> u64) -> Vec<u64> {
    a.iter().zip(b).map(|(&a, &b)| operation(a, b)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn bits(classes: usize, set: &BTreeSet<usize>) -> Vec<u64> {
        let mut bits = vec![0; classes.div_ceil(64)];
        for &class in set {
            bits[class / 64] |= 1 << (class % 64);
        }
        bits
    }

    proptest! {
        #[test]
        fn labels_are_sets(
            classes in prop::sample::select(vec![1_usize, 5, 63, 64, 65, 130]),
            sets in proptest::collection::vec(proptest::collection::btree_set(0_usize..131, 0..6), 3),
            ends in any::<[bool; 3]>(),
        ) {
            let mut labels = Labels::new(classes);
            let fitting = |set: &BTreeSet<usize>| -> BTreeSet<usize> {
                set.iter().copied().filter(|&class| class < classes).collect()
            };
            let mut sets: Vec<BTreeSet<usize>> = sets.iter().map(fitting).collect();
            let mut numbers = Vec::new();
            for (set, end) in sets.iter_mut().zip(ends) {
                let edge = if end { Edge::Allowed } else { Edge::Forbidden };
                numbers.push(labels.of(&bits(classes, set), edge));
                // The end counts as one more class.
                set.extend(end.then_some(classes));
            }
            let (a, b, c) = (numbers[0], numbers[1], numbers[2]);
            let members = |labels: &Labels, label| -> BTreeSet<usize> {
                let all = 0..=classes;
                all.filter(|&class| labels.contains(label, class as Class)).collect()
            };
            for (&number, set) in numbers.iter().zip(&sets) {
                prop_assert_eq!(&members(&labels, number), set);
                prop_assert_eq!(labels.allows_end(number), set.contains(&classes));
                for (&other, known) in numbers.iter().zip(&sets) {
                    prop_assert_eq!(number == other, set == known);
                    prop_assert_eq!(labels.intersect(number, other), !set.is_disjoint(known));
                    let letters = labels.bits(other).to_vec();
                    prop_assert_eq!(labels.meets(number, &letters), !set.is_disjoint(known));
                }
            }
            let everything = (0..=classes).collect::<BTreeSet<usize>>();
            prop_assert_eq!(members(&labels, Labels::ALL), everything);
            prop_assert!(labels.allows_end(Labels::ALL));
            prop_assert_eq!(members(&labels, Labels::NONE), BTreeSet::new());
            let in_both = &sets[0] & &sets[1];
            let meet = labels.meet(a, b);
            prop_assert_eq!(members(&labels, meet), in_both.clone());
            prop_assert_eq!(labels.meet(b, a), meet);
            let join = labels.join(a, b);
            prop_assert_eq!(members(&labels, join), &sets[0] | &sets[1]);
            let without = labels.without(a, b);
            prop_assert_eq!(members(&labels, without), &sets[0] - &sets[1]);
            prop_assert_eq!(labels.intersect3(a, b, c), !in_both.is_disjoint(&sets[2]));
        }
    }
}
