//! A call that shows something: made up, but one that could be made. Owns its forms: the request
//! that evaluation reads and the native line that people read and feed to `simulate`.

use std::fmt::Write as _;

use serde_json::Value;

use super::units::Text;
use crate::json::write_string;
use crate::model::bundle::TrustLevel;
use crate::model::request::{Argument, ArgumentValue, Name, Request};

/// Texts of one argument that are tried to be left out.
const MAX_TRIED: usize = 64;

/// A call that shows something.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Witness {
    /// `action.tool_name`
    pub tool_name: String,
    /// `agent.environment`
    pub environment: String,
    /// `agent.agent_type`
    pub agent_type: Option<String>,
    /// `agent.trust_level`
    pub trust_level: Option<TrustLevel>,
    /// `agent.roles`
    pub roles: Vec<String>,
    /// `action.tool_identity.provider`
    pub tool_provider: Option<String>,
    /// `context.data_labels`
    pub data_labels: Vec<String>,
    /// `action.tool_args`, in order, no key twice.
    pub arguments: Vec<(String, WitnessValue)>,
}

/// An argument of a [`Witness`].
#[derive(Clone, Debug, PartialEq)]
pub enum WitnessValue {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number; an infinite one is written as one too large for a double, which is read as that.
    Number(f64),
    /// A string.
    String(Text),
    /// A list of strings.
    Strings(Vec<Text>),
}

impl Witness {
    /// The call as evaluation reads it.
    pub fn request(&self) -> Request {
        let mut request = Request::default();
        let mut name = |text: &str| request.add_name(|out| out.extend_from_slice(text.as_bytes()));
        let tool_name = Some(name(&self.tool_name));
        let environment = Some(name(&self.environment));
        let agent_type = self.agent_type.as_deref().map(&mut name);
        let tool_provider = self.tool_provider.as_deref().map(&mut name);
        let roles: Vec<Name> = self.roles.iter().map(|role| name(role)).collect();
        let data_labels = self.data_labels.iter().map(|label| name(label)).collect();
        request.tool_name = tool_name;
        request.environment = environment;
        request.agent_type = agent_type;
        request.tool_provider = tool_provider;
        request.claims_roles = !roles.is_empty();
        request.roles = roles;
        request.data_labels = data_labels;
        request.trust_level = self.trust_level;
        request.begin_arguments();
        for (key, value) in &self.arguments {
            let key = request.add_name(|out| out.extend_from_slice(key.as_bytes()));
            add_argument(&mut request, key, value);
        }
        request.end_arguments();
        request
    }

    /// The call as a JSON value. What has no such value, an infinite number or half of a character,
    /// makes it a string, which is the line.
    pub fn value(&self) -> Value {
        let line = self.line();
        serde_json::from_str(&line).unwrap_or(Value::String(line))
    }

    /// The call as one line of a native recording, without the line break.
    pub fn line(&self) -> String {
        let mut line = Line(String::new());
        line.open("");
        line.text("request_id", "witness");
        line.text("timestamp", "2026-01-01T00:00:00Z");
        line.open("agent");
        line.text("agent_id", "witness");
        line.text("environment", &self.environment);
        if let Some(agent_type) = &self.agent_type {
            line.text("agent_type", agent_type);
        }
        if let Some(level) = self.trust_level {
            line.text("trust_level", level.as_str());
        }
        if !self.roles.is_empty() {
            line.key("roles");
            line.texts(&self.roles);
        }
        line.close();
        line.open("action");
        line.text("type", "tool_call");
        line.text("tool_name", &self.tool_name);
        line.open("tool_args");
        for (key, value) in &self.arguments {
            line.key(key);
            line.value(value);
        }
        line.close();
        if let Some(provider) = &self.tool_provider {
            line.open("tool_identity");
            line.text("tool_name", &self.tool_name);
            line.text("provider", provider);
            line.close();
        }
        line.close();
        line.open("context");
        if !self.data_labels.is_empty() {
            line.key("data_labels");
            line.texts(&self.data_labels);
        }
        line.close();
        line.close();
        line.0
    }
}

fn add_argument(request: &mut Request, key: Name, value: &WitnessValue) {
    let mut add = |depth, value: Option<&[u8]>, kind: fn(_) -> ArgumentValue| {
        let value = value.map(|value| request.add_value(|out| out.extend_from_slice(value)));
        request.arguments.push(Argument {
            key,
            depth,
            value: value.map_or(ArgumentValue::Composite, kind),
        });
    };
    match value {
        WitnessValue::Null => request.arguments.push(Argument {
            key,
            depth: 0,
            value: ArgumentValue::Null,
        }),
        WitnessValue::Bool(true) => add(0, Some(b"true"), |_| ArgumentValue::Bool(true)),
        WitnessValue::Bool(false) => add(0, Some(b"false"), |_| ArgumentValue::Bool(false)),
        WitnessValue::Number(number) => {
            let mut buffer = ryu_js::Buffer::new();
            let text = buffer.format(*number);
            add(0, Some(text.as_bytes()), ArgumentValue::Number);
        }
        WitnessValue::String(text) => add(0, Some(&text.to_bytes()), ArgumentValue::String),
        WitnessValue::Strings(texts) => {
            add(0, None, ArgumentValue::String);
            for text in texts {
                add(1, Some(&text.to_bytes()), ArgumentValue::String);
            }
        }
    }
}

