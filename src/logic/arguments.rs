//! What one argument of a call can be, as far as rules ask. Owns the cases of a value and how the
//! comparisons of one key exclude or imply each other; knows neither rules nor calls.
//!
//! A value is `null`, `true`, `false`, one of the strings that some rule names, a number, or
//! something else, of which "missing" is the freest: every condition that another string, an
//! object or an array satisfies holds for a missing member too, and that is searched for nothing.
//! Numbers are cut into cases by the bounds that rules name: each bound, and what lies between
//! two. Two bounds next to each other among the doubles have nothing between them.

use std::collections::{BTreeMap, BTreeSet};

use super::decimal::{self, Range};
use super::keywords::Keywords;
use super::sat::{Lit, Sat};
use crate::model::bundle::{ArgumentCondition, Scalar};

/// What rules ask of the values of one key.
#[derive(Debug, Default)]
pub(super) struct Asked<'a> {
    null: bool,
    truths: BTreeSet<bool>,
    strings: BTreeSet<&'a str>,
    numbers: Vec<f64>,
    /// Whether it matters that the value is a number.
    number: bool,
}

impl<'a> Asked<'a> {
    pub(super) fn add(&mut self, condition: &'a ArgumentCondition) {
        match condition {
            ArgumentCondition::Equals(scalar) => self.add_scalar(scalar),
            ArgumentCondition::Compare(wanted) => {
                let bounds = [wanted.gt, wanted.gte, wanted.lt, wanted.lte];
                for bound in bounds.into_iter().flatten() {
                    self.add_number(bound);
                }
                for scalar in [&wanted.eq, &wanted.neq].into_iter().flatten() {
                    self.add_scalar(scalar);
                }
            }
        }
    }

    fn add_scalar(&mut self, scalar: &'a Scalar) {
        match scalar {
            Scalar::Null => self.null = true,
            Scalar::Bool(flag) => {
                self.truths.insert(*flag);
            }
            Scalar::Number(number) => self.add_number(*number),
            Scalar::String(string) => {
                self.strings.insert(string);
            }
        }
    }

    fn add_number(&mut self, number: f64) {
        self.number = true;
        if !number.is_nan() {
            // The two zeros are equal.
            self.numbers.push(number + 0.0);
        }
    }
}

/// The literals of one key.
pub(super) struct Argument {
    null: Option<Lit>,
    truths: BTreeMap<bool, Lit>,
    strings: BTreeMap<String, Lit>,
    number: Option<Lit>,
    /// In ascending order.
    bounds: Vec<Bound>,
}

/// A number that rules name.
#[derive(Clone, Copy)]
struct Bound {
    number: f64,
    at_least: Lit,
    above: Lit,
}

/// What an argument is in a model.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Chosen {
    Null,
    Bool(bool),
    String(String),
    /// A number of a range.
    Number {
        /// The range.
        range: Range,
        /// That the argument is of this range.
        because: Vec<Lit>,
    },
}

impl Argument {
    pub(super) fn new(asked: &Asked<'_>, keywords: &Keywords, sat: &mut Sat) -> Self {
        let null = asked.null.then(|| sat.atom());
        let truths: BTreeMap<bool, Lit> = asked
            .truths
            .iter()
            .map(|&flag| (flag, sat.atom()))
            .collect();
        let strings: BTreeMap<String, Lit> = asked
            .strings
            .iter()
            .map(|&string| (string.to_owned(), sat.atom()))
            .collect();
        let number = asked.number.then(|| sat.atom());
        let kinds = null.into_iter().chain(truths.values().copied());
        let kinds: Vec<Lit> = kinds
            .chain(strings.values().copied())
            .chain(number)
            .collect();
        sat.at_most_one(&kinds);

        for (text, literal) in truths
            .iter()
            .map(|(flag, &literal)| (flag.to_string(), literal))
            .chain(
                strings
                    .iter()
                    .map(|(string, &literal)| (string.to_lowercase(), literal)),
            )
        {
            for keyword in keywords.inside_text(&text) {
                sat.imply(literal, keyword);
            }
        }
        let mut argument = Self {
            null,
            truths,
            strings,
            number,
            bounds: Vec::new(),
        };
        if let Some(number) = number {
            if let Some(some_value) = keywords.some_value() {
                sat.imply(number, some_value);
            }
            argument.add_bounds(&asked.numbers, number, keywords, sat);
        }
        argument
    }

