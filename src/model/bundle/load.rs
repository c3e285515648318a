//! Loads a bundle strictly: its schema, and what a schema cannot say. Owns the payload that is
//! signed; knows no key.

use std::collections::BTreeMap;

use super::Bundle;
use crate::canonical;
use crate::digest::sha256_hex;
use crate::document::{
    self, Document, Format, Limits, LoadError, Members, Node, NodeKind, Path, Problems,
};
use crate::time::Timestamp;

/// A bundle together with the text it was read from.
#[derive(Clone, Debug)]
pub struct LoadedBundle {
    /// The bundle.
    pub bundle: Bundle,
    /// Its text and where everything stands in it.
    pub document: Document,
    payload: Vec<u8>,
}

impl LoadedBundle {
    /// What is signed: the RFC 8785 form of the whole bundle without its top-level `signature`.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// SHA-256 of [`Self::payload`], as 64 lower-case hexadecimal digits: the same for every order
    /// of keys, layout and format of one bundle.
    pub fn digest(&self) -> String {
        sha256_hex(&self.payload)
    }
}

impl Bundle {
    /// Reads a bundle. `name` is what messages call it.
    ///
    /// # Errors
    /// Everything that is wrong with the text, as [`document::load`] says; besides, dates in the
    /// wrong order, a rule id given twice, and more than `limits.rules` rules.
    pub fn load(
        bytes: &[u8],
        name: &str,
        format: Format,
        limits: Limits,
    ) -> Result<LoadedBundle, LoadError> {
        let (bundle, document) = document::load(bytes, name, format, limits, |root, problems| {
            Self::check(root, limits, problems);
        })?;
        match payload(&document.root) {
            Ok(payload) => Ok(LoadedBundle {
                bundle,
                document,
                payload,
            }),
            Err(error) => Err(document.refused("not-canonical", error.to_string())),
        }
    }

    /// Adds what [`Bundle::load`] objects to beside the schema.
    pub fn check(root: &Node, limits: Limits, problems: &mut Problems) {
        check_dates(root, problems);
        check_rules(root, limits.rules, problems);
    }
}

/// What is signed of a document: the RFC 8785 form of the whole of it without its top-level
/// `signature`.
///
/// # Errors
/// When the document has no canonical form; one that was read strictly has.
pub fn payload(root: &Node) -> Result<Vec<u8>, canonical::CanonicalError> {
    match &root.kind {
        NodeKind::Object(members) => canonical::to_vec(&Members(members, Some("signature"))),
        _ => canonical::to_vec(root),
    }
}

/// Adds a problem if a document expires before it was made.
pub fn check_dates(root: &Node, problems: &mut Problems) {
    let instant = |key| {
        let node = root.get(key)?;
        Some((node, Timestamp::parse(node.as_str()?.as_bytes())?))
    };
    if let (Some((_, generated)), Some((node, expires))) =
        (instant("generated_at"), instant("expires_at"))
        && expires <= generated
    {
        problems.add(
            "expires-too-early",
            &Path::Key(&Path::Root, "expires_at"),
            node.span,
            "`expires_at` is not later than `generated_at`",
            "a bundle must be valid for some time".to_owned(),
        );
    }
}

fn check_rules(root: &Node, limit: usize, problems: &mut Problems) {
    let rules = root.get("rules").and_then(Node::as_array).unwrap_or(&[]);
    let rules_path = Path::Key(&Path::Root, "rules");
    if let Some(rule) = rules.get(limit) {
        problems.add(
            "too-many-rules",
            &Path::Index(&rules_path, limit),
            rule.span,
            format!(
                "the bundle has {} rules, more than the {limit} allowed",
                rules.len()
            ),
            "split the bundle, or raise the limit on the command line".to_owned(),
        );
    }
    let mut seen = BTreeMap::new();
    for (index, rule) in rules.iter().enumerate() {
        let Some(node) = rule.get("id") else { continue };
        let Some(id) = node.as_str() else { continue };
        if let Some((first, line)) = seen.get(id) {
            problems.add(
                "duplicate-rule-id",
                &Path::Key(&Path::Index(&rules_path, index), "id"),
                node.span,
                format!("rule id `{id}` is taken: `rules[{first}]` on line {line} has it"),
                "give every rule its own id: it is the reason code of its decisions".to_owned(),
            );
        } else {
            seen.insert(id, (index, problems.line(node.span.start)));
        }
    }
}
