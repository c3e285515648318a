//! What `simulate` answers: coverage first, then outcomes, rules and denials.

use std::collections::BTreeMap;

use serde::Serialize;

use super::html::Page;
use super::json::{TOOL, Tool};
use super::review;
use super::{Column, Section, View, grouped, incidents};
use crate::model::bundle::load::LoadedBundle;
use crate::model::decision::Outcome;
use crate::simulate::{
    AlertCount, AuditSummary, CallCounts, Place, PluginCount, RefusedRule, RuleCount, Simulation,
    Unreadable,
};

/// How many agents and tools a view shows.
const ROWS_SHOWN: usize = 20;

/// The result for people.
pub fn view(simulation: &Simulation) -> View {
    let coverage = &simulation.coverage;
    let mut sections = vec![coverage_section(simulation)];
    sections.extend(review::sections(&simulation.reviewed));
    sections.extend([
        counts("Not replayable", "reason", &coverage.not_replayable),
        counts("Noted", "what", &coverage.notes),
        inputs_section(simulation),
        unreadable_section(simulation),
        outcomes_section(simulation),
        rules_section(simulation),
        never_hit_section(simulation),
        plugins_section(&simulation.plugins),
        alerts_section(&simulation.alerts),
        results_section(&simulation.results),
        refused_section(simulation),
        out_of_steps_section(simulation),
        denials_section("Denials by agent", "agent", &simulation.agents),
        denials_section("Denials by tool", "tool", &simulation.tools),
        incidents::simulated_section(simulation),
        audit_section(&simulation.audit),
    ]);
    View { sections }
}

/// The result as a page.
pub fn page(simulation: &Simulation) -> Page {
    Page {
        title: "agent-spm simulate".to_owned(),
        headline: review::headline(simulation),
        charts: review::charts(simulation),
        view: view(simulation),
    }
}

fn coverage_section(simulation: &Simulation) -> Section {
    let coverage = &simulation.coverage;
    let row = |what: &str, count| vec![what.to_owned(), grouped(count)];
    Section {
        title: "Coverage".to_owned(),
        columns: vec![Column::text(""), Column::number("")],
        rows: vec![
            row("calls read", coverage.calls_read),
            row("decided", coverage.decided),
            row("not replayable", coverage.not_replayable.values().sum()),
            row("lines unreadable", coverage.lines_unreadable),
        ],
        note: None,
    }
}

fn counts(title: &str, what: &'static str, counts: &BTreeMap<&'static str, u64>) -> Section {
    Section {
        title: title.to_owned(),
        columns: vec![Column::text(what), Column::number("count")],
        rows: counts
            .iter()
            .map(|(name, count)| vec![(*name).to_owned(), grouped(*count)])
            .collect(),
        note: None,
    }
}

fn inputs_section(simulation: &Simulation) -> Section {
    let rows = simulation.inputs.iter().map(|input| {
        vec![
            input.name.clone(),
            input.shape.unwrap_or("not recognised").to_owned(),
            grouped(input.lines),
            grouped(input.calls),
        ]
    });
    Section {
        title: "Inputs".to_owned(),
        columns: vec![
            Column::text("file"),
            Column::text("read as"),
            Column::number("lines"),
            Column::number("calls"),
        ],
        rows: rows.collect(),
        note: None,
    }
}

fn unreadable_section(simulation: &Simulation) -> Section {
    let rows = simulation
        .unreadable
        .iter()
        .map(|unreadable| vec![unreadable.place(), unreadable.message.clone()]);
    let listed = simulation.unreadable.len() as u64;
    let all = simulation.coverage.lines_unreadable;
    Section {
        title: "Unreadable".to_owned(),
        columns: vec![Column::text("where"), Column::text("why")],
        rows: rows.collect(),
        note: (listed < all)
            .then(|| format!("showing the first {} of {}", grouped(listed), grouped(all))),
    }
}

