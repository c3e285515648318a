//! The stateless part of the run, done on all cores: lines become calls, calls are decided by the
//! rules. Owns recovery from damaged lines; sees one chunk at a time and nothing before it.

use std::cell::Cell;

use super::cases::Expectation;
use super::reader::Part as InputPart;
use super::review::{Baseline, Drafting, Review};
use super::rules::{Asked, Outcomes};
use super::seen::{Identities, Identity};
use super::suggest::Evidence;
use super::trace::{RuleStep, Rules, Tracing};
use super::{Defaults, Options};
use crate::classify::Classifier;
use crate::import::assembly::{Assembled, Assembly, Notable, Results};
use crate::import::{self, Context, Extent, Found, Ids, Shape, Sink, native, returned};
use crate::json::{Scanner, Tape, write_string};
use crate::matcher::{Matcher, Scratch};
use crate::model::bundle::Bundle;
use crate::model::decision::Outcome;
use crate::model::request::{Approval, Name, Request};
use crate::model::returned::Returned;
use crate::pipeline::{Amendable, Pipeline, Prepared, Raised, Standing};
use crate::source::stream::Chunk;
use crate::time::Timestamp;

/// How many unreadable lines of a chunk are described; all are counted.
const TROUBLES_DESCRIBED: usize = 100;

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

/// What became of one chunk.
#[derive(Default)]
pub(super) struct Decided {
    /// The calls, in order.
    pub(super) calls: Vec<Call>,
    /// What `calls` points into.
    pub(super) text: Vec<u8>,
    /// Calls of which too little is known to be one of those: why, and on which line.
    pub(super) not_replayable: Vec<(&'static str, u64)>,
    /// The lines of calls that another record of the same chunk reports as well.
    pub(super) duplicates: Vec<u64>,
    /// Other things worth counting.
    pub(super) notes: Vec<&'static str>,
    /// The first values that could not be read.
    pub(super) troubles: Vec<Trouble>,
    /// All values that could not be read.
    pub(super) unreadable: u64,
    /// Rules whose pattern ran out of steps, and how often.
    pub(super) out_of_steps: Vec<(usize, u64)>,
    /// What was seen of the calls, if a policy is to be drafted.
    pub(super) evidence: Evidence,
}

/// A call, decided as far as it can be without those before it.
pub(super) struct Call {
    pub(super) line: u64,
    /// What makes it itself.
    pub(super) identity: Option<Identity>,
    pub(super) request: Part,
    pub(super) agent: Part,
    pub(super) environment: Part,
    pub(super) tool: Part,
    pub(super) session: Part,
    pub(super) time: Option<Timestamp>,
    pub(super) approval: Option<Approval>,
    /// The beginning of the decision's output line, if those are wanted.
    pub(super) head: Part,
    /// What was found out about it.
    pub(super) prepared: Both,
    /// What plugins report of what the tool returned.
    pub(super) results: Vec<Raised>,
    /// What the baseline says of it, if there is one and it says something.
    pub(super) before: Option<Before>,
    /// What must be decided, if it is a test case.
    pub(super) expected: Option<Box<Expectation>>,
    /// What becomes of the rules, if the decision may be traced.
    pub(super) rules: Option<Vec<RuleStep>>,
}

/// What was found out about a call without looking at other calls.
pub(super) struct Both {
    usual: Prepared,
    /// What is decided instead if the agent was denied too often, where that differs.
    many_denials: Option<Box<Prepared>>,
}

impl Both {
    /// What was found out about the call of an agent that stands so.
    pub(super) fn of(&self, standing: impl FnOnce() -> Standing) -> &Prepared {
        match &self.many_denials {
            Some(prepared) if standing() == Standing::ManyDenials => prepared,
            _ => &self.usual,
        }
    }
}

/// What a baseline says of a call.
pub(super) enum Before {
    /// What another policy decides.
    Decided(Both),
    /// What the live system decided then, and its reason code.
    Recorded(Outcome, Part),
}

/// A range of [`Decided::text`].
#[derive(Clone, Copy)]
pub(super) struct Part {
    start: usize,
    end: usize,
}

/// A value that could not be read.
pub(super) struct Trouble {
    pub(super) line: u64,
    /// In characters, from 1.
    pub(super) column: u64,
    pub(super) message: String,
}

impl Decided {
    /// The bytes of a part.
    pub(super) fn part(&self, part: Part) -> &[u8] {
        self.text.get(part.start..part.end).unwrap_or_default()
    }

    fn clear(&mut self) {
        self.calls.clear();
        self.text.clear();
        self.not_replayable.clear();
        self.duplicates.clear();
        self.notes.clear();
        self.troubles.clear();
        self.unreadable = 0;
        self.out_of_steps.clear();
        self.evidence = Evidence::default();
    }

