//! An event of a log as it was read: what everything that looks at a log is given. Owns nothing;
//! its text lies in the chunk that it was read from.

use super::pack::Print;
use super::read::Names;
use crate::guardian::Severity;
use crate::model::event::EventOutcome;
use crate::time::Timestamp;

/// An event of a log. Text that the log lacks is empty.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// Which of the inputs it stands in, from 0.
    pub input: usize,
    /// Its line there, from 1.
    pub line: u64,
    /// The line itself, without white space around it, as it was written: what is sensitive in it
    /// is masked in every other member, and not here.
    pub text: &'a str,
    /// Its id.
    pub event_id: &'a str,
    /// The request that it is about.
    pub request_id: &'a str,
    /// Who called.
    pub agent_id: &'a str,
    /// What was called.
    pub tool_name: &'a str,
    /// Where the agent runs.
    pub environment: &'a str,
    /// When, as it is written.
    pub timestamp: &'a str,
    /// When.
    pub time: Option<Timestamp>,
    /// The outcome that is written.
    pub recorded: EventOutcome,
    /// What that comes to: see [`model::event`](crate::model::event).
    pub effective: EventOutcome,
    /// Whether it is a request's decision or how that was settled.
    pub role: Role,
    /// The plugin that decided.
    pub plugin: Option<&'a str>,
    /// Its place in a chained log.
    pub chain: Option<Chain<'a>>,
    /// What tells its line from others.
    pub(super) digest: u64,
    pub(super) event_print: Print,
    pub(super) request_print: Print,
    pub(super) names: Names,
    pub(super) reasons: &'a [[&'a str; 2]],
}

/// Whether an event is a request's decision or how that was settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The first event of a request.
    Decision,
    /// What became of an approval: the second event of a request.
    Settlement,
}

/// The place of an event in a chained log, as the event says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain<'a> {
    /// The log's own name.
    pub uid: &'a str,
    /// The number of the record.
    pub seq: u64,
    /// SHA-256 of the canonical form of the record before; none in the first.
    pub previous: Option<[u8; 32]>,
    /// SHA-256 of this record's canonical form; none if it has none.
    pub hash: Option<[u8; 32]>,
}

/// Why something was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason<'a> {
    /// The code.
    pub code: &'a str,
    /// For people.
    pub message: &'a str,
}

impl<'a> Event<'a> {
    /// The reasons in their order.
    pub fn reasons(&self) -> impl DoubleEndedIterator<Item = Reason<'a>> + ExactSizeIterator {
        let reasons = self.reasons.iter();
        reasons.map(|&[code, message]| Reason { code, message })
    }

    /// How severe it is from 0 to 10, by its effective outcome: 10 is what stops an agent, 7 a
    /// denial, 4 to 6 what waits for somebody or was turned down, 1 and 2 what went through.
    pub const fn severity_score(&self) -> u8 {
        match self.effective {
            EventOutcome::KillSwitch => 10,
            EventOutcome::Deny => 7,
            EventOutcome::RateLimited | EventOutcome::Timeout | EventOutcome::Rejected => 6,
            EventOutcome::RequireHuman => 5,
            EventOutcome::RequireApproval | EventOutcome::RequireTicket | EventOutcome::StepUp => 4,
            EventOutcome::Approved => 2,
            EventOutcome::Allow => 1,
        }
    }

    /// How severe it is, by the classes of the Common Event Format: 0 to 3, 4 to 6, 7 and 8, 9
    /// and 10.
    pub const fn severity(&self) -> Severity {
        match self.severity_score() {
            0..=3 => Severity::Low,
            4..=6 => Severity::Medium,
            7..=8 => Severity::High,
            _ => Severity::Critical,
        }
    }

    /// The reason that counts: the first of a decision, the last of a settlement.
    pub fn reason(&self) -> Option<Reason<'a>> {
        match self.role {
            Role::Decision => self.reasons().next(),
            Role::Settlement => self.reasons().next_back(),
        }
    }
}
