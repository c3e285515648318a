//! Anthropic Messages: responses, streams, request bodies, conversations and lone messages. Owns
//! the blocks that are calls; knows neither sessions nor agents, since none of these does.

mod stream;

use super::exchange::Exchange;
use super::{Answer, Shape, Sink, arguments, event_stream, members};
use crate::json::{Item, Kind};
use crate::model::request::Request;
use crate::time::Timestamp;

/// A record of Anthropic Messages.
pub struct AnthropicMessages;

impl Shape for AnthropicMessages {
    fn name(&self) -> &'static str {
        "anthropic-messages"
    }

    fn title(&self) -> &'static str {
        "Anthropic Messages: responses, streams, conversations"
    }

    fn recognises(&self, record: Item<'_>) -> bool {
        if let Some(Exchange { response, .. }) = Exchange::of(record) {
            return match response.string() {
                Some(text) => event_stream::starts_with(text, |event| {
                    members::is(event, "type", "message_start")
                }),
                None => is_response(response),
            };
        }
        if let Some(messages) = record.get("messages") {
            return messages.elements().any(is_message_with_calls) || offers_tools(record);
        }
        is_response(record) || is_message_with_calls(record)
    }

    fn read(&self, record: Item<'_>, written: &[u8], sink: &mut Sink<'_>) {
        if let Some(exchange) = Exchange::of(record) {
            sink.leave_conversation();
            // What the request repeats of earlier calls is not counted again; what became of them
            // stands nowhere else.
            let messages = exchange.request.get("messages");
            for message in messages.into_iter().flat_map(Item::elements) {
                if !members::is(message, "role", "assistant") {
                    read_results(message.get("content"), &Teller::default(), written, sink);
                }
            }
            match exchange.response.string() {
                Some(text) => stream::read(text, exchange.date, sink),
                None => read_message(exchange.response, exchange.date, written, sink),
            }
        } else if let Some(messages) = record.get("messages") {
            sink.begin_conversation();
            for message in messages.elements() {
                read_message(message, None, written, sink);
            }
        } else {
            sink.leave_conversation();
            read_message(record, None, written, sink);
        }
    }
}

/// True of a response. The items of OpenAI Responses are messages with content as well, but say
/// nothing of why they stopped.
fn is_response(record: Item<'_>) -> bool {
    members::is(record, "type", "message")
        && record.get("stop_reason").is_some()
        && record
            .get("content")
            .is_some_and(|content| content.kind() == Kind::Array)
}

fn is_message_with_calls(message: Item<'_>) -> bool {
    members::is(message, "role", "assistant")
        && message.get("content").is_some_and(|content| {
            content.elements().any(|block| {
                is_call(block)
                    && members::text(block, "name").is_some()
                    && block.get("input").is_some()
            })
        })
}

/// True if a request offers the model tools in the way of this API.
fn offers_tools(request: Item<'_>) -> bool {
    request.get("tools").is_some_and(|tools| {
        tools
            .elements()
            .any(|tool| members::text(tool, "name").is_some() && tool.get("input_schema").is_some())
    })
}

fn read_message(message: Item<'_>, time: Option<Timestamp>, written: &[u8], sink: &mut Sink<'_>) {
    if members::is(message, "role", "assistant") {
        read_blocks(message.get("content"), written, sink, |request| {
            members::set_time(time, request);
        });
    }
    read_results(message.get("content"), &Teller::default(), written, sink);
}

/// Who tells what became of calls, and when.
#[derive(Clone, Copy, Default)]
pub(super) struct Teller<'t> {
    /// The calls' session.
    pub(super) session: Option<&'t [u8]>,
    pub(super) time: Option<Timestamp>,
    /// How the text begins that the harness puts in the place of a result when a person refuses
    /// a call; empty if it has none.
    pub(super) refusal: &'t [u8],
}

/// Emits what became of calls, as the blocks of a message's content tell.
pub(super) fn read_results(
    content: Option<Item<'_>>,
    teller: &Teller<'_>,
    written: &[u8],
    sink: &mut Sink<'_>,
) {
    for block in content.into_iter().flat_map(Item::elements) {
        let is_result = block
            .get("type")
            .and_then(Item::string)
            .is_some_and(|kind| kind.ends_with(b"tool_result"));
        let Some(call) = members::text(block, "tool_use_id").filter(|_| is_result) else {
            continue;
        };
        let content = block.get("content");
        let is_error = block.get("is_error").map(Item::kind) == Some(Kind::Bool(true));
        let refused = is_error
            && !teller.refusal.is_empty()
            && content.is_some_and(|content| text_starts_with(content, teller.refusal));
        sink.answer(Answer {
            session: teller.session,
            call,
            time: teller.time,
            approved: refused.then_some(false),
            result: members::written(content, written),
        });
    }
}

/// True if a content, or the first text block of it, starts with `prefix`.
fn text_starts_with(content: Item<'_>, prefix: &[u8]) -> bool {
    let first = content.elements().next();
    let text = content
        .string()
        .or_else(|| first.and_then(|block| members::text(block, "text")));
    text.is_some_and(|text| text.starts_with(prefix))
}

/// Emits the calls among the blocks of a message's content. `add` adds what the message says of
/// all of them.
pub(super) fn read_blocks(
    content: Option<Item<'_>>,
    written: &[u8],
    sink: &mut Sink<'_>,
    add: impl Fn(&mut Request),
) {
    let blocks = content.into_iter().flat_map(Item::elements);
    for block in blocks.filter(|block| is_call(*block)) {
        sink.call(|request| {
            add(request);
            read_header(block, request)?;
            arguments::read_item(block.get("input"), written, request)
        });
    }
}

/// True of the three blocks that are calls: of the caller's tools, of the provider's own, and of
/// those of an MCP server that the provider talks to.
fn is_call(block: Item<'_>) -> bool {
    matches!(
        block.get("type").and_then(Item::string),
        Some(b"tool_use" | b"server_tool_use" | b"mcp_tool_use")
    )
}

/// Reads all of a block but its input.
fn read_header(block: Item<'_>, request: &mut Request) -> Result<(), &'static str> {
    request.request_id = members::name(members::text(block, "id"), request);
    request.tool_provider = members::name(members::text(block, "server_name"), request);
    members::set_tool(members::text(block, "name"), request)
}
