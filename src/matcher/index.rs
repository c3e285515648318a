//! Which rules a request's facts satisfy: for each fact one set of rules a value, and their
//! intersection. Owns `match` and the data labels; knows nothing of the text of a call.
//!
//! This is the bit-vector scheme of packet classification (Lakshman and Stiliadis, "High-speed
//! policy-based packet forwarding using efficient multi-dimensional range matching", 1998): its
//! cost is one look-up a fact and one bit a rule, whatever the rules say.

use std::collections::BTreeMap;

use super::bits::{self, Bits};
use super::names::NameTable;
use crate::model::bundle::{Names, Rule, TrustLevel};
use crate::model::request::{Name, Request};

/// The rules of a bundle by the facts that they ask for.
pub(super) struct Index {
    tool: ToolColumn,
    environment: Column,
    agent_type: Column,
    role: Column,
    provider: Column,
    label: Column,
    /// One set a known level, lowest first, and last the one for an agent without a level.
    trust: [Bits; TrustLevel::ALL.len() + 1],
}

impl Index {
    pub(super) fn new(rules: &[Rule]) -> Self {
        let mut environment = ColumnBuilder::new(rules.len());
        let mut agent_type = ColumnBuilder::new(rules.len());
        let mut role = ColumnBuilder::new(rules.len());
        let mut provider = ColumnBuilder::new(rules.len());
        let mut label = ColumnBuilder::new(rules.len());
        let mut trust = std::array::from_fn(|_| bits::none(rules.len()));
        for (number, rule) in rules.iter().enumerate() {
            let wanted = &rule.matches;
            let everywhere = wanted.environment == "*";
            let environments = (!everywhere).then_some(wanted.environment.as_str());
            environment.ask(number, environments.as_slice());
            agent_type.ask(number, &listed(wanted.agent_type.as_ref()));
            provider.ask(number, &listed(wanted.tool_provider.as_ref()));
            role.ask(number, &wanted.agent_roles_any);
            let labels = rule.when.as_ref().map(|when| &when.data_labels_any);
            label.ask(number, labels.map_or(&[], Vec::as_slice));
            let levels = TrustLevel::ALL.into_iter().map(Some).chain([None]);
            for (level, satisfied) in levels.zip(&mut trust) {
                if level >= wanted.trust_level_min {
                    bits::insert(satisfied, number);
                }
            }
        }
        Self {
            tool: ToolColumn::new(rules),
            environment: environment.build(),
            agent_type: agent_type.build(),
            role: role.build(),
            provider: provider.build(),
            label: label.build(),
            trust,
        }
    }

    /// Keeps in `candidates` the rules that the facts of the request satisfy. `any` is a buffer of
    /// the same size.
    pub(super) fn restrict(&self, request: &Request, candidates: &mut [u64], any: &mut [u64]) {
        let bytes = |name: Option<Name>| name.map(|name| request.name(name));
        bits::intersect(candidates, self.tool.row(bytes(request.tool_name)));
        bits::intersect(candidates, self.environment.row(bytes(request.environment)));
        bits::intersect(candidates, self.agent_type.row(bytes(request.agent_type)));
        bits::intersect(candidates, self.provider.row(bytes(request.tool_provider)));
        let level = request
            .trust_level
            .map_or(TrustLevel::ALL.len(), |level| level as usize);
        if let Some(satisfied) = self.trust.get(level) {
            bits::intersect(candidates, satisfied);
        }
        for (column, names) in [
            (&self.role, &request.roles),
            (&self.label, &request.data_labels),
        ] {
            any.copy_from_slice(&column.indifferent);
            for &name in names {
                bits::unite(any, column.row(Some(request.name(name))));
            }
            bits::intersect(candidates, any);
        }
    }
}

/// The names of an optional condition; none when it asks for nothing.
fn listed(names: Option<&Names>) -> Vec<&str> {
    match names {
        None => Vec::new(),
        Some(Names::One(name)) => vec![name],
        Some(Names::Many(names)) => names.iter().map(String::as_str).collect(),
    }
}

/// The rules by what they ask of one fact.
struct Column {
    /// The rules that do not ask.
    indifferent: Bits,
    /// For each value that a rule names the rules that it satisfies: those that name it and those
    /// that do not ask.
    rows: NameTable<Bits>,
}

