//! The names and messages of records, each looked at once. Owns what is sensitive in them: it is
//! reported, and masked before anything else sees it. Names get numbers here, on all cores, so that
//! what looks at the log in order compares numbers.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use serde_json::Value;

use crate::classify::{Class, Classifier, Kind, Match, redacted};

/// How many bytes of messages are remembered before they are forgotten.
const MOST_MESSAGE_BYTES: usize = 128 * 1024;

/// Something sensitive in an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// Its line, from 1.
    pub line: u64,
    /// The member that holds it, such as `reasons[0].message`.
    pub path: String,
    /// What it is; none for arguments that should not be there at all.
    pub kind: Option<Kind>,
    /// As it may be shown.
    pub shown: String,
}

/// What a text is for, which says what counts as sensitive in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Who somebody is, which may be an address.
    Identity,
    /// An id, which may look like many a number.
    Id,
    /// Any other text.
    Text,
}

/// The names and messages that one worker has seen.
pub(super) struct Vocabulary<'c> {
    classifier: &'c Classifier,
    worker: usize,
    names: HashMap<Box<str>, Name, foldhash::fast::RandomState>,
    fresh: Vec<Box<str>>,
    count: u32,
    messages: HashMap<Box<str>, bool, foldhash::fast::RandomState>,
    message_bytes: usize,
}

#[derive(Clone, Copy)]
struct Name {
    number: u32,
    is_sensitive: bool,
}

/// What was found in a text, and the text without it.
pub(super) struct Masked {
    pub(super) found: Vec<(Kind, String)>,
    pub(super) text: String,
}

impl<'c> Vocabulary<'c> {
    /// The vocabulary of a worker, from 0, that knows nothing.
    pub(super) fn new(classifier: &'c Classifier, worker: usize) -> Self {
        Self {
            classifier,
            worker,
            names: HashMap::default(),
            fresh: Vec::new(),
            count: 0,
            messages: HashMap::default(),
            message_bytes: 0,
        }
    }

    pub(super) const fn worker(&self) -> usize {
        self.worker
    }

    /// The names that got numbers since this was last asked, in the order of those.
    pub(super) fn take_fresh(&mut self) -> Vec<Box<str>> {
        std::mem::take(&mut self.fresh)
    }

    /// The number of a name, and what is to be shown instead if it holds something sensitive.
    pub(super) fn name(&mut self, name: &str, purpose: Purpose) -> (u32, Option<Masked>) {
        if let Some(known) = self.names.get(name) {
            if !known.is_sensitive {
                return (known.number, None);
            }
        } else {
            let is_sensitive = self.mask(name, Purpose::Identity, None).is_some()
                || self.mask(name, Purpose::Text, None).is_some();
            let number = self.add(name, is_sensitive);
            if !is_sensitive {
                return (number, None);
            }
        }
        match self.mask(name, purpose, None) {
            None => (self.names.get(name).map_or(0, |name| name.number), None),
            Some(masked) => {
                let known = self.names.get(masked.text.as_str());
                let number = known.map(|name| name.number);
                let number = number.unwrap_or_else(|| self.add(&masked.text, false));
                (number, Some(masked))
            }
        }
    }

    fn add(&mut self, name: &str, is_sensitive: bool) -> u32 {
        let number = self.count;
        self.count += 1;
        self.fresh.push(name.into());
        let name = name.into();
        self.names.insert(
            name,
            Name {
                number,
                is_sensitive,
            },
        );
        number
    }

    /// What is to be shown instead of a message, if it holds something sensitive.
    pub(super) fn message(&mut self, text: &str) -> Option<Masked> {
        match self.messages.get(text) {
            Some(false) => return None,
            Some(true) => return self.mask(text, Purpose::Text, None),
            None => {}
        }
        let masked = self.mask(text, Purpose::Text, None);
        if self.message_bytes + text.len() > MOST_MESSAGE_BYTES {
            self.messages.clear();
            self.message_bytes = 0;
        }
        if text.len() <= MOST_MESSAGE_BYTES {
            self.message_bytes += text.len();
            self.messages.insert(text.into(), masked.is_some());
        }
        masked
    }

    /// What is to be shown instead of a text, if it holds something sensitive; `key` is the name of
    /// the member that it is the value of, where that says something.
    pub(super) fn mask(&self, text: &str, purpose: Purpose, key: Option<&str>) -> Option<Masked> {
        let mut found = Vec::new();
        let key = key.map(str::as_bytes);
        self.classifier
            .classify(text.as_bytes(), key, &mut |one: Match| {
                if purpose.minds(one.kind) {
                    found.push(one);
                }
            });
        if found.is_empty() {
            return None;
        }
        found.sort_by_key(|one| (one.range.start, one.range.end));
        let show = |one: &Match| {
            let bytes = text.as_bytes().get(one.range.clone()).unwrap_or_default();
            redacted(one.kind, bytes)
        };
        let mut masked = String::new();
        let mut done = 0;
        for one in &found {
            let Range { start, end } = one.range;
            if start >= done {
                masked.push_str(text.get(done..start).unwrap_or_default());
                masked.push_str(&show(one));
            }
            done = done.max(end);
        }
        masked.push_str(text.get(done..).unwrap_or_default());
        Some(Masked {
            found: found.iter().map(|one| (one.kind, show(one))).collect(),
            text: masked,
        })
    }

    /// Calls `take` with the path of every string of a JSON value that holds something sensitive,
    /// and with what that is.
    pub(super) fn search(
        &self,
        value: &Value,
        path: &str,
        key: Option<&str>,
        take: &mut impl FnMut(&str, Masked),
    ) {
        match value {
            Value::String(text) => {
                if let Some(masked) = self.mask(text, Purpose::Text, key) {
                    take(path, masked);
                }
            }
            Value::Number(number) => {
                if let Some(masked) = self.mask(&number.to_string(), Purpose::Text, key) {
                    take(path, masked);
                }
            }
            Value::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    self.search(value, &format!("{path}[{index}]"), key, take);
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    let path = format!("{path}.{}", self.shown(name));
                    self.search(value, &path, Some(name), take);
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// A text without what is sensitive in it.
    pub(super) fn shown<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.mask(text, Purpose::Text, None) {
            Some(masked) => Cow::Owned(masked.text),
            None => Cow::Borrowed(text),
        }
    }
}

impl Purpose {
    fn minds(self, kind: Kind) -> bool {
        match self {
            Self::Text => true,
            Self::Identity => kind != Kind::Email,
            Self::Id => kind.class() == Class::Secret && kind != Kind::GenericSecret,
        }
    }
}
