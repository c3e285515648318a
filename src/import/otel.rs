//! OpenTelemetry spans of tool calls: OTLP/JSON exports (`resourceSpans`) and bare spans, one a
//! line or in an array. Owns which spans are calls and which two spans report one call.
//!
//! Source: OpenTelemetry semantic conventions for generative AI, "Execute tool span", and for the
//! Model Context Protocol; OTLP 1.5, "JSON Protobuf Encoding". Arguments and results are opt-in
//! there: a span without arguments is a call that cannot be decided.

mod attributes;

use self::attributes::Attributes;
use super::{Answer, Links, Report, Shape, Sink, arguments, members};
use crate::json::{Item, Kind, Scanner, Tape};
use crate::model::request::Request;
use crate::time::Timestamp;

/// A span, or an export of spans.
pub struct OpenTelemetry;

impl Shape for OpenTelemetry {
    fn name(&self) -> &'static str {
        "otel"
    }

    fn title(&self) -> &'static str {
        "OpenTelemetry GenAI spans: OTLP/JSON, bare spans"
    }

    fn recognises(&self, record: Item<'_>) -> bool {
        record
            .get("resourceSpans")
            .is_some_and(|spans| spans.kind() == Kind::Array)
            || is_span(record)
    }

    fn read(&self, record: Item<'_>, written: &[u8], sink: &mut Sink<'_>) {
        let Some(resources) = record.get("resourceSpans") else {
            return read_span(record, None, written, sink);
        };
        for resource in resources.elements() {
            let service = resource
                .get("resource")
                .map(Attributes::of)
                .and_then(|attributes| attributes.text("service.name"));
            // Versions of the protocol before 0.15 call scopes libraries.
            let scopes = resource
                .get("scopeSpans")
                .or_else(|| resource.get("instrumentationLibrarySpans"));
            for scope in scopes.into_iter().flat_map(Item::elements) {
                let spans = scope.get("spans");
                for span in spans.into_iter().flat_map(Item::elements) {
                    read_span(span, service, written, sink);
                }
            }
        }
    }
}

/// True of a bare span: in OTLP/JSON, or as the SDKs' console exporters print one.
fn is_span(record: Item<'_>) -> bool {
    let has = |key| members::text(record, key).is_some();
    let in_context = |key| {
        record
            .get("context")
            .is_some_and(|context| members::text(context, key).is_some())
    };
    record.get("attributes").is_some()
        && (has("traceId") && has("spanId") || in_context("trace_id") && in_context("span_id"))
}

/// A span's id, its parent's and its trace's.
struct Ids<'t> {
    span: Option<&'t [u8]>,
    parent: Option<&'t [u8]>,
    trace: Option<&'t [u8]>,
}

impl<'t> Ids<'t> {
    fn of(span: Item<'t>) -> Self {
        let context = span.get("context");
        let in_context = |key| context.and_then(|context| members::text(context, key));
        Self {
            span: members::text(span, "spanId").or_else(|| in_context("span_id")),
            parent: members::first_text(span, &["parentSpanId", "parent_id"]),
            trace: members::text(span, "traceId").or_else(|| in_context("trace_id")),
        }
    }
}

fn read_span(span: Item<'_>, service: Option<&[u8]>, written: &[u8], sink: &mut Sink<'_>) {
    let attributes = Attributes::of(span);
    let is_call = attributes.text("gen_ai.operation.name") == Some(b"execute_tool")
        || attributes.text("mcp.method.name") == Some(b"tools/call");
    if !is_call {
        return;
    }
    let ids = Ids::of(span);
    let session = attributes
        .text("gen_ai.conversation.id")
        .or_else(|| attributes.text("mcp.session.id"))
        .or(ids.trace);
    // The client's span of an MCP call is inside the agent's span of the same call, and the
    // server's inside the client's.
    let own = ids.span;
    let links = Links {
        aliases: own.as_slice(),
        report: ids.parent.map_or(Report::Sole, Report::Within),
    };
    let id = attributes.text("gen_ai.tool.call.id").or(own);
    sink.linked_call(links, |request| {
        request.request_id = members::name(id, request);
        request.session_id = members::name(session, request);
        set_agent_and_time(span, &attributes, service, request);
        members::set_tool(tool_name(span, &attributes), request)?;
        read_arguments(&attributes, written, request)
    });
    if let Some(call) = id
        && let Some(result) = attributes.get("gen_ai.tool.call.result")
    {
        let mut json = Vec::new();
        attributes::write_json(result, written, &mut json);
        sink.answer(Answer {
            session,
            call,
            result: Some(&json),
            ..Answer::default()
        });
    }
}

fn set_agent_and_time(
    span: Item<'_>,
    attributes: &Attributes<'_>,
    service: Option<&[u8]>,
    request: &mut Request,
) {
    let agent = attributes
        .text("gen_ai.agent.id")
        .or_else(|| attributes.text("gen_ai.agent.name"))
        .or(service);
    request.agent_id = members::name(agent, request);
    match span.get("startTimeUnixNano") {
        Some(nanos) => members::set_time(unix_nanos(nanos), request),
        None => members::set_time_text(members::text(span, "start_time"), request),
    }
}

/// The tool's name, from its attribute or, where instrumentations leave that out, from the name
/// that the conventions give the span: `execute_tool NAME`, `tools/call NAME`.
fn tool_name<'t>(span: Item<'t>, attributes: &Attributes<'t>) -> Option<&'t [u8]> {
    attributes.text("gen_ai.tool.name").or_else(|| {
        let name = members::text(span, "name")?;
        name.strip_prefix(b"execute_tool ")
            .or_else(|| name.strip_prefix(b"tools/call "))
            .filter(|tool| !tool.is_empty())
    })
}

/// A count of nanoseconds after 1970-01-01T00:00:00Z, which OTLP/JSON writes as a string.
fn unix_nanos(item: Item<'_>) -> Option<Timestamp> {
    let digits = item.string().or_else(|| item.number())?;
    let nanos: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    let micros = i64::try_from(nanos / 1000).ok()?;
    (micros > 0).then(|| Timestamp::from_micros(micros))
}

fn read_arguments(
    attributes: &Attributes<'_>,
    written: &[u8],
    request: &mut Request,
) -> Result<(), &'static str> {
    let value = attributes
        .get("gen_ai.tool.call.arguments")
        .ok_or("arguments_missing")?;
    let mut json = Vec::new();
    attributes::write_json(value, written, &mut json);
    let mut tape = Tape::default();
    let value = tape.read(&mut Scanner::new(&json)).ok();
    arguments::read_item(value, &json, request)
}
