//! Numbers as people write them: groups of digits with separators. Owns social security and card
//! numbers and the walk over all groups of a text.

use std::cell::OnceCell;

use super::ascii::{at, before, is_word, part, run_end};
use super::context::{self, Subject};
use super::{Kind, Sink, iban, phone};
use crate::blocks;

/// The fewest digits of anything that is found here: a social security number, or a telephone
/// number of a country with short ones.
const MIN_DIGITS: usize = 9;
/// Most groups that one number has.
const MAX_GROUPS: usize = 6;
/// The longest group looked at, in digits: an unseparated card number.
const MAX_DIGITS: usize = 19;

/// What the name of the argument says about numbers in it: looked up once, when it matters.
pub(super) struct Expected<'k> {
    key: Option<&'k [u8]>,
    phone: OnceCell<bool>,
    ssn: OnceCell<bool>,
}

impl<'k> Expected<'k> {
    /// What an argument of this name holds.
    pub(super) fn of(key: Option<&'k [u8]>) -> Self {
        Self {
            key,
            phone: OnceCell::new(),
            ssn: OnceCell::new(),
        }
    }

    fn phone(&self) -> bool {
        *self.phone.get_or_init(|| self.is(Subject::Phone))
    }

    fn ssn(&self) -> bool {
        *self.ssn.get_or_init(|| self.is(Subject::Ssn))
    }

    fn is(&self, subject: Subject) -> bool {
        self.key.is_some_and(|key| context::names(key, subject))
    }
}

/// A run of digits and up to five more behind it, with their separators.
pub(super) struct Groups<'t> {
    pub(super) text: &'t [u8],
    bounds: [(usize, usize); MAX_GROUPS],
    count: usize,
}

impl<'t> Groups<'t> {
    /// None yet.
    fn new(text: &'t [u8]) -> Self {
        Self {
            text,
            bounds: [(0, 0); MAX_GROUPS],
            count: 0,
        }
    }

    /// Moves on to the first group from `from` on, unless that is known already, and to those
    /// behind it; its bounds. Each group is read once, however many numbers may start before it.
    fn advance(&mut self, from: usize) -> Option<(usize, usize)> {
        let passed = self.all().iter().take_while(|(start, _)| *start < from);
        let passed = passed.count();
        if passed < self.count {
            self.bounds.copy_within(passed..self.count, 0);
        }
        self.count -= passed;
        if self.count == 0 {
            let (start, end) = next_group(self.text, from)?;
            if let Some(first) = self.bounds.first_mut() {
                *first = (start, end);
            }
            self.count = 1;
        }
        let first = self.all().first().copied()?;
        let mut end = self.all().last().map_or(first.1, |(_, end)| *end);
        while let Some(bound) = self.bounds.get_mut(self.count) {
            // At most `) (` stands between two groups of a telephone number.
            let next = run_end(self.text, end, 3, is_separator);
            if next == end || !at(self.text, next).is_ascii_digit() {
                break;
            }
            end = run_end(self.text, next, MAX_DIGITS + 1, |byte| {
                byte.is_ascii_digit()
            });
            if end - next > MAX_DIGITS {
                break;
            }
            *bound = (next, end);
            self.count += 1;
        }
        Some(first)
    }

    /// How many digits there are.
    fn len(&self) -> usize {
        self.all().iter().map(|(start, end)| end - start).sum()
    }

    /// How far groups go that have too few digits: if no more follow, none of them begins a number.
    fn end_of_few(&self) -> usize {
        let last = match self.count {
            MAX_GROUPS => self.all().first(),
            _ => self.all().last(),
        };
        last.map_or(self.text.len(), |(_, end)| *end)
    }

    /// The first `count` groups' bounds; none if there are fewer.
    pub(super) fn first(&self, count: usize) -> Option<&[(usize, usize)]> {
        self.bounds.get(..count).filter(|_| count <= self.count)
    }

    pub(super) fn all(&self) -> &[(usize, usize)] {
        self.bounds.get(..self.count).unwrap_or_default()
    }

    /// Whether a `)` follows the first group.
    pub(super) fn closes_first(&self) -> bool {
        let first = self.all().first();
        first.is_some_and(|(_, end)| at(self.text, *end) == b')')
    }

    /// Whether the text starts with groups of these lengths; their bounds.
    pub(super) fn shaped(&self, lengths: &[usize]) -> Option<&[(usize, usize)]> {
        let bounds = self.first(lengths.len())?;
        let mut same = bounds.iter().zip(lengths);
        same.all(|((start, end), length)| end - start == *length)
            .then_some(bounds)
    }

