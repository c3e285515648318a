//! Comma-separated values: a parser from RFC 4180.

use agent_spm::report::escape::terminal;
use proptest::prelude::*;

use super::hostile::log;
use super::world::{self, Said, timestamp};

/// The rows of a table, by column; of which nothing is forgiven.
fn parse(text: &str) -> Result<Vec<Vec<String>>, String> {
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut cell = String::new();
        if let Some(mut quoted) = rest.strip_prefix('"') {
            loop {
                let (part, after) = quoted.split_once('"').ok_or("a quote without an end")?;
                cell.push_str(part);
                quoted = after;
                match quoted.strip_prefix('"') {
                    Some(after) => {
                        cell.push('"');
                        quoted = after;
                    }
                    None => break,
                }
            }
            rest = quoted;
        } else {
            let end = rest.find([',', '\n']).ok_or("no end of the last line")?;
            cell.push_str(&rest[..end]);
            if cell.contains(['"', '\r']) {
                return Err(format!("an unquoted quote: {cell}"));
            }
            rest = &rest[end..];
        }
        row.push(cell);
        let next = rest.chars().next().ok_or("no end of the last line")?;
        rest = &rest[1..];
        match next {
            ',' => {}
            '\n' => rows.push(std::mem::take(&mut row)),
            other => return Err(format!("{other:?} after a quoted cell")),
        }
    }
    let columns = rows.first().map_or(0, Vec::len);
    if rows.iter().any(|row| row.len() != columns) {
        return Err("rows of different lengths".to_owned());
    }
    Ok(rows)
}

fn cell<'r>(rows: &'r [Vec<String>], row: usize, column: &str) -> &'r str {
    let at = rows[0].iter().position(|name| name == column);
    &rows[row + 1][at.unwrap_or_else(|| panic!("no column {column}"))]
}

fn values(said: &Said) -> [(&'static str, &str); 8] {
    [
        ("event_id", &said.event_id),
        ("request_id", &said.request_id),
        ("agent_id", &said.agent_id),
        ("tool_name", &said.tool_name),
        ("environment", &said.environment),
        ("code", &said.code),
        ("message", &said.message),
        ("plugin_source", said.plugin.as_deref().unwrap_or("")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn raw_values_are_exact(log in log()) {
        let text = world::exported(&log, "csv-raw", None);
        let rows = parse(&text).map_err(TestCaseError::fail)?;
        prop_assert_eq!(rows.len(), log.len() + 1);
        for (number, said) in log.iter().enumerate() {
            for (column, value) in values(said) {
                prop_assert_eq!(cell(&rows, number, column), value);
            }
            let time = said.time.map(timestamp).unwrap_or_default();
            prop_assert_eq!(cell(&rows, number, "timestamp"), time);
        }
    }

    #[test]
    fn spreadsheets_find_no_formula_and_people_nothing_hidden(log in log()) {
        let text = world::exported(&log, "csv", None);
        prop_assert_eq!(text.lines().count(), log.len() + 1, "a line a row");
        let rows = parse(&text).map_err(TestCaseError::fail)?;
        for (number, said) in log.iter().enumerate() {
            for (column, value) in values(said) {
                let cell = cell(&rows, number, column);
                let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\u{FF1D}']);
                prop_assert!(!is_formula, "{}", cell);
                let unguarded = cell.strip_prefix('\'').filter(|_| !value.starts_with('\''));
                prop_assert_eq!(unguarded.unwrap_or(cell), terminal(value));
            }
        }
    }
}

#[test]
fn incidents_are_rows() {
    let alerts = world::alerts("=cmd|' /C calc'!A0", "e");
    for (format, agent) in [
        ("csv", "'=cmd|' /C calc'!A0"),
        ("csv-raw", "=cmd|' /C calc'!A0"),
    ] {
        let text = world::of_lines(&[], format, None, &alerts);
        let rows = parse(&text).expect("a table");
        assert_eq!(rows.len(), alerts.len() + 1);
        for (number, alert) in alerts.iter().enumerate() {
            assert_eq!(cell(&rows, number, "type"), "incident");
            assert_eq!(cell(&rows, number, "agent_id"), agent);
            assert_eq!(cell(&rows, number, "incident_id"), alert.id);
            assert_eq!(cell(&rows, number, "event_id"), alert.events[0]);
        }
    }
}

#[test]
fn the_parser_refuses_what_is_malformed() {
    for text in [
        "a,b\n1,\"say \"no\"\"\n",
        "a,b\n1\n",
        "a,b\n1,2",
        "a\n\"1\n",
        "a\nsay \"no\"\n",
    ] {
        assert!(parse(text).is_err(), "{text}");
    }
}