fn outcomes_section(simulation: &Simulation) -> Section {
    let seen = simulation.outcomes.iter().filter(|(_, count)| *count > 0);
    Section {
        title: "Outcomes".to_owned(),
        columns: vec![Column::text("outcome"), Column::number("calls")],
        rows: seen
            .map(|(outcome, count)| vec![outcome.as_str().to_owned(), grouped(*count)])
            .collect(),
        note: None,
    }
}

fn rules_section(simulation: &Simulation) -> Section {
    let rules = simulation.rules.iter().chain([&simulation.default_rule]);
    let rows = rules.filter(|rule| rule.hits > 0).map(|rule| {
        vec![
            rule.code.clone(),
            rule.outcome.as_str().to_owned(),
            grouped(rule.hits),
            first(&rule.examples),
        ]
    });
    Section {
        title: "Rules".to_owned(),
        columns: vec![
            Column::text("rule"),
            Column::text("outcome"),
            Column::number("hits"),
            Column::text("first"),
        ],
        rows: rows.collect(),
        note: None,
    }
}

fn never_hit_section(simulation: &Simulation) -> Section {
    let never = simulation.rules.iter().filter(|rule| rule.hits == 0);
    Section {
        title: "Rules never hit".to_owned(),
        columns: vec![Column::text("rule"), Column::text("outcome")],
        rows: never
            .map(|rule| vec![rule.code.clone(), rule.outcome.as_str().to_owned()])
            .collect(),
        note: None,
    }
}

fn plugins_section(plugins: &[PluginCount]) -> Section {
    let rows = plugins.iter().map(|count| {
        vec![
            count.plugin.clone(),
            count.code.clone(),
            count.outcome.as_str().to_owned(),
            grouped(count.hits),
            first(&count.examples),
        ]
    });
    Section {
        title: "Plugins".to_owned(),
        columns: vec![
            Column::text("plugin"),
            Column::text("code"),
            Column::text("outcome"),
            Column::number("hits"),
            Column::text("first"),
        ],
        rows: rows.collect(),
        note: None,
    }
}

fn alerts_section(alerts: &[AlertCount]) -> Section {
    let rows = alerts.iter().map(|count| {
        vec![
            count.plugin.clone(),
            count.code.clone(),
            grouped(count.hits),
            first(&count.examples),
        ]
    });
    Section {
        title: "Alerts".to_owned(),
        columns: vec![
            Column::text("plugin"),
            Column::text("code"),
            Column::number("calls"),
            Column::text("first"),
        ],
        rows: rows.collect(),
        note: Some("alerts deny nothing".to_owned()),
    }
}

fn results_section(results: &[AlertCount]) -> Section {
    let rows = results.iter().map(|count| {
        vec![
            count.plugin.clone(),
            count.code.clone(),
            grouped(count.hits),
            grouped(count.prevented),
            first(&count.examples),
        ]
    });
    Section {
        title: "Results".to_owned(),
        columns: vec![
            Column::text("plugin"),
            Column::text("code"),
            Column::number("results"),
            Column::number("of denied calls"),
            Column::text("first"),
        ],
        rows: rows.collect(),
        note: Some("what tools returned in the recording; nothing can be undone".to_owned()),
    }
}

fn first(examples: &[Place]) -> String {
    examples.first().map(Place::to_string).unwrap_or_default()
}

fn refused_section(simulation: &Simulation) -> Section {
    let rows = simulation
        .refused
        .iter()
        .map(|refused| vec![refused.rule.clone(), refused.reason.clone()]);
    Section {
        title: "Patterns that never match".to_owned(),
        columns: vec![Column::text("rule"), Column::text("why")],
        rows: rows.collect(),
        note: Some("a rule whose pattern never matches decides nothing".to_owned()),
    }
}

fn out_of_steps_section(simulation: &Simulation) -> Section {
    let rules = simulation.rules.iter().filter(|rule| rule.out_of_steps > 0);
    Section {
        title: "Patterns that ran out of steps".to_owned(),
        columns: vec![Column::text("rule"), Column::number("calls")],
        rows: rules
            .map(|rule| vec![rule.code.clone(), grouped(rule.out_of_steps)])
            .collect(),
        note: Some("running out counts as no match".to_owned()),
    }
}

