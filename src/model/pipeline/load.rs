//! Loads a pipeline file strictly: its schema, and what a schema cannot say. Opens no file that
//! it names: the caller does, and hands the registry over.

use std::collections::BTreeMap;

use super::egress;
use super::guardian;
use super::registry::{self, Registry};
use super::supply_chain_guard::{self, Provenance, ProvenanceSource};
use super::tools;
use super::{IdentityEnforcer, PipelineFile, RegistrySource};
use crate::document::{self, Document, Format, Limits, LoadError, Node, NodeKind, Path, Problems};

/// A pipeline file together with the text it was read from.
#[derive(Clone, Debug)]
pub struct LoadedPipeline {
    /// The pipeline.
    pub pipeline: PipelineFile,
    /// Its text and where everything stands in it.
    pub document: Document,
}

impl PipelineFile {
    /// Reads a pipeline file. `name` is what messages call it.
    ///
    /// # Errors
    /// Everything that is wrong with the text, as [`document::load`] says; besides, an entry of
    /// `plugins` that is about several plugins, a plugin given twice, and an agent or a tool that a
    /// registry names twice; and what
    /// [`GuardianOptions::load`](super::guardian::GuardianOptions::load) says of a guardian.
    pub fn load(
        bytes: &[u8],
        name: &str,
        format: Format,
        limits: Limits,
    ) -> Result<LoadedPipeline, LoadError> {
        let (pipeline, document) = document::load(bytes, name, format, limits, Self::check)?;
        Ok(LoadedPipeline { pipeline, document })
    }

    /// Adds what [`PipelineFile::load`] objects to beside the schema.
    pub fn check(root: &Node, problems: &mut Problems) {
        check(root, problems);
    }

    /// The path of the registry's file as the pipeline writes it, if the registry is in one.
    pub fn registry_file(&self) -> Option<&str> {
        self.identity_enforcer()
            .and_then(|options| match &options.registry {
                Some(RegistrySource::File(path)) => Some(path.as_str()),
                _ => None,
            })
    }

    /// Puts `registry` where the pipeline names a file.
    pub fn set_registry(&mut self, registry: Registry) {
        for entry in &mut self.plugins {
            if let Some(options) = &mut entry.identity_enforcer {
                options.registry = Some(RegistrySource::Inline(Box::new(registry)));
                return;
            }
        }
    }

    /// The path of the record of manifests as the pipeline writes it, if that is in a file.
    pub fn provenance_file(&self) -> Option<&str> {
        let mut entries = self.plugins.iter();
        let options = entries.find_map(|entry| entry.supply_chain_guard.as_ref())?;
        match &options.provenance {
            Some(ProvenanceSource::File(path)) => Some(path),
            _ => None,
        }
    }

    /// Puts `provenance` where the pipeline names a file.
    pub fn set_provenance(&mut self, provenance: Provenance) {
        let mut entries = self.plugins.iter_mut();
        if let Some(options) = entries.find_map(|entry| entry.supply_chain_guard.as_mut()) {
            options.provenance = Some(ProvenanceSource::Inline(Box::new(provenance)));
        }
    }

    fn identity_enforcer(&self) -> Option<&IdentityEnforcer> {
        let mut entries = self.plugins.iter();
        entries.find_map(|entry| entry.identity_enforcer.as_ref())
    }
}

fn check(root: &Node, problems: &mut Problems) {
    if let Some(guardian) = root.get("guardian") {
        guardian::check(guardian, &Path::Key(&Path::Root, "guardian"), problems);
    }
    if let Some(tools) = root.get("tools") {
        tools::check(tools, &Path::Key(&Path::Root, "tools"), problems);
    }
    let plugins = root.get("plugins").and_then(Node::as_array).unwrap_or(&[]);
    let plugins_path = Path::Key(&Path::Root, "plugins");
    let mut seen = BTreeMap::new();
    for (index, entry) in plugins.iter().enumerate() {
        let NodeKind::Object(members) = &entry.kind else {
            continue;
        };
        let path = Path::Index(&plugins_path, index);
        for (number, member) in members.iter().enumerate() {
            let here = Path::Key(&path, &member.key);
            let name = member.key.as_str();
            if number > 0 {
                problems.add(
                    "several-plugins",
                    &here,
                    member.key_span,
                    format!("`{name}` is the second plugin of one entry"),
                    "begin a new entry with it, so that the order is clear".to_owned(),
                );
            }
            if let Some((first, line)) = seen.get(name) {
                problems.add(
                    "duplicate-plugin",
                    &here,
                    member.key_span,
                    format!(
                        "plugin `{name}` is given twice, first on line {line} (`plugins[{first}]`)"
                    ),
                    "remove one of them, or put their options together".to_owned(),
                );
            } else {
                seen.insert(name, (index, problems.line(member.key_span.start)));
            }
            if name == "identity-enforcer"
                && let Some(registry) = member.value.get("registry")
            {
                registry::check(registry, &Path::Key(&here, "registry"), problems);
            }
            if name == "egress-enforcer" {
                egress::check(&member.value, &here, problems);
            }
            if name == "supply-chain-guard"
                && let Some(record) = member.value.get("provenance")
            {
                supply_chain_guard::check(record, &Path::Key(&here, "provenance"), problems);
            }
        }
    }
}
