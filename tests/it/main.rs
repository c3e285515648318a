//! Everything that is tested from the outside, in one program, so that it is linked once.

mod audit;
mod classify;
mod damage;
mod document_properties;
mod documents;
mod export;
mod fixes;
mod guardian;
mod import;
mod lint_formats;
mod lints;
mod opening;
mod pipeline;
mod plugins;
mod readme;
mod recordings;
mod replay;
mod reports;
mod reviews;
mod schemas;
mod signing;
mod simulate;
mod structure;
mod threats;
mod transcripts;
