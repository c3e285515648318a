//! The only door to files. Owns how a file is opened, what may be opened and how much is read;
//! knows nothing of what is in one.

mod confined;
mod held;
pub mod output;
pub mod private;
pub mod spill;
pub mod stream;

use std::fs::{File, FileType};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

pub use confined::{BaseDir, Listing};
pub use held::HeldFile;

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The path leads out of the base directory, by `..`, by a link or as an absolute path.
    #[error("`{}` is outside of the base directory `{}`", path.display(), base.display())]
    OutsideBase {
        /// The file asked for.
        path: PathBuf,
        /// The directory that confines it.
        base: PathBuf,
    },
    /// There is no such file.
    #[error("`{}` does not exist", path.display())]
    NotFound {
        /// The file asked for.
        path: PathBuf,
    },
    /// The path names something that is no regular file.
    #[error("`{}` is {kind}, not a regular file", path.display())]
    NotRegular {
        /// The file asked for.
        path: PathBuf,
        /// What it is, with its article: `a directory`.
        kind: &'static str,
    },
    /// The file is too large.
    #[error("`{}` has more than the {limit} bytes allowed", path.display())]
    TooLarge {
        /// The file asked for.
        path: PathBuf,
        /// Bytes allowed.
        limit: usize,
    },
    /// A directory holds too much.
    #[error("`{}` holds more than the {limit} files and directories allowed", path.display())]
    TooMany {
        /// The directory asked for.
        path: PathBuf,
        /// Entries allowed, at every depth together.
        limit: usize,
    },
    /// No file can have this name.
    #[error("{path:?} cannot be the name of a file")]
    InvalidName {
        /// The file asked for.
        path: PathBuf,
    },
    /// The operating system refused for another reason.
    #[error("`{}` cannot be read: {error}", path.display())]
    Io {
        /// The file asked for.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        error: io::Error,
    },
}

impl OpenError {
    /// Stable name of the kind of error, kebab-case.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OutsideBase { .. } => "outside-base-dir",
            Self::NotFound { .. } => "not-found",
            Self::NotRegular { .. } => "not-a-regular-file",
            Self::TooLarge { .. } => "too-large",
            Self::TooMany { .. } => "too-many-files",
            Self::InvalidName { .. } => "invalid-name",
            Self::Io { .. } => "cannot-read",
        }
    }

    /// What to do about it.
    pub const fn help(&self) -> Option<&'static str> {
        match self {
            Self::OutsideBase { .. } => {
                Some("name the directory that holds all files of this run with `--base-dir`")
            }
            Self::NotFound { .. } => Some("paths are taken from the base directory, `--base-dir`"),
            Self::NotRegular { .. } => Some("name a regular file, or `-` for standard input"),
            Self::TooLarge { .. } => Some("split the file, or raise the limit on the command line"),
            Self::TooMany { .. } => Some("name a directory that holds policies only"),
            Self::InvalidName { .. } | Self::Io { .. } => None,
        }
    }

    /// The same error about a file that was named by its path from `directory`.
    #[must_use]
    pub fn within(mut self, directory: &Path) -> Self {
        match &mut self {
            Self::OutsideBase { path, .. }
            | Self::NotFound { path }
            | Self::NotRegular { path, .. }
            | Self::TooLarge { path, .. }
            | Self::TooMany { path, .. }
            | Self::InvalidName { path }
            | Self::Io { path, .. } => *path = directory.join(&*path),
        }
        self
    }

    fn io(path: &Path, error: io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound { path },
            io::ErrorKind::InvalidInput => Self::InvalidName { path },
            _ => Self::Io { path, error },
        }
    }
}

/// Reads a stream to its end, such as standard input. `name` is what messages call it.
///
/// # Errors
/// [`OpenError::TooLarge`] as soon as there are more than `limit` bytes, [`OpenError::Io`] when
/// reading fails.
pub fn read_limited(stream: impl Read, name: &Path, limit: usize) -> Result<Vec<u8>, OpenError> {
    read_sized(stream, name, limit, 0)
}

/// [`read_limited`] with room for the bytes that are expected.
fn read_sized(
    stream: impl Read,
    name: &Path,
    limit: usize,
    expected: usize,
) -> Result<Vec<u8>, OpenError> {
    let mut bytes = Vec::with_capacity(expected);
    // One byte more than allowed tells a full file from one that is too large.
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

/// The bytes of a regular file anywhere, at most `limit` of them, for what stands beside a log.
///
/// # Errors
/// [`OpenError`] if there is no such file, or it is too large.
pub fn read_anywhere(path: &Path, limit: usize) -> Result<Vec<u8>, OpenError> {
    read_limited(open_anywhere(path)?, path, limit)
}

/// Opens a regular file anywhere, for recordings and logs, without waiting for a pipe's writer.
fn open_anywhere(path: &Path) -> Result<File, OpenError> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags(waiting_for_nothing());
    }
    let file = options
        .open(path)
        .map_err(|error| OpenError::io(path, error))?;
    regular_length(&file, path)?;
    Ok(file)
}

/// Opening a pipe does not wait for a writer, and opening a terminal does not make it this
/// process's own.
#[cfg(unix)]
fn waiting_for_nothing() -> i32 {
    use rustix::fs::OFlags;
    (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed()
}

/// What is open, checked on the descriptor itself: nothing can be swapped behind it.
fn regular_length(file: &File, path: &Path) -> Result<u64, OpenError> {
    let metadata = file
        .metadata()
        .map_err(|error| OpenError::io(path, error))?;
    if metadata.is_file() {
        Ok(metadata.len())
    } else {
        Err(OpenError::NotRegular {
            path: path.to_owned(),
            kind: kind(metadata.file_type()),
        })
    }
}

fn kind(file_type: FileType) -> &'static str {
    if file_type.is_dir() {
        return "a directory";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if file_type.is_fifo() {
            return "a named pipe";
        }
        if file_type.is_char_device() || file_type.is_block_device() {
            return "a device";
        }
        if file_type.is_socket() {
            return "a socket";
        }
    }
    "a special file"
}
