//! Recorded calls of every shape become requests. Owns what each shape holds and where, and how
//! one is told from another; decides nothing about a call.
//!
//! A shape is one file, one line in [`SHAPES`] and one fixture folder in `testdata/import`.

pub mod arguments;
pub mod native;

use crate::json::Item;
use crate::model::request::Request;

/// A shape in which people have recorded calls, one JSON value a record.
pub trait Shape: Sync {
    /// The name on the command line and in reports: `claude-code`.
    fn name(&self) -> &'static str;

    /// One line for `--help`.
    fn title(&self) -> &'static str;

    /// True if the record is surely of this shape.
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
    Call(&'a Request),
    /// A call that cannot be decided, and the stable name of the reason: `arguments_not_json`.
    NotReplayable(&'static str),
    /// Something else worth counting, by a stable name: `streamed_response`.
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

    /// Counts something that is not a call.
    pub fn note(&mut self, what: &'static str) {
        (self.receive)(Found::Note(what));
    }
}
