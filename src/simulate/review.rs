//! What is made of decisions beside counting them: compared with a baseline, held against what test
//! cases expect, with labels of sessions, traced, drawn over time. Decides nothing.

use std::io::{self, Write};

use super::cases::{Got, TestCases};
use super::compare::{Caller, Comparing, Comparison, Side};
use super::decided::{Before, Call, Decided as Chunk};
use super::labelled::{LabelledSessions, Labelling, Responsible};
use super::rule_coverage::{self, RuleCoverage};
use super::suggest::{Draft, Evidence};
use super::tally::Place;
use super::trace::{self, Trace, Tracing};
use crate::activity::Activity;
use crate::model::bundle::Bundle;
use crate::model::decision::Outcome;
use crate::model::labels::Labels;
use crate::pipeline::{self, Decided, EventMark, Facts, Pipeline, Run, Source};
use crate::time::Timestamp;

/// How many traces of a request id are kept.
const MAX_TRACES: usize = 100;

/// What decisions are compared with.
#[derive(Clone, Copy)]
pub enum Baseline<'a> {
    /// Nothing.
    Absent,
    /// What another policy decides, with its plugins.
    Policy(&'a Bundle, &'a Pipeline),
    /// What the live system decided then.
    Recorded,
}

/// What is made of decisions beside counting them.
#[derive(Clone, Copy)]
pub struct Review<'a> {
    /// What they are compared with.
    pub baseline: Baseline<'a>,
    /// What the sessions were.
    pub labels: Option<&'a Labels>,
    /// Which of them are traced.
    pub tracing: Tracing<'a>,
    /// Whether a policy is drafted from the calls.
    pub drafting: Drafting,
    /// Whether it is counted how much of the policy the calls exercise.
    pub covering: Covering,
}

/// Whether it is counted how much of the policy the calls exercise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covering {
    /// No.
    Off,
    /// Yes: [`Reviewed::rule_coverage`] has it.
    On,
}

/// Whether a policy is drafted from the calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drafting {
    /// No.
    Off,
    /// Yes: [`Reviewed::draft`] makes it.
    On,
}

impl Default for Review<'_> {
    /// Only the traces of test cases that fail.
    fn default() -> Self {
        Self {
            baseline: Baseline::Absent,
            labels: None,
            tracing: Tracing::Failures,
            drafting: Drafting::Off,
            covering: Covering::Off,
        }
    }
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Reviewed {
    /// Calls that went through and calls that did not, over time: the first and the second count.
    pub activity: Activity<2>,
    /// What is decided otherwise than by the baseline, if there is one.
    pub comparison: Option<Comparison>,
    /// The verdicts on test cases, if there are any.
    pub cases: Option<TestCases>,
    /// How the policy does on labelled sessions, if there are labels.
    pub labelled: Option<LabelledSessions>,
    /// How much of the policy the calls exercise, if that was asked for.
    pub rule_coverage: Option<RuleCoverage>,
    /// The traces of the request id that was asked for, at most 100.
    pub traces: Vec<Trace>,
    evidence: Evidence,
}

impl Reviewed {
    /// A first draft of a least-privilege bundle, if one was asked for; it begins and ends at these
    /// times.
    pub fn draft(&self, from: Timestamp, until: Timestamp) -> Draft {
        self.evidence.clone().draft(from, until)
    }
}

/// A decision on its way through the reviews.
pub(super) struct Subject<'a> {
    pub(super) source: &'a str,
    pub(super) call: &'a Call,
    pub(super) chunk: &'a Chunk,
    pub(super) facts: Facts<'a>,
    pub(super) decided: &'a Decided,
}

/// The reviews while decisions come in.
pub(super) struct Reviewing<'a, 'w> {
    codes: Codes<'a>,
    baseline: Option<(Run<'a>, Codes<'a>)>,
    comparing: Option<Comparing>,
    labelling: Option<Labelling>,
    covering: Option<rule_coverage::Covering<'a>>,
    tracing: Tracing<'a>,
    explanations: Option<&'w mut dyn Write>,
    reviewed: Reviewed,
}

/// The reason codes of what rules decide.
struct Codes<'a> {
    bundle: &'a Bundle,
    default: String,
}

impl<'a> Codes<'a> {
    fn new(bundle: &'a Bundle) -> Self {
        Self {
            bundle,
            default: format!("DEFAULT_{}", bundle.defaults.outcome.as_str()),
        }
    }

    fn of<'s>(&'s self, source: &'s Source) -> &'s str {
        match source {
            Source::Rules(rule, _) => rule
                .and_then(|index| self.bundle.rules.get(index))
                .map_or(&self.default, |rule| &rule.id),
            Source::Plugin(_, ruling) => &ruling.code,
            Source::Undecidable(reason) => reason,
        }
    }
}

impl<'a, 'w> Reviewing<'a, 'w> {
    pub(super) fn new(
        bundle: &'a Bundle,
        review: Review<'a>,
        explanations: Option<&'w mut dyn Write>,
    ) -> Self {
        Self {
            codes: Codes::new(bundle),
            baseline: match review.baseline {
                Baseline::Policy(bundle, pipeline) => {
                    Some((Run::new(pipeline), Codes::new(bundle)))
                }
                Baseline::Absent | Baseline::Recorded => None,
            },
            comparing: (!matches!(review.baseline, Baseline::Absent)).then(Comparing::default),
            labelling: review.labels.map(Labelling::new),
            covering: match review.covering {
                Covering::Off => None,
                Covering::On => Some(rule_coverage::Covering::new(bundle)),
            },
            tracing: review.tracing,
            explanations,
            reviewed: Reviewed::default(),
        }
    }

