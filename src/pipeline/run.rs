//! The ordered half of the pipeline: calls one after another in recorded order. Owns what is
//! remembered between calls; its size is bounded by what is live.

use std::collections::HashMap;

use super::settle::{Settlement, settle};
use super::watch::{EventMark, Watch};
use super::{Facts, Pipeline, Prepared, Raised, Source, Standing, State, Step, events, failed};
use crate::guardian::{Findings, Incident};
use crate::model::decision::Outcome;
use crate::time::Timestamp;

/// More denials in a row than this lower an agent's standing.
const DENIALS_TOLERATED: u8 = 3;

/// What is decided about a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// Where it comes from.
    pub source: Source,
    /// The outcome; DENY if the call cannot be decided.
    pub outcome: Outcome,
    /// How it was settled.
    pub settlement: Settlement,
    /// When, if the recording says when the call was made.
    pub settled_at: Option<Timestamp>,
    /// What plugins report of it, in their order.
    pub alerts: Vec<Raised>,
}

impl Decided {
    /// Whether the call goes through.
    pub fn allowed(&self) -> bool {
        self.settlement.allows()
    }
}

/// The state of a pipeline between calls.
pub struct Run<'p> {
    pipeline: &'p Pipeline,
    states: Vec<Option<Box<dyn State>>>,
    /// Denials in a row, up to one more than are tolerated, by agent whose standing anybody heeds;
    /// agents without one are left out.
    denials: HashMap<Box<[u8]>, u8, foldhash::fast::RandomState>,
    watch: Option<Watch>,
    last: Option<Timestamp>,
    backwards: u64,
}

impl<'p> Run<'p> {
    /// A run that has seen no call.
    pub fn new(pipeline: &'p Pipeline) -> Self {
        let entries = pipeline.entries.iter();
        Self {
            pipeline,
            states: entries.map(|entry| entry.plugin.state()).collect(),
            denials: HashMap::default(),
            watch: pipeline.guardian.as_ref().map(Watch::new),
            last: None,
            backwards: 0,
        }
    }

    /// How an agent stands now.
    pub fn standing(&self, agent: &[u8]) -> Standing {
        match self.denials.get(agent) {
            Some(&count) if count > DENIALS_TOLERATED => Standing::ManyDenials,
            _ => Standing::Usual,
        }
    }

    /// Says that what follows is another recording, whose time may begin anywhere.
    pub fn begin_recording(&mut self) {
        self.last = None;
    }

