//! A pattern as a graph of elementary steps, counted repetitions unrolled. Owns the ways in which
//! a pattern is unrolled or simplified for a purpose; knows neither texts nor costs.

mod around;
mod guard;
mod repeat;

use crate::diagnostic::Span;
use crate::ecma::{Assertion, Direction, Node, NodeKind, Polarity, UnitSet};
use std::collections::BTreeMap;

pub(super) use guard::Neighbours;
use repeat::Repeat;

/// An index into [`Graph::steps`].
pub(super) type StepId = u32;

/// The steps of a pattern.
#[derive(Debug)]
pub(super) struct Graph {
    pub(super) steps: Vec<Step>,
    pub(super) entry: StepId,
    /// The distinct sets that steps name by index.
    pub(super) sets: Vec<UnitSet>,
    /// The entry of each look-around's part, and which way it reads. A part stands before every
    /// look-around that contains it.
    pub(super) looks: Vec<(StepId, Direction)>,
    /// Whether some step asks for a word boundary.
    pub(super) boundaries: bool,
    /// The groups that each back-reference may stand for, by their place among all groups that
    /// some back-reference stands for.
    pub(super) references: Vec<Vec<u32>>,
    /// How many such groups there are.
    pub(super) referred: usize,
}

/// An elementary step; the field `next` is where it goes on.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// Consumes a code unit of a set.
    Unit {
        set: u32,
        next: StepId,
        /// The outermost unlimited repetition around it, else the code unit's own bytes.
        span: Span,
        /// Which part it belongs to: 0 for the pattern, else one more than an index into `looks`.
        part: u32,
    },
    /// Goes on at `first`, after a failure at `second`.
    Split { first: StepId, second: StepId },
    /// Requires something of the position.
    Assert { assertion: Assertion, next: StepId },
    /// Requires something of a neighbouring code unit.
    Guard { neighbours: u32, next: StepId },
    /// A required turn of a loop whose body can be empty.
    Tick { next: StepId },
    /// An optional turn of such a loop, nested that many deep in others.
    Mark { depth: u32, next: StepId },
    /// The end of that turn: fails when the turn was empty.
    Progress { depth: u32, next: StepId },
    /// Requires that a look-around holds.
    Look {
        look: u32,
        polarity: Polarity,
        next: StepId,
    },
    /// Remembers the position as a bound of what a group matches.
    Save { bound: Bound, next: StepId },
    /// Forgets what some groups matched: a turn around them starts anew.
    Forget {
        first: u32,
        beyond: u32,
        next: StepId,
    },
    /// Consumes what a group matched.
    Refer {
        reference: u32,
        direction: Direction,
        next: StepId,
    },
    /// Goes on although a condition here was left unchecked: a match from here on is uncertain.
    Unsure { next: StepId },
    /// The end of the pattern or of a look-around's part.
    Match,
    /// A way that leads nowhere.
    Fail,
    /// The same, at the end of what a negative look-around looks for: the way past it is barred.
    Bar,
}

/// Where a group's match starts or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bound {
    /// The group's place among those that some back-reference stands for.
    pub(super) group: u32,
    pub(super) side: Side,
}

/// Which bound of a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Start,
    End,
}

/// What a graph is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Counting steps: exactly what is executed.
    Cost,
    /// Finding loops: conditions on neighbours become guards, other look-around a way that leads
    /// nowhere beside one without it, back-references nothing. Counts are unrolled.
    Loops,
    /// As `Loops`, but a repetition that spans more than that many code units counts as unlimited.
    /// Every way of the exact graph has its counterpart here.
    Relaxed(u32),
    /// As `Loops`, for guessing texts: the text of a positive look-around is consumed too, and a
    /// back-reference is what its group is.
    Texts {
        conditions: Conditions,
        /// The code units from which on a repetition counts as unlimited.
        relaxed: Option<u32>,
    },
}

/// Whether there is a way past a look-around that consumes nothing, and past a back-reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Conditions {
    Held,
    Skipped,
}

/// The graph needs more steps than allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

/// A graph, the conditions that its guards name, and the sets those use beyond its own.
#[derive(Debug)]
pub(super) struct Built {
    pub(super) graph: Graph,
    pub(super) guards: Vec<Neighbours>,
    /// Whether there are conditions to be held or skipped.
    pub(super) conditional: bool,
}

/// How deep loops with possibly empty bodies may nest: a bit each.
pub(super) const MAX_MARKS: u32 = 64;

/// Builds the graph of `root`, as executed and read in `direction`, of at most `limit` steps.
pub(super) fn build(
    root: &Node,
    direction: Direction,
    purpose: Purpose,
    limit: usize,
) -> Result<Built, TooLarge> {
    let mut builder = Builder {
        graph: Graph {
            steps: vec![Step::Match, Step::Fail],
            entry: MATCH,
            sets: Vec::new(),
            looks: Vec::new(),
            boundaries: false,
            references: Vec::new(),
            referred: 0,
        },
        referred: Vec::new(),
        guards: Vec::new(),
        conditional: false,
        known: BTreeMap::new(),
        groups: BTreeMap::new(),
        purpose,
        limit,
    };
    if matches!(purpose, Purpose::Texts { .. }) {
        collect_groups(root, &mut builder.groups);
    }
    if purpose == Purpose::Cost {
        collect_references(root, &mut builder.referred);
        builder.referred.sort_unstable();
        builder.referred.dedup();
        builder.graph.referred = builder.referred.len();
    }
    let at = Context {
        backwards: direction == Direction::Behind,
        ..Context::default()
    };
    builder.graph.entry = builder.node(root, MATCH, at)?;
    builder.graph.sets = builder.known_in_order();
    Ok(Built {
        graph: builder.graph,
        guards: builder.guards,
        conditional: builder.conditional,
    })
}