    /// What stands between two groups.
    pub(super) fn separators<'g>(
        &'g self,
        bounds: &'g [(usize, usize)],
    ) -> impl Iterator<Item = &'t [u8]> + 'g {
        let pairs = bounds.iter().zip(bounds.iter().skip(1));
        pairs.map(|((_, end), (start, _))| part(self.text, *end, *start))
    }

    /// The one byte that stands between all groups.
    pub(super) fn separator(&self, bounds: &[(usize, usize)]) -> Option<u8> {
        let mut separators = self.separators(bounds);
        let &[first] = separators.next()? else {
            return None;
        };
        separators.all(|other| other == [first]).then_some(first)
    }

    /// The digits of some groups as numbers from 0 to 9.
    pub(super) fn digits(&self, bounds: &[(usize, usize)]) -> Digits {
        let mut digits = Digits::default();
        for (start, end) in bounds {
            for byte in part(self.text, *start, *end) {
                digits.push(byte - b'0');
            }
        }
        digits
    }
}

/// Up to 24 digits.
#[derive(Default)]
pub(super) struct Digits {
    digits: [u8; 24],
    count: usize,
}

impl Digits {
    fn push(&mut self, digit: u8) {
        if let Some(place) = self.digits.get_mut(self.count) {
            *place = digit;
            self.count += 1;
        }
    }

    pub(super) fn all(&self) -> &[u8] {
        self.digits.get(..self.count).unwrap_or_default()
    }

    /// The number that `count` digits from `start` on form; 0 past the end.
    pub(super) fn number(&self, start: usize, count: usize) -> u32 {
        let digits = part(self.all(), start, start + count).iter();
        digits.fold(0, |number, &digit| number * 10 + u32::from(digit))
    }
}

/// A run of digits, with what its surroundings say.
pub(super) struct Candidate<'t> {
    pub(super) groups: Groups<'t>,
    pub(super) start: usize,
    expected: Expected<'t>,
}

impl Candidate<'_> {
    /// Whether a telephone number is to be expected here.
    pub(super) fn phone_expected(&self) -> bool {
        self.expected.phone() || context::precedes(self.groups.text, self.start, Subject::Phone)
    }

    fn ssn_expected(&self) -> bool {
        self.expected.ssn() || context::precedes(self.groups.text, self.start, Subject::Ssn)
    }
}

/// Reports the numbers of a text.
pub(super) fn scan(text: &[u8], expected: Expected<'_>, sink: &mut Sink<'_>) {
    if text.len() < MIN_DIGITS {
        return;
    }
    let mut candidate = Candidate {
        groups: Groups::new(text),
        start: 0,
        expected,
    };
    let mut from = 0;
    while let Some((start, end)) = candidate.groups.advance(from) {
        from = end;
        if let Some(found) = iban::at_digits(text, start) {
            from = found.end.max(end);
            sink(Kind::Iban, found);
            continue;
        }
        if candidate.groups.len() < MIN_DIGITS {
            from = candidate.groups.end_of_few();
            continue;
        }
        if end - start > MAX_DIGITS || is_word(before(text, start, 1)) {
            continue;
        }
        candidate.start = start;
        let found = card(&candidate)
            .map(|found| (Kind::Card, found))
            .or_else(|| ssn(&candidate).map(|found| (Kind::Ssn, found)))
            .or_else(|| phone::at_digits(&candidate).map(|found| (Kind::Phone, found)));
        if let Some((kind, found)) = found {
            from = found.end.max(end);
            sink(kind, found);
        }
    }
}

/// The next group of digits from `from` on that may be, or begin, anything that is found here:
/// most stand alone, are too short for it, and are no check digits behind the letters of a country.
fn next_group(text: &[u8], mut from: usize) -> Option<(usize, usize)> {
    loop {
        let start = from + blocks::find(text.get(from..)?, blocks::digit)?;
        let end = run_end(text, start, usize::MAX, |byte| byte.is_ascii_digit());
        let goes_on = is_separator(at(text, end));
        if goes_on || end - start >= MIN_DIGITS || before(text, start, 1).is_ascii_uppercase() {
            return Some((start, end));
        }
        from = end;
    }
}

/// Whether a byte may stand between two groups of a number.
fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'-' | b'.' | b'(' | b')')
}

/// Whether a number may start here: not the tail of a word, a decimal, a version or a ticket.
pub(super) fn starts(text: &[u8], start: usize) -> bool {
    let joins = matches!(before(text, start, 1), b'-' | b'.' | b'+');
    !(is_word(before(text, start, 1)) || joins && is_word(before(text, start, 2)))
}

/// Whether a number may end here: not followed by more of a word, a decimal or a version.
pub(super) fn ends(text: &[u8], end: usize) -> bool {
    let joins = matches!(at(text, end), b'-' | b'.');
    !(is_word(at(text, end)) || joins && is_word(at(text, end + 1)))
}

