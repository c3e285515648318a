//! Look-around and back-references as steps. Owns what stands in their place where they are not
//! executed; knows nothing of repetitions.

use super::repeat::is_unlimited;
use super::{
    Builder, Conditions, Context, FAIL, MATCH, MAX_REFERENCES, Neighbours, Purpose, Step, StepId,
    TooLarge,
};
use crate::ecma::{Direction, Node, Polarity};

impl<'n> Builder<'n> {
    pub(super) fn look(
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
        let guard = self.neighbours(body, direction, polarity, at);
        let mut entry = next;
        match (guard, self.conditions()) {
            (Some(neighbours), _) => {
                self.guards.push(neighbours);
                let neighbours = self.guards.len() as u32 - 1;
                entry = self.push(Step::Guard { neighbours, next })?;
                if !body.any(&is_unlimited) {
                    return Ok(entry);
                }
            }
            (None, Some(conditions)) => {
                entry = self.push(Step::Unsure { next })?;
                // Text for a look-behind comes before, so that it can be consumed in passing; so
                // can that for a look-ahead when what follows accepts it too.
                if polarity == Polarity::Positive {
                    let consumed = self.node(body, entry, at)?;
                    entry = self.conditioned(consumed, entry, conditions)?;
                }
            }
            (None, None) => {}
        }
        if is_read(direction, at) || self.conditions().is_none() {
            let end = match polarity {
                Polarity::Negative if self.conditions().is_some() => self.push(Step::Bar)?,
                _ => FAIL,
            };
            let first = self.node(body, end, inside)?;
            let second = entry;
            entry = self.push(Step::Split { first, second })?;
        }
        Ok(entry)
    }

    /// The condition on neighbours that a look-around is, as the graph reads.
    fn neighbours(
        &self,
        body: &Node,
        direction: Direction,
        polarity: Polarity,
        at: Context,
    ) -> Option<Neighbours> {
        let neighbours = Neighbours::of(body, direction, polarity).or_else(|| {
            // What is further back is not known, and what is known of what follows makes more
            // states, which only a search for texts is worth.
            let known = is_read(direction, at)
                && polarity == Polarity::Positive
                && self.conditions().is_some();
            known.then(|| Neighbours::sequence(body, direction))?
        })?;
        Some(if at.mirrored(self.purpose) {
            neighbours.reversed()
        } else {
            neighbours
        })
    }

    fn conditions(&self) -> Option<Conditions> {
        match self.purpose {
            Purpose::Texts { conditions, .. } => Some(conditions),
            Purpose::Cost | Purpose::Loops | Purpose::Relaxed(_) => None,
        }
    }

    /// The way on through what a condition asks for, or also past it.
    fn conditioned(
        &mut self,
        first: StepId,
        second: StepId,
        conditions: Conditions,
    ) -> Result<StepId, TooLarge> {
        self.conditional = true;
        match conditions {
            Conditions::Held => Ok(first),
            Conditions::Skipped => self.push(Step::Split { first, second }),
        }
    }

    /// The place of a group among those that some back-reference stands for.
    pub(super) fn place(&self, number: u32) -> Option<u32> {
        let place = self.referred.binary_search(&number).ok()?;
        Some(place as u32)
    }

    /// Before a turn of `body`: what its groups matched is forgotten.
    pub(super) fn forgetting(&mut self, body: &Node, next: StepId) -> Result<StepId, TooLarge> {
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

    pub(super) fn backreference(
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
        let Some(conditions) = self.conditions() else {
            return Ok(next);
        };
        let next = self.push(Step::Unsure { next })?;
        if at.references >= MAX_REFERENCES {
            return Ok(next);
        }
        let inside = Context {
            references: at.references + 1,
            ..at
        };
        let mut entry = None;
        for number in numbers {
            if let Some(&group) = self.groups.get(number) {
                let first = self.node(group, next, inside)?;
                entry = Some(match entry {
                    None => first,
                    Some(second) => self.push(Step::Split { first, second })?,
                });
            }
        }
        match entry {
            Some(entry) => self.conditioned(entry, next, conditions),
            None => Ok(next),
        }
    }
}

/// Whether a look-around reads as the part around it is read.
fn is_read(direction: Direction, at: Context) -> bool {
    (direction == Direction::Behind) == at.backwards
}
