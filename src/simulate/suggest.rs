//! A first draft of a least-privilege bundle: what recorded calls did, allowed, and nothing else.
//! Owns what counts as enough evidence; the draft is for a person to tighten.
//!
//! Each tool in each environment becomes a rule. It is as narrow as all of its calls allow: the
//! agent types, the provider and the lowest trust level seen, and for arguments that every call
//! has, the range of their numbers or their one value, if there were calls enough. What was denied
//! or refused then is no evidence for that; if the rule is not for all of it, a second rule leaves
//! it to a person.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::classify::Classifier;
use crate::model::bundle::{
    ArgumentCondition, Bundle, Comparisons, Defaults, Match, Names, Rule, Scalar, TrustLevel, When,
};
use crate::model::decision::Outcome;
use crate::model::request::{ArgumentValue, Name, Request};
use crate::time::Timestamp;

/// Calls of a tool in an environment that bind its arguments.
const ENOUGH_CALLS: u64 = 100;
/// Arguments of a tool that are followed.
const MAX_ARGUMENTS: usize = 64;
/// Agent types or providers that a rule lists; more of them are no restriction.
const MAX_NAMES: usize = 20;
/// Longest value, in bytes, that an argument is held to.
const MAX_CONSTANT: usize = 64;
/// The largest integer of a bundle, 2^53 − 1.
const MAX_INTEGER: f64 = 9_007_199_254_740_991.0;
/// Agents that the evidence of a rule names.
const MAX_AGENTS_NAMED: usize = 10;

/// A tool and an environment.
type Key = (String, String);

/// What was seen of all calls.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    allowed: BTreeMap<Key, Seen>,
    refused: BTreeMap<Key, Seen>,
    left_out: BTreeMap<&'static str, u64>,
}

/// What was seen of the calls of one tool in one environment.
#[derive(Clone, Debug)]
struct Seen {
    calls: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    agents: BTreeSet<String>,
    further_agents: bool,
    agent_types: Option<BTreeSet<String>>,
    providers: Option<BTreeSet<String>>,
    lowest_trust: Option<TrustLevel>,
    arguments: BTreeMap<String, Argument>,
}

/// What was seen of one argument.
#[derive(Clone, Debug)]
struct Argument {
    calls: u64,
    values: Values,
}

/// The values of one argument.
#[derive(Clone, Debug, PartialEq)]
enum Values {
    /// Numbers in this range.
    Numbers(f64, f64),
    /// Always this.
    One(Scalar),
    /// Anything.
    Many,
}

/// A draft and what it could not take in.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The bundle.
    pub bundle: Bundle,
    /// Calls that no rule of it is for, by reason.
    pub left_out: BTreeMap<&'static str, u64>,
    /// Calls denied or refused then, for which it has a rule that leaves them to a person.
    pub left_to_a_person: u64,
    /// Calls denied or refused then, that are like others and that it allows.
    pub allowed_though_refused: u64,
}

impl Evidence {
    /// Takes in a call.
    pub(super) fn add(&mut self, call: &Request, classifier: &Classifier) {
        let denied = call.recorded.map(|recorded| recorded.outcome) == Some(Outcome::Deny);
        let tools = if denied || call.approval.is_some_and(|approval| !approval.approved) {
            &mut self.refused
        } else {
            &mut self.allowed
        };
        match Self::key(call) {
            Ok(key) => {
                let seen = tools.entry(key);
                seen.or_insert_with(|| Seen::of(call)).add(call, classifier);
            }
            Err(reason) => *self.left_out.entry(reason).or_default() += 1,
        }
    }

    /// Takes in what was seen elsewhere.
    pub(super) fn merge(&mut self, other: Self) {
        merge_tools(&mut self.allowed, other.allowed);
        merge_tools(&mut self.refused, other.refused);
        for (reason, count) in other.left_out {
            *self.left_out.entry(reason).or_default() += count;
        }
    }
}

