//! Which rules can be left out without any call being decided differently. Owns the order in which
//! they are, so that they can all be left out at once.

use super::decided::Effect;
use super::reach::Reachability;
use super::search::Answer;
use super::witness::Witness;
use super::{Lit, Logic};

/// A rule that can be left out although it decides calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redundancy {
    /// Its index.
    pub rule: usize,
    /// Who decides its calls alike when it is left out: later rules in order, last `None` for the
    /// default. Not more than four are named.
    pub successors: Vec<Option<usize>>,
}

/// How many of the rules are named that would decide in place of one.
pub(super) const MAX_SUCCESSORS: usize = 4;

impl Logic<'_> {
    /// The rules that can be left out, all of them together, so that every call is decided alike:
    /// with the same outcome, approver and constraints, be it by another rule. Rules that never
    /// decide are taken to be left out already and are not listed. In order.
    pub fn redundant_rules(&mut self) -> Vec<Redundancy> {
        let decides = |logic: &mut Self, rule| {
            !matches!(
                logic.reachable(rule),
                Reachability::Hidden(_) | Reachability::Impossible(_)
            )
        };
        let count = self.rules.len();
        let mut kept: Vec<bool> = (0..count).map(|rule| decides(self, rule)).collect();
        let mut redundant = Vec::new();
        // From the last to the first, so that one that stands in for others is still there.
        for rule in (0..count).rev() {
            if kept.get(rule) != Some(&true) {
                continue;
            }
            if let Some(found) = self.redundancy(rule, &kept) {
                redundant.push(found);
                if let Some(kept) = kept.get_mut(rule) {
                    *kept = false;
                }
            }
        }
        redundant.reverse();
        redundant
    }

    /// Whether one rule alone can be left out so that every call is decided alike. `None` if not,
    /// or if that is not known.
    pub fn redundant(&mut self, rule: usize) -> Option<Redundancy> {
        self.redundancy(rule, &vec![true; self.rules.len()])
    }

    fn redundancy(&mut self, rule: usize, kept: &[bool]) -> Option<Redundancy> {
        let own = self.effects.effect(self.bundle, Some(rule));
        let is_kept = |rule: usize| kept.get(rule) == Some(&true);
        // A call that is known to be decided by the rule may show it at once.
        if let Some(Some(Reachability::Reachable(witness))) = self.reachable.get(rule) {
            let matching = self.evaluator.matching(witness);
            let next = matching
                .into_iter()
                .find(|&next| next > rule && is_kept(next));
            if self.effects.effect(self.bundle, next) != own {
                return None;
            }
        }
        let mut assumptions = vec![self.holds(rule)];
        assumptions.extend(
            (0..rule)
                .filter(|&rule| is_kept(rule))
                .map(|rule| !self.holds(rule)),
        );
        let differs = self.decided_otherwise(
            own,
            (rule + 1..self.rules.len()).filter(|&rule| is_kept(rule)),
        );
        assumptions.push(differs);
        let Self {
            space,
            evaluator,
            effects,
            bundle,
            ..
        } = self;
        let mut successor = |call: &Witness| {
            let matching = evaluator.matching(call);
            let mut kept = matching.into_iter().filter(|&rule| is_kept(rule));
            (kept.next() == Some(rule)).then(|| kept.next())
        };
        let mut shows = |call: &Witness| {
            successor(call).is_some_and(|next| effects.effect(bundle, next) != own)
        };
        match space.search(&assumptions, &mut shows) {
            Answer::Yes(_) | Answer::Unknown(_) => return None,
            Answer::No(_) => assumptions.pop(),
        };
        // Who stands in: each one found is ruled out to find the next.
        let mut successors = Vec::new();
        while successors.len() < MAX_SUCCESSORS {
            let mut next = None;
            let mut another = |call: &Witness| {
                let found = successor(call).filter(|found| !successors.contains(found));
                next = found.or(next);
                found.is_some()
            };
            let Answer::Yes(_) = space.search(&assumptions, &mut another) else {
                break;
            };
            let Some(next) = next else { break };
            successors.push(next);
            match next.and_then(|next| self.rules.get(next)) {
                Some(rule) => assumptions.push(!rule.holds),
                None => break,
            }
        }
        successors.sort_unstable_by_key(|next| next.unwrap_or(usize::MAX));
        Some(Redundancy { rule, successors })
    }

    /// That the first of these rules that matches, or else the default, has another effect.
    fn decided_otherwise(
        &mut self,
        own: Effect,
        rules: impl DoubleEndedIterator<Item = usize>,
    ) -> Lit {
        let effect = self.effects.effect(self.bundle, None);
        let truth = self.space.sat.truth();
        let mut otherwise = truth.apply_sign(effect != own);
        for rule in rules.rev() {
            let holds = self.holds(rule);
            let sat = &mut self.space.sat;
            otherwise = match self.effects.effect(self.bundle, Some(rule)) == own {
                true => sat.all([!holds, otherwise]),
                false => sat.any([holds, otherwise]),
            };
        }
        otherwise
    }
}
