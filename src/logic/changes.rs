//! What is decided differently by another bundle. Owns the comparison of two.

use std::collections::BTreeSet;

use super::Evaluator;
use super::decided::{Effects, deciders};
use super::sat::Lit;
use super::search::{Answer, Undecided};
use super::space::Space;
use super::witness::Witness;
use crate::model::bundle::Bundle;
use crate::model::decision::Outcome;

/// What two bundles decide differently.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// For each pair of outcomes that some call would see change, one such call.
    pub changes: Vec<Change>,
    /// Why there may be more; `None` if there are not.
    pub undecided: Option<Undecided>,
}

/// A call that two bundles decide differently.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What the old bundle decides.
    pub old: Decided,
    /// What the new bundle decides. The outcome may be the same: then what differs is who must
    /// approve, or the constraints.
    pub new: Decided,
    /// The call.
    pub witness: Box<Witness>,
}

/// What a bundle decides about a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decided {
    /// The outcome.
    pub outcome: Outcome,
    /// The index of the rule that decides, `None` for the default.
    pub rule: Option<usize>,
}

impl Evaluator {
    fn decide(&mut self, bundle: &Bundle, call: &Witness) -> Decided {
        let rule = self.matching(call).first().copied();
        let decided = rule.and_then(|rule| bundle.rules.get(rule));
        Decided {
            outcome: decided.map_or(bundle.defaults.outcome, |rule| rule.outcome),
            rule,
        }
    }
}

/// Compares what two bundles decide, whatever their rules are called and however they say it:
/// outcome, approver and constraints of every possible call.
pub fn diff(old: &Bundle, new: &Bundle) -> Comparison {
    let mut evaluators = [Evaluator::new(old), Evaluator::new(new)];
    let [never_old, never_new] = [&evaluators[0].refused(old), &evaluators[1].refused(new)];
    let never: BTreeSet<&str> = never_old.union(never_new).copied().collect();
    let rules = || old.rules.iter().chain(&new.rules);
    let mut space = Space::new(rules().map(Into::into), &never);
    let effects = Effects::of([old, new]);
    let before = Decisions::new(old, &effects, &mut space);
    let after = Decisions::new(new, &effects, &mut space);
    let differs: Vec<Lit> = effects
        .all()
        .map(|(effect, _)| {
            space
                .sat
                .all([before.effect(effect), !after.effect(effect)])
        })
        .collect();
    let differs = space.sat.any(differs);

    let mut assumptions = vec![differs];
    let mut changes: Vec<Change> = Vec::new();
    let [evaluator_old, evaluator_new] = &mut evaluators;
    let undecided = loop {
        let mut decide = |call: &Witness| {
            (
                evaluator_old.decide(old, call),
                evaluator_new.decide(new, call),
            )
        };
        let known: BTreeSet<(Outcome, Outcome)> = changes
            .iter()
            .map(|change| (change.old.outcome, change.new.outcome))
            .collect();
        let mut is_change = |call: &Witness| {
            let (was, is) = decide(call);
            let differs = effects.effect(old, was.rule) != effects.effect(new, is.rule);
            differs && !known.contains(&(was.outcome, is.outcome))
        };
        match space.search(&assumptions, &mut is_change) {
            Answer::No(_) => break None,
            Answer::Unknown(why) => break Some(why),
            Answer::Yes(witness) => {
                let (was, is) = decide(&witness);
                let from = before.outcome(was.outcome, &effects, &mut space);
                let to = after.outcome(is.outcome, &effects, &mut space);
                assumptions.push(!space.sat.all([from, to]));
                changes.push(Change {
                    old: was,
                    new: is,
                    witness,
                });
            }
        }
    };
    changes.sort_by_key(|change| (change.old.outcome, change.new.outcome));
    Comparison { changes, undecided }
}

/// What a bundle decides, in terms of a space.
struct Decisions {
    /// By effect: that it is what is decided.
    effects: Vec<Lit>,
    never: Lit,
}

impl Decisions {
    fn new(bundle: &Bundle, effects: &Effects, space: &mut Space) -> Self {
        let rules: Vec<Lit> = bundle
            .rules
            .iter()
            .map(|rule| space.conjunction(rule.into()).holds)
            .collect();
        let deciders = deciders(rules.into_iter(), &mut space.sat);
        let mut by_effect: Vec<Vec<Lit>> = effects.all().map(|_| Vec::new()).collect();
        let rules = (0..bundle.rules.len()).map(Some).chain([None]);
        for (rule, decides) in rules.zip(deciders) {
            if let Some(all) = by_effect.get_mut(effects.effect(bundle, rule)) {
                all.push(decides);
            }
        }
        let never = !space.sat.truth();
        let effects = by_effect
            .into_iter()
            .map(|all| space.sat.any(all))
            .collect();
        Self { effects, never }
    }

    fn effect(&self, effect: usize) -> Lit {
        self.effects.get(effect).copied().unwrap_or(self.never)
    }

    fn outcome(&self, outcome: Outcome, effects: &Effects, space: &mut Space) -> Lit {
        let of_it = effects.all().filter(|&(_, other)| other == outcome);
        let literals: Vec<Lit> = of_it.map(|(effect, _)| self.effect(effect)).collect();
        space.sat.any(literals)
    }
}
