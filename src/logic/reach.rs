//! Whether a rule can ever decide. Owns the answer and who hides a rule.

use super::search::{Answer, Undecided};
use super::witness::Witness;
use super::{Lit, Logic, Part};

/// Whether a rule can ever decide.
#[derive(Clone, Debug, PartialEq)]
pub enum Reachability {
    /// It decides this call.
    Reachable(Box<Witness>),
    /// Its own condition can never hold, because of these parts.
    Impossible(Vec<Part>),
    /// Whenever its condition holds, so does that of one of these earlier rules, each of which is
    /// needed for that; in order.
    Hidden(Vec<usize>),
    /// It was not found out.
    Unknown(Undecided),
}

impl Logic<'_> {
    /// Whether a rule can ever decide, by its index.
    pub fn reachable(&mut self, rule: usize) -> Reachability {
        if let Some(Some(known)) = self.reachable.get(rule) {
            return known.clone();
        }
        let found = self.find_reachable(rule);
        if let Some(known) = self.reachable.get_mut(rule) {
            *known = Some(found.clone());
        }
        found
    }

    fn find_reachable(&mut self, rule: usize) -> Reachability {
        let holds = self.holds(rule);
        let assumptions: Vec<Lit> = std::iter::once(holds)
            .chain(self.none_before(rule))
            .collect();
        let Self {
            space, evaluator, ..
        } = self;
        let mut decides = |call: &Witness| evaluator.matching(call).first() == Some(&rule);
        let core = match space.search(&assumptions, &mut decides) {
            Answer::Yes(witness) => return Reachability::Reachable(witness),
            Answer::Unknown(why) => return Reachability::Unknown(why),
            Answer::No(core) => core,
        };
        let hiding = core
            .into_iter()
            .filter(|&literal| literal != holds)
            .collect();
        let hiding = space.minimal(hiding, &[holds]);
        if hiding.is_empty() {
            return Reachability::Impossible(self.contradiction(rule).unwrap_or_default());
        }
        // Rules of equal condition share a literal: the first of them is meant.
        let mut by: Vec<usize> = hiding
            .iter()
            .filter_map(|&literal| self.rules.iter().position(|rule| rule.holds == !literal))
            .collect();
        by.sort_unstable();
        Reachability::Hidden(by)
    }
}
