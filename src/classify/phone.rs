//! Telephone numbers: international with `+`, North American, and British national ones. Owns what
//! is written like one; a bare run of digits is one only where one is expected.

use std::ops::Range;

use super::ascii::{at, before, is_word, part, run_end};
use super::numbers::{Candidate, Digits, ends, starts};

/// A telephone number whose first digit is the candidate's.
pub(super) fn at_digits(candidate: &Candidate<'_>) -> Option<Range<usize>> {
    let text = candidate.groups.text;
    match before(text, candidate.start, 1) {
        b'+' => {
            let earlier = before(text, candidate.start, 2);
            let is_sum = is_word(earlier) || matches!(earlier, b'+' | b'-' | b'.' | b')');
            let end = (!is_sum).then(|| international(candidate))??;
            Some(candidate.start - 1..end)
        }
        b'(' if candidate.groups.closes_first() => {
            let is_call = is_word(before(text, candidate.start, 2));
            let end = (!is_call).then(|| national(candidate))??;
            Some(candidate.start - 1..end)
        }
        b'/' | b'#' => None,
        _ if starts(text, candidate.start) => national(candidate).map(|end| candidate.start..end),
        _ => None,
    }
}

/// Shortest and longest national number, in digits, of the countries whose code has one or two
/// digits, as their numbering plans give them (ITU-T E.164 and its Operational Bulletins).
const NATIONAL_LENGTHS: &[(u32, usize, usize)] = &[
    (1, 10, 10),
    (7, 10, 10),
    (20, 8, 10),
    (27, 9, 9),
    (30, 10, 10),
    (31, 9, 9),
    (32, 8, 9),
    (33, 9, 9),
    (34, 9, 9),
    (36, 8, 9),
    (39, 8, 11),
    (40, 9, 9),
    (41, 9, 9),
    (43, 8, 13),
    (44, 9, 10),
    (45, 8, 8),
    (46, 7, 10),
    (47, 8, 8),
    (48, 9, 9),
    (49, 8, 11),
    (51, 8, 9),
    (52, 10, 10),
    (54, 10, 11),
    (55, 10, 11),
    (56, 9, 9),
    (57, 10, 10),
    (58, 10, 10),
    (60, 8, 10),
    (61, 9, 9),
    (62, 8, 12),
    (63, 8, 10),
    (64, 8, 10),
    (65, 8, 8),
    (66, 8, 9),
    (81, 9, 10),
    (82, 8, 10),
    (84, 9, 10),
    (86, 10, 11),
    (90, 10, 10),
    (91, 10, 10),
    (92, 9, 10),
    (93, 9, 9),
    (94, 9, 9),
    (95, 8, 10),
    (98, 10, 10),
];

/// How many digits the number of a country may have, its code included.
fn lengths(digits: &Digits) -> Option<(usize, usize)> {
    for code_length in [1, 2] {
        let code = digits.number(0, code_length);
        let known = NATIONAL_LENGTHS.iter().find(|known| known.0 == code);
        if let Some((_, least, most)) = known {
            return Some((code_length + least, code_length + most));
        }
    }
    // Codes of three digits start with these (ITU-T E.164, annex D).
    matches!(digits.number(0, 2), 21..=26 | 29 | 35 | 37 | 38 | 42 | 50 | 59 | 67..=69 | 80 | 85 | 88 | 96 | 97 | 99)
        .then_some((10, 12))
}

/// A number after `+`: as many groups as its country's numbers have digits.
fn international(candidate: &Candidate<'_>) -> Option<usize> {
    let groups = &candidate.groups;
    let (least, most) = lengths(&groups.digits(groups.all()))?;
    let mut total = 0;
    let mut taken = 0;
    for (start, end) in groups.all() {
        if total + (end - start) > most {
            break;
        }
        total += end - start;
        taken += 1;
    }
    let bounds = groups.first(taken)?;
    let &(_, end) = bounds.last()?;
    let is_american = groups.digits(bounds).number(0, 1) == 1;
    let is_valid = !is_american || is_north_american(&groups.digits(bounds), 1);
    (total >= least && is_valid).then(|| whole(groups.text, end))?
}

/// Where the number that seems to end at `end` does, its extension included (`x123`, `ext. 45`);
/// `None` if it goes on otherwise.
fn whole(text: &[u8], end: usize) -> Option<usize> {
    extension(text, end).or_else(|| ends(text, end).then_some(end))
}

