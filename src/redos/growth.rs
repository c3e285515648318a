//! How the cost of a text grows with its repetitions. Owns measuring it, exactly where the pattern
//! can be priced and by running it otherwise, and telling exponential growth from polynomial.

use super::alphabet::{Alphabet, Class};
use super::budget::{Budget, Exhausted};
use super::candidates::Pumps;
use super::cost::{Failure, Pricer};
use crate::ecma::{Pattern, Program, Search, Subject};

/// How the number of steps grows with the length of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Growth {
    /// As a polynomial of that degree, 2 or more.
    Polynomial(u32),
    /// Exponentially, or so steeply that a short text takes as long.
    Exponential,
}

/// Measures texts of one pattern.
pub(super) struct Meter<'p> {
    pattern: &'p Pattern,
    alphabet: &'p Alphabet,
    one_byte: Machine,
    two_byte: Machine,
    /// Code units that the widest counted repetition takes.
    counted: usize,
}

/// What measures texts of one kind.
enum Machine {
    Unbuilt,
    Priced(Box<Pricer>),
    /// With back-references there is no other way than to run it.
    Run(Box<Program>),
    /// Matches no text of this kind.
    Nothing,
    /// Too large to measure.
    None,
}

/// The most steps of a graph to price.
const MAX_STEPS: usize = 60_000;

/// The most steps of one run.
const RUN: u64 = 100_000;

/// The most repetitions of a unit, however large the counts of the pattern are.
const LARGE: usize = 2_000;

/// Steps that take V8 about a second.
pub(super) const SECOND: f64 = 1e9;

/// From this degree on growth counts as exponential: a second takes some hundred code units.
const STEEP: f64 = 6.5;

impl<'p> Meter<'p> {
    pub(super) fn new(pattern: &'p Pattern, alphabet: &'p Alphabet, counted: usize) -> Self {
        Self {
            pattern,
            alphabet,
            one_byte: Machine::Unbuilt,
            two_byte: Machine::Unbuilt,
            counted,
        }
    }

    /// The kind of text that a word is.
    pub(super) fn subject(&self, text: &[Class]) -> Subject {
        let wide = |&class: &Class| self.alphabet.representative(class) > 0xFF;
        if text.iter().any(wide) {
            Subject::TwoByte
        } else {
            Subject::OneByte
        }
    }

    /// The steps of a search of `text`; `None` when they cannot be found out.
    pub(super) fn steps(
        &mut self,
        text: &[Class],
        budget: &mut Budget,
    ) -> Result<Option<f64>, Exhausted> {
        let alphabet = self.alphabet;
        let machine = self.machine(text);
        match machine {
            Machine::Priced(pricer) => pricer.search(text, budget).map(|price| Some(price.steps)),
            Machine::Run(program) => {
                let units: Vec<u16> = text
                    .iter()
                    .map(|&class| alphabet.representative(class))
                    .collect();
                let (search, steps) = program.search(&units, RUN);
                budget.spend(4 * steps)?;
                Ok((search != Search::OutOfSteps).then_some(steps as f64))
            }
            Machine::Nothing => Ok(Some(text.len() as f64)),
            Machine::Unbuilt | Machine::None => Ok(None),
        }
    }

    /// The steps of searching the texts that repeat every word of `pumps` so many times, in
    /// ascending order; `None` from where on they cannot be found out.
    fn family(
        &mut self,
        text: (&Pumps, &[Class]),
        times: &[usize],
        budget: &mut Budget,
    ) -> Result<Option<Vec<f64>>, Exhausted> {
        let (pumps, ending) = text;
        if let Machine::Priced(pricer) = self.machine(&repeated(pumps, ending, 1)) {
            return pricer.family(pumps, ending, times, budget).map(Some);
        }
        let mut all = Vec::with_capacity(times.len());
        for &times in times {
            match self.steps(&repeated(pumps, ending, times), budget)? {
                Some(steps) => all.push(steps),
                None => return Ok(None),
            }
        }
        Ok(Some(all))
    }

    /// How the cost grows when the words of `pumps` are repeated; `None` when it does not grow
    /// faster than the text, or cannot be found out.
    pub(super) fn growth(
        &mut self,
        pumps: &Pumps,
        ending: &[Class],
        budget: &mut Budget,
    ) -> Result<Option<Growth>, Exhausted> {
        let text = (pumps, ending);
        if let Machine::Run(_) = self.machine(&repeated(pumps, ending, 1)) {
            return self.growth_of_runs(text, budget);
        }
        let shortest = pumps.iter().map(|(_, word)| word.len()).min();
        let beyond = (self.counted * 3 / 2).div_ceil(shortest.unwrap_or(1).max(1));
        let mut first = self.first_look(text, 8, budget)?;
        if first == Look::Linear && beyond > 24 {
            // Something may have to be there many times before anything grows.
            first = self.first_look(text, beyond.min(LARGE) / 2, budget)?;
        }
        if let Look::Exponential | Look::Linear = first {
            return Ok(first.growth());
        }
        let unit = beyond.clamp(16, LARGE);
        let times = [unit, 2 * unit, 3 * unit, 4 * unit, 6 * unit];
        let family = self.family(text, &times, budget)?;
        Ok(family.and_then(|steps| degree_of(&steps)))
    }