/// JSON on one line, being written.
struct Line(String);

impl Line {
    fn separate(&mut self) {
        if !self.0.is_empty() && !self.0.ends_with(['{', '[', ':']) {
            self.0.push(',');
        }
    }

    fn key(&mut self, key: &str) {
        self.separate();
        self.string(key.as_bytes());
        self.0.push(':');
    }

    /// Begins an object, the outermost one without a key.
    fn open(&mut self, key: &str) {
        if !key.is_empty() {
            self.key(key);
        }
        self.0.push('{');
    }

    fn close(&mut self) {
        self.0.push('}');
    }

    fn text(&mut self, key: &str, text: &str) {
        self.key(key);
        self.string(text.as_bytes());
    }

    fn texts(&mut self, texts: &[String]) {
        self.list(texts.iter().map(String::as_bytes));
    }

    fn list(&mut self, texts: impl Iterator<Item = impl AsRef<[u8]>>) {
        self.0.push('[');
        for text in texts {
            self.separate();
            self.string(text.as_ref());
        }
        self.0.push(']');
    }

    fn value(&mut self, value: &WitnessValue) {
        match value {
            WitnessValue::Null => self.0.push_str("null"),
            WitnessValue::Bool(flag) => {
                // Writing to a string cannot fail.
                let _ = write!(self.0, "{flag}");
            }
            WitnessValue::Number(number) if *number == f64::INFINITY => self.0.push_str("1e999"),
            WitnessValue::Number(number) if *number == f64::NEG_INFINITY => {
                self.0.push_str("-1e999");
            }
            WitnessValue::Number(number) => {
                self.0.push_str(ryu_js::Buffer::new().format(*number));
            }
            WitnessValue::String(text) => self.string(&text.to_bytes()),
            WitnessValue::Strings(texts) => self.list(texts.iter().map(Text::to_bytes)),
        }
    }

    fn string(&mut self, text: &[u8]) {
        let mut out = std::mem::take(&mut self.0).into_bytes();
        write_string(text, &mut out);
        self.0 = String::from_utf8(out).unwrap_or_default();
    }
}

impl Witness {
    /// The call without all that can be left out of it one by one, so that it is still accepted.
    pub(super) fn reduced(mut self, accept: &mut dyn FnMut(&Self) -> bool) -> Self {
        let mut attempt = |call: &mut Self, change: &dyn Fn(&mut Self)| {
            let mut changed = call.clone();
            change(&mut changed);
            if changed != *call && accept(&changed) {
                *call = changed;
            }
        };
        attempt(&mut self, &|call| call.agent_type = None);
        attempt(&mut self, &|call| call.tool_provider = None);
        attempt(&mut self, &|call| call.trust_level = None);
        for level in TrustLevel::ALL {
            attempt(&mut self, &|call| {
                call.trust_level = call.trust_level.map(|old| old.min(level))
            });
        }
        for at in (0..self.roles.len()).rev() {
            attempt(&mut self, &|call| _ = call.roles.remove(at));
        }
        for at in (0..self.data_labels.len()).rev() {
            attempt(&mut self, &|call| _ = call.data_labels.remove(at));
        }
        for at in (0..self.arguments.len()).rev() {
            let texts = match self.arguments.get(at) {
                Some((_, WitnessValue::Strings(texts))) => texts.len(),
                _ => 0,
            };
            attempt(&mut self, &|call| _ = call.arguments.remove(at));
            for text in (0..texts).rev().take(MAX_TRIED) {
                attempt(&mut self, &|call| {
                    if let Some((_, value)) = call.arguments.get_mut(at) {
                        value.remove_text(text);
                    }
                });
            }
        }
        self
    }
}

impl WitnessValue {
    /// Appends a text to one or several.
    pub(super) fn append(&mut self, text: Self) {
        let texts = |value: Self| match value {
            Self::String(text) => vec![text],
            Self::Strings(texts) => texts,
            _ => Vec::new(),
        };
        let first = texts(std::mem::replace(self, Self::Null));
        *self = Self::Strings(first.into_iter().chain(texts(text)).collect());
    }

    /// The text that is searched, of a string of characters; `None` if there is none or several.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Bool(flag) => Some(flag.to_string()),
            Self::Number(number) => Some(ryu_js::Buffer::new().format(*number).to_owned()),
            Self::String(text) => String::from_utf16(text.units()).ok(),
            Self::Null | Self::Strings(_) => None,
        }
    }

    /// Removes one of several texts; one text is no list.
    fn remove_text(&mut self, at: usize) {
        if let Self::Strings(texts) = self
            && at < texts.len()
        {
            texts.remove(at);
            if let [only] = texts.as_slice() {
                *self = Self::String(only.clone());
            }
        }
    }
}
