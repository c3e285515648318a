//! `simulate`: what a policy would have decided about recorded calls. Owns the run from inputs to
//! totals; decides nothing itself and knows no output format.
//!
//! Parts of inputs are read in order, read as calls and decided on all cores, and taken in order
//! again, so that the result is the same with any number of threads and memory does not grow with
//! the input. Calls are taken one after another as they are recorded: recordings in the order in
//! which they are given, each on its own clock, and inside a recording as `import::assembly` says.

mod audit;
mod cases;
mod compare;
mod decided;
mod decisions;
mod detect;
mod incidents;
mod labelled;
mod reader;
mod records;
mod review;
mod rule_coverage;
mod rules;
mod seen;
mod suggest;
mod tally;
mod trace;
mod worker;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::num::NonZeroUsize;

use thiserror::Error as ThisError;

use crate::audit::{Ids, Log};
use crate::document::LoadError;
use crate::import::Shape;
use crate::import::tools::Tools;
use crate::model::bundle::{Bundle, TrustLevel};
use crate::model::decision::Outcome;
use crate::ordered;
use crate::pipeline::{Pipeline, Run};
use crate::source::stream::{Digesting, Input, StreamError};

use audit::{Kept, Trail};
use decided::Decided;
use decisions::Tails;
use reader::{Part, Reader};
use records::{Decisions, Matchers};
use review::Reviewing;
use seen::Identities;
use tally::Tally;
use worker::Worker;

pub use audit::AuditSummary;
pub use cases::{CaseFailure, Expectation, Got, TestCase, TestCases};
pub use compare::{ChangeCounts, CodeChange, Comparison, Effect, Transition};
pub use incidents::{EventPlace, Incidents};
pub use labelled::{LabelledSession, LabelledSessions, Responsible};
pub use review::{Baseline, Covering, Drafting, Review, Reviewed};
pub use rule_coverage::{ConditionCount, RuleCoverage};
pub use suggest::Draft;
pub use tally::{
    AlertCount, CallCounts, Place, PluginCount, RefusedRule, RenamedTool, RuleCount, Unreadable,
};
pub use trace::{PluginStep, RuleStep, Trace, Tracing};

/// The longest JSON document that is read whole, in bytes. Streams of lines may be of any length.
pub const MAX_DOCUMENT_BYTES: usize = 512 * 1024 * 1024;

/// How much of the decisions is written at a time, in bytes.
const WRITE_BYTES: usize = 128 * 1024;

/// What a run needs beside its inputs.
pub struct Options<'a> {
    /// The policy that decides.
    pub bundle: &'a Bundle,
    /// The plugins around it.
    pub pipeline: &'a Pipeline,
    /// What stands in for what a recording lacks.
    pub defaults: Defaults,
    /// What recorded tool names stand for.
    pub tools: Tools,
    /// The shape of every input; each input's own, told from its content, if `None`.
    pub shape: Option<&'static dyn Shape>,
    /// Threads that read and decide; the result does not depend on it.
    pub threads: NonZeroUsize,
    /// Whether reports can name the SHA-256 of each input.
    pub digesting: Digesting,
    /// What an unreadable line does.
    pub unreadable: OnUnreadable,
    /// How many audit events the platform's runtime would keep in memory; 0 for all.
    pub max_events: u64,
    /// What the ids of audit events are made of besides the events, such as the digest of the
    /// policy: what [`Log::new`] was given, if there is a log.
    pub seed: &'a str,
    /// What is made of the decisions beside counting them.
    pub review: Review<'a>,
}

/// What a run writes beside its result.
#[derive(Default)]
pub struct Outputs<'a> {
    /// One JSON line a decision.
    pub decisions: Option<&'a mut dyn Write>,
    /// The audit events.
    pub audit: Option<Log<'a>>,
    /// One JSON line a decision, each a [`Trace`], for [`Tracing::Everything`].
    pub explanations: Option<&'a mut dyn Write>,
}

