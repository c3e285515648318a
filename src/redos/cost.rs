//! What a search costs, without running it. Owns the exact count of the backtracker's steps in
//! time proportional to the text: without back-references, how an attempt from one step at one
//! position ends, and what it costs, depends on nothing else, so it is computed once (after
//! Davis, Servant and Lee, IEEE S&P 2021, who memoise the outcome alone). With them it depends on
//! what the groups have matched too, and takes time as there are such cases.

mod column;
mod compile;
mod recall;

use super::alphabet::Class;
use super::budget::{Budget, Exhausted};
use super::graph::Bound;
use super::hash::Map;
use crate::ecma::{Assertion, Direction, Polarity, Starts};

use column::Column;
pub(super) use compile::Failure;

/// A pattern made ready to be priced.
#[derive(Debug)]
pub(super) struct Pricer {
    /// Every node comes after those that it leads to, unless it consumes.
    nodes: Vec<Node>,
    /// The sets of classes that nodes test, in words of 64 bits.
    sets: Vec<u64>,
    words: usize,
    /// Whether each class is a word character.
    word: Vec<bool>,
    /// The parts of look-arounds, inside out, and last the pattern.
    parts: Vec<Part>,
    starts: Starts,
    /// The groups that each back-reference may stand for, and how many such groups there are.
    references: Vec<Vec<u32>>,
    referred: usize,
    /// The columns met so far, and by part and classes before and after which one it is.
    columns: Vec<Column>,
    known: Map<(usize, usize, usize), usize>,
    /// The prices of the parts of look-arounds at the position worked on.
    looked: Vec<Price>,
    /// The same at each position of a text.
    tables: Vec<Vec<Price>>,
    /// The prices of nodes at the position worked on and at the one beyond.
    here: Vec<Price>,
    beyond: Vec<Price>,
    /// Scratch space of a column.
    results: Vec<Price>,
    /// What finding prices with back-references uses again.
    memory: recall::Memory,
}

#[derive(Clone, Copy, Debug)]
enum Node {
    Match,
    Fail,
    Unit {
        set: u32,
        direction: Direction,
        next: u32,
    },
    Split {
        first: u32,
        second: u32,
    },
    Assert {
        assertion: Assertion,
        next: u32,
    },
    Tick {
        next: u32,
    },
    Look {
        part: u32,
        polarity: Polarity,
        next: u32,
    },
    Save {
        bound: Bound,
        next: u32,
    },
    Forget {
        first: u32,
        beyond: u32,
        next: u32,
    },
    /// Goes on at `empty` when the group matched the empty text or nothing.
    Refer {
        reference: u32,
        direction: Direction,
        consumed: u32,
        empty: u32,
    },
}

#[derive(Debug)]
struct Part {
    direction: Direction,
    entry: u32,
    /// Its code units: the set, and the node that follows.
    units: Vec<(u32, u32)>,
}

/// How an attempt ends, and after how many steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Price {
    /// Whether it matches.
    pub(super) matches: bool,
    /// Steps; exact up to 2⁵³, and infinite beyond 10³⁰⁸.
    pub(super) steps: f64,
}

const FAILED: Price = Price {
    matches: false,
    steps: 0.0,
};

/// A text of which only the end is known yet, and what that has cost.
#[derive(Clone, Debug)]
struct Front {
    /// The prices of nodes at the position beyond.
    beyond: Vec<Price>,
    /// The class beyond the next position, `None` at the end of the text.
    next: Option<Class>,
    /// Code units between the next position and the end.
    length: usize,
    /// The price of the search from there on.
    total: Price,
}

impl Pricer {
    /// What searching `text` costs; `None` when that takes too long to find out.
    pub(super) fn search(
        &mut self,
        text: &[Class],
        budget: &mut Budget,
    ) -> Result<Option<Price>, Exhausted> {
        if self.recalls() {
            return self.search_by_recall(text, budget);
        }
        if self.looks_behind() {
            return self.search_by_tables(text, budget).map(Some);
        }
        let mut front = self.front();
        self.precede(&mut front, text, budget)?;
        self.finish(front, budget).map(Some)
    }

    /// What searching each text costs that repeats every word of `pumps` so many times, given in
    /// ascending order; `None` when that takes too long to find out. What the texts have in common
    /// is computed once.
    pub(super) fn family(
        &mut self,
        pumps: &[(Vec<Class>, Vec<Class>)],
        ending: &[Class],
        times: &[usize],
        budget: &mut Budget,
    ) -> Result<Option<Vec<f64>>, Exhausted> {
        let mut prices = Vec::with_capacity(times.len());
        let Some(((prefix, word), earlier)) = pumps.split_last() else {
            return Ok(Some(prices));
        };
        if self.looks_behind() || self.recalls() {
            for &times in times {
                let text = super::growth::repeated(pumps, ending, times);
                match self.search(&text, budget)? {
                    Some(price) => prices.push(price.steps),
                    None => return Ok(None),
                }
            }
            return Ok(Some(prices));
        }
        let mut front = self.front();
        self.precede(&mut front, ending, budget)?;
        let mut done = 0;
        for &times in times {
            for _ in done..times {
                self.precede(&mut front, word, budget)?;
            }
            done = times;
            let mut whole = front.clone();
            self.precede(&mut whole, prefix, budget)?;
            for (prefix, word) in earlier.iter().rev() {
                for _ in 0..times {
                    self.precede(&mut whole, word, budget)?;
                }
                self.precede(&mut whole, prefix, budget)?;
            }
            prices.push(self.finish(whole, budget)?.steps);
        }
        Ok(Some(prices))
    }

