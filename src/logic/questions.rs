//! The one question that all others come down to: is there a call that satisfies these conditions
//! and none of those? Owns how much of a bundle has to be looked at to answer it.
//!
//! Most of a bundle has nothing to do with a call that one rule is about. So the question is first
//! asked without the conditions that must not hold; those that the call found satisfies after all
//! join, and so on (the lazy refinement of Clarke et al., "Counterexample-guided abstraction
//! refinement", 2000). Only a question that draws many conditions in is asked of the whole bundle.

use std::collections::{BTreeMap, BTreeSet};

use super::parts::Conjunction;
use super::patterns::Languages;
use super::sat::Lit;
use super::search::{Answer, Undecided};
use super::space::Space;
use super::witness::Witness;
use crate::matcher::{Matcher, Scratch};
use crate::model::bundle::{Bundle, Defaults, Rule};
use crate::model::decision::Outcome;

/// Conditions that may be drawn in before a question is asked of all.
const FEW: usize = 32;
/// Calls that are remembered, in case one answers another question.
const REMEMBERED: usize = 2_000;

/// Conditions, by their number, that questions are asked about.
pub(super) struct Conditions {
    /// A rule for each condition; only what it asks for counts.
    rules: Vec<Rule>,
    evaluator: Evaluator,
    languages: Languages,
    /// All conditions in one space, once that is needed.
    whole: Option<Box<(Space, Vec<Conjunction>)>>,
    /// Calls found so far, with the conditions that they satisfy.
    remembered: Vec<(Vec<usize>, Witness)>,
}

/// What decides calls, to check witnesses with.
struct Evaluator {
    matcher: Matcher,
    scratch: Scratch,
}

impl Evaluator {
    fn satisfied(&mut self, call: &Witness) -> Vec<usize> {
        let request = call.request();
        let mut search = self.matcher.search(&request, &mut self.scratch);
        search.matching(&request).collect()
    }
}

/// The answer to a question.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Found {
    /// This call.
    Call(Box<Witness>),
    /// There is none: with these of the conditions that must hold and must not hold, no other
    /// matters.
    None(Vec<usize>),
    /// It was not found out.
    Unknown(Undecided),
}

impl Conditions {
    pub(super) fn new(rules: Vec<Rule>) -> Self {
        // What is around the rules plays no part in what they match.
        let bundle = Bundle {
            version: String::new(),
            generated_at: String::new(),
            expires_at: String::new(),
            revision: None,
            rules,
            defaults: Defaults {
                outcome: Outcome::Deny,
            },
            metadata: None,
            signature: None,
        };
        let matcher = Matcher::new(&bundle);
        let scratch = matcher.scratch();
        let rules = bundle.rules;
        let pattern = |rule: usize| rules.get(rule)?.when.as_ref()?.matches_regex.as_deref();
        let refused = matcher
            .refused()
            .iter()
            .filter_map(|refused| pattern(refused.rule));
        let languages = Languages::new((0..rules.len()).filter_map(pattern), &refused.collect());
        Self {
            rules,
            evaluator: Evaluator { matcher, scratch },
            languages,
            whole: None,
            remembered: Vec::new(),
        }
    }

    /// The conditions that a call satisfies, in order.
    pub(super) fn satisfied(&mut self, call: &Witness) -> Vec<usize> {
        self.evaluator.satisfied(call)
    }

    /// The condition in a space of its own; `None` if there is no such condition.
    pub(super) fn alone(&self, condition: usize) -> Option<(Space, Conjunction)> {
        let rule = self.rules.get(condition)?;
        let mut space = Space::new(std::iter::once(rule.into()), &self.languages);
        let conjunction = space.conjunction(rule.into());
        Some((space, conjunction))
    }

    /// Looks for a call that satisfies all conditions of `hold` and none of which `fail` is true.
    pub(super) fn ask(&mut self, hold: &[usize], fail: &dyn Fn(usize) -> bool) -> Found {
        let answers = |satisfied: &[usize]| {
            hold.iter()
                .all(|condition| satisfied.binary_search(condition).is_ok())
                && !satisfied.iter().any(|&condition| fail(condition))
        };
        let mut remembered = self.remembered.iter();
        if let Some((_, call)) = remembered.find(|(satisfied, _)| answers(satisfied)) {
            return Found::Call(Box::new(call.clone()));
        }
        let mut failing: BTreeSet<usize> = BTreeSet::new();
        loop {
            let found = match failing.len() {
                0..FEW => self.ask_few(hold, &failing),
                _ => {
                    failing = (0..self.rules.len())
                        .filter(|&condition| fail(condition))
                        .collect();
                    self.ask_whole(hold, &failing)
                }
            };
            let Found::Call(call) = found else {
                return found;
            };
            let satisfied = self.satisfied(&call);
            if answers(&satisfied) {
                let call = call.reduced(&mut |call| answers(&self.satisfied(call)));
                if self.remembered.len() < REMEMBERED {
                    let satisfied = self.satisfied(&call);
                    self.remembered.push((satisfied, call.clone()));
                }
                return Found::Call(Box::new(call));
            }
            let before = failing.len();
            failing.extend(satisfied.into_iter().filter(|&condition| fail(condition)));
            if failing.len() == before {
                // The call is not what the space says of it.
                return Found::Unknown(Undecided::Pattern);
            }
        }
    }

