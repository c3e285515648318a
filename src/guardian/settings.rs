//! A guardian's configuration with nothing left open: blueprints filled in, zeros understood,
//! lengths of time in microseconds.

use std::sync::Arc;

use super::episode::Limit;
use super::hours::Hours;
use super::incident::Kind;
use crate::model::pipeline::guardian::{AllowedHours, Blueprint, CountingUnit, GuardianOptions};
use crate::time::zone::Zone;

/// The window of frequency, and of volume unless the configuration says otherwise.
pub(super) const MINUTE: i64 = 60_000_000;

/// The longest time that a sequence may take unless the configuration says otherwise.
const TEN_MINUTES: i64 = 600_000_000;

/// What a guardian goes by. Lengths of time are in microseconds.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// More requests in a minute are a spike.
    pub(super) frequency: Option<u64>,
    /// More requests in `volume_window` are too many.
    pub(super) volume: Option<u64>,
    pub(super) volume_window: i64,
    pub(super) sequences: Vec<Arc<[String]>>,
    pub(super) sequence_window: i64,
    pub(super) gaps: Gaps,
    pub(super) hours: Option<Hours>,
    /// As many violations stop an agent.
    pub(super) kill: Option<u64>,
    pub(super) cooldown: i64,
    pub(super) unit: CountingUnit,
}

/// What a sequence allows between its tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gaps {
    Any,
    None,
}

impl Settings {
    pub(super) fn new(options: &GuardianOptions) -> Self {
        let blueprint = options.blueprint.map(blueprint).unwrap_or_default();
        let limit = |own: Option<u32>, blueprint: Option<u32>| {
            own.or(blueprint).filter(|&limit| limit > 0).map(u64::from)
        };
        let micros = |millis: Option<u64>, otherwise| {
            millis.map_or(otherwise, |millis| {
                i64::try_from(millis).map_or(i64::MAX, |millis| millis.saturating_mul(1000))
            })
        };
        let sequences = options.suspicious_sequences.clone();
        let hours = options.allowed_hours.as_ref();
        let zone = options.time_zone.clone().unwrap_or_else(Zone::utc);
        Self {
            frequency: limit(options.frequency_threshold, blueprint.frequency_threshold),
            volume: limit(options.volume_threshold, blueprint.volume_threshold),
            volume_window: micros(options.volume_window_ms, MINUTE),
            sequences: sequences
                .or(blueprint.suspicious_sequences)
                .unwrap_or_default()
                .into_iter()
                .filter(|sequence| !sequence.is_empty())
                .map(Arc::from)
                .collect(),
            sequence_window: micros(options.sequence_window_ms, TEN_MINUTES),
            gaps: if options.strict_sequences == Some(true) {
                Gaps::None
            } else {
                Gaps::Any
            },
            hours: hours
                .or(blueprint.allowed_hours.as_ref())
                .map(|hours| Hours::new(hours, zone)),
            kill: limit(options.auto_kill_threshold, blueprint.auto_kill_threshold),
            cooldown: micros(options.cooldown_ms, 0),
            unit: options.unit.unwrap_or_default(),
        }
    }

    /// What makes a frequency spike. Volume, if it is counted in the same window, makes it critical.
    pub(super) fn frequency_limit(&self) -> Option<Limit> {
        Some(Limit {
            kind: Kind::FrequencySpike,
            threshold: self.frequency?,
            window: MINUTE,
            critical: self.volume.filter(|_| self.volume_window == MINUTE),
            cooldown: self.cooldown,
        })
    }

    /// What makes a volume spike, if it is one of its own.
    pub(super) fn volume_limit(&self) -> Option<Limit> {
        if self.frequency.is_some() && self.volume_window == MINUTE {
            return None;
        }
        Some(Limit {
            kind: Kind::VolumeSpike,
            threshold: self.volume?,
            window: self.volume_window,
            critical: None,
            cooldown: self.cooldown,
        })
    }

    /// Whether requests are counted at all.
    pub(super) fn counts(&self) -> bool {
        self.frequency.is_some() || self.volume.is_some()
    }

    /// A time after which an idle agent's windows are empty, in microseconds.
    pub(super) fn horizon(&self) -> i64 {
        let windows = [MINUTE, self.volume_window, self.sequence_window];
        let longest = windows.into_iter().max().unwrap_or(MINUTE);
        longest.max(self.cooldown).saturating_add(1)
    }
}

/// The configurations that come with the platform.
fn blueprint(blueprint: Blueprint) -> GuardianOptions {
    let sequence = |tools: &[&str]| tools.iter().map(|&tool| tool.to_owned()).collect();
    let hours = |start, end| AllowedHours {
        start,
        end,
        weekdays: None,
    };
    match blueprint {
        Blueprint::Engineering => GuardianOptions {
            frequency_threshold: Some(60),
            volume_threshold: Some(200),
            suspicious_sequences: Some(vec![
                sequence(&["read_secrets", "http_request"]),
                sequence(&["query_db", "send_email"]),
            ]),
            allowed_hours: Some(hours(6, 22)),
            auto_kill_threshold: Some(5),
            ..GuardianOptions::default()
        },
        Blueprint::Finance => GuardianOptions {
            frequency_threshold: Some(30),
            volume_threshold: Some(100),
            suspicious_sequences: Some(vec![
                sequence(&["query_customer_db", "send_email"]),
                sequence(&["trigger_payment", "trigger_payment"]),
            ]),
            allowed_hours: Some(hours(8, 18)),
            auto_kill_threshold: Some(3),
            ..GuardianOptions::default()
        },
        Blueprint::Soc => GuardianOptions {
            frequency_threshold: Some(100),
            volume_threshold: Some(500),
            suspicious_sequences: Some(vec![
                sequence(&["read_secrets", "*", "http_request"]),
                sequence(&["shell_execute", "shell_execute", "shell_execute"]),
            ]),
            auto_kill_threshold: Some(10),
            ..GuardianOptions::default()
        },
    }
}
