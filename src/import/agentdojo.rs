//! AgentDojo runs: `runs/**/*.json`, one a file. Owns where a run holds calls and results; a run
//! holds no times.

use super::{Answer, Links, Shape, Sink, arguments, members};
use crate::json::{Item, Kind};

/// A run of AgentDojo.
pub struct AgentDojo;

impl Shape for AgentDojo {
    fn name(&self) -> &'static str {
        "agentdojo"
    }

    fn title(&self) -> &'static str {
        "AgentDojo runs"
    }

    fn recognises(&self, record: Item<'_>) -> bool {
        members::text(record, "suite_name").is_some()
            && members::text(record, "pipeline_name").is_some()
            && record.get("messages").is_some()
    }

    fn read(&self, record: Item<'_>, written: &[u8], sink: &mut Sink<'_>) {
        sink.begin_conversation();
        let session = session(record);
        let agent = members::text(record, "pipeline_name");
        // Where calls have no ids, results stand in the order of the calls.
        let (mut calls, mut results) = (0, 0);
        let messages = record.get("messages");
        for message in messages.into_iter().flat_map(Item::elements) {
            if members::is(message, "role", "assistant") {
                let made = message.get("tool_calls");
                for call in made.into_iter().flat_map(Item::elements) {
                    let position = position(&mut calls);
                    let links = Links {
                        aliases: &[&position],
                        ..Links::default()
                    };
                    sink.linked_call(links, |request| {
                        request.request_id = members::name(members::text(call, "id"), request);
                        request.session_id = members::name(Some(&session), request);
                        request.agent_id = members::name(agent, request);
                        members::set_tool(members::text(call, "function"), request)?;
                        arguments::read_item(call.get("args"), written, request)
                    });
                }
            } else if members::is(message, "role", "tool") {
                let position = position(&mut results);
                let failed = members::text(message, "error").and(message.get("error"));
                sink.answer(Answer {
                    session: Some(&session),
                    call: members::text(message, "tool_call_id").unwrap_or(&position),
                    result: members::written(failed.or_else(|| message.get("content")), written),
                    ..Answer::default()
                });
            }
        }
    }
}

/// The next place in a conversation, as an id that no call has.
fn position(count: &mut u32) -> Vec<u8> {
    *count += 1;
    format!("\u{0}{count}").into_bytes()
}

/// What tells a run from the others of its pipeline: suite, tasks and attack.
fn session(record: Item<'_>) -> Vec<u8> {
    let keys = [
        "suite_name",
        "user_task_id",
        "injection_task_id",
        "attack_type",
    ];
    let parts: Vec<&[u8]> = keys
        .iter()
        .filter_map(|key| record.get(key))
        .filter(|part| part.kind() != Kind::Null)
        .filter_map(|part| part.string().or_else(|| part.number()))
        .collect();
    parts.join(&b':')
}
