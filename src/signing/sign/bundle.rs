//! A bundle, signed in place: only the lines of signature, dates and revision change.

use serde_json::{Value, json};

use super::{
    Content, Form, Note, Order, Revision, SignError, Signed, caveats, envelope, in_document,
    keyids, seconds,
};
use crate::diagnostic::Span;
use crate::document::edit::members::{self, Placement, Set};
use crate::document::{self, Format, MAX_SAFE_INTEGER, Member, Node, NodeKind};
use crate::model::bundle::load::{LoadedBundle, payload};
use crate::model::bundle::{Bundle, Signature};
use crate::signing::dsse::Envelope;
use crate::signing::shallow;
use crate::signing::verify::Input;
use crate::time::Timestamp;

/// Signs a bundle. `existing` is the envelope beside it, for [`Form::Detached`].
///
/// # Errors
/// [`SignError`]; nothing is half signed.
pub fn bundle(
    input: Input<'_>,
    existing: Option<&Envelope>,
    order: &Order<'_>,
) -> Result<Signed, SignError> {
    let loaded = Bundle::load(input.bytes, input.name, input.format, input.limits)?;
    let revised = Revised::of(&loaded, order).ok_or_else(|| SignError::OutOfRange {
        name: input.name.to_owned(),
    })?;
    let end = Timestamp::parse(revised.expires_at.as_bytes());
    if end.is_none_or(|expires| order.at >= expires) {
        return Err(SignError::Expired {
            name: input.name.to_owned(),
            expires_at: revised.expires_at,
            at: order.at,
        });
    }
    let layout = || SignError::Layout {
        name: input.name.to_owned(),
    };
    let payload = revised.payload.as_deref().unwrap_or(loaded.payload());
    let mut notes = caveats(order);
    let mut sets = revised.sets;
    let mut signature = loaded.bundle.signature.clone();
    if order.form == Form::Detached {
        if signature.is_some() && payload != loaded.payload() {
            notes.push(Note::Stale);
        }
    } else {
        let new = sign(&loaded, revised.root.as_ref(), payload, order, &mut notes)?;
        if signature.as_ref() != Some(&new) {
            sets.push(Set {
                key: "signature",
                value: spaced(&new),
                after: "",
            });
        }
        signature = Some(new);
        if input.format == Format::Yaml && order.form != Form::Shallow {
            notes.push(Note::LayoutNotCovered);
        }
    }
    let text = if sets.is_empty() {
        loaded.document.source.text().to_owned()
    } else {
        let expected = revised.root.as_ref().unwrap_or(&loaded.document.root);
        edited(input, &loaded, &sets, expected, signature.as_ref()).ok_or_else(layout)?
    };
    let envelope = match order.form {
        Form::Detached => {
            let envelope = envelope(order, text.as_bytes(), existing)?;
            let mut text = serde_json::to_string_pretty(&envelope).map_err(|_| layout())?;
            text.push('\n');
            Some(text)
        }
        _ => None,
    };
    Ok(Signed {
        text,
        envelope,
        keyids: keyids(order),
        digest: crate::digest::sha256_hex(payload),
        expires_at: revised.expires_at,
        revision: revised.revision,
        notes,
    })
}

/// The signature that the bundle is to carry.
fn sign(
    loaded: &LoadedBundle,
    root: Option<&Node>,
    payload: &[u8],
    order: &Order<'_>,
    notes: &mut Vec<Note>,
) -> Result<Signature, SignError> {
    let content = if payload == loaded.payload() {
        Content::Same
    } else {
        Content::Changed
    };
    let existing = loaded.bundle.signature.as_ref();
    if order.form != Form::Shallow {
        return in_document(order, payload, existing, content, notes);
    }
    let root = root.unwrap_or(&loaded.document.root);
    let content_map = match root.to_json() {
        Value::Object(members) => members,
        _ => serde_json::Map::new(),
    };
    notes.push(Note::Shallow {
        uncovered: shallow::coverage(&content_map).uncovered,
    });
    let text = shallow::payload(&content_map, shallow::Removal::Deleted);
    in_document(order, text.as_bytes(), existing, content, notes)
}

/// A bundle with the dates and the revision that were asked for.
struct Revised {
    /// The members that change.
    sets: Vec<Set>,
    expires_at: String,
    revision: Option<u64>,
    /// The tree and the payload, if anything in them changes.
    root: Option<Node>,
    payload: Option<Vec<u8>>,
}

