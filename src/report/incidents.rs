//! What a guardian found, for people and for programs: one shape, whoever asked the guardian.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Column, Section, grouped};
use crate::guardian::{At, Detail, Incident, Listing};
use crate::simulate::{EventPlace, Place, Simulation};
use crate::time::zone::Zone;

/// How many incidents a view shows.
const ROWS_SHOWN: usize = 50;

/// An incident, for programs. Times are RFC 3339 in UTC.
#[derive(Debug, Serialize)]
pub struct Report {
    incident_id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    severity: &'static str,
    agent_id: String,
    summary: String,
    start: Moment,
    detected: Moment,
    end: Moment,
    count: u64,
    allowed: u64,
    denied: u64,
    #[serde(flatten)]
    detail: More,
}

/// An event of an incident.
#[derive(Debug, Serialize)]
pub struct Moment {
    timestamp: String,
    event_id: String,
    source: String,
    line: u64,
}

/// What only incidents of one kind have.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum More {
    Spike {
        threshold: u64,
        window_ms: u64,
        peak: u64,
        peak_at: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        escalated_at: Option<String>,
    },
    Sequence {
        pattern: Vec<String>,
        execution: &'static str,
        steps: Vec<Moment>,
    },
    OffHours {
        hours: String,
        until: String,
    },
    AutoKill {
        violations: u64,
        threshold: u64,
        later_calls: u64,
        later_allowed: u64,
    },
}

/// An incident for programs; `locate` says the id and the place of an event.
pub fn report<M>(incident: &Incident<M>, locate: impl Fn(&M) -> (String, Place)) -> Report {
    let moment = |at: &At<M>| {
        let (event_id, place) = locate(&at.mark);
        Moment {
            timestamp: at.time.to_string(),
            event_id,
            source: place.source,
            line: place.line,
        }
    };
    Report {
        incident_id: incident.id.clone(),
        kind: incident.kind.as_str(),
        severity: incident.severity.as_str(),
        agent_id: agent(incident),
        summary: incident.summary(),
        start: moment(&incident.start),
        detected: moment(&incident.detected),
        end: moment(&incident.end),
        count: incident.count,
        allowed: incident.allowed,
        denied: incident.count.saturating_sub(incident.allowed),
        detail: match &incident.detail {
            Detail::Spike {
                threshold,
                window_ms,
                peak,
                peak_at,
                escalated_at,
            } => More::Spike {
                threshold: *threshold,
                window_ms: *window_ms,
                peak: *peak,
                peak_at: peak_at.to_string(),
                escalated_at: escalated_at.map(|at| at.to_string()),
            },
            Detail::Sequence {
                pattern,
                steps,
                execution,
            } => More::Sequence {
                pattern: pattern.to_vec(),
                execution: execution.as_str(),
                steps: steps.iter().map(moment).collect(),
            },
            Detail::OffHours { hours, until } => More::OffHours {
                hours: hours.clone(),
                until: until.to_string(),
            },
            Detail::AutoKill {
                violations,
                threshold,
                later,
                later_allowed,
            } => More::AutoKill {
                violations: *violations,
                threshold: *threshold,
                later_calls: *later,
                later_allowed: *later_allowed,
            },
        },
    }
}

/// The incidents for people, times as clocks in `zone` show them; `all` is how many there are, and
/// `locate` says where an event stands.
pub fn section<'i, M: 'i>(
    listed: impl Iterator<Item = &'i Incident<M>>,
    all: u64,
    zone: &Zone,
    locate: impl Fn(&M) -> Place,
) -> Section {
    let rows: Vec<Vec<String>> = listed
        .take(ROWS_SHOWN)
        .map(|incident| {
            vec![
                incident.severity.as_str().to_owned(),
                incident.kind.as_str().to_owned(),
                agent(incident),
                zone.show(incident.start.time),
                incident.summary(),
                locate(&incident.start.mark).to_string(),
            ]
        })
        .collect();
    let shown = rows.len() as u64;
    Section {
        title: "Incidents".to_owned(),
        columns: vec![
            Column::text("severity"),
            Column::text("type"),
            Column::text("agent"),
            Column::text("start"),
            Column::text("what"),
            Column::text("first"),
        ],
        rows,
        note: (shown < all)
            .then(|| format!("showing the first {} of {}", grouped(shown), grouped(all))),
    }
}

