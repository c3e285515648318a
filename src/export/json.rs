//! JSON on one line that is exact for programs and harmless for terminals: what is hidden or turns
//! text around is written as `\u202e`, which programs read as the character that it is.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, Serializer};

use crate::report::escape::is_hidden;

/// Appends a value.
pub(super) fn write(value: &impl Serialize, out: &mut Vec<u8>) {
    let mut serializer = Serializer::with_formatter(out, Visible(CompactFormatter));
    // Writing to a `Vec` cannot fail, and records have no keys but names.
    let _ = value.serialize(&mut serializer);
}

struct Visible(CompactFormatter);

impl Formatter for Visible {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + Write,
    {
        if fragment.is_ascii() && !fragment.contains('\u{7F}') {
            return writer.write_all(fragment.as_bytes());
        }
        let mut units = [0; 2];
        for piece in fragment.split_inclusive(is_hidden) {
            let hidden = piece.chars().next_back().filter(|last| is_hidden(*last));
            let shown = hidden.and_then(|hidden| piece.strip_suffix(hidden));
            writer.write_all(shown.unwrap_or(piece).as_bytes())?;
            let Some(hidden) = hidden else { continue };
            for unit in hidden.encode_utf16(&mut units) {
                write!(writer, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }

    fn write_char_escape<W>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()>
    where
        W: ?Sized + Write,
    {
        self.0.write_char_escape(writer, escape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_written_as_escapes_and_read_as_they_were() {
        let text = "a\u{202E}b\n\u{7F}\"\\ü😀\u{E0041}";
        let mut out = Vec::new();
        write(&text, &mut out);
        let written = String::from_utf8(out).expect("UTF-8");
        assert_eq!(written, "\"a\\u202eb\\n\\u007f\\\"\\\\ü😀\\udb40\\udc41\"");
        let read: String = serde_json::from_str(&written).expect("JSON");
        assert_eq!(read, text);
    }
}
