//! How the cost of a text grows with its repetitions. Owns measuring it and telling exponential growth from polynomial.

use super::alphabet::{Alphabet, Class};
use super::budget::{Budget, Exhausted};
use super::candidates::Pumps;
use super::cost::{Failure, Pricer};
use crate::ecma::{Pattern, Subject};

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
    /// Matches no text of this kind.
    Nothing,
    /// Too large to measure.
    None,
}

/// The most steps of a graph to price.
const MAX_STEPS: usize = 60_000;

/// Work after which twice the repetitions are not worth theirs.
const MUCH: u64 = 150_000;

/// The most repetitions of a unit, however large the counts of the pattern are.
const LARGE: usize = 2_000;

/// The longest text, in code units, that counts as short.
const SHORT: usize = 600;

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
        match self.machine(text) {
            Machine::Priced(pricer) => {
                let price = pricer.search(text, budget)?;
                Ok(price.map(|price| price.steps))
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
        match self.machine(&repeated(pumps, ending, 1)) {
            Machine::Priced(pricer) => pricer.family(pumps, ending, times, budget),
            _ => Ok(None),
        }
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
        let shortest = pumps.iter().map(|(_, word)| word.len()).min();
        let beyond = (self.counted * 3 / 2).div_ceil(shortest.unwrap_or(1).max(1));
        let many = beyond.min(LARGE);
        if matches!(self.machine(&repeated(pumps, ending, 1)), Machine::Priced(pricer) if pricer.recalls())
        {
            return self.growth_by_doubling(text, many, budget);
        }
        // Limited by counts, but not before a short text takes a second.
        let mut explosive = false;
        if self.is_linear(text, [4, 8, 12], budget)? {
            // Something may have to be there many times before anything grows.
            if beyond <= 12 || self.is_linear(text, [many, many + 8, many + 16], budget)? {
                return Ok(None);
            }
        } else if let Some(&[one, two, three, four]) =
            self.family(text, &[8, 16, 24, 32], budget)?.as_deref()
        {
            if !four.is_finite() || is_exponential(one, two, three, four) {
                return Ok(Some(Growth::Exponential));
            }
            explosive = four >= SECOND && repeated(pumps, ending, 32).len() <= SHORT;
        }
        let unit = many.max(16);
        let times = [unit, 2 * unit, 3 * unit, 4 * unit, 6 * unit];
        let family = self.family(text, &times, budget)?;
        let growth = family.and_then(|steps| degree_of(&steps));
        Ok(growth.or(explosive.then_some(Growth::Exponential)))
    }

    /// The same where the work to find it out grows too: with as many repetitions as can be.
    fn growth_by_doubling(
        &mut self,
        text: (&Pumps, &[Class]),
        many: usize,
        budget: &mut Budget,
    ) -> Result<Option<Growth>, Exhausted> {
        if self.is_linear(text, [4, 8, 12], budget)?
            && (many <= 12 || self.is_linear(text, [many, many + 8, many + 16], budget)?)
        {
            return Ok(None);
        }
        let mut growth = None;
        let mut unit = 1;
        let mut enough = 16;
        while unit <= enough {
            let before = budget.left();
            let times = [unit, 2 * unit, 3 * unit, 4 * unit, 6 * unit];
            let Some(steps) = self.family(text, &times, budget)? else {
                break;
            };
            let work = before.saturating_sub(budget.left());
            growth = degree_of(&steps);
            if let &[one, two, three, four, _] = steps.as_slice()
                && is_exponential(one, two, three, four)
            {
                if unit > 1 {
                    return Ok(Some(Growth::Exponential));
                }
                growth = Some(Growth::Exponential);
            }
            if work > MUCH {
                break;
            }
            unit *= 2;
            if growth.is_none() && unit > enough && unit < many {
                // Something may have to be there many times before anything grows.
                unit = many;
                enough = many;
            }
        }
        Ok(growth)
    }

    /// Whether the costs of so many repetitions, evenly spaced, lie on a line.
    fn is_linear(
        &mut self,
        text: (&Pumps, &[Class]),
        times: [usize; 3],
        budget: &mut Budget,
    ) -> Result<bool, Exhausted> {
        let family = self.family(text, &times, budget)?;
        Ok(match family.as_deref() {
            Some(&[one, two, three]) => {
                let bend = three - 2.0 * two + one;
                bend < 0.5 || bend < three * 1e-9
            }
            _ => false,
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Costs at one, two, three, four and six times sixteen repetitions.
    fn measured(cost: impl Fn(f64) -> f64) -> [f64; 5] {
        [1.0, 2.0, 3.0, 4.0, 6.0].map(|times| cost(16.0 * times))
    }

    #[test]
    fn degrees_are_those_of_polynomials() {
        let degree = |cost: fn(f64) -> f64| degree_of(&measured(cost));
        assert_eq!(degree(|n| 7.0 * n + 30.0), None);
        assert_eq!(degree(|n| n * n.log2()), None);
        assert_eq!(degree(|n| 1000.0 * n - n * n), None, "ever less");
        assert_eq!(degree(|n| n * n / 2.0), Some(Growth::Polynomial(2)));
        assert_eq!(
            degree(|n| n * n + 500.0 * n + 9.0),
            Some(Growth::Polynomial(2))
        );
        assert_eq!(degree(|n| n.powi(3)), Some(Growth::Polynomial(3)));
        assert_eq!(degree(|n| n.powi(6)), Some(Growth::Polynomial(6)));
        assert_eq!(degree(|n| n.powi(7)), Some(Growth::Exponential));
        assert_eq!(degree(|n| 2_f64.powf(n)), Some(Growth::Exponential));
        assert_eq!(degree(|n| 1e300 * n.powi(9)), Some(Growth::Exponential));
        // Nothing grows until four times as many, or does no longer then.
        assert_eq!(degree_of(&[10.0, 20.0, 30.0, 40.0, 200.0]), None);
        assert_eq!(degree_of(&[10.0, 20.0, 40.0, 40.0, 40.0]), None);
        assert_eq!(degree_of(&[1.0, 2.0, 3.0]), None);
    }

    #[test]
    fn a_factor_that_stays_is_exponential() {
        let exponential = |cost: fn(f64) -> f64| {
            let [one, two, three, four] = [1.0, 2.0, 3.0, 4.0].map(cost);
            is_exponential(one, two, three, four)
        };
        assert!(exponential(|n| 10_f64.powf(n)));
        assert!(exponential(|n| 3_f64.powf(n)));
        assert!(exponential(|n| 3_f64.powf(8.0 * n)));
        assert!(exponential(|n| 500.0 * n + 9_f64.powf(n)));
        assert!(!exponential(|n| 1.5_f64.powf(n)), "too little to tell");
        assert!(
            !exponential(|n| 1000.0 + 3_f64.powf(n)),
            "too little to tell"
        );
        assert!(!exponential(|n| (n + 1.0).powi(6)));
        for degree in 1..=12 {
            let [one, two, three, four] = [1.0_f64, 2.0, 3.0, 4.0].map(|n| n.powi(degree));
            assert!(!is_exponential(one, two, three, four), "{degree}");
        }
    }
}
