//! Backtracking matcher that counts its steps. Owns the order in which V8 tries things, so that
//! what it costs here is what it costs there; knows nothing of what is a safe cost.
//!
//! A step is one test of the text: a code unit against a set, a code unit of a back-reference, an
//! assertion, a turn of a loop whose body can be empty, a position at which the search starts.
//! Nothing is memoised, as V8 memoises nothing. About 10⁹ steps take V8 a second.

mod compile;
mod machine;
mod strategy;

use super::executed::Subject;
use super::tree::{Direction, Greediness, Pattern, Polarity};
use super::units::UnitSet;
pub(crate) use strategy::Starts;

/// A compiled pattern. It needs memory in proportion to the pattern's text, whatever the counts.
#[derive(Clone, Debug)]
pub struct Program {
    ops: Vec<Op>,
    units: Vec<UnitTest>,
    groups: Vec<Vec<u32>>,
    /// Registers for captures, counters and the starts of turns.
    registers: u32,
    starts: Starts,
}

/// A pattern needs a program larger than is reasonable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pattern is too large to compile")]
pub struct TooLarge;

/// What a search found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// The leftmost match, by code units: from `start` up to, not including, `end`.
    Found {
        /// First code unit of the match.
        start: usize,
        /// One past its last code unit.
        end: usize,
    },
    /// There is no match.
    NotFound,
    /// The steps allowed, or the memory for alternatives left to try, ran out.
    OutOfSteps,
}

impl Program {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// [`TooLarge`] when it needs more than 2²⁰ operations, which takes a pattern of that size.
    pub fn compile(pattern: &Pattern) -> Result<Self, TooLarge> {
        Self::compile_for(pattern, Subject::TwoByte)
    }

    /// Compiles a pattern for texts of one kind, where it takes the steps that it takes V8. On a
    /// text of another kind the answer can be wrong.
    ///
    /// # Errors
    /// As [`Program::compile`].
    pub fn compile_for(pattern: &Pattern, subject: Subject) -> Result<Self, TooLarge> {
        compile::compile(pattern, subject)
    }

    /// Searches `text`, given in UTF-16 code units, in at most `steps` steps, and tells how many
    /// it took. Memory is bounded too, by some 16 MiB.
    pub fn search(&self, text: &[u16], steps: u64) -> (Search, u64) {
        machine::search(self, text, steps)
    }
}

/// One operation. Jumps are indices of operations; without one the next operation follows.
#[derive(Clone, Copy, Debug)]
enum Op {
    /// Tests and consumes one code unit.
    Unit {
        test: u32,
        direction: Direction,
    },
    /// Tests and consumes several code units of one set.
    Units {
        test: u32,
        direction: Direction,
        min: u32,
        max: u32,
        greediness: Greediness,
    },
    /// Goes on here, later at `other`.
    Fork {
        other: u32,
    },
    /// Goes on at `first`, later here.
    ForkAway {
        first: u32,
    },
    Jump {
        to: u32,
    },
    /// Stores the position.
    Save {
        register: u32,
    },
    /// Forgets what the groups of these registers matched: a turn starts anew.
    Forget {
        from: u32,
        to: u32,
    },
    /// Sets a counter to zero.
    Reset {
        register: u32,
    },
    /// Before each turn of a counted loop: goes on here for a turn, at `exit` for no more.
    Turn {
        counter: u32,
        min: u32,
        max: u32,
        greediness: Greediness,
        exit: u32,
    },
    /// At the start of a turn whose body can be empty: remembers the position.
    Mark {
        register: u32,
    },
    /// At the end of such a turn: fails when it consumed nothing, unless `counter` says that the
    /// turn was one of the first `min`.
    Progress {
        mark: u32,
        counter: u32,
        min: u32,
    },
    Start,
    End,
    Boundary {
        polarity: Polarity,
    },
    /// Matches again what one of `groups` matched.
    Backreference {
        groups: u32,
        direction: Direction,
    },
    /// Tries the operations from here to their `Hold`, then goes on at `next` from where it was.
    Look {
        polarity: Polarity,
        next: u32,
    },
    /// The end of what a look-around tries.
    Hold,
    Match,
}

/// No register: of a loop that needs no counter.
const NO_REGISTER: u32 = u32::MAX;

/// What a register holds that holds nothing.
const UNSET: u32 = u32::MAX;

/// A set made quick to test.
#[derive(Clone, Debug)]
struct UnitTest {
    ascii: u128,
    set: UnitSet,
}

impl UnitTest {
    fn new(set: UnitSet) -> Self {
        let ascii = set
            .iter()
            .take_while(|&unit| unit < 128)
            .fold(0, |bits, unit| bits | 1 << unit);
        Self { ascii, set }
    }

    fn contains(&self, unit: u16) -> bool {
        if unit < 128 {
            self.ascii >> unit & 1 == 1
        } else {
            self.set.contains(unit)
        }
    }
}

#[cfg(test)]
mod tests;
