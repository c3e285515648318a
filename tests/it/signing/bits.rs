//! Every bit of a signed document flipped: none of the results is verified.

use std::num::NonZeroUsize;

use agent_spm::document::{Format, Limits};
use agent_spm::signing::Secret;
use agent_spm::signing::keys::{Key, KeySet};
use agent_spm::signing::sign::{self, Form, Order, Revision};
use agent_spm::signing::verify::{self, Input, Terms, VerifyError, WeakKeys};
use agent_spm::source::private::Readers;
use agent_spm::time::Timestamp;
use proptest::prelude::*;

use super::world::{AT, SECRET, testdata};

pub(crate) fn keys() -> KeySet {
    let mut keys = KeySet::default();
    let secret = Secret::new(SECRET.as_bytes().to_vec().into());
    keys.add(Key::secret("ci", secret, Readers::Owner))
        .expect("a key");
    let pem = std::fs::read_to_string(testdata("keys/reviewer.key.pem")).expect("a key");
    keys.add(Key::private("reviewer", &pem, Readers::Owner).expect("a key"))
        .expect("a key");
    keys
}

pub(crate) fn at() -> Timestamp {
    Timestamp::parse(AT.as_bytes()).expect("an instant")
}

pub(crate) fn input(bytes: &[u8], format: Format) -> Input<'_> {
    Input {
        bytes,
        name: "bundle",
        format,
        limits: Limits::default(),
    }
}

pub(crate) fn terms(keys: &KeySet) -> Terms<'_> {
    Terms {
        keys,
        required: &[],
        threshold: NonZeroUsize::MIN,
        weak_keys: WeakKeys::Refused,
        at: at(),
        min_revision: None,
        floors: None,
    }
}

pub(crate) fn signed(text: &str, format: Format, keys: &[&Key], form: Form) -> sign::Signed {
    let order = Order {
        keys,
        form,
        at: at(),
        lifetime: None,
        revision: Revision::Kept,
    };
    sign::bundle(input(text.as_bytes(), format), None, &order).expect("it is signed")
}

/// The shortest text of a bundle with every kind of member.
const SMALL: &str = r#"{"version":"1","generated_at":"2026-01-01T00:00:00Z","expires_at":"2026-04-01T00:00:00Z","revision":7,"rules":[{"id":"A","description":"é","match":{"tool_name":"*","environment":"*"},"when":{"tool_args_match":{"n":{"gt":-1.5}}},"outcome":"DENY"}],"defaults":{"outcome":"DENY"},"metadata":{"x":[true,null]}}"#;

fn flip_every_bit(bytes: &[u8], verified: impl FnMut(&[u8]) -> bool) {
    flip(bytes, |_, _| true, verified);
}

fn flip(
    bytes: &[u8],
    wanted: impl Fn(usize, usize) -> bool,
    mut verified: impl FnMut(&[u8]) -> bool,
) {
    assert!(verified(bytes), "the whole document is verified");
    let mut bytes = bytes.to_vec();
    for index in 0..bytes.len() {
        for bit in (0..8).filter(|bit| wanted(index, *bit)) {
            bytes[index] ^= 1 << bit;
            assert!(!verified(&bytes), "bit {bit} of byte {index}");
            bytes[index] ^= 1 << bit;
        }
    }
}

#[test]
fn plain() {
    let keys = keys();
    let key = keys.get("ci").expect("a key");
    let text = signed(SMALL, Format::Json, &[key], Form::Plain).text;
    flip_every_bit(text.as_bytes(), |bytes| {
        verify::bundle(input(bytes, Format::Json), &terms(&keys)).is_ok()
    });
}

/// One signer, so that the other's signature cannot make up for it. Every bit of the signature,
/// and one of each byte of the content, of which [`plain`] flips all.
#[test]
fn keyed() {
    let keys = keys();
    for id in ["ci", "reviewer"] {
        let key = keys.get(id).expect("a key");
        let text = signed(SMALL, Format::Json, &[key], Form::Keyed).text;
        // The key id is a hint and not signed.
        let hint = text.find("\"keyid\"").expect("a hint") + "\"keyid\": \"".len();
        let hint = hint..hint + id.len();
        let signature = text.find("\"signature\"").expect("it is signed");
        let wanted = |index, bit| index >= signature || index % 8 == bit;
        flip(text.as_bytes(), wanted, |bytes| {
            let same_but_hint = bytes[..hint.start] == text.as_bytes()[..hint.start]
                && bytes[hint.end..] == text.as_bytes()[hint.end..];
            let verified = verify::bundle(input(bytes, Format::Json), &terms(&keys)).is_ok();
            verified && (!same_but_hint || bytes == text.as_bytes())
        });
    }
}

#[test]
fn detached() {
    let keys = keys();
    let key = keys.get("ci").expect("a key");
    let envelope = signed(SMALL, Format::Json, &[key], Form::Detached).envelope;
    let envelope = envelope.expect("an envelope").into_bytes();
    flip_every_bit(SMALL.as_bytes(), |bytes| {
        verify::detached(input(bytes, Format::Json), &envelope, &terms(&keys)).is_ok()
    });
}

/// Any text as metadata, and any other text in its place.
fn bundle_with(note: &str) -> String {
    let note = serde_json::to_string(note).expect("JSON");
    SMALL.replace("[true,null]", &note)
}

fn text() -> impl Strategy<Value = String> {
    // Without noncharacters, which no bundle may hold.
    "[^\\u{FDD0}-\\u{FDEF}\\u{FFFE}\\u{FFFF}]{0,40}".prop_filter("no noncharacter", |text| {
        text.chars().all(|c| u32::from(c) & 0xFFFE != 0xFFFE)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A signature is good for its own content and no other.
    #[test]
    fn a_signature_is_of_one_content(one in text(), other in text()) {
        let keys = keys();
        let key = keys.get("ci").expect("a key");
        let signed = signed(&bundle_with(&one), Format::Json, &[key], Form::Plain).text;
        let verified = verify::bundle(input(signed.as_bytes(), Format::Json), &terms(&keys));
        prop_assert!(verified.is_ok());
        let moved = bundle_with(&other);
        let moved = moved.trim_end_matches('}').to_owned() + &signed[signed.rfind("},\"signature\"").expect("signed")..];
        let refused = verify::bundle(input(moved.as_bytes(), Format::Json), &terms(&keys));
        match refused {
            Ok(_) => prop_assert_eq!(one, other),
            Err(VerifyError::Refused(refused)) => {
                prop_assert_ne!(one, other);
                prop_assert_eq!(refused.refusal.code(), "signature_invalid");
            }
            Err(error) => prop_assert!(false, "{error}"),
        }
    }
}
