//! Streamed responses: each item as its last event writes it.

use std::collections::BTreeMap;

use super::super::event_stream::{self, End};
use super::super::{Sink, members};
use super::{Setting, called_tool, fill, read_item};
use crate::json::{Item, Scanner, Tape};
use crate::time::Timestamp;

/// An item as far as its events have come.
struct Streamed {
    written: Vec<u8>,
    is_whole: bool,
}

/// Emits the calls of the stream `text`, each with a note `streamed_call`, in the order in which
/// they began. A call whose item was never done is not replayable: `arguments_truncated`.
pub(super) fn read(text: &[u8], date: Option<Timestamp>, sink: &mut Sink<'_>) {
    let mut items: Vec<Streamed> = Vec::new();
    // Where in `items` the item of an output index is; indices are compared as they are written.
    let mut places: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    let mut session: Option<Vec<u8>> = None;
    let mut created = None;
    let end = event_stream::read(text, |event, written| {
        if let Some(response) = event.get("response") {
            created =
                created.or_else(|| response.get("created_at").and_then(members::unix_seconds));
            let conversation = response.get("conversation");
            let id = conversation.and_then(|conversation| members::text(conversation, "id"));
            session = session.take().or_else(|| id.map(<[u8]>::to_vec));
        }
        let is_whole = match event.get("type").and_then(Item::string) {
            Some(b"response.output_item.added") => false,
            Some(b"response.output_item.done") => true,
            _ => return,
        };
        let Some(item) = event.get("item") else {
            return;
        };
        let index = event.get("output_index").and_then(Item::number);
        let streamed = Streamed {
            written: written.get(item.written()).unwrap_or_default().to_vec(),
            is_whole,
        };
        let known = index.and_then(|index| places.get(index).copied());
        match known.and_then(|place| items.get_mut(place)) {
            Some(known) if is_whole => *known = streamed,
            _ => {
                if let Some(index) = index {
                    places.insert(index.to_vec(), items.len());
                }
                items.push(streamed);
            }
        }
    });
    if end == End::Unreadable {
        sink.note("stream_unreadable");
    }
    let setting = Setting {
        session: session.as_deref(),
        time: created.or(date),
        time_text: None,
    };
    let mut tape = Tape::default();
    for streamed in &items {
        let Ok(item) = tape.read(&mut Scanner::new(&streamed.written)) else {
            continue;
        };
        let tool = called_tool(item);
        match tool {
            Some(tool) if !streamed.is_whole => sink.call(|request| {
                fill(item, tool, &setting, request)?;
                Err("arguments_truncated")
            }),
            _ => read_item(item, &setting, &streamed.written, sink),
        }
        if tool.is_some() {
            sink.note("streamed_call");
        }
    }
}
