//! What `simulate` answers beside totals: what changes against a baseline, which test cases fail,
//! how labelled sessions fare, how one decision came about.

use std::cmp::Reverse;

use serde::Serialize;

use super::chart::{Chart, Form, Point, Series, Tone};
use super::html::Headline;
use super::remarks::verdict;
use super::{Column, Section, duration, grouped};
use crate::model::decision::Outcome;
use crate::simulate::{
    ChangeCounts, Comparison, Effect, LabelledSession, LabelledSessions, Place, Reviewed,
    RuleCoverage, Simulation, TestCases, Trace,
};

/// How many rows a table of changes shows.
const ROWS_SHOWN: usize = 20;
/// How many failed test cases are shown step by step.
const TRACES_SHOWN: usize = 5;

/// The members of the JSON report.
#[derive(Debug, Serialize)]
pub(super) struct Report<'a> {
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    comparison: Option<Compared<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cases: Option<&'a TestCases>,
    #[serde(skip_serializing_if = "Option::is_none")]
    labelled: Option<&'a LabelledSessions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_coverage: Option<&'a RuleCoverage>,
    #[serde(skip_serializing_if = "<[Trace]>::is_empty")]
    traces: &'a [Trace],
}

/// `transitions` beside the rest of the comparison.
#[derive(Debug, Serialize)]
struct Compared<'a> {
    transitions: &'a [crate::simulate::Transition],
    comparison: &'a Comparison,
}

/// The members of the JSON report.
pub(super) fn report(reviewed: &Reviewed) -> Report<'_> {
    Report {
        comparison: reviewed.comparison.as_ref().map(|comparison| Compared {
            transitions: &comparison.transitions,
            comparison,
        }),
        cases: reviewed.cases.as_ref(),
        labelled: reviewed.labelled.as_ref(),
        rule_coverage: reviewed.rule_coverage.as_ref(),
        traces: &reviewed.traces,
    }
}

/// The sections for people, those that ask for action first.
pub(super) fn sections(reviewed: &Reviewed) -> Vec<Section> {
    let mut sections = Vec::new();
    if let Some(cases) = &reviewed.cases {
        cases_sections(cases, &mut sections);
    }
    if let Some(comparison) = &reviewed.comparison {
        comparison_sections(comparison, &mut sections);
    }
    if let Some(coverage) = &reviewed.rule_coverage {
        rule_coverage_sections(coverage, &mut sections);
    }
    if let Some(labelled) = &reviewed.labelled {
        labelled_sections(labelled, &mut sections);
    }
    sections
}

fn comparison_sections(comparison: &Comparison, sections: &mut Vec<Section>) {
    let row = |what: &str, count| vec![what.to_owned(), grouped(count)];
    sections.push(Section {
        title: "Against the baseline".to_owned(),
        columns: vec![Column::text(""), Column::number("calls")],
        rows: vec![
            row("compared", comparison.compared),
            row("not comparable", comparison.not_comparable),
            row("newly allowed", comparison.newly_allowed),
            row("newly denied", comparison.newly_denied),
            row("other outcome", comparison.other_outcome),
            row("same outcome, other reason", comparison.other_reason),
        ],
        note: None,
    });
    let transitions = comparison.transitions.iter().map(|transition| {
        vec![
            transition.from.as_str().to_owned(),
            transition.to.as_str().to_owned(),
            effect(transition.effect).to_owned(),
            grouped(transition.count),
            first(&transition.examples),
        ]
    });
    sections.push(Section {
        title: "Transitions".to_owned(),
        columns: vec![
            Column::text("baseline"),
            Column::text("policy"),
            Column::text("which means"),
            Column::number("calls"),
            Column::text("first"),
        ],
        rows: transitions.collect(),
        note: None,
    });
    let codes = comparison.codes.iter().take(ROWS_SHOWN).map(|change| {
        vec![
            change.from.clone(),
            change.to.clone(),
            effect(change.effect).to_owned(),
            grouped(change.count),
            first(&change.examples),
        ]
    });
    sections.push(Section {
        title: "Changes by reason".to_owned(),
        columns: vec![
            Column::text("baseline"),
            Column::text("policy"),
            Column::text("which means"),
            Column::number("calls"),
            Column::text("first"),
        ],
        rows: codes.collect(),
        note: shown(comparison.codes.len()),
    });
    for (title, what, counts) in [
        ("Changes by agent", "agent", &comparison.agents),
        ("Changes by tool", "tool", &comparison.tools),
        ("Changes by session", "session", &comparison.sessions),
    ] {
        sections.push(changes_section(title, what, counts));
    }
}

