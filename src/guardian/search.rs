//! The search for one sequence in one agent's requests, twice: in all of them, and in what was let
//! through. Owns whether a sequence was executed or attempted.
//!
//! A sequence is executed when each of its requests was let through, in its order; a request that
//! needs an approval is let through when it is approved. An attempt whose steps are then executed
//! after all stays one incident.

use std::sync::Arc;

use super::At;
use super::episode::Incidents;
use super::incident::{Detail, Execution, Incident, Kind, Mark, Severity, incident_id};
use super::sequence::{Match, Reach, Taken, ToolId, Track};

/// The search for one sequence.
#[derive(Clone, Debug)]
pub(super) struct Search<M> {
    /// In all requests.
    attempted: Track<M>,
    /// In what was let through.
    executed: Track<M>,
    /// The last attempt, until it can no longer turn out to be executed, and the number of its last
    /// request.
    attempt: Option<(Box<Incident<M>>, u64)>,
}

/// What is looked for, and in whose requests.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    pub(super) pattern: &'a [Option<ToolId>],
    /// The pattern as it is configured.
    pub(super) names: &'a Arc<[String]>,
    pub(super) reach: Reach,
    pub(super) agent: &'a [u8],
}

/// An event as a search takes it.
#[derive(Debug)]
pub(super) struct Call<'a, M> {
    pub(super) at: &'a At<M>,
    /// The tool, if some sequence names it.
    pub(super) tool: Option<ToolId>,
    /// The number of the request.
    pub(super) number: u64,
    /// Whether it is the request itself, not its settlement.
    pub(super) is_request: bool,
    /// Whether it lets the request through.
    pub(super) allows: bool,
}

impl<'a, M> Call<'a, M> {
    fn taken(&self) -> Taken<'a, M> {
        Taken {
            at: self.at,
            number: self.number,
            allowed: self.allows,
        }
    }
}

impl<M: Mark> Search<M> {
    pub(super) fn new() -> Self {
        Self {
            attempted: Track::new(),
            executed: Track::new(),
            attempt: None,
        }
    }

    /// Takes an event.
    pub(super) fn take(
        &mut self,
        call: &Call<'_, M>,
        wanted: Wanted<'_>,
        incidents: &mut Incidents<M>,
    ) {
        let Wanted { pattern, reach, .. } = wanted;
        if call.is_request {
            self.attempted.pass(pattern, call.number, reach);
            self.executed.pass(pattern, call.number, reach);
        }
        let Some(tool) = call.tool else { return };
        if call.allows
            && let Some(found) = self.executed.step(pattern, tool, call.taken(), reach)
        {
            self.attempted.reset();
            self.executed(found, call, wanted, incidents);
        } else if call.is_request
            && let Some(found) = self.attempted.step(pattern, tool, call.taken(), reach)
        {
            self.close(incidents);
            let attempt = incident(
                found,
                call.at,
                Execution::Attempted,
                wanted,
                incidents.number(),
            );
            self.attempt = attempt.map(|attempt| (Box::new(attempt), call.number));
        }
    }

    /// Reports what was found so far.
    pub(super) fn close(&mut self, incidents: &mut Incidents<M>) {
        let attempt = self.attempt.take();
        incidents.over.extend(attempt.map(|(attempt, _)| *attempt));
    }

    /// Reports a sequence that was executed, in place of an attempt that it overlaps.
    fn executed(
        &mut self,
        found: Match<M>,
        call: &Call<'_, M>,
        wanted: Wanted<'_>,
        incidents: &mut Incidents<M>,
    ) {
        let earlier = match self.attempt.take() {
            Some((attempt, last)) if found.start_number <= last => Some(attempt),
            other => {
                incidents.over.extend(other.map(|(attempt, _)| *attempt));
                None
            }
        };
        let number = match &earlier {
            Some(earlier) => earlier.number,
            None => incidents.number(),
        };
        let executed = incident(found, call.at, Execution::Executed, wanted, number);
        incidents.over.extend(executed.map(|mut executed| {
            if let Some(earlier) = earlier {
                executed.id = earlier.id;
                executed.detected = earlier.detected;
            }
            executed
        }));
    }
}

/// An incident out of the steps of a match, of which there is at least one.
fn incident<M: Mark>(
    found: Match<M>,
    at: &At<M>,
    execution: Execution,
    wanted: Wanted<'_>,
    number: u64,
) -> Option<Incident<M>> {
    let start = found.steps.first()?.clone();
    let count = found.steps.len() as u64;
    let what = format!("suspicious_sequence:{}", wanted.names.join(","));
    Some(Incident {
        id: incident_id(&what, wanted.agent, &start.mark.event_id()),
        number,
        kind: Kind::SuspiciousSequence,
        severity: match execution {
            Execution::Executed => Severity::High,
            Execution::Attempted => Severity::Medium,
        },
        agent: wanted.agent.into(),
        start,
        detected: at.clone(),
        end: at.clone(),
        count,
        allowed: found.allowed,
        detail: Detail::Sequence {
            pattern: Arc::clone(wanted.names),
            steps: found.steps,
            execution,
        },
    })
}
