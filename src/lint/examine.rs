//! From texts to what lints are told. Owns how the kind of a document is told from its content.

use super::patterns::PatternList;
use super::subject::{
    Beside, BundleSubject, Content, Kind, ManifestSubject, PipelineSubject, ProvenanceSubject,
    RegistrySubject, Subject,
};
use crate::document::{self, Draft, Format, Limits, LoadError, Node, NodeKind};
use crate::model::bundle::Bundle;
use crate::model::manifest::{Manifest, ToolsList, ToolsListResponse};
use crate::model::pipeline::PipelineFile;
use crate::model::pipeline::registry::Registry;
use crate::model::pipeline::supply_chain_guard::Provenance;
use crate::pipeline;

/// A text to be linted.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The text.
    pub bytes: &'a [u8],
    /// What messages call it.
    pub name: &'a str,
    /// How large it may be.
    pub limits: Limits,
    /// What stands beside its file.
    pub beside: Beside,
}

/// What a text turned out to be.
#[derive(Clone, Debug)]
pub enum Examined {
    /// A document that can be linted, whether or not it can be loaded.
    Document(Box<Subject>),
    /// No document: its grammar is broken, or it is no UTF-8 or too large.
    Broken(LoadError),
    /// Well written, but none of the kinds that are linted.
    Other {
        /// What messages call it.
        name: String,
    },
}

/// Reads a text as far as it can be read, and tells what kind of document it is.
pub fn examine(input: Input<'_>) -> Examined {
    let format = Format::of(input.name, input.bytes);
    let mut draft = match Draft::parse(input.bytes, input.name, format, input.limits) {
        Ok(draft) => draft,
        Err(error) => return Examined::Broken(error),
    };
    let Some(kind) = kind(draft.root()) else {
        return Examined::Other {
            name: input.name.to_owned(),
        };
    };
    match kind {
        Kind::Bundle => draft.check::<Bundle>(|root, problems| {
            Bundle::check(root, input.limits, problems);
        }),
        Kind::Pipeline => draft.check::<PipelineFile>(pipeline::check),
        Kind::Registry => draft.check::<Registry>(Registry::check),
        Kind::Provenance => draft.check::<Provenance>(Provenance::check),
        Kind::Manifest if draft.root().get("result").is_some() => {
            draft.check::<ToolsListResponse>(|_, _| {});
        }
        Kind::Manifest if draft.root().get("name").is_some() => draft.check::<Manifest>(|_, _| {}),
        Kind::Manifest => draft.check::<ToolsList>(|_, _| {}),
        // Nothing in a JSON or YAML document says that it is one.
        Kind::Patterns => {}
    }
    let (document, problems) = draft.into_parts();
    let root = &document.root;
    let content = match kind {
        Kind::Bundle => {
            Content::Bundle(Box::new(BundleSubject::new(root, &problems, input.beside)))
        }
        Kind::Pipeline => Content::Pipeline(Box::new(PipelineSubject::new(root, &problems))),
        Kind::Registry => Content::Registry(Box::new(RegistrySubject::new(root, &problems))),
        Kind::Manifest => Content::Manifest(Box::new(ManifestSubject::new(root, &problems))),
        Kind::Provenance => Content::Provenance(Box::new(ProvenanceSubject::new(root, &problems))),
        Kind::Patterns => Content::Patterns(Box::new(PatternList::new(root))),
    };
    Examined::Document(Box::new(Subject {
        name: input.name.to_owned(),
        document,
        problems,
        content,
    }))
}

/// Patterns that stand by themselves: each line of the text, or all of it as one.
///
/// # Errors
/// If the text is no UTF-8 or too large.
pub fn patterns(
    bytes: &[u8],
    name: &str,
    format: PatternFormat,
    limits: Limits,
) -> Result<Subject, LoadError> {
    let format = match format {
        PatternFormat::Lines => Format::Lines,
        PatternFormat::Whole => Format::Text,
    };
    let document = document::parse(bytes, name, format, limits)?;
    Ok(Subject {
        name: name.to_owned(),
        problems: Vec::new(),
        content: Content::Patterns(Box::new(PatternList::new(&document.root))),
        document,
    })
}

