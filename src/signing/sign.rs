//! Signs a bundle in its own text, a file in an envelope beside it, or a directory in its manifest.
//! Owns what a signer may change besides: dates and revision. Writes nothing: what becomes of the
//! text is the caller's business.

mod bundle;
mod directory;

use std::time::Duration;

use super::directory::ListError;
use super::dsse::{DOCUMENT_TYPE, Envelope, EnvelopeSignature, FILE_TYPE, REPORT_TYPE, pae};
use super::encoding;
use super::keys::{Algorithm, Key};
use super::secret::Weakness;
use crate::digest::hex;
use crate::document::LoadError;
use crate::model::bundle::{KeyedSignature, Signature};
use crate::time::Timestamp;

pub use bundle::bundle;
pub use directory::{Identity, directory};

/// What to sign with, and what to change before.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// The keys that sign, at least one.
    pub keys: &'a [&'a Key],
    /// The form of the signature.
    pub form: Form,
    /// The present.
    pub at: Timestamp,
    /// If given: made at the present, to expire that much later.
    pub lifetime: Option<Duration>,
    /// What becomes of the revision.
    pub revision: Revision,
}

/// The form of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In the document: the HMAC of the payload as 64 digits, of one shared secret.
    Plain,
    /// In the document: one entry a key.
    Keyed,
    /// Beside the file, over its bytes: one entry a key.
    Detached,
    /// In the document: what runtime 0.3 takes for a signature. It covers nearly nothing.
    Shallow,
}

/// What becomes of the revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revision {
    /// It stays.
    Kept,
    /// It grows by one; without one it becomes 1.
    Bumped,
}

/// A signed document.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The whole text of the document's file; the same as before if nothing in it changes.
    pub text: String,
    /// The whole text of the envelope beside it, if one was asked for.
    pub envelope: Option<String>,
    /// The keys that signed, sorted by id.
    pub keyids: Vec<String>,
    /// SHA-256 of the payload, as 64 lower-case hexadecimal digits.
    pub digest: String,
    /// As the document writes it now.
    pub expires_at: String,
    /// As the document writes it now.
    pub revision: Option<u64>,
    /// What the signer should know.
    pub notes: Vec<Note>,
}

/// What a signer should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// The signature covers nearly nothing; which members it leaves out.
    Shallow {
        /// The routes.
        uncovered: Vec<String>,
    },
    /// Signatures of others were over the former content, or have no place in this form.
    Dropped {
        /// The key ids that they named.
        keyids: Vec<String>,
    },
    /// The signature in the document is over its former content, and stays as it is.
    Stale,
    /// A key is not kept as it should be.
    WeakKey {
        /// Its id.
        id: String,
        /// Why.
        weakness: Weakness,
    },
    /// Comments and layout of YAML are not signed.
    LayoutNotCovered,
}

impl Note {
    /// Stable name of the kind of note, snake_case.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Shallow { .. } => "signature_shallow",
            Self::Dropped { .. } => "signature_dropped",
            Self::Stale => "signature_stale",
            Self::WeakKey { .. } => "key_weak",
            Self::LayoutNotCovered => "layout_not_covered",
        }
    }

    /// What it says: lower case, no final period.
    pub fn message(&self) -> String {
        match self {
            Self::Shallow { uncovered } => format!(
                "the signature is shallow, as runtime 0.3 expects it: anybody can change {} without \
                 breaking it, and `agent-spm verify` refuses it",
                match uncovered.as_slice() {
                    [] => "nothing".to_owned(),
                    routes => format!("`{}`", routes.join("`, `")),
                }
            ),
            Self::Dropped { keyids } => format!(
                "the signatures of `{}` were dropped: they do not cover this content",
                keyids.join("`, `")
            ),
            Self::Stale => "the signature in the document does not cover its new content; sign it \
                            without `--detached` first"
                .to_owned(),
            Self::WeakKey { id, weakness } => format!("key `{id}` is weak: {weakness}"),
            Self::LayoutNotCovered => {
                "comments and layout are not covered; `sign --detached` covers them".to_owned()
            }
        }
    }
}

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The document is malformed.
    #[error("`{}` cannot be used", .0.name)]
    Load(#[from] LoadError),
    /// The document is past its end.
    #[error("`{name}` expired at {expires_at}, and it is {at}")]
    Expired {
        /// What messages call it.
        name: String,
        /// Its end, as written.
        expires_at: String,
        /// The present.
        at: Timestamp,
    },
    /// A key must not be relied on.
    #[error("key `{id}` is weak: {weakness}")]
    KeyWeak {
        /// Its id.
        id: String,
        /// Why.
        weakness: Weakness,
    },
    /// A key cannot sign.
    #[error("key `{id}` is a public key, which cannot sign")]
    KeyPublic {
        /// Its id.
        id: String,
    },
    /// The form takes exactly one shared secret.
    #[error("this form of signature is made with exactly one shared secret")]
    NotOneSecret,
    /// There is no key.
    #[error("there is no key to sign with")]
    NoKey,
    /// A date or a revision would be out of range.
    #[error("`{name}` would get a date or a revision that no reader accepts")]
    OutOfRange {
        /// What messages call it.
        name: String,
    },
    /// The text has no place for a member that is to be set.
    #[error("`{name}` is laid out so that its members cannot be set one by one")]
    Layout {
        /// What messages call it.
        name: String,
    },
    /// A directory has no manifest yet, and nothing says when it expires.
    #[error("`{name}` has no manifest yet, and nothing says when it is to expire")]
    NoEnd {
        /// What messages call it.
        name: String,
    },
    /// A directory cannot have a manifest.
    #[error("`{name}` cannot be signed: {error}")]
    Directory {
        /// What messages call it.
        name: String,
        /// Why.
        error: ListError,
    },
}

