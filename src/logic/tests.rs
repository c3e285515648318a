//! The logic as a whole: against every call of a small universe, and on examples.
//!
//! The universe has a call for each case that the generated rules can tell apart: what rules ask
//! of facts and of texts is drawn from pools, each member of which is evaluated on all of its half
//! of the universe once. The sets of rules that calls satisfy together are then all that can be
//! asked about a bundle.

mod claims;
mod patterns;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::*;
use crate::matcher::naive;
use crate::matcher::testing::Json;
use crate::model::bundle::{
    ArgumentCondition, Comparisons, Defaults, Match, Names, Rule, Scalar, TrustLevel, When,
};
use crate::model::decision::Outcome;

/// Random numbers, the same on every run: Steele, Lea and Flood, "Fast splittable pseudorandom
/// number generators" (2014).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ bits >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((bits ^ bits >> 31) % limit as u64) as usize
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    /// Some of these, in their order.
    fn some(&mut self, from: &[&str], one_in: usize) -> Vec<String> {
        from.iter()
            .filter(|_| self.one_in(one_in))
            .map(|&name| name.to_owned())
            .collect()
    }
}

const TOOLS: [&str; 8] = ["a", "ab", "abc", "abx", "ax", "b", "x", "a*"];
const ENVIRONMENTS: [&str; 3] = ["prod", "dev", "qa"];
const KEYWORDS: [&str; 6] = ["A", "ab", "1", "0", "true", ""];
/// One for each case of the bounds below and each set of keywords that its texts can avoid.
const NUMBERS: [f64; 19] = [
    f64::NEG_INFINITY,
    -10.0,
    -20.0,
    -2.0,
    -1.0,
    2e-7,
    1e-7,
    0.25,
    0.11,
    0.75,
    0.61,
    1.5,
    1.05,
    2.0,
    3.0,
    10.0,
    13.0,
    20.0,
    f64::INFINITY,
];

/// The bounds of the generated rules; between 0.5 and the next double there is nothing.
fn bounds() -> [f64; 5] {
    [0.0, 0.5, 0.5_f64.next_up(), 1.0, 2.0]
}

fn random_match(random: &mut Random) -> Match {
    let tool =
        |random: &mut Random| random.pick(&["a", "ab", "abc", "b", "a*", "ab*", "abx*", "*", "*"]);
    let names = |random: &mut Random, from: &[&str]| match random.below(4) {
        0 => Some(Names::One(random.pick(from).to_owned())),
        1 => Some(Names::Many(random.some(from, 2))),
        _ => None,
    };
    Match {
        tool_name: match random.below(4) {
            0 => Names::Many(random.some(&["a", "ab", "b", "a*"], 2)),
            _ => Names::One(tool(random).to_owned()),
        },
        environment: random.pick(&["*", "*", "prod", "dev"]).to_owned(),
        agent_type: names(random, &["ide", "ci"]),
        trust_level_min: random.one_in(3).then(|| random.pick(&TrustLevel::ALL)),
        agent_roles_any: random.some(&["x", "y"], 6),
        tool_provider: names(random, &["mcp"]),
    }
}

fn random_scalar(random: &mut Random) -> Scalar {
    match random.below(6) {
        0 => Scalar::Null,
        1 => Scalar::Bool(random.one_in(2)),
        2 | 3 => Scalar::Number(random.pick(&bounds())),
        _ => Scalar::String(random.pick(&["Ab", "", "1"]).to_owned()),
    }
}

fn random_condition(random: &mut Random) -> ArgumentCondition {
    if random.one_in(3) {
        return ArgumentCondition::Equals(random_scalar(random));
    }
    let bound = |random: &mut Random| random.one_in(3).then(|| random.pick(&bounds()));
    ArgumentCondition::Compare(Comparisons {
        gt: bound(random),
        gte: bound(random),
        lt: bound(random),
        lte: bound(random),
        eq: random.one_in(6).then(|| random_scalar(random)),
        neq: random.one_in(3).then(|| random_scalar(random)),
    })
}

fn random_when(random: &mut Random) -> When {
    let mut arguments = BTreeMap::new();
    if random.one_in(2) {
        arguments.insert("m".to_owned(), random_condition(random));
    }
    if random.one_in(5) {
        let second = random.pick(&[
            Scalar::Bool(true),
            Scalar::String("Ab".to_owned()),
            Scalar::Number(0.5),
        ]);
        arguments.insert("n".to_owned(), ArgumentCondition::Equals(second));
    }
    When {
        contains_any: if random.one_in(2) {
            random.some(&KEYWORDS, 4)
        } else {
            Vec::new()
        },
        not_contains: if random.one_in(2) {
            random.some(&KEYWORDS, 4)
        } else {
            Vec::new()
        },
        data_labels_any: Vec::new(),
        matches_regex: None,
        tool_args_match: arguments,
    }
}

