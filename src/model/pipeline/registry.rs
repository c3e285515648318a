//! The registry of agents and tools: who exists, and how far each is trusted. Owns its shape and
//! that it names nobody twice; trusts nobody itself.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::document::{self, Document, Format, Limits, LoadError, Node, Path, Problems};
use crate::model::bundle::TrustLevel;

/// Agents and tools that exist, and those that must not be used any more.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Registry {
    /// The agents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<RegisteredAgent>,
    /// Ids of agents that are denied, registered or not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revoked_agents: Vec<String>,
    /// The tools; if given, every other tool is denied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<RegisteredTool>>,
    /// Names of tools that are denied, registered or not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revoked_tools: Vec<String>,
}

/// An agent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisteredAgent {
    /// Its id; no two agents share one.
    #[schemars(length(min = 1))]
    pub agent_id: String,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Where it runs, for calls that do not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// What kind of agent it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_type: Option<String>,
    /// How far it is trusted at most; not at all if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust_level: Option<TrustLevel>,
    /// The roles that it may claim.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// What it can do, for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<String>,
    /// Most agents that its calls may have been delegated by; contextual trust counts more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_delegation_depth: Option<u32>,
    /// Proof of its identity, for calls that carry none; it ends at its `expires_at`, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attestation: Option<Map<String, Value>>,
}

/// A tool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisteredTool {
    /// Its name; no two tools share one.
    #[schemars(length(min = 1))]
    pub tool_name: String,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Who provides it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// What it may do, for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<String>,
    /// Whether its origin was checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified: Option<bool>,
}

impl Registry {
    /// Reads the file of a registry. `name` is what messages call it.
    ///
    /// # Errors
    /// Everything that is wrong with the text, as [`document::load`] says; besides, an agent or a
    /// tool named twice.
    pub fn load(
        bytes: &[u8],
        name: &str,
        format: Format,
        limits: Limits,
    ) -> Result<(Self, Document), LoadError> {
        document::load(bytes, name, format, limits, Self::check)
    }

    /// Adds what [`Registry::load`] objects to beside the schema.
    pub fn check(root: &Node, problems: &mut Problems) {
        check(root, &Path::Root, problems);
    }
}

/// Adds a problem for every agent and tool of the registry `node` that is named twice.
pub(super) fn check(node: &Node, path: &Path<'_>, problems: &mut Problems) {
    unique(node, "agents", "agent_id", path, problems);
    unique(node, "tools", "tool_name", path, problems);
}

fn unique(
    registry: &Node,
    list: &'static str,
    key: &'static str,
    path: &Path<'_>,
    problems: &mut Problems,
) {
    let path = Path::Key(path, list);
    let entries = registry.get(list).and_then(Node::as_array).unwrap_or(&[]);
    let mut seen = BTreeMap::new();
    for (index, entry) in entries.iter().enumerate() {
        let Some(node) = entry.get(key) else { continue };
        let Some(id) = node.as_str() else { continue };
        if let Some((first, line)) = seen.get(id) {
            problems.add(
                "duplicate-registration",
                &Path::Key(&Path::Index(&path, index), key),
                node.span,
                format!("`{id}` is registered twice: `{list}[{first}]` on line {line} has it"),
                "remove one of them; which one counts would be a guess".to_owned(),
            );
        } else {
            seen.insert(id, (index, problems.line(node.span.start)));
        }
    }
}
