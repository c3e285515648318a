//! From the paths on the command line to documents. Owns which files of a directory are looked at.

use std::collections::BTreeSet;
use std::io;
use std::path::{Component, Path, PathBuf};

use agent_spm::document::Limits;
use agent_spm::lint::{self, Beside, Content, Examined, Input, PipelineSubject, Subject};
use agent_spm::report::findings::{self, PassedOver};
use agent_spm::source::{BaseDir, read_limited};

use crate::exit::Failure;
use crate::verify::beside;

/// The most files and directories below one that is walked.
const MAX_ENTRIES: usize = 100_000;

/// What files in directories are called that may be documents.
const EXTENSIONS: [&str; 3] = ["json", "yaml", "yml"];

/// Why what stands in a directory is passed over.
const NOT_FOLLOWED: &str =
    "no regular file with a name in UTF-8; links in directories are not followed";

/// What the files turned out to be.
#[derive(Default)]
pub(crate) struct Read {
    /// Documents.
    pub(crate) subjects: Vec<Subject>,
    /// What is no document, with what is wrong with it.
    pub(crate) broken: Vec<findings::File>,
    /// What is none of the kinds that are linted.
    pub(crate) passed_over: Vec<PassedOver>,
    /// Whether something that was named could not be linted.
    pub(crate) is_unanswered: bool,
}

/// How a file came to be linted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// It was named.
    Named,
    /// It lies in a directory that was named.
    Walked,
}

/// Reads all that is named; what is named twice, once.
pub(crate) fn read(files: &[PathBuf], limits: Limits, base: &BaseDir) -> Result<Read, Failure> {
    let mut read = Read::default();
    let mut seen = BTreeSet::new();
    for path in files {
        if path == Path::new("-") {
            let name = "<stdin>";
            let bytes = read_limited(io::stdin(), Path::new(name), limits.bytes)?;
            read.add(examine(limits, None, name, &bytes), Found::Named);
        } else if base.is_directory(path) {
            let listing = base.files_below(path, MAX_ENTRIES)?;
            let before = read.documents();
            let mut is_repeated = false;
            // A name without an extension may be a link to a directory.
            for other in &listing.others {
                let is_document = may_be_document(other);
                if is_document || Path::new(other).extension().is_none() {
                    read.is_unanswered |= is_document;
                    read.passed_over.push(PassedOver {
                        file: path.join(other).display().to_string(),
                        reason: NOT_FOLLOWED.to_owned(),
                    });
                }
            }
            for file in listing.files {
                let path = path.join(&file);
                if !may_be_document(&file) {
                    continue;
                }
                if seen.insert(plain(&path)) {
                    let bytes = base.read(&path, limits.bytes)?;
                    read.add_file(limits, base, &path, &bytes, Found::Walked);
                } else {
                    is_repeated = true;
                }
            }
            if read.documents() == before && !is_repeated {
                read.is_unanswered = true;
                read.passed_over.push(PassedOver {
                    file: path.display().to_string(),
                    reason: "nothing in it is linted".to_owned(),
                });
            }
        } else if seen.insert(plain(path)) {
            let bytes = base.read(path, limits.bytes)?;
            read.add_file(limits, base, path, &bytes, Found::Named);
        }
    }
    Ok(read)
}

/// A path without `.` in it.
fn plain(path: &Path) -> PathBuf {
    let parts = path.components();
    parts
        .filter(|part| !matches!(part, Component::CurDir))
        .collect()
}

/// Whether a file of a directory may be a document, by its path from there. What is hidden belongs
/// to other programs, and to this one's settings.
fn may_be_document(path: &str) -> bool {
    let hidden = path.split('/').any(|part| part.starts_with('.'));
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    let mut known = EXTENSIONS.iter();
    !hidden && known.any(|known| extension.eq_ignore_ascii_case(known))
}

impl Read {
    /// How many documents there are, whole or broken.
    fn documents(&self) -> usize {
        self.subjects.len() + self.broken.len()
    }

    fn add_file(
        &mut self,
        limits: Limits,
        base: &BaseDir,
        path: &Path,
        bytes: &[u8],
        found: Found,
    ) {
        let name = path.display().to_string();
        self.add(examine(limits, Some(base), &name, bytes), found);
    }

    fn add(&mut self, examined: Examined, found: Found) {
        match examined {
            Examined::Document(subject) => self.subjects.push(*subject),
            Examined::Broken(error) => {
                self.is_unanswered |= found == Found::Named;
                self.broken.push(findings::of_broken(error));
            }
            Examined::Other { name } => {
                self.is_unanswered |= found == Found::Named;
                self.passed_over.push(PassedOver {
                    file: name,
                    reason: "neither a bundle, a pipeline file, a registry, a record of manifests nor an \
                             MCP manifest; assertions are given by `--assertions`"
                        .to_owned(),
                });
            }
        }
    }
}

/// What a text is, with the files that it names.
pub(crate) fn examine(
    limits: Limits,
    base: Option<&BaseDir>,
    name: &str,
    bytes: &[u8],
) -> Examined {
    let mut examined = lint::examine(Input {
        bytes,
        name,
        limits,
        beside: stands_beside(limits, base, name),
    });
    if let Examined::Document(subject) = &mut examined
        && let Content::Pipeline(pipeline) = &mut subject.content
    {
        name_files(pipeline, base, Path::new(name), limits);
    }
    examined
}

/// Whether an envelope stands beside a file. Whether it is good is for `verify` to say.
pub(super) fn stands_beside(limits: Limits, base: Option<&BaseDir>, name: &str) -> Beside {
    match base.map(|base| base.read(&beside(Path::new(name)), limits.bytes)) {
        Some(Ok(_)) => Beside::Envelope,
        _ => Beside::Nothing,
    }
}

/// Reads the files that a pipeline file names, whose paths are relative to it.
fn name_files(pipeline: &mut PipelineSubject, base: Option<&BaseDir>, path: &Path, limits: Limits) {
    let directory = path.parent().unwrap_or(Path::new(""));
    for file in pipeline.named_files() {
        let path = directory.join(&file.path);
        let name = path.display().to_string();
        let bytes = match base {
            Some(base) => base
                .read(&path, limits.bytes)
                .map_err(|error| error.to_string()),
            None => Err(format!("`{}` is beside no file", file.path)),
        };
        let found = bytes.map(|bytes| {
            lint::examine(Input {
                bytes: &bytes,
                name: &name,
                limits,
                beside: Beside::Nothing,
            })
        });
        pipeline.take(&file, found);
    }
}