    /// Says that what follows is another recording, whose time may begin anywhere.
    pub(super) fn begin_recording(&mut self) {
        if let Some((run, _)) = &mut self.baseline {
            run.begin_recording();
        }
    }

    /// Takes in what was seen of the calls of a chunk.
    pub(super) fn evidence(&mut self, seen: &Evidence) {
        self.reviewed.evidence.merge(seen.clone());
    }

    /// Takes in a decision of `run`, or that there is none.
    ///
    /// # Errors
    /// If an explanation cannot be written.
    pub(super) fn call(&mut self, subject: &Subject<'_>, run: &Run<'_>) -> io::Result<()> {
        let Subject {
            call,
            facts,
            decided,
            ..
        } = subject;
        let undecidable = matches!(decided.source, Source::Undecidable(_));
        let allowed = decided.allowed();
        if let (Some(time), false) = (facts.time, undecidable) {
            self.reviewed.activity.add(time, usize::from(!allowed));
        }
        self.compare(subject, undecidable);
        let code = self.codes.of(&decided.source);
        if let (Some(labelling), false) = (&mut self.labelling, undecidable) {
            labelling.call(facts.session, allowed, || Responsible {
                place: subject.place(),
                tool: String::from_utf8_lossy(facts.tool).into_owned(),
                code: code.to_owned(),
            });
        }
        if let (Some(covering), Some(holding)) = (&mut self.covering, &call.holding)
            && let Source::Rules(rule, _) = decided.source
        {
            covering.call(rule, holding);
        }
        if let Some(expected) = &call.expected {
            let got = Got {
                outcome: (!undecidable).then_some(decided.outcome),
                code: code.to_owned(),
                plugin: match &decided.source {
                    Source::Plugin(position, _) => Some(run.plugin_name(*position).to_owned()),
                    _ => None,
                },
            };
            let cases = self.reviewed.cases.get_or_insert_default();
            let trace = || subject.trace(run, code);
            cases.judge(facts.request, subject.place(), expected, got, trace);
        }
        match self.tracing {
            Tracing::Request(id)
                if id.as_bytes() == facts.request && self.reviewed.traces.len() < MAX_TRACES =>
            {
                self.reviewed.traces.push(subject.trace(run, code));
            }
            Tracing::Everything => {
                if let Some(explanations) = &mut self.explanations {
                    let mut line = serde_json::to_vec(&subject.trace(run, code))?;
                    line.push(b'\n');
                    explanations.write_all(&line)?;
                }
            }
            Tracing::Request(_) | Tracing::Failures => {}
        }
        Ok(())
    }

    fn compare(&mut self, subject: &Subject<'_>, undecidable: bool) {
        let Some(comparing) = &mut self.comparing else {
            return;
        };
        let Subject { call, facts, .. } = subject;
        let after = Side {
            outcome: subject.decided.outcome,
            allowed: subject.decided.allowed(),
            code: self.codes.of(&subject.decided.source),
        };
        let caller = Caller {
            agent: facts.agent,
            tool: facts.tool,
            session: facts.session,
        };
        let place = || subject.place();
        match (&call.before, &mut self.baseline) {
            (Some(Before::Decided(prepared)), Some((run, codes))) => {
                let prepared = prepared.of(|| run.standing(facts.agent));
                let before = run.decide(facts, prepared);
                // Its guardian stops agents too; what else it reports is nobody's concern.
                run.watch(facts, &before, &[EventMark::default(); 2]);
                run.take_incidents();
                if undecidable || matches!(before.source, Source::Undecidable(_)) {
                    return comparing.not_comparable();
                }
                let side = Side {
                    outcome: before.outcome,
                    allowed: before.allowed(),
                    code: codes.of(&before.source),
                };
                comparing.call(caller, side, after, place);
            }
            (Some(Before::Recorded(outcome, code)), None) if !undecidable => {
                let code = String::from_utf8_lossy(subject.chunk.part(*code));
                let side = Side {
                    outcome: *outcome,
                    allowed: was_allowed(*outcome, facts),
                    code: &code,
                };
                comparing.call(caller, side, after, place);
            }
            _ => comparing.not_comparable(),
        }
    }

    pub(super) fn finish(self) -> Reviewed {
        Reviewed {
            comparison: self.comparing.map(Comparing::finish),
            labelled: self.labelling.map(Labelling::finish),
            rule_coverage: self.covering.map(rule_coverage::Covering::finish),
            ..self.reviewed
        }
    }
}

/// Whether a call with a recorded outcome went through then, as far as the recording says.
fn was_allowed(outcome: Outcome, facts: &Facts<'_>) -> bool {
    pipeline::settle(outcome, facts.approval, None).allows()
}

impl Subject<'_> {
    fn place(&self) -> Place {
        Place {
            source: self.source.to_owned(),
            line: self.call.line,
        }
    }

    fn trace(&self, run: &Run<'_>, code: &str) -> Trace {
        let Self { facts, decided, .. } = self;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let by_rules = matches!(decided.source, Source::Rules(..));
        Trace {
            place: self.place(),
            request_id: text(facts.request),
            agent_id: text(facts.agent),
            tool_name: text(facts.tool),
            recorded_tool_name: self
                .call
                .recorded_tool
                .map(|name| text(self.chunk.part(name))),
            plugins: trace::plugins(run, &decided.source),
            rules: match &self.call.rules {
                Some(rules) if by_rules => rules.clone(),
                _ => Vec::new(),
            },
            outcome: match decided.source {
                Source::Undecidable(_) => None,
                _ => Some(decided.outcome),
            },
            allowed: decided.allowed(),
            code: code.to_owned(),
            settlement: trace::settled(decided.settlement),
        }
    }
}