    /// The pipeline.
    pub fn pipeline(&self) -> &'p Pipeline {
        self.pipeline
    }

    /// The name of the plugin at a position; empty if there is none.
    pub fn plugin_name(&self, position: usize) -> &'p str {
        self.pipeline.plugin_name(position).unwrap_or_default()
    }

    /// The names of the plugins in their order.
    pub fn plugin_names(&self) -> impl Iterator<Item = &'p str> {
        self.pipeline.names()
    }

    /// How often the time of a call was before that of the call before it in its recording.
    pub fn backwards(&self) -> u64 {
        self.backwards
    }

    /// Decides a call, given what was found out about it alone.
    pub fn decide(&mut self, call: &Facts<'_>, prepared: &Prepared) -> Decided {
        if let Some(time) = call.time {
            self.backwards += u64::from(self.last.is_some_and(|last| time < last));
            self.last = Some(time);
        }
        let mut alerts = Vec::new();
        let guardian = self.pipeline.entries.len();
        // What was decided, and how many plugins were asked until then.
        let before = match outcome_of(guardian, self.ask_guardian(call), &mut alerts) {
            Some(source) => Some((0, source)),
            None => self
                .before(call, prepared.stopped_at, &mut alerts)
                .map(|(position, source)| (position + 1, source)),
        };
        let asked = before.as_ref().map_or(usize::MAX, |(asked, _)| *asked);
        let known = prepared.alerts.iter();
        alerts.extend(known.filter(|raised| raised.plugin < asked).cloned());
        let (source, phase) = match (before, &prepared.source) {
            (Some((_, source)), _) => (source, Phase::Before),
            (None, Source::Rules(_, outcome)) => {
                let source = self.after(call, &prepared.source, *outcome, &mut alerts);
                (source, Phase::After)
            }
            (None, source) => (source.clone(), Phase::Before),
        };
        alerts.sort_by_key(|raised| raised.plugin);
        let outcome = match &source {
            Source::Rules(_, outcome) => *outcome,
            Source::Plugin(_, ruling) => ruling.outcome,
            Source::Undecidable(_) => {
                return Decided {
                    source,
                    outcome: Outcome::Deny,
                    settlement: Settlement::Denied,
                    settled_at: call.time,
                    alerts,
                };
            }
        };
        for state in self.states.iter_mut().flatten() {
            state.decided(call, outcome);
        }
        if self.pipeline.heeds_standing {
            self.count_denial(call.agent, outcome);
        }
        let settlement = match phase {
            Phase::Before if outcome == Outcome::Allow => Settlement::Allowed,
            Phase::Before => Settlement::Denied,
            Phase::After => settle(outcome, call.approval, self.pipeline.timeout_ms),
        };
        Decided {
            source,
            outcome,
            settlement,
            settled_at: events::settled_at(call.time, call.approval, self.pipeline.timeout_ms),
            alerts,
        }
    }

    /// Lets the guardian see what was decided about a call. `marks` find its events again: those of
    /// [`Decided::happenings`].
    pub fn watch(&mut self, call: &Facts<'_>, decided: &Decided, marks: &[EventMark]) {
        if let Some(watch) = &mut self.watch {
            watch.see(call, decided, marks);
        }
    }

    /// The incidents that are over and were not handed out before.
    pub fn take_incidents(&mut self) -> Vec<Incident<EventMark>> {
        let watch = self.watch.as_mut();
        watch.map(Watch::take_incidents).unwrap_or_default()
    }

    /// What the guardian has to say in the end, after which nobody watches; `None` without one.
    pub fn finish_watch(&mut self) -> Option<Findings<EventMark>> {
        self.watch.take().map(Watch::finish)
    }

    /// What the guardian says of a call, given what was settled until then.
    fn ask_guardian(&mut self, call: &Facts<'_>) -> Step {
        let Some(watch) = &mut self.watch else {
            return Step::Continue;
        };
        if let Some(now) = call.time {
            watch.advance(now);
        }
        watch.before(call)
    }

    /// Asks the states of the plugins before `end`; who decided, and what.
    fn before(
        &mut self,
        call: &Facts<'_>,
        end: usize,
        alerts: &mut Vec<Raised>,
    ) -> Option<(usize, Source)> {
        let entries = self.pipeline.entries.iter().zip(&mut self.states);
        for (position, (entry, state)) in entries.enumerate().take(end) {
            let Some(state) = state else { continue };
            if entry.sabotaged {
                continue;
            }
            let step = entry.heed(state.before(call));
            if let Some(source) = outcome_of(position, step, alerts) {
                return Some((position, source));
            }
        }
        None
    }

    /// Lets the plugins replace what the rules decided.
    fn after(
        &mut self,
        call: &Facts<'_>,
        source: &Source,
        outcome: Outcome,
        alerts: &mut Vec<Raised>,
    ) -> Source {
        let entries = self.pipeline.entries.iter().zip(&mut self.states);
        for (position, (entry, state)) in entries.enumerate() {
            let Some(state) = state else { continue };
            if entry.sabotaged {
                continue;
            }
            let step = entry.heed(state.after(call, outcome));
            if let Some(source) = outcome_of(position, step, alerts) {
                return source;
            }
        }
        source.clone()
    }

    fn count_denial(&mut self, agent: &[u8], outcome: Outcome) {
        if outcome != Outcome::Deny {
            self.denials.remove(agent);
        } else if let Some(count) = self.denials.get_mut(agent) {
            *count = count.saturating_add(1).min(DENIALS_TOLERATED + 1);
        } else if self.pipeline.heeds_standing_of(agent) {
            self.denials.insert(agent.into(), 1);
        }
    }
}

/// When a decision was taken. One before the rules is final: no approval settles it.
#[derive(Clone, Copy)]
enum Phase {
    Before,
    After,
}

