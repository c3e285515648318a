//! A directory as one signed thing: its manifest names every file in it. Owns the manifest's format
//! and the comparison of a directory with it, both ways; knows no key.

use std::collections::BTreeMap;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::hex;
use crate::document::{self, Document, Format, Limits, LoadError, Node, Problems};
use crate::model::bundle::Signature;
use crate::model::bundle::load::{check_dates, payload};
use crate::source::{BaseDir, Listing, OpenError};

/// The manifest's name, in the directory itself.
pub const MANIFEST_NAME: &str = "agent-spm.manifest.json";

/// Most files and directories below a signed directory.
pub const MAX_ENTRIES: usize = 10_000;

/// What a directory holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DirectoryManifest {
    /// The directory's name for itself, the same in all its revisions.
    #[schemars(length(min = 1))]
    pub id: String,
    /// A number that only ever grows, for rollback protection.
    #[schemars(range(min = 0, max = 9_007_199_254_740_991_u64))]
    pub revision: u64,
    /// When the manifest was made, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    pub generated_at: Option<String>,
    /// From when on the directory is refused, RFC 3339.
    #[schemars(extend("format" = "date-time"))]
    pub expires_at: String,
    /// Every file of the directory but the manifest itself.
    pub files: Vec<FileEntry>,
    /// The signature, or one signature a signer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
}

/// One file of a directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Its path from the directory, with `/` between its parts.
    #[schemars(length(min = 1))]
    pub path: String,
    /// Its bytes.
    #[schemars(range(min = 0, max = 9_007_199_254_740_991_u64))]
    pub size: u64,
    /// SHA-256 of its bytes, as 64 lower-case hexadecimal digits.
    #[schemars(length(min = 64, max = 64))]
    pub sha256: String,
}

/// A manifest together with the text it was read from.
#[derive(Clone, Debug)]
pub struct LoadedManifest {
    /// The manifest.
    pub manifest: DirectoryManifest,
    /// Its text and where everything stands in it.
    pub document: Document,
    payload: Vec<u8>,
}

impl LoadedManifest {
    /// Reads a manifest. `name` is what messages call it.
    ///
    /// # Errors
    /// Everything that is wrong with the text; besides, paths that lead out of the directory, that
    /// some file system cannot tell apart, or that are no portable names.
    pub fn load(bytes: &[u8], name: &str, limits: Limits) -> Result<Self, LoadError> {
        let (manifest, document) = document::load(
            bytes,
            name,
            Format::Json,
            limits,
            |root: &Node, problems: &mut Problems| {
                check_dates(root, problems);
                check_files(root, problems);
            },
        )?;
        match payload(&document.root) {
            Ok(payload) => Ok(Self {
                manifest,
                document,
                payload,
            }),
            Err(error) => Err(document.refused("not-canonical", error.to_string())),
        }
    }

    /// What is signed: the RFC 8785 form of the manifest without its `signature`.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }
}

fn check_files(root: &Node, problems: &mut Problems) {
    let files = root.get("files").and_then(Node::as_array).unwrap_or(&[]);
    let files_path = document::Path::Key(&document::Path::Root, "files");
    let mut seen = Names::default();
    for (index, file) in files.iter().enumerate() {
        let here = document::Path::Index(&files_path, index);
        if let Some(node) = file.get("path")
            && let Some(path) = node.as_str()
        {
            let fault = path_fault(path)
                .map(str::to_owned)
                .or_else(|| seen.add(path));
            if let Some(fault) = fault {
                problems.add(
                    "manifest-path",
                    &document::Path::Key(&here, "path"),
                    node.span,
                    format!("`{path}` {fault}"),
                    "make the manifest with `agent-spm sign DIRECTORY`".to_owned(),
                );
            }
        }
        if let Some(node) = file.get("sha256")
            && let Some(digest) = node.as_str()
            && !digest
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        {
            problems.add(
                "manifest-digest",
                &document::Path::Key(&here, "sha256"),
                node.span,
                "a digest has lower-case hexadecimal digits only",
                "make the manifest with `agent-spm sign DIRECTORY`".to_owned(),
            );
        }
    }
}

/// Why a path cannot stand in a manifest.
fn path_fault(path: &str) -> Option<&'static str> {
    if path == MANIFEST_NAME {
        return Some("is the manifest itself");
    }
    if path.starts_with('/') {
        return Some("is not a path from the directory");
    }
    if path.contains(['\\', ':', '\0']) {
        return Some("holds a character that is no part of a name on every system");
    }
    path.split('/')
        .any(|part| matches!(part, "" | "." | ".."))
        .then_some("has a part that is no name")
}

