//! The guardian on a log: what it would have found and stopped, whatever order the lines have.

use serde_json::{Value, json};

use super::world::{Ended, World, lines, settled, timed};

fn replay(world: &World, events: &[Value], arguments: &str) -> Ended {
    world.write("log.jsonl", lines(events));
    world.replay(&format!("--max-gap 9999d {arguments} log.jsonl"))
}

/// A call every ten milliseconds; every third is denied.
fn burst(count: u32) -> Vec<Value> {
    let outcome = |number| if number % 3 == 2 { "DENY" } else { "ALLOW" };
    (0..count)
        .map(|number| timed(number, number * 10, "read_file", outcome(number)))
        .collect()
}

fn kinds(ended: &Ended) -> Vec<String> {
    let incidents = ended.report["incidents"].as_array().expect("a list");
    let kind = |incident: &Value| incident["type"].as_str().expect("a type").to_owned();
    incidents.iter().map(kind).collect()
}

#[test]
fn a_burst_is_one_incident_and_what_would_have_been_stopped_is_one_sentence() {
    let world = World::new();
    let options = "guardian.yaml";
    world.write(options, "frequency_threshold: 60\nauto_kill_threshold: 5\n");
    let ended = replay(&world, &burst(300), "--guardian guardian.yaml");
    assert_eq!(kinds(&ended), ["frequency_spike", "auto_kill"]);
    let spike = &ended.report["incidents"][0];
    assert_eq!(
        (&spike["count"], &spike["peak"]),
        (&json!(300), &json!(300))
    );
    assert_eq!(
        (&spike["allowed"], &spike["denied"]),
        (&json!(200), &json!(100))
    );
    assert_eq!(spike["start"]["line"], 1);
    assert_eq!(spike["end"]["line"], 300);
    let stopped = &ended.report["counterfactual"][0];
    // Of calls 66 to 300, every third from the first on was denied.
    assert_eq!(
        stopped["sentence"],
        "this guardian would have killed a at call 65 (+640 ms); the 235 later calls, 156 of them \
         allowed, would not have run"
    );
    assert_eq!(
        stopped["incident_id"],
        ended.report["incidents"][1]["incident_id"]
    );
    assert_eq!(ended.code, Some(0), "an incident is no proof of change");
    let failing = "--guardian guardian.yaml --fail-on incident";
    assert_eq!(replay(&world, &burst(300), failing).code, Some(1));
    assert_eq!(replay(&world, &burst(60), failing).code, Some(0));
}

#[test]
fn slow_calls_and_answers_to_approvals_are_no_incidents() {
    let world = World::new();
    let hourly: Vec<Value> = (0..100)
        .map(|number| timed(number, number * 3_600_000, "read_file", "ALLOW"))
        .collect();
    assert_eq!(kinds(&replay(&world, &hourly, "--guardian soc")), [""; 0]);
    // One payment that was approved is one payment; two are two.
    let asked = timed(1, 0, "trigger_payment", "REQUIRE_APPROVAL");
    let mut agreed = settled(2, "r-1", "ALLOW", "APPROVED");
    for (member, value) in [
        ("tool_name", "trigger_payment"),
        ("timestamp", "2026-03-03T12:00:05.000Z"),
    ] {
        agreed[member] = json!(value);
    }
    agreed["safe_payload"]["tool_name"] = json!("trigger_payment");
    let other = timed(3, 60_000, "query", "ALLOW");
    let again = timed(4, 120_000, "trigger_payment", "ALLOW");
    let one = [asked, agreed, other];
    assert_eq!(kinds(&replay(&world, &one, "--guardian finance")), [""; 0]);
    let ended = replay(
        &world,
        &[one.to_vec(), vec![again]].concat(),
        "--guardian finance",
    );
    assert_eq!(kinds(&ended), ["suspicious_sequence"]);
    assert_eq!(ended.report["incidents"][0]["execution"], "executed");
}

#[test]
fn the_order_of_lines_and_events_delivered_twice_change_nothing() {
    let world = World::new();
    let arguments = "--guardian engineering";
    let straight = replay(&world, &burst(300), arguments);
    assert_eq!(kinds(&straight), ["frequency_spike", "auto_kill"]);
    let ids = |ended: &Ended| {
        let of = |incident: &Value| incident["incident_id"].clone();
        let incidents = ended.report["incidents"].as_array().expect("a list");
        incidents.iter().map(of).collect::<Vec<Value>>()
    };
    let mut backwards = burst(300);
    backwards.reverse();
    let backwards = replay(&world, &backwards, arguments);
    assert_eq!(ids(&backwards), ids(&straight));
    assert_eq!(
        backwards.report["counterfactual"],
        straight.report["counterfactual"]
    );
    let twice: Vec<Value> = burst(60)
        .into_iter()
        .flat_map(|one| [one.clone(), one])
        .collect();
    assert_eq!(kinds(&replay(&world, &twice, arguments)), [""; 0]);
    // A rotated log whose parts overlap in time is one log.
    let (even, odd): (Vec<_>, Vec<_>) = burst(300)
        .into_iter()
        .enumerate()
        .partition(|(n, _)| n % 2 == 0);
    let part = |part: Vec<(usize, Value)>| {
        lines(&part.into_iter().map(|(_, one)| one).collect::<Vec<_>>())
    };
    world.write("even.jsonl", part(even));
    world.write("odd.jsonl", part(odd));
    for jobs in [1, 3] {
        let parts = world.replay(&format!("{arguments} --jobs {jobs} odd.jsonl even.jsonl"));
        assert_eq!(ids(&parts), ids(&straight));
    }
}