fn outcome_of(position: usize, step: Step, alerts: &mut Vec<Raised>) -> Option<Source> {
    match step {
        Step::Continue => None,
        Step::Alert(alert) => {
            alerts.push(Raised {
                plugin: position,
                alert,
            });
            None
        }
        Step::Decide(ruling) => Some(Source::Plugin(position, ruling)),
        Step::Fail(reason) => Some(Source::Plugin(position, failed(&reason))),
        Step::Undecidable(reason) => Some(Source::Undecidable(reason)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::request::Request;
    use crate::pipeline::{Alert, OnFailure, Plugin, Ruling};

    fn prepared(outcome: Outcome) -> Prepared {
        Prepared {
            stopped_at: usize::MAX,
            source: Source::Rules(None, outcome),
            alerts: Vec::new(),
        }
    }

    /// Heeds how one agent stands.
    struct Heeding;

    impl Plugin for Heeding {
        fn name(&self) -> &str {
            "heeding"
        }

        fn before(&self, _: &mut Request, _: Standing) -> Step {
            Step::Continue
        }

        fn heeds_standing(&self) -> bool {
            true
        }

        fn heeds_standing_of(&self, agent: &[u8]) -> bool {
            agent == b"known"
        }
    }

    /// Heeds no standing.
    struct Indifferent;

    impl Plugin for Indifferent {
        fn name(&self) -> &str {
            "indifferent"
        }
    }

    #[test]
    fn denials_are_counted_only_where_somebody_heeds_them() {
        let mut pipeline = Pipeline::default();
        pipeline.push(Box::new(Heeding), OnFailure::Deny);
        pipeline.push(Box::new(Indifferent), OnFailure::Deny);
        let mut run = Run::new(&pipeline);
        let mut decide = |agent: &[u8], outcome| {
            let call = Facts {
                agent,
                ..Facts::default()
            };
            run.decide(&call, &prepared(outcome));
            (run.standing(agent), run.denials.len())
        };
        for number in 0..100_u8 {
            assert_eq!(decide(&[number], Outcome::Deny), (Standing::Usual, 0));
        }
        for _ in 0..3 {
            assert_eq!(decide(b"known", Outcome::Deny), (Standing::Usual, 1));
        }
        for _ in 0..300 {
            assert_eq!(decide(b"known", Outcome::Deny), (Standing::ManyDenials, 1));
        }
        assert_eq!(decide(b"known", Outcome::StepUp), (Standing::Usual, 0));
    }

    /// Heeds how every agent stands.
    struct Wary;

    impl Plugin for Wary {
        fn name(&self) -> &str {
            "wary"
        }

        fn heeds_standing(&self) -> bool {
            true
        }
    }

    #[test]
    fn a_plugin_that_heeds_standing_does_so_for_every_agent() {
        let mut pipeline = Pipeline::default();
        pipeline.push(Box::new(Wary), OnFailure::Deny);
        let mut run = Run::new(&pipeline);
        let call = Facts {
            agent: b"anybody",
            ..Facts::default()
        };
        for _ in 0..4 {
            assert_eq!(run.standing(b"anybody"), Standing::Usual);
            run.decide(&call, &prepared(Outcome::Deny));
        }
        assert_eq!(run.standing(b"anybody"), Standing::ManyDenials);
        assert_eq!(run.standing(b"somebody else"), Standing::Usual);
    }

    /// Has something to report of each call, and refuses it because of those before it.
    struct Refusing;

    impl Plugin for Refusing {
        fn name(&self) -> &str {
            "refusing"
        }

        fn before(&self, _: &mut Request, _: Standing) -> Step {
            Step::Alert(Alert {
                code: "ODD",
                message: "an odd call".to_owned(),
            })
        }

        fn state(&self) -> Option<Box<dyn State>> {
            Some(Box::new(Refuses))
        }
    }

    struct Refuses;

    impl State for Refuses {
        fn before(&mut self, _: &Facts<'_>) -> Step {
            Step::Decide(Ruling::deny("ENOUGH", "no more"))
        }
    }

    #[test]
    fn a_plugin_that_decides_has_reported_before() {
        let mut pipeline = Pipeline::default();
        for _ in 0..2 {
            pipeline.push(Box::new(Refusing), OnFailure::Deny);
        }
        let mut call = Request::default();
        let prepared = pipeline.prepare(&mut call, Standing::Usual, |_| {
            Source::Rules(None, Outcome::Allow)
        });
        assert_eq!(prepared.alerts.len(), 2);
        let decided = Run::new(&pipeline).decide(&Facts::default(), &prepared);
        assert!(matches!(decided.source, Source::Plugin(0, _)));
        let raised: Vec<usize> = decided.alerts.iter().map(|raised| raised.plugin).collect();
        assert_eq!(raised, [0], "the second plugin was not reached");
    }

    #[test]
    fn time_goes_backwards_within_a_recording_only() {
        let pipeline = Pipeline::default();
        let mut run = Run::new(&pipeline);
        let at = |run: &mut Run<'_>, seconds: i64| {
            let call = Facts {
                time: Some(Timestamp::from_micros(seconds * 1_000_000)),
                ..Facts::default()
            };
            run.decide(&call, &prepared(Outcome::Allow));
            run.backwards()
        };
        assert_eq!(at(&mut run, 10), 0);
        run.begin_recording();
        assert_eq!(at(&mut run, 5), 0);
        assert_eq!(at(&mut run, 5), 0);
        assert_eq!(at(&mut run, 4), 1);
    }
}