/// What stands in for what a recording lacks. Nothing is guessed: what is not given here stays
/// missing.
#[derive(Clone, Debug, Default)]
pub struct Defaults {
    /// `agent.environment`
    pub environment: Option<String>,
    /// `agent.agent_id`
    pub agent_id: Option<String>,
    /// `agent.agent_type`
    pub agent_type: Option<String>,
    /// `agent.trust_level`
    pub trust_level: Option<TrustLevel>,
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
pub enum SimulateError {
    /// An input cannot be opened or read to its end.
    #[error(transparent)]
    Input(#[from] StreamError),
    /// A recording in YAML is malformed.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A line cannot be read, and [`OnUnreadable::Stop`] was asked for.
    #[error("{}: {}", .0.place(), .0.message)]
    Unreadable(Unreadable),
    /// A document is longer than [`MAX_DOCUMENT_BYTES`].
    #[error("`{name}` is one JSON document of more than {} MiB", MAX_DOCUMENT_BYTES >> 20)]
    DocumentTooLong {
        /// The input.
        name: String,
    },
    /// The decisions cannot be written.
    #[error("cannot write the decisions: {0}")]
    Decisions(io::Error),
    /// The audit log cannot be written.
    #[error("cannot write the audit log or the explanations: {0}")]
    AuditLog(io::Error),
}

/// The result of a run.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// The inputs in the order in which they were read.
    pub inputs: Vec<InputSummary>,
    /// What was read and what was decided.
    pub coverage: Coverage,
    /// Decisions by outcome, in the order of [`Outcome::ALL`].
    pub outcomes: Vec<(Outcome, u64)>,
    /// The rules in bundle order, with the calls that each decided.
    pub rules: Vec<RuleCount>,
    /// The calls that no rule matched.
    pub default_rule: RuleCount,
    /// What plugins decided, by their order and by code.
    pub plugins: Vec<PluginCount>,
    /// What plugins reported about calls without deciding, by their order and by code.
    pub alerts: Vec<AlertCount>,
    /// What plugins reported about what tools returned, by their order and by code.
    pub results: Vec<AlertCount>,
    /// The rules that never match because of their pattern, in bundle order.
    pub refused: Vec<RefusedRule>,
    /// Calls and denials by agent, most denials first.
    pub agents: Vec<CallCounts>,
    /// Calls and denials by tool, most denials first.
    pub tools: Vec<CallCounts>,
    /// The tools that were decided under another name than the recorded one, most calls first.
    pub renamed: Vec<RenamedTool>,
    /// The audit events.
    pub audit: AuditSummary,
    /// What the guardian found, if one watched.
    pub incidents: Option<Incidents>,
    /// What was made of the decisions beside counting them.
    pub reviewed: Reviewed,
    /// The first lines that could not be read, at most 100.
    pub unreadable: Vec<Unreadable>,
}

/// One input of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputSummary {
    /// What it is called.
    pub name: String,
    /// SHA-256 of its bytes as they are stored, in lower-case hexadecimal, if asked for.
    pub sha256: Option<String>,
    /// The shape that it was read as; none if no shape was recognised, and nothing was read.
    pub shape: Option<&'static str>,
    /// Its lines.
    pub lines: u64,
    /// Its calls, replayable or not.
    pub calls: u64,
}

/// What was read and what was decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Calls found: those decided and those not replayable.
    pub calls_read: u64,
    /// Calls decided.
    pub decided: u64,
    /// Calls not decided, by reason.
    pub not_replayable: BTreeMap<&'static str, u64>,
    /// Lines, or values on lines, that could not be read.
    pub lines_unreadable: u64,
    /// Those of them that speak of an expectation: test cases that nobody ran.
    pub cases_unreadable: u64,
    /// Other things worth knowing, by name.
    pub notes: BTreeMap<&'static str, u64>,
}

