//! What rules mean together, exactly: which can ever decide, which could be left out, where two
//! contradict each other, whether two bundles can be told apart, whether something can never
//! happen. Owns these questions and their proofs; knows no files, no plugins, and does not judge
//! what an answer is worth.
//!
//! # How
//!
//! A rule's condition is a conjunction of questions about a call. Each question becomes an atom of
//! a Boolean formula, the relations between answers become clauses ([`space`]), and a SAT solver
//! looks for answers ([`sat`]). A model becomes a call, made up but possible ([`Witness`]), which
//! the evaluator that `simulate` uses must decide as claimed: otherwise nothing is claimed. Where
//! there is no model, there is no such call, and the assumptions that contradict each other say
//! why.
//!
//! # For which conditions the answer is never "unknown"
//!
//! For all but `matches_regex`. That every call gives a model is plain: the clauses state only
//! what is true of every call. That every model comes from a call, so that a rule with no model is
//! really dead and no other, is seen fact by fact, since any answers about one fact can be had
//! together with any about another, but for texts:
//!
//! - *Tool, environment, agent type, provider* have one value or none; there are more names than a
//!   bundle can list, so "some other name" is always possible, for tools also below every prefix
//!   ([`names`]).
//! - *Trust* is one of six ordered cases, a missing level the lowest; *roles* and *labels* are any
//!   sets.
//! - *Arguments*: each key has one value, of finitely many cases ([`arguments`]), and keys are
//!   independent of each other but through the texts of their values.
//! - *Keywords*: any set that contains what is inside of its members occurs in some values
//!   ([`keywords`]), and a call may have an argument that no rule asks for, with any values. What
//!   is inside of the text of a case of an argument (a string, a boolean, a number that rules
//!   name) occurs with it. A number between two bounds needs a text without the keywords that are
//!   absent: whether there is one is decided by exhaustive search ([`decimal`]), and if not,
//!   becomes one more clause. Other strings, objects and arrays are never needed, since a missing
//!   member satisfies all that they do.
//!
//! The two limits on work, on clauses that the solver learns and on numbers written by way of
//! trial, are out of reach of bundles that people write; where they are met the answer is
//! [`Undecided::Budget`].
//!
//! A pattern is an atom that is free: what is proved without it is proved. A call that has to
//! match it, or not to match it, is tried with texts that it probably matches.

mod arguments;
mod changes;
mod conflicts;
mod decided;
mod decimal;
mod keywords;
mod names;
mod parts;
mod patterns;
mod reach;
mod redundancy;
mod sample;
mod sat;
mod search;
mod space;
mod trie;
mod witness;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use self::changes::{Change, Comparison, diff};
pub use self::conflicts::Conflict;
use self::decided::Effects;
use self::parts::Conjunction;
pub use self::parts::Part;
pub use self::reach::Reachability;
pub use self::redundancy::Redundancy;
use self::sat::Lit;
use self::search::Answer;
pub use self::search::Undecided;
use self::space::Space;
pub use self::witness::{Witness, WitnessValue};
use crate::matcher::{Matcher, Scratch};
use crate::model::bundle::Bundle;

/// A bundle that is being asked about.
pub struct Logic<'b> {
    bundle: &'b Bundle,
    space: Space,
    rules: Vec<Conjunction>,
    effects: Effects,
    evaluator: Evaluator,
    /// For each rule whether it can decide, once asked.
    reachable: Vec<Option<Reachability>>,
}

/// What decides calls, to check witnesses with.
struct Evaluator {
    matcher: Matcher,
    scratch: Scratch,
}

impl Evaluator {
    fn new(bundle: &Bundle) -> Self {
        let matcher = Matcher::new(bundle);
        let scratch = matcher.scratch();
        Self { matcher, scratch }
    }

    /// The rules that match, in order.
    fn matching(&mut self, witness: &Witness) -> Vec<usize> {
        let request = witness.request();
        let mut search = self.matcher.search(&request, &mut self.scratch);
        search.matching(&request).collect()
    }

