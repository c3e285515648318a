//! Numbers by their texts: is there a double in a range whose text, as ECMAScript prints it,
//! contains none of some words? Owns that search; knows nothing of arguments or rules.
//!
//! A double is printed with the fewest digits that read back as itself, at most 17, and where the
//! decimal point stands decides the rest of the text (ECMA-262, Number::toString). The search
//! runs through signs, places of the point and digits, and follows a text as long as it contains
//! none of the words and can still lie in the range. It is exhaustive. Two things keep it short:
//! whether a text can be completed without one of the words depends on where a search for them
//! stands and not on how it came there; and up to 15 digits, every decimal is the text of its
//! double (`DBL_DIG`), so that inside of the range nothing else matters.

use std::collections::{BTreeMap, BTreeSet};

use super::OutOfBudget;
use super::trie::{Node, ROOT, Trie};

/// Texts that one search may look at.
const TEXTS: u32 = 200_000;
/// Ranges with so few doubles are searched one by one.
const FEW: usize = 1_000;
/// Most digits of a double's text.
const DIGITS: usize = 17;
/// As many digits are always the text of a double.
const EXACT_DIGITS: usize = 15;
/// Smaller doubles have fewer bits, so that not even 15 digits are always the text of one.
const EXACT_FROM: f64 = 1e-290;

/// The text of a number in lower case.
pub(super) fn text(number: f64) -> String {
    ryu_js::Buffer::new().format(number).to_lowercase()
}

/// A number from `low` to `high`, both included, whose text contains none of `avoided`, which are
/// in lower case; `None` if there is no such number. Round numbers come first.
pub(super) fn avoiding(low: f64, high: f64, avoided: &[&str]) -> Result<Option<f64>, OutOfBudget> {
    let fits = |number: &f64| {
        let text = text(*number);
        low <= *number && *number <= high && !avoided.iter().any(|word| text.contains(word))
    };
    if let Some(found) = round(low, high).into_iter().find(&fits) {
        return Ok(Some(found));
    }
    let mut number = low;
    for _ in 0..FEW {
        if number <= high && fits(&number) {
            return Ok(Some(number));
        }
        if number >= high {
            return Ok(None);
        }
        number = number.next_up();
    }
    let printed = |word: &&&str| {
        let of_numbers = |c: u8| c.is_ascii_digit() || matches!(c, b'.' | b'e' | b'+' | b'-');
        word.bytes().all(of_numbers)
    };
    let words = avoided.iter().filter(printed);
    let mut search = Search {
        low,
        high,
        words: Trie::new(words.map(|word| word.encode_utf16().collect())),
        texts: TEXTS,
    };
    match search.run(EXACT_DIGITS)? {
        Some(found) => Ok(Some(found)),
        None => search.run(DIGITS),
    }
}

/// Numbers that people would choose from a range, best first; some lie outside.
pub(super) fn round(low: f64, high: f64) -> Vec<f64> {
    let middle = (low / 2.0 + high / 2.0).round();
    let mut numbers = vec![1.0, 0.0, low.ceil(), high.floor(), low.ceil() + 1.0, middle];
    numbers.retain(|number| number.is_finite());
    numbers.extend((0..=9).map(f64::from));
    let powers = (1..=15).map(|power| 10_f64.powi(power));
    numbers.extend(powers.flat_map(|power| [power, -power]));
    numbers.extend([low, high]);
    numbers.extend((1..=9).map(|tenth| low.floor() + f64::from(tenth) / 10.0));
    numbers
}

struct Search {
    low: f64,
    high: f64,
    words: Trie,
    texts: u32,
}

/// What is the same for all texts of one sign and magnitude: they denote numbers from `0.1` to
/// `1` times ten to the power of `point`.
#[derive(Clone, Copy)]
struct Shape {
    negative: bool,
    point: i32,
}

impl Shape {
    /// Whether numbers of this magnitude are printed with an exponent.
    fn has_exponent(self) -> bool {
        !(-5..=21).contains(&self.point)
    }

    /// What is printed before the first digit.
    fn start(self) -> String {
        let sign = if self.negative { "-" } else { "" };
        let zeros = usize::try_from(-self.point).unwrap_or(0);
        match self.point {
            -5..=0 => format!("{sign}0.{}", "0".repeat(zeros)),
            _ => sign.to_owned(),
        }
    }

    /// Whether a point is printed before the digit of this number, counted from 0.
    fn has_point_before(self, digit: usize) -> bool {
        match self.has_exponent() {
            true => digit == 1,
            false => digit > 0 && usize::try_from(self.point) == Ok(digit),
        }
    }