fn changes_section(title: &str, what: &'static str, counts: &[ChangeCounts]) -> Section {
    let rows = counts.iter().take(ROWS_SHOWN).map(|counts| {
        vec![
            counts.name.clone(),
            grouped(counts.newly_allowed),
            grouped(counts.newly_denied),
            grouped(counts.other_outcome),
        ]
    });
    Section {
        title: title.to_owned(),
        columns: vec![
            Column::text(what),
            Column::number("newly allowed"),
            Column::number("newly denied"),
            Column::number("other outcome"),
        ],
        rows: rows.collect(),
        note: shown(counts.len()),
    }
}

/// A decision step by step, a line each.
pub(super) fn trace_lines(trace: &Trace) -> Vec<String> {
    let plugins = trace.plugins.iter();
    let plugins = plugins.map(|step| format!("{}: {}", step.plugin, step.said));
    let rules = trace.rules.iter().map(|step| match &step.failed {
        Some(route) => format!("{}: `{route}` does not hold", step.rule),
        None => format!("{}: matched", step.rule),
    });
    plugins.chain(rules).collect()
}

fn rule_coverage_sections(coverage: &RuleCoverage, sections: &mut Vec<Section>) {
    let row = |what: &str, part: u64, all: u64, percent: f64| {
        vec![
            what.to_owned(),
            grouped(part),
            grouped(all),
            format!("{percent:.1} %"),
        ]
    };
    let decisive = match coverage.conditions {
        0 => 100.0,
        all => coverage.conditions_decisive as f64 * 100.0 / all as f64,
    };
    sections.push(Section {
        title: "Rule coverage".to_owned(),
        columns: vec![
            Column::text(""),
            Column::number("covered"),
            Column::number("of"),
            Column::number(""),
        ],
        rows: vec![
            row(
                "rules that decided a call",
                coverage.rules_covered,
                coverage.rules,
                coverage.rules_percent(),
            ),
            row(
                "conditions that held and failed",
                coverage.conditions_covered,
                coverage.conditions,
                coverage.conditions_percent(),
            ),
            row(
                "conditions that decided alone",
                coverage.conditions_decisive,
                coverage.conditions,
                decisive,
            ),
        ],
        note: None,
    });
    let uncovered = &coverage.uncovered_conditions;
    let rows = uncovered.iter().take(ROWS_SHOWN).map(|condition| {
        vec![
            condition.rule.clone(),
            condition.condition.clone(),
            grouped(condition.held),
            grouped(condition.failed),
        ]
    });
    sections.push(Section {
        title: "Conditions not covered".to_owned(),
        columns: vec![
            Column::text("rule"),
            Column::text("condition"),
            Column::number("held"),
            Column::number("failed"),
        ],
        rows: rows.collect(),
        note: shown(uncovered.len()).or_else(|| {
            Some("of the calls that reached the rule, some must fulfil it and some not".to_owned())
        }),
    });
}

