//! The guardian's configuration: what an agent may do before people are told. Owns its shape and
//! what must hold in it; watches nobody itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::suggest::nearest;
use crate::document::{self, Document, Format, Limits, LoadError, Node, NodeKind, Path, Problems};
use crate::time::zone::{Zone, ZoneError};

/// Most tools in one sequence: the platform's guardian remembers that many calls of an agent.
pub const MAX_SEQUENCE: usize = 50;

/// In a sequence: any tool.
pub const ANY_TOOL: &str = "*";

/// A guardian: a blueprint's name, or a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum GuardianChoice {
    /// A configuration that comes with the platform.
    Blueprint(Blueprint),
    /// One's own.
    Configured(Box<GuardianOptions>),
}

/// The configurations that come with the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Blueprint {
    /// Agents that write software.
    Engineering,
    /// Agents that handle money and customers' data.
    Finance,
    /// Agents of a security operations centre.
    Soc,
}

/// What an agent may do before people are told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Guardian")]
pub struct GuardianOptions {
    /// Where everything comes from that is not given here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blueprint: Option<Blueprint>,
    /// Most requests of an agent in a minute; 0 for any number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency_threshold: Option<u32>,
    /// Most requests of an agent in `volume_window_ms`; 0 for any number. If that is a minute, more
    /// of them make a frequency spike critical; else they are an incident of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_threshold: Option<u32>,
    /// The window of `volume_threshold` in milliseconds; a minute if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 9_007_199_254_740_u64))]
    pub volume_window_ms: Option<u64>,
    /// Orders of tools that are suspicious, whatever an agent does in between; `*` is at least one
    /// request of any tool.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(inner(length(min = 1)))]
    pub suspicious_sequences: Option<Vec<Vec<String>>>,
    /// The longest time from a sequence's first request to its last, in milliseconds; ten minutes
    /// if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 9_007_199_254_740_u64))]
    pub sequence_window_ms: Option<u64>,
    /// Whether a sequence allows nothing in between; `*` is then exactly one request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strict_sequences: Option<bool>,
    /// When agents work; always if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_hours: Option<AllowedHours>,
    /// Whose clocks `allowed_hours` are read from: a name of the IANA database such as
    /// `Europe/London`, or an offset such as `+05:30`; `UTC` if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub time_zone: Option<Zone>,
    /// The number of violations that stops an agent; 0 for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_kill_threshold: Option<u32>,
    /// How long an agent must stay within the limit before a spike is over, in milliseconds; not at
    /// all if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 9_007_199_254_740_u64))]
    pub cooldown_ms: Option<u64>,
    /// What is counted; requests if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<CountingUnit>,
}

/// What a guardian counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CountingUnit {
    /// A request counts once, however it is settled.
    #[default]
    Request,
    /// A request that needs an approval counts twice, as the platform's guardian counts.
    Event,
}

/// The hours in which agents work: from the beginning of one to the beginning of another. If the
/// end is before the start, they last overnight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AllowedHours {
    /// The first hour.
    #[schemars(range(min = 0, max = 23))]
    pub start: u32,
    /// The first hour that is none of them; not the same as the start.
    #[schemars(range(min = 0, max = 23))]
    pub end: u32,
    /// The days on which they begin; every day if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub weekdays: Option<Vec<Weekday>>,
}

/// A day of the week.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "their names say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// A guardian's configuration together with the text it was read from.
#[derive(Clone, Debug)]
pub struct LoadedGuardian {
    /// The configuration.
    pub guardian: GuardianOptions,
    /// Its text and where everything stands in it.
    pub document: Document,
}

impl GuardianChoice {
    /// The configuration, the blueprint's name in it if it is one.
    pub fn options(&self) -> GuardianOptions {
        match self {
            Self::Blueprint(blueprint) => GuardianOptions {
                blueprint: Some(*blueprint),
                ..GuardianOptions::default()
            },
            Self::Configured(options) => options.as_ref().clone(),
        }
    }
}

impl Blueprint {
    /// Every blueprint.
    pub const ALL: [Self; 3] = [Self::Engineering, Self::Finance, Self::Soc];

    /// The name in documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Engineering => "engineering",
            Self::Finance => "finance",
            Self::Soc => "soc",
        }
    }
}

impl GuardianOptions {
    /// Reads a file of a guardian's configuration. `name` is what messages call it.
    ///
    /// # Errors
    /// Everything that is wrong with the text, as [`document::load`] says; besides, hours that end
    /// when they start, a time zone that does not exist, and sequences that are empty, too long, or
    /// begin or end with `*`.
    pub fn load(
        bytes: &[u8],
        name: &str,
        format: Format,
        limits: Limits,
    ) -> Result<LoadedGuardian, LoadError> {
        let (guardian, document) =
            document::load(bytes, name, format, limits, |root, problems| {
                check(root, &Path::Root, problems);
            })?;
        Ok(LoadedGuardian { guardian, document })
    }
}

/// Adds a problem for everything in the configuration `node` that its schema cannot say.
pub(super) fn check(node: &Node, path: &Path<'_>, problems: &mut Problems) {
    if let Some(hours) = node.get("allowed_hours") {
        let path = Path::Key(path, "allowed_hours");
        if let (Some(start), Some(end)) = (hours.get("start"), hours.get("end"))
            && let (&NodeKind::Number(first), &NodeKind::Number(last)) = (&start.kind, &end.kind)
            && first == last
        {
            problems.add(
                "empty-hours",
                &Path::Key(&path, "end"),
                end.span,
                format!("the hours end when they start, at {first}"),
                "leave `allowed_hours` out to allow every hour".to_owned(),
            );
        }
    }
    if let Some(zone) = node.get("time_zone")
        && let Some(name) = zone.as_str()
        && let Err(error) = Zone::parse(name)
    {
        problems.add(
            "unknown-time-zone",
            &Path::Key(path, "time_zone"),
            zone.span,
            format!("`{name}`: {error}"),
            help_with_zone(name, error),
        );
    }
    let sequences = node.get("suspicious_sequences").and_then(Node::as_array);
    let path = Path::Key(path, "suspicious_sequences");
    for (index, sequence) in sequences.unwrap_or(&[]).iter().enumerate() {
        check_sequence(sequence, &Path::Index(&path, index), problems);
    }
}

fn help_with_zone(name: &str, error: ZoneError) -> String {
    let names = Zone::names();
    match nearest(name, names.iter().map(String::as_str)) {
        Some(near) if error == ZoneError::Unknown => format!("did you mean `{near}`?"),
        _ => "name a zone as `Europe/London` or an offset as `+05:30`".to_owned(),
    }
}

fn check_sequence(sequence: &Node, path: &Path<'_>, problems: &mut Problems) {
    let Some(tools) = sequence.as_array() else {
        return;
    };
    if tools.len() > MAX_SEQUENCE {
        problems.add(
            "long-sequence",
            path,
            sequence.span,
            format!("the sequence has {} tools", tools.len()),
            format!("keep it to {MAX_SEQUENCE}, which is as far back as a guardian looks"),
        );
    }
    for end in [tools.first(), tools.last()].into_iter().flatten() {
        if end.as_str() == Some(ANY_TOOL) {
            problems.add(
                "open-sequence",
                path,
                end.span,
                "a sequence begins and ends with a tool, not with `*`",
                "leave the `*` out, or name a tool".to_owned(),
            );
        }
    }
}
