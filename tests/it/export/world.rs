//! A log as one export, and what it should say.

use std::borrow::Cow;
use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::time::Duration;

use agent_spm::export::{self, Alert, Exporter, Syslog};
use agent_spm::guardian::{Guardian, Kind, Mark, Part, Seen, Verdict};
use agent_spm::model::pipeline::guardian::GuardianOptions;
use agent_spm::replay::{self, Event, Filter, OnUnreadable, Options, Receive};
use agent_spm::signing::keys::KeySet;
use agent_spm::source::stream::{Digesting, Input};
use agent_spm::time::Timestamp;
use serde_json::{Value, json};

/// An event of a log in its own words.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) event_id: String,
    pub(super) request_id: String,
    pub(super) agent_id: String,
    pub(super) tool_name: String,
    pub(super) environment: String,
    pub(super) outcome: &'static str,
    pub(super) code: String,
    pub(super) message: String,
    pub(super) plugin: Option<String>,
    /// Milliseconds after noon of a day; none for an event without a time.
    pub(super) time: Option<u32>,
}

pub(super) const NOON: &str = "2026-03-03T12:00:00.000Z";
pub(super) const NOON_MILLIS: i64 = 1_772_539_200_000;

impl Said {
    fn event(&self) -> Value {
        let mut event = json!({
            "event_id": self.event_id,
            "timestamp": self.time.map(timestamp),
            "request_id": self.request_id,
            "agent_id": self.agent_id,
            "tool_name": self.tool_name,
            "outcome": self.outcome,
            "reasons": [{"code": self.code, "message": self.message}],
            "safe_payload": {
                "agent_id": self.agent_id,
                "tool_name": self.tool_name,
                "environment": self.environment,
                "outcome": self.outcome,
            },
        });
        if let Some(plugin) = &self.plugin {
            event["plugin_source"] = plugin.as_str().into();
        }
        event
    }
}

pub(super) fn timestamp(millis: u32) -> String {
    let noon = Timestamp::parse(NOON.as_bytes()).expect("a time");
    Timestamp::from_micros(noon.micros() + i64::from(millis) * 1000).to_string()
}

/// The events in a format.
pub(super) fn exported(said: &[Said], format: &str, syslog: Option<Syslog>) -> String {
    let lines: Vec<String> = said.iter().map(|said| said.event().to_string()).collect();
    of_lines(&lines, format, syslog, &[])
}

/// The events of lines, then incidents, in a format.
pub(super) fn of_lines(
    lines: &[String],
    format: &str,
    syslog: Option<Syslog>,
    alerts: &[Alert],
) -> String {
    let mut log = tempfile::NamedTempFile::new().expect("a file");
    for line in lines {
        writeln!(log, "{line}").expect("writes");
    }
    let options = Options {
        filter: &Filter::default(),
        keys: &KeySet::default(),
        guardian: None,
        deciding: None,
        checkpoints: &[],
        now: Timestamp::parse(b"2026-06-01T00:00:00Z").expect("a time"),
        max_gap: Duration::from_secs(1800),
        max_events: 10_000,
        shown: 0,
        unreadable: OnUnreadable::Stop,
        threads: NonZeroUsize::MIN,
        digesting: Digesting::Off,
    };
    let format = export::named(format).expect("a format");
    let mut exporter = Exporter::new(format, syslog, Vec::new());
    let inputs = [Input::File(log.path().to_owned())];
    let mut renamed = Renamed(&mut exporter);
    replay::run(&inputs, &options, Some(&mut renamed), &mut |_| {}).expect("is read");
    for alert in alerts {
        exporter.alert(alert).expect("writes");
    }
    let (exported, text) = exporter.finish().expect("writes");
    assert_eq!(exported.alerts, alerts.len() as u64);
    let decisions = exported.decisions + exported.without_time;
    assert_eq!(decisions, lines.len() as u64);
    String::from_utf8(text).expect("UTF-8")
}

/// Gives the log the same name on every run.
struct Renamed<'e>(&'e mut Exporter<Vec<u8>>);

impl Receive for Renamed<'_> {
    fn event(&mut self, event: &Event<'_>, _: &str) -> io::Result<()> {
        self.0.event(event, "log.jsonl")
    }
}

#[derive(Clone)]
struct Id(String);

impl Mark for Id {
    fn event_id(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0)
    }
}

/// Incidents of every kind but off hours, by an agent of that name, whose events have ids that
/// begin with the text given.
pub(super) fn alerts(agent: &str, id: &str) -> Vec<Alert> {
    let sequences = json!([["read_secrets", "http_request"]]);
    let mut alerts = Vec::new();
    for options in [
        json!({"frequency_threshold": 60}),
        json!({"frequency_threshold": 60, "volume_threshold": 80, "volume_window_ms": 50_000}),
        json!({"suspicious_sequences": sequences}),
        json!({"frequency_threshold": 60, "auto_kill_threshold": 5}),
    ] {
        let options: GuardianOptions = serde_json::from_value(options).expect("options");
        alerts.extend(watched(&options, agent, id));
    }
    let mut kinds: Vec<Kind> = alerts.iter().map(|alert| alert.kind).collect();
    kinds.sort();
    kinds.dedup();
    assert_eq!(kinds.len(), Kind::ALL.len() - 1, "{kinds:?}");
    alerts
}

fn watched(options: &GuardianOptions, agent: &str, id: &str) -> Vec<Alert> {
    let mut guardian = Guardian::new(options);
    let noon = Timestamp::parse(NOON.as_bytes()).expect("a time").micros();
    for number in 0..100_i64 {
        guardian.observe(&Seen {
            agent: agent.as_bytes(),
            tool: match number {
                3 => b"read_secrets",
                9 => b"http_request",
                _ => b"read_file",
            },
            time: Some(Timestamp::from_micros(noon + number * 10_000)),
            part: Part::Request,
            verdict: Verdict::Allowed,
            mark: Id(format!("{id}{number}")),
        });
    }
    let found = guardian.finish();
    let found = found.incidents.iter().chain(&found.kills);
    found.map(Alert::from).collect()
}
