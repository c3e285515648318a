//! JSON Schema out of the model's own types, so that editors, this loader and the types cannot
//! disagree. Owns what this project makes of what `schemars` derives.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

/// What the names of all schemas begin with.
const BASE: &str = "urn:agent-spm:schema";

/// The schema of a document (JSON Schema draft 2020-12), with `$schema`, `$id` and `title`.
///
/// In strict documents, which refuse unknown members, a member that may be left out does not accept
/// `null` instead: a policy says something or it does not.
pub fn json_schema<T: JsonSchema>() -> Value {
    let schema = SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<T>();
    let mut schema = Value::from(schema);
    adapt(&mut schema);
    if let Value::Object(root) = &mut schema {
        let name = T::schema_name().to_lowercase();
        root.insert("$id".to_owned(), format!("{BASE}:{name}:1").into());
    }
    schema
}

fn adapt(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.get("additionalProperties") == Some(&Value::Bool(false)) {
                optional_is_not_null(object);
            }
            if let Some(Value::String(description)) = object.get_mut("description") {
                *description = one_line(description);
            }
            object.values_mut().for_each(adapt);
        }
        Value::Array(items) => items.iter_mut().for_each(adapt),
        _ => {}
    }
}

/// Doc comments are broken at the width of the source text; paragraphs stay.
fn one_line(text: &str) -> String {
    let paragraphs: Vec<String> = text
        .split("\n\n")
        .map(|paragraph| paragraph.replace('\n', " "))
        .collect();
    paragraphs.join("\n\n")
}

/// `Option` derives "absent or null"; only "absent" is kept.
fn optional_is_not_null(object: &mut Map<String, Value>) {
    let required: Vec<Value> = match object.get("required") {
        Some(Value::Array(required)) => required.clone(),
        _ => Vec::new(),
    };
    let Some(Value::Object(properties)) = object.get_mut("properties") else {
        return;
    };
    for (name, property) in properties.iter_mut() {
        if let (false, Value::Object(property)) = (required.iter().any(|key| key == name), property)
        {
            without_null(property);
        }
    }
}

fn without_null(property: &mut Map<String, Value>) {
    if property.get("default").is_some_and(Value::is_null) {
        property.remove("default");
    }
    if let Some(Value::Array(types)) = property.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            property.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(branches)) = property.get_mut("anyOf") {
        branches.retain(|branch| branch.get("type").is_none_or(|name| name != "null"));
        if let [Value::Object(only)] = branches.as_slice() {
            let only = only.clone();
            property.remove("anyOf");
            for (key, value) in only {
                property.entry(key).or_insert(value);
            }
        }
    }
}
