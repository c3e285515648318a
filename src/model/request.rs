//! One tool call to be decided, in the flat form that evaluation reads: every string decoded once
//! into buffers that are kept from call to call, so that a stream of calls allocates nothing.
//!
//! Text is WTF-8: UTF-8 in which a lone surrogate, which JSON can write and ECMAScript strings can
//! hold, is encoded like any other code point below U+10000. (Simon Sapin, "The WTF-8 encoding".)

use super::bundle::TrustLevel;
use super::decision::Outcome;
use super::returned::Returned;
use crate::time::Timestamp;

/// Ends each searchable value in [`Request::values`]; no WTF-8 text contains it.
pub const VALUE_END: u8 = 0xFF;

/// A string of a request that is not searched: an id, a label, a key. Valid for the request that
/// made it, until that is cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    start: u32,
    end: u32,
}

/// A searchable value of a request. Valid for the request that made it, until that is cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value {
    start: u32,
    end: u32,
}

/// A member of `tool_args`, at any depth, in document order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Argument {
    /// The nearest key; elements of an array have the array's, which is the same [`Name`].
    pub key: Name,
    /// 0 for members of `tool_args` itself, one more for each object or array around it.
    pub depth: u16,
    /// What it is.
    pub value: ArgumentValue,
}

/// What an argument is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ArgumentValue {
    /// A string.
    String(Value),
    /// A number, as ECMAScript prints it.
    Number(Value),
    /// `true` or `false`, with its searchable text.
    Bool(bool),
    /// `null`: not searched.
    Null,
    /// An object or array; its members follow, one deeper.
    Composite,
}

/// One tool call to be decided.
#[derive(Clone, Debug, Default)]
pub struct Request {
    names: Vec<u8>,
    values: Vec<u8>,
    /// Start and end in `values` of what came from `tool_args`.
    arguments_range: (u32, u32),
    /// The caller's id of the call.
    pub request_id: Option<Name>,
    /// When the call was made.
    pub timestamp: Option<Timestamp>,
    /// When the call was made, as the recording writes it.
    pub timestamp_text: Option<Name>,
    /// `agent.agent_id`
    pub agent_id: Option<Name>,
    /// `agent.environment`
    pub environment: Option<Name>,
    /// `agent.agent_type`
    pub agent_type: Option<Name>,
    /// `agent.trust_level`; one that is not a known level counts as missing.
    pub trust_level: Option<TrustLevel>,
    /// `agent.roles`
    pub roles: Vec<Name>,
    /// `action.type`
    pub action_type: Option<Name>,
    /// `action.tool_name`
    pub tool_name: Option<Name>,
    /// `action.tool_args`, flat.
    pub arguments: Vec<Argument>,
    /// `action.tool_identity.provider`
    pub tool_provider: Option<Name>,
    /// `context.user_input`
    pub user_input: Option<Value>,
    /// `context.data_labels`
    pub data_labels: Vec<Name>,
    /// `context.session_id`
    pub session_id: Option<Name>,
    /// Whether the call says which roles it has, be it none.
    pub claims_roles: bool,
    /// `agent.max_delegation_depth`
    pub max_delegation_depth: Option<u32>,
    /// `agent.attestation`
    pub attestation: Option<Attestation>,
    /// How many agents `context.delegation_chain` names.
    pub delegation_depth: u32,
    /// `action.tool_identity.verified`
    pub tool_verified: Option<bool>,
    /// `action.tool_identity.manifest_hash`
    pub manifest_hash: Option<Name>,
    /// What the person or the ticket system answered.
    pub approval: Option<Approval>,
    /// What the live system decided then.
    pub recorded: Option<Recorded>,
    /// What a policy under test must decide.
    pub expected: Option<Expected>,
    /// What the tool returned. It is read only where there is a place for it, which
    /// [`Request::clear`] keeps.
    pub returned: Option<Box<Returned>>,
}

/// What the live system decided then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its outcome.
    pub outcome: Outcome,
    /// The code of its first reason.
    pub code: Option<Name>,
}

/// What a policy under test must decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The outcome.
    pub outcome: Outcome,
    /// The code of the first reason; any if absent.
    pub code: Option<Name>,
    /// Who must decide.
    pub plugin: ExpectedPlugin,
}

/// Who must decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedPlugin {
    /// Anyone.
    Any,
    /// The rules.
    Rules,
    /// The plugin of that name.
    Named(Name),
}

/// Proof of an agent's identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attestation {
    /// It does not end.
    Unlimited,
    /// It ends at this instant.
    Until(Timestamp),
    /// When it ends is not written as RFC 3339 says, so that it counts as over.
    Unclear,
}

/// What the person or the ticket system answered.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Approval {
    /// Whether the call may go through.
    pub approved: bool,
    /// How long the answer took, in milliseconds.
    pub latency_ms: Option<f64>,
    /// Whether a change ticket is named.
    pub has_ticket: bool,
}

