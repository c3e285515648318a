//! Working hours on the clocks of a time zone. Owns the question whether an instant is within them
//! and, if not, when they next begin; knows no agent.

use crate::model::pipeline::guardian::AllowedHours;
use crate::time::Timestamp;
use crate::time::zone::{Stretch, Zone};

const MICROS: i64 = 1_000_000;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// The longest time between working hours: they begin on one day of the week at least.
const LONGEST_OFF_HOURS: i64 = 9 * DAY * MICROS;

/// The hours in which agents work.
#[derive(Clone, Debug)]
pub(super) struct Hours {
    start: i64,
    end: i64,
    /// The days on which they begin, Monday first.
    days: [bool; 7],
    zone: Zone,
    /// The stretch that was asked about last.
    stretch: Stretch,
    /// What was answered last.
    answer: Answer,
}

/// An answer that holds for all instants of a range.
#[derive(Clone, Copy, Debug)]
struct Answer {
    from: i64,
    until: i64,
    off: bool,
}

impl Hours {
    pub(super) fn new(hours: &AllowedHours, zone: Zone) -> Self {
        let mut days = [hours.weekdays.is_none(); 7];
        for &day in hours.weekdays.iter().flatten() {
            if let Some(day) = days.get_mut(day as usize) {
                *day = true;
            }
        }
        let never = Stretch {
            from: Timestamp::from_micros(0),
            until: Timestamp::from_micros(0),
            ahead: 0,
        };
        Self {
            start: i64::from(hours.start),
            end: i64::from(hours.end),
            days,
            zone,
            stretch: never,
            answer: Answer {
                from: 0,
                until: 0,
                off: false,
            },
        }
    }

    /// If `at` is outside the hours, the instant at which they next begin: it tells one stretch of
    /// off hours from another.
    pub(super) fn off_until(&mut self, at: Timestamp) -> Option<Timestamp> {
        let at = at.micros();
        if !(self.answer.from..self.answer.until).contains(&at) {
            self.answer = self.answer_at(at);
        }
        let until = Timestamp::from_micros(self.answer.until);
        self.answer.off.then_some(until)
    }

    /// For people: `08:00-18:00 Europe/London, Mon Tue Wed`.
    pub(super) fn describe(&self) -> String {
        let hours = format!(
            "{:02}:00-{:02}:00 {}",
            self.start,
            self.end,
            self.zone.name()
        );
        if self.days == [true; 7] {
            return hours;
        }
        let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        let days = names.iter().zip(self.days).filter(|(_, works)| *works);
        let days: Vec<&str> = days.map(|(name, _)| *name).collect();
        format!("{hours}, {}", days.join(" "))
    }

    fn answer_at(&mut self, at: i64) -> Answer {
        let (works, mut until) = self.hour(at);
        // When working hours end matters to nobody; when off hours do, does.
        if !works {
            while until - at < LONGEST_OFF_HOURS {
                let (works, next) = self.hour(until);
                if works {
                    break;
                }
                until = next;
            }
        }
        Answer {
            from: at,
            until,
            off: !works,
        }
    }

    /// Whether agents work at `at`, and until when that is certain: the end of the hour on the
    /// clock, or a change of clocks.
    fn hour(&mut self, at: i64) -> (bool, i64) {
        let known = self.stretch.from.micros()..self.stretch.until.micros();
        if !known.contains(&at) {
            self.stretch = self.zone.stretch(Timestamp::from_micros(at));
        }
        let clock = at.div_euclid(MICROS) + self.stretch.ahead;
        let hour = clock.rem_euclid(DAY) / HOUR;
        let day = clock.div_euclid(DAY);
        let works = if self.start < self.end {
            (self.start..self.end).contains(&hour) && self.works_on(day)
        } else {
            // What begins in the evening lasts into the next day.
            hour >= self.start && self.works_on(day) || hour < self.end && self.works_on(day - 1)
        };
        let rest = (HOUR - clock.rem_euclid(HOUR)) * MICROS - at.rem_euclid(MICROS);
        (works, (at + rest).min(self.stretch.until.micros()))
    }

