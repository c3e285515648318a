//! What rules do to the calls that they decide. Owns what counts as the same; knows no conditions.

use std::collections::BTreeMap;

use crate::canonical;
use crate::model::bundle::{Bundle, Rule};
use crate::model::decision::Outcome;

/// What a bundle decides about a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decided {
    /// The outcome.
    pub outcome: Outcome,
    /// The index of the rule that decides, `None` for the default.
    pub rule: Option<usize>,
}

/// The number of what a rule does to a call: the outcome, who must approve and what else is handed
/// to the caller. Two rules of one effect differ only in what reports call them.
pub(super) type Effect = usize;

/// Numbers effects, equal ones alike.
#[derive(Debug, Default)]
pub(super) struct Effects {
    numbers: BTreeMap<(Outcome, String), Effect>,
}

impl Effects {
    /// The effect of each rule of a bundle, and last that of the default.
    pub(super) fn of(&mut self, bundle: &Bundle) -> Vec<Effect> {
        let rules = bundle.rules.iter().map(|rule| (rule.outcome, terms(rule)));
        rules
            .chain([(bundle.defaults.outcome, String::new())])
            .map(|effect| {
                let next = self.numbers.len();
                *self.numbers.entry(effect).or_insert(next)
            })
            .collect()
    }
}

/// What a rule decides besides its outcome.
fn terms(rule: &Rule) -> String {
    match (&rule.approver_role, &rule.constraints) {
        (None, None) => String::new(),
        // Strict documents hold nothing that has no canonical form.
        terms => canonical::to_vec(&terms)
            .map(|text| String::from_utf8_lossy(&text).into_owned())
            .unwrap_or_default(),
    }
}

impl Decided {
    /// That this rule of a bundle decides, or the default.
    pub(super) fn by(bundle: &Bundle, rule: Option<usize>) -> Self {
        let outcome = rule.and_then(|rule| Some(bundle.rules.get(rule)?.outcome));
        Self {
            outcome: outcome.unwrap_or(bundle.defaults.outcome),
            rule,
        }
    }
}
