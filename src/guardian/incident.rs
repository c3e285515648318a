//! What a guardian reports. Owns the shape of incidents and their ids; finds none itself.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use super::At;
use crate::digest;
use crate::time::Timestamp;

/// What the caller needs to find an event again.
pub trait Mark: Clone {
    /// The event's id; a hundred events may be marked for each one whose id is asked for.
    fn event_id(&self) -> Cow<'_, str>;
}

/// What kind of behaviour an incident is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Too many requests in a minute.
    FrequencySpike,
    /// Too many requests in the window of volume.
    VolumeSpike,
    /// Tools in a suspicious order.
    SuspiciousSequence,
    /// Requests outside working hours.
    OffHours,
    /// So many violations that the agent is stopped.
    AutoKill,
}

/// How bad an incident is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "their names say it")]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

/// One breach from its beginning to its end, however many events it lasted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident<M> {
    /// The same on every run: see [`incident_id`].
    pub id: String,
    /// Incidents count from 0 in the order of their detection; one that volume made worse, or that
    /// turned out to be executed, keeps its number.
    pub number: u64,
    /// What it is.
    pub kind: Kind,
    /// How bad it is.
    pub severity: Severity,
    /// The agent's id in WTF-8.
    pub agent: Box<[u8]>,
    /// Its first event: of a spike, the first in the first window with too many.
    pub start: At<M>,
    /// The event by which it was noticed.
    pub detected: At<M>,
    /// Its last event.
    pub end: At<M>,
    /// Its requests; of a sequence, its steps.
    pub count: u64,
    /// Those of them that went through, as far as it was known while it lasted.
    pub allowed: u64,
    /// What else there is to say.
    pub detail: Detail<M>,
}

/// What only incidents of one kind have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail<M> {
    /// Of a frequency or volume spike.
    Spike {
        /// More requests than this in a window are too many.
        threshold: u64,
        /// The window in milliseconds.
        window_ms: u64,
        /// Most requests in one window.
        peak: u64,
        /// When there were so many for the first time.
        peak_at: Timestamp,
        /// When there were more than volume allows, if there were.
        escalated_at: Option<Timestamp>,
    },
    /// Of a suspicious sequence.
    Sequence {
        /// The sequence as it is configured.
        pattern: Arc<[String]>,
        /// The events that matched its tools.
        steps: Vec<At<M>>,
        /// Whether each of them went through, in that order.
        execution: Execution,
    },
    /// Of requests outside working hours.
    OffHours {
        /// The working hours, for people.
        hours: String,
        /// When they next begin.
        until: Timestamp,
    },
    /// Of an agent that is stopped.
    AutoKill {
        /// Its violations.
        violations: u64,
        /// As many stop an agent.
        threshold: u64,
        /// What came afterwards.
        later: u64,
        /// What of that went through.
        later_allowed: u64,
    },
}

/// How far a suspicious sequence got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Execution {
    /// Each step went through.
    Executed,
    /// Some step was stopped.
    Attempted,
}

impl Kind {
    /// Every kind, in the order in which reports list them.
    pub const ALL: [Self; 5] = [
        Self::FrequencySpike,
        Self::VolumeSpike,
        Self::SuspiciousSequence,
        Self::OffHours,
        Self::AutoKill,
    ];

    /// The name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FrequencySpike => "frequency_spike",
            Self::VolumeSpike => "volume_spike",
            Self::SuspiciousSequence => "suspicious_sequence",
            Self::OffHours => "off_hours",
            Self::AutoKill => "auto_kill",
        }
    }

    /// A title for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::FrequencySpike => "Frequency spike",
            Self::VolumeSpike => "Volume spike",
            Self::SuspiciousSequence => "Suspicious sequence of tools",
            Self::OffHours => "Activity outside working hours",
            Self::AutoKill => "Agent stopped by the guardian",
        }
    }
}

impl Severity {
    /// Every severity, the least first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl Execution {
    /// The name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Executed => "executed",
            Self::Attempted => "attempted",
        }
    }
}

impl<M> Incident<M> {
    /// The same with other marks.
    pub fn map<N>(self, mut mark: impl FnMut(M) -> N) -> Incident<N> {
        let mut at = |at: At<M>| At {
            time: at.time,
            mark: mark(at.mark),
        };
        Incident {
            id: self.id,
            number: self.number,
            kind: self.kind,
            severity: self.severity,
            agent: self.agent,
            start: at(self.start),
            detected: at(self.detected),
            end: at(self.end),
            count: self.count,
            allowed: self.allowed,
            detail: match self.detail {
                Detail::Sequence {
                    pattern,
                    steps,
                    execution,
                } => Detail::Sequence {
                    pattern,
                    steps: steps.into_iter().map(at).collect(),
                    execution,
                },
                Detail::Spike {
                    threshold,
                    window_ms,
                    peak,
                    peak_at,
                    escalated_at,
                } => Detail::Spike {
                    threshold,
                    window_ms,
                    peak,
                    peak_at,
                    escalated_at,
                },
                Detail::OffHours { hours, until } => Detail::OffHours { hours, until },
                Detail::AutoKill {
                    violations,
                    threshold,
                    later,
                    later_allowed,
                } => Detail::AutoKill {
                    violations,
                    threshold,
                    later,
                    later_allowed,
                },
            },
        }
    }

