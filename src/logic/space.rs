//! All that some rules ask of a call, as one formula: an atom for each question, and what holds
//! between the answers. Owns which answers go together; knows neither outcomes nor the order of
//! rules.

use std::collections::{BTreeMap, BTreeSet};

use super::arguments::{Argument, Asked};
use super::keywords::Keywords;
use super::names::{Names, ToolNames};
use super::patterns::{Languages, Patterns};
use super::sat::{Lit, Sat};
use super::texts::Work;
use crate::model::bundle::{self, Match, TrustLevel, When};

/// What a rule asks of a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Condition<'a> {
    /// Who calls what, where.
    pub(super) matches: &'a Match,
    /// What the call must hold.
    pub(super) when: Option<&'a When>,
}

impl<'a> From<&'a bundle::Rule> for Condition<'a> {
    fn from(rule: &'a bundle::Rule) -> Self {
        Self {
            matches: &rule.matches,
            when: rule.when.as_ref(),
        }
    }
}

/// The atoms.
pub(super) struct Space {
    pub(super) sat: Sat,
    pub(super) tools: ToolNames,
    pub(super) environments: Names,
    pub(super) agent_types: Names,
    pub(super) providers: Names,
    /// That the level is at least this one, lowest first; none holds for a missing level.
    pub(super) trust: [Lit; TrustLevel::ALL.len()],
    pub(super) roles: BTreeMap<String, Lit>,
    pub(super) labels: BTreeMap<String, Lit>,
    pub(super) keywords: Keywords,
    pub(super) arguments: BTreeMap<String, Argument>,
    pub(super) patterns: Patterns,
    /// What may still be spent on texts.
    pub(super) work: Work,
}

impl Space {
    /// A space for what these conditions ask, of patterns among `languages`.
    pub(super) fn new<'a>(
        conditions: impl Iterator<Item = Condition<'a>>,
        languages: &Languages,
    ) -> Self {
        let mut asked = Questions::default();
        conditions.for_each(|condition| asked.add(condition));
        let mut sat = Sat::new();
        let trust = TrustLevel::ALL.map(|_| sat.atom());
        for pair in trust.windows(2) {
            if let [lower, higher] = pair {
                sat.imply(*higher, *lower);
            }
        }
        let free = |names: BTreeSet<&str>, sat: &mut Sat| {
            let named = |name: &str| (name.to_owned(), sat.atom());
            names.into_iter().map(named).collect()
        };
        let tools = ToolNames::new(asked.tools, asked.tool_prefixes, &mut sat);
        let environments = Names::new(asked.environments, &mut sat);
        let agent_types = Names::new(asked.agent_types, &mut sat);
        let providers = Names::new(asked.providers, &mut sat);
        let roles = free(asked.roles, &mut sat);
        let labels = free(asked.labels, &mut sat);
        let keywords = Keywords::new(asked.keywords, &mut sat);
        let arguments = asked.arguments.into_iter();
        let arguments = arguments
            .map(|(key, asked)| (key.to_owned(), Argument::new(&asked, &keywords, &mut sat)))
            .collect();
        let patterns = Patterns::new(asked.patterns, languages, &mut sat);
        Self {
            sat,
            tools,
            environments,
            agent_types,
            providers,
            trust,
            roles,
            labels,
            keywords,
            arguments,
            patterns,
            work: Work::default(),
        }
    }
}

/// Everything that conditions ask, each question once.
#[derive(Default)]
struct Questions<'a> {
    tools: BTreeSet<&'a str>,
    tool_prefixes: BTreeSet<&'a str>,
    environments: BTreeSet<&'a str>,
    agent_types: BTreeSet<&'a str>,
    providers: BTreeSet<&'a str>,
    roles: BTreeSet<&'a str>,
    labels: BTreeSet<&'a str>,
    keywords: BTreeSet<String>,
    arguments: BTreeMap<&'a str, Asked<'a>>,
    patterns: BTreeSet<&'a str>,
}

impl<'a> Questions<'a> {
    fn add(&mut self, Condition { matches, when }: Condition<'a>) {
        match &matches.tool_name {
            bundle::Names::One(name) => match name.strip_suffix('*') {
                Some("") => {}
                Some(prefix) => {
                    self.tool_prefixes.insert(prefix);
                }
                None => {
                    self.tools.insert(name);
                }
            },
            bundle::Names::Many(names) => self.tools.extend(names.iter().map(String::as_str)),
        }
        if matches.environment != "*" {
            self.environments.insert(&matches.environment);
        }
        self.agent_types.extend(listed(matches.agent_type.as_ref()));
        self.providers
            .extend(listed(matches.tool_provider.as_ref()));
        self.roles
            .extend(matches.agent_roles_any.iter().map(String::as_str));
        let Some(when) = when else { return };
        let keywords = when.contains_any.iter().chain(&when.not_contains);
        self.keywords
            .extend(keywords.map(|keyword| keyword.to_lowercase()));
        self.labels
            .extend(when.data_labels_any.iter().map(String::as_str));
        self.patterns.extend(when.matches_regex.as_deref());
        for (key, condition) in &when.tool_args_match {
            self.arguments.entry(key).or_default().add(condition);
        }
    }
}

/// The names that an optional condition lists; none when it asks for nothing.
pub(super) fn listed(names: Option<&bundle::Names>) -> impl Iterator<Item = &str> {
    let names = match names {
        None => &[],
        Some(bundle::Names::One(name)) => std::slice::from_ref(name),
        Some(bundle::Names::Many(names)) => names.as_slice(),
    };
    names.iter().map(String::as_str)
}
