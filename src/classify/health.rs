//! Identifiers and findings of medical records, each after the word that says what it is. Owns the
//! words and the forms (45 CFR 164.514(b)(2) lists what identifies a patient).

use std::ops::Range;

use super::ascii::{at as byte_at, before, is_word, part, run_end};
use super::numbers::luhn;

/// What occurs before an identifier, in any case.
pub(super) const MARKS: &[&str] = &[
    "mrn",
    "medical record",
    "medical_record",
    "patient id",
    "patient_id",
    "patientid",
    "patient #",
    "npi",
    "icd-10",
    "icd10",
    "icd_10",
    "diagnosis code",
    "diagnosis_code",
    "medicare",
    "mbi",
    "dea number",
    "dea #",
    "dea_number",
    "health plan",
    "member id",
    "member_id",
];

/// More bytes than the longest mark and the longest filler have.
const MARK_BYTES: usize = 16;
/// Most bytes between a word and its identifier.
const GAP_BYTES: usize = 24;

/// The identifier that follows the word from `start` to `end`.
pub(super) fn at(text: &[u8], start: usize, end: usize) -> Option<Range<usize>> {
    if is_word(before(text, start, 1)) && before(text, start, 1) != b'_' {
        return None;
    }
    let mut folded = [0; MARK_BYTES];
    let word = lowered(part(text, start, end), &mut folded);
    let value = identifier_start(text, end)?;
    let stop = run_end(text, value, 24, |byte| {
        is_word(byte) || matches!(byte, b'-' | b'.')
    });
    let mut identifier = part(text, value, stop);
    while let Some((b'.' | b'-', rest)) = identifier.split_last() {
        identifier = rest;
    }
    let holds = match word {
        b"npi" => is_npi(identifier),
        b"icd-10" | b"icd10" | b"icd_10" | b"diagnosis code" | b"diagnosis_code" => {
            is_icd10(identifier)
        }
        b"medicare" | b"mbi" => is_medicare(identifier),
        b"dea number" | b"dea #" | b"dea_number" => is_dea(identifier),
        b"health plan" | b"member id" | b"member_id" => {
            (8..=14).contains(&identifier.len())
                && identifier
                    .iter()
                    .filter(|byte| byte.is_ascii_digit())
                    .count()
                    >= 7
                && identifier.iter().all(u8::is_ascii_alphanumeric)
                && identifier.first().is_some_and(u8::is_ascii_alphabetic)
        }
        _ => is_record_number(identifier),
    };
    holds.then_some(value..value + identifier.len())
}

/// Words that may stand between the mark and the identifier.
const FILLERS: &[&[u8]] = &[b"number", b"no", b"num", b"is", b"code", b"id", b"cm"];

/// Where the identifier starts: behind punctuation and a few words.
fn identifier_start(text: &[u8], end: usize) -> Option<usize> {
    let limit = end + GAP_BYTES;
    let mut place = end;
    let mut is_separated = false;
    while place < limit {
        let byte = byte_at(text, place);
        if b" :=#\"'_-.(\\\t".contains(&byte) && byte != 0 {
            is_separated |= byte != b'_' && byte != b'-';
            place += 1;
            continue;
        }
        let word = run_end(text, place, 8, |byte| byte.is_ascii_alphabetic());
        let mut folded = [0; MARK_BYTES];
        let lowered = lowered(part(text, place, word), &mut folded);
        if FILLERS.contains(&lowered) && !byte_at(text, word).is_ascii_digit() {
            place = word;
            continue;
        }
        return (is_separated && byte.is_ascii_alphanumeric()).then_some(place);
    }
    None
}

/// A word in lower case, kept in `folded`; a longer one is cut, and then is none that is known.
fn lowered<'f>(word: &[u8], folded: &'f mut [u8; MARK_BYTES]) -> &'f [u8] {
    for (place, byte) in folded.iter_mut().zip(word) {
        *place = byte.to_ascii_lowercase();
    }
    part(folded, 0, word.len())
}

/// Six to twelve digits, perhaps after a few letters.
fn is_record_number(identifier: &[u8]) -> bool {
    let letters = identifier
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic());
    let letters = letters.count();
    let digits = part(identifier, letters, identifier.len());
    let digits = digits.strip_prefix(b"-").unwrap_or(digits);
    letters <= 4 && (6..=12).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit)
}

/// National Provider Identifier: ten digits whose last is Luhn's with `80840` before the number
/// (45 CFR 162.406).
fn is_npi(identifier: &[u8]) -> bool {
    let is_formed = identifier.len() == 10
        && identifier.iter().all(u8::is_ascii_digit)
        && matches!(identifier.first(), Some(b'1' | b'2'));
    let mut digits = [8, 0, 8, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    for (digit, byte) in digits.iter_mut().skip(5).zip(identifier) {
        *digit = byte.wrapping_sub(b'0');
    }
    is_formed && luhn(&digits)
}

/// A code of ICD-10-CM: a letter, a digit, a digit or letter, and up to four more behind a point.
fn is_icd10(identifier: &[u8]) -> bool {
    let [letter, digit, third, rest @ ..] = identifier else {
        return false;
    };
    let is_rest = match rest {
        [] => true,
        [b'.', rest @ ..] => {
            (1..=4).contains(&rest.len()) && rest.iter().all(u8::is_ascii_alphanumeric)
        }
        _ => false,
    };
    letter.is_ascii_uppercase()
        && digit.is_ascii_digit()
        && third.is_ascii_alphanumeric()
        && is_rest
}

/// Medicare Beneficiary Identifier: eleven characters of fixed classes, without `S L O I B Z`
/// (CMS, "Understanding the Medicare Beneficiary Identifier Format").
fn is_medicare(identifier: &[u8]) -> bool {
    let plain = || identifier.iter().copied().filter(|byte| *byte != b'-');
    let is_letter = |byte: u8| byte.is_ascii_uppercase() && !b"SLOIBZ".contains(&byte);
    plain().count() == 11
        && plain()
            .zip(b"1AXNAXNAANN")
            .all(|(byte, class)| match class {
                b'1' => matches!(byte, b'1'..=b'9'),
                b'A' => is_letter(byte),
                b'X' => is_letter(byte) || byte.is_ascii_digit(),
                _ => byte.is_ascii_digit(),
            })
}

/// Registration of a prescriber: two letters and seven digits, the last a check digit (Drug
/// Enforcement Administration).
fn is_dea(identifier: &[u8]) -> bool {
    let &[first, second, a, b, c, d, e, f, check] = identifier else {
        return false;
    };
    let digits = [a, b, c, d, e, f, check].map(|byte| u32::from(byte.wrapping_sub(b'0')));
    let [a, b, c, d, e, f, check] = digits;
    first.is_ascii_uppercase()
        && second.is_ascii_alphanumeric()
        && digits.iter().all(|digit| *digit < 10)
        && (a + c + e + 2 * (b + d + f)) % 10 == check
}
