//! Evidence and posture: what a log and what is given beside it show, with numbers and ids, and
//! never more than that.

use serde_json::{Value, json};

use super::world::{Ended, World, event, lines};

/// The state of a requirement, and everything that was found for it.
fn row<'e>(ended: &'e Ended, id: &str) -> (&'e str, &'e [Value]) {
    let rows = ended.report["evidence"].as_array().expect("rows");
    let row = rows.iter().find(|row| row["id"] == id);
    let row = row.unwrap_or_else(|| panic!("no row {id}"));
    let state = row["state"].as_str().expect("a state");
    (state, row["found"].as_array().expect("a list"))
}

fn texts(found: &[Value]) -> String {
    let texts = found
        .iter()
        .map(|found| found["text"].as_str().expect("text"));
    texts.collect::<Vec<_>>().join("; ")
}

const POLICY: &str = r#"
version: "7"
generated_at: "2026-01-01T00:00:00Z"
expires_at: "2026-12-01T00:00:00Z"
rules:
  - {id: READ, description: d, match: {tool_name: "t", environment: "*"}, outcome: ALLOW}
  - {id: ASK, description: d, match: {tool_name: "pay", environment: "*"}, outcome: REQUIRE_HUMAN}
defaults: {outcome: DEFAULT}
"#;

const PIPELINE: &str = "
version: 1
plugins:
  - rate-limiter: { max_per_minute: 60, fail_open: true }
  - identity-enforcer:
      registry:
        agents:
          - { agent_id: a, trust_level: basic, environment: prod, owner: ann, agent_type: autonomous, capabilities: [code_execute, web_browse] }
          - { agent_id: idle, trust_level: system }
        revoked_agents: [idle]
        tools:
          - { tool_name: t, verified: true, permissions: [read, write, delete] }
guardian: { auto_kill_threshold: 5 }
";

#[test]
fn an_empty_log_shows_nothing() {
    let world = World::new();
    world.write("log.jsonl", "");
    let ended = world.replay("log.jsonl");
    let rows = ended.report["evidence"].as_array().expect("rows");
    assert!(rows.len() > 40);
    for row in rows {
        let state = row["state"].as_str().expect("a state");
        assert!(matches!(state, "no_evidence" | "not_assessable"), "{row}");
        assert_eq!(row["found"], json!([]), "{row}");
        assert_ne!(row["does_not_show"], "");
    }
    assert_eq!(ended.report["posture"]["agents"], json!([]));
}

#[test]
fn what_happened_is_observed_with_its_numbers() {
    let world = World::new();
    let mut events = vec![
        event(1, "r1", "ALLOW", "READ"),
        event(2, "r2", "DENY", "AGENT_KILL_SWITCH"),
        event(3, "r3", "REQUIRE_HUMAN", "ASK"),
        event(9, "r3", "ALLOW", "HUMAN_APPROVED"),
        event(10, "r4", "DENY", "AGENT_UNREGISTERED"),
    ];
    events[0]["tool_name"] = "bash".into();
    events[0]["safe_payload"]["tool_name"] = "bash".into();
    world.write("log.jsonl", lines(&events));
    let ended = world.replay("log.jsonl");
    let (state, found) = row(&ended, "Art. 14");
    assert_eq!(state, "observed");
    let text = texts(found);
    assert!(text.contains("asked: 1, agreed: 1, declined: 0"), "{text}");
    assert!(text.contains("answers took 6000 to 6000 ms"), "{text}");
    assert!(
        text.contains("requests that a kill switch stopped: 1"),
        "{text}"
    );
    let (state, found) = row(&ended, "ASI03");
    assert_eq!(state, "observed");
    assert_eq!(found[0]["ids"], json!(["AGENT_UNREGISTERED"]));
    let (state, found) = row(&ended, "ASI05");
    assert_eq!((state, &found[0]["ids"]), ("observed", &json!(["bash"])));
    assert_eq!(
        row(&ended, "Art. 19, 26(6)").0,
        "no_evidence",
        "ten seconds"
    );
    assert_eq!(row(&ended, "Art. 10").0, "not_assessable");
    assert_eq!(row(&ended, "Principle 3").0, "not_assessable");
    assert_eq!(row(&ended, "ASI08").0, "no_evidence", "nobody looked");
}

#[test]
fn what_is_configured_is_told_from_what_happened() {
    let world = World::new();
    world.write("log.jsonl", lines(&[event(1, "r1", "ALLOW", "READ")]));
    world.write("policy.yaml", POLICY.replace("DEFAULT", "DENY"));
    world.write("pipeline.yaml", PIPELINE.replace(", fail_open: true", ""));
    let ended = world.replay("--policy policy.yaml --pipeline pipeline.yaml log.jsonl");
    let (state, found) = row(&ended, "MAP 3.5");
    assert_eq!((state, &found[0]["ids"]), ("configured", &json!(["ASK"])));
    let (state, found) = row(&ended, "Principle 4");
    assert_eq!(state, "configured");
    assert!(texts(found).contains("with an owner: 1 of 2"), "{found:?}");
    assert_eq!(found[0]["ids"], json!(["idle"]), "who has none");
    let (state, found) = row(&ended, "ASI08");
    assert_eq!(state, "configured");
    assert!(
        texts(found).contains("the plugin rate-limiter"),
        "{found:?}"
    );
    assert_eq!(row(&ended, "Art. 15").0, "observed", "decided as logged");
}

