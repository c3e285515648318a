//! The texts of the numbers of a range, as ECMAScript prints them, chunk by chunk. Owns which
//! texts there are; knows nothing of arguments, keywords or patterns.
//!
//! A double is printed with the fewest digits that read back as itself, at most 17, and where the
//! decimal point stands decides the rest of the text (ECMA-262, Number::toString). The decimals
//! that read back as one double lie next to each other, so that a number is of a range exactly when
//! its text is, compared as a decimal: digit by digit, with no arithmetic. So the decimals of a
//! range are the language of a small automaton, which guesses the place of the point first.
//!
//! Which of them are texts of doubles is certain up to 15 digits (`DBL_DIG`), from [`EXACT_FROM`]:
//! no two such decimals read as the same double. With 16 or 17 digits, one has to look
//! ([`Spelled::Each`]).

/// Most digits of a double's text.
const DIGITS: usize = 17;
/// As many digits are always the text of a double.
const EXACT_DIGITS: usize = 15;
/// Smaller doubles have fewer bits, so that not even 15 digits are always the text of one.
const EXACT_FROM: f64 = 1e-290;
/// The least number above 0.
const LEAST: f64 = f64::from_bits(1);

/// The text of a number.
pub(super) fn text(number: f64) -> String {
    ryu_js::Buffer::new().format(number).to_owned()
}

/// The number that is written so.
pub(super) fn read(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}

/// Numbers from `low` to `high`, both included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Range {
    /// Numbers that people would choose, best first.
    pub(super) fn round(self) -> Vec<f64> {
        let Self { low, high } = self;
        let middle = (low / 2.0 + high / 2.0).round();
        let mut numbers = vec![1.0, 0.0, low.ceil(), high.floor(), low.ceil() + 1.0, middle];
        numbers.retain(|number| number.is_finite());
        numbers.extend((0..=9).map(f64::from));
        let powers = (1..=15).map(|power| 10_f64.powi(power));
        numbers.extend(powers.flat_map(|power| [power, -power]));
        numbers.extend([low, high]);
        numbers.extend((1..=9).map(|tenth| low.floor() + f64::from(tenth) / 10.0));
        numbers.retain(|number| low <= *number && *number <= high);
        numbers
    }
}

/// Which decimals of a range are spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelled {
    /// All with as many digits as a text may have, also those that are the text of no double.
    All,
    /// Those of which it is certain that they are texts.
    Certain,
    /// The texts, all of them and no other. No two places are the same that came about by different
    /// digits, so that this takes long.
    Each,
}

/// The texts of the numbers of a range.
#[derive(Debug)]
pub(super) struct Spellings {
    spelled: Spelled,
    /// The sizes of the numbers above 0, and of those below.
    sizes: [Option<(Decimal, Decimal)>; 2],
    /// Whole texts: 0 and what is not finite.
    others: Vec<&'static str>,
}

/// A number above 0: `0.` and these digits, times ten to the power of `point`. The last digit is
/// not 0.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Decimal {
    digits: Vec<u8>,
    point: i16,
}

/// Where the spelling of a number stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum State {
    /// After some digits.
    Digits(Digits),
    /// After the sign of the exponent and the beginning of its digits.
    Exponent {
        negative: bool,
        power: Power,
        value: i16,
        /// As in [`Digits`].
        read: u64,
        count: u8,
    },
    /// Nothing follows.
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Digits {
    negative: bool,
    power: Power,
    count: u8,
    ends_with_zero: bool,
    /// Whether the digits so far are those of the least of the range.
    is_least: bool,
    is_greatest: bool,
    /// The digits, where each spelling counts; else 0.
    read: u64,
}

/// The power of ten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Power {
    /// This one.
    Is(i16),
    /// One between those of the least and of the greatest, printed as an exponent above 0.
    Large,
    /// The same, below 0.
    Small,
}

