//! What the guardian found in a log, for people.

use crate::guardian::{Detail, Listing, Mark as _};
use crate::replay::{EventPlace, Replay};
use crate::report::{Column, Section, grouped, incidents};
use crate::simulate;
use crate::time::zone::Zone;

/// How many agents that would have been stopped a view shows.
const ROWS_SHOWN: usize = 20;

/// The id of an event and where it stands, by the names of the inputs.
pub(super) fn locate(replay: &Replay, event: &EventPlace) -> (String, simulate::Place) {
    let input = replay.inputs.get(event.place.input);
    let place = simulate::Place {
        source: input.map(|input| input.name.clone()).unwrap_or_default(),
        line: event.place.line,
    };
    (event.event_id().into_owned(), place)
}

/// The incidents.
pub(super) fn incidents(replay: &Replay, zone: &Zone) -> Section {
    let found = replay.incidents.as_ref();
    let listed = found.into_iter().flat_map(|found| &found.listed);
    let all = found.map_or(0, Listing::count);
    let mut section = incidents::section(listed, all, zone, |event| locate(replay, event).1);
    let unwatched = found.into_iter().flat_map(|found| {
        [
            ("a time", found.without_time),
            ("an agent", found.without_agent),
        ]
    });
    for (what, count) in unwatched.filter(|(_, count)| *count > 0) {
        let without = format!("requests without {what}: {}", grouped(count));
        section.note = Some(match section.note {
            Some(note) => format!("{note}; {without}"),
            None => without,
        });
    }
    section
}

/// What this guardian would have stopped, a sentence each.
pub(super) fn counterfactuals(replay: &Replay, zone: &Zone) -> Section {
    let found = replay.incidents.iter();
    let killed = found
        .flat_map(|found| &found.listed)
        .filter(|incident| matches!(incident.detail, Detail::AutoKill { .. }));
    let all = killed.clone().count();
    let rows = killed.take(ROWS_SHOWN).filter_map(|incident| {
        let sentence = incidents::counterfactual(incident)?;
        Some(vec![zone.show(incident.detected.time), sentence])
    });
    Section {
        title: "What the guardian would have stopped".to_owned(),
        columns: vec![Column::text("time"), Column::text("what")],
        rows: rows.collect(),
        note: super::more_of(ROWS_SHOWN, all as u64),
    }
}

/// By which events each incident can be looked up.
pub(super) fn events(replay: &Replay) -> Section {
    let found = replay.incidents.as_ref();
    let listed = found.into_iter().flat_map(|found| &found.listed);
    let rows = listed.take(ROWS_SHOWN).map(|incident| {
        vec![
            incident.id.clone(),
            incident.kind.as_str().to_owned(),
            incident.event_ids().join(" "),
        ]
    });
    Section {
        title: "Events of incidents".to_owned(),
        columns: vec![
            Column::text("incident"),
            Column::text("type"),
            Column::text("first event, steps, by which it was noticed, last"),
        ],
        rows: rows.collect(),
        note: super::more_of(ROWS_SHOWN, found.map_or(0, Listing::count)),
    }
}