/// How patterns stand in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternFormat {
    /// One a line.
    Lines,
    /// The whole text is one.
    Whole,
}

/// The members that only one kind of document has. One is enough: whoever mistypes `rules` still
/// writes `expires_at`.
const TELLING: &[(Kind, &[&str])] = &[
    (Kind::Bundle, &["rules", "generated_at", "expires_at"]),
    (
        Kind::Pipeline,
        &["plugins", "guardian", "approvals", "audit"],
    ),
    (
        Kind::Registry,
        &["agents", "revoked_agents", "revoked_tools"],
    ),
    (Kind::Manifest, &["permissions", "publisher"]),
];

/// Which kind of document a tree is, by the members it has.
fn kind(root: &Node) -> Option<Kind> {
    let NodeKind::Object(members) = &root.kind else {
        return None;
    };
    let has = |key: &str| members.iter().any(|member| member.key == key);
    let count = |keys: &[&str]| keys.iter().filter(|key| has(key)).count();
    // The manifest of a signed directory has dates as a bundle does.
    if has("files") && !has("rules") {
        return None;
    }
    let told = TELLING.iter().map(|(kind, keys)| (count(keys), *kind));
    // Of as many on both sides, the first kind of the list.
    let best = told.rev().max_by_key(|(count, _)| *count);
    match best {
        Some((1.., kind)) => Some(kind),
        _ => by_tools(root),
    }
}

/// Lists of tools stand in manifests, answers of servers and registries.
fn by_tools(root: &Node) -> Option<Kind> {
    let holder = root.get("result").unwrap_or(root);
    let tools = holder.get("tools")?.as_array()?;
    let named = |key| tools.iter().any(|tool| tool.get(key).is_some());
    if named("manifest_hash") {
        return Some(Kind::Provenance);
    }
    if named("tool_name") {
        return Some(Kind::Registry);
    }
    let is_list = tools.is_empty() && root.get("result").is_some();
    (is_list || named("name") || named("inputSchema") || root.get("name").is_some())
        .then_some(Kind::Manifest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind_of(text: &str) -> Option<Kind> {
        let input = Input {
            bytes: text.as_bytes(),
            name: "<stdin>",
            limits: Limits::default(),
            beside: Beside::Nothing,
        };
        match examine(input) {
            Examined::Document(subject) => Some(subject.content.kind()),
            Examined::Broken(_) | Examined::Other { .. } => None,
        }
    }

    #[test]
    fn kinds_are_told_by_content() {
        for (text, expected) in [
            ("rules: []", Some(Kind::Bundle)),
            ("ruls: []\nexpires_at: x", Some(Kind::Bundle)),
            ("{\"version\": 1, \"plugins\": []}", Some(Kind::Pipeline)),
            ("version: 1\naudit: {}", Some(Kind::Pipeline)),
            ("agents: []", Some(Kind::Registry)),
            ("tools: [{tool_name: x}]", Some(Kind::Registry)),
            (
                "tools: [{tool_name: x, manifest_hash: y0}]",
                Some(Kind::Provenance),
            ),
            ("name: x\npublisher: y", Some(Kind::Manifest)),
            ("name: x\ntools: []", Some(Kind::Manifest)),
            ("tools: [{name: x}]", Some(Kind::Manifest)),
            (
                "{\"jsonrpc\": \"2.0\", \"id\": 1, \"result\": {\"tools\": []}}",
                Some(Kind::Manifest),
            ),
            ("{\"name\": \"npm\", \"version\": \"1\"}", None),
            (
                "{\"id\": \"x\", \"expires_at\": \"y\", \"files\": []}",
                None,
            ),
            ("[1]", None),
            ("just text", None),
            ("{", None),
        ] {
            assert_eq!(kind_of(text), expected, "{text}");
        }
    }
}
