//! From tree to operations.

use super::strategy::Starts;
use super::{NO_REGISTER, Op, Program, TooLarge, UnitTest};
use crate::ecma::executed::Subject;
use crate::ecma::tree::{Assertion, Direction, Greediness, Node, NodeKind, Pattern};
use crate::ecma::units::UnitSet;
use std::collections::BTreeMap;

/// Far beyond what a pattern of the longest readable text needs.
const MAX_OPS: usize = 1 << 20;

pub(super) fn compile(pattern: &Pattern, subject: Subject) -> Result<Program, TooLarge> {
    let nothing = Node {
        span: pattern.root.span,
        kind: NodeKind::Set(UnitSet::empty()),
    };
    let root = pattern.executed(subject).unwrap_or(nothing);
    let captures = pattern
        .root
        .any(&|node| matches!(node.kind, NodeKind::Backreference(_)));
    let mut compiler = Compiler {
        ops: Vec::new(),
        units: Vec::new(),
        known_units: BTreeMap::new(),
        groups: Vec::new(),
        registers: if captures {
            2 * (pattern.captures + 1)
        } else {
            0
        },
        captures,
        direction: Direction::Ahead,
    };
    compiler.node(&root)?;
    compiler.push(Op::Match)?;
    Ok(Program {
        ops: compiler.ops,
        units: compiler.units,
        groups: compiler.groups,
        registers: compiler.registers,
        starts: Starts::of(pattern),
    })
}

struct Compiler<'p> {
    ops: Vec<Op>,
    units: Vec<UnitTest>,
    known_units: BTreeMap<&'p UnitSet, u32>,
    groups: Vec<Vec<u32>>,
    registers: u32,
    /// Whether anything asks what the groups matched.
    captures: bool,
    /// The direction in which the text is read.
    direction: Direction,
}

impl<'p> Compiler<'p> {
    fn push(&mut self, op: Op) -> Result<usize, TooLarge> {
        if self.ops.len() >= MAX_OPS {
            return Err(TooLarge);
        }
        self.ops.push(op);
        Ok(self.ops.len() - 1)
    }

    fn here(&self) -> u32 {
        self.ops.len() as u32
    }

    fn set(&mut self, at: usize, op: Op) {
        if let Some(slot) = self.ops.get_mut(at) {
            *slot = op;
        }
    }

    fn register(&mut self) -> u32 {
        self.registers += 1;
        self.registers - 1
    }

    fn unit_test(&mut self, set: &'p UnitSet) -> u32 {
        let units = &mut self.units;
        *self.known_units.entry(set).or_insert_with(|| {
            units.push(UnitTest::new(set.clone()));
            units.len() as u32 - 1
        })
    }

    fn node(&mut self, node: &'p Node) -> Result<(), TooLarge> {
        match &node.kind {
            NodeKind::Empty => Ok(()),
            NodeKind::Set(set) => {
                let test = self.unit_test(set);
                let direction = self.direction;
                self.push(Op::Unit { test, direction }).map(drop)
            }
            NodeKind::Concat(parts) => match self.direction {
                Direction::Ahead => parts.iter().try_for_each(|part| self.node(part)),
                Direction::Behind => parts.iter().rev().try_for_each(|part| self.node(part)),
            },
            NodeKind::Alternation(parts) => self.alternation(parts),
            NodeKind::Group { node, capture } => match capture {
                Some(number) if self.captures => self.capture(node, *number),
                _ => self.node(node),
            },
            NodeKind::Repeat {
                node,
                min,
                max,
                greediness,
            } => self.repeat(node, *min, *max, *greediness),
            NodeKind::Look {
                node,
                direction,
                polarity,
            } => {
                let look = self.push(Op::Match)?;
                let outside = std::mem::replace(&mut self.direction, *direction);
                self.node(node)?;
                self.direction = outside;
                self.push(Op::Hold)?;
                let (polarity, next) = (*polarity, self.here());
                self.set(look, Op::Look { polarity, next });
                Ok(())
            }
            NodeKind::Assertion(assertion) => {
                use crate::ecma::tree::Polarity::{Negative, Positive};
                let op = match assertion {
                    Assertion::Start => Op::Start,
                    Assertion::End => Op::End,
                    Assertion::WordBoundary => Op::Boundary { polarity: Positive },
                    Assertion::NotWordBoundary => Op::Boundary { polarity: Negative },
                };
                self.push(op).map(drop)
            }
            NodeKind::Backreference(numbers) => {
                self.groups.push(numbers.clone());
                let groups = self.groups.len() as u32 - 1;
                let direction = self.direction;
                self.push(Op::Backreference { groups, direction }).map(drop)
            }
        }
    }

