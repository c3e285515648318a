//! The agents and tools of a registry and of a log, and how risky each is, with what makes it so.
//!
//! The scores are the platform's, so that they can be compared with its own: they add up what each
//! factor is worth, 100 at most. An average hides the worst, so that the highest is given beside it.

use std::collections::{BTreeMap, BTreeSet};

use super::Inputs;
use crate::model::bundle::TrustLevel;
use crate::model::pipeline::RegistrySource;
use crate::model::pipeline::registry::{RegisteredAgent, RegisteredTool, Registry};
use crate::replay::Counts;

/// The agents and tools that are registered or were seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fleet {
    /// The agents, the highest score first.
    pub agents: Vec<Scored>,
    /// The tools, in that order.
    pub tools: Vec<Scored>,
}

/// An agent or a tool, and its score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scored {
    /// Its id or name.
    pub name: String,
    /// What is known of it.
    pub subject: Subject,
    /// Requests in the log.
    pub requests: u64,
    /// Those of them that went through.
    pub allowed: u64,
    /// From 0 to 100.
    pub score: u32,
    /// What makes it so risky.
    pub factors: Vec<Factor>,
}

/// What is known of an agent or a tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// Whether it is registered; `None` if there is no registry to ask.
    pub is_registered: Option<bool>,
    /// Whether it must not be used any more.
    pub is_revoked: bool,
    /// Who answers for it.
    pub owner: Option<String>,
}

/// What makes something risky.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factor {
    /// What.
    pub what: String,
    /// What it is worth.
    pub points: u32,
}

/// How risky something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "their names say it")]
pub enum Level {
    Low,
    Medium,
    High,
    Critical,
}

impl Level {
    /// Every level, the least first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl Scored {
    /// How risky it is.
    pub const fn level(&self) -> Level {
        match self.score {
            70.. => Level::Critical,
            50..=69 => Level::High,
            25..=49 => Level::Medium,
            0..=24 => Level::Low,
        }
    }
}

impl Fleet {
    /// The mean of the agents' scores, rounded down, and the highest; `None` without agents.
    pub fn agents_scores(&self) -> Option<(u32, u32)> {
        let most = self.agents.iter().map(|agent| agent.score).max()?;
        let sum: u64 = self.agents.iter().map(|agent| u64::from(agent.score)).sum();
        let mean = sum / self.agents.len() as u64;
        Some((u32::try_from(mean).unwrap_or(most), most))
    }

    /// How many agents are of a level.
    pub fn agents_of(&self, level: Level) -> usize {
        let agents = self.agents.iter();
        agents.filter(|agent| agent.level() == level).count()
    }
}

/// The registry of the pipeline, if it is there.
pub(super) fn registry<'a>(inputs: &Inputs<'a>) -> Option<&'a Registry> {
    let mut plugins = inputs.pipeline?.plugins.iter();
    plugins.find_map(|entry| match &entry.identity_enforcer.as_ref()?.registry {
        Some(RegistrySource::Inline(registry)) => Some(&**registry),
        _ => None,
    })
}

