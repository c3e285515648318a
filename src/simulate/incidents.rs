//! What the guardian found in a run, with the places of the calls.

use super::Place;
use crate::guardian::Listing;
use crate::pipeline::EventMark;

/// What the guardian found.
pub type Incidents = Listing<EventPlace>;

/// An event and where its call stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPlace {
    /// The event's id.
    pub event_id: String,
    /// The call.
    pub place: Place,
}

impl EventPlace {
    /// What a mark stands for, by the names of the inputs.
    pub(super) fn of(mark: EventMark, inputs: &[String]) -> Self {
        Self {
            event_id: mark.event_id.to_string(),
            place: Place {
                source: inputs.get(mark.input).cloned().unwrap_or_default(),
                line: mark.line,
            },
        }
    }
}
