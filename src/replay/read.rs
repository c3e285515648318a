//! Lines of a log become events, on all cores. Owns recovery from damage: every line is accounted
//! for, as an event or as trouble. Sees one chunk at a time and nothing before it.

mod check;
mod form;
mod forms;
mod line;
mod member;
mod nested;
mod screen;
mod vocabulary;

use std::borrow::Cow;
use std::ops::Range;

use self::forms::{Forms, Split};
pub use self::vocabulary::Leak;
use self::vocabulary::Vocabulary;
use super::event::{Chain, Event, Role};
use super::finding::FindingKind;
use super::pack::Print;
use crate::classify::Classifier;
use crate::model::event::EventOutcome;
use crate::source::stream::Chunk;
use crate::time::Timestamp;

/// What was read from one chunk. Kept from chunk to chunk, it stops allocating.
#[derive(Debug, Default)]
pub struct Lines {
    /// The chunk as text; bytes that are not UTF-8 are replaced.
    text: String,
    /// Strings that are written with escapes, decoded.
    decoded: String,
    records: Vec<Record>,
    reasons: Vec<[Part; 2]>,
    /// The links of those records that are chained.
    links: Vec<Link>,
    /// What is wrong, in the order of lines.
    pub troubles: Vec<Trouble>,
    /// What is sensitive, in the order of lines.
    pub leaks: Vec<Leak>,
    /// Which worker has read it.
    worker: usize,
    /// The names that this worker had not seen before.
    fresh: Vec<Box<str>>,
}

/// What a worker keeps from chunk to chunk.
pub struct Reader<'c> {
    forms: Forms,
    split: Split,
    vocabulary: Vocabulary<'c>,
    /// Tells lines from each other. Nobody who writes a log knows its seed, so that two lines with
    /// one hash cannot be made; it is in no output.
    hasher: foldhash::quality::RandomState,
}

impl<'c> Reader<'c> {
    /// The reader of a worker, from 0.
    pub fn new(classifier: &'c Classifier, worker: usize, hasher: &LineHasher) -> Self {
        Self {
            forms: Forms::default(),
            split: Split::default(),
            vocabulary: Vocabulary::new(classifier, worker),
            hasher: hasher.0.clone(),
        }
    }
}

/// What the readers of one run have in common.
#[derive(Clone, Debug, Default)]
pub struct LineHasher(foldhash::quality::RandomState);

/// The numbers of the names of a record, as the worker knows them that read it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Names {
    pub(super) agent: u32,
    pub(super) tool: u32,
    pub(super) environment: u32,
    pub(super) code: u32,
    pub(super) plugin: Option<u32>,
}

/// Something wrong on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The line, from 1.
    pub line: u64,
    /// What it is.
    pub kind: FindingKind,
    /// More about it; may be empty.
    pub detail: Cow<'static, str>,
}

/// One record of a chunk.
#[derive(Clone, Debug, Default)]
struct Record {
    line: u64,
    text: Part,
    event_id: Part,
    request_id: Part,
    agent_id: Part,
    tool_name: Part,
    environment: Part,
    timestamp: Part,
    time: Option<Timestamp>,
    recorded: Option<EventOutcome>,
    effective: Option<EventOutcome>,
    settles: bool,
    plugin: Option<Part>,
    /// Where its reasons begin among those of all records, and how many there are.
    reasons: (u32, u32),
    /// Which of the links is its own.
    link: Option<u32>,
    digest: u64,
    event_print: Print,
    request_print: Print,
    names: Names,
    has_unknown_members: bool,
}

/// What a record says of its place, and its own hash.
#[derive(Clone, Debug)]
struct Link {
    uid: Part,
    seq: u64,
    previous: Option<[u8; 32]>,
    hash: Option<[u8; 32]>,
    leaf: Option<[u8; 32]>,
}

/// A piece of [`Lines::text`], or of [`Lines::decoded`]. Both are far shorter than 2 GiB.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    start: u32,
    /// With [`Part::DECODED`] if it is a piece of the latter.
    end: u32,
}

impl Part {
    const DECODED: u32 = 1 << 31;

    fn new(start: usize, length: usize) -> Self {
        let offset = |at| u32::try_from(at).map_or(0, |at| at & !Self::DECODED);
        Self {
            start: offset(start),
            end: offset(start + length),
        }
    }

    const fn is_decoded(self) -> bool {
        self.end & Self::DECODED != 0
    }

    const fn range(self) -> Range<usize> {
        self.start as usize..(self.end & !Self::DECODED) as usize
    }
}

/// How an input is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Each line holds one event.
    Lines,
    /// The whole input is an array of events, and one chunk.
    Array,
}

/// Whether the hashes of records as leaves of a Merkle tree are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// There are checkpoints to compare with.
    Hashed,
    /// There are none.
    Skipped,
}

/// A record as [`Lines::visit`] shows it.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Its line, from 1.
    pub line: u64,
    /// What it says of its place in a chain, whether or not it is a whole event.
    pub chain: Option<Chain<'a>>,
    /// Its hash as a leaf, if those are wanted and it is chained.
    pub leaf: Option<[u8; 32]>,
    /// The event; none if its outcome cannot be told.
    pub event: Option<Event<'a>>,
    /// Whether it has members that events do not have.
    pub has_unknown_members: bool,
}

