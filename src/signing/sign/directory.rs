//! A directory, signed in its manifest, which is made anew each time.

use std::path::Path;

use super::{
    Content, Form, Order, Revision, SignError, Signed, caveats, in_document, keyids, seconds,
};
use crate::canonical;
use crate::document::MAX_SAFE_INTEGER;
use crate::signing::directory::{DirectoryManifest, LoadedManifest, entries};
use crate::source::BaseDir;
use crate::time::Timestamp;

/// What a directory was before, or is to be.
#[derive(Clone, Copy, Debug)]
pub enum Identity<'a> {
    /// It has this manifest, whose id stays.
    Signed(&'a LoadedManifest),
    /// It gets its first manifest, with this id.
    New(&'a str),
}

/// Signs a directory below `base`. The text is that of the manifest.
///
/// # Errors
/// [`SignError`]; a first manifest needs a lifetime.
pub fn directory(
    base: &BaseDir,
    path: &Path,
    identity: Identity<'_>,
    order: &Order<'_>,
) -> Result<Signed, SignError> {
    let name = path.display().to_string();
    let files = entries(base, path).map_err(|error| SignError::Directory {
        name: name.clone(),
        error,
    })?;
    let out_of_range = || SignError::OutOfRange { name: name.clone() };
    let dates = match order.lifetime {
        Some(lifetime) => {
            let end = order.at.after(lifetime).ok_or_else(out_of_range)?;
            Some((seconds(order.at), seconds(end)))
        }
        None => None,
    };
    let (mut manifest, existing) = match identity {
        Identity::Signed(loaded) => {
            let mut manifest = loaded.manifest.clone();
            let signature = manifest.signature.take();
            (manifest, signature)
        }
        Identity::New(id) => {
            let (_, expires_at) = dates
                .clone()
                .ok_or_else(|| SignError::NoEnd { name: name.clone() })?;
            let manifest = DirectoryManifest {
                id: id.to_owned(),
                revision: 0,
                generated_at: None,
                expires_at,
                files: Vec::new(),
                signature: None,
            };
            (manifest, None)
        }
    };
    manifest.files = files;
    if let Some((generated_at, expires_at)) = dates {
        manifest.generated_at = Some(generated_at);
        manifest.expires_at = expires_at;
    }
    if order.revision == Revision::Bumped || matches!(identity, Identity::New(_)) {
        manifest.revision += 1;
        if manifest.revision as f64 > MAX_SAFE_INTEGER {
            return Err(out_of_range());
        }
    }
    let end = Timestamp::parse(manifest.expires_at.as_bytes());
    if end.is_none_or(|expires| order.at >= expires) {
        return Err(SignError::Expired {
            name,
            expires_at: manifest.expires_at,
            at: order.at,
        });
    }
    let layout = || SignError::Layout { name: name.clone() };
    let value = serde_json::to_value(&manifest).map_err(|_| layout())?;
    let payload = canonical::to_vec(&value).map_err(|_| layout())?;
    let content = match identity {
        Identity::Signed(loaded) if loaded.payload() == payload => Content::Same,
        _ => Content::Changed,
    };
    let mut notes = caveats(order);
    if !matches!(order.form, Form::Plain | Form::Keyed) {
        return Err(layout());
    }
    let signature = in_document(order, &payload, existing.as_ref(), content, &mut notes)?;
    manifest.signature = Some(signature);
    let mut text = serde_json::to_string_pretty(&manifest).map_err(|_| layout())?;
    text.push('\n');
    Ok(Signed {
        text,
        envelope: None,
        keyids: keyids(order),
        digest: crate::digest::sha256_hex(&payload),
        expires_at: manifest.expires_at,
        revision: Some(manifest.revision),
        notes,
    })
}
