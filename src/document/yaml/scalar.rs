//! What an unquoted YAML scalar says, if every reader agrees on it. Owns the difference between
//! YAML 1.1 and YAML 1.2.

use super::NodeKind;

/// What an unquoted scalar says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Plain {
    /// The same to every reader.
    Is(NodeKind),
    /// `<<`
    Merge,
    /// Different things; the text says which.
    Ambiguous(&'static str),
    /// Different things, of which some reader takes one for a number.
    AmbiguousNumber(&'static str),
}

/// Reads an unquoted scalar.
///
/// Accepted are the spellings that the core schema of YAML 1.2 (§10.3.2) and the types of YAML 1.1
/// (<https://yaml.org/type/>) resolve alike; numbers must be spelled as in JSON besides.
pub(super) fn plain(text: &str) -> Plain {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Plain::Is(NodeKind::Null),
        "true" | "True" | "TRUE" => return Plain::Is(NodeKind::Bool(true)),
        "false" | "False" | "FALSE" => return Plain::Is(NodeKind::Bool(false)),
        "<<" => return Plain::Merge,
        "=" => return Plain::Ambiguous("YAML 1.1 takes it for a default value"),
        _ => {}
    }
    if is_word(text) {
        return Plain::Ambiguous("YAML 1.1 reads a truth value, YAML 1.2 a text");
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(
        unsigned,
        ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN"
    ) {
        return Plain::Ambiguous("it is no number that JSON has");
    }
    if !unsigned
        .strip_prefix('.')
        .unwrap_or(unsigned)
        .starts_with(|c: char| c.is_ascii_digit())
    {
        return Plain::Is(NodeKind::String(text.to_owned()));
    }
    if is_json_number(text) {
        return match text.parse::<f64>() {
            Ok(number) => Plain::Is(NodeKind::Number(number)),
            Err(_) => Plain::Ambiguous("it is no number"),
        };
    }
    if is_date(text) {
        return Plain::Ambiguous("YAML 1.1 reads a date, YAML 1.2 a text");
    }
    if is_sexagesimal(unsigned) {
        return Plain::AmbiguousNumber("YAML 1.1 reads a number to base 60, YAML 1.2 a text");
    }
    if is_some_number(unsigned) {
        return Plain::AmbiguousNumber("some readers take it for a number, not all for the same");
    }
    Plain::Is(NodeKind::String(text.to_owned()))
}

/// The truth values of YAML 1.1 that are texts in YAML 1.2.
fn is_word(text: &str) -> bool {
    const WORDS: [&str; 6] = ["y", "n", "yes", "no", "on", "off"];
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// A number as JSON spells it, and not with an exponent that YAML 1.1 reads only after a point and
/// with a sign.
fn is_json_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let exponent_agrees = exponent.is_none_or(|exponent| {
        fraction.is_some() && exponent.strip_prefix(['-', '+']).is_some_and(is_digits)
    });
    (whole == "0" || is_digits(whole) && !whole.starts_with('0'))
        && fraction.is_none_or(is_digits)
        && exponent_agrees
}

/// Whether any of the number grammars of YAML 1.1 and 1.2 might take `unsigned`: generous, since
/// what it takes is refused.
fn is_some_number(unsigned: &str) -> bool {
    let plain: String = unsigned.chars().filter(|&c| c != '_').collect();
    let radix = |prefix: &str, digits: fn(&char) -> bool| {
        plain
            .strip_prefix(prefix)
            .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| digits(&c)))
    };
    if radix("0b", |c| matches!(c, '0' | '1'))
        || radix("0o", char::is_ascii_digit)
        || radix("0x", char::is_ascii_hexdigit)
    {
        return true;
    }
    let mantissa = match plain.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            if !is_digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)) {
                return false;
            }
            mantissa
        }
        None => &plain,
    };
    match mantissa.split_once('.') {
        Some((whole, fraction)) => {
            (whole.is_empty() || is_digits(whole)) && (fraction.is_empty() || is_digits(fraction))
        }
        None => is_digits(mantissa),
    }
}

/// `190:20:30`, `190:20:30.15`
fn is_sexagesimal(unsigned: &str) -> bool {
    let whole = unsigned
        .split_once('.')
        .map_or(unsigned, |(whole, _)| whole);
    let mut parts = whole.split(':');
    let first = parts.next().unwrap_or_default().replace('_', "");
    let mut more = false;
    is_digits(&first)
        && parts.all(|part| {
            more = true;
            part.len() <= 2 && is_digits(part)
        })
        && more
}

/// What begins like a date of YAML 1.1: `2001-12-14`, `2001-12-14t21:59:43.10-05:00`. Generous about
/// what follows the day.
fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let (Some(year), Some(month), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let day = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (_, after) = rest.split_at_checked(day).unwrap_or_default();
    let ends = after.is_empty()
        || after
            .strip_prefix(['T', 't', ' ', '\t'])
            .is_some_and(|clock| clock.trim_start().starts_with(|c: char| c.is_ascii_digit()));
    year.len() == 4
        && is_digits(year)
        && (1..=2).contains(&month.len())
        && is_digits(month)
        && (1..=2).contains(&day)
        && ends
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_reader_reads_alike_is_accepted() {
        for (text, number) in [
            ("0", 0.0),
            ("-0", 0.0),
            ("17", 17.0),
            ("-1.5", -1.5),
            ("1.0e+3", 1000.0),
            ("10.25E-2", 0.1025),
        ] {
            assert_eq!(plain(text), Plain::Is(NodeKind::Number(number)), "{text}");
        }
        for text in [
            "prod",
            "nope",
            "1.0.0",
            "10.0.0.1",
            "v1",
            "1st",
            "-x",
            "--",
            "+",
            ".",
            "...x",
            "2001-12",
            "2001-12-14-x",
            "2001-12-14 note",
            "1:x",
            "12:345",
            "0xfg",
            "1e",
            "0b2",
            "a_1",
            "infinity",
        ] {
            assert_eq!(
                plain(text),
                Plain::Is(NodeKind::String(text.to_owned())),
                "{text}"
            );
        }
        assert_eq!(plain("~"), Plain::Is(NodeKind::Null));
        assert_eq!(plain("TRUE"), Plain::Is(NodeKind::Bool(true)));
    }

    #[test]
    fn what_versions_read_differently_is_ambiguous() {
        for text in [
            "no",
            "No",
            "NO",
            "on",
            "OFF",
            "y",
            "N",
            "yes",
            "=",
            ".inf",
            "-.INF",
            ".NaN",
            "+.nan",
            "1_000",
            "017",
            "0o17",
            "0x1F",
            "0b11",
            "+1",
            ".5",
            "1.",
            "1e5",
            "1e+5",
            "1e-7",
            "1.5e5",
            "01.5",
            "1_0.5",
            "12:30",
            "12:30:45",
            "-190:20:30.15",
            "2001-12-14",
            "2001-1-1",
            "2026-01-01T00:00:00Z",
            "2001-12-14 21:59:43.10 -5",
            "00",
        ] {
            let ambiguous = matches!(plain(text), Plain::Ambiguous(_) | Plain::AmbiguousNumber(_));
            assert!(ambiguous, "{text}");
        }
        assert_eq!(plain("<<"), Plain::Merge);
    }
}
