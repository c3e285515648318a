//! An audit event: what was decided about one request, without its arguments. Owns its shape and
//! what its outcome comes to; knows neither log nor chain.
//!
//! The platform's runtime writes the six outcomes of a decision only, and says in a reason code
//! that it was the kill switch, a rate limit or an answer: [`effective`] tells what that comes to.
//! `simulate` writes what it comes to at once, with the same codes:
//!
//! | event | outcome | last reason code |
//! | --- | --- | --- |
//! | the decision of a rule, the default or a plugin | its outcome | rule id, `DEFAULT_<OUTCOME>`, plugin's code |
//! | the kill switch denies | `KILL_SWITCH` | `AGENT_KILL_SWITCH`, `GLOBAL_KILL_SWITCH` |
//! | the rate limiter denies | `RATE_LIMITED` | `RATE_LIMIT_AGENT`, `RATE_LIMIT_TOOL` |
//! | who was asked agreed | `APPROVED` | `APPROVED`, `STEP_UP_PASSED`, `TICKET_VALIDATED`, `HUMAN_APPROVED` |
//! | who was asked declined, or named no ticket | `REJECTED` | `REJECTED`, `STEP_UP_FAILED`, `TICKET_MISSING`, `HUMAN_REJECTED` |
//! | who was asked was too slow | `TIMEOUT` | `APPROVAL_TIMEOUT`, `STEP_UP_ERROR`, `TICKET_ERROR`, `HUMAN_REVIEW_ERROR` |
//! | the recording holds no answer | `DENY` | `APPROVAL_UNANSWERED` |
//!
//! The last four are the second event of their request, the settlement. A plugin before the rules
//! that asks for an approval has denied: no answer is waited for, and there is no second event.

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};

use super::decision::{Outcome, Reason};

/// The reason codes of the platform's plugins and of the pipeline itself.
pub const PLUGIN_CODES: [&str; 23] = [
    "AGENT_KILL_SWITCH",
    "AGENT_REVOKED",
    "AGENT_UNREGISTERED",
    "COMMAND_APPROVAL_REQUIRED",
    "COMMAND_BLOCKED",
    "DELEGATION_DEPTH_EXCEEDED",
    "EGRESS_BLOCKED",
    "FORBIDDEN_KEYWORD",
    "GLOBAL_KILL_SWITCH",
    "INSUFFICIENT_TRUST",
    "OVERSIZED_OUTPUT",
    "PLUGIN_ERROR",
    "PROVENANCE_FAILED",
    "RATE_LIMIT_AGENT",
    "RATE_LIMIT_TOOL",
    "SANDBOX_VIOLATION",
    "SENSITIVE_OUTPUT",
    "SESSION_LIMIT_EXCEEDED",
    "TICKET_INVALID",
    "TICKET_REQUIRED",
    "TOOL_REVOKED",
    "TOOL_UNREGISTERED",
    "UNVERIFIED_MCP_TOOL",
];

/// One record of an audit log. One request can have two: the decision, then its settlement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = timestamp_is_required)]
pub struct Event {
    /// A UUID.
    #[schemars(extend("format" = "uuid"))]
    pub event_id: String,
    /// When it was decided, RFC 3339; `null` if the recording does not say.
    #[schemars(extend("format" = "date-time"))]
    pub timestamp: Option<String>,
    /// The request it is about.
    pub request_id: String,
    /// Who called.
    pub agent_id: String,
    /// What was called.
    pub tool_name: String,
    /// What was decided.
    pub outcome: EventOutcome,
    /// Why, in the order in which it was found.
    pub reasons: Vec<Reason>,
    /// What may be shown of the request.
    pub safe_payload: SafePayload,
    /// The plugin that decided; absent when the rules did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin_source: Option<String>,
    /// Its place in a chained log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<Chain>,
}

/// What an event says was decided: an outcome of the rules, or how it was settled.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EventOutcome {
    /// The call went through.
    Allow,
    /// The call was refused.
    Deny,
    /// A named role was asked.
    RequireApproval,
    /// The caller was asked to authenticate again.
    StepUp,
    /// A change ticket was asked for.
    RequireTicket,
    /// A person was asked.
    RequireHuman,
    /// Who was asked agreed.
    Approved,
    /// Who was asked declined.
    Rejected,
    /// The agent, or every agent, is switched off.
    KillSwitch,
    /// Too many calls.
    RateLimited,
    /// Who was asked did not answer in time.
    Timeout,
}

/// What may be shown of a request: never its arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SafePayload {
    /// As in the event.
    pub agent_id: String,
    /// As in the event.
    pub tool_name: String,
    /// Where the agent runs.
    pub environment: String,
    /// As in the event.
    pub outcome: EventOutcome,
}

/// The place of an event in a chained log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = prev_hash_is_required)]
pub struct Chain {
    /// The log's own name.
    pub uid: String,
    /// Counts the records of the log, from 0.
    pub seq: u64,
    /// SHA-256 of the RFC 8785 form of the record before, lower-case hexadecimal; `null` in the
    /// first.
    pub prev_hash: Option<String>,
}

