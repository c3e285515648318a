//! The calls of recordings, decided by the whole pipeline, and joined with the log by request.
//! Owns the join, in bounded memory; how a call is decided, and how that is logged, is the
//! business of `simulate`, whose log is read as any other.

use std::collections::VecDeque;
use std::io::{self, Write};

use super::possible::{Possible, Verdict};
use super::texts::{At, Texts};
use super::{CallCounts, DivergenceKind, Facts, Ledger, Said, enter};
use crate::audit::Log;
use crate::classify::Classifier;
use crate::model::event::EventOutcome;
use crate::replay::event::{Event, Role};
use crate::replay::finding::Place;
use crate::replay::names::Names;
use crate::replay::pack::{Packer, Unpacker};
use crate::replay::read::{Leaves, LineHasher, Lines, Reader, Reading};
use crate::replay::scatter::Scatter;
use crate::simulate::{self, Outputs, SimulateError};
use crate::source::stream::{Chunk, Input};

/// See [`Entry::pack`].
const BYTES: usize = 16 + 1 + 8 + 3 + 5 * 4 + 8 + 8 + 4;

/// How many bytes of the log that `simulate` writes are read at a time.
const CHUNK_BYTES: usize = 256 * 1024;

/// Most decisions of one request that are compared; a request has one, unless ids repeat.
const MOST_DECISIONS: usize = 1024;

/// The code of a settlement whose answer the recording does not hold.
const UNANSWERED: &str = "APPROVAL_UNANSWERED";

/// The events of the calls, and those of the log.
pub(super) struct Calls {
    entries: Scatter<BYTES>,
    names: Names,
    requests: Texts,
}

/// Whose event it is. What was decided about a request comes before what was logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Decided,
    Logged,
}

/// What of an event is compared, names by number.
#[derive(Clone, Copy, Debug)]
struct Entry {
    request: [u8; 16],
    side: Side,
    place: Place,
    role: Role,
    recorded: EventOutcome,
    effective: EventOutcome,
    agent: u32,
    tool: u32,
    environment: u32,
    code: u32,
    /// None has the number of the empty name.
    plugin: u32,
    digest: u64,
    request_id: At,
}

impl Calls {
    /// Decides the calls of recordings.
    pub(super) fn decide(
        inputs: &[Input],
        options: &simulate::Options<'_>,
        classifier: &Classifier,
    ) -> Result<Self, SimulateError> {
        let mut calls = Self {
            entries: Scatter::default(),
            names: Names::default(),
            requests: Texts::default(),
        };
        calls.names.number("");
        let mut reader = LogReader {
            reader: Reader::new(classifier, 0, &LineHasher::default()),
            calls: &mut calls,
            chunk: Chunk::default(),
            lines: Lines::default(),
            read: 0,
        };
        let outputs = Outputs {
            audit: Some(Log::new(options.seed, &mut reader)),
            ..Outputs::default()
        };
        simulate::run(inputs, options, outputs, &mut |_| ())?;
        reader.read_chunk().map_err(SimulateError::AuditLog)?;
        Ok(calls)
    }

    /// Takes an event of the log.
    pub(super) fn see(&mut self, event: &Event<'_>, place: Place) -> io::Result<()> {
        let at = self.requests.keep(event.request_id)?;
        self.add(Side::Logged, event, place, at)
    }

    fn add(
        &mut self,
        side: Side,
        event: &Event<'_>,
        place: Place,
        request_id: At,
    ) -> io::Result<()> {
        let facts = Facts::of(event);
        let names = &mut self.names;
        let entry = Entry {
            request: event.request_print.number,
            side,
            place,
            role: facts.role,
            recorded: facts.recorded,
            effective: facts.effective,
            agent: names.number(facts.agent),
            tool: names.number(facts.tool),
            environment: names.number(facts.environment),
            code: names.number(facts.code),
            plugin: names.number(facts.plugin.unwrap_or_default()),
            digest: event.digest,
            request_id,
        };
        self.entries
            .push(&entry.request, |record| entry.pack(record))
    }

    /// Compares them.
    pub(super) fn finish(
        self,
        possible: &mut Possible<'_>,
        ledger: &mut Ledger,
    ) -> io::Result<CallCounts> {
        let Self {
            entries,
            names,
            requests,
        } = self;
        let mut join = Join {
            names,
            requests,
            possible,
            ledger,
            request: None,
            decided: VecDeque::new(),
            current: None,
            last: None,
            counts: CallCounts::default(),
        };
        entries.drain(|record| join.see(&Entry::unpack(record)))?;
        join.end_request();
        Ok(join.counts)
    }
}

/// What one request was decided to be, and the log's events about it in their order.
struct Join<'j, 'a> {
    names: Names,
    requests: Texts,
    possible: &'j mut Possible<'a>,
    ledger: &'j mut Ledger,
    request: Option<[u8; 16]>,
    /// The decisions that no event of the log was compared with, each with its settlement.
    decided: VecDeque<(Entry, Option<Entry>)>,
    /// The decision that the last of the log was compared with.
    current: Option<(Entry, Option<Entry>)>,
    /// The last event of the log.
    last: Option<u64>,
    counts: CallCounts,
}

