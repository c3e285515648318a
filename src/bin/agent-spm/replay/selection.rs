//! Which events are asked for.

use std::time::Duration;

use agent_spm::guardian::Severity;
use agent_spm::model::event::EventOutcome;
use agent_spm::replay::{Filter, Globs, Outcomes, Severities};
use agent_spm::time::zone::Zone;
use agent_spm::time::{Timestamp, parse_duration};
use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::exit::Failure;

/// Which events are asked for; integrity is checked on the whole log all the same.
#[derive(Debug, Args)]
pub(crate) struct Selection {
    /// Events from this time on: RFC 3339, `2026-01-15`, `2026-01-15 10:30`, or `-24h` before now
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    from: Option<String>,
    /// Events before this time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    to: Option<String>,
    /// Events of as long before now, such as `24h`
    #[arg(long, value_name = "TIME", conflicts_with = "from")]
    last: Option<String>,
    /// Events of these agents; `*` stands for any text
    #[arg(long, value_name = "GLOB")]
    agent: Vec<String>,
    /// No events of these agents
    #[arg(long, value_name = "GLOB")]
    exclude_agent: Vec<String>,
    /// Events about these tools
    #[arg(long, value_name = "GLOB")]
    tool: Vec<String>,
    /// No events about these tools
    #[arg(long, value_name = "GLOB")]
    exclude_tool: Vec<String>,
    /// Events in these environments
    #[arg(long, value_name = "GLOB")]
    environment: Vec<String>,
    /// No events in these environments
    #[arg(long, value_name = "GLOB")]
    exclude_environment: Vec<String>,
    /// Events with these outcomes, recorded or effective
    #[arg(long, value_name = "OUTCOME", value_delimiter = ',', ignore_case = true, value_parser = outcomes())]
    outcome: Vec<String>,
    /// No events with these outcomes
    #[arg(long, value_name = "OUTCOME", value_delimiter = ',', ignore_case = true, value_parser = outcomes())]
    exclude_outcome: Vec<String>,
    /// Events with these reason codes
    #[arg(long, value_name = "GLOB")]
    code: Vec<String>,
    /// No events with these reason codes
    #[arg(long, value_name = "GLOB")]
    exclude_code: Vec<String>,
    /// Events as severe as this
    #[arg(long, value_name = "LEVEL", value_delimiter = ',', value_parser = severities())]
    severity: Vec<String>,
    /// No events as severe as this
    #[arg(long, value_name = "LEVEL", value_delimiter = ',', value_parser = severities())]
    exclude_severity: Vec<String>,
}

fn outcomes() -> PossibleValuesParser {
    EventOutcome::ALL.map(EventOutcome::as_str).into()
}

fn severities() -> PossibleValuesParser {
    Severity::ALL.map(Severity::as_str).into()
}

impl Selection {
    /// The conditions, of which relative times are before `now`, and times without an offset are
    /// those of clocks in `zone`.
    pub(crate) fn filter(&self, now: Timestamp, zone: &Zone) -> Result<Filter, Failure> {
        let time = |text: &Option<String>| -> Result<Option<Timestamp>, Failure> {
            let text = text.as_deref();
            text.map(|text| instant(text, now, zone)).transpose()
        };
        let from = match &self.last {
            Some(last) => Some(before(last, now).ok_or_else(|| no_time(last))?),
            None => time(&self.from)?,
        };
        let globs = |include: &[String], exclude: &[String]| Globs {
            include: include.to_vec(),
            exclude: exclude.to_vec(),
        };
        let outcomes = |names: &[String]| {
            let names = names.iter().map(|name| name.to_ascii_uppercase());
            names
                .filter_map(|name| EventOutcome::parse(&name))
                .collect()
        };
        let severities = |names: &[String]| {
            let named = |name: &String| {
                let mut all = Severity::ALL.into_iter();
                all.find(|severity| severity.as_str() == name)
            };
            names.iter().filter_map(named).collect()
        };
        Ok(Filter {
            from,
            to: time(&self.to)?,
            agent: globs(&self.agent, &self.exclude_agent),
            tool: globs(&self.tool, &self.exclude_tool),
            environment: globs(&self.environment, &self.exclude_environment),
            code: globs(&self.code, &self.exclude_code),
            outcome: Outcomes {
                include: outcomes(&self.outcome),
                exclude: outcomes(&self.exclude_outcome),
            },
            severity: Severities {
                include: severities(&self.severity),
                exclude: severities(&self.exclude_severity),
            },
        })
    }
}

/// A time as responders write it: RFC 3339, a date, a date and a time of day, or a length of time
/// before now.
fn instant(text: &str, now: Timestamp, zone: &Zone) -> Result<Timestamp, Failure> {
    let text = text.trim();
    if let Some(length) = text.strip_prefix('-') {
        return before(length, now).ok_or_else(|| no_time(text));
    }
    let wall = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        16 => format!("{}:00Z", text.replacen(' ', "T", 1)),
        19 => format!("{}Z", text.replacen(' ', "T", 1)),
        _ => {
            let written = text.replacen(' ', "T", 1).replace(' ', "");
            return Timestamp::parse(written.as_bytes()).ok_or_else(|| no_time(text));
        }
    };
    let wall = Timestamp::parse(wall.as_bytes()).ok_or_else(|| no_time(text))?;
    Ok(zone.instant(wall))
}

fn before(length: &str, now: Timestamp) -> Option<Timestamp> {
    let length: Duration = parse_duration(length)?;
    let micros = i64::try_from(length.as_micros()).ok()?;
    now.micros().checked_sub(micros).map(Timestamp::from_micros)
}

fn no_time(text: &str) -> Failure {
    Failure::Usage {
        message: format!("`{text}` is no time"),
        help: "give RFC 3339 with an offset such as +05:30 (no names such as EST), `2026-01-15`, `2026-01-15 10:30` by the clocks of --time-zone, or `-24h`",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_responders_write_them() {
        let now = Timestamp::parse(b"2026-01-15T10:30:00Z").expect("a time");
        let read_in =
            |text, zone: &Zone| instant(text, now, zone).map(|time| time.to_string()).ok();
        let read = |text| read_in(text, &Zone::utc());
        let expected = |text: &str| Some(text.to_owned());
        assert_eq!(read("-24h"), expected("2026-01-14T10:30:00.000Z"));
        assert_eq!(read("2026-01-02"), expected("2026-01-02T00:00:00.000Z"));
        assert_eq!(
            read("2026-01-02 03:04"),
            expected("2026-01-02T03:04:00.000Z")
        );
        assert_eq!(
            read("2026-01-02T03:04:05"),
            expected("2026-01-02T03:04:05.000Z")
        );
        let india = Zone::parse("Asia/Kolkata").expect("a zone");
        assert_eq!(
            read_in("2026-01-02 05:30", &india),
            expected("2026-01-02T00:00:00.000Z")
        );
        // Local times keep their offset.
        assert_eq!(
            read("2026-01-02 03:04:05 +09:00"),
            expected("2026-01-01T18:04:05.000Z")
        );
        for text in ["", "IST", "2026-01-02 03:04 EDT", "-", "-1y", "2026-13-01"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
