//! Streamed completions: the fragments of each call, put together.

use std::collections::{BTreeMap, BTreeSet};

use super::super::event_stream::{self, End};
use super::super::{Sink, arguments, members};
use super::created;
use crate::json::Item;
use crate::time::Timestamp;

/// Calls as far as their fragments have come.
#[derive(Default)]
struct Fragments {
    calls: Vec<Fragment>,
    /// Where in `calls` the call is that a choice, and an index in it, was last given for.
    places: BTreeMap<(u64, Slot), usize>,
    /// Choices that said why they finished.
    finished: BTreeSet<u64>,
    time: Option<Timestamp>,
}

/// Where in a message a call is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Slot {
    Tool(u64),
    Legacy,
}

#[derive(Default)]
struct Fragment {
    choice: u64,
    id: Vec<u8>,
    name: Vec<u8>,
    arguments: Vec<u8>,
    /// Any text, where it is a custom tool's.
    input: Option<Vec<u8>>,
}

/// Emits the calls of the stream `text`, each with a note `streamed_call`, in the order in which
/// they began. A call of a choice that never finished is not replayable: `arguments_truncated`.
pub(super) fn read(text: &[u8], date: Option<Timestamp>, sink: &mut Sink<'_>) {
    let mut fragments = Fragments::default();
    let end = event_stream::read(text, |chunk, _| fragments.add_chunk(chunk));
    if end == End::Unreadable {
        sink.note("stream_unreadable");
    }
    let time = fragments.time.or(date);
    for call in &fragments.calls {
        let is_whole = end == End::Done || fragments.finished.contains(&call.choice);
        sink.call(|request| {
            members::set_time(time, request);
            request.request_id = members::name(non_empty(&call.id), request);
            members::set_tool(non_empty(&call.name), request)?;
            match &call.input {
                _ if !is_whole => Err("arguments_truncated"),
                Some(input) => {
                    arguments::take_text("input", input, request);
                    Ok(())
                }
                None => arguments::read_text(&call.arguments, request),
            }
        });
        sink.note("streamed_call");
    }
}

fn non_empty(text: &[u8]) -> Option<&[u8]> {
    (!text.is_empty()).then_some(text)
}

impl Fragments {
    fn add_chunk(&mut self, chunk: Item<'_>) {
        self.time = self.time.or_else(|| created(chunk));
        let choices = chunk.get("choices");
        for choice in choices.into_iter().flat_map(Item::elements) {
            let number = index(choice).unwrap_or(0);
            if let Some(delta) = choice.get("delta") {
                self.add_delta(number, delta);
            }
            if members::text(choice, "finish_reason").is_some() {
                self.finished.insert(number);
            }
        }
    }

    fn add_delta(&mut self, choice: u64, delta: Item<'_>) {
        let calls = delta.get("tool_calls");
        for (position, call) in (0..).zip(calls.into_iter().flat_map(Item::elements)) {
            let slot = Slot::Tool(index(call).unwrap_or(position));
            let id = members::text(call, "id").unwrap_or_default();
            let call_so_far = self.call(choice, slot, id);
            if let Some(function) = super::function(call) {
                call_so_far.add(function);
            }
        }
        if let Some(function) = delta.get("function_call")
            && (members::text(function, "name").is_some()
                || self.places.contains_key(&(choice, Slot::Legacy)))
        {
            self.call(choice, Slot::Legacy, &[]).add(function);
        }
    }

    /// The call that a fragment continues or begins. Some servers give every call the index 0:
    /// another id begins another call.
    fn call(&mut self, choice: u64, slot: Slot, id: &[u8]) -> &mut Fragment {
        let known = self.places.get(&(choice, slot)).copied();
        let place = known
            .filter(|place| {
                self.calls
                    .get(*place)
                    .is_some_and(|call| id.is_empty() || call.id.is_empty() || call.id == id)
            })
            .unwrap_or(self.calls.len());
        self.places.insert((choice, slot), place);
        if place == self.calls.len() {
            self.calls.push(Fragment {
                choice,
                ..Fragment::default()
            });
        }
        #[expect(
            clippy::indexing_slicing,
            reason = "`place` was found or made just above"
        )]
        let call = &mut self.calls[place];
        if call.id.is_empty() {
            call.id.extend_from_slice(id);
        }
        call
    }
}

impl Fragment {
    fn add(&mut self, function: Item<'_>) {
        if self.name.is_empty() {
            self.name
                .extend_from_slice(members::text(function, "name").unwrap_or_default());
        }
        if let Some(fragment) = function.get("arguments").and_then(Item::string) {
            self.arguments.extend_from_slice(fragment);
        }
        if let Some(fragment) = function.get("input").and_then(Item::string) {
            self.input
                .get_or_insert_default()
                .extend_from_slice(fragment);
        }
    }
}

/// The member `index`, if it is a number that counts.
fn index(item: Item<'_>) -> Option<u64> {
    std::str::from_utf8(item.get("index")?.number()?)
        .ok()?
        .parse()
        .ok()
}
