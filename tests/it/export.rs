//! Exports, read back by strict parsers that were written from each format's grammar, and held
//! against each format's dictionary.

#![expect(clippy::indexing_slicing, reason = "a test that panics has failed")]

mod cef;
mod csv;
mod fields;
mod fixtures;
mod hostile;
mod leef;
mod schemas;
mod syslog;
mod world;
