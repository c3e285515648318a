//! Sets of UTF-16 code units. Owns their algebra and the sets that ECMA-262 names; knows nothing
//! of case.

/// A set of UTF-16 code units: sorted, disjoint, non-adjacent inclusive ranges.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitSet(Vec<(u16, u16)>);

impl UnitSet {
    /// The set without members.
    pub const fn empty() -> Self {
        Self(Vec::new())
    }

    /// The set of all 65,536 code units.
    pub fn full() -> Self {
        Self::range(0, u16::MAX)
    }

    /// The set of one code unit.
    pub fn singleton(unit: u16) -> Self {
        Self::range(unit, unit)
    }

    /// The set of `first` to `last`, both included; empty when `last` is less than `first`.
    pub fn range(first: u16, last: u16) -> Self {
        if first <= last {
            Self(vec![(first, last)])
        } else {
            Self::empty()
        }
    }

    /// `[0-9]`, the set of `\d`.
    pub fn digits() -> Self {
        Self::range(0x30, 0x39)
    }

    /// `[0-9A-Z_a-z]`, the set of `\w`. The `i` flag adds nothing to it without the `u` flag
    /// (ECMA-262 §22.2.2.9.2 WordCharacters).
    pub fn word() -> Self {
        Self(vec![(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)])
    }

    /// WhiteSpace and LineTerminator of ECMA-262 §12.2 and §12.3, the set of `\s`: U+FEFF and
    /// every space separator (general category Zs) among them.
    pub fn white_space() -> Self {
        Self(vec![
            (0x09, 0x0D),
            (0x20, 0x20),
            (0xA0, 0xA0),
            (0x1680, 0x1680),
            (0x2000, 0x200A),
            (0x2028, 0x2029),
            (0x202F, 0x202F),
            (0x205F, 0x205F),
            (0x3000, 0x3000),
            (0xFEFF, 0xFEFF),
        ])
    }

    /// Everything but LineTerminator of ECMA-262 §12.3, the set of `.`.
    pub fn dot() -> Self {
        Self(vec![
            (0x00, 0x09),
            (0x0B, 0x0C),
            (0x0E, 0x2027),
            (0x202A, u16::MAX),
        ])
    }

    /// The ranges, both ends included, sorted, disjoint and not adjacent.
    pub fn ranges(&self) -> &[(u16, u16)] {
        &self.0
    }

    /// Whether it has no members.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of members, 0 to 65,536.
    pub fn len(&self) -> usize {
        self.0
            .iter()
            .map(|&(first, last)| usize::from(last - first) + 1)
            .sum()
    }

    /// Whether `unit` is a member.
    pub fn contains(&self, unit: u16) -> bool {
        let after = self.0.partition_point(|&(first, _)| first <= unit);
        after
            .checked_sub(1)
            .and_then(|index| self.0.get(index))
            .is_some_and(|&(_, last)| unit <= last)
    }

    /// Its least member.
    pub fn first(&self) -> Option<u16> {
        self.0.first().map(|&(first, _)| first)
    }

    /// The members in order.
    pub fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        self.0.iter().flat_map(|&(first, last)| first..=last)
    }

    /// The members of either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.0.iter().chain(&other.0).copied().collect()
    }

    /// The members of both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut common = Vec::new();
        while let (Some(&&(a_first, a_last)), Some(&&(b_first, b_last))) =
            (left.peek(), right.peek())
        {
            let (first, last) = (a_first.max(b_first), a_last.min(b_last));
            if first <= last {
                common.push((first, last));
            }
            if a_last < b_last {
                left.next();
            } else {
                right.next();
            }
        }
        Self(common)
    }

    /// Everything that is not a member.
    #[must_use]
    pub fn complement(&self) -> Self {
        let mut gaps = Vec::with_capacity(self.0.len() + 1);
        let mut next = Some(0_u16);
        for &(first, last) in &self.0 {
            if let (Some(start), Some(end)) = (next, first.checked_sub(1))
                && start <= end
            {
                gaps.push((start, end));
            }
            next = last.checked_add(1);
        }
        gaps.extend(next.map(|start| (start, u16::MAX)));
        Self(gaps)
    }
}

impl FromIterator<(u16, u16)> for UnitSet {
    /// The union of inclusive ranges in any order; a range whose end precedes its start is empty.
    fn from_iter<I: IntoIterator<Item = (u16, u16)>>(ranges: I) -> Self {
        let mut ranges: Vec<(u16, u16)> = ranges
            .into_iter()
            .filter(|&(first, last)| first <= last)
            .collect();
        ranges.sort_unstable();
        ranges.dedup_by(|next, kept| {
            let joins = next.0 <= kept.1.saturating_add(1);
            if joins {
                kept.1 = kept.1.max(next.1);
            }
            joins
        });
        Self(ranges)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_set() -> impl Strategy<Value = UnitSet> {
        proptest::collection::vec((any::<u16>(), 0_u16..300), 0..6).prop_map(|ranges| {
            ranges
                .into_iter()
                .map(|(first, length)| (first, first.saturating_add(length)))
                .collect()
        })
    }

    #[test]
    fn ranges_are_joined() {
        let set: UnitSet = [(5, 6), (1, 2), (3, 3), (9, 8)].into_iter().collect();
        assert_eq!(set.ranges(), [(1, 3), (5, 6)]);
        assert_eq!(set.len(), 5);
        assert_eq!(set.iter().collect::<Vec<_>>(), [1, 2, 3, 5, 6]);
    }

    #[test]
    fn ends_of_the_range_of_units() {
        assert_eq!(UnitSet::empty().complement(), UnitSet::full());
        assert_eq!(UnitSet::full().complement(), UnitSet::empty());
        assert_eq!(UnitSet::full().len(), 65_536);
        assert_eq!(
            UnitSet::range(1, 0xFFFE).complement().ranges(),
            [(0, 0), (0xFFFF, 0xFFFF)]
        );
        let ends: UnitSet = [(0xFFFF, 0xFFFF), (0xFFFE, 0xFFFF)].into_iter().collect();
        assert_eq!(ends.ranges(), [(0xFFFE, 0xFFFF)]);
    }

    #[test]
    fn named_sets_are_in_order() {
        for set in [UnitSet::word(), UnitSet::white_space(), UnitSet::dot()] {
            assert_eq!(set, set.ranges().iter().copied().collect());
        }
        assert_eq!(
            UnitSet::dot().complement().ranges(),
            [(0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029)]
        );
    }

    proptest! {
        #[test]
        fn algebra_agrees_with_membership(a in any_set(), b in any_set(), unit in any::<u16>()) {
            prop_assert_eq!(a.union(&b).contains(unit), a.contains(unit) || b.contains(unit));
            prop_assert_eq!(a.intersection(&b).contains(unit), a.contains(unit) && b.contains(unit));
            prop_assert_eq!(a.complement().contains(unit), !a.contains(unit));
            prop_assert_eq!(a.complement().complement(), a);
        }
    }
}
