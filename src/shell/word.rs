//! Words: quotes and expansions. Owns what of a word is known before a command runs.

use std::borrow::Cow;

use super::reader::Reader;
use super::{CannotParse, FILE_NAMES, UNKNOWN, reader};

/// [`UNKNOWN`] and [`FILE_NAMES`] as bytes.
const UNKNOWN_BYTE: u8 = UNKNOWN as u8;
const FILE_NAMES_BYTE: u8 = FILE_NAMES as u8;

/// A word as far as it is known, quotes removed.
#[derive(Default)]
pub(super) struct Word {
    pub(super) text: Vec<u8>,
    /// Whether any part was quoted, so that it is no reserved word.
    pub(super) is_quoted: bool,
    /// Whether braces or brackets may make other words of it.
    is_multiplied: bool,
    /// How many bytes stood before the first that was quoted or expanded.
    plain: Option<usize>,
}

/// Whether an expansion stands in double quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    None,
    Double,
}

impl Word {
    fn quote(&mut self) {
        self.is_quoted = true;
        self.plain.get_or_insert(self.text.len());
    }

    /// Takes the opening bracket of what makes other words of it.
    fn multiply(&mut self, bracket: u8) {
        self.is_multiplied = true;
        self.plain.get_or_insert(self.text.len());
        self.text.push(bracket);
    }

    fn unknown(&mut self) {
        self.plain.get_or_insert(self.text.len());
        self.text.push(UNKNOWN_BYTE);
    }

    /// Whether a part is known only later.
    pub(super) fn is_unknown(&self) -> bool {
        let is_unknown = |byte: &u8| [UNKNOWN_BYTE, FILE_NAMES_BYTE].contains(byte);
        self.is_multiplied || self.text.iter().any(is_unknown)
    }

    /// The name of the variable that this word, standing first, would assign.
    pub(super) fn assigned_name(&self) -> Option<&str> {
        let plain = self.text.get(..self.plain.unwrap_or(self.text.len()))?;
        let equals = plain.iter().position(|&byte| byte == b'=')?;
        let name = plain.get(..equals)?;
        let name = name.strip_suffix(b"+").unwrap_or(name);
        let is_name = name
            .iter()
            .all(|&byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && name.first().is_some_and(|byte| !byte.is_ascii_digit());
        std::str::from_utf8(name).ok().filter(|_| is_name)
    }

    /// Whether it stands there as it is.
    pub(super) fn is_plain(&self) -> bool {
        !self.is_quoted && !self.is_unknown()
    }

    /// What of its text is known.
    pub(super) fn known(&self) -> Cow<'_, str> {
        match self.is_multiplied {
            true => Cow::Borrowed("\0"),
            false => String::from_utf8_lossy(&self.text),
        }
    }
}

