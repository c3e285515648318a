//! Which rules decided a call, and which of their conditions the calls put to the test: how much of
//! a policy a recording, or a folder of test cases, exercises. Evaluates nothing.
//!
//! A call *reaches* a rule if the rules decide it and none before that one matched. A rule is
//! covered if it decided a call. A condition is covered if, of the calls that reached its rule, one
//! fulfilled it and one did not: condition coverage as in Myers, "The Art of Software Testing", and
//! ISO/IEC/IEEE 29119-4 (branch condition testing). Beyond that, a condition is *decisive* if it
//! alone kept its rule from matching once and did not another time: unique-cause modified
//! condition/decision coverage of a conjunction. (Chilenski and Miller, "Applicability of modified
//! condition/decision coverage to software testing", 1994.) What holds for every call, `*`, is no
//! condition.

use serde::Serialize;

use crate::matcher::Explainer;
use crate::model::bundle::{Bundle, Names};

/// How much of a policy was exercised.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RuleCoverage {
    /// All rules.
    pub rules: u64,
    /// Those that decided a call.
    pub rules_covered: u64,
    /// All conditions of all rules.
    pub conditions: u64,
    /// Those that were seen to hold and to fail.
    pub conditions_covered: u64,
    /// Those of them that alone decided whether their rule matches.
    pub conditions_decisive: u64,
    /// The ids of the rules that decided no call, in bundle order.
    pub uncovered_rules: Vec<String>,
    /// The conditions that were not seen both to hold and to fail, in bundle order.
    pub uncovered_conditions: Vec<ConditionCount>,
}

/// A condition, and what became of it for the calls that reached its rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConditionCount {
    /// The rule's id.
    pub rule: String,
    /// Where it stands in the rule, such as `when.contains_any`.
    pub condition: String,
    /// Calls for which it held.
    pub held: u64,
    /// Calls for which it did not.
    pub failed: u64,
}

impl RuleCoverage {
    /// Covered rules, in per cent of all; 100 without rules.
    pub fn rules_percent(&self) -> f64 {
        percent(self.rules_covered, self.rules)
    }

    /// Covered conditions, in per cent of all; 100 without conditions.
    pub fn conditions_percent(&self) -> f64 {
        percent(self.conditions_covered, self.conditions)
    }
}

fn percent(part: u64, all: u64) -> f64 {
    if all == 0 {
        return 100.0;
    }
    part as f64 * 100.0 / all as f64
}

/// Counts what calls exercise.
pub(super) struct Covering<'b> {
    bundle: &'b Bundle,
    conditions: Vec<Counted>,
    hits: Vec<u64>,
}

struct Counted {
    rule: usize,
    route: String,
    is_condition: bool,
    held: u64,
    failed: u64,
    failed_alone: u64,
}

impl<'b> Covering<'b> {
    pub(super) fn new(bundle: &'b Bundle) -> Self {
        let explainer = Explainer::new(bundle);
        let conditions = explainer.conditions().iter().map(|condition| Counted {
            rule: condition.rule,
            route: condition.route.clone(),
            is_condition: !always_holds(bundle, condition.rule, &condition.route),
            held: 0,
            failed: 0,
            failed_alone: 0,
        });
        Self {
            bundle,
            conditions: conditions.collect(),
            hits: vec![0; bundle.rules.len()],
        }
    }

    /// Takes in a call that `rule`, or the default, decided. `holding` says of the conditions of
    /// the rules that it reached, in their order, whether they hold.
    pub(super) fn call(&mut self, rule: Option<usize>, holding: &[bool]) {
        if let Some(hits) = rule.and_then(|rule| self.hits.get_mut(rule)) {
            *hits += 1;
        }
        let same_rule = |one: &Counted, other: &Counted| one.rule == other.rule;
        let mut rest = holding;
        for conditions in self.conditions.chunk_by_mut(same_rule) {
            let Some((own, others)) = rest.split_at_checked(conditions.len()) else {
                break;
            };
            rest = others;
            let failing = own.iter().filter(|holds| !**holds).count();
            for (condition, holds) in conditions.iter_mut().zip(own) {
                condition.held += u64::from(*holds);
                condition.failed += u64::from(!*holds);
                condition.failed_alone += u64::from(!*holds && failing == 1);
            }
        }
    }

    pub(super) fn finish(self) -> RuleCoverage {
        let Self {
            bundle,
            conditions,
            hits,
        } = self;
        let id = |rule: usize| bundle.rules.get(rule).map_or("", |rule| &rule.id);
        let hit = |rule: usize| hits.get(rule).is_some_and(|hits| *hits > 0);
        let mut coverage = RuleCoverage::default();
        for rule in 0..hits.len() {
            coverage.rules += 1;
            if hit(rule) {
                coverage.rules_covered += 1;
            } else {
                coverage.uncovered_rules.push(id(rule).to_owned());
            }
        }
        for condition in conditions.into_iter().filter(|one| one.is_condition) {
            coverage.conditions += 1;
            if condition.failed_alone > 0 && hit(condition.rule) {
                coverage.conditions_decisive += 1;
            }
            if condition.held > 0 && condition.failed > 0 {
                coverage.conditions_covered += 1;
            } else {
                coverage.uncovered_conditions.push(ConditionCount {
                    rule: id(condition.rule).to_owned(),
                    condition: condition.route,
                    held: condition.held,
                    failed: condition.failed,
                });
            }
        }
        coverage
    }
}

/// Whether a condition holds for every call, whatever it is.
fn always_holds(bundle: &Bundle, rule: usize, route: &str) -> bool {
    let Some(rule) = bundle.rules.get(rule) else {
        return false;
    };
    match route {
        "match.tool_name" => matches!(&rule.matches.tool_name, Names::One(name) if name == "*"),
        "match.environment" => rule.matches.environment == "*",
        _ => false,
    }
}
