//! The events of an agent in the last moments. Owns the counting and the forgetting; knows no
//! limit.

use std::collections::VecDeque;

use super::At;

/// The events of one instant.
#[derive(Clone, Debug)]
struct Entry<M> {
    at: At<M>,
    units: u64,
    events: u64,
    allowed: u64,
}

/// The events of the last moments, counted in two windows `(t-W, t]` that end now. Amortised
/// constant time an event.
#[derive(Clone, Debug)]
pub(super) struct Recent<M> {
    entries: Entries<M>,
    /// The window of frequency.
    pub(super) minute: Window,
    /// The window of volume.
    pub(super) volume: Window,
}

/// A queue whose first entry is in place, as many agents have no other.
#[derive(Clone, Debug)]
struct Entries<M> {
    first: Option<Entry<M>>,
    later: VecDeque<Entry<M>>,
}

/// What is in one window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Window {
    /// How many of the entries are too old for it.
    skipped: usize,
    /// What the guardian counts.
    pub(super) units: u64,
    /// Events, the second of a request included.
    pub(super) events: u64,
    /// Events that let a request through.
    pub(super) allowed: u64,
}

/// How much one event counts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Weight {
    pub(super) units: u64,
    pub(super) allowed: u64,
}

impl Weight {
    pub(super) fn add(&mut self, other: Self) {
        self.units += other.units;
        self.allowed += other.allowed;
    }
}

impl<M: Clone> Recent<M> {
    pub(super) fn new() -> Self {
        Self {
            entries: Entries {
                first: None,
                later: VecDeque::new(),
            },
            minute: Window::default(),
            volume: Window::default(),
        }
    }

    /// Adds an event, which must not be before the last one, and forgets what is older than both
    /// windows, whose widths are in microseconds.
    pub(super) fn add(&mut self, at: At<M>, weight: Weight, minute: i64, volume: i64) {
        let now = at.time.micros();
        for window in [&mut self.minute, &mut self.volume] {
            window.units += weight.units;
            window.events += 1;
            window.allowed += weight.allowed;
        }
        match self.entries.last_mut() {
            Some(last) if last.at.time == at.time => {
                last.units += weight.units;
                last.events += 1;
                last.allowed += weight.allowed;
            }
            _ => self.entries.push(Entry {
                at,
                units: weight.units,
                events: 1,
                allowed: weight.allowed,
            }),
        }
        forget(&mut self.minute, &self.entries, now.saturating_sub(minute));
        forget(&mut self.volume, &self.entries, now.saturating_sub(volume));
        let old = self.minute.skipped.min(self.volume.skipped);
        self.entries.drop_first(old);
        self.minute.skipped -= old;
        self.volume.skipped -= old;
    }

    /// The first event of a window that holds at least one.
    pub(super) fn first(&self, window: Window) -> Option<&At<M>> {
        Some(&self.entries.get(window.skipped)?.at)
    }
}

impl<M> Entries<M> {
    fn get(&self, index: usize) -> Option<&Entry<M>> {
        match index.checked_sub(1) {
            None => self.first.as_ref(),
            Some(index) => self.later.get(index),
        }
    }

    fn last_mut(&mut self) -> Option<&mut Entry<M>> {
        self.later.back_mut().or(self.first.as_mut())
    }

    fn push(&mut self, entry: Entry<M>) {
        match self.first {
            None => self.first = Some(entry),
            Some(_) => self.later.push_back(entry),
        }
    }

    /// Drops that many, which must be there.
    fn drop_first(&mut self, count: usize) {
        if let Some(others) = count.checked_sub(1) {
            self.later.drain(..others);
            self.first = self.later.pop_front();
        }
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.later.len()
    }
}

/// Takes out of a window what is not after `start`.
fn forget<M>(window: &mut Window, entries: &Entries<M>, start: i64) {
    while let Some(entry) = entries.get(window.skipped)
        && entry.at.time.micros() <= start
    {
        window.skipped += 1;
        window.units -= entry.units;
        window.events -= entry.events;
        window.allowed -= entry.allowed;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::time::Timestamp;

    proptest! {
        #[test]
        fn windows_equal_counting_them_all(
            steps in proptest::collection::vec((0_i64..40, 0_u64..2, 0_u64..2), 0..200),
            minute in 1_i64..60,
            volume in 1_i64..60,
        ) {
            let mut recent = Recent::new();
            let mut all: Vec<(i64, u64, u64)> = Vec::new();
            let mut now = 0;
            for (index, (step, units, allowed)) in steps.into_iter().enumerate() {
                now += step;
                let at = At { time: Timestamp::from_micros(now), mark: index };
                recent.add(at, Weight { units, allowed }, minute, volume);
                all.push((now, units, allowed));
                for (width, window) in [(minute, recent.minute), (volume, recent.volume)] {
                    let inside = |at: &&(i64, u64, u64)| now - at.0 < width;
                    let expected = all.iter().filter(inside);
                    prop_assert_eq!(window.events, expected.clone().count() as u64);
                    prop_assert_eq!(window.units, expected.clone().map(|at| at.1).sum::<u64>());
                    prop_assert_eq!(window.allowed, expected.clone().map(|at| at.2).sum::<u64>());
                    let first = all.iter().position(|at| inside(&at));
                    prop_assert_eq!(recent.first(window).map(|at| at.mark), first);
                }
            }
            prop_assert!(recent.entries.len() <= 60);
        }
    }
}
