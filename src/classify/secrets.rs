//! Secrets known by what stands before them: `password=`, `Authorization:`. Owns telling values from the code and the placeholders that stand in their place.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::ascii::{
    at as byte_at, before, contains_any, distinct, entropy, is_word, part, run_end, run_start,
};
use super::names::SecretName;
use super::tokens;

/// The longest name and the longest value looked at, in bytes.
const NAME_BYTES: usize = 48;
const VALUE_BYTES: usize = 256;

/// Least entropy of a machine-made value, in bits a byte.
const KEY_ENTROPY: f64 = 3.0;

/// Where a value stands, which says how much of it may be code.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Setting {
    /// In quotes.
    Quoted,
    /// In running text or code.
    Bare,
    /// By itself, as the value of an argument.
    Argument,
}

/// The value that is assigned to the name with a mark from `start` to `end`, and up to where the
/// text was looked at.
pub(super) fn assigned(text: &[u8], start: usize, end: usize) -> (usize, Option<Range<usize>>) {
    let in_name = |byte: u8| is_word(byte) || matches!(byte, b'-' | b'.');
    let name_start = run_start(text, start, NAME_BYTES, in_name);
    // The name is read to its end, so that its other marks need not be looked at: what counts is
    // how it ends.
    let name_end = run_end(text, end, usize::MAX, |byte| is_word(byte) || byte == b'-');
    let tail = name_start.max(name_end.saturating_sub(2 * NAME_BYTES));
    let Some(name) = SecretName::of(part(text, tail, name_end)) else {
        return (name_end, None);
    };
    let is_option = part(text, name_start, name_start + 2) == b"--";
    let Some(value_start) = after_separator(text, name_end, is_option) else {
        return (name_end, None);
    };
    let (range, setting) = value(text, value_start);
    let content = part(text, range.start, range.end);
    let is_secret = !tokens::has_prefix(content) && is_secret(content, name, setting);
    (range.end, is_secret.then_some(range))
}

/// Where the value starts that is assigned to a name that ends at `name_end`.
fn after_separator(text: &[u8], name_end: usize, is_option: bool) -> Option<usize> {
    let is_blank = |byte: u8| matches!(byte, b' ' | b'\t');
    // The name may be quoted, and the quote escaped.
    let quote = run_end(text, name_end, 4, |byte| {
        matches!(byte, b'\\' | b'"' | b'\'' | b'`' | b']')
    });
    let separator = run_end(text, quote, 4, is_blank);
    let value = match (byte_at(text, separator), byte_at(text, separator + 1)) {
        (b'=', b'=') => return None,
        (b':', b'=') | (b'=', b'>') => separator + 2,
        (b'=' | b':', _) => separator + 1,
        (b'>', _) if quote == name_end => separator + 1,
        _ if is_option && separator > quote => separator,
        _ if part(text, quote, separator + 3) == b" is " => separator + 3,
        // `PASSWORD 'x'`, as SQL has it.
        (b'\'' | b'"', _) if quote == name_end && separator > quote => separator,
        _ => return None,
    };
    Some(run_end(text, value, 4, is_blank))
}

/// The value that starts at `start`.
fn value(text: &[u8], start: usize) -> (Range<usize>, Setting) {
    let escape = run_end(text, start, 3, |byte| byte == b'\\');
    let quote = byte_at(text, escape);
    if matches!(quote, b'"' | b'\'' | b'`') {
        let inner = escape + 1;
        let stop = if escape > start { b'\\' } else { quote };
        let end = run_end(text, inner, VALUE_BYTES, |byte| {
            byte != stop && byte != b'\n'
        });
        if byte_at(text, end) == stop {
            return (inner..end, Setting::Quoted);
        }
    }
    let ends = |byte: u8| byte <= b' ' || b",;&\"'`<>)]}\\|".contains(&byte);
    let end = run_end(text, start, VALUE_BYTES, |byte| !ends(byte));
    let mut trimmed = end;
    while trimmed > start && matches!(before(text, trimmed, 1), b'.' | b':') {
        trimmed -= 1;
    }
    (start..trimmed, Setting::Bare)
}

