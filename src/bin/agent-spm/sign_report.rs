//! A report with a signature beside it, by the keys that sign policies.

use std::io::{self, Write as _};
use std::path::Path;

use agent_spm::report::json;
use agent_spm::signing::keys::{Key, KeySet};
use agent_spm::signing::sign;

use crate::exit::Failure;
use crate::output;
use crate::verify::beside;

/// Writes `text` to `path` and its envelope beside it, each whole or not at all.
pub(crate) fn write(text: &[u8], path: &Path, keys: &KeySet) -> Result<(), Failure> {
    let signers: Vec<&Key> = keys.iter().filter(|key| key.can_sign()).collect();
    let envelope = sign::report(text, &signers)?;
    let envelope = json::render(&envelope).map_err(io::Error::from)?;
    let beside = beside(path);
    for (path, bytes) in [(path, text), (&beside, envelope.as_bytes())] {
        let mut file = output::create(path)?;
        file.write_all(bytes)
            .and_then(|()| file.commit())
            .map_err(|error| output::not_written(path, error))?;
    }
    Ok(())
}
