//! What lies below a directory, as it is: nothing is followed, and nothing is passed over.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::BaseDir;
use crate::digest::Sha256;
use crate::source::private::{self, PrivateBytes};
use crate::source::{OpenError, regular_length};

impl BaseDir {
    /// Reads a file that holds a secret, as [`BaseDir::read`] reads others.
    ///
    /// # Errors
    /// As [`BaseDir::read`].
    pub fn read_private(&self, path: &Path, limit: usize) -> Result<PrivateBytes, OpenError> {
        let file = self.open_file(path)?;
        regular_length(&file, path)?;
        private::read_file(file, path, limit)
    }

    /// The names of the directory's own entries that are UTF-8, sorted.
    ///
    /// # Errors
    /// [`OpenError`] when the directory cannot be listed.
    pub fn names(&self) -> Result<Vec<String>, OpenError> {
        let entries = self.dir.entries();
        let mut names = Vec::new();
        for entry in entries.map_err(|error| OpenError::io(&self.path, error))? {
            let entry = entry.map_err(|error| OpenError::io(&self.path, error))?;
            names.extend(entry.file_name().into_string());
        }
        names.sort_unstable();
        Ok(names)
    }

    /// What lies below `directory`, at every depth.
    ///
    /// # Errors
    /// [`OpenError`] when a directory cannot be listed, or there are more than `limit` entries.
    pub fn files_below(&self, directory: &Path, limit: usize) -> Result<Listing, OpenError> {
        let start = self.relative(directory)?;
        let mut listing = Listing::default();
        let mut pending = vec![String::new()];
        let mut seen = 0_usize;
        while let Some(here) = pending.pop() {
            let path = join(start, &here);
            let entries = self.dir.open_dir(&path).and_then(|dir| dir.entries());
            for entry in entries.map_err(|error| self.refusal(&path, error))? {
                let entry = entry.map_err(|error| OpenError::io(&path, error))?;
                seen += 1;
                if seen > limit {
                    return Err(OpenError::TooMany {
                        path: directory.to_owned(),
                        limit,
                    });
                }
                let file_type = entry
                    .file_type()
                    .map_err(|error| OpenError::io(&path, error))?;
                let relative = |name: &str| match here.as_str() {
                    "" => name.to_owned(),
                    here => format!("{here}/{name}"),
                };
                match entry.file_name().into_string() {
                    Ok(name) if file_type.is_dir() => pending.push(relative(&name)),
                    Ok(name) if file_type.is_file() => listing.files.push(relative(&name)),
                    Ok(name) => listing.others.push(relative(&name)),
                    Err(name) => listing.others.push(relative(&name.to_string_lossy())),
                }
            }
        }
        listing.files.sort_unstable();
        listing.others.sort_unstable();
        Ok(listing)
    }

    /// Length and SHA-256 of a regular file below the directory, without holding it in memory.
    ///
    /// # Errors
    /// As [`BaseDir::read`].
    pub fn sha256(&self, path: &Path, limit: u64) -> Result<(u64, [u8; 32]), OpenError> {
        let mut file = self.open_file(path)?;
        let too_large = || OpenError::TooLarge {
            path: path.to_owned(),
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
        };
        if regular_length(&file, path)? > limit {
            return Err(too_large());
        }
        let mut digest = Sha256::default();
        let mut buffer = vec![0; BUFFER_BYTES];
        let mut length = 0_u64;
        loop {
            let count = match file.read(&mut buffer) {
                Ok(0) => return Ok((length, digest.finish())),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(OpenError::io(path, error)),
            };
            length += count as u64;
            if length > limit {
                return Err(too_large());
            }
            digest.update(buffer.get(..count).unwrap_or_default());
        }
    }
}

const BUFFER_BYTES: usize = 64 * 1024;

/// What lies below a directory: paths relative to it, with `/` between their parts, sorted by code
/// points.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Regular files.
    pub files: Vec<String>,
    /// What is neither a regular file nor a directory, such as a link, or has no UTF-8 name.
    pub others: Vec<String>,
}

fn join(start: &Path, below: &str) -> PathBuf {
    match below {
        "" => start.to_owned(),
        below => start.join(below),
    }
}
