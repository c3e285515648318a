//! What `audit-replay` answers: first whether the log can be trusted, then what it says.

mod assessed;
mod divergences;
mod json;
mod next;
mod page;
mod redaction;
mod watched;

use super::{Column, Section, View, duration, grouped};
use crate::activity::Activity;
use crate::model::event::EventOutcome;
use crate::replay::{
    Counts, Entry, FindingKind, LATENCY_BOUNDS, OUTCOMES, Place, Replay, Summary, Verdict,
};
use crate::time::zone::Zone;

pub use assessed::sections as assessed;
pub use json::{Report, SCHEMA, report};
pub use page::{Custody, page};

/// How many rows of a table of names a view shows.
const ROWS_SHOWN: usize = 20;

/// How many places of one kind of finding a view shows.
const PLACES_SHOWN: usize = 5;

/// How many columns a sparkline has at most.
const SPARKLINE_COLUMNS: usize = 60;

/// The result for people, times as clocks in `zone` show them.
pub fn view(replay: &Replay, zone: &Zone) -> View {
    let summary = &replay.summary;
    View {
        sections: vec![
            verdict(replay),
            inputs(replay),
            findings(replay, "Proofs", FindingKind::is_proof),
            findings(replay, "Indicators", |kind| !kind.is_proof()),
            watched::incidents(replay, zone),
            watched::counterfactuals(replay, zone),
            redaction::section(replay),
            divergences::ledger(replay),
            divergences::listed(replay),
            totals(replay, zone),
            outcomes(summary),
            activity(&summary.activity, zone),
            names("Agents", "agent", &summary.agents),
            names("Tools", "tool", &summary.tools),
            names("Environments", "environment", &summary.environments),
            names("Reason codes", "code", &summary.codes),
            names("Plugins", "plugin", &summary.plugins),
            denials(summary),
            approvals(summary),
            timeline(replay, zone),
            next::section(replay),
        ],
    }
}

/// A place as people read it.
fn place(replay: &Replay, place: Place) -> String {
    let name = replay.inputs.get(place.input).map(|input| &input.name);
    match (name, place.line) {
        (None, _) => String::new(),
        (Some(name), 0) => name.clone(),
        (Some(name), line) => format!("{name}:{line}"),
    }
}

fn pair(what: &str, value: impl Into<String>) -> Vec<String> {
    vec![what.to_owned(), value.into()]
}

fn verdict(replay: &Replay) -> Section {
    let mut rows = vec![pair("chain", verdict_text(replay))];
    for chain in &replay.chains {
        let (first, last) = chain.numbers;
        let numbers = format!("records {first} to {last}");
        let anchored = match chain.anchored_through {
            Some(size) if size > last => "all anchored".to_owned(),
            Some(size) => {
                let after = (last + 1).saturating_sub(size);
                format!("anchored through {size}, {after} after that are not")
            }
            None => "not anchored".to_owned(),
        };
        rows.push(pair(&chain.uid, format!("{numbers}, {anchored}")));
    }
    let count = |is_proof: bool| {
        let counts = replay.findings.counts();
        let of = counts.filter(|(kind, _)| kind.is_proof() == is_proof);
        grouped(of.map(|(_, count)| count).sum())
    };
    rows.push(pair("proofs of change", count(true)));
    rows.push(pair("indicators", count(false)));
    Section {
        title: "Integrity".to_owned(),
        columns: vec![Column::text(""), Column::text("")],
        rows,
        note: match replay.verdict {
            Verdict::Unanchored => Some(
                "linked records prove nothing by themselves: whoever can write the log can link it anew"
                    .to_owned(),
            ),
            _ => None,
        },
    }
}

fn verdict_text(replay: &Replay) -> String {
    match replay.verdict {
        Verdict::Intact => "intact: anchored by a checkpoint that a known key signed".to_owned(),
        Verdict::Unanchored => "consistent but unanchored".to_owned(),
        Verdict::Broken { at } => format!("broken at {}", place(replay, at)),
        Verdict::Truncated => "truncated".to_owned(),
        Verdict::NotChained => "not chained".to_owned(),
    }
}

fn inputs(replay: &Replay) -> Section {
    let digest = replay.inputs.iter().any(|input| input.sha256.is_some());
    let mut columns = vec![
        Column::text("file"),
        Column::number("lines"),
        Column::number("events"),
    ];
    if digest {
        columns.push(Column::text("SHA-256"));
    }
    let rows = replay.inputs.iter().map(|input| {
        let mut row = vec![
            input.name.clone(),
            grouped(input.lines),
            grouped(input.events),
        ];
        row.extend(input.sha256.clone());
        row
    });
    Section {
        title: "Inputs".to_owned(),
        columns,
        rows: rows.collect(),
        note: None,
    }
}

