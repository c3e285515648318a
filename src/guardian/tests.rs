mod incidents;
mod properties;

use std::borrow::Cow;

use super::*;
use crate::model::pipeline::guardian::{AllowedHours, Blueprint};
use crate::time::zone::Zone;

const MILLI: i64 = 1000;
const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3600 * SECOND;

/// A Thursday at ten o'clock in UTC.
const START: &str = "2026-01-15T10:00:00Z";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Number(u64);

impl Mark for Number {
    fn event_id(&self) -> Cow<'_, str> {
        Cow::Owned(format!("e-{}", self.0))
    }
}

fn at(text: &str) -> i64 {
    Timestamp::parse(text.as_bytes()).expect("a time").micros()
}

fn blueprint(blueprint: Blueprint) -> GuardianOptions {
    GuardianOptions {
        blueprint: Some(blueprint),
        ..GuardianOptions::default()
    }
}

/// Events in words: `tool` was let through, `!tool` was not, `?tool` is pending, and `~tool` approves
/// what is.
struct Script {
    guardian: Guardian<Number>,
    now: i64,
    events: u64,
}

impl Script {
    fn new(options: &GuardianOptions) -> Self {
        Self {
            guardian: Guardian::new(options),
            now: at(START),
            events: 0,
        }
    }

    fn event(&mut self, agent: &str, word: &str) {
        let tool = word.trim_start_matches(['!', '?', '~']);
        self.guardian.observe(&Seen {
            agent: agent.as_bytes(),
            tool: tool.as_bytes(),
            time: Some(Timestamp::from_micros(self.now)),
            part: if word.starts_with('~') {
                Part::Settlement
            } else {
                Part::Request
            },
            verdict: match word.as_bytes() {
                [b'!', ..] => Verdict::Denied,
                [b'?', ..] => Verdict::Pending,
                _ => Verdict::Allowed,
            },
            mark: Number(self.events),
        });
        self.events += 1;
    }

    /// Events of one agent, the same time apart.
    fn play(mut self, words: &str, apart: i64) -> Self {
        for word in words.split_whitespace() {
            self.event("a", word);
            self.now += apart;
        }
        self
    }

    fn finish(self) -> Findings<Number> {
        self.guardian.finish()
    }
}

/// A sequence's steps and how far it got.
fn sequences(findings: &Findings<Number>) -> Vec<(Vec<u64>, Execution)> {
    let incidents = findings.incidents.iter();
    incidents
        .filter_map(|incident| match &incident.detail {
            Detail::Sequence {
                steps, execution, ..
            } => {
                let steps = steps.iter().map(|step| step.mark.0).collect();
                Some((steps, *execution))
            }
            _ => None,
        })
        .collect()
}

#[test]
fn a_burst_is_one_incident() {
    let burst = "read ".repeat(300);
    let findings = Script::new(&blueprint(Blueprint::Engineering))
        .play(&burst, 10 * MILLI)
        .finish();
    assert_eq!(findings.incidents.len(), 1, "{findings:?}");
    let spike = &findings.incidents[0];
    assert_eq!(spike.kind, Kind::FrequencySpike);
    assert_eq!(
        spike.severity,
        Severity::Critical,
        "more than volume allows"
    );
    assert_eq!((spike.count, spike.allowed), (300, 300));
    assert_eq!(spike.start.mark, Number(0));
    assert_eq!(spike.detected.mark, Number(60), "the 61st is one too many");
    assert_eq!(spike.end.mark, Number(299));
    let start = at(START);
    assert_eq!(
        spike.detail,
        Detail::Spike {
            threshold: 60,
            window_ms: 60_000,
            peak: 300,
            peak_at: Timestamp::from_micros(start + 2990 * MILLI),
            escalated_at: Some(Timestamp::from_micros(start + 2000 * MILLI)),
        }
    );
    let kill = &findings.kills[0];
    assert_eq!(kill.count, 65);
    assert_eq!(
        kill.detected.time.micros() - kill.start.time.micros(),
        640 * MILLI
    );
    let Detail::AutoKill {
        violations,
        later,
        later_allowed,
        ..
    } = kill.detail
    else {
        panic!("{kill:?}");
    };
    assert_eq!((violations, later, later_allowed), (5, 235, 235));
}

#[test]
fn what_is_spread_over_hours_is_no_burst() {
    let options = GuardianOptions {
        allowed_hours: None,
        ..blueprint(Blueprint::Soc)
    };
    let findings = Script::new(&options)
        .play(&"read ".repeat(100), HOUR)
        .finish();
    assert_eq!(findings.incidents, []);
    assert_eq!(findings.kills, []);
}