impl Reader<'_, '_, '_> {
    /// Reads a word; an empty one where an operator stands.
    pub(super) fn word(&mut self) -> Result<Word, CannotParse> {
        let mut word = Word {
            text: std::mem::take(&mut self.spare),
            ..Word::default()
        };
        word.text.clear();
        loop {
            match self.rest() {
                [b'<' | b'>', b'(', ..] => {
                    self.at += 2;
                    self.parenthesized()?;
                    word.unknown();
                }
                []
                | [
                    b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')',
                    ..,
                ] => {
                    return Ok(word);
                }
                [b'\\', b'\n', ..] => self.at += 2,
                [b'\\', byte, ..] => {
                    word.quote();
                    word.text.push(*byte);
                    self.at += 2;
                }
                [b'\'', rest @ ..] => {
                    let end = memchr::memchr(b'\'', rest);
                    let end = end.ok_or(CannotParse::Unterminated("single quotes"))?;
                    word.quote();
                    word.text
                        .extend_from_slice(rest.get(..end).unwrap_or_default());
                    self.at += end + 2;
                }
                [b'"', ..] => {
                    self.at += 1;
                    self.double_quoted(&mut word)?;
                }
                [b'$', ..] => self.dollar(&mut word, Quotes::None)?,
                [b'`', ..] => self.backquoted(&mut word, Quotes::None)?,
                [b'*' | b'?', ..] => {
                    word.plain.get_or_insert(word.text.len());
                    word.text.push(FILE_NAMES_BYTE);
                    self.at += 1;
                }
                [b'[', next, ..] if !(word.text.is_empty() && is_delimiter(*next)) => {
                    // `[[` is a reserved word, not a pattern.
                    if word.text.is_empty() && *next == b'[' {
                        word.text.extend_from_slice(b"[[");
                        self.at += 2;
                    } else {
                        word.multiply(b'[');
                        self.at += 1;
                    }
                }
                [b'{', b'}', ..] => {
                    word.text.extend_from_slice(b"{}");
                    self.at += 2;
                }
                [b'{', next, ..] if !(word.text.is_empty() && is_delimiter(*next)) => {
                    word.multiply(b'{');
                    self.at += 1;
                }
                [b'=', b'(', ..] if !word.is_quoted => {
                    word.text.push(b'=');
                    self.at += 2;
                    self.array(&mut word)?;
                }
                [byte, ..] => {
                    word.text.push(*byte);
                    self.at += 1;
                }
            }
        }
    }

    /// Reads the elements of an array up to the closing parenthesis.
    fn array(&mut self, word: &mut Word) -> Result<(), CannotParse> {
        if word.assigned_name().is_none() {
            return Err(CannotParse::Unexpected {
                what: "a `(` inside a word",
                at: self.at,
            });
        }
        word.unknown();
        loop {
            self.skip_lines()?;
            let before = self.at;
            if self.peek() == Some(b')') {
                self.at += 1;
                return Ok(());
            }
            self.word()?;
            if self.at == before {
                return Err(CannotParse::Unterminated("an array"));
            }
        }
    }

    /// Reads up to the closing double quote.
    fn double_quoted(&mut self, word: &mut Word) -> Result<(), CannotParse> {
        word.quote();
        loop {
            match self.rest() {
                [] => return Err(CannotParse::Unterminated("double quotes")),
                [b'"', ..] => {
                    self.at += 1;
                    return Ok(());
                }
                [b'\\', b'\n', ..] => self.at += 2,
                [b'\\', byte @ (b'$' | b'`' | b'"' | b'\\'), ..] => {
                    word.text.push(*byte);
                    self.at += 2;
                }
                [b'$', ..] => self.dollar(word, Quotes::Double)?,
                [b'`', ..] => self.backquoted(word, Quotes::Double)?,
                [byte, ..] => {
                    word.text.push(*byte);
                    self.at += 1;
                }
            }
        }
    }

    /// Reads the expansions of the text of a here-document.
    pub(super) fn expansions(&mut self) -> Result<(), CannotParse> {
        let mut word = Word::default();
        loop {
            match self.rest() {
                [] => return Ok(()),
                [b'\\', _, ..] => self.at += 2,
                [b'$', ..] => self.dollar(&mut word, Quotes::Double)?,
                [b'`', ..] => self.backquoted(&mut word, Quotes::Double)?,
                _ => self.at += 1,
            }
        }
    }

    /// Reads what starts with `$`.
    fn dollar(&mut self, word: &mut Word, quotes: Quotes) -> Result<(), CannotParse> {
        match self.peek_after(1) {
            Some(b'(') if self.peek_after(2) == Some(b'(') => {
                self.at += 3;
                self.arithmetic()?;
            }
            Some(b'(') => {
                self.at += 2;
                self.parenthesized()?;
            }
            Some(b'{') => {
                self.at += 2;
                self.parameter(quotes)?;
            }
            Some(b'[') => {
                return Err(CannotParse::Unexpected {
                    what: "arithmetic in `$[`",
                    at: self.at,
                });
            }
            Some(b'\'') if quotes == Quotes::None => {
                self.at += 2;
                return self.escaped(word);
            }
            Some(b'"') if quotes == Quotes::None => {
                self.at += 2;
                // Another language may have another text.
                word.unknown();
                return self.double_quoted(word);
            }
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => {
                self.at += 1;
                self.variable();
            }
            Some(byte) if byte.is_ascii_digit() || b"@*#?$!-".contains(&byte) => self.at += 2,
            _ => {
                word.text.push(b'$');
                self.at += 1;
                return Ok(());
            }
        }
        word.unknown();
        Ok(())
    }

    /// Reads the name of a variable, if one stands here.
    fn variable(&mut self) {
        let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
        let length = self.rest().iter().take_while(is_name).count();
        let name = self.rest().get(..length).unwrap_or_default();
        if name.first().is_some_and(|byte| !byte.is_ascii_digit()) {
            self.found.note_variable(&String::from_utf8_lossy(name));
            self.at += length;
        }
    }

    /// Reads up to the `}` of a parameter expansion.
    fn parameter(&mut self, quotes: Quotes) -> Result<(), CannotParse> {
        if self.depth == super::MAX_DEPTH {
            return Err(CannotParse::TooDeep);
        }
        self.depth += 1;
        match self.rest() {
            // `${!name}` is the variable whose name the variable holds.
            [b'!', ..] => {
                self.found.variables.insert(UNKNOWN.to_string());
            }
            [b'#', ..] => self.at += 1,
            _ => {}
        }
        self.variable();
        let mut ignored = Word::default();
        loop {
            match self.rest() {
                [] => return Err(CannotParse::Unterminated("`${`")),
                [b'}', ..] => {
                    self.at += 1;
                    self.depth -= 1;
                    return Ok(());
                }
                [b'\\', _, ..] => self.at += 2,
                // Shells disagree on quotes here.
                [b'\'', ..] if quotes == Quotes::Double => {
                    return Err(CannotParse::Unexpected {
                        what: "a single quote inside `\"${`",
                        at: self.at,
                    });
                }
                [b'\'', rest @ ..] => {
                    let end = memchr::memchr(b'\'', rest);
                    let end = end.ok_or(CannotParse::Unterminated("single quotes"))?;
                    self.at += end + 2;
                }
                [b'"', ..] => {
                    self.at += 1;
                    self.double_quoted(&mut ignored)?;
                }
                [b'$', ..] => self.dollar(&mut ignored, Quotes::Double)?,
                [b'`', ..] => self.backquoted(&mut ignored, Quotes::Double)?,
                [b'<' | b'>', b'(', ..] => {
                    self.at += 2;
                    self.parenthesized()?;
                }
                _ => self.at += 1,
            }
        }
    }

    /// Reads up to the `))` of an arithmetic expansion that runs nothing.
    fn arithmetic(&mut self) -> Result<(), CannotParse> {
        let mut open = 0_u32;
        loop {
            match self.rest() {
                [] => return Err(CannotParse::Unterminated("`$((`")),
                [b'(', ..] => open += 1,
                [b')', ..] if open > 0 => open -= 1,
                [b')', b')', ..] => {
                    self.at += 2;
                    return Ok(());
                }
                // The closing of `$( (…) …)`, or more than numbers and names.
                [b')' | b'`' | b'\'' | b'"' | b'\\' | b'$' | b'[', ..] => {
                    return Err(CannotParse::Unexpected {
                        what: "more than plain arithmetic in `$((`",
                        at: self.at,
                    });
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Reads a substitution in backquotes.
    fn backquoted(&mut self, word: &mut Word, quotes: Quotes) -> Result<(), CannotParse> {
        self.at += 1;
        let mut script = Vec::new();
        loop {
            match self.rest() {
                [] => return Err(CannotParse::Unterminated("backquotes")),
                [b'`', ..] => break,
                [b'\\', byte @ (b'$' | b'`' | b'\\'), ..] => {
                    script.push(*byte);
                    self.at += 2;
                }
                [b'\\', b'"', ..] if quotes == Quotes::Double => {
                    script.push(b'"');
                    self.at += 2;
                }
                [byte, ..] => {
                    script.push(*byte);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        self.found.read_again(script.len())?;
        reader::read(&script, self.depth + 1, self.found)?;
        word.unknown();
        Ok(())
    }

    /// Reads up to the closing quote of `$'…'` (POSIX.1-2024, XCU 2.2.4).
    fn escaped(&mut self, word: &mut Word) -> Result<(), CannotParse> {
        word.quote();
        loop {
            let (bytes, length) = match self.rest() {
                [] => return Err(CannotParse::Unterminated("`$'`")),
                [b'\'', ..] => {
                    self.at += 1;
                    return Ok(());
                }
                [b'\\', b'n', ..] => (b'\n', 2),
                [b'\\', b't', ..] => (b'\t', 2),
                [b'\\', b'r', ..] => (b'\r', 2),
                [b'\\', b'e' | b'E', ..] => (0x1B, 2),
                [b'\\', byte @ (b'\\' | b'\'' | b'"' | b'?'), ..] => (*byte, 2),
                [b'\\', b'x', rest @ ..] => {
                    let (value, digits) = number(rest, 16, 2);
                    (value, 2 + digits)
                }
                [b'\\', b'0'..=b'7', ..] => {
                    let rest = self.rest().get(1..).unwrap_or_default();
                    let (value, digits) = number(rest, 8, 3);
                    (value, 1 + digits)
                }
                [b'\\', ..] => {
                    return Err(CannotParse::Unexpected {
                        what: "an unusual escape in `$'`",
                        at: self.at,
                    });
                }
                [byte, ..] => (*byte, 1),
            };
            // A NUL ends the text of the word, and these are how the unknown is written.
            if [UNKNOWN_BYTE, FILE_NAMES_BYTE].contains(&bytes) {
                return Err(CannotParse::Unexpected {
                    what: "a control character in `$'`",
                    at: self.at,
                });
            }
            word.text.push(bytes);
            self.at += length;
        }
    }
}

fn is_delimiter(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b";&|<>()".contains(&byte)
}

/// The number that up to `most` digits form, its eight low bits, and how many digits there are.
fn number(text: &[u8], radix: u32, most: usize) -> (u8, usize) {
    let digits = text.iter().take(most);
    let digits = digits.map_while(|&byte| char::from(byte).to_digit(radix));
    let (value, count) = digits.fold((0, 0), |(value, count), digit| {
        (value * radix + digit, count + 1)
    });
    ((value & 0xFF) as u8, count)
}