impl Decimal {
    /// Of a finite number above 0.
    fn of(number: f64) -> Self {
        let text = text(number);
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
        let end = digits.iter().rposition(|&digit| digit != b'0');
        let digits = digits.get(zeros..=end.unwrap_or(zeros)).unwrap_or_default();
        Self {
            point: exponent.parse::<i16>().unwrap_or(0) + whole.len() as i16 - zeros as i16,
            digits: digits.iter().map(|digit| digit - b'0').collect(),
        }
    }

    fn digit(&self, number: u8) -> u8 {
        self.digits.get(usize::from(number)).copied().unwrap_or(0)
    }
}

/// The powers whose numbers are printed without an exponent.
const PLAIN: std::ops::RangeInclusive<i16> = -5..=21;

impl Spellings {
    pub(super) fn new(Range { low, high }: Range, spelled: Spelled) -> Self {
        let least = match spelled {
            Spelled::Certain => EXACT_FROM,
            Spelled::All | Spelled::Each => LEAST,
        };
        let sizes = |low: f64, high: f64| {
            let (low, high) = (low.max(least), high.min(f64::MAX));
            (low <= high).then(|| (Decimal::of(low), Decimal::of(high)))
        };
        let mut others = Vec::new();
        if low <= 0.0 && 0.0 <= high {
            others.push("0");
        }
        if high == f64::INFINITY {
            others.push("Infinity");
        }
        if low == f64::NEG_INFINITY {
            others.push("-Infinity");
        }
        Self {
            spelled,
            sizes: [sizes(low, high), sizes(-high, -low)],
            others,
        }
    }

    /// How a text can begin.
    pub(super) fn first(&self) -> Vec<(String, State)> {
        let whole = |&text: &&str| (text.to_owned(), State::End);
        let mut first: Vec<_> = self.others.iter().map(whole).collect();
        for (sizes, negative) in self.sizes.iter().zip([false, true]) {
            let Some((least, greatest)) = sizes else {
                continue;
            };
            let between = least.point..=greatest.point;
            let ends = [least.point, greatest.point];
            // From the magnitudes that people use to the ones that they do not.
            let plain = (1..=*PLAIN.end()).chain((*PLAIN.start()..1).rev());
            let mut powers: Vec<Power> = plain
                .filter(|point| between.contains(point))
                .map(Power::Is)
                .collect();
            let with_exponent = ends.iter().filter(|point| !PLAIN.contains(*point));
            powers.extend(with_exponent.copied().map(Power::Is));
            powers.extend([Power::Large, Power::Small]);
            powers.dedup();
            for power in powers {
                let is_possible = match power {
                    Power::Is(_) => true,
                    Power::Large | Power::Small => {
                        let (from, to) = self.exponents(negative, power);
                        from <= to
                    }
                };
                if is_possible {
                    let digits = Digits {
                        negative,
                        power,
                        count: 0,
                        ends_with_zero: true,
                        is_least: power == Power::Is(least.point),
                        is_greatest: power == Power::Is(greatest.point),
                        read: 0,
                    };
                    first.push((digits.start(), State::Digits(digits)));
                }
            }
        }
        first
    }

    /// What can come next, with where that leads.
    pub(super) fn next(&self, state: State) -> Vec<(String, State)> {
        match state {
            State::Digits(digits) => self.after_digits(digits),
            State::Exponent {
                negative,
                power,
                value,
                read,
                count,
            } => {
                let mut next = Vec::new();
                let (from, to) = self.exponents(negative, power);
                if from <= value && value <= to && self.is_text(power, read, count, value) {
                    next.push((String::new(), State::End));
                }
                let begins = |value: i16| {
                    let multiples = [1, 10, 100].into_iter();
                    multiples
                        .map(|times| (value.saturating_mul(times), times))
                        .any(|(first, times)| first <= to && from < first.saturating_add(times))
                };
                for digit in 0..10 {
                    let longer = value * 10 + digit;
                    if longer > 0 && value < 100 && begins(longer) {
                        let state = State::Exponent {
                            negative,
                            power,
                            value: longer,
                            read,
                            count,
                        };
                        next.push((digit.to_string(), state));
                    }
                }
                next
            }
            State::End => Vec::new(),
        }
    }