impl Evidence {
    /// The tool and the environment of a call that a rule can be about.
    fn key(call: &Request) -> Result<Key, &'static str> {
        let name = |name: Option<Name>| name.map_or(&b""[..], |name| call.name(name));
        let tool = text(name(call.tool_name)).ok_or("tool_name_not_unicode")?;
        if tool.is_empty() || tool.ends_with('*') {
            return Err("tool_name_reads_as_a_pattern");
        }
        let environment = call.environment.ok_or("no_environment")?;
        let environment = text(call.name(environment)).ok_or("environment_not_unicode")?;
        if environment == "*" {
            return Err("environment_reads_as_a_pattern");
        }
        Ok((tool, environment))
    }

    /// The draft, from `from` until `until`.
    pub(super) fn draft(self, from: Timestamp, until: Timestamp) -> Draft {
        let mut rules = Vec::new();
        let mut evidence = Map::new();
        let mut ids = BTreeSet::new();
        let (mut left_to_a_person, mut allowed_though_refused) = (0, 0);
        let Self {
            allowed,
            mut refused,
            left_out,
        } = self;
        let mut add = |key: Key, seen: &Seen, outcome| {
            let id = unused_id(&key, outcome, &mut ids);
            evidence.insert(id.clone(), seen.evidence());
            rules.push(seen.rule(id, key, outcome));
        };
        for (key, seen) in allowed {
            add(key.clone(), &seen, Outcome::Allow);
            match refused.remove(&key) {
                Some(refused) if seen.admits(&refused) => allowed_though_refused += refused.calls,
                Some(refused) => {
                    left_to_a_person += refused.calls;
                    add(key, &refused, Outcome::RequireHuman);
                }
                None => {}
            }
        }
        for (key, seen) in refused {
            left_to_a_person += seen.calls;
            add(key, &seen, Outcome::RequireHuman);
        }
        let metadata = json!({"draft": true, "evidence": evidence});
        Draft {
            bundle: Bundle {
                version: "1".to_owned(),
                generated_at: from.whole_seconds().to_string(),
                expires_at: until.whole_seconds().to_string(),
                revision: None,
                rules,
                defaults: Defaults {
                    outcome: Outcome::Deny,
                },
                metadata: metadata.as_object().cloned(),
                signature: None,
            },
            left_out,
            left_to_a_person,
            allowed_though_refused,
        }
    }
}

impl Seen {
    /// Nothing yet, of calls such as this one.
    fn of(call: &Request) -> Self {
        Self {
            calls: 0,
            first: None,
            last: None,
            agents: BTreeSet::new(),
            further_agents: false,
            agent_types: Some(BTreeSet::new()),
            providers: Some(BTreeSet::new()),
            lowest_trust: call.trust_level,
            arguments: BTreeMap::new(),
        }
    }

    fn add(&mut self, call: &Request, classifier: &Classifier) {
        let name = |name: Option<Name>| name.and_then(|name| text(call.name(name)));
        self.calls += 1;
        if let Some(time) = call.timestamp {
            self.first = Some(self.first.map_or(time, |first| first.min(time)));
            self.last = Some(self.last.map_or(time, |last| last.max(time)));
        }
        if let Some(agent) = name(call.agent_id) {
            self.agent(agent);
        }
        add_name(&mut self.agent_types, name(call.agent_type));
        add_name(&mut self.providers, name(call.tool_provider));
        self.lowest_trust = self.lowest_trust.min(call.trust_level);
        let mut own = BTreeMap::new();
        for argument in call.arguments.iter().filter(|argument| argument.depth == 0) {
            // Of several members of one name the last counts, as in evaluation.
            if let Some(key) = text(call.name(argument.key)) {
                own.insert(key, argument.value);
            }
        }
        for (key, value) in own {
            let values = Values::of(call, &key, value, classifier);
            self.argument(key, Argument { calls: 1, values });
        }
    }

    fn merge(&mut self, other: Self) {
        self.calls += other.calls;
        self.first = earliest(self.first, other.first);
        self.last = self.last.max(other.last);
        self.further_agents |= other.further_agents;
        for agent in other.agents {
            self.agent(agent);
        }
        merge_names(&mut self.agent_types, other.agent_types);
        merge_names(&mut self.providers, other.providers);
        self.lowest_trust = self.lowest_trust.min(other.lowest_trust);
        for (key, argument) in other.arguments {
            self.argument(key, argument);
        }
    }
}

impl Seen {
    fn argument(&mut self, key: String, seen: Argument) {
        let has_room = self.arguments.len() < MAX_ARGUMENTS;
        match self.arguments.get_mut(&key) {
            Some(known) => known.add(seen.calls, seen.values),
            None if has_room => {
                self.arguments.insert(key, seen);
            }
            None => {}
        }
    }

    fn agent(&mut self, agent: String) {
        if self.agents.len() < MAX_AGENTS_NAMED || self.agents.contains(&agent) {
            self.agents.insert(agent);
        } else {
            self.further_agents = true;
        }
    }

    /// The arguments that a rule that allows such calls holds to what was seen.
    fn bounds(&self) -> impl Iterator<Item = (String, ArgumentCondition)> {
        let calls = self.calls;
        self.arguments.iter().filter_map(move |(key, argument)| {
            let binds = argument.calls == calls && calls >= ENOUGH_CALLS;
            let condition = argument.values.condition().filter(|_| binds)?;
            Some((key.clone(), condition))
        })
    }

    /// Whether a rule that allows such calls is for everything that a rule about the others is for.
    fn admits(&self, others: &Self) -> bool {
        let all = |names: &Option<BTreeSet<String>>, others: &Option<BTreeSet<String>>| {
            let Some(names) = names else { return true };
            others
                .as_ref()
                .is_some_and(|others| others.is_subset(names))
        };
        self.bounds().next().is_none()
            && all(&self.agent_types, &others.agent_types)
            && all(&self.providers, &others.providers)
            && self.lowest_trust <= others.lowest_trust
    }

