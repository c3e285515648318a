//! Counts over time in bounded memory, for charts. Owns the choice of the interval; knows neither
//! what is counted nor how it is drawn.

use std::collections::VecDeque;

use crate::time::Timestamp;

/// The most intervals that are told apart.
pub const MAX_INTERVALS: usize = 120;

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// The lengths of intervals in microseconds, each a multiple of the one before; beyond the last,
/// lengths double.
const LENGTHS: [i64; 10] = [
    SECOND,
    5 * SECOND,
    15 * SECOND,
    MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    HOUR,
    4 * HOUR,
    12 * HOUR,
    24 * HOUR,
];

/// How often each of `N` things happened in each interval of a stretch of time.
///
/// Intervals are as short as [`MAX_INTERVALS`] of them allow, at least a second, and begin at
/// multiples of their length since 1970. The counts do not depend on the order of additions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity<const N: usize> {
    /// The length of an interval in microseconds.
    length: i64,
    /// The number of the first interval since 1970.
    first: i64,
    counts: VecDeque<[u64; N]>,
}

impl<const N: usize> Default for Activity<N> {
    fn default() -> Self {
        Self {
            length: SECOND,
            first: 0,
            counts: VecDeque::new(),
        }
    }
}

impl<const N: usize> Activity<N> {
    /// Counts one thing; one of no such number is left out.
    pub fn add(&mut self, time: Timestamp, thing: usize) {
        let mut number = time.micros().div_euclid(self.length);
        if self.counts.is_empty() {
            self.first = number;
        }
        let most = i64::try_from(MAX_INTERVALS).unwrap_or(i64::MAX);
        loop {
            let end = self.first + i64::try_from(self.counts.len()).unwrap_or(0);
            if (number + 1).max(end) - number.min(self.first) <= most {
                break;
            }
            self.lengthen();
            number = time.micros().div_euclid(self.length);
        }
        while number < self.first {
            self.counts.push_front([0; N]);
            self.first -= 1;
        }
        let index = usize::try_from(number - self.first).unwrap_or(0);
        while self.counts.len() <= index {
            self.counts.push_back([0; N]);
        }
        if let Some(count) = self
            .counts
            .get_mut(index)
            .and_then(|counts| counts.get_mut(thing))
        {
            *count += 1;
        }
    }

    /// The length of an interval in seconds.
    pub fn seconds(&self) -> i64 {
        self.length / SECOND
    }

    /// The intervals from the first to the last in which something happened, each with its
    /// beginning.
    pub fn intervals(&self) -> impl ExactSizeIterator<Item = (Timestamp, &[u64; N])> {
        let begins = |index: usize| {
            let number = self.first + i64::try_from(index).unwrap_or(0);
            Timestamp::from_micros(number.saturating_mul(self.length))
        };
        let intervals = self.counts.iter().enumerate();
        intervals.map(move |(index, counts)| (begins(index), counts))
    }

    /// Joins intervals to the next length.
    fn lengthen(&mut self) {
        let longer = LENGTHS.iter().find(|length| **length > self.length);
        let longer = longer.copied().unwrap_or(self.length.saturating_mul(2));
        let ratio = longer / self.length;
        let old = std::mem::take(&mut self.counts);
        let first = self.first;
        self.length = longer;
        self.first = first.div_euclid(ratio);
        for (number, counts) in (first..).zip(old) {
            let index = usize::try_from(number.div_euclid(ratio) - self.first).unwrap_or(0);
            if self.counts.len() <= index {
                self.counts.push_back([0; N]);
            }
            if let Some(sums) = self.counts.get_mut(index) {
                for (sum, count) in sums.iter_mut().zip(counts) {
                    *sum += count;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_minute_is_counted_by_the_second() {
        let mut activity = Activity::<2>::default();
        for second in [0, 59, 59] {
            activity.add(Timestamp::from_micros(second * SECOND + 1), 1);
        }
        let intervals: Vec<_> = activity.intervals().collect();
        assert_eq!(activity.seconds(), 1);
        assert_eq!(intervals.len(), 60);
        assert_eq!(
            intervals[59],
            (Timestamp::from_micros(59 * SECOND), &[0, 2])
        );
    }

    #[test]
    fn the_longest_stretch_fits() {
        let mut activity = Activity::<1>::default();
        for micros in [i64::MAX / 2, i64::MIN / 2, 0] {
            activity.add(Timestamp::from_micros(micros), 0);
        }
        assert!(activity.intervals().len() <= MAX_INTERVALS);
        let sum: u64 = activity.intervals().map(|(_, counts)| counts[0]).sum();
        assert_eq!(sum, 3);
    }

    proptest! {
        #[test]
        fn the_order_does_not_matter(
            mut times in prop::collection::vec((-200_000_i64..200_000, 0_usize..3), 1..60),
            scale in prop::sample::select(vec![1, 60, 86_400]),
        ) {
            let count = |times: &[(i64, usize)]| {
                let mut activity = Activity::<3>::default();
                for &(seconds, thing) in times {
                    activity.add(Timestamp::from_micros(seconds * scale * SECOND), thing);
                }
                activity
            };
            let forwards = count(&times);
            prop_assert!(forwards.intervals().len() <= MAX_INTERVALS);
            let sum: u64 = forwards.intervals().flat_map(|(_, counts)| counts).sum();
            prop_assert_eq!(sum, times.len() as u64);
            times.reverse();
            prop_assert_eq!(&forwards, &count(&times));
            times.sort_unstable();
            prop_assert_eq!(&forwards, &count(&times));
        }
    }
}
