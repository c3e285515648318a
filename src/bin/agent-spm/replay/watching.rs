//! The guardian on the log, and what is looked at around what it found.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use agent_spm::guardian::Incident;
use agent_spm::model::pipeline::PipelineFile;
use agent_spm::model::pipeline::guardian::GuardianOptions;
use agent_spm::replay::{Event, EventPlace, Filter, Receive, Replay};
use agent_spm::source::stream::Input;
use agent_spm::time::Timestamp;
use clap::Args;

use crate::exit::Failure;
use crate::load::Loader;
use crate::output;

/// Most values of one kind that a file of pivots holds.
const MOST_PIVOTS: usize = 100_000;

/// The guardian on the log.
#[derive(Debug, Args)]
pub(crate) struct Watching {
    /// What a guardian would have found: `engineering`, `finance`, `soc`, or a file of its configuration [default: that of --pipeline]
    #[arg(long, value_name = "NAME|FILE")]
    guardian: Option<PathBuf>,
    /// Show the events around an incident, by the beginning of its id
    #[arg(long, value_name = "INCIDENT", conflicts_with_all = ["from", "to", "last"])]
    around: Option<String>,
    /// How long before and after the incident, such as `5m`
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = super::duration, requires = "around")]
    around_window: Duration,
    /// Write the agents, tools, requests, codes and plugins of incidents to a file, one a line, for `grep -Ff`
    #[arg(long, value_name = "FILE")]
    pivots: Option<PathBuf>,
}

impl Watching {
    /// The guardian that was asked for.
    pub(crate) fn guardian(
        &self,
        pipeline: &PipelineFile,
        loader: &Loader<'_>,
    ) -> Result<Option<GuardianOptions>, Failure> {
        match &self.guardian {
            Some(named) => loader.guardian(named).map(Some),
            None => Ok(pipeline.guardian.as_ref().map(|choice| choice.options())),
        }
    }

    /// Makes sure that what needs a guardian, or a second look at the log, can have it.
    pub(crate) fn check(&self, is_watched: bool, inputs: &[Input]) -> Result<(), Failure> {
        if self.around.is_none() && self.pivots.is_none() {
            return Ok(());
        }
        if !is_watched {
            return Err(Failure::Usage {
                message: "no guardian looks at the log, so there are no incidents".to_owned(),
                help: "name one with `--guardian`, such as `--guardian finance`",
            });
        }
        if inputs.contains(&Input::Stdin) {
            return Err(Failure::Usage {
                message: "`--around` and `--pivots` read the log twice".to_owned(),
                help: "give a file instead of standard input",
            });
        }
        Ok(())
    }

    /// Whether the events around an incident are asked for.
    pub(crate) const fn is_around(&self) -> bool {
        self.around.is_some()
    }

    /// The events around the incident that was named, if one was.
    pub(crate) fn around(
        &self,
        replay: &Replay,
        filter: &Filter,
    ) -> Result<Option<Filter>, Failure> {
        let Some(named) = &self.around else {
            return Ok(None);
        };
        let found = replay.incidents.iter().flat_map(|found| &found.listed);
        let mut named_so = found.filter(|incident| incident.id.starts_with(named.as_str()));
        let (Some(incident), None) = (named_so.next(), named_so.next()) else {
            return Err(Failure::Usage {
                message: format!("`{named}` is not the beginning of the id of one incident"),
                help: "the ids are in the answer with `--format json`, as `incident_id`",
            });
        };
        let before = i64::try_from(self.around_window.as_micros()).unwrap_or(i64::MAX);
        let from = incident.start.time.micros().saturating_sub(before);
        let to = incident.end.time.micros().saturating_add(before);
        Ok(Some(Filter {
            from: Some(Timestamp::from_micros(from)),
            to: Some(Timestamp::from_micros(to.saturating_add(1))),
            ..filter.clone()
        }))
    }

    /// Where pivots go, if they are asked for.
    pub(crate) fn pivots(&self) -> Option<&Path> {
        self.pivots.as_deref()
    }
}

/// What the events of incidents name.
pub(crate) struct Pivots<'a> {
    /// The incidents of each agent.
    incidents: BTreeMap<&'a [u8], Vec<&'a Incident<EventPlace>>>,
    values: [BTreeSet<String>; 5],
}

impl<'a> Pivots<'a> {
    pub(crate) fn new(replay: &'a Replay) -> Self {
        let mut incidents: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for incident in replay.incidents.iter().flat_map(|found| &found.listed) {
            let of_agent = incidents.entry(&*incident.agent).or_default();
            of_agent.push(incident);
        }
        Self {
            incidents,
            values: Default::default(),
        }
    }

    /// Writes them, each once, in order. What holds a line break cannot be searched for by line.
    pub(crate) fn write(self, path: &Path) -> Result<(), Failure> {
        let mut file = output::create(path)?;
        let mut write = || -> io::Result<()> {
            let values: BTreeSet<&String> = self.values.iter().flatten().collect();
            for value in values {
                writeln!(file, "{value}")?;
            }
            Ok(())
        };
        write()
            .and_then(|()| file.commit())
            .map_err(|error| output::not_written(path, error))
    }
}

impl Receive for Pivots<'_> {
    fn event(&mut self, event: &Event<'_>, _source: &str) -> io::Result<()> {
        let Some(time) = event.time else {
            return Ok(());
        };
        let of_agent = self.incidents.get(event.agent_id.as_bytes());
        let mut of_agent = of_agent.into_iter().flatten();
        if !of_agent.any(|one| (one.start.time..=one.end.time).contains(&time)) {
            return Ok(());
        }
        let codes = event.reasons().map(|reason| (3, reason.code));
        let named = [
            (0, event.agent_id),
            (1, event.tool_name),
            (2, event.request_id),
            (4, event.plugin.unwrap_or_default()),
        ];
        for (kind, value) in named.into_iter().chain(codes) {
            let Some(values) = self.values.get_mut(kind) else {
                continue;
            };
            let is_line = !value.is_empty() && !value.contains(char::is_control);
            if is_line && values.len() < MOST_PIVOTS && !values.contains(value) {
                values.insert(value.to_owned());
            }
        }
        Ok(())
    }
}
