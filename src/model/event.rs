//! An audit event: what was decided about one request, without its arguments. Owns its shape;
//! knows neither log nor chain.

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};

use super::decision::Reason;

/// One record of an audit log. One request can have two: the decision, then its settlement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// A UUID.
    #[schemars(extend("format" = "uuid"))]
    pub event_id: String,
    /// When it was decided, RFC 3339.
    #[schemars(extend("format" = "date-time"))]
    pub timestamp: String,
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
    if let Some(serde_json::Value::Array(required)) = schema.get_mut("required") {
        required.push("prev_hash".into());
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
