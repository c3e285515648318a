//! Calls that an earlier rule allows although a later one means to stop them. Owns which overlaps
//! are contradictions and which are the way exceptions are written.

use super::Logic;
use super::questions::Found;
use super::reach::Reachability;
use super::witness::Witness;
use crate::model::bundle::{Names, Rule};
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

impl Logic {
    /// The pairs of an ALLOW and a later rule that would not let the call through, where some call
    /// that the first decides satisfies the second as well, and neither is an exception to the
    /// other. In order of the later rule, then of the earlier one; of those, at most `most` for
    /// one later rule.
    ///
    /// Rules that overlap with opposite outcomes are how exceptions are written, and first match
    /// says which wins; what is left is what Al-Shaer and Hamed ("Discovery of policy anomalies in
    /// distributed firewalls", 2004) call a correlation. Of these only one direction is a hole: a
    /// DENY before an ALLOW errs on the safe side. Not taken for a conflict is a later rule that
    /// covers all of the earlier one ("allow this, deny the rest"), or that asks nothing of the
    /// call but where it is made, on any tool: it can only be meant for the rest; nor one that
    /// never decides anyway.
    pub fn conflicts(&mut self, most: usize) -> Vec<Conflict> {
        let mut conflicts = Vec::new();
        let rules = &self.bundle.rules;
        let allowing: Vec<usize> = (0..rules.len())
            .filter(|&rule| has_outcome(rules.get(rule), Outcome::Allow))
            .collect();
        let stopping: Vec<usize> = (0..rules.len())
            .filter(|&rule| !allowing.contains(&rule) && !is_for_the_rest(rules.get(rule)))
            .collect();
        for stopping in stopping {
            if !matches!(self.reachable(stopping), Reachability::Reachable(_)) {
                continue;
            }
            let earlier = allowing
                .iter()
                .copied()
                .take_while(|&allowing| allowing < stopping);
            let pairs = earlier.filter_map(|allowing| self.conflict(allowing, stopping));
            conflicts.extend(pairs.take(most));
        }
        conflicts
    }

    fn conflict(&mut self, allowing: usize, stopping: usize) -> Option<Conflict> {
        if !self.outlines.may_overlap(allowing, stopping) {
            return None;
        }
        let both = self
            .conditions
            .ask(&[allowing, stopping], &|other| other < allowing);
        let Found::Call(witness) = both else {
            return None;
        };
        let outside = self.conditions.ask(&[allowing], &|other| other == stopping);
        matches!(outside, Found::Call(_)).then_some(Conflict {
            allowing,
            stopping,
            witness,
        })
    }
}

fn has_outcome(rule: Option<&Rule>, outcome: Outcome) -> bool {
    rule.is_some_and(|rule| rule.outcome == outcome)
}

/// Whether a rule asks nothing of the call but where it is made, on any tool.
fn is_for_the_rest(rule: Option<&Rule>) -> bool {
    rule.is_some_and(|rule| {
        rule.when.is_none() && matches!(&rule.matches.tool_name, Names::One(name) if name == "*")
    })
}
