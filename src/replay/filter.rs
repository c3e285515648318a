//! Which events are asked for. Owns the conditions; integrity is checked on the whole log whatever
//! is asked for.

use std::collections::HashMap;

use super::event::Event;
use crate::guardian::Severity;
use crate::model::event::EventOutcome;
use crate::time::Timestamp;

/// Which events are asked for. Conditions of one kind are alternatives, kinds are all to hold;
/// none of a kind excludes nothing. Names are globs: `*` stands for any text.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Not earlier than this.
    pub from: Option<Timestamp>,
    /// Earlier than this.
    pub to: Option<Timestamp>,
    /// Globs of agents.
    pub agent: Globs,
    /// Globs of tools.
    pub tool: Globs,
    /// Globs of environments.
    pub environment: Globs,
    /// Globs of reason codes, any of the event's.
    pub code: Globs,
    /// Outcomes, recorded or effective.
    pub outcome: Outcomes,
    /// How severe: see [`Event::severity`].
    pub severity: Severities,
}

/// Globs, of which one must match, and others, of which none may.
#[derive(Clone, Debug, Default)]
pub struct Globs {
    /// One of these, if there are any.
    pub include: Vec<String>,
    /// None of these.
    pub exclude: Vec<String>,
}

/// Severities, of which it must be one, and others, of which it must be none.
#[derive(Clone, Debug, Default)]
pub struct Severities {
    /// One of these, if there are any.
    pub include: Vec<Severity>,
    /// None of these.
    pub exclude: Vec<Severity>,
}

/// Outcomes, of which it must be one, and others, of which it must be none.
#[derive(Clone, Debug, Default)]
pub struct Outcomes {
    /// One of these, if there are any.
    pub include: Vec<EventOutcome>,
    /// None of these.
    pub exclude: Vec<EventOutcome>,
}

impl Filter {
    /// Whether every event is asked for.
    pub fn is_everything(&self) -> bool {
        self.from.is_none()
            && self.to.is_none()
            && self.outcome.include.is_empty()
            && self.outcome.exclude.is_empty()
            && self.severity.include.is_empty()
            && self.severity.exclude.is_empty()
            && [&self.agent, &self.tool, &self.environment, &self.code]
                .iter()
                .all(|names| names.is_everything())
    }
}

impl Globs {
    fn is_everything(&self) -> bool {
        self.include.is_empty() && self.exclude.is_empty()
    }

    fn matches(&self, name: &str) -> bool {
        let any = |globs: &[String]| globs.iter().any(|glob| matches(glob, name));
        (self.include.is_empty() || any(&self.include)) && !any(&self.exclude)
    }
}

impl Severities {
    fn matches(&self, severity: Severity) -> bool {
        (self.include.is_empty() || self.include.contains(&severity))
            && !self.exclude.contains(&severity)
    }
}

impl Outcomes {
    fn matches(&self, event: &Event<'_>) -> bool {
        let any = |outcomes: &[EventOutcome]| {
            outcomes.contains(&event.effective) || outcomes.contains(&event.recorded)
        };
        (self.include.is_empty() || any(&self.include)) && !any(&self.exclude)
    }
}

/// A filter at work, which remembers what it has said about each name.
#[derive(Debug)]
pub(super) struct Matching<'f> {
    is_everything: bool,
    filter: &'f Filter,
    agents: Known<'f>,
    tools: Known<'f>,
    environments: Known<'f>,
}

impl<'f> Matching<'f> {
    pub(super) fn new(filter: &'f Filter) -> Self {
        Self {
            is_everything: filter.is_everything(),
            filter,
            agents: Known::new(&filter.agent),
            tools: Known::new(&filter.tool),
            environments: Known::new(&filter.environment),
        }
    }

    pub(super) fn matches(&mut self, event: &Event<'_>) -> bool {
        if self.is_everything {
            return true;
        }
        let filter = self.filter;
        let in_time = (filter.from.is_none() && filter.to.is_none())
            || event.time.is_some_and(|time| {
                filter.from.is_none_or(|from| time >= from) && filter.to.is_none_or(|to| time < to)
            });
        in_time
            && filter.outcome.matches(event)
            && filter.severity.matches(event.severity())
            && self.agents.matches(event.agent_id)
            && self.tools.matches(event.tool_name)
            && self.environments.matches(event.environment)
            && codes_match(&filter.code, event)
    }
}

fn codes_match(names: &Globs, event: &Event<'_>) -> bool {
    let any = |globs: &[String]| {
        let matched = |glob: &String| event.reasons().any(|reason| matches(glob, reason.code));
        globs.iter().any(matched)
    };
    (names.include.is_empty() || any(&names.include)) && !any(&names.exclude)
}

/// What was said about each name before.
#[derive(Debug)]
struct Known<'f> {
    names: &'f Globs,
    said: HashMap<Box<str>, bool, foldhash::fast::RandomState>,
}

impl<'f> Known<'f> {
    fn new(names: &'f Globs) -> Self {
        Self {
            names,
            said: HashMap::default(),
        }
    }

    fn matches(&mut self, name: &str) -> bool {
        if self.names.is_everything() {
            return true;
        }
        if let Some(&said) = self.said.get(name) {
            return said;
        }
        let matches = self.names.matches(name);
        self.said.insert(name.into(), matches);
        matches
    }
}

/// Whether a glob matches a whole name; `*` stands for any text. Goes back to the last `*` only,
/// so that the cost is at most the product of the lengths.
fn matches(glob: &str, name: &str) -> bool {
    let (mut glob, mut name) = (glob.as_bytes(), name.as_bytes());
    let mut star: Option<(&[u8], &[u8])> = None;
    loop {
        match (glob, name) {
            ([b'*', rest @ ..], _) => {
                star = Some((rest, name));
                glob = rest;
            }
            ([], []) => return true,
            ([first, rest @ ..], [byte, after @ ..]) if first == byte => {
                glob = rest;
                name = after;
            }
            _ => match star {
                Some((rest, [_, after @ ..])) => {
                    star = Some((rest, after));
                    glob = rest;
                    name = after;
                }
                _ => return false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (glob, name, expected) in [
            ("*", "", true),
            ("bot", "bot", true),
            ("bot", "bots", false),
            ("bot*", "bots", true),
            ("*-bot", "finance-bot", true),
            ("*-bot", "finance-bot-2", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("", "a", false),
            ("**", "a", true),
        ] {
            assert_eq!(matches(glob, name), expected, "{glob} {name}");
        }
        let hostile = "*a".repeat(50) + "b";
        assert!(!matches(&hostile, &"a".repeat(5000)));
    }
}
