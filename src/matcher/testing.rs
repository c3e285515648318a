//! Requests from JSON, for tests.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::model::bundle::TrustLevel;
use crate::model::request::{Argument, ArgumentValue, Name, Request, Value};

/// The request that a native line holds, as far as the matcher reads it.
pub(crate) fn request(line: &str) -> Request {
    request_of(&serde_json::from_str(line).expect("the line is JSON"))
}

/// The same of a line that was read.
pub(crate) fn request_of(line: &Json) -> Request {
    let mut request = Request::default();
    let [agent, action, context] = ["agent", "action", "context"].map(|key| line.member(key));
    request.environment = name(&mut request, agent.member("environment"));
    request.agent_type = name(&mut request, agent.member("agent_type"));
    request.trust_level = match agent.member("trust_level") {
        Json::String(level) => TrustLevel::parse(level.as_bytes()),
        _ => None,
    };
    request.roles = names(&mut request, agent.member("roles"));
    request.tool_name = name(&mut request, action.member("tool_name"));
    request.tool_provider = name(
        &mut request,
        action.member("tool_identity").member("provider"),
    );
    request.data_labels = names(&mut request, context.member("data_labels"));
    request.begin_arguments();
    members(&mut request, action.member("tool_args"), 0);
    request.end_arguments();
    if let Json::String(input) = context.member("user_input")
        && !input.is_empty()
    {
        request.user_input = Some(value(&mut request, input));
    }
    request
}

/// JSON whose members stay in order.
#[derive(Clone, Debug)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(f64),
    String(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    pub(crate) fn member(&self, key: &str) -> &Self {
        match self {
            Self::Object(members) => members
                .iter()
                .rev()
                .find(|(name, _)| name == key)
                .map_or(&Self::Null, |(_, member)| member),
            _ => &Self::Null,
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyJson;
        impl<'de> Visitor<'de> for AnyJson {
            type Value = Json;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }
            fn visit_unit<E>(self) -> Result<Json, E> {
                Ok(Json::Null)
            }
            fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
                Ok(Json::Bool(value))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
                Ok(Json::Number(value as f64))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
                Ok(Json::Number(value as f64))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
                Ok(Json::Number(value))
            }
            fn visit_str<E>(self, value: &str) -> Result<Json, E> {
                Ok(Json::String(value.to_owned()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
                let mut elements = Vec::new();
                while let Some(element) = access.next_element()? {
                    elements.push(element);
                }
                Ok(Json::Array(elements))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = access.next_entry()? {
                    members.push(member);
                }
                Ok(Json::Object(members))
            }
        }
        deserializer.deserialize_any(AnyJson)
    }
}

fn write<'a>(text: &'a str) -> impl FnOnce(&mut Vec<u8>) + 'a {
    |out| out.extend_from_slice(text.as_bytes())
}

fn name(request: &mut Request, json: &Json) -> Option<Name> {
    let Json::String(name) = json else {
        return None;
    };
    Some(request.add_name(write(name)))
}

fn names(request: &mut Request, json: &Json) -> Vec<Name> {
    match json {
        Json::Array(names) => names
            .iter()
            .filter_map(|json| name(request, json))
            .collect(),
        _ => Vec::new(),
    }
}

fn value(request: &mut Request, value: &str) -> Value {
    request.add_value(write(value))
}

fn members(request: &mut Request, json: &Json, depth: u16) {
    if let Json::Object(members) = json {
        for (key, member) in members {
            let key = request.add_name(write(key));
            argument(request, key, member, depth);
        }
    }
}

fn argument(request: &mut Request, key: Name, json: &Json, depth: u16) {
    let found = match json {
        Json::Null => ArgumentValue::Null,
        Json::Bool(flag) => {
            value(request, if *flag { "true" } else { "false" });
            ArgumentValue::Bool(*flag)
        }
        Json::Number(number) => {
            let mut buffer = ryu_js::Buffer::new();
            ArgumentValue::Number(value(request, buffer.format(*number)))
        }
        Json::String(string) => ArgumentValue::String(value(request, string)),
        Json::Array(_) | Json::Object(_) => ArgumentValue::Composite,
    };
    request.arguments.push(Argument {
        key,
        depth,
        value: found,
    });
    match json {
        Json::Array(elements) => {
            for element in elements {
                argument(request, key, element, depth + 1);
            }
        }
        _ => members(request, json, depth + 1),
    }
}