fn rule(matches: Match, when: Option<When>) -> Rule {
    Rule {
        id: "R".to_owned(),
        description: String::new(),
        matches,
        when,
        outcome: Outcome::Allow,
        approver_role: None,
        constraints: None,
    }
}

fn anything() -> Match {
    Match {
        tool_name: Names::One("*".to_owned()),
        environment: "*".to_owned(),
        agent_type: None,
        trust_level_min: None,
        agent_roles_any: Vec::new(),
        tool_provider: None,
    }
}

/// What rules can ask, each with the calls of its half of the universe that satisfy it.
struct Pools {
    facts: Vec<(Match, Vec<String>, Vec<bool>)>,
    texts: Vec<(When, Vec<bool>)>,
}

impl Pools {
    fn new(size: usize) -> Self {
        let mut random = Random(1);
        let calls = facts();
        let facts = (0..size).map(|_| {
            let (matches, labels) = (random_match(&mut random), random.some(&["p", "q"], 6));
            let when = When {
                data_labels_any: labels.clone(),
                ..When::default()
            };
            let rule = rule(matches.clone(), Some(when));
            let satisfied = calls
                .iter()
                .map(|call| naive::satisfies(call, &rule))
                .collect();
            (matches, labels, satisfied)
        });
        let facts = facts.collect();
        let calls = texts();
        let texts = (0..size).map(|_| {
            let when = random_when(&mut random);
            let rule = rule(anything(), Some(when.clone()));
            let satisfied = calls
                .iter()
                .map(|call| naive::satisfies(call, &rule))
                .collect();
            (when, satisfied)
        });
        Self {
            facts,
            texts: texts.collect(),
        }
    }

    /// A bundle, and every set of its rules that some call satisfies, as bits.
    fn bundle(&self, random: &mut Random, rules: usize) -> (Bundle, BTreeSet<u32>) {
        let chosen: Vec<_> = (0..rules)
            .map(|_| {
                let texts = (!random.one_in(4)).then(|| random.below(self.texts.len()));
                (random.below(self.facts.len()), texts)
            })
            .collect();
        let of_rules = |satisfied: &dyn Fn(usize) -> bool| {
            (0..rules)
                .filter(|&rule| satisfied(rule))
                .map(|rule| 1 << rule)
                .sum::<u32>()
        };
        let by_facts: BTreeSet<u32> = (0..self.facts[0].2.len())
            .map(|call| of_rules(&|rule| self.facts[chosen[rule].0].2[call]))
            .collect();
        let by_texts: BTreeSet<u32> = (0..self.texts[0].1.len())
            .map(|call| {
                of_rules(&|rule| chosen[rule].1.is_none_or(|when| self.texts[when].1[call]))
            })
            .collect();
        let possible = by_facts
            .iter()
            .flat_map(|&facts| by_texts.iter().map(move |&texts| facts & texts));
        let possible = possible.collect();
        let rules = chosen.iter().enumerate().map(|(number, &(facts, texts))| {
            let (matches, labels, _) = &self.facts[facts];
            let mut when = texts
                .map(|texts| self.texts[texts].0.clone())
                .unwrap_or_default();
            when.data_labels_any.clone_from(labels);
            Rule {
                id: format!("R{number}"),
                outcome: random.pick(&OUTCOMES),
                ..rule(matches.clone(), (when != When::default()).then_some(when))
            }
        });
        (bundle(rules.collect(), random.pick(&OUTCOMES)), possible)
    }
}

const OUTCOMES: [Outcome; 3] = [Outcome::Allow, Outcome::Deny, Outcome::RequireApproval];

fn bundle(rules: Vec<Rule>, default: Outcome) -> Bundle {
    Bundle {
        version: "1".to_owned(),
        generated_at: "2026-01-01T00:00:00Z".to_owned(),
        expires_at: "2027-01-01T00:00:00Z".to_owned(),
        revision: None,
        rules,
        defaults: Defaults { outcome: default },
        metadata: None,
        signature: None,
    }
}

fn read(call: Value) -> Json {
    serde_json::from_value(call).expect("a call")
}

