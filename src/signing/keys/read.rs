//! Keys out of files: the name of a file says what is in it.

use std::path::Path;

use super::{Key, KeyError, KeySet};
use crate::signing::secret::Secret;
use crate::source::private::{self, PrivateBytes};
use crate::source::{BaseDir, OpenError};

/// Most bytes of a key's file.
const MAX_KEY_BYTES: usize = 64 * 1024;

/// What a file's name says is in it.
#[derive(Clone, Copy)]
enum Kind {
    Secret,
    Public,
    Private,
}

const SUFFIXES: [(&str, Kind); 3] = [
    (".hmac", Kind::Secret),
    (".pub.pem", Kind::Public),
    (".key.pem", Kind::Private),
];

/// The key id that a file's name holds, and the kind that it says.
fn kind(name: &str) -> Option<(&str, Kind)> {
    let (stem, kind) = SUFFIXES
        .iter()
        .find_map(|(suffix, kind)| Some((name.strip_suffix(suffix)?, *kind)))?;
    (!stem.is_empty()).then_some((stem, kind))
}

impl KeySet {
    /// Adds the key of a file, or those of a directory: `NAME.hmac`, `NAME.pub.pem` and
    /// `NAME.key.pem`, each called `NAME`. Other files of a directory are passed over, and links
    /// in it may not lead out of it.
    ///
    /// # Errors
    /// [`KeyError`] for the first file that cannot be used; a directory without keys is one.
    pub fn read(&mut self, path: &Path) -> Result<(), KeyError> {
        match BaseDir::open(path) {
            Ok(directory) => self.read_directory(&directory, path),
            Err(OpenError::Io { error, .. }) if error.kind() == NOT_A_DIRECTORY => {
                let name = path.file_name().and_then(|name| name.to_str());
                let Some((id, kind)) = name.and_then(kind) else {
                    return Err(KeyError::Name {
                        path: path.to_owned(),
                    });
                };
                let content = private::read(path, MAX_KEY_BYTES)?;
                self.add(key(id, kind, content, path)?)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Adds the secret of a file of any name, called `id`. That others may read the file is noted,
    /// not refused: such files are often mounted, and their modes not the user's to choose.
    ///
    /// # Errors
    /// [`KeyError`] if the file cannot be read, or holds a PEM text.
    pub fn read_secret(&mut self, id: &str, path: &Path) -> Result<(), KeyError> {
        let content = private::read(path, MAX_KEY_BYTES)?;
        self.add(key(id, Kind::Secret, content, path)?.with_readers_noted())
    }

    /// Adds the secret of a stream such as standard input or of a variable, called `id`.
    ///
    /// # Errors
    /// [`KeyError`] if the stream cannot be read, or holds a PEM text.
    pub fn read_secret_stream(
        &mut self,
        id: &str,
        stream: impl std::io::Read,
        name: &Path,
    ) -> Result<(), KeyError> {
        let content = PrivateBytes {
            bytes: private::read_stream(stream, name, MAX_KEY_BYTES)?,
            readers: private::Readers::Owner,
        };
        self.add(key(id, Kind::Secret, content, name)?)
    }

    fn read_directory(&mut self, directory: &BaseDir, path: &Path) -> Result<(), KeyError> {
        let mut found = false;
        for name in directory.names()? {
            let Some((id, kind)) = kind(&name) else {
                continue;
            };
            found = true;
            let content = directory
                .read_private(Path::new(&name), MAX_KEY_BYTES)
                .map_err(|error| error.within(path))?;
            self.add(key(id, kind, content, &path.join(&name))?)?;
        }
        if found {
            Ok(())
        } else {
            Err(KeyError::Nothing {
                path: path.to_owned(),
            })
        }
    }
}

const NOT_A_DIRECTORY: std::io::ErrorKind = std::io::ErrorKind::NotADirectory;

fn key(id: &str, kind: Kind, content: PrivateBytes, path: &Path) -> Result<Key, KeyError> {
    let PrivateBytes { bytes, readers } = content;
    let pem_error = |error| KeyError::Pem {
        path: path.to_owned(),
        error,
    };
    match kind {
        Kind::Secret if is_pem(&bytes) => Err(KeyError::PemAsSecret {
            path: path.to_owned(),
        }),
        Kind::Secret => Ok(Key::secret(id, Secret::new(bytes), readers)),
        // Bytes that are no text are no PEM either.
        Kind::Public => {
            Key::public(id, str::from_utf8(&bytes).unwrap_or_default()).map_err(pem_error)
        }
        Kind::Private => {
            let pem = str::from_utf8(&bytes).unwrap_or_default();
            Key::private(id, pem, readers).map_err(pem_error)
        }
    }
}

/// A public key that everybody has must never become a shared secret by its file's name.
fn is_pem(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, b"-----BEGIN ").is_some()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const SECRET: &str = "an example of a secret that is long enough\n";

    fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().expect("a directory");
        for (name, content) in files {
            let path = directory.path().join(name);
            private::create(&path, content.as_bytes(), private::Access::Owner).expect("writes");
        }
        directory
    }

    fn read(path: &Path) -> Result<KeySet, KeyError> {
        let mut keys = KeySet::default();
        keys.read(path).map(|()| keys)
    }

    fn ids(keys: &KeySet) -> Vec<&str> {
        keys.iter().map(Key::id).collect()
    }

    #[test]
    fn the_name_of_a_file_is_the_key() {
        let public = include_str!("../../../testdata/signing/keys/reviewer.pub.pem");
        let files = [
            ("b.hmac", SECRET),
            ("a.v2.hmac", SECRET),
            ("c.pub.pem", public),
            ("README.md", "not a key"),
            (".hmac", "no name"),
        ];
        let directory = directory(&files);
        let keys = read(directory.path()).expect("reads");
        assert_eq!(ids(&keys), ["a.v2", "b", "c"]);
        let one = read(&directory.path().join("b.hmac")).expect("reads");
        assert_eq!(ids(&one), ["b"]);
    }

    #[test]
    fn what_is_no_key_is_told() {
        let public = include_str!("../../../testdata/signing/keys/reviewer.pub.pem");
        let expect = |files: &[(&str, &str)], path: &str, expected: &str| {
            let directory = directory(files);
            let error = read(&directory.path().join(path)).expect_err(expected);
            let text = error.to_string();
            assert!(text.contains(expected), "{text}");
            assert!(error.help().is_some(), "{text}");
        };
        expect(&[("README", "")], "", "holds no keys");
        expect(&[("key.pem", public)], "key.pem", "does not tell");
        expect(&[], "absent.hmac", "does not exist");
        expect(&[("x.hmac", public)], "", "holds a PEM text");
        expect(&[("x.key.pem", public)], "", "a public key, not a private");
        expect(&[("x.pub.pem", SECRET)], "", "no PEM text");
        expect(
            &[("x.hmac", SECRET), ("x.pub.pem", public)],
            "",
            "are called `x`",
        );
    }

    #[test]
    fn a_directory_called_like_a_key_is_not_one() {
        let directory = tempfile::tempdir().expect("a directory");
        fs::create_dir(directory.path().join("x.hmac")).expect("a directory");
        let error = read(directory.path()).expect_err("a directory");
        assert!(error.to_string().contains("a directory"), "{error}");
        let inner = read(&directory.path().join("x.hmac")).expect_err("empty");
        assert!(matches!(inner, KeyError::Nothing { .. }), "{inner}");
    }

    #[cfg(unix)]
    #[test]
    fn links_stay_inside_the_directory_of_keys() {
        let outside = directory(&[("x.hmac", SECRET)]);
        let directory = directory(&[("data", SECRET)]);
        std::os::unix::fs::symlink("data", directory.path().join("a.hmac")).expect("links");
        assert_eq!(ids(&read(directory.path()).expect("reads")), ["a"]);
        let link = directory.path().join("b.hmac");
        std::os::unix::fs::symlink(outside.path().join("x.hmac"), link).expect("links");
        let error = read(directory.path()).expect_err("leads out");
        assert!(
            matches!(error, KeyError::Open(OpenError::OutsideBase { .. })),
            "{error}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_makes_a_weak_key() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = directory(&[("x.hmac", SECRET)]);
        let path = directory.path().join("x.hmac");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("sets");
        let keys = read(&path).expect("reads");
        let weakness = keys.get("x").expect("there").weakness();
        assert_eq!(weakness, Some(crate::signing::Weakness::Exposed));
    }
}
