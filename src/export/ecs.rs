//! Elastic Common Schema 9.4, as JSON Lines for Elasticsearch.
//!
//! Source: elastic/ecs v9.4.0. The agents of this log are `gen_ai.agent`; `agent` would be the
//! program that ships logs. Keywords of more than 1,024 characters are not indexed, so that longer
//! ones are cut to be found.

use std::borrow::Cow;

use serde::Serialize;

use super::text::bounded;
use super::{Alert, Decision, Format, NoTime, PRODUCT, Passage, VERSION, json};
use crate::digest;

/// Elastic Common Schema.
pub(super) struct Ecs;

/// The version of the schema.
const ECS: &str = "9.4.0";

/// Bytes of the longest keyword.
const KEYWORD: usize = 1024;

/// Bytes of the longest message.
const MESSAGE: usize = 32 * 1024;

#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "@timestamp")]
    timestamp: String,
    ecs: Version,
    message: Cow<'a, str>,
    event: Event<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<Rule<'a>>,
    gen_ai: GenAi<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<Service<'a>>,
    observer: Observer,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction: Option<Id<'a>>,
    related: Related<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<Log<'a>>,
    labels: Labels<'a>,
}

#[derive(Serialize)]
struct Version {
    version: &'static str,
}

#[derive(Serialize)]
struct Event<'a> {
    kind: &'static str,
    category: [&'static str; 1],
    #[serde(rename = "type")]
    types: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    action: Cow<'a, str>,
    code: &'static str,
    id: Cow<'a, str>,
    severity: u8,
    #[serde(skip_serializing_if = "str::is_empty")]
    reason: Cow<'a, str>,
    dataset: &'static str,
    module: &'static str,
    provider: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<String>,
}

#[derive(Serialize)]
struct Rule<'a> {
    id: Cow<'a, str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: Cow<'a, str>,
}

#[derive(Serialize)]
struct GenAi<'a> {
    agent: Id<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<Name<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<Name<'a>>,
}

#[derive(Serialize)]
struct Id<'a> {
    id: Cow<'a, str>,
}

#[derive(Serialize)]
struct Name<'a> {
    name: Cow<'a, str>,
}

#[derive(Serialize)]
struct Service<'a> {
    environment: Cow<'a, str>,
}

#[derive(Serialize)]
struct Observer {
    vendor: &'static str,
    product: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Related<'a> {
    user: [Cow<'a, str>; 1],
}

#[derive(Serialize)]
struct Log<'a> {
    file: Path<'a>,
}

#[derive(Serialize)]
struct Path<'a> {
    path: Cow<'a, str>,
}

/// What the schema has no field for; values are keywords.
#[derive(Default, Serialize)]
struct Labels<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded_outcome: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plugin_source: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chain_uid: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_ids: Option<Cow<'a, str>>,
}

const OBSERVER: Observer = Observer {
    vendor: PRODUCT,
    product: PRODUCT,
    version: VERSION,
};

impl Format for Ecs {
    fn name(&self) -> &'static str {
        "ecs"
    }

    fn about(&self) -> &'static str {
        "Elastic Common Schema 9.4, JSON Lines (Elasticsearch, Elastic Security)"
    }

    fn decision(&self, decision: &Decision<'_>, out: &mut Vec<u8>) -> Result<(), NoTime> {
        let event = decision.event;
        let time = event.time.ok_or(NoTime)?;
        let sentence = decision.sentence();
        let document = Document {
            timestamp: time.to_string(),
            ecs: Version { version: ECS },
            message: bounded(&sentence, MESSAGE),
            event: Event {
                kind: "event",
                category: ["api"],
                types: [match decision.passage() {
                    Passage::Allowed => "allowed",
                    Passage::Refused => "denied",
                    Passage::Pending => "info",
                }],
                outcome: Some(decision.passage().outcome()),
                action: bounded(event.tool_name, KEYWORD),
                code: event.effective.as_str(),
                id: bounded(event.event_id, KEYWORD),
                severity: event.severity_score(),
                reason: bounded(decision.message, KEYWORD),
                dataset: "agent_spm.audit",
                module: "agent_spm",
                provider: PRODUCT,
                sequence: event.chain.map(|chain| chain.seq),
                hash: event
                    .chain
                    .and_then(|chain| chain.hash)
                    .map(|hash| digest::hex(&hash)),
                start: None,
                end: None,
            },
            rule: (!decision.code.is_empty()).then(|| Rule {
                id: bounded(decision.code, KEYWORD),
                description: bounded(decision.message, KEYWORD),
            }),
            gen_ai: GenAi {
                agent: Id {
                    id: bounded(event.agent_id, KEYWORD),
                },
                tool: Some(Name {
                    name: bounded(event.tool_name, KEYWORD),
                }),
                operation: Some(Name {
                    name: Cow::Borrowed("execute_tool"),
                }),
            },
            service: (!event.environment.is_empty()).then(|| Service {
                environment: bounded(event.environment, KEYWORD),
            }),
            observer: OBSERVER,
            transaction: Some(Id {
                id: bounded(event.request_id, KEYWORD),
            }),
            related: Related {
                user: [bounded(event.agent_id, KEYWORD)],
            },
            log: Some(Log {
                file: Path {
                    path: bounded(decision.source, KEYWORD),
                },
            }),
            labels: Labels {
                recorded_outcome: decision.recorded(),
                plugin_source: event.plugin.map(|plugin| bounded(plugin, KEYWORD)),
                chain_uid: event.chain.map(|chain| bounded(chain.uid, KEYWORD)),
                line: Some(event.line.to_string()),
                ..Labels::default()
            },
        };
        json::write(&document, out);
        Ok(())
    }

    fn alert(&self, alert: &Alert, out: &mut Vec<u8>) {
        let sentence = alert.sentence();
        let events = alert.events.join(" ");
        let document = Document {
            timestamp: alert.detected.to_string(),
            ecs: Version { version: ECS },
            message: bounded(&sentence, MESSAGE),
            event: Event {
                kind: "alert",
                category: ["intrusion_detection"],
                types: ["info"],
                outcome: None,
                action: Cow::Borrowed(alert.kind.as_str()),
                code: alert.kind.as_str(),
                id: bounded(&alert.id, KEYWORD),
                severity: alert.severity_score(),
                reason: bounded(&alert.summary, KEYWORD),
                dataset: "agent_spm.incident",
                module: "agent_spm",
                provider: PRODUCT,
                sequence: None,
                hash: None,
                start: Some(alert.start.to_string()),
                end: Some(alert.end.to_string()),
            },
            rule: Some(Rule {
                id: Cow::Borrowed(alert.kind.as_str()),
                description: Cow::Borrowed(alert.kind.title()),
            }),
            gen_ai: GenAi {
                agent: Id {
                    id: bounded(&alert.agent_id, KEYWORD),
                },
                tool: None,
                operation: None,
            },
            service: None,
            observer: OBSERVER,
            transaction: None,
            related: Related {
                user: [bounded(&alert.agent_id, KEYWORD)],
            },
            log: None,
            labels: Labels {
                count: Some(alert.count.to_string()),
                allowed: Some(alert.allowed.to_string()),
                event_ids: Some(bounded(&events, KEYWORD)),
                ..Labels::default()
            },
        };
        json::write(&document, out);
    }
}