fn findings(replay: &Replay, title: &str, is_wanted: impl Fn(FindingKind) -> bool) -> Section {
    let mut rows = Vec::new();
    for (kind, count) in replay.findings.counts() {
        if !is_wanted(kind) {
            continue;
        }
        let found = replay.findings.of(kind).take(PLACES_SHOWN);
        for (index, (at, detail)) in found.enumerate() {
            let first = index == 0;
            rows.push(vec![
                if first { kind.as_str() } else { "" }.to_owned(),
                if first { grouped(count) } else { String::new() },
                place(replay, at),
                if detail.is_empty() {
                    kind.title().to_owned()
                } else {
                    detail.to_owned()
                },
            ]);
        }
    }
    Section {
        title: title.to_owned(),
        columns: vec![
            Column::text("finding"),
            Column::number("count"),
            Column::text("where"),
            Column::text("what"),
        ],
        rows,
        note: None,
    }
}

fn totals(replay: &Replay, zone: &Zone) -> Section {
    let summary = &replay.summary;
    let mut rows = vec![
        pair("events", grouped(summary.events)),
        pair("requests", grouped(summary.requests)),
        pair("lines unreadable", grouped(replay.lines_unreadable)),
    ];
    if let Some((first, last)) = summary.span {
        rows.push(pair("first", zone.show(first)));
        rows.push(pair("last", zone.show(last)));
    }
    Section {
        title: "Summary".to_owned(),
        columns: vec![Column::text(""), Column::number("")],
        rows,
        note: None,
    }
}

fn outcomes(summary: &Summary) -> Section {
    let counts = summary.recorded.iter().zip(&summary.effective);
    let counts = counts.zip(&summary.settled);
    let rows = EventOutcome::ALL
        .iter()
        .zip(counts)
        .filter(|(_, ((recorded, effective), _))| **recorded > 0 || **effective > 0)
        .map(|(outcome, ((recorded, effective), settled))| {
            vec![
                outcome.as_str().to_owned(),
                grouped(*recorded),
                grouped(*effective),
                grouped(*settled),
            ]
        });
    Section {
        title: "Outcomes".to_owned(),
        columns: vec![
            Column::text("outcome"),
            Column::number("recorded"),
            Column::number("effective"),
            Column::number("requests"),
        ],
        rows: rows.collect(),
        note: (summary.waiting > 0).then(|| {
            let waiting = grouped(summary.waiting);
            format!("requests that wait for an answer to the end of the log: {waiting}")
        }),
    }
}

fn activity(activity: &Activity<OUTCOMES>, zone: &Zone) -> Section {
    let intervals: Vec<_> = activity.intervals().collect();
    let per_column = intervals.len().div_ceil(SPARKLINE_COLUMNS).max(1);
    let line = |count: &dyn Fn(&[u64; OUTCOMES]) -> u64| {
        let columns = intervals.chunks(per_column);
        let sums: Vec<u64> = columns
            .map(|column| column.iter().map(|(_, counts)| count(counts)).sum())
            .collect();
        sums
    };
    let mut rows = Vec::new();
    let all = line(&|counts| counts.iter().sum());
    if let Some((first, _)) = intervals.first() {
        rows.push(vec![
            format!("all, from {} on", zone.show(*first)),
            sparkline(&all),
            grouped(all.iter().sum()),
        ]);
    }
    for (number, outcome) in EventOutcome::ALL.iter().enumerate() {
        let counts = line(&|counts| counts.get(number).copied().unwrap_or_default());
        let sum: u64 = counts.iter().sum();
        if sum > 0 {
            rows.push(vec![
                outcome.as_str().to_owned(),
                sparkline(&counts),
                grouped(sum),
            ]);
        }
    }
    let seconds = activity.seconds().saturating_mul(per_column as i64);
    Section {
        title: "Activity".to_owned(),
        columns: vec![
            Column::text("events"),
            Column::text("each row by its own greatest"),
            Column::number("all"),
        ],
        rows,
        note: Some(format!("a column is {}", duration(seconds))),
    }
}