fn subsets(names: &[&str]) -> Vec<Vec<String>> {
    let all = 0..1_u32 << names.len();
    all.map(|bits| {
        let held = names
            .iter()
            .enumerate()
            .filter(|(at, _)| bits >> at & 1 == 1);
        held.map(|(_, name)| (*name).to_owned()).collect()
    })
    .collect()
}

/// Calls without texts.
fn facts() -> Vec<Json> {
    let levels = TrustLevel::ALL.map(|level| Some(level.as_str()));
    let levels: Vec<Option<&str>> = levels.into_iter().chain([None]).collect();
    let mut calls = Vec::new();
    for tool in TOOLS {
        for environment in ENVIRONMENTS {
            for agent_type in [None, Some("ide"), Some("ci")] {
                for provider in [None, Some("mcp")] {
                    for level in &levels {
                        for roles in subsets(&["x", "y"]) {
                            for labels in subsets(&["p", "q"]) {
                                calls.push(read(json!({
                                    "agent": {
                                        "environment": environment,
                                        "agent_type": agent_type,
                                        "trust_level": level,
                                        "roles": roles,
                                    },
                                    "action": {
                                        "tool_name": tool,
                                        "tool_identity": {"provider": provider},
                                    },
                                    "context": {"data_labels": labels},
                                })));
                            }
                        }
                    }
                }
            }
        }
    }
    calls
}

/// Calls that differ in their texts.
fn texts() -> Vec<Json> {
    let string = |text: &str| Some(Json::String(text.to_owned()));
    let mut firsts = vec![None, Some(Json::Null)];
    firsts.extend([true, false].map(|flag| Some(Json::Bool(flag))));
    firsts.extend(["Ab", "", "1", "z"].map(string));
    firsts.extend(NUMBERS.map(|value| Some(Json::Number(value))));
    firsts.extend(bounds().map(|value| Some(Json::Number(value))));
    let seconds = [
        None,
        Some(Json::Bool(true)),
        string("Ab"),
        Some(Json::Number(0.5)),
    ];
    let object = |key: &str, member| Json::Object(vec![(key.to_owned(), member)]);
    let mut calls = Vec::new();
    for first in &firsts {
        for second in &seconds {
            for values in subsets(&KEYWORDS) {
                let values = values.iter().filter_map(|value| string(value)).collect();
                let members = [
                    ("m", first.clone()),
                    ("n", second.clone()),
                    ("v", Some(Json::Array(values))),
                ];
                let arguments = members
                    .into_iter()
                    .filter_map(|(key, value)| Some((key.to_owned(), value?)))
                    .collect();
                calls.push(object(
                    "action",
                    object("tool_args", Json::Object(arguments)),
                ));
            }
        }
    }
    calls
}

/// The sets of rules that calls satisfy, and what they say about a bundle.
struct Truth<'b> {
    bundle: &'b Bundle,
    possible: &'b BTreeSet<u32>,
}

