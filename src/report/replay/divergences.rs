//! What a policy makes of a log, for people.

use super::{more_of, pair, place};
use crate::replay::{Divergence, Replay, Said};
use crate::report::{Column, Section, grouped};

/// How many divergences a view shows.
const ROWS_SHOWN: usize = 50;

/// What became of the events that were decided again.
pub(super) fn ledger(replay: &Replay) -> Section {
    let mut rows = Vec::new();
    if let Some(redecided) = &replay.redecided {
        rows.push(pair("as logged", grouped(redecided.same)));
        for (kind, count) in &redecided.counts {
            rows.push(pair(
                &format!("divergence: {}", kind.as_str()),
                grouped(*count),
            ));
        }
        for (reason, count) in &redecided.not_replayable {
            rows.push(pair(&format!("not_replayable:{reason}"), grouped(*count)));
        }
        if let Some(calls) = redecided.calls {
            rows.push(pair("calls decided", grouped(calls.decided)));
            rows.push(pair(
                "calls that are not in the log",
                grouped(calls.not_logged),
            ));
        }
    }
    Section {
        title: "Decided again".to_owned(),
        columns: vec![Column::text("events"), Column::number("")],
        rows,
        note: None,
    }
}

/// The events that say something else than is decided now.
pub(super) fn listed(replay: &Replay) -> Section {
    let redecided = replay.redecided.as_ref();
    let divergences = redecided.map_or(&[][..], |redecided| &redecided.divergences);
    let all = redecided.map_or(0, |redecided| redecided.counts.values().sum());
    let rows = divergences.iter().take(ROWS_SHOWN).map(|one| {
        vec![
            one.kind.as_str().to_owned(),
            one.request_id.clone(),
            one.agent_id.clone(),
            one.tool_name.clone(),
            said(&one.recorded),
            decided(one),
            place(replay, one.place),
        ]
    });
    Section {
        title: "Divergences".to_owned(),
        columns: vec![
            Column::text("kind"),
            Column::text("request"),
            Column::text("agent"),
            Column::text("tool"),
            Column::text("logged"),
            Column::text("decided now"),
            Column::text("where"),
        ],
        rows: rows.collect(),
        note: more_of(ROWS_SHOWN, all),
    }
}

fn said(said: &Said) -> String {
    format!("{} {}", said.outcome.as_str(), said.code)
}

/// What is decided now, or all that could be, the first rule that could have matched first.
fn decided(divergence: &Divergence) -> String {
    let all: Vec<String> = divergence.decided.iter().map(said).collect();
    all.join(" or ")
}
