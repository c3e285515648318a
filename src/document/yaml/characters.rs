//! The characters of a YAML text, before it is parsed.

use super::{Path, Problems};
use crate::diagnostic::Span;

/// Refuses the characters that YAML forbids, and those that one YAML version takes for a line break
/// and the other does not. (YAML 1.2.2 §5.1 and §5.4, YAML 1.1 §4.2)
pub(super) fn check(text: &str, problems: &mut Problems) {
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        let (code, message, help) = match c {
            '\u{FEFF}' if start == 0 => (
                "byte-order-mark",
                "the text begins with a byte-order mark".to_owned(),
                "save the file as UTF-8 without one".to_owned(),
            ),
            '\u{FEFF}' => (
                "byte-order-mark",
                "a byte-order mark inside the text is skipped by some readers only".to_owned(),
                "remove it; inside a string write \"\\uFEFF\"".to_owned(),
            ),
            '\r' if chars.peek().is_none_or(|&(_, next)| next != '\n') => (
                "line-break",
                "a carriage return without a line feed is a line break to some readers only"
                    .to_owned(),
                "end lines with a line feed; inside a string write \"\\r\"".to_owned(),
            ),
            '\u{85}' => break_character(c, "\\N"),
            '\u{2028}' => break_character(c, "\\L"),
            '\u{2029}' => break_character(c, "\\P"),
            '\t' | '\n' | '\r' => continue,
            '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' => (
                "control-character",
                format!(
                    "the control character U+{:04X} may not stand in YAML",
                    u32::from(c)
                ),
                format!(
                    "write it as an escape in double quotes: \"\\x{:02X}\"",
                    u32::from(c)
                ),
            ),
            _ => continue,
        };
        problems.add(
            code,
            &Path::Root,
            Span::new(start, start + c.len_utf8()),
            message,
            help,
        );
    }
}

fn break_character(c: char, escape: &str) -> (&'static str, String, String) {
    (
        "line-break",
        format!(
            "U+{:04X} is a line break to some readers only",
            u32::from(c)
        ),
        format!("write it as an escape in double quotes: \"{escape}\""),
    )
}
