//! The time of events in the order of their lines: going back, standing still for long, being
//! ahead. Owns indicators only, since clocks are set and machines sleep.

use std::time::Duration;

use super::event::{Event, Role};
use super::finding::{FindingKind, Findings, Place};
use crate::time::Timestamp;

/// The clock of an input.
#[derive(Debug)]
pub(super) struct Clock {
    max_gap: Duration,
    now: Timestamp,
    input: usize,
    /// The latest decision so far.
    latest: Option<Timestamp>,
    /// The latest event so far.
    latest_event: Option<Timestamp>,
}

impl Clock {
    /// A clock by which gaps longer than `max_gap`, and events later than `now`, are told.
    pub(super) const fn new(max_gap: Duration, now: Timestamp) -> Self {
        Self {
            max_gap,
            now,
            input: usize::MAX,
            latest: None,
            latest_event: None,
        }
    }

    pub(super) fn see(&mut self, event: &Event<'_>, place: Place, findings: &mut Findings) {
        if self.input != place.input {
            // What was logged at the same time elsewhere may be in a file of its own.
            self.input = place.input;
            self.latest = None;
            self.latest_event = None;
        }
        let Some(time) = event.time else { return };
        if time > self.now {
            findings.add(FindingKind::FutureTime, place, event.timestamp);
        }
        // An answer comes when it comes: its time says nothing about the next request's, and a
        // silence that it ends is explained.
        if event.role == Role::Decision {
            if let Some(latest) = self.latest.filter(|latest| time < *latest) {
                let detail = format!("{} back", length(latest, time));
                findings.add(FindingKind::ClockBack, place, detail);
            }
            if let Some(before) = self.latest_event
                && time.micros().saturating_sub(before.micros()) > micros(self.max_gap)
            {
                let detail = format!("{} from {before} on", length(time, before));
                findings.add(FindingKind::TimeGap, place, detail);
            }
            self.latest = self.latest.max(Some(time));
        }
        self.latest_event = self.latest_event.max(Some(time));
    }
}

fn micros(length: Duration) -> i64 {
    i64::try_from(length.as_micros()).unwrap_or(i64::MAX)
}

/// How much later `later` is, as people say it.
fn length(later: Timestamp, earlier: Timestamp) -> String {
    let seconds = later.micros().abs_diff(earlier.micros()) / 1_000_000;
    match seconds {
        0..60 => format!("{} ms", later.micros().abs_diff(earlier.micros()) / 1000),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds / 3600 % 24),
    }
}