    /// In a sentence without the agent's name.
    pub fn summary(&self) -> String {
        match &self.detail {
            Detail::Spike {
                threshold,
                window_ms,
                peak,
                ..
            } => format!(
                "{} requests, up to {peak} in {} s where {threshold} are allowed",
                self.count,
                seconds(*window_ms)
            ),
            Detail::Sequence {
                pattern, execution, ..
            } => format!("{}: {}", execution.as_str(), pattern.join(" → ")),
            Detail::OffHours { hours, .. } => {
                format!("{} requests outside {hours}", self.count)
            }
            Detail::AutoKill {
                violations,
                later,
                later_allowed,
                ..
            } => format!(
                "stopped after {violations} violations; {later} later requests, {later_allowed} of \
                 them allowed"
            ),
        }
    }
}

impl<M: Mark> Incident<M> {
    /// The ids of the events that show it, each once: the first, the steps of a sequence, the one
    /// by which it was noticed, the last.
    pub fn event_ids(&self) -> Vec<String> {
        let steps = match &self.detail {
            Detail::Sequence { steps, .. } => steps.as_slice(),
            _ => &[],
        };
        let ends = [&self.detected, &self.end];
        let mut ids: Vec<String> = Vec::new();
        for at in [&self.start].into_iter().chain(steps).chain(ends) {
            let id = at.mark.event_id();
            if !ids.iter().any(|known| *known == id) {
                ids.push(id.into_owned());
            }
        }
        ids
    }
}

/// Milliseconds as seconds, without zeros at the end.
fn seconds(millis: u64) -> String {
    let mut text = (millis / 1000).to_string();
    let rest = format!("{:03}", millis % 1000);
    let rest = rest.trim_end_matches('0');
    if !rest.is_empty() {
        // Writing to a `String` cannot fail.
        let _ = write!(text, ".{rest}");
    }
    text
}

/// The id of an incident: the first 128 bits of SHA-256 of `what|agent|event id of its start`, as a
/// UUID of version 8 (RFC 9562 §5.8), so that it is the same on every run and fits wherever a
/// product expects a UUID. `what` is the kind's name; of a sequence, with `:` and its tools, `,`
/// between them, since several sequences can start with one event.
pub fn incident_id(what: &str, agent: &[u8], start: &str) -> String {
    let mut digest = digest::Sha256::default();
    digest.update(what.as_bytes());
    digest.update(b"|");
    digest.update(agent);
    digest.update(b"|");
    digest.update(start.as_bytes());
    let mut id = [0; 16];
    for (byte, digest) in id.iter_mut().zip(digest.finish()) {
        *byte = digest;
    }
    let bits = u128::from_be_bytes(id);
    let version = 8_u128 << 76;
    let variant = 2_u128 << 62;
    let bits = bits & !(0xF_u128 << 76) & !(3_u128 << 62) | version | variant;
    let hex = digest::hex(&bits.to_be_bytes());
    let mut text = String::with_capacity(36);
    for (index, digit) in hex.chars().enumerate() {
        if matches!(index, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_uuids_that_anyone_can_recompute() {
        // printf 'frequency_spike|finance-bot|e-1' | sha256sum
        let digest = digest::sha256_hex(b"frequency_spike|finance-bot|e-1");
        let id = incident_id("frequency_spike", b"finance-bot", "e-1");
        let parts: Vec<&str> = id.split('-').collect();
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert!(parts[2].starts_with('8'), "{id}");
        assert!(parts[3].starts_with(['8', '9', 'a', 'b']), "{id}");
        assert_eq!(parts[0], &digest[..8]);
        assert_eq!(parts[4], &digest[20..32]);
        assert_ne!(id, incident_id("frequency_spike", b"finance-bot", "e-2"));
        assert_ne!(id, incident_id("off_hours", b"finance-bot", "e-1"));
    }

    #[test]
    fn lengths_of_time_are_short() {
        assert_eq!(seconds(60_000), "60");
        assert_eq!(seconds(1500), "1.5");
        assert_eq!(seconds(5), "0.005");
    }
}
