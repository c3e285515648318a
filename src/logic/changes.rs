//! What is decided differently by another bundle. Owns the comparison of two.

use std::collections::BTreeMap;

use super::decided::{Decided, Effect, Effects};
use super::outline::Outlines;
use super::questions::{Conditions, Found};
use super::search::Undecided;
use super::witness::Witness;
use crate::model::bundle::{Bundle, Rule};
use crate::model::decision::Outcome;

/// What two bundles decide differently.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// For each pair of outcomes that some call would see change, one such call; in the order of
    /// the pairs.
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

/// Compares what two bundles decide, whatever their rules are called and however they say it:
/// outcome, approver and constraints of every possible call.
pub fn diff(old: &Bundle, new: &Bundle) -> Comparison {
    let mut pair = Pair::new(old, new);
    let mut undecided = None;
    // Each rule of either bundle against those of the other that may decide the same calls
    // differently. A pair of outcomes for which there is a call is done.
    for was in 0..=old.rules.len() {
        for is in 0..=new.rules.len() {
            if !pair.is_of_interest(was, is) {
                continue;
            }
            match pair.ask(was, is) {
                Found::Call(call) => pair.add(call),
                Found::None(_) => {}
                Found::Unknown(why) => undecided = Some(why),
            }
        }
    }
    Comparison {
        changes: pair.changes.into_values().collect(),
        undecided,
    }
}

/// Two bundles whose rules are conditions of one list, the old ones first.
struct Pair<'b> {
    old: Side<'b>,
    new: Side<'b>,
    conditions: Conditions,
    outlines: Outlines,
    changes: BTreeMap<(Outcome, Outcome), Change>,
}

/// One of two bundles. The default has the number after the last rule.
struct Side<'b> {
    bundle: &'b Bundle,
    effects: Vec<Effect>,
    /// For each rule the first of the other bundle that has the same condition.
    twins: Vec<Option<usize>>,
}

impl<'b> Pair<'b> {
    fn new(old: &'b Bundle, new: &'b Bundle) -> Self {
        let rules: Vec<_> = old.rules.iter().chain(&new.rules).cloned().collect();
        let mut effects = Effects::default();
        let mut side = |bundle: &'b Bundle, other: &Bundle| Side {
            bundle,
            effects: effects.of(bundle),
            twins: twins(&bundle.rules, &other.rules),
        };
        Self {
            old: side(old, new),
            new: side(new, old),
            outlines: Outlines::of(&rules),
            conditions: Conditions::new(rules),
            changes: BTreeMap::new(),
        }
    }

    /// Whether the old rule and the new one decide differently, there is no such change yet, and
    /// it is not plain that no call is decided by both.
    fn is_of_interest(&self, was: usize, is: usize) -> bool {
        let new_rule = self.old.bundle.rules.len() + is;
        let is_default = was == self.old.bundle.rules.len() || is == self.new.bundle.rules.len();
        self.old.effects.get(was) != self.new.effects.get(is)
            && !self.old.is_taken_before(was, is)
            && !self.new.is_taken_before(is, was)
            && (is_default || self.outlines.may_overlap(was, new_rule))
            && !self
                .changes
                .contains_key(&(self.old.outcome(was), self.new.outcome(is)))
    }

    fn ask(&mut self, was: usize, is: usize) -> Found {
        let split = self.old.bundle.rules.len();
        let old = (was < split).then_some(was);
        let new = (is < self.new.bundle.rules.len()).then_some(split + is);
        let hold: Vec<usize> = old.into_iter().chain(new).collect();
        let fails = |other: usize| match other.checked_sub(split) {
            None => other < was,
            Some(other) => other < is,
        };
        self.conditions.ask(&hold, &fails)
    }

    /// Adds the change that a call shows, if it is new.
    fn add(&mut self, witness: Box<Witness>) {
        let split = self.old.bundle.rules.len();
        let satisfied = self.conditions.satisfied(&witness);
        let was = satisfied.iter().copied().find(|&rule| rule < split);
        let is = satisfied.iter().find_map(|rule| rule.checked_sub(split));
        let old = Decided::by(self.old.bundle, was);
        let new = Decided::by(self.new.bundle, is);
        let outcomes = (old.outcome, new.outcome);
        self.changes
            .entry(outcomes)
            .or_insert(Change { old, new, witness });
    }
}

impl Side<'_> {
    fn outcome(&self, rule: usize) -> Outcome {
        Decided::by(self.bundle, Some(rule)).outcome
    }

    /// Whether calls that satisfy a rule satisfy one of the other bundle that comes before
    /// `other`, since that has the same condition.
    fn is_taken_before(&self, rule: usize, other: usize) -> bool {
        let twin = self.twins.get(rule).copied().flatten();
        twin.is_some_and(|twin| twin < other)
    }
}

/// For each rule the first of `others` that has the same condition.
fn twins(rules: &[Rule], others: &[Rule]) -> Vec<Option<usize>> {
    let condition = |rule: &Rule| serde_json::to_string(&(&rule.matches, &rule.when)).ok();
    let mut first = BTreeMap::new();
    for (number, other) in others.iter().enumerate() {
        first.entry(condition(other)).or_insert(number);
    }
    let twin = |rule| first.get(&condition(rule)).copied();
    rules.iter().map(twin).collect()
}