    /// Tells what is linear and what is exponential from few repetitions.
    fn first_look(
        &mut self,
        text: (&Pumps, &[Class]),
        unit: usize,
        budget: &mut Budget,
    ) -> Result<Look, Exhausted> {
        let family = self.family(text, &[unit, 2 * unit, 3 * unit, 4 * unit], budget)?;
        let Some(&[one, two, three, four]) = family.as_deref() else {
            return Ok(Look::Linear);
        };
        // A linear cost has no second difference.
        let bend = four - three - two + one;
        Ok(if !four.is_finite() {
            Look::Exponential
        } else if bend < 0.5 || bend < four * 1e-9 {
            Look::Linear
        } else if is_exponential(one, two, three, four) {
            Look::Exponential
        } else {
            Look::Between
        })
    }

    /// The same for a pattern that has to be run, with as many repetitions as can be.
    fn growth_of_runs(
        &mut self,
        text: (&Pumps, &[Class]),
        budget: &mut Budget,
    ) -> Result<Option<Growth>, Exhausted> {
        let mut first = Look::Linear;
        for unit in [3, 2, 1] {
            let times = [unit, 2 * unit, 3 * unit, 4 * unit];
            let family = self.family(text, &times, budget)?;
            if family.is_some() {
                first = self.first_look(text, unit, budget)?;
                break;
            }
        }
        if let Look::Exponential | Look::Linear = first {
            return Ok(first.growth());
        }
        let mut growth = None;
        for unit in [8, 32, 128] {
            let times = [unit, 2 * unit, 3 * unit, 4 * unit, 6 * unit];
            match self.family(text, &times, budget)? {
                Some(steps) => growth = degree_of(&steps),
                None => break,
            }
            if growth.is_none() {
                break;
            }
        }
        Ok(growth)
    }

    fn machine(&mut self, text: &[Class]) -> &mut Machine {
        let subject = self.subject(text);
        let machine = match subject {
            Subject::OneByte => &mut self.one_byte,
            Subject::TwoByte => &mut self.two_byte,
        };
        if let Machine::Unbuilt = machine {
            *machine = Machine::build(self.pattern, subject, self.alphabet);
        }
        machine
    }
}

impl Machine {
    fn build(pattern: &Pattern, subject: Subject, alphabet: &Alphabet) -> Self {
        match Pricer::new(pattern, subject, alphabet, MAX_STEPS) {
            Ok(pricer) => Self::Priced(Box::new(pricer)),
            Err(Failure::Nothing) => Self::Nothing,
            Err(Failure::TooLarge) => Self::None,
            Err(Failure::Backreferences) => match Program::compile_for(pattern, subject) {
                Ok(program) => Self::Run(Box::new(program)),
                Err(_) => Self::None,
            },
        }
    }
}

/// A text with each word repeated that often.
pub(super) fn repeated(
    pumps: &[(Vec<Class>, Vec<Class>)],
    ending: &[Class],
    times: usize,
) -> Vec<Class> {
    let mut text = Vec::new();
    for (prefix, word) in pumps {
        text.extend_from_slice(prefix);
        for _ in 0..times {
            text.extend_from_slice(word);
        }
    }
    text.extend_from_slice(ending);
    text
}

/// What few repetitions tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Linear,
    Between,
    Exponential,
}

impl Look {
    const fn growth(self) -> Option<Growth> {
        match self {
            Self::Exponential => Some(Growth::Exponential),
            Self::Linear | Self::Between => None,
        }
    }
}

/// The growth of costs measured at one, two, three, four and six times a number of repetitions:
/// second differences of a polynomial of degree d grow by 2ᵈ when the step doubles.
fn degree_of(measured: &[f64]) -> Option<Growth> {
    let &[one, two, three, four, six] = measured else {
        return None;
    };
    if !six.is_finite() {
        return Some(Growth::Exponential);
    }
    let (near, far) = (three - 2.0 * two + one, six - 2.0 * four + two);
    if near < 0.5 || far < 0.5 {
        return None;
    }
    let degree = (far / near).log2();
    if degree < 1.55 {
        None
    } else if degree >= STEEP {
        Some(Growth::Exponential)
    } else {
        Some(Growth::Polynomial(degree.round().max(2.0) as u32))
    }
}

/// Whether costs at 1, 2, 3 and 4 times a number of repetitions grow by a constant factor. Those
/// of a polynomial grow by a smaller factor each time.
fn is_exponential(one: f64, two: f64, three: f64, four: f64) -> bool {
    let (first, second) = ((three - two) / (two - one), (four - three) / (three - two));
    four > 4.0 * one && second > 2.0 && second.ln() > 0.85 * first.ln()
}