fn denials_section(title: &str, what: &'static str, counts: &[CallCounts]) -> Section {
    let denied: Vec<&CallCounts> = counts.iter().filter(|counts| counts.denied > 0).collect();
    let rows = denied.iter().take(ROWS_SHOWN).map(|counts| {
        vec![
            counts.name.clone(),
            grouped(counts.denied),
            grouped(counts.calls),
        ]
    });
    Section {
        title: title.to_owned(),
        columns: vec![
            Column::text(what),
            Column::number("denied"),
            Column::number("calls"),
        ],
        rows: rows.collect(),
        note: (denied.len() > ROWS_SHOWN).then(|| {
            let all = grouped(denied.len() as u64);
            format!("showing {ROWS_SHOWN} of {all}; all are in the JSON report")
        }),
    }
}

/// What became of the events: shown if a log was written, or the platform would have dropped some.
fn audit_section(audit: &AuditSummary) -> Section {
    let row = |what: &str, value: String| vec![what.to_owned(), value];
    let mut rows = Vec::new();
    if audit.log.is_some() || audit.dropped > 0 {
        rows.push(row("events", grouped(audit.events)));
    }
    if audit.dropped > 0 {
        let what = format!("dropped by a log of {}", grouped(audit.max_events));
        rows.push(row(&what, grouped(audit.dropped)));
    }
    if let Some(log) = &audit.log {
        rows.push(row("log", log.uid.clone()));
        rows.push(row("checkpoints", grouped(log.checkpoints)));
        rows.extend(log.root.iter().map(|root| row("root", root.clone())));
    }
    Section {
        title: "Audit events".to_owned(),
        columns: vec![Column::text(""), Column::number("")],
        rows,
        note: (audit.dropped > 0).then(|| {
            "the platform keeps the newest events in memory only; `--audit-log` writes all"
                .to_owned()
        }),
    }
}

/// The version of [`Report`]'s shape: members are only added within one.
pub const SCHEMA: &str = "agent-spm/simulate/1";

/// The result for programs.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    schema: &'static str,
    tool: Tool,
    inputs: Vec<Input<'a>>,
    policy: Policy<'a>,
    coverage: Coverage<'a>,
    outcomes: BTreeMap<&'static str, u64>,
    rules: Vec<Rule<'a>>,
    default: Rule<'a>,
    denials: Denials<'a>,
    audit: Audit<'a>,
    alerts: Vec<Alerts<'a>>,
    results: &'a [AlertCount],
    unreadable: &'a [Unreadable],
    incidents: Vec<incidents::Report>,
    incident_counts: BTreeMap<&'static str, u64>,
    #[serde(flatten)]
    reviewed: review::Report<'a>,
}

#[derive(Debug, Serialize)]
struct Audit<'a> {
    events: u64,
    max_events: u64,
    dropped: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<Log<'a>>,
}

#[derive(Debug, Serialize)]
struct Log<'a> {
    uid: &'a str,
    records: u64,
    checkpoints: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    root: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Input<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<&'a str>,
    shape: Option<&'a str>,
    lines: u64,
    calls: u64,
}

#[derive(Debug, Serialize)]
struct Policy<'a> {
    digest: String,
    version: &'a str,
    patterns_never_matching: &'a [RefusedRule],
}

#[derive(Debug, Serialize)]
struct Coverage<'a> {
    calls_read: u64,
    decided: u64,
    not_replayable: &'a BTreeMap<&'static str, u64>,
    lines_unreadable: u64,
    notes: &'a BTreeMap<&'static str, u64>,
}

#[derive(Debug, Serialize)]
struct Rule<'a> {
    id: &'a str,
    outcome: Outcome,
    hits: u64,
    #[serde(skip_serializing_if = "is_zero")]
    out_of_steps: u64,
    examples: &'a [Place],
}

#[derive(Debug, Serialize)]
struct Alerts<'a> {
    plugin: &'a str,
    code: &'a str,
    hits: u64,
    examples: &'a [Place],
}

