//! Open Cybersecurity Schema Framework 1.8: a decision is API Activity with the profile
//! `security_control`, an incident is a Detection Finding.
//!
//! Source: OCSF schema 1.8.0. It has no class for decisions of authorisation (Authorize Session is
//! about privileges at login), so a decision is about the call of an API that it let through or
//! not. What the schema has no attribute for is in `unmapped`.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use super::alert::millis;
use super::jsonl::{Reason, reasons};
use super::text::bounded;
use super::{Alert, Decision, Format, NoTime, PRODUCT, Passage, VERSION, json};
use crate::digest;
use crate::guardian::Severity;
use crate::model::event::EventOutcome;

/// Open Cybersecurity Schema Framework.
pub(super) struct Ocsf;

/// The version of the schema.
const OCSF: &str = "1.8.0";

/// `API Activity: Other`.
const TOOL_CALL: u32 = 600_399;

/// Bytes of the longest string that lakes of security data take.
const VALUE: usize = 65_535;

#[derive(Serialize)]
struct Activity<'a> {
    activity_id: u8,
    activity_name: &'static str,
    category_uid: u8,
    category_name: &'static str,
    class_uid: u16,
    class_name: &'static str,
    type_uid: u32,
    type_name: &'static str,
    severity_id: u8,
    severity: &'static str,
    time: i64,
    status_id: u8,
    status: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    status_code: Cow<'a, str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    status_detail: Cow<'a, str>,
    message: Cow<'a, str>,
    action_id: u8,
    action: &'static str,
    disposition_id: u8,
    disposition: &'static str,
    is_alert: bool,
    actor: Actor<'a>,
    api: Api<'a>,
    src_endpoint: Endpoint<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<Policy<'a>>,
    metadata: Metadata<'a>,
    unmapped: Unmapped<'a>,
}

#[derive(Serialize)]
struct Actor<'a> {
    app_name: Cow<'a, str>,
    app_uid: Cow<'a, str>,
}

#[derive(Serialize)]
struct Api<'a> {
    operation: Cow<'a, str>,
    request: Request<'a>,
}

#[derive(Serialize)]
struct Request<'a> {
    uid: Cow<'a, str>,
}

#[derive(Serialize)]
struct Endpoint<'a> {
    name: Cow<'a, str>,
    type_id: u8,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
struct Policy<'a> {
    uid: Cow<'a, str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    desc: Cow<'a, str>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    version: &'static str,
    uid: Cow<'a, str>,
    product: Product,
    profiles: &'static [&'static str],
    original_time: Cow<'a, str>,
    log_name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_uid: Option<Cow<'a, str>>,
    event_code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<u64>,
}

#[derive(Serialize)]
struct Product {
    name: &'static str,
    vendor_name: &'static str,
    version: &'static str,
}

const THIS_PRODUCT: Product = Product {
    name: PRODUCT,
    vendor_name: PRODUCT,
    version: VERSION,
};

#[derive(Serialize)]
struct Unmapped<'a> {
    environment: &'a str,
    outcome: &'static str,
    recorded_outcome: &'static str,
    reasons: Vec<Reason<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plugin_source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chain_uid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record_sha256: Option<String>,
    source: &'a str,
    line: u64,
}

#[derive(Serialize)]
struct Finding<'a> {
    activity_id: u8,
    activity_name: &'static str,
    category_uid: u8,
    category_name: &'static str,
    class_uid: u16,
    class_name: &'static str,
    type_uid: u32,
    type_name: &'static str,
    severity_id: u8,
    severity: &'static str,
    time: i64,
    start_time: i64,
    end_time: i64,
    count: u64,
    status_id: u8,
    status: &'static str,
    message: Cow<'a, str>,
    finding_info: Info<'a>,
    evidences: [Evidence; 1],
    metadata: Metadata<'a>,
}

#[derive(Serialize)]
struct Info<'a> {
    uid: &'a str,
    title: &'static str,
    desc: Cow<'a, str>,
    types: [&'static str; 1],
    created_time: i64,
    first_seen_time: i64,
    last_seen_time: i64,
    analytic: Analytic,
    related_events_count: u64,
    related_events: Vec<Related<'a>>,
}

#[derive(Serialize)]
struct Analytic {
    uid: &'static str,
    name: &'static str,
    type_id: u8,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
struct Related<'a> {
    uid: &'a str,
    type_uid: u32,
}

#[derive(Serialize)]
struct Evidence {
    data: Value,
}

