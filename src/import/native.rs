//! The native shape: one `AgentActionRequest` a line, read in one pass without a tree.

mod verdicts;

use thiserror::Error as ThisError;

use super::{Extent, Shape, Sink, arguments, returned};
use crate::json::{Error, ErrorKind, Item, RawString, Scanner};
use crate::model::bundle::TrustLevel;
use crate::model::request::{Attestation, Name, Request};
use crate::time::Timestamp;

/// Why a line is not a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
pub enum ReadError {
    /// It is not JSON.
    #[error("{}", .0.kind)]
    Json(#[from] Error),
    /// It names no tool.
    #[error("not a call: `action.tool_name` is missing")]
    NotACall,
    /// A member has the wrong type or a value that it cannot have.
    #[error("`{member}` must be {expected}")]
    WrongValue {
        /// Offset of the value in bytes.
        at: usize,
        /// The member's route.
        member: &'static str,
        /// What it must be.
        expected: &'static str,
    },
}

impl ReadError {
    /// Offset in bytes from the start of the line.
    pub fn at(self) -> usize {
        match self {
            Self::Json(error) => error.at,
            Self::WrongValue { at, .. } => at,
            Self::NotACall => 0,
        }
    }
}

/// The name of the shape.
pub const NAME: &str = "native";

/// The platform's own shape.
pub struct Native;

impl Shape for Native {
    fn name(&self) -> &'static str {
        NAME
    }

    fn title(&self) -> &'static str {
        "one AgentActionRequest a line"
    }

    fn recognises(&self, record: Item<'_>) -> bool {
        let has = |outer, inner| {
            record
                .get(outer)
                .is_some_and(|item| item.get(inner).is_some())
        };
        has("agent", "agent_id") && has("action", "tool_name")
    }

    fn extent(&self) -> Extent {
        Extent::Record
    }

    fn read(&self, record: Item<'_>, written: &[u8], sink: &mut Sink<'_>) {
        let start = record.written().start;
        let text = written.get(record.written()).unwrap_or_default();
        sink.call_or_unreadable(|request| {
            read(&mut Scanner::new(text), request)
                .map_err(|error| (start + error.at(), error.to_string()))
        });
    }
}

/// Reads the call at the cursor into `request`, which is cleared first, without a tree. Members
/// that evaluation does not use are skipped; `null` means missing.
///
/// # Errors
/// If it is malformed, a member that is read has the wrong type or stands twice, or the arguments
/// have a key twice, or no tool is named.
pub fn read(scanner: &mut Scanner<'_>, request: &mut Request) -> Result<(), ReadError> {
    request.clear();
    let mut seen = Seen::default();
    members(scanner, |scanner, key| {
        match key {
            b"request_id" => {
                seen.once(0, scanner)?;
                request.request_id = text(scanner, request, "request_id")?;
            }
            b"timestamp" => {
                seen.once(1, scanner)?;
                request.timestamp_text = text(scanner, request, "timestamp")?;
                request.timestamp = request
                    .timestamp_text
                    .and_then(|written| Timestamp::parse(request.name(written)));
            }
            b"agent" => {
                seen.once(2, scanner)?;
                read_agent(scanner, request)?;
            }
            b"action" => {
                seen.once(3, scanner)?;
                read_action(scanner, request)?;
            }
            b"context" => {
                seen.once(4, scanner)?;
                read_context(scanner, request)?;
            }
            b"approval" => {
                seen.once(5, scanner)?;
                request.approval = verdicts::approval(scanner)?;
            }
            b"recorded" => {
                seen.once(6, scanner)?;
                request.recorded = verdicts::recorded(scanner, request)?;
            }
            b"expect" => {
                seen.once(7, scanner)?;
                request.expected = verdicts::expected(scanner, request)?;
            }
            b"result" => {
                seen.once(8, scanner)?;
                match &mut request.returned {
                    Some(returned) if scanner.peek()? != b'n' => returned::read(scanner, returned)?,
                    _ => scanner.skip(1)?,
                }
            }
            _ => scanner.skip(1)?,
        }
        Ok(())
    })?;
    match request.tool_name {
        Some(_) => Ok(()),
        None => Err(ReadError::NotACall),
    }
}

