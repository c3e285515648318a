//! Evidence and posture, for people and for programs.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::evidence::{
    Assessment, DISCLAIMER, Fleet, Level, Row as EvidenceRow, Scored, State, Subject,
};
use crate::replay::Replay;
use crate::report::{Column, Section, grouped};

/// How many agents or tools a view shows.
const ROWS_SHOWN: usize = 20;

/// Evidence and posture for people.
pub fn sections(replay: &Replay, assessment: &Assessment) -> Vec<Section> {
    let fleet = &assessment.fleet;
    let rows = assessment.rows.as_slice();
    let frameworks = rows.chunk_by(|a, b| a.requirement.framework == b.requirement.framework);
    let mut sections: Vec<Section> = frameworks.map(|rows| evidence(replay, rows)).collect();
    sections.push(scores(fleet));
    sections.push(scored("Agents by risk", "agent", "owner", &fleet.agents));
    sections.push(scored("Tools by risk", "tool", "provider", &fleet.tools));
    sections
}

/// What there is for the requirements of one framework.
fn evidence(replay: &Replay, rows: &[EvidenceRow]) -> Section {
    let framework = rows.first().map_or("", |row| row.requirement.framework);
    let events = grouped(replay.summary.events);
    let rows = rows.iter().map(|row| {
        let requirement = row.requirement;
        let found = row.found.iter().map(|found| match found.ids.as_slice() {
            [] => found.text.clone(),
            ids => format!("{} ({})", found.text, ids.join(", ")),
        });
        vec![
            format!("{}: {}", requirement.id, requirement.title),
            row.state.title().to_owned(),
            found.collect::<Vec<_>>().join("; "),
            requirement.does_not_show.to_owned(),
        ]
    });
    Section {
        title: format!("Evidence: {framework}"),
        columns: vec![
            Column::text("requirement"),
            Column::text("state"),
            Column::text("what there is"),
            Column::text("does not show"),
        ],
        rows: rows.collect(),
        note: Some(format!(
            "from {events} events and what was given beside them: {DISCLAIMER}"
        )),
    }
}

/// The states by how often each was found.
pub(super) fn states(rows: &[EvidenceRow]) -> BTreeMap<State, u64> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(row.state).or_default() += 1;
    }
    counts
}

fn scores(fleet: &Fleet) -> Section {
    let mut rows = Vec::new();
    if let Some((mean, most)) = fleet.agents_scores() {
        rows.push(super::pair("agents", grouped(fleet.agents.len() as u64)));
        rows.push(super::pair("highest risk score", most.to_string()));
        rows.push(super::pair("mean risk score", mean.to_string()));
        for level in Level::ALL.iter().rev() {
            let count = grouped(fleet.agents_of(*level) as u64);
            rows.push(super::pair(level.as_str(), count));
        }
    }
    Section {
        title: "Fleet".to_owned(),
        columns: vec![Column::text(""), Column::number("")],
        rows,
        note: Some("harmless agents lower the mean: look at the highest".to_owned()),
    }
}

fn scored(title: &str, what: &'static str, owner: &'static str, scored: &[Scored]) -> Section {
    let rows = scored.iter().take(ROWS_SHOWN).map(|one| {
        let factors = one.factors.iter();
        let factors = factors.map(|factor| format!("{} {}", factor.what, factor.points));
        vec![
            one.name.clone(),
            registration(&one.subject).to_owned(),
            one.subject.owner.clone().unwrap_or_default(),
            grouped(one.requests),
            grouped(one.allowed),
            one.score.to_string(),
            one.level().as_str().to_owned(),
            factors.collect::<Vec<_>>().join(", "),
        ]
    });
    Section {
        title: title.to_owned(),
        columns: vec![
            Column::text(what),
            Column::text("registered"),
            Column::text(owner),
            Column::number("requests"),
            Column::number("allowed"),
            Column::number("score"),
            Column::text("level"),
            Column::text("because"),
        ],
        rows: rows.collect(),
        note: super::more(scored.len()),
    }
}

const fn registration(subject: &Subject) -> &'static str {
    match (subject.is_revoked, subject.is_registered) {
        (true, _) => "revoked",
        (false, None) => "no registry",
        (false, Some(true)) => "yes",
        (false, Some(false)) => "no",
    }
}

/// A requirement and its evidence, for programs.
#[derive(Debug, Serialize)]
pub(super) struct Evidence<'a> {
    framework: &'static str,
    id: &'static str,
    title: &'static str,
    state: &'static str,
    found: Vec<Found<'a>>,
    does_not_show: &'static str,
}

#[derive(Debug, Serialize)]
struct Found<'a> {
    state: &'static str,
    text: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    ids: &'a [String],
}

/// Agents and tools with their scores, for programs.
#[derive(Debug, Serialize)]
pub(super) struct Posture<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    highest: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mean: Option<u32>,
    levels: BTreeMap<&'static str, usize>,
    agents: Vec<One<'a>>,
    tools: Vec<One<'a>>,
}

#[derive(Debug, Serialize)]
struct One<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    registered: Option<bool>,
    revoked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
    requests: u64,
    allowed: u64,
    score: u32,
    level: &'static str,
    factors: Vec<Factor<'a>>,
}

#[derive(Debug, Serialize)]
struct Factor<'a> {
    what: &'a str,
    points: u32,
}

/// The evidence for programs.
pub(super) fn evidence_report(assessment: &Assessment) -> Vec<Evidence<'_>> {
    let rows = assessment.rows.iter().map(|row| Evidence {
        framework: row.requirement.framework,
        id: row.requirement.id,
        title: row.requirement.title,
        state: row.state.as_str(),
        found: row
            .found
            .iter()
            .map(|found| Found {
                state: found.state.as_str(),
                text: &found.text,
                ids: &found.ids,
            })
            .collect(),
        does_not_show: row.requirement.does_not_show,
    });
    rows.collect()
}

/// The posture for programs.
pub(super) fn posture_report(fleet: &Fleet) -> Posture<'_> {
    let scores = fleet.agents_scores();
    let levels = Level::ALL.iter();
    Posture {
        highest: scores.map(|(_, most)| most),
        mean: scores.map(|(mean, _)| mean),
        levels: levels
            .map(|level| (level.as_str(), fleet.agents_of(*level)))
            .collect(),
        agents: fleet.agents.iter().map(one).collect(),
        tools: fleet.tools.iter().map(one).collect(),
    }
}

fn one(scored: &Scored) -> One<'_> {
    One {
        name: &scored.name,
        registered: scored.subject.is_registered,
        revoked: scored.subject.is_revoked,
        owner: scored.subject.owner.as_deref(),
        requests: scored.requests,
        allowed: scored.allowed,
        score: scored.score,
        level: scored.level().as_str(),
        factors: scored
            .factors
            .iter()
            .map(|factor| Factor {
                what: &factor.what,
                points: factor.points,
            })
            .collect(),
    }
}
