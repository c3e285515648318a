//! The stateless part of the run, done on all cores: lines become records, records calls, calls
//! are put together and decided. Owns recovery from damaged lines; sees one part of an input at a
//! time and nothing before it.

use std::cell::Cell;

use super::Options;
use super::decided::Decided;
use super::reader::Part;
use super::records::{Decisions, Matchers, Records};
use super::seen::Identities;
use crate::import::assembly::{Assembled, Assembly, Notable, Results};
use crate::import::{self, Context, Extent, Found, Shape, Sink, native, returned};
use crate::json::{Scanner, Tape};
use crate::model::request::Request;
use crate::model::returned::Returned;
use crate::source::stream::Chunk;

/// Noted where a recording is cut because it is too long to be put together whole: what is told of
/// one call on both sides stays apart, and each side is put in time order by itself.
const IN_PIECES: &str = "recording_in_pieces";

/// How an input is read.
#[derive(Clone, Copy, Default)]
pub(super) enum Reading {
    /// Each line holds one record of this shape, or an array of them.
    Lines(&'static dyn Shape),
    /// The whole input is one record of this shape, or an array of them.
    Document(&'static dyn Shape),
    /// Not at all: no shape recognises it, or it is empty.
    #[default]
    Unknown,
}

impl Reading {
    pub(super) fn shape_name(self) -> Option<&'static str> {
        match self {
            Self::Lines(shape) | Self::Document(shape) => Some(shape.name()),
            Self::Unknown => None,
        }
    }
}

/// One thread's buffers and what it decides by.
pub(super) struct Worker<'a> {
    records: Records<'a>,
    request: Request,
    tape: Tape,
    context: Context,
    assembly: Assembly,
    /// What the tool returned whose call is decided.
    returned: Box<Returned>,
}

impl<'a> Worker<'a> {
    pub(super) fn new(
        matchers: &'a Matchers,
        options: &'a Options<'_>,
        identities: &'a Identities,
        decisions: Decisions,
    ) -> Self {
        let mut request = Request::default();
        if options.pipeline.looks_at_results() {
            request.returned = Some(Box::default());
        }
        Self {
            records: Records::new(matchers, options, identities, decisions),
            request,
            tape: Tape::default(),
            context: Context::default(),
            assembly: Assembly::new(match options.pipeline.looks_at_results() {
                true => Results::Kept,
                false => Results::Ignored,
            }),
            returned: Box::default(),
        }
    }

    /// Decides all that `part`, of the input `source`, holds.
    pub(super) fn decide(&mut self, part: &Part, source: &str, out: &mut Decided) {
        out.clear();
        self.records.begin(source);
        self.context = Context::default();
        if let Some(before) = &part.before
            && let Reading::Lines(shape) = part.reading
        {
            self.learn(before, shape);
        }
        if let Reading::Lines(shape) = part.reading
            && shape.extent() == Extent::Recording
            && part.chunk.first_line > 1
        {
            out.notes.push(IN_PIECES);
        }
        self.read(&part.chunk, part.reading, out);
        self.finish_assembly(out);
        self.records.take_out_of_steps(out);
    }

    fn read(&mut self, chunk: &Chunk, reading: Reading, out: &mut Decided) {
        for line in &chunk.left_out {
            out.trouble(*line, b"", 0, "the line is too long".to_owned());
        }
        if let Some(broken_off) = &chunk.broken_off {
            let reason = &broken_off.reason;
            let message = format!("the compression is damaged, and what follows is lost: {reason}");
            out.trouble(broken_off.line, b"", 0, message);
        }
        let all_utf8 = simdutf8::basic::from_utf8(&chunk.text).is_ok();
        let shape = match reading {
            Reading::Unknown => return,
            Reading::Lines(shape) => shape,
            Reading::Document(shape) => {
                return self.line(&chunk.text, chunk.first_line, all_utf8, shape, out);
            }
        };
        let mut start = 0;
        let ends = memchr::memchr_iter(b'\n', &chunk.text).chain([chunk.text.len()]);
        for (number, end) in (chunk.first_line..).zip(ends) {
            let line = chunk.text.get(start..end).unwrap_or_default();
            start = end + 1;
            self.line(line, number, all_utf8, shape, out);
        }
    }

    /// Decides the calls that are put together.
    fn finish_assembly(&mut self, out: &mut Decided) {
        let (records, returned) = (&mut self.records, &mut self.returned);
        self.assembly.finish(|assembled| {
            let Assembled { request, line, .. } = assembled;
            match assembled.notable {
                Notable::Nothing => {}
                Notable::OutOfOrder => out.notes.push("out_of_time_order"),
                Notable::Repeated => return out.duplicates.push(line),
            }
            if let Some(reason) = assembled.undecidable {
                return out.not_replayable.push((reason, line));
            }
            if let Some(result) = assembled.result {
                // It was read as part of its record before, so that it is well-formed.
                let _ = returned::read(&mut Scanner::new(result), returned);
                request.returned = Some(std::mem::take(returned));
            }
            records.assembled_call(request, line, out);
            if let Some(used) = request.returned.take() {
                *returned = used;
            }
        });
    }

