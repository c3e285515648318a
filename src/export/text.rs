//! Text that must not be longer than a product takes.

use std::borrow::Cow;

/// What stands for the rest of a text that was cut.
const CUT: &str = "…";

/// The text, cut before a character and marked if it has more than `most` bytes. Products count
/// characters or bytes: what fits by bytes fits by either.
pub(super) fn bounded(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    let kept = text.floor_char_boundary(most.saturating_sub(CUT.len()));
    let mut out = text.get(..kept).unwrap_or_default().to_owned();
    out.push_str(CUT);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_before_a_character() {
        assert_eq!(bounded("abcdef", 6), "abcdef");
        assert_eq!(bounded("abcdefg", 6), "abc…");
        // The emoji is four bytes long, from the third on.
        assert_eq!(bounded("ab😀cdef", 8), "ab…");
        assert_eq!(bounded("ab😀cdef", 9), "ab😀…");
        assert_eq!(bounded("ab😀cdef", 10), "ab😀cdef");
    }
}