    fn after_digits(&self, digits: Digits) -> Vec<(String, State)> {
        let Some(Some((least, greatest))) = self.sizes.get(usize::from(digits.negative)) else {
            return Vec::new();
        };
        let mut next = Vec::new();
        let is_large_enough = !digits.is_least || usize::from(digits.count) >= least.digits.len();
        if !digits.ends_with_zero && is_large_enough {
            next.extend(self.end(digits));
        }
        let most = match self.spelled {
            Spelled::Certain => EXACT_DIGITS,
            Spelled::All | Spelled::Each => DIGITS,
        };
        if usize::from(digits.count) >= most {
            return next;
        }
        for digit in u8::from(digits.count == 0)..10 {
            let (low, high) = (least.digit(digits.count), greatest.digit(digits.count));
            if digits.is_least && digit < low || digits.is_greatest && digit > high {
                continue;
            }
            let mut longer = Digits {
                count: digits.count + 1,
                ends_with_zero: digit == 0,
                is_least: digits.is_least && digit == low,
                is_greatest: digits.is_greatest && digit == high,
                ..digits
            };
            if self.spelled == Spelled::Each {
                longer.read = digits.read * 10 + u64::from(digit);
            }
            let point = if digits.has_point_next() { "." } else { "" };
            next.push((format!("{point}{digit}"), State::Digits(longer)));
        }
        next
    }

    /// What is printed after the last digit.
    fn end(&self, digits: Digits) -> Option<(String, State)> {
        let Digits {
            negative,
            power,
            count,
            read,
            ..
        } = digits;
        let exponent = |sign: &str| {
            let is_counted = self.spelled == Spelled::Each;
            let state = State::Exponent {
                negative,
                power,
                value: 0,
                read,
                count: if is_counted { count } else { 0 },
            };
            Some((format!("e{sign}"), state))
        };
        let point = match power {
            Power::Large => return exponent("+"),
            Power::Small => return exponent("-"),
            Power::Is(point) => point,
        };
        let text = match PLAIN.contains(&point) {
            true => "0".repeat(usize::try_from(point - i16::from(count)).unwrap_or(0)),
            false => format!("e{:+}", point - 1),
        };
        self.is_text(power, read, count, (point - 1).abs())
            .then_some((text, State::End))
    }

    /// The exponents, without their sign, that are printed for a power between two; none if the
    /// first is above the second.
    fn exponents(&self, negative: bool, power: Power) -> (i16, i16) {
        let sizes = self
            .sizes
            .get(usize::from(negative))
            .and_then(Option::as_ref);
        let Some((least, greatest)) = sizes else {
            return (1, 0);
        };
        let (from, to) = (least.point + 1, greatest.point - 1);
        match power {
            Power::Is(point) => ((point - 1).abs(), (point - 1).abs()),
            Power::Large => (from.max(PLAIN.end() + 1) - 1, to - 1),
            Power::Small => (1 - to.min(PLAIN.start() - 1), 1 - from),
        }
    }

    /// Whether these digits are the text of a double; taken for granted where that is not asked.
    fn is_text(&self, power: Power, read: u64, count: u8, exponent: i16) -> bool {
        let point = match power {
            Power::Is(point) => point,
            Power::Large => exponent + 1,
            Power::Small => 1 - exponent,
        };
        if self.spelled != Spelled::Each {
            return true;
        }
        let shortest = Decimal::of(self::read(&format!("{read}e{}", point - i16::from(count))));
        let digits = shortest.digits.iter();
        let value = digits.fold(0, |value, &digit| value * 10 + u64::from(digit));
        shortest.point == point && value == read
    }
}

