//! Is a document signed by enough accepted keys over its whole content, in time, and not older
//! than what was accepted? Owns the order of the checks and the only way to a [`Verified`] value.
//!
//! Order: limits, strict parse, signature, content of a directory, dates, revision. One buffer is
//! checked, parsed and used.

mod refusal;
mod signatures;

use std::num::NonZeroUsize;
use std::ops::Deref;
use std::path::Path;

use super::directory::{self, DirectoryManifest, LoadedManifest, MANIFEST_NAME};
use super::dsse::{self, Envelope};
use super::keys::KeySet;
use super::secret::Weakness;
use super::state::{Floors, Line, Standing};
use crate::diagnostic::Position;
use crate::document::{Document, Format, Limits, LoadError};
use crate::model::bundle::Bundle;
use crate::model::bundle::load::LoadedBundle;
use crate::source::{BaseDir, OpenError};
use crate::time::Timestamp;

pub use refusal::{Invalid, Refusal};
pub use signatures::MAX_SIGNATURES;

/// What a document must satisfy.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The accepted keys, which fix the algorithms.
    pub keys: &'a KeySet,
    /// Ids of keys of which each must have signed.
    pub required: &'a [String],
    /// How many different keys must have signed.
    pub threshold: NonZeroUsize,
    /// What becomes of weak keys.
    pub weak_keys: WeakKeys,
    /// The present.
    pub at: Timestamp,
    /// The least revision.
    pub min_revision: Option<u64>,
    /// What was accepted before.
    pub floors: Option<&'a Floors>,
}

/// What becomes of weak keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeakKeys {
    /// One among the keys refuses everything.
    Refused,
    /// They verify, and the evidence says so.
    Noted,
}

/// What the accepted signatures are over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covering {
    /// The content of the document, in its canonical form.
    Content,
    /// The bytes of the file, comments and layout included.
    File,
    /// The content of a manifest and the bytes of every file that it lists.
    Directory,
    /// The bytes of a report.
    Report,
}

/// A value that was verified. Only this module makes one.
#[derive(Clone, Debug)]
pub struct Verified<T> {
    value: T,
    evidence: Evidence,
}

/// What is known of a document that was read, whether it is accepted or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The id of a signed directory.
    pub directory_id: Option<String>,
    /// The keys whose signatures are good, sorted by id.
    pub keyids: Vec<String>,
    /// What they are over.
    pub covering: Covering,
    /// SHA-256 of the payload, as 64 lower-case hexadecimal digits.
    pub digest: String,
    /// As the document writes it; none of a report, which does not expire.
    pub expires_at: Option<String>,
    /// As the document writes it.
    pub revision: Option<u64>,
    /// What a reviewer should know.
    pub notes: Vec<Note>,
}

/// What a reviewer should know of a document, whatever the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A weak key was accepted.
    WeakKey {
        /// Its id.
        id: String,
        /// Why it is weak.
        weakness: Weakness,
    },
    /// Comments and layout of YAML are not signed.
    LayoutNotCovered,
    /// A signature is by none of the keys, or is none.
    OtherSignature {
        /// The key id that it names.
        keyid: String,
    },
}

impl Note {
    /// Stable name of the kind of note, snake_case.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WeakKey { .. } => "key_weak",
            Self::LayoutNotCovered => "layout_not_covered",
            Self::OtherSignature { .. } => "signature_not_accepted",
        }
    }

    /// What it says: lower case, no final period.
    pub fn message(&self) -> String {
        match self {
            Self::WeakKey { id, weakness } => format!("key `{id}` is weak: {weakness}"),
            Self::LayoutNotCovered => {
                "comments and layout are not covered; `sign --detached` covers them".to_owned()
            }
            Self::OtherSignature { keyid } => {
                format!("the signature that names `{keyid}` is by none of the keys given")
            }
        }
    }
}

/// A document that was read and is not accepted.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Why.
    pub refusal: Refusal,
    /// What is known of it; nothing of a directory without a manifest.
    pub evidence: Option<Evidence>,
    /// Where in its text the reason stands.
    pub position: Option<Position>,
}

/// Why there is no verified value.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The answer is no.
    #[error("{}", .0.refusal)]
    Refused(Box<Refused>),
    /// There is no answer: a file cannot be read.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// There is no answer: a document is malformed.
    #[error(transparent)]
    Load(#[from] LoadError),
}

