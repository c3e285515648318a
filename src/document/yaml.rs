//! A strict subset of YAML 1.2. `granit-parser` is the authority; what an unrelated parser of the
//! other family reads differently is refused, and so is what YAML 1.1 reads differently, anchors,
//! aliases, tags, merge keys, directives and further documents.

mod build;
mod characters;
mod place;
mod scalar;
mod second;

use super::node::{Member, Node, NodeKind};
use super::problems::{Path, Problems, quoted};
use super::{Limits, check};
use crate::diagnostic::Span;

/// The tree of a text. `None` when its grammar is broken; every other problem leaves a tree.
pub(super) fn parse(text: &str, limits: Limits, problems: &mut Problems) -> Option<Node> {
    characters::check(text, problems);
    let Ok(root) = build::build(text, limits.depth(), problems) else {
        return None;
    };
    let Some(root) = root else {
        problems.add(
            "empty-document",
            &Path::Root,
            Span::new(0, 0),
            "the document holds nothing",
            "a document holds exactly one value".to_owned(),
        );
        return None;
    };
    check::check(&root, problems);
    if problems.is_empty() {
        second::compare(text, &root, problems);
    }
    Some(root)
}