    fn add(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Part {
        let start = self.text.len();
        write(&mut self.text);
        Part {
            start,
            end: self.text.len(),
        }
    }

    fn trouble(&mut self, line: u64, text: &[u8], at: usize, message: String) {
        self.unreadable += 1;
        if self.troubles.len() < TROUBLES_DESCRIBED {
            let before = text.get(..at).unwrap_or(text);
            let is_start = |byte: &&u8| **byte & 0xC0 != 0x80;
            self.troubles.push(Trouble {
                line,
                column: before.iter().filter(is_start).count() as u64 + 1,
                message,
            });
        }
    }
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
            records: Records {
                policy: Decider::new(&matchers.policy, options.bundle, options.pipeline),
                baseline: match (&matchers.baseline, options.review.baseline) {
                    (Some(matcher), Baseline::Policy(bundle, pipeline)) => {
                        Some(Decider::new(matcher, bundle, pipeline))
                    }
                    _ => None,
                },
                bundle: options.bundle,
                review: options.review,
                rules: Rules::default(),
                classifier: match options.review.drafting {
                    Drafting::Off => None,
                    Drafting::On => Classifier::new(&[]).ok(),
                },
                defaults: &options.defaults,
                out_of_steps: vec![0; options.bundle.rules.len()],
                source_prefix: Vec::new(),
                decisions,
                ids: Ids::Everywhere,
                identities,
                buffer: Vec::new(),
            },
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
    pub(super) fn decide(&mut self, part: &InputPart, source: &str, out: &mut Decided) {
        out.clear();
        self.records.begin(source);
        self.context = Context::default();
        if let Some(before) = &part.before
            && let Reading::Lines(shape) = part.reading
        {
            self.learn(before, shape);
        }
        self.read(&part.chunk, part.reading, out);
        self.finish_assembly(out);
        self.records.take_out_of_steps(out);
    }

    fn read(&mut self, chunk: &Chunk, reading: Reading, out: &mut Decided) {
        for line in &chunk.left_out {
            out.trouble(*line, b"", 0, "the line is too long".to_owned());
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
            let identity = match records.ids {
                Ids::Everywhere => records.identities.of_call(request, &mut records.buffer),
                Ids::OfConnections => None,
            };
            records.call(request, line, identity, out);
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
                Err((offset, message)) => return out.trouble(number, line, at + offset, message),
            }
            if line
                .get(at..)
                .is_some_and(|rest| !rest.trim_ascii().is_empty())
            {
                out.notes.push("values_glued_on_one_line");
            }
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
        let identity = self
            .records
            .identities
            .of_text(&self.request, scanner.since(0).trim_ascii_start());
        self.records.call(&mut self.request, line, identity, out);
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
        let mut receive = |found: Found<'_>| match found {
            Found::Call(call) if in_one_record => {
                let identity = records.identities.of_text(call.request, written.get());
                records.call(call.request, line, identity, out);
            }
            Found::Call(call) => assembly.take_call(call, line),
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
            shape.read(record, text, &mut sink);
        }
        if self.assembly.is_full() {
            self.finish_assembly(out);
        }
        Ok(scanner.offset())
    }
}

/// Whether the beginnings of the decisions' output lines are wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Decisions {
    Written,
    Counted,
}

/// The matchers of a run.
pub(super) struct Matchers {
    pub(super) policy: Matcher,
    pub(super) baseline: Option<Matcher>,
}

impl Matchers {
    pub(super) fn new(options: &Options<'_>) -> Self {
        Self {
            policy: Matcher::new(options.bundle),
            baseline: match options.review.baseline {
                Baseline::Policy(bundle, _) => Some(Matcher::new(bundle)),
                Baseline::Absent | Baseline::Recorded => None,
            },
        }
    }
}

/// A policy with its plugins, on one thread.
struct Decider<'a> {
    matcher: &'a Matcher,
    outcomes: Outcomes<'a>,
    pipeline: &'a Pipeline,
    scratch: Scratch,
}

impl<'a> Decider<'a> {
    fn new(matcher: &'a Matcher, bundle: &'a Bundle, pipeline: &'a Pipeline) -> Self {
        Self {
            scratch: matcher.scratch(),
            matcher,
            outcomes: Outcomes::new(bundle),
            pipeline,
        }
    }

    fn prepare(&mut self, request: &mut Request) -> Both {
        let mut rules = Asked::new(self.matcher, &self.outcomes, &mut self.scratch);
        let rules = |request: &mut Request| rules.decide(request);
        let (usual, many_denials) = self.pipeline.prepare_both(request, rules);
        Both {
            usual,
            many_denials,
        }
    }

    /// Leaves the call as the plugins amend it for an agent of usual standing.
    fn prepare_usual(&mut self, request: &mut Request) {
        let mut rules = Asked::new(self.matcher, &self.outcomes, &mut self.scratch);
        let rules = |request: &mut Request| rules.decide(request);
        self.pipeline.prepare(request, Standing::Usual, rules);
    }
}

/// What decides a call and writes it down.
struct Records<'a> {
    policy: Decider<'a>,
    baseline: Option<Decider<'a>>,
    bundle: &'a Bundle,
    review: Review<'a>,
    rules: Rules,
    /// Keeps what is sensitive out of drafts; there if one is wanted.
    classifier: Option<Classifier>,
    defaults: &'a Defaults,
    /// What the policy's scratch said of each rule when it was last asked.
    out_of_steps: Vec<u64>,
    /// `{"source":"FILE:` as JSON.
    source_prefix: Vec<u8>,
    decisions: Decisions,
    /// What ids of the recording are worth.
    ids: Ids,
    identities: &'a Identities,
    buffer: Vec<u8>,
}

