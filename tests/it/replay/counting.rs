//! What is counted, shown and told of logs without a chain, as the platform writes them.

use serde_json::{Value, json};

use super::world::{World, event, lines, settled};

fn replay(events: &[Value], arguments: &str) -> super::world::Ended {
    let world = World::new();
    world.write("log.jsonl", lines(events));
    world.replay(&format!("{arguments} log.jsonl"))
}

#[test]
fn a_request_counts_once_and_as_what_it_came_to() {
    let ended = replay(
        &[
            event(1, "r1", "REQUIRE_APPROVAL", "R"),
            settled(2, "r1", "ALLOW", "APPROVED"),
            event(3, "r2", "STEP_UP", "R"),
            settled(4, "r2", "DENY", "STEP_UP_ERROR"),
            event(5, "r3", "DENY", "AGENT_KILL_SWITCH"),
            event(6, "r4", "DENY", "RATE_LIMIT_TOOL"),
            event(7, "r5", "REQUIRE_HUMAN", "R"),
        ],
        "",
    );
    let summary = &ended.report["summary"];
    assert_eq!(summary["events"], 7);
    assert_eq!(summary["requests"], 5);
    assert_eq!(summary["waiting"], 1);
    assert_eq!(
        summary["settled"],
        json!({"APPROVED": 1, "TIMEOUT": 1, "KILL_SWITCH": 1, "RATE_LIMITED": 1})
    );
    assert_eq!(
        summary["recorded"],
        json!({"ALLOW": 1, "DENY": 3, "REQUIRE_APPROVAL": 1, "STEP_UP": 1, "REQUIRE_HUMAN": 1})
    );
    let agent = &summary["agents"][0];
    assert_eq!(
        (
            &agent["requests"],
            &agent["allowed"],
            &agent["denied"],
            &agent["waiting"]
        ),
        (&json!(5), &json!(1), &json!(3), &json!(1))
    );
    assert_eq!(summary["approvals"]["asked"], 3);
    assert_eq!(summary["approvals"]["hasty"], 1);
    assert_eq!(ended.findings(), ["pending:7"]);
    assert_eq!(ended.report["timeline"][1]["effective_outcome"], "APPROVED");
    assert_eq!(ended.report["timeline"][1]["outcome"], "ALLOW");
}

#[test]
fn what_does_not_belong_together_is_told() {
    let asked = || event(1, "r1", "REQUIRE_APPROVAL", "R");
    let agreed = |number| settled(number, "r1", "ALLOW", "APPROVED");
    let mut of_another = agreed(2);
    of_another["agent_id"] = json!("b");
    of_another["safe_payload"]["agent_id"] = json!("b");
    let mut conflicting = event(1, "r1", "ALLOW", "R");
    conflicting["timestamp"] = json!("2026-03-03T12:00:02.000Z");
    for (events, findings) in [
        (vec![asked(), agreed(2)], &[][..]),
        (vec![asked(), asked(), agreed(2)], &["repeated_event:2"]),
        (vec![asked(), of_another], &["!settlement_mismatch:2"]),
        (
            vec![asked(), agreed(2), agreed(3)],
            &["!second_settlement:3"],
        ),
        (
            vec![asked(), event(2, "r2", "ALLOW", "R"), agreed(3)],
            &["interleaved:3"],
        ),
        (vec![agreed(2)], &["settlement_without_request:1"]),
        (vec![asked()], &["pending:1"]),
        (
            vec![event(1, "r1", "DENY", "R"), conflicting],
            &["!conflicting_event:2", "repeated_request:2"],
        ),
        (
            vec![event(2, "r1", "DENY", "R"), event(1, "r2", "DENY", "R")],
            &["clock_back:2"],
        ),
    ] {
        let ended = replay(&events, "");
        assert_eq!(ended.findings(), findings, "{}", lines(&events));
        assert_eq!(ended.verdict(), "not_chained");
    }
}

