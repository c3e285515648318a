//! International bank account numbers. Owns the lengths of each country and the check digits
//! (ISO 13616-1, SWIFT's IBAN Registry).

use std::ops::Range;

use super::ascii::{at, before, is_word};

/// Length of a number by country, in order.
const LENGTHS: &[(&[u8; 2], usize)] = &[
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BI", 27),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DJ", 27),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FK", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HN", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MN", 20),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NI", 28),
    (b"NL", 18),
    (b"NO", 15),
    (b"OM", 23),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"RU", 33),
    (b"SA", 24),
    (b"SC", 31),
    (b"SD", 18),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"SO", 23),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"VG", 24),
    (b"XK", 20),
    (b"YE", 30),
];

/// The number whose check digits start at `digits`.
pub(super) fn at_digits(text: &[u8], digits: usize) -> Option<Range<usize>> {
    let country = [before(text, digits, 2), before(text, digits, 1)];
    if !country.iter().all(u8::is_ascii_uppercase) || is_word(before(text, digits, 3)) {
        return None;
    }
    let known = LENGTHS.binary_search_by_key(&country, |(known, _)| **known);
    let (_, length) = LENGTHS.get(known.ok()?)?;
    let start = digits - 2;
    let mut characters = [0_u8; 34];
    let mut end = start;
    let mut is_spaced = false;
    for (count, character) in characters.iter_mut().take(*length).enumerate() {
        // Groups of four, separated from the first on or not at all.
        if count > 0 && count % 4 == 0 && at(text, end) == b' ' && (is_spaced || count == 4) {
            is_spaced = true;
            end += 1;
        }
        *character = at(text, end);
        if !(character.is_ascii_uppercase() || character.is_ascii_digit()) {
            return None;
        }
        end += 1;
    }
    let is_checked = remainder(characters.get(..*length)?) == 1;
    (is_checked && !is_word(at(text, end))).then_some(start..end)
}

/// The number modulo 97, its first four characters moved to the end and letters counted from 10.
fn remainder(characters: &[u8]) -> u32 {
    let (head, tail) = characters.split_at_checked(4).unwrap_or_default();
    tail.iter().chain(head).fold(0, |remainder, &character| {
        let value = u32::from(character);
        if character.is_ascii_digit() {
            (remainder * 10 + value - u32::from(b'0')) % 97
        } else {
            (remainder * 100 + value - u32::from(b'A') + 10) % 97
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_in_order() {
        assert!(LENGTHS.is_sorted_by(|(a, _), (b, _)| a < b));
    }
}
