//! `audit-replay`: what an audit log says happened, and whether it can be trusted. Owns the run
//! over the log; knows no output format.
//!
//! Lines are read and hashed on all cores and looked at in order. What must be compared across the
//! whole log (ids, requests) is sorted on the disk where it does not fit, so that memory does not
//! grow with the log but with the names in it.

mod chain;
mod checkpoints;
mod clock;
mod event;
mod filter;
mod finding;
mod ids;
mod names;
mod order;
mod pack;
pub mod read;
mod redaction;
mod redecide;
mod requests;
mod scatter;
mod sorter;
mod summary;
mod timeline;
mod watch;

use std::cell::Cell;
use std::io;
use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use thiserror::Error as ThisError;

pub use self::chain::{ChainSummary, Verdict};
pub use self::event::{Chain, Event, Reason, Role};
pub use self::filter::{Filter, Globs, Outcomes, Severities};
pub use self::finding::{Finding, FindingKind, Findings, Place};
pub use self::redaction::{Exposed, Redaction};
pub use self::redecide::{CallCounts, Deciding, Divergence, DivergenceKind, Redecided, Said};
pub use self::summary::{
    Approvals, Counts, DENIALS_LISTED, Denial, LATENCY_BOUNDS, OUTCOMES, Summary,
};
pub use self::timeline::Entry;
pub use self::watch::{EventPlace, Incidents};

use self::chain::Chains;
use self::checkpoints::Checkpoints;
use self::clock::Clock;
use self::filter::Matching;
use self::ids::Ids;
use self::names::LogNames;
use self::read::{Leaves, LineHasher, Lines, Reader, Reading, Seen};
use self::redecide::Redecision;
use self::requests::Requests;
use self::summary::Totals;
use self::timeline::Timeline;
use self::watch::Watch;
use crate::audit::CHECKPOINT_SUFFIX;
use crate::classify::Classifier;
use crate::model::pipeline::guardian::GuardianOptions;
use crate::ordered;
use crate::signing::keys::KeySet;
use crate::simulate::SimulateError;
use crate::source::stream::{Chunk, Chunks, Digesting, Input, StreamError};
use crate::source::{OpenError, read_anywhere};
use crate::time::Timestamp;

/// The longest JSON document that is read whole, in bytes. Streams of lines may be of any length.
pub const MAX_DOCUMENT_BYTES: usize = 512 * 1024 * 1024;

/// The longest file of checkpoints, in bytes: those of some 300 million records.
pub const MAX_SIDECAR_BYTES: usize = 64 * 1024 * 1024;

/// What a run needs beside its inputs.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// Which events are asked for.
    pub filter: &'a Filter,
    /// Whose checkpoints count.
    pub keys: &'a KeySet,
    /// The guardian that looks at the whole log, if one does.
    pub guardian: Option<&'a GuardianOptions>,
    /// By what events are decided again, if they are.
    pub deciding: Option<Deciding<'a>>,
    /// Files of checkpoints; those beside the inputs if there are none.
    pub checkpoints: &'a [PathBuf],
    /// The present: what is later is of the future.
    pub now: Timestamp,
    /// A silence that is longer is reported.
    pub max_gap: Duration,
    /// How many events a log in memory keeps.
    pub max_events: u64,
    /// How many events the timeline shows.
    pub shown: usize,
    /// What an unreadable line does.
    pub unreadable: OnUnreadable,
    /// Threads that read; the result does not depend on it.
    pub threads: NonZeroUsize,
    /// Whether reports can name the SHA-256 of each input.
    pub digesting: Digesting,
}

/// What a line that cannot be read does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnUnreadable {
    /// It is counted and reported.
    Count,
    /// It ends the run.
    Stop,
}

