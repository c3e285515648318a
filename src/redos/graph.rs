//! A pattern as a graph of elementary steps, counted repetitions unrolled. Owns the ways in which
//! a pattern is unrolled or simplified for a purpose; knows neither texts nor costs.

mod guard;

use crate::diagnostic::Span;
use crate::ecma::{Assertion, Direction, Greediness, Node, NodeKind, Polarity, UnitSet};
use std::collections::BTreeMap;

pub(super) use guard::Neighbours;

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
    /// As `Loops`, for guessing texts: a positive look-around may also be consumed, and a
    /// back-reference may be what its group is.
    Texts,
    /// As `Texts` and `Relaxed` together.
    RelaxedTexts(u32),
}

/// The graph needs more steps than allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

/// A graph, the conditions that its guards name, and the sets those use beyond its own.
#[derive(Debug)]
pub(super) struct Built {
    pub(super) graph: Graph,
    pub(super) guards: Vec<Neighbours>,
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
        known: BTreeMap::new(),
        groups: BTreeMap::new(),
        purpose,
        limit,
    };
    if matches!(purpose, Purpose::Texts | Purpose::RelaxedTexts(_)) {
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

    fn look(
        &mut self,
        body: &'n Node,
        direction: Direction,
        polarity: Polarity,
        next: StepId,
        at: Context,
    ) -> Result<StepId, TooLarge> {
        let mut inside = at;
        inside.backwards = direction == Direction::Behind;
        if self.purpose == Purpose::Cost {
            // Parts are numbered inside out, so the body cannot know its number beforehand; it
            // is patched into the steps that it adds.
            let before = self.graph.steps.len();
            inside.part = u32::MAX;
            let entry = self.node(body, MATCH, inside)?;
            self.graph.looks.push((entry, direction));
            let number = self.graph.looks.len() as u32;
            for step in self.graph.steps.iter_mut().skip(before) {
                if let Step::Unit { part, .. } = step
                    && *part == u32::MAX
                {
                    *part = number;
                }
            }
            return self.push(Step::Look {
                look: number - 1,
                polarity,
                next,
            });
        }
        let guard = Neighbours::of(body, direction, polarity);
        let mut entry = next;
        let texts = matches!(self.purpose, Purpose::Texts | Purpose::RelaxedTexts(_));
        match guard {
            Some(neighbours) => {
                self.guards.push(if at.mirrored(self.purpose) {
                    neighbours.reversed()
                } else {
                    neighbours
                });
                let neighbours = self.guards.len() as u32 - 1;
                entry = self.push(Step::Guard { neighbours, next })?;
                if !body.any(&is_unlimited) {
                    return Ok(entry);
                }
            }
            None if texts => {
                entry = self.push(Step::Unsure { next })?;
                // Text for a look-behind comes before, so that it can be consumed in passing; so
                // can that for a look-ahead when what follows accepts it too.
                if polarity == Polarity::Positive {
                    let first = self.node(body, entry, at)?;
                    let second = entry;
                    entry = self.push(Step::Split { first, second })?;
                }
            }
            None => {}
        }
        if direction == Direction::Ahead || !texts {
            let first = self.node(body, FAIL, inside)?;
            let second = entry;
            entry = self.push(Step::Split { first, second })?;
        }
        Ok(entry)
    }

    /// The place of a group among those that some back-reference stands for.
    fn place(&self, number: u32) -> Option<u32> {
        let place = self.referred.binary_search(&number).ok()?;
        Some(place as u32)
    }

    /// Before a turn of `body`: what its groups matched is forgotten.
    fn forgetting(&mut self, body: &Node, next: StepId) -> Result<StepId, TooLarge> {
        let Some((first, last)) = body.captures() else {
            return Ok(next);
        };
        let first = self.referred.partition_point(|&number| number < first) as u32;
        let beyond = self.referred.partition_point(|&number| number <= last) as u32;
        if first == beyond {
            return Ok(next);
        }
        self.push(Step::Forget {
            first,
            beyond,
            next,
        })
    }

    fn backreference(
        &mut self,
        numbers: &[u32],
        next: StepId,
        at: Context,
    ) -> Result<StepId, TooLarge> {
        if self.purpose == Purpose::Cost {
            let groups = numbers.iter().filter_map(|&number| self.place(number));
            let groups = groups.collect();
            self.graph.references.push(groups);
            let direction = if at.backwards {
                Direction::Behind
            } else {
                Direction::Ahead
            };
            return self.push(Step::Refer {
                reference: self.graph.references.len() as u32 - 1,
                direction,
                next,
            });
        }
        if !matches!(self.purpose, Purpose::Texts | Purpose::RelaxedTexts(_)) {
            return Ok(next);
        }
        let next = self.push(Step::Unsure { next })?;
        let mut entry = next;
        if at.references < MAX_REFERENCES {
            let inside = Context {
                references: at.references + 1,
                ..at
            };
            for number in numbers {
                if let Some(&group) = self.groups.get(number) {
                    let first = self.node(group, next, inside)?;
                    entry = self.push(Step::Split {
                        first,
                        second: entry,
                    })?;
                }
            }
        }
        Ok(entry)
    }

    fn repeat(
        &mut self,
        repeat: Repeat<'n>,
        next: StepId,
        mut at: Context,
    ) -> Result<StepId, TooLarge> {
        let repeat = match self.purpose {
            // Outside of all loops two copies show what any number of copies does.
            Purpose::Loops | Purpose::Relaxed(_) if at.span.is_none() && repeat.max.is_some() => {
                repeat.at_most(2)
            }
            Purpose::Relaxed(limit) => repeat.unlimited(limit),
            Purpose::RelaxedTexts(limit) => {
                if repeat.nullable && repeat.max.is_some_and(|max| max >= 6) {
                    return self.several_stars(repeat, next, at);
                }
                repeat.shortened(limit)
            }
            Purpose::Cost | Purpose::Loops | Purpose::Texts => repeat,
        };
        if repeat.max.is_none() && at.span.is_none() {
            at.span = Some(repeat.span);
        }
        let mut inside = at;
        if repeat.nullable {
            inside.marks += 1;
            if inside.marks > MAX_MARKS {
                return Err(TooLarge);
            }
        }
        let mut entry = next;
        match repeat.max {
            None => {
                let choice = self.push(Step::Fail)?;
                let turn = self.turn(&repeat, choice, inside)?;
                self.put(choice, repeat.choice(turn, next));
                entry = choice;
            }
            Some(max) => {
                for _ in repeat.min..max {
                    let turn = self.turn(&repeat, entry, inside)?;
                    entry = self.push(repeat.choice(turn, next))?;
                }
            }
        }
        for _ in 0..repeat.min {
            let before = self.graph.steps.len();
            entry = self.node(repeat.body, entry, inside)?;
            if repeat.nullable {
                entry = self.push(Step::Tick { next: entry })?;
            }
            entry = self.forgetting(repeat.body, entry)?;
            if self.graph.steps.len() == before {
                // Turns without any step are all alike.
                break;
            }
        }
        Ok(entry)
    }

    /// What may be empty and comes many times is ambiguous without any loop: three loops in its
    /// place show it.
    fn several_stars(
        &mut self,
        repeat: Repeat<'n>,
        next: StepId,
        at: Context,
    ) -> Result<StepId, TooLarge> {
        let star = Repeat {
            min: 0,
            max: None,
            ..repeat
        };
        let third = self.repeat(star, next, at)?;
        let second = self.repeat(star, third, at)?;
        self.repeat(star, second, at)
    }

    fn turn(
        &mut self,
        repeat: &Repeat<'n>,
        next: StepId,
        inside: Context,
    ) -> Result<StepId, TooLarge> {
        let turn = if repeat.nullable {
            let depth = inside.marks - 1;
            let end = self.push(Step::Progress { depth, next })?;
            let body = self.node(repeat.body, end, inside)?;
            self.push(Step::Mark { depth, next: body })?
        } else {
            self.node(repeat.body, next, inside)?
        };
        self.forgetting(repeat.body, turn)
    }
}

