//! Files that are written whole or not at all.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file that appears under its name, complete, when it is committed; until then, what stood
/// under the name is untouched, and nothing is left behind if this is dropped.
pub struct AtomicFile {
    path: PathBuf,
    temporary: BufWriter<NamedTempFile>,
}

const BUFFER_BYTES: usize = 512 * 1024;

impl AtomicFile {
    /// Begins a file that will be called `path`, in a temporary file of the same directory.
    ///
    /// # Errors
    /// If `path` names something other than a regular file, or the directory cannot be written.
    pub fn create(path: &Path) -> io::Result<Self> {
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".agent-spm-").suffix(".tmp");
        let mut kept = None;
        match fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_file() => kept = Some(metadata.permissions()),
            Ok(_) => {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidInput,
                    "there is something under this name that is not a regular file",
                ));
            }
            Err(_) => {
                #[cfg(unix)]
                {
                    use std::os::unix::fs::PermissionsExt as _;
                    builder.permissions(fs::Permissions::from_mode(0o666));
                }
            }
        }
        let temporary = builder.tempfile_in(directory)?;
        if let Some(permissions) = kept {
            // Not when the file is made: there the process's mask would take bits away.
            temporary.as_file().set_permissions(permissions)?;
        }
        Ok(Self {
            path: path.to_owned(),
            temporary: BufWriter::with_capacity(BUFFER_BYTES, temporary),
        })
    }

    /// Writes what is buffered to the disk and gives the file its name.
    ///
    /// # Errors
    /// If the disk refuses; then nothing stands under the name that did not before.
    pub fn commit(self) -> io::Result<()> {
        let temporary = self
            .temporary
            .into_inner()
            .map_err(|error| error.into_error())?;
        temporary.as_file().sync_all()?;
        temporary.persist(&self.path).map_err(|error| error.error)?;
        Ok(())
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.temporary.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.temporary.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_only_when_committed() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("out");
        fs::write(&path, "old").expect("writes");
        let mut file = AtomicFile::create(&path).expect("creates");
        file.write_all(b"new").expect("writes");
        assert_eq!(fs::read(&path).expect("reads"), b"old");
        drop(file);
        assert_eq!(fs::read_dir(directory.path()).expect("lists").count(), 1);

        let mut file = AtomicFile::create(&path).expect("creates");
        file.write_all(b"new").expect("writes");
        file.commit().expect("commits");
        assert_eq!(fs::read(&path).expect("reads"), b"new");
        assert_eq!(fs::read_dir(directory.path()).expect("lists").count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn the_mode_of_the_old_file_is_kept() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("out");
        fs::write(&path, "old").expect("writes");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o646)).expect("sets");
        AtomicFile::create(&path)
            .and_then(AtomicFile::commit)
            .expect("commits");
        let mode = fs::metadata(&path).expect("exists").permissions().mode();
        assert_eq!(mode & 0o777, 0o646);
    }

    #[test]
    fn a_directory_is_not_replaced() {
        let directory = tempfile::tempdir().expect("a directory");
        assert!(AtomicFile::create(directory.path()).is_err());
    }
}
