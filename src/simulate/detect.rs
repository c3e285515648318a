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
            .map(<[u8]>::trim_ascii)
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
    for line in lines().take(RECORDS_LOOKED_AT) {
        let Ok(record) = tape.read(&mut Scanner::new(line)) else {
            continue;
        };
        if let Some(shape) = given.or_else(|| recognise(record)) {
            return FirstLines::Records(shape);
        }
    }
    match given {
        Some(shape) if lines().next().is_some() => FirstLines::Records(shape),
        _ => FirstLines::Unknown,
    }
}

/// The shape of the document `text`, if any recognises it.
pub(super) fn document(text: &[u8]) -> Option<&'static dyn Shape> {
    let mut tape = Tape::default();
    recognise(tape.read(&mut Scanner::new(text)).ok()?)
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
