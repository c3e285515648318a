//! `sign` and `verify` as they are called: attacks, bad input, layouts, interrupted writes.
#![expect(clippy::indexing_slicing, reason = "JSON reports are looked into")]

mod attacks;
mod bad_input;
mod bits;
mod canonical;
mod directories;
mod interrupted;
mod keys;
mod layouts;
mod linted;
mod state;
mod world;
