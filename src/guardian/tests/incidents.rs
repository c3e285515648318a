//! What incidents say, once they are over.

use super::*;

#[test]
fn incidents_are_numbered_as_they_are_detected_and_handed_out_once() {
    let spiky = GuardianOptions {
        frequency_threshold: Some(2),
        ..GuardianOptions::default()
    };
    let mut script = Script::new(&spiky);
    for seconds in [0, 1, 2, 90, 91, 92] {
        script.now = at(START) + seconds * SECOND;
        script.event("a", "read");
    }
    let numbers = |incidents: Vec<Incident<Number>>| {
        let incidents = incidents.iter();
        incidents.map(|one| one.number).collect::<Vec<_>>()
    };
    assert_eq!(numbers(script.guardian.take_incidents()), [0]);
    assert_eq!(numbers(script.guardian.take_incidents()), [0; 0]);
    assert_eq!(numbers(script.finish().incidents), [1]);
}

#[test]
fn a_peak_is_where_it_is_reached_first() {
    let spiky = GuardianOptions {
        frequency_threshold: Some(1),
        ..GuardianOptions::default()
    };
    let findings = Script::new(&spiky)
        .play("read read read", 40 * SECOND)
        .finish();
    let Detail::Spike { peak, peak_at, .. } = findings.incidents[0].detail else {
        panic!("{findings:?}");
    };
    assert_eq!(peak, 2);
    assert_eq!(peak_at.micros() - at(START), 40 * SECOND);
}

#[test]
fn approvals_count_in_what_they_are_part_of() {
    let cooling = GuardianOptions {
        frequency_threshold: Some(2),
        cooldown_ms: Some(100_000),
        ..GuardianOptions::default()
    };
    let allowed = |events: &[(i64, &str)]| {
        let mut script = Script::new(&cooling);
        for (seconds, word) in events {
            script.now = at(START) + seconds * SECOND;
            script.event("a", word);
        }
        let incidents = script.finish().incidents;
        assert_eq!(incidents.len(), 1, "{incidents:?}");
        (incidents[0].count, incidents[0].allowed)
    };
    let burst = [(0, "?pay"), (1, "?pay"), (2, "?pay"), (3, "~pay")];
    assert_eq!(allowed(&burst), (3, 1));
    // What is approved after the burst is no part of it unless it goes on.
    let calm = [(80, "?pay"), (81, "~pay"), (82, "pay"), (83, "~pay")];
    let calm = [&burst[..], &calm].concat();
    assert_eq!(allowed(&calm), (3, 1));
    let again = [(84, "!pay")];
    assert_eq!(allowed(&[&calm[..], &again].concat()), (6, 4));
}

#[test]
fn what_was_asked_before_an_agent_was_stopped_was_not_asked_later() {
    let strict = GuardianOptions {
        frequency_threshold: Some(1),
        auto_kill_threshold: Some(1),
        ..GuardianOptions::default()
    };
    let later = |words| {
        let findings = Script::new(&strict).play(words, SECOND).finish();
        let Detail::AutoKill {
            later,
            later_allowed,
            ..
        } = findings.kills[0].detail
        else {
            panic!("{findings:?}");
        };
        (later, later_allowed)
    };
    assert_eq!(later("?pay read ~pay"), (0, 0));
    assert_eq!(later("?pay read !read ~pay"), (1, 1));
}

#[test]
fn an_incident_names_every_step_of_its_sequence() {
    let findings = Script::new(&blueprint(Blueprint::Soc))
        .play("shell_execute shell_execute shell_execute", SECOND)
        .finish();
    let [incident] = &findings.incidents[..] else {
        panic!("{findings:?}");
    };
    assert_eq!(incident.event_ids(), ["e-0", "e-1", "e-2"]);
}

#[test]
fn an_approval_is_no_second_call() {
    let findings = Script::new(&blueprint(Blueprint::Finance))
        .play("trigger_payment ~trigger_payment", SECOND)
        .finish();
    assert_eq!(findings.incidents, []);
}

#[test]
fn each_blueprint_has_its_limits() {
    for (name, threshold, volume, kill, first_off) in [
        (Blueprint::Engineering, 60, 200, 5, Some(22)),
        (Blueprint::Finance, 30, 100, 3, Some(18)),
        (Blueprint::Soc, 100, 500, 10, None),
    ] {
        let findings = Script::new(&blueprint(name))
            .play(&"read ".repeat(600), MILLI)
            .finish();
        let Detail::Spike {
            threshold: found,
            escalated_at,
            ..
        } = &findings.incidents[0].detail
        else {
            panic!("{findings:?}");
        };
        assert_eq!(*found, threshold, "{name:?}");
        let escalated = escalated_at.map(|time| (time.micros() - at(START)) / MILLI);
        assert_eq!(escalated, Some(volume), "{name:?}");
        let Detail::AutoKill { threshold, .. } = findings.kills[0].detail else {
            panic!("{findings:?}");
        };
        assert_eq!(threshold, kill, "{name:?}");
        let options = GuardianOptions {
            auto_kill_threshold: Some(0),
            ..blueprint(name)
        };
        let mut script = Script::new(&options);
        script.now = at("2026-01-15T00:00:00Z") + 12 * HOUR;
        let findings = script.play(&"read ".repeat(12), HOUR).finish();
        let off = findings.incidents.iter();
        let off = off.filter(|one| one.kind == Kind::OffHours);
        let off: Vec<i64> = off
            .map(|one| (one.start.time.micros() - at("2026-01-15T00:00:00Z")) / HOUR)
            .collect();
        assert_eq!(off, first_off.into_iter().collect::<Vec<_>>(), "{name:?}");
    }
}
