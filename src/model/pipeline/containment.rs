//! The options of `containment`: what each tool may touch, and which tools need a change ticket.
//! Owns their shape; what leaves a sandbox is the plugin's to know.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Checks what tools touch, and change tickets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Containment {
    /// What each tool may touch, by its name or, as `read_*`, by what its name begins with.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sandboxes: BTreeMap<String, Sandbox>,
    /// Tools that need a change ticket: names, or beginnings as `deploy_*`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ticket_required_tools: Vec<String>,
    /// What a change ticket must be; any if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_control: Option<ChangeControl>,
    /// Whether calls go on when the plugin fails.
    #[serde(default)]
    pub fail_open: bool,
}

/// What a tool may touch. What is not mentioned is not restricted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sandbox {
    /// What the runtime contains the tool in, as `process` or `container`; for people.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The only directories (or files) whose paths may be named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub allowed_paths: Option<Vec<String>>,
    /// Directories (or files) whose paths may not be named, even below those that may.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub denied_paths: Vec<String>,
    /// Whether hosts may be named at all; they may if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_enabled: Option<bool>,
    /// The only hosts that may be named: `api.example.com`, `*.example.com` for those below,
    /// addresses, networks as `10.0.0.0/8`, each with `:443` if you like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub allowed_hosts: Option<Vec<String>>,
    /// Hosts that may not be named, nor those below them, even if they may.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub denied_hosts: Vec<String>,
    /// The only ports that may be named or follow from a URL's scheme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub allowed_ports: Option<Vec<u16>>,
    /// The only environment variables that may be named: names, or beginnings as `NODE_*`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub allowed_env: Option<Vec<String>>,
    /// Environment variables that may not be named: names, or beginnings as `AWS_*`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub denied_env: Vec<String>,
}

/// What a change ticket must be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeControl {
    /// What its id must match: an ECMAScript pattern for which case matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket_pattern: Option<String>,
    /// The argument that holds its id; `ticket_id` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub ticket_member: Option<String>,
    /// The argument that holds its status; `ticket_status` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub status_member: Option<String>,
    /// The statuses in which it may be used; any, and none, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub allowed_statuses: Option<Vec<String>>,
}
