//! Codex rollouts: `~/.codex/sessions/**/rollout-*.jsonl`. Owns the lines around the items, which
//! are those of OpenAI Responses: whose session it is, which model acts, and which calls the
//! person at the keyboard refused.

use super::openai_responses::{self, Setting};
use super::{Answer, Shape, Sink, members};
use crate::json::{Item, Kind};
use crate::time::Timestamp;

/// A line of a Codex rollout.
pub struct Codex;

/// How the output of a call ends or begins that the person at the keyboard refused.
const REFUSALS: [&[u8]; 3] = [
    b"exec command rejected by user",
    b"patch rejected by user",
    b"rejected by user",
];

impl Shape for Codex {
    fn name(&self) -> &'static str {
        "codex"
    }

    fn title(&self) -> &'static str {
        "Codex rollouts (~/.codex/sessions/**/rollout-*.jsonl)"
    }

    fn recognises(&self, record: Item<'_>) -> bool {
        let kinds = [
            "session_meta",
            "response_item",
            "turn_context",
            "event_msg",
            "compacted",
        ];
        kinds.iter().any(|kind| members::is(record, "type", kind))
            && record
                .get("payload")
                .is_some_and(|payload| payload.kind() == Kind::Object)
    }

    fn marks(&self) -> &'static [&'static str] {
        &["\"type\":\"session_meta\"", "\"type\":\"turn_context\""]
    }

    fn read(&self, record: Item<'_>, written: &[u8], sink: &mut Sink<'_>) {
        let Some(payload) = record.get("payload") else {
            return;
        };
        let set = |place: &mut Option<Vec<u8>>, text: Option<&[u8]>| {
            if let Some(text) = text {
                *place = Some(text.to_vec());
            }
        };
        match record.get("type").and_then(Item::string) {
            Some(b"session_meta") => {
                let id = members::first_text(payload, &["id", "session_id"]);
                set(&mut sink.context.session, id);
                let agent = match is_of_sub_agent(payload) {
                    true => id,
                    false => members::text(payload, "model"),
                };
                set(&mut sink.context.agent, agent);
            }
            // A sub-agent is known by its thread, whatever model acts for it.
            Some(b"turn_context")
                if sink.context.agent.is_none() || sink.context.agent != sink.context.session =>
            {
                set(&mut sink.context.agent, members::text(payload, "model"));
            }
            Some(b"response_item") => {
                let session = sink.context.session.clone();
                let setting = Setting {
                    session: session.as_deref(),
                    time: None,
                    time_text: members::text(record, "timestamp"),
                };
                openai_responses::read_item(payload, &setting, written, sink);
                read_refusal(payload, &setting, sink);
            }
            _ => {}
        }
    }
}

/// Whether the thread is that of an agent which another agent started.
fn is_of_sub_agent(session: Item<'_>) -> bool {
    let source = session.get("source");
    source.is_some_and(|source| source.get("subagent").is_some())
}

/// Emits that a call was refused if the output that stands for its result says so.
fn read_refusal(payload: Item<'_>, setting: &Setting<'_>, sink: &mut Sink<'_>) {
    let Some(output) = payload.get("output") else {
        return;
    };
    // Versions differ in whether the text stands alone or in an object.
    let text = output
        .string()
        .or_else(|| members::text(output, "content"))
        .unwrap_or_default()
        .trim_ascii();
    if let Some(call) = members::text(payload, "call_id")
        && REFUSALS.contains(&text)
    {
        sink.answer(Answer {
            session: setting.session,
            call,
            time: setting.time_text.and_then(Timestamp::parse),
            approved: Some(false),
            result: None,
        });
    }
}
