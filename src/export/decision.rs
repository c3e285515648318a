//! What an event means to a SIEM. Owns its title, its result and its sentence.

use crate::model::event::EventOutcome;
use crate::replay::Event;

/// An event, and what every format says about it.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// The event.
    pub event: &'a Event<'a>,
    /// What its input is called.
    pub source: &'a str,
    /// The reason code that counts; empty if it has none.
    pub code: &'a str,
    /// Why, for people.
    pub message: &'a str,
}

/// Whether a call went through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    /// It went through.
    Allowed,
    /// It was turned down.
    Refused,
    /// Somebody was asked; the settlement says what became of it.
    Pending,
}

impl<'a> Decision<'a> {
    pub(super) fn new(event: &'a Event<'a>, source: &'a str) -> Self {
        let reason = event.reason();
        Self {
            event,
            source,
            code: reason.map_or("", |reason| reason.code),
            message: reason.map_or("", |reason| reason.message),
        }
    }

    /// What products group events by: the reason code that counts, else the outcome.
    pub fn class(&self) -> &'a str {
        match self.code.trim() {
            "" => self.event.effective.as_str(),
            code => code,
        }
    }

    /// A title that says nothing that other fields say, so that equal events have equal titles.
    pub const fn title(&self) -> &'static str {
        match self.event.effective {
            EventOutcome::Allow => "Agent tool call allowed",
            EventOutcome::Deny => "Agent tool call denied",
            EventOutcome::RequireApproval => "Agent tool call waits for approval",
            EventOutcome::StepUp => "Agent tool call waits for authentication",
            EventOutcome::RequireTicket => "Agent tool call waits for a ticket",
            EventOutcome::RequireHuman => "Agent tool call waits for a person",
            EventOutcome::Approved => "Agent tool call approved",
            EventOutcome::Rejected => "Agent tool call rejected",
            EventOutcome::KillSwitch => "Agent tool call stopped by the kill switch",
            EventOutcome::RateLimited => "Agent tool call over the rate limit",
            EventOutcome::Timeout => "Agent tool call not approved in time",
        }
    }

    /// Whether the call went through.
    pub const fn passage(&self) -> Passage {
        match self.event.effective {
            EventOutcome::Allow | EventOutcome::Approved => Passage::Allowed,
            EventOutcome::Deny
            | EventOutcome::Rejected
            | EventOutcome::KillSwitch
            | EventOutcome::RateLimited
            | EventOutcome::Timeout => Passage::Refused,
            EventOutcome::RequireApproval
            | EventOutcome::StepUp
            | EventOutcome::RequireTicket
            | EventOutcome::RequireHuman => Passage::Pending,
        }
    }

    /// The recorded outcome, where that is not what it comes to.
    pub fn recorded(&self) -> Option<&'static str> {
        let Event {
            recorded,
            effective,
            ..
        } = self.event;
        (recorded != effective).then(|| recorded.as_str())
    }

    /// The event in a sentence: `DENY send_email by finance-bot: PII detected`.
    pub fn sentence(&self) -> String {
        let outcome = self.event.effective.as_str();
        let (tool, agent) = (self.event.tool_name, self.event.agent_id);
        let why = match self.message {
            "" => self.code,
            message => message,
        };
        let colon = if why.is_empty() { "" } else { ": " };
        format!("{outcome} {tool} by {agent}{colon}{why}")
    }
}

impl Passage {
    /// As the Common Event Format and the Elastic Common Schema call it.
    pub const fn outcome(self) -> &'static str {
        match self {
            Self::Allowed => "success",
            Self::Refused => "failure",
            Self::Pending => "unknown",
        }
    }
}