fn cases_sections(cases: &TestCases, sections: &mut Vec<Section>) {
    sections.push(Section {
        title: "Test cases".to_owned(),
        columns: vec![Column::text(""), Column::number("")],
        rows: vec![
            vec!["passed".to_owned(), grouped(cases.passed)],
            vec!["failed".to_owned(), grouped(cases.failed)],
        ],
        note: None,
    });
    let failed = || {
        let cases = cases.cases.iter();
        cases.filter_map(|case| Some((case, case.failure.as_ref()?)))
    };
    let rows = failed().take(ROWS_SHOWN).map(|(case, failure)| {
        let (wanted, got) = verdict(failure);
        vec![case.request_id.clone(), case.place.to_string(), wanted, got]
    });
    sections.push(Section {
        title: "Failed test cases".to_owned(),
        columns: vec![
            Column::text("case"),
            Column::text("where"),
            Column::text("expected"),
            Column::text("got"),
        ],
        rows: rows.collect(),
        note: shown(failed().count()),
    });
    let traced = failed().take(TRACES_SHOWN);
    sections.extend(traced.map(|(_, failure)| trace_section(&failure.trace)));
    if failed().count() > TRACES_SHOWN
        && let Some(last) = sections.last_mut()
    {
        last.note = Some("the traces of all failed cases are in the JSON report".to_owned());
    }
}

pub(super) fn trace_section(trace: &Trace) -> Section {
    let recorded = trace
        .recorded_tool_name
        .iter()
        .map(|name| vec!["recorded as".to_owned(), name.clone()]);
    let plugins = trace
        .plugins
        .iter()
        .map(|step| vec![step.plugin.clone(), step.said.to_owned()]);
    let rules = trace.rules.iter().map(|step| {
        let became = match &step.failed {
            Some(route) => format!("`{route}` does not hold"),
            None => "matched".to_owned(),
        };
        vec![step.rule.clone(), became]
    });
    let outcome = trace
        .outcome
        .map_or("no decision", |outcome| outcome.as_str());
    let decision = vec![
        "decision".to_owned(),
        format!("{outcome} by {}: {}", trace.code, trace.settlement),
    ];
    Section {
        title: format!(
            "Trace of {} ({}): {} calls {}",
            trace.request_id, trace.place, trace.agent_id, trace.tool_name
        ),
        columns: vec![Column::text("plugin or rule"), Column::text("became")],
        rows: recorded
            .chain(plugins)
            .chain(rules)
            .chain([decision])
            .collect(),
        note: None,
    }
}

fn labelled_sections(labelled: &LabelledSessions, sections: &mut Vec<Section>) {
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    let share = |share: Option<f64>| share.map_or("none".to_owned(), percent);
    let row = |what: &str, value: String| vec![what.to_owned(), value];
    sections.push(Section {
        title: "Labelled sessions".to_owned(),
        columns: vec![Column::text(""), Column::number("")],
        rows: vec![
            row("attacks", grouped(labelled.attacks)),
            row("attacks stopped", grouped(labelled.attacks_stopped)),
            row("benign sessions", grouped(labelled.benign)),
            row("benign sessions stopped", grouped(labelled.benign_stopped)),
            row("precision", share(labelled.precision)),
            row("recall", share(labelled.recall)),
            row("labels not seen", grouped(labelled.not_seen)),
            row(
                "calls without a label",
                grouped(labelled.calls_without_label),
            ),
        ],
        note: None,
    });
    for (title, list) in [
        ("Attacks that went through", &labelled.missed),
        ("Benign sessions stopped", &labelled.broken),
        ("Attacks stopped", &labelled.stopped),
    ] {
        sections.push(sessions_section(title, list));
    }
}

fn sessions_section(title: &str, list: &[LabelledSession]) -> Section {
    let rows = list.iter().take(ROWS_SHOWN).map(|session| {
        let responsible = session.responsible.as_ref();
        vec![
            session.session.clone(),
            grouped(session.calls),
            grouped(session.denied),
            responsible.map_or_else(String::new, |call| call.code.clone()),
            responsible.map_or_else(String::new, |call| call.place.to_string()),
        ]
    });
    Section {
        title: title.to_owned(),
        columns: vec![
            Column::text("session"),
            Column::number("calls"),
            Column::number("denied"),
            Column::text("first by"),
            Column::text("where"),
        ],
        rows: rows.collect(),
        note: shown(list.len()),
    }
}

const fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::NewlyAllowed => "newly allowed",
        Effect::NewlyDenied => "newly denied",
        Effect::OtherOutcome => "other outcome",
        Effect::Unchanged => "unchanged",
    }
}