const MATCH: StepId = 0;
const FAIL: StepId = 1;

fn collect_groups<'n>(node: &'n Node, groups: &mut BTreeMap<u32, &'n Node>) {
    if let NodeKind::Group {
        node: body,
        capture: Some(number),
    } = &node.kind
    {
        groups.insert(*number, body);
    }
    for child in node.children() {
        collect_groups(child, groups);
    }
}

fn collect_references(node: &Node, numbers: &mut Vec<u32>) {
    if let NodeKind::Backreference(groups) = &node.kind {
        numbers.extend_from_slice(groups);
    }
    for child in node.children() {
        collect_references(child, numbers);
    }
}

/// Where in the pattern a part stands.
#[derive(Clone, Copy, Debug, Default)]
struct Context {
    /// The outermost unlimited repetition around.
    span: Option<Span>,
    /// How many loops with possibly empty bodies are around.
    marks: u32,
    part: u32,
    backwards: bool,
    /// How many back-references led here.
    references: u32,
}

impl Context {
    fn mirrored(self, purpose: Purpose) -> bool {
        self.backwards && purpose != Purpose::Cost
    }
}

/// How many back-references may stand for groups that hold back-references.
const MAX_REFERENCES: u32 = 3;

struct Builder<'n> {
    graph: Graph,
    guards: Vec<Neighbours>,
    conditional: bool,
    known: BTreeMap<UnitSet, u32>,
    groups: BTreeMap<u32, &'n Node>,
    /// The numbers of the groups that some back-reference stands for, ascending.
    referred: Vec<u32>,
    purpose: Purpose,
    limit: usize,
}

impl<'n> Builder<'n> {
    fn push(&mut self, step: Step) -> Result<StepId, TooLarge> {
        if self.graph.steps.len() >= self.limit {
            return Err(TooLarge);
        }
        self.graph.steps.push(step);
        Ok(self.graph.steps.len() as StepId - 1)
    }

    fn put(&mut self, at: StepId, step: Step) {
        if let Some(slot) = self.graph.steps.get_mut(at as usize) {
            *slot = step;
        }
    }

    fn set(&mut self, set: &UnitSet) -> u32 {
        if let Some(&index) = self.known.get(set) {
            return index;
        }
        let index = self.known.len() as u32;
        self.known.insert(set.clone(), index);
        index
    }

    fn known_in_order(&mut self) -> Vec<UnitSet> {
        let mut sets: Vec<(u32, UnitSet)> = std::mem::take(&mut self.known)
            .into_iter()
            .map(|(set, index)| (index, set))
            .collect();
        sets.sort_unstable_by_key(|&(index, _)| index);
        sets.into_iter().map(|(_, set)| set).collect()
    }

    /// The entry of `node` followed by `next`.
    fn node(&mut self, node: &'n Node, next: StepId, at: Context) -> Result<StepId, TooLarge> {
        match &node.kind {
            NodeKind::Empty => Ok(next),
            NodeKind::Set(set) => {
                let set = self.set(set);
                self.push(Step::Unit {
                    set,
                    next,
                    span: at.span.unwrap_or(node.span),
                    part: at.part,
                })
            }
            NodeKind::Concat(parts) => {
                let mut entry = next;
                let mut add = |part| {
                    entry = self.node(part, entry, at)?;
                    Ok(())
                };
                if at.backwards {
                    parts.iter().try_for_each(&mut add)?;
                } else {
                    parts.iter().rev().try_for_each(&mut add)?;
                }
                Ok(entry)
            }
            NodeKind::Alternation(parts) => {
                let mut entry = None;
                for part in parts.iter().rev() {
                    let first = self.node(part, next, at)?;
                    entry = Some(match entry {
                        None => first,
                        Some(second) => self.push(Step::Split { first, second })?,
                    });
                }
                Ok(entry.unwrap_or(next))
            }
            NodeKind::Group { node, capture } => match capture.and_then(|n| self.place(n)) {
                Some(group) => {
                    let (mut first, mut last) = (Side::Start, Side::End);
                    if at.backwards {
                        std::mem::swap(&mut first, &mut last);
                    }
                    let bound = Bound { group, side: last };
                    let end = self.push(Step::Save { bound, next })?;
                    let next = self.node(node, end, at)?;
                    let bound = Bound { group, side: first };
                    self.push(Step::Save { bound, next })
                }
                None => self.node(node, next, at),
            },
            NodeKind::Repeat {
                node: body,
                min,
                max,
                greediness,
            } => {
                let repeat = Repeat {
                    body,
                    span: node.span,
                    min: *min,
                    max: *max,
                    greediness: *greediness,
                    nullable: body.min_width() == 0,
                };
                self.repeat(repeat, next, at)
            }
            NodeKind::Look {
                node: body,
                direction,
                polarity,
            } => self.look(body, *direction, *polarity, next, at),
            NodeKind::Assertion(assertion) => {
                self.graph.boundaries |= matches!(
                    assertion,
                    Assertion::WordBoundary | Assertion::NotWordBoundary
                );
                // A graph for loops knows one direction only: the one in which it reads.
                let assertion = match assertion {
                    Assertion::Start if at.mirrored(self.purpose) => Assertion::End,
                    Assertion::End if at.mirrored(self.purpose) => Assertion::Start,
                    other => *other,
                };
                self.push(Step::Assert { assertion, next })
            }
            NodeKind::Backreference(numbers) => self.backreference(numbers, next, at),
        }
    }
}
