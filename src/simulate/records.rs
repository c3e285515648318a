//! One call after another, on one thread: what stands in for what its recording lacks, what the
//! policy and the baseline say of it, how its line of output begins. Reads no recording.

use super::cases::Expectation;
use super::decided::{Before, Both, Call, Decided};
use super::review::{Baseline, Covering, Drafting, Review};
use super::rules::{Asked, Outcomes};
use super::seen::{Identities, Identity};
use super::trace::{RuleStep, Rules, Tracing};
use super::{Defaults, Options};
use crate::classify::Classifier;
use crate::import::Ids;
use crate::import::tools::{Renamed, Tools};
use crate::json::write_string;
use crate::matcher::{Matcher, Scratch};
use crate::model::bundle::Bundle;
use crate::model::request::{Name, Request};
use crate::pipeline::{Amendable, Pipeline, Standing};

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
pub(super) struct Records<'a> {
    policy: Decider<'a>,
    baseline: Option<Decider<'a>>,
    bundle: &'a Bundle,
    review: Review<'a>,
    rules: Rules,
    /// Keeps what is sensitive out of drafts; there if one is wanted.
    classifier: Option<Classifier>,
    defaults: &'a Defaults,
    tools: &'a Tools,
    /// What the policy's scratch said of each rule when it was last asked.
    out_of_steps: Vec<u64>,
    /// `{"source":"FILE:` as JSON.
    source_prefix: Vec<u8>,
    decisions: Decisions,
    /// What ids of the recording are worth.
    pub(super) ids: Ids,
    identities: &'a Identities,
    buffer: Vec<u8>,
}

impl<'a> Records<'a> {
    pub(super) fn new(
        matchers: &'a Matchers,
        options: &'a Options<'_>,
        identities: &'a Identities,
        decisions: Decisions,
    ) -> Self {
        Self {
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
            tools: &options.tools,
            out_of_steps: vec![0; options.bundle.rules.len()],
            source_prefix: Vec::new(),
            decisions,
            ids: Ids::Everywhere,
            identities,
            buffer: Vec::new(),
        }
    }

    /// Says of which input the next calls are.
    pub(super) fn begin(&mut self, source: &str) {
        self.source_prefix.clear();
        self.source_prefix.extend_from_slice(b"{\"source\":");
        write_string(source.as_bytes(), &mut self.source_prefix);
        self.source_prefix.pop();
        self.source_prefix.push(b':');
    }

    /// Decides a call that is all of the text `written`.
    pub(super) fn written_call(
        &mut self,
        request: &mut Request,
        line: u64,
        written: &[u8],
        out: &mut Decided,
    ) {
        let identity = self.identities.of_text(request, written);
        self.call(request, line, identity, out);
    }

    /// Decides a call that was put together.
    pub(super) fn assembled_call(&mut self, request: &mut Request, line: u64, out: &mut Decided) {
        let identity = match self.ids {
            Ids::Everywhere => self.identities.of_call(request, &mut self.buffer),
            Ids::OfConnections => None,
        };
        self.call(request, line, identity, out);
    }

    /// Decides a call that stands on `line`.
    fn call(
        &mut self,
        request: &mut Request,
        line: u64,
        identity: Option<Identity>,
        out: &mut Decided,
    ) {
        let renamed = match self.resolve_tool(request, out) {
            Ok(renamed) => renamed,
            Err(reason) => return out.not_replayable.push((reason, line)),
        };
        self.fill_in(request);
        if let Some(classifier) = &self.classifier {
            out.evidence.add(request, classifier);
        }
        let before = self.before(request, out);
        let (rules, holding) = self.explained(request);
        let prepared = self.policy.prepare(request);
        let bytes = |name: Option<Name>| name.map_or(&b""[..], |name| request.name(name));
        let call = Call {
            line,
            identity,
            request: out.add(|text| text.extend_from_slice(bytes(request.request_id))),
            agent: out.add(|text| text.extend_from_slice(bytes(request.agent_id))),
            environment: out.add(|text| text.extend_from_slice(bytes(request.environment))),
            tool: out.add(|text| text.extend_from_slice(bytes(request.tool_name))),
            recorded_tool: renamed
                .recorded
                .map(|name| out.add(|text| text.extend_from_slice(request.name(name)))),
            session: out.add(|text| text.extend_from_slice(bytes(request.session_id))),
            time: request.timestamp,
            approval: request.approval,
            head: out.add(|text| {
                if self.decisions == Decisions::Written {
                    self.write_head(request, line, renamed, text);
                }
            }),
            prepared,
            results: self.policy.pipeline.results(request),
            before,
            expected: Expectation::of(request).map(Box::new),
            rules,
            holding,
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

    /// What becomes of the rules, if the decision may be traced, and of their conditions, if those
    /// are counted; the call is left as it is.
    fn explained(&mut self, request: &mut Request) -> (Option<Vec<RuleStep>>, Option<Vec<bool>>) {
        let traced = self.is_traced(request);
        let covering = self.review.covering == Covering::On;
        if !traced && !covering {
            return (None, None);
        }
        let amendable = Amendable::of(request);
        self.policy.prepare_usual(request);
        let steps = traced.then(|| self.rules.steps(self.bundle, request));
        let holding = covering.then(|| self.rules.holding(self.bundle, request));
        amendable.restore(request);
        (steps, holding)
    }

    fn is_traced(&self, request: &Request) -> bool {
        let wanted = match self.review.tracing {
            Tracing::Failures => false,
            Tracing::Request(id) => {
                let actual = request.request_id.map(|id| request.name(id));
                actual == Some(id.as_bytes())
            }
            Tracing::Everything => true,
        };
        wanted || request.expected.is_some()
    }

    /// Moves what the scratch has counted since the last time to `out`.
    pub(super) fn take_out_of_steps(&mut self, out: &mut Decided) {
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
        if request.agent().is_none() {
            request.agent_id = add(request, &self.defaults.agent_id);
        }
        if request.agent_type.is_none() {
            request.agent_type = add(request, &self.defaults.agent_type);
        }
        request.trust_level = request.trust_level.or(self.defaults.trust_level);
    }

    /// Turns the call into the one that is meant, and counts that.
    fn resolve_tool(
        &self,
        request: &mut Request,
        out: &mut Decided,
    ) -> Result<Renamed, &'static str> {
        if self.tools.is_empty() {
            return Ok(Renamed::default());
        }
        let renamed = self.tools.resolve(request)?;
        for (happened, note) in [
            (renamed.was_unwrapped, "meta_tool_unwrapped"),
            (renamed.was_alias, "tool_alias_resolved"),
            (renamed.names_no_tool, "meta_tool_names_no_tool"),
        ] {
            if happened {
                out.notes.push(note);
            }
        }
        Ok(renamed)
    }

    fn write_head(&self, request: &Request, line: u64, renamed: Renamed, out: &mut Vec<u8>) {
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
        if let Some(recorded) = renamed.recorded {
            out.extend_from_slice(b",\"recorded_tool_name\":");
            write_string(request.name(recorded), out);
        }
    }
}
