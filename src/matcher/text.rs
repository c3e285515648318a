//! The text of one call in the forms in which it is searched. Owns joining, lower-casing and the
//! encoding as UTF-16 code units; knows nothing of what is searched for.

use crate::blocks;
use crate::model::request::{Request, VALUE_END};

/// Stands between two values in the joined text.
const SEPARATOR: u8 = b' ';

/// The searchable values of one call: `user_input`, then those of `tool_args`. The buffers are kept
/// from call to call.
#[derive(Debug, Default)]
pub(super) struct Text {
    lowered: Vec<u8>,
    joined: Vec<u8>,
    /// Whether every character is ASCII, which makes `joined` the text of patterns as well.
    ascii: bool,
    encoded: OnDemand<u8>,
    units: OnDemand<u16>,
}

/// A buffer that is filled only for calls that need it.
#[derive(Debug, Default)]
struct OnDemand<T> {
    buffer: Vec<T>,
    filled: bool,
}

impl<T> OnDemand<T> {
    fn get(&mut self, fill: impl FnOnce(&mut Vec<T>)) -> &[T] {
        if !self.filled {
            self.buffer.clear();
            fill(&mut self.buffer);
            self.filled = true;
        }
        &self.buffer
    }
}

impl Text {
    /// Takes the text of a call and lower-cases it.
    pub(super) fn read(&mut self, request: &Request) {
        self.lowered.clear();
        self.joined.clear();
        self.encoded.filled = false;
        self.units.filled = false;
        let parts = parts(request);
        self.ascii = parts.iter().all(|part| is_ascii(part));
        for part in parts {
            if self.ascii {
                self.lowered.extend(part.iter().map(u8::to_ascii_lowercase));
            } else {
                let mut start = 0;
                for end in memchr::memchr_iter(VALUE_END, part) {
                    lower_case(part.get(start..end).unwrap_or_default(), &mut self.lowered);
                    self.lowered.push(VALUE_END);
                    start = end + 1;
                }
                lower_case(part.get(start..).unwrap_or_default(), &mut self.lowered);
            }
        }
        let separate = |&byte: &u8| if byte == VALUE_END { SEPARATOR } else { byte };
        self.joined.extend(self.lowered.iter().map(separate));
    }

    /// The values in lower case, as ECMAScript's `toLowerCase` makes it, each followed by
    /// [`VALUE_END`].
    pub(super) fn lowered(&self) -> &[u8] {
        &self.lowered
    }

    /// The same, byte for byte, with a space in place of each [`VALUE_END`].
    pub(super) fn joined(&self) -> &[u8] {
        &self.joined
    }

    /// What patterns are matched on: the values joined by one space, only A to Z in lower case,
    /// each UTF-16 code unit encoded on its own (characters above U+FFFF as two surrogates of
    /// three bytes each, the form that Unicode Technical Report 26 calls CESU-8).
    pub(super) fn encoded_units(&mut self, request: &Request) -> &[u8] {
        let text = if self.ascii {
            &self.joined
        } else {
            self.encoded.get(|encoded| {
                for part in parts(request) {
                    encode_units(part, encoded);
                }
            })
        };
        text.split_last().map_or(&[], |(_, text)| text)
    }

    /// The code units themselves.
    pub(super) fn units(&mut self, request: &Request) -> &[u16] {
        let mut units = std::mem::take(&mut self.units);
        units.get(|units| decode_units(self.encoded_units(request), units));
        self.units = units;
        &self.units.buffer
    }
}

/// `user_input` and what is in `tool_args`, each value followed by [`VALUE_END`].
fn parts(request: &Request) -> [&[u8]; 3] {
    let input = request.user_input.map(|input| request.value(input));
    let input = input.unwrap_or_default();
    let end: &[u8] = if input.is_empty() { &[] } else { &[VALUE_END] };
    [input, end, request.argument_values()]
}

/// Whether all bytes but [`VALUE_END`] are ASCII.
fn is_ascii(text: &[u8]) -> bool {
    // As signed numbers, bytes from 0x80 to 0xFE are those below -1. Whole chunks without an early
    // exit become vector instructions.
    let other = |any: bool, &byte: &u8| any | (byte.cast_signed() < -1);
    text.chunks(64)
        .all(|chunk| !chunk.iter().fold(false, other))
}

/// Appends a value in lower case. Lone surrogates stay; they are neither cased nor ignored by the
/// rule for a final sigma, so that the text on both sides can be lower-cased by itself.
fn lower_case(value: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    match simdutf8::basic::from_utf8(value) {
        Ok(text) => lower_case_text(text, out),
        Err(_) => {
            for chunk in value.utf8_chunks() {
                lower_case_text(chunk.valid(), out);
                out.extend_from_slice(chunk.invalid());
            }
        }
    }
    if let Some(appended) = out.get_mut(start..) {
        appended.make_ascii_lowercase();
    }
}