impl Lines {
    /// Reads a chunk, whose buffer is taken over and given back by the next call.
    pub fn read(
        &mut self,
        reader: &mut Reader<'_>,
        chunk: &mut Chunk,
        reading: Reading,
        leaves: Leaves,
    ) {
        self.records.clear();
        self.leaks.clear();
        self.reasons.clear();
        self.links.clear();
        self.troubles.clear();
        self.decoded.clear();
        for line in chunk.left_out.drain(..) {
            self.trouble(line, FindingKind::LineTooLong, "");
        }
        if let Some(broken_off) = chunk.broken_off.take() {
            let kind = FindingKind::DamagedCompression;
            self.trouble(broken_off.line, kind, broken_off.reason);
        }
        let bytes = std::mem::take(&mut chunk.text);
        let spent = match String::from_utf8(bytes) {
            Ok(text) => std::mem::replace(&mut self.text, text).into_bytes(),
            Err(error) => {
                self.replace_invalid(error.as_bytes(), chunk.first_line);
                error.into_bytes()
            }
        };
        chunk.text = spent;
        let text = std::mem::take(&mut self.text);
        match reading {
            Reading::Array => line::read_array(reader, self, &text, leaves),
            Reading::Lines => {
                let mut start = 0;
                let ends = memchr::memchr_iter(b'\n', text.as_bytes()).chain([text.len()]);
                for (number, end) in (chunk.first_line..).zip(ends) {
                    line::read(reader, self, &text, start..end, number, leaves);
                    start = end + 1;
                }
            }
        }
        self.text = text;
        self.worker = reader.vocabulary.worker();
        self.fresh = reader.vocabulary.take_fresh();
    }

    /// The names that their worker had not seen before, in the order of their numbers, and which
    /// worker that is.
    pub(super) fn fresh(&self) -> (usize, &[Box<str>]) {
        (self.worker, &self.fresh)
    }

    /// Calls `see` for each record, in the order of lines.
    ///
    /// # Errors
    /// The first of `see`.
    pub fn visit<E>(
        &self,
        input: usize,
        mut see: impl FnMut(Seen<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut reasons: Vec<[&str; 2]> = Vec::new();
        for record in &self.records {
            let parts = self.reasons_of(record);
            reasons.clear();
            reasons.extend(parts.iter().map(|parts| parts.map(|part| self.part(part))));
            see(self.seen(record, input, &reasons))?;
        }
        Ok(())
    }

    fn seen<'a>(&'a self, record: &Record, input: usize, reasons: &'a [[&'a str; 2]]) -> Seen<'a> {
        let link = record.link;
        let link = link.and_then(|link| self.links.get(link as usize));
        let chain = link.map(|link| Chain {
            uid: self.part(link.uid),
            seq: link.seq,
            previous: link.previous,
            hash: link.hash,
        });
        let event = match (record.recorded, record.effective) {
            (Some(recorded), Some(effective)) => Some(Event {
                input,
                line: record.line,
                text: self.part(record.text),
                event_id: self.part(record.event_id),
                request_id: self.part(record.request_id),
                agent_id: self.part(record.agent_id),
                tool_name: self.part(record.tool_name),
                environment: self.part(record.environment),
                timestamp: self.part(record.timestamp),
                time: record.time,
                recorded,
                effective,
                role: if record.settles {
                    Role::Settlement
                } else {
                    Role::Decision
                },
                plugin: record.plugin.map(|plugin| self.part(plugin)),
                chain,
                digest: record.digest,
                event_print: record.event_print,
                request_print: record.request_print,
                names: record.names,
                reasons,
            }),
            _ => None,
        };
        Seen {
            line: record.line,
            chain,
            leaf: link.and_then(|link| link.leaf),
            event,
            has_unknown_members: record.has_unknown_members,
        }
    }

    fn reasons_of(&self, record: &Record) -> &[[Part; 2]] {
        let (first, count) = record.reasons;
        let range = first as usize..(first + count) as usize;
        self.reasons.get(range).unwrap_or_default()
    }

    fn part(&self, part: Part) -> &str {
        let text = if part.is_decoded() {
            &self.decoded
        } else {
            &self.text
        };
        text.get(part.range()).unwrap_or_default()
    }

    fn trouble(&mut self, line: u64, kind: FindingKind, detail: impl Into<Cow<'static, str>>) {
        let detail = detail.into();
        self.troubles.push(Trouble { line, kind, detail });
    }

    /// Takes over bytes some of which are not UTF-8: those are replaced, their lines noted.
    fn replace_invalid(&mut self, bytes: &[u8], first_line: u64) {
        self.text.clear();
        for (number, line) in (first_line..).zip(bytes.split_inclusive(|&byte| byte == b'\n')) {
            if let Err(error) = std::str::from_utf8(line) {
                let at = format!("at byte {}", error.valid_up_to());
                self.trouble(number, FindingKind::InvalidUtf8, at);
            }
            self.text.push_str(&String::from_utf8_lossy(line));
        }
    }
}

#[cfg(test)]
mod tests;
