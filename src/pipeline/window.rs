//! Sliding windows of calls by key. Owns the counting and the forgetting; knows no limit.

use std::collections::{HashMap, VecDeque};

use crate::short::Short;
use crate::time::Timestamp;

/// The fewest keys at which stale ones are looked for.
const SWEEP_FROM: usize = 1024;

/// The calls of the last moments by key. Amortised constant time a call; keys without a call in the
/// window are forgotten.
pub(super) struct Windows {
    /// In microseconds.
    width: i64,
    calls: HashMap<Short, Times, foldhash::fast::RandomState>,
    sweep_at: usize,
}

impl Windows {
    /// Windows of that many milliseconds; a call exactly that old still counts.
    pub(super) fn new(width_ms: u64) -> Self {
        Self {
            width: i64::try_from(width_ms).map_or(i64::MAX, |width| width.saturating_mul(1000)),
            calls: HashMap::default(),
            sweep_at: SWEEP_FROM,
        }
    }

    /// The window of `key` that ends at `now`, if it holds calls. Calls that the recording has
    /// earlier but that carry a later time count too, since a clock that was put back must not open
    /// the door; if it went back by more than a window, a new count begins.
    pub(super) fn find(&mut self, key: &[u8], now: Timestamp) -> Option<Window<'_>> {
        let now = now.micros();
        let calls = self.calls.get_mut(key)?;
        if calls.last() > Some(now.saturating_add(self.width)) {
            calls.clear();
        }
        calls.forget_before(now.saturating_sub(self.width));
        Some(Window { calls, now })
    }

    /// Adds the first call of `key`, of which [`Self::find`] knows none.
    pub(super) fn begin(&mut self, key: &[u8], now: Timestamp) {
        let now = now.micros();
        if self.calls.len() >= self.sweep_at {
            let live = now.saturating_sub(self.width)..=now.saturating_add(self.width);
            let is_live = |calls: &Times| calls.last().is_some_and(|last| live.contains(&last));
            self.calls.retain(|_, calls| is_live(calls));
            self.sweep_at = (self.calls.len() * 2).max(SWEEP_FROM);
        }
        self.calls.insert(key.into(), Times::of_one(now));
    }

    /// The number of keys that are remembered.
    #[cfg(test)]
    fn keys(&self) -> usize {
        self.calls.len()
    }
}

/// The calls of one key in the window that ends now.
pub(super) struct Window<'w> {
    calls: &'w mut Times,
    now: i64,
}

impl Window<'_> {
    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.calls.len()
    }

    /// Adds one that is made now.
    pub(super) fn add(self) {
        self.calls.add(self.now);
    }
}

/// How many times are kept in place, as most keys have no more.
const FEW: usize = 3;

/// Times in order.
enum Times {
    /// The first that many of these.
    Few(u8, [i64; FEW]),
    #[expect(clippy::box_collection, reason = "what is few takes less room so")]
    Many(Box<VecDeque<i64>>),
}

impl Times {
    fn of_one(time: i64) -> Self {
        Self::Few(1, [time; FEW])
    }

    fn len(&self) -> usize {
        match self {
            Self::Few(count, _) => usize::from(*count),
            Self::Many(times) => times.len(),
        }
    }

    fn last(&self) -> Option<i64> {
        match self {
            Self::Few(count, times) => times.get(usize::from(*count).checked_sub(1)?).copied(),
            Self::Many(times) => times.back().copied(),
        }
    }

    fn clear(&mut self) {
        match self {
            Self::Few(count, _) => *count = 0,
            Self::Many(times) => times.clear(),
        }
    }

    fn forget_before(&mut self, start: i64) {
        match self {
            Self::Few(count, times) => {
                while *count > 0 && times.first().is_some_and(|&first| first < start) {
                    times.rotate_left(1);
                    *count -= 1;
                }
            }
            Self::Many(times) => {
                while times.front().is_some_and(|&first| first < start) {
                    times.pop_front();
                }
            }
        }
    }

