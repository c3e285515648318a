//! The quick look: may two rules concern the same call at all? Owns what can be told without a
//! solver, by names alone; where it says no there is no such call.

use std::collections::BTreeSet;

use super::space::listed;
use crate::model::bundle::{Names, Rule};

/// What rules say about names.
pub(super) struct Outlines(Vec<Outline>);

struct Outline {
    tool: Tool,
    environment: Listed,
    agent_type: Listed,
    provider: Listed,
}

/// One of these names, or any.
type Listed = Option<BTreeSet<String>>;

enum Tool {
    Exactly(BTreeSet<String>),
    BeginsWith(String),
}

impl Outlines {
    pub(super) fn of(rules: &[Rule]) -> Self {
        Self(rules.iter().map(Outline::of).collect())
    }

    /// False only if no call satisfies both.
    pub(super) fn may_overlap(&self, one: usize, other: usize) -> bool {
        let (Some(one), Some(other)) = (self.0.get(one), self.0.get(other)) else {
            return false;
        };
        let share = |one: &Listed, other: &Listed| match (one, other) {
            (Some(one), Some(other)) => !one.is_disjoint(other),
            _ => true,
        };
        share(&one.environment, &other.environment)
            && one.tool.may_be(&other.tool)
            && share(&one.agent_type, &other.agent_type)
            && share(&one.provider, &other.provider)
    }
}

impl Outline {
    fn of(rule: &Rule) -> Self {
        let asked = &rule.matches;
        let names = |names: &Option<Names>| -> Listed {
            let names: BTreeSet<String> = listed(names.as_ref()).map(str::to_owned).collect();
            (!names.is_empty()).then_some(names)
        };
        let environment = asked.environment.clone();
        Self {
            tool: match &asked.tool_name {
                Names::One(name) => match name.strip_suffix('*') {
                    Some(prefix) => Tool::BeginsWith(prefix.to_owned()),
                    None => Tool::Exactly(BTreeSet::from([name.clone()])),
                },
                Names::Many(names) => Tool::Exactly(names.iter().cloned().collect()),
            },
            environment: (environment != "*").then(|| BTreeSet::from([environment])),
            agent_type: names(&asked.agent_type),
            provider: names(&asked.tool_provider),
        }
    }
}

impl Tool {
    fn may_be(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Exactly(one), Self::Exactly(other)) => !one.is_disjoint(other),
            (Self::Exactly(names), Self::BeginsWith(prefix))
            | (Self::BeginsWith(prefix), Self::Exactly(names)) => {
                names.iter().any(|name| name.starts_with(prefix.as_str()))
            }
            (Self::BeginsWith(one), Self::BeginsWith(other)) => {
                one.starts_with(other.as_str()) || other.starts_with(one.as_str())
            }
        }
    }
}