/// How social security numbers are grouped.
const SSN_SHAPE: &[usize] = &[3, 2, 4];

/// A United States social security number: area 001 to 899 without 666, group and serial not zero
/// (Social Security Administration, "Social Security Number Randomization", 2011), and not one of
/// the two that were printed in advertisements.
fn ssn(candidate: &Candidate<'_>) -> Option<std::ops::Range<usize>> {
    let groups = &candidate.groups;
    let (bounds, is_clear) = match groups.shaped(SSN_SHAPE) {
        Some(bounds) => (bounds, groups.separator(bounds) == Some(b'-')),
        None => (groups.shaped(&[9])?, false),
    };
    let &(_, end) = bounds.last()?;
    let is_uniform = bounds.len() == 1 || groups.separator(bounds).is_some();
    if !is_uniform || !starts(groups.text, candidate.start) || !ends(groups.text, end) {
        return None;
    }
    let digits = groups.digits(bounds);
    let (area, group, serial) = (
        digits.number(0, 3),
        digits.number(3, 2),
        digits.number(5, 4),
    );
    let is_assigned = !matches!(area, 0 | 666 | 900..) && group != 0 && serial != 0;
    let is_advertised = matches!((area, group, serial), (78, 5, 1120) | (219, 9, 9999));
    (is_assigned && !is_advertised && (is_clear || candidate.ssn_expected()))
        .then_some(candidate.start..end)
}

/// How card numbers are grouped.
const CARD_SHAPES: &[&[usize]] = &[
    &[4, 4, 4, 4, 3],
    &[4, 4, 4, 4],
    &[4, 6, 5],
    &[4, 6, 4],
    &[4, 3, 3, 3],
    &[1, 3, 3, 3, 3],
];

/// A payment card number: 13 to 19 digits in the ranges and lengths of an issuer, with a correct
/// check digit.
fn card(candidate: &Candidate<'_>) -> Option<std::ops::Range<usize>> {
    let groups = &candidate.groups;
    let &(start, end) = groups.all().first()?;
    let bounds = if end - start >= 13 {
        groups.first(1)?
    } else {
        let shaped = CARD_SHAPES.iter().find_map(|shape| groups.shaped(shape))?;
        let separator = groups.separator(shaped);
        matches!(separator, Some(b' ' | b'-')).then_some(shaped)?
    };
    let &(_, end) = bounds.last()?;
    let digits = groups.digits(bounds);
    let is_card = starts(groups.text, candidate.start)
        && ends(groups.text, end)
        && is_issued(&digits)
        && luhn(digits.all())
        && digits
            .all()
            .iter()
            .any(|digit| digits.all().first() != Some(digit));
    is_card.then_some(candidate.start..end)
}

/// Whether a number lies in the range of an issuer and has a length that it issues (ISO/IEC 7812-1
/// and the issuers' published ranges).
fn is_issued(digits: &Digits) -> bool {
    let length = digits.all().len();
    let (two, three, four, six) = (
        digits.number(0, 2),
        digits.number(0, 3),
        digits.number(0, 4),
        digits.number(0, 6),
    );
    match two {
        // Visa
        40..=49 => matches!(length, 13 | 16 | 19),
        // Mastercard
        51..=55 => length == 16,
        22..=27 if matches!(four, 2221..=2720) => length == 16,
        // Mir
        22 if matches!(four, 2200..=2204) => (16..=19).contains(&length),
        // American Express
        34 | 37 => length == 15,
        // Diners Club
        36 | 38 | 39 => (14..=19).contains(&length),
        30 if matches!(three, 300..=305) || four == 3095 => (14..=19).contains(&length),
        // JCB
        35 if matches!(four, 3528..=3589) => (16..=19).contains(&length),
        // Discover, UnionPay and RuPay
        60 if four == 6011 || matches!(six, 603_000..=603_999) => (16..=19).contains(&length),
        64 if matches!(three, 644..=649) => (16..=19).contains(&length),
        62 | 65 | 81 | 82 => (16..=19).contains(&length),
        // Maestro
        50 | 58 | 63 | 67 => {
            matches!(four, 5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763)
                && (13..=19).contains(&length)
        }
        _ => false,
    }
}

/// Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B).
pub(super) fn luhn(digits: &[u8]) -> bool {
    let doubled = |digit: u8| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let digits = digits.iter().rev().enumerate();
    let sum: u32 = digits
        .map(|(place, &digit)| {
            u32::from(if place % 2 == 1 {
                doubled(digit)
            } else {
                digit
            })
        })
        .sum();
    sum.is_multiple_of(10)
}