impl<T> Verified<T> {
    /// By whom it is signed, and what else is known of it.
    pub const fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// Raises the floor to this revision, so that nothing older is accepted any more.
    pub fn record(&self, floors: &mut Floors) {
        if let Some(revision) = self.evidence.revision {
            floors.raise(self.evidence.line(), revision, &self.evidence.digest);
        }
    }
}

impl<T> Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl Evidence {
    fn line(&self) -> Line<'_> {
        match &self.directory_id {
            Some(id) => Line::Directory(id),
            None => Line::Bundle,
        }
    }
}

/// A file as it was read.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// What messages call it.
    pub name: &'a str,
    /// How it is written.
    pub format: Format,
    /// How large it may be.
    pub limits: Limits,
}

/// Verifies a bundle by the signature in it.
///
/// # Errors
/// [`VerifyError::Load`] if it is no bundle, [`VerifyError::Refused`] if it is not accepted.
pub fn bundle(input: Input<'_>, terms: &Terms<'_>) -> Result<Verified<Bundle>, VerifyError> {
    let loaded = load_bundle(input)?;
    let mut evidence = bundle_evidence(&loaded, Covering::Content);
    let signed = signatures::in_document(
        loaded.bundle.signature.as_ref(),
        loaded.payload(),
        &loaded.document,
        terms,
        &mut evidence,
    );
    let checked = signed.and_then(|()| in_time(&loaded.document, &evidence, terms));
    if checked.is_ok() && input.format == Format::Yaml {
        evidence.notes.push(Note::LayoutNotCovered);
    }
    finish(loaded.bundle, &loaded.document, evidence, checked)
}

/// Verifies a bundle by the envelope beside its file.
///
/// # Errors
/// [`VerifyError::Load`] if the file is no bundle or `envelope` no envelope,
/// [`VerifyError::Refused`] if it is not accepted.
pub fn detached(
    input: Input<'_>,
    envelope: &[u8],
    terms: &Terms<'_>,
) -> Result<Verified<Bundle>, VerifyError> {
    let loaded = load_bundle(input)?;
    let limits = Limits {
        // Base64 of a file within its limit, and some signatures.
        bytes: input.limits.bytes.saturating_mul(2).saturating_add(1 << 16),
        ..input.limits
    };
    let name = format!("{}{}", input.name, dsse::SUFFIX);
    let envelope = Envelope::load(envelope, &name, limits)?;
    let mut evidence = bundle_evidence(&loaded, Covering::File);
    let signed = signatures::in_envelope(
        &envelope,
        dsse::FILE_TYPE,
        input.bytes,
        terms,
        &mut evidence,
    );
    let checked = signed.and_then(|()| in_time(&loaded.document, &evidence, terms));
    finish(loaded.bundle, &loaded.document, evidence, checked)
}

/// Verifies a report of these bytes by the envelope beside it. A report has no dates; one that is
/// asked for a revision is refused.
///
/// # Errors
/// [`VerifyError::Refused`] if it is not accepted.
pub fn report(
    bytes: &[u8],
    envelope: &Envelope,
    terms: &Terms<'_>,
) -> Result<Verified<()>, VerifyError> {
    let mut evidence = Evidence {
        directory_id: None,
        keyids: Vec::new(),
        covering: Covering::Report,
        digest: crate::digest::sha256_hex(bytes),
        expires_at: None,
        revision: None,
        notes: Vec::new(),
    };
    let signed = signatures::in_envelope(envelope, dsse::REPORT_TYPE, bytes, terms, &mut evidence);
    let asks_for_revision = terms.min_revision.is_some() || terms.floors.is_some();
    let checked = match signed {
        Ok(()) if asks_for_revision => Err(Refusal::RevisionMissing),
        signed => signed,
    };
    conclude((), evidence, checked, |_| None)
}

