//! The tree that JSON and YAML are both read into. Owns its shape and its conversion to plain JSON;
//! knows neither syntax.

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::{Map, Number, Value};

use super::MAX_SAFE_INTEGER;
use crate::diagnostic::Span;

/// A value and where it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Its bytes, quotes and brackets included.
    pub span: Span,
    /// What it is.
    pub kind: NodeKind,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number: finite, and not beyond ±(2^53 - 1).
    Number(f64),
    /// A string without surrogates and noncharacters.
    String(String),
    /// A list.
    Array(Vec<Node>),
    /// An object: no two members have the same key.
    Object(Vec<Member>),
}

/// A member of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Its key.
    pub key: String,
    /// The bytes of the key, quotes included.
    pub key_span: Span,
    /// Its value.
    pub value: Node,
}

impl Node {
    /// The member `key` of an object; `None` when there is none or this is no object.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.kind {
            NodeKind::Object(members) => members
                .iter()
                .find(|member| member.key == key)
                .map(|member| &member.value),
            _ => None,
        }
    }

    /// The text of a string; `None` of anything else.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of a list; `None` of anything else.
    pub fn as_array(&self) -> Option<&[Self]> {
        match &self.kind {
            NodeKind::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The value without its places. Whole numbers become integers, so that `5.0` is read wherever
    /// `5` is.
    pub fn to_json(&self) -> Value {
        match &self.kind {
            NodeKind::Null => Value::Null,
            NodeKind::Bool(value) => Value::Bool(*value),
            NodeKind::Number(value) => number(*value),
            NodeKind::String(text) => Value::String(text.clone()),
            NodeKind::Array(items) => Value::Array(items.iter().map(Self::to_json).collect()),
            NodeKind::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|member| (member.key.clone(), member.value.to_json()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }

    /// Whether two values are the same with their members in the same order, wherever they stand.
    /// Recurses as deep as the document is, which is limited.
    pub fn says(&self, other: &Self) -> bool {
        match (&self.kind, &other.kind) {
            (NodeKind::Array(one), NodeKind::Array(other)) => {
                let mut pairs = one.iter().zip(other);
                one.len() == other.len() && pairs.all(|(one, other)| one.says(other))
            }
            (NodeKind::Object(one), NodeKind::Object(other)) => {
                let mut pairs = one.iter().zip(other);
                one.len() == other.len()
                    && pairs
                        .all(|(one, other)| one.key == other.key && one.value.says(&other.value))
            }
            (one, other) => one == other,
        }
    }

    /// What messages call a value of this type: `a string`.
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            NodeKind::Null => "null",
            NodeKind::Bool(true) => "`true`",
            NodeKind::Bool(false) => "`false`",
            NodeKind::Number(_) => "a number",
            NodeKind::String(_) => "a string",
            NodeKind::Array(_) => "a list",
            NodeKind::Object(_) => "an object",
        }
    }
}

fn number(value: f64) -> Value {
    match integer(value) {
        Some(integer) => Value::Number(Number::from(integer)),
        None => Number::from_f64(value).map_or(Value::Null, Value::Number),
    }
}

/// The number as an integer, if it is one that every double can tell from its neighbours.
pub(super) fn integer(value: f64) -> Option<i64> {
    // Exact: the value is whole and far inside the range of `i64`.
    (value.fract() == 0.0 && value.abs() <= MAX_SAFE_INTEGER).then_some(value as i64)
}

impl Serialize for Node {
    /// As [`Node::to_json`] does, without the copy.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.kind {
            NodeKind::Null => serializer.serialize_unit(),
            NodeKind::Bool(value) => serializer.serialize_bool(*value),
            NodeKind::Number(value) => match integer(*value) {
                Some(integer) => serializer.serialize_i64(integer),
                None => serializer.serialize_f64(*value),
            },
            NodeKind::String(text) => serializer.serialize_str(text),
            NodeKind::Array(items) => serializer.collect_seq(items),
            NodeKind::Object(members) => Members(members, None).serialize(serializer),
        }
    }
}

/// The members of an object, without the one of a certain key.
pub struct Members<'n>(pub &'n [Member], pub Option<&'n str>);

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(members, without) = self;
        let mut map = serializer.serialize_map(None)?;
        for member in *members {
            if *without != Some(member.key.as_str()) {
                map.serialize_entry(&member.key, &member.value)?;
            }
        }
        map.end()
    }
}