/// The first record says `null`; a record without the member is damaged.
fn prev_hash_is_required(schema: &mut Schema) {
    require(schema, "prev_hash");
}

/// Without a time, `null` says so.
fn timestamp_is_required(schema: &mut Schema) {
    require(schema, "timestamp");
}

fn require(schema: &mut Schema, member: &str) {
    if let Some(serde_json::Value::Array(required)) = schema.get_mut("required") {
        required.push(member.into());
    }
}

impl EventOutcome {
    /// Every outcome, in the order in which reports list them.
    pub const ALL: [Self; 11] = [
        Self::Allow,
        Self::Deny,
        Self::RequireApproval,
        Self::StepUp,
        Self::RequireTicket,
        Self::RequireHuman,
        Self::Approved,
        Self::Rejected,
        Self::KillSwitch,
        Self::RateLimited,
        Self::Timeout,
    ];

    /// The outcome as events write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "ALLOW",
            Self::Deny => "DENY",
            Self::RequireApproval => "REQUIRE_APPROVAL",
            Self::StepUp => "STEP_UP",
            Self::RequireTicket => "REQUIRE_TICKET",
            Self::RequireHuman => "REQUIRE_HUMAN",
            Self::Approved => "APPROVED",
            Self::Rejected => "REJECTED",
            Self::KillSwitch => "KILL_SWITCH",
            Self::RateLimited => "RATE_LIMITED",
            Self::Timeout => "TIMEOUT",
        }
    }
}

impl EventOutcome {
    /// The outcome that events write so.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
    }
}

impl From<Outcome> for EventOutcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Allow => Self::Allow,
            Outcome::Deny => Self::Deny,
            Outcome::RequireApproval => Self::RequireApproval,
            Outcome::StepUp => Self::StepUp,
            Outcome::RequireTicket => Self::RequireTicket,
            Outcome::RequireHuman => Self::RequireHuman,
        }
    }
}

/// What a recorded outcome comes to, by what its reason codes tell. What contradicts the outcome,
/// such as a kill switch that allows, tells nothing.
pub const fn effective(recorded: EventOutcome, told: Option<EventOutcome>) -> EventOutcome {
    match (recorded, told) {
        (EventOutcome::Allow, Some(EventOutcome::Approved)) => EventOutcome::Approved,
        (EventOutcome::Deny, Some(EventOutcome::Approved)) => EventOutcome::Deny,
        (EventOutcome::Deny, Some(told)) => told,
        _ => recorded,
    }
}

/// What the codes and messages of reasons tell: the last that tells something counts.
pub fn told<'a>(
    reasons: impl IntoIterator<Item = (&'a str, &'a str), IntoIter: DoubleEndedIterator>,
) -> Option<EventOutcome> {
    let mut reasons = reasons.into_iter().rev();
    reasons.find_map(|(code, message)| told_by(code, message))
}

/// What a reason code of the platform says beyond allowing and denying.
fn told_by(code: &str, message: &str) -> Option<EventOutcome> {
    Some(match code {
        "GLOBAL_KILL_SWITCH" | "AGENT_KILL_SWITCH" => EventOutcome::KillSwitch,
        "RATE_LIMIT_AGENT" | "RATE_LIMIT_TOOL" => EventOutcome::RateLimited,
        "APPROVED" | "HUMAN_APPROVED" | "STEP_UP_PASSED" | "TICKET_VALIDATED" => {
            EventOutcome::Approved
        }
        "REJECTED" | "HUMAN_REJECTED" | "STEP_UP_FAILED" | "TICKET_MISSING" => {
            EventOutcome::Rejected
        }
        // The platform uses each of these for every error of its callback.
        "APPROVAL_TIMEOUT" | "STEP_UP_ERROR" | "TICKET_ERROR" | "HUMAN_REVIEW_ERROR"
            if message.ends_with("timed out") =>
        {
            EventOutcome::Timeout
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_code_that_tells_something_counts() {
        use EventOutcome::{Allow, Approved, Deny, KillSwitch, RateLimited, Rejected, Timeout};
        for (recorded, reasons, expected) in [
            (Deny, &[("r1", "")][..], Deny),
            (Deny, &[("AGENT_KILL_SWITCH", "")], KillSwitch),
            (Deny, &[("RATE_LIMIT_TOOL", ""), ("r1", "")], RateLimited),
            (Allow, &[("r1", ""), ("HUMAN_APPROVED", "")], Approved),
            (Deny, &[("APPROVED", ""), ("REJECTED", "")], Rejected),
            (Deny, &[("APPROVAL_TIMEOUT", "it timed out")], Timeout),
            (Deny, &[("APPROVAL_TIMEOUT", "boom")], Deny),
            (Deny, &[("TICKET_ERROR", "the check timed out")], Timeout),
            (Deny, &[("APPROVED", "")], Deny),
            (Allow, &[("GLOBAL_KILL_SWITCH", "")], Allow),
            (Timeout, &[("APPROVED", "")], Timeout),
            (Allow, &[], Allow),
        ] {
            let found = effective(recorded, told(reasons.iter().copied()));
            assert_eq!(found, expected, "{recorded:?} {reasons:?}");
        }
    }
}
