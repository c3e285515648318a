//! The options of `egress-enforcer`. Owns their shape, and what must hold in them besides; knows
//! not how data is classified.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::bundle::Names;
use crate::document::{Node, Path, Problems, suggest};

/// What a rule may call what it is about, beside the names of custom patterns: classes, and kinds.
pub const CLASSIFICATIONS: &[&str] = &[
    "PII",
    "PCI",
    "SECRET",
    "PHI",
    "CUSTOM",
    "ssn",
    "email",
    "phone",
    "iban",
    "card",
    "aws-key",
    "github-token",
    "gitlab-token",
    "slack-token",
    "stripe-key",
    "google-key",
    "openai-key",
    "anthropic-key",
    "npm-token",
    "pypi-token",
    "vendor-token",
    "jwt",
    "private-key",
    "generic-secret",
    "phi",
];

/// Keeps sensitive data from leaving.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EgressEnforcer {
    /// The rules in order; for each kind of data the first that matches decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<EgressRule>,
    /// What becomes of sensitive data that no rule matches; `block` if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_action: Option<EgressDefault>,
    /// By which channel tools send data, and where to. The first entry that names a tool counts;
    /// tools without one write to `terminal_output`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_channels: Vec<ToolChannel>,
    /// Patterns of one's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub custom_patterns: Vec<CustomPattern>,
    /// Whether calls go on when the plugin fails.
    #[serde(default)]
    pub fail_open: bool,
}

/// Which data must not go where. All members must hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EgressRule {
    /// What reports call the rule; no two rules share one.
    #[schemars(length(min = 1))]
    pub id: String,
    /// Why, for people; it is part of the reason of denials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it is about: classes (`PII`, `PCI`, `SECRET`, `PHI`, `CUSTOM`), kinds (`ssn`, `jwt`, …)
    /// and names of custom patterns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classifications: Vec<String>,
    /// The call carries one of these data labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data_labels_any: Vec<String>,
    /// The channels that it is about; every one if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Channel>,
    /// Where data must not go, whatever `action` says: `*` stands for any text within a segment,
    /// `**` for any text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocked_destinations: Vec<String>,
    /// Where alone data may go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_destinations: Vec<String>,
    /// What becomes of the call.
    pub action: EgressAction,
}

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EgressAction {
    /// The call is denied.
    Block,
    /// The call is reported.
    Alert,
}

/// What becomes of sensitive data that no rule matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EgressDefault {
    /// The call is denied.
    Block,
    /// The call is reported.
    Alert,
    /// Nothing.
    Allow,
}

/// A way by which data leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A request over the network; destinations are URLs.
    HttpRequest,
    /// A file; destinations are paths.
    FileWrite,
    /// A database.
    DbQuery,
    /// E-mail; destinations are addresses.
    Email,
    /// The clipboard.
    Clipboard,
    /// What a build leaves behind; destinations are paths or URLs.
    CiArtifact,
    /// What an MCP server is told, and returns.
    McpResponse,
    /// What is printed, and read by the agent.
    TerminalOutput,
}

impl Channel {
    /// The channel as documents write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HttpRequest => "http_request",
            Self::FileWrite => "file_write",
            Self::DbQuery => "db_query",
            Self::Email => "email",
            Self::Clipboard => "clipboard",
            Self::CiArtifact => "ci_artifact",
            Self::McpResponse => "mcp_response",
            Self::TerminalOutput => "terminal_output",
        }
    }
}

/// By which channel a tool sends data, and where to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToolChannel {
    /// An exact name, `"prefix*"`, or `"*"` for every tool.
    #[schemars(length(min = 1))]
    pub tool_name: String,
    /// The channel.
    pub channel: Channel,
    /// The argument, or several, that says where to; `message.to` is `to` inside `message`. If
    /// absent, the tool's destination is not told by the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_field: Option<Names>,
}

