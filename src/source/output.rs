//! Files that are written whole or not at all.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file that appears under its name, complete, when it is committed; until then, what stood
/// under the name is untouched, and nothing is left behind if this is dropped. Where the operating
/// system has files without a name, nothing is left behind either if the program is killed.
pub struct AtomicFile {
    path: PathBuf,
    temporary: BufWriter<Temporary>,
}

/// A file of the directory in which it is to have a name.
enum Temporary {
    /// It has none yet.
    #[cfg(target_os = "linux")]
    Unnamed(fs::File),
    /// It has one that nobody asked for, which goes with it.
    Named(NamedTempFile),
}

/// Larger pieces are not copied to the buffer.
const BUFFER_BYTES: usize = 128 * 1024;

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
        let mut builder = names();
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
        let temporary = match unnamed(directory) {
            Some(unnamed) => unnamed,
            None => {
                let made = builder.tempfile_in(directory);
                Temporary::Named(made.map_err(|error| not_made(directory, &error))?)
            }
        };
        if let Some(permissions) = kept {
            // Not when the file is made: there the process's mask would take bits away.
            temporary.file().set_permissions(permissions)?;
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
        temporary.file().sync_all()?;
        match temporary {
            #[cfg(target_os = "linux")]
            Temporary::Unnamed(file) => {
                // A name can be given only where there is none, so that a free one comes first.
                let directory = self
                    .path
                    .parent()
                    .filter(|path| !path.as_os_str().is_empty());
                let directory = directory.unwrap_or(Path::new("."));
                let named = names().make_in(directory, |name| give_name(&file, name))?;
                named.persist(&self.path).map_err(|error| error.error)?;
            }
            Temporary::Named(file) => {
                file.persist(&self.path).map_err(|error| error.error)?;
            }
        }
        Ok(())
    }
}

impl Temporary {
    fn file(&self) -> &fs::File {
        match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed(file) => file,
            Self::Named(file) => file.as_file(),
        }
    }
}

impl Write for Temporary {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file().flush()
    }
}

/// Why there is no file in `directory`, without the name that it would have had for a while.
pub(super) fn not_made(directory: &Path, error: &io::Error) -> io::Error {
    let kind = error.kind();
    io::Error::new(kind, format!("`{}`: {kind}", directory.display()))
}

/// Names of temporary files.
pub(super) fn names() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".agent-spm-").suffix(".tmp");
    builder
}

/// A file without a name in `directory`, if there are such files, and a way to name them.
#[cfg(target_os = "linux")]
fn unnamed(directory: &Path) -> Option<Temporary> {
    use rustix::fs::{Mode, OFlags};
    if !Path::new(DESCRIPTORS).exists() {
        return None;
    }
    let flags = OFlags::WRONLY | OFlags::TMPFILE | OFlags::CLOEXEC;
    let file = rustix::fs::open(directory, flags, Mode::from_raw_mode(0o666)).ok()?;
    Some(Temporary::Unnamed(file.into()))
}

/// There are none.
#[cfg(not(target_os = "linux"))]
fn unnamed(_directory: &Path) -> Option<Temporary> {
    None
}

/// Where a process finds its own open files. (open(2), "O_TMPFILE")
#[cfg(target_os = "linux")]
const DESCRIPTORS: &str = "/proc/self/fd";

/// Gives a file without a name this one.
#[cfg(target_os = "linux")]
fn give_name(file: &fs::File, name: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD};
    use std::os::fd::AsRawFd as _;
    let open = format!("{DESCRIPTORS}/{}", file.as_raw_fd());
    Ok(rustix::fs::linkat(
        CWD,
        open,
        CWD,
        name,
        AtFlags::SYMLINK_FOLLOW,
    )?)
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
        #[cfg(target_os = "linux")]
        assert_eq!(
            fs::read_dir(directory.path()).expect("lists").count(),
            1,
            "nothing is left behind if the program is killed now"
        );
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
