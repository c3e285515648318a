//! `supply-chain-guard`: only commands that the rules allow, only tools whose manifest is as it was.
//!
//! **What.** Reads what a call of type `shell` or `code_execute` (and of `commands.tools`, whatever
//! its type) would run, as a shell does, and decides every command of it by the rules, the first
//! that matches: lists, pipelines, substitutions, and what `sudo`, `env`, `xargs`, `find -exec` or
//! `bash -c` run. One that is blocked blocks the call (`COMMAND_BLOCKED`); else one that needs
//! somebody's approval asks for it (`COMMAND_APPROVAL_REQUIRED`). What cannot be read, or not be
//! found in the arguments, is blocked. Code in another language is one command, named after the
//! language. A tool whose manifest is recorded must come with that manifest's SHA-256, and one that
//! comes with a manifest, or from an MCP server, must be recorded (`PROVENANCE_FAILED`). With
//! `block_unverified_mcp: true` tools of MCP servers must be verified (`UNVERIFIED_MCP_TOOL`).
//!
//! **Why.** What an agent installs and runs, and the tools it is given, were made by others.
//!
//! ```yaml
//! - supply-chain-guard:
//!     commands: { rules: [{ pattern: npm test, action: allow }], default_action: block }
//!     provenance: tools.yaml
//!     block_unverified_mcp: true
//! ```

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use crate::document::{Node, Path, Problems};
use crate::model::decision::Outcome;
use crate::model::pipeline::supply_chain_guard::{
    CommandAction, Commands as CommandOptions, Provenance, ProvenanceSource,
    SupplyChainGuard as Options, sha256,
};
use crate::model::request::{Name, Request};
use crate::pipeline::arguments::members;
use crate::pipeline::commands::{self, Languages};
use crate::pipeline::names::ToolNames;
use crate::pipeline::{Plugin, Ruling, Standing, Step};
use crate::shell::{Action, CannotParse, CommandRules, Decision, Reason};

/// What is checked.
pub(super) struct SupplyChainGuard {
    commands: Option<Commands>,
    /// The digits of the SHA-256 of each recorded tool's manifest; empty if nobody could read it.
    recorded: Option<HashMap<Box<[u8]>, String, foldhash::fast::RandomState>>,
    block_unverified_mcp: bool,
}

/// Rules about commands.
struct Commands {
    rules: CommandRules,
    /// Why each rule is there.
    reasons: Vec<Option<String>>,
    tools: ToolNames,
}

impl Commands {
    fn new(options: &CommandOptions) -> Self {
        let action = |action| match action {
            CommandAction::Allow => Action::Allow,
            CommandAction::Block => Action::Block,
            CommandAction::RequireApproval => Action::RequireApproval,
        };
        let rules = options.rules.iter();
        let rules = rules.map(|rule| (rule.pattern.as_str(), action(rule.action)));
        let default = options.default_action.unwrap_or(CommandAction::Block);
        let reasons = options.rules.iter().map(|rule| rule.reason.clone());
        Self {
            rules: CommandRules::new(rules, action(default)),
            reasons: reasons.collect(),
            tools: ToolNames::new(&options.tools),
        }
    }

    /// What a person is told of a decision. It repeats nothing of the command.
    fn explain(&self, decision: &Decision) -> String {
        let verb = match decision.action {
            Action::Allow => "allows the commands",
            Action::RequireApproval => "asks for an approval of a command",
            Action::Block => "blocks a command",
        };
        match &decision.reason {
            Reason::Rule(index) => {
                let reason = self.reasons.get(*index).and_then(Option::as_deref);
                let reason = reason.map_or_else(String::new, |reason| format!(": {reason}"));
                format!("rule {} of `commands` {verb}{reason}", index + 1)
            }
            Reason::Default => {
                format!("no rule of `commands` matches a command, and its default {verb}")
            }
            Reason::NoCommand => "there is no command".to_owned(),
            // The name of the variable is the call's.
            Reason::CannotParse(CannotParse::Environment(_)) => {
                "a variable is set that decides what is run".to_owned()
            }
            Reason::CannotParse(error) => format!("what is run cannot be told: {error}"),
        }
    }
}

impl SupplyChainGuard {
    pub(super) fn new(options: &Options) -> Self {
        // A record that is still a path was not read, and vouches for nothing.
        let nothing = Provenance::default();
        let provenance = options.provenance.as_ref().map(|source| match source {
            ProvenanceSource::Inline(provenance) => provenance.as_ref(),
            ProvenanceSource::File(_) => &nothing,
        });
        Self {
            commands: options.commands.as_ref().map(Commands::new),
            recorded: provenance.map(|provenance| {
                let tools = provenance.tools.iter();
                let record = tools.map(|tool| {
                    let digits = sha256(&tool.manifest_hash).unwrap_or_default();
                    (tool.tool_name.as_bytes().into(), digits)
                });
                record.collect()
            }),
            block_unverified_mcp: options.block_unverified_mcp,
        }
    }