    fn alternation(&mut self, parts: &'p [Node]) -> Result<(), TooLarge> {
        let mut ends = Vec::with_capacity(parts.len());
        for (index, part) in parts.iter().enumerate() {
            if index + 1 == parts.len() {
                self.node(part)?;
                break;
            }
            let fork = self.push(Op::Match)?;
            self.node(part)?;
            ends.push(self.push(Op::Match)?);
            let other = self.here();
            self.set(fork, Op::Fork { other });
        }
        let to = self.here();
        for end in ends {
            self.set(end, Op::Jump { to });
        }
        Ok(())
    }

    /// Reading backwards meets the end of a group first.
    fn capture(&mut self, node: &'p Node, number: u32) -> Result<(), TooLarge> {
        let (first, second) = match self.direction {
            Direction::Ahead => (2 * number, 2 * number + 1),
            Direction::Behind => (2 * number + 1, 2 * number),
        };
        self.push(Op::Save { register: first })?;
        self.node(node)?;
        self.push(Op::Save { register: second }).map(drop)
    }

    fn repeat(
        &mut self,
        node: &'p Node,
        min: u32,
        max: Option<u32>,
        greediness: Greediness,
    ) -> Result<(), TooLarge> {
        if max == Some(0) {
            return Ok(());
        }
        if let Some(set) = self.bare_set(node) {
            let test = self.unit_test(set);
            let op = Op::Units {
                test,
                direction: self.direction,
                min,
                max: max.unwrap_or(u32::MAX),
                greediness,
            };
            return self.push(op).map(drop);
        }
        let nullable = node.min_width() == 0;
        match (min, max) {
            (0, None) => {
                let start = self.choice(greediness)?;
                self.turn(node, nullable, NO_REGISTER, 0)?;
                self.push(Op::Jump { to: start as u32 })?;
                self.resolve(start, greediness);
            }
            (0, Some(1)) => {
                let start = self.choice(greediness)?;
                self.turn(node, nullable, NO_REGISTER, 0)?;
                self.resolve(start, greediness);
            }
            (1, None) if !nullable => {
                let to = self.here();
                self.turn(node, nullable, NO_REGISTER, 0)?;
                let op = match greediness {
                    Greediness::Greedy => Op::ForkAway { first: to },
                    Greediness::Lazy => Op::Fork { other: to },
                };
                self.push(op)?;
            }
            _ => {
                let counter = self.register();
                self.push(Op::Reset { register: counter })?;
                let start = self.push(Op::Match)?;
                self.turn(node, nullable, counter, min)?;
                self.push(Op::Jump { to: start as u32 })?;
                let exit = self.here();
                let max = max.unwrap_or(u32::MAX);
                self.set(
                    start,
                    Op::Turn {
                        counter,
                        min,
                        max,
                        greediness,
                        exit,
                    },
                );
            }
        }
        Ok(())
    }

    /// The set, when that is all there is and no group has to be stored.
    fn bare_set(&self, node: &'p Node) -> Option<&'p UnitSet> {
        match &node.kind {
            NodeKind::Set(set) => Some(set),
            NodeKind::Group { node, capture } if capture.is_none() || !self.captures => {
                self.bare_set(node)
            }
            _ => None,
        }
    }

    fn choice(&mut self, greediness: Greediness) -> Result<usize, TooLarge> {
        self.push(match greediness {
            Greediness::Greedy => Op::Fork { other: 0 },
            Greediness::Lazy => Op::ForkAway { first: 0 },
        })
    }

    /// Lets the choice at `start` leave the loop to here.
    fn resolve(&mut self, start: usize, greediness: Greediness) {
        let here = self.here();
        self.set(
            start,
            match greediness {
                Greediness::Greedy => Op::Fork { other: here },
                Greediness::Lazy => Op::ForkAway { first: here },
            },
        );
    }

    fn turn(
        &mut self,
        node: &'p Node,
        nullable: bool,
        counter: u32,
        min: u32,
    ) -> Result<(), TooLarge> {
        if self.captures
            && let Some((from, to)) = node.captures()
        {
            self.push(Op::Forget {
                from: 2 * from,
                to: 2 * to + 1,
            })?;
        }
        if !nullable {
            return self.node(node);
        }
        let mark = self.register();
        self.push(Op::Mark { register: mark })?;
        self.node(node)?;
        self.push(Op::Progress { mark, counter, min }).map(drop)
    }
}