/// The agents and tools that are registered or were seen.
pub(super) fn fleet(inputs: &Inputs<'_>) -> Fleet {
    let summary = &inputs.replay.summary;
    let registry = registry(inputs);
    let agents = registry.map_or(&[][..], |registry| &registry.agents);
    let agents: BTreeMap<&str, &RegisteredAgent> = agents
        .iter()
        .map(|agent| (agent.agent_id.as_str(), agent))
        .collect();
    let tools = registry.and_then(|registry| registry.tools.as_ref());
    let has_tools = tools.is_some();
    let tools: BTreeMap<&str, &RegisteredTool> = tools
        .into_iter()
        .flatten()
        .map(|tool| (tool.tool_name.as_str(), tool))
        .collect();
    // Where an agent runs is not counted by agent: it is known if all run in one place.
    let environment = match summary.environments.as_slice() {
        [only] => Some(only.name.as_str()),
        _ => None,
    };
    let revoked = |names: fn(&Registry) -> &Vec<String>, name: &str| {
        registry.is_some_and(|registry| names(registry).iter().any(|one| one == name))
    };
    Fleet {
        agents: scored(&summary.agents, agents.keys().copied(), |id| {
            let agent = agents.get(id).copied();
            let subject = Subject {
                is_registered: registry.map(|_| agent.is_some()),
                is_revoked: revoked(|registry| &registry.revoked_agents, id),
                owner: agent.and_then(|agent| agent.owner.clone()),
            };
            (subject, of_agent(agent, environment))
        }),
        tools: scored(&summary.tools, tools.keys().copied(), |name| {
            let tool = tools.get(name).copied();
            let subject = Subject {
                is_registered: has_tools.then_some(tool.is_some()),
                is_revoked: revoked(|registry| &registry.revoked_tools, name),
                owner: tool.and_then(|tool| tool.provider.clone()),
            };
            (subject, of_tool(tool))
        }),
    }
}

/// Those that were seen and those that are registered, each once.
fn scored<'a>(
    seen: &'a [Counts],
    registered: impl Iterator<Item = &'a str>,
    judge: impl Fn(&str) -> (Subject, Vec<Factor>),
) -> Vec<Scored> {
    let seen: BTreeMap<&str, &Counts> = seen.iter().map(|one| (one.name.as_str(), one)).collect();
    let names: BTreeSet<&str> = registered.chain(seen.keys().copied()).collect();
    let mut all: Vec<Scored> = names
        .into_iter()
        .map(|name| {
            let (subject, factors) = judge(name);
            let counts = seen.get(name);
            let points = factors.iter().map(|factor| factor.points).sum::<u32>();
            Scored {
                name: name.to_owned(),
                subject,
                requests: counts.map_or(0, |counts| counts.requests),
                allowed: counts.map_or(0, |counts| counts.allowed),
                score: points.min(100),
                factors,
            }
        })
        .collect();
    all.sort_by(|a, b| {
        let order = (b.score, b.requests).cmp(&(a.score, a.requests));
        order.then_with(|| a.name.cmp(&b.name))
    });
    all
}

fn factor(what: &str, points: u32) -> Factor {
    Factor {
        what: what.to_owned(),
        points,
    }
}

fn of_agent(agent: Option<&RegisteredAgent>, environment: Option<&str>) -> Vec<Factor> {
    let mut factors = Vec::new();
    match agent.and_then(|agent| agent.trust_level) {
        None => factors.push(factor("no trust level", 30)),
        Some(TrustLevel::Untrusted) => factors.push(factor("untrusted", 30)),
        Some(TrustLevel::Basic) => factors.push(factor("basic trust", 10)),
        Some(_) => {}
    }
    let environment = agent
        .and_then(|agent| agent.environment.as_deref())
        .or(environment);
    if matches!(environment, Some("prod" | "production")) {
        factors.push(factor("runs in production", 15));
    }
    let capabilities = agent.map_or(&[][..], |agent| &agent.capabilities);
    let can = |capability: &str| capabilities.iter().any(|one| one == capability);
    if can("code_execute") {
        factors.push(factor("can execute code", 20));
    }
    if can("web_browse") {
        factors.push(factor("can browse the web", 10));
    }
    if agent.and_then(|agent| agent.agent_type.as_deref()) == Some("autonomous") {
        factors.push(factor("autonomous", 15));
    }
    factors
}

fn of_tool(tool: Option<&RegisteredTool>) -> Vec<Factor> {
    let mut factors = Vec::new();
    if tool.and_then(|tool| tool.verified) != Some(true) {
        factors.push(factor("origin not verified", 25));
    }
    let permissions = tool.map_or(&[][..], |tool| &tool.permissions);
    for permission in permissions {
        if matches!(
            permission.as_str(),
            "write" | "execute" | "admin" | "delete"
        ) {
            factors.push(factor(&format!("may {permission}"), 10));
        }
    }
    factors
}