/// Why a run ended without a result.
#[derive(Debug, ThisError)]
pub enum ReplayError {
    /// An input cannot be opened or read to its end.
    #[error(transparent)]
    Input(#[from] StreamError),
    /// A file of checkpoints cannot be read.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A line cannot be read, and [`OnUnreadable::Stop`] was asked for.
    #[error("{name}:{line}: {detail}")]
    Unreadable {
        /// The input.
        name: String,
        /// The line.
        line: u64,
        /// Why.
        detail: String,
    },
    /// A document is longer than [`MAX_DOCUMENT_BYTES`].
    #[error("`{name}` is one JSON document of more than {} MiB", MAX_DOCUMENT_BYTES >> 20)]
    DocumentTooLong {
        /// The input.
        name: String,
    },
    /// A recording of the calls cannot be decided.
    #[error(transparent)]
    Calls(#[from] SimulateError),
    /// What does not fit into memory cannot be kept on the disk, or events cannot be passed on.
    #[error("cannot write: {0}")]
    Write(#[from] io::Error),
}

/// What a log says, and whether it can be trusted.
#[derive(Clone, Debug)]
pub struct Replay {
    /// The inputs in the order in which they were read.
    pub inputs: Vec<InputSummary>,
    /// Lines that could not be read as events.
    pub lines_unreadable: u64,
    /// Whether the log can be trusted.
    pub verdict: Verdict,
    /// Its chains in the order in which they begin.
    pub chains: Vec<ChainSummary>,
    /// What is wrong with it.
    pub findings: Findings,
    /// What the events that are asked for say in numbers.
    pub summary: Summary,
    /// The first of them.
    pub timeline: Vec<Entry>,
    /// What is sensitive in the whole log.
    pub redaction: Redaction,
    /// What the policy makes of the events that are asked for, if one was given.
    pub redecided: Option<Redecided>,
    /// What the guardian found in the whole log, if one looked at it.
    pub incidents: Option<Incidents>,
}

/// One input of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputSummary {
    /// What it is called.
    pub name: String,
    /// SHA-256 of its bytes as they are stored, in lower-case hexadecimal, if asked for.
    pub sha256: Option<String>,
    /// Its lines.
    pub lines: u64,
    /// Its events.
    pub events: u64,
}

/// Takes the events that are asked for, in the order of their lines.
pub trait Receive {
    /// Takes the next event; `source` is what its input is called.
    ///
    /// # Errors
    /// If it cannot be taken, which ends the run.
    fn event(&mut self, event: &Event<'_>, source: &str) -> io::Result<()>;
}

/// Called now and then with the bytes of decompressed input that were read so far.
pub type Progress<'a> = &'a mut dyn FnMut(u64);

/// Reads a log, checks it and sums it up; gives the events that are asked for to `receiver`.
///
/// # Errors
/// If an input cannot be read to its end, a line is unreadable and the options say to stop, or
/// the disk or the receiver refuses.
pub fn run(
    inputs: &[Input],
    options: &Options<'_>,
    receiver: Option<&mut dyn Receive>,
    progress: Progress<'_>,
) -> Result<Replay, ReplayError> {
    let classifier = Classifier::default();
    let inputs = order::ordered(inputs, &classifier)?;
    let checkpoints = read_checkpoints(&inputs, options)?;
    let leaves = if checkpoints.is_empty() {
        Leaves::Skipped
    } else {
        Leaves::Hashed
    };
    let mut looking = Looking::new(options, checkpoints, &classifier, receiver)?;
    let hasher = LineHasher::default();
    let mut summaries = Vec::new();
    let bytes = Cell::new(0);
    for (number, input) in inputs.iter().enumerate() {
        let name = input.name();
        let mut chunks = Chunks::open(input, options.digesting)?;
        let (first, reading) = begin(&mut chunks, &name)?;
        let before = looking.events;
        looking.names.begin_input();
        let workers = AtomicUsize::new(0);
        let mut first = Some(first);
        ordered::run(
            options.threads,
            |job: &mut Job| -> Result<bool, ReplayError> {
                let more = match first.take() {
                    Some(chunk) => {
                        job.chunk = chunk;
                        !job.chunk.is_empty()
                    }
                    None => chunks.next(&mut job.chunk)?,
                };
                bytes.set(bytes.get() + job.chunk.text.len() as u64);
                Ok(more)
            },
            || {
                let worker = workers.fetch_add(1, Ordering::Relaxed);
                Reader::new(&classifier, worker, &hasher)
            },
            |reader, job| job.lines.read(reader, &mut job.chunk, reading, leaves),
            |job| {
                progress(bytes.get());
                looking.take(number, &name, &job.lines)
            },
        )?;
        summaries.push(InputSummary {
            sha256: chunks.sha256(),
            lines: chunks.lines(),
            events: looking.events - before,
            name,
        });
    }
    looking.finish(summaries)
}

/// The first chunk of an input, which is all of it if it is one array, and how to read it.
fn begin(chunks: &mut Chunks, name: &str) -> Result<(Chunk, Reading), ReplayError> {
    let mut first = Chunk::default();
    chunks.next(&mut first)?;
    let text = first.text.strip_prefix("\u{FEFF}".as_bytes());
    let text = text.unwrap_or(&first.text);
    if !text.trim_ascii_start().starts_with(b"[") {
        return Ok((first, Reading::Lines));
    }
    if chunks.append_rest(&mut first, MAX_DOCUMENT_BYTES)? {
        return Ok((first, Reading::Array));
    }
    let name = name.to_owned();
    Err(ReplayError::DocumentTooLong { name })
}

/// The checkpoints that were given, or those beside the inputs.
fn read_checkpoints(inputs: &[Input], options: &Options<'_>) -> Result<Checkpoints, ReplayError> {
    let mut checkpoints = Checkpoints::default();
    let mut read = |number: usize, path: &PathBuf| -> Result<(), OpenError> {
        let sidecar = read_anywhere(path, MAX_SIDECAR_BYTES)?;
        checkpoints.read(number, &sidecar, options.keys);
        Ok(())
    };
    for path in options.checkpoints {
        read(0, path)?;
    }
    if options.checkpoints.is_empty() {
        for (number, input) in inputs.iter().enumerate() {
            let Input::File(path) = input else { continue };
            let mut beside = path.as_os_str().to_owned();
            beside.push(CHECKPOINT_SUFFIX);
            match read(number, &beside.into()) {
                Ok(()) | Err(OpenError::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(checkpoints)
}

/// A chunk of lines and what was read from it.
#[derive(Default)]
struct Job {
    chunk: Chunk,
    lines: Lines,
}

/// Everything that looks at the log in order.
struct Looking<'a, 'r> {
    options: &'a Options<'a>,
    receiver: Option<&'r mut dyn Receive>,
    matching: Matching<'a>,
    findings: Findings,
    chains: Chains,
    ids: Ids,
    requests: Requests,
    clock: Clock,
    names: LogNames,
    totals: Totals,
    timeline: Timeline,
    watch: Option<Watch<'a>>,
    redecision: Option<Redecision<'a>>,
    redaction: Redaction,
    events: u64,
    lines_unreadable: u64,
    is_cut: bool,
}

impl<'a, 'r> Looking<'a, 'r> {
    fn new(
        options: &'a Options<'a>,
        checkpoints: Checkpoints,
        classifier: &Classifier,
        receiver: Option<&'r mut dyn Receive>,
    ) -> Result<Self, ReplayError> {
        let redecision = options.deciding.as_ref();
        let redecision = redecision.map(|deciding| Redecision::new(deciding, classifier));
        Ok(Self {
            options,
            receiver,
            matching: Matching::new(options.filter),
            findings: Findings::default(),
            chains: Chains::new(checkpoints),
            ids: Ids::default(),
            requests: Requests::default(),
            clock: Clock::new(options.max_gap, options.now),
            names: LogNames::default(),
            totals: Totals::default(),
            timeline: Timeline::new(options.shown),
            watch: options.guardian.map(Watch::new),
            redecision: redecision.transpose()?,
            redaction: Redaction::default(),
            events: 0,
            lines_unreadable: 0,
            is_cut: false,
        })
    }

    /// Looks at what was read from a chunk.
    fn take(&mut self, input: usize, name: &str, lines: &Lines) -> Result<(), ReplayError> {
        for trouble in &lines.troubles {
            let place = Place {
                input,
                line: trouble.line,
            };
            if trouble.kind.is_unreadable() {
                self.lines_unreadable += 1;
                self.is_cut |= matches!(
                    trouble.kind,
                    FindingKind::TruncatedLine | FindingKind::DamagedCompression
                );
                if self.options.unreadable == OnUnreadable::Stop {
                    return Err(ReplayError::Unreadable {
                        name: name.to_owned(),
                        line: trouble.line,
                        detail: format!("{} {}", trouble.kind.title(), trouble.detail)
                            .trim_end()
                            .to_owned(),
                    });
                }
            }
            self.findings
                .add(trouble.kind, place, trouble.detail.as_ref());
        }
        for leak in &lines.leaks {
            self.redaction.add(input, leak);
        }
        self.names.adopt(lines);
        let (worker, _) = lines.fresh();
        lines.visit(input, |seen| self.see(input, name, worker, &seen))
    }

    fn see(
        &mut self,
        input: usize,
        name: &str,
        worker: usize,
        seen: &Seen<'_>,
    ) -> Result<(), ReplayError> {
        let place = Place {
            input,
            line: seen.line,
        };
        self.chains.see(place, seen, &mut self.findings);
        let Some(event) = &seen.event else {
            return Ok(());
        };
        self.events += 1;
        self.ids.see(event, place)?;
        self.clock.see(event, place, &mut self.findings);
        let names = self.names.of(worker, &event.names);
        let is_matched = self.matching.matches(event);
        self.requests.see(event, place, names, is_matched)?;
        if let Some(watch) = &mut self.watch {
            watch.see(event, place, names.agent, names.tool)?;
        }
        if is_matched {
            self.totals.event(event);
            self.timeline.see(event, place);
            if let Some(redecision) = &mut self.redecision {
                redecision.see(event, place)?;
            }
            if let Some(receiver) = &mut self.receiver {
                receiver.event(event, name)?;
            }
        }
        Ok(())
    }

    fn finish(mut self, inputs: Vec<InputSummary>) -> Result<Replay, ReplayError> {
        let (verdict, chains) = self.chains.finish(self.is_cut, &mut self.findings);
        let names = self.names.all();
        let watch = self.watch.map(|watch| || watch.finish(names));
        let (findings, totals) = (&mut self.findings, &mut self.totals);
        let (incidents, compared) = beside(self.options.threads, watch, || {
            self.ids.finish(findings)?;
            self.requests
                .finish(findings, |request| totals.request(request))
        });
        compared?;
        let incidents = incidents.transpose()?;
        let redecided = self.redecision.map(Redecision::finish).transpose()?;
        if self.events == self.options.max_events && chains.is_empty() {
            let detail = format!("{} events", self.events);
            self.findings
                .add(FindingKind::BoundedLog, Place::default(), detail);
        }
        Ok(Replay {
            inputs,
            lines_unreadable: self.lines_unreadable,
            verdict,
            chains,
            findings: self.findings,
            summary: self.totals.finish(names),
            timeline: self.timeline.finish(),
            redaction: self.redaction,
            redecided,
            incidents,
        })
    }
}

/// What both come to, at the same time if there are two threads.
fn beside<A, B: Send>(
    threads: NonZeroUsize,
    first: Option<impl FnOnce() -> A>,
    second: impl FnOnce() -> B + Send,
) -> (Option<A>, B) {
    if threads.get() == 1 {
        // In this order the memory of one is free before the other needs its own.
        let second = second();
        return (first.map(|first| first()), second);
    }
    thread::scope(|scope| {
        let second = scope.spawn(second);
        let first = first.map(|first| first());
        let second = second.join().unwrap_or_else(|panic| resume_unwind(panic));
        (first, second)
    })
}
