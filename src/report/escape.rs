//! Text from outside on its way to a terminal. The one place that makes it harmless.

use std::borrow::Cow;
use std::fmt::Write;

/// The text with everything that a terminal acts on or hides shown as `\u{202e}`: control
/// characters, bidirectional controls, zero-width and other invisible characters.
///
/// Source: Boucher and Anderson, "Trojan Source: Invisible Vulnerabilities", USENIX Security 2023,
/// and the Unicode property Default_Ignorable_Code_Point.
pub fn terminal(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_hidden(character) {
            let _ = write!(out, "{}", character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    Cow::Owned(out)
}

/// The text as HTML, in elements and in quoted attributes; what [`terminal`] shows is shown.
///
/// Source: OWASP Cross Site Scripting Prevention Cheat Sheet, output encoding for HTML contexts.
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for character in terminal(text).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            character => out.push(character),
        }
    }
    out
}

/// The text with every byte of a hidden character replaced by `?`, so that byte offsets into it
/// stay what they were. Line ends and tabs are kept.
pub fn same_length(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hidden(character) && !matches!(character, '\n' | '\t') {
            out.extend(std::iter::repeat_n('?', character.len_utf8()));
        } else {
            out.push(character);
        }
    }
    out
}

/// True for characters that are not seen, or change how others are.
pub(crate) fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{AD}'
                | '\u{34F}'
                | '\u{61C}'
                | '\u{115F}'..='\u{1160}'
                | '\u{17B4}'..='\u{17B5}'
                | '\u{180B}'..='\u{180F}'
                | '\u{200B}'..='\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{3164}'
                | '\u{FE00}'..='\u{FE0F}'
                | '\u{FEFF}'
                | '\u{FFA0}'
                | '\u{FFF0}'..='\u{FFFB}'
                | '\u{1BCA0}'..='\u{1BCA3}'
                | '\u{1D173}'..='\u{1D17A}'
                | '\u{E0000}'..='\u{E0FFF}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_acts_on_is_shown() {
        assert_eq!(terminal("\u{1B}[31mred"), "\\u{1b}[31mred");
        assert_eq!(
            terminal("a\u{202E}b\u{200B}c\r\n"),
            "a\\u{202e}b\\u{200b}c\\u{d}\\u{a}"
        );
        assert_eq!(terminal("tag \u{E0041}"), "tag \\u{e0041}");
    }

    #[test]
    fn other_text_is_left_alone() {
        for text in ["", "plain", "Grüße, 日本語 😀"] {
            assert_eq!(terminal(text), text);
            assert_eq!(same_length(text), text);
        }
    }

    #[test]
    fn html_is_text() {
        assert_eq!(
            html("<img src=x onerror='a&b'>\"\u{202E}"),
            "&lt;img src=x onerror=&#39;a&amp;b&#39;&gt;&quot;\\u{202e}"
        );
    }

    #[test]
    fn offsets_stay_what_they_were() {
        assert_eq!(same_length("a\u{202E}\u{1B}\tb\n"), "a????\tb\n");
    }
}
