//! OpenAI Chat Completions and the many APIs that speak it: responses, streams, request bodies,
//! conversations and lone messages. Owns where these hold calls; knows neither sessions nor
//! agents, since none of them does.

mod stream;

use super::exchange::Exchange;
use super::{Answer, Shape, Sink, arguments, event_stream, members};
use crate::json::{Item, Kind};
use crate::model::request::Request;
use crate::time::Timestamp;

/// A record of OpenAI Chat Completions.
pub struct OpenAiChat;

/// Members of records that hold messages of this shape and are nevertheless of another: of
/// LiveMCPBench, whose calls hide the real tool in their arguments, and of Invariant Explorer.
const OTHER_SHAPES: [&str; 2] = ["Question", "annotations"];

impl Shape for OpenAiChat {
    fn name(&self) -> &'static str {
        "openai-chat"
    }

    fn title(&self) -> &'static str {
        "OpenAI Chat Completions: responses, streams, conversations"
    }

    fn recognises(&self, record: Item<'_>) -> bool {
        if let Some(Exchange { response, .. }) = Exchange::of(record) {
            return match response.string() {
                Some(text) => event_stream::starts_with(text, |event| {
                    members::is(event, "object", "chat.completion.chunk")
                }),
                None => is_completion(response),
            };
        }
        if let Some(messages) = record.get("messages") {
            return !OTHER_SHAPES.iter().any(|key| record.get(key).is_some())
                && (messages.elements().any(is_message_with_calls) || offers_functions(record));
        }
        is_completion(record) || is_message_with_calls(record)
    }

    fn read(&self, record: Item<'_>, written: &[u8], sink: &mut Sink<'_>) {
        if let Some(exchange) = Exchange::of(record) {
            sink.leave_conversation();
            // What the request repeats of earlier calls is not counted again; what became of them
            // stands nowhere else.
            let messages = exchange.request.get("messages");
            for message in messages.into_iter().flat_map(Item::elements) {
                read_answer(message, None, written, sink);
            }
            match exchange.response.string() {
                Some(text) => stream::read(text, exchange.date, sink),
                None => read_completion(exchange.response, exchange.date, written, sink),
            }
        } else if record.get("choices").is_some() {
            sink.leave_conversation();
            read_completion(record, None, written, sink);
        } else if let Some(messages) = record.get("messages") {
            sink.begin_conversation();
            read_messages(messages, &Speaker::default(), written, sink);
        } else {
            sink.leave_conversation();
            read_message(record, &Speaker::default(), None, written, sink);
        }
    }
}

/// What a recording says of all messages of a conversation.
#[derive(Clone, Copy, Default)]
pub(super) struct Speaker<'t> {
    pub(super) session: Option<&'t [u8]>,
    pub(super) agent: Option<&'t [u8]>,
}

/// Emits the calls of a conversation's messages, and what became of them.
pub(super) fn read_messages(
    messages: Item<'_>,
    speaker: &Speaker<'_>,
    written: &[u8],
    sink: &mut Sink<'_>,
) {
    for message in messages.elements() {
        read_message(message, speaker, None, written, sink);
    }
}

fn is_completion(record: Item<'_>) -> bool {
    members::is(record, "object", "chat.completion")
        && record
            .get("choices")
            .is_some_and(|choices| choices.kind() == Kind::Array)
}

pub(super) fn is_message_with_calls(message: Item<'_>) -> bool {
    members::is(message, "role", "assistant")
        && calls(message).any(|call| match call {
            Call::Tool(call) => {
                function(call).is_some_and(|function| members::text(function, "name").is_some())
            }
            Call::Legacy(_) => true,
        })
}

/// True if a request offers the model functions in the way of this API.
fn offers_functions(request: Item<'_>) -> bool {
    request.get("tools").is_some_and(|tools| {
        tools.elements().any(|tool| {
            members::is(tool, "type", "function")
                && tool
                    .get("function")
                    .is_some_and(|function| members::text(function, "name").is_some())
        })
    })
}

fn read_completion(
    completion: Item<'_>,
    date: Option<Timestamp>,
    written: &[u8],
    sink: &mut Sink<'_>,
) {
    let time = created(completion).or(date);
    let choices = completion.get("choices");
    for choice in choices.into_iter().flat_map(Item::elements) {
        if let Some(message) = choice.get("message") {
            read_calls(message, &Speaker::default(), time, written, sink);
        }
    }
}

/// When a completion, or the chunk of one, says that it was made.
fn created(completion: Item<'_>) -> Option<Timestamp> {
    completion.get("created").and_then(members::unix_seconds)
}

pub(super) fn read_message(
    message: Item<'_>,
    speaker: &Speaker<'_>,
    time: Option<Timestamp>,
    written: &[u8],
    sink: &mut Sink<'_>,
) {
    match message.get("role").and_then(Item::string) {
        Some(b"assistant") => read_calls(message, speaker, time, written, sink),
        _ => read_answer(message, speaker.session, written, sink),
    }
}

/// Emits what a message says a tool returned, if it does.
fn read_answer(message: Item<'_>, session: Option<&[u8]>, written: &[u8], sink: &mut Sink<'_>) {
    if members::is(message, "role", "tool")
        && let Some(call) = members::text(message, "tool_call_id")
    {
        sink.answer(Answer {
            session,
            call,
            result: members::written(message.get("content"), written),
            ..Answer::default()
        });
    }
}

/// A call as a message holds it.
enum Call<'t> {
    /// An element of `tool_calls`.
    Tool(Item<'t>),
    /// `function_call`, from before there were tools.
    Legacy(Item<'t>),
}

/// The calls of a message. Servers fill an unused `function_call` with empty strings.
fn calls(message: Item<'_>) -> impl Iterator<Item = Call<'_>> {
    let legacy = message
        .get("function_call")
        .filter(|function| members::text(*function, "name").is_some())
        .map(Call::Legacy);
    let tools = message.get("tool_calls").into_iter();
    tools.flat_map(Item::elements).map(Call::Tool).chain(legacy)
}

/// What a tool call calls: a function, whose `arguments` are JSON, or a custom tool, whose `input`
/// is any text.
fn function(call: Item<'_>) -> Option<Item<'_>> {
    let object = |key| call.get(key).filter(|item| item.kind() == Kind::Object);
    object("function").or_else(|| object("custom"))
}

fn read_calls(
    message: Item<'_>,
    speaker: &Speaker<'_>,
    time: Option<Timestamp>,
    written: &[u8],
    sink: &mut Sink<'_>,
) {
    for call in calls(message) {
        sink.call(|request| {
            members::set_time(time, request);
            request.session_id = members::name(speaker.session, request);
            request.agent_id = members::name(speaker.agent, request);
            match call {
                Call::Tool(call) => {
                    request.request_id = members::name(members::text(call, "id"), request);
                    let function = function(call).ok_or("tool_name_missing")?;
                    read_function(function, written, request)
                }
                Call::Legacy(function) => read_function(function, written, request),
            }
        });
    }
}

fn read_function(
    function: Item<'_>,
    written: &[u8],
    request: &mut Request,
) -> Result<(), &'static str> {
    members::set_tool(members::text(function, "name"), request)?;
    match function.get("arguments") {
        // Servers that speak this API for other models leave out what is empty.
        None => {
            if let Some(input) = function.get("input").and_then(Item::string) {
                arguments::take_text("input", input, request);
            }
            Ok(())
        }
        Some(arguments) if arguments.kind() == Kind::Null => Ok(()),
        arguments => arguments::read_item(arguments, written, request),
    }
}
