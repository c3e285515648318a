//! OCSF and ECS: every member is one that the schema has, of its type, with its own values.
//!
//! The tables in `testdata/dictionaries` are what OCSF 1.8.0 and ECS 9.4.0 say of the members that
//! we write, and of those that must be there.

use proptest::prelude::*;
use serde_json::Value;

use super::hostile::{cut, log};
use super::world::{self, NOON_MILLIS, timestamp};

fn table(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// What is wrong with an OCSF event.
fn ocsf(event: &Value) -> Vec<String> {
    let schema = table(include_str!("../../../testdata/dictionaries/ocsf-1.8.json"));
    let mut wrong = Vec::new();
    let class = event["class_uid"].to_string();
    let Some(class) = schema["classes"].get(&class) else {
        return vec![format!("no class {class}")];
    };
    object(&schema, class, event, "", &mut wrong);
    let number = |key: &str| event[key].as_u64().unwrap_or_default();
    if number("type_uid") != number("class_uid") * 100 + number("activity_id") {
        wrong.push("type_uid is not class_uid and activity_id".to_owned());
    }
    wrong
}

fn object(schema: &Value, shape: &Value, value: &Value, path: &str, wrong: &mut Vec<String>) {
    let Some(members) = value.as_object() else {
        return wrong.push(format!("{path} is no object"));
    };
    let attributes = shape["attributes"].as_object().expect("attributes");
    for (name, attribute) in attributes {
        if attribute["required"] == true && !members.contains_key(name) {
            wrong.push(format!("{path}.{name} is missing"));
        }
    }
    if let Some(names) = shape["at_least_one"].as_array() {
        let has = |name: &Value| members.contains_key(name.as_str().expect("a name"));
        if !names.iter().any(has) {
            wrong.push(format!("{path} has none of {names:?}"));
        }
    }
    for (name, member) in members {
        let path = format!("{path}.{name}");
        let Some(attribute) = attributes.get(name) else {
            wrong.push(format!("{path} is not in the schema"));
            continue;
        };
        let items = match (attribute["array"] == true, member.as_array()) {
            (true, Some(items)) => items.as_slice(),
            (false, None) => std::slice::from_ref(member),
            _ => {
                wrong.push(format!("{path} is an array or none"));
                continue;
            }
        };
        for item in items {
            let kind = attribute["type"].as_str().expect("a type");
            let fits = match kind {
                "string_t" => item.is_string(),
                "integer_t" | "long_t" | "timestamp_t" => item.is_i64() || item.is_u64(),
                "boolean_t" => item.is_boolean(),
                "json_t" | "object" => true,
                other => {
                    object(schema, &schema["objects"][other], item, &path, wrong);
                    true
                }
            };
            if !fits {
                wrong.push(format!("{path} is no {kind}: {item}"));
            }
            caption(attribute, item, members, &path, wrong);
        }
    }
}

/// A number of an enumeration, and the caption beside it.
fn caption(
    attribute: &Value,
    item: &Value,
    members: &serde_json::Map<String, Value>,
    path: &str,
    wrong: &mut Vec<String>,
) {
    let Some(values) = attribute["enum"].as_object() else {
        return;
    };
    let Some(caption) = values.get(&item.to_string()) else {
        return wrong.push(format!("{path} has the value {item}"));
    };
    let sibling = attribute["sibling"].as_str();
    let beside = sibling.and_then(|sibling| members.get(sibling));
    // The caption of "other" is what the source calls it.
    if beside.is_some_and(|beside| beside != caption) && *item != 99 {
        wrong.push(format!("{path} is {item}, and beside it {beside:?}"));
    }
}

/// What is wrong with an ECS document.
fn ecs(document: &Value) -> Vec<String> {
    let schema = table(include_str!("../../../testdata/dictionaries/ecs-9.4.json"));
    let mut wrong = Vec::new();
    flat(&schema, document, "", &mut wrong);
    for required in ["@timestamp", "message"] {
        if !document[required].is_string() {
            wrong.push(format!("{required} is missing"));
        }
    }
    let event = &document["event"];
    for category in event["category"].as_array().into_iter().flatten() {
        let expected = &schema["event.category"]["expected_types"][category.as_str().unwrap_or("")];
        let expected = expected.as_array().expect("types of the category");
        for kind in event["type"].as_array().into_iter().flatten() {
            if !expected.contains(kind) {
                wrong.push(format!("{kind} is no type of {category}"));
            }
        }
    }
    wrong
}

fn flat(schema: &Value, value: &Value, path: &str, wrong: &mut Vec<String>) {
    let Some(field) = schema.get(path) else {
        match value.as_object() {
            Some(members) => {
                for (name, member) in members {
                    let dot = if path.is_empty() { "" } else { "." };
                    flat(schema, member, &format!("{path}{dot}{name}"), wrong);
                }
            }
            None => wrong.push(format!("{path} is not in the schema")),
        }
        return;
    };
    let items = match (field["array"] == true, value.as_array()) {
        (true, Some(items)) => items.as_slice(),
        (false, None) => std::slice::from_ref(value),
        _ => return wrong.push(format!("{path} is an array or none")),
    };
    for item in items {
        let fits = match field["type"].as_str().expect("a type") {
            "keyword" => item
                .as_str()
                .is_some_and(|text| text.chars().count() <= 1024),
            "match_only_text" => item.is_string(),
            "date" => item.as_str().is_some_and(|text| text.ends_with('Z')),
            "long" => item.is_i64() || item.is_u64(),
            "object" => {
                let labels = item.as_object();
                labels.is_some_and(|labels| labels.values().all(Value::is_string))
            }
            other => panic!("a type {other}"),
        };
        if !fits {
            wrong.push(format!("{path} does not fit: {item}"));
        }
        if let Some(values) = field["values"].as_array()
            && !values.contains(item)
        {
            wrong.push(format!("{path} has the value {item}"));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn decisions_are_api_activity(log in log()) {
        let text = world::exported(&log, "ocsf", None);
        let timed: Vec<_> = log.iter().filter(|said| said.time.is_some()).collect();
        prop_assert_eq!(text.lines().count(), timed.len());
        for (line, said) in text.lines().zip(timed) {
            let event: Value = serde_json::from_str(line).expect("JSON");
            prop_assert_eq!(ocsf(&event), Vec::<String>::new());
            let millis = NOON_MILLIS + i64::from(said.time.expect("a time"));
            prop_assert_eq!(event["time"].as_i64(), Some(millis));
            for (pointer, value) in [
                ("/actor/app_uid", &said.agent_id),
                ("/src_endpoint/name", &said.agent_id),
                ("/api/operation", &said.tool_name),
                ("/api/request/uid", &said.request_id),
                ("/metadata/uid", &said.event_id),
                ("/metadata/correlation_uid", &said.request_id),
            ] {
                let read = event.pointer(pointer).and_then(Value::as_str);
                prop_assert_eq!(read.map(str::to_owned), Some(cut(value, 65_535)), "{}", pointer);
            }
            prop_assert_eq!(&event["unmapped"]["environment"], &said.environment);
            prop_assert_eq!(&event["unmapped"]["reasons"][0]["message"], &said.message);
            prop_assert_eq!(event["unmapped"]["plugin_source"].as_str(), said.plugin.as_deref());
            prop_assert_eq!(&event["metadata"]["event_code"], said.outcome);
        }
    }

    #[test]
    fn decisions_are_documents_of_the_common_schema(log in log()) {
        let text = world::exported(&log, "ecs", None);
        let timed: Vec<_> = log.iter().filter(|said| said.time.is_some()).collect();
        prop_assert_eq!(text.lines().count(), timed.len());
        for (line, said) in text.lines().zip(timed) {
            let document: Value = serde_json::from_str(line).expect("JSON");
            prop_assert_eq!(ecs(&document), Vec::<String>::new());
            prop_assert_eq!(&document["@timestamp"], &timestamp(said.time.expect("a time")));
            for (pointer, value) in [
                ("/gen_ai/agent/id", &said.agent_id),
                ("/related/user/0", &said.agent_id),
                ("/gen_ai/tool/name", &said.tool_name),
                ("/event/action", &said.tool_name),
                ("/event/id", &said.event_id),
                ("/transaction/id", &said.request_id),
            ] {
                let read = document.pointer(pointer).and_then(Value::as_str);
                prop_assert_eq!(read.map(str::to_owned), Some(cut(value, 1024)), "{}", pointer);
            }
            prop_assert_eq!(&document["event"]["code"], said.outcome);
        }
    }
}

#[test]
fn incidents_are_findings_and_alerts() {
    let alerts = world::alerts("a\u{202E}<b>", "e");
    let text = world::of_lines(&[], "ocsf", None, &alerts);
    for (line, alert) in text.lines().zip(&alerts) {
        let event: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(ocsf(&event), Vec::<String>::new(), "{line}");
        assert_eq!(event["finding_info"]["uid"], alert.id);
        assert_eq!(
            event["finding_info"]["related_events"][0]["uid"],
            alert.events[0]
        );
        assert_eq!(event["evidences"][0]["data"]["agent_id"], "a\u{202E}<b>");
    }
    let text = world::of_lines(&[], "ecs", None, &alerts);
    for (line, alert) in text.lines().zip(&alerts) {
        let document: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(ecs(&document), Vec::<String>::new(), "{line}");
        assert_eq!(document["event"]["kind"], "alert");
        assert_eq!(document["event"]["id"], alert.id);
    }
}

/// What it is called, and how it is planted.
type Fault = (&'static str, fn(&mut Value));

/// Each of these faults is found, so that finding none says something.
#[test]
fn the_tables_find_faults() {
    let alerts = world::alerts("a", "e");
    let text = world::of_lines(&[], "ocsf", None, &alerts);
    let good: Value = serde_json::from_str(text.lines().next().expect("one")).expect("JSON");
    let faults: [Fault; 6] = [
        ("a missing member", |event| {
            event
                .as_object_mut()
                .expect("an object")
                .remove("severity_id");
        }),
        ("an unknown member", |event| event["ai_agent"] = "a".into()),
        ("a wrong type_uid", |event| {
            event["type_uid"] = 200_402.into()
        }),
        ("a wrong caption", |event| event["severity"] = "Bad".into()),
        ("a wrong type", |event| event["time"] = "now".into()),
        ("an object without any of its names", |event| {
            event["metadata"]["product"] = serde_json::json!({"vendor_name": "v"});
        }),
    ];
    for (fault, plant) in faults {
        let mut event = good.clone();
        plant(&mut event);
        assert_ne!(ocsf(&event), Vec::<String>::new(), "{fault}");
    }
    let text = world::of_lines(&[], "ecs", None, &alerts);
    let good: Value = serde_json::from_str(text.lines().next().expect("one")).expect("JSON");
    let faults: [Fault; 4] = [
        ("a field of the shipper", |document| {
            document["agent"]["id"] = "a".into()
        }),
        ("a category that is no array", |document| {
            document["event"]["category"] = "api".into()
        }),
        ("a value that is not allowed", |document| {
            document["event"]["kind"] = "bad".into()
        }),
        ("a type of another category", |document| {
            document["event"]["type"] = serde_json::json!(["creation"]);
        }),
    ];
    for (fault, plant) in faults {
        let mut document = good.clone();
        plant(&mut document);
        assert_ne!(ecs(&document), Vec::<String>::new(), "{fault}");
    }
}
