//! The options of `supply-chain-guard`: which commands may run, and what the manifests of tools
//! were when somebody looked. Owns their shape; what counts as a command is the plugin's to know.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{self, Document, Format, Limits, LoadError, Node, Path, Problems};

/// Checks commands, the manifests of tools, and tools of MCP servers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplyChainGuard {
    /// Which commands may run; any if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commands: Option<Commands>,
    /// What is recorded of the tools' manifests, or the path of its file, relative to the pipeline
    /// file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provenance: Option<ProvenanceSource>,
    /// Whether tools of MCP servers must be verified.
    #[serde(default)]
    pub block_unverified_mcp: bool,
    /// Whether calls go on when the plugin fails.
    #[serde(default)]
    pub fail_open: bool,
}

/// Which commands may run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Commands {
    /// The rules; the first that matches a command decides about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<CommandRule>,
    /// What happens to commands that no rule matches; `block` if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_action: Option<CommandAction>,
    /// Tools that run commands whatever the type of the call says: names, or prefixes as `run_*`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
}

/// What happens to some commands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandRule {
    /// The name of a command, or a line in which `*` stands for any text; `*` alone is every
    /// command.
    pub pattern: String,
    /// What happens to them.
    pub action: CommandAction,
    /// Why, for people; it is shown with the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What happens to a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommandAction {
    /// It may run.
    Allow,
    /// It may not run.
    Block,
    /// It may run when somebody approves.
    RequireApproval,
}

/// Where the record of the tools' manifests is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ProvenanceSource {
    /// In a file of its own.
    File(String),
    /// Here.
    Inline(Box<Provenance>),
}

/// What the manifests of tools were when somebody looked at them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The tools.
    pub tools: Vec<RecordedTool>,
}

/// A tool whose manifest is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordedTool {
    /// Its name; no two tools share one.
    #[schemars(length(min = 1))]
    pub tool_name: String,
    /// SHA-256 of its manifest: 64 hexadecimal digits, after `sha256:` if you like.
    pub manifest_hash: String,
    /// Its version, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Who provides it, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Where it comes from, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl Provenance {
    /// Reads the file of a record. `name` is what messages call it.
    ///
    /// # Errors
    /// Everything that is wrong with the text, as [`document::load`] says; besides, a tool named
    /// twice, and what is no SHA-256.
    pub fn load(
        bytes: &[u8],
        name: &str,
        format: Format,
        limits: Limits,
    ) -> Result<(Self, Document), LoadError> {
        document::load(bytes, name, format, limits, Self::check)
    }

    /// Adds what [`Provenance::load`] objects to beside the schema.
    pub fn check(root: &Node, problems: &mut Problems) {
        check(root, &Path::Root, problems);
    }
}

/// The digits of a SHA-256 as documents and calls write it; `None` if it is none.
pub fn sha256(text: &str) -> Option<String> {
    let digits = text.strip_prefix("sha256:").unwrap_or(text);
    let is_sha256 = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_sha256.then(|| digits.to_ascii_lowercase())
}

/// Adds a problem for every tool of the record `node` that is named twice, and for every hash that
/// is none.
pub(super) fn check(node: &Node, path: &Path<'_>, problems: &mut Problems) {
    let path = Path::Key(path, "tools");
    let tools = node.get("tools").and_then(Node::as_array).unwrap_or(&[]);
    let mut seen = BTreeMap::new();
    for (index, tool) in tools.iter().enumerate() {
        let here = Path::Index(&path, index);
        if let Some(hash) = tool.get("manifest_hash")
            && let Some(text) = hash.as_str()
            && sha256(text).is_none()
        {
            problems.add(
                "not-a-sha256",
                &Path::Key(&here, "manifest_hash"),
                hash.span,
                "this is no SHA-256",
                "write 64 hexadecimal digits, as `sha256sum` prints them".to_owned(),
            );
        }
        let Some(node) = tool.get("tool_name") else {
            continue;
        };
        let Some(name) = node.as_str() else { continue };
        if let Some((first, line)) = seen.get(name) {
            problems.add(
                "duplicate-registration",
                &Path::Key(&here, "tool_name"),
                node.span,
                format!("`{name}` is recorded twice: `tools[{first}]` on line {line} has it"),
                "remove one of them; which one counts would be a guess".to_owned(),
            );
        } else {
            seen.insert(name, (index, problems.line(node.span.start)));
        }
    }
}
