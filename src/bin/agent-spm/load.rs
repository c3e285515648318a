//! Policy files, through the one door.

use std::io;
use std::path::Path;

use agent_spm::document::{Format, Limits};
use agent_spm::model::bundle::Bundle;
use agent_spm::model::bundle::load::LoadedBundle;
use agent_spm::model::labels::Labels;
use agent_spm::model::pipeline::PipelineFile;
use agent_spm::model::pipeline::guardian::{Blueprint, GuardianChoice, GuardianOptions};
use agent_spm::model::pipeline::registry::Registry;
use agent_spm::model::pipeline::supply_chain_guard::Provenance;
use agent_spm::pipeline;
use agent_spm::source::{BaseDir, read_limited};

use crate::cli::Base;
use crate::exit::Failure;
use crate::git;

/// Reads a pipeline file below the base directory, or from standard input for `-`, and the files
/// that it names, whose paths are relative to it.
pub(crate) fn pipeline(path: &Path, base: &Base, limits: Limits) -> Result<PipelineFile, Failure> {
    let (name, bytes) = read(path, base, limits)?;
    let format = Format::of(&name, &bytes);
    let mut pipeline = pipeline::load(&bytes, &name, format, limits)?.pipeline;
    let beside = |named: &str| {
        let directory = path.parent().unwrap_or(Path::new(""));
        let (name, bytes) = read(&directory.join(named), base, limits)?;
        let format = Format::of(&name, &bytes);
        Ok::<_, Failure>((name, bytes, format))
    };
    if let Some(file) = pipeline.registry_file() {
        let (name, bytes, format) = beside(file)?;
        let (registry, _) = Registry::load(&bytes, &name, format, limits)?;
        pipeline.set_registry(registry);
    }
    if let Some(file) = pipeline.provenance_file() {
        let (name, bytes, format) = beside(file)?;
        let (provenance, _) = Provenance::load(&bytes, &name, format, limits)?;
        pipeline.set_provenance(provenance);
    }
    Ok(pipeline)
}

/// A guardian's configuration: a blueprint's name, or a file below the base directory, or standard
/// input for `-`.
pub(crate) fn guardian(
    named: &Path,
    base: &Base,
    limits: Limits,
) -> Result<GuardianOptions, Failure> {
    let blueprint = Blueprint::ALL
        .into_iter()
        .find(|blueprint| named == Path::new(blueprint.as_str()));
    if let Some(blueprint) = blueprint {
        return Ok(GuardianChoice::Blueprint(blueprint).options());
    }
    let (name, bytes) = read(named, base, limits)?;
    let format = Format::of(&name, &bytes);
    Ok(GuardianOptions::load(&bytes, &name, format, limits)?.guardian)
}

/// Reads the labels of sessions from a file below the base directory, or from standard input for
/// `-`.
pub(crate) fn labels(path: &Path, base: &Base, limits: Limits) -> Result<Labels, Failure> {
    let (name, bytes) = read(path, base, limits)?;
    let format = Format::of(&name, &bytes);
    Ok(Labels::load(&bytes, &name, format, limits)?.0)
}

/// Reads a bundle from a file below the base directory, or from standard input for `-`.
pub(crate) fn bundle(path: &Path, base: &Base, limits: Limits) -> Result<LoadedBundle, Failure> {
    let (name, bytes) = read(path, base, limits)?;
    let format = Format::of(&name, &bytes);
    Ok(Bundle::load(&bytes, &name, format, limits)?)
}

/// Reads a bundle from a file, or from a Git revision for `git:REV:PATH`.
pub(crate) fn policy(named: &str, base: &Base, limits: Limits) -> Result<LoadedBundle, Failure> {
    let Some(object) = named.strip_prefix("git:") else {
        return bundle(named.as_ref(), base, limits);
    };
    let bytes = git::file(object, limits.bytes)?;
    let format = Format::of(object, &bytes);
    Ok(Bundle::load(&bytes, named, format, limits)?)
}

/// The name and the text of a policy file.
pub(crate) fn read(path: &Path, base: &Base, limits: Limits) -> Result<(String, Vec<u8>), Failure> {
    if path == Path::new("-") {
        let name = "<stdin>".to_owned();
        let bytes = read_limited(io::stdin(), Path::new(&name), limits.bytes)?;
        return Ok((name, bytes));
    }
    let bytes = BaseDir::open(&base.base_dir)?.read(path, limits.bytes)?;
    Ok((path.display().to_string(), bytes))
}