#[test]
fn a_spike_ends_when_it_does_unless_it_is_to_cool_down() {
    let spiky = GuardianOptions {
        frequency_threshold: Some(2),
        ..GuardianOptions::default()
    };
    let play = |options: &GuardianOptions| {
        let mut script = Script::new(options);
        // Three within a minute, one after it, three again.
        for seconds in [0, 1, 2, 90, 91, 92] {
            script.now = at(START) + seconds * SECOND;
            script.event("a", "!read");
        }
        script.finish().incidents
    };
    let incidents = play(&spiky);
    assert_eq!(incidents.len(), 2, "{incidents:?}");
    let ends = incidents
        .iter()
        .map(|one| (one.start.mark.0, one.end.mark.0, one.count));
    assert_eq!(ends.collect::<Vec<_>>(), [(0, 2, 3), (3, 5, 3)]);
    assert_ne!(incidents[0].id, incidents[1].id);
    assert_eq!(incidents[0].allowed, 0);
    let cooling = GuardianOptions {
        cooldown_ms: Some(100_000),
        ..spiky.clone()
    };
    let incidents = play(&cooling);
    assert_eq!(incidents.len(), 1, "{incidents:?}");
    assert_eq!((incidents[0].count, incidents[0].end.mark.0), (6, 5));
}

#[test]
fn volume_in_a_window_of_its_own_is_an_incident_of_its_own() {
    let options = GuardianOptions {
        frequency_threshold: Some(5),
        volume_threshold: Some(8),
        volume_window_ms: Some(600_000),
        ..GuardianOptions::default()
    };
    let findings = Script::new(&options)
        .play(&"read ".repeat(10), 20 * SECOND)
        .finish();
    let kinds: Vec<Kind> = findings.incidents.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [Kind::VolumeSpike]);
    assert_eq!(findings.incidents[0].severity, Severity::High);
    assert_eq!(findings.incidents[0].detected.mark, Number(8));
}

#[test]
fn one_approved_payment_is_one_payment() {
    let finance = blueprint(Blueprint::Finance);
    let findings = Script::new(&finance)
        .play("?trigger_payment ~trigger_payment", SECOND)
        .finish();
    assert_eq!(findings.incidents, []);
    let findings = Script::new(&finance)
        .play("trigger_payment read trigger_payment", SECOND)
        .finish();
    assert_eq!(sequences(&findings), [(vec![0, 2], Execution::Executed)]);
    // Counted as the platform counts, one payment is two.
    let by_event = GuardianOptions {
        unit: Some(CountingUnit::Event),
        ..finance
    };
    let findings = Script::new(&by_event)
        .play("?trigger_payment ~trigger_payment", SECOND)
        .finish();
    assert_eq!(findings.incidents.len(), 1);
}

#[test]
fn sequences_have_gaps_and_do_not_overlap() {
    let engineering = blueprint(Blueprint::Engineering);
    let soc = blueprint(Blueprint::Soc);
    let found = |options: &GuardianOptions, words: &str| {
        sequences(&Script::new(options).play(words, SECOND).finish())
    };
    let executed = Execution::Executed;
    assert_eq!(
        found(&engineering, "read_secrets list_files http_request"),
        [(vec![0, 2], executed)]
    );
    assert_eq!(found(&soc, "read_secrets http_request"), []);
    assert_eq!(
        found(&soc, "read_secrets list_files list_files http_request"),
        [(vec![0, 3], executed)]
    );
    assert_eq!(
        found(&soc, &"shell_execute ".repeat(8)),
        [(vec![0, 1, 2], executed), (vec![3, 4, 5], executed)]
    );
    let slowly = Script::new(&engineering)
        .play("read_secrets http_request", 601 * SECOND)
        .finish();
    assert_eq!(sequences(&slowly), []);
    let strict = GuardianOptions {
        strict_sequences: Some(true),
        ..engineering.clone()
    };
    assert_eq!(found(&strict, "read_secrets list_files http_request"), []);
}