    fn add_bounds(&mut self, numbers: &[f64], number: Lit, keywords: &Keywords, sat: &mut Sat) {
        let mut sorted = numbers.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted.dedup();
        for value in sorted {
            let bound = Bound {
                number: value,
                at_least: sat.atom(),
                above: sat.atom(),
            };
            sat.imply(bound.above, bound.at_least);
            match self.bounds.last() {
                None => sat.imply(bound.at_least, number),
                Some(before) => {
                    sat.imply(bound.at_least, before.above);
                    if before.number.next_up() == value {
                        sat.imply(before.above, bound.at_least);
                    }
                }
            }
            if value == f64::NEG_INFINITY {
                sat.imply(number, bound.at_least);
            }
            if value == f64::INFINITY {
                sat.clause([!bound.above]);
            }
            for keyword in keywords.inside_text(&decimal::text(value).to_lowercase()) {
                sat.clause([!bound.at_least, bound.above, keyword]);
            }
            self.bounds.push(bound);
        }
    }

    /// That the value equals a scalar; `None` if nobody asked.
    pub(super) fn equals(&self, scalar: &Scalar, sat: &mut Sat) -> Option<Lit> {
        match scalar {
            Scalar::Null => self.null,
            Scalar::Bool(flag) => self.truths.get(flag).copied(),
            Scalar::String(string) => self.strings.get(string).copied(),
            Scalar::Number(number) => match self.bound(*number) {
                Some(bound) => Some(sat.all([bound.at_least, !bound.above])),
                None => Some(!sat.truth()),
            },
        }
    }

    /// That the value is a number at least as large as `number`, or larger.
    pub(super) fn at_least(&self, number: f64, sat: &Sat) -> Lit {
        self.bound(number)
            .map_or(!sat.truth(), |bound| bound.at_least)
    }

    /// That the value is a number larger than `number`.
    pub(super) fn above(&self, number: f64, sat: &Sat) -> Lit {
        self.bound(number).map_or(!sat.truth(), |bound| bound.above)
    }

    /// That the value is a number for which `too_large`, one of the above, does not hold.
    pub(super) fn number_but(&self, too_large: Lit, sat: &mut Sat) -> Lit {
        match self.number {
            Some(number) => sat.all([number, !too_large]),
            None => !sat.truth(),
        }
    }

    fn bound(&self, number: f64) -> Option<Bound> {
        let place = self.bounds.partition_point(|bound| bound.number < number);
        let bound = self.bounds.get(place).copied();
        bound.filter(|bound| bound.number == number)
    }

    /// What the argument is in the last model, `None` for missing.
    pub(super) fn chosen(&self, sat: &Sat) -> Option<(Chosen, Lit)> {
        let holds = |literal: &Lit| sat.holds(*literal);
        if let Some(null) = self.null.filter(holds) {
            return Some((Chosen::Null, null));
        }
        if let Some((&flag, &literal)) = self.truths.iter().find(|(_, literal)| holds(literal)) {
            return Some((Chosen::Bool(flag), literal));
        }
        let mut strings = self.strings.iter();
        if let Some((string, &literal)) = strings.find(|(_, literal)| holds(literal)) {
            return Some((Chosen::String(string.clone()), literal));
        }
        let number = self.number.filter(holds)?;
        let mut because = vec![number];
        let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
        for bound in &self.bounds {
            if !holds(&bound.at_least) {
                because.push(!bound.at_least);
                high = bound.number.next_down();
                break;
            }
            if !holds(&bound.above) {
                because = vec![bound.at_least, !bound.above];
                (low, high) = (bound.number, bound.number);
                break;
            }
            because = vec![bound.above];
            low = bound.number.next_up();
        }
        let range = Range { low, high };
        Some((Chosen::Number { range, because }, number))
    }
}
