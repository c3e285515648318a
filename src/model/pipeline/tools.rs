//! What recorded tool names stand for: tools that call another, and names that mean the same tool.
//! Owns their shape, and what must hold in them besides; unwraps no call.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Node, NodeKind, Path, Problems};

/// What recorded tool names stand for. A call is decided, counted and drafted under the name that
/// it stands for; reports show the recorded one beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToolNames {
    /// Tools that call another tool, by their recorded name, such as the one tool of an MCP router.
    /// The policy decides the call behind them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub meta: BTreeMap<String, MetaTool>,
    /// Other names of a tool: each recorded name, and the one name that it stands for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub aliases: BTreeMap<String, ToolName>,
}

/// Where a tool that calls another holds that call: names of its own arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MetaTool {
    /// The argument that names the tool.
    pub tool: ToolName,
    /// The argument that holds the tool's own arguments: an object, or its JSON in a string. A call
    /// without it has no arguments.
    pub arguments: ToolName,
    /// The argument that names who provides the tool, such as an MCP server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<ToolName>,
}

/// The name of a tool or of an argument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ToolName(#[schemars(length(min = 1))] pub String);

/// Adds a problem for every alias that stands for an alias, itself included: what a name stands
/// for is said in one place.
pub(super) fn check(tools: &Node, path: &Path<'_>, problems: &mut Problems) {
    let aliases = match tools.get("aliases").map(|aliases| &aliases.kind) {
        Some(NodeKind::Object(members)) => members.as_slice(),
        _ => &[],
    };
    let list = Path::Key(path, "aliases");
    for alias in aliases {
        let target = alias.value.as_str().unwrap_or_default();
        if aliases.iter().any(|other| other.key == target) {
            problems.add(
                "alias-of-alias",
                &Path::Key(&list, &alias.key),
                alias.value.span,
                format!(
                    "`{}` stands for `{target}`, which is an alias itself",
                    alias.key
                ),
                "name the tool that is meant in the end".to_owned(),
            );
        }
    }
}
