//! Texts that a pattern probably matches. Owns the guess; whoever uses one checks it.

use std::collections::BTreeMap;

use crate::ecma::{Node, NodeKind, Pattern, Polarity, UnitSet};

/// Ways to guess.
const VARIANTS: usize = 8;
/// Longest guess in code units.
const LONGEST: usize = 2_000;

/// Different texts that a pattern probably matches, the plainest first.
pub(super) fn samples(pattern: &Pattern) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for variant in 0..VARIANTS {
        let mut sampler = Sampler {
            variant,
            units: Vec::new(),
            captures: BTreeMap::new(),
        };
        sampler.visit(&pattern.root);
        if let Ok(text) = String::from_utf16(&sampler.units)
            && !found.contains(&text)
        {
            found.push(text);
        }
    }
    found
}

struct Sampler {
    /// Selects among alternatives and, if odd, one turn more than needed.
    variant: usize,
    units: Vec<u16>,
    captures: BTreeMap<u32, Vec<u16>>,
}

impl Sampler {
    fn visit(&mut self, node: &Node) {
        if self.units.len() > LONGEST {
            return;
        }
        match &node.kind {
            NodeKind::Empty | NodeKind::Assertion(_) => {}
            NodeKind::Set(set) => self.units.extend(readable(set)),
            NodeKind::Concat(parts) => parts.iter().for_each(|part| self.visit(part)),
            NodeKind::Alternation(parts) => {
                let chosen = self.variant / 2 % parts.len().max(1);
                parts
                    .iter()
                    .skip(chosen)
                    .take(1)
                    .for_each(|part| self.visit(part));
            }
            NodeKind::Repeat { node, min, max, .. } => {
                let more = min.saturating_add((self.variant % 2) as u32);
                let turns = max.map_or(more, |max| more.min(max));
                for _ in 0..turns {
                    self.visit(node);
                    if self.units.len() > LONGEST {
                        break;
                    }
                }
            }
            NodeKind::Group { node, capture } => {
                let start = self.units.len();
                self.visit(node);
                if let Some(number) = capture {
                    let captured = self.units.get(start..).unwrap_or_default().to_vec();
                    self.captures.insert(*number, captured);
                }
            }
            // What is looked for may as well be there.
            NodeKind::Look { node, polarity, .. } => {
                if *polarity == Polarity::Positive {
                    self.visit(node);
                }
            }
            NodeKind::Backreference(numbers) => {
                let captured = numbers.iter().find_map(|number| self.captures.get(number));
                self.units.extend(captured.cloned().unwrap_or_default());
            }
        }
    }
}

/// The member of a set that people like best to read.
fn readable(set: &UnitSet) -> Option<u16> {
    let liked = [
        UnitSet::range(b'a'.into(), b'z'.into()),
        UnitSet::digits(),
        UnitSet::singleton(b' '.into()),
        UnitSet::range(b'!'.into(), b'~'.into()),
        UnitSet::range(0xA1, 0xD7FF),
        UnitSet::full(),
    ];
    liked
        .iter()
        .find_map(|liked| set.intersection(liked).first())
}
