//! The answer as a page to hand on: what matters first, then where it comes from, then what
//! happened, and in the end what was not looked at and how.

use super::assessed;
use super::{divergences, redaction, watched};
use crate::activity::Activity;
use crate::evidence::{Assessment, State};
use crate::guardian::{Kind, Listing, Severity};
use crate::model::event::EventOutcome;
use crate::replay::{FindingKind, OUTCOMES, Replay, Verdict};
use crate::report::chart::{Band, Chart, Form, Point, Series, Tone};
use crate::report::html::{Headline, Page};
use crate::report::{Column, Section, View, duration, grouped};
use crate::time::zone::Zone;

/// How a page came about, as far as the answer itself does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Custody {
    /// The arguments of the program.
    pub command: Vec<String>,
    /// What was measured by, such as thresholds: what, and its value.
    pub method: Vec<(&'static str, String)>,
}

/// What bars and columns are stacked of: what became of calls.
const CLASSES: [(Series, &[EventOutcome]); 4] = [
    (
        Series {
            name: "allowed",
            tone: Tone::Good,
        },
        &[EventOutcome::Allow, EventOutcome::Approved],
    ),
    (
        Series {
            name: "asked",
            tone: Tone::Open,
        },
        &[
            EventOutcome::RequireApproval,
            EventOutcome::StepUp,
            EventOutcome::RequireTicket,
            EventOutcome::RequireHuman,
        ],
    ),
    (
        Series {
            name: "denied",
            tone: Tone::Bad,
        },
        &[EventOutcome::Deny, EventOutcome::Rejected],
    ),
    (
        Series {
            name: "stopped, over a limit or too late",
            tone: Tone::Stopped,
        },
        &[
            EventOutcome::KillSwitch,
            EventOutcome::RateLimited,
            EventOutcome::Timeout,
        ],
    ),
];

/// How many incidents a chart marks.
const BANDS: usize = 50;

/// The result as a page, times as clocks in `zone` show them.
pub fn page(replay: &Replay, assessment: &Assessment, zone: &Zone, custody: &Custody) -> Page {
    let summary = &replay.summary;
    let mut sections = vec![
        watched::incidents(replay, zone),
        watched::counterfactuals(replay, zone),
        watched::events(replay),
        super::outcomes(summary),
        super::names("Agents", "agent", &summary.agents),
        super::names("Tools", "tool", &summary.tools),
        super::names("Environments", "environment", &summary.environments),
        super::names("Reason codes", "code", &summary.codes),
        super::names("Plugins", "plugin", &summary.plugins),
        super::denials(summary),
        divergences::ledger(replay),
        divergences::listed(replay),
        redaction::section(replay),
        super::approvals(summary),
        super::timeline(replay, zone),
    ];
    sections.extend(assessed::sections(replay, assessment));
    sections.push(left_out(replay));
    sections.push(method(custody, zone));
    Page {
        title: title(replay),
        subtitle: subtitle(replay, zone),
        headline: headline(replay, assessment),
        lead: View {
            sections: vec![
                super::inputs(replay),
                super::totals(replay, zone),
                super::verdict(replay),
                super::findings(replay, "Proofs", FindingKind::is_proof),
                super::findings(replay, "Indicators", |kind| !kind.is_proof()),
            ],
        },
        charts: vec![activity(replay, zone)],
        view: View { sections },
    }
}

/// What the log is called, and when it was written.
fn title(replay: &Replay) -> String {
    let more = replay.inputs.len().saturating_sub(1);
    let name = replay.inputs.first().map_or("", |input| &input.name);
    match more {
        0 => format!("Audit log {name}"),
        more => format!("Audit log {name} and {more} more"),
    }
}

fn subtitle(replay: &Replay, zone: &Zone) -> String {
    let events = grouped(replay.summary.events);
    match replay.summary.span {
        Some((first, last)) => format!(
            "{events} events from {} to {} ({})",
            zone.show(first),
            zone.show(last),
            zone.name()
        ),
        None => format!("{events} events"),
    }
}

