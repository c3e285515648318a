//! What the condition of one rule says by itself. Owns contradictions and idle parts; knows no
//! other rules.

use super::questions::Found;
use super::sat::Lit;
use super::search::Answer;
use super::space::Space;
use super::{Logic, Part};

/// A part of a condition that holds whenever others do, so that it can be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Implied {
    /// The part.
    pub part: Part,
    /// The other parts that imply it, each of which is needed for that; none if it holds for every
    /// call.
    pub by: Vec<Part>,
}

impl Logic {
    /// What the parts of a condition are that can never hold together: none of them can be left
    /// out. `None` if the condition can hold or it is not known whether it can.
    pub fn contradiction(&mut self, rule: usize) -> Option<Vec<Part>> {
        let Found::None(_) = self.conditions.ask(&[rule], &|_| false) else {
            return None;
        };
        let (mut space, conjunction) = self.conditions.alone(rule)?;
        Some(needed(&mut space, conjunction.parts, None))
    }

    /// The parts of a rule's condition that can be left out, all of them together, in order. None
    /// if the condition can never hold.
    pub fn implied(&mut self, rule: usize) -> Vec<Implied> {
        let Some((mut space, conjunction)) = self.conditions.alone(rule) else {
            return Vec::new();
        };
        if excludes(&mut space, &conjunction.parts, None) {
            return Vec::new();
        }
        let mut parts = conjunction.parts;
        let mut implied = Vec::new();
        // Of two that imply each other the later one can be left out.
        for at in (0..parts.len()).rev() {
            let (part, literal) = parts.remove(at);
            if excludes(&mut space, &parts, Some(!literal)) {
                let by = needed(&mut space, parts.clone(), Some(!literal));
                implied.push(Implied { part, by });
            } else {
                parts.insert(at, (part, literal));
            }
        }
        implied.reverse();
        implied
    }
}

/// Whether no call satisfies these parts and the literal.
fn excludes(space: &mut Space, parts: &[(Part, Lit)], literal: Option<Lit>) -> bool {
    let literals = parts.iter().map(|&(_, literal)| literal);
    let assumptions: Vec<Lit> = literals.chain(literal).collect();
    matches!(space.search(&assumptions, &mut |_| true), Answer::No(_))
}

/// Of parts that no call satisfies together with the literal, some of which none can be left out.
fn needed(space: &mut Space, mut parts: Vec<(Part, Lit)>, literal: Option<Lit>) -> Vec<Part> {
    for at in (0..parts.len()).rev() {
        let left_out = parts.remove(at);
        if !excludes(space, &parts, literal) {
            parts.insert(at, left_out);
        }
    }
    parts.into_iter().map(|(part, _)| part).collect()
}
