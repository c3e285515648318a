//! Values that break formats.

use proptest::prelude::*;

use super::world::Said;

/// Pieces that mean something to some format, or to a terminal.
const PIECES: &[&str] = &[
    "|",
    "=",
    "\\",
    "\\n",
    "\\|",
    "\\=",
    "\t",
    "\n",
    "\r",
    "\r\n",
    " ",
    "  ",
    "\"",
    "'",
    ",",
    ";",
    " cs1=x",
    " suser=root",
    "CEF:0|a|b|c|",
    "LEEF:1.0|",
    "<108>1 ",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(1)",
    "\u{FF1D}1",
    "\u{0}",
    "\u{1B}[31m",
    "\u{7F}",
    "\u{85}",
    "\u{202E}",
    "\u{2028}",
    "\u{FEFF}",
    "\u{200B}",
    "\u{A0}",
    "é",
    "日本語",
    "😀",
    "a\u{301}",
    "]",
    "{",
    "}",
    "<img src=x>",
    "%",
    "#",
    "x09",
    "…",
    "DENY",
    "null",
    "\u{10FFFF}",
    "\u{E000}",
];

/// Hostile text: of pieces, of any characters, or long.
pub(super) fn text() -> impl Strategy<Value = String> {
    let piece = proptest::sample::select(PIECES).prop_map(str::to_owned);
    let any = any::<char>().prop_map(String::from);
    let word = "[a-z0-9_]{1,8}";
    let part = prop_oneof![4 => piece, 1 => any, 2 => word];
    let parts = proptest::collection::vec(part, 0..8).prop_map(|parts| parts.concat());
    prop_oneof![
        30 => parts.clone(),
        1 => (parts, 1_usize..3_000).prop_map(|(part, times)| part.repeat(times)),
    ]
}

pub(super) const OUTCOMES: &[&str] = &[
    "ALLOW",
    "DENY",
    "REQUIRE_APPROVAL",
    "STEP_UP",
    "REQUIRE_TICKET",
    "REQUIRE_HUMAN",
    "APPROVED",
    "REJECTED",
    "KILL_SWITCH",
    "RATE_LIMITED",
    "TIMEOUT",
];

/// An event with hostile text in every field.
pub(super) fn said() -> impl Strategy<Value = Said> {
    let names = (text(), text(), text(), text(), text());
    let why = (text(), text(), proptest::option::of(text()));
    let outcome = proptest::sample::select(OUTCOMES);
    let time = proptest::option::weighted(0.9, 0_u32..40_000_000);
    (names, why, outcome, time).prop_map(
        |((event_id, request_id, agent_id, tool_name, environment), why, outcome, time)| {
            let (code, message, plugin) = why;
            Said {
                event_id,
                request_id,
                agent_id,
                tool_name,
                environment,
                outcome,
                code,
                message,
                plugin,
                time,
            }
        },
    )
}

/// Some events with hostile text.
pub(super) fn log() -> impl Strategy<Value = Vec<Said>> {
    proptest::collection::vec(said(), 1..6)
}

/// A value of at most that many bytes, as formats with bounds write it.
pub(super) fn cut(value: &str, most: usize) -> String {
    if value.len() <= most {
        return value.to_owned();
    }
    let mut kept = String::new();
    for character in value.chars() {
        if kept.len() + character.len_utf8() + "…".len() > most {
            break;
        }
        kept.push(character);
    }
    kept + "…"
}