/// The credentials of an `Authorization` header whose scheme stands from `start` to `end`, and up
/// to where the text was looked at.
pub(super) fn authorization(
    text: &[u8],
    start: usize,
    end: usize,
) -> (usize, Option<Range<usize>>) {
    let stop = run_end(text, end, VALUE_BYTES, |byte| {
        is_word(byte) || b"-._~+/=".contains(&byte)
    });
    let credentials = part(text, end, stop);
    let is_basic = part(text, start, start + 5).eq_ignore_ascii_case(b"basic");
    // `basic` is a word of English: the header's name must stand before it.
    let header = part(text, start.saturating_sub(20), start);
    let is_header = contains_any(header, &["authorization"]);
    let is_secret = !is_word(before(text, start, 1))
        && (is_header || !is_basic)
        && credentials.len() >= if is_basic { 8 } else { 20 }
        && has_mixture(credentials)
        && entropy(credentials) >= KEY_ENTROPY
        && !tokens::has_prefix(credentials);
    (stop, is_secret.then_some(end..stop))
}

/// The whole value of an argument that is named as a secret.
pub(super) fn of_argument(text: &[u8], name: SecretName) -> Option<Range<usize>> {
    is_secret(text, name, Setting::Argument).then_some(0..text.len())
}

/// Whether a value of that name is one that a person or a machine chose.
fn is_secret(value: &[u8], name: SecretName, setting: Setting) -> bool {
    if value.len() > VALUE_BYTES
        || is_placeholder(value)
        || (setting == Setting::Bare && is_code(value))
    {
        return false;
    }
    let is_location =
        value.starts_with(b"/") || value.starts_with(b"./") || contains_any(value, &["://"]);
    let is_phrase = value.iter().any(|byte| byte.is_ascii_whitespace());
    if is_location || is_phrase {
        return false;
    }
    match (name, setting) {
        (SecretName::Password, Setting::Argument) => value.len() >= 6 && distinct(value) >= 4,
        (SecretName::Password, _) => value.len() >= 6 && distinct(value) >= 4 && has_mixture(value),
        (SecretName::Key, _) => {
            value.len() >= 16 && has_mixture(value) && entropy(value) >= KEY_ENTROPY
        }
    }
}

/// Whether there are letters and something else besides, other than what joins words.
fn has_mixture(value: &[u8]) -> bool {
    let is_joint = |byte: u8| matches!(byte, b'_' | b'-' | b'.' | b':' | b'/' | b'?');
    let has_other = |byte: &u8| !byte.is_ascii_alphabetic() && !is_joint(*byte);
    value.iter().any(u8::is_ascii_alphabetic) && value.iter().any(has_other)
}

/// What is written in place of a secret.
const PLACEHOLDERS: &[&str] = &[
    "your",
    "example",
    "placeholder",
    "redacted",
    "changeme",
    "change_me",
    "change-me",
    "xxxx",
    "insert",
    "dummy",
    "sample",
    "process.env",
    "os.environ",
    "getenv",
    "undefined",
    "secrets.",
    "...",
    "****",
];

static PLACEHOLDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let automaton = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(PLACEHOLDERS);
    match automaton {
        Ok(automaton) => automaton,
        Err(error) => unreachable!("the words are fixed and few: {error}"),
    }
});

/// Whether a value stands for another, or for none.
fn is_placeholder(value: &[u8]) -> bool {
    let starts = |prefix: &[u8]| value.starts_with(prefix);
    let second = byte_at(value, 1);
    let is_variable = starts(b"$")
        && (second == b'{' || second == b'(' || value.iter().skip(1).all(|&byte| is_word(byte)))
        || starts(b"%") && (second == b'(' || value.ends_with(b"%") || value.len() < 4)
        || starts(b"{")
        || starts(b"<")
        || starts(b"[")
        || starts(b"@") && value.iter().skip(1).all(|&byte| is_word(byte));
    is_variable || PLACEHOLDER.is_match(value)
}

/// Whether a bare value is an expression: a call, an index, a path of names.
fn is_code(value: &[u8]) -> bool {
    let is_name = |part: &[u8]| {
        part.first()
            .is_some_and(|&byte| byte.is_ascii_alphabetic() || byte == b'_')
            && part.iter().all(|&byte| is_word(byte))
    };
    let is_path = value.contains(&b'.') && value.split(|&byte| byte == b'.').all(is_name);
    let is_type = value.starts_with(b"&") || value.ends_with(b"?") || value.ends_with(b"!");
    let has_digit = value.iter().any(u8::is_ascii_digit);
    is_path || value.contains(&b'(') || value.contains(&b'[') || (is_type && !has_digit)
}
