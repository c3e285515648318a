//! What became of a call: what was answered, what the live system decided, what a policy under test
//! must decide.

use super::{ReadError, Seen, members, number, string, text, wrong};
use crate::json::Scanner;
use crate::model::decision::Outcome;
use crate::model::request::{Approval, Expected, ExpectedPlugin, Recorded, Request};

/// Reads `approval`; `null` is none.
pub(super) fn approval(scanner: &mut Scanner<'_>) -> Result<Option<Approval>, ReadError> {
    if scanner.peek()? == b'n' {
        return Ok(scanner.null().map(|()| None)?);
    }
    let mut approval = Approval::default();
    let mut seen = Seen::default();
    members(scanner, |scanner, key| {
        match key {
            b"approved" => {
                seen.once(0, scanner)?;
                approval.approved = scanner.boolean()?;
            }
            b"latency_ms" => {
                seen.once(1, scanner)?;
                approval.latency_ms = number(scanner, "approval.latency_ms")?;
            }
            b"ticket_id" => {
                seen.once(2, scanner)?;
                let ticket = string(scanner, "approval.ticket_id")?;
                approval.has_ticket = ticket.is_some_and(|ticket| !ticket.is_empty());
            }
            _ => scanner.skip(2)?,
        }
        Ok(())
    })?;
    Ok(Some(approval))
}

/// Reads `recorded`; `null` is none. An outcome that is not one of a decision's is none either:
/// there is nothing to compare with.
pub(super) fn recorded(
    scanner: &mut Scanner<'_>,
    request: &mut Request,
) -> Result<Option<Recorded>, ReadError> {
    let mut outcome = None;
    let mut code = None;
    let mut seen = Seen::default();
    members(scanner, |scanner, key| {
        match key {
            b"outcome" => {
                seen.once(0, scanner)?;
                outcome = string(scanner, "recorded.outcome")?
                    .and_then(|raw| Outcome::parse(raw.decoded(&mut Vec::new())));
            }
            b"code" => {
                seen.once(1, scanner)?;
                code = text(scanner, request, "recorded.code")?;
            }
            _ => scanner.skip(2)?,
        }
        Ok(())
    })?;
    Ok(outcome.map(|outcome| Recorded { outcome, code }))
}

/// Reads `expect`; `null` is none. It is a test, so that nothing in it is passed over.
pub(super) fn expected(
    scanner: &mut Scanner<'_>,
    request: &mut Request,
) -> Result<Option<Expected>, ReadError> {
    const OUTCOMES: &str =
        "ALLOW, DENY, REQUIRE_APPROVAL, STEP_UP, REQUIRE_TICKET or REQUIRE_HUMAN";
    if scanner.peek()? == b'n' {
        return Ok(scanner.null().map(|()| None)?);
    }
    let missing = wrong(scanner, "expect", "an object with an `outcome`");
    let mut outcome = None;
    let mut code = None;
    let mut plugin = ExpectedPlugin::Any;
    let mut seen = Seen::default();
    members(scanner, |scanner, key| {
        match key {
            b"outcome" => {
                seen.once(0, scanner)?;
                let refused = wrong(scanner, "expect.outcome", OUTCOMES);
                let raw = string(scanner, "expect.outcome")?;
                outcome = raw.and_then(|raw| Outcome::parse(raw.decoded(&mut Vec::new())));
                if outcome.is_none() {
                    return Err(refused);
                }
            }
            b"code" => {
                seen.once(1, scanner)?;
                code = text(scanner, request, "expect.code")?;
            }
            b"plugin" => {
                seen.once(2, scanner)?;
                plugin = match text(scanner, request, "expect.plugin")? {
                    Some(name) => ExpectedPlugin::Named(name),
                    None => ExpectedPlugin::Rules,
                };
            }
            _ => {
                return Err(wrong(
                    scanner,
                    "expect",
                    "only `outcome`, `code` and `plugin`",
                ));
            }
        }
        Ok(())
    })?;
    let outcome = outcome.ok_or(missing)?;
    Ok(Some(Expected {
        outcome,
        code,
        plugin,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(members: &str) -> Result<Request, ReadError> {
        let line = format!(r#"{{"action":{{"tool_name":"t"}},{members}}}"#);
        let mut request = Request::default();
        super::super::read(&mut Scanner::new(line.as_bytes()), &mut request)?;
        Ok(request)
    }

    #[test]
    fn a_test_case_says_what_must_be_decided() {
        let request =
            call(r#""expect":{"outcome":"DENY","code":"X","plugin":null}"#).expect("read");
        let expected = request.expected.expect("a test case");
        assert_eq!(expected.outcome, Outcome::Deny);
        assert_eq!(
            expected.code.map(|code| request.name(code)),
            Some(&b"X"[..])
        );
        assert_eq!(expected.plugin, ExpectedPlugin::Rules);
        let request = call(r#""expect":{"outcome":"ALLOW"}"#).expect("read");
        let expected = request.expected.expect("a test case");
        assert_eq!(expected.plugin, ExpectedPlugin::Any);
        assert_eq!(call(r#""expect":null"#).expect("read").expected, None);
    }

    #[test]
    fn a_test_case_that_says_nothing_clear_is_refused() {
        for expect in [
            "{}",
            r#"{"outcome":"deny"}"#,
            r#"{"outcome":null}"#,
            r#"{"outcome":"DENY","oucome":1}"#,
            r#"{"outcome":"DENY","outcome":"DENY"}"#,
            "[]",
            r#""DENY""#,
        ] {
            assert!(call(&format!(r#""expect":{expect}"#)).is_err(), "{expect}");
        }
    }

    #[test]
    fn what_was_decided_then_is_read_or_passed_over() {
        let request = call(r#""recorded":{"outcome":"ALLOW","code":"R","by":{}}"#).expect("read");
        let recorded = request.recorded.expect("recorded");
        assert_eq!(recorded.outcome, Outcome::Allow);
        assert!(recorded.code.is_some());
        for recorded in ["{}", "null", r#"{"outcome":"BLOCKED"}"#] {
            let request = call(&format!(r#""recorded":{recorded}"#)).expect("read");
            assert_eq!(request.recorded, None, "{recorded}");
        }
    }
}
