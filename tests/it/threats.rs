//! Every threat that the platform promises to stop, as an attack: `testdata/threats/THREAT` holds
//! a policy, mostly a pipeline, and `attack.jsonl`, whose calls say what must be decided. What
//! stops the attack is named in `threat.yaml`, and a test takes it away to see the attack pass.
//!
//! `UPDATE=1 cargo test --test threats` rewrites the README's table; read the difference.

#![expect(clippy::indexing_slicing, reason = "a test that panics has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde::Deserialize;
use serde_json::Value;

/// The threats in the order of the platform's own list.
const THREATS: [&str; 11] = [
    "data-exfiltration",
    "unauthorized-actions",
    "prompt-injection",
    "rogue-agents",
    "privilege-escalation",
    "shadow-agents",
    "supply-chain-compromise",
    "policy-tampering",
    "stale-policies",
    "rate-based-attacks",
    "session-abuse",
];

/// What `threat.yaml` says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Threat {
    /// Its name.
    threat: String,
    /// What the attacker does.
    attack: String,
    /// What stops it, in Markdown.
    stopped_by: String,
    /// The codes of decisions or refusals.
    #[serde(rename = "as")]
    codes: BTreeSet<String>,
    /// What is taken away, by file and route.
    #[serde(default)]
    without: BTreeMap<String, Vec<String>>,
    /// Policies that must be refused, and how.
    #[serde(default)]
    policies: BTreeMap<String, Vec<Refused>>,
}

/// How `verify` refuses a policy.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Refused {
    at: String,
    min_revision: Option<u64>,
    code: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn folder(name: &str) -> PathBuf {
    root().join("testdata/threats").join(name)
}

fn threat(name: &str) -> Threat {
    let text = fs::read_to_string(folder(name).join("threat.yaml")).expect("a threat");
    serde_yaml::from_str(&text).expect(name)
}

fn run(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_agent-spm"))
        .current_dir(directory)
        .env_clear()
        .args(arguments)
        .output()
        .expect("runs")
}

/// A copy of a threat's files.
fn copy(name: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    for file in fs::read_dir(folder(name)).expect("fixtures") {
        let path = file.expect("a fixture").path();
        let target = directory.path().join(path.file_name().expect("a name"));
        fs::copy(&path, target).expect("copies");
    }
    directory
}

/// Decides the attack: whether every call is decided as it expects, and the decisions.
fn attack(directory: &Path, policy: &str) -> (bool, Vec<Value>) {
    let mut arguments = vec!["simulate", "--quiet", "--policy", policy, "attack.jsonl"];
    if directory.join("pipeline.yaml").exists() {
        arguments.extend(["--pipeline", "pipeline.yaml"]);
    }
    arguments.extend(["--decisions", "decisions.jsonl"]);
    let output = run(directory, &arguments);
    let text = String::from_utf8_lossy(&output.stderr);
    let as_expected = match output.status.code() {
        Some(0) => true,
        Some(1) => false,
        _ => panic!("{text}"),
    };
    let decisions = fs::read_to_string(directory.join("decisions.jsonl")).expect("decisions");
    let decisions = decisions
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    (as_expected, decisions.collect())
}

/// The calls that must not go through.
fn attacks(directory: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(directory.join("attack.jsonl")).expect("an attack");
    let calls = text
        .lines()
        .map(|line| -> Value { serde_json::from_str(line).expect("JSON") });
    let attacks = calls.filter(|call| call["expect"]["outcome"] != "ALLOW");
    let ids = attacks.map(|call| call["request_id"].as_str().expect("an id").to_owned());
    ids.collect()
}

/// Removes the member or element that a route as `plugins[0].x` names.
fn remove(value: &mut Value, route: &str) {
    let route = route.replace('[', ".").replace(']', "");
    let mut steps: Vec<&str> = route.split('.').collect();
    let last = steps.pop().expect("a route");
    let pointer: String = steps.iter().map(|step| format!("/{step}")).collect();
    match value.pointer_mut(&pointer) {
        Some(Value::Object(members)) => assert!(members.remove(last).is_some(), "{route}"),
        Some(Value::Array(elements)) => drop(elements.remove(last.parse().expect("an index"))),
        _ => panic!("nothing is at {route}"),
    }
}

