//! tau-bench trajectories: an array of runs. Owns what tells runs apart, since ids of calls repeat
//! between them; the messages are those of OpenAI Chat Completions.

use super::openai_chat::{self, Speaker};
use super::{Shape, Sink};
use crate::json::Item;

/// A run of tau-bench.
pub struct TauBench;

impl Shape for TauBench {
    fn name(&self) -> &'static str {
        "tau-bench"
    }

    fn title(&self) -> &'static str {
        "tau-bench trajectories"
    }

    fn recognises(&self, record: Item<'_>) -> bool {
        record.get("task_id").is_some() && record.get("traj").is_some()
    }

    fn read(&self, record: Item<'_>, written: &[u8], sink: &mut Sink<'_>) {
        let Some(messages) = record.get("traj") else {
            return;
        };
        sink.begin_conversation();
        let part = |key| {
            let part = record.get(key);
            part.and_then(|part| part.string().or_else(|| part.number()))
        };
        let session = [
            part("task_id").unwrap_or_default(),
            part("trial").unwrap_or_default(),
        ]
        .join(&b':');
        let speaker = Speaker {
            session: Some(&session),
            agent: None,
        };
        openai_chat::read_messages(messages, &speaker, written, sink);
    }
}