    fn add(&mut self, time: i64) {
        if let Self::Few(count, times) = self
            && usize::from(*count) == FEW
        {
            *self = Self::Many(Box::new(times.iter().copied().collect()));
        }
        match self {
            Self::Few(count, times) => {
                let (known, free) = times.split_at_mut(usize::from(*count));
                let later = known
                    .iter()
                    .rev()
                    .take_while(|&&known| known > time)
                    .count();
                if let Some(place) = free.first_mut() {
                    *place = time;
                    *count += 1;
                    let end = usize::from(*count);
                    if let Some(moved) = times.get_mut(end - 1 - later..end) {
                        moved.rotate_right(1);
                    }
                }
            }
            Self::Many(times) => match times.back() {
                Some(&last) if last > time => {
                    let place = times.partition_point(|&known| known <= time);
                    times.insert(place, time);
                }
                _ => times.push_back(time),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_micros(millis * 1000)
    }

    fn count(windows: &mut Windows, key: &[u8], now: Timestamp) -> usize {
        windows.find(key, now).map_or(0, |window| window.count())
    }

    fn add(windows: &mut Windows, key: &[u8], now: Timestamp) {
        match windows.find(key, now) {
            Some(window) => window.add(),
            None => windows.begin(key, now),
        }
    }

    proptest! {
        #[test]
        fn windows_equal_counting_them_all(
            steps in proptest::collection::vec((0_i64..40, 0_u8..3), 0..200),
            width in 1_u64..60,
        ) {
            let mut windows = Windows::new(width);
            let mut all = Vec::new();
            let mut now = 0;
            for (step, key) in steps {
                now += step;
                let oldest = now - width as i64;
                let expected = all.iter().filter(|&&(time, of)| of == key && time >= oldest);
                prop_assert_eq!(count(&mut windows, &[key], at(now)), expected.count());
                add(&mut windows, &[key], at(now));
                all.push((now, key));
            }
        }
    }

    proptest! {
        #[test]
        fn times_are_a_list_in_order(
            steps in proptest::collection::vec((0_i64..50, any::<bool>()), 0..40),
        ) {
            let mut times = Times::of_one(25);
            let mut list = vec![25];
            for (time, adds) in steps {
                if adds {
                    times.add(time);
                    list.push(time);
                    list.sort_unstable();
                } else {
                    times.forget_before(time / 2);
                    list.retain(|&known| known >= time / 2);
                }
                prop_assert_eq!((times.len(), times.last()), (list.len(), list.last().copied()));
            }
            let mut first = 0;
            while let Some(&expected) = list.get(first) {
                times.forget_before(expected);
                prop_assert_eq!(times.len(), list.len() - first);
                times.forget_before(expected + 1);
                first = list.partition_point(|&known| known <= expected);
                prop_assert_eq!(times.len(), list.len() - first);
            }
        }
    }

    #[test]
    fn a_clock_put_back_does_not_open_the_door() {
        let mut windows = Windows::new(1000);
        add(&mut windows, b"a", at(5000));
        add(&mut windows, b"a", at(4500));
        assert_eq!(count(&mut windows, b"a", at(4200)), 2);
        assert_eq!(
            count(&mut windows, b"a", at(5600)),
            1,
            "the one of 4500 is too old"
        );
        assert_eq!(
            count(&mut windows, b"a", at(4000)),
            1,
            "back by no more than a window"
        );
        assert_eq!(
            count(&mut windows, b"a", at(100)),
            0,
            "another time altogether"
        );
    }

    #[test]
    fn keys_without_a_live_call_are_forgotten() {
        let mut windows = Windows::new(1000);
        for number in 0..100_000_u32 {
            add(
                &mut windows,
                &number.to_le_bytes(),
                at(i64::from(number) * 10),
            );
        }
        assert!(windows.keys() <= SWEEP_FROM, "{}", windows.keys());
    }
}