/// Paths that every file system can tell apart, by their lower-case form: no two of them, nor two
/// of the directories above them, differ only in case, and none is also a directory.
#[derive(Default)]
struct Names {
    /// What each lower-case path stands for, and whether it is a file.
    seen: BTreeMap<String, (String, Kind)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Directory,
}

impl Names {
    /// Adds a path, and says why it cannot stand beside the others.
    fn add(&mut self, path: &str) -> Option<String> {
        let ends = path
            .match_indices('/')
            .map(|(end, _)| (end, Kind::Directory));
        for (end, kind) in ends.chain([(path.len(), Kind::File)]) {
            let name = path.get(..end).unwrap_or_default();
            match self.seen.get(&name.to_lowercase()) {
                Some((other, other_kind)) if other != name => {
                    return Some(format!("differs from `{other}` only in case"));
                }
                Some((_, Kind::Directory)) if kind == Kind::Directory => {}
                Some((_, other_kind)) => {
                    return Some(match (kind, other_kind) {
                        (Kind::File, Kind::File) => "is listed twice".to_owned(),
                        _ => "is a file and a directory".to_owned(),
                    });
                }
                None => {
                    self.seen
                        .insert(name.to_lowercase(), (name.to_owned(), kind));
                }
            }
        }
        None
    }
}

/// How a directory differs from its manifest; all lists are empty if it does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Listed, but not there.
    pub missing: Vec<String>,
    /// There, but not listed, or no regular file: links are never listed.
    pub extra: Vec<String>,
    /// There with another content.
    pub changed: Vec<String>,
}

impl Differences {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.extra.is_empty() && self.changed.is_empty()
    }
}

/// Compares a directory below `base` with its manifest.
///
/// # Errors
/// [`OpenError`] if the directory or a file cannot be read.
pub fn compare(
    base: &BaseDir,
    directory: &Path,
    manifest: &DirectoryManifest,
) -> Result<Differences, OpenError> {
    let Listing { files, others } = base.files_below(directory, MAX_ENTRIES)?;
    let mut listed: BTreeMap<&str, &FileEntry> = manifest
        .files
        .iter()
        .map(|entry| (entry.path.as_str(), entry))
        .collect();
    let mut differences = Differences {
        extra: others,
        ..Differences::default()
    };
    for file in files.into_iter().filter(|file| file != MANIFEST_NAME) {
        let Some(entry) = listed.remove(file.as_str()) else {
            differences.extra.push(file);
            continue;
        };
        match base.sha256(&directory.join(&file), entry.size) {
            Ok((size, digest)) if size == entry.size && hex(&digest) == entry.sha256 => {}
            Ok(_) | Err(OpenError::TooLarge { .. }) => differences.changed.push(file),
            Err(OpenError::NotFound { .. }) => differences.missing.push(file),
            Err(error) => return Err(error),
        }
    }
    differences
        .missing
        .extend(listed.into_keys().map(str::to_owned));
    differences.missing.sort_unstable();
    differences.extra.sort_unstable();
    Ok(differences)
}

/// The entries of a directory below `base`, for a new manifest.
///
/// # Errors
/// [`ListError`] if something in it cannot be signed.
pub fn entries(base: &BaseDir, directory: &Path) -> Result<Vec<FileEntry>, ListError> {
    let Listing { files, others } = base.files_below(directory, MAX_ENTRIES)?;
    if let Some(path) = others.into_iter().next() {
        return Err(ListError::NotRegular { path });
    }
    let mut names = Names::default();
    let mut entries = Vec::new();
    for path in files.into_iter().filter(|file| file != MANIFEST_NAME) {
        let fault = path_fault(&path)
            .map(str::to_owned)
            .or_else(|| names.add(&path));
        if let Some(fault) = fault {
            return Err(ListError::Path { path, fault });
        }
        let (size, digest) = base.sha256(&directory.join(&path), u64::MAX)?;
        entries.push(FileEntry {
            path,
            size,
            sha256: hex(&digest),
        });
    }
    Ok(entries)
}