#[test]
fn a_sequence_is_executed_only_if_every_step_is_let_through() {
    let found = |words| {
        let script = Script::new(&blueprint(Blueprint::Engineering));
        script.play(words, SECOND).finish()
    };
    let refused = found("read_secrets !http_request");
    assert_eq!(sequences(&refused), [(vec![0, 1], Execution::Attempted)]);
    assert_eq!(refused.incidents[0].severity, Severity::Medium);
    assert_eq!(refused.incidents[0].allowed, 1);
    let at_last = found("read_secrets !http_request http_request");
    assert_eq!(sequences(&at_last), [(vec![0, 2], Execution::Executed)]);
    assert_eq!(at_last.incidents[0].id, refused.incidents[0].id);
    assert_eq!(at_last.incidents[0].severity, Severity::High);
    let approved = found("read_secrets ?http_request ~http_request");
    assert_eq!(sequences(&approved), [(vec![0, 2], Execution::Executed)]);
    let late = found("?read_secrets ?http_request ~read_secrets ~http_request");
    assert_eq!(sequences(&late), [(vec![2, 3], Execution::Executed)]);
    assert_eq!(late.incidents[0].detected.mark, Number(1));
    let hidden = found("read_secrets !read_secrets http_request");
    assert_eq!(
        sequences(&hidden),
        [(vec![0, 2], Execution::Executed)],
        "a refused call in between hides nothing"
    );
    let again = found("read_secrets !http_request read_secrets http_request");
    assert_eq!(
        sequences(&again),
        [
            (vec![0, 1], Execution::Attempted),
            (vec![2, 3], Execution::Executed)
        ]
    );
}

#[test]
fn off_hours_are_one_incident_a_night() {
    let options = GuardianOptions {
        allowed_hours: Some(AllowedHours {
            start: 6,
            end: 22,
            weekdays: None,
        }),
        time_zone: Some(Zone::parse("America/New_York").expect("a zone")),
        ..GuardianOptions::default()
    };
    let mut script = Script::new(&options);
    for time in [
        "2026-03-07T10:30:00Z", // 05:30 EST
        "2026-03-07T10:59:00Z",
        "2026-03-08T02:59:59Z", // 21:59:59 EST
        "2026-03-08T03:00:00Z", // 22:00 EST
        "2026-03-08T09:59:59Z", // 05:59:59 EDT
        "2026-03-08T10:30:00Z", // 06:30 EDT
    ] {
        script.now = at(time);
        script.event("a", "read");
    }
    let incidents = script.finish().incidents;
    let nights: Vec<(u64, u64, u64)> = incidents
        .iter()
        .map(|one| (one.start.mark.0, one.end.mark.0, one.count))
        .collect();
    assert_eq!(nights, [(0, 1, 2), (3, 4, 2)]);
    let Detail::OffHours { hours, until } = &incidents[1].detail else {
        panic!("{incidents:?}");
    };
    assert_eq!(hours, "06:00-22:00 America/New_York");
    assert_eq!(until.to_string(), "2026-03-08T10:00:00.000Z");
}

#[test]
fn events_without_time_are_counted_and_nothing_else() {
    let mut guardian = Guardian::new(&blueprint(Blueprint::Finance));
    for number in 0..100 {
        guardian.observe(&Seen {
            agent: b"a",
            tool: b"trigger_payment",
            time: None,
            part: Part::Request,
            verdict: Verdict::Allowed,
            mark: Number(number),
        });
    }
    let findings = guardian.finish();
    assert_eq!(findings.without_time, 100);
    assert_eq!(findings.incidents, []);
}

#[test]
fn events_without_agent_are_not_those_of_one() {
    let mut guardian = Guardian::new(&blueprint(Blueprint::Finance));
    for number in 0..100 {
        for part in [Part::Request, Part::Settlement] {
            guardian.observe(&Seen {
                agent: b"",
                tool: b"trigger_payment",
                time: Timestamp::parse(b"2026-01-15T03:00:00Z"),
                part,
                verdict: Verdict::Allowed,
                mark: Number(number),
            });
        }
    }
    assert!(guardian.kill(b"").is_none());
    let findings = guardian.finish();
    assert_eq!(findings.without_agent, 100);
    assert_eq!((findings.incidents, findings.kills), (vec![], vec![]));
}

#[test]
fn idle_agents_are_forgotten() {
    let soc = blueprint(Blueprint::Soc);
    // A night lies within the time that passes.
    let by_day = GuardianOptions {
        allowed_hours: Some(AllowedHours {
            start: 6,
            end: 22,
            weekdays: None,
        }),
        auto_kill_threshold: Some(0),
        ..soc.clone()
    };
    for (options, is_by_day) in [(soc, false), (by_day, true)] {
        let mut script = Script::new(&options);
        for number in 0..100_000 {
            script.event(&format!("agent-{number}"), "read");
            script.now += SECOND;
        }
        assert!(script.guardian.places.len() <= 2 * SWEEP_FROM);
        // During the night nobody is forgotten who was active in it.
        assert!(is_by_day || script.guardian.agents.len() <= 2 * SWEEP_FROM);
        assert!(script.guardian.violations.is_empty());
    }
}
