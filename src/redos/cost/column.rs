//! What has to be computed at a position, given the classes on both sides of it. Owns folding all
//! that these decide: of a large pattern little is left, and texts to be repeated meet the same
//! few columns again and again.

use super::super::alphabet::Class;
use super::super::budget::{Budget, Exhausted};
use super::{FAILED, Node, Price, Pricer};
use crate::ecma::{Assertion, Direction, Polarity};

/// The computation of the prices at a position.
#[derive(Debug)]
pub(super) struct Column {
    operations: Vec<Operation>,
    /// The nodes that are asked for from the position before.
    outputs: Vec<(u32, Value)>,
    /// An attempt that starts here.
    entry: Value,
}

/// A price known, or to be looked up, and then so many steps more.
#[derive(Clone, Copy, Debug)]
struct Value {
    source: Source,
    more: f64,
}

#[derive(Clone, Copy, Debug)]
enum Source {
    /// Nothing more to do: matched or failed.
    Done { matches: bool },
    /// A node at the position beyond.
    Beyond(u32),
    /// The result of an operation of this column.
    Result(u32),
}

#[derive(Clone, Copy, Debug)]
enum Operation {
    Split {
        first: Value,
        second: Value,
    },
    Look {
        part: u32,
        polarity: Polarity,
        next: Value,
    },
}

impl Column {
    /// The work of one evaluation.
    pub(super) fn size(&self) -> u64 {
        (self.operations.len() + self.outputs.len()) as u64
    }

    /// Computes the prices at a position: those of nodes into `here`, and that of an attempt.
    /// `look` gives the price of a look-around's part there.
    pub(super) fn evaluate(
        &self,
        look: impl Fn(u32) -> Price,
        beyond: &[Price],
        here: &mut [Price],
        results: &mut Vec<Price>,
    ) -> Price {
        results.clear();
        let price = |value: Value, results: &[Price]| {
            let price = match value.source {
                Source::Done { matches } => Price {
                    matches,
                    steps: 0.0,
                },
                Source::Beyond(node) => beyond.get(node as usize).copied().unwrap_or(FAILED),
                Source::Result(index) => results.get(index as usize).copied().unwrap_or(FAILED),
            };
            Price {
                steps: price.steps + value.more,
                ..price
            }
        };
        for operation in &self.operations {
            let result = match *operation {
                Operation::Split { first, second } => {
                    let first = price(first, results);
                    if first.matches {
                        first
                    } else {
                        let second = price(second, results);
                        Price {
                            steps: first.steps + second.steps,
                            ..second
                        }
                    }
                }
                Operation::Look {
                    part,
                    polarity,
                    next,
                } => {
                    let look = look(part);
                    if look.matches == (polarity == Polarity::Positive) {
                        let next = price(next, results);
                        Price {
                            steps: look.steps + next.steps,
                            ..next
                        }
                    } else {
                        Price {
                            matches: false,
                            ..look
                        }
                    }
                }
            };
            results.push(result);
        }
        for &(node, value) in &self.outputs {
            if let Some(slot) = here.get_mut(node as usize) {
                *slot = price(value, results);
            }
        }
        price(self.entry, results)
    }
}

impl Pricer {
    /// The column of a part between two classes, or the ends of the text; `consumed` was read by
    /// the part to get there, `next` is what it reads next.
    pub(super) fn column(
        &mut self,
        part: usize,
        consumed: Option<Class>,
        next: Option<Class>,
        budget: &mut Budget,
    ) -> Result<usize, Exhausted> {
        let number = |class: Option<Class>| class.map_or(0, |class| usize::from(class) + 1);
        let key = (part, number(consumed), number(next));
        if let Some(&column) = self.known.get(&key) {
            return Ok(column);
        }
        budget.spend(2 * self.nodes.len() as u64 + 8)?;
        let column = self.fold(part, consumed, next);
        self.columns.push(column);
        let column = self.columns.len() - 1;
        self.known.insert(key, column);
        Ok(column)
    }

    fn fold(&self, part: usize, consumed: Option<Class>, next: Option<Class>) -> Column {
        let mut folder = Folder {
            pricer: self,
            sides: Sides::default(),
            next,
            values: vec![None; self.nodes.len()],
            operations: Vec::new(),
        };
        let Some(part) = self.parts.get(part) else {
            return Column {
                operations: Vec::new(),
                outputs: Vec::new(),
                entry: Value::FAILED,
            };
        };
        folder.sides = match part.direction {
            Direction::Ahead => Sides {
                left: consumed,
                right: next,
            },
            Direction::Behind => Sides {
                left: next,
                right: consumed,
            },
        };
        let mut roots: Vec<u32> = part
            .units
            .iter()
            .filter(|&&(set, _)| consumed.is_some_and(|class| self.contains(set, class)))
            .map(|&(_, node)| node)
            .collect();
        roots.sort_unstable();
        roots.dedup();
        let wanted = self.below(part.entry, &roots);
        for (id, wanted) in (0..).zip(wanted) {
            if wanted {
                folder.node(id);
            }
        }
        Column {
            outputs: roots
                .iter()
                .map(|&root| (root, folder.value(root)))
                .collect(),
            entry: folder.value(part.entry),
            operations: folder.operations,
        }
    }