fn read_agent(scanner: &mut Scanner<'_>, request: &mut Request) -> Result<(), ReadError> {
    let mut seen = Seen::default();
    members(scanner, |scanner, key| {
        match key {
            b"agent_id" => {
                seen.once(0, scanner)?;
                request.agent_id = text(scanner, request, "agent.agent_id")?;
            }
            b"environment" => {
                seen.once(1, scanner)?;
                request.environment = text(scanner, request, "agent.environment")?;
            }
            b"agent_type" => {
                seen.once(2, scanner)?;
                request.agent_type = text(scanner, request, "agent.agent_type")?;
            }
            b"trust_level" => {
                seen.once(3, scanner)?;
                let at = scanner.offset();
                if let Some(level) = text(scanner, request, "agent.trust_level")? {
                    request.trust_level = Some(TrustLevel::parse(request.name(level)).ok_or(
                        ReadError::WrongValue {
                            at,
                            member: "agent.trust_level",
                            expected: "a trust level: untrusted, basic, verified, privileged or system",
                        },
                    )?);
                }
            }
            b"roles" => {
                seen.once(4, scanner)?;
                request.claims_roles = scanner.peek()? != b'n';
                texts(scanner, "agent.roles", |raw| {
                    let role = request.add_name(|out| raw.append_to(out));
                    request.roles.push(role);
                })?;
            }
            b"max_delegation_depth" => {
                seen.once(5, scanner)?;
                let member = "agent.max_delegation_depth";
                request.max_delegation_depth =
                    number(scanner, member)?.map(|depth| depth.clamp(0.0, u32::MAX.into()) as u32);
            }
            b"attestation" => {
                seen.once(6, scanner)?;
                request.attestation = read_attestation(scanner)?;
            }
            _ => scanner.skip(2)?,
        }
        Ok(())
    })
}

fn read_action(scanner: &mut Scanner<'_>, request: &mut Request) -> Result<(), ReadError> {
    let mut seen = Seen::default();
    members(scanner, |scanner, key| {
        match key {
            b"type" => {
                seen.once(0, scanner)?;
                request.action_type = text(scanner, request, "action.type")?;
            }
            b"tool_name" => {
                seen.once(1, scanner)?;
                request.tool_name = text(scanner, request, "action.tool_name")?;
            }
            b"tool_args" => {
                seen.once(2, scanner)?;
                match scanner.peek()? {
                    b'{' => arguments::read(scanner, request)?,
                    b'n' => scanner.null()?,
                    _ => return Err(wrong(scanner, "action.tool_args", "an object")),
                }
            }
            b"tool_identity" => {
                seen.once(3, scanner)?;
                read_tool_identity(scanner, request)?;
            }
            _ => scanner.skip(2)?,
        }
        Ok(())
    })
}

fn read_tool_identity(scanner: &mut Scanner<'_>, request: &mut Request) -> Result<(), ReadError> {
    let mut seen = Seen::default();
    members(scanner, |scanner, key| {
        match key {
            b"provider" => {
                seen.once(0, scanner)?;
                request.tool_provider = text(scanner, request, "action.tool_identity.provider")?;
            }
            b"verified" => {
                seen.once(1, scanner)?;
                request.tool_verified = match scanner.peek()? {
                    b'n' => scanner.null().map(|()| None)?,
                    _ => Some(scanner.boolean()?),
                };
            }
            b"manifest_hash" => {
                seen.once(2, scanner)?;
                request.manifest_hash =
                    text(scanner, request, "action.tool_identity.manifest_hash")?;
            }
            _ => scanner.skip(3)?,
        }
        Ok(())
    })
}

