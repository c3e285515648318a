//! Is a pattern safe to evaluate. Owns the analysis of ambiguity, the attack texts that prove it
//! and what they cost; knows nothing of policies or of severities.
//!
//! [`analyse`] says how the time of a backtracking search grows, with a text that shows it:
//!
//! ```
//! use agent_spm::ecma::Pattern;
//! use agent_spm::redos::{Verdict, analyse};
//!
//! let analysis = analyse(&Pattern::parse(r"^(\w+\s?)+$")?);
//! assert_eq!(analysis.verdict, Verdict::Exponential);
//! let attack = analysis.attack.expect("there is one whenever the verdict is not safe");
//! assert_eq!(attack.to_string(), r#""a" × n + "!""#);
//! # Ok::<(), agent_spm::ecma::PatternError>(())
//! ```
//!
//! [`ambiguity()`] decides whether a pattern may be evaluated at all, whatever follows its loops, and
//! [`repaired`] writes a pattern so that it is found in the same texts at less cost.
//!
//! The way of [`analyse`]: `graph` unrolls the pattern, `automaton` makes one state of each code unit
//! that it can consume, `components` finds the loops, `exponential` and `candidates` find words that
//! lead through them in several ways while `subsets` keeps the search from matching first, `cost`
//! counts the steps of a backtracker on such texts without taking them, `growth` fits them, and
//! `witness` shortens and runs what is left. All work is counted and limited.
//!
//! It follows
//!
//! - A. Weber and H. Seidl, On the degree of ambiguity of finite automata, Theoretical Computer
//!   Science 88:2, 1991: what makes the number of ways exponential, and of which degree otherwise;
//! - C. Allauzen, M. Mohri and A. Rastogi, General algorithms for testing the ambiguity of finite
//!   automata, CIAA 2008: how to find it in products of the automaton with itself;
//! - V. Glushkov, The abstract theory of automata, Russian Mathematical Surveys 16:5, 1961: one state
//!   a code unit;
//! - R. Tarjan, Depth-first search and linear graph algorithms, SIAM Journal on Computing 1:2, 1972;
//! - N. Weideman, B. van der Merwe, M. Berglund and B. Watson, Analyzing matching time behavior of
//!   backtracking regular expression matchers by using ambiguity of NFA, CIAA 2016: that what an
//!   earlier alternative matches is never tried again;
//! - J. Davis, F. Servant and D. Lee, Using selective memoization to defeat regular expression denial
//!   of service, IEEE S&P 2021: that a state and a position are enough to know the steps from there.

mod alphabet;
mod ambiguity;
mod analysis;
mod attack;
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
mod repair;
mod specialise;
mod subsets;
mod witness;
mod words;

pub(crate) use alphabet::{Alphabet, Class};
pub use ambiguity::{Ambiguity, ambiguity};
pub use analysis::{Analysis, Fit, Verdict, analyse};
pub use attack::{Attack, Pump};
pub use repair::repaired;
pub use witness::Measurement;
