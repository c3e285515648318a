//! The first events that are asked for, in the order of time. Owns a bounded list.

use std::collections::BTreeMap;

use super::event::Event;
use super::finding::Place;
use crate::model::event::EventOutcome;
use crate::time::Timestamp;

/// An event of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When; none stands behind all others.
    pub time: Option<Timestamp>,
    /// Where.
    pub place: Place,
    /// Its id.
    pub event_id: String,
    /// Its request.
    pub request_id: String,
    /// Who.
    pub agent_id: String,
    /// What.
    pub tool_name: String,
    /// Where the agent runs.
    pub environment: String,
    /// What is written.
    pub recorded: EventOutcome,
    /// What that comes to.
    pub effective: EventOutcome,
    /// Why, and for people.
    pub reason: Option<(String, String)>,
    /// The plugin that decided.
    pub plugin: Option<String>,
}

/// The earliest events, at most as many as are wanted.
#[derive(Debug)]
pub(super) struct Timeline {
    most: usize,
    entries: BTreeMap<(bool, Option<Timestamp>, Place), Entry>,
}

impl Timeline {
    pub(super) const fn new(most: usize) -> Self {
        Self {
            most,
            entries: BTreeMap::new(),
        }
    }

    pub(super) fn see(&mut self, event: &Event<'_>, place: Place) {
        let key = (event.time.is_none(), event.time, place);
        if self.entries.len() >= self.most {
            match self.entries.last_key_value() {
                Some((last, _)) if key < *last => self.entries.pop_last(),
                _ => return,
            };
        }
        let entry = Entry {
            time: event.time,
            place,
            event_id: event.event_id.to_owned(),
            request_id: event.request_id.to_owned(),
            agent_id: event.agent_id.to_owned(),
            tool_name: event.tool_name.to_owned(),
            environment: event.environment.to_owned(),
            recorded: event.recorded,
            effective: event.effective,
            reason: event
                .reason()
                .map(|reason| (reason.code.to_owned(), reason.message.to_owned())),
            plugin: event.plugin.map(str::to_owned),
        };
        self.entries.insert(key, entry);
    }

    pub(super) fn finish(self) -> Vec<Entry> {
        self.entries.into_values().collect()
    }
}