impl Request {
    /// Forgets the call and keeps the buffers.
    pub fn clear(&mut self) {
        let Self {
            mut names,
            mut values,
            mut roles,
            mut arguments,
            mut data_labels,
            mut returned,
            ..
        } = std::mem::take(self);
        names.clear();
        values.clear();
        roles.clear();
        arguments.clear();
        data_labels.clear();
        if let Some(returned) = &mut returned {
            returned.clear();
        }
        *self = Self {
            names,
            values,
            roles,
            arguments,
            data_labels,
            returned,
            ..Self::default()
        };
    }

    /// The bytes of a name.
    pub fn name(&self, name: Name) -> &[u8] {
        self.names
            .get(name.start as usize..name.end as usize)
            .unwrap_or_default()
    }

    /// The agent's id; none if the recording does not name one, or names nobody.
    pub fn agent(&self) -> Option<&[u8]> {
        let agent = self.agent_id.map(|agent| self.name(agent));
        agent.filter(|agent| !agent.is_empty())
    }

    /// The bytes of a searchable value.
    pub fn value(&self, value: Value) -> &[u8] {
        self.values
            .get(value.start as usize..value.end as usize)
            .unwrap_or_default()
    }

    /// All searchable values, each followed by [`VALUE_END`]. `user_input` is among them only if
    /// it is not empty.
    pub fn values(&self) -> &[u8] {
        &self.values
    }

    /// The searchable values of `tool_args` in document order, each followed by [`VALUE_END`].
    pub fn argument_values(&self) -> &[u8] {
        let (start, end) = self.arguments_range;
        self.values
            .get(start as usize..end as usize)
            .unwrap_or_default()
    }

    /// Adds a name by letting `write` append its bytes, which must be WTF-8.
    pub fn add_name(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Name {
        let start = offset(&self.names);
        write(&mut self.names);
        Name {
            start,
            end: offset(&self.names),
        }
    }

    /// Adds a searchable value by letting `write` append its bytes, which must be WTF-8.
    pub fn add_value(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Value {
        let start = offset(&self.values);
        write(&mut self.values);
        let end = offset(&self.values);
        self.values.push(VALUE_END);
        Value { start, end }
    }

    /// Marks that the values added from here on, until [`Self::end_arguments`], are `tool_args`.
    pub fn begin_arguments(&mut self) {
        let start = offset(&self.values);
        self.arguments_range = (start, start);
    }

    /// Ends what [`Self::begin_arguments`] began.
    pub fn end_arguments(&mut self) {
        self.arguments_range.1 = offset(&self.values);
    }

    /// Forgets the arguments and their values.
    pub fn clear_arguments(&mut self) {
        let (start, end) = self.arguments_range;
        self.arguments.clear();
        self.remove_values(start, end);
    }

    /// Makes the members of the argument at `index` the arguments, and forgets all others and their
    /// values.
    pub fn narrow_arguments(&mut self, index: usize) {
        let Some(outer) = self.arguments.get(index).copied() else {
            return self.clear_arguments();
        };
        let after = self.arguments.iter().skip(index + 1);
        let inside = after.take_while(|argument| argument.depth > outer.depth);
        let end = index + 1 + inside.count();
        let values_end = self.end_of_values(end);
        let values_start = self.end_of_values(index + 1);
        self.arguments.truncate(end);
        self.arguments.drain(..=index);
        for argument in &mut self.arguments {
            argument.depth -= outer.depth + 1;
        }
        let (start, all) = self.arguments_range;
        self.remove_values(values_end, all);
        self.remove_values(start, values_start);
    }

    /// Where in `values` those of the first `count` arguments end: every argument has one value but
    /// `null`, objects and arrays, in the same order.
    fn end_of_values(&self, count: usize) -> u32 {
        let first = self.arguments.iter().take(count);
        let has_value = |value| !matches!(value, ArgumentValue::Null | ArgumentValue::Composite);
        let count = first.filter(|argument| has_value(argument.value)).count();
        let mut ends = memchr::memchr_iter(VALUE_END, self.argument_values());
        let last = count.checked_sub(1).and_then(|last| ends.nth(last));
        let length = last.map_or(0, |last| u32::try_from(last + 1).unwrap_or(u32::MAX));
        self.arguments_range.0 + length
    }

    /// Forgets the values from `start` to `end`, which are of arguments that are no more.
    fn remove_values(&mut self, start: u32, end: u32) {
        self.values.drain(start as usize..end as usize);
        let moved = |at: &mut u32| {
            if *at >= end {
                *at -= end - start;
            }
        };
        let input = self.user_input.iter_mut();
        let arguments = self.arguments.iter_mut();
        let arguments = arguments.filter_map(|argument| match &mut argument.value {
            ArgumentValue::String(value) | ArgumentValue::Number(value) => Some(value),
            _ => None,
        });
        for value in input.chain(arguments) {
            moved(&mut value.start);
            moved(&mut value.end);
        }
        moved(&mut self.arguments_range.1);
    }
}

/// The length of a buffer as an offset. Lines are limited to far less than 4 GiB.
fn offset(buffer: &[u8]) -> u32 {
    u32::try_from(buffer.len()).unwrap_or(u32::MAX)
}
