//! Which keys have signed. Every signature is tried with every key that could have made it: the key
//! id in a document only says which to try first.

use std::collections::BTreeSet;

use super::{Evidence, Invalid, Note, Refusal, Terms, WeakKeys};
use crate::document::Document;
use crate::model::bundle::Signature;
use crate::signing::dsse::{DOCUMENT_TYPE, Envelope, pae};
use crate::signing::keys::{Algorithm, Key, KeySet};
use crate::signing::mac::TAG_BYTES;
use crate::signing::{encoding, shallow};

/// Most signatures of a document: each costs a verification a key.
pub const MAX_SIGNATURES: usize = 32;

/// One signature: the key id that it names, and its text.
type Entry<'a> = (Option<&'a str>, &'a str);

/// Checks the signature in a document over its payload.
pub(super) fn in_document(
    signature: Option<&Signature>,
    payload: &[u8],
    document: &Document,
    terms: &Terms<'_>,
    evidence: &mut Evidence,
) -> Result<(), Refusal> {
    let signature = signature.ok_or(Refusal::SignatureMissing)?;
    keys_are_fit(terms, evidence)?;
    match signature {
        Signature::Plain(text) => {
            let signers = plain(text, payload, document, terms.keys)?;
            enough(&signers, terms, evidence)
        }
        Signature::Keyed(list) => {
            let entries: Vec<Entry<'_>> = list
                .iter()
                .map(|entry| (Some(entry.keyid.as_str()), entry.sig.as_str()))
                .collect();
            let message = pae(DOCUMENT_TYPE, payload);
            let signers = keyed(&entries, &message, terms.keys, evidence)?;
            enough(&signers, terms, evidence)
        }
    }
}

/// Checks the signatures of an envelope over a file's bytes of that type.
pub(super) fn in_envelope(
    envelope: &Envelope,
    payload_type: &str,
    bytes: &[u8],
    terms: &Terms<'_>,
    evidence: &mut Evidence,
) -> Result<(), Refusal> {
    keys_are_fit(terms, evidence)?;
    if !envelope.is_of(payload_type, bytes) {
        return Err(Refusal::SignatureInvalid(Invalid::OtherFile));
    }
    let entries: Vec<Entry<'_>> = envelope
        .signatures
        .iter()
        .map(|entry| (entry.keyid.as_deref(), entry.sig.as_str()))
        .collect();
    let message = pae(payload_type, bytes);
    let signers = keyed(&entries, &message, terms.keys, evidence)?;
    enough(&signers, terms, evidence)
}

/// There are keys, and none is weak unless that is allowed.
fn keys_are_fit(terms: &Terms<'_>, evidence: &mut Evidence) -> Result<(), Refusal> {
    if terms.keys.is_empty() {
        return Err(Refusal::KeyMissing);
    }
    for key in terms.keys.iter() {
        let id = || key.id().to_owned();
        match (key.weakness(), terms.weak_keys) {
            (Some(weakness), WeakKeys::Refused) => {
                return Err(Refusal::KeyWeak { id: id(), weakness });
            }
            (Some(weakness), WeakKeys::Noted) => {
                evidence.notes.push(Note::WeakKey { id: id(), weakness });
            }
            (None, _) => {}
        }
        if let Some(weakness) = key.caveat() {
            evidence.notes.push(Note::WeakKey { id: id(), weakness });
        }
    }
    Ok(())
}

/// The keys whose plain tag of the payload the text is.
fn plain<'k>(
    text: &str,
    payload: &[u8],
    document: &Document,
    keys: &'k KeySet,
) -> Result<Vec<&'k Key>, Refusal> {
    // Digits only: the plain form has one spelling.
    if text.len() != 2 * TAG_BYTES || encoding::hex(text).is_none() {
        return Err(Refusal::SignatureInvalid(Invalid::NotPlain));
    }
    let secrets: Vec<&Key> = keys
        .iter()
        .filter(|key| key.algorithm() == Algorithm::HmacSha256)
        .collect();
    if secrets.is_empty() {
        return Err(Refusal::KeyUnknown { ids: Vec::new() });
    }
    let signers = verifying(&secrets, payload, text);
    if signers.is_empty() {
        return Err(shallow_or_invalid(text, document, &secrets));
    }
    Ok(signers)
}

fn verifying<'k>(keys: &[&'k Key], message: &[u8], text: &str) -> Vec<&'k Key> {
    keys.iter()
        .copied()
        .filter(|key| key.verifies(message, text))
        .collect()
}

/// Tells a signature of runtime 0.3 from one that is simply wrong.
fn shallow_or_invalid(text: &str, document: &Document, secrets: &[&Key]) -> Refusal {
    let found = shallow::found(&document.root, text, secrets);
    found.map_or(
        Refusal::SignatureInvalid(Invalid::Mismatch),
        Refusal::SignatureShallow,
    )
}

/// The keys that made one of the signatures of `message`.
fn keyed<'k>(
    entries: &[Entry<'_>],
    message: &[u8],
    keys: &'k KeySet,
    evidence: &mut Evidence,
) -> Result<Vec<&'k Key>, Refusal> {
    if entries.is_empty() {
        return Err(Refusal::SignatureInvalid(Invalid::Nothing));
    }
    if entries.len() > MAX_SIGNATURES {
        return Err(Refusal::SignatureInvalid(Invalid::TooMany));
    }
    let mut signers: Vec<&Key> = Vec::new();
    for (hint, text) in entries {
        let hinted = hint.and_then(|id| keys.get(id));
        let signer = hinted
            .into_iter()
            .chain(keys.iter())
            .find(|key| key.verifies(message, text));
        match signer {
            Some(key) => signers.push(key),
            None => evidence.notes.push(Note::OtherSignature {
                keyid: hint.unwrap_or_default().to_owned(),
            }),
        }
    }
    if !signers.is_empty() {
        return Ok(signers);
    }
    let named: BTreeSet<&str> = entries.iter().filter_map(|(hint, _)| *hint).collect();
    let known = named.iter().any(|id| keys.get(id).is_some());
    Err(if known || named.is_empty() {
        Refusal::SignatureInvalid(Invalid::Mismatch)
    } else {
        Refusal::KeyUnknown {
            ids: named.into_iter().map(str::to_owned).collect(),
        }
    })
}

/// Every required key is among the signers, and there are as many different ones as asked for.
fn enough(signers: &[&Key], terms: &Terms<'_>, evidence: &mut Evidence) -> Result<(), Refusal> {
    let ids: BTreeSet<&str> = signers.iter().map(|key| key.id()).collect();
    evidence.keyids = ids.into_iter().map(str::to_owned).collect();
    // By what they are, not by name: one key under two names is one signer.
    let identities: BTreeSet<_> = signers.iter().map(|key| key.identity()).collect();
    for id in terms.required {
        let required = terms.keys.get(id);
        if required.is_none_or(|key| !identities.contains(&key.identity())) {
            return Err(Refusal::KeyRequired { id: id.clone() });
        }
    }
    if identities.len() < terms.threshold.get() {
        return Err(Refusal::ThresholdUnmet {
            signed: identities.len(),
            threshold: terms.threshold.get(),
        });
    }
    Ok(())
}
