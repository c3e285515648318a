//! Whether a bundle keeps what its author claims. Owns the proof; does not know how claims are
//! written down.

use super::decided::Decided;
use super::questions::{Conditions, Found};
use super::search::Undecided;
use super::witness::Witness;
use crate::model::assertions::Assertion;
use crate::model::bundle::{Bundle, Match, Rule, When};
use crate::model::decision::Outcome;

/// What is found about an assertion.
#[derive(Clone, Debug, PartialEq)]
pub enum Proof {
    /// It holds for every request.
    Proved,
    /// No request is of the kind that it claims something of.
    Empty,
    /// It does not hold: for each rule that decides otherwise, one request, in the order of the
    /// rules.
    Refuted(Vec<Counterexample>),
    /// It was not found out.
    Unknown(Undecided),
}

/// A request that refutes an assertion.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterexample {
    /// What the bundle decides.
    pub decided: Decided,
    /// The request.
    pub witness: Box<Witness>,
}

/// Proves or refutes each of `assertions` about a bundle.
pub fn prove(bundle: &Bundle, assertions: &[Assertion]) -> Vec<Proof> {
    let mut rules = bundle.rules.clone();
    let kinds: Vec<Kind> = assertions
        .iter()
        .map(|assertion| {
            let first = rules.len();
            rules.push(condition(&assertion.matches, assertion.when.as_ref()));
            let exceptions = assertion.unless.iter();
            rules.extend(
                exceptions.map(|exception| condition(&exception.matches, exception.when.as_ref())),
            );
            Kind {
                first,
                end: rules.len(),
            }
        })
        .collect();
    let mut conditions = Conditions::new(rules);
    let proofs = assertions.iter().zip(kinds);
    proofs
        .map(|(assertion, kind)| kind.prove(bundle, assertion, &mut conditions))
        .collect()
}

/// The requests that an assertion is about: the conditions that they are given by.
#[derive(Clone, Copy)]
struct Kind {
    /// What holds for them.
    first: usize,
    /// After the last exception.
    end: usize,
}

impl Kind {
    fn is_exception(self, condition: usize) -> bool {
        self.first < condition && condition < self.end
    }

    fn prove(self, bundle: &Bundle, assertion: &Assertion, conditions: &mut Conditions) -> Proof {
        match conditions.ask(&[self.first], &|other| self.is_exception(other)) {
            Found::Call(_) => {}
            Found::None(_) => return Proof::Empty,
            Found::Unknown(why) => return Proof::Unknown(why),
        }
        let mut counterexamples = Vec::new();
        let mut unknown = None;
        let count = bundle.rules.len();
        for number in 0..=count {
            let rule = (number < count).then_some(number);
            let decided = Decided::by(bundle, rule);
            if assertion.allows(decided.outcome) {
                continue;
            }
            let hold: Vec<usize> = rule.into_iter().chain([self.first]).collect();
            match conditions.ask(&hold, &|other| other < number || self.is_exception(other)) {
                Found::Call(witness) => counterexamples.push(Counterexample { decided, witness }),
                Found::None(_) => {}
                Found::Unknown(why) => unknown = Some(why),
            }
        }
        match (counterexamples.is_empty(), unknown) {
            (false, _) => Proof::Refuted(counterexamples),
            (true, Some(why)) => Proof::Unknown(why),
            (true, None) => Proof::Proved,
        }
    }
}

/// A condition as a rule, of which only that counts.
fn condition(matches: &Match, when: Option<&When>) -> Rule {
    Rule {
        id: String::new(),
        description: String::new(),
        matches: matches.clone(),
        when: when.cloned(),
        outcome: Outcome::Deny,
        approver_role: None,
        constraints: None,
    }
}
