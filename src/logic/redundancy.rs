//! Which rules can be left out without any call being decided differently. Owns the order in which
//! they are, so that they can all be left out at once.

use std::rc::Rc;

use super::Logic;
use super::questions::Found;
use super::reach::Reachability;

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
const MAX_SUCCESSORS: usize = 4;

impl Logic {
    /// The rules that can be left out, all of them together, so that every call is decided alike:
    /// with the same outcome, approver and constraints, be it by another rule. Rules that never
    /// decide are not listed; the others can be left out whether those are left out too or stay. Nor
    /// are rules of which a call would fall to the default: they give its decision a name. In order.
    pub fn redundant_rules(&mut self) -> Vec<Redundancy> {
        let count = self.bundle.rules.len();
        let decides = |rule| {
            !matches!(
                self.reachable(rule),
                Reachability::Hidden(_) | Reachability::Impossible(_)
            )
        };
        let mut kept: Vec<bool> = (0..count).map(decides).collect();
        // What never decides may do so once the rule is gone that hides it.
        let mut kept_with_hidden = vec![true; count];
        let mut redundant = Vec::new();
        // From the last to the first, so that one that stands in for others is still there.
        for rule in (0..count).rev() {
            if kept.get(rule) != Some(&true) {
                continue;
            }
            if let Some(found) = self.redundancy(rule, &kept)
                && self.redundancy(rule, &kept_with_hidden).is_some()
                && !self.falls_to_default(rule, &kept)
            {
                redundant.push(found);
                for kept in [&mut kept, &mut kept_with_hidden] {
                    if let Some(kept) = kept.get_mut(rule) {
                        *kept = false;
                    }
                }
            }
        }
        redundant.reverse();
        redundant
    }

    /// Whether one rule alone can be left out so that every call is decided alike. `None` if not,
    /// or if that is not known.
    pub fn redundant(&mut self, rule: usize) -> Option<Redundancy> {
        self.redundancy(rule, &vec![true; self.bundle.rules.len()])
    }

    fn redundancy(&mut self, rule: usize, kept: &[bool]) -> Option<Redundancy> {
        let is_kept = |rule: usize| kept.get(rule) == Some(&true);
        // The default comes after the last rule.
        let effects = Rc::clone(&self.effects);
        let is_alike = |other: usize| effects.get(other) == effects.get(rule);
        let default_is_alike = is_alike(kept.len());

        // A call that is known to be decided by the rule may show it at once.
        if let Some(Some(Reachability::Reachable(witness))) = self.reachable.get(rule) {
            let satisfied = self.conditions.satisfied(witness);
            let next = satisfied
                .into_iter()
                .find(|&next| next > rule && is_kept(next));
            if !next.map_or(default_is_alike, is_alike) {
                return None;
            }
        }
        // Whoever decides otherwise comes before all that decide alike.
        let differs = |logic: &mut Self, next: Option<usize>| {
            let hold: Vec<usize> = std::iter::once(rule).chain(next).collect();
            let end = next.unwrap_or(usize::MAX);
            let fails = |other: usize| {
                is_kept(other) && (other < rule || (rule < other && other < end && is_alike(other)))
            };
            !matches!(logic.conditions.ask(&hold, &fails), Found::None(_))
        };
        if !default_is_alike && differs(self, None) {
            return None;
        }
        for next in (rule + 1..kept.len()).filter(|&next| is_kept(next) && !is_alike(next)) {
            if self.outlines.may_overlap(rule, next) && differs(self, Some(next)) {
                return None;
            }
        }
        Some(Redundancy {
            rule,
            successors: self.successors(rule, kept),
        })
    }

    /// Whether the default may decide a call of a rule when it is left out.
    fn falls_to_default(&mut self, rule: usize, kept: &[bool]) -> bool {
        let fails = |other: usize| other != rule && kept.get(other) == Some(&true);
        !matches!(self.conditions.ask(&[rule], &fails), Found::None(_))
    }

    /// Who decides the calls of a rule when it is left out.
    fn successors(&mut self, rule: usize, kept: &[bool]) -> Vec<Option<usize>> {
        let is_kept = |rule: usize| kept.get(rule) == Some(&true);
        let mut successors: Vec<Option<usize>> = Vec::new();
        while successors.len() < MAX_SUCCESSORS {
            let fails =
                |other: usize| is_kept(other) && other < rule || successors.contains(&Some(other));
            let Found::Call(call) = self.conditions.ask(&[rule], &fails) else {
                break;
            };
            let satisfied = self.conditions.satisfied(&call);
            let next = satisfied
                .into_iter()
                .find(|&next| next > rule && is_kept(next));
            successors.push(next);
            if next.is_none() {
                break;
            }
        }
        successors.sort_unstable_by_key(|next| next.unwrap_or(usize::MAX));
        successors
    }
}
