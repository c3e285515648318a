//! What holds for any events: counting equals counting all of them each time, agents are stopped as
//! the platform stops them, and nothing depends on what is forgotten when.

use proptest::prelude::*;

use super::*;

/// What the platform's guardian does with an agent's events, written down plainly: the number of
/// the event that stops it and its violations.
fn stopped_by_the_platform(
    events: &[(i64, &str)],
    settings: &Settings,
    hours: impl Fn(i64) -> bool,
) -> Option<(usize, u64)> {
    let mut violations = 0;
    for (number, &(now, _)) in events.iter().enumerate() {
        let so_far = &events[..=number];
        let recent = so_far
            .iter()
            .filter(|(time, _)| now - time < settings.volume_window)
            .count() as u64;
        violations += u64::from(settings.frequency.is_some_and(|most| recent > most));
        violations += u64::from(settings.volume.is_some_and(|most| recent > most));
        for pattern in &settings.sequences {
            let Some(before) = so_far.len().checked_sub(pattern.len()) else {
                continue;
            };
            let mut pairs = pattern.iter().zip(&so_far[before..]);
            let complete = pairs.all(|(wanted, (_, tool))| wanted == "*" || wanted == tool);
            violations += u64::from(complete);
        }
        violations += u64::from(!hours(now));
        if settings
            .kill
            .is_some_and(|threshold| violations >= threshold)
        {
            return Some((number, violations));
        }
    }
    None
}

fn tool() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["a", "b", "c", "!a", "?a", "?b", "~a", "~b"])
}

/// Times apart: mostly short, sometimes longer than every window.
fn step() -> impl Strategy<Value = i64> {
    prop_oneof![
        8 => (0_i64..30).prop_map(|seconds| seconds * SECOND),
        1 => (0_i64..3).prop_map(|hours| hours * HOUR),
    ]
}

fn options() -> impl Strategy<Value = GuardianOptions> {
    let sequence = prop::collection::vec(prop::sample::select(vec!["a", "b"]), 1..4);
    (
        0_u32..6,
        0_u32..9,
        prop::sample::select(vec![60_000_u64, 45_000, 300_000]),
        prop::collection::vec(sequence, 0..3),
        any::<bool>(),
        0_u32..9,
        0_u64..2,
    )
        .prop_map(
            |(frequency, volume, window, sequences, hours, kill, cooldown)| {
                let words = |tools: Vec<&str>| tools.into_iter().map(str::to_owned).collect();
                GuardianOptions {
                    frequency_threshold: Some(frequency),
                    volume_threshold: Some(volume),
                    volume_window_ms: Some(window),
                    suspicious_sequences: Some(sequences.into_iter().map(words).collect()),
                    allowed_hours: hours.then_some(AllowedHours {
                        start: 8,
                        end: 12,
                        weekdays: None,
                    }),
                    auto_kill_threshold: Some(kill),
                    cooldown_ms: Some(cooldown * 30_000),
                    ..GuardianOptions::default()
                }
            },
        )
}

proptest! {
    #[test]
    fn an_agent_is_stopped_exactly_as_the_platform_stops_it(
        options in options(),
        steps in prop::collection::vec((step(), tool()), 0..60),
    ) {
        let settings = Settings::new(&options);
        let mut script = Script::new(&options);
        script.guardian.sweep_at = 0;
        let mut events = Vec::new();
        for (step, word) in steps {
            script.now += step;
            script.event("a", word);
            events.push((script.now, word.trim_start_matches(['!', '?', '~'])));
            // Others come and go.
            let other = format!("other-{}", script.events);
            script.event(&other, "x");
            script.events -= 1;
        }
        let works = |now: i64| {
            settings.hours.is_none() || (8..12).contains(&(now / HOUR).rem_euclid(24))
        };
        let expected = stopped_by_the_platform(&events, &settings, works);
        let findings = script.finish();
        let kill = findings.kills.iter().find(|kill| &*kill.agent == b"a");
        let found = kill.map(|kill| {
            let Detail::AutoKill { violations, .. } = kill.detail else {
                panic!("{kill:?}");
            };
            (kill.detected.mark.0 as usize, violations)
        });
        prop_assert_eq!(found, expected);
    }

    /// Runs of requests that are over the threshold, found by counting all of them each time.
    #[test]
    fn spikes_equal_counting_them_all(
        steps in prop::collection::vec((step(), prop::bool::ANY), 0..80),
        threshold in 1_u32..6,
    ) {
        let options = GuardianOptions {
            frequency_threshold: Some(threshold),
            ..GuardianOptions::default()
        };
        let mut script = Script::new(&options);
        let mut all: Vec<(i64, bool)> = Vec::new();
        // First, last, requests, of those allowed, peak.
        let mut expected: Vec<(usize, usize, u64, u64, u64)> = Vec::new();
        let mut going_on = false;
        for (step, allowed) in steps {
            script.now += step;
            script.event("a", if allowed { "read" } else { "!read" });
            all.push((script.now, allowed));
            let last = all.len() - 1;
            let inside = |time: i64| script.now - time < 60 * SECOND;
            let first = all.iter().position(|(time, _)| inside(*time)).expect("the last one");
            let count = (all.len() - first) as u64;
            if count <= u64::from(threshold) {
                going_on = false;
            } else if let Some(spike) = expected.last_mut().filter(|_| going_on) {
                spike.1 = last;
                spike.2 += 1;
                spike.3 += u64::from(allowed);
                spike.4 = spike.4.max(count);
            } else {
                let through = all[first..].iter().filter(|(_, allowed)| *allowed).count();
                expected.push((first, last, count, through as u64, count));
                going_on = true;
            }
        }
        let found: Vec<(usize, usize, u64, u64, u64)> = script
            .finish()
            .incidents
            .iter()
            .map(|one| {
                let Detail::Spike { peak, .. } = one.detail else {
                    panic!("{one:?}");
                };
                let (first, last) = (one.start.mark.0 as usize, one.end.mark.0 as usize);
                (first, last, one.count, one.allowed, peak)
            })
            .collect();
        prop_assert_eq!(found, expected);
    }

    /// Whether incidents are handed out early, and which other agents there are, changes nothing.
    #[test]
    fn agents_do_not_touch_each_other(
        options in options(),
        steps in prop::collection::vec((step(), 0_u8..4, tool()), 0..80),
        sweep_at in 0_usize..4,
    ) {
        let run = |only: Option<u8>| {
            let mut script = Script::new(&options);
            script.guardian.sweep_at = if only.is_some() { SWEEP_FROM } else { sweep_at };
            let mut incidents = Vec::new();
            for &(step, agent, word) in &steps {
                script.now += step;
                if only.is_none_or(|only| only == agent) {
                    script.event(&agent.to_string(), word);
                } else {
                    script.events += 1;
                }
                if only.is_none() {
                    script.guardian.sweep_at = sweep_at;
                    incidents.extend(script.guardian.take_incidents());
                }
            }
            let findings = script.finish();
            incidents.extend(findings.incidents);
            incidents.extend(findings.kills);
            incidents
        };
        let mut together = run(None);
        let mut apart: Vec<_> = (0..4).flat_map(|agent| run(Some(agent))).collect();
        for incidents in [&mut together, &mut apart] {
            incidents.sort_by(|a, b| a.id.cmp(&b.id));
            for incident in incidents {
                incident.number = 0;
            }
        }
        prop_assert_eq!(together, apart);
    }
}
