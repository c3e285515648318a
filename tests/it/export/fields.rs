//! JSON Lines, Timesketch, and what the JSON of schemas says of each field.

use proptest::prelude::*;
use serde_json::Value;

use super::hostile::{cut, log};
use super::world::{self, NOON_MILLIS, timestamp};

fn parse(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn json_lines_are_exact_and_hide_nothing(log in log()) {
        let text = world::exported(&log, "jsonl", None);
        prop_assert!(text.ends_with('\n'));
        let hidden = text.find(['\u{202E}', '\u{1B}', '\u{200B}', '\u{7F}', '\u{2028}']);
        prop_assert_eq!(hidden, None);
        prop_assert_eq!(text.lines().count(), log.len());
        for (line, said) in text.lines().zip(&log) {
            let read = parse(line);
            prop_assert_eq!(&read["event_id"], &said.event_id);
            prop_assert_eq!(&read["request_id"], &said.request_id);
            prop_assert_eq!(&read["agent_id"], &said.agent_id);
            prop_assert_eq!(&read["tool_name"], &said.tool_name);
            prop_assert_eq!(&read["environment"], &said.environment);
            prop_assert_eq!(&read["outcome"], said.outcome);
            prop_assert_eq!(&read["reasons"][0]["code"], &said.code);
            prop_assert_eq!(&read["reasons"][0]["message"], &said.message);
            prop_assert_eq!(read["plugin_source"].as_str(), said.plugin.as_deref());
            let time = said.time.map(timestamp);
            prop_assert_eq!(read["timestamp"].as_str(), time.as_deref());
        }
    }

    #[test]
    fn timesketch_has_what_it_must_have(log in log()) {
        let text = world::exported(&log, "timesketch", None);
        let timed: Vec<_> = log.iter().filter(|said| said.time.is_some()).collect();
        prop_assert_eq!(text.lines().count(), timed.len());
        for (line, said) in text.lines().zip(timed) {
            let read = parse(line);
            let millis = said.time.expect("a time");
            let datetime = timestamp(millis).replace('Z', "000+00:00");
            prop_assert_eq!(&read["datetime"], &datetime);
            let micros = (NOON_MILLIS + i64::from(millis)) * 1000;
            prop_assert_eq!(read["timestamp"].as_i64(), Some(micros));
            prop_assert_eq!(&read["timestamp_desc"], "Agent decision");
            prop_assert!(read["message"].as_str().is_some_and(|text| !text.is_empty()));
            for (key, value) in [
                ("event_id", &said.event_id),
                ("request_id", &said.request_id),
                ("agent_id", &said.agent_id),
                ("tool_name", &said.tool_name),
                ("environment", &said.environment),
                ("code", &said.code),
                ("reason", &said.message),
            ] {
                prop_assert_eq!(&read[key], &cut(value, 32_765));
            }
            for value in read.as_object().expect("an object").values() {
                prop_assert!(value.as_str().is_none_or(|text| text.len() < 32_766));
            }
            let tags = read["tag"].as_array().expect("tags");
            prop_assert!(tags.iter().all(|tag| tag.as_str().is_some_and(|tag| !tag.is_empty())));
            prop_assert_eq!(&tags[0], said.outcome);
        }
    }
}

#[test]
fn incidents_are_entries_of_a_timeline() {
    let alerts = world::alerts("a\u{202E}", "e");
    let text = world::of_lines(&[], "timesketch", None, &alerts);
    for (line, alert) in text.lines().zip(&alerts) {
        let read = parse(line);
        assert_eq!(read["incident_id"], alert.id);
        assert_eq!(read["agent_id"], "a\u{202E}");
        assert_eq!(read["timestamp"], alert.detected.micros());
        assert_eq!(read["tag"][0], "incident");
    }
    let text = world::of_lines(&[], "jsonl", None, &alerts);
    for (line, alert) in text.lines().zip(&alerts) {
        let read = parse(line);
        assert_eq!(read["type"], "incident");
        assert_eq!(read["event_ids"][0], alert.events[0]);
        assert_eq!(read["count"], alert.count);
    }
}
