//! The ordered part of the run: calls are counted one after another. Owns the totals; their size
//! depends on the numbers of rules, agents and tools, not on the number of calls.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::hash::BuildHasher as _;
use std::io;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use serde::Serialize;

use super::audit::{AuditSummary, Trail};
use super::decided::{Call, Decided, Part};
use super::decisions::{self, Tails};
use super::incidents::EventPlace;
use super::review::{Reviewed, Reviewing, Subject};
use super::seen::Seen;
use super::{Coverage, InputSummary, Simulation};
use crate::guardian::Collected;
use crate::matcher::RefusedPattern;
use crate::model::bundle::Bundle;
use crate::model::decision::Outcome;
use crate::pipeline::{EventMark, Facts, Raised, Ruling, Run, Source};
use crate::short::Short;

/// How many unreadable lines are listed; all are counted.
const MAX_UNREADABLE_LISTED: usize = 100;

/// How many examples each rule keeps.
const EXAMPLES_PER_RULE: usize = 3;

/// The note that counts calls that were seen before and are not decided again.
const DUPLICATE: &str = "duplicate_calls";

/// Where a call stands in its recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The input.
    pub source: String,
    /// The line, from 1.
    pub line: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.source, self.line)
    }
}

/// A rule, and how often it decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleCount {
    /// The rule's id, or the default's code.
    pub code: String,
    /// What it decides.
    pub outcome: Outcome,
    /// Calls that it decided.
    pub hits: u64,
    /// Calls for which its pattern ran out of steps, which counts as no match.
    pub out_of_steps: u64,
    /// The first of them, at most three.
    pub examples: Vec<Place>,
}

/// What a plugin decided with one code, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginCount {
    /// The plugin.
    pub plugin: String,
    /// The reason code.
    pub code: String,
    /// What it decides.
    pub outcome: Outcome,
    /// Calls that it decided so.
    pub hits: u64,
    /// The first of them, at most three.
    pub examples: Vec<Place>,
}

/// What a plugin reported with one code, and how often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AlertCount {
    /// The plugin.
    pub plugin: String,
    /// The reason code.
    pub code: String,
    /// How often it was reported.
    pub hits: u64,
    /// How often it would have been, of what tools returned, had the call not been denied now.
    pub prevented: u64,
    /// The calls concerned first, at most three.
    pub examples: Vec<Place>,
}

/// An agent or a tool, and what was decided about its calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallCounts {
    /// The agent's id or the tool's name; empty if the recording does not say.
    pub name: String,
    /// Decided calls.
    pub calls: u64,
    /// Those of them with the outcome DENY.
    pub denied: u64,
    /// Who answers for the agent, if the pipeline says; nobody answers for a tool.
    pub owner: Option<String>,
}

/// A tool that was decided under another name than the recorded one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RenamedTool {
    /// What recordings call it.
    pub recorded: String,
    /// What it was decided as.
    pub tool: String,
    /// Decided calls.
    pub calls: u64,
}

/// A rule whose pattern never matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusedRule {
    /// The rule's id.
    pub rule: String,
    /// Why.
    pub reason: String,
}

/// A value that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unreadable {
    /// The input.
    pub source: String,
    /// The line, from 1.
    pub line: u64,
    /// The column in characters, from 1.
    pub column: u64,
    /// What is wrong there.
    pub message: String,
}

impl Unreadable {
    /// `file:line:column`
    pub fn place(&self) -> String {
        format!("{}:{}:{}", self.source, self.line, self.column)
    }
}

