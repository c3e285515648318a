//! Files inside one directory. Confinement is the operating system's: every step of the path is
//! resolved beneath the open directory, so that there is no moment between a check and the use of
//! what was checked. (Linux: `openat2` with `RESOLVE_BENEATH`; elsewhere `cap-std` walks the path by
//! descriptors.)

mod listing;
mod replacing;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};

pub use listing::Listing;

#[cfg(unix)]
use super::waiting_for_nothing;
use super::{OpenError, read_sized, regular_length};

/// A directory, open, beneath which files are read.
#[derive(Debug)]
pub struct BaseDir {
    dir: Dir,
    /// What messages call it.
    path: PathBuf,
    /// Its absolute names, as given and with links resolved: only to recognise absolute paths that
    /// mean a file inside, never to decide that one is.
    names: Vec<PathBuf>,
}

impl BaseDir {
    /// Opens a directory; renaming or replacing it later changes nothing.
    ///
    /// # Errors
    /// [`OpenError`] when there is no such directory or it may not be read.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let dir = Dir::open_ambient_dir(path, ambient_authority())
            .map_err(|error| OpenError::io(path, error))?;
        let names = [std::path::absolute(path), path.canonicalize()];
        Ok(Self {
            dir,
            path: path.to_owned(),
            names: names.into_iter().flatten().collect(),
        })
    }

    /// Reads a regular file beneath the directory. A relative path is taken from the directory; an
    /// absolute one must begin with the directory's own absolute path.
    ///
    /// Never blocks and never waits: pipes, devices, sockets and directories are refused at once.
    ///
    /// # Errors
    /// [`OpenError`]; in particular when the path leads out of the directory in any way, or the
    /// file has more than `limit` bytes.
    pub fn read(&self, path: &Path, limit: usize) -> Result<Vec<u8>, OpenError> {
        let file = self.open_file(path)?;
        let length = regular_length(&file, path)?;
        let expected = usize::try_from(length).unwrap_or(usize::MAX);
        if expected > limit {
            return Err(OpenError::TooLarge {
                path: path.to_owned(),
                limit,
            });
        }
        read_sized(file, path, limit, expected)
    }

    /// What a directory beneath this one is called, also where its path does not say, as `.` does.
    pub fn name_of(&self, path: &Path) -> String {
        let own = self.names.iter().rev().find_map(|name| name.file_name());
        let name = match self.relative(path).map(Path::file_name) {
            Ok(Some(name)) => Some(name),
            _ => own,
        };
        name.map_or_else(
            || "policies".to_owned(),
            |name| name.to_string_lossy().into_owned(),
        )
    }

    /// Whether a path beneath the directory names a directory, now.
    pub fn is_directory(&self, path: &Path) -> bool {
        let metadata = self.relative(path).map(|path| self.dir.metadata(path));
        matches!(metadata, Ok(Ok(metadata)) if metadata.is_dir())
    }

    fn open_file(&self, path: &Path) -> Result<File, OpenError> {
        let relative = self.relative(path)?;
        self.dir
            .open_with(relative, &options())
            .map(cap_std::fs::File::into_std)
            .map_err(|error| self.refusal(path, error))
    }

    /// The path from the directory. What it says about `..` and links is the operating system's to
    /// judge.
    fn relative<'p>(&self, path: &'p Path) -> Result<&'p Path, OpenError> {
        if path.is_relative() {
            return Ok(path);
        }
        let inside = self
            .names
            .iter()
            .find_map(|base| path.strip_prefix(base).ok());
        match inside {
            Some(rest) if rest.as_os_str().is_empty() => Ok(Path::new(".")),
            Some(rest) => Ok(rest),
            None => Err(self.outside(path)),
        }
    }

    fn refusal(&self, path: &Path, error: io::Error) -> OpenError {
        // cap-std's own refusal has no code of the operating system.
        let escapes =
            error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none();
        if escapes {
            return self.outside(path);
        }
        #[cfg(unix)]
        if error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error()) {
            return OpenError::NotRegular {
                path: path.to_owned(),
                kind: "a socket or an absent device",
            };
        }
        OpenError::io(path, error)
    }

    fn outside(&self, path: &Path) -> OpenError {
        OpenError::OutsideBase {
            path: path.to_owned(),
            base: self.path.clone(),
        }
    }
}

/// For reading only, without waiting.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use cap_std::fs::OpenOptionsExt as _;
        options.custom_flags(waiting_for_nothing());
    }
    options
}
