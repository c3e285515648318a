//! The engine of `agent-spm`: everything the five subcommands share, and nothing of the shell.
//!
//! Text becomes documents, documents become a policy, a policy becomes one of five answers. Data
//! moves one way, through the layers below; a module names only modules of earlier lines, never
//! one of its own or a later line (`tests/structure.rs` reads this list and checks).
//!
//! 1. `time`, `canonical`, `json`, `source`: know nothing of policies
//! 2. `diagnostic`: problems and findings as data, and where they are in a text
//! 3. `document`: strict JSON and YAML, one tree with spans for both
//! 4. `model`: bundle, request, decision, event, manifest: plain data
//! 5. `ecma`: ECMAScript patterns: syntax tree, character sets, a step-counting backtracker
//! 6. `redos`: is a pattern safe to evaluate
//! 7. `matcher`: a bundle's rules, compiled once, decide requests
//! 8. `import`: recorded calls of every shape become requests
//! 9. `simulate`: a recording, decided call by call
//! 10. `report`: one plain view of a result, one file a format
//!
//! The library opens no file but through [`source`], reads no environment, prints nothing and
//! knows no wall clock: time is an argument.

pub mod canonical;
pub mod diagnostic;
pub mod document;
pub mod ecma;
pub mod import;
pub mod json;
pub mod matcher;
pub mod model;
pub mod redos;
pub mod report;
pub mod simulate;
pub mod source;
pub mod time;
