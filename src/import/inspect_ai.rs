//! Inspect AI evaluation logs in JSON, one a file. Owns where samples hold calls, what the person
//! who was asked answered, and texts that a log keeps once and refers to.

use super::{Answer, Shape, Sink, arguments, members};
use crate::json::{Item, Kind, Scanner, write_string};
use crate::model::request::Request;
use crate::time::Timestamp;

/// An evaluation log.
pub struct InspectAi;

/// How a string begins that stands for a longer one among the sample's attachments.
const ATTACHMENT: &[u8] = b"attachment://";

/// What is the same for all calls of a sample.
struct Sample<'t> {
    session: Option<&'t [u8]>,
    agent: Option<&'t [u8]>,
    attachments: Option<Item<'t>>,
}

impl Shape for InspectAi {
    fn name(&self) -> &'static str {
        "inspect-ai"
    }

    fn title(&self) -> &'static str {
        "Inspect AI evaluation logs (.json)"
    }

    fn recognises(&self, record: Item<'_>) -> bool {
        record.get("eval").is_some_and(|eval| {
            members::text(eval, "model").is_some() && members::text(eval, "task").is_some()
        })
    }

    fn read(&self, record: Item<'_>, written: &[u8], sink: &mut Sink<'_>) {
        let eval = record.get("eval");
        let samples = record.get("samples");
        for item in samples.into_iter().flat_map(Item::elements) {
            let id = item.get("id");
            let sample = Sample {
                session: members::text(item, "uuid")
                    .or_else(|| id.and_then(|id| id.string().or_else(|| id.number()))),
                agent: eval.and_then(|eval| members::text(eval, "model")),
                attachments: item.get("attachments"),
            };
            sink.begin_conversation();
            let events = item.get("events").filter(|events| {
                // Logs may be written without events.
                events.elements().next().is_some()
            });
            match events {
                Some(events) => read_events(events, &sample, written, sink),
                None => read_messages(item, &sample, written, sink),
            }
        }
    }
}

/// Reads events and those inside them, which are nested no deeper than the record.
fn read_events(events: Item<'_>, sample: &Sample<'_>, written: &[u8], sink: &mut Sink<'_>) {
    for event in events.elements() {
        match event.get("event").and_then(Item::string) {
            Some(b"tool") => {
                let time = members::text(event, "timestamp");
                read_call(event, event.get("arguments"), time, sample, written, sink);
                if let Some(call) = members::text(event, "id") {
                    let failed = event
                        .get("error")
                        .filter(|error| error.kind() != Kind::Null);
                    let result = failed.or_else(|| event.get("result"));
                    sink.answer(Answer {
                        session: sample.session,
                        call,
                        time: members::text(event, "completed").and_then(Timestamp::parse),
                        approved: None,
                        result: result
                            .map(|result| resolved(result, sample, written))
                            .as_deref(),
                    });
                }
            }
            Some(b"approval") => read_approval(event, sample, sink),
            _ => {}
        }
        if let Some(inner) = event.get("events") {
            read_events(inner, sample, written, sink);
        }
    }
}

/// A person's answer; other approvers are programs.
fn read_approval(event: Item<'_>, sample: &Sample<'_>, sink: &mut Sink<'_>) {
    let approved = match event.get("decision").and_then(Item::string) {
        Some(b"approve" | b"modify") => true,
        Some(b"reject" | b"terminate") => false,
        _ => return,
    };
    let id = event.get("call").and_then(|call| members::text(call, "id"));
    if let Some(call) = id
        && members::is(event, "approver", "human")
    {
        sink.answer(Answer {
            session: sample.session,
            call,
            time: members::text(event, "timestamp").and_then(Timestamp::parse),
            approved: Some(approved),
            result: None,
        });
    }
}

/// Reads the calls of a sample without events from its messages, which hold no times.
fn read_messages(item: Item<'_>, sample: &Sample<'_>, written: &[u8], sink: &mut Sink<'_>) {
    let messages = item.get("messages");
    for message in messages.into_iter().flat_map(Item::elements) {
        let calls = message.get("tool_calls");
        for call in calls.into_iter().flat_map(Item::elements) {
            read_call(call, call.get("arguments"), None, sample, written, sink);
        }
        if members::is(message, "role", "tool")
            && let Some(call) = members::text(message, "tool_call_id")
        {
            let content = message.get("content");
            sink.answer(Answer {
                session: sample.session,
                call,
                result: content
                    .map(|content| resolved(content, sample, written))
                    .as_deref(),
                ..Answer::default()
            });
        }
    }
}

fn read_call(
    call: Item<'_>,
    arguments: Option<Item<'_>>,
    time: Option<&[u8]>,
    sample: &Sample<'_>,
    written: &[u8],
    sink: &mut Sink<'_>,
) {
    sink.call(|request: &mut Request| {
        request.request_id = members::name(members::text(call, "id"), request);
        request.session_id = members::name(sample.session, request);
        request.agent_id = members::name(sample.agent, request);
        members::set_time_text(time, request);
        members::set_tool(members::text(call, "function"), request)?;
        match arguments {
            Some(object) if object.kind() == Kind::Object => {
                let json = resolved(object, sample, written);
                arguments::read_text(&json, request)
            }
            other => arguments::read_item(other, written, request),
        }
    });
}

/// The JSON of a value with each attachment in the place of the string that refers to it.
fn resolved(item: Item<'_>, sample: &Sample<'_>, written: &[u8]) -> Vec<u8> {
    let text = written.get(item.written()).unwrap_or_default();
    if memchr::memmem::find(text, ATTACHMENT).is_none() {
        return text.to_vec();
    }
    let mut out = Vec::with_capacity(text.len());
    // The value was read before, so this does not fail; if it did, what was written would not be
    // JSON, and the call not replayable.
    let _ = write_resolved(&mut Scanner::new(text), sample, &mut out);
    out
}

fn write_resolved(
    scanner: &mut Scanner<'_>,
    sample: &Sample<'_>,
    out: &mut Vec<u8>,
) -> Result<(), crate::json::Error> {
    match scanner.peek()? {
        b'{' => {
            let mut separator = b'{';
            scanner.object(|scanner, key| {
                out.push(separator);
                separator = b',';
                write_string(key.decoded(&mut Vec::new()), out);
                out.push(b':');
                write_resolved(scanner, sample, out)
            })?;
            if separator == b'{' {
                out.push(b'{');
            }
            out.push(b'}');
        }
        b'[' => {
            let mut separator = b'[';
            scanner.array(|scanner| {
                out.push(separator);
                separator = b',';
                write_resolved(scanner, sample, out)
            })?;
            if separator == b'[' {
                out.push(b'[');
            }
            out.push(b']');
        }
        b'"' => {
            let mut buffer = Vec::new();
            let string = scanner.string()?;
            let text = string.decoded(&mut buffer);
            write_string(attachment(text, sample).unwrap_or(text), out);
        }
        _ => {
            let start = scanner.offset();
            scanner.skip(0)?;
            out.extend_from_slice(scanner.since(start));
        }
    }
    Ok(())
}

fn attachment<'t>(text: &[u8], sample: &Sample<'t>) -> Option<&'t [u8]> {
    let name = std::str::from_utf8(text.strip_prefix(ATTACHMENT)?).ok()?;
    sample.attachments?.get(name)?.string()
}
