//! What `simulate` answers: coverage first, then outcomes, rules and denials.

mod denials;
mod json;

use std::collections::BTreeMap;

use super::custody::{self, Custody, Property, property};
use super::html::Page;
use super::json::TOOL;
use super::review;
use super::{Column, Section, View, grouped, incidents};
use crate::model::bundle::Bundle;
use crate::simulate::{
    AlertCount, AuditSummary, InputSummary, Place, PluginCount, RenamedTool, Simulation,
};

pub use self::json::{Manifest, Report, SCHEMA, manifest, report};

/// How many agents and tools a view shows.
const ROWS_SHOWN: usize = 20;

/// The result for people: the traces if some were asked for, otherwise the totals; and what it was
/// made from.
pub fn view(simulation: &Simulation, made_from: &MadeFrom<'_>) -> View {
    let traces = &simulation.reviewed.traces;
    let mut sections: Vec<Section> = traces.iter().map(review::trace_section).collect();
    if sections.is_empty() {
        sections = totals(simulation);
    }
    sections.push(custody::section(made_from.properties()));
    View { sections }
}

fn totals(simulation: &Simulation) -> Vec<Section> {
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
        denials::section("Denials by agent", "agent", &simulation.agents),
        denials::section("Denials by tool", "tool", &simulation.tools),
        incidents::simulated_section(simulation),
        renamed_section(&simulation.renamed),
        audit_section(&simulation.audit),
    ]);
    sections
}

/// What a result was made from, beside the recordings.
#[derive(Clone, Copy, Debug)]
pub struct MadeFrom<'a> {
    /// The policy that decided.
    pub policy: &'a Bundle,
    /// The digest of its payload, in lower-case hexadecimal.
    pub digest: &'a str,
    /// The other files and the options.
    pub custody: &'a Custody,
}

impl MadeFrom<'_> {
    fn subtitle(&self, simulation: &Simulation) -> String {
        let read = simulation.inputs.iter();
        let recordings = read.filter(|input| input.shape.is_some()).count();
        format!(
            "policy version {}, sha256:{}…; {} {}; {} {}",
            self.policy.version,
            self.digest.get(..12).unwrap_or_default(),
            grouped(recordings as u64),
            if recordings == 1 {
                "recording"
            } else {
                "recordings"
            },
            TOOL.name,
            TOOL.version,
        )
    }

    /// All but the recordings, as names and values.
    fn properties(&self) -> Vec<Property> {
        let version = property("policy version", self.policy.version.clone());
        let digest = property("policy digest", format!("sha256:{}", self.digest));
        let mut properties = self.custody.properties();
        properties.splice(1..1, [version, digest]);
        properties
    }

    /// All, as names and values: for forms of the answer that have no table of the recordings.
    pub fn properties_with(&self, recordings: &[InputSummary]) -> Vec<Property> {
        let mut properties = self.properties();
        properties.extend(recordings.iter().map(|input| {
            let digest = input.sha256.as_ref();
            let digest = digest.map_or_else(String::new, |hex| format!(" sha256:{hex}"));
            property("recording", format!("{}{digest}", input.name))
        }));
        properties
    }
}

/// The result as a page.
pub fn page(simulation: &Simulation, made_from: &MadeFrom<'_>) -> Page {
    Page {
        title: "What the policy decides about recorded calls".to_owned(),
        subtitle: made_from.subtitle(simulation),
        headline: review::headline(simulation),
        lead: View::default(),
        charts: review::charts(simulation),
        view: view(simulation, made_from),
    }
}

fn coverage_section(simulation: &Simulation) -> Section {
    let coverage = &simulation.coverage;
    let row = |what: &str, count| vec![what.to_owned(), grouped(count)];
    let mut rows = vec![
        row("calls read", coverage.calls_read),
        row("decided", coverage.decided),
        row("not replayable", coverage.not_replayable.values().sum()),
        row("lines unreadable", coverage.lines_unreadable),
    ];
    if coverage.cases_unreadable > 0 {
        rows.push(row("test cases among them", coverage.cases_unreadable));
    }
    Section {
        title: "Coverage".to_owned(),
        columns: vec![Column::text(""), Column::number("")],
        rows,
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
    let digested = simulation.inputs.iter().any(|input| input.sha256.is_some());
    let rows = simulation.inputs.iter().map(|input| {
        let mut row = vec![
            input.name.clone(),
            input.shape.unwrap_or("not recognised").to_owned(),
            grouped(input.lines),
            grouped(input.calls),
        ];
        if digested {
            row.push(input.sha256.clone().unwrap_or_default());
        }
        row
    });
    let mut columns = vec![
        Column::text("file"),
        Column::text("read as"),
        Column::number("lines"),
        Column::number("calls"),
    ];
    if digested {
        columns.push(Column::text("sha256"));
    }
    Section {
        title: "Inputs".to_owned(),
        columns,
        rows: rows.collect(),
        note: (!digested).then(|| "with `--output`, their digests are named as well".to_owned()),
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

/// The tools that were decided under another name than the recorded one.
fn renamed_section(renamed: &[RenamedTool]) -> Section {
    let rows = renamed.iter().take(ROWS_SHOWN).map(|tool| {
        vec![
            tool.recorded.clone(),
            tool.tool.clone(),
            grouped(tool.calls),
        ]
    });
    Section {
        title: "Tools by another name".to_owned(),
        columns: vec![
            Column::text("recorded as"),
            Column::text("decided as"),
            Column::number("calls"),
        ],
        rows: rows.collect(),
        note: (renamed.len() > ROWS_SHOWN).then(|| {
            let all = grouped(renamed.len() as u64);
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
