//! The generated schemas, judged by an independent validator: they accept the examples and refuse
//! what the loader refuses.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use agent_spm::document::schema::json_schema;
use agent_spm::document::{self, Format, Limits};
use agent_spm::model::bundle::Bundle;
use agent_spm::model::call::Call;
use agent_spm::model::event::Event;
use agent_spm::model::manifest::Manifest;
use agent_spm::model::pipeline::PipelineFile;
use jsonschema::Validator;
use serde_json::{Value, json};

fn validator(schema: &Value) -> Validator {
    jsonschema::draft202012::meta::validate(schema).expect("a schema by the meta-schema");
    jsonschema::options()
        .should_validate_formats(true)
        .build(schema)
        .expect("a schema")
}

/// What the schema of bundles cannot say.
const BEYOND_THE_SCHEMA: [&str; 3] = [
    "duplicate-rule-id.yaml",
    "expires-too-early.yaml",
    "every-problem.yaml",
];

#[test]
fn the_schema_of_bundles_agrees_with_the_loader() {
    let validator = validator(&json_schema::<Bundle>());
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/documents/bundle");
    let (mut accepted, mut refused) = (0, 0);
    for entry in fs::read_dir(directory).expect("the fixtures") {
        let path = entry.expect("a fixture").path();
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let bytes = fs::read(&path).expect("a fixture");
        let format = Format::of(&name, &bytes);
        let Ok(document) = document::parse(&bytes, &name, format, Limits::default()) else {
            continue;
        };
        if BEYOND_THE_SCHEMA.contains(&name.as_str()) {
            continue;
        }
        let loads = Bundle::load(&bytes, &name, format, Limits::default()).is_ok();
        let valid = validator.is_valid(&document.root.to_json());
        assert_eq!(valid, loads, "{name}");
        if valid {
            accepted += 1;
        } else {
            refused += 1;
        }
    }
    assert!(refused > 10 && accepted > 3, "{refused} {accepted}");
}

#[test]
fn a_recorded_call_is_described() {
    let validator = validator(&json_schema::<Call>());
    let call = json!({
        "request_id": "r1",
        "timestamp": "2026-01-01T00:00:00.100Z",
        "agent": {
            "agent_id": "a", "name": "A", "owner": null, "environment": "prod",
            "trust_level": "basic", "roles": ["r"], "another": 1
        },
        "action": {
            "type": "tool_call", "tool_name": "query_db", "tool_args": {"q": "select"},
            "tool_identity": {"tool_name": "query_db", "provider": "mcp", "verified": false}
        },
        "context": {"user_input": "u", "data_labels": ["PII"], "delegation_chain": ["b"]},
        "result": {"rows": 3},
        "approval": {"approved": true, "latency_ms": 1.5, "ticket_id": "CHG-1"},
        "recorded": {"outcome": "ALLOW"},
        "expect": {"outcome": "DENY", "code": "NO_DUMP", "plugin": null}
    });
    assert!(validator.is_valid(&call));
    let typed: Call = serde_json::from_value(call.clone()).expect("a call");
    assert!(typed.approval.is_some_and(|approval| approval.approved));
    for (pointer, wrong) in [
        ("/timestamp", json!("yesterday")),
        ("/agent/environment", json!(null)),
        ("/agent/trust_level", json!("godlike")),
        ("/action/tool_args", json!([])),
        ("/expect/outcome", json!("deny")),
        ("/approval/latency_ms", json!(-1)),
    ] {
        let mut call = call.clone();
        *call.pointer_mut(pointer).expect("a member") = wrong;
        assert!(!validator.is_valid(&call), "{pointer}");
    }
}

#[test]
fn an_audit_event_is_described() {
    let validator = validator(&json_schema::<Event>());
    let event = json!({
        "event_id": "0b6ff2f8-6a5c-4f0e-9d59-0d2a3b6c9a11",
        "timestamp": "2026-01-01T00:00:00.000Z",
        "request_id": "r1", "agent_id": "a", "tool_name": "t", "outcome": "KILL_SWITCH",
        "reasons": [{"code": "AGENT_KILL_SWITCH", "message": "m"}],
        "safe_payload": {"agent_id": "a", "tool_name": "t", "environment": "prod", "outcome": "KILL_SWITCH"},
        "chain": {"uid": "log-1", "seq": 0, "prev_hash": null}
    });
    assert!(validator.is_valid(&event));
    let typed: Event = serde_json::from_value(event.clone()).expect("an event");
    assert_eq!(serde_json::to_value(&typed).expect("JSON"), event);
    for (pointer, wrong) in [
        ("/outcome", json!("MAYBE")),
        ("/event_id", json!("1")),
        ("/chain", json!({"uid": "log-1", "seq": 0})),
        ("/chain/seq", json!(-1)),
        ("/reasons", json!(["x"])),
    ] {
        let mut event = event.clone();
        *event.pointer_mut(pointer).expect("a member") = wrong;
        assert!(!validator.is_valid(&event), "{pointer}");
    }
}

#[test]
fn a_manifest_is_described() {
    let validator = validator(&json_schema::<Manifest>());
    let manifest = json!({
        "name": "files", "version": "1.0", "permissions": ["read"],
        "tools": [{"name": "read_file", "description": "d", "inputSchema": {"type": "object"}, "title": "T"}]
    });
    assert!(validator.is_valid(&manifest));
    let typed: Manifest = serde_json::from_value(manifest).expect("a manifest");
    assert_eq!(typed.tools.len(), 1);
    assert!(!validator.is_valid(&json!({"tools": []})));
    assert!(!validator.is_valid(&json!({"name": "x", "tools": [{"description": "d"}]})));
}

/// The loader's own walk knows these keywords and takes the rest for annotations; a type that
/// derives another would be checked by editors and not by the loader.
#[test]
fn schemas_use_only_what_the_loader_checks() {
    const CHECKED: [&str; 16] = [
        "$ref",
        "$defs",
        "additionalProperties",
        "anyOf",
        "const",
        "enum",
        "format",
        "items",
        "maximum",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "oneOf",
        "required",
        "type",
    ];
    const ANNOTATIONS: [&str; 5] = ["$id", "$schema", "title", "description", "default"];
    const FORMATS: [&str; 6] = ["date-time", "double", "uint16", "uint32", "uint64", "uuid"];

    fn keywords(schema: &Value, found: &mut BTreeSet<String>) {
        let Value::Object(object) = schema else {
            return;
        };
        for (keyword, value) in object {
            match (keyword.as_str(), value) {
                ("properties" | "$defs", Value::Object(named)) => {
                    named.values().for_each(|schema| keywords(schema, found));
                }
                ("anyOf" | "oneOf", Value::Array(branches)) => {
                    branches.iter().for_each(|schema| keywords(schema, found));
                }
                ("items" | "additionalProperties", schema) => keywords(schema, found),
                ("format", name) => {
                    assert!(FORMATS.iter().any(|known| name == known), "{name}");
                }
                ("default", _) => {}
                _ => {
                    found.insert(keyword.clone());
                }
            }
        }
    }

    for schema in [
        json_schema::<Bundle>(),
        json_schema::<Call>(),
        json_schema::<Event>(),
        json_schema::<Manifest>(),
        json_schema::<PipelineFile>(),
    ] {
        let mut found = BTreeSet::new();
        keywords(&schema, &mut found);
        for keyword in found {
            assert!(
                CHECKED.contains(&keyword.as_str()) || ANNOTATIONS.contains(&keyword.as_str()),
                "{keyword}"
            );
        }
    }
}
