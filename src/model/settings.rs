//! The settings file, `.agent-spm.yaml`: what a project wants of every run. Owns its shape; flags
//! and the environment come before it, and what a setting does is for its subcommand to know.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The name of the file, beside the policies.
pub const SETTINGS_NAME: &str = ".agent-spm.yaml";

/// What a project wants of every run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// For `lint`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lint: Option<LintSettings>,
}

/// What a project wants of `lint`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LintSettings {
    /// The least severity that makes the answer no; `warning` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fail_on: Option<Level>,
    /// How long before its end a document is reported, such as `30d`; 14 days if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry_warning: Option<String>,
    /// How much lints matter, by their id, where that is not what they say themselves.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub severity: BTreeMap<String, Level>,
    /// Findings that are known and accepted for a while.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suppress: Vec<Suppress>,
}

/// How much something matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Good to know.
    Note,
    /// Probably not what the author wants.
    Warning,
    /// The policy does not do what it says, or is open to attack.
    Error,
}

/// Findings that are known and accepted for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Suppress {
    /// The lint.
    #[schemars(length(min = 1))]
    pub lint: String,
    /// The files, as they are named on the command line: `*` stands for any part of a name, `**`
    /// also for directories; all files if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The member concerned and all that is in it, such as `rules[PAY].when`: elements of a list
    /// by their id or by their index from 0; everything if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// Why it is accepted.
    #[schemars(length(min = 1))]
    pub reason: String,
    /// The last day on which it is, such as `"2026-09-30"`, or a time, RFC 3339.
    #[schemars(length(min = 1))]
    pub until: String,
}
