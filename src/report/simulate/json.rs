//! What `simulate` answers, for programs: its own structures, so that those of the engine may
//! change.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{MadeFrom, denials};
use crate::model::decision::Outcome;
use crate::report::custody::{Custody, SourceFile};
use crate::report::json::{TOOL, Tool};
use crate::report::{incidents, review};
use crate::simulate::{
    AlertCount, AuditSummary, Place, RefusedRule, RenamedTool, RuleCount, Simulation, Unreadable,
};

/// The version of [`Report`]'s shape: members are only added within one.
pub const SCHEMA: &str = "agent-spm/simulate/1";

/// The result for programs.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    schema: &'static str,
    tool: Tool,
    inputs: Vec<Input<'a>>,
    policy: Policy<'a>,
    #[serde(flatten)]
    custody: &'a Custody,
    coverage: Coverage<'a>,
    outcomes: BTreeMap<&'static str, u64>,
    rules: Vec<Rule<'a>>,
    default: Rule<'a>,
    denials: denials::Report<'a>,
    #[serde(skip_serializing_if = "<[RenamedTool]>::is_empty")]
    renamed_tools: &'a [RenamedTool],
    audit: Audit<'a>,
    alerts: Vec<Alerts<'a>>,
    results: &'a [AlertCount],
    unreadable: &'a [Unreadable],
    incidents: Vec<incidents::Report>,
    incident_counts: BTreeMap<&'static str, u64>,
    #[serde(flatten)]
    reviewed: review::Report<'a>,
}

/// The version of [`Manifest`]'s shape: members are only added within one.
const MANIFEST_SCHEMA: &str = "agent-spm/made-from/1";

/// What decisions that were written to a file were made from: the file's own form has no place for
/// it.
#[derive(Debug, Serialize)]
pub struct Manifest<'a> {
    schema: &'static str,
    tool: Tool,
    answer: &'a SourceFile,
    inputs: Vec<Input<'a>>,
    policy: PolicyName<'a>,
    #[serde(flatten)]
    custody: &'a Custody,
}

#[derive(Debug, Serialize)]
struct PolicyName<'a> {
    digest: &'a str,
    version: &'a str,
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
    digest: &'a str,
    version: &'a str,
    patterns_never_matching: &'a [RefusedRule],
}

#[derive(Debug, Serialize)]
struct Coverage<'a> {
    calls_read: u64,
    decided: u64,
    not_replayable: &'a BTreeMap<&'static str, u64>,
    lines_unreadable: u64,
    #[serde(skip_serializing_if = "is_zero")]
    cases_unreadable: u64,
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

/// The result for programs.
pub fn report<'a>(simulation: &'a Simulation, made_from: &MadeFrom<'a>) -> Report<'a> {
    let MadeFrom {
        policy,
        digest,
        custody,
    } = *made_from;
    let coverage = &simulation.coverage;
    let found = incidents::simulated(simulation);
    Report {
        schema: SCHEMA,
        tool: TOOL,
        inputs: inputs(simulation),
        policy: Policy {
            digest,
            version: &policy.version,
            patterns_never_matching: &simulation.refused,
        },
        custody,
        coverage: Coverage {
            calls_read: coverage.calls_read,
            decided: coverage.decided,
            not_replayable: &coverage.not_replayable,
            lines_unreadable: coverage.lines_unreadable,
            cases_unreadable: coverage.cases_unreadable,
            notes: &coverage.notes,
        },
        outcomes: simulation
            .outcomes
            .iter()
            .map(|(outcome, count)| (outcome.as_str(), *count))
            .collect(),
        rules: simulation.rules.iter().map(rule).collect(),
        default: rule(&simulation.default_rule),
        denials: denials::report(simulation),
        renamed_tools: &simulation.renamed,
        audit: audit(&simulation.audit),
        alerts: simulation.alerts.iter().map(alerts).collect(),
        results: &simulation.results,
        unreadable: &simulation.unreadable,
        incidents: found.incidents,
        incident_counts: found.counts,
        reviewed: review::report(&simulation.reviewed),
    }
}

/// What the decisions in the file `answer` were made from.
pub fn manifest<'a>(
    simulation: &'a Simulation,
    made_from: &MadeFrom<'a>,
    answer: &'a SourceFile,
) -> Manifest<'a> {
    Manifest {
        schema: MANIFEST_SCHEMA,
        tool: TOOL,
        answer,
        inputs: inputs(simulation),
        policy: PolicyName {
            digest: made_from.digest,
            version: &made_from.policy.version,
        },
        custody: made_from.custody,
    }
}

fn inputs(simulation: &Simulation) -> Vec<Input<'_>> {
    let inputs = simulation.inputs.iter().map(|input| Input {
        name: &input.name,
        sha256: input.sha256.as_deref(),
        shape: input.shape,
        lines: input.lines,
        calls: input.calls,
    });
    inputs.collect()
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