    /// Learns from lines that were read before what holds in what follows.
    fn learn(&mut self, lines: &[u8], shape: &dyn Shape) {
        for line in lines.split(|byte| *byte == b'\n') {
            let Ok(record) = self.tape.read(&mut Scanner::new(line)) else {
                continue;
            };
            let mut ignore = |_: Found<'_>| {};
            let mut sink = Sink::new(&mut self.request, &mut self.context, &mut ignore);
            for record in import::records(record) {
                shape.read(record, line, &mut sink);
            }
        }
    }

    fn line(
        &mut self,
        line: &[u8],
        number: u64,
        known_utf8: bool,
        shape: &dyn Shape,
        out: &mut Decided,
    ) {
        if !known_utf8 && let Err(error) = std::str::from_utf8(line) {
            let at = error.valid_up_to();
            return out.trouble(number, line, at, "invalid UTF-8".to_owned());
        }
        let mut at = 0;
        while let Some(rest) = line.get(at..)
            && !rest.trim_ascii_start().is_empty()
        {
            let one_pass =
                shape.name() == native::NAME && rest.trim_ascii_start().starts_with(b"{");
            let read = if one_pass {
                self.native(rest, number, out)
            } else {
                self.record(rest, number, shape, out)
            };
            match read {
                Ok(length) => at += length,
                Err((offset, message)) => {
                    let nuls = nuls_before_value(rest);
                    if nuls == 0 {
                        self.elements(rest, line_at(line, at, number), shape, out);
                        return out.trouble(number, line, at + offset, message);
                    }
                    out.trouble(number, line, at + offset, "NUL bytes".to_owned());
                    at += offset + nuls;
                    continue;
                }
            }
            if line
                .get(at..)
                .is_some_and(|rest| !rest.trim_ascii().is_empty())
            {
                out.notes.push("values_glued_on_one_line");
            }
        }
    }

    /// Reads the records of an array at the start of `text` that is damaged further on, up to the
    /// damage.
    fn elements(&mut self, text: &[u8], line: u64, shape: &dyn Shape, out: &mut Decided) {
        let Some(start) = text.iter().position(|byte| !byte.is_ascii_whitespace()) else {
            return;
        };
        let mut at = start;
        let mut before = b'[';
        while text.get(at) == Some(&before) {
            at += 1;
            before = b',';
            let rest = text.get(at..).unwrap_or_default();
            let Ok(length) = self.record(rest, line_at(text, at, line), shape, out) else {
                return;
            };
            let after = text.get(at + length..).unwrap_or_default();
            at += length + (after.len() - after.trim_ascii_start().len());
        }
    }

    /// Reads one native call at the start of `text` without a tree; returns its length.
    fn native(
        &mut self,
        text: &[u8],
        line: u64,
        out: &mut Decided,
    ) -> Result<usize, (usize, String)> {
        let mut scanner = Scanner::new(text);
        native::read(&mut scanner, &mut self.request)
            .map_err(|error| (error.at(), error.to_string()))?;
        let written = scanner.since(0).trim_ascii_start();
        self.records
            .written_call(&mut self.request, line, written, out);
        Ok(scanner.offset())
    }

    /// Reads one record of any shape, or an array of them, at the start of `text`; returns its
    /// length.
    fn record(
        &mut self,
        text: &[u8],
        line: u64,
        shape: &dyn Shape,
        out: &mut Decided,
    ) -> Result<usize, (usize, String)> {
        let mut scanner = Scanner::new(text);
        let root = self
            .tape
            .read(&mut scanner)
            .map_err(|error| (error.at, error.kind.to_string()))?;
        let (records, assembly) = (&mut self.records, &mut self.assembly);
        records.ids = shape.ids();
        let written = Cell::new(&b""[..]);
        let in_one_record = shape.extent() == Extent::Record;
        // Where the record begins that is being read.
        let begin = Cell::new((0, line));
        let mut receive = |found: Found<'_>| match found {
            Found::Call(call) if in_one_record => {
                records.written_call(call.request, begin.get().1, written.get(), out);
            }
            Found::Call(call) => assembly.take_call(call, begin.get().1),
            Found::Answer {
                conversation,
                answer,
            } => assembly.take_answer(conversation, answer),
            Found::Unreadable { at, message } => out.trouble(line, text, at, message),
            Found::Note(note) => out.notes.push(note),
        };
        let mut sink = Sink::new(&mut self.request, &mut self.context, &mut receive);
        for record in import::records(root) {
            written.set(text.get(record.written()).unwrap_or_default());
            let (at, line) = begin.get();
            let start = record.written().start;
            let between = text.get(at..start).unwrap_or_default();
            begin.set((start, line_at(between, between.len(), line)));
            shape.read(record, text, &mut sink);
        }
        if self.assembly.is_full() {
            out.notes.push(IN_PIECES);
            self.finish_assembly(out);
        }
        Ok(scanner.offset())
    }
}

/// The line on which the byte at `at` of `text` stands, which begins on `line`.
fn line_at(text: &[u8], at: usize, line: u64) -> u64 {
    let before = text.get(..at).unwrap_or(text);
    line + memchr::memchr_iter(b'\n', before).count() as u64
}

/// How many NUL bytes, such as a crash leaves, stand before anything else in `text`.
fn nuls_before_value(text: &[u8]) -> usize {
    let text = text.trim_ascii_start();
    text.iter().take_while(|byte| **byte == 0).count()
}
