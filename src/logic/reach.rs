//! Whether a rule can ever decide. Owns the answer and who hides a rule.

use super::questions::Found;
use super::search::Undecided;
use super::witness::Witness;
use super::{Logic, Part};

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

impl Logic {
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
        let needed = match self.conditions.ask(&[rule], &|other| other < rule) {
            Found::Call(witness) => return Reachability::Reachable(witness),
            Found::Unknown(why) => return Reachability::Unknown(why),
            Found::None(needed) => needed,
        };
        let by = self.conditions.fewest(&[rule], &needed);
        match by.is_empty() {
            true => Reachability::Impossible(self.own_contradiction(rule).unwrap_or_default()),
            false => Reachability::Hidden(by),
        }
    }
}
