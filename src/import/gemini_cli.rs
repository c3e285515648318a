//! Gemini CLI sessions: `~/.gemini/tmp/*/chats/session-*.json`. Owns where a session holds calls,
//! their results, and whether the person at the keyboard cancelled them.

use super::{Answer, Shape, Sink, arguments, members};
use crate::json::Item;
use crate::time::Timestamp;

/// A session of Gemini CLI.
pub struct GeminiCli;

impl Shape for GeminiCli {
    fn name(&self) -> &'static str {
        "gemini-cli"
    }

    fn title(&self) -> &'static str {
        "Gemini CLI sessions"
    }

    fn recognises(&self, record: Item<'_>) -> bool {
        let has = |key| members::text(record, key).is_some();
        has("sessionId") && has("projectHash")
    }

    fn read(&self, record: Item<'_>, written: &[u8], sink: &mut Sink<'_>) {
        let session = members::text(record, "sessionId");
        let messages = record.get("messages");
        for message in messages.into_iter().flat_map(Item::elements) {
            let model = members::text(message, "model");
            let told = members::text(message, "timestamp");
            let calls = message.get("toolCalls");
            for call in calls.into_iter().flat_map(Item::elements) {
                let time = members::text(call, "timestamp").or(told);
                let id = members::text(call, "id");
                sink.call(|request| {
                    request.request_id = members::name(id, request);
                    request.session_id = members::name(session, request);
                    request.agent_id = members::name(model, request);
                    members::set_time_text(time, request);
                    members::set_tool(members::text(call, "name"), request)?;
                    arguments::read_item(call.get("args"), written, request)
                });
                if let Some(id) = id {
                    sink.answer(Answer {
                        session,
                        call: id,
                        time: time.and_then(Timestamp::parse),
                        approved: members::is(call, "status", "cancelled").then_some(false),
                        result: members::written(call.get("result"), written),
                    });
                }
            }
        }
    }
}
