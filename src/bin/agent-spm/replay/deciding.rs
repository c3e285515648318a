//! By what the events of a log are decided again.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use agent_spm::import::tools::Tools;
use agent_spm::model::bundle::load::LoadedBundle;
use agent_spm::model::bundle::{Bundle, TrustLevel};
use agent_spm::model::pipeline::PipelineFile;
use agent_spm::pipeline::Pipeline;
use agent_spm::simulate::{self, Defaults, OnUnreadable, Review};
use agent_spm::source::stream::{self, Digesting, Input};
use clap::Args;

use crate::exit::Failure;
use crate::load::Loader;

/// By what the events are decided again.
#[derive(Debug, Args)]
pub(crate) struct Deciding {
    /// Decide the events again by this bundle, and compare
    #[arg(long, value_name = "FILE", help_heading = "Decide again")]
    policy: Option<PathBuf>,
    /// Recordings of the calls, as `simulate` reads them: what they hold is decided exactly
    #[arg(
        long,
        value_name = "CALLS",
        requires = "policy",
        help_heading = "Decide again"
    )]
    calls: Vec<PathBuf>,
    /// The environment of calls whose recording does not say
    #[arg(
        long,
        value_name = "NAME",
        requires = "calls",
        help_heading = "Decide again"
    )]
    call_environment: Option<String>,
    /// The agent of calls whose recording does not say
    #[arg(
        long,
        value_name = "ID",
        requires = "calls",
        help_heading = "Decide again"
    )]
    call_agent_id: Option<String>,
    /// The agent type of calls whose recording does not say
    #[arg(
        long,
        value_name = "TYPE",
        requires = "calls",
        help_heading = "Decide again"
    )]
    call_agent_type: Option<String>,
    /// The trust level of calls whose recording does not say
    #[arg(long, value_name = "LEVEL", requires = "calls", help_heading = "Decide again", value_parser = crate::simulate::trust_levels())]
    call_trust_level: Option<String>,
}

/// What was loaded to decide by.
pub(crate) struct Loaded {
    policy: LoadedBundle,
    digest: String,
    pipeline: Pipeline,
    has_pipeline: bool,
    inputs: Vec<Input>,
    defaults: Defaults,
    tools: Tools,
}

impl Deciding {
    /// Recordings of the calls.
    pub(crate) fn calls(&self) -> &[PathBuf] {
        &self.calls
    }

    /// Loads what the arguments name; `file` is the pipeline's, if `has_pipeline`.
    pub(crate) fn load(
        &self,
        file: Option<&PipelineFile>,
        loader: &Loader<'_>,
    ) -> Result<Option<Loaded>, Failure> {
        let Some(policy) = &self.policy else {
            return Ok(None);
        };
        let policy = loader.bundle("policy", policy)?;
        let inputs = stream::inputs(&self.calls)?;
        if inputs.is_empty() && !self.calls.is_empty() {
            return Err(Failure::Usage {
                message: "there are no recordings under the paths given by `--calls`".to_owned(),
                help: "recordings are JSON or JSON Lines",
            });
        }
        let default_file = PipelineFile::default();
        let has_pipeline = file.is_some();
        let file = file.unwrap_or(&default_file);
        let own = Defaults {
            environment: self.call_environment.clone(),
            agent_id: self.call_agent_id.clone(),
            agent_type: self.call_agent_type.clone(),
            trust_level: self
                .call_trust_level
                .as_ref()
                .and_then(|level| TrustLevel::parse(level.as_bytes())),
        };
        Ok(Some(Loaded {
            digest: policy.digest(),
            policy,
            pipeline: Pipeline::new(file),
            has_pipeline,
            inputs,
            defaults: crate::simulate::with_file(own, file),
            tools: file.tools.as_ref().map(Tools::new).unwrap_or_default(),
        }))
    }
}

impl Loaded {
    /// The policy.
    pub(crate) const fn policy(&self) -> &Bundle {
        &self.policy.bundle
    }

    /// The names of the plugins, if a pipeline was given.
    pub(crate) fn plugins(&self) -> Option<Vec<&str>> {
        self.has_pipeline.then(|| self.pipeline.names().collect())
    }

    /// How calls are decided.
    pub(crate) fn simulation(&self, threads: NonZeroUsize) -> simulate::Options<'_> {
        simulate::Options {
            bundle: &self.policy.bundle,
            pipeline: &self.pipeline,
            defaults: self.defaults.clone(),
            tools: self.tools.clone(),
            shape: None,
            threads,
            digesting: Digesting::Off,
            unreadable: OnUnreadable::Count,
            max_events: 0,
            seed: &self.digest,
            review: Review::default(),
        }
    }

    /// What decides; `simulation` is [`Self::simulation`]'s.
    pub(crate) fn deciding<'a>(
        &'a self,
        plugins: Option<&'a [&'a str]>,
        simulation: &'a simulate::Options<'a>,
    ) -> agent_spm::replay::Deciding<'a> {
        agent_spm::replay::Deciding {
            bundle: &self.policy.bundle,
            plugins,
            calls: (!self.inputs.is_empty()).then_some((&self.inputs, simulation)),
        }
    }
}
