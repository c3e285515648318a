//! A small file of what was accepted before, which one process at a time reads and replaces. Knows
//! nothing of what is in it.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::output::AtomicFile;
use super::{OpenError, open_anywhere, read_limited};

/// A file that no other process changes while this is held.
#[derive(Debug)]
pub struct HeldFile {
    path: PathBuf,
    /// Locked until it is dropped. It is the directory, since the file is replaced.
    _lock: Option<File>,
}

impl HeldFile {
    /// Waits until no other process holds the file; it need not exist.
    ///
    /// # Errors
    /// [`OpenError`] if its directory does not exist or cannot be locked.
    pub fn hold(path: &Path) -> Result<Self, OpenError> {
        let lock = lock(path).map_err(|error| OpenError::io(path, error))?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// The content, of at most `limit` bytes; `None` if there is no such file.
    ///
    /// # Errors
    /// [`OpenError`] if there is something that cannot be read.
    pub fn read(&self, limit: usize) -> Result<Option<Vec<u8>>, OpenError> {
        match open_anywhere(&self.path) {
            Ok(file) => read_limited(file, &self.path, limit).map(Some),
            Err(OpenError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Replaces the content, whole or not at all.
    ///
    /// # Errors
    /// If the disk refuses; then the content is what it was.
    pub fn replace(&self, bytes: &[u8]) -> io::Result<()> {
        let mut file = AtomicFile::create(&self.path)?;
        file.write_all(bytes)?;
        file.commit()
    }
}

#[cfg(unix)]
fn lock(path: &Path) -> io::Result<Option<File>> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let directory = File::open(directory)?;
    directory.lock()?;
    Ok(Some(directory))
}

/// Elsewhere a directory cannot be locked; each write is whole all the same.
#[cfg(not(unix))]
fn lock(_path: &Path) -> io::Result<Option<File>> {
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_is_what_was_written_last() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("state");
        let held = HeldFile::hold(&path).expect("holds");
        assert!(held.read(100).expect("reads").is_none());
        held.replace(b"one").expect("writes");
        held.replace(b"two").expect("writes");
        assert_eq!(held.read(100).expect("reads").as_deref(), Some(&b"two"[..]));
    }

    #[cfg(unix)]
    #[test]
    fn a_second_holder_waits() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("state");
        let held = HeldFile::hold(&path).expect("holds");
        let other = File::open(directory.path()).expect("opens");
        assert!(other.try_lock().is_err(), "the directory is locked");
        drop(held);
        assert!(other.try_lock().is_ok(), "and free again");
    }
}
