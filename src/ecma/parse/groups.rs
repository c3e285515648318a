//! The capturing groups of a pattern: how many, their names, and how a group opens.

use super::PatternError;
use super::cursor::Cursor;
use crate::ecma::tree::{Direction, Polarity};
use std::collections::BTreeMap;

/// V8's limit (`RegExpMacroAssembler::kMaxCaptures`).
const MAX_CAPTURES: u32 = (1 << 15) - 1;

/// The capturing groups of a whole pattern, counted before it is parsed, because a
/// back-reference may precede its group.
#[derive(Default)]
pub(super) struct Groups {
    count: u32,
    names: BTreeMap<String, u32>,
}

/// How a group opens.
pub(super) enum Opening {
    Capture,
    Named(String),
    Plain,
    Look(Direction, Polarity),
}

impl Groups {
    /// Counts the groups of `text`; that the rest of the syntax is right is not checked.
    pub(super) fn scan(text: &str) -> Result<Self, PatternError> {
        let mut groups = Self::default();
        let mut cursor = Cursor::new(text);
        let mut in_class = false;
        loop {
            let at = cursor.at();
            let Some(character) = cursor.next() else {
                return Ok(groups);
            };
            match character {
                '\\' => {
                    cursor.next();
                }
                '[' => in_class = true,
                ']' => in_class = false,
                '(' if !in_class => {
                    let mut ahead = cursor.clone();
                    // A fault here is reported when the parser gets to it.
                    let name = match opening(&mut ahead, at) {
                        Ok(Opening::Capture) => None,
                        Ok(Opening::Named(name)) => Some(name),
                        Ok(Opening::Plain | Opening::Look(..)) | Err(_) => continue,
                    };
                    groups.open(name, at)?;
                    cursor = ahead;
                }
                _ => {}
            }
        }
    }

    fn open(&mut self, name: Option<String>, at: usize) -> Result<(), PatternError> {
        self.count += 1;
        if self.count > MAX_CAPTURES {
            return Err(PatternError::new(
                at,
                "too many capturing groups",
                "write `(?:` for groups that need not capture",
            ));
        }
        if let Some(name) = name
            && let Some(first) = self.names.insert(name.clone(), self.count)
        {
            return Err(PatternError::new(
                at,
                format!("the group name `{name}` is used twice, first by group {first}"),
                "give each group its own name",
            ));
        }
        Ok(())
    }

    /// How many capturing groups there are.
    pub(super) const fn count(&self) -> u32 {
        self.count
    }

    /// Whether any group has a name, which changes the meaning of `\k`.
    pub(super) fn any_named(&self) -> bool {
        !self.names.is_empty()
    }

    /// Reads `<name>` after the `\k` that stands at `start`; the number of the group.
    pub(super) fn reference(
        &self,
        cursor: &mut Cursor<'_>,
        start: usize,
    ) -> Result<u32, PatternError> {
        if !cursor.eat('<') {
            return Err(PatternError::new(
                start,
                "`\\k` without a group name, while the pattern has named groups",
                "write `\\k<name>`",
            ));
        }
        let name = name(cursor)?;
        self.names.get(&name).copied().ok_or_else(|| {
            PatternError::new(
                start,
                format!("no group has the name `{name}`"),
                "use the name of a group of this pattern",
            )
        })
    }
}

/// Reads how the group opens whose `(` stands at `start` and has been read.
pub(super) fn opening(cursor: &mut Cursor<'_>, start: usize) -> Result<Opening, PatternError> {
    if !cursor.eat('?') {
        return Ok(Opening::Capture);
    }
    for (text, opening) in [
        (":", Opening::Plain),
        ("=", Opening::Look(Direction::Ahead, Polarity::Positive)),
        ("!", Opening::Look(Direction::Ahead, Polarity::Negative)),
        ("<=", Opening::Look(Direction::Behind, Polarity::Positive)),
        ("<!", Opening::Look(Direction::Behind, Polarity::Negative)),
    ] {
        if cursor.eat_all(text) {
            return Ok(opening);
        }
    }
    if cursor.eat('<') {
        return name(cursor).map(Opening::Named);
    }
    Err(PatternError::new(
        start,
        "an unknown kind of group",
        "after `(?` must come `:`, `=`, `!`, `<=`, `<!` or `<name>`; inline flags are not supported",
    ))
}

/// GroupName of ECMA-262 §22.2.1 up to and with its `>`.
fn name(cursor: &mut Cursor<'_>) -> Result<String, PatternError> {
    let start = cursor.at();
    let fault = || {
        PatternError::new(
            start,
            "this is not a group name followed by `>`",
            "use letters, digits, `_` and `$`, and no digit first",
        )
    };
    let mut name = String::new();
    loop {
        let character = match cursor.next() {
            Some('>') if !name.is_empty() => return Ok(name),
            Some('\\') => name_escape(cursor),
            other => other,
        }
        .ok_or_else(fault)?;
        let allowed = match character {
            '$' | '_' => true,
            '\u{200C}' | '\u{200D}' => !name.is_empty(),
            _ if name.is_empty() => unicode_ident::is_xid_start(character),
            _ => unicode_ident::is_xid_continue(character),
        };
        if !allowed {
            return Err(fault());
        }
        name.push(character);
    }
}

/// RegExpUnicodeEscapeSequence with the `u` flag, which names always have.
fn name_escape(cursor: &mut Cursor<'_>) -> Option<char> {
    if !cursor.eat('u') {
        return None;
    }
    if cursor.eat('{') {
        let mut value = 0_u32;
        let mut digits = 0_u32;
        while let Some(digit) = cursor.peek().and_then(|c| c.to_digit(16)) {
            cursor.next();
            value = value.saturating_mul(16).saturating_add(digit);
            digits += 1;
        }
        return (digits > 0 && cursor.eat('}'))
            .then_some(value)
            .and_then(char::from_u32);
    }
    let lead = cursor.hexadecimal(4)?;
    let mut ahead = cursor.clone();
    let pair = ahead
        .eat_all("\\u")
        .then(|| ahead.hexadecimal(4))
        .flatten()
        .and_then(|trail| char::decode_utf16([lead, trail]).next()?.ok())
        .filter(|character| character.len_utf16() == 2);
    if let Some(character) = pair {
        *cursor = ahead;
        return Some(character);
    }
    char::from_u32(u32::from(lead))
}
