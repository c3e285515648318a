//! Instants as recordings write them. Owns RFC 3339; knows no clock: the present is an argument.

pub mod zone;

use std::fmt;
use std::time::Duration;

/// An instant: microseconds since 1970-01-01T00:00:00Z, negative before it.
///
/// The range of RFC 3339 (years 0000 to 9999) fits; finer fractions of a second are cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

impl Timestamp {
    /// The instant that many microseconds after 1970-01-01T00:00:00Z.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Reads an RFC 3339 `date-time`: `2026-01-15T10:30:00Z`, `2026-01-15T10:30:00.123+05:30`.
    ///
    /// `None` for anything else, including dates that do not exist. A leap second (`:60`) is
    /// accepted where RFC 3339 §5.7 allows one and read as the second after it.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (date, rest) = text.split_at_checked(10)?;
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *date else {
            return None;
        };
        let year = two_digits(y1, y2)? * 100 + two_digits(y3, y4)?;
        let month = two_digits(m1, m2)?;
        let day = two_digits(d1, d2)?;
        if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
            return None;
        }
        let (clock, rest) = rest.split_at_checked(9)?;
        let [b'T' | b't', h1, h2, b':', n1, n2, b':', s1, s2] = *clock else {
            return None;
        };
        let (hour, minute, second) = (
            two_digits(h1, h2)?,
            two_digits(n1, n2)?,
            two_digits(s1, s2)?,
        );
        if hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let (fraction, zone) = parse_fraction(rest)?;
        let offset_minutes = parse_zone(zone)?;
        let seconds = days_from_civil(year, month, day) * SECONDS_PER_DAY
            + hour * 3600
            + minute * 60
            + second
            - offset_minutes * 60;
        if second == 60 && seconds.rem_euclid(SECONDS_PER_DAY) != 0 {
            return None;
        }
        Some(Self(seconds * MICROS_PER_SECOND + fraction))
    }
}

impl Timestamp {
    /// The instant that much later; `None` beyond the year 9999, which RFC 3339 cannot write.
    pub fn after(self, duration: Duration) -> Option<Self> {
        let micros = i64::try_from(duration.as_micros()).ok()?;
        let later = self.0.checked_add(micros)?;
        (later < days_from_civil(10_000, 1, 1) * SECONDS_PER_DAY * MICROS_PER_SECOND)
            .then_some(Self(later))
    }

    /// The last whole second that is not later.
    #[must_use]
    pub const fn whole_seconds(self) -> Self {
        Self(self.0 - self.0.rem_euclid(MICROS_PER_SECOND))
    }
}

/// Reads a length of time as people write it: a whole number and `s`, `m`, `h`, `d` or `w`, such as
/// `90d`. `None` for anything else, and for zero.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => return None,
    };
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds = number.parse::<u64>().ok()?.checked_mul(seconds)?;
    (seconds > 0).then(|| Duration::from_secs(seconds))
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with milliseconds, as ECMAScript's `toISOString` prints it; microseconds
    /// only where there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.div_euclid(MICROS_PER_SECOND);
        let micros = self.0.rem_euclid(MICROS_PER_SECOND);
        let (year, month, day) = civil_from_days(seconds.div_euclid(SECONDS_PER_DAY));
        let clock = seconds.rem_euclid(SECONDS_PER_DAY);
        let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
        )?;
        if micros % 1000 == 0 {
            write!(f, ".{:03}Z", micros / 1000)
        } else {
            write!(f, ".{micros:06}Z")
        }
    }
}

fn two_digits(tens: u8, ones: u8) -> Option<i64> {
    (tens.is_ascii_digit() && ones.is_ascii_digit())
        .then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
}

/// The fraction in microseconds, and what follows it.
fn parse_fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let Some(digits) = text.strip_prefix(b".") else {
        return Some((0, text));
    };
    let (mut micros, mut unit) = (0, MICROS_PER_SECOND);
    let mut rest = digits;
    while let [digit @ b'0'..=b'9', after @ ..] = rest {
        unit /= 10;
        micros += i64::from(digit - b'0') * unit;
        rest = after;
    }
    (rest.len() < digits.len()).then_some((micros, rest))
}

/// Minutes east of UTC.
fn parse_zone(text: &[u8]) -> Option<i64> {
    match *text {
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (two_digits(h1, h2)?, two_digits(m1, m2)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let offset = hours * 60 + minutes;
            Some(if sign == b'-' { -offset } else { offset })
        }
        _ => None,
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar.
///
/// Source: Neri and Schneider, "Euclidean affine functions and their application to calendar
/// algorithms", Software: Practice and Experience 53(4), 2023; years start in March.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read() {
        for (text, seconds) in [
            ("1s", 1),
            ("5m", 300),
            ("2h", 7200),
            ("90d", 7_776_000),
            ("2w", 1_209_600),
        ] {
            assert_eq!(
                parse_duration(text),
                Some(Duration::from_secs(seconds)),
                "{text}"
            );
        }
        for text in [
            "",
            "d",
            "90",
            "0d",
            "-1d",
            "+1d",
            "1.5d",
            "1 d",
            "1y",
            "é",
            "99999999999999999999d",
            "9999999999999999d",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn later_instants_end_with_the_calendar() {
        let instant = Timestamp::parse(b"2026-01-15T10:30:00.123456Z").expect("an instant");
        let later = instant
            .after(Duration::from_secs(86_400))
            .expect("an instant");
        assert_eq!(later.to_string(), "2026-01-16T10:30:00.123456Z");
        assert_eq!(
            later.whole_seconds().to_string(),
            "2026-01-16T10:30:00.000Z"
        );
        let before = Timestamp::from_micros(-1).whole_seconds();
        assert_eq!(before.to_string(), "1969-12-31T23:59:59.000Z");
        let last = Timestamp::parse(b"9999-12-31T23:59:59Z").expect("an instant");
        assert!(last.after(Duration::from_millis(999)).is_some());
        assert!(last.after(Duration::from_secs(1)).is_none());
        assert!(instant.after(Duration::MAX).is_none());
    }
}
