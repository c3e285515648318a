//! Is a pattern safe to evaluate. Owns the analysis of ambiguity, the attack texts that prove it
//! and what they cost; knows nothing of policies or of severities.

mod alphabet;
mod ambiguity;
mod analysis;
mod automaton;
mod budget;
mod candidates;
mod components;
mod cost;
mod exponential;
mod graph;
mod growth;
mod hash;
mod labels;
mod specialise;
mod subsets;
mod witness;
mod words;

pub use ambiguity::{Ambiguity, ambiguity};
pub use analysis::{Analysis, Verdict, analyse};
pub use witness::{Attack, Measurement, Pump};
