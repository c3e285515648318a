//! The guardian's place in a run: it sees every event at its time and has the agents stopped that it
//! kills. Owns the order of the events; what they mean is the guardian's to know.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

use uuid::Uuid;

use super::{Decided, Facts, NO_AGENT, Ruling, Settlement, Step};
use crate::guardian::{Detail, Findings, Guardian, Incident, Mark, Part, Seen, Verdict};
use crate::model::pipeline::guardian::GuardianOptions;
use crate::time::Timestamp;

/// What decisions call the guardian where they name a plugin.
pub(super) const NAME: &str = "guardian";

/// Finds an event of a run again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventMark {
    /// Its id.
    pub event_id: Uuid,
    /// The input that its call stands in, from 0.
    pub input: usize,
    /// Its call's line there, from 1.
    pub line: u64,
}

impl Mark for EventMark {
    fn event_id(&self) -> Cow<'_, str> {
        Cow::Owned(self.event_id.to_string())
    }
}

/// A guardian that watches a run.
#[derive(Debug)]
pub(super) struct Watch {
    guardian: Guardian<EventMark>,
    /// The settlements that are still to come, the next one first.
    due: BinaryHeap<Reverse<Due>>,
    settlements: u64,
}

/// A settlement that comes later than its decision.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    time: Timestamp,
    /// Settlements of one instant come in the order of their decisions.
    number: u64,
    agent: Box<[u8]>,
    tool: Box<[u8]>,
    allowed: bool,
    mark: EventMark,
}

impl Watch {
    pub(super) fn new(options: &GuardianOptions) -> Self {
        Self {
            guardian: Guardian::new(options),
            due: BinaryHeap::new(),
            settlements: 0,
        }
    }

    /// Lets the guardian see what was settled up to `now`.
    pub(super) fn advance(&mut self, now: Timestamp) {
        while let Some(due) = self.due.peek()
            && due.0.time <= now
            && let Some(Reverse(due)) = self.due.pop()
        {
            due.show(&mut self.guardian);
        }
    }

    /// What is decided about a call before anybody else is asked: those of an agent that the
    /// guardian has stopped are denied, and one of an unknown agent may be such a call.
    pub(super) fn before(&self, call: &Facts<'_>) -> Step {
        if call.agent.is_empty() && self.guardian.stops_agents() {
            return Step::Undecidable(NO_AGENT);
        }
        let kill = self.guardian.kill(call.agent);
        let Some(Detail::AutoKill { violations, .. }) = kill.map(|kill| &kill.detail) else {
            return Step::Continue;
        };
        let message = format!("the guardian stopped this agent after {violations} violations");
        Step::Decide(Ruling::deny("AGENT_KILL_SWITCH", message))
    }

    /// Lets the guardian see the events of a call, which `marks` find again.
    pub(super) fn see(&mut self, call: &Facts<'_>, decided: &Decided, marks: &[EventMark]) {
        for (event, &mark) in decided.happenings(call.time).zip(marks) {
            let due = event
                .time
                .filter(|&time| call.time.is_some_and(|made| time > made));
            if let (Some(_), Some(time)) = (event.settled, due) {
                self.due.push(Reverse(Due {
                    time,
                    number: self.settlements,
                    agent: call.agent.into(),
                    tool: call.tool.into(),
                    allowed: decided.allowed(),
                    mark,
                }));
                self.settlements += 1;
                continue;
            }
            self.guardian.observe(&Seen {
                agent: call.agent,
                tool: call.tool,
                time: event.time,
                part: match event.settled {
                    Some(_) => Part::Settlement,
                    None => Part::Request,
                },
                verdict: match (event.settled, decided.settlement) {
                    (None, Settlement::Allowed) | (Some(_), Settlement::Approved) => {
                        Verdict::Allowed
                    }
                    (None, Settlement::Denied) | (Some(_), _) => Verdict::Denied,
                    (None, _) => Verdict::Pending,
                },
                mark,
            });
        }
    }

    pub(super) fn take_incidents(&mut self) -> Vec<Incident<EventMark>> {
        self.guardian.take_incidents()
    }

    pub(super) fn finish(mut self) -> Findings<EventMark> {
        while let Some(Reverse(due)) = self.due.pop() {
            due.show(&mut self.guardian);
        }
        self.guardian.finish()
    }
}

impl Due {
    fn show(&self, guardian: &mut Guardian<EventMark>) {
        guardian.observe(&Seen {
            agent: &self.agent,
            tool: &self.tool,
            time: Some(self.time),
            part: Part::Settlement,
            verdict: if self.allowed {
                Verdict::Allowed
            } else {
                Verdict::Denied
            },
            mark: self.mark,
        });
    }
}
