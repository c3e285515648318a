//! Time zones by name: what clocks show at an instant. Owns the names that are understood; knows
//! neither the system's zone nor its database, so that the answer is the same everywhere.

use std::fmt;

use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};

use super::Timestamp;

/// A time zone: one of the IANA database that is built in, or a fixed offset from UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

/// Why a name is not that of a time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZoneError {
    /// An abbreviation such as `EST` or `IST`, which stands for several zones or for half a year.
    Abbreviation,
    /// A fixed offset beyond those in use, -12:00 to +14:00, or not written like them.
    Offset,
    /// The database has no zone of that name.
    Unknown,
}

/// A stretch of time without a change of clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Its first instant, or a later one.
    pub from: Timestamp,
    /// The first instant after it.
    pub until: Timestamp,
    /// How far clocks are ahead of UTC, in seconds; negative if behind.
    pub ahead: i64,
}

/// Abbreviations that the database keeps as names of zones.
const ABBREVIATIONS: [&str; 7] = ["cet", "eet", "est", "hst", "met", "mst", "wet"];

/// The offsets in use, in seconds ahead of UTC.
const OFFSETS: std::ops::RangeInclusive<i32> = -12 * 3600..=14 * 3600;

impl Zone {
    /// Coordinated Universal Time.
    pub fn utc() -> Self {
        Self {
            name: "UTC".to_owned(),
            rules: TimeZone::UTC,
        }
    }

    /// Reads a name of the IANA database (`Europe/London`, `UTC`; case does not matter) or a fixed
    /// offset (`+05:30`, `-08:00`).
    ///
    /// # Errors
    /// If it is neither, or an abbreviation, which does not say which zone is meant.
    pub fn parse(name: &str) -> Result<Self, ZoneError> {
        if name.starts_with(['+', '-']) {
            let seconds = parse_offset(name).ok_or(ZoneError::Offset)?;
            let offset = Offset::from_seconds(seconds).map_err(|_| ZoneError::Offset)?;
            return Ok(Self {
                name: name.to_owned(),
                rules: offset.to_time_zone(),
            });
        }
        if ABBREVIATIONS.contains(&name.to_ascii_lowercase().as_str()) {
            return Err(ZoneError::Abbreviation);
        }
        let Ok(rules) = TimeZoneDatabase::bundled().get(name) else {
            let short = (2..=5).contains(&name.len());
            return Err(if short && name.bytes().all(|c| c.is_ascii_alphabetic()) {
                ZoneError::Abbreviation
            } else {
                ZoneError::Unknown
            });
        };
        Ok(Self {
            name: rules.iana_name().unwrap_or(name).to_owned(),
            rules,
        })
    }

    /// The name, as the database writes it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The stretch without a change of clocks from `at` on. Every instant has one, so that hours
    /// that clocks show twice or never need no rule.
    pub fn stretch(&self, at: Timestamp) -> Stretch {
        // The library ends a day before the year 9999 does.
        let instant = jiff::Timestamp::from_microsecond(at.micros());
        let instant = instant.unwrap_or(jiff::Timestamp::MAX);
        let next = self.rules.following(instant).next();
        Stretch {
            from: at,
            until: Timestamp::from_micros(
                next.map_or(i64::MAX, |next| next.timestamp().as_microsecond()),
            ),
            ahead: i64::from(self.rules.to_offset(instant).seconds()),
        }
    }

    /// The instant at which clocks show what those of UTC show at `wall`. Of two such instants the
    /// earlier one, where clocks are put back; where none is, since they are put forward, the one
    /// that would be without that.
    pub fn instant(&self, wall: Timestamp) -> Timestamp {
        let read = || {
            let utc = jiff::Timestamp::from_microsecond(wall.micros()).ok()?;
            let clock = TimeZone::UTC.to_datetime(utc);
            self.rules.to_timestamp(clock).ok()
        };
        read().map_or(wall, |instant| {
            Timestamp::from_micros(instant.as_microsecond())
        })
    }