#[test]
fn what_has_no_time_is_counted_and_left_out() {
    let world = World::new();
    let mut events = burst(100);
    for event in &mut events[40..] {
        event["timestamp"] = json!("noon");
    }
    world.write("log.jsonl", lines(&events));
    let ended = world.replay("--guardian engineering log.jsonl");
    assert_eq!(kinds(&ended), [""; 0]);
    assert_eq!(ended.report["guardian_without_time"], 60);
}

#[test]
fn events_of_nobody_in_particular_are_counted_and_left_out() {
    let world = World::new();
    let mut events = burst(300);
    for event in &mut events {
        for agent in ["/agent_id", "/safe_payload/agent_id"] {
            *event.pointer_mut(agent).expect("an agent") = json!("");
        }
    }
    for event in &mut events[200..] {
        event.as_object_mut().expect("an event").remove("agent_id");
    }
    let ended = replay(&world, &events, "--guardian engineering");
    assert_eq!(kinds(&ended), [""; 0]);
    assert_eq!(ended.report["guardian_without_agent"], 300);
    assert_eq!(ended.report["guardian_without_time"], 0);
}

#[test]
fn ids_of_other_forms_find_their_events_again() {
    let world = World::new();
    let mut events = burst(80);
    events[0]["event_id"] = json!("FIRST");
    events[79]["event_id"] = json!("6F1C1D0E-0000-4000-8000-00000000AAAA");
    let ended = replay(&world, &events, "--guardian engineering");
    let spike = &ended.report["incidents"][0];
    assert_eq!(spike["start"]["event_id"], "FIRST");
    assert_eq!(
        spike["end"]["event_id"],
        "6F1C1D0E-0000-4000-8000-00000000AAAA"
    );
}

#[test]
fn the_events_around_an_incident_are_shown_and_named() {
    let world = World::new();
    let mut events = burst(100);
    let mut other = timed(200, 500, "elsewhere", "ALLOW");
    other["agent_id"] = json!("b");
    other["safe_payload"]["agent_id"] = json!("b");
    events.push(other);
    events.push(timed(201, 3_600_000, "later", "ALLOW"));
    let ended = replay(
        &world,
        &events,
        "--guardian engineering --pivots pivots.txt",
    );
    let id = ended.report["incidents"][0]["incident_id"]
        .as_str()
        .expect("an id");
    assert_eq!(ended.report["summary"]["events"], 102);
    let around = replay(
        &world,
        &events,
        &format!("--guardian engineering --around {id}"),
    );
    assert_eq!(around.report["summary"]["events"], 101, "{}", around.stderr);
    let near = format!(
        "--guardian engineering --around {} --around-window 2h",
        &id[..8]
    );
    assert_eq!(
        replay(&world, &events, &near).report["summary"]["events"],
        102
    );
    let pivots = world.read("pivots.txt");
    let pivots: Vec<&str> = pivots.lines().collect();
    assert!(pivots.is_sorted());
    for value in ["a", "read_file", "r-7", "R"] {
        assert!(pivots.contains(&value), "{value}");
    }
    assert!(!pivots.contains(&"elsewhere") && !pivots.contains(&"later"));

    for (arguments, said) in [
        ("--around 00 log.jsonl", "no guardian"),
        (
            "--guardian soc --around zz log.jsonl",
            "`zz` is not the beginning",
        ),
        ("--guardian soc --around zz -", "twice"),
        ("--guardian absent.yaml log.jsonl", "absent.yaml"),
    ] {
        let ended = world.replay(arguments);
        assert_eq!(ended.code, Some(2), "{arguments}");
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
}

#[test]
fn a_pipelines_guardian_looks_at_the_log() {
    let world = World::new();
    world.write("p.yaml", "version: 1\nguardian: engineering\n");
    let ended = replay(&world, &burst(100), "--pipeline p.yaml");
    assert_eq!(kinds(&ended), ["frequency_spike", "auto_kill"]);
    let ended = replay(&world, &burst(100), "--pipeline p.yaml --guardian soc");
    assert_eq!(kinds(&ended), [""; 0]);
}

#[test]
fn hours_are_those_of_the_events_in_the_zone_that_is_named() {
    let world = World::new();
    world.write(
        "g.yaml",
        "allowed_hours: { start: 6, end: 22 }\ntime_zone: America/New_York\n",
    );
    let at = |time: &str| {
        let mut event = timed(1, 0, "t", "ALLOW");
        event["timestamp"] = json!(time);
        kinds(&replay(&world, &[event], "--guardian g.yaml"))
    };
    // The same minute of UTC, a day before and after clocks go forward.
    assert_eq!(at("2026-03-07T10:30:00.000Z"), ["off_hours"]);
    assert_eq!(at("2026-03-08T10:30:00.000Z"), [""; 0]);
    world.write(
        "g.yaml",
        "allowed_hours: { start: 6, end: 22 }\ntime_zone: EST\n",
    );
    let ended = replay(&world, &[], "--guardian g.yaml");
    assert_eq!(ended.code, Some(2));
}
