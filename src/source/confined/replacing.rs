//! Files below a directory that are replaced whole or not at all. On Linux the new content has no
//! name until it is complete, so that a process that is killed leaves nothing behind.

use std::ffi::OsStr;
use std::io::{self, Write as _};
use std::path::Path;

use cap_std::fs::Dir;
use cap_tempfile::TempFile;

use super::BaseDir;

impl BaseDir {
    /// Gives a file below the directory a new content: whoever reads it finds the old one or the
    /// new one, whole. A file that exists keeps its mode; one that does not is created.
    ///
    /// # Errors
    /// If the path leads out of the directory or names something other than a regular file, such
    /// as a link, and when the disk refuses; then the old content stays.
    pub fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let (parent, name) = self.parent(path)?;
        let permissions = match parent.symlink_metadata(name) {
            Ok(metadata) if metadata.is_file() => Some(metadata.permissions()),
            Ok(_) => {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidInput,
                    "there is something under this name that is not a regular file",
                ));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let mut file = TempFile::new(&parent)?;
        file.write_all(bytes)?;
        if let Some(permissions) = permissions {
            file.as_file().set_permissions(permissions)?;
        }
        file.as_file().sync_all()?;
        file.replace(name)
    }

    fn parent<'p>(&self, path: &'p Path) -> io::Result<(Dir, &'p OsStr)> {
        let relative = self.relative(path).map_err(io::Error::other)?;
        let name = relative
            .file_name()
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"))?;
        let parent = match relative.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => self
                .dir
                .open_dir(parent)
                .map_err(|error| io::Error::other(self.refusal(path, error)))?,
            _ => self.dir.try_clone()?,
        };
        Ok((parent, name))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn content_is_replaced_and_created() {
        let root = tempfile::tempdir().expect("a directory");
        fs::create_dir(root.path().join("dir")).expect("a directory");
        let base = BaseDir::open(root.path()).expect("opens");
        for name in ["file", "dir/file"] {
            for content in ["one", "two"] {
                base.replace(Path::new(name), content.as_bytes())
                    .expect("writes");
                let read = fs::read(root.path().join(name)).expect("reads");
                assert_eq!(read, content.as_bytes());
            }
        }
        assert_eq!(fs::read_dir(root.path()).expect("lists").count(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn the_mode_is_kept_whatever_the_mask() {
        use std::os::unix::fs::PermissionsExt as _;
        let root = tempfile::tempdir().expect("a directory");
        let path = root.path().join("file");
        let base = BaseDir::open(root.path()).expect("opens");
        fs::write(&path, "old").expect("writes");
        for mode in [0o600, 0o640, 0o666, 0o444] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("sets");
            base.replace(Path::new("file"), b"new").expect("writes");
            let found = fs::metadata(&path).expect("exists").permissions().mode();
            assert_eq!(found & 0o777, mode);
        }
    }

    #[cfg(unix)]
    #[test]
    fn nothing_outside_is_written() {
        use std::os::unix::fs::symlink;
        let root = tempfile::tempdir().expect("a directory");
        let base_path = root.path().join("base");
        fs::create_dir(&base_path).expect("a directory");
        fs::create_dir(root.path().join("outside")).expect("a directory");
        fs::write(root.path().join("outside/file"), "theirs").expect("writes");
        symlink(root.path().join("outside"), base_path.join("out")).expect("links");
        symlink("../outside/file", base_path.join("file")).expect("links");
        let base = BaseDir::open(&base_path).expect("opens");
        for name in [
            "out/file",
            "file",
            "../outside/file",
            "../new",
            "/etc/new",
            "..",
        ] {
            assert!(base.replace(Path::new(name), b"ours").is_err(), "{name}");
        }
        let left = fs::read(root.path().join("outside/file")).expect("reads");
        assert_eq!(left, b"theirs");
    }
}
