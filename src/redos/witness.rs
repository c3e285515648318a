//! A candidate that was confirmed, made presentable. Owns shortening it, running it and saying how
//! much of it takes a second.

use super::alphabet::{Alphabet, Class};
use super::attack::{Attack, Pump};
use super::budget::{Budget, Exhausted};
use super::candidates::Pumps;
use super::growth::{Growth, Meter, SECOND, repeated};
use crate::diagnostic::Span;
use crate::ecma::{Pattern, Program, Search};

/// What one text of an attack costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measurement {
    /// How often each word is repeated.
    pub repetitions: usize,
    /// The length of the text in UTF-16 code units.
    pub length: usize,
    /// The steps of the backtracker; `u64::MAX` stands for that many or more.
    pub steps: u64,
}

/// A candidate that grows.
#[derive(Clone, Debug)]
pub(super) struct Proof {
    pub(super) growth: Growth,
    pub(super) pumps: Pumps,
    pub(super) ending: Vec<Class>,
    pub(super) loops: Vec<Span>,
}

/// The most work for one attempt to shorten a proof.
const SHORTENING: u64 = 200_000;
/// The most attempts.
const ATTEMPTS: usize = 40;
/// The most steps that a proof is run for in the end.
const FINAL_RUN: f64 = 20_000.0;
/// The longest text considered when looking for the one that takes a second.
const LONGEST: usize = 2_000;

impl Proof {
    /// Leaves out whatever is not needed for the same growth, and makes one word of several where
    /// that will do.
    pub(super) fn shorten(&mut self, meter: &mut Meter<'_>, budget: &mut Budget) {
        if let Some(merged) = self.merged()
            && self.is_matched_by(&merged, meter, budget)
        {
            *self = merged;
        }
        let mut attempts = 0;
        let mut retry = true;
        while retry {
            retry = false;
            let mut next = 0;
            while let Some(shorter) = self.without(next) {
                attempts += 1;
                if attempts > ATTEMPTS {
                    return;
                }
                if self.is_matched_by(&shorter, meter, budget) {
                    *self = shorter;
                    retry = true;
                } else {
                    next += 1;
                }
            }
        }
    }

    /// Whether the text of `other` grows as fast.
    fn is_matched_by(&self, other: &Self, meter: &mut Meter<'_>, budget: &mut Budget) -> bool {
        let mut own = budget.take(SHORTENING);
        let growth = meter.growth(&other.pumps, &other.ending, &mut own);
        budget.put_back(own);
        growth.is_ok_and(|growth| growth >= Some(self.growth))
    }

    /// The proof with all that is repeated as one word, after what comes first; `None` when it is
    /// one already.
    fn merged(&self) -> Option<Self> {
        let ((prefix, first), rest) = self.pumps.split_first()?;
        if rest.is_empty() {
            return None;
        }
        let rest = rest
            .iter()
            .flat_map(|(prefix, word)| prefix.iter().chain(word));
        let word = first.iter().chain(rest).copied().collect();
        Some(Self {
            pumps: vec![(prefix.clone(), word)],
            ..self.clone()
        })
    }

    /// The proof without its part `index`; `None` when it has fewer.
    fn without(&self, index: usize) -> Option<Self> {
        let mut shorter = self.clone();
        let mut index = index;
        // Whole words, when there are several; what preceded them goes to the next.
        if self.pumps.len() > 1 {
            if index < self.pumps.len() {
                let (mut prefix, _) = shorter.pumps.remove(index);
                match shorter.pumps.get_mut(index) {
                    Some((next, _)) => {
                        prefix.append(next);
                        *next = prefix;
                    }
                    None => {
                        prefix.append(&mut shorter.ending);
                        shorter.ending = prefix;
                    }
                }
                return Some(shorter);
            }
            index -= self.pumps.len();
        }
        if index < self.ending.len() {
            shorter.ending.remove(index);
            return Some(shorter);
        }
        index -= self.ending.len();
        for (prefix, word) in &mut shorter.pumps {
            if index < prefix.len() {
                prefix.remove(index);
                return Some(shorter);
            }
            index -= prefix.len();
            if word.len() > 1 {
                if index < word.len() {
                    word.remove(index);
                    return Some(shorter);
                }
                index -= word.len();
            }
        }
        None
    }

    /// The texts as code units.
    pub(super) fn attack(&self, alphabet: &Alphabet) -> Attack {
        let units = |classes: &[Class]| -> Vec<u16> {
            let units = classes.iter().map(|&class| alphabet.representative(class));
            units.collect()
        };
        Attack {
            pumps: self
                .pumps
                .iter()
                .map(|(prefix, word)| Pump {
                    prefix: units(prefix),
                    word: units(word),
                })
                .collect(),
            suffix: units(&self.ending),
        }
    }

    fn measure(
        &self,
        repetitions: usize,
        meter: &mut Meter<'_>,
        budget: &mut Budget,
    ) -> Result<Option<(usize, f64)>, Exhausted> {
        let text = repeated(&self.pumps, &self.ending, repetitions);
        let steps = meter.steps(&text, budget)?;
        Ok(steps.map(|steps| (text.len(), steps)))
    }