impl Revised {
    /// `None` if a date or the revision would be out of range.
    fn of(loaded: &LoadedBundle, order: &Order<'_>) -> Option<Self> {
        let bundle = &loaded.bundle;
        let mut revised = Self {
            sets: Vec::new(),
            expires_at: bundle.expires_at.clone(),
            revision: bundle.revision,
            root: None,
            payload: None,
        };
        if let Some(lifetime) = order.lifetime {
            let generated_at = seconds(order.at);
            let expires_at = seconds(order.at.after(lifetime)?);
            if generated_at != bundle.generated_at {
                revised.set(loaded, "generated_at", NodeKind::String(generated_at));
            }
            if expires_at != bundle.expires_at {
                revised.expires_at.clone_from(&expires_at);
                revised.set(loaded, "expires_at", NodeKind::String(expires_at));
            }
        }
        if order.revision == Revision::Bumped {
            let next = bundle.revision.map_or(1, |revision| revision + 1);
            let number = next as f64;
            if number > MAX_SAFE_INTEGER {
                return None;
            }
            revised.revision = Some(next);
            revised.set(loaded, "revision", NodeKind::Number(number));
        }
        if let Some(root) = &revised.root {
            revised.payload = Some(payload(root).ok()?);
        }
        Some(revised)
    }

    fn set(&mut self, loaded: &LoadedBundle, key: &'static str, kind: NodeKind) {
        let root = self
            .root
            .get_or_insert_with(|| loaded.document.root.clone());
        let value = Node {
            span: Span::default(),
            kind,
        };
        self.sets.push(Set {
            key,
            value: value.to_json().to_string(),
            after: "expires_at",
        });
        if let NodeKind::Object(members) = &mut root.kind {
            match members.iter_mut().find(|member| member.key == key) {
                Some(member) => member.value = value,
                None => members.push(Member {
                    key: key.to_owned(),
                    key_span: Span::default(),
                    value,
                }),
            }
        }
    }
}

/// The text with the members set, read again to make sure that it says what is signed, carries the
/// signature, and says nothing else.
fn edited(
    input: Input<'_>,
    loaded: &LoadedBundle,
    sets: &[Set],
    expected: &Node,
    signature: Option<&Signature>,
) -> Option<String> {
    let signature = signature.map(|signature| json!(signature));
    let is_right = |text: &String| {
        let (bytes, limits) = (text.as_bytes(), input.limits);
        document::parse(bytes, input.name, input.format, limits).is_ok_and(|read| {
            is_signed(&read.root, expected)
                && read.root.get("signature").map(Node::to_json) == signature
        })
    };
    [Placement::Behind, Placement::First]
        .into_iter()
        .filter_map(|placement| members::set(&loaded.document, sets, placement))
        .find(is_right)
}

/// Whether two bundles have the same members, whatever their order and their signatures. Below the
/// bundle itself nothing was changed, so that members have the same order.
fn is_signed(read: &Node, expected: &Node) -> bool {
    let (NodeKind::Object(read), NodeKind::Object(expected)) = (&read.kind, &expected.kind) else {
        return false;
    };
    let signed = |members: &[Member]| {
        let signed = members.iter().filter(|member| member.key != "signature");
        signed.count()
    };
    signed(read) == signed(expected)
        && expected
            .iter()
            .filter(|member| member.key != "signature")
            .all(|member| {
                read.iter()
                    .any(|other| other.key == member.key && other.value.says(&member.value))
            })
}

/// JSON with a space behind each colon and comma, as YAML wants it between unquoted braces.
fn spaced(signature: &Signature) -> String {
    match signature {
        Signature::Plain(text) => json!(text).to_string(),
        Signature::Keyed(list) => {
            let entries: Vec<String> = list
                .iter()
                .map(|entry| {
                    let (keyid, sig) = (json!(entry.keyid), json!(entry.sig));
                    format!("{{\"keyid\": {keyid}, \"sig\": {sig}}}")
                })
                .collect();
            format!("[{}]", entries.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Limits;

    fn tree(text: &str) -> Node {
        let read = document::parse(text.as_bytes(), "x.json", Format::Json, Limits::default());
        read.expect("a document").root
    }

    /// The net below every edit: a text that says anything else is never written.
    #[test]
    fn an_edited_text_must_say_what_is_signed() {
        let expected = tree(r#"{"a":1,"b":[{"c":"x","d":null}],"signature":"old"}"#);
        let read = |text: &str| is_signed(&tree(text), &expected);
        assert!(read(
            r#"{"signature":"new","a":1,"b":[{"c":"x","d":null}]}"#
        ));
        assert!(read(r#"{"b": [ {"c":"x", "d":null} ], "a": 1.0}"#));
        for text in [
            r#"{"a":2,"b":[{"c":"x","d":null}]}"#,
            r#"{"a":1,"b":[{"c":"y","d":null}]}"#,
            r#"{"a":1,"b":[{"c":"x","d":false}]}"#,
            r#"{"a":1,"b":[{"c":"x"}]}"#,
            r#"{"a":1,"b":[{"c":"x","d":null,"e":1}]}"#,
            r#"{"a":1,"b":[{"c":"x","e":null}]}"#,
            r#"{"a":1,"b":[]}"#,
            r#"{"a":1,"b":[{"c":"x","d":null},1]}"#,
            r#"{"a":1,"b":{}}"#,
            r#"{"a":1}"#,
            r#"{"a":1,"b":[{"c":"x","d":null}],"z":1}"#,
            r#"[]"#,
        ] {
            assert!(!read(text), "{text}");
        }
    }
}
