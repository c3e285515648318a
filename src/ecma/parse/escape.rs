//! What may follow a backslash both inside and outside a class.

use super::PatternError;
use super::cursor::Cursor;
use crate::ecma::units::UnitSet;

/// The meaning of an escape.
pub(super) enum Escape {
    /// One code unit, not yet folded.
    Unit(u16),
    /// A character beyond the Basic Multilingual Plane that stands for itself.
    Pair(char),
    /// `\d`, `\D`, `\s`, `\S`, `\w`, `\W`: closed under folding.
    Class(UnitSet),
}

/// Reads what follows the backslash that stands at `start`.
pub(super) fn parse(cursor: &mut Cursor<'_>, start: usize) -> Result<Escape, PatternError> {
    let Some(character) = cursor.peek() else {
        return Err(PatternError::new(
            start,
            "a backslash at the end of the pattern",
            "write `\\\\` for a backslash itself",
        ));
    };
    if character.is_ascii_digit() {
        return Ok(Escape::Unit(legacy_digits(cursor)));
    }
    if character == 'c' {
        return Ok(Escape::Unit(control(cursor)));
    }
    cursor.next();
    Ok(match character {
        'd' => Escape::Class(UnitSet::digits()),
        'D' => Escape::Class(UnitSet::digits().complement()),
        's' => Escape::Class(UnitSet::white_space()),
        'S' => Escape::Class(UnitSet::white_space().complement()),
        'w' => Escape::Class(UnitSet::word()),
        'W' => Escape::Class(UnitSet::word().complement()),
        't' => Escape::Unit(0x09),
        'n' => Escape::Unit(0x0A),
        'v' => Escape::Unit(0x0B),
        'f' => Escape::Unit(0x0C),
        'r' => Escape::Unit(0x0D),
        'x' => Escape::Unit(cursor.hexadecimal(2).unwrap_or('x' as u16)),
        'u' => Escape::Unit(cursor.hexadecimal(4).unwrap_or('u' as u16)),
        // Annex B IdentityEscape: any other character stands for itself.
        _ => match *character.encode_utf16(&mut [0; 2]) {
            [unit] => Escape::Unit(unit),
            _ => Escape::Pair(character),
        },
    })
}

/// LegacyOctalEscapeSequence, at most `\377`; `8` and `9` stand for themselves.
pub(super) fn legacy_digits(cursor: &mut Cursor<'_>) -> u16 {
    let mut value = 0;
    for position in 0..3 {
        let Some(digit) = cursor.peek().and_then(|c| c.to_digit(10)) else {
            break;
        };
        if digit > 7 {
            if position == 0 {
                cursor.next();
                return '0' as u16 + digit as u16;
            }
            break;
        }
        if value >= 32 {
            break;
        }
        cursor.next();
        value = value * 8 + digit as u16;
    }
    value
}

/// `\cX`: the control character; without a letter, the backslash stands for itself and `c` is
/// read again (Annex B ExtendedAtom).
fn control(cursor: &mut Cursor<'_>) -> u16 {
    let mut ahead = cursor.clone();
    ahead.next();
    match ahead.next() {
        Some(letter) if letter.is_ascii_alphabetic() => {
            *cursor = ahead;
            letter as u16 % 32
        }
        _ => '\\' as u16,
    }
}
