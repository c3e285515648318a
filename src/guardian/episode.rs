//! A breach that goes on: too many requests, or requests outside working hours. Owns its beginning
//! and its end; what exceeds a limit is for the agent's state to say.

use super::At;
use super::incident::{Detail, Incident, Kind, Mark, Severity, incident_id};
use super::window::{Recent, Weight, Window};
use crate::time::Timestamp;

/// A breach that goes on.
#[derive(Clone, Debug)]
pub(super) struct Episode<M> {
    number: u64,
    start: At<M>,
    detected: At<M>,
    end: At<M>,
    count: u64,
    allowed: u64,
    /// What came since `end`, which counts if the breach goes on.
    calm: Weight,
}

/// Too many requests.
#[derive(Clone, Debug)]
pub(super) struct Spike<M> {
    episode: Episode<M>,
    peak: u64,
    peak_at: Timestamp,
    escalated_at: Option<Timestamp>,
}

/// What makes requests too many.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    pub(super) kind: Kind,
    /// More are too many.
    pub(super) threshold: u64,
    /// In microseconds.
    pub(super) window: i64,
    /// More are so many that the spike is critical.
    pub(super) critical: Option<u64>,
    /// How long the requests must stay within the threshold, in microseconds.
    pub(super) cooldown: i64,
}

/// Requests outside working hours.
#[derive(Clone, Debug)]
pub(super) struct OffHours<M> {
    episode: Episode<M>,
    /// When work begins.
    pub(super) until: Timestamp,
}

/// Where incidents go that are over, and the number of the next one.
#[derive(Clone, Debug)]
pub(super) struct Incidents<M> {
    pub(super) over: Vec<Incident<M>>,
    pub(super) next: u64,
}

impl<M> Incidents<M> {
    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }
}

impl<M: Mark> Episode<M> {
    fn new(start: &At<M>, at: &At<M>, number: u64, so_far: Weight) -> Self {
        Self {
            number,
            start: start.clone(),
            detected: at.clone(),
            end: at.clone(),
            count: so_far.units,
            allowed: so_far.allowed,
            calm: Weight::default(),
        }
    }

    fn goes_on(&mut self, at: &At<M>, weight: Weight) {
        self.count += self.calm.units + weight.units;
        self.allowed += self.calm.allowed + weight.allowed;
        self.calm = Weight::default();
        self.end = at.clone();
    }

    /// Counts the settlement of a request that was counted.
    fn settled(&mut self, allowed: u64) {
        if self.calm.units > 0 {
            self.calm.allowed += allowed;
        } else {
            self.allowed += allowed;
        }
    }

    fn over(self, kind: Kind, severity: Severity, agent: &[u8], detail: Detail<M>) -> Incident<M> {
        Incident {
            id: incident_id(kind.as_str(), agent, &self.start.mark.event_id()),
            number: self.number,
            kind,
            severity,
            agent: agent.into(),
            start: self.start,
            detected: self.detected,
            end: self.end,
            count: self.count,
            allowed: self.allowed,
            detail,
        }
    }
}

impl<M: Mark> Spike<M> {
    /// Counts a request that is in `window` already: it may begin a spike, keep it going or end it.
    pub(super) fn count(
        spike: &mut Option<Box<Self>>,
        at: &At<M>,
        weight: Weight,
        (recent, window): (&Recent<M>, Window),
        limit: Limit,
        agent: &[u8],
        incidents: &mut Incidents<M>,
    ) {
        if window.units <= limit.threshold {
            let Some(going_on) = spike else { return };
            let episode = &mut going_on.episode;
            episode.calm.add(weight);
            let quiet = at.time.micros().saturating_sub(episode.end.time.micros());
            if quiet >= limit.cooldown {
                Self::close(spike, limit, agent, incidents);
            }
            return;
        }
        let spike = match spike {
            Some(spike) => {
                spike.episode.goes_on(at, weight);
                spike
            }
            None => {
                let start = recent.first(window).unwrap_or(at);
                let so_far = Weight {
                    units: window.units,
                    allowed: window.allowed,
                };
                spike.insert(Box::new(Self {
                    episode: Episode::new(start, at, incidents.number(), so_far),
                    peak: 0,
                    peak_at: at.time,
                    escalated_at: None,
                }))
            }
        };
        if window.units > spike.peak {
            spike.peak = window.units;
            spike.peak_at = at.time;
        }
        if limit.critical.is_some_and(|most| window.units > most) {
            spike.escalated_at.get_or_insert(at.time);
        }
    }

    /// Counts the settlement of a request that was counted.
    pub(super) fn settled(&mut self, allowed: u64) {
        self.episode.settled(allowed);
    }

    /// Ends a spike, if one goes on.
    pub(super) fn close(
        spike: &mut Option<Box<Self>>,
        limit: Limit,
        agent: &[u8],
        incidents: &mut Incidents<M>,
    ) {
        let Some(spike) = spike.take() else { return };
        let severity = match spike.escalated_at {
            Some(_) => Severity::Critical,
            None => Severity::High,
        };
        let detail = Detail::Spike {
            threshold: limit.threshold,
            window_ms: u64::try_from(limit.window / 1000).unwrap_or_default(),
            peak: spike.peak,
            peak_at: spike.peak_at,
            escalated_at: spike.escalated_at,
        };
        let incident = spike.episode.over(limit.kind, severity, agent, detail);
        incidents.over.push(incident);
    }
}

impl<M: Mark> OffHours<M> {
    pub(super) fn new(at: &At<M>, weight: Weight, until: Timestamp, number: u64) -> Self {
        Self {
            episode: Episode::new(at, at, number, weight),
            until,
        }
    }

    pub(super) fn goes_on(&mut self, at: &At<M>, weight: Weight) {
        self.episode.goes_on(at, weight);
    }

    /// Counts the settlement of a request that was counted.
    pub(super) fn settled(&mut self, allowed: u64) {
        self.episode.settled(allowed);
    }

    /// Whether they last at `now`.
    pub(super) fn contains(&self, now: Timestamp) -> bool {
        (self.episode.start.time..self.until).contains(&now)
    }

    pub(super) fn over(self, hours: String, agent: &[u8]) -> Incident<M> {
        let until = self.until;
        let detail = Detail::OffHours { hours, until };
        let episode = self.episode;
        episode.over(Kind::OffHours, Severity::Medium, agent, detail)
    }
}