/// Why a directory cannot have a manifest.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListError {
    /// It cannot be read.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Something in it is no regular file.
    #[error("`{path}` is a link or another special file, which no manifest can list")]
    NotRegular {
        /// Its path from the directory.
        path: String,
    },
    /// A path is not the same on every system.
    #[error("`{path}` {fault}")]
    Path {
        /// The path from the directory.
        path: String,
        /// Why.
        fault: String,
    },
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn world(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a directory");
        for (path, content) in files {
            let path = root.path().join("dir").join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("directories");
            fs::write(path, content).expect("a file");
        }
        root
    }

    fn manifest(root: &Path) -> DirectoryManifest {
        let base = BaseDir::open(root).expect("opens");
        DirectoryManifest {
            id: "x".to_owned(),
            revision: 1,
            generated_at: None,
            expires_at: "2099-01-01T00:00:00Z".to_owned(),
            files: entries(&base, Path::new("dir")).expect("lists"),
            signature: None,
        }
    }

    #[test]
    fn every_difference_is_found() {
        let root = world(&[("a", "1"), ("b/c", "2"), ("b/d", "3")]);
        let manifest = manifest(root.path());
        let base = BaseDir::open(root.path()).expect("opens");
        let compare = || compare(&base, Path::new("dir"), &manifest).expect("compares");
        assert_eq!(manifest.files.len(), 3);
        assert!(compare().is_empty());
        let at = |path: &str| root.path().join("dir").join(path);
        fs::write(at(MANIFEST_NAME), "{}").expect("writes");
        assert!(compare().is_empty(), "the manifest does not list itself");

        fs::write(at("a"), "2").expect("writes");
        fs::write(at("b/d"), "longer").expect("writes");
        fs::remove_file(at("b/c")).expect("removes");
        fs::write(at("b/e"), "").expect("writes");
        fs::create_dir(at("empty")).expect("a directory");
        let expected = Differences {
            missing: vec!["b/c".to_owned()],
            extra: vec!["b/e".to_owned()],
            changed: vec!["a".to_owned(), "b/d".to_owned()],
        };
        assert_eq!(compare(), expected);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_extra_and_cannot_be_signed() {
        let root = world(&[("a", "1")]);
        let manifest = manifest(root.path());
        std::os::unix::fs::symlink("a", root.path().join("dir/link")).expect("links");
        let base = BaseDir::open(root.path()).expect("opens");
        let found = compare(&base, Path::new("dir"), &manifest).expect("compares");
        assert_eq!(found.extra, ["link"]);
        let error = entries(&base, Path::new("dir")).expect_err("a link");
        assert!(matches!(error, ListError::NotRegular { .. }), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_replaced_by_a_link_to_the_same_content_is_not_it() {
        let root = world(&[("a", "1"), ("b", "1")]);
        let manifest = manifest(root.path());
        fs::remove_file(root.path().join("dir/b")).expect("removes");
        std::os::unix::fs::symlink("a", root.path().join("dir/b")).expect("links");
        let base = BaseDir::open(root.path()).expect("opens");
        let found = compare(&base, Path::new("dir"), &manifest).expect("compares");
        assert_eq!(
            (found.extra, found.missing),
            (vec!["b".to_owned()], vec!["b".to_owned()])
        );
    }

    #[test]
    fn paths_that_some_file_system_cannot_tell_apart_are_refused() {
        let fault = |paths: &[&str]| {
            let mut names = Names::default();
            paths.iter().find_map(|path| names.add(path))
        };
        assert_eq!(fault(&["a", "b/a", "b/c", "c/a"]), None);
        for paths in [
            &["a", "A"][..],
            &["ä", "Ä"],
            &["x/a", "X/b"],
            &["a", "a"],
            &["a", "a/b"],
            &["a/b", "a"],
            &["A/b", "a"],
        ] {
            assert!(fault(paths).is_some(), "{paths:?}");
        }
        assert_eq!(fault(&["a", "a"]).as_deref(), Some("is listed twice"));
        let both = Some("is a file and a directory");
        assert_eq!(fault(&["a", "a/b"]).as_deref(), both);
        assert_eq!(fault(&["a/b", "a"]).as_deref(), both);
        for path in [
            "/a",
            "../a",
            "a/../b",
            "a//b",
            "./a",
            "a/",
            "a\\b",
            "c:a",
            MANIFEST_NAME,
        ] {
            assert!(path_fault(path).is_some(), "{path}");
        }
        assert_eq!(path_fault("a b/ü.yaml"), None);
    }
}
