//! `audit-replay` from the outside: attacks on a log, damage, what it counts.

#![expect(clippy::indexing_slicing, reason = "a test that panics has failed")]

mod assessed;
mod attacks;
mod bad_input;
mod counting;
mod deciding;
mod history;
pub(crate) mod outputs;
mod page;
mod redaction;
mod watching;
mod world;
