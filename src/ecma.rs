//! ECMAScript patterns without the `u` flag, with or without the `i` flag, as the platform's runtime reads
//! them. Owns the syntax tree with spans, character sets over UTF-16 code units, case folding and
//! the step-counting backtracker; does not know what a pattern is used for, nor whether it is safe.

pub mod backtrack;
pub mod executed;
pub mod fold;
pub mod parse;
mod quick_check;
pub mod tree;
pub mod units;

pub(crate) use backtrack::Starts;
pub use backtrack::{Program, Search, TooLarge};
pub use executed::Subject;
pub use parse::PatternError;
pub(crate) use quick_check::begins;
pub use tree::{Assertion, Case, Direction, Greediness, Node, NodeKind, Pattern, Polarity};
pub use units::UnitSet;
