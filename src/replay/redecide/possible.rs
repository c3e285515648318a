//! What a policy can have decided about an event by itself. Owns the three-valued reading of rules:
//! a rule matches, does not, or might, since an event holds its tool and its environment only.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::{DivergenceKind, Facts, Said};
use crate::matcher::{Matcher, Scratch};
use crate::model::bundle::{Bundle, Match, Rule};
use crate::model::event::{EventOutcome, PLUGIN_CODES};
use crate::model::request::Request;
use crate::replay::event::Role;

/// The plugin that no pipeline file lists.
const GUARDIAN: &str = "guardian";

/// What became of an event.
pub(super) enum Verdict {
    /// It says what is decided now.
    Same,
    /// It does not, and this is what is, or can be.
    Differs(DivergenceKind, Vec<Said>),
    /// That cannot be told, for this reason.
    Unknown(&'static str),
}

/// A policy of which only tools and environments are looked at.
pub(super) struct Possible<'a> {
    plugins: Option<&'a [&'a str]>,
    rules: &'a [Rule],
    codes: HashSet<&'a str>,
    default: Said,
    matcher: Matcher,
    scratch: Scratch,
    request: Request,
    known: HashMap<(Box<str>, Box<str>), Rc<Decisions>, foldhash::fast::RandomState>,
}

/// The decisions that are possible about a tool in an environment.
struct Decisions {
    said: Vec<Said>,
    /// What is missing to tell which of them it is.
    missing: &'static str,
}

impl<'a> Possible<'a> {
    pub(super) fn new(bundle: &'a Bundle, plugins: Option<&'a [&'a str]>) -> Self {
        let rules = bundle.rules.iter().map(|rule| Rule {
            id: rule.id.clone(),
            description: String::new(),
            matches: Match {
                tool_name: rule.matches.tool_name.clone(),
                environment: rule.matches.environment.clone(),
                agent_type: None,
                trust_level_min: None,
                agent_roles_any: Vec::new(),
                tool_provider: None,
            },
            when: None,
            outcome: rule.outcome,
            approver_role: None,
            constraints: None,
        });
        let matcher = Matcher::new(&Bundle {
            rules: rules.collect(),
            ..bundle.clone()
        });
        let outcome = bundle.defaults.outcome;
        Self {
            plugins,
            rules: &bundle.rules,
            codes: bundle.rules.iter().map(|rule| rule.id.as_str()).collect(),
            default: Said {
                outcome: outcome.into(),
                code: format!("DEFAULT_{}", outcome.as_str()),
            },
            scratch: matcher.scratch(),
            matcher,
            request: Request::default(),
            known: HashMap::default(),
        }
    }

    /// What became of an event.
    pub(super) fn judge(&mut self, event: &Facts<'_>) -> Verdict {
        if event.role == Role::Settlement {
            return Verdict::Unknown("answer_to_an_approval");
        }
        if let Some(plugin) = event.plugin {
            let has = |plugins: &&[&str]| plugins.contains(&plugin) || plugin == GUARDIAN;
            return match self.plugins {
                Some(plugins) if !has(&plugins) => {
                    Verdict::Differs(DivergenceKind::UnknownPlugin, Vec::new())
                }
                _ => Verdict::Unknown("decided_by_a_plugin"),
            };
        }
        let is_plugins = PLUGIN_CODES.contains(&event.code)
            || matches!(
                event.effective,
                EventOutcome::KillSwitch | EventOutcome::RateLimited
            );
        if is_plugins && !self.codes.contains(event.code) {
            return Verdict::Unknown("decided_by_a_plugin");
        }
        if event.tool.is_empty() || event.environment.is_empty() {
            return Verdict::Unknown("subject_missing");
        }
        let decisions = self.decisions(event.tool, event.environment);
        let is_it = |said: &Said| said.outcome == event.recorded && said.code == event.code;
        match decisions.said.as_slice() {
            [only] if is_it(only) => return Verdict::Same,
            said if said.iter().any(is_it) => return Verdict::Unknown(decisions.missing),
            _ => {}
        }
        let mut outcomes = decisions.said.iter().map(|said| said.outcome);
        let is_default = event.code.starts_with("DEFAULT_");
        let kind = if !outcomes.any(|outcome| outcome == event.recorded) {
            DivergenceKind::Outcome
        } else if is_default || self.codes.contains(event.code) {
            DivergenceKind::Reason
        } else {
            DivergenceKind::UnknownRule
        };
        Verdict::Differs(kind, decisions.said.clone())
    }

    fn decisions(&mut self, tool: &str, environment: &str) -> Rc<Decisions> {
        let key = (tool.into(), environment.into());
        if let Some(known) = self.known.get(&key) {
            return Rc::clone(known);
        }
        let request = &mut self.request;
        request.clear();
        let name = |request: &mut Request, text: &str| {
            request.add_name(|out| out.extend_from_slice(text.as_bytes()))
        };
        request.tool_name = Some(name(request, tool));
        request.environment = Some(name(request, environment));
        let mut found = Decisions {
            said: Vec::new(),
            missing: "subject_missing",
        };
        let mut is_certain = false;
        let mut search = self.matcher.search(request, &mut self.scratch);
        for rule in search.matching(request) {
            let Some(rule) = self.rules.get(rule) else {
                continue;
            };
            found.said.push(Said {
                outcome: rule.outcome.into(),
                code: rule.id.clone(),
            });
            match missing(rule) {
                None => {
                    is_certain = true;
                    break;
                }
                Some("args_missing") => found.missing = "args_missing",
                Some(missing) if found.missing != "args_missing" => found.missing = missing,
                Some(_) => {}
            }
        }
        if !is_certain {
            found.said.push(self.default.clone());
        }
        let found = Rc::new(found);
        self.known.insert(key, Rc::clone(&found));
        found
    }
}

/// What an event lacks to tell whether a rule matches whose tool and environment do.
fn missing(rule: &Rule) -> Option<&'static str> {
    let Match {
        agent_type,
        trust_level_min,
        agent_roles_any,
        tool_provider,
        ..
    } = &rule.matches;
    if rule.when.is_some() {
        return Some("args_missing");
    }
    let is_known = agent_type.is_none()
        && trust_level_min.is_none()
        && agent_roles_any.is_empty()
        && tool_provider.is_none();
    (!is_known).then_some("identity_missing")
}
