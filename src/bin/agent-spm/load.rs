//! Policy files, through the one door.

use std::cell::RefCell;
use std::io;
use std::path::{Path, PathBuf};

use agent_spm::digest::sha256_hex;
use agent_spm::document::{Format, Limits};
use agent_spm::model::bundle::Bundle;
use agent_spm::model::bundle::load::LoadedBundle;
use agent_spm::model::labels::Labels;
use agent_spm::model::pipeline::PipelineFile;
use agent_spm::model::pipeline::guardian::{Blueprint, GuardianChoice, GuardianOptions};
use agent_spm::model::pipeline::registry::Registry;
use agent_spm::model::pipeline::supply_chain_guard::Provenance;
use agent_spm::pipeline;
use agent_spm::report::custody::SourceFile;
use agent_spm::source::{BaseDir, read_limited};

use crate::cli::Base;
use crate::exit::Failure;
use crate::git;

/// Reads policy files, and remembers which: reports name what they were made from.
pub(crate) struct Loader<'a> {
    base: &'a Base,
    limits: Limits,
    read: RefCell<Vec<SourceFile>>,
}

impl<'a> Loader<'a> {
    /// Nothing read yet.
    pub(crate) const fn new(base: &'a Base, limits: Limits) -> Self {
        Self {
            base,
            limits,
            read: RefCell::new(Vec::new()),
        }
    }

    /// Where the files stand that were read.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        let read = self.read.borrow();
        self.base
            .paths(read.iter().map(|file| Path::new(&file.name)))
    }

    /// The files that were read, in order.
    pub(crate) fn into_files(self) -> Vec<SourceFile> {
        self.read.into_inner()
    }

    /// Reads a pipeline file below the base directory, or from standard input for `-`, and the
    /// files that it names, whose paths are relative to it.
    pub(crate) fn pipeline(
        &self,
        role: &'static str,
        path: &Path,
    ) -> Result<PipelineFile, Failure> {
        let limits = self.limits;
        let (name, bytes) = self.file(role, path)?;
        let format = Format::of(&name, &bytes);
        let mut pipeline = pipeline::load(&bytes, &name, format, limits)?.pipeline;
        let beside = |role, named: &str| {
            let directory = path.parent().unwrap_or(Path::new(""));
            let (name, bytes) = self.file(role, &directory.join(named))?;
            let format = Format::of(&name, &bytes);
            Ok::<_, Failure>((name, bytes, format))
        };
        if let Some(file) = pipeline.registry_file() {
            let (name, bytes, format) = beside("registry", file)?;
            let (registry, _) = Registry::load(&bytes, &name, format, limits)?;
            pipeline.set_registry(registry);
        }
        if let Some(file) = pipeline.provenance_file() {
            let (name, bytes, format) = beside("provenance", file)?;
            let (provenance, _) = Provenance::load(&bytes, &name, format, limits)?;
            pipeline.set_provenance(provenance);
        }
        Ok(pipeline)
    }

    /// Reads the labels of sessions from a file below the base directory, or from standard input
    /// for `-`.
    pub(crate) fn labels(&self, path: &Path) -> Result<Labels, Failure> {
        let (name, bytes) = self.file("labels", path)?;
        let format = Format::of(&name, &bytes);
        Ok(Labels::load(&bytes, &name, format, self.limits)?.0)
    }

    /// A guardian's configuration: a blueprint's name, or a file below the base directory, or
    /// standard input for `-`.
    pub(crate) fn guardian(&self, named: &Path) -> Result<GuardianOptions, Failure> {
        let blueprint = Blueprint::ALL
            .into_iter()
            .find(|blueprint| named == Path::new(blueprint.as_str()));
        if let Some(blueprint) = blueprint {
            return Ok(GuardianChoice::Blueprint(blueprint).options());
        }
        let (name, bytes) = self.file("guardian", named)?;
        let format = Format::of(&name, &bytes);
        Ok(GuardianOptions::load(&bytes, &name, format, self.limits)?.guardian)
    }

    /// Reads a bundle from a file below the base directory, or from standard input for `-`.
    pub(crate) fn bundle(&self, role: &'static str, path: &Path) -> Result<LoadedBundle, Failure> {
        let (name, bytes) = self.file(role, path)?;
        self.bundle_of(&name, &bytes)
    }

    /// Reads a bundle from a file, or from a Git revision for `git:REV:PATH`.
    pub(crate) fn policy(&self, role: &'static str, named: &str) -> Result<LoadedBundle, Failure> {
        let Some(object) = named.strip_prefix("git:") else {
            return self.bundle(role, named.as_ref());
        };
        let bytes = git::file(object, self.limits.bytes)?;
        self.remember(role, named, &bytes);
        self.bundle_of(named, &bytes)
    }

    fn bundle_of(&self, name: &str, bytes: &[u8]) -> Result<LoadedBundle, Failure> {
        let format = Format::of(name, bytes);
        Ok(Bundle::load(bytes, name, format, self.limits)?)
    }

    fn remember(&self, role: &'static str, name: &str, bytes: &[u8]) {
        self.read.borrow_mut().push(SourceFile {
            role,
            name: name.to_owned(),
            sha256: sha256_hex(bytes),
        });
    }

    /// The name and the text of a policy file.
    pub(crate) fn file(
        &self,
        role: &'static str,
        path: &Path,
    ) -> Result<(String, Vec<u8>), Failure> {
        let limit = self.limits.bytes;
        let (name, bytes) = if path == Path::new("-") {
            let name = "<stdin>".to_owned();
            let bytes = read_limited(io::stdin(), Path::new(&name), limit)?;
            (name, bytes)
        } else {
            let bytes = BaseDir::open(&self.base.base_dir)?.read(path, limit)?;
            (path.display().to_string(), bytes)
        };
        self.remember(role, &name, &bytes);
        Ok((name, bytes))
    }
}