    /// `day` counts from 1970-01-01, a Thursday.
    fn works_on(&self, day: i64) -> bool {
        let weekday = usize::try_from((day + 3).rem_euclid(7)).unwrap_or_default();
        self.days.get(weekday).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::pipeline::guardian::Weekday;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text.as_bytes()).expect("a time")
    }

    fn hours(start: u32, end: u32, zone: &str, weekdays: Option<Vec<Weekday>>) -> Hours {
        let hours = AllowedHours {
            start,
            end,
            weekdays,
        };
        Hours::new(&hours, Zone::parse(zone).expect("a zone"))
    }

    fn off(hours: &mut Hours, time: &str) -> Option<String> {
        hours.off_until(at(time)).map(|until| until.to_string())
    }

    #[test]
    fn clocks_that_change_move_the_hours() {
        let mut new_york = hours(6, 22, "America/New_York", None);
        // 05:30 EST, 06:30 EDT.
        let opening = Some("2026-03-07T11:00:00.000Z".to_owned());
        assert_eq!(off(&mut new_york, "2026-03-07T10:30:00Z"), opening);
        assert_eq!(off(&mut new_york, "2026-03-08T10:30:00Z"), None);
        // The night between them is an hour shorter.
        let opening = Some("2026-03-08T10:00:00.000Z".to_owned());
        assert_eq!(off(&mut new_york, "2026-03-08T03:00:00Z"), opening);
        // 01:30 happens twice.
        let mut london = hours(2, 18, "Europe/London", None);
        let opening = Some("2026-10-25T02:00:00.000Z".to_owned());
        assert_eq!(off(&mut london, "2026-10-25T00:30:00Z"), opening);
        assert_eq!(off(&mut london, "2026-10-25T01:30:00Z"), opening);
        assert_eq!(off(&mut london, "2026-10-25T02:00:00Z"), None);
        // Half an hour off the hours of UTC.
        let mut kolkata = hours(8, 18, "Asia/Kolkata", None);
        let opening = Some("2026-01-15T02:30:00.000Z".to_owned());
        assert_eq!(off(&mut kolkata, "2026-01-15T02:29:59.999Z"), opening);
        assert_eq!(off(&mut kolkata, "2026-01-15T02:30:00Z"), None);
        assert_eq!(off(&mut kolkata, "2026-01-15T12:29:59.999Z"), None);
        let opening = Some("2026-01-16T02:30:00.000Z".to_owned());
        assert_eq!(off(&mut kolkata, "2026-01-15T12:30:00Z"), opening);
        let mut offset = hours(8, 18, "+05:30", None);
        assert_eq!(off(&mut offset, "2026-01-15T02:30:00Z"), None);
    }

    #[test]
    fn nights_belong_to_the_day_on_which_they_begin() {
        let friday = vec![Weekday::Friday];
        let mut night = hours(22, 6, "UTC", Some(friday));
        assert_eq!(off(&mut night, "2026-01-16T23:00:00Z"), None);
        assert_eq!(off(&mut night, "2026-01-17T05:59:59Z"), None);
        let next = Some("2026-01-23T22:00:00.000Z".to_owned());
        assert_eq!(off(&mut night, "2026-01-17T06:00:00Z"), next);
        assert_eq!(off(&mut night, "2026-01-18T01:00:00Z"), next);
        assert_eq!(off(&mut night, "2026-01-23T03:00:00Z"), next);
        assert_eq!(night.describe(), "22:00-06:00 UTC, Fri");
    }

    #[test]
    fn a_weekend_is_one_stretch() {
        let days = [Weekday::Monday, Weekday::Friday].to_vec();
        let mut office = hours(8, 18, "UTC", Some(days));
        let monday = Some("2026-01-19T08:00:00.000Z".to_owned());
        for time in [
            "2026-01-16T18:00:00Z",
            "2026-01-17T12:00:00Z",
            "2026-01-19T07:59:59.999999Z",
        ] {
            assert_eq!(off(&mut office, time), monday, "{time}");
        }
        assert_eq!(off(&mut office, "2026-01-16T17:00:00Z"), None);
        // The order of the questions does not matter.
        assert_eq!(off(&mut office, "2026-01-17T12:00:00Z"), monday);
    }
}
