//! Traces as Invariant Explorer exports them: a first line about the data set, then one trace a
//! line. The messages are those of OpenAI Chat Completions with arguments as objects.

use super::openai_chat::{self, Speaker};
use super::{Shape, Sink, members};
use crate::json::Item;

/// A line of an export.
pub struct Invariant;

impl Shape for Invariant {
    fn name(&self) -> &'static str {
        "invariant"
    }

    fn title(&self) -> &'static str {
        "Invariant Explorer exports"
    }

    fn recognises(&self, record: Item<'_>) -> bool {
        record.get("messages").is_some()
            && record.get("annotations").is_some()
            && record.get("metadata").is_some()
    }

    fn read(&self, record: Item<'_>, written: &[u8], sink: &mut Sink<'_>) {
        let Some(messages) = record.get("messages") else {
            return;
        };
        sink.begin_conversation();
        let index = record.get("index");
        let metadata = record.get("metadata");
        let speaker = Speaker {
            session: index.and_then(|index| index.string().or_else(|| index.number())),
            agent: metadata.and_then(|metadata| members::text(metadata, "model")),
        };
        openai_chat::read_messages(messages, &speaker, written, sink);
    }
}
