//! Where a pattern matches, for those who ask more than whether. Owns the way from the text that
//! automata read back to the bytes of the text that was given; knows nothing of rules.

use std::ops::Range;

use regex_automata::meta::Regex;

use super::linear;
use super::pattern::{self, Refusal};
use super::text::encode_units;

/// A pattern that takes linear time and tells where it matches. It matches as the `matches_regex`
/// of a rule does: ECMAScript without the `u` flag, ignoring case.
pub struct SpanPattern {
    regex: Regex,
}

impl SpanPattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// What `matches_regex` refuses; also [`Refusal::NotLinear`] for look-around and
    /// back-references.
    pub fn new(source: &str) -> Result<Self, Refusal> {
        let parsed = pattern::parse_safe(source)?;
        if pattern::needs_backtracking(&parsed) {
            return Err(Refusal::NotLinear);
        }
        let regex = linear::compile(&parsed.root).ok_or(Refusal::TooLarge)?;
        Ok(Self { regex })
    }

    /// The bytes of the first match in a text: UTF-8, lone surrogates as in WTF-8. When it begins
    /// or ends between the two code units of a character, the whole character.
    pub fn find(&self, text: &[u8]) -> Option<Range<usize>> {
        let mut encoded = Vec::with_capacity(text.len());
        encode_units(text, &mut encoded);
        let found = self.regex.find(&encoded)?.range();
        if encoded.len() == text.len() {
            return Some(found);
        }
        // A character of four bytes was encoded as two units of three: two bytes more.
        let given = |place: usize, inside: usize| {
            let mut from = 0;
            let mut to = 0;
            for &byte in text {
                let (given, encoded) = match byte {
                    0xF0.. => (4, 6),
                    0xE0.. => (3, 3),
                    0xC0.. => (2, 2),
                    0x80.. => (0, 0),
                    _ => (1, 1),
                };
                if to + encoded > place {
                    return from + if to < place { inside } else { 0 };
                }
                from += given;
                to += encoded;
            }
            from.min(text.len())
        };
        let end = given(found.end, 4).min(text.len());
        Some(given(found.start, 0).min(end)..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(pattern: &str, text: &str) -> Option<Range<usize>> {
        SpanPattern::new(pattern).unwrap().find(text.as_bytes())
    }

    #[test]
    fn matches_are_places_in_the_given_text() {
        assert_eq!(find("b+", "aBBc"), Some(1..3));
        assert_eq!(find("b+", "é😀日bb😀"), Some(9..11));
        assert_eq!(find("x", "é😀"), None);
        // The first of the two code units of a character.
        assert_eq!(find("\\ud83d", "a😀b"), Some(1..5));
        assert_eq!(find("\\ude00", "a😀b"), Some(1..5));
        assert_eq!(find("$", "é😀"), Some(6..6));
    }

    #[test]
    fn what_is_not_linear_or_not_safe_is_refused() {
        let refusal = |pattern| SpanPattern::new(pattern).map(drop).unwrap_err();
        assert_eq!(refusal("(?<=a)b"), Refusal::NotLinear);
        assert_eq!(refusal("(a)\\1"), Refusal::NotLinear);
        assert!(matches!(refusal("(a+)+$"), Refusal::Unsafe { .. }));
        assert!(matches!(refusal("("), Refusal::Invalid(_)));
    }
}
