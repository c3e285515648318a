//! `agent-spm schema`

use std::io::Write;

use agent_spm::document::schema::json_schema;
use agent_spm::model::assertions::Assertions;
use agent_spm::model::bundle::Bundle;
use agent_spm::model::call::Call;
use agent_spm::model::event::Event;
use agent_spm::model::manifest::Manifest;
use agent_spm::model::pipeline::PipelineFile;
use agent_spm::model::settings::Settings;
use agent_spm::report::json;
use clap::{Args, ValueEnum};

use crate::exit::{Answer, Failure};

/// Print the JSON Schema of a document, for editors
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The kind of document
    document: Kind,
}

/// A kind of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Assertions about policies
    Assertions,
    /// A policy bundle
    Bundle,
    /// A recorded call, one line of a native recording
    Call,
    /// An audit event
    Event,
    /// An MCP server's manifest
    Manifest,
    /// A pipeline: the plugins and their order
    Pipeline,
    /// The settings of a project, `.agent-spm.yaml`
    Settings,
}

impl Kind {
    /// The name of the kind on the command line.
    #[cfg(test)]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Assertions => "assertions",
            Self::Bundle => "bundle",
            Self::Call => "call",
            Self::Event => "event",
            Self::Manifest => "manifest",
            Self::Pipeline => "pipeline",
            Self::Settings => "settings",
        }
    }

    /// The JSON Schema (draft 2020-12) of documents of this kind.
    pub(crate) fn schema(self) -> serde_json::Value {
        match self {
            Self::Assertions => json_schema::<Assertions>(),
            Self::Bundle => json_schema::<Bundle>(),
            Self::Call => json_schema::<Call>(),
            Self::Event => json_schema::<Event>(),
            Self::Manifest => json_schema::<Manifest>(),
            Self::Pipeline => json_schema::<PipelineFile>(),
            Self::Settings => json_schema::<Settings>(),
        }
    }
}

/// Prints the schema.
pub(crate) fn run(arguments: &Arguments, stdout: &mut impl Write) -> Result<Answer, Failure> {
    let text = json::render(&arguments.document.schema()).map_err(std::io::Error::from)?;
    stdout.write_all(text.as_bytes())?;
    Ok(Answer::Yes)
}