/// A pattern of one's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomPattern {
    /// What rules and reports call it.
    #[schemars(length(min = 1))]
    pub name: String,
    /// An ECMAScript pattern, case-insensitive, of at most 512 characters, that takes linear time.
    pub pattern: String,
    /// The class of what it finds; `CUSTOM` if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classification: Option<ClassName>,
}

/// A class of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum ClassName {
    /// Personal data.
    Pii,
    /// Payment card data.
    Pci,
    /// Credentials.
    Secret,
    /// Health data.
    Phi,
    /// Anything else.
    Custom,
}

/// Most custom patterns.
pub const MAX_CUSTOM_PATTERNS: usize = 64;

/// Adds a problem for every rule that is about nothing or about something unknown, every id and
/// name that is given twice, and custom patterns in excess of [`MAX_CUSTOM_PATTERNS`].
pub(super) fn check(options: &Node, path: &Path<'_>, problems: &mut Problems) {
    unique(options, "rules", "id", path, problems);
    unique(options, "custom_patterns", "name", path, problems);
    let patterns = elements(options, "custom_patterns");
    if let Some(first) = patterns.get(MAX_CUSTOM_PATTERNS) {
        problems.add(
            "too-many-patterns",
            &Path::Index(&Path::Key(path, "custom_patterns"), MAX_CUSTOM_PATTERNS),
            first.span,
            format!("there are more than {MAX_CUSTOM_PATTERNS} custom patterns"),
            "put several into one, with `|` between them".to_owned(),
        );
    }
    let names = patterns
        .iter()
        .filter_map(|pattern| pattern.get("name")?.as_str());
    let known: Vec<&str> = CLASSIFICATIONS.iter().copied().chain(names).collect();
    let rules = Path::Key(path, "rules");
    for (index, rule) in elements(options, "rules").iter().enumerate() {
        let path = Path::Index(&rules, index);
        let classifications = elements(rule, "classifications");
        if classifications.is_empty() && elements(rule, "data_labels_any").is_empty() {
            problems.add(
                "no-classification",
                &path,
                rule.span,
                "the rule is about no data",
                "give `classifications`, `data_labels_any` or both".to_owned(),
            );
        }
        let list = Path::Key(&path, "classifications");
        for (index, node) in classifications.iter().enumerate() {
            let Some(name) = node.as_str().filter(|name| !known.contains(name)) else {
                continue;
            };
            let meant = suggest::nearest(name, known.iter().copied());
            let (message, help) = match meant {
                Some(meant) => (
                    format!("unknown classification `{name}`, did you mean `{meant}`?"),
                    format!("write `{meant}`"),
                ),
                None => (
                    format!("unknown classification `{name}`"),
                    format!(
                        "give one of `{}`, or name a custom pattern",
                        CLASSIFICATIONS.join("`, `")
                    ),
                ),
            };
            problems.add(
                "unknown-value",
                &Path::Index(&list, index),
                node.span,
                message,
                help,
            );
        }
    }
}

fn elements<'n>(node: &'n Node, list: &str) -> &'n [Node] {
    node.get(list).and_then(Node::as_array).unwrap_or(&[])
}

fn unique(
    options: &Node,
    list: &'static str,
    key: &'static str,
    path: &Path<'_>,
    problems: &mut Problems,
) {
    let path = Path::Key(path, list);
    let mut seen = BTreeMap::new();
    for (index, entry) in elements(options, list).iter().enumerate() {
        let Some(node) = entry.get(key) else { continue };
        let Some(id) = node.as_str() else { continue };
        if let Some((first, line)) = seen.get(id) {
            problems.add(
                "duplicate-id",
                &Path::Key(&Path::Index(&path, index), key),
                node.span,
                format!("`{id}` is given twice: `{list}[{first}]` on line {line} has it"),
                "give each its own, so that reports are clear".to_owned(),
            );
        } else {
            seen.insert(id, (index, problems.line(node.span.start)));
        }
    }
}