impl Join<'_, '_> {
    fn see(&mut self, entry: &Entry) -> io::Result<()> {
        if self.request != Some(entry.request) {
            self.end_request();
            self.request = Some(entry.request);
        }
        match (entry.side, entry.role) {
            (Side::Decided, Role::Decision) => {
                self.counts.decided += 1;
                if self.decided.len() < MOST_DECISIONS {
                    self.decided.push_back((*entry, None));
                }
                Ok(())
            }
            (Side::Decided, Role::Settlement) => {
                if let Some((_, settlement)) = self.decided.back_mut() {
                    settlement.get_or_insert(*entry);
                }
                Ok(())
            }
            // An event that was delivered twice is one event.
            (Side::Logged, _) if self.last == Some(entry.digest) => Ok(()),
            (Side::Logged, _) => {
                self.last = Some(entry.digest);
                self.compare(entry)
            }
        }
    }

    fn end_request(&mut self) {
        self.counts.not_logged += self.decided.len() as u64;
        self.decided.clear();
        self.current = None;
        self.last = None;
    }

    fn compare(&mut self, logged: &Entry) -> io::Result<()> {
        let verdict = match logged.role {
            Role::Decision => {
                self.current = self.decided.pop_front();
                self.current
                    .map(|(decided, _)| self.differs(logged, &decided))
            }
            Role::Settlement => self.current.map(|(_, settlement)| match settlement {
                Some(settled) if self.names.name(settled.code) != UNANSWERED => {
                    self.differs(logged, &settled)
                }
                _ => Verdict::Unknown("answer_to_an_approval"),
            }),
        };
        let Self {
            names,
            requests,
            possible,
            ledger,
            ..
        } = self;
        let facts = logged.facts(names);
        // The recordings do not hold it, but the event says something by itself.
        let verdict = verdict.unwrap_or_else(|| possible.judge(&facts));
        let request_id = || requests.get(logged.request_id);
        enter(ledger, logged.place, &facts, verdict, request_id)
    }

    fn differs(&self, logged: &Entry, decided: &Entry) -> Verdict {
        let kind = if logged.subject() != decided.subject() {
            DivergenceKind::Subject
        } else if logged.effective != decided.effective {
            DivergenceKind::Outcome
        } else if logged.code != decided.code {
            DivergenceKind::Reason
        } else {
            return Verdict::Same;
        };
        let said = Said {
            outcome: decided.effective,
            code: self.names.name(decided.code).to_owned(),
        };
        Verdict::Differs(kind, vec![said])
    }
}

impl Entry {
    const fn subject(&self) -> (u32, u32, u32) {
        (self.agent, self.tool, self.environment)
    }

    fn facts<'n>(&self, names: &'n Names) -> Facts<'n> {
        let plugin = names.name(self.plugin);
        Facts {
            agent: names.name(self.agent),
            tool: names.name(self.tool),
            environment: names.name(self.environment),
            role: self.role,
            recorded: self.recorded,
            effective: self.effective,
            code: names.name(self.code),
            plugin: (!plugin.is_empty()).then_some(plugin),
        }
    }

    /// Writes what follows the request's id.
    fn pack(&self, record: &mut Packer<'_>) {
        record
            .u8(u8::from(self.side == Side::Logged))
            .place(self.place)
            .u8(u8::from(self.role == Role::Settlement))
            .u8(self.recorded as u8)
            .u8(self.effective as u8)
            .u32(self.agent)
            .u32(self.tool)
            .u32(self.environment)
            .u32(self.code)
            .u32(self.plugin)
            .u64(self.digest)
            .u64(self.request_id.start)
            .u32(self.request_id.length);
    }

    fn unpack(record: &[u8; BYTES]) -> Self {
        let mut record = Unpacker(record);
        let outcome = |number: u8| {
            let outcome = EventOutcome::ALL.get(usize::from(number)).copied();
            outcome.unwrap_or(EventOutcome::Deny)
        };
        let request = record.bytes();
        let side = match record.u8() {
            0 => Side::Decided,
            _ => Side::Logged,
        };
        let place = record.place();
        let role = match record.u8() {
            0 => Role::Decision,
            _ => Role::Settlement,
        };
        let (recorded, effective) = (outcome(record.u8()), outcome(record.u8()));
        Self {
            request,
            side,
            place,
            role,
            recorded,
            effective,
            agent: record.u32(),
            tool: record.u32(),
            environment: record.u32(),
            code: record.u32(),
            plugin: record.u32(),
            digest: record.u64(),
            request_id: At {
                start: record.u64(),
                length: record.u32(),
            },
        }
    }
}

/// Reads the log that `simulate` writes while it is being written.
struct LogReader<'c> {
    reader: Reader<'c>,
    calls: &'c mut Calls,
    chunk: Chunk,
    lines: Lines,
    /// Lines that were read.
    read: u64,
}

impl LogReader<'_> {
    fn read_chunk(&mut self) -> io::Result<()> {
        self.chunk.first_line = self.read + 1;
        self.read += memchr::memchr_iter(b'\n', &self.chunk.text).count() as u64;
        self.lines.read(
            &mut self.reader,
            &mut self.chunk,
            Reading::Lines,
            Leaves::Skipped,
        );
        self.chunk.text.clear();
        let calls = &mut *self.calls;
        self.lines.visit(0, |seen| {
            let Some(event) = &seen.event else {
                return Ok(());
            };
            let place = Place {
                input: 0,
                line: seen.line,
            };
            let nowhere = At {
                start: 0,
                length: 0,
            };
            calls.add(Side::Decided, event, place, nowhere)
        })
    }
}

impl Write for LogReader<'_> {
    /// Takes whole lines, as logs are written.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.chunk.text.extend_from_slice(bytes);
        if self.chunk.text.len() >= CHUNK_BYTES && self.chunk.text.ends_with(b"\n") {
            self.read_chunk()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
