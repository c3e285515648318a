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
    fn a_huge_word_is_not_compared() {
        assert_eq!(nearest(&"a".repeat(1 << 20), ["a"]), None);
    }
}
