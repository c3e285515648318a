//! What `simulate` is asked beside totals, and what of it makes the answer no.

use std::path::PathBuf;

use agent_spm::model::bundle::Bundle;
use agent_spm::model::labels::Labels;
use agent_spm::model::pipeline::PipelineFile;
use agent_spm::pipeline::Pipeline;
use agent_spm::simulate::{Baseline, Covering, Drafting, Review, Simulation, Tracing};
use clap::{Args, ValueEnum};
use serde_json::Value;

use crate::exit::{Answer, Failure};
use crate::load::Loader;

/// What is made of the decisions.
#[derive(Debug, Args)]
pub(crate) struct ReviewArguments {
    /// Compare with another policy, FILE or git:REV:PATH, or with what was `recorded`
    #[arg(long, value_name = "BASELINE")]
    baseline: Option<String>,
    /// The baseline's own pipeline file [default: that of --pipeline]
    #[arg(long, value_name = "FILE", requires = "baseline")]
    baseline_pipeline: Option<PathBuf>,
    /// What the sessions were, attack or benign: how does the policy do on them?
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// Say which rules decided a call, and which of their conditions were seen to hold and to fail
    #[arg(long)]
    coverage: bool,
    /// Make the answer no if less than this share of the rules, or of their conditions, is covered
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    min_coverage: Option<f64>,
    /// What makes the answer no; failed test cases always do
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    fail_on: Vec<FailOn>,
    /// Explain the decisions about calls with this id step by step
    #[arg(long, value_name = "REQUEST_ID")]
    trace: Option<String>,
    /// Write every decision, explained step by step, as a JSON line to a file
    #[arg(long, value_name = "FILE", conflicts_with = "trace")]
    pub(crate) explain_all: Option<PathBuf>,
}

/// What can make the answer no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// A call that the baseline does not let through is let through
    NewlyAllowed,
    /// A call that the baseline lets through is not
    NewlyDenied,
    /// A call is let through or not, or has an outcome, as by the baseline it is or has not
    Changed,
    /// A call is denied
    Denied,
    /// The guardian reports an incident
    Incident,
    /// A call cannot be decided
    NotReplayable,
}

/// What was loaded for the reviews.
pub(crate) struct Loaded<'a> {
    baseline: Loading,
    labels: Option<Labels>,
    tracing: Tracing<'a>,
    covering: Covering,
}

enum Loading {
    Absent,
    Recorded,
    Policy(Box<Bundle>, Option<Box<Pipeline>>),
}

