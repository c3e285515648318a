//! What an incident means to a SIEM. Owns its facts without the kinds' shapes, so that formats
//! need not know them.

use crate::guardian::{Detail, Incident, Kind, Mark, Severity};
use crate::report::incidents::counterfactual;
use crate::time::Timestamp;

/// An incident, and what every format says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Its id.
    pub id: String,
    /// What kind of behaviour it is.
    pub kind: Kind,
    /// How bad it is.
    pub severity: Severity,
    /// Who.
    pub agent_id: String,
    /// In a sentence; of a killed agent, what would not have run.
    pub summary: String,
    /// When it began.
    pub start: Timestamp,
    /// When it was noticed.
    pub detected: Timestamp,
    /// When it ended.
    pub end: Timestamp,
    /// Its requests; of a sequence, its steps.
    pub count: u64,
    /// Those of them that went through.
    pub allowed: u64,
    /// What was measured and what is allowed of it, if it was measured.
    pub measure: Option<Measure>,
    /// The ids of the events that show it.
    pub events: Vec<String>,
}

/// What was measured, and what is allowed of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// What it is called in camel case.
    pub label: &'static str,
    /// The most that was measured.
    pub most: u64,
    /// More than this, or as much of violations, is too much.
    pub threshold: u64,
}

impl<M: Mark> From<&Incident<M>> for Alert {
    fn from(incident: &Incident<M>) -> Self {
        let summary = counterfactual(incident).unwrap_or_else(|| incident.summary());
        let measure = match &incident.detail {
            Detail::Spike {
                threshold, peak, ..
            } => Some(("peakInWindow", *peak, *threshold)),
            Detail::AutoKill {
                violations,
                threshold,
                ..
            } => Some(("violations", *violations, *threshold)),
            Detail::Sequence { .. } | Detail::OffHours { .. } => None,
        };
        Self {
            id: incident.id.clone(),
            kind: incident.kind,
            severity: incident.severity,
            agent_id: String::from_utf8_lossy(&incident.agent).into_owned(),
            summary,
            start: incident.start.time,
            detected: incident.detected.time,
            end: incident.end.time,
            count: incident.count,
            allowed: incident.allowed,
            measure: measure.map(|(label, most, threshold)| Measure {
                label,
                most,
                threshold,
            }),
            events: incident.event_ids(),
        }
    }
}

impl Alert {
    /// The incident in a sentence with its agent.
    pub fn sentence(&self) -> String {
        let title = self.kind.title();
        format!("{title} by {}: {}", self.agent_id, self.summary)
    }

    /// How severe it is from 0 to 10, by the classes of the Common Event Format.
    pub const fn severity_score(&self) -> u8 {
        match self.severity {
            Severity::Low => 3,
            Severity::Medium => 6,
            Severity::High => 8,
            Severity::Critical => 10,
        }
    }
}

/// Milliseconds since 1970, the part of one cut off.
pub(super) const fn millis(time: Timestamp) -> i64 {
    time.micros().div_euclid(1000)
}