    /// What clocks show at an instant, RFC 3339 with their offset from UTC.
    pub fn show(&self, at: Timestamp) -> String {
        let ahead = self.stretch(at).ahead;
        let wall = Timestamp::from_micros(at.micros().saturating_add(ahead * 1_000_000));
        let text = wall.to_string();
        if ahead == 0 {
            return text;
        }
        let sign = if ahead < 0 { '-' } else { '+' };
        let minutes = ahead.unsigned_abs() / 60;
        let text = text.trim_end_matches('Z');
        format!("{text}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }

    /// The names of all zones of the database.
    pub fn names() -> Vec<String> {
        let names = TimeZoneDatabase::bundled();
        names.available().map(|name| name.to_string()).collect()
    }
}

impl TryFrom<String> for Zone {
    type Error = ZoneError;

    fn try_from(name: String) -> Result<Self, ZoneError> {
        Self::parse(&name)
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name
    }
}

impl fmt::Display for ZoneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Abbreviation => "an abbreviation does not say which time zone is meant",
            Self::Offset => "the offset is not one of -12:00 to +14:00",
            Self::Unknown => "there is no time zone of that name",
        })
    }
}

impl std::error::Error for ZoneError {}

/// `+05:30` in seconds.
fn parse_offset(text: &str) -> Option<i32> {
    let [sign, h1, h2, b':', m1, m2] = *text.as_bytes() else {
        return None;
    };
    let digit = |c: u8| c.is_ascii_digit().then(|| i32::from(c - b'0'));
    let hours = digit(h1)? * 10 + digit(h2)?;
    let minutes = digit(m1)? * 10 + digit(m2)?;
    let seconds = hours * 3600 + minutes * 60;
    let seconds = if sign == b'-' { -seconds } else { seconds };
    (minutes < 60 && OFFSETS.contains(&seconds)).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text.as_bytes()).expect("a time")
    }

    #[test]
    fn names_and_offsets_are_understood_and_abbreviations_are_not() {
        let name = |text| Zone::parse(text).map(|zone| zone.name().to_owned());
        assert_eq!(name("europe/london"), Ok("Europe/London".to_owned()));
        assert_eq!(name("UTC"), Ok("UTC".to_owned()));
        assert_eq!(name("+05:30"), Ok("+05:30".to_owned()));
        for text in ["IST", "EDT", "EST", "cet", "PST", "BST", "CEST"] {
            assert_eq!(name(text), Err(ZoneError::Abbreviation), "{text}");
        }
        for text in ["+5:30", "+14:01", "-12:30", "+05:60", "+0530", "-é:00", "+"] {
            assert_eq!(name(text), Err(ZoneError::Offset), "{text}");
        }
        for text in ["", "Europe/Londn", "Local time", "../etc/passwd", "é"] {
            assert_eq!(name(text), Err(ZoneError::Unknown), "{text}");
        }
        assert!(Zone::names().iter().any(|name| name == "Asia/Kolkata"));
    }

    #[test]
    fn what_clocks_show_is_read_back() {
        let zone = Zone::parse("America/New_York").expect("a zone");
        for (wall, instant, shown) in [
            (
                "2026-03-07T05:30:00Z",
                "2026-03-07T10:30:00Z",
                "2026-03-07T05:30:00.000-05:00",
            ),
            // Clocks skip this hour, and show the other twice.
            (
                "2026-03-08T02:30:00Z",
                "2026-03-08T07:30:00Z",
                "2026-03-08T03:30:00.000-04:00",
            ),
            (
                "2026-11-01T01:30:00Z",
                "2026-11-01T05:30:00Z",
                "2026-11-01T01:30:00.000-04:00",
            ),
        ] {
            assert_eq!(zone.instant(at(wall)), at(instant), "{wall}");
            assert_eq!(zone.show(at(instant)), shown);
        }
        let kolkata = Zone::parse("+05:30").expect("an offset");
        assert_eq!(
            kolkata.show(at("2026-01-01T00:00:00Z")),
            "2026-01-01T05:30:00.000+05:30"
        );
        assert_eq!(
            Zone::utc().show(at("2026-01-01T00:00:00Z")),
            "2026-01-01T00:00:00.000Z"
        );
    }

    #[test]
    fn clocks_change_when_they_do() {
        let zone = Zone::parse("America/New_York").expect("a zone");
        let winter = zone.stretch(at("2026-03-07T10:30:00Z"));
        assert_eq!(winter.ahead, -5 * 3600);
        assert_eq!(winter.until, at("2026-03-08T07:00:00Z"));
        let summer = zone.stretch(winter.until);
        assert_eq!(summer.ahead, -4 * 3600);
        assert_eq!(summer.until, at("2026-11-01T06:00:00Z"));
        let far = zone.stretch(at("9999-12-31T23:59:59Z"));
        assert_eq!(far.ahead, -5 * 3600);
        let fixed = Zone::parse("-08:00").expect("an offset");
        assert_eq!(fixed.stretch(at("0000-01-01T00:00:00Z")).ahead, -8 * 3600);
    }
}
