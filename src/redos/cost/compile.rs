//! From a graph to nodes in the order of their evaluation.

use super::super::alphabet::Alphabet;
use super::super::graph::{self, Graph, Purpose, Step, StepId};
use super::super::hash::Map;
use super::{Node, Part, Pricer};
use crate::ecma::Starts;
use crate::ecma::{Direction, Pattern, Subject, UnitSet};

/// Why a pattern cannot be priced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::redos) enum Failure {
    /// It has too many steps.
    TooLarge,
    /// It matches no text of this kind.
    Nothing,
}

impl Pricer {
    /// Prepares a pattern for texts of one kind, over the classes of an alphabet that respects
    /// it, with at most `limit` steps.
    pub(in crate::redos) fn new(
        pattern: &Pattern,
        subject: Subject,
        alphabet: &Alphabet,
        limit: usize,
    ) -> Result<Self, Failure> {
        let root = pattern.executed(subject).ok_or(Failure::Nothing)?;
        let graph = graph::build(&root, Direction::Ahead, Purpose::Cost, limit)
            .map_err(|_| Failure::TooLarge)?
            .graph;
        Compiler::new(&graph, alphabet, limit).run(Starts::of(pattern))
    }
}

struct Compiler<'g> {
    graph: &'g Graph,
    alphabet: &'g Alphabet,
    limit: usize,
    nodes: Vec<Node>,
    /// The node of each step, by the turns that have consumed nothing so far.
    known: Map<(StepId, u64), u32>,
    sets: Vec<Vec<u64>>,
}

impl<'g> Compiler<'g> {
    fn new(graph: &'g Graph, alphabet: &'g Alphabet, limit: usize) -> Self {
        Self {
            graph,
            alphabet,
            limit,
            nodes: Vec::new(),
            known: Map::default(),
            sets: graph.sets.iter().map(|set| alphabet.members(set)).collect(),
        }
    }

    fn run(mut self, starts: Starts) -> Result<Pricer, Failure> {
        let graph = self.graph;
        let mut entries: Vec<(StepId, Direction)> = graph.looks.clone();
        entries.push((graph.entry, Direction::Ahead));
        // Where each part goes on after a code unit of a set.
        let mut units: Vec<Vec<(u32, StepId)>> = vec![Vec::new(); entries.len()];
        for step in &graph.steps {
            if let Step::Unit {
                set, next, part, ..
            } = *step
            {
                let index = (part as usize).checked_sub(1).unwrap_or(graph.looks.len());
                if let Some(units) = units.get_mut(index) {
                    units.push((set, next));
                }
            }
        }
        let mut parts = Vec::with_capacity(entries.len());
        for ((entry, direction), units) in entries.into_iter().zip(units) {
            parts.push(self.part(entry, direction, &units)?);
        }
        for step in &graph.steps {
            if let Step::Refer { next, .. } = *step {
                self.node(next, 0)?;
            }
        }
        for node in &mut self.nodes {
            if let Node::Unit { next, .. } | Node::Refer { consumed: next, .. } = node {
                *next = self.known.get(&(*next, 0)).copied().unwrap_or(0);
            }
        }
        let words = self.alphabet.len().div_ceil(64);
        let word = self.alphabet.members(&UnitSet::word());
        let prices = vec![super::FAILED; self.nodes.len()];
        Ok(Pricer {
            columns: Vec::new(),
            known: Map::default(),
            looked: Vec::new(),
            tables: Vec::new(),
            here: prices.clone(),
            beyond: prices,
            results: Vec::new(),
            memory: super::recall::Memory::default(),
            nodes: self.nodes,
            sets: self.sets.concat(),
            words,
            word: (0..self.alphabet.len())
                .map(|class| contains(&word, class))
                .collect(),
            parts,
            starts,
            references: graph.references.clone(),
            referred: graph.referred,
        })
    }

    fn part(
        &mut self,
        entry: StepId,
        direction: Direction,
        units: &[(u32, StepId)],
    ) -> Result<Part, Failure> {
        let entry = self.node(entry, 0)?;
        let mut next = Vec::with_capacity(units.len());
        for &(set, step) in units {
            next.push((set, self.node(step, 0)?));
        }
        Ok(Part {
            direction,
            entry,
            units: next,
        })
    }