/// Appends a text in lower case but for A to Z, which the caller lowers.
fn lower_case_text(text: &str, out: &mut Vec<u8>) {
    let start = out.len();
    let mut copied = 0;
    let mut at = 0;
    while let Some(skipped) = text
        .as_bytes()
        .get(at..)
        .and_then(|rest| blocks::find(rest, blocks::not_ascii))
    {
        at += skipped;
        let (before, rest) = text.split_at(at);
        let mut rest = rest.chars();
        let Some(c) = rest.next() else {
            break;
        };
        let next = at + c.len_utf8();
        if !is_never_changed(c) {
            out.extend_from_slice(text.get(copied..at).unwrap_or_default().as_bytes());
            copied = next;
            let mut append = |lower: char| {
                out.extend_from_slice(lower.encode_utf8(&mut [0; 4]).as_bytes());
            };
            if c != 'Σ' {
                c.to_lowercase().for_each(append);
            } else if let Some(sigma) = lower_case_sigma(before.chars().next_back(), rest.next()) {
                append(sigma);
            } else {
                // Only the standard library knows which characters to look at.
                out.truncate(start);
                return out.extend_from_slice(text.to_lowercase().as_bytes());
            }
        }
        at = next;
    }
    out.extend_from_slice(text.get(copied..).unwrap_or_default().as_bytes());
}

/// The lower case of a capital sigma between two characters, if it follows from these alone: `ς`
/// at the end of a word, that is after a cased character and not before one, else `σ`. Characters
/// that are ignored in this count as if they were not there (the Unicode Standard, table 3-17,
/// Final_Sigma).
fn lower_case_sigma(before: Option<char>, after: Option<char>) -> Option<char> {
    /// `Some` for characters that are not ignored: whether they are cased.
    fn is_cased(neighbour: Option<char>) -> Option<bool> {
        match neighbour {
            None
            | Some('\0'..='&' | '('..='-' | '/' | '0'..='9' | ';'..='@' | '[' | '\\' | ']' | '_') => {
                Some(false)
            }
            Some('A'..='Z' | 'a'..='z' | 'Α'..='Ρ' | 'Σ'..='Ω' | 'α'..='ω') => Some(true),
            Some(_) => None,
        }
    }
    match (is_cased(before), is_cased(after)) {
        (Some(false), _) | (_, Some(true)) => Some('σ'),
        (Some(true), Some(false)) => Some('ς'),
        _ => None,
    }
}

/// Whether a character needs no look at the tables: ASCII, which is lowered elsewhere, the small
/// letters of Latin-1, Greek and Cyrillic, punctuation, the scripts of East Asia, which have no
/// case, and pictures.
fn is_never_changed(c: char) -> bool {
    c.is_ascii()
        || matches!(
            c,
            'ß'..='ÿ'
                | 'α'..='ώ'
                | 'а'..='џ'
                | '\u{2000}'..='\u{20FF}'
                | '\u{2E80}'..='\u{A63F}'
                | '\u{AC00}'..='\u{D7FF}'
                | '\u{1F000}'..='\u{1FAFF}'
        )
}

/// Appends a part of the text of patterns that ignore case.
pub(super) fn encode_units(part: &[u8], out: &mut Vec<u8>) {
    encode_units_with(part, out, |byte| byte.to_ascii_lowercase());
}

/// Appends a part of the text of patterns for which case matters.
pub(super) fn encode_units_exactly(part: &[u8], out: &mut Vec<u8>) {
    encode_units_with(part, out, |byte| byte);
}

fn encode_units_with(part: &[u8], out: &mut Vec<u8>, case: impl Fn(u8) -> u8) {
    let mut rest = part;
    loop {
        // VALUE_END and the first bytes of characters above U+FFFF.
        let special = rest.iter().position(|&byte| byte >= 0xF0);
        let (plain, tail) = rest.split_at(special.unwrap_or(rest.len()));
        out.extend(plain.iter().map(|&byte| case(byte)));
        rest = match tail {
            [] => return,
            &[VALUE_END, ref rest @ ..] => {
                out.push(SEPARATOR);
                rest
            }
            &[a, b, c, d, ref rest @ ..] => {
                let bits = |byte: u8, shift: u32| u32::from(byte & 0x3F) << shift;
                let scalar = (u32::from(a & 0x07) << 18) | bits(b, 12) | bits(c, 6) | bits(d, 0);
                let offset = scalar.wrapping_sub(0x1_0000);
                out.extend(encode_unit(0xD800 | (offset >> 10 & 0x3FF)));
                out.extend(encode_unit(0xDC00 | (offset & 0x3FF)));
                rest
            }
            // The end of a character without its beginning cannot be in WTF-8.
            &[_, ref rest @ ..] => rest,
        };
    }
}