impl Records<'_> {
    /// Says of which input the next calls are.
    fn begin(&mut self, source: &str) {
        self.source_prefix.clear();
        self.source_prefix.extend_from_slice(b"{\"source\":");
        write_string(source.as_bytes(), &mut self.source_prefix);
        self.source_prefix.pop();
        self.source_prefix.push(b':');
    }

    fn call(
        &mut self,
        request: &mut Request,
        line: u64,
        identity: Option<Identity>,
        out: &mut Decided,
    ) {
        self.fill_in(request);
        if let Some(classifier) = &self.classifier {
            out.evidence.add(request, classifier);
        }
        let before = self.before(request, out);
        let rules = self.traced(request);
        let prepared = self.policy.prepare(request);
        let bytes = |name: Option<Name>| name.map_or(&b""[..], |name| request.name(name));
        let call = Call {
            line,
            identity,
            request: out.add(|text| text.extend_from_slice(bytes(request.request_id))),
            agent: out.add(|text| text.extend_from_slice(bytes(request.agent_id))),
            environment: out.add(|text| text.extend_from_slice(bytes(request.environment))),
            tool: out.add(|text| text.extend_from_slice(bytes(request.tool_name))),
            session: out.add(|text| text.extend_from_slice(bytes(request.session_id))),
            time: request.timestamp,
            approval: request.approval,
            head: out.add(|text| {
                if self.decisions == Decisions::Written {
                    self.write_head(request, line, text);
                }
            }),
            prepared,
            results: self.policy.pipeline.results(request),
            before,
            expected: Expectation::of(request).map(Box::new),
            rules,
        };
        out.calls.push(call);
    }

    /// What the baseline says of a call, which is left as it is.
    fn before(&mut self, request: &mut Request, out: &mut Decided) -> Option<Before> {
        match (self.review.baseline, &mut self.baseline) {
            (Baseline::Recorded, _) => {
                let recorded = request.recorded?;
                let code = recorded.code.map_or(&b""[..], |code| request.name(code));
                let code = out.add(|text| text.extend_from_slice(code));
                Some(Before::Recorded(recorded.outcome, code))
            }
            (Baseline::Policy(..), Some(decider)) => {
                let amendable = Amendable::of(request);
                let prepared = decider.prepare(request);
                amendable.restore(request);
                Some(Before::Decided(prepared))
            }
            _ => None,
        }
    }

    /// What becomes of the rules, if the decision may be traced; the call is left as it is.
    fn traced(&mut self, request: &mut Request) -> Option<Vec<RuleStep>> {
        let wanted = match self.review.tracing {
            Tracing::Failures => false,
            Tracing::Request(id) => {
                let actual = request.request_id.map(|id| request.name(id));
                actual == Some(id.as_bytes())
            }
            Tracing::Everything => true,
        };
        if !wanted && request.expected.is_none() {
            return None;
        }
        let amendable = Amendable::of(request);
        self.policy.prepare_usual(request);
        let steps = self.rules.steps(self.bundle, request);
        amendable.restore(request);
        Some(steps)
    }

    /// Moves what the scratch has counted since the last time to `out`.
    fn take_out_of_steps(&mut self, out: &mut Decided) {
        for (rule, known) in self.out_of_steps.iter_mut().enumerate() {
            let counted = self.policy.scratch.out_of_steps(rule);
            if counted > *known {
                out.out_of_steps.push((rule, counted - *known));
                *known = counted;
            }
        }
    }

    /// Puts the defaults where the recording says nothing.
    fn fill_in(&self, request: &mut Request) {
        let add = |request: &mut Request, text: &Option<String>| {
            let text = text.as_ref()?;
            Some(request.add_name(|out| out.extend_from_slice(text.as_bytes())))
        };
        if request.environment.is_none() {
            request.environment = add(request, &self.defaults.environment);
        }
        if request.agent_id.is_none() {
            request.agent_id = add(request, &self.defaults.agent_id);
        }
        if request.agent_type.is_none() {
            request.agent_type = add(request, &self.defaults.agent_type);
        }
        request.trust_level = request.trust_level.or(self.defaults.trust_level);
    }

    fn write_head(&self, request: &Request, line: u64, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.source_prefix);
        out.extend_from_slice(itoa::Buffer::new().format(line).as_bytes());
        out.push(b'"');
        for (key, value) in [
            (&b",\"request_id\":"[..], request.request_id),
            (b",\"timestamp\":", request.timestamp_text),
            (b",\"agent_id\":", request.agent_id),
            (b",\"tool_name\":", request.tool_name),
        ] {
            out.extend_from_slice(key);
            match value {
                Some(name) => write_string(request.name(name), out),
                None => out.extend_from_slice(b"null"),
            }
        }
    }
}
