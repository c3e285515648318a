//! Timesketch: an object a line for its JSON Lines importer, whose files must end in `.jsonl`.
//!
//! Source: Timesketch, "Create timeline from JSON/JSONL/CSV file": `message`, `datetime` and
//! `timestamp_desc` are required; `timestamp`, if there is one, is in microseconds. OpenSearch
//! refuses terms of more than 32,766 bytes.

use std::borrow::Cow;

use serde::Serialize;

use super::text::bounded;
use super::{Alert, Decision, Format, NoTime, json};
use crate::time::Timestamp;

/// Timesketch.
pub(super) struct Timesketch;

/// Bytes of the longest value that is written.
const VALUE: usize = 32_765;

#[derive(Serialize)]
struct Entry<'a> {
    message: Cow<'a, str>,
    datetime: String,
    timestamp: i64,
    timestamp_desc: &'static str,
    agent_id: Cow<'a, str>,
    tool_name: Cow<'a, str>,
    environment: Cow<'a, str>,
    outcome: &'static str,
    recorded_outcome: &'static str,
    severity: &'static str,
    code: Cow<'a, str>,
    reason: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plugin_source: Option<Cow<'a, str>>,
    request_id: Cow<'a, str>,
    event_id: Cow<'a, str>,
    source_file: Cow<'a, str>,
    source_line: u64,
    tag: Vec<Cow<'a, str>>,
}

#[derive(Serialize)]
struct Incident<'a> {
    message: Cow<'a, str>,
    datetime: String,
    timestamp: i64,
    timestamp_desc: &'static str,
    agent_id: Cow<'a, str>,
    severity: &'static str,
    code: &'static str,
    reason: Cow<'a, str>,
    incident_id: &'a str,
    start: String,
    end: String,
    count: u64,
    allowed: u64,
    event_ids: &'a [String],
    tag: [&'static str; 2],
}

impl Format for Timesketch {
    fn name(&self) -> &'static str {
        "timesketch"
    }

    fn about(&self) -> &'static str {
        "Timesketch; call the file NAME.jsonl"
    }

    fn decision(&self, decision: &Decision<'_>, out: &mut Vec<u8>) -> Result<(), NoTime> {
        let event = decision.event;
        let time = event.time.ok_or(NoTime)?;
        let sentence = decision.sentence();
        let (datetime, timestamp) = times(time);
        let outcome = event.effective.as_str();
        let code = bounded(decision.code, VALUE);
        let mut tag = vec![Cow::Borrowed(outcome)];
        if !code.is_empty() && code != outcome {
            tag.push(code.clone());
        }
        let entry = Entry {
            message: bounded(&sentence, VALUE),
            datetime,
            timestamp,
            timestamp_desc: "Agent decision",
            agent_id: bounded(event.agent_id, VALUE),
            tool_name: bounded(event.tool_name, VALUE),
            environment: bounded(event.environment, VALUE),
            outcome,
            recorded_outcome: event.recorded.as_str(),
            severity: event.severity().as_str(),
            code,
            reason: bounded(decision.message, VALUE),
            plugin_source: event.plugin.map(|plugin| bounded(plugin, VALUE)),
            request_id: bounded(event.request_id, VALUE),
            event_id: bounded(event.event_id, VALUE),
            source_file: bounded(decision.source, VALUE),
            source_line: event.line,
            tag,
        };
        json::write(&entry, out);
        Ok(())
    }

    fn alert(&self, alert: &Alert, out: &mut Vec<u8>) {
        let (datetime, timestamp) = times(alert.detected);
        let sentence = alert.sentence();
        let incident = Incident {
            message: bounded(&sentence, VALUE),
            datetime,
            timestamp,
            timestamp_desc: "Incident detected",
            agent_id: bounded(&alert.agent_id, VALUE),
            severity: alert.severity.as_str(),
            code: alert.kind.as_str(),
            reason: bounded(&alert.summary, VALUE),
            incident_id: &alert.id,
            start: alert.start.to_string(),
            end: alert.end.to_string(),
            count: alert.count,
            allowed: alert.allowed,
            event_ids: &alert.events,
            tag: ["incident", alert.kind.as_str()],
        };
        json::write(&incident, out);
    }
}

/// The time as an index of times takes it: six digits of a fraction and an offset; and in
/// microseconds.
fn times(time: Timestamp) -> (String, i64) {
    let text = time.to_string();
    let text = text.trim_end_matches('Z');
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    (format!("{seconds}.{fraction:0<6}+00:00"), time.micros())
}