/// Verifies a directory below `base` by the manifest in it.
///
/// # Errors
/// [`VerifyError::Open`] if the manifest or a file cannot be read, [`VerifyError::Load`] if it is
/// no manifest, [`VerifyError::Refused`] if the directory is not accepted.
pub fn directory(
    base: &BaseDir,
    path: &Path,
    limits: Limits,
    terms: &Terms<'_>,
) -> Result<Verified<DirectoryManifest>, VerifyError> {
    let file = path.join(MANIFEST_NAME);
    let bytes = match base.read(&file, limits.bytes) {
        Err(OpenError::NotFound { .. }) => {
            return Err(VerifyError::Refused(Box::new(Refused {
                refusal: Refusal::SignatureMissing,
                evidence: None,
                position: None,
            })));
        }
        read => read?,
    };
    let loaded = LoadedManifest::load(&bytes, &file.display().to_string(), limits)?;
    let mut evidence = Evidence {
        directory_id: Some(loaded.manifest.id.clone()),
        keyids: Vec::new(),
        covering: Covering::Directory,
        digest: crate::digest::sha256_hex(loaded.payload()),
        expires_at: Some(loaded.manifest.expires_at.clone()),
        revision: Some(loaded.manifest.revision),
        notes: Vec::new(),
    };
    let mut checked = signatures::in_document(
        loaded.manifest.signature.as_ref(),
        loaded.payload(),
        &loaded.document,
        terms,
        &mut evidence,
    );
    if checked.is_ok() {
        let differences = directory::compare(base, path, &loaded.manifest)?;
        if !differences.is_empty() {
            checked = Err(Refusal::DirectoryMismatch(differences));
        }
    }
    let checked = checked.and_then(|()| in_time(&loaded.document, &evidence, terms));
    finish(loaded.manifest, &loaded.document, evidence, checked)
}

fn load_bundle(input: Input<'_>) -> Result<LoadedBundle, LoadError> {
    Bundle::load(input.bytes, input.name, input.format, input.limits)
}

fn bundle_evidence(loaded: &LoadedBundle, covering: Covering) -> Evidence {
    Evidence {
        directory_id: None,
        keyids: Vec::new(),
        covering,
        digest: loaded.digest(),
        expires_at: Some(loaded.bundle.expires_at.clone()),
        revision: loaded.bundle.revision,
        notes: Vec::new(),
    }
}

fn finish<T>(
    value: T,
    document: &Document,
    evidence: Evidence,
    checked: Result<(), Refusal>,
) -> Result<Verified<T>, VerifyError> {
    conclude(value, evidence, checked, |refusal| {
        let node = document.root.get(refusal.member()?)?;
        Some(document.source.position(node.span.start))
    })
}

/// The one place where a value becomes a verified one.
fn conclude<T>(
    value: T,
    evidence: Evidence,
    checked: Result<(), Refusal>,
    locate: impl FnOnce(&Refusal) -> Option<Position>,
) -> Result<Verified<T>, VerifyError> {
    match checked {
        Ok(()) => Ok(Verified { value, evidence }),
        Err(refusal) => Err(VerifyError::Refused(Box::new(Refused {
            position: locate(&refusal),
            refusal,
            evidence: Some(evidence),
        }))),
    }
}

/// Dates, then revision.
fn in_time(document: &Document, evidence: &Evidence, terms: &Terms<'_>) -> Result<(), Refusal> {
    let written = |member: &str| document.root.get(member)?.as_str();
    let instant = |member| Timestamp::parse(written(member)?.as_bytes());
    // The reader has refused dates that are none; one that cannot be read is over.
    if instant("expires_at").is_none_or(|expires| terms.at >= expires) {
        return Err(Refusal::Expired {
            expires_at: evidence.expires_at.clone().unwrap_or_default(),
            at: terms.at,
        });
    }
    if let Some(generated_at) = written("generated_at")
        && instant("generated_at").is_none_or(|generated| generated > terms.at)
    {
        return Err(Refusal::NotYetValid {
            generated_at: generated_at.to_owned(),
            at: terms.at,
        });
    }
    let floors = terms.floors;
    let Some(revision) = evidence.revision else {
        return if terms.min_revision.is_some() || floors.is_some() {
            Err(Refusal::RevisionMissing)
        } else {
            Ok(())
        };
    };
    if let Some(least) = terms.min_revision
        && revision < least
    {
        return Err(Refusal::RevisionRollback {
            revision,
            floor: least,
        });
    }
    let standing =
        floors.map(|floors| floors.standing(evidence.line(), revision, &evidence.digest));
    match standing {
        None | Some(Standing::New | Standing::Same) => Ok(()),
        Some(Standing::OtherContent) => Err(Refusal::RevisionContentMismatch { revision }),
        Some(Standing::Older(floor)) => Err(Refusal::RevisionRollback {
            revision,
            floor: floor.revision,
        }),
    }
}
