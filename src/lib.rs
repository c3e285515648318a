//! The engine of `agent-spm`: everything the five subcommands share, and nothing of the shell.
//!
//! Text becomes documents, documents become a policy, a policy becomes one of five answers. Data
//! moves one way, through the layers below; a module names only modules of earlier lines, never
//! one of its own or a later line (`tests/it/structure.rs` reads this list and checks).
//!
//! 1. `blocks`, `digest`, `time`: the smallest things
//! 2. `activity`, `canonical`, `json`, `ordered`, `short`, `source`: know nothing of policies
//! 3. `diagnostic`: problems and findings as data, and where they are in a text
//! 4. `document`: strict JSON and YAML, one tree with spans for both
//! 5. `model`: bundle, request, decision, event, manifest: plain data
//! 6. `signing`: who signed a document, over what, and whether that is enough
//! 7. `ecma`: ECMAScript patterns: syntax tree, character sets, a step-counting backtracker
//! 8. `redos`: is a pattern safe to evaluate
//! 9. `matcher`: a bundle's rules, compiled once, decide requests
//! 10. `logic`: what rules mean together, exactly
//! 11. `classify`, `hosts`, `paths`, `shell`: what is sensitive, where a text leads, what one runs
//! 12. `guardian`: what agents do that is out of the ordinary
//! 13. `audit`: audit events written down, chained and anchored by signed checkpoints
//! 14. `pipeline`: plugins around the rules, and how approvals are settled
//! 15. `import`: recorded calls of every shape become requests
//! 16. `simulate`: a recording, decided call by call
//! 17. `lint`: everything wrong with a document, as findings
//! 18. `replay`: an audit log, read back, checked and explained
//! 19. `evidence`: what a log and a policy show of what laws and frameworks ask for
//! 20. `report`: one plain view of a result, one file a format
//! 21. `export`: audit events and incidents as other products read them, one file a format
//!
//! The library opens no file but through [`source`], reads no environment, prints nothing and
//! knows no wall clock: time is an argument.

pub mod activity;
pub mod audit;
mod blocks;
pub mod canonical;
pub mod classify;
pub mod diagnostic;
pub mod digest;
pub mod document;
pub mod ecma;
pub mod evidence;
pub mod export;
pub mod guardian;
pub mod hosts;
pub mod import;
pub mod json;
pub mod lint;
pub mod logic;
pub mod matcher;
pub mod model;
pub mod ordered;
pub mod paths;
pub mod pipeline;
pub mod redos;
pub mod replay;
pub mod report;
pub mod shell;
mod short;
pub mod signing;
pub mod simulate;
pub mod source;
pub mod time;
