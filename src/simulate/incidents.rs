//! What the guardian found in a run, with the places of the calls. Owns how many incidents are
//! listed; finds none itself.

use std::collections::BTreeMap;

use super::Place;
use crate::guardian::{Findings, Incident, Kind};
use crate::pipeline::EventMark;

/// How many incidents are listed; all are counted.
pub const MAX_INCIDENTS_LISTED: usize = 10_000;

/// What the guardian found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incidents {
    /// The incidents in the order of their detection: those that ended first, and every agent that
    /// was stopped, at most [`MAX_INCIDENTS_LISTED`] of either.
    pub listed: Vec<Incident<EventPlace>>,
    /// All incidents by kind.
    pub counts: BTreeMap<Kind, u64>,
    /// Requests without a time, which the guardian can make nothing of.
    pub without_time: u64,
}

/// An event and where its call stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPlace {
    /// The event's id.
    pub event_id: String,
    /// The call.
    pub place: Place,
}

/// The incidents so far.
#[derive(Default)]
pub(super) struct Collected {
    listed: Vec<Incident<EventMark>>,
    counts: BTreeMap<Kind, u64>,
}

impl Collected {
    pub(super) fn add(&mut self, incidents: Vec<Incident<EventMark>>) {
        for incident in incidents {
            *self.counts.entry(incident.kind).or_default() += 1;
            if self.listed.len() < MAX_INCIDENTS_LISTED {
                self.listed.push(incident);
            }
        }
    }

    /// All of them, by the names of the inputs.
    pub(super) fn finish(mut self, last: Findings<EventMark>, inputs: &[String]) -> Incidents {
        self.add(last.incidents);
        let kills = last.kills.len() as u64;
        if kills > 0 {
            self.counts.insert(Kind::AutoKill, kills);
        }
        let mut listed = self.listed;
        listed.extend(last.kills.into_iter().take(MAX_INCIDENTS_LISTED));
        listed.sort_by_key(|incident| incident.number);
        let place = |mark: EventMark| EventPlace {
            event_id: mark.event_id.to_string(),
            place: Place {
                source: inputs.get(mark.input).cloned().unwrap_or_default(),
                line: mark.line,
            },
        };
        Incidents {
            listed: listed
                .into_iter()
                .map(|incident| incident.map(place))
                .collect(),
            counts: self.counts,
            without_time: last.without_time,
        }
    }
}