fn first(examples: &[Place]) -> String {
    examples.first().map(Place::to_string).unwrap_or_default()
}

fn shown(rows: usize) -> Option<String> {
    (rows > ROWS_SHOWN).then(|| {
        let all = grouped(rows as u64);
        format!("showing {ROWS_SHOWN} of {all}; all are in the JSON report")
    })
}

/// The answers that matter most, for the top of a page.
pub(super) fn headline(simulation: &Simulation) -> Vec<Headline> {
    let coverage = &simulation.coverage;
    let not_replayable = coverage.not_replayable.values().sum();
    let outcome = |wanted| {
        let outcomes = simulation.outcomes.iter();
        let count = outcomes.filter(|(outcome, _)| *outcome == wanted);
        grouped(count.map(|(_, count)| count).sum())
    };
    let mut headline = vec![
        Headline {
            label: "calls decided",
            value: grouped(coverage.decided),
            tone: tone(not_replayable, Tone::Open),
        },
        Headline {
            label: "not replayable",
            value: grouped(not_replayable),
            tone: tone(not_replayable, Tone::Open),
        },
        Headline {
            label: "ALLOW",
            value: outcome(Outcome::Allow),
            tone: Tone::Plain,
        },
        Headline {
            label: "DENY",
            value: outcome(Outcome::Deny),
            tone: Tone::Plain,
        },
    ];
    if let Some(incidents) = &simulation.incidents {
        let count = incidents.counts.values().sum();
        headline.push(Headline {
            label: "incidents",
            value: grouped(count),
            tone: tone(count, Tone::Bad),
        });
    }
    if let Some(cases) = &simulation.reviewed.cases {
        headline.push(Headline {
            label: "test cases failed",
            value: grouped(cases.failed),
            tone: tone(cases.failed, Tone::Bad),
        });
    }
    if let Some(comparison) = &simulation.reviewed.comparison {
        headline.push(Headline {
            label: "newly allowed",
            value: grouped(comparison.newly_allowed),
            tone: tone(comparison.newly_allowed, Tone::Bad),
        });
        headline.push(Headline {
            label: "newly denied",
            value: grouped(comparison.newly_denied),
            tone: tone(comparison.newly_denied, Tone::Open),
        });
    }
    headline
}

const fn tone(count: u64, otherwise: Tone) -> Tone {
    if count == 0 { Tone::Good } else { otherwise }
}

/// The decisions over time and by tool.
pub(super) fn charts(simulation: &Simulation) -> Vec<Chart> {
    let series = vec![
        Series {
            name: "let through",
            tone: Tone::Good,
        },
        Series {
            name: "not let through",
            tone: Tone::Bad,
        },
    ];
    let activity = &simulation.reviewed.activity;
    let highest = activity.intervals().map(|(_, counts)| counts.iter().sum());
    let highest: u64 = highest.max().unwrap_or(0);
    let over_time = activity.intervals().map(|(begin, counts)| Point {
        label: begin.to_string(),
        counts: counts.to_vec(),
    });
    let mut tools: Vec<_> = simulation.tools.iter().collect();
    tools.sort_by_key(|tool| Reverse(tool.calls));
    let by_tool = tools.into_iter().take(ROWS_SHOWN).map(|tool| Point {
        label: tool.name.clone(),
        counts: vec![tool.calls - tool.denied, tool.denied],
    });
    vec![
        Chart {
            title: "Decisions over time".to_owned(),
            form: Form::Columns,
            series: series.clone(),
            points: over_time.collect(),
            bands: Vec::new(),
            note: Some(format!(
                "one column: {}; the highest: {}; calls without a time are left out",
                duration(activity.seconds()),
                grouped(highest),
            )),
        },
        Chart {
            title: "Decisions by tool".to_owned(),
            form: Form::Bars,
            series: vec![
                Series {
                    name: "other outcomes",
                    tone: Tone::Good,
                },
                Series {
                    name: "DENY",
                    tone: Tone::Bad,
                },
            ],
            points: by_tool.collect(),
            bands: Vec::new(),
            note: None,
        },
    ]
}