    /// What is printed after the last of so many digits.
    fn end(self, digits: usize) -> String {
        if self.has_exponent() {
            let sign = if self.point > 0 { "+" } else { "" };
            return format!("e{sign}{}", self.point - 1);
        }
        let places = usize::try_from(self.point).unwrap_or(0);
        "0".repeat(places.saturating_sub(digits))
    }

    /// The whole text of these digits.
    fn written(self, digits: &str) -> String {
        let mut written = self.start();
        for (number, digit) in digits.chars().enumerate() {
            if self.has_point_before(number) {
                written.push('.');
            }
            written.push(digit);
        }
        written.push_str(&self.end(digits.len()));
        written
    }

    /// The double that `0.` and these digits, times the power of ten, denotes.
    fn number(self, digits: &str, more: &str) -> f64 {
        let sign = if self.negative { "-" } else { "" };
        let text = format!("{sign}0.{digits}{more}e{}", self.point);
        text.parse().unwrap_or(f64::NAN)
    }
}

/// What is known of texts of one shape by the number of their digits and where the search for the
/// words stands.
#[derive(Default)]
struct Known {
    /// Whether they can be completed without one of the words.
    completable: BTreeMap<(usize, Node), bool>,
    /// Those that nothing but the words limits, and that have no completion.
    dead: BTreeSet<(usize, Node)>,
}

impl Search {
    fn run(&mut self, most: usize) -> Result<Option<f64>, OutOfBudget> {
        // From the magnitudes that people use to the ones that they do not.
        let points = (1..=21).chain((-323..=0).rev()).chain(22..=309);
        for point in points {
            for negative in [false, true] {
                let shape = Shape { negative, point };
                let Some(node) = self.step(ROOT, &shape.start()) else {
                    continue;
                };
                let mut known = Known::default();
                let mut digits = String::new();
                let found = self.extend(shape, &mut digits, node, most, &mut known)?;
                if found.is_some() {
                    return Ok(found);
                }
            }
        }
        Ok(None)
    }

    /// A number of the range whose text begins with these digits.
    fn extend(
        &mut self,
        shape: Shape,
        digits: &mut String,
        node: Node,
        most: usize,
        known: &mut Known,
    ) -> Result<Option<f64>, OutOfBudget> {
        let ends = [
            shape.number(digits, if digits.is_empty() { "1" } else { "" }),
            shape.number(digits, "99999999999999999999"),
        ];
        let least = ends.into_iter().fold(f64::INFINITY, f64::min);
        let greatest = ends.into_iter().fold(f64::NEG_INFINITY, f64::max);
        let place = (digits.len(), node);
        if greatest < self.low
            || least > self.high
            || known.dead.contains(&place)
            || !self.is_completable(shape, digits.len(), node, most, known)
        {
            return Ok(None);
        }
        self.texts = self.texts.checked_sub(1).ok_or(OutOfBudget)?;
        if !digits.is_empty() && !digits.ends_with('0') && self.ends(shape, digits.len(), node) {
            let number = shape.number(digits, "");
            let is_its_text = || text(number) == shape.written(digits);
            if self.low <= number && number <= self.high && is_its_text() {
                return Ok(Some(number));
            }
        }
        if digits.len() < most {
            for digit in '0'..='9' {
                if digit == '0' && digits.is_empty() {
                    continue;
                }
                let Some(next) = self.digit(shape, digits.len(), node, digit) else {
                    continue;
                };
                digits.push(digit);
                let found = self.extend(shape, digits, next, most, known)?;
                digits.pop();
                if found.is_some() {
                    return Ok(found);
                }
            }
        }
        let free = self.low <= least && greatest <= self.high;
        if free && most <= EXACT_DIGITS && least.abs().min(greatest.abs()) > EXACT_FROM {
            known.dead.insert(place);
        }
        Ok(None)
    }

    /// Whether some digits complete a text without one of the words, be the number in the range or
    /// not. The depth is the number of digits.
    fn is_completable(
        &self,
        shape: Shape,
        digits: usize,
        node: Node,
        most: usize,
        known: &mut Known,
    ) -> bool {
        if let Some(&known) = known.completable.get(&(digits, node)) {
            return known;
        }
        let completable = digits > 0 && self.ends(shape, digits, node)
            || digits < most
                && ('0'..='9').any(|digit| {
                    let next = self.digit(shape, digits, node, digit);
                    next.is_some_and(|next| {
                        self.is_completable(shape, digits + 1, next, most, known)
                    })
                });
        known.completable.insert((digits, node), completable);
        completable
    }