    /// The texts of patterns that never match.
    fn refused<'b>(&self, bundle: &'b Bundle) -> BTreeSet<&'b str> {
        let refused = self.matcher.refused().iter();
        refused
            .filter_map(|refused| {
                let rule = bundle.rules.get(refused.rule)?;
                rule.when.as_ref()?.matches_regex.as_deref()
            })
            .collect()
    }
}

impl<'b> Logic<'b> {
    /// Takes a bundle in. The cost is that of compiling its rules.
    pub fn new(bundle: &'b Bundle) -> Self {
        let evaluator = Evaluator::new(bundle);
        let never = evaluator.refused(bundle);
        let mut space = Space::new(bundle.rules.iter().map(Into::into), &never);
        let rules: Vec<Conjunction> = bundle
            .rules
            .iter()
            .map(|rule| space.conjunction(rule.into()))
            .collect();
        Self {
            bundle,
            reachable: vec![None; rules.len()],
            effects: Effects::of([bundle]),
            space,
            rules,
            evaluator,
        }
    }

    /// That the rule's condition holds; never for a rule that is not there.
    fn holds(&self, rule: usize) -> Lit {
        let never = !self.space.sat.truth();
        self.rules.get(rule).map_or(never, |rule| rule.holds)
    }

    /// The literals of the parts of the rule's condition.
    fn parts(&self, rule: usize) -> &[(Part, Lit)] {
        self.rules.get(rule).map_or(&[], |rule| &rule.parts)
    }

    /// That the rules before this one do not hold.
    fn none_before(&self, rule: usize) -> impl Iterator<Item = Lit> {
        self.rules.iter().take(rule).map(|rule| !rule.holds)
    }

    /// What the parts of a condition that can never hold are, fewest possible: a set of which no
    /// part can be left out. `None` if the condition can hold or it is not known whether it can.
    pub fn contradiction(&mut self, rule: usize) -> Option<Vec<Part>> {
        let parts = self.parts(rule).to_vec();
        let literals: Vec<Lit> = parts.iter().map(|&(_, literal)| literal).collect();
        let Self {
            space, evaluator, ..
        } = self;
        let mut holds = |call: &Witness| evaluator.matching(call).contains(&rule);
        let core = match space.search(&literals, &mut holds) {
            Answer::No(core) => space.minimal(core, &[]),
            Answer::Yes(_) | Answer::Unknown(_) => return None,
        };
        let needed = parts
            .into_iter()
            .filter(|(_, literal)| core.contains(literal));
        Some(needed.map(|(part, _)| part).collect())
    }

    /// The parts of a rule's condition that hold for every call, so that they say nothing.
    pub fn constant(&mut self, rule: usize) -> Vec<Part> {
        let parts = self.parts(rule).to_vec();
        let always = |space: &mut Space, literal: Lit| {
            matches!(space.search(&[!literal], &mut |_| true), Answer::No(_))
        };
        parts
            .into_iter()
            .filter(|&(_, literal)| always(&mut self.space, literal))
            .map(|(part, _)| part)
            .collect()
    }

    /// The first rule that matches every call although others follow it. The default and all
    /// later rules are dead.
    pub fn catch_all(&mut self) -> Option<usize> {
        (0..self.rules.len().saturating_sub(1)).find(|&rule| {
            let never = !self.holds(rule);
            self.parts(rule).is_empty()
                || matches!(self.space.search(&[never], &mut |_| true), Answer::No(_))
        })
    }
}

impl Space {
    /// Assumptions of a contradiction without those that are not needed for it: none of `core`
    /// that are left can be left out. `always` are assumed as well.
    fn minimal(&mut self, mut core: Vec<Lit>, always: &[Lit]) -> Vec<Lit> {
        let mut at = core.len();
        while at > 0 {
            at -= 1;
            if at >= core.len() {
                continue;
            }
            let left_out = core.remove(at);
            let assumptions: Vec<Lit> = always.iter().chain(&core).copied().collect();
            match self.search(&assumptions, &mut |_| true) {
                Answer::No(smaller) => core.retain(|literal| smaller.contains(literal)),
                Answer::Yes(_) | Answer::Unknown(_) => core.insert(at, left_out),
            }
        }
        core
    }
}
