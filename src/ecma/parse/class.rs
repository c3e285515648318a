//! Classes: `[…]`.

use super::PatternError;
use super::cursor::Cursor;
use super::escape::{self, Escape};
use crate::ecma::tree::Case;
use crate::ecma::units::UnitSet;

/// An element of a class.
enum Atom {
    /// One code unit.
    Unit(u16),
    /// Two code units: a character beyond the Basic Multilingual Plane.
    Pair(u16, u16),
    /// A class escape, which cannot be the end of a range.
    Class(UnitSet),
}

/// Reads what follows the `[` that stands at `start`, up to and with its `]`. `named` says that
/// the pattern has named groups, which make `\k` an error here.
pub(super) fn parse(
    cursor: &mut Cursor<'_>,
    start: usize,
    named: bool,
    case: Case,
) -> Result<UnitSet, PatternError> {
    let negated = cursor.eat('^');
    // Literal members are folded at the end, all at once; escapes are closed already.
    let mut literal: Vec<(u16, u16)> = Vec::new();
    let mut escaped: Vec<(u16, u16)> = Vec::new();
    // What a range may start with: the last element, if that was a single code unit.
    let mut pending: Option<(usize, Atom)> = None;
    loop {
        let at = cursor.at();
        let Some(character) = cursor.peek() else {
            return Err(PatternError::new(
                start,
                "a `[` without its `]`",
                "close the class, or write `\\[` for the character itself",
            ));
        };
        if character == ']' {
            cursor.next();
            break;
        }
        let (from, first) = match pending.take() {
            Some(pending) => pending,
            None => (at, atom(cursor, named)?),
        };
        let first = match first {
            Atom::Pair(lead, trail) => {
                literal.push((lead, lead));
                Atom::Unit(trail)
            }
            other => other,
        };
        // Set when an element follows a `-`.
        let Some(second) = range_end(cursor, named)? else {
            add(&first, &mut literal, &mut escaped);
            continue;
        };
        match (first, second) {
            (Atom::Unit(first), Atom::Unit(last)) => {
                ordered(first, last, from)?;
                literal.push((first, last));
            }
            (Atom::Unit(first), Atom::Pair(lead, trail)) => {
                ordered(first, lead, from)?;
                literal.push((first, lead));
                pending = Some((from, Atom::Unit(trail)));
                if cursor.peek() == Some(']') {
                    literal.push((trail, trail));
                    pending = None;
                }
            }
            (first, second) => {
                // Annex B: with a class escape at either end the hyphen stands for itself.
                literal.push(('-' as u16, '-' as u16));
                add(&first, &mut literal, &mut escaped);
                add(&second, &mut literal, &mut escaped);
            }
        }
    }
    let set: UnitSet = literal.into_iter().collect();
    let set = case.apply(set);
    let set = if escaped.is_empty() {
        set
    } else {
        set.ranges().iter().copied().chain(escaped).collect()
    };
    Ok(if negated { set.complement() } else { set })
}

fn add(atom: &Atom, literal: &mut Vec<(u16, u16)>, escaped: &mut Vec<(u16, u16)>) {
    match atom {
        Atom::Unit(unit) => literal.push((*unit, *unit)),
        Atom::Pair(lead, trail) => literal.extend([(*lead, *lead), (*trail, *trail)]),
        Atom::Class(set) => escaped.extend(set.ranges()),
    }
}

fn ordered(first: u16, last: u16, at: usize) -> Result<(), PatternError> {
    if first <= last {
        return Ok(());
    }
    Err(PatternError::new(
        at,
        "a range of this class is out of order",
        "write the lower code unit first, or `\\-` for the hyphen itself",
    ))
}

/// The element after a `-`, when the next characters are a hyphen and not the end of the class.
fn range_end(cursor: &mut Cursor<'_>, named: bool) -> Result<Option<Atom>, PatternError> {
    let mut ahead = cursor.clone();
    if !ahead.eat('-') || matches!(ahead.peek(), None | Some(']')) {
        return Ok(None);
    }
    *cursor = ahead;
    atom(cursor, named).map(Some)
}

fn atom(cursor: &mut Cursor<'_>, named: bool) -> Result<Atom, PatternError> {
    let start = cursor.at();
    let Some(character) = cursor.next() else {
        return Ok(Atom::Class(UnitSet::empty()));
    };
    if character != '\\' {
        return Ok(literal(character));
    }
    match cursor.peek() {
        Some('b') => {
            cursor.next();
            Ok(Atom::Unit(0x08))
        }
        Some('c') => {
            let mut ahead = cursor.clone();
            ahead.next();
            match ahead.next() {
                // Annex B: a class also takes a digit or an underscore.
                Some(letter) if letter.is_ascii_alphanumeric() || letter == '_' => {
                    *cursor = ahead;
                    Ok(Atom::Unit(letter as u16 % 32))
                }
                _ => Ok(Atom::Unit('\\' as u16)),
            }
        }
        Some('k') if named => Err(PatternError::new(
            start,
            "`\\k` in a class, while the pattern has named groups",
            "write `k` for the letter itself",
        )),
        _ => Ok(match escape::parse(cursor, start)? {
            Escape::Unit(unit) => Atom::Unit(unit),
            Escape::Pair(character) => literal(character),
            Escape::Class(set) => Atom::Class(set),
        }),
    }
}

fn literal(character: char) -> Atom {
    match *character.encode_utf16(&mut [0; 2]) {
        [lead, trail] => Atom::Pair(lead, trail),
        [unit] => Atom::Unit(unit),
        _ => Atom::Class(UnitSet::empty()),
    }
}