    /// Asks in a space of the conditions concerned.
    fn ask_few(&mut self, hold: &[usize], failing: &BTreeSet<usize>) -> Found {
        let Self {
            rules,
            languages,
            evaluator,
            ..
        } = self;
        let concerned = hold.iter().chain(failing);
        let rules: Vec<(usize, &Rule)> = concerned
            .filter_map(|&condition| Some((condition, rules.get(condition)?)))
            .collect();
        let mut space = Space::new(rules.iter().map(|&(_, rule)| rule.into()), languages);
        let literals: BTreeMap<usize, Lit> = rules
            .iter()
            .map(|&(condition, rule)| (condition, space.conjunction(rule.into()).holds))
            .collect();
        let literal = |condition: usize| literals.get(&condition).copied();
        search(&mut space, literal, hold, failing, evaluator)
    }

    /// Asks in the space of all conditions.
    fn ask_whole(&mut self, hold: &[usize], failing: &BTreeSet<usize>) -> Found {
        let Self {
            rules,
            languages,
            whole,
            evaluator,
            ..
        } = self;
        let (space, conjunctions) = &mut **whole.get_or_insert_with(|| {
            let mut space = Space::new(rules.iter().map(Into::into), languages);
            let conjunctions = rules
                .iter()
                .map(|rule| space.conjunction(rule.into()))
                .collect();
            Box::new((space, conjunctions))
        });
        space.work.renew();
        let literal = |condition: usize| conjunctions.get(condition).map(|rule| rule.holds);
        search(space, literal, hold, failing, evaluator)
    }

    /// Of the conditions that answer [`Found::None`] names, fewest that must not hold: none of
    /// them can be left out. `hold` are the conditions that must.
    pub(super) fn fewest(&mut self, hold: &[usize], needed: &[usize]) -> Vec<usize> {
        let mut needed: Vec<usize> = needed
            .iter()
            .copied()
            .filter(|condition| !hold.contains(condition))
            .collect();
        let mut at = needed.len();
        while at > 0 {
            at -= 1;
            let Some(&left_out) = needed.get(at) else {
                continue;
            };
            let fewer = needed
                .iter()
                .copied()
                .filter(|&condition| condition != left_out);
            if let Found::None(enough) = self.ask_few(hold, &fewer.collect()) {
                needed.retain(|condition| *condition != left_out && enough.contains(condition));
            }
        }
        needed
    }
}

/// Looks for a call in a space that has the conditions by these literals.
fn search(
    space: &mut Space,
    literal: impl Fn(usize) -> Option<Lit>,
    hold: &[usize],
    failing: &BTreeSet<usize>,
    evaluator: &mut Evaluator,
) -> Found {
    let mut accept = |call: &Witness| {
        let satisfied = evaluator.satisfied(call);
        hold.iter()
            .all(|condition| satisfied.binary_search(condition).is_ok())
            && !satisfied
                .iter()
                .any(|condition| failing.contains(condition))
    };
    let mut conditions: BTreeMap<Lit, usize> = BTreeMap::new();
    let mut assumptions = Vec::new();
    let holding = hold.iter().map(|&condition| (condition, true));
    for (condition, holds) in holding.chain(failing.iter().map(|&condition| (condition, false))) {
        let Some(literal) = literal(condition) else {
            continue;
        };
        let literal = literal.apply_sign(holds);
        // Equal conditions share a literal: the first of them is meant.
        conditions.entry(literal).or_insert(condition);
        assumptions.push(literal);
    }
    match space.search(&assumptions, Some(&mut accept)) {
        Answer::Yes(call) => Found::Call(call),
        Answer::Unknown(why) => Found::Unknown(why),
        Answer::No(core) => {
            let mut needed: Vec<usize> = core
                .iter()
                .filter_map(|literal| conditions.get(literal).copied())
                .collect();
            needed.sort_unstable();
            needed.dedup();
            Found::None(needed)
        }
    }
}

#[cfg(test)]
impl Conditions {
    /// The calls found so far.
    pub(super) fn remembered(&self) -> impl Iterator<Item = &Witness> {
        self.remembered.iter().map(|(_, call)| call)
    }
}
