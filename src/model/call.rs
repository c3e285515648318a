//! A recorded call as one line of a recording writes it, in the platform's own shape. Owns the
//! shape for its JSON Schema; recordings are read by the importers, which are faster and more
//! lenient: members that are not known here are passed over.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::bundle::TrustLevel;
use super::decision::Outcome;

/// A recorded call: the request, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Call {
    /// The caller's id of the call.
    pub request_id: String,
    /// When the call was made, RFC 3339.
    #[schemars(extend("format" = "date-time"))]
    pub timestamp: String,
    /// Who calls.
    pub agent: Agent,
    /// What is called.
    pub action: Action,
    /// In which circumstances.
    pub context: Context,
    /// What the tool returned: a string or any JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    /// What the person or the ticket system answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// What the live system decided then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<Recorded>,
    /// What a policy under test must decide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<Expectation>,
}

/// Who calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Agent {
    /// The agent's id in the registry.
    pub agent_id: String,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who answers for the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Where it runs: `prod`, `staging`, …
    pub environment: String,
    /// What kind of agent it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_type: Option<String>,
    /// How far it claims to be trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_level: Option<TrustLevel>,
    /// The roles it claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// What it says it can do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Vec<String>>,
    /// How many agents may stand between it and the person who asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_delegation_depth: Option<u32>,
    /// Proof of its identity, in any form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestation: Option<Value>,
}

/// What is called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Action {
    /// `tool_call`, `shell`, `code_execute`, …
    #[serde(rename = "type")]
    pub action_type: String,
    /// The tool's name.
    pub tool_name: String,
    /// Its arguments.
    pub tool_args: Map<String, Value>,
    /// Which tool it really is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_identity: Option<ToolIdentity>,
}

/// Which tool it really is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ToolIdentity {
    /// The tool's name.
    pub tool_name: String,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Who provides it: `built-in`, `mcp`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// SHA-256 of its manifest, hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest_hash: Option<String>,
    /// Whether its origin was checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<bool>,
}

/// The circumstances of a call.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Context {
    /// What the person asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_input: Option<String>,
    /// Labels of the data that the call touches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_labels: Option<Vec<String>>,
    /// Hints at risk, of the caller's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk_hints: Option<Value>,
    /// The trace that the call belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// The session that the call belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The agent that delegated the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_agent_id: Option<String>,
    /// All agents that the call was delegated by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegation_chain: Option<Vec<String>>,
}

/// What the person or the ticket system answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Approval {
    /// The answer.
    pub approved: bool,
    /// How long it took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub latency_ms: Option<f64>,
    /// Who answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver: Option<String>,
    /// The change ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket_id: Option<String>,
}

/// What the live system decided then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recorded {
    /// Its outcome.
    pub outcome: Outcome,
    /// The code of its first reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// What a policy under test must decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Expectation {
    /// The outcome.
    pub outcome: Outcome,
    /// The code of the first reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The plugin that decides; `null` when the rules do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin: Option<String>,
}