impl Column {
    /// The rules that a value satisfies.
    fn row(&self, value: Option<&[u8]>) -> &[u64] {
        let row = value.and_then(|value| self.rows.get(value));
        row.unwrap_or(&self.indifferent)
    }
}

/// A column under construction.
struct ColumnBuilder {
    rules: usize,
    indifferent: Bits,
    named: BTreeMap<Box<[u8]>, Bits>,
}

impl ColumnBuilder {
    fn new(rules: usize) -> Self {
        Self {
            rules,
            indifferent: bits::none(rules),
            named: BTreeMap::new(),
        }
    }

    /// Rule `number` asks for one of `names`, for nothing if there are none.
    fn ask(&mut self, number: usize, names: &[impl AsRef<str>]) {
        if names.is_empty() {
            bits::insert(&mut self.indifferent, number);
        }
        for name in names {
            self.name(number, name.as_ref());
        }
    }

    fn name(&mut self, number: usize, name: &str) {
        let row = self
            .named
            .entry(name.as_bytes().into())
            .or_insert_with(|| bits::none(self.rules));
        bits::insert(row, number);
    }

    fn build(mut self) -> Column {
        for row in self.named.values_mut() {
            bits::unite(row, &self.indifferent);
        }
        Column {
            indifferent: self.indifferent,
            rows: self.named.into(),
        }
    }
}

/// The rules by the tools that they are about.
struct ToolColumn {
    /// Exact names, each with what its beginnings satisfy as well.
    exact: Column,
    /// Prefixes in byte order.
    prefixes: Vec<Prefix>,
}

/// A beginning of tool names that some rule asks for.
struct Prefix {
    text: Box<[u8]>,
    /// The rules that a name satisfies of which this is the longest such beginning.
    row: Bits,
    /// Which prefix is the longest proper beginning of this one.
    parent: Option<usize>,
}

impl ToolColumn {
    fn new(rules: &[Rule]) -> Self {
        let mut exact = ColumnBuilder::new(rules.len());
        let mut beginnings = ColumnBuilder::new(rules.len());
        for (number, rule) in rules.iter().enumerate() {
            match &rule.matches.tool_name {
                Names::One(name) => match name.strip_suffix('*') {
                    Some("") => bits::insert(&mut exact.indifferent, number),
                    Some(prefix) => beginnings.name(number, prefix),
                    None => exact.name(number, name),
                },
                // A `*` in a list is a character like any other; an empty list names no tool.
                Names::Many(names) => names.iter().for_each(|name| exact.name(number, name)),
            }
        }
        // In byte order, a prefix comes after its own beginnings, so that theirs are complete.
        let mut prefixes: Vec<Prefix> = Vec::new();
        for (text, mut row) in beginnings.named {
            let parent = longest_prefix(&prefixes, &text);
            let shorter = parent.and_then(|parent| prefixes.get(parent));
            bits::unite(
                &mut row,
                shorter.map_or(&exact.indifferent, |prefix| &prefix.row),
            );
            prefixes.push(Prefix { text, row, parent });
        }
        for (name, row) in &mut exact.named {
            if let Some(prefix) = longest_prefix(&prefixes, name).and_then(|at| prefixes.get(at)) {
                bits::unite(row, &prefix.row);
            }
        }
        Self {
            exact: exact.build(),
            prefixes,
        }
    }

    /// The rules that a tool's name satisfies.
    fn row(&self, name: Option<&[u8]>) -> &[u64] {
        let Some(name) = name else {
            return &self.exact.indifferent;
        };
        self.exact.rows.get(name).unwrap_or_else(|| {
            let prefix = longest_prefix(&self.prefixes, name);
            let prefix = prefix.and_then(|prefix| self.prefixes.get(prefix));
            prefix.map_or(&self.exact.indifferent, |prefix| &prefix.row)
        })
    }
}

/// The longest of `prefixes`, which are in byte order, with which `name` begins. Whatever begins
/// `name` also begins all that is ordered between the two: it is the last prefix that is not after
/// `name`, or the beginning of that.
fn longest_prefix(prefixes: &[Prefix], name: &[u8]) -> Option<usize> {
    let mut candidate = prefixes
        .partition_point(|prefix| *prefix.text <= *name)
        .checked_sub(1);
    while let Some(prefix) = candidate.and_then(|at| prefixes.get(at)) {
        if name.starts_with(&prefix.text) {
            break;
        }
        candidate = prefix.parent;
    }
    candidate
}