    pub(super) fn contains(&self, set: u32, class: Class) -> bool {
        self.sets
            .get(set as usize * self.words + usize::from(class) / 64)
            .is_some_and(|bits| bits >> (class % 64) & 1 == 1)
    }

    /// For each node, whether the entry or a root leads to it without consuming.
    fn below(&self, entry: u32, roots: &[u32]) -> Vec<bool> {
        let mut inside = vec![false; self.nodes.len()];
        let add = |inside: &mut Vec<bool>, node: u32| {
            if let Some(slot) = inside.get_mut(node as usize) {
                *slot = true;
            }
        };
        for &root in roots {
            add(&mut inside, root);
        }
        add(&mut inside, entry);
        // Nodes come after those that they lead to.
        for (id, node) in self.nodes.iter().enumerate().rev() {
            if inside.get(id) != Some(&true) {
                continue;
            }
            match *node {
                Node::Split { first, second } => {
                    add(&mut inside, first);
                    add(&mut inside, second);
                }
                Node::Assert { next, .. }
                | Node::Tick { next }
                | Node::Look { next, .. }
                | Node::Save { next, .. }
                | Node::Forget { next, .. } => {
                    add(&mut inside, next);
                }
                Node::Match | Node::Fail | Node::Unit { .. } | Node::Refer { .. } => {}
            }
        }
        inside
    }
}

/// The classes on both sides of a position, `None` at an end of the text.
#[derive(Clone, Copy, Default)]
struct Sides {
    left: Option<Class>,
    right: Option<Class>,
}

impl Value {
    const FAILED: Self = Self::done(false);

    const fn done(matches: bool) -> Self {
        Self {
            source: Source::Done { matches },
            more: 0.0,
        }
    }

    fn plus(self, more: f64) -> Self {
        Self {
            more: self.more + more,
            ..self
        }
    }
}

struct Folder<'p> {
    pricer: &'p Pricer,
    sides: Sides,
    next: Option<Class>,
    values: Vec<Option<Value>>,
    operations: Vec<Operation>,
}

impl Folder<'_> {
    fn value(&self, node: u32) -> Value {
        self.values
            .get(node as usize)
            .copied()
            .flatten()
            .unwrap_or(Value::FAILED)
    }

    fn operate(&mut self, operation: Operation) -> Value {
        self.operations.push(operation);
        Value {
            source: Source::Result(self.operations.len() as u32 - 1),
            more: 0.0,
        }
    }

    fn node(&mut self, id: u32) {
        let Some(&node) = self.pricer.nodes.get(id as usize) else {
            return;
        };
        let value = match node {
            Node::Match => Value::done(true),
            Node::Fail => Value::FAILED,
            Node::Unit { set, next, .. } => match self.next {
                Some(class) if self.pricer.contains(set, class) => Value {
                    source: Source::Beyond(next),
                    more: 1.0,
                },
                _ => Value::FAILED.plus(1.0),
            },
            Node::Split { first, second } => self.split(self.value(first), self.value(second)),
            Node::Tick { next } => self.value(next).plus(1.0),
            Node::Save { next, .. } | Node::Forget { next, .. } => self.value(next),
            // Columns serve patterns without back-references.
            Node::Refer { .. } => Value::FAILED,
            Node::Assert { assertion, next } if self.holds(assertion) => self.value(next).plus(1.0),
            Node::Assert { .. } => Value::FAILED.plus(1.0),
            Node::Look {
                part,
                polarity,
                next,
            } => {
                let next = self.value(next);
                self.operate(Operation::Look {
                    part,
                    polarity,
                    next,
                })
            }
        };
        if let Some(slot) = self.values.get_mut(id as usize) {
            *slot = Some(value);
        }
    }

    fn split(&mut self, first: Value, second: Value) -> Value {
        match (first.source, second.source) {
            (Source::Done { matches: true }, _) => first,
            (Source::Done { matches: false }, _) => second.plus(first.more),
            _ => self.operate(Operation::Split { first, second }),
        }
    }

    fn holds(&self, assertion: Assertion) -> bool {
        let is_word = |class: Option<Class>| {
            class
                .and_then(|class| self.pricer.word.get(usize::from(class)))
                .copied()
                .unwrap_or(false)
        };
        let boundary = is_word(self.sides.left) != is_word(self.sides.right);
        match assertion {
            Assertion::Start => self.sides.left.is_none(),
            Assertion::End => self.sides.right.is_none(),
            Assertion::WordBoundary => boundary,
            Assertion::NotWordBoundary => !boundary,
        }
    }
}
