//! What was denied, by agent, tool, plugin and code. Owns nothing of why.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ROWS_SHOWN;
use crate::model::decision::Outcome;
use crate::report::{Column, Section, grouped};
use crate::simulate::{CallCounts, PluginCount, Simulation};

/// Denials for programs.
#[derive(Debug, Serialize)]
pub(super) struct Report<'a> {
    agent: BTreeMap<&'a str, u64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    owner: BTreeMap<&'a str, &'a str>,
    tool: BTreeMap<&'a str, u64>,
    plugin: BTreeMap<&'a str, u64>,
    code: BTreeMap<&'a str, u64>,
}

/// Everything that was denied, for programs.
pub(super) fn report(simulation: &Simulation) -> Report<'_> {
    Report {
        agent: denied(&simulation.agents),
        owner: owners(&simulation.agents),
        tool: denied(&simulation.tools),
        plugin: denied_by_plugin(simulation),
        code: denied_by_code(simulation),
    }
}

/// What agents or tools were denied, for people.
pub(super) fn section(title: &str, what: &'static str, counts: &[CallCounts]) -> Section {
    let denied: Vec<&CallCounts> = counts.iter().filter(|counts| counts.denied > 0).collect();
    let is_owned = denied.iter().any(|counts| counts.owner.is_some());
    let rows = denied.iter().take(ROWS_SHOWN).map(|counts| {
        let mut row = vec![
            counts.name.clone(),
            grouped(counts.denied),
            grouped(counts.calls),
        ];
        if is_owned {
            row.push(counts.owner.clone().unwrap_or_default());
        }
        row
    });
    let mut columns = vec![
        Column::text(what),
        Column::number("denied"),
        Column::number("calls"),
    ];
    if is_owned {
        columns.push(Column::text("owner"));
    }
    Section {
        title: title.to_owned(),
        columns,
        rows: rows.collect(),
        note: (denied.len() > ROWS_SHOWN).then(|| {
            let all = grouped(denied.len() as u64);
            format!("showing {ROWS_SHOWN} of {all}; all are in the JSON report")
        }),
    }
}

fn denied(counts: &[CallCounts]) -> BTreeMap<&str, u64> {
    counts
        .iter()
        .filter(|counts| counts.denied > 0)
        .map(|counts| (counts.name.as_str(), counts.denied))
        .collect()
}

/// Who answers for the agents that were denied something.
fn owners(agents: &[CallCounts]) -> BTreeMap<&str, &str> {
    let denied = agents.iter().filter(|agent| agent.denied > 0);
    denied
        .filter_map(|agent| Some((agent.name.as_str(), agent.owner.as_deref()?)))
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
