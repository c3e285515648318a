//! Linear scans of JSON text, before and beside the parsers: how deep it nests, and the faults
//! inside strings and numbers that need not hide what is wrong elsewhere. Decides nothing: a text
//! in which something was repaired is refused.

use std::collections::VecDeque;

use super::Problems;
use crate::diagnostic::Span;
use crate::document::Path;

/// A fault that a parser stops at although the text around it can be read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    /// An escape such as `\ud800` without its other half.
    LoneSurrogate(Span),
    /// A number greater than any double.
    NumberRange(Span),
}

impl Fault {
    /// Its bytes.
    pub(super) const fn span(self) -> Span {
        match self {
            Self::LoneSurrogate(span) | Self::NumberRange(span) => span,
        }
    }
}

/// A text of the same length without its faults.
pub(super) struct Repairs {
    text: String,
    faults: VecDeque<Fault>,
}

impl Repairs {
    /// Nothing was repaired.
    pub(super) const fn none() -> Self {
        Self {
            text: String::new(),
            faults: VecDeque::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Takes the next fault if it begins before `end`.
    pub(super) fn next_before(&mut self, end: usize) -> Option<Fault> {
        self.faults.pop_front_if(|fault| fault.span().start < end)
    }

    /// Reports all faults, without knowing which members they are in.
    pub(super) fn report_rest(self, problems: &mut Problems) {
        for fault in self.faults {
            fault.report(&Path::Root, problems);
        }
    }
}

/// The offset of the first bracket that is deeper than `depth`.
pub(super) fn too_deep(text: &str, depth: usize) -> Option<usize> {
    let mut open = 0_usize;
    tokens(text).find_map(|token| match token {
        Token::Byte(offset, b'[' | b'{') => {
            open += 1;
            (open > depth).then_some(offset)
        }
        Token::Byte(_, b']' | b'}') => {
            open = open.saturating_sub(1);
            None
        }
        _ => None,
    })
}

/// The text with every fault overwritten by something harmless of the same length.
pub(super) fn repair(text: &str) -> Repairs {
    let mut repaired = String::with_capacity(text.len());
    let mut faults = VecDeque::new();
    let mut fix = |fault: Fault, replacement: &str| {
        let span = fault.span();
        repaired.push_str(text.get(repaired.len()..span.start).unwrap_or_default());
        repaired.push_str(replacement);
        for _ in replacement.len()..span.end - span.start {
            repaired.push(' ');
        }
        faults.push_back(fault);
    };
    for token in tokens(text) {
        match token {
            Token::String(span) => {
                for span in lone_surrogates(text, span) {
                    fix(Fault::LoneSurrogate(span), "\\uFFFD");
                }
            }
            Token::Number(span) => {
                let literal = text.get(span.start..span.end).unwrap_or_default();
                if literal.parse().is_ok_and(f64::is_infinite) {
                    fix(Fault::NumberRange(span), "0");
                }
            }
            Token::Byte(..) => {}
        }
    }
    repaired.push_str(text.get(repaired.len()..).unwrap_or_default());
    Repairs {
        text: repaired,
        faults,
    }
}

enum Token {
    String(Span),
    Number(Span),
    Byte(usize, u8),
}

/// Strings, numbers and single bytes. Tells nothing about whether they stand where they may.
fn tokens(text: &str) -> impl Iterator<Item = Token> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = bytes.get(at..)?;
        let first = *rest.first()?;
        let start = at;
        let token = match first {
            b'"' => {
                at += string_length(rest);
                Token::String(Span::new(start, at))
            }
            b'-' | b'0'..=b'9' => {
                at += rest
                    .iter()
                    .take_while(|c| matches!(c, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9'))
                    .count();
                Token::Number(Span::new(start, at))
            }
            byte => {
                at += 1;
                Token::Byte(start, byte)
            }
        };
        Some(token)
    })
}

/// The length of the string that `text` begins with, up to its end if it is not closed.
fn string_length(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(found) = text
        .get(at..)
        .and_then(|rest| memchr::memchr2(b'"', b'\\', rest))
    {
        at += found;
        if text.get(at) == Some(&b'"') {
            return at + 1;
        }
        at += 2;
    }
    text.len()
}

/// The escapes of a string that are half of a surrogate pair.
fn lone_surrogates(text: &str, string: Span) -> impl Iterator<Item = Span> {
    let mut at = string.start;
    std::iter::from_fn(move || {
        while at < string.end {
            let rest = text.as_bytes().get(at..string.end)?;
            let found = memchr::memchr(b'\\', rest)?;
            at += found;
            let start = at;
            match escaped_unit(text, at) {
                Some(0xD800..=0xDBFF) => {
                    at += 6;
                    if matches!(escaped_unit(text, at), Some(0xDC00..=0xDFFF)) {
                        at += 6;
                    } else {
                        return Some(Span::new(start, at));
                    }
                }
                Some(0xDC00..=0xDFFF) => {
                    at += 6;
                    return Some(Span::new(start, at));
                }
                Some(_) => at += 6,
                None => at += 2,
            }
        }
        None
    })
}

/// The code unit that a `\uXXXX` at `at` stands for.
fn escaped_unit(text: &str, at: usize) -> Option<u16> {
    let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
    // `from_str_radix` would take a sign.
    digits
        .bytes()
        .all(|c| c.is_ascii_hexdigit())
        .then(|| u16::from_str_radix(digits, 16).ok())?
}
