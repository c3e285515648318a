//! `tool_args_match`: what single members of `tool_args` must be. Owns equality without type
//! coercion and the comparisons of numbers, as ECMAScript's `===` and `<` define them.
//!
//! The members that any rule asks for are picked out of a call once, so that the costs of many
//! arguments and of many rules add up and do not multiply.

use std::collections::BTreeMap;

use super::names::NameTable;
use crate::model::bundle::{ArgumentCondition, Comparisons, Scalar};
use crate::model::request::{ArgumentValue, Request};

/// The keys that rules ask for, being collected.
#[derive(Debug, Default)]
pub(super) struct KeySet(BTreeMap<Box<[u8]>, usize>);

impl KeySet {
    /// The number of a key: 0 for the first, and so on.
    pub(super) fn add(&mut self, key: &str) -> usize {
        let next = self.0.len();
        *self.0.entry(key.as_bytes().into()).or_insert(next)
    }
}

/// The keys that rules ask for, ready to be looked up.
pub(super) struct Keys {
    numbers: NameTable<usize>,
    count: usize,
}

impl From<KeySet> for Keys {
    fn from(KeySet(numbers): KeySet) -> Self {
        Self {
            count: numbers.len(),
            numbers: numbers.into(),
        }
    }
}

/// The members of one call that rules ask for. The buffer is kept from call to call.
#[derive(Debug, Default)]
pub(super) struct Members {
    /// By the number of their key.
    values: Vec<Option<ArgumentValue>>,
    read: bool,
}

impl Members {
    /// Forgets the call.
    pub(super) fn clear(&mut self) {
        self.read = false;
    }

    /// Whether the member with a key is as `condition` wants it.
    pub(super) fn satisfy(
        &mut self,
        request: &Request,
        keys: &Keys,
        key: usize,
        condition: &ArgumentCondition,
    ) -> bool {
        if !self.read {
            self.read(request, keys);
        }
        let actual = self.values.get(key).copied().flatten();
        holds(request, actual, condition)
    }

    fn read(&mut self, request: &Request, keys: &Keys) {
        self.values.clear();
        self.values.resize(keys.count, None);
        for argument in request
            .arguments
            .iter()
            .filter(|argument| argument.depth == 0)
        {
            let number = keys.numbers.get(request.name(argument.key));
            // Of several members of one name the last counts, as for `JSON.parse`.
            if let Some(value) = number.and_then(|&number| self.values.get_mut(number)) {
                *value = Some(argument.value);
            }
        }
        self.read = true;
    }
}

/// Whether a member, `None` when it is missing, is as `condition` wants it.
fn holds(request: &Request, actual: Option<ArgumentValue>, condition: &ArgumentCondition) -> bool {
    let Comparisons {
        gt,
        gte,
        lt,
        lte,
        eq,
        neq,
    } = match condition {
        ArgumentCondition::Equals(expected) => return equals(request, actual, expected),
        ArgumentCondition::Compare(comparisons) => comparisons,
    };
    let compare = |bound: &Option<f64>, holds: fn(&f64, &f64) -> bool| {
        bound.is_none_or(|bound| {
            number(request, actual).is_some_and(|number| holds(&number, &bound))
        })
    };
    let equals = |expected: &Scalar| equals(request, actual, expected);
    compare(gt, f64::gt)
        && compare(gte, f64::ge)
        && compare(lt, f64::lt)
        && compare(lte, f64::le)
        && eq.as_ref().is_none_or(equals)
        && !neq.as_ref().is_some_and(equals)
}

/// Equality without coercion; an object, an array and a missing member equal nothing.
fn equals(request: &Request, actual: Option<ArgumentValue>, expected: &Scalar) -> bool {
    match (actual, expected) {
        (Some(ArgumentValue::String(value)), Scalar::String(expected)) => {
            request.value(value) == expected.as_bytes()
        }
        (Some(ArgumentValue::Number(_)), Scalar::Number(expected)) => {
            number(request, actual) == Some(*expected)
        }
        (Some(ArgumentValue::Bool(value)), Scalar::Bool(expected)) => value == *expected,
        (Some(ArgumentValue::Null), Scalar::Null) => true,
        _ => false,
    }
}

/// The double that a number is. ECMAScript prints the shortest decimal that reads back as the same
/// double, so that its text is as good as the number.
fn number(request: &Request, actual: Option<ArgumentValue>) -> Option<f64> {
    let Some(ArgumentValue::Number(value)) = actual else {
        return None;
    };
    let text = std::str::from_utf8(request.value(value)).ok()?;
    text.parse().ok()
}