impl SignError {
    /// Stable name of the kind of refusal, snake_case; `None` if there is no answer.
    pub const fn refusal(&self) -> Option<&'static str> {
        match self {
            Self::Expired { .. } => Some("expired"),
            Self::KeyWeak { .. } => Some("key_weak"),
            _ => None,
        }
    }

    /// What to do about it.
    pub const fn help(&self) -> Option<&'static str> {
        match self {
            Self::Load(_) => None,
            Self::Expired { .. } | Self::NoEnd { .. } => {
                Some("say how long it is to be valid: `--expires-in 90d`")
            }
            Self::KeyWeak { weakness, .. } => Some(weakness.help()),
            Self::KeyPublic { .. } => {
                Some("give its `NAME.key.pem`, or sign with other keys: `--key ID`")
            }
            Self::NotOneSecret => {
                Some("give one with `--secret-file`, or choose it with `--key ID`")
            }
            Self::NoKey => Some(
                "give keys with `--keys`, a secret with `--secret-file`, or set AGENT_SPM_SECRET",
            ),
            Self::OutOfRange { .. } => Some("choose a shorter `--expires-in`"),
            Self::Layout { .. } => {
                Some("write an empty `signature: \"\"` where it is to stand, and sign again")
            }
            Self::Directory { error, .. } => match error {
                ListError::Open(error) => error.help(),
                _ => Some("remove or rename it; a signed directory holds plain files only"),
            },
        }
    }
}

/// The envelope beside a report of these bytes, signed by each of `keys`.
///
/// # Errors
/// If there is no key, or one must not or cannot sign.
pub fn report(bytes: &[u8], keys: &[&Key]) -> Result<Envelope, SignError> {
    let message = pae(REPORT_TYPE, bytes);
    let signatures = signatures(keys, &message, encoding::base64)?.into_iter();
    let signatures = signatures.map(|KeyedSignature { keyid, sig }| EnvelopeSignature {
        keyid: Some(keyid),
        sig,
    });
    Ok(Envelope {
        payload: Some(encoding::base64(bytes)),
        payload_type: REPORT_TYPE.to_owned(),
        signatures: signatures.collect(),
    })
}

/// What should be known of the keys that sign.
fn caveats(order: &Order<'_>) -> Vec<Note> {
    let caveats = order.keys.iter().filter_map(|key| {
        Some(Note::WeakKey {
            id: key.id().to_owned(),
            weakness: key.caveat()?,
        })
    });
    caveats.collect()
}

/// The ids of the keys that sign, sorted.
fn keyids(order: &Order<'_>) -> Vec<String> {
    let mut keyids: Vec<String> = order.keys.iter().map(|key| key.id().to_owned()).collect();
    keyids.sort_unstable();
    keyids
}

/// An instant as documents carry it: RFC 3339 to the second.
fn seconds(instant: Timestamp) -> String {
    instant.whole_seconds().to_string().replace(".000Z", "Z")
}

