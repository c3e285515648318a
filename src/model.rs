//! The documents of the platform as plain data: bundle, request, decision, event, manifest,
//! pipeline, settings, assertions.
//! Owns their shape and what must hold inside one document; decides nothing.

pub mod assertions;
pub mod bundle;
pub mod call;
pub mod decision;
pub mod event;
pub mod labels;
pub mod manifest;
pub mod pipeline;
pub mod request;
pub mod returned;
pub mod settings;