/// The totals of a run.
pub(super) struct Tally {
    coverage: Coverage,
    rules: Vec<RuleCount>,
    default_rule: RuleCount,
    /// By position of the plugin, code and outcome.
    plugins: BTreeMap<(usize, Cow<'static, str>, Outcome), PluginCount>,
    alerts: AlertCounts,
    results: AlertCounts,
    outcomes: [u64; Outcome::ALL.len()],
    agents: Names,
    tools: Names,
    /// The agents and tools of the calls that were just decided, and whether they were denied.
    counted: Vec<(Part, Part, bool)>,
    /// By recorded name, then by the name that it stands for.
    renamed: BTreeMap<Vec<u8>, BTreeMap<Vec<u8>, u64>>,
    refused: Vec<RefusedRule>,
    unreadable: Vec<Unreadable>,
    incidents: Collected<EventMark>,
    /// The inputs begun so far.
    inputs: Vec<String>,
    seen: Seen,
}

impl Tally {
    pub(super) fn new(bundle: &Bundle, refused: &[RefusedPattern]) -> Self {
        let count = |code: String, outcome| RuleCount {
            code,
            outcome,
            hits: 0,
            out_of_steps: 0,
            examples: Vec::new(),
        };
        let default = bundle.defaults.outcome;
        Self {
            coverage: Coverage::default(),
            rules: bundle
                .rules
                .iter()
                .map(|rule| count(rule.id.clone(), rule.outcome))
                .collect(),
            default_rule: count(format!("DEFAULT_{}", default.as_str()), default),
            plugins: BTreeMap::new(),
            alerts: AlertCounts::default(),
            results: AlertCounts::default(),
            outcomes: [0; Outcome::ALL.len()],
            agents: Names::default(),
            tools: Names::default(),
            counted: Vec::new(),
            renamed: BTreeMap::new(),
            refused: refused
                .iter()
                .filter_map(|refused| {
                    Some(RefusedRule {
                        rule: bundle.rules.get(refused.rule)?.id.clone(),
                        reason: refused.refusal.to_string(),
                    })
                })
                .collect(),
            unreadable: Vec::new(),
            incidents: Collected::default(),
            inputs: Vec::new(),
            seen: Seen::default(),
        }
    }

    /// Says that what follows stands in another input.
    pub(super) fn begin_input(&mut self, name: &str) {
        self.inputs.push(name.to_owned());
        self.seen.begin_recording();
    }

