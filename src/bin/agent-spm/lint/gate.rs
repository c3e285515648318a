//! Lint errors that keep others from going on with a document.

use std::path::Path;

use agent_spm::document::Limits;
use agent_spm::lint::{
    self, Beside, Content, Examined, Input, LoadedSettings, Severity, Undecided,
};
use agent_spm::report::findings::Findings;
use agent_spm::source::BaseDir;
use agent_spm::time::Timestamp;

use super::read::{Read, read};
use super::{EXPIRY_WARNING, settings};
use crate::exit::Failure;

/// Looks for lint errors, as the project's settings have them.
pub(crate) struct Gate {
    settings: Option<LoadedSettings>,
    options: lint::Options,
    limits: Limits,
}

impl Gate {
    /// At the time `at`, by the settings in the base directory.
    pub(crate) fn open(base: &BaseDir, limits: Limits, at: Timestamp) -> Result<Self, Failure> {
        Ok(Self {
            settings: settings(None, limits, base)?,
            options: lint::Options {
                at,
                // Nothing but errors is of interest.
                expiry_warning: EXPIRY_WARNING,
                undecided: Undecided::Noted,
                keys: None,
            },
            limits,
        })
    }

    /// The errors in a text that is to be signed.
    pub(crate) fn errors_of_text(&self, name: &str, text: &str) -> Option<Box<Findings>> {
        let examined = lint::examine(Input {
            bytes: text.as_bytes(),
            name,
            limits: self.limits,
            beside: Beside::Envelope,
        });
        let mut read = Read::default();
        if let Examined::Document(subject) = examined {
            read.subjects.push(*subject);
        }
        self.errors(read)
    }

    /// The errors in the files of a directory that is to be signed.
    pub(crate) fn errors_below(
        &self,
        base: &BaseDir,
        directory: &Path,
    ) -> Result<Option<Box<Findings>>, Failure> {
        let mut read = read(&[directory.to_owned()], self.limits, base)?;
        for subject in &mut read.subjects {
            // The manifest signs them.
            if let Content::Bundle(bundle) = &mut subject.content {
                bundle.beside = Beside::Envelope;
            }
        }
        Ok(self.errors(read))
    }

    fn errors(&self, read: Read) -> Option<Box<Findings>> {
        let settings = self.settings.as_ref();
        let found = lint::run_for_errors(&read.subjects, &self.options, settings);
        let treatment = lint::treat(&read.subjects, found, settings, None, &self.options);
        let mut findings = super::findings(read, treatment, None);
        findings.passed_over.clear();
        for file in &mut findings.files {
            let is_error = |severity| severity == Severity::Error;
            file.findings
                .retain(|shown| shown.counts() && is_error(shown.severity));
        }
        let has_errors = findings.all().next().is_some();
        has_errors.then(|| Box::new(findings))
    }
}
