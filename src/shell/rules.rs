//! Rules about commands: the first that matches a command decides it, and the strictest decision
//! on a command of a text decides the text. Owns matching; knows no codes of denial.

use super::glob::Glob;
use super::wrappers::base_name;
use super::{CannotParse, Command, Role, each_command, is_unknown};

/// What is to happen to a command, from the mildest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// It may run.
    Allow,
    /// It may run when somebody approves.
    RequireApproval,
    /// It may not run.
    Block,
}

/// What decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The rule of that number.
    Rule(usize),
    /// No rule matched a command.
    Default,
    /// There is no command.
    NoCommand,
    /// What runs cannot be told, which blocks.
    CannotParse(CannotParse),
}

/// What is to happen to a text, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What is to happen.
    pub action: Action,
    /// Why.
    pub reason: Reason,
}

/// Rules in order.
#[derive(Debug)]
pub struct CommandRules {
    rules: Vec<(Pattern, Action)>,
    default: Action,
}

#[derive(Debug)]
enum Pattern {
    /// `*`: every command.
    Every,
    /// Without space and `*`: commands of that name.
    Name(String),
    /// The whole command.
    Line(Glob),
}

impl CommandRules {
    /// Prepares rules. A pattern `*` matches every command; one with neither a space nor a `*`
    /// matches by the name alone; any other matches the whole line, case aside, with `*` for any
    /// text. `default` is for commands that no rule matches.
    pub fn new<'p>(rules: impl IntoIterator<Item = (&'p str, Action)>, default: Action) -> Self {
        let compile = |(pattern, action): (&str, Action)| {
            let pattern = match pattern.trim() {
                "*" => Pattern::Every,
                name if !name.contains([' ', '*']) => Pattern::Name(name.to_owned()),
                line => Pattern::Line(Glob::new(line)),
            };
            (pattern, action)
        };
        Self {
            rules: rules.into_iter().map(compile).collect(),
            default,
        }
    }

    /// Decides a text. A rule that allows must match whatever is not known of a command and the
    /// name as it is written; one that does not, needs only to be able to match, and matches a
    /// program in whatever directory.
    pub fn decide(&self, text: &str) -> Decision {
        let mut strictest = Decision {
            action: Action::Allow,
            reason: Reason::NoCommand,
        };
        let read = each_command(text, &mut |command| {
            if let Some(decision) = self.decide_command(&command)
                && (strictest.reason == Reason::NoCommand || decision.action > strictest.action)
            {
                strictest = decision;
            }
        });
        match read {
            Ok(_) => strictest,
            Err(error) => Decision {
                action: Action::Block,
                reason: Reason::CannotParse(error),
            },
        }
    }

    /// Decides one command; `None` if nothing is to be said of it but of what it runs.
    fn decide_command(&self, command: &Command) -> Option<Decision> {
        let line = command.text();
        let (first, arguments) = line.split_once(' ').unwrap_or((&line, ""));
        let base = base_name(first);
        // The line without the directory of the program.
        let base_line = match arguments {
            "" => base,
            _ => line.get(first.len() - base.len()..).unwrap_or_default(),
        };
        for (number, (pattern, action)) in self.rules.iter().enumerate() {
            let is_allowing = *action == Action::Allow;
            let matches = match pattern {
                Pattern::Every => true,
                Pattern::Name(name) if is_allowing => name == first,
                Pattern::Name(name) => name == first || name == base,
                Pattern::Line(glob) if is_allowing => glob.matches(&line),
                Pattern::Line(glob) => {
                    glob.may_match(&line) || base_line != line && glob.may_match(base_line)
                }
            };
            // Allowing `env` says nothing of what it runs, and `env` is nothing by itself.
            if matches && !(is_allowing && command.role == Role::RunsAnother) {
                return Some(Decision {
                    action: *action,
                    reason: Reason::Rule(number),
                });
            }
        }
        debug_assert!(!is_unknown(first), "names are known");
        (command.role == Role::Acts).then_some(Decision {
            action: self.default,
            reason: Reason::Default,
        })
    }
}
