//! What is decided, as literals. Owns the chain from rules in order to what the first of them that
//! matches does; knows no questions.

use std::collections::BTreeMap;

use super::sat::{Lit, Sat};
use crate::canonical;
use crate::model::bundle::{Bundle, Rule};
use crate::model::decision::Outcome;

/// The number of what a rule does to a call: the outcome, who must approve and what else is handed
/// to the caller. Two rules of one effect differ only in what reports call them.
pub(super) type Effect = usize;

/// All effects of some bundles.
#[derive(Debug, Default)]
pub(super) struct Effects {
    numbers: BTreeMap<(Outcome, String), Effect>,
    outcomes: Vec<Outcome>,
}

impl Effects {
    pub(super) fn of<'b>(bundles: impl IntoIterator<Item = &'b Bundle>) -> Self {
        let mut effects = Self::default();
        for bundle in bundles {
            for rule in &bundle.rules {
                effects.add((rule.outcome, terms(rule)));
            }
            effects.add((bundle.defaults.outcome, String::new()));
        }
        effects
    }

    fn add(&mut self, key: (Outcome, String)) {
        let next = self.outcomes.len();
        let outcome = key.0;
        if *self.numbers.entry(key).or_insert(next) == next {
            self.outcomes.push(outcome);
        }
    }

    /// What a rule does, the default for `None`.
    pub(super) fn effect(&self, bundle: &Bundle, rule: Option<usize>) -> Effect {
        let rule = rule.and_then(|rule| bundle.rules.get(rule));
        let key = match rule {
            Some(rule) => (rule.outcome, terms(rule)),
            None => (bundle.defaults.outcome, String::new()),
        };
        self.numbers.get(&key).copied().unwrap_or(Effect::MAX)
    }

    /// All effects with their outcomes.
    pub(super) fn all(&self) -> impl Iterator<Item = (Effect, Outcome)> {
        self.outcomes.iter().copied().enumerate()
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

/// For each rule that it decides, and last that the default does.
pub(super) fn deciders(rules: impl Iterator<Item = Lit>, sat: &mut Sat) -> Vec<Lit> {
    let mut none = sat.truth();
    let mut deciders = Vec::new();
    for holds in rules {
        deciders.push(sat.all([none, holds]));
        none = sat.all([none, !holds]);
    }
    deciders.push(none);
    deciders
}