#[test]
fn silence_is_told_unless_somebody_was_asked() {
    let at = |mut event: Value, time: &str| {
        event["timestamp"] = json!(format!("2026-03-03T{time}.000Z"));
        event
    };
    let asked = at(event(1, "r1", "REQUIRE_HUMAN", "R"), "12:00:00");
    let agreed = at(settled(2, "r1", "ALLOW", "HUMAN_APPROVED"), "13:00:00");
    let next = at(event(3, "r2", "DENY", "R"), "13:20:00");
    let events = [asked, agreed, next];
    assert_eq!(replay(&events, "").findings(), [""; 0]);
    assert_eq!(replay(&events, "--max-gap 10m").findings(), ["time_gap:3"]);
    let future = at(event(4, "r3", "DENY", "R"), "13:30:00").to_string();
    let future: Value = serde_json::from_str(&future.replace("2026-03", "2027-03")).expect("JSON");
    let ended = replay(&[events.to_vec(), vec![future]].concat(), "--max-gap 9999d");
    assert_eq!(ended.findings(), ["future_time:4"]);
    assert_eq!(ended.code, Some(0), "an indicator proves nothing");
}

#[test]
fn as_many_events_as_a_log_in_memory_keeps_are_told() {
    let world = World::new();
    let events: Vec<Value> = (1..=5)
        .map(|n| event(n, &n.to_string(), "DENY", "R"))
        .collect();
    world.write("log.jsonl", lines(&events));
    world.write("p.yaml", "version: 1\naudit: { max_events: 5 }\n");
    let ended = world.replay("--pipeline p.yaml log.jsonl");
    assert_eq!(ended.findings(), ["bounded_log"]);
    assert_eq!(world.replay("log.jsonl").findings(), [""; 0]);
    assert_eq!(
        world
            .replay("--pipeline p.yaml --fail-on indicator log.jsonl")
            .code,
        Some(1)
    );
}

#[test]
fn what_is_asked_for_is_counted_and_the_whole_log_is_checked() {
    let mut other = event(3, "r3", "ALLOW", "OTHER");
    other["agent_id"] = json!("finance-bot");
    other["safe_payload"]["agent_id"] = json!("finance-bot");
    let events = [
        event(1, "r1", "DENY", "R"),
        event(2, "r2", "DENY", "AGENT_KILL_SWITCH"),
        other,
        event(4, "r1", "DENY", "R"),
    ];
    let count = |arguments: &str| {
        let ended = replay(&events, arguments);
        assert_eq!(ended.findings(), ["repeated_request:4"], "{}", ended.stderr);
        ended.report["summary"]["events"].as_u64().expect("a count")
    };
    assert_eq!(count(""), 4);
    assert_eq!(count("--agent *-bot"), 1);
    assert_eq!(count("--exclude-agent *-bot"), 3);
    assert_eq!(count("--outcome KILL_SWITCH"), 1);
    assert_eq!(count("--outcome deny"), 3);
    assert_eq!(count("--exclude-outcome kill_switch"), 3);
    assert_eq!(count("--code R --agent a"), 2);
    assert_eq!(count("--exclude-code AGENT_*"), 3);
    assert_eq!(count("--severity critical,low"), 2);
    assert_eq!(count("--exclude-severity high"), 2);
    assert_eq!(count("--environment prod --tool t"), 4);
    assert_eq!(count("--exclude-tool *"), 0);
    assert_eq!(
        count("--from 2026-03-03T12:00:02Z --to 2026-03-03T12:00:04Z"),
        2
    );
    assert_eq!(count("--from -90d --to -30d"), 4);
    assert_eq!(count("--last 30d"), 0);
}

#[test]
fn the_answer_is_the_same_with_any_number_of_threads_and_on_every_run() {
    let world = World::new();
    let events: Vec<Value> = (0..4000_u32)
        .map(|number| {
            let mut event = event(number % 60, &format!("r{}", number % 3000), "DENY", "R");
            event["agent_id"] = json!(format!("agent-{}", number % 7));
            event["event_id"] = json!(format!("id-{}", number % 3500));
            event
        })
        .collect();
    world.write("log.jsonl", lines(&events));
    let ended = world.replay("--jobs 1 log.jsonl");
    assert_eq!(
        ended.report["integrity"]["counts"]["conflicting_event"],
        500
    );
    assert_eq!(
        ended.report["integrity"]["counts"]["repeated_request"],
        1000
    );
    for jobs in [1, 2, 8] {
        let again = world.replay(&format!("--jobs {jobs} log.jsonl"));
        assert_eq!(again.report.to_string(), ended.report.to_string());
    }
    let told = world.run("audit-replay --format json --at 2026-06-01T00:00:00Z log.jsonl");
    assert!(told.stdout.ends_with(b"}\n"));
    world.run("audit-replay --format json --at 2026-06-01T00:00:00Z -o report.json log.jsonl");
    assert_eq!(world.read("report.json").as_bytes(), told.stdout);
}
