//! Recorded calls of every shape become requests. Owns what each shape holds and where, and how
//! one is told from another; decides nothing about a call.
//!
//! A shape is one file, one line in [`SHAPES`] and one fixture folder in `testdata/import`.

pub mod anthropic_messages;
pub mod arguments;
pub mod claude_code;
mod event_stream;
mod exchange;
mod members;
pub mod native;
pub mod openai_chat;
pub mod yaml;

use crate::json::{Item, Kind};
use crate::model::request::Request;

/// Every shape that is read, in the order in which `--help` lists them.
pub const SHAPES: &[&dyn Shape] = &[
    &native::Native,
    &claude_code::ClaudeCode,
    &openai_chat::OpenAiChat,
    &anthropic_messages::AnthropicMessages,
];

/// The shape of that name.
pub fn named(name: &str) -> Option<&'static dyn Shape> {
    SHAPES.iter().copied().find(|shape| shape.name() == name)
}

/// The shape that `record` surely has; `None` if it could be of none or of several.
pub fn recognise(record: Item<'_>) -> Option<&'static dyn Shape> {
    let mut claims = SHAPES
        .iter()
        .copied()
        .filter(|shape| shape.recognises(record));
    match (claims.next(), claims.next()) {
        (Some(shape), None) => Some(shape),
        _ => None,
    }
}

/// The records that a value holds: the elements of an array, or the value itself.
pub fn records(value: Item<'_>) -> impl Iterator<Item = Item<'_>> {
    let itself = (value.kind() != Kind::Array).then_some(value);
    value.elements().chain(itself)
}

/// A shape in which people have recorded calls, one JSON object a record.
pub trait Shape: Sync {
    /// The name on the command line and in reports: `claude-code`.
    fn name(&self) -> &'static str;

    /// One line for `--help`.
    fn title(&self) -> &'static str;

    /// True if the record is surely of this shape. Records that several shapes may hold, a
    /// conversation without a call for one, are claimed by none and read by all of them.
    fn recognises(&self, record: Item<'_>) -> bool;

    /// Emits the calls of one record in the order in which it holds them. `written` is the text
    /// that [`Item::written`] points into.
    fn read(&self, record: Item<'_>, written: &[u8], sink: &mut Sink<'_>);
}

/// Where a shape puts what it finds.
pub struct Sink<'a> {
    request: &'a mut Request,
    receive: &'a mut dyn FnMut(Found<'_>),
}

/// What a record holds.
#[derive(Debug)]
pub enum Found<'a> {
    /// A call.
    Call(&'a mut Request),
    /// A call that cannot be decided, and the stable name of the reason:
    ///
    /// - `tool_name_missing`
    /// - `arguments_missing`: the record says nothing of them, not even that there are none
    /// - `arguments_not_json`, `arguments_not_object`
    /// - `arguments_ambiguous`: a key stands twice in an object
    /// - `arguments_truncated`: the recording ends before they do
    NotReplayable(&'static str),
    /// Something that is no call although it stands where one must.
    Unreadable {
        /// Where it is wrong, in bytes of the text that the record points into.
        at: usize,
        /// What is wrong there.
        message: String,
    },
    /// Something else worth counting, by a stable name:
    ///
    /// - `streamed_call`: the call just before came in fragments
    /// - `stream_unreadable`: a recorded stream was read up to an event that is not JSON
    Note(&'static str),
}

impl<'a> Sink<'a> {
    /// A sink that builds calls in `request` and hands all it is given to `receive`.
    pub fn new(request: &'a mut Request, receive: &'a mut dyn FnMut(Found<'_>)) -> Self {
        Self { request, receive }
    }

    /// Emits the call that `fill` describes; `fill` returns why it cannot be decided, if so.
    pub fn call(&mut self, fill: impl FnOnce(&mut Request) -> Result<(), &'static str>) {
        self.request.clear();
        match fill(self.request) {
            Ok(()) => (self.receive)(Found::Call(self.request)),
            Err(reason) => (self.receive)(Found::NotReplayable(reason)),
        }
    }

    /// Emits the call that `fill` describes; `fill` returns where and why it is none, if so.
    pub fn call_or_unreadable(
        &mut self,
        fill: impl FnOnce(&mut Request) -> Result<(), (usize, String)>,
    ) {
        self.request.clear();
        match fill(self.request) {
            Ok(()) => (self.receive)(Found::Call(self.request)),
            Err((at, message)) => (self.receive)(Found::Unreadable { at, message }),
        }
    }

    /// Counts something that is not a call.
    pub fn note(&mut self, what: &'static str) {
        (self.receive)(Found::Note(what));
    }
}