    /// Decides and counts what a chunk of `source` holds, appends a line a decision to `output`
    /// and lets `trail` have the events.
    #[expect(clippy::too_many_arguments, reason = "what calls meet on their way")]
    pub(super) fn take(
        &mut self,
        source: &str,
        decided: &Decided,
        pipeline: &mut Run<'_>,
        tails: &Tails,
        trail: &mut Trail<'_, '_>,
        reviewing: &mut Reviewing<'_, '_>,
        output: &mut Vec<u8>,
    ) -> io::Result<()> {
        for call in &decided.calls {
            self.call(
                source, call, decided, pipeline, tails, trail, reviewing, output,
            )?;
        }
        // One after the other, so that the processor waits for the memory of several at a time.
        for (agent, tool, denied) in self.counted.drain(..) {
            self.agents.count(decided.part(agent), denied);
            self.tools.count(decided.part(tool), denied);
        }
        reviewing.evidence(&decided.evidence);
        self.incidents.add(pipeline.take_incidents());
        for &(rule, count) in &decided.out_of_steps {
            if let Some(rule) = self.rules.get_mut(rule) {
                rule.out_of_steps += count;
            }
        }
        let repeated = decided.duplicates.len() as u64;
        if repeated > 0 {
            *self.coverage.notes.entry(DUPLICATE).or_default() += repeated;
        }
        let not_decided = decided.not_replayable.len() as u64 + repeated;
        self.coverage.calls_read += decided.calls.len() as u64 + not_decided;
        self.coverage.lines_unreadable += decided.unreadable;
        self.coverage.cases_unreadable += decided.cases_unreadable;
        for &(reason, _) in &decided.not_replayable {
            *self.coverage.not_replayable.entry(reason).or_default() += 1;
        }
        for &note in &decided.notes {
            *self.coverage.notes.entry(note).or_default() += 1;
        }
        let room = MAX_UNREADABLE_LISTED.saturating_sub(self.unreadable.len());
        let listed = decided.troubles.iter().take(room);
        self.unreadable.extend(listed.map(|trouble| Unreadable {
            source: source.to_owned(),
            line: trouble.line,
            column: trouble.column,
            message: trouble.message.clone(),
        }));
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "what a call meets on its way")]
    fn call(
        &mut self,
        source: &str,
        call: &Call,
        decided: &Decided,
        pipeline: &mut Run<'_>,
        tails: &Tails,
        trail: &mut Trail<'_, '_>,
        reviewing: &mut Reviewing<'_, '_>,
        output: &mut Vec<u8>,
    ) -> io::Result<()> {
        if call
            .identity
            .is_some_and(|identity| !self.seen.is_new(identity))
        {
            *self.coverage.notes.entry(DUPLICATE).or_default() += 1;
            return Ok(());
        }
        let facts = Facts {
            request: decided.part(call.request),
            agent: decided.part(call.agent),
            tool: decided.part(call.tool),
            session: decided.part(call.session),
            time: call.time,
            approval: call.approval,
        };
        let prepared = call.prepared.of(|| pipeline.standing(facts.agent));
        let verdict = pipeline.decide(&facts, prepared);
        let place = || Place {
            source: source.to_owned(),
            line: call.line,
        };
        let subject = Subject {
            source,
            call,
            chunk: decided,
            facts,
            decided: &verdict,
        };
        reviewing.call(&subject, pipeline)?;
        let allowed = verdict.allowed();
        let name = |raised: &Raised| pipeline.plugin_name(raised.plugin);
        self.alerts.add(&verdict.alerts, Met::Now, name, place);
        let met = if allowed { Met::Now } else { Met::Prevented };
        self.results.add(&call.results, met, name, place);
        let head = decided.part(call.head);
        let start = output.len();
        output.extend_from_slice(head);
        if !head.is_empty() {
            decisions::append_alerts("alerts", &verdict.alerts, name, output);
            if allowed {
                decisions::append_alerts("results", &call.results, name, output);
            }
        }
        match &verdict.source {
            Source::Undecidable(reason) => {
                output.truncate(start);
                *self.coverage.not_replayable.entry(reason).or_default() += 1;
                return Ok(());
            }
            Source::Rules(rule, _) => {
                let count = match rule.and_then(|index| self.rules.get_mut(index)) {
                    Some(rule) => rule,
                    None => &mut self.default_rule,
                };
                count.hits += 1;
                if count.examples.len() < EXAMPLES_PER_RULE {
                    count.examples.push(place());
                }
                if !head.is_empty() {
                    output.extend_from_slice(tails.of_rule(*rule, verdict.settlement));
                }
            }
            Source::Plugin(position, ruling) => {
                let name = pipeline.plugin_name(*position);
                let count = self.plugin(*position, name, ruling);
                count.hits += 1;
                if count.examples.len() < EXAMPLES_PER_RULE {
                    count.examples.push(place());
                }
                if !head.is_empty() {
                    decisions::append_plugin(name, ruling, verdict.settlement, output);
                }
            }
        }
        self.coverage.decided += 1;
        if let Some(count) = self.outcomes.get_mut(verdict.outcome as usize) {
            *count += 1;
        }
        let denied = verdict.outcome == Outcome::Deny;
        self.counted.push((call.agent, call.tool, denied));
        if let Some(recorded) = call.recorded_tool {
            let names = self.renamed.entry(decided.part(recorded).to_vec());
            *names.or_default().entry(facts.tool.to_vec()).or_default() += 1;
        }
        let plugin = match &verdict.source {
            Source::Plugin(position, _) => Some(pipeline.plugin_name(*position)),
            _ => None,
        };
        let environment = decided.part(call.environment);
        let ids = trail.follow(&facts, environment, plugin, &verdict)?;
        let marks: Vec<EventMark> = ids
            .into_iter()
            .map(|event_id| EventMark {
                event_id,
                input: self.inputs.len().saturating_sub(1),
                line: call.line,
            })
            .collect();
        pipeline.watch(&facts, &verdict, &marks);
        Ok(())
    }

    fn plugin(&mut self, position: usize, name: &str, ruling: &Ruling) -> &mut PluginCount {
        let key = (position, ruling.code.clone(), ruling.outcome);
        self.plugins.entry(key).or_insert_with(|| PluginCount {
            plugin: name.to_owned(),
            code: ruling.code.clone().into_owned(),
            outcome: ruling.outcome,
            hits: 0,
            examples: Vec::new(),
        })
    }

    /// Counts something else worth knowing.
    pub(super) fn note(&mut self, what: &'static str) {
        *self.coverage.notes.entry(what).or_default() += 1;
    }

    pub(super) fn calls(&self) -> u64 {
        self.coverage.calls_read
    }

    pub(super) fn first_unreadable(&self) -> Option<&Unreadable> {
        self.unreadable.first()
    }