/// A repetition.
#[derive(Clone, Copy)]
struct Repeat<'n> {
    body: &'n Node,
    span: Span,
    min: u32,
    max: Option<u32>,
    greediness: Greediness,
    nullable: bool,
}

impl Repeat<'_> {
    const fn choice(&self, turn: StepId, leave: StepId) -> Step {
        match self.greediness {
            Greediness::Greedy => Step::Split {
                first: turn,
                second: leave,
            },
            Greediness::Lazy => Step::Split {
                first: leave,
                second: turn,
            },
        }
    }

    fn spans(&self, turns: u32) -> u32 {
        turns.saturating_mul(units(self.body).max(1))
    }

    fn at_most(self, turns: u32) -> Self {
        Self {
            min: self.min.min(turns),
            max: self.max.map(|max| max.min(turns)),
            ..self
        }
    }

    /// Without a limit when it spans more than `limit` code units, and accepting all it did.
    fn unlimited(self, limit: u32) -> Self {
        match self.max {
            Some(max) if max > 1 && self.spans(max) > limit => Self {
                max: None,
                min: self.min.min(1),
                ..self
            },
            None if self.spans(self.min) > limit => Self {
                min: self.min.min(1),
                ..self
            },
            _ => self,
        }
    }

    /// Without a limit when it spans more than `limit` code units in varying ways; long texts
    /// that have to be matched are cut short.
    fn shortened(self, limit: u32) -> Self {
        const LONG: u32 = 800;
        let varying = Some(self.min) != self.max || self.nullable || varies(self.body);
        match self.max {
            Some(max) if max > 1 && self.spans(max) > limit && varying => Self {
                max: None,
                min: self.min.min(2),
                ..self
            },
            Some(max) if max > 3 && self.spans(max) > LONG => Self {
                max: Some(3),
                min: 3,
                ..self
            },
            None if self.spans(self.min) > LONG => Self {
                min: self.min.min(2),
                ..self
            },
            _ => self,
        }
    }
}

fn is_unlimited(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Repeat { max: None, .. })
}

/// Whether a match of it can be of different widths or shapes.
fn varies(node: &Node) -> bool {
    node.any(&|node| {
        matches!(&node.kind, NodeKind::Alternation(_))
            || matches!(&node.kind, NodeKind::Repeat { min, max, .. } if Some(*min) != *max)
    })
}

/// How many code units of the pattern it takes, counts multiplied out.
fn units(node: &Node) -> u32 {
    match &node.kind {
        NodeKind::Set(_) => 1,
        NodeKind::Repeat { node, max, min, .. } => {
            units(node).saturating_mul(max.unwrap_or((*min).max(1)).max(1))
        }
        _ => node
            .children()
            .iter()
            .fold(0, |sum, child| sum.saturating_add(units(child))),
    }
}
