//! Inputs one after another, cut into what one thread reads at a time. Owns which shape an input
//! is read as and how much of it is put together; reads no record itself.

use std::sync::Arc;

use super::worker::Reading;
use super::{InputSummary, MAX_DOCUMENT_BYTES, SimulateError, detect};
use crate::import::assembly::MAX_TEXT;
use crate::import::{Extent, Shape, yaml};
use crate::source::stream::{Chunk, Chunks, Digesting, Input};

use detect::FirstLines;

/// Longest line that is repeated before a later piece because it says what holds there too.
const MAX_REPEATED_LINE: usize = 1024 * 1024;

/// U+FEFF in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Part of an input.
#[derive(Default)]
pub(super) struct Part {
    /// Which input it is of.
    pub(super) input: usize,
    pub(super) reading: Reading,
    pub(super) chunk: Chunk,
    /// Whether a byte-order mark stood before it, which says nothing and is left out.
    pub(super) had_byte_order_mark: bool,
    /// Earlier lines that say what holds in this part too.
    pub(super) before: Option<Arc<[u8]>>,
}

/// The inputs, as parts.
pub(super) struct Reader<'a> {
    inputs: &'a [Input],
    shape: Option<&'static dyn Shape>,
    digesting: Digesting,
    next: usize,
    current: Option<Current>,
    summaries: Vec<InputSummary>,
}

/// The input that is being read.
struct Current {
    chunks: Chunks,
    reading: Reading,
    /// The last line with each of the shape's marks, in the order of the marks.
    marked: Vec<Vec<u8>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        inputs: &'a [Input],
        shape: Option<&'static dyn Shape>,
        digesting: Digesting,
    ) -> Self {
        Self {
            inputs,
            shape,
            digesting,
            next: 0,
            current: None,
            summaries: Vec::new(),
        }
    }

    /// Replaces `part` by the next one; false when all inputs are read.
    ///
    /// # Errors
    /// If an input cannot be opened or read to its end.
    pub(super) fn next(&mut self, part: &mut Part) -> Result<bool, SimulateError> {
        loop {
            let found = match &mut self.current {
                Some(current) => current.next(part)?,
                None => {
                    let Some(input) = self.inputs.get(self.next) else {
                        return Ok(false);
                    };
                    self.next += 1;
                    let chunks = Chunks::open(input, self.digesting)?;
                    let current = self.current.insert(Current {
                        chunks,
                        reading: Reading::Unknown,
                        marked: Vec::new(),
                    });
                    current.begin(input, self.shape, part)?
                }
            };
            if found {
                part.input = self.next - 1;
                return Ok(true);
            }
            self.end();
        }
    }

    /// What was read, without the numbers of calls.
    pub(super) fn finish(self) -> Vec<InputSummary> {
        self.summaries
    }

    /// Closes the input that is being read.
    fn end(&mut self) {
        if let Some(current) = self.current.take()
            && let Some(input) = self.inputs.get(self.next - 1)
        {
            self.summaries.push(InputSummary {
                name: input.name(),
                sha256: current.chunks.sha256(),
                shape: current.reading.shape_name(),
                lines: current.chunks.lines(),
                calls: 0,
            });
        }
    }
}

impl Current {
    /// Finds out how the input is to be read and makes its first part, which is all of it if it
    /// is one document; false if it is empty.
    fn begin(
        &mut self,
        input: &Input,
        shape: Option<&'static dyn Shape>,
        part: &mut Part,
    ) -> Result<bool, SimulateError> {
        let chunk = &mut part.chunk;
        let too_long = || SimulateError::DocumentTooLong { name: input.name() };
        self.chunks.next(chunk)?;
        part.had_byte_order_mark = chunk.text.starts_with(BYTE_ORDER_MARK);
        if part.had_byte_order_mark {
            chunk.text.drain(..BYTE_ORDER_MARK.len());
        }
        if input.is_yaml() {
            if !self.chunks.append_rest(chunk, MAX_DOCUMENT_BYTES)? {
                return Err(too_long());
            }
            chunk.text = yaml::to_json_lines(&chunk.text, &input.name())?;
        }
        self.reading = match detect::first_lines(&chunk.text, shape) {
            FirstLines::Records(shape) => Reading::Lines(shape),
            FirstLines::Unknown => Reading::Unknown,
            FirstLines::Document => {
                if !self.chunks.append_rest(chunk, MAX_DOCUMENT_BYTES)? {
                    return Err(too_long());
                }
                match shape.or_else(|| detect::document(&chunk.text)) {
                    Some(shape) => Reading::Document(shape),
                    None => Reading::Unknown,
                }
            }
        };
        self.complete(part)?;
        Ok(!part.chunk.is_empty())
    }

    fn next(&mut self, part: &mut Part) -> Result<bool, SimulateError> {
        part.had_byte_order_mark = false;
        let more = self.chunks.next(&mut part.chunk)?;
        self.complete(part)?;
        Ok(more)
    }

    /// Makes a part of the chunk that was read.
    fn complete(&mut self, part: &mut Part) -> Result<(), SimulateError> {
        part.reading = self.reading;
        part.before = None;
        if let Reading::Lines(shape) = self.reading
            && shape.extent() == Extent::Recording
        {
            self.chunks.lengthen(&mut part.chunk, MAX_TEXT)?;
            if !self.marked.is_empty() {
                part.before = Some(self.marked.concat().into());
            }
            self.remember(shape, &part.chunk.text);
        }
        Ok(())
    }

    /// Remembers the lines of a piece that say what holds in later ones.
    fn remember(&mut self, shape: &dyn Shape, text: &[u8]) {
        let marks = shape.marks();
        self.marked.resize(marks.len(), Vec::new());
        for (mark, line) in marks.iter().zip(&mut self.marked) {
            let Some(at) = memchr::memmem::rfind(text, mark.as_bytes()) else {
                continue;
            };
            let (before, after) = text.split_at_checked(at).unwrap_or((text, &[]));
            let start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
            let end = memchr::memchr(b'\n', after).map_or(text.len(), |newline| at + newline);
            line.clear();
            if end - start <= MAX_REPEATED_LINE {
                line.extend_from_slice(text.get(start..end).unwrap_or_default());
                line.push(b'\n');
            }
        }
    }
}