#[test]
fn every_threat_is_stopped_as_it_says() {
    for name in THREATS {
        let threat = threat(name);
        let directory = copy(name);
        let (as_expected, decisions) = attack(directory.path(), "policy.yaml");
        assert!(as_expected, "{name}: {decisions:#?}");
        let attacks = attacks(directory.path());
        assert!(
            !attacks.is_empty() && attacks.len() < decisions.len(),
            "{name}"
        );
        let mut codes = BTreeSet::new();
        for decision in &decisions {
            let id = decision["request_id"].as_str().expect("an id");
            assert_eq!(
                decision["allowed"] == true,
                !attacks.contains(id),
                "{name}: {id}"
            );
            if attacks.contains(id) {
                codes.insert(decision["code"].as_str().expect("a code").to_owned());
            }
        }
        if threat.policies.is_empty() {
            assert_eq!(codes, threat.codes, "{name}");
        }
    }
}

#[test]
fn without_what_stops_it_every_attack_passes() {
    for name in THREATS {
        let threat = threat(name);
        let directory = copy(name);
        assert_eq!(
            threat.without.is_empty(),
            !threat.policies.is_empty(),
            "{name}"
        );
        for (file, routes) in &threat.without {
            let path = directory.path().join(file);
            let text = fs::read_to_string(&path).expect("a document");
            let mut value: Value = serde_yaml::from_str(&text).expect("YAML");
            for route in routes {
                remove(&mut value, route);
            }
            // JSON is YAML.
            fs::write(&path, value.to_string()).expect("writes");
        }
        let policies = threat.policies.keys().map(String::as_str);
        let policies: Vec<&str> = match threat.policies.is_empty() {
            true => vec!["policy.yaml"],
            false => policies.collect(),
        };
        for policy in policies {
            let (as_expected, decisions) = attack(directory.path(), policy);
            assert!(!as_expected, "{name}: nothing was taken away from {policy}");
            for decision in decisions {
                let id = &decision["request_id"];
                assert_eq!(decision["allowed"], true, "{name}: {policy} stops {id}");
            }
        }
    }
}

#[test]
fn policies_of_attackers_are_refused() {
    let keys = root().join("testdata/signing/keys/reviewer.pub.pem");
    let keys = keys.to_str().expect("UTF-8");
    for name in THREATS {
        let threat = threat(name);
        let mut codes = BTreeSet::new();
        for (policy, refusals) in &threat.policies {
            for refused in refusals {
                let revision = refused.min_revision.unwrap_or_default().to_string();
                let verify = |policy: &str| {
                    let arguments = ["verify", "--keys", keys, "--at", &refused.at];
                    let more = ["--min-revision", &revision, "--format", "json", policy];
                    run(&folder(name), &[&arguments[..], &more].concat())
                };
                let output = verify(policy);
                assert_eq!(output.status.code(), Some(1), "{name}: {policy}");
                let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
                assert_eq!(
                    answer["results"][0]["code"], refused.code,
                    "{name}: {policy}"
                );
                assert_eq!(verify("policy.yaml").status.code(), Some(0), "{name}");
                codes.insert(refused.code.clone());
            }
        }
        if !threat.policies.is_empty() {
            assert_eq!(codes, threat.codes, "{name}");
        }
    }
}

#[test]
fn every_threat_is_listed() {
    let entries = fs::read_dir(root().join("testdata/threats")).expect("fixtures");
    let names = entries.map(|entry| entry.expect("a fixture").file_name());
    let names: BTreeSet<String> = names.map(|name| name.to_string_lossy().into()).collect();
    assert_eq!(names, THREATS.map(str::to_owned).into());

    let path = root().join("README.md");
    let readme = fs::read_to_string(&path).expect("README.md exists");
    let (before, rest) = readme.split_once("| threat |").expect("a table of threats");
    let after = rest.split_once("\n\n").map_or("", |(_, after)| after);
    let rows = THREATS.map(|name| {
        let threat = threat(name);
        let codes: Vec<String> = threat
            .codes
            .iter()
            .map(|code| format!("`{code}`"))
            .collect();
        format!(
            "| [{}](testdata/threats/{name}) | {} | {} | {} |\n",
            threat.threat,
            threat.attack,
            threat.stopped_by,
            codes.join(", ")
        )
    });
    let expected = format!(
        "{before}| threat | the attack | what stops it | as |\n| --- | --- | --- | --- |\n{}\n{after}",
        rows.concat()
    );
    if std::env::var_os("UPDATE").is_some() {
        return fs::write(&path, expected).expect("writes");
    }
    assert!(
        readme == expected,
        "the table of threats is not current; run `UPDATE=1 cargo test --test threats`"
    );
}
