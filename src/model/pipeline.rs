//! The pipeline file: which plugins run, in which order, with which options, and what stands in
//! for what a recording lacks. Owns its shape; [`load`] owns what must hold in it besides. What a
//! plugin does with its options is the plugin's to know.

pub mod containment;
pub mod egress;
pub mod guardian;
pub mod load;
pub mod output;
pub mod registry;
pub mod supply_chain_guard;
pub mod tools;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::containment::Containment;
use self::egress::EgressEnforcer;
use self::guardian::GuardianChoice;
use self::output::OutputValidator;
use self::registry::Registry;
use self::supply_chain_guard::SupplyChainGuard;
use self::tools::ToolNames;
use super::bundle::TrustLevel;

/// The plugins and their order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Pipeline")]
pub struct PipelineFile {
    /// The version of this format.
    #[schemars(range(min = 1, max = 1))]
    pub version: u32,
    /// What stands in for what a recording lacks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub defaults: Option<RecordingDefaults>,
    /// What recorded tool names stand for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<ToolNames>,
    /// The plugins, each an object with the plugin's name as its one key; they run in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plugins: Vec<PluginEntry>,
    /// Who watches the agents: `engineering`, `finance`, `soc`, or a configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guardian: Option<GuardianChoice>,
    /// How approvals are settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approvals: Option<Approvals>,
    /// How many audit events the platform's runtime keeps in memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<Audit>,
}

/// What stands in for what a recording lacks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordingDefaults {
    /// `agent.environment`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Who answers for agents for whom the registry names no owner; reports show it beside what
    /// they were denied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// `agent.agent_id`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// `agent.agent_type`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_type: Option<String>,
    /// `agent.trust_level`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust_level: Option<TrustLevel>,
}

/// One plugin with its options.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(extend("minProperties" = 1))]
pub struct PluginEntry {
    /// Stops one agent, or all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kill_switch: Option<KillSwitch>,
    /// Limits calls per time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limiter: Option<RateLimiter>,
    /// Checks agents and tools against a registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_enforcer: Option<IdentityEnforcer>,
    /// Keeps sensitive data from leaving.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub egress_enforcer: Option<EgressEnforcer>,
    /// Checks commands, the manifests of tools, and tools of MCP servers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supply_chain_guard: Option<SupplyChainGuard>,
    /// Checks what tools touch, and change tickets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub containment: Option<Containment>,
    /// Limits calls per session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_context: Option<SessionContext>,
    /// Looks at what tools return.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_validator: Option<OutputValidator>,
}

/// Stops one agent, or all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KillSwitch {
    /// The agents that are stopped, by id, with the reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub agents: BTreeMap<String, String>,
    /// Whether every agent is stopped.
    #[serde(default)]
    pub global: bool,
    /// Whether calls go on when the plugin fails.
    #[serde(default)]
    pub fail_open: bool,
}

/// Limits calls per time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateLimiter {
    /// Most calls of one agent in a window; 0 for any number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_per_minute: Option<u32>,
    /// Most calls of one tool by one agent in a window; 0 for any number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_per_minute_per_tool: Option<u32>,
    /// Length of the window in milliseconds; a minute if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 9_007_199_254_740_u64))]
    pub window_ms: Option<u64>,
    /// Whether calls go on when the plugin fails.
    #[serde(default)]
    pub fail_open: bool,
}

/// Checks agents and tools against a registry.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityEnforcer {
    /// The registry, or the path of its file, relative to the pipeline file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry: Option<RegistrySource>,
    /// Whether agents that are not registered are denied; `true` if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_registration: Option<bool>,
    /// The lowest trust level that may call at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_trust_level: Option<TrustLevel>,
    /// Most agents that a call may have been delegated by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_delegation_depth: Option<u32>,
    /// Whether trust is lowered by the circumstances of a call.
    #[serde(default)]
    pub contextual_trust: bool,
    /// Whether calls go on when the plugin fails.
    #[serde(default)]
    pub fail_open: bool,
}

/// Where a registry is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RegistrySource {
    /// In a file of its own.
    File(String),
    /// Here.
    Inline(Box<Registry>),
}

/// Limits calls per session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionContext {
    /// The limit of each tool, by its name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<String, SessionLimit>,
    /// How long a session lives from its first call, in milliseconds; an hour if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 9_007_199_254_740_u64))]
    pub session_ttl_ms: Option<u64>,
    /// Whether calls go on when the plugin fails.
    #[serde(default)]
    pub fail_open: bool,
}

/// How often one tool may be called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionLimit {
    /// Most calls in one session.
    pub max_per_session: u32,
}

/// How approvals are settled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Approvals {
    /// How long an answer may take, in milliseconds; as long as it likes if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
}

/// How many audit events the platform's runtime keeps in memory. Reports say how many it would
/// have dropped; a log that is written holds all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// Most events, the oldest dropped first; 10,000 if absent, 0 for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_events: Option<u64>,
}

/// How many audit events the platform's runtime keeps in memory if nothing else is said.
pub const DEFAULT_MAX_EVENTS: u64 = 10_000;

impl PipelineFile {
    /// How many audit events the platform's runtime keeps in memory; 0 for all.
    pub fn max_events(&self) -> u64 {
        let audit = self.audit.as_ref();
        audit
            .and_then(|audit| audit.max_events)
            .unwrap_or(DEFAULT_MAX_EVENTS)
    }
}
