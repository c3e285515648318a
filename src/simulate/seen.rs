//! Calls that were seen before: in another recording, or reported twice in one. Owns what makes
//! two calls the same one, and how many are remembered.
//!
//! Ids alone do not: they repeat between runs of a benchmark. A call is the same as another if its
//! id, session, tool and arguments are. The platform's own shape is a record of each call that was
//! made, or a list of test cases, several of which may have one id: there, a call is the same as
//! one of another recording if all that is written of it is. A call without an id is like no other.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher as _, RandomState};

use crate::model::request::{ArgumentValue, Request};

/// How many calls are remembered, the last ones, so that memory does not grow with the recording.
const REMEMBERED: usize = 128 * 1024;

/// Turns what makes a call itself into 64 bits, by a function that nobody can foresee: SipHash
/// with a random key. Two calls of a run of a thousand million are mistaken for one another less
/// than once in ten thousand runs, by accident or on purpose.
pub(super) struct Identities {
    hash: RandomState,
    /// Whether there is more than one recording.
    several: bool,
}

/// What makes a call itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// Calls that have it are the same.
    Of(u64),
    /// Calls that have it are the same if they stand in two recordings.
    BetweenRecordings(u64),
}

impl Identities {
    /// For a run with that many recordings.
    pub(super) fn new(recordings: usize) -> Self {
        Self {
            hash: RandomState::new(),
            several: recordings > 1,
        }
    }

    /// The identity of a call, if it has an id.
    pub(super) fn of_call(&self, request: &Request, buffer: &mut Vec<u8>) -> Option<Identity> {
        let id = request.request_id?;
        let parts = [Some(id), request.session_id, request.tool_name];
        buffer.clear();
        for part in parts {
            let part = part.map_or(&b""[..], |name| request.name(name));
            buffer.extend_from_slice(part);
            // No text contains this byte.
            buffer.push(0xFF);
        }
        for argument in &request.arguments {
            buffer.extend_from_slice(request.name(argument.key));
            buffer.push(0xFF);
            buffer.extend_from_slice(&argument.depth.to_le_bytes());
            buffer.push(match argument.value {
                ArgumentValue::String(_) => 0,
                ArgumentValue::Number(_) => 1,
                ArgumentValue::Bool(_) => 2,
                ArgumentValue::Null => 3,
                ArgumentValue::Composite => 4,
            });
        }
        buffer.extend_from_slice(request.argument_values());
        Some(Identity::Of(self.hash.hash_one(&buffer)))
    }

    /// The identity of a call that is all of a text, if it has an id and any matters.
    pub(super) fn of_text(&self, request: &Request, text: &[u8]) -> Option<Identity> {
        let has_id = self.several && request.request_id.is_some();
        has_id.then(|| Identity::BetweenRecordings(self.hash.hash_one(text)))
    }
}

/// The calls seen last.
#[derive(Default)]
pub(super) struct Seen {
    /// In which recording each was seen first.
    known: HashMap<u64, usize, foldhash::fast::RandomState>,
    order: VecDeque<u64>,
    recording: usize,
}

impl Seen {
    /// Says that what follows is another recording.
    pub(super) fn begin_recording(&mut self) {
        self.recording += 1;
    }

    /// Remembers a call; false if it was seen before.
    pub(super) fn is_new(&mut self, identity: Identity) -> bool {
        let (Identity::Of(identity) | Identity::BetweenRecordings(identity), may_repeat) =
            (identity, matches!(identity, Identity::BetweenRecordings(_)));
        match self.known.entry(identity) {
            Entry::Occupied(seen) => return may_repeat && *seen.get() == self.recording,
            Entry::Vacant(new) => new.insert(self.recording),
        };
        if self.order.len() >= REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.order.push_back(identity);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::arguments;

    #[test]
    fn the_last_calls_are_remembered() {
        let mut seen = Seen::default();
        let mut is_new = |identity| seen.is_new(Identity::Of(identity));
        assert!(is_new(7));
        assert!(!is_new(7));
        let mut others = 8..8 + REMEMBERED as u64 - 1;
        assert!(others.all(&mut is_new));
        assert!(!is_new(7));
        assert!(is_new(0));
        assert!(is_new(7), "the oldest is forgotten");
        assert_eq!(seen.order.len(), REMEMBERED);
        assert_eq!(seen.known.len(), REMEMBERED);
    }

    #[test]
    fn what_may_repeat_in_a_recording_may_not_in_two() {
        let mut seen = Seen::default();
        let call = Identity::BetweenRecordings(7);
        assert!(seen.is_new(call));
        assert!(seen.is_new(call));
        for _ in 0..2 {
            seen.begin_recording();
            assert!(!seen.is_new(call));
            assert!(!seen.is_new(call));
        }
    }

    fn call(id: &str, session: &str, tool: &str, arguments: &str) -> Request {
        let mut request = Request::default();
        let mut name = |text: &str| {
            (!text.is_empty())
                .then(|| request.add_name(|out| out.extend_from_slice(text.as_bytes())))
        };
        let (id, session, tool) = (name(id), name(session), name(tool));
        request.request_id = id;
        request.session_id = session;
        request.tool_name = tool;
        arguments::read_text(arguments.as_bytes(), &mut request).expect("arguments");
        request
    }

    #[test]
    fn calls_are_the_same_if_id_session_tool_and_arguments_are() {
        let identities = Identities::new(1);
        let identity = |request: Request| identities.of_call(&request, &mut Vec::new());
        let same = || call("1", "s", "f", r#"{"a":[1,"x"],"b":{"c":null}}"#);
        let one = identity(same());
        assert!(one.is_some());
        assert_eq!(one, identity(same()));
        assert_eq!(
            one,
            identity(call(
                "1",
                "s",
                "f",
                r#" {"a" : [1.0,"\u0078"], "b":{"c":null}}"#
            ))
        );
        for other in [
            call("2", "s", "f", r#"{"a":[1,"x"],"b":{"c":null}}"#),
            call("1", "t", "f", r#"{"a":[1,"x"],"b":{"c":null}}"#),
            call("1", "", "sf", r#"{"a":[1,"x"],"b":{"c":null}}"#),
            call("1", "s", "g", r#"{"a":[1,"x"],"b":{"c":null}}"#),
            call("1", "s", "f", r#"{"a":["1","x"],"b":{"c":null}}"#),
            call("1", "s", "f", r#"{"a":[1],"ax":"x","b":{"c":null}}"#),
            call("1", "s", "f", r#"{"a":[1,"x"],"b":null,"c":null}"#),
            call("1", "s", "f", r#"{"a":[1,"x"],"b":{"c":null},"d":null}"#),
        ] {
            assert_ne!(one, identity(other));
        }
        assert_eq!(identity(call("", "s", "f", "{}")), None);
    }
}
