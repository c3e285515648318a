//! Texts of UTF-16 code units in which halves of characters may stand alone, as JSON can write
//! them. Owns their form as bytes and what keywords see of them.

use std::fmt;

use crate::matcher::encoded_unit;

/// A text of UTF-16 code units: of characters, and halves of characters that stand alone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Text(Vec<u16>);

impl Text {
    pub(super) const fn new(units: Vec<u16>) -> Self {
        Self(units)
    }

    pub(super) fn units(&self) -> &[u16] {
        &self.0
    }

    /// As WTF-8 (Sapin, "The WTF-8 encoding"): UTF-8, and three bytes for half of a character.
    pub fn to_bytes(&self) -> Vec<u8> {
        let characters = char::decode_utf16(self.0.iter().copied());
        let bytes = characters.map(|character| match character {
            Ok(character) => character.to_string().into_bytes(),
            Err(half) => encoded_unit(half.unpaired_surrogate()),
        });
        bytes.collect::<Vec<_>>().concat()
    }

    /// Whether the lower case of the text contains a keyword. Half of a character is in none.
    pub(super) fn contains(&self, keyword: &str) -> bool {
        let characters = char::decode_utf16(self.0.iter().copied());
        let characters: Vec<Option<char>> = characters.map(Result::ok).collect();
        let mut between_halves = characters.split(Option::is_none);
        between_halves.any(|characters| {
            let text: String = characters.iter().flatten().collect();
            text.to_lowercase().contains(keyword)
        })
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.encode_utf16().collect())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&String::from_utf16_lossy(&self.0), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_stand_alone_or_make_a_character() {
        let text = Text::new(vec![0x41, 0xD801, 0xDC00, 0xDC00, 0x42]);
        assert_eq!(text.to_bytes(), b"A\xF0\x90\x90\x80\xED\xB0\x80B");
        assert!(text.contains("a\u{10428}") && !text.contains("ab") && text.contains("b"));
    }
}
