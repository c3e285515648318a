//! Streamed messages: the fragments of each block's input, put together.

use std::collections::BTreeMap;

use super::super::event_stream::{self, End};
use super::super::{Sink, arguments, members};
use super::{is_call, read_header};
use crate::json::{Item, Scanner, Tape};
use crate::time::Timestamp;

/// A block that is a call, as far as its fragments have come.
struct Block {
    /// The block as its start writes it.
    start: Vec<u8>,
    input: Vec<u8>,
    is_whole: bool,
}

/// Emits the calls of the stream `text`, each with a note `streamed_call`, in the order in which
/// they began. A call whose block never stopped is not replayable: `arguments_truncated`.
pub(super) fn read(text: &[u8], date: Option<Timestamp>, sink: &mut Sink<'_>) {
    let mut blocks: Vec<Block> = Vec::new();
    // Where in `blocks` the open block of an index is; indices are compared as they are written.
    let mut open: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    let end = event_stream::read(text, |event, written| {
        let index = event
            .get("index")
            .and_then(Item::number)
            .unwrap_or_default();
        match event.get("type").and_then(Item::string) {
            Some(b"content_block_start") => {
                open.remove(index);
                if let Some(block) = event.get("content_block").filter(|block| is_call(*block)) {
                    open.insert(index.to_vec(), blocks.len());
                    blocks.push(Block {
                        start: written.get(block.written()).unwrap_or_default().to_vec(),
                        input: Vec::new(),
                        is_whole: false,
                    });
                }
            }
            Some(b"content_block_delta") => {
                if let Some(block) = open.get(index).and_then(|place| blocks.get_mut(*place))
                    && let Some(delta) = event.get("delta")
                    && let Some(fragment) = members::text(delta, "partial_json")
                {
                    block.input.extend_from_slice(fragment);
                }
            }
            Some(b"content_block_stop") => {
                if let Some(block) = open.remove(index).and_then(|place| blocks.get_mut(place)) {
                    block.is_whole = true;
                }
            }
            _ => {}
        }
    });
    if end == End::Unreadable {
        sink.note("stream_unreadable");
    }
    let mut tape = Tape::default();
    for block in &blocks {
        let Ok(start) = tape.read(&mut Scanner::new(&block.start)) else {
            continue;
        };
        sink.call(|request| {
            members::set_time(date, request);
            read_header(start, request)?;
            if !block.is_whole {
                Err("arguments_truncated")
            } else if block.input.is_empty() {
                arguments::read_item(start.get("input"), &block.start, request)
            } else {
                arguments::read_text(&block.input, request)
            }
        });
        sink.note("streamed_call");
    }
}