/// The signatures of a payload.
fn signature(order: &Order<'_>, payload: &[u8]) -> Result<Vec<KeyedSignature>, SignError> {
    let message = match order.form {
        Form::Plain | Form::Shallow => payload.to_vec(),
        Form::Keyed => pae(DOCUMENT_TYPE, payload),
        Form::Detached => pae(FILE_TYPE, payload),
    };
    let encode = |bytes: &[u8]| match order.form {
        Form::Plain | Form::Shallow => hex(bytes),
        Form::Keyed | Form::Detached => encoding::base64(bytes),
    };
    signatures(order.keys, &message, encode)
}

/// The signatures of a message, one a key.
fn signatures(
    keys: &[&Key],
    message: &[u8],
    encode: impl Fn(&[u8]) -> String,
) -> Result<Vec<KeyedSignature>, SignError> {
    let mut signatures = Vec::new();
    for key in keys {
        let keyid = key.id().to_owned();
        if let Some(weakness) = key.weakness() {
            return Err(SignError::KeyWeak {
                id: keyid,
                weakness,
            });
        }
        let Some(bytes) = key.sign(message) else {
            return Err(SignError::KeyPublic { id: keyid });
        };
        let sig = encode(&bytes);
        signatures.push(KeyedSignature { keyid, sig });
    }
    if signatures.is_empty() {
        return Err(SignError::NoKey);
    }
    Ok(signatures)
}

/// The signature that a document is to carry: in the list form, signatures of others stay if they
/// are over the same content.
fn in_document(
    order: &Order<'_>,
    payload: &[u8],
    existing: Option<&Signature>,
    content: Content,
    notes: &mut Vec<Note>,
) -> Result<Signature, SignError> {
    let own = signature(order, payload)?;
    let mut others: Vec<KeyedSignature> = match existing {
        Some(Signature::Keyed(list)) => list
            .iter()
            .filter(|entry| own.iter().all(|own| own.keyid != entry.keyid))
            .cloned()
            .collect(),
        _ => Vec::new(),
    };
    let new = match (order.form, own.as_slice()) {
        (Form::Plain | Form::Shallow, [one]) => {
            let is_secret = order
                .keys
                .iter()
                .all(|key| key.algorithm() == Algorithm::HmacSha256);
            if !is_secret {
                return Err(SignError::NotOneSecret);
            }
            Signature::Plain(one.sig.clone())
        }
        (Form::Plain | Form::Shallow, _) => return Err(SignError::NotOneSecret),
        (Form::Keyed | Form::Detached, _) => {
            if content == Content::Same {
                // Each in its own place, so that signing again changes nothing.
                return Ok(Signature::Keyed(merged(existing, own)));
            }
            Signature::Keyed(own)
        }
    };
    if !others.is_empty() {
        others.sort_by(|one, other| one.keyid.cmp(&other.keyid));
        notes.push(Note::Dropped {
            keyids: others.into_iter().map(|entry| entry.keyid).collect(),
        });
    }
    Ok(new)
}

/// Whether what is signed is what was signed before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    Same,
    Changed,
}

fn merged(existing: Option<&Signature>, own: Vec<KeyedSignature>) -> Vec<KeyedSignature> {
    let mut list = match existing {
        Some(Signature::Keyed(list)) => list.clone(),
        _ => Vec::new(),
    };
    for new in own {
        match list.iter_mut().find(|entry| entry.keyid == new.keyid) {
            Some(entry) => *entry = new,
            None => list.push(new),
        }
    }
    list
}

/// The envelope beside a file; signatures of others over the same bytes stay.
fn envelope(
    order: &Order<'_>,
    bytes: &[u8],
    existing: Option<&Envelope>,
) -> Result<Envelope, SignError> {
    let kept = existing.filter(|envelope| envelope.is_of(FILE_TYPE, bytes));
    let mut signatures = kept.map_or_else(Vec::new, |envelope| envelope.signatures.clone());
    for KeyedSignature { keyid, sig } in signature(order, bytes)? {
        let new = EnvelopeSignature {
            keyid: Some(keyid),
            sig,
        };
        match signatures.iter_mut().find(|entry| entry.keyid == new.keyid) {
            Some(entry) => *entry = new,
            None => signatures.push(new),
        }
    }
    Ok(Envelope {
        payload: Some(encoding::base64(bytes)),
        payload_type: FILE_TYPE.to_owned(),
        signatures,
    })
}
