//! What to look at next, for people: what to add to the command.

use super::pair;
use crate::replay::{FindingKind, Replay};
use crate::report::{Column, Section};

/// How many characters of an incident's id tell it from others.
const ID_SHOWN: usize = 8;

/// Most of what is suggested.
const ROWS_SHOWN: usize = 3;

/// What to add to the command, and what for.
pub(super) fn section(replay: &Replay) -> Section {
    let mut rows = Vec::new();
    let incidents = replay.incidents.as_ref();
    if let Some(worst) = incidents
        .into_iter()
        .flat_map(|found| &found.listed)
        .max_by_key(|incident| (incident.severity, std::cmp::Reverse(incident.number)))
    {
        let id: String = worst.id.chars().take(ID_SHOWN).collect();
        let why = format!(
            "the events around the {}",
            worst.kind.title().to_lowercase()
        );
        rows.push(pair(&format!("--around {id}"), why));
    }
    if replay.findings.count(FindingKind::CheckpointUnverified) > 0 {
        rows.push(pair(
            "--keys DIR",
            "whether known keys signed the checkpoints",
        ));
    }
    if incidents.is_none() {
        let blueprints = "--guardian engineering|finance|soc";
        rows.push(pair(
            blueprints,
            "what a guardian would have found and stopped",
        ));
    }
    if replay.redecided.is_none() {
        let policy = "--policy FILE --calls RECORDINGS";
        rows.push(pair(policy, "what a policy decides otherwise"));
    }
    rows.truncate(ROWS_SHOWN);
    Section {
        title: "Next".to_owned(),
        columns: vec![Column::text("add"), Column::text("to see")],
        rows,
        note: None,
    }
}
