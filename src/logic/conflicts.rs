//! Calls that an earlier rule allows although a later one means to stop them. Owns which overlaps
//! are contradictions and which are the way exceptions are written.

use std::collections::BTreeSet;

use super::Logic;
use super::search::Answer;
use super::witness::Witness;
use crate::model::bundle::Names;
use crate::model::decision::Outcome;

/// An earlier rule allows calls that a later one would not.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// The earlier rule, of outcome ALLOW.
    pub allowing: usize,
    /// The later rule, of another outcome.
    pub stopping: usize,
    /// A call that satisfies both and that the earlier one decides.
    pub witness: Box<Witness>,
}

/// For one later rule, so many earlier ones are named.
const MAX_ALLOWING: usize = 8;

impl Logic<'_> {
    /// The pairs of an ALLOW and a later rule that would not let the call through, where some call
    /// that the first decides satisfies the second as well, and neither is an exception to the
    /// other. In order of the later rule, then of the earlier one.
    ///
    /// Rules that overlap with opposite outcomes are how exceptions are written, and first match
    /// says which wins; what is left is what Al-Shaer and Hamed ("Discovery of policy anomalies in
    /// distributed firewalls", 2004) call a correlation. Of these only one direction is a hole: a
    /// DENY before an ALLOW errs on the safe side. Not taken for a conflict is a later rule that
    /// covers all of the earlier one ("allow this, deny the rest"), or that asks nothing of the
    /// call but where it is made, on any tool: it can only be meant for the rest.
    pub fn conflicts(&mut self) -> Vec<Conflict> {
        let mut conflicts = Vec::new();
        // That an ALLOW decides among the rules so far, and that none holds.
        let mut allowed = !self.space.sat.truth();
        let mut none = self.space.sat.truth();
        let rules = self.bundle.rules.iter().enumerate();
        let rules: Vec<(usize, bool, bool)> = rules
            .map(|(number, rule)| {
                let for_the_rest = rule.when.is_none()
                    && matches!(&rule.matches.tool_name, Names::One(name) if name == "*");
                (number, rule.outcome == Outcome::Allow, for_the_rest)
            })
            .collect();
        for (rule, allows, for_the_rest) in rules {
            let holds = self.holds(rule);
            if allows {
                let sat = &mut self.space.sat;
                let decides = sat.all([none, holds]);
                allowed = sat.any([allowed, decides]);
            } else if !for_the_rest {
                self.conflicts_with(rule, allowed, &mut conflicts);
            }
            none = self.space.sat.all([none, !holds]);
        }
        conflicts
    }

    fn conflicts_with(&mut self, rule: usize, allowed: super::Lit, conflicts: &mut Vec<Conflict>) {
        let first = conflicts.len();
        let mut assumptions = vec![self.holds(rule), allowed];
        let mut seen = BTreeSet::new();
        while seen.len() < MAX_ALLOWING {
            let bundle = self.bundle;
            let Self {
                space, evaluator, ..
            } = self;
            let mut allowing = None;
            let mut shows = |call: &Witness| {
                let matching = evaluator.matching(call);
                let decides = matching.first().copied().filter(|first| {
                    let rule = bundle.rules.get(*first);
                    rule.is_some_and(|rule| rule.outcome == Outcome::Allow) && !seen.contains(first)
                });
                let shows = decides.is_some() && matching.contains(&rule);
                if shows {
                    allowing = decides;
                }
                shows
            };
            let Answer::Yes(witness) = space.search(&assumptions, &mut shows) else {
                break;
            };
            let Some(allowing) = allowing else { break };
            assumptions.push(!self.holds(allowing));
            seen.insert(allowing);
            if !self.implies(allowing, rule) {
                conflicts.push(Conflict {
                    allowing,
                    stopping: rule,
                    witness,
                });
            }
        }
        if let Some(new) = conflicts.get_mut(first..) {
            new.sort_by_key(|conflict| conflict.allowing);
        }
    }

    /// Whether every call that satisfies one rule satisfies the other, for all that is known.
    fn implies(&mut self, rule: usize, other: usize) -> bool {
        let assumptions = [self.holds(rule), !self.holds(other)];
        let Self {
            space, evaluator, ..
        } = self;
        let mut differs = |call: &Witness| {
            let matching = evaluator.matching(call);
            matching.contains(&rule) && !matching.contains(&other)
        };
        !matches!(space.search(&assumptions, &mut differs), Answer::Yes(_))
    }
}
