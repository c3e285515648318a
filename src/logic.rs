//! What rules mean together, exactly: which can ever decide, which could be left out, where two
//! contradict each other, whether two bundles can be told apart, whether something can never
//! happen. Owns these questions and their proofs; knows no files, no plugins, and does not judge
//! what an answer is worth.
//!
//! # How
//!
//! A rule's condition is a conjunction of questions about a call. Each question becomes an atom of
//! a Boolean formula, the relations between answers become clauses (`space`), and a SAT solver
//! looks for answers (`sat`). A model becomes a call, made up but possible ([`Witness`]), which
//! the evaluator that `simulate` uses must decide as claimed: otherwise nothing is claimed. Where
//! there is no model, there is no such call, and the assumptions that contradict each other say
//! why.
//!
//! # For which conditions the answer is never "unknown"
//!
//! For all but what is named below. That every call gives a model is plain: the clauses state only
//! what is true of every call. That every model comes from a call, so that a rule with no model is
//! really dead and no other, is seen fact by fact, since any answers about one fact can be had
//! together with any about another, but for texts:
//!
//! - *Tool, environment, agent type, provider* have one value or none; there are more names than a
//!   bundle can list, so "some other name" is always possible, for tools also below every prefix
//!   (`names`).
//! - *Trust* is one of six ordered cases, a missing level the lowest; *roles* and *labels* are any
//!   sets.
//! - *Arguments*: each key has one value, of finitely many cases (`arguments`), and keys are
//!   independent of each other but through the texts of their values.
//! - *Keywords*: any set that contains what is inside of its members occurs in some values
//!   (`keywords`), and a call may have an argument that no rule asks for, with any values. What
//!   is inside of the text of a case of an argument (a string, a boolean, a number that rules
//!   name) occurs with it. A number between two bounds needs a text without the keywords that are
//!   absent: whether there is one is decided as for patterns, and if not, becomes one more clause.
//!   Other strings, objects and arrays are never needed, since a missing member satisfies all that
//!   they do.
//! - *Numbers* between two bounds are spelled by an automaton too (`decimal`), so that what
//!   patterns and keywords say of their texts is one question with everything else.
//! - *Patterns* and keywords are regular languages, and so is every Boolean combination of them.
//!   Of a model with patterns, a search through the product of their automata decides whether any
//!   values do all of what it says (`texts`); the part that none do becomes a clause (`spelling`).
//!   Patterns with equal syntax trees are one atom, and so the relations between patterns need no
//!   rules of their own: `^rm` implies `rm`, `^a$` excludes the keyword `b`.
//!
//! Unknown may remain what depends on a pattern that is no automaton, for look-around, for
//! back-references or for its size. With back-references, whether several patterns match one text
//! is undecidable (Carle and Narendran, "On extended regular expressions", 2009); look-around would be regular, but its automata grow exponentially, and
//! evaluation does not build them either. Such an answer is [`Undecided`], never a guess.
//!
//! So is one that meets a limit on work: clauses learnt, models looked at, places of the product of
//! automata, keywords and values that one text must have. All are counted and not timed, and out
//! of reach of bundles that people write. It takes one of them to leave open how a number is
//! spelled: where only texts of 16 or 17 digits will do and thousands of decimals of that length
//! are the text of no double, each of them is looked at.

mod alone;
mod arguments;
mod assertions;
mod changes;
mod conflicts;
mod decided;
mod decimal;
mod keywords;
mod letters;
mod machine;
mod names;
mod outline;
mod parts;
mod patterns;
mod product;
mod questions;
mod reach;
mod redundancy;
mod sample;
mod sat;
mod search;
mod space;
mod spelling;
mod texts;
mod trie;
mod units;
mod witness;

#[cfg(test)]
mod tests;

use std::fmt;
use std::rc::Rc;

pub use self::alone::Implied;
pub use self::assertions::{Counterexample, Proof, prove};
pub use self::changes::{Change, Comparison, diff};
pub use self::conflicts::Conflict;
pub use self::decided::Decided;
use self::decided::{Effect, Effects};
use self::outline::Outlines;
pub use self::parts::Part;
use self::questions::{Conditions, Found};
pub use self::reach::Reachability;
pub use self::redundancy::Redundancy;
pub use self::search::Undecided;
pub use self::units::Text;
pub use self::witness::{Witness, WitnessValue};
use crate::model::bundle::Bundle;

/// A bundle that is being asked about.
pub struct Logic {
    bundle: Bundle,
    conditions: Conditions,
    outlines: Outlines,
    /// Of each rule, and last of the default.
    effects: Rc<[Effect]>,
    /// For each rule whether it can decide, once asked.
    reachable: Vec<Option<Reachability>>,
}

impl Logic {
    /// Takes a bundle in. The cost is that of compiling its rules.
    pub fn new(bundle: &Bundle) -> Self {
        Self {
            bundle: bundle.clone(),
            conditions: Conditions::new(bundle.rules.clone()),
            outlines: Outlines::of(&bundle.rules),
            effects: Effects::default().of(bundle).into(),
            reachable: vec![None; bundle.rules.len()],
        }
    }

    /// The first rule that matches every call although others follow it. The default and all
    /// later rules are dead.
    pub fn catch_all(&mut self) -> Option<usize> {
        let last = self.bundle.rules.len().saturating_sub(1);
        (0..last).find(|&rule| {
            matches!(
                self.conditions.ask(&[], &|other| other == rule),
                Found::None(_)
            )
        })
    }
}

/// A search was given up because it takes too much work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct OutOfBudget;

impl fmt::Debug for Logic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logic")
            .field("bundle", &self.bundle)
            .finish_non_exhaustive()
    }
}
