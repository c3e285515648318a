//! From a model to a call whose texts do as patterns say. Owns what is asked of the texts, and
//! what the solver learns where no text will do.
//!
//! This is the theory of texts in the sense of Nieuwenhuis, Oliveras and Tinelli, "Solving SAT and
//! SAT modulo theories" (2006): the solver chooses which patterns match and which keywords occur,
//! [`texts`] decides whether any text does all of that, and if not, the least part of it that no
//! text does becomes a clause.

use std::collections::BTreeSet;

use super::OutOfBudget;
use super::decimal::{self, Range};
use super::sample::samples;
use super::sat::Lit;
use super::search::{Fixed, Stuck, Undecided};
use super::space::Space;
use super::texts::{self, Asked, Found, Value, Work};
use super::witness::{Witness, WitnessValue};

/// Something asked of the texts.
pub(super) struct Demand<'m> {
    pub(super) asked: Asked<'m>,
    /// What says so in the model; `None` for what is only a guess.
    pub(super) because: Option<Vec<Lit>>,
}

impl Space {
    /// A call of the last model with texts for which all is true that patterns and keywords must
    /// be. Patterns that take more than an automaton are guessed, in several ways.
    pub(super) fn spelled(
        &self,
        fixed: &[Fixed],
        accept: &mut dyn FnMut(&Witness) -> bool,
    ) -> Result<Witness, Stuck> {
        let guesses = self.guesses();
        let most = guesses.iter().map(Vec::len).max().unwrap_or(1);
        for attempt in 0..most {
            let guesses = guesses
                .iter()
                .filter_map(|texts| texts.iter().cycle().nth(attempt));
            let guesses: BTreeSet<String> = guesses.map(|text| text.to_lowercase()).collect();
            if let Some(call) = self.spelled_with(fixed, &guesses)?.filter(&mut *accept) {
                return Ok(call);
            }
        }
        Err(Stuck::Unknown(Undecided::Pattern))
    }

    /// Texts that the patterns probably match which must and have no automaton.
    fn guesses(&self) -> Vec<Vec<String>> {
        let languages = self.patterns.languages();
        let guessed = languages
            .filter(|(language, literal)| self.sat.holds(*literal) && !language.is_regular());
        guessed
            .map(|(language, _)| samples(&language.pattern))
            .collect()
    }

    /// `None` if the guesses stand in the way.
    fn spelled_with(
        &self,
        fixed: &[Fixed],
        guesses: &BTreeSet<String>,
    ) -> Result<Option<Witness>, Stuck> {
        let mut demands = self.demands();
        let texts: Vec<Vec<String>> = fixed.iter().map(Fixed::texts).collect();
        for (argument, (fixed, texts)) in fixed.iter().zip(&texts).enumerate() {
            if !texts.is_empty() {
                demands.push(Demand {
                    asked: Asked::Has(argument, texts, fixed.range),
                    because: Some(fixed.because.clone()),
                });
            }
        }
        let guesses = guesses.iter().map(|text| Demand {
            asked: Asked::Contains(text),
            because: None,
        });
        demands.extend(guesses);
        if let Some(values) = decide(&demands, &self.work)? {
            let textless = fixed
                .iter()
                .zip(&texts)
                .filter(|(_, texts)| texts.is_empty());
            let textless =
                textless.map(|(fixed, _)| (Some(fixed.key.as_str()), fixed.value.clone()));
            let values = values.into_iter().filter_map(|value| match value {
                Value::Free(text) => Some((None, WitnessValue::String(text))),
                Value::Given(argument, text) => {
                    let fixed = fixed.get(argument)?;
                    let value = match fixed.range {
                        Some(_) => WitnessValue::Number(decimal::read(&text)),
                        None => fixed.value.clone(),
                    };
                    Some((Some(fixed.key.as_str()), value))
                }
            });
            return Ok(Some(self.call(textless.chain(values))));
        }
        // Is it the guesses?
        demands.retain(|demand| demand.because.is_some());
        decide(&demands, &self.work).map(|_| None)
    }

    /// What patterns and keywords ask in the last model.
    fn demands(&self) -> Vec<Demand<'_>> {
        let mut demands = Vec::new();
        let mut add = |asked, literal| {
            demands.push(Demand {
                asked,
                because: Some(vec![literal]),
            });
        };
        for (language, literal) in self.patterns.languages() {
            match (language.is_regular(), self.sat.holds(literal)) {
                (true, true) => add(Asked::Matches(language), literal),
                (true, false) => add(Asked::Fails(language), !literal),
                (false, _) => {}
            }
        }
        for (word, literal) in self.spare_keywords() {
            add(Asked::Contains(word), literal);
        }
        for (word, literal) in self.keywords.absent(&self.sat) {
            add(Asked::Lacks(word), !literal);
        }
        demands
    }
}

impl Fixed {
    /// Its text, or of a number some that are easy to read; none for what has no text.
    fn texts(&self) -> Vec<String> {
        let own = self.value.text().into_iter();
        let others = self.range.into_iter().flat_map(texts_of);
        own.chain(others).collect()
    }
}

/// Texts of numbers of a range, those first that people would choose.
pub(super) fn texts_of(range: Range) -> Vec<String> {
    let numbers = range.round().into_iter();
    numbers.map(decimal::text).collect()
}

/// Values that do all of this; `None` if guesses are among what stands in the way.
pub(super) fn decide(demands: &[Demand<'_>], work: &Work) -> Result<Option<Vec<Value>>, Stuck> {
    let asked: Vec<Asked<'_>> = demands.iter().map(|demand| demand.asked).collect();
    let found =
        texts::find(&asked, work).map_err(|OutOfBudget| Stuck::Unknown(Undecided::Budget))?;
    let needed = match found {
        Found::Values(values) => return Ok(Some(values)),
        Found::Nothing(needed) => needed,
    };
    let because = needed.into_iter().filter_map(|index| demands.get(index));
    let because: Option<Vec<&[Lit]>> = because.map(|demand| demand.because.as_deref()).collect();
    match because {
        Some(because) => Err(Stuck::Impossible(
            because
                .concat()
                .into_iter()
                .map(|literal| !literal)
                .collect(),
        )),
        None => Ok(None),
    }
}
