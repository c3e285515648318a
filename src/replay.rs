//! `audit-replay`: what an audit log says happened, and whether it can be trusted. Owns the run
//! over the log; knows no output format.

mod event;
mod finding;
pub mod read;

pub use event::{Chain, Event, Reason, Role};
pub use finding::FindingKind;