/// Called now and then with the bytes of decompressed input that were read so far.
pub type Progress<'a> = &'a mut dyn FnMut(u64);

/// Decides the calls of `inputs` and writes the outputs that are given.
///
/// # Errors
/// If an input cannot be read to its end, a line is unreadable and the options say to stop, or
/// an output cannot be written.
pub fn run(
    inputs: &[Input],
    options: &Options<'_>,
    outputs: Outputs<'_>,
    progress: Progress<'_>,
) -> Result<Simulation, SimulateError> {
    let matchers = Matchers::new(options);
    let tails = Tails::new(options.bundle);
    let mut tally = Tally::new(options.bundle, matchers.policy.refused());
    let mut pipeline = Run::new(options.pipeline);
    let mut decisions = outputs.decisions;
    let kept = match outputs.audit {
        Some(log) => Kept::Log(log),
        None if options.pipeline.is_watched() => Kept::Ids(Ids::new(options.seed)),
        None => Kept::Nothing,
    };
    let mut trail = Trail::new(options.bundle, kept);
    let mut reviewing = Reviewing::new(options.bundle, options.review, outputs.explanations);
    let bytes = Cell::new(0);
    let wanted = match decisions {
        Some(_) => Decisions::Written,
        None => Decisions::Counted,
    };
    let mut output = Vec::new();
    let names: Vec<String> = inputs.iter().map(Input::name).collect();
    let name = |part: &Part| names.get(part.input).map_or("", String::as_str);
    let mut calls = vec![0; inputs.len()];
    let mut current = None;
    let identities = Identities::new(inputs.len());
    let mut reader = Reader::new(inputs, options.shape, options.digesting);
    ordered::run(
        options.threads,
        |job: &mut Job| -> Result<bool, SimulateError> {
            let more = reader.next(&mut job.part)?;
            bytes.set(bytes.get() + job.part.chunk.text.len() as u64);
            Ok(more)
        },
        || Worker::new(&matchers, options, &identities, wanted),
        |worker, job| worker.decide(&job.part, name(&job.part), &mut job.decided),
        |job| {
            progress(bytes.get());
            if current.replace(job.part.input) != Some(job.part.input) {
                pipeline.begin_recording();
                tally.begin_input(name(&job.part));
                reviewing.begin_recording();
            }
            if job.part.had_byte_order_mark {
                tally.note("byte_order_mark");
            }
            let calls_before = tally.calls();
            tally
                .take(
                    name(&job.part),
                    &job.decided,
                    &mut pipeline,
                    &tails,
                    &mut trail,
                    &mut reviewing,
                    &mut output,
                )
                .map_err(SimulateError::AuditLog)?;
            if let Some(calls) = calls.get_mut(job.part.input) {
                *calls += tally.calls() - calls_before;
            }
            if options.unreadable == OnUnreadable::Stop
                && let Some(unreadable) = tally.first_unreadable()
            {
                return Err(SimulateError::Unreadable(unreadable.clone()));
            }
            match &mut decisions {
                Some(decisions) if output.len() >= WRITE_BYTES => {
                    let written = decisions.write_all(&output);
                    output.clear();
                    written.map_err(SimulateError::Decisions)
                }
                _ => Ok(()),
            }
        },
    )?;
    if let Some(decisions) = decisions {
        decisions
            .write_all(&output)
            .map_err(SimulateError::Decisions)?;
    }
    let mut summaries = reader.finish();
    for (summary, calls) in summaries.iter_mut().zip(calls) {
        summary.calls = calls;
    }
    let audit = trail.finish(options.max_events);
    let audit = audit.map_err(SimulateError::AuditLog)?;
    Ok(tally.finish(summaries, &mut pipeline, audit, reviewing.finish()))
}

/// A part of an input and what became of it.
#[derive(Default)]
struct Job {
    part: Part,
    decided: Decided,
}
