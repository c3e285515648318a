//! Anthropic managed agents: the events of a session, alone or in pairs of a client's method and
//! what it returned. Owns which events are calls, results and a person's answers.

use super::{Answer, Shape, Sink, arguments, members};
use crate::json::{Item, Kind};
use crate::model::decision::Outcome;
use crate::model::request::Recorded;
use crate::time::Timestamp;

/// An event of a session.
pub struct ManagedAgents;

/// The events that are calls.
const CALLS: [&[u8]; 3] = [
    b"agent.tool_use",
    b"agent.mcp_tool_use",
    b"agent.custom_tool_use",
];

/// How events begin that only these sessions have.
const EVENTS: [&str; 5] = ["agent.", "session.", "span.", "user.", "system."];

impl Shape for ManagedAgents {
    fn name(&self) -> &'static str {
        "managed-agents"
    }

    fn title(&self) -> &'static str {
        "Anthropic managed agents: session events"
    }

    fn recognises(&self, record: Item<'_>) -> bool {
        is_session(record)
            || members::text(record, "processed_at").is_some()
                && members::text(record, "type").is_some_and(|kind| {
                    EVENTS
                        .iter()
                        .any(|begin| kind.starts_with(begin.as_bytes()))
                })
    }

    fn marks(&self) -> &'static [&'static str] {
        &["\"client.beta.sessions.create\""]
    }

    fn read(&self, record: Item<'_>, written: &[u8], sink: &mut Sink<'_>) {
        if is_session(record) {
            let agent = record.get("agent");
            let name = agent.and_then(|agent| members::text(agent, "name"));
            sink.context.agent = name.map(<[u8]>::to_vec);
            sink.context.session = members::text(record, "id").map(<[u8]>::to_vec);
            return;
        }
        let kind = members::text(record, "type").unwrap_or_default();
        let time = members::text(record, "processed_at");
        if CALLS.contains(&kind) {
            sink.call(|request| {
                request.request_id = members::name(members::text(record, "id"), request);
                let server = members::text(record, "mcp_server_name");
                request.tool_provider = members::name(server, request);
                members::set_time_text(time, request);
                request.recorded = recorded(record);
                members::set_tool(members::text(record, "name"), request)?;
                arguments::read_item(record.get("input"), written, request)
            });
            return;
        }
        let approved = match record.get("result").and_then(Item::string) {
            Some(b"allow") => Some(true),
            Some(b"deny") => Some(false),
            _ => None,
        };
        let is_confirmation = kind == b"user.tool_confirmation";
        if !is_confirmation && !kind.ends_with(b"tool_result") {
            return;
        }
        let keys = ["tool_use_id", "mcp_tool_use_id", "custom_tool_use_id"];
        let Some(call) = members::first_text(record, &keys) else {
            return;
        };
        let session = sink.context.session.clone();
        sink.answer(Answer {
            session: session.as_deref(),
            call,
            time: time.and_then(Timestamp::parse),
            approved: approved.filter(|_| is_confirmation),
            result: members::written(record.get("content"), written),
        });
    }
}

/// What the session's policy decided.
fn recorded(record: Item<'_>) -> Option<Recorded> {
    let outcome = match record.get("evaluated_permission").and_then(Item::string)? {
        b"allow" => Outcome::Allow,
        b"ask" => Outcome::RequireApproval,
        b"deny" => Outcome::Deny,
        _ => return None,
    };
    Some(Recorded {
        outcome,
        code: None,
    })
}

/// True of the session that a client has made.
fn is_session(record: Item<'_>) -> bool {
    members::is(record, "type", "session")
        && record
            .get("agent")
            .is_some_and(|agent| agent.kind() == Kind::Object)
}