    /// The node of a step; nodes for all that it leads to without consuming come before it. There
    /// is no way around in a circle: an empty turn fails.
    fn node(&mut self, step: StepId, marks: u64) -> Result<u32, Failure> {
        let mut stack = vec![(step, marks)];
        while let Some(&(id, marks)) = stack.last() {
            if self.known.contains_key(&(id, marks)) {
                stack.pop();
                continue;
            }
            let step = self.graph.steps.get(id as usize).copied();
            let step = step.unwrap_or(Step::Fail);
            let ways = ways(step, marks);
            let before = stack.len();
            for way in ways.into_iter().flatten() {
                if !self.known.contains_key(&way) {
                    stack.push(way);
                }
            }
            if stack.len() > before {
                continue;
            }
            stack.pop();
            let node = self.translate(step, marks)?;
            self.known.insert((id, marks), node);
        }
        self.known
            .get(&(step, marks))
            .copied()
            .ok_or(Failure::TooLarge)
    }

    fn at(&self, way: (StepId, u64)) -> u32 {
        self.known.get(&way).copied().unwrap_or(0)
    }

    /// The node of a step whose ways all have theirs.
    fn translate(&mut self, step: Step, marks: u64) -> Result<u32, Failure> {
        let node = match step {
            Step::Match => Node::Match,
            Step::Fail | Step::Bar => Node::Fail,
            // What follows is a step still, until all steps have their nodes.
            Step::Unit {
                set, next, part, ..
            } => {
                let look = (part as usize).checked_sub(1);
                let look = look.and_then(|look| self.graph.looks.get(look));
                Node::Unit {
                    set,
                    direction: look.map_or(Direction::Ahead, |&(_, direction)| direction),
                    next,
                }
            }
            Step::Split { first, second } => Node::Split {
                first: self.at((first, marks)),
                second: self.at((second, marks)),
            },
            Step::Assert { assertion, next } => Node::Assert {
                assertion,
                next: self.at((next, marks)),
            },
            Step::Save { bound, next } => Node::Save {
                bound,
                next: self.at((next, marks)),
            },
            Step::Forget {
                first,
                beyond,
                next,
            } => Node::Forget {
                first,
                beyond,
                next: self.at((next, marks)),
            },
            Step::Refer {
                reference,
                direction,
                next,
            } => Node::Refer {
                reference,
                direction,
                // A step still, as for a unit.
                consumed: next,
                empty: self.at((next, marks)),
            },
            Step::Tick { next } => Node::Tick {
                next: self.at((next, marks)),
            },
            Step::Mark { depth, next } => Node::Tick {
                next: self.at((next, marks | 1 << depth)),
            },
            Step::Guard { next, .. } | Step::Unsure { next } => return Ok(self.at((next, marks))),
            Step::Progress { depth, next } => {
                if marks >> depth & 1 == 0 {
                    return Ok(self.at((next, marks)));
                }
                Node::Fail
            }
            Step::Look {
                look,
                polarity,
                next,
            } => Node::Look {
                part: look,
                polarity,
                next: self.at((next, marks)),
            },
        };
        if self.nodes.len() >= self.limit.saturating_mul(4) {
            return Err(Failure::TooLarge);
        }
        self.nodes.push(node);
        Ok(self.nodes.len() as u32 - 1)
    }
}

/// Where a step leads without consuming, and with which empty turns.
fn ways(step: Step, marks: u64) -> [Option<(StepId, u64)>; 2] {
    match step {
        Step::Match | Step::Fail | Step::Bar | Step::Unit { .. } => [None, None],
        Step::Split { first, second } => [Some((first, marks)), Some((second, marks))],
        Step::Assert { next, .. }
        | Step::Tick { next }
        | Step::Guard { next, .. }
        | Step::Unsure { next }
        | Step::Save { next, .. }
        | Step::Forget { next, .. }
        | Step::Refer { next, .. }
        | Step::Look { next, .. } => [Some((next, marks)), None],
        Step::Mark { depth, next } => [Some((next, marks | 1 << depth)), None],
        Step::Progress { depth, next } if marks >> depth & 1 == 0 => [Some((next, marks)), None],
        Step::Progress { .. } => [None, None],
    }
}

fn contains(set: &[u64], class: usize) -> bool {
    set.get(class / 64)
        .is_some_and(|bits| bits >> (class % 64) & 1 == 1)
}
