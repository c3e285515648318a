//! Files that hold secrets: read into memory that is wiped, with who else may read them, and
//! created for their owner alone. Knows nothing of what a secret is.

use std::fs::File;
use std::io::{self, Read, Write as _};
use std::path::Path;

use zeroize::Zeroizing;

use super::output::{names, not_made};
use super::{OpenError, open_anywhere};

/// The content of a file that holds a secret; its memory is wiped when it is dropped.
pub struct PrivateBytes {
    /// The bytes as they stand in the file.
    pub bytes: Zeroizing<Vec<u8>>,
    /// Who may read the file.
    pub readers: Readers,
}

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Its owner alone, or the system does not say.
    Owner,
    /// Its group or everybody may read or change it.
    Others,
}

/// Reads a regular file anywhere, of at most `limit` bytes, without ever blocking.
///
/// # Errors
/// [`OpenError`], as for every file.
pub fn read(path: &Path, limit: usize) -> Result<PrivateBytes, OpenError> {
    let file = open_anywhere(path)?;
    read_file(file, path, limit)
}

/// Reads a stream to its end, such as standard input. `name` is what messages call it.
///
/// # Errors
/// [`OpenError::TooLarge`] if there are more than `limit` bytes, [`OpenError::Io`] when reading
/// fails.
pub fn read_stream(
    stream: impl Read,
    name: &Path,
    limit: usize,
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    // With room for one byte more than is read, the vector never moves and leaves no copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(limit + 2));
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    stream
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(|error| OpenError::io(name, error))?;
    if bytes.len() > limit {
        return Err(OpenError::TooLarge {
            path: name.to_owned(),
            limit,
        });
    }
    Ok(bytes)
}

/// Reads a file that was opened and found to be regular.
pub(super) fn read_file(file: File, path: &Path, limit: usize) -> Result<PrivateBytes, OpenError> {
    let readers = readers(&file).map_err(|error| OpenError::io(path, error))?;
    Ok(PrivateBytes {
        bytes: read_stream(file, path, limit)?,
        readers,
    })
}

/// Who may use a file that is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Its owner reads and writes it: mode 0600.
    Owner,
    /// Everybody reads it: mode 0644.
    Public,
}

/// Creates a file that holds `bytes`, whole or not at all, and never over something that exists.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] if there is something under this name, and whatever the
/// operating system refuses.
pub fn create(path: &Path, bytes: &[u8], access: Access) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut builder = names();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = match access {
            Access::Owner => 0o600,
            Access::Public => 0o644,
        };
        builder.permissions(std::fs::Permissions::from_mode(mode));
    }
    #[cfg(not(unix))]
    let _ = access;
    let made = builder.tempfile_in(directory);
    let mut file = made.map_err(|error| not_made(directory, &error))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(unix)]
fn readers(file: &File) -> io::Result<Readers> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = file.metadata()?.permissions().mode();
    Ok(if mode & 0o077 == 0 {
        Readers::Owner
    } else {
        Readers::Others
    })
}

#[cfg(not(unix))]
fn readers(_file: &File) -> io::Result<Readers> {
    Ok(Readers::Owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_never_created_over_another() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("key");
        create(&path, b"first", Access::Owner).expect("creates");
        let error = create(&path, b"second", Access::Owner).expect_err("there is one");
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(read(&path, 100).expect("reads").bytes.as_slice(), b"first");
        let left = std::fs::read_dir(directory.path()).expect("lists").count();
        assert_eq!(left, 1, "nothing is left behind");
    }

    #[cfg(unix)]
    #[test]
    fn who_may_read_is_told_from_the_mode() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("key");
        create(&path, b"secret", Access::Owner).expect("creates");
        assert_eq!(read(&path, 100).expect("reads").readers, Readers::Owner);
        for mode in [0o640, 0o604, 0o620, 0o602, 0o644] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("sets");
            let readers = read(&path, 100).expect("reads").readers;
            assert_eq!(readers, Readers::Others, "{mode:o}");
        }
    }

    #[test]
    fn too_much_is_refused_and_all_that_is_allowed_is_read() {
        let name = Path::new("-");
        assert_eq!(read_stream(&b"12345"[..], name, 5).expect("reads").len(), 5);
        let error = read_stream(&b"123456"[..], name, 5).expect_err("too large");
        assert_eq!(error.code(), "too-large");
    }
}