#[derive(Debug, Serialize)]
struct Denials<'a> {
    agent: BTreeMap<&'a str, u64>,
    tool: BTreeMap<&'a str, u64>,
    plugin: BTreeMap<&'a str, u64>,
    code: BTreeMap<&'a str, u64>,
}

/// The result for programs.
pub fn report<'a>(simulation: &'a Simulation, policy: &'a LoadedBundle) -> Report<'a> {
    let coverage = &simulation.coverage;
    let inputs = simulation.inputs.iter().map(|input| Input {
        name: &input.name,
        sha256: input.sha256.as_deref(),
        shape: input.shape,
        lines: input.lines,
        calls: input.calls,
    });
    let found = incidents::simulated(simulation);
    Report {
        schema: SCHEMA,
        tool: TOOL,
        inputs: inputs.collect(),
        policy: Policy {
            digest: policy.digest(),
            version: &policy.bundle.version,
            patterns_never_matching: &simulation.refused,
        },
        coverage: Coverage {
            calls_read: coverage.calls_read,
            decided: coverage.decided,
            not_replayable: &coverage.not_replayable,
            lines_unreadable: coverage.lines_unreadable,
            notes: &coverage.notes,
        },
        outcomes: simulation
            .outcomes
            .iter()
            .map(|(outcome, count)| (outcome.as_str(), *count))
            .collect(),
        rules: simulation.rules.iter().map(rule).collect(),
        default: rule(&simulation.default_rule),
        denials: Denials {
            agent: denied(&simulation.agents),
            tool: denied(&simulation.tools),
            plugin: denied_by_plugin(simulation),
            code: denied_by_code(simulation),
        },
        audit: audit(&simulation.audit),
        alerts: simulation.alerts.iter().map(alerts).collect(),
        results: &simulation.results,
        unreadable: &simulation.unreadable,
        incidents: found.incidents,
        incident_counts: found.counts,
        reviewed: review::report(&simulation.reviewed),
    }
}

fn audit(audit: &AuditSummary) -> Audit<'_> {
    Audit {
        events: audit.events,
        max_events: audit.max_events,
        dropped: audit.dropped,
        log: audit.log.as_ref().map(|log| Log {
            uid: &log.uid,
            records: log.records,
            checkpoints: log.checkpoints,
            root: log.root.as_deref(),
        }),
    }
}

fn alerts(count: &AlertCount) -> Alerts<'_> {
    Alerts {
        plugin: &count.plugin,
        code: &count.code,
        hits: count.hits,
        examples: &count.examples,
    }
}

fn rule(rule: &RuleCount) -> Rule<'_> {
    Rule {
        id: &rule.code,
        outcome: rule.outcome,
        hits: rule.hits,
        out_of_steps: rule.out_of_steps,
        examples: &rule.examples,
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

fn denied(counts: &[CallCounts]) -> BTreeMap<&str, u64> {
    counts
        .iter()
        .filter(|counts| counts.denied > 0)
        .map(|counts| (counts.name.as_str(), counts.denied))
        .collect()
}

fn denied_by_plugin(simulation: &Simulation) -> BTreeMap<&str, u64> {
    let mut counts = BTreeMap::new();
    for count in denials(&simulation.plugins) {
        *counts.entry(count.plugin.as_str()).or_default() += count.hits;
    }
    counts
}

fn denied_by_code(simulation: &Simulation) -> BTreeMap<&str, u64> {
    let mut counts = BTreeMap::new();
    for rule in simulation.rules.iter().chain([&simulation.default_rule]) {
        if rule.outcome == Outcome::Deny && rule.hits > 0 {
            *counts.entry(rule.code.as_str()).or_default() += rule.hits;
        }
    }
    for count in denials(&simulation.plugins) {
        *counts.entry(count.code.as_str()).or_default() += count.hits;
    }
    counts
}

fn denials(plugins: &[PluginCount]) -> impl Iterator<Item = &PluginCount> {
    let denies = |count: &&PluginCount| count.outcome == Outcome::Deny;
    plugins.iter().filter(denies)
}