    fn digit(&self, shape: Shape, before: usize, node: Node, digit: char) -> Option<Node> {
        let node = match shape.has_point_before(before) {
            true => self.step(node, ".")?,
            false => node,
        };
        self.step(node, digit.encode_utf8(&mut [0; 4]))
    }

    fn ends(&self, shape: Shape, digits: usize, node: Node) -> bool {
        self.step(node, &shape.end(digits)).is_some()
    }

    /// Where the search for the words stands after more of a text, if it contains none.
    fn step(&self, node: Node, text: &str) -> Option<Node> {
        text.encode_utf16().try_fold(node, |node, unit| {
            let node = self.words.step(node, unit);
            self.words.words(node).next().is_none().then_some(node)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn check(low: f64, high: f64, avoided: &[&str]) -> Option<f64> {
        let found = avoiding(low, high, avoided).expect("within the budget");
        if let Some(found) = found {
            assert!(low <= found && found <= high, "{found} in {low}..{high}");
            assert!(
                !avoided.iter().any(|word| text(found).contains(word)),
                "{found}"
            );
        }
        found
    }

    #[test]
    fn round_numbers_come_first() {
        assert_eq!(check(f64::NEG_INFINITY, f64::INFINITY, &[]), Some(1.0));
        assert_eq!(check(1000_f64.next_up(), f64::INFINITY, &[]), Some(1001.0));
        assert_eq!(
            check(f64::NEG_INFINITY, (-3_f64).next_down(), &[]),
            Some(-4.0)
        );
        assert_eq!(check(0.5, 0.75, &["5"]), Some(0.6));
    }

    #[test]
    fn what_cannot_be_written_is_not_there() {
        assert_eq!(check(1000.0, 1999.0, &["1"]), None);
        assert_eq!(check(1.0, 2_f64.next_down(), &["1"]), None);
        assert_eq!(check(-9.0, -1.0, &["-"]), None);
        assert_eq!(check(1e21, f64::MAX, &["e"]), None);
        assert_eq!(check(1e21, f64::INFINITY, &["e"]), Some(f64::INFINITY));
        assert_eq!(check(1e21, f64::INFINITY, &["e", "inf"]), None);
        let digits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
        assert_eq!(check(f64::MIN, f64::MAX, &digits), None);
        assert_eq!(check(f64::MIN, f64::MAX, &digits[..9]), Some(9.0));
        assert_eq!(
            check(100.0, 200.0, &["0", "2", "3", "4", "5", "6", "7", "8", "9"]),
            Some(111.0)
        );
        assert_eq!(check(1e-7, 2e-7, &["e"]), None);
        // 1 divided by 3 is the only double there; its text has 16 digits.
        assert_eq!(check(1.0 / 3.0, 1.0 / 3.0, &[]), Some(1.0 / 3.0));
        assert_eq!(check(1.0 / 3.0, 1.0 / 3.0, &["33"]), None);
    }

    #[test]
    fn long_texts_are_found() {
        // Everything that begins with at most 15 digits after the point is excluded.
        let low = 0.123_456_789_012_345_f64.next_up();
        let high = 0.123_456_789_012_346_f64.next_down();
        let found = check(low, high, &[]).expect("there are doubles between");
        assert!(text(found).len() >= 18);
    }

    #[test]
    fn every_text_is_written_as_it_is_printed() {
        for number in [
            1.0,
            10.0,
            12.5,
            1e21,
            1.5e22,
            0.001,
            1.5e-6,
            1.5e-7,
            123456789012345680000.0,
            5e-324,
        ] {
            let printed = text(number);
            let digits: String = printed
                .split('e')
                .next()
                .unwrap()
                .chars()
                .filter(char::is_ascii_digit)
                .collect();
            let digits = digits.trim_matches('0');
            let point = number.log10().floor() as i32 + 1;
            let shape = Shape {
                negative: false,
                point,
            };
            assert_eq!(shape.written(digits), printed);
            assert_eq!(shape.number(digits, ""), number);
        }
    }

    proptest! {
        /// On a small grid nothing is overlooked.
        #[test]
        fn nothing_round_is_overlooked(
            low in -300..300_i32,
            width in 0..300_i32,
            avoided in vec(select(&["1", "2", "3", "5", "0", ".", "-", "12", "25", "7", "9", "75"][..]), 0..7),
        ) {
            let low = f64::from(low) / 4.0;
            let high = low + f64::from(width) / 4.0;
            let exists = (0..=width).any(|step| {
                let text = text(low + f64::from(step) / 4.0);
                !avoided.iter().any(|word| text.contains(word))
            });
            let found = check(low, high, &avoided);
            prop_assert!(found.is_some() || !exists);
        }
    }
}
