//! A log with hostile values in every format, as `testdata/export` shows it.

use std::fs;
use std::path::Path;

use agent_spm::export::FORMATS;

use super::world;

/// What can happen to a call, and what somebody might write into a log.
const LOG: &[&str] = &[
    r#"{"event_id":"6f1c1d0e-0000-4000-8000-000000000001","timestamp":"2026-01-15T10:30:00.000Z","request_id":"req-1","agent_id":"finance-bot","tool_name":"send_email","outcome":"DENY","reasons":[{"code":"BLOCK_PII_EMAIL","message":"PII detected"}],"safe_payload":{"agent_id":"finance-bot","tool_name":"send_email","environment":"prod","outcome":"DENY"}}"#,
    r#"{"event_id":"6f1c1d0e-0000-4000-8000-000000000002","timestamp":"2026-01-15T10:30:01.000Z","request_id":"req-2","agent_id":"bot|x=y","tool_name":"=read\\file","outcome":"DENY","reasons":[{"code":"A|B","message":"path C:\\tmp\\a=b | c\nline2\tsuser=root act=ALLOW \u202e\u001b[31m"}],"safe_payload":{"agent_id":"bot|x=y","tool_name":"=read\\file","environment":"prod","outcome":"DENY"},"plugin_source":"rate-limiter"}"#,
    r#"{"event_id":"6f1c1d0e-0000-4000-8000-000000000003","timestamp":"2026-01-15T10:30:02.000Z","request_id":"req-3","agent_id":"finance-bot","tool_name":"refund","outcome":"REQUIRE_APPROVAL","reasons":[{"code":"LARGE","message":"a \"lead\" must agree, 😀"}],"safe_payload":{"agent_id":"finance-bot","tool_name":"refund","environment":"prod","outcome":"REQUIRE_APPROVAL"}}"#,
    r#"{"event_id":"6f1c1d0e-0000-4000-8000-000000000004","timestamp":"2026-01-15T10:30:09.000Z","request_id":"req-3","agent_id":"finance-bot","tool_name":"refund","outcome":"ALLOW","reasons":[{"code":"LARGE","message":"a lead must agree"},{"code":"HUMAN_APPROVED","message":"agreed"}],"safe_payload":{"agent_id":"finance-bot","tool_name":"refund","environment":"prod","outcome":"ALLOW"}}"#,
    r#"{"event_id":"6f1c1d0e-0000-4000-8000-000000000005","timestamp":null,"request_id":"req-5","agent_id":"finance-bot","tool_name":"refund","outcome":"DENY","reasons":[{"code":"AGENT_KILL_SWITCH","message":"key leaked"}],"safe_payload":{"agent_id":"finance-bot","tool_name":"refund","environment":"prod","outcome":"DENY"},"plugin_source":"kill-switch"}"#,
];

#[test]
fn every_format_is_as_it_is_shown() {
    let lines: Vec<String> = LOG.iter().map(|line| (*line).to_owned()).collect();
    let alerts = world::alerts("finance-bot", "6f1c1d0e-0000-4000-8000-1000000000");
    for format in FORMATS {
        let name = format.name();
        let text = world::of_lines(&lines, name, None, &alerts);
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("testdata/export")
            .join(format!("{name}.txt"));
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, text).expect("writes");
            continue;
        }
        let shown = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            text == shown,
            "{name} differs; `UPDATE=1 cargo test` rewrites it"
        );
    }
}
