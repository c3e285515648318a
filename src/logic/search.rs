//! From a question to a call that answers it, or the proof that there is none. Owns the loop of
//! guess and check; knows neither outcomes nor the order of rules.
//!
//! The solver knows of texts only what [`super::space`] says of them. Where its model has no
//! counterpart among calls, because no number of some range can be written without an unwanted
//! keyword or because no text does what it says of patterns, that becomes a clause and the solver
//! is asked again: there are finitely many such clauses.

use std::collections::BTreeMap;

use super::arguments::Chosen;
use super::decimal::{self, Range};
use super::sample::samples;
use super::sat::{Lit, Verdict};
use super::space::Space;
use super::spelling::{Demand, decide, texts_of};
use super::texts::{Asked, Value};
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

/// What says whether a call is one that is looked for.
pub(super) type Accept<'a> = Option<&'a mut dyn FnMut(&Witness) -> bool>;

/// Models that one question may look at.
const MODELS: usize = 1_000;

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
    /// evaluation; without it, the call is made so that all of the model is true of it.
    pub(super) fn search(&mut self, assumptions: &[Lit], mut accept: Accept<'_>) -> Answer {
        for _ in 0..MODELS {
            match self.sat.solve(assumptions) {
                Verdict::Conflict(core) => return Answer::No(core),
                Verdict::OutOfBudget => return Answer::Unknown(Undecided::Budget),
                Verdict::Model => {}
            }
            match self.realise(&mut accept) {
                Ok(witness) => return Answer::Yes(Box::new(witness)),
                Err(Stuck::Impossible(clause)) => self.sat.clause(clause),
                Err(Stuck::Unknown(why)) => return Answer::Unknown(why),
            }
        }
        Answer::Unknown(Undecided::Budget)
    }

    /// Makes a call of the last model.
    fn realise(&self, accept: &mut Accept<'_>) -> Result<Witness, Stuck> {
        let mut fixed = Vec::new();
        for (key, argument) in &self.arguments {
            if let Some((chosen, literal)) = argument.chosen(&self.sat) {
                fixed.push(self.fixed(key, chosen, literal)?);
            }
        }
        let plain = match accept {
            Some(accept) => self.plainly(&fixed, accept),
            None if self.patterns.is_empty() => self.plainly(&fixed, &mut |_| true),
            None => None,
        };
        if let Some(plain) = plain {
            return Ok(plain);
        }
        debug_assert!(
            !self.patterns.is_empty(),
            "the formula says less than is true: {fixed:?}"
        );
        match accept {
            Some(accept) => self.spelled(&fixed, accept),
            None => self.spelled(&fixed, &mut |_| true),
        }
    }

    /// The value of an argument in the last model.
    fn fixed(&self, key: &str, chosen: Chosen, literal: Lit) -> Result<Fixed, Stuck> {
        let mut fixed = Fixed {
            key: key.to_owned(),
            value: WitnessValue::Null,
            range: None,
            because: vec![literal],
        };
        fixed.value = match chosen {
            Chosen::Null => WitnessValue::Null,
            Chosen::Bool(flag) => WitnessValue::Bool(flag),
            Chosen::String(string) => WitnessValue::String(string.as_str().into()),
            Chosen::Number { range, because } => {
                fixed.because = because;
                fixed.range = Some(range);
                WitnessValue::Number(self.number(range, &fixed.because)?)
            }
        };
        Ok(fixed)
    }

    /// A call of the last model that is easy to read, if one such will do: every text that must be
    /// there is a value of its own.
    fn plainly(
        &self,
        fixed: &[Fixed],
        accept: &mut dyn FnMut(&Witness) -> bool,
    ) -> Option<Witness> {
        let matching = self.patterns.languages();
        let patterns: Vec<Vec<String>> = matching
            .filter(|&(_, literal)| self.sat.holds(literal))
            .map(|(language, _)| samples(&language.pattern))
            .collect();
        let keywords = self.spare_keywords();
        let most = patterns.iter().map(Vec::len).max().unwrap_or(1);
        (0..most).find_map(|variant| {
            let texts = patterns
                .iter()
                .filter_map(|samples| samples.iter().cycle().nth(variant));
            let texts = texts
                .map(String::as_str)
                .chain(keywords.iter().map(|&(word, _)| word));
            let texts = texts.map(|text| (None, WitnessValue::String(text.into())));
            let fixed = fixed
                .iter()
                .map(|fixed| (Some(fixed.key.as_str()), fixed.value.clone()));
            let call = self.call(fixed.chain(texts));
            accept(&call).then_some(call)
        })
    }

    /// A number of a range whose text contains no keyword that is absent in the model.
    fn number(&self, range: Range, because: &[Lit]) -> Result<f64, Stuck> {
        let texts = texts_of(range);
        let absent = self.keywords.absent(&self.sat).into_iter();
        let absent = absent.map(|(word, literal)| Demand {
            asked: Asked::Lacks(word),
            because: Some(vec![!literal]),
        });
        let number = Demand {
            asked: Asked::Has(0, &texts, Some(range)),
            because: Some(because.to_vec()),
        };
        let demands: Vec<Demand<'_>> = absent.chain([number]).collect();
        let values = decide(&demands, &self.work)?.unwrap_or_default();
        let number = values.into_iter().find_map(|value| match value {
            Value::Given(_, text) => Some(decimal::read(&text)),
            Value::Free(_) => None,
        });
        Ok(number.unwrap_or(range.low))
    }

    /// The call of the last model with these values, those of arguments that no rule asks for
    /// without a key.
    pub(super) fn call<'k>(
        &self,
        values: impl Iterator<Item = (Option<&'k str>, WitnessValue)>,
    ) -> Witness {
        let names = ["text", "input", "note"].into_iter().map(str::to_owned);
        let names = names.chain((2..).map(|number| format!("text_{number}")));
        let mut names = names.filter(|name| !self.arguments.contains_key(name));
        let mut arguments: Vec<(String, WitnessValue)> = Vec::new();
        let mut is_last_free = false;
        for (key, value) in values {
            match (arguments.last_mut(), key) {
                (Some((_, last)), None) if is_last_free => last.append(value),
                (_, key) => {
                    let key = key.map(str::to_owned).or_else(|| names.next());
                    arguments.push((key.unwrap_or_default(), value));
                }
            }
            is_last_free = key.is_none();
        }
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
    pub(super) fn spare_keywords(&self) -> Vec<(&str, Lit)> {
        let occurring = self.keywords.occurring(&self.sat);
        let inside = |text: &str| {
            occurring
                .iter()
                .any(|&(outer, _)| outer.len() > text.len() && outer.contains(text))
        };
        let outermost = occurring.iter().filter(|&&(text, _)| !inside(text));
        outermost.copied().collect()
    }
}

/// An argument that rules ask for, with a value.
#[derive(Debug)]
pub(super) struct Fixed {
    pub(super) key: String,
    pub(super) value: WitnessValue,
    /// The numbers that would do as well.
    pub(super) range: Option<Range>,
    /// What says that it has this value, or one like it.
    pub(super) because: Vec<Lit>,
}

/// Why a model did not become a call.
pub(super) enum Stuck {
    /// It has no counterpart; one of these must hold.
    Impossible(Vec<Lit>),
    Unknown(Undecided),
}