    fn rule(&self, id: String, (tool, environment): Key, outcome: Outcome) -> Rule {
        let calls = self.calls;
        let allows = outcome == Outcome::Allow;
        let description = if allows {
            format!("{tool} in {environment}; calls seen: {calls}")
        } else {
            format!("{tool} in {environment}; calls denied or refused: {calls}")
        };
        let when = When {
            tool_args_match: self.bounds().filter(|_| allows).collect(),
            ..When::default()
        };
        Rule {
            id,
            description,
            matches: Match {
                tool_name: Names::One(tool),
                environment,
                agent_type: names(self.agent_types.as_ref()),
                trust_level_min: self.lowest_trust,
                agent_roles_any: Vec::new(),
                tool_provider: names(self.providers.as_ref()),
            },
            when: (!when.tool_args_match.is_empty()).then_some(when),
            outcome,
            approver_role: None,
            constraints: None,
        }
    }

    fn evidence(&self) -> Value {
        let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
        json!({
            "calls": self.calls,
            "first": time(self.first),
            "last": time(self.last),
            "agents": self.agents,
            "further_agents": self.further_agents,
        })
    }
}

impl Argument {
    fn add(&mut self, calls: u64, values: Values) {
        self.calls += calls;
        let known = std::mem::replace(&mut self.values, Values::Many);
        self.values = known.and(values);
    }
}

impl Values {
    fn of(call: &Request, key: &str, value: ArgumentValue, classifier: &Classifier) -> Self {
        match value {
            ArgumentValue::Number(number) => {
                let number = std::str::from_utf8(call.value(number)).ok();
                match number.and_then(|number| number.parse::<f64>().ok()) {
                    Some(number) => Self::Numbers(number, number),
                    None => Self::Many,
                }
            }
            ArgumentValue::Bool(flag) => Self::One(Scalar::Bool(flag)),
            ArgumentValue::Null => Self::One(Scalar::Null),
            ArgumentValue::String(string) => {
                let bytes = call.value(string);
                let mut sensitive = bytes.len() > MAX_CONSTANT;
                if !sensitive {
                    classifier.classify(bytes, Some(key.as_bytes()), &mut |_| sensitive = true);
                }
                match text(bytes).filter(|_| !sensitive) {
                    Some(text) => Self::One(Scalar::String(text)),
                    None => Self::Many,
                }
            }
            ArgumentValue::Composite => Self::Many,
        }
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Numbers(low, high), Self::Numbers(other_low, other_high)) => {
                Self::Numbers(low.min(other_low), high.max(other_high))
            }
            (Self::One(one), Self::One(other)) if one == other => Self::One(one),
            _ => Self::Many,
        }
    }

    fn condition(&self) -> Option<ArgumentCondition> {
        match self {
            // Bundles hold no integers beyond these; zero has one spelling.
            Self::Numbers(low, high) if *low >= -MAX_INTEGER && *high <= MAX_INTEGER => {
                Some(ArgumentCondition::Compare(Comparisons {
                    gte: Some(low + 0.0),
                    lte: Some(high + 0.0),
                    ..Comparisons::default()
                }))
            }
            Self::One(value) => Some(ArgumentCondition::Equals(value.clone())),
            Self::Numbers(..) | Self::Many => None,
        }
    }
}

fn text(bytes: &[u8]) -> Option<String> {
    String::from_utf8(bytes.to_vec()).ok()
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}

/// Adds the name that a call has; a call without one, or too many of them, ends the restriction.
fn add_name(names: &mut Option<BTreeSet<String>>, name: Option<String>) {
    match (names.as_mut(), name) {
        (Some(known), Some(name)) => {
            known.insert(name);
            if known.len() > MAX_NAMES {
                *names = None;
            }
        }
        _ => *names = None,
    }
}

fn merge_names(names: &mut Option<BTreeSet<String>>, others: Option<BTreeSet<String>>) {
    match others {
        Some(others) => others
            .into_iter()
            .for_each(|name| add_name(names, Some(name))),
        None => *names = None,
    }
}

fn names(names: Option<&BTreeSet<String>>) -> Option<Names> {
    let mut names: Vec<String> = names?.iter().cloned().collect();
    match names.len() {
        0 => None,
        1 => names.pop().map(Names::One),
        _ => Some(Names::Many(names)),
    }
}

fn merge_tools(tools: &mut BTreeMap<Key, Seen>, others: BTreeMap<Key, Seen>) {
    for (key, seen) in others {
        match tools.get_mut(&key) {
            Some(known) => known.merge(seen),
            None => {
                tools.insert(key, seen);
            }
        }
    }
}

