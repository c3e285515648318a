//! Which shape an input has, told from its first records. Owns the order of the questions; each
//! shape answers for itself.

use crate::import::{self, Shape};
use crate::json::{ErrorKind, Item, Scanner, Tape};

/// How many records are looked at before an input counts as of no known shape.
const RECORDS_LOOKED_AT: usize = 200;

/// What the first lines of an input show.
#[derive(Clone, Copy)]
pub(super) enum FirstLines {
    /// Each line holds one record of this shape, or an array of them.
    Records(&'static dyn Shape),
    /// They begin a document of several lines, which must be read whole to be recognised.
    Document,
    /// No shape recognises them, or there are none.
    Unknown,
}

/// What `text`, the first lines of an input, shows. `given` is the shape that the user names.
pub(super) fn first_lines(text: &[u8], given: Option<&'static dyn Shape>) -> FirstLines {
    let mut tape = Tape::default();
    let lines = || {
        text.split(|&byte| byte == b'\n')
            .map(|line| whole(line).trim_ascii_end())
            .filter(|line| !line.is_empty())
    };
    let is_whole = |line: &[u8]| {
        let mut scanner = Scanner::new(line);
        scanner.skip(0).and_then(|()| scanner.finish()).is_ok()
    };
    if let Some(first) = lines().next()
        && ends_inside(first)
        && (first.len() == 1 || !lines().nth(1).is_some_and(is_whole))
    {
        return FirstLines::Document;
    }
    let mut looked_at = 0;
    for line in lines().take(RECORDS_LOOKED_AT) {
        let mut scanner = Scanner::new(line);
        // Several values may be glued on one line.
        while looked_at < RECORDS_LOOKED_AT && !scanner.at_end() {
            looked_at += 1;
            let Ok(record) = tape.read(&mut scanner) else {
                break;
            };
            if let Some(shape) = given.or_else(|| recognise(record)) {
                return FirstLines::Records(shape);
            }
        }
    }
    match given {
        Some(shape) if lines().next().is_some() => FirstLines::Records(shape),
        _ => FirstLines::Unknown,
    }
}

/// The shape of the document `text`, if any recognises it: of its first record, if it is an array
/// that is damaged further on.
pub(super) fn document(text: &[u8]) -> Option<&'static dyn Shape> {
    let mut tape = Tape::default();
    let text = whole(text);
    if let Ok(value) = tape.read(&mut Scanner::new(text)) {
        return recognise(value);
    }
    let first = text.strip_prefix(b"[")?;
    recognise(tape.read(&mut Scanner::new(first)).ok()?)
}

/// The text without white space and what a crash leaves in front of it.
fn whole(text: &[u8]) -> &[u8] {
    let is_damage = |byte: &u8| *byte == 0 || byte.is_ascii_whitespace();
    let start = text.iter().position(|byte| !is_damage(byte));
    text.get(start.unwrap_or(text.len())..).unwrap_or_default()
}

fn ends_inside(line: &[u8]) -> bool {
    let result = Scanner::new(line).skip(0);
    result.is_err_and(|error| error.kind == ErrorKind::UnexpectedEnd)
}

/// The shape of the first record of a value that any shape recognises.
fn recognise(value: Item<'_>) -> Option<&'static dyn Shape> {
    import::records(value)
        .take(RECORDS_LOOKED_AT)
        .find_map(import::recognise)
}
