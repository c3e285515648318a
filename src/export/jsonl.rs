//! JSON Lines: an object a line with everything the event says, and what it comes to.

use serde::Serialize;

use super::{Alert, Decision, Format, NoTime, json};
use crate::digest;
use crate::replay::Event;

/// JSON Lines.
pub(super) struct JsonLines;

#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    event_id: &'a str,
    timestamp: Option<&'a str>,
    request_id: &'a str,
    agent_id: &'a str,
    tool_name: &'a str,
    environment: &'a str,
    outcome: &'static str,
    effective_outcome: &'static str,
    severity: &'static str,
    reasons: Vec<Reason<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plugin_source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chain: Option<Chain<'a>>,
    source: &'a str,
    line: u64,
}

/// Why something was decided.
#[derive(Serialize)]
pub(super) struct Reason<'a> {
    code: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
struct Chain<'a> {
    uid: &'a str,
    seq: u64,
    prev_hash: Option<String>,
}

#[derive(Serialize)]
struct Incident<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    incident_id: &'a str,
    code: &'static str,
    severity: &'static str,
    agent_id: &'a str,
    summary: &'a str,
    start: String,
    detected: String,
    end: String,
    count: u64,
    allowed: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    most: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<u64>,
    event_ids: &'a [String],
}

impl Format for JsonLines {
    fn name(&self) -> &'static str {
        "jsonl"
    }

    fn about(&self) -> &'static str {
        "JSON Lines: everything that an event says, and what it comes to"
    }

    fn decision(&self, decision: &Decision<'_>, out: &mut Vec<u8>) -> Result<(), NoTime> {
        let event = decision.event;
        let line = Line {
            kind: "decision",
            event_id: event.event_id,
            timestamp: (!event.timestamp.is_empty()).then_some(event.timestamp),
            request_id: event.request_id,
            agent_id: event.agent_id,
            tool_name: event.tool_name,
            environment: event.environment,
            outcome: event.recorded.as_str(),
            effective_outcome: event.effective.as_str(),
            severity: event.severity().as_str(),
            reasons: reasons(event),
            plugin_source: event.plugin,
            chain: event.chain.map(|chain| Chain {
                uid: chain.uid,
                seq: chain.seq,
                prev_hash: chain.previous.map(|hash| digest::hex(&hash)),
            }),
            source: decision.source,
            line: event.line,
        };
        json::write(&line, out);
        Ok(())
    }

    fn alert(&self, alert: &Alert, out: &mut Vec<u8>) {
        let line = Incident {
            kind: "incident",
            incident_id: &alert.id,
            code: alert.kind.as_str(),
            severity: alert.severity.as_str(),
            agent_id: &alert.agent_id,
            summary: &alert.summary,
            start: alert.start.to_string(),
            detected: alert.detected.to_string(),
            end: alert.end.to_string(),
            count: alert.count,
            allowed: alert.allowed,
            most: alert.measure.map(|measure| measure.most),
            threshold: alert.measure.map(|measure| measure.threshold),
            event_ids: &alert.events,
        };
        json::write(&line, out);
    }
}

/// All reasons of an event.
pub(super) fn reasons<'a>(event: &Event<'a>) -> Vec<Reason<'a>> {
    let reasons = event.reasons();
    reasons
        .map(|reason| Reason {
            code: reason.code,
            message: reason.message,
        })
        .collect()
}
