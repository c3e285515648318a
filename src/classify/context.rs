//! What the words before a number, or the name of its argument, say that it is. Owns the words and
//! how they may be joined to the number; knows nothing of numbers.

use super::ascii::{at, before, part, run_start};

/// What a number may be that is written like many others.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// A telephone number.
    Phone,
    /// A social security number.
    Ssn,
}

/// How far before a number its word is looked for, in bytes.
const REACH: usize = 48;
/// The longest word looked at, in bytes.
const WORD_BYTES: usize = 24;

/// Nouns that name a telephone.
const PHONES: &[&[u8]] = &[
    b"phone",
    b"phones",
    b"telephone",
    b"cellphone",
    b"mobile",
    b"cell",
    b"fax",
    b"whatsapp",
    b"tel",
    b"telefon",
    b"telefono",
];
/// Verbs that a telephone number follows in running text, with nothing but spaces between.
const CALLS: &[&[u8]] = &[b"call", b"dial", b"sms"];
/// The same where a person stands between: `text me at`.
const WRITES: &[&[u8]] = &[b"text", b"ring", b"reach"];
/// What names a social security number; `security` stands between `social` and it.
const SECURITIES: &[&[u8]] = &[b"ssn", b"social", b"socialsecurity"];

/// Words that may stand between the word and the number.
const FILLERS: &[&[u8]] = &[
    b"number",
    b"numbers",
    b"num",
    b"no",
    b"nr",
    b"is",
    b"at",
    b"on",
    b"to",
    b"me",
    b"us",
    b"him",
    b"her",
    b"them",
    b"home",
    b"work",
    b"office",
    b"direct",
    b"main",
    b"primary",
    b"secondary",
    b"security",
];
/// What a word may have at its end: `phoneNumber`.
const SUFFIXES: &[&[u8]] = &[b"", b"number", b"num", b"no", b"security"];

/// Whether the text before `start`, which a number follows, names the subject.
pub(super) fn precedes(text: &[u8], start: usize, subject: Subject) -> bool {
    let from = start.saturating_sub(REACH);
    let is_joint = |byte: u8| b" \t:=#\"'\\.(-_>*[`".contains(&byte);
    let mut place = start;
    let mut fillers = 0;
    let mut is_spaced = true;
    loop {
        let gap = run_start(text, place, place - from, is_joint);
        is_spaced &= part(text, gap, place).iter().all(|&byte| byte == b' ');
        let word = run_start(text, gap, WORD_BYTES.min(gap - from), |byte| {
            byte.is_ascii_alphabetic()
        });
        if word == gap {
            return false;
        }
        let mut folded = [0_u8; WORD_BYTES];
        let spelt = part(text, word, gap);
        let folded = fold(spelt, &mut folded);
        // A word that begins before the reach is not known whole.
        let is_whole = !before(text, word, 1).is_ascii_alphabetic();
        let names = match subject {
            Subject::Phone => {
                is_whole && is_spaced && CALLS.contains(&folded)
                    || is_whole && is_spaced && fillers > 0 && WRITES.contains(&folded)
                    || is_named(text, word, gap, folded, PHONES)
            }
            Subject::Ssn => is_named(text, word, gap, folded, SECURITIES),
        };
        if names {
            return true;
        }
        if !is_whole || !FILLERS.contains(&folded) {
            return false;
        }
        fillers += 1;
        place = word;
    }
}

/// Whether the name of an argument names the subject.
pub(super) fn names(key: &[u8], subject: Subject) -> bool {
    let digits = key.iter().rev().take_while(|byte| byte.is_ascii_digit());
    precedes(key, key.len() - digits.count(), subject)
}

/// Whether the word from `start` to `end` is one of `nouns`, or ends in one as `homePhone` does,
/// perhaps with more at its end.
fn is_named(text: &[u8], start: usize, end: usize, folded: &[u8], nouns: &[&[u8]]) -> bool {
    let stems = SUFFIXES
        .iter()
        .filter_map(|suffix| folded.strip_suffix(*suffix));
    stems.into_iter().any(|stem| {
        nouns.iter().any(|noun| {
            let Some(rest) = stem.strip_suffix(*noun) else {
                return false;
            };
            let first = start + rest.len();
            let earlier = before(text, first, 1);
            let is_joined = earlier.is_ascii_lowercase() && at(text, first).is_ascii_uppercase();
            debug_assert!(first < end);
            (!earlier.is_ascii_alphabetic() || is_joined) && !rest.ends_with(b"i")
        })
    })
}

/// A word in lower case, kept in `folded`.
fn fold<'f>(word: &[u8], folded: &'f mut [u8; WORD_BYTES]) -> &'f [u8] {
    for (place, byte) in folded.iter_mut().zip(word) {
        *place = byte.to_ascii_lowercase();
    }
    folded.get(..word.len()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phone(text: &str) -> bool {
        precedes(text.as_bytes(), text.len(), Subject::Phone)
    }

    #[test]
    fn a_telephone_is_named_by_the_nearest_word() {
        for text in [
            "phone ",
            "Phone: ",
            "{\"phone\":\"",
            "homePhone = ",
            "phoneNumber\": \"",
            "PHONE_NUMBER=",
            "call ",
            "please call me at ",
            "text me on ",
            "mobile no. ",
            "téléphone : ",
            "phone (home: ",
        ] {
            assert!(phone(text), "{text}");
        }
    }

    #[test]
    fn words_that_only_contain_one_name_none() {
        for text in [
            "",
            "Headphones\": \"",
            "microphone ",
            "Megaphone stand\": \"",
            "callback id ",
            "\"calls\": ",
            "\"call\": ",
            "text ",
            "\"text\": \"",
            "cellulose batch ",
            "iPhone ",
            "{\"phone\": null, \"id\": ",
            "phone 1, ",
        ] {
            assert!(!phone(text), "{text}");
        }
    }

    #[test]
    fn social_security_is_named_in_one_word_or_more() {
        for text in [
            "SSN: ",
            "social security number is ",
            "socialSecurityNumber\":\"",
            "employee_ssn",
        ] {
            assert!(
                precedes(text.as_bytes(), text.len(), Subject::Ssn),
                "{text}"
            );
        }
        assert!(!precedes(b"session ", 8, Subject::Ssn));
        assert!(names(b"phone2", Subject::Phone) && !names(b"headphones", Subject::Phone));
    }
}
