//! The log decided again: exactly where the call is found, and as far as an event goes by itself.

use serde_json::{Value, json};

use super::world::{Ended, World, call, event, lines, testdata, timed};

/// The divergences as `kind:line`.
fn divergences(ended: &Ended) -> Vec<String> {
    let divergences = ended.report["divergences"].as_array();
    let divergences = divergences.unwrap_or_else(|| panic!("{}", ended.stderr));
    let said = |one: &Value| format!("{}:{}", one["kind"].as_str().expect("a kind"), one["line"]);
    divergences.iter().map(said).collect()
}

/// Five calls of which three ask somebody, and their log.
fn world() -> (World, Vec<Value>) {
    let world = World::new();
    let mut calls = vec![
        call("r1", 1, "send_email"),
        call("r2", 2, "refund"),
        call("r3", 3, "query_customers"),
        call("r4", 4, "Bash"),
        call("r5", 5, "refund"),
    ];
    calls[1]["approval"] = json!({"approved": true, "latency_ms": 500});
    calls[4]["approval"] = json!({"approved": false, "latency_ms": 9000});
    world.simulate(&calls, &testdata("demo/policy.yaml"));
    let log = world.read("log.jsonl");
    let events = log
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    let events = events.collect();
    (world, events)
}

#[test]
fn what_simulate_logged_is_what_is_decided_again() {
    let (world, events) = world();
    let exact = "--policy policy.yaml --calls calls.jsonl --keys keys";
    let ended = world.replay(&format!("{exact} --fail-on divergence,proof log.jsonl"));
    assert_eq!(divergences(&ended), [""; 0]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let redecided = &ended.report["redecided"];
    // Nobody answered the fourth, so that there is no answer to compare.
    assert_eq!(redecided["same"], 7);
    assert_eq!(
        ended.report["not_replayable"],
        json!({"answer_to_an_approval": 1})
    );
    assert_eq!(redecided["calls_decided"], 5);
    assert_eq!(redecided["calls_not_logged"], 0);
    assert_eq!(events.len(), 8);

    // By the events alone nothing can be shown to differ either.
    let ended = world.replay("--policy policy.yaml log.jsonl");
    assert_eq!(divergences(&ended), [""; 0]);
    let counted: u64 = ended.report["not_replayable"]
        .as_object()
        .expect("reasons")
        .values()
        .filter_map(Value::as_u64)
        .sum();
    assert_eq!(
        counted + ended.report["redecided"]["same"].as_u64().expect("a count"),
        8
    );
}

#[test]
fn every_recording_of_every_shape_is_decided_as_it_was_logged() {
    let world = World::new();
    let threats = testdata("threats/rate-based-attacks");
    let pipeline = std::fs::read_to_string(testdata("demo/policy.yaml")).expect("reads");
    world.write("policy.yaml", pipeline);
    world.write(
        "p.yaml",
        "version: 1\ndefaults: { environment: prod, agent_id: a }\nplugins:\n  - kill-switch: {}\n  \
         - rate-limiter: { max_per_minute: 5 }\nguardian: finance\n",
    );
    let recordings = format!(
        "{} {} {}",
        testdata("import").display(),
        testdata("demo").display(),
        threats.display()
    );
    let logged = world.run(&format!(
        "simulate --policy policy.yaml --pipeline p.yaml --audit-log log.jsonl {recordings}"
    ));
    // Some of them hold cases that this policy does not meet.
    let stderr = String::from_utf8_lossy(&logged.stderr);
    assert!(matches!(logged.status.code(), Some(0 | 1)), "{stderr}");
    let calls: String = recordings
        .split(' ')
        .map(|path| format!("--calls {path} "))
        .collect();
    let ended = world.replay(&format!(
        "--policy policy.yaml --pipeline p.yaml {calls} log.jsonl"
    ));
    assert_eq!(divergences(&ended), [""; 0]);
    let redecided = &ended.report["redecided"];
    assert_eq!(redecided["calls_not_logged"], 0);
    assert!(
        redecided["same"].as_u64().is_some_and(|same| same > 50),
        "{redecided}"
    );
    for jobs in [1, 3] {
        let again =
            format!("--jobs {jobs} --policy policy.yaml --pipeline p.yaml {calls} log.jsonl");
        assert_eq!(world.replay(&again).report, ended.report);
    }
}

#[test]
fn what_was_logged_otherwise_is_found_where_the_call_is() {
    let (world, events) = world();
    let exact = "--policy policy.yaml --calls calls.jsonl";
    let changed = |change: fn(&mut Vec<Value>)| {
        let mut events = events.clone();
        change(&mut events);
        world.write("log.jsonl", lines(&events));
        world.replay(&format!("{exact} log.jsonl"))
    };
    let allowed = changed(|events| {
        events[0]["outcome"] = json!("DENY");
        events[0]["safe_payload"]["outcome"] = json!("DENY");
    });
    assert_eq!(divergences(&allowed), ["outcome:1"]);
    let one = &allowed.report["divergences"][0];
    assert_eq!(one["request_id"], "r1");
    assert_eq!(
        one["recorded"],
        json!({"outcome": "DENY", "code": "MAIL_WITHOUT_PERSONAL_DATA"})
    );
    assert_eq!(
        one["decided"],
        json!([{"outcome": "ALLOW", "code": "MAIL_WITHOUT_PERSONAL_DATA"}])
    );
    let reason = changed(|events| events[0]["reasons"][0]["code"] = json!("READ_CUSTOMERS"));
    assert_eq!(divergences(&reason), ["reason:1"]);
    let subject = changed(|events| {
        events[3]["agent_id"] = json!("somebody-else");
        events[3]["safe_payload"]["agent_id"] = json!("somebody-else");
    });
    assert_eq!(divergences(&subject), ["subject:4"]);
    let settled = changed(|events| {
        events[2]["outcome"] = json!("DENY");
        events[2]["safe_payload"]["outcome"] = json!("DENY");
        events[2]["reasons"][1]["code"] = json!("REJECTED");
    });
    assert_eq!(divergences(&settled), ["outcome:3"]);
    let deleted = changed(|events| _ = events.remove(3));
    assert_eq!(divergences(&deleted), [""; 0]);
    assert_eq!(deleted.report["redecided"]["calls_not_logged"], 1);
    let twice = changed(|events| events.insert(1, events[0].clone()));
    assert_eq!(divergences(&twice), [""; 0]);
    assert_eq!(twice.report["redecided"]["same"], 7);
    let stricter = std::fs::read_to_string(testdata("demo/policy.yaml")).expect("reads");
    world.write(
        "policy.yaml",
        stricter.replace("lookup", "x").replacen(
            "outcome: ALLOW\n    constraints",
            "outcome: DENY\n    constraints",
            1,
        ),
    );
    let ended = changed(|_| ());
    assert_eq!(divergences(&ended), ["outcome:4"]);
    let failing = world.replay(&format!("{exact} --fail-on divergence log.jsonl"));
    assert_eq!(failing.code, Some(1));
}

#[test]
fn an_event_by_itself_diverges_only_if_it_is_impossible() {
    let world = World::new();
    let policy = std::fs::read_to_string(testdata("demo/policy.yaml")).expect("reads");
    world.write("policy.yaml", policy);
    let judged = |tool: &str, outcome: &str, code: &str, plugin: Option<&str>| {
        let mut event = timed(1, 0, tool, outcome);
        event["reasons"][0]["code"] = json!(code);
        if let Some(plugin) = plugin {
            event["plugin_source"] = json!(plugin);
        }
        world.write("log.jsonl", lines(&[event]));
        world.write("p.yaml", "version: 1\nplugins: [{ kill-switch: {} }]\n");
        let ended = world.replay("--policy policy.yaml --pipeline p.yaml log.jsonl");
        match ended.report["redecided"]["same"].as_u64() {
            Some(1) => "same".to_owned(),
            _ => match divergences(&ended).first() {
                Some(one) => {
                    let decided = ended.report["divergences"][0]["decided"].as_array();
                    let decided = decided.into_iter().flatten();
                    let codes: Vec<&str> = decided.filter_map(|one| one["code"].as_str()).collect();
                    format!("{one} {}", codes.join(" "))
                }
                None => {
                    let reasons = ended.report["not_replayable"].as_object();
                    reasons
                        .into_iter()
                        .flatten()
                        .map(|(reason, _)| reason.as_str())
                        .collect()
                }
            },
        }
    };
    for (tool, outcome, code, plugin, expected) in [
        // Nothing but the tool and the environment decides about these.
        ("Bash", "REQUIRE_HUMAN", "SHELL_ELSE", None, "same"),
        ("unheard_of", "DENY", "DEFAULT_DENY", None, "same"),
        ("Bash", "ALLOW", "SHELL_READS", None, "outcome:1 SHELL_ELSE"),
        (
            "unheard_of",
            "ALLOW",
            "READ_CUSTOMERS",
            None,
            "outcome:1 DEFAULT_DENY",
        ),
        // The arguments may have decided so, or who called.
        (
            "send_email",
            "DENY",
            "NO_SECRETS_BY_MAIL",
            None,
            "args_missing",
        ),
        ("send_email", "DENY", "DEFAULT_DENY", None, "args_missing"),
        ("deploy", "DENY", "DEFAULT_DENY", None, "identity_missing"),
        // Other rules have nothing to do with it.
        (
            "send_email",
            "DENY",
            "NO_BULK_EXPORT",
            None,
            "reason:1 NO_SECRETS_BY_MAIL MAIL_WITHOUT_PERSONAL_DATA DEFAULT_DENY",
        ),
        (
            "send_email",
            "DENY",
            "GONE",
            None,
            "unknown_rule:1 NO_SECRETS_BY_MAIL MAIL_WITHOUT_PERSONAL_DATA DEFAULT_DENY",
        ),
        (
            "refund",
            "STEP_UP",
            "PAY_PARTNERS",
            None,
            "outcome:1 SMALL_REFUNDS LARGER_REFUNDS",
        ),
        (
            "refund",
            "DENY",
            "AGENT_KILL_SWITCH",
            Some("kill-switch"),
            "decided_by_a_plugin",
        ),
        (
            "refund",
            "DENY",
            "AGENT_KILL_SWITCH",
            Some("guardian"),
            "decided_by_a_plugin",
        ),
        (
            "refund",
            "DENY",
            "EGRESS_BLOCKED",
            None,
            "decided_by_a_plugin",
        ),
        (
            "refund",
            "DENY",
            "EGRESS_BLOCKED",
            Some("egress-enforcer"),
            "unknown_plugin:1 ",
        ),
        ("", "DENY", "R", None, "subject_missing"),
        ("refund", "ALLOW", "APPROVED", None, "answer_to_an_approval"),
    ] {
        assert_eq!(
            judged(tool, outcome, code, plugin),
            expected,
            "{tool} {outcome} {code}"
        );
    }
    world.write("log.jsonl", lines(&[event(1, "r", "DENY", "R")]));
    for (arguments, said) in [
        ("--calls calls.jsonl log.jsonl", "--policy"),
        (
            "--policy policy.yaml --calls absent.jsonl log.jsonl",
            "absent.jsonl",
        ),
        ("--policy absent.yaml log.jsonl", "absent.yaml"),
    ] {
        let ended = world.replay(arguments);
        assert_eq!(ended.code, Some(2), "{arguments}");
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
}