impl Truth<'_> {
    fn any(&self, mut test: impl FnMut(u32) -> bool) -> bool {
        self.possible.iter().any(|&satisfied| test(satisfied))
    }

    fn outcome(&self, satisfied: u32) -> Outcome {
        let rule = first(satisfied).map(|rule| &self.bundle.rules[rule]);
        rule.map_or(self.bundle.defaults.outcome, |rule| rule.outcome)
    }

    /// Whether no call is decided differently without these rules.
    fn can_leave_out(&self, rules: u32) -> bool {
        !self.any(|satisfied| self.outcome(satisfied) != self.outcome(satisfied & !rules))
    }

    fn hides(&self, by: &[usize], rule: usize) -> bool {
        !self.any(|satisfied| has(satisfied, rule) && !by.iter().any(|&by| has(satisfied, by)))
    }

    fn check(&self) {
        let bundle = self.bundle;
        let rules = 0..bundle.rules.len();
        let mut logic = Logic::new(bundle);
        let mut dead = 0;
        for rule in rules.clone() {
            let decides = self.any(|satisfied| first(satisfied) == Some(rule));
            let holds = self.any(|satisfied| has(satisfied, rule));
            match logic.reachable(rule) {
                Reachability::Reachable(witness) => {
                    assert!(decides, "rule {rule} {witness:?} {:?}", self.possible);
                    assert_eq!(first(satisfied(bundle, &witness)), Some(rule));
                }
                Reachability::Impossible(parts) => {
                    assert!(!holds && !parts.is_empty(), "rule {rule}");
                    dead |= 1 << rule;
                }
                Reachability::Hidden(by) => {
                    assert!(
                        holds && !decides && self.hides(&by, rule),
                        "{by:?} hide {rule}"
                    );
                    for left_out in 0..by.len() {
                        let mut fewer = by.clone();
                        fewer.remove(left_out);
                        assert!(
                            !self.hides(&fewer, rule),
                            "{fewer:?} are enough to hide {rule}"
                        );
                    }
                    dead |= 1 << rule;
                }
                Reachability::Unknown(why) => panic!("rule {rule}: {why}"),
            }
            assert_eq!(
                logic.redundant(rule).is_some(),
                self.can_leave_out(1 << rule)
            );
        }

        let redundant = logic.redundant_rules();
        let together: u32 = redundant.iter().map(|found| 1 << found.rule).sum();
        assert!(self.can_leave_out(together | dead), "{redundant:?}");
        assert!(self.can_leave_out(together), "{redundant:?}");
        for rule in rules.clone().filter(|&rule| !has(together | dead, rule)) {
            let out = together | dead | 1 << rule;
            let falls = self.any(|satisfied| has(satisfied, rule) && satisfied & !out == 0);
            assert!(
                falls || !self.can_leave_out(out) || !self.can_leave_out(together | 1 << rule),
                "{rule} as well"
            );
        }

        let everything = rules
            .clone()
            .find(|&rule| !self.any(|satisfied| !has(satisfied, rule)));
        assert_eq!(
            logic.catch_all(),
            everything.filter(|&rule| rule + 1 < bundle.rules.len())
        );

        for conflict in logic.conflicts(8) {
            let (allowing, stopping) = (conflict.allowing, conflict.stopping);
            let by = satisfied(bundle, &conflict.witness);
            assert!(first(by) == Some(allowing) && has(by, stopping) && allowing < stopping);
            assert_eq!(bundle.rules[allowing].outcome, Outcome::Allow);
            assert_ne!(bundle.rules[stopping].outcome, Outcome::Allow);
            assert!(self.any(|satisfied| has(satisfied, allowing) && !has(satisfied, stopping)));
        }
    }
}

fn has(satisfied: u32, rule: usize) -> bool {
    satisfied >> rule & 1 == 1
}

fn first(satisfied: u32) -> Option<usize> {
    (satisfied != 0).then(|| satisfied.trailing_zeros() as usize)
}

/// The rules that a witness satisfies by its native line, evaluated naively.
fn satisfied(bundle: &Bundle, witness: &Witness) -> u32 {
    let line: Json = match serde_json::from_str(&witness.line()) {
        Ok(line) => line,
        // Only our own reader takes numbers that are too large for a double.
        Err(_) => return infinite(bundle, witness),
    };
    let rules = bundle.rules.iter().enumerate();
    let satisfied = rules.filter(|(_, rule)| naive::satisfies(&line, rule));
    satisfied.map(|(number, _)| 1 << number).sum()
}

fn infinite(bundle: &Bundle, witness: &Witness) -> u32 {
    let satisfied = Conditions::new(bundle.rules.clone()).satisfied(witness);
    satisfied.into_iter().map(|rule| 1 << rule).sum()
}

fn number(given: Option<&str>, default: usize) -> usize {
    given.map_or(default, |given| given.parse().expect("a number"))
}

/// When compiled with `LOGIC_BUNDLES=100000` in the environment, so many bundles are compared;
/// `LOGIC_POOL` is of how many conditions they are made.
#[test]
fn all_calls_of_a_small_universe_agree() {
    let pools = Pools::new(number(option_env!("LOGIC_POOL"), 40));
    let mut random = Random(number(option_env!("LOGIC_SEED"), 2) as u64);
    for _ in 0..number(option_env!("LOGIC_BUNDLES"), 150) {
        let rules = 1 + random.below(7);
        let (bundle, possible) = pools.bundle(&mut random, rules);
        let shown = || serde_json::to_string(&bundle).unwrap();
        let checked = std::panic::catch_unwind(|| {
            let truth = Truth {
                bundle: &bundle,
                possible: &possible,
            };
            truth.check();
            claims::check_assertion(&truth, 0, rules - 1);
            claims::check_assertion(&truth, rules - 1, rules / 2);
            claims::check_diff(&bundle, &possible, rules / 2);
        });
        assert!(checked.is_ok(), "{}", shown());
    }
}