fn extension(text: &[u8], end: usize) -> Option<usize> {
    let mark = run_end(text, end, 2, |byte| matches!(byte, b' ' | b','));
    let letters = run_end(text, mark, 10, |byte| byte.is_ascii_alphabetic());
    let word = part(text, mark, letters);
    let is_mark = ["x", "ext", "extn", "extension"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known.as_bytes()));
    let first = run_end(text, letters, 2, |byte| matches!(byte, b'.' | b' ' | b':'));
    let last = run_end(text, first, 7, |byte| byte.is_ascii_digit());
    let is_whole = (1..=6).contains(&(last - first)) && !is_word(at(text, last));
    (is_mark && is_whole).then_some(last)
}

/// Whether the ten digits from `from` on are a number of the North American Numbering Plan: area
/// and exchange start with 2 to 9, and neither is a service code such as 911.
fn is_north_american(digits: &Digits, from: usize) -> bool {
    let is_code = |code: u32| code >= 200 && code % 100 != 11;
    is_code(digits.number(from, 3)) && is_code(digits.number(from + 3, 3))
}

/// How British numbers are grouped, and what they start with (Ofcom, "The National Telephone
/// Numbering Plan").
const BRITISH: &[(&[usize], &[u32])] = &[
    (&[3, 4, 4], &[2]),
    (&[5, 6], &[1, 7]),
    (&[5, 3, 3], &[1, 7]),
    (&[4, 3, 4], &[1, 3, 8]),
    (&[5, 5], &[1]),
];

/// How numbers of the North American Numbering Plan are grouped, without and with the prefix of a
/// long-distance or an international call.
const NORTH_AMERICAN: &[&[usize]] = &[&[3, 3, 4], &[1, 3, 3, 4], &[3, 3, 3, 4]];

/// A number without its country code.
fn national(candidate: &Candidate<'_>) -> Option<usize> {
    let groups = &candidate.groups;
    let text = groups.text;
    for shape in NORTH_AMERICAN {
        let Some(bounds) = groups.shaped(shape) else {
            continue;
        };
        let digits = groups.digits(bounds);
        let prefix = digits.all().len().saturating_sub(10);
        if !is_north_american(&digits, prefix) || (prefix > 0 && digits.number(0, prefix) != 1) {
            continue;
        }
        let &(_, end) = bounds.last()?;
        let closes = groups
            .separators(bounds)
            .any(|between| between.contains(&b')'));
        let is_clear = match groups.separator(bounds) {
            Some(separator) => matches!(separator, b'-' | b'.'),
            None => closes,
        };
        if let Some(end) = whole(text, end)
            && (is_clear || candidate.phone_expected())
        {
            return Some(end);
        }
    }
    for (shape, starts) in BRITISH {
        let Some(bounds) = groups.shaped(shape) else {
            continue;
        };
        let digits = groups.digits(bounds);
        let plain = |between: &[u8]| matches!(between, b" " | b"-" | b") ");
        let is_british = digits.number(0, 1) == 0 && starts.contains(&digits.number(1, 1));
        let &(_, end) = bounds.last()?;
        if let Some(end) = whole(text, end)
            && is_british
            && groups.separators(bounds).all(plain)
        {
            return Some(end);
        }
    }
    let &(start, end) = groups.all().first()?;
    if at(text, start) == b'0' && groups.all().len() > 1 {
        let counts = (2..=groups.all().len()).rev();
        let mut bounds = counts.filter_map(|count| groups.first(count));
        let bounds = bounds.find(|bounds| (9..=12).contains(&groups.digits(bounds).all().len()))?;
        let &(_, end) = bounds.last()?;
        return whole(text, end).filter(|_| candidate.phone_expected());
    }
    if !matches!(end - start, 10 | 11) {
        return None;
    }
    let digits = groups.digits(groups.first(1)?);
    let is_bare = match end - start {
        10 => is_north_american(&digits, 0),
        11 => {
            digits.number(0, 1) == 1 && is_north_american(&digits, 1)
                || matches!(digits.number(0, 2), 1..=3 | 7)
        }
        _ => false,
    };
    whole(text, end).filter(|_| is_bare && candidate.phone_expected())
}
