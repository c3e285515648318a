//! What the condition of one rule says by itself. Owns contradictions and idle parts; knows no
//! other rules.

use super::questions::Found;
use super::sat::Lit;
use super::search::Answer;
use super::space::Space;
use super::{Logic, Part, Reachability};

/// A part of a condition that holds whenever others do, so that it can be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Implied {
    /// The part.
    pub part: Part,
    /// The other parts that imply it, each of which is needed for that; none if it holds for every
    /// call.
    pub by: Vec<Part>,
}

/// A part and what it says.
type Literal = (Part, Lit);

impl Logic {
    /// What the parts of a condition are that can never hold together: none of them can be left
    /// out. `None` if the condition can hold or it is not known whether it can.
    pub fn contradiction(&mut self, rule: usize) -> Option<Vec<Part>> {
        match self.reachable(rule) {
            // Some call satisfies it.
            Reachability::Reachable(_) => None,
            _ => self.own_contradiction(rule),
        }
    }

    /// The same, whatever is known of the rule among others.
    pub(super) fn own_contradiction(&mut self, rule: usize) -> Option<Vec<Part>> {
        let Found::None(_) = self.conditions.ask(&[rule], &|_| false) else {
            return None;
        };
        let (mut space, conjunction) = self.conditions.alone(rule)?;
        let core = excluding(&mut space, &conjunction.parts, None);
        Some(needed(&mut space, core.unwrap_or(conjunction.parts), None))
    }

    /// The parts of a rule's condition that can be left out, all of them together, in order. None
    /// if the condition can never hold.
    pub fn implied(&mut self, rule: usize) -> Vec<Implied> {
        let Some((mut space, conjunction)) = self.conditions.alone(rule) else {
            return Vec::new();
        };
        if excluding(&mut space, &conjunction.parts, None).is_some() {
            return Vec::new();
        }
        let mut parts = conjunction.parts;
        let mut implied = Vec::new();
        // Of two that imply each other the later one can be left out.
        for at in (0..parts.len()).rev() {
            let (part, literal) = parts.remove(at);
            if let Some(core) = excluding(&mut space, &parts, Some(!literal)) {
                let by = needed(&mut space, core, Some(!literal));
                implied.push(Implied { part, by });
            } else {
                parts.insert(at, (part, literal));
            }
        }
        implied.reverse();
        implied
    }
}

/// Of parts that no call satisfies together with the literal, some that are enough for that;
/// `None` if there is such a call or it is not known whether there is.
fn excluding(space: &mut Space, parts: &[Literal], literal: Option<Lit>) -> Option<Vec<Literal>> {
    let literals = parts.iter().map(|&(_, literal)| literal);
    let assumptions: Vec<Lit> = literals.chain(literal).collect();
    let Answer::No(core) = space.search(&assumptions, None) else {
        return None;
    };
    let needed = parts.iter().filter(|(_, literal)| core.contains(literal));
    Some(needed.cloned().collect())
}

/// Of parts that no call satisfies together with the literal, some of which none can be left out.
fn needed(space: &mut Space, mut parts: Vec<Literal>, literal: Option<Lit>) -> Vec<Part> {
    let mut at = parts.len();
    while at > 0 {
        at -= 1;
        let mut fewer = parts.clone();
        fewer.remove(at);
        if let Some(enough) = excluding(space, &fewer, literal) {
            parts = enough;
            at = at.min(parts.len());
        }
    }
    parts.into_iter().map(|(part, _)| part).collect()
}