fn headline(replay: &Replay, assessment: &Assessment) -> Vec<Headline> {
    let has_proof = replay.findings.has_proof();
    let (verdict, tone) = match replay.verdict {
        Verdict::Broken { .. } => ("broken", Tone::Bad),
        Verdict::Truncated => ("truncated", Tone::Bad),
        _ if has_proof => ("changed", Tone::Bad),
        Verdict::Intact => ("intact", Tone::Good),
        Verdict::Unanchored => ("consistent, unanchored", Tone::Open),
        Verdict::NotChained => ("not chained", Tone::Open),
    };
    let found = replay.incidents.as_ref();
    let worst = found
        .into_iter()
        .flat_map(|found| &found.listed)
        .map(|incident| incident.severity)
        .max();
    let incidents = match found.map(Listing::count) {
        None => ("nobody looked".to_owned(), Tone::Plain),
        Some(0) => ("none".to_owned(), Tone::Good),
        Some(count) => (
            grouped(count),
            match worst {
                Some(Severity::High | Severity::Critical) => Tone::Bad,
                _ => Tone::Open,
            },
        ),
    };
    let redecided = replay.redecided.as_ref();
    let divergences = match redecided.map(|redecided| redecided.counts.values().sum()) {
        None => ("not decided again".to_owned(), Tone::Plain),
        Some(0) => ("none".to_owned(), Tone::Good),
        Some(count) => (grouped(count), Tone::Bad),
    };
    let exposed = match replay.redaction.count() {
        0 => ("none".to_owned(), Tone::Good),
        count => (grouped(count), Tone::Bad),
    };
    let denied: u64 = replay
        .summary
        .agents
        .iter()
        .map(|agent| agent.denied())
        .sum();
    let states = assessed::states(&assessment.rows);
    let against = states
        .get(&State::Contradicted)
        .copied()
        .unwrap_or_default();
    let headline = |label, (value, tone): (String, Tone)| Headline { label, value, tone };
    vec![
        headline("the log is", (verdict.to_owned(), tone)),
        headline("incidents", incidents),
        headline("divergences", divergences),
        headline("sensitive data", exposed),
        headline("requests", (grouped(replay.summary.requests), Tone::Plain)),
        headline("denied", (grouped(denied), Tone::Plain)),
        headline(
            "requirements contradicted",
            match against {
                0 => ("none".to_owned(), Tone::Plain),
                count => (grouped(count), Tone::Bad),
            },
        ),
    ]
}

fn activity(replay: &Replay, zone: &Zone) -> Chart {
    let activity = &replay.summary.activity;
    let points = activity.intervals().map(|(from, counts)| Point {
        label: zone.show(from),
        counts: CLASSES
            .iter()
            .map(|(_, outcomes)| sum(counts, outcomes))
            .collect(),
    });
    Chart {
        title: "Activity".to_owned(),
        form: Form::Columns,
        series: CLASSES.iter().map(|(series, _)| *series).collect(),
        points: points.collect(),
        bands: bands(replay, activity),
        note: Some(format!(
            "one column: {} of events by what they come to; incidents are marked above",
            duration(activity.seconds())
        )),
    }
}

fn sum(counts: &[u64; OUTCOMES], outcomes: &[EventOutcome]) -> u64 {
    let counts = outcomes.iter().map(|outcome| counts.get(*outcome as usize));
    counts.flatten().sum()
}

/// The columns that each incident lasted over.
fn bands(replay: &Replay, activity: &Activity<OUTCOMES>) -> Vec<Band> {
    let begins: Vec<_> = activity.intervals().map(|(from, _)| from).collect();
    let Some(last) = begins.len().checked_sub(1) else {
        return Vec::new();
    };
    let found = replay.incidents.iter().flat_map(|found| &found.listed);
    let bands = found.filter(|incident| incident.kind != Kind::AutoKill);
    let column = |time| {
        begins
            .partition_point(|begin| *begin <= time)
            .saturating_sub(1)
    };
    bands
        .take(BANDS)
        .map(|incident| Band {
            columns: (
                column(incident.start.time),
                column(incident.end.time).min(last),
            ),
            label: format!(
                "{} by {}",
                incident.kind.title(),
                String::from_utf8_lossy(&incident.agent)
            ),
        })
        .collect()
}

/// What was not looked at, and why.
fn left_out(replay: &Replay) -> Section {
    let mut rows = Vec::new();
    let mut row = |what: &str, why: &str| rows.push(vec![what.to_owned(), why.to_owned()]);
    if replay.lines_unreadable > 0 {
        let lines = grouped(replay.lines_unreadable);
        row("lines of the log", &format!("{lines} could not be read"));
    }
    match &replay.incidents {
        None => row("incidents", "no guardian was named"),
        Some(found) if found.without_time > 0 => {
            let count = grouped(found.without_time);
            row("incidents", &format!("{count} requests have no time"));
        }
        Some(_) => {}
    }
    match &replay.redecided {
        None => row("decisions", "no policy was given to decide again by"),
        Some(redecided) => {
            for (reason, count) in &redecided.not_replayable {
                row("decisions", &format!("{}: {reason}", grouped(*count)));
            }
        }
    }
    if replay.chains.is_empty() {
        row(
            "the order and completeness of events",
            "the log is not chained",
        );
    } else if replay.verdict == Verdict::Unanchored {
        row(
            "who wrote the log",
            "no checkpoint that a known key signed anchors it",
        );
    }
    row(
        "what agents were told, and the arguments of calls",
        "events do not hold them",
    );
    Section {
        title: "What was not analysed".to_owned(),
        columns: vec![Column::text("what"), Column::text("why")],
        rows,
        note: None,
    }
}

fn method(custody: &Custody, zone: &Zone) -> Section {
    let tool = crate::report::json::TOOL;
    let mut rows = vec![
        super::pair("tool", format!("{} {}", tool.name, tool.version)),
        super::pair("arguments", custody.command.join(" ")),
        super::pair("time zone", zone.name()),
    ];
    for (what, value) in &custody.method {
        rows.push(super::pair(what, value.clone()));
    }
    Section {
        title: "How it was done".to_owned(),
        columns: vec![Column::text(""), Column::text("")],
        rows,
        note: Some(
            "the log was only read; whoever has the inputs gets the same page from these arguments"
                .to_owned(),
        ),
    }
}
