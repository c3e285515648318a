//! What is sensitive in a log, for people: where, never what.

use super::{more_of, place};
use crate::classify::{Class, Kind};
use crate::replay::Replay;
use crate::report::{Column, Section};

/// How many places a view shows.
const ROWS_SHOWN: usize = 20;

/// The class of what was found, as reports name it.
pub(super) fn class(kind: Option<Kind>) -> &'static str {
    match kind.map(Kind::class) {
        None => "ARGUMENTS",
        Some(Class::Pii) => "PII",
        Some(Class::Pci) => "PCI",
        Some(Class::Secret) => "SECRET",
        Some(Class::Phi) => "PHI",
        Some(Class::Custom(_)) => "CUSTOM",
    }
}

/// What found it, as reports name it.
pub(super) fn detector(kind: Option<Kind>) -> &'static str {
    kind.map_or("unexpected-member", Kind::name)
}

/// The places.
pub(super) fn section(replay: &Replay) -> Section {
    let redaction = &replay.redaction;
    let rows = redaction.listed.iter().take(ROWS_SHOWN).map(|one| {
        vec![
            class(one.kind).to_owned(),
            detector(one.kind).to_owned(),
            one.path.clone(),
            one.shown.clone(),
            place(replay, one.place),
        ]
    });
    Section {
        title: "Sensitive data in the log".to_owned(),
        columns: vec![
            Column::text("class"),
            Column::text("what"),
            Column::text("member"),
            Column::text("masked"),
            Column::text("where"),
        ],
        rows: rows.collect(),
        note: more_of(ROWS_SHOWN, redaction.count()),
    }
}
