//! A JSON Schema made ready for the walk. Owns the part of JSON Schema that the model's types
//! derive; a test holds that they derive no other.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Node, NodeKind};

/// A place in [`Shapes`].
pub(super) type Id = usize;

/// What nodes may be, with `$ref` resolved to places.
pub(super) struct Shapes {
    shapes: Vec<Shape>,
    /// What the document itself must be.
    pub(super) root: Id,
}

/// What a node may be.
#[derive(Debug, PartialEq)]
pub(super) enum Shape {
    Any,
    Null,
    Bool,
    Number {
        whole: bool,
        minimum: Option<f64>,
        maximum: Option<f64>,
    },
    String {
        min_length: usize,
        is_date: bool,
    },
    Words(Vec<String>),
    Array {
        min_items: usize,
        items: Id,
    },
    Object(Object),
    /// One of these, which differ in the type of node that they take.
    Choice(Vec<Id>),
}

/// What an object may be.
#[derive(Debug, PartialEq)]
pub(super) struct Object {
    pub(super) properties: BTreeMap<String, Id>,
    pub(super) required: Vec<String>,
    /// What members of other keys must be; `None` forbids them.
    pub(super) others: Option<Id>,
    pub(super) min_properties: usize,
}

impl Shapes {
    /// Reads a schema. What it does not know, it takes for an annotation.
    pub(super) fn new(schema: &Value) -> Self {
        let mut compiler = Compiler {
            definitions: schema.get("$defs").and_then(Value::as_object),
            shapes: vec![Shape::Any],
            named: BTreeMap::new(),
        };
        let root = compiler.compile(schema);
        Self {
            shapes: compiler.shapes,
            root,
        }
    }

    pub(super) fn get(&self, id: Id) -> &Shape {
        self.shapes.get(id).unwrap_or(&Shape::Any)
    }

    /// Whether a shape is about nodes of this type.
    pub(super) fn takes(&self, id: Id, node: &Node) -> bool {
        match (self.get(id), &node.kind) {
            (Shape::Any, _)
            | (Shape::Null, NodeKind::Null)
            | (Shape::Bool, NodeKind::Bool(_))
            | (Shape::String { .. } | Shape::Words(_), NodeKind::String(_))
            | (Shape::Array { .. }, NodeKind::Array(_))
            | (Shape::Object(_), NodeKind::Object(_)) => true,
            (Shape::Number { whole, .. }, NodeKind::Number(number)) => {
                !whole || number.fract() == 0.0
            }
            (Shape::Choice(branches), _) => branches.iter().any(|&id| self.takes(id, node)),
            _ => false,
        }
    }
}

/// The place of [`Shape::Any`], and of a definition that is still being read.
const ANY: Id = 0;

struct Compiler<'s> {
    definitions: Option<&'s Map<String, Value>>,
    shapes: Vec<Shape>,
    named: BTreeMap<&'s str, Id>,
}

impl<'s> Compiler<'s> {
    fn compile(&mut self, schema: &'s Value) -> Id {
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            return self.definition(target);
        }
        let shape = self.shape(schema);
        self.add(shape)
    }

    fn add(&mut self, shape: Shape) -> Id {
        self.shapes.push(shape);
        self.shapes.len() - 1
    }

    /// A definition gets its place before it is read, so that it may name itself.
    fn definition(&mut self, target: &'s str) -> Id {
        let name = target.strip_prefix("#/$defs/").unwrap_or(target);
        if let Some(&id) = self.named.get(name) {
            return id;
        }
        let Some(schema) = self.definitions.and_then(|all| all.get(name)) else {
            return ANY;
        };
        let id = self.add(Shape::Any);
        self.named.insert(name, id);
        let shape = self.shape(schema);
        if let Some(place) = self.shapes.get_mut(id) {
            *place = shape;
        }
        id
    }

    fn shape(&mut self, schema: &'s Value) -> Shape {
        if let Some(words) = words(schema) {
            return Shape::Words(words);
        }
        for key in ["anyOf", "oneOf"] {
            if let Some(Value::Array(branches)) = schema.get(key) {
                return Shape::Choice(branches.iter().map(|branch| self.compile(branch)).collect());
            }
        }
        if schema.get("$ref").is_some() {
            return Shape::Choice(vec![self.compile(schema)]);
        }
        match schema.get("type") {
            Some(Value::String(name)) => self.typed(name, schema),
            Some(Value::Array(names)) => Shape::Choice(
                names
                    .iter()
                    .filter_map(Value::as_str)
                    .map(|name| {
                        let shape = self.typed(name, schema);
                        self.add(shape)
                    })
                    .collect(),
            ),
            _ => Shape::Any,
        }
    }

    fn typed(&mut self, name: &str, schema: &'s Value) -> Shape {
        let number = |key| schema.get(key).and_then(Value::as_f64);
        let count = |key| {
            let count = schema.get(key).and_then(Value::as_u64).unwrap_or_default();
            usize::try_from(count).unwrap_or(usize::MAX)
        };
        match name {
            "null" => Shape::Null,
            "boolean" => Shape::Bool,
            "integer" | "number" => Shape::Number {
                whole: name == "integer",
                minimum: number("minimum"),
                maximum: number("maximum"),
            },
            "string" => Shape::String {
                min_length: count("minLength"),
                is_date: schema.get("format").is_some_and(|name| name == "date-time"),
            },
            "array" => Shape::Array {
                min_items: count("minItems"),
                items: schema.get("items").map_or(ANY, |items| self.compile(items)),
            },
            "object" => {
                let min_properties = count("minProperties");
                Shape::Object(self.object(schema, min_properties))
            }
            _ => Shape::Any,
        }
    }

    fn object(&mut self, schema: &'s Value, min_properties: usize) -> Object {
        let properties = schema.get("properties").and_then(Value::as_object);
        let required = schema.get("required").and_then(Value::as_array);
        Object {
            properties: properties
                .into_iter()
                .flatten()
                .map(|(key, schema)| (key.clone(), self.compile(schema)))
                .collect(),
            required: required
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            others: match schema.get("additionalProperties") {
                Some(Value::Bool(false)) => None,
                Some(schema @ Value::Object(_)) => Some(self.compile(schema)),
                _ => Some(ANY),
            },
            min_properties,
        }
    }
}

/// The words of an enumeration, in whichever form `schemars` writes it.
fn words(schema: &Value) -> Option<Vec<String>> {
    let word = |value: &Value| value.as_str().map(str::to_owned);
    if let Some(Value::Array(words)) = schema.get("enum") {
        return words.iter().map(word).collect();
    }
    if let Some(value) = schema.get("const") {
        return Some(vec![word(value)?]);
    }
    let branches = schema.get("oneOf")?.as_array()?;
    let mut all = Vec::new();
    for branch in branches {
        all.extend(words(branch)?);
    }
    Some(all)
}
