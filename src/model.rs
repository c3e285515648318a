//! The documents of the platform as plain data: bundle, request, decision, event, manifest.
//! Owns their shape and what must hold inside one document; decides nothing.

pub mod bundle;
pub mod decision;
pub mod request;