impl ReviewArguments {
    /// Loads what the arguments name.
    pub(crate) fn load(&self, loader: &Loader<'_>) -> Result<Loaded<'_>, Failure> {
        let baseline = match self.baseline.as_deref() {
            None => Loading::Absent,
            Some("recorded") => Loading::Recorded,
            Some(named) => {
                let bundle = loader.policy("baseline", named)?.bundle;
                let file = match &self.baseline_pipeline {
                    Some(path) => Some(loader.pipeline("baseline pipeline", path)?),
                    None => None,
                };
                let pipeline = file.as_ref().map(|file: &PipelineFile| Pipeline::new(file));
                Loading::Policy(Box::new(bundle), pipeline.map(Box::new))
            }
        };
        let labels = match &self.labels {
            Some(path) => Some(loader.labels(path)?),
            None => None,
        };
        let needs_baseline = [FailOn::NewlyAllowed, FailOn::NewlyDenied, FailOn::Changed];
        if self.baseline.is_none()
            && self
                .fail_on
                .iter()
                .any(|what| needs_baseline.contains(what))
        {
            return Err(Failure::Usage {
                message: "`--fail-on` asks for changes, but there is no baseline".to_owned(),
                help: "name one with `--baseline`",
            });
        }
        Ok(Loaded {
            baseline,
            labels,
            covering: if self.coverage || self.min_coverage.is_some() {
                Covering::On
            } else {
                Covering::Off
            },
            tracing: match (&self.trace, &self.explain_all) {
                (Some(id), _) => Tracing::Request(id),
                (None, Some(_)) => Tracing::Everything,
                (None, None) => Tracing::Failures,
            },
        })
    }

    /// Makes sure that there can be incidents, if they are to make the answer no.
    pub(crate) fn check(&self, is_watched: bool) -> Result<(), Failure> {
        if is_watched || !self.fail_on.contains(&FailOn::Incident) {
            return Ok(());
        }
        Err(Failure::Usage {
            message: "`--fail-on` asks for incidents, but no guardian looks for them".to_owned(),
            help: "name one as `guardian` in the pipeline file",
        })
    }

    /// What was asked for, by the names of the options.
    pub(crate) fn options(&self) -> impl Iterator<Item = (&'static str, Option<Value>)> {
        let path = |path: &Option<PathBuf>| {
            let path = path.as_ref()?;
            Some(Value::from(path.display().to_string()))
        };
        let fail_on = self.fail_on.iter().filter_map(ValueEnum::to_possible_value);
        let fail_on: Vec<String> = fail_on.map(|value| value.get_name().to_owned()).collect();
        [
            ("baseline", self.baseline.clone().map(Value::from)),
            ("baseline-pipeline", path(&self.baseline_pipeline)),
            ("labels", path(&self.labels)),
            ("coverage", self.coverage.then_some(Value::from(true))),
            ("min-coverage", self.min_coverage.map(Value::from)),
            (
                "fail-on",
                (!fail_on.is_empty()).then(|| Value::from(fail_on)),
            ),
            ("trace", self.trace.clone().map(Value::from)),
        ]
        .into_iter()
    }

    /// The answer that a simulation gives.
    pub(crate) fn answer(&self, simulation: &Simulation) -> Answer {
        let reviewed = &simulation.reviewed;
        // A case that cannot be read has not passed.
        let failed = reviewed.cases.as_ref().map_or(0, |cases| cases.failed);
        let failed = failed + simulation.coverage.cases_unreadable;
        let comparison = reviewed.comparison.as_ref();
        let counted = |what: &FailOn| match what {
            FailOn::NewlyAllowed => comparison.map_or(0, |all| all.newly_allowed),
            FailOn::NewlyDenied => comparison.map_or(0, |all| all.newly_denied),
            FailOn::Changed => comparison.map_or(0, |all| all.changed()),
            FailOn::Denied => simulation.agents.iter().map(|agent| agent.denied).sum(),
            FailOn::Incident => {
                let found = simulation.incidents.as_ref();
                found.map_or(0, |found| found.counts.values().sum())
            }
            FailOn::NotReplayable => simulation.coverage.not_replayable.values().sum(),
        };
        let coverage = reviewed.rule_coverage.as_ref().zip(self.min_coverage);
        let uncovered = coverage.is_some_and(|(coverage, least)| {
            coverage.rules_percent() < least || coverage.conditions_percent() < least
        });
        if failed > 0 || uncovered || self.fail_on.iter().any(|what| counted(what) > 0) {
            Answer::No
        } else {
            Answer::Yes
        }
    }
}

fn percent(text: &str) -> Result<f64, &'static str> {
    let percent = text.trim_end_matches('%').parse();
    percent
        .ok()
        .filter(|percent| (0.0..=100.0).contains(percent))
        .ok_or("not a number from 0 to 100")
}

impl Loaded<'_> {
    /// The reviews of a run with `pipeline`.
    pub(crate) fn review<'r>(&'r self, pipeline: &'r Pipeline) -> Review<'r> {
        Review {
            baseline: match &self.baseline {
                Loading::Absent => Baseline::Absent,
                Loading::Recorded => Baseline::Recorded,
                Loading::Policy(bundle, own) => {
                    Baseline::Policy(bundle, own.as_deref().unwrap_or(pipeline))
                }
            },
            labels: self.labels.as_ref(),
            tracing: self.tracing,
            drafting: Drafting::Off,
            covering: self.covering,
        }
    }

    /// A traced call that the recording does not have.
    pub(crate) fn not_found(&self, simulation: &Simulation) -> Option<Failure> {
        match self.tracing {
            Tracing::Request(id) if simulation.reviewed.traces.is_empty() => Some(Failure::Usage {
                message: format!("no call has the id `{id}`"),
                help: "ids are in the `request_id` of `--decisions`",
            }),
            _ => None,
        }
    }
}
