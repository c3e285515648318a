//! The options of `output-validator`. Owns their shape.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Looks at what tools return.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutputValidator {
    /// What must not match any string that a tool returns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub patterns: Vec<OutputPattern>,
    /// What must not occur in any string that a tool returns, upper and lower case alike.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forbidden_keywords: Vec<Keyword>,
    /// Most bytes that a tool may return: of a text, those of its UTF-8; of other JSON, as it is
    /// recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_size: Option<u64>,
    /// Whether a failure of the plugin is to be passed over; it is reported all the same.
    #[serde(default)]
    pub fail_open: bool,
}

/// A pattern, perhaps with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OutputPattern {
    /// An ECMAScript pattern, case-insensitive, of at most 512 characters.
    Plain(String),
    /// The same with a name for reports.
    Named(NamedPattern),
}

/// A pattern with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedPattern {
    /// What reports call it.
    #[schemars(length(min = 1))]
    pub name: String,
    /// An ECMAScript pattern, case-insensitive, of at most 512 characters.
    pub pattern: String,
}

/// A text that is searched for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Keyword(#[schemars(length(min = 1))] pub String);