/// Counts as bars of eight heights; a dot for none.
fn sparkline(counts: &[u64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = counts.iter().copied().max().unwrap_or_default().max(1);
    let bar = |&count: &u64| match count {
        0 => '·',
        count => {
            let height = count.saturating_mul(8).div_ceil(most);
            let index = usize::try_from(height).unwrap_or(8).saturating_sub(1);
            BARS.get(index).copied().unwrap_or('█')
        }
    };
    counts.iter().map(bar).collect()
}

fn names(title: &str, what: &'static str, counts: &[Counts]) -> Section {
    let rows = counts.iter().take(ROWS_SHOWN).map(|counts| {
        vec![
            counts.name.clone(),
            grouped(counts.requests),
            grouped(counts.allowed),
            grouped(counts.denied()),
            grouped(counts.waiting),
        ]
    });
    Section {
        title: title.to_owned(),
        columns: vec![
            Column::text(what),
            Column::number("requests"),
            Column::number("allowed"),
            Column::number("denied"),
            Column::number("waiting"),
        ],
        rows: rows.collect(),
        note: more(counts.len()),
    }
}

fn more(rows: usize) -> Option<String> {
    more_of(ROWS_SHOWN, rows as u64)
}

/// Says that only the first of `all` rows are shown.
fn more_of(shown: usize, all: u64) -> Option<String> {
    (all > shown as u64).then(|| {
        let all = grouped(all);
        format!("showing {shown} of {all}; more are in the JSON report")
    })
}

fn denials(summary: &Summary) -> Section {
    let rows = summary.denials.iter().take(ROWS_SHOWN).map(|denial| {
        vec![
            denial.agent.clone(),
            denial.tool.clone(),
            denial.code.clone(),
            denial.plugin.clone(),
            grouped(denial.count),
        ]
    });
    Section {
        title: "Who was denied what".to_owned(),
        columns: vec![
            Column::text("agent"),
            Column::text("tool"),
            Column::text("code"),
            Column::text("plugin"),
            Column::number("times"),
        ],
        rows: rows.collect(),
        note: more_of(ROWS_SHOWN, summary.all_denials),
    }
}

fn approvals(summary: &Summary) -> Section {
    let approvals = &summary.approvals;
    let mut rows = Vec::new();
    if approvals.asked > 0 {
        rows.push(pair("asked", grouped(approvals.asked)));
        rows.push(pair("agreed to", grouped(approvals.agreed)));
        rows.push(pair("declined", grouped(approvals.declined)));
        rows.push(pair("answered too late", grouped(approvals.timed_out)));
        rows.push(pair("waiting", grouped(summary.waiting)));
    }
    for (index, count) in approvals.latencies.iter().enumerate() {
        let bound = match LATENCY_BOUNDS.get(index) {
            Some(bound) => format!("answered in less than {bound} s"),
            None => "answered after that".to_owned(),
        };
        if *count > 0 {
            rows.push(pair(&bound, grouped(*count)));
        }
    }
    Section {
        title: "Approvals".to_owned(),
        columns: vec![Column::text(""), Column::number("")],
        rows,
        note: (approvals.hasty > 0).then(|| {
            let hasty = grouped(approvals.hasty);
            format!("agreed in less than 2 s, hardly read by anybody: {hasty}")
        }),
    }
}

fn timeline(replay: &Replay, zone: &Zone) -> Section {
    let rows = replay.timeline.iter().map(|entry| {
        vec![
            entry.time.map(|time| zone.show(time)).unwrap_or_default(),
            entry.agent_id.clone(),
            entry.tool_name.clone(),
            outcome(entry),
            entry
                .reason
                .clone()
                .map(|(code, _)| code)
                .unwrap_or_default(),
            entry.request_id.clone(),
            place(replay, entry.place),
        ]
    });
    let shown = replay.timeline.len() as u64;
    let all = replay.summary.events;
    Section {
        title: "Timeline".to_owned(),
        columns: vec![
            Column::text("time"),
            Column::text("agent"),
            Column::text("tool"),
            Column::text("outcome"),
            Column::text("code"),
            Column::text("request"),
            Column::text("where"),
        ],
        rows: rows.collect(),
        note: (shown < all).then(|| format!("showing the first {shown} of {}", grouped(all))),
    }
}

/// The effective outcome, and the recorded one where that is another.
fn outcome(entry: &Entry) -> String {
    let effective = entry.effective.as_str();
    if entry.effective == entry.recorded {
        effective.to_owned()
    } else {
        format!("{effective} ({})", entry.recorded.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sparkline_tells_some_from_none() {
        assert_eq!(sparkline(&[0, 1, 1000, 500]), "·▁█▄");
        assert_eq!(sparkline(&[]), "");
    }
}
