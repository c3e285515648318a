//! From a question to a call that answers it, or the proof that there is none. Owns the loop of
//! guess and check; knows neither outcomes nor the order of rules.
//!
//! The solver knows of texts only what [`super::space`] says of them. Where its model has no
//! counterpart among calls, because no number of some range can be written without an unwanted
//! keyword, that becomes a clause and the solver is asked again: there are finitely many such
//! clauses.

use std::collections::BTreeMap;

use super::arguments::Chosen;
use super::decimal;
use super::sample::samples;
use super::sat::{Lit, Verdict};
use super::space::Space;
use super::witness::{Witness, WitnessValue};
use crate::model::bundle::TrustLevel;

/// Why a question is left open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undecided {
    /// It depends on which texts a pattern matches.
    #[error("it depends on which texts a pattern matches")]
    Pattern,
    /// It takes too much work.
    #[error("it takes too many steps to find out")]
    Budget,
}

/// The answer to a question.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    /// This call shows it.
    Yes(Box<Witness>),
    /// No call does, because of these assumptions.
    No(Vec<Lit>),
    /// It was not found out.
    Unknown(Undecided),
}

impl Space {
    /// Looks for a call for which `assumptions` hold. `accept` says whether they do, by way of
    /// evaluation.
    pub(super) fn search(
        &mut self,
        assumptions: &[Lit],
        accept: &mut dyn FnMut(&Witness) -> bool,
    ) -> Answer {
        loop {
            match self.sat.solve(assumptions) {
                Verdict::Conflict(core) => return Answer::No(core),
                Verdict::OutOfBudget => return Answer::Unknown(Undecided::Budget),
                Verdict::Model => {}
            }
            match self.realise(accept) {
                Ok(witness) => return Answer::Yes(Box::new(witness)),
                Err(Stuck::Impossible(clause)) => self.sat.clause(clause),
                Err(Stuck::Unknown(why)) => return Answer::Unknown(why),
            }
        }
    }

    /// Makes a call of the last model.
    fn realise(&self, accept: &mut dyn FnMut(&Witness) -> bool) -> Result<Witness, Stuck> {
        let sat = &self.sat;
        let mut arguments = Vec::new();
        for (key, argument) in &self.arguments {
            let value = match argument.chosen(sat) {
                None => continue,
                Some((Chosen::Null, _)) => WitnessValue::Null,
                Some((Chosen::Bool(flag), _)) => WitnessValue::Bool(flag),
                Some((Chosen::String(string), _)) => WitnessValue::String(string),
                Some((Chosen::Number { low, high, because }, _)) => {
                    WitnessValue::Number(self.number(low, high, &because)?)
                }
            };
            arguments.push((key.clone(), value));
        }
        let mut witness = self.facts(arguments);
        let patterns = self.patterns.matching(sat);
        let patterns: Vec<Vec<String>> = patterns
            .iter()
            .map(|(pattern, _)| samples(pattern))
            .collect();
        let keywords = self.spare_keywords();
        let most = patterns.iter().map(Vec::len).max().unwrap_or(1);
        let fixed = std::mem::take(&mut witness.arguments);
        for variant in 0..most {
            let texts = patterns
                .iter()
                .filter_map(|samples| samples.iter().cycle().nth(variant));
            let texts = texts.chain(&keywords).cloned().collect();
            witness.arguments.clone_from(&fixed);
            self.add_texts(texts, &mut witness.arguments);
            if accept(&witness) {
                return Ok(witness);
            }
        }
        debug_assert!(
            !self.patterns.is_empty(),
            "the formula says less than is true: {witness:?}"
        );
        Err(Stuck::Unknown(Undecided::Pattern))
    }

    /// A number of a range whose text contains no keyword that is absent in the model.
    fn number(&self, low: f64, high: f64, because: &[Lit]) -> Result<f64, Stuck> {
        let absent = self.keywords.absent(&self.sat);
        let avoiding = |absent: &[(&str, Lit)]| {
            let words: Vec<&str> = absent.iter().map(|&(word, _)| word).collect();
            decimal::avoiding(low, high, &words).map_err(|_| Stuck::Unknown(Undecided::Budget))
        };
        if let Some(number) = avoiding(&absent)? {
            return Ok(number);
        }
        // Each keyword is left out that is not needed for there to be no number.
        let mut needed = absent;
        let mut at = 0;
        while at < needed.len() {
            let word = needed.remove(at);
            if avoiding(&needed)?.is_some() {
                needed.insert(at, word);
                at += 1;
            }
        }
        let occurs = needed.iter().map(|&(_, literal)| literal);
        let clause = because
            .iter()
            .map(|&literal| !literal)
            .chain(occurs)
            .collect();
        Err(Stuck::Impossible(clause))
    }

    /// Everything of the last model but the texts.
    fn facts(&self, arguments: Vec<(String, WitnessValue)>) -> Witness {
        let sat = &self.sat;
        let owned = |name: Option<&str>| name.map(str::to_owned);
        let environment = owned(self.environments.chosen(sat));
        let held = |literals: &BTreeMap<String, Lit>| -> Vec<String> {
            let held = literals.iter().filter(|&(_, &literal)| sat.holds(literal));
            held.map(|(name, _)| name.clone()).collect()
        };
        let mut levels = self.trust.iter().zip(TrustLevel::ALL);
        let level = levels.rfind(|&(&literal, _)| sat.holds(literal));
        Witness {
            tool_name: self.tools.chosen(sat),
            environment: environment.unwrap_or_else(|| {
                self.environments
                    .other(&["prod", "staging", "dev", "other"])
            }),
            agent_type: owned(self.agent_types.chosen(sat)),
            trust_level: level.map(|(_, level)| level),
            roles: held(&self.roles),
            tool_provider: owned(self.providers.chosen(sat)),
            data_labels: held(&self.labels),
            arguments,
        }
    }

    /// The keywords of the last model that occur, but for those inside of others.
    fn spare_keywords(&self) -> Vec<String> {
        let occurring = self.keywords.occurring(&self.sat);
        let inside = |text: &str| {
            occurring
                .iter()
                .any(|&(outer, _)| outer.len() > text.len() && outer.contains(text))
        };
        let outermost = occurring.iter().filter(|&&(text, _)| !inside(text));
        outermost.map(|&(text, _)| text.to_owned()).collect()
    }

    /// Adds an argument that no rule asks for, with these texts as its value.
    fn add_texts(&self, mut texts: Vec<String>, arguments: &mut Vec<(String, WitnessValue)>) {
        if texts.is_empty() {
            return;
        }
        let names = ["text", "input", "note"].into_iter().map(str::to_owned);
        let mut names = names.chain((2..).map(|number| format!("text_{number}")));
        let key = names
            .find(|name| !self.arguments.contains_key(name))
            .unwrap_or_default();
        let value = match texts.len() {
            1 => WitnessValue::String(texts.remove(0)),
            _ => WitnessValue::Strings(texts),
        };
        arguments.push((key, value));
    }
}

/// Why a model did not become a call.
enum Stuck {
    /// It has no counterpart; one of these must hold.
    Impossible(Vec<Lit>),
    Unknown(Undecided),
}
