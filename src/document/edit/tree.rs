//! What edits make of a document's tree: the other account of what a text must say after them.

use serde_json::Value;

use super::Edit;
use crate::diagnostic::Span;
use crate::document::locate::positions;
use crate::document::{Member, Node, NodeKind};

/// The tree after all edits. `None` if it lacks what one of them is about.
pub(super) fn edited(root: &Node, edits: &[Edit]) -> Option<Node> {
    let mut steps = edits
        .iter()
        .map(|edit| Some((positions(root, &edit.route())?, edit)))
        .collect::<Option<Vec<_>>>()?;
    // From the end to the beginning and from within outwards, so that no edit moves what a later
    // one is about; copies of one element the last first.
    steps.reverse();
    steps.sort_by(|(one, _), (other, _)| other.cmp(one));
    let mut edited = root.clone();
    for (at, edit) in &steps {
        match edit {
            Edit::Rename { to, .. } => member(&mut edited, at)?.key.clone_from(to),
            Edit::Replace { value, .. } => *node(&mut edited, at)? = made(value),
            Edit::Remove { .. } => {
                let (index, items) = element(&mut edited, at)?;
                items.remove(index);
            }
            Edit::Copy { with, .. } => {
                // Of the element as it was, whatever the other edits make of it.
                let mut copy = node(&mut root.clone(), at)?.clone();
                for (route, value) in with {
                    let at = positions(&copy, route)?;
                    *node(&mut copy, &at)? = made(value);
                }
                let (index, items) = element(&mut edited, at)?;
                items.insert(index + 1, copy);
            }
        }
    }
    Some(edited)
}

/// A value that stands nowhere.
fn made(value: &Value) -> Node {
    let kind = match value {
        Value::Null => NodeKind::Null,
        Value::Bool(value) => NodeKind::Bool(*value),
        Value::Number(value) => NodeKind::Number(value.as_f64().unwrap_or(f64::NAN)),
        Value::String(text) => NodeKind::String(text.clone()),
        Value::Array(items) => NodeKind::Array(items.iter().map(made).collect()),
        Value::Object(members) => NodeKind::Object(
            members
                .iter()
                .map(|(key, value)| Member {
                    key: key.clone(),
                    key_span: Span::default(),
                    value: made(value),
                })
                .collect(),
        ),
    };
    Node {
        span: Span::default(),
        kind,
    }
}

/// What stands at these positions.
fn node<'n>(root: &'n mut Node, at: &[usize]) -> Option<&'n mut Node> {
    at.iter()
        .try_fold(root, |node, &position| match &mut node.kind {
            NodeKind::Array(items) => items.get_mut(position),
            NodeKind::Object(members) => Some(&mut members.get_mut(position)?.value),
            _ => None,
        })
}

fn member<'n>(root: &'n mut Node, at: &[usize]) -> Option<&'n mut Member> {
    let (&last, holder) = at.split_last()?;
    match &mut node(root, holder)?.kind {
        NodeKind::Object(members) => members.get_mut(last),
        _ => None,
    }
}

fn element<'n>(root: &'n mut Node, at: &[usize]) -> Option<(usize, &'n mut Vec<Node>)> {
    let (&last, holder) = at.split_last()?;
    match &mut node(root, holder)?.kind {
        NodeKind::Array(items) if last < items.len() => Some((last, items)),
        _ => None,
    }
}