    /// What the rules say of the commands of a call; `None` if it is none that runs commands.
    fn decide_commands(&self, call: &Request) -> Option<(Action, String)> {
        let governed = self.commands.as_ref()?;
        let kind = bytes(call, call.action_type).trim_ascii();
        let languages = if kind.eq_ignore_ascii_case(b"shell") {
            Languages::ShellOnly
        } else if kind.eq_ignore_ascii_case(b"code_execute")
            || governed.tools.contains(bytes(call, call.tool_name))
        {
            Languages::AsNamed
        } else {
            return None;
        };
        let members = members(call);
        let scripts =
            commands::check_variables(&members).and_then(|()| commands::of(&members, languages));
        Some(match scripts {
            Err(message) => (Action::Block, message.to_owned()),
            Ok(scripts) => {
                let decisions = scripts.iter().map(|script| governed.rules.decide(script));
                // The first of the strictest.
                let strictest = decisions.reduce(|strictest, decision| {
                    if decision.action > strictest.action {
                        decision
                    } else {
                        strictest
                    }
                });
                strictest.map_or_else(
                    || (Action::Block, commands::NONE.to_owned()),
                    |decision| (decision.action, governed.explain(&decision)),
                )
            }
        })
    }

    /// What is wrong with where the tool comes from.
    fn decide_provenance(&self, call: &Request, is_mcp: bool) -> Option<&'static str> {
        let recorded = self.recorded.as_ref()?;
        let hash = call.manifest_hash.map(|hash| call.name(hash));
        match (recorded.get(bytes(call, call.tool_name)), hash) {
            (None, None) if !is_mcp => None,
            (None, _) => Some("the manifest of this tool is not recorded"),
            (Some(_), None) => Some("the call does not say which manifest the tool has"),
            (Some(digits), Some(hash)) => {
                let hash = std::str::from_utf8(hash).ok().and_then(sha256);
                match hash.is_some_and(|hash| hash == *digits) {
                    true => None,
                    false => Some("the tool's manifest is not the one that is recorded"),
                }
            }
        }
    }
}

/// Adds a problem for every rule about commands that matches none.
pub(super) fn check(options: &Node, path: &Path<'_>, problems: &mut Problems) {
    let Some(commands) = options.get("commands") else {
        return;
    };
    let (path, rules) = (Path::Key(path, "commands"), commands.get("rules"));
    let path = Path::Key(&path, "rules");
    for (index, rule) in rules
        .and_then(Node::as_array)
        .unwrap_or(&[])
        .iter()
        .enumerate()
    {
        let Some(pattern) = rule.get("pattern") else {
            continue;
        };
        if pattern.as_str().is_some_and(|text| text.trim().is_empty()) {
            problems.add(
                "blank-pattern",
                &Path::Key(&Path::Index(&path, index), "pattern"),
                pattern.span,
                "this pattern matches no command",
                "write the name of a command, a line such as `npm *`, or `*`".to_owned(),
            );
        }
    }
}

fn bytes(call: &Request, name: Option<Name>) -> &[u8] {
    name.map_or(b"", |name| call.name(name))
}

/// Whether a tool is one of an MCP server: by its provider, `mcp` or `mcp` and a name after some
/// mark, or by the name that agents give such tools, `mcp__server__tool`.
fn is_mcp(call: &Request) -> bool {
    let provider = bytes(call, call.tool_provider).trim_ascii();
    let by_provider = provider.split_at_checked(3).is_some_and(|(start, rest)| {
        start.eq_ignore_ascii_case(b"mcp")
            && rest
                .first()
                .is_none_or(|byte| !byte.is_ascii_alphanumeric())
    });
    by_provider || bytes(call, call.tool_name).starts_with(b"mcp__")
}

impl Plugin for SupplyChainGuard {
    fn name(&self) -> &str {
        "supply-chain-guard"
    }

    fn heeds_amendments(&self) -> bool {
        false
    }

    fn before(&self, call: &mut Request, _: Standing) -> Step {
        let deny = |code, message: String| Step::Decide(Ruling::deny(code, message));
        let commands = self.decide_commands(call);
        if let Some((Action::Block, message)) = commands {
            return deny("COMMAND_BLOCKED", message);
        }
        let is_mcp = is_mcp(call);
        if let Some(message) = self.decide_provenance(call, is_mcp) {
            return deny("PROVENANCE_FAILED", message.to_owned());
        }
        if self.block_unverified_mcp && is_mcp && call.tool_verified != Some(true) {
            let message = "this tool of an MCP server is not verified".to_owned();
            return deny("UNVERIFIED_MCP_TOOL", message);
        }
        match commands {
            Some((Action::RequireApproval, message)) => Step::Decide(Ruling {
                outcome: Outcome::RequireApproval,
                code: "COMMAND_APPROVAL_REQUIRED".into(),
                message,
            }),
            _ => Step::Continue,
        }
    }
}