fn read_context(scanner: &mut Scanner<'_>, request: &mut Request) -> Result<(), ReadError> {
    let mut seen = Seen::default();
    members(scanner, |scanner, key| {
        match key {
            b"user_input" => {
                seen.once(0, scanner)?;
                if let Some(raw) = string(scanner, "context.user_input")?
                    && !raw.is_empty()
                {
                    request.user_input = Some(request.add_value(|out| raw.append_to(out)));
                }
            }
            b"data_labels" => {
                seen.once(1, scanner)?;
                texts(scanner, "context.data_labels", |raw| {
                    let label = request.add_name(|out| raw.append_to(out));
                    request.data_labels.push(label);
                })?;
            }
            b"session_id" => {
                seen.once(2, scanner)?;
                request.session_id = text(scanner, request, "context.session_id")?;
            }
            b"delegation_chain" => {
                seen.once(3, scanner)?;
                texts(scanner, "context.delegation_chain", |_| {
                    request.delegation_depth = request.delegation_depth.saturating_add(1);
                })?;
            }
            _ => scanner.skip(2)?,
        }
        Ok(())
    })
}

/// Reads an attestation of any form, of which only the end counts.
fn read_attestation(scanner: &mut Scanner<'_>) -> Result<Option<Attestation>, ReadError> {
    match scanner.peek()? {
        b'n' => Ok(scanner.null().map(|()| None)?),
        b'{' => {
            let mut attestation = Attestation::Unlimited;
            let mut seen = Seen::default();
            members(scanner, |scanner, key| {
                match key {
                    b"expires_at" => {
                        seen.once(0, scanner)?;
                        if let Some(raw) = string(scanner, "agent.attestation.expires_at")? {
                            let text = Timestamp::parse(raw.decoded(&mut Vec::new()));
                            attestation = text.map_or(Attestation::Unclear, Attestation::Until);
                        }
                    }
                    _ => scanner.skip(3)?,
                }
                Ok(())
            })?;
            Ok(Some(attestation))
        }
        _ => {
            scanner.skip(2)?;
            Ok(Some(Attestation::Unlimited))
        }
    }
}

/// Which members of an object were read.
#[derive(Default)]
struct Seen(u32);

impl Seen {
    /// Fails at the second call with the same `bit`.
    fn once(&mut self, bit: u32, scanner: &Scanner<'_>) -> Result<(), Error> {
        if self.0 & 1 << bit != 0 {
            return Err(scanner.error(ErrorKind::DuplicateKey));
        }
        self.0 |= 1 << bit;
        Ok(())
    }
}

/// Reads an object, or `null` as one without members, and hands each key to `member` decoded.
fn members(
    scanner: &mut Scanner<'_>,
    mut member: impl FnMut(&mut Scanner<'_>, &[u8]) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    if scanner.peek()? == b'n' {
        return Ok(scanner.null()?);
    }
    scanner.object(|scanner, key| match key.plain() {
        Some(key) => member(scanner, key),
        None => member(scanner, key.decoded(&mut Vec::new())),
    })
}

/// Reads a string, or `null` as none.
fn string<'a>(
    scanner: &mut Scanner<'a>,
    member: &'static str,
) -> Result<Option<RawString<'a>>, ReadError> {
    match scanner.peek()? {
        b'"' => Ok(Some(scanner.string()?)),
        b'n' => Ok(scanner.null().map(|()| None)?),
        _ => Err(wrong(scanner, member, "a string")),
    }
}

/// Reads a number, or `null` as none.
fn number(scanner: &mut Scanner<'_>, member: &'static str) -> Result<Option<f64>, ReadError> {
    match scanner.peek()? {
        b'-' | b'0'..=b'9' => {
            let written = scanner.number()?;
            let number = std::str::from_utf8(written).ok();
            Ok(number.and_then(|number| number.parse().ok()))
        }
        b'n' => Ok(scanner.null().map(|()| None)?),
        _ => Err(wrong(scanner, member, "a number")),
    }
}

fn text(
    scanner: &mut Scanner<'_>,
    request: &mut Request,
    member: &'static str,
) -> Result<Option<Name>, ReadError> {
    Ok(string(scanner, member)?.map(|raw| request.add_name(|out| raw.append_to(out))))
}

/// Reads a list of strings, or `null` as an empty one.
fn texts<'a>(
    scanner: &mut Scanner<'a>,
    member: &'static str,
    mut push: impl FnMut(RawString<'a>),
) -> Result<(), ReadError> {
    match scanner.peek()? {
        b'n' => Ok(scanner.null()?),
        b'[' => scanner.array(|scanner| match scanner.peek()? {
            b'"' => {
                push(scanner.string()?);
                Ok(())
            }
            _ => Err(wrong(scanner, member, "a list of strings")),
        }),
        _ => Err(wrong(scanner, member, "a list of strings")),
    }
}

