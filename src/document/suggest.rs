//! "Did you mean": the known word nearest to an unknown one. Owns what counts as near.

/// Longer words are not typing errors of ours, and the distance takes quadratic time.
const MAX_BYTES: usize = 64;

/// The word of `known` that was most likely meant by `unknown`, if any was.
///
/// Spelling conventions do not count (`containsAny` is `contains_any`); beyond them, a third of the
/// letters may differ. Source of the distance: Damerau, "A technique for computer detection and
/// correction of spelling errors", CACM 7(3), 1964, in the optimal-string-alignment form.
pub fn nearest<'k>(unknown: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    if unknown.len() > MAX_BYTES {
        return None;
    }
    let plain = fold(unknown);
    known
        .into_iter()
        .map(|word| (strsim::osa_distance(&plain, &fold(word)), word))
        .filter(|(distance, word)| *distance <= word.len().max(3) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// Shorter words are near to too many others to be corrected without a person's eye.
const MIN_CERTAIN_LETTERS: usize = 4;

/// The word of `known` that `unknown` can only be a misspelling of: the same but for spelling
/// conventions, or the only one that is one letter away. Whoever changes a text without asking asks
/// this, not [`nearest`].
pub fn certain<'k>(unknown: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    if unknown.len() > MAX_BYTES {
        return None;
    }
    let plain = fold(unknown);
    let mut near: Vec<(usize, &str)> = known
        .into_iter()
        .map(|word| (strsim::osa_distance(&plain, &fold(word)), word))
        .filter(|(distance, word)| {
            let letters = plain.chars().count().min(fold(word).chars().count());
            *distance == 0 || (*distance == 1 && letters >= MIN_CERTAIN_LETTERS)
        })
        .collect();
    near.sort_unstable();
    match near.as_slice() {
        [(_, only)] => Some(only),
        [(first, word), (second, _), ..] if first < second => Some(word),
        _ => None,
    }
}

/// A word without case and word separators.
fn fold(word: &str) -> String {
    word.chars()
        .filter(|c| !matches!(c, '_' | '-' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_and_other_conventions_are_recognised() {
        let known = ["contains_any", "not_contains", "matches_regex", "id"];
        for (unknown, expected) in [
            ("contain_any", Some("contains_any")),
            ("containsAny", Some("contains_any")),
            ("matchs_regex", Some("matches_regex")),
            ("ID", Some("id")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(unknown, known), expected, "{unknown}");
        }
    }

    #[test]
    fn only_what_can_be_nothing_else_is_certain() {
        let known = [
            "gt",
            "gte",
            "eq",
            "neq",
            "untrusted",
            "trust_level_min",
            "DENY",
            "ALLOW",
        ];
        for (unknown, expected) in [
            ("trustLevelMin", Some("trust_level_min")),
            ("trust_level_mn", Some("trust_level_min")),
            ("deny", Some("DENY")),
            ("DNEY", Some("DENY")),
            ("EQ", Some("eq")),
            // Near to one of them, but as near to what nobody thought of.
            ("ge", None),
            ("eqq", None),
            ("trusted", None),
            ("ALLOWED", None),
            ("", None),
        ] {
            assert_eq!(certain(unknown, known), expected, "{unknown}");
        }
        assert_eq!(certain("rolfs", ["roles", "rolls"]), None);
        assert_eq!(certain(&"a".repeat(1 << 20), ["a"]), None);
    }

    #[test]
    fn a_huge_word_is_not_compared() {
        assert_eq!(nearest(&"a".repeat(1 << 20), ["a"]), None);
    }
}
