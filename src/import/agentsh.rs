//! agentsh events: what its shell and its monitors decided about commands, files, connections and
//! registry keys. Owns which events are calls; each names the operation instead of a tool.

use super::{Shape, Sink, arguments, members};
use crate::json::{Item, Kind, write_string};
use crate::model::decision::Outcome;
use crate::model::request::{Recorded, Request};

/// An event of agentsh.
pub struct AgentSh;

/// Members of an event, beside `fields`, that say what is operated on.
const OBJECTS: [&str; 3] = ["path", "domain", "remote"];

impl Shape for AgentSh {
    fn name(&self) -> &'static str {
        "agentsh"
    }

    fn title(&self) -> &'static str {
        "agentsh events"
    }

    fn recognises(&self, record: Item<'_>) -> bool {
        let has = |key| members::text(record, key).is_some();
        has("id")
            && has("timestamp")
            && has("type")
            && has("session_id")
            && record
                .get("fields")
                .is_some_and(|fields| fields.kind() == Kind::Object)
    }

    fn read(&self, record: Item<'_>, written: &[u8], sink: &mut Sink<'_>) {
        // What was decided is an operation; what was redirected was decided just before.
        let kind = members::text(record, "type").unwrap_or_default();
        if record.get("policy").is_none() || kind == b"command_redirected" {
            return;
        }
        let session = members::text(record, "session_id");
        let id = members::text(record, "id");
        let tool: &[u8] = match kind {
            b"command_policy" => b"command",
            kind => kind,
        };
        sink.call(|request| {
            request.request_id = members::name(id, request);
            request.session_id = members::name(session, request);
            request.agent_id = members::name(members::text(record, "agent_id"), request);
            members::set_time_text(members::text(record, "timestamp"), request);
            members::set_tool(Some(tool), request)?;
            request.recorded = recorded(record, request);
            read_arguments(record, written, request)
        });
    }
}

/// What was decided, where that is an outcome: a command that was replaced by another has none.
fn recorded(record: Item<'_>, request: &mut Request) -> Option<Recorded> {
    let policy = record.get("policy")?;
    let outcome = match policy.get("decision").and_then(Item::string)? {
        b"allow" => Outcome::Allow,
        b"deny" => Outcome::Deny,
        b"approve" => Outcome::RequireApproval,
        _ => return None,
    };
    Some(Recorded {
        outcome,
        code: members::name(members::text(policy, "rule"), request),
    })
}

/// Reads what is operated on and the event's fields.
fn read_arguments(
    record: Item<'_>,
    written: &[u8],
    request: &mut Request,
) -> Result<(), &'static str> {
    let mut object = Vec::new();
    let objects = OBJECTS
        .iter()
        .filter_map(|key| Some((key.as_bytes(), record.get(key)?)));
    let fields = record.get("fields");
    let fields = fields
        .into_iter()
        .flat_map(Item::members)
        .filter(|(key, _)| {
            // What is operated on goes before a field of the same name.
            !OBJECTS
                .iter()
                .any(|object| object.as_bytes() == *key && record.get(object).is_some())
        });
    for (key, value) in objects.chain(fields) {
        object.push(if object.is_empty() { b'{' } else { b',' });
        write_string(key, &mut object);
        object.push(b':');
        object.extend_from_slice(written.get(value.written()).unwrap_or(b"null"));
    }
    if object.is_empty() {
        object.push(b'{');
    }
    object.push(b'}');
    arguments::read_text(&object, request)
}