/// What a guardian that only watched would have done, in one sentence; `None` of other incidents.
pub fn counterfactual<M>(incident: &Incident<M>) -> Option<String> {
    let Detail::AutoKill {
        later,
        later_allowed,
        ..
    } = &incident.detail
    else {
        return None;
    };
    let waited = incident.detected.time.micros() - incident.start.time.micros();
    Some(format!(
        "this guardian would have killed {} at call {} (+{}); the {} later calls, {} of them \
         allowed, would not have run",
        agent(incident),
        grouped(incident.count),
        length(waited),
        grouped(*later),
        grouped(*later_allowed),
    ))
}

/// What a guardian that only watched would have done, for programs.
#[derive(Debug, Serialize)]
pub struct Counterfactual {
    incident_id: String,
    agent_id: String,
    killed_at: String,
    call: u64,
    later_calls: u64,
    later_allowed: u64,
    sentence: String,
}

/// What the guardian found, for programs: the incidents, how many there are of each kind, and what
/// it would have stopped.
#[derive(Debug, Default)]
pub struct Reports {
    /// Those that are listed.
    pub incidents: Vec<Report>,
    /// All of them, by kind.
    pub counts: BTreeMap<&'static str, u64>,
    /// What the guardian would have stopped.
    pub counterfactual: Vec<Counterfactual>,
}

/// All that a guardian found, for programs; `locate` says the id and the place of an event.
pub fn reports<M>(found: &Listing<M>, locate: impl Fn(&M) -> (String, Place)) -> Reports {
    let counts = found.counts.iter();
    Reports {
        incidents: found
            .listed
            .iter()
            .map(|incident| report(incident, &locate))
            .collect(),
        counts: counts
            .map(|(kind, count)| (kind.as_str(), *count))
            .collect(),
        counterfactual: found.listed.iter().filter_map(stopped).collect(),
    }
}

fn stopped<M>(incident: &Incident<M>) -> Option<Counterfactual> {
    let Detail::AutoKill {
        later,
        later_allowed,
        ..
    } = incident.detail
    else {
        return None;
    };
    Some(Counterfactual {
        incident_id: incident.id.clone(),
        agent_id: agent(incident),
        killed_at: incident.detected.time.to_string(),
        call: incident.count,
        later_calls: later,
        later_allowed,
        sentence: counterfactual(incident)?,
    })
}

/// The incidents of a simulation, for programs.
pub fn simulated(simulation: &Simulation) -> Reports {
    let locate = |event: &EventPlace| (event.event_id.clone(), event.place.clone());
    let found = simulation.incidents.as_ref();
    found
        .map(|found| reports(found, locate))
        .unwrap_or_default()
}

/// The incidents of a simulation, for people.
pub fn simulated_section(simulation: &Simulation) -> Section {
    let found = simulation.incidents.as_ref();
    let listed = found.into_iter().flat_map(|found| &found.listed);
    let all = found.map_or(0, Listing::count);
    section(listed, all, &Zone::utc(), |event| event.place.clone())
}

fn agent<M>(incident: &Incident<M>) -> String {
    String::from_utf8_lossy(&incident.agent).into_owned()
}

/// A length of time as people say it, in its largest fitting unit.
fn length(micros: i64) -> String {
    match micros / 1000 {
        millis @ ..1000 => format!("{millis} ms"),
        millis @ ..60_000 => format!("{}.{} s", millis / 1000, millis % 1000 / 100),
        millis @ ..3_600_000 => format!("{} min", millis / 60_000),
        millis => format!("{}.{} h", millis / 3_600_000, millis % 3_600_000 / 360_000),
    }
}