/// A code unit of the text that patterns are matched on.
pub(crate) fn encoded_unit(unit: u16) -> Vec<u8> {
    match char::from_u32(unit.into()) {
        Some(character) => character.to_string().to_ascii_lowercase().into_bytes(),
        None => encode_unit(unit.into()).into(),
    }
}

/// The three bytes of a code unit from 0x800.
fn encode_unit(unit: u32) -> [u8; 3] {
    let continuation = |shift: u32| 0x80 | (unit >> shift & 0x3F) as u8;
    [
        0xE0 | (unit >> 12 & 0x0F) as u8,
        continuation(6),
        continuation(0),
    ]
}

/// Appends the code units of a text that [`encode_units`] wrote.
fn decode_units(mut text: &[u8], out: &mut Vec<u16>) {
    let bits = |byte: u8, mask: u8, shift: u32| u16::from(byte & mask) << shift;
    loop {
        let (unit, rest) = match text {
            &[a, b, c, ref rest @ ..] if a >= 0xE0 => {
                let unit = bits(a, 0x0F, 12) | bits(b, 0x3F, 6) | bits(c, 0x3F, 0);
                (unit, rest)
            }
            &[a, b, ref rest @ ..] if a >= 0xC0 => (bits(a, 0x1F, 6) | bits(b, 0x3F, 0), rest),
            [a, rest @ ..] => (u16::from(*a), rest),
            [] => return,
        };
        out.push(unit);
        text = rest;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::matcher::testing::request;

    fn text(values: &[&str]) -> (Text, Request) {
        let request =
            request(&serde_json::json!({"action": {"tool_args": {"values": values}}}).to_string());
        let mut text = Text::default();
        text.read(&request);
        (text, request)
    }

    #[test]
    fn every_character_is_lowered_as_the_standard_library_does() {
        for c in '\0'..=char::MAX {
            let mut lowered = Vec::new();
            lower_case(c.to_string().as_bytes(), &mut lowered);
            assert_eq!(lowered, c.to_string().to_lowercase().as_bytes(), "{c:?}");
        }
    }

    #[test]
    fn a_final_sigma_is_seen_in_its_value_only() {
        let (text, _) = text(&["ΣΑΣ", "ΣΑΣ"]);
        let expected = ["σας".as_bytes(), &[VALUE_END]].concat().repeat(2);
        assert_eq!(text.lowered(), expected);
    }

    #[test]
    fn user_input_comes_first() {
        let request = request(
            r#"{"action":{"tool_args":{"a":["B",1.5,true,null,""]}},"context":{"user_input":"Hello"}}"#,
        );
        let mut text = Text::default();
        text.read(&request);
        assert_eq!(text.lowered(), b"hello\xFFb\xFF1.5\xFFtrue\xFF\xFF");
        assert_eq!(text.joined(), b"hello b 1.5 true  ");
        assert_eq!(text.encoded_units(&request), b"hello b 1.5 true ");
    }

    #[test]
    fn lone_surrogates_stay() {
        let mut lowered = Vec::new();
        lower_case(b"A\xED\xA0\x80\xC3\x89", &mut lowered);
        assert_eq!(lowered, b"a\xED\xA0\x80\xC3\xA9");
    }

    proptest! {
        #[test]
        fn sigmas_are_lowered_as_the_standard_library_does(text in "[ΣσαΑa1 '.日éʰ\u{301}]{0,8}") {
            let mut lowered = Vec::new();
            lower_case(text.as_bytes(), &mut lowered);
            prop_assert_eq!(lowered, text.to_lowercase().into_bytes());
        }

        #[test]
        fn values_are_lowered_each_as_a_whole(values: Vec<String>) {
            let (text, _) = text(&values.iter().map(String::as_str).collect::<Vec<_>>());
            let mut expected = Vec::new();
            for value in &values {
                expected.extend_from_slice(value.to_lowercase().as_bytes());
                expected.push(VALUE_END);
            }
            prop_assert_eq!(text.lowered(), expected);
        }

        #[test]
        fn units_are_those_of_the_text(values: Vec<String>) {
            let (mut text, request) = text(&values.iter().map(String::as_str).collect::<Vec<_>>());
            let expected: Vec<u16> = values.join(" ").to_ascii_lowercase().encode_utf16().collect();
            prop_assert_eq!(text.units(&request), expected);
            prop_assert!(text.encoded_units(&request).iter().all(|&byte| byte < 0xF0));
        }
    }
}