/// `SEND_EMAIL_IN_PROD`, or `ASK_SEND_EMAIL_IN_PROD` for what is not allowed, with a number if that
/// is taken.
fn unused_id((tool, environment): &Key, outcome: Outcome, taken: &mut BTreeSet<String>) -> String {
    let plain = |text: &str| -> String {
        let characters = text.chars().map(|character| {
            if character.is_ascii_alphanumeric() {
                character.to_ascii_uppercase()
            } else {
                '_'
            }
        });
        characters.collect()
    };
    let ask = if outcome == Outcome::Allow {
        ""
    } else {
        "ASK_"
    };
    let id = format!("{ask}{}_IN_{}", plain(tool), plain(environment));
    let numbered = (2..).map(|number: u64| format!("{id}_{number}"));
    let mut ids = std::iter::once(id.clone()).chain(numbered);
    let unused = ids.find(|id| !taken.contains(id)).unwrap_or(id);
    taken.insert(unused.clone());
    unused
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::native;
    use crate::json::Scanner;

    fn call(tool: &str, amount: &str, more: &str) -> Request {
        let line = format!(
            r#"{{"timestamp":"2026-01-01T00:00:00Z","agent":{{"agent_id":"a","environment":"prod",
                "trust_level":"verified"}},"action":{{"tool_name":"{tool}",
                "tool_args":{{"amount":{amount},"to":"ops","token":"x{amount}"}}}}{more}}}"#
        );
        let mut call = Request::default();
        native::read(&mut Scanner::new(line.as_bytes()), &mut call).expect("a call");
        call
    }

    fn draft(calls: &[Request]) -> Draft {
        let classifier = Classifier::new(&[]).expect("no patterns");
        let mut all = Evidence::default();
        for half in calls.chunks(calls.len().div_ceil(2).max(1)) {
            let mut evidence = Evidence::default();
            half.iter().for_each(|call| evidence.add(call, &classifier));
            all.merge(evidence);
        }
        all.draft(Timestamp::from_micros(0), Timestamp::from_micros(1_000_000))
    }

    #[test]
    fn arguments_are_bound_by_enough_calls_only() {
        let calls = |count: u64| -> Vec<Request> {
            (1..=count)
                .map(|amount| call("pay", &amount.to_string(), ""))
                .collect()
        };
        let enough = draft(&calls(ENOUGH_CALLS)).bundle;
        let when = enough.rules[0].when.as_ref().expect("bounds");
        let bounds: Vec<&String> = when.tool_args_match.keys().collect();
        assert_eq!(bounds, ["amount", "to"], "what varies is not bound");
        assert_eq!(
            enough.rules[0].matches.trust_level_min,
            Some(TrustLevel::Verified)
        );
        assert_eq!(draft(&calls(ENOUGH_CALLS - 1)).bundle.rules[0].when, None);
    }

    #[test]
    fn what_was_refused_then_is_no_evidence_to_allow_it() {
        let (denied, refused) = (
            r#","recorded":{"outcome":"DENY"}"#,
            r#","approval":{"approved":false}"#,
        );
        let mut calls = vec![
            call("drop", "1", denied),
            call("drop", "1", refused),
            call("read", "2", refused),
            call("*", "1", ""),
            call("read", "1", ""),
            call("pay", "1000", refused),
        ];
        calls.extend((0..ENOUGH_CALLS).map(|amount| call("pay", &amount.to_string(), "")));
        let draft = draft(&calls);
        let rules = draft.bundle.rules.iter();
        let rules: Vec<(&str, Outcome, bool)> = rules
            .map(|rule| (rule.id.as_str(), rule.outcome, rule.when.is_some()))
            .collect();
        assert_eq!(
            rules,
            [
                ("PAY_IN_PROD", Outcome::Allow, true),
                ("ASK_PAY_IN_PROD", Outcome::RequireHuman, false),
                ("READ_IN_PROD", Outcome::Allow, false),
                ("ASK_DROP_IN_PROD", Outcome::RequireHuman, false),
            ]
        );
        assert_eq!(draft.bundle.defaults.outcome, Outcome::Deny);
        assert_eq!(
            (draft.left_to_a_person, draft.allowed_though_refused),
            (3, 1)
        );
        assert_eq!(draft.left_out.values().sum::<u64>(), 1);
    }

    #[test]
    fn no_two_rules_share_an_id() {
        let mut taken = BTreeSet::new();
        let ids = ["a.b", "a-b", "a_b"].map(|tool| {
            let key = (tool.to_owned(), "prod".to_owned());
            unused_id(&key, Outcome::Allow, &mut taken)
        });
        assert_eq!(ids, ["A_B_IN_PROD", "A_B_IN_PROD_2", "A_B_IN_PROD_3"]);
    }
}
