//! Patterns for which case matters, as identifiers of other systems need them. Owns whether such a
//! pattern matches a text; knows nothing of rules.

use regex_automata::meta::Regex;

use super::linear;
use super::pattern::{self, Refusal};
use super::text::encode_units_exactly;
use crate::ecma::Case;

/// A pattern that takes linear time. It matches as ECMAScript without any flag does: anywhere in
/// the text, unless it is anchored.
#[derive(Debug)]
pub struct ExactPattern {
    regex: Regex,
}

impl ExactPattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// What `matches_regex` refuses; also [`Refusal::NotLinear`] for look-around and
    /// back-references.
    pub fn new(source: &str) -> Result<Self, Refusal> {
        let parsed = pattern::parse_safe_with(source, Case::Kept)?;
        if pattern::needs_backtracking(&parsed) {
            return Err(Refusal::NotLinear);
        }
        let regex = linear::compile_exact(&parsed.root).ok_or(Refusal::TooLarge)?;
        Ok(Self { regex })
    }

    /// Whether it matches a text in WTF-8.
    pub fn is_match(&self, text: &[u8]) -> bool {
        let mut encoded = Vec::with_capacity(text.len());
        encode_units_exactly(text, &mut encoded);
        self.regex.is_match(&encoded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        ExactPattern::new(pattern)
            .unwrap()
            .is_match(text.as_bytes())
    }

    #[test]
    fn case_matters() {
        assert!(matches("^CHG-[0-9]+$", "CHG-7"));
        assert!(!matches("^CHG-[0-9]+$", "chg-7"));
        assert!(!matches("^chg-[0-9]+$", "CHG-7"));
        assert!(matches("[A-C]é", "xBé"));
        assert!(!matches("[A-C]é", "xbé"));
        assert!(!matches("É", "é"));
        assert!(matches("\\x41\\u00c9", "AÉ"));
        assert!(!matches("\\x41", "a"));
        assert!(matches("[^a]", "A"));
    }

    #[test]
    fn text_is_code_units() {
        assert!(matches("^..$", "😀"));
        assert!(matches("\\ud83d", "😀"));
        assert!(!matches("^CHG-[0-9]+$", "CHG-7\n"));
        assert!(!matches("^CHG-[0-9]+$", "CHG-٧"));
    }

    #[test]
    fn what_is_not_safe_is_refused() {
        let refusal = |pattern| ExactPattern::new(pattern).map(drop).unwrap_err();
        assert_eq!(refusal("(?=a)b"), Refusal::NotLinear);
        assert!(matches!(refusal("(a|a)+$"), Refusal::Unsafe { .. }));
        assert!(ExactPattern::new("(a|A)+$").is_ok(), "not the same letter");
        assert!(matches!(refusal("["), Refusal::Invalid(_)));
    }
}