    pub(super) fn finish(
        mut self,
        inputs: Vec<InputSummary>,
        pipeline: &mut Run<'_>,
        audit: AuditSummary,
        reviewed: Reviewed,
    ) -> Simulation {
        if pipeline.backwards() > 0 {
            let notes = &mut self.coverage.notes;
            notes.insert("time_going_backwards", pipeline.backwards());
        }
        let incidents = pipeline.finish_watch().map(|last| {
            let place = |mark| EventPlace::of(mark, &self.inputs);
            self.incidents.finish(last, place)
        });
        for (note, count) in incidents.iter().flat_map(|found| {
            [
                ("guardian_without_time", found.without_time),
                ("guardian_without_agent", found.without_agent),
            ]
        }) {
            if count > 0 {
                self.coverage.notes.insert(note, count);
            }
        }
        let outcomes = Outcome::ALL.into_iter().zip(self.outcomes);
        let mut agents = self.agents.sorted();
        for agent in &mut agents {
            agent.owner = pipeline.pipeline().owner(&agent.name).map(str::to_owned);
        }
        Simulation {
            inputs,
            coverage: self.coverage,
            outcomes: outcomes.collect(),
            plugins: self.plugins.into_values().collect(),
            alerts: self.alerts.0.into_values().collect(),
            results: self.results.0.into_values().collect(),
            rules: self.rules,
            default_rule: self.default_rule,
            agents,
            tools: self.tools.sorted(),
            renamed: renamed(self.renamed),
            audit,
            reviewed,
            incidents,
            refused: self.refused,
            unreadable: self.unreadable,
        }
    }
}

/// Most calls first, then by recorded name, then by the name that it stands for.
fn renamed(counts: BTreeMap<Vec<u8>, BTreeMap<Vec<u8>, u64>>) -> Vec<RenamedTool> {
    let text = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
    let mut renamed = Vec::new();
    for (recorded, tools) in counts {
        renamed.extend(tools.into_iter().map(|(tool, calls)| RenamedTool {
            recorded: text(&recorded),
            tool: text(&tool),
            calls,
        }));
    }
    renamed.sort_by_key(|tool| Reverse(tool.calls));
    renamed
}

/// By position of the plugin and code.
#[derive(Default)]
struct AlertCounts(BTreeMap<(usize, &'static str), AlertCount>);

/// Whether what is reported came about.
#[derive(Clone, Copy)]
enum Met {
    Now,
    Prevented,
}

impl AlertCounts {
    fn add<'n>(
        &mut self,
        all: &[Raised],
        met: Met,
        name: impl Fn(&Raised) -> &'n str,
        place: impl Fn() -> Place,
    ) {
        for raised in all {
            let key = (raised.plugin, raised.alert.code);
            let count = self.0.entry(key).or_insert_with(|| AlertCount {
                plugin: name(raised).to_owned(),
                code: raised.alert.code.to_owned(),
                hits: 0,
                prevented: 0,
                examples: Vec::new(),
            });
            match met {
                Met::Prevented => count.prevented += 1,
                Met::Now => {
                    count.hits += 1;
                    if count.examples.len() < EXAMPLES_PER_RULE {
                        count.examples.push(place());
                    }
                }
            }
        }
    }
}

/// Names with their counts, in the order in which they came up. There may be a million, so that
/// what is searched holds their places alone and stays small.
#[derive(Default)]
struct Names {
    counts: Vec<(Short, NameCount)>,
    places: HashTable<u32>,
    hasher: RandomState,
}

#[derive(Default)]
struct NameCount {
    calls: u64,
    denied: u64,
}

impl Names {
    fn count(&mut self, name: &[u8], denied: bool) {
        let hash = self.hasher.hash_one(name);
        let name_at = |place: &u32| match self.counts.get(*place as usize) {
            Some((known, _)) => &**known,
            None => &[],
        };
        let place = match self.places.find(hash, |place| name_at(place) == name) {
            Some(&place) => place,
            None => {
                // More names than that do not fit into memory.
                let place = u32::try_from(self.counts.len()).unwrap_or(u32::MAX);
                let hash_at = |place: &u32| self.hasher.hash_one(name_at(place));
                self.places.insert_unique(hash, place, hash_at);
                self.counts.push((name.into(), NameCount::default()));
                place
            }
        };
        if let Some((_, count)) = self.counts.get_mut(place as usize) {
            count.calls += 1;
            count.denied += u64::from(denied);
        }
    }

    /// Most denials first, then most calls, then by name.
    fn sorted(self) -> Vec<CallCounts> {
        let mut names = self.counts;
        names.sort_unstable_by(|(a, a_counts), (b, b_counts)| {
            let key = |counts: &NameCount| (Reverse(counts.denied), Reverse(counts.calls));
            let order = key(a_counts).cmp(&key(b_counts));
            order.then_with(|| a.cmp(b))
        });
        let counts = names.into_iter().map(|(name, counts)| CallCounts {
            name: String::from_utf8_lossy(&name).into_owned(),
            calls: counts.calls,
            denied: counts.denied,
            owner: None,
        });
        counts.collect()
    }
}