    /// What the attack costs at growing numbers of repetitions, and how long a text takes a
    /// second.
    pub(super) fn evidence(
        &self,
        meter: &mut Meter<'_>,
        budget: &mut Budget,
    ) -> Result<(Vec<Measurement>, Option<u64>), Exhausted> {
        let mut evidence: Vec<(usize, usize, f64)> = Vec::new();
        let mut repetitions = match self.growth {
            Growth::Exponential => 4,
            Growth::Polynomial(_) => 16,
        };
        loop {
            let Some((length, steps)) = self.measure(repetitions, meter, budget)? else {
                // Where steps are costly to count, fewer repetitions must do.
                if evidence.is_empty() && repetitions > 1 {
                    repetitions /= 4;
                    continue;
                }
                break;
            };
            evidence.push((repetitions, length, steps));
            let enough = match self.growth {
                Growth::Exponential => steps >= SECOND,
                Growth::Polynomial(_) => evidence.len() >= 3,
            };
            if enough || length > LONGEST {
                break;
            }
            repetitions = match self.growth {
                Growth::Exponential => repetitions + repetitions.div_ceil(2),
                Growth::Polynomial(_) => repetitions * 2,
            };
        }
        let second = second(&evidence, self.growth);
        let kept = evidence.len().saturating_sub(4);
        let evidence = evidence
            .iter()
            .skip(kept)
            .map(|&(repetitions, length, steps)| Measurement {
                repetitions,
                length,
                steps: steps as u64,
            })
            .collect();
        Ok((evidence, second))
    }

    /// Whether the backtracker, run on a text of the attack, takes just the steps foretold.
    pub(super) fn is_run(
        &self,
        pattern: &Pattern,
        attack: &Attack,
        meter: &mut Meter<'_>,
        budget: &mut Budget,
    ) -> Result<bool, Exhausted> {
        let mut last = None;
        for repetitions in [1, 2, 4, 8, 16, 32, 64] {
            match self.measure(repetitions, meter, budget)? {
                Some((_, steps)) if steps <= FINAL_RUN => last = Some((repetitions, steps)),
                _ => break,
            }
        }
        let Some((repetitions, foretold)) = last else {
            // Even one repetition is too expensive to run; it need not be repeated.
            return Ok(true);
        };
        let subject = meter.subject(&repeated(&self.pumps, &self.ending, 1));
        let Ok(program) = Program::compile_for(pattern, subject) else {
            return Ok(false);
        };
        let (search, steps) = program.search(&attack.text(repetitions), 2 * FINAL_RUN as u64);
        Ok(search != Search::OutOfSteps && steps as f64 == foretold)
    }
}

/// The length of the text that takes a second, from measurements at growing lengths.
fn second(evidence: &[(usize, usize, f64)], growth: Growth) -> Option<u64> {
    let &(_, length, steps) = evidence.last()?;
    if let Growth::Polynomial(degree) = growth {
        let factor = (SECOND / steps).powf(1.0 / f64::from(degree));
        return Some((length as f64 * factor) as u64);
    }
    let earlier = evidence
        .len()
        .checked_sub(2)
        .and_then(|at| evidence.get(at));
    let &(_, shorter, fewer) = earlier?;
    // On a logarithmic scale, between the last two or beyond them.
    let slope = (steps.ln() - fewer.ln()) / (length as f64 - shorter as f64);
    let beyond = (SECOND.ln() - fewer.ln()) / slope;
    beyond
        .is_finite()
        .then_some((shorter as f64 + beyond).max(1.0) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A proof in letters: `ab(cd)` repeats `cd` after `ab`.
    fn shown(proof: &Proof) -> String {
        let letters = |classes: &[Class]| -> String {
            let letters = classes.iter().map(|&class| char::from(class as u8));
            letters.collect()
        };
        let pumps = proof.pumps.iter();
        let pumps = pumps.map(|(prefix, word)| format!("{}({})", letters(prefix), letters(word)));
        pumps.collect::<String>() + &letters(&proof.ending)
    }

    fn shorter(pumps: &[(&str, &str)], ending: &str) -> Vec<String> {
        let classes = |text: &str| text.bytes().map(Class::from).collect::<Vec<_>>();
        let pumps = pumps.iter();
        let proof = Proof {
            growth: Growth::Exponential,
            pumps: pumps
                .map(|(prefix, word)| (classes(prefix), classes(word)))
                .collect(),
            ending: classes(ending),
            loops: Vec::new(),
        };
        let shorter = (0..).map_while(|index| proof.without(index));
        shorter.map(|proof| shown(&proof)).collect()
    }

    #[test]
    fn each_part_of_a_proof_is_left_out_once() {
        assert_eq!(
            shorter(&[("ab", "cd"), ("e", "f")], "g"),
            [
                // A whole word, whose prefix goes to what follows.
                "abe(f)g",
                "ab(cd)eg",
                // One code unit.
                "ab(cd)e(f)",
                "b(cd)e(f)g",
                "a(cd)e(f)g",
                "ab(d)e(f)g",
                "ab(c)e(f)g",
                "ab(cd)(f)g",
            ]
        );
        assert_eq!(shorter(&[("a", "bc")], ""), ["(bc)", "a(c)", "a(b)"]);
        assert_eq!(shorter(&[("", "a")], ""), [""; 0], "nothing to leave out");
    }
}