    /// Whether finding a price takes more work than in proportion to the text.
    pub(super) fn recalls(&self) -> bool {
        self.referred > 0
    }

    fn looks_behind(&self) -> bool {
        self.parts
            .iter()
            .any(|part| part.direction == Direction::Behind)
    }

    fn front(&self) -> Front {
        Front {
            beyond: vec![FAILED; self.nodes.len()],
            next: None,
            length: 0,
            total: FAILED,
        }
    }

    /// Puts `text` before what is known of a text.
    fn precede(
        &mut self,
        front: &mut Front,
        text: &[Class],
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        for &class in text.iter().rev() {
            self.advance(front, Some(class), budget)?;
        }
        Ok(())
    }

    /// The price of a search, now that the text is whole.
    fn finish(&mut self, mut front: Front, budget: &mut Budget) -> Result<Price, Exhausted> {
        self.advance(&mut front, None, budget)?;
        Ok(front.total)
    }

    /// Computes the prices at the next position, given the class before it.
    fn advance(
        &mut self,
        front: &mut Front,
        before: Option<Class>,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        self.looked.clear();
        for part in 0..self.parts.len() {
            let column = self.column(part, before, front.next, budget)?;
            let Self {
                columns,
                looked,
                here,
                results,
                ..
            } = self;
            let Some(column) = columns.get(column) else {
                continue;
            };
            budget.spend(column.size() + 3)?;
            let look = |part: u32| looked.get(part as usize).copied().unwrap_or(FAILED);
            let price = column.evaluate(look, &front.beyond, here, results);
            looked.push(price);
        }
        let attempt = self.looked.pop().unwrap_or(FAILED);
        let tried = match self.starts {
            Starts::First => before.is_none(),
            Starts::Every => true,
            Starts::Last(width) => front.length <= width as usize,
        };
        if tried {
            let later = if attempt.matches {
                Price {
                    matches: true,
                    steps: 0.0,
                }
            } else {
                front.total
            };
            front.total = Price {
                steps: attempt.steps + 1.0 + later.steps,
                ..later
            };
        }
        std::mem::swap(&mut front.beyond, &mut self.here);
        front.next = before;
        front.length += 1;
        Ok(())
    }

    /// What searching `text` costs, all parts tabulated: those that look behind are computed from
    /// the start of the text, the others from its end.
    fn search_by_tables(
        &mut self,
        text: &[Class],
        budget: &mut Budget,
    ) -> Result<Price, Exhausted> {
        self.tables.clear();
        for part in 0..self.parts.len() {
            let table = self.sweep(part, text, budget)?;
            self.tables.push(table);
        }
        let attempts = self.tables.pop().unwrap_or_default();
        let from = match self.starts {
            Starts::First | Starts::Every => 0,
            Starts::Last(width) => text.len().saturating_sub(width as usize),
        };
        let count = match self.starts {
            Starts::First => 1,
            Starts::Every | Starts::Last(_) => usize::MAX,
        };
        let mut total = FAILED;
        for attempt in attempts.iter().skip(from).take(count) {
            total.steps += attempt.steps + 1.0;
            if attempt.matches {
                total.matches = true;
                break;
            }
        }
        Ok(total)
    }

    /// The price of an attempt of a part at each position, found from where its reading ends to
    /// where it starts.
    fn sweep(
        &mut self,
        part: usize,
        text: &[Class],
        budget: &mut Budget,
    ) -> Result<Vec<Price>, Exhausted> {
        let direction = self.parts.get(part).map(|part| part.direction);
        let length = text.len();
        let mut table = vec![FAILED; length + 1];
        for done in 0..=length {
            // Where the class consumed to get here stood, and the class to be consumed next.
            let (position, consumed, next) = match direction {
                Some(Direction::Behind) => (done, Some(done), done.checked_sub(1)),
                _ => {
                    let position = length - done;
                    (position, position.checked_sub(1), Some(position))
                }
            };
            let class = |at: Option<usize>| at.and_then(|at| text.get(at)).copied();
            let column = self.column(part, class(consumed), class(next), budget)?;
            let Self {
                columns,
                tables,
                here,
                beyond,
                results,
                ..
            } = self;
            let Some(column) = columns.get(column) else {
                continue;
            };
            budget.spend(column.size() + 2)?;
            let look = |part: u32| {
                let table = tables.get(part as usize);
                let price = table.and_then(|table| table.get(position));
                price.copied().unwrap_or(FAILED)
            };
            let price = column.evaluate(look, beyond, here, results);
            if let Some(slot) = table.get_mut(position) {
                *slot = price;
            }
            std::mem::swap(here, beyond);
        }
        Ok(table)
    }
}

#[cfg(test)]
mod tests;
