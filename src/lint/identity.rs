//! What a finding is about, whatever line it stands on: the same when rules are moved, inserted
//! before it or laid out anew.

use std::collections::BTreeMap;

use super::finding::Finding;
use crate::diagnostic::Route;
use crate::digest::sha256_hex;
use crate::document::locate::Found;
use crate::document::{Document, Node, NodeKind};

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The member, elements of lists by their index.
    pub route: Route,
    /// The member, elements of lists by their own names: `rules[PAY].when`.
    pub stable: String,
    /// A digest of the lint and the member, in hexadecimal; of several findings of one lint about
    /// one member, each its own.
    pub fingerprint: String,
}

/// The members that name the object that has them.
const NAMES: [&str; 6] = ["id", "agent_id", "tool_name", "name", "keyid", "lint"];

/// Digits of a fingerprint: enough that no two findings of a file share one by chance.
const DIGITS: usize = 32;

/// What the findings of one document are about, in their order.
pub(super) fn of(document: &Document, findings: &[Finding]) -> Vec<Identity> {
    let mut seen: BTreeMap<(&str, String), usize> = BTreeMap::new();
    findings
        .iter()
        .map(|finding| {
            let route = &finding.fault.place.route;
            let stable = stable(document, route);
            let count = seen.entry((finding.id, stable.clone())).or_default();
            let digest = sha256_hex(format!("{}\n{stable}\n{count}", finding.id).as_bytes());
            *count += 1;
            Identity {
                route: route.clone(),
                fingerprint: digest.get(..DIGITS).unwrap_or_default().to_owned(),
                stable,
            }
        })
        .collect()
}

/// A route with the elements of lists by their own names.
fn stable(document: &Document, route: &Route) -> String {
    let mut named = String::new();
    let (steps, rest) = document.steps(route);
    for step in steps {
        match step {
            Found::Member(member) => {
                let key = Route::root().key(&member.key);
                if !named.is_empty() && !key.as_str().starts_with('[') {
                    named.push('.');
                }
                named.push_str(key.as_str());
            }
            Found::Element(index, node) => {
                let name = name(node).map_or_else(|| index.to_string(), str::to_owned);
                named.push('[');
                named.push_str(&name);
                named.push(']');
            }
        }
    }
    named.push_str(rest);
    named
}

/// What an element of a list is called.
fn name(node: &Node) -> Option<&str> {
    match &node.kind {
        NodeKind::String(text) => Some(text),
        NodeKind::Object(members) => {
            let named = NAMES.iter().find_map(|key| node.get(key)?.as_str());
            named.or_else(|| match members.as_slice() {
                [only] => Some(&only.key),
                _ => None,
            })
        }
        _ => None,
    }
}