impl Format for Ocsf {
    fn name(&self) -> &'static str {
        "ocsf"
    }

    fn about(&self) -> &'static str {
        "OCSF 1.8, JSON Lines: API Activity and Detection Finding (Amazon Security Lake)"
    }

    fn decision(&self, decision: &Decision<'_>, out: &mut Vec<u8>) -> Result<(), NoTime> {
        let event = decision.event;
        let time = event.time.ok_or(NoTime)?;
        let sentence = decision.sentence();
        let (status_id, status) = status(decision.passage());
        let (action_id, action) = action(decision.passage());
        let (disposition_id, disposition) = disposition(event.effective);
        let (severity_id, severity) = severity(event.severity_score());
        let activity = Activity {
            activity_id: 99,
            activity_name: "Tool Call",
            category_uid: 6,
            category_name: "Application Activity",
            class_uid: 6003,
            class_name: "API Activity",
            type_uid: TOOL_CALL,
            type_name: "API Activity: Other",
            severity_id,
            severity,
            time: millis(time),
            status_id,
            status,
            status_code: bounded(decision.code, VALUE),
            status_detail: bounded(decision.message, VALUE),
            message: bounded(&sentence, VALUE),
            action_id,
            action,
            disposition_id,
            disposition,
            is_alert: event.severity() >= Severity::High,
            actor: Actor {
                app_name: bounded(event.agent_id, VALUE),
                app_uid: bounded(event.agent_id, VALUE),
            },
            api: Api {
                operation: bounded(event.tool_name, VALUE),
                request: Request {
                    uid: bounded(event.request_id, VALUE),
                },
            },
            src_endpoint: Endpoint {
                name: bounded(event.agent_id, VALUE),
                type_id: 99,
                kind: "AI Agent",
            },
            policy: (!decision.code.is_empty()).then(|| Policy {
                uid: bounded(decision.code, VALUE),
                desc: bounded(decision.message, VALUE),
            }),
            metadata: Metadata {
                version: OCSF,
                uid: bounded(event.event_id, VALUE),
                product: THIS_PRODUCT,
                profiles: &["security_control"],
                original_time: bounded(event.timestamp, VALUE),
                log_name: "agent-spm-audit",
                correlation_uid: Some(bounded(event.request_id, VALUE)),
                event_code: event.effective.as_str(),
                sequence: event.chain.map(|chain| chain.seq),
            },
            unmapped: Unmapped {
                environment: event.environment,
                outcome: event.effective.as_str(),
                recorded_outcome: event.recorded.as_str(),
                reasons: reasons(event),
                plugin_source: event.plugin,
                chain_uid: event.chain.map(|chain| chain.uid),
                record_sha256: event
                    .chain
                    .and_then(|chain| chain.hash)
                    .map(|hash| digest::hex(&hash)),
                source: decision.source,
                line: event.line,
            },
        };
        json::write(&activity, out);
        Ok(())
    }

    fn alert(&self, alert: &Alert, out: &mut Vec<u8>) {
        let (severity_id, severity) = severity(alert.severity_score());
        let sentence = alert.sentence();
        let related = alert.events.iter().map(|uid| Related {
            uid,
            type_uid: TOOL_CALL,
        });
        let measured = alert.measure.map(|measure| {
            serde_json::json!({"what": measure.label, "most": measure.most, "threshold": measure.threshold})
        });
        let data = serde_json::json!({
            "agent_id": alert.agent_id,
            "requests": alert.count,
            "allowed": alert.allowed,
            "measured": measured,
        });
        let finding = Finding {
            activity_id: 1,
            activity_name: "Create",
            category_uid: 2,
            category_name: "Findings",
            class_uid: 2004,
            class_name: "Detection Finding",
            type_uid: 200_401,
            type_name: "Detection Finding: Create",
            severity_id,
            severity,
            time: millis(alert.detected),
            start_time: millis(alert.start),
            end_time: millis(alert.end),
            count: alert.count,
            status_id: 1,
            status: "New",
            message: bounded(&sentence, VALUE),
            finding_info: Info {
                uid: &alert.id,
                title: alert.kind.title(),
                desc: bounded(&alert.summary, VALUE),
                types: [alert.kind.as_str()],
                created_time: millis(alert.detected),
                first_seen_time: millis(alert.start),
                last_seen_time: millis(alert.end),
                analytic: Analytic {
                    uid: alert.kind.as_str(),
                    name: alert.kind.as_str(),
                    type_id: 1,
                    kind: "Rule",
                },
                related_events_count: alert.count,
                related_events: related.collect(),
            },
            evidences: [Evidence { data }],
            metadata: Metadata {
                version: OCSF,
                uid: bounded(&alert.id, VALUE),
                product: THIS_PRODUCT,
                profiles: &[],
                original_time: Cow::Owned(alert.detected.to_string()),
                log_name: "agent-spm-audit",
                correlation_uid: None,
                event_code: alert.kind.as_str(),
                sequence: None,
            },
        };
        json::write(&finding, out);
    }
}

/// `severity_id` and its caption.
const fn severity(score: u8) -> (u8, &'static str) {
    match score {
        0..=2 => (1, "Informational"),
        3..=5 => (2, "Low"),
        6 => (3, "Medium"),
        7..=8 => (4, "High"),
        _ => (5, "Critical"),
    }
}

/// `status_id` and its caption, which is our own of what the schema has no value for.
const fn status(passage: Passage) -> (u8, &'static str) {
    match passage {
        Passage::Allowed => (1, "Success"),
        Passage::Refused => (2, "Failure"),
        Passage::Pending => (99, "Pending"),
    }
}

/// `action_id` and its caption.
const fn action(passage: Passage) -> (u8, &'static str) {
    match passage {
        Passage::Allowed => (1, "Allowed"),
        Passage::Refused => (2, "Denied"),
        Passage::Pending => (3, "Observed"),
    }
}

/// `disposition_id` and its caption.
const fn disposition(outcome: EventOutcome) -> (u8, &'static str) {
    match outcome {
        EventOutcome::Allow => (1, "Allowed"),
        EventOutcome::Deny | EventOutcome::RateLimited => (2, "Blocked"),
        EventOutcome::RequireApproval
        | EventOutcome::StepUp
        | EventOutcome::RequireTicket
        | EventOutcome::RequireHuman => (14, "Delayed"),
        EventOutcome::Approved => (8, "Approved"),
        EventOutcome::Rejected => (25, "Rejected"),
        EventOutcome::KillSwitch => (24, "Access Revoked"),
        EventOutcome::Timeout => (27, "Error"),
    }
}
