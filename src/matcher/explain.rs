//! Why rules matched a request or did not, condition by condition. Owns the taking apart of rules;
//! evaluates nothing itself: each condition becomes a rule of its own, and the same matcher that
//! decides requests says which of those hold.

use std::collections::BTreeMap;

use super::{Matcher, Scratch};
use crate::model::bundle::{Bundle, Match, Names, Rule, When};
use crate::model::request::Request;

/// The conditions of a bundle's rules, one by one.
pub struct Explainer {
    matcher: Matcher,
    scratch: Scratch,
    conditions: Vec<Condition>,
    rules: usize,
}

/// One condition of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The index of the rule.
    pub rule: usize,
    /// Where it stands in the rule: `match.tool_name`, `when.tool_args_match.amount`.
    pub route: String,
}

/// What became of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained<'e> {
    /// The index of the rule.
    pub rule: usize,
    /// The first of its conditions that does not hold, in the order of the documentation; `None`
    /// if the rule matches.
    pub failed: Option<&'e Condition>,
}

impl Explainer {
    /// Takes the rules of a bundle apart.
    pub fn new(bundle: &Bundle) -> Self {
        let mut conditions = Vec::new();
        let mut probes = Vec::new();
        for (index, rule) in bundle.rules.iter().enumerate() {
            for (route, probe) in taken_apart(rule) {
                conditions.push(Condition { rule: index, route });
                probes.push(probe);
            }
        }
        let probes = Bundle {
            rules: probes,
            ..bundle.clone()
        };
        let matcher = Matcher::new(&probes);
        Self {
            scratch: matcher.scratch(),
            matcher,
            conditions,
            rules: bundle.rules.len(),
        }
    }

    /// All conditions, in the order of the rules.
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// For each condition whether it holds for `request`, in the order of [`Self::conditions`].
    pub fn holding(&mut self, request: &Request) -> Vec<bool> {
        let mut holding = vec![false; self.conditions.len()];
        let mut search = self.matcher.search(request, &mut self.scratch);
        for condition in search.matching(request) {
            if let Some(holds) = holding.get_mut(condition) {
                *holds = true;
            }
        }
        holding
    }

    /// What becomes of each rule for `request`, up to the first that matches and that one too.
    pub fn explain(&mut self, request: &Request) -> Vec<Explained<'_>> {
        let holding = self.holding(request);
        let mut failed: Vec<Option<&Condition>> = vec![None; self.rules];
        for (condition, holds) in self.conditions.iter().zip(holding) {
            if let Some(failed) = failed.get_mut(condition.rule)
                && !holds
            {
                failed.get_or_insert(condition);
            }
        }
        let mut explained = Vec::new();
        for (rule, failed) in failed.into_iter().enumerate() {
            explained.push(Explained { rule, failed });
            if failed.is_none() {
                break;
            }
        }
        explained
    }
}

/// A rule's conditions, each as a rule that has no other.
fn taken_apart(rule: &Rule) -> Vec<(String, Rule)> {
    let always = Match {
        tool_name: Names::One("*".to_owned()),
        environment: "*".to_owned(),
        agent_type: None,
        trust_level_min: None,
        agent_roles_any: Vec::new(),
        tool_provider: None,
    };
    let mut probes = Vec::new();
    let mut probe = |route: &str, matches: Match, when: When| {
        let rule = Rule {
            matches,
            when: Some(when),
            ..rule.clone()
        };
        probes.push((route.to_owned(), rule));
    };
    // Every member is named here, so that a new one cannot be forgotten.
    let Match {
        tool_name,
        environment,
        agent_type,
        trust_level_min,
        agent_roles_any,
        tool_provider,
    } = &rule.matches;
    let only = |change: &dyn Fn(&mut Match)| {
        let mut matches = always.clone();
        change(&mut matches);
        matches
    };
    let nothing = When::default();
    let wanted = only(&|matches| matches.tool_name = tool_name.clone());
    probe("match.tool_name", wanted, nothing.clone());
    let wanted = only(&|matches| matches.environment.clone_from(environment));
    probe("match.environment", wanted, nothing.clone());
    if agent_type.is_some() {
        let wanted = only(&|matches| matches.agent_type.clone_from(agent_type));
        probe("match.agent_type", wanted, nothing.clone());
    }
    if trust_level_min.is_some() {
        let wanted = only(&|matches| matches.trust_level_min = *trust_level_min);
        probe("match.trust_level_min", wanted, nothing.clone());
    }
    if !agent_roles_any.is_empty() {
        let wanted = only(&|matches| matches.agent_roles_any.clone_from(agent_roles_any));
        probe("match.agent_roles_any", wanted, nothing.clone());
    }
    if tool_provider.is_some() {
        let wanted = only(&|matches| matches.tool_provider.clone_from(tool_provider));
        probe("match.tool_provider", wanted, nothing.clone());
    }
    let Some(When {
        contains_any,
        not_contains,
        data_labels_any,
        matches_regex,
        tool_args_match,
    }) = &rule.when
    else {
        return probes;
    };
    if !data_labels_any.is_empty() {
        let wanted = When {
            data_labels_any: data_labels_any.clone(),
            ..nothing.clone()
        };
        probe("when.data_labels_any", always.clone(), wanted);
    }
    if !contains_any.is_empty() {
        let wanted = When {
            contains_any: contains_any.clone(),
            ..nothing.clone()
        };
        probe("when.contains_any", always.clone(), wanted);
    }
    if !not_contains.is_empty() {
        let wanted = When {
            not_contains: not_contains.clone(),
            ..nothing.clone()
        };
        probe("when.not_contains", always.clone(), wanted);
    }
    for (key, condition) in tool_args_match {
        let wanted = When {
            tool_args_match: BTreeMap::from([(key.clone(), condition.clone())]),
            ..nothing.clone()
        };
        let route = format!("when.tool_args_match.{key}");
        probe(&route, always.clone(), wanted);
    }
    if matches_regex.is_some() {
        let wanted = When {
            matches_regex: matches_regex.clone(),
            ..nothing.clone()
        };
        probe("when.matches_regex", always.clone(), wanted);
    }
    probes
}
