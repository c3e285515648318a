//! Recorded JSON in one strict pass: a scanner that copies nothing it is not asked for, and a
//! flat tree for records of many shapes. Owns RFC 8259 syntax; knows nothing of what is recorded.
//!
//! Documents that are signed or decide something are read by `document` instead, which keeps
//! spans and refuses more. Recordings are other people's data: numbers of any size and strings
//! with lone surrogates are read, the latter as WTF-8.

mod scanner;
mod tape;

pub use scanner::{Error, ErrorKind, MAX_DEPTH, RawString, Scanner, write_number, write_string};
pub use tape::{Item, Kind, Tape};