impl Digits {
    /// What is printed before the first digit.
    fn start(self) -> String {
        let sign = if self.negative { "-" } else { "" };
        match self.power {
            Power::Is(point @ -5..=0) => {
                let zeros = usize::try_from(-point).unwrap_or(0);
                format!("{sign}0.{}", "0".repeat(zeros))
            }
            _ => sign.to_owned(),
        }
    }

    /// Whether a point is printed before the next digit.
    fn has_point_next(self) -> bool {
        match self.power {
            Power::Is(point) if PLAIN.contains(&point) => {
                self.count > 0 && i16::from(self.count) == point
            }
            _ => self.count == 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::logic::texts::{Asked, Found, Value, Work, find};

    /// All texts of a range of which `is_wanted` is true, as it is of all that they begin with.
    fn texts(
        (low, high): (f64, f64),
        spelled: Spelled,
        is_wanted: impl Fn(&str) -> bool,
    ) -> BTreeSet<String> {
        let spellings = Spellings::new(Range { low, high }, spelled);
        let mut texts = BTreeSet::new();
        let mut open = spellings.first();
        while let Some((text, state)) = open.pop() {
            if !is_wanted(&text) {
                continue;
            }
            let next = spellings.next(state).into_iter();
            open.extend(next.map(|(more, state)| (format!("{text}{more}"), state)));
            if state == State::End {
                texts.insert(text);
            }
        }
        texts
    }

    /// A number of the range whose text contains none of some words.
    fn avoiding(low: f64, high: f64, avoided: &[&str]) -> Option<f64> {
        let range = Range { low, high };
        let round: Vec<String> = range.round().into_iter().map(text).collect();
        let mut asked: Vec<Asked<'_>> = avoided.iter().map(|word| Asked::Lacks(word)).collect();
        asked.push(Asked::Has(0, &round, Some(range)));
        match find(&asked, &Work::default()).expect("not much work") {
            Found::Values(values) => values.into_iter().find_map(|value| match value {
                Value::Given(_, text) => {
                    let number = read(&text);
                    assert!(low <= number && number <= high, "{number} in {low}..{high}");
                    assert_eq!(text, super::text(number));
                    let lowered = text.to_lowercase();
                    assert!(!avoided.iter().any(|word| lowered.contains(word)), "{text}");
                    Some(number)
                }
                Value::Free(_) => None,
            }),
            Found::Nothing(_) => None,
        }
    }

    #[test]
    fn round_numbers_come_first() {
        assert_eq!(avoiding(f64::NEG_INFINITY, f64::INFINITY, &[]), Some(1.0));
        assert_eq!(
            avoiding(1000_f64.next_up(), f64::INFINITY, &[]),
            Some(1001.0)
        );
        assert_eq!(
            avoiding(f64::NEG_INFINITY, (-3_f64).next_down(), &[]),
            Some(-4.0)
        );
        assert_eq!(avoiding(0.5, 0.75, &["5"]), Some(0.6));
    }

    #[test]
    fn what_cannot_be_written_is_not_there() {
        assert_eq!(avoiding(1000.0, 1999.0, &["1"]), None);
        assert_eq!(avoiding(1.0, 2_f64.next_down(), &["1"]), None);
        assert_eq!(avoiding(-9.0, -1.0, &["-"]), None);
        assert_eq!(avoiding(1e21, f64::MAX, &["e"]), None);
        assert_eq!(avoiding(1e21, f64::INFINITY, &["e"]), Some(f64::INFINITY));
        assert_eq!(avoiding(1e21, f64::INFINITY, &["e", "inf"]), None);
        let digits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
        assert_eq!(avoiding(f64::MIN, f64::MAX, &digits), None);
        assert_eq!(avoiding(f64::MIN, f64::MAX, &digits[..9]), Some(9.0));
        assert_eq!(
            avoiding(100.0, 200.0, &["0", "2", "3", "4", "5", "6", "7", "8", "9"]),
            Some(111.0)
        );
        assert_eq!(avoiding(1e-7, 2e-7, &["e"]), None);
        // The text of 1 divided by 3, the only double there, has 16 digits.
        assert_eq!(avoiding(1.0 / 3.0, 1.0 / 3.0, &[]), Some(1.0 / 3.0));
        assert_eq!(avoiding(1.0 / 3.0, 1.0 / 3.0, &["33"]), None);
    }

    #[test]
    fn long_texts_are_found() {
        // All that have at most 15 digits after the point are excluded.
        let low = 0.123_456_789_012_345_f64.next_up();
        let high = 0.123_456_789_012_346_f64.next_down();
        let found = avoiding(low, high, &[]).expect("there are doubles between");
        assert!(text(found).len() >= 18);
        // Between 2 to the power of 52 and 53 there are whole numbers only.
        let low = 4_503_599_627_370_497.0;
        assert_eq!(avoiding(low, low + 1.0, &["7", "8"]), None);
    }

    /// A range, from bits: neighbours of every size.
    fn range() -> impl Strategy<Value = (f64, f64)> {
        // Of less there are too many decimals between two of them.
        let is_normal = |low: &f64| low.is_finite() && low.abs() > EXACT_FROM;
        let low = any::<f64>().prop_filter("normal", is_normal);
        (low, 0..40_i32).prop_map(|(low, width)| {
            let high = (0..width).fold(low, |high, _| high.next_up());
            (low, high)
        })
    }

    proptest! {
        /// Of few neighbouring doubles, each text is spelled and no other one; what is certain is
        /// part of that, and all is part of what might be.
        #[test]
        fn the_texts_of_doubles_are_spelled((low, high) in range()) {
            let mut expected = BTreeSet::new();
            let mut number = low;
            while number <= high {
                expected.insert(text(number));
                number = number.next_up();
            }
            let all = |spelled| texts((low, high), spelled, |_| true);
            prop_assert_eq!(&all(Spelled::Each), &expected);
            prop_assert!(all(Spelled::Certain).is_subset(&expected));
            prop_assert!(all(Spelled::All).is_superset(&expected));
        }

        /// Whatever is printed of the numbers of a wide range is spelled, and with up to 15 digits
        /// it is certain.
        #[test]
        fn the_text_of_any_double_is_spelled(ends in any::<(f64, f64)>(), number in any::<f64>(), digits in 0..17_usize) {
            let (low, high) = (ends.0.min(ends.1), ends.0.max(ends.1));
            prop_assume!(!number.is_nan() && !low.is_nan());
            let number: f64 = format!("{number:.digits$e}").parse().unwrap();
            let printed = text(number);
            let is_within = low <= number && number <= high;
            let found = |spelled| {
                let begins = |text: &str| printed.starts_with(text);
                texts((low, high), spelled, begins).contains(&printed)
            };
            prop_assert_eq!(found(Spelled::All), is_within, "{}", printed);
            prop_assert_eq!(found(Spelled::Each), is_within, "{}", printed);
            // A number of so many digits has one more.
            let is_certain = digits < EXACT_DIGITS && number.abs() >= EXACT_FROM;
            prop_assert!(!(is_within && is_certain) || found(Spelled::Certain), "{}", printed);
            prop_assert!(is_within || !found(Spelled::Certain), "{}", printed);
        }

        /// On a small grid nothing is overlooked.
        #[test]
        fn nothing_round_is_overlooked(
            low in -300..300_i32,
            width in 0..300_i32,
            avoided in prop::collection::btree_set(prop::sample::select(&["1", "2", "3", "5", "0", ".", "-", "12", "25", "7", "9", "75"][..]), 0..7),
        ) {
            let low = f64::from(low) / 4.0;
            let high = low + f64::from(width) / 4.0;
            let avoided: Vec<&str> = avoided.into_iter().collect();
            let exists = (0..=width).any(|step| {
                let text = text(low + f64::from(step) / 4.0);
                !avoided.iter().any(|word| text.contains(word))
            });
            prop_assert!(avoiding(low, high, &avoided).is_some() || !exists);
        }
    }
}