fn wrong(scanner: &Scanner<'_>, member: &'static str, expected: &'static str) -> ReadError {
    ReadError::WrongValue {
        at: scanner.offset(),
        member,
        expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"request_id":"r1","timestamp":"2026-01-15T10:30:00.250Z",
        "agent":{"agent_id":"a","environment":"prod","roles":["x","y"],"trust_level":"basic","extra":[{}]},
        "action":{"type":"tool_call","tool_name":"pay","tool_args":{"to":"B\u00e9a","amount":1.50,"ok":true},
        "tool_identity":{"provider":"mcp","version":1}},
        "context":{"user_input":"hello","data_labels":["pii"],"session_id":"s","trace_id":null},"more":{}}"#;

    fn read_line(line: &str, request: &mut Request) -> Result<(), ReadError> {
        let mut scanner = Scanner::new(line.as_bytes());
        read(&mut scanner, request)?;
        Ok(scanner.finish()?)
    }

    fn text(request: &Request, name: Option<Name>) -> String {
        String::from_utf8_lossy(name.map_or(b"", |name| request.name(name))).into_owned()
    }

    #[test]
    fn members_are_read() {
        let mut request = Request::default();
        read_line(LINE, &mut request).expect("a call");
        let named = [
            request.request_id,
            request.agent_id,
            request.environment,
            request.action_type,
            request.tool_name,
            request.tool_provider,
            request.session_id,
        ];
        assert_eq!(
            named.map(|name| text(&request, name)),
            ["r1", "a", "prod", "tool_call", "pay", "mcp", "s"]
        );
        assert_eq!(
            request.timestamp,
            Timestamp::parse(b"2026-01-15T10:30:00.250Z")
        );
        assert_eq!(request.trust_level, Some(TrustLevel::Basic));
        assert_eq!(request.roles.len(), 2);
        assert_eq!(request.data_labels.len(), 1);
        assert_eq!(
            request.argument_values(),
            "B\u{e9}a\u{0}1.5\u{0}true\u{0}"
                .bytes()
                .map(|c| if c == 0 { 0xFF } else { c })
                .collect::<Vec<_>>()
        );
        assert!(request.values().ends_with(b"hello\xFF"));
    }

    #[test]
    fn a_second_call_sees_nothing_of_the_first() {
        let mut request = Request::default();
        read_line(LINE, &mut request).expect("a call");
        assert_eq!(read_line("{}", &mut request), Err(ReadError::NotACall));
        assert_eq!(format!("{request:?}"), format!("{:?}", Request::default()));
    }

    #[test]
    fn wrong_members_are_located() {
        let error = |line: &str| read_line(line, &mut Request::default()).expect_err("wrong");
        assert_eq!(
            error(r#"{"request_id":5}"#).to_string(),
            "`request_id` must be a string"
        );
        assert_eq!(error(r#"{"request_id":5}"#).at(), 14);
        assert_eq!(
            error(r#"{"agent":{"agent_id":"a","agent_id":"b"}}"#).at(),
            36
        );
        assert_eq!(
            error(r#"{"agent":{"roles":["a",1]}}"#).to_string(),
            "`agent.roles` must be a list of strings"
        );
        assert_eq!(error(r#"{"agent":{"trust_level":"Basic"}}"#).at(), 24);
        assert_eq!(
            error(r#"{"action":{"tool_args":[]}}"#).to_string(),
            "`action.tool_args` must be an object"
        );
        assert_eq!(error("[]").to_string(), "expected an object");
        assert_eq!(error(r#"{"request_id":"r""#).at(), 17);
    }

    #[test]
    fn escaped_keys_are_the_keys_they_spell() {
        let mut request = Request::default();
        let line = r#"{"request\u005fid":"r","action":{"tool_name":"t"}}"#;
        read_line(line, &mut request).expect("a call");
        assert_eq!(text(&request, request.request_id), "r");
    }
}