#[test]
fn what_speaks_against_it_outweighs_the_rest() {
    let world = World::new();
    let events = [
        event(1, "r1", "ALLOW", "PLUGIN_ERROR"),
        event(2, "r2", "REQUIRE_HUMAN", "ASK"),
        event(3, "r2", "ALLOW", "HUMAN_APPROVED"),
    ];
    let log = lines(&events) + "{\"half\n";
    world.write("log.jsonl", log);
    world.write("policy.yaml", POLICY.replace("DEFAULT", "ALLOW"));
    world.write("pipeline.yaml", PIPELINE);
    let ended = world.replay("--policy policy.yaml --pipeline pipeline.yaml log.jsonl");
    let (state, found) = row(&ended, "Art. 15");
    assert_eq!(state, "contradicted");
    let text = texts(found);
    assert!(
        text.contains("what no rule is about is decided ALLOW"),
        "{text}"
    );
    assert!(text.contains("0 denied, 1 let through"), "{text}");
    assert!(
        text.contains("let calls through when they fail: 1"),
        "{text}"
    );
    assert_eq!(row(&ended, "Art. 12").0, "contradicted", "a line is lost");
    assert_eq!(
        row(&ended, "AML.M0029").0,
        "contradicted",
        "agreed in a second"
    );
}

#[test]
fn a_log_that_was_changed_speaks_against_record_keeping() {
    let world = World::new();
    for (attack, state) in [("none", "observed"), ("edited-record", "contradicted")] {
        let log = super::world::testdata(&format!("audit/attacks/{attack}/log.jsonl"));
        let ended = world.replay(&format!("--keys keys {}", log.display()));
        let (found, evidence) = row(&ended, "AML.M0024");
        assert_eq!(found, state, "{attack}: {evidence:?}");
    }
}

#[test]
fn sensitive_data_in_the_log_speaks_against_it() {
    let world = World::new();
    let mut events = [event(1, "r1", "DENY", "EGRESS_BLOCKED")];
    world.write("log.jsonl", lines(&events));
    assert_eq!(row(&world.replay("log.jsonl"), "LLM02:2025").0, "observed");
    events[0]["reasons"][0]["message"] = "to ann@example.com".into();
    world.write("log.jsonl", lines(&events));
    let ended = world.replay("log.jsonl");
    let (state, found) = row(&ended, "LLM02:2025");
    assert_eq!(state, "contradicted");
    assert_eq!(found[0]["ids"], json!(["reasons[0].message"]));
    assert!(!texts(found).contains("ann@"), "{found:?}");
}

#[test]
fn nothing_is_a_share_or_a_claim() {
    let world = World::new();
    let log = super::world::testdata("audit/attacks/none/log.jsonl");
    for format in ["human", "json", "html", "markdown"] {
        let ended = world.run(&format!(
            "audit-replay --evidence --format {format} {}",
            log.display()
        ));
        let text = String::from_utf8(ended.stdout).expect("UTF-8");
        let (style, rest) = text.split_once("</style>").unwrap_or(("", &text));
        assert!(style.is_empty() || format == "html");
        for claim in ["%", "compliant", "meets", "certif"] {
            assert!(!rest.contains(claim), "{format}: {claim}");
        }
        if format != "json" {
            assert!(rest.contains("not a compliance assessment"), "{format}");
        }
    }
}

#[test]
fn scores_are_the_sum_of_their_factors() {
    let world = World::new();
    let mut events = [
        event(1, "r1", "ALLOW", "READ"),
        event(2, "r2", "DENY", "READ"),
    ];
    events[1]["agent_id"] = "stranger".into();
    events[1]["safe_payload"]["agent_id"] = "stranger".into();
    world.write("log.jsonl", lines(&events));
    world.write("pipeline.yaml", PIPELINE);
    let ended = world.replay("--pipeline pipeline.yaml log.jsonl");
    let posture = &ended.report["posture"];
    let named = |list: &str, name: &str| {
        let all = posture[list].as_array().expect("a list");
        let one = all.iter().find(|one| one["name"] == name);
        let one = one.unwrap_or_else(|| panic!("no {name}"));
        let factors = one["factors"].as_array().expect("factors").iter();
        let sum: u64 = factors
            .map(|factor| factor["points"].as_u64().expect("points"))
            .sum();
        assert_eq!(one["score"].as_u64(), Some(sum.min(100)));
        (sum, one.clone())
    };
    // Basic 10, production 15, code 20, web 10, autonomous 15.
    let (score, agent) = named("agents", "a");
    assert_eq!((score, &agent["level"]), (70, &json!("critical")));
    assert_eq!(
        (&agent["owner"], &agent["registered"]),
        (&json!("ann"), &json!(true))
    );
    // No trust level 30, and every agent of the log runs in production: 15.
    let (score, agent) = named("agents", "stranger");
    assert_eq!((score, &agent["registered"]), (45, &json!(false)));
    assert_eq!(
        (&agent["requests"], &agent["allowed"]),
        (&json!(1), &json!(0))
    );
    let (score, agent) = named("agents", "idle");
    assert_eq!((score, &agent["revoked"]), (15, &json!(true)));
    // Verified; writing and deleting 10 each.
    assert_eq!(named("tools", "t").0, 20);
    assert_eq!(posture["highest"], 70);
    assert_eq!(posture["mean"], (70 + 45 + 15) / 3);
    assert_eq!(
        posture["levels"],
        json!({"critical": 1, "high": 0, "medium": 1, "low": 1})
    );
}
