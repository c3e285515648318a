//! A directory with a log in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use agent_spm::time::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The private key of the seed of RFC 8032 §7.1, test 1, and its public key.
const PRIVATE: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
    -----END PRIVATE KEY-----\n";
const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\n\
    MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n\
    -----END PUBLIC KEY-----\n";

pub(crate) fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata")
        .join(name)
}

/// A directory of its own.
pub(crate) struct World(TempDir);

/// How a run ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stderr: String,
    pub(crate) report: Value,
}

impl World {
    pub(crate) fn new() -> Self {
        let world = Self(tempfile::tempdir().expect("a directory"));
        world.write("ci.key.pem", PRIVATE);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let owner_only = fs::Permissions::from_mode(0o600);
            fs::set_permissions(world.path("ci.key.pem"), owner_only).expect("sets");
        }
        fs::create_dir(world.path("keys")).expect("a directory");
        world.write("keys/ci.pub.pem", PUBLIC);
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).expect("writes");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("reads")
    }

    pub(crate) fn run(&self, arguments: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_agent-spm"));
        command.current_dir(self.0.path()).env_clear();
        command.args(arguments.split_whitespace());
        command.output().expect("runs")
    }

    /// Writes `log.jsonl` and its checkpoints.
    pub(crate) fn simulate(&self, calls: &[Value], policy: &Path) {
        fs::copy(policy, self.path("policy.yaml")).expect("copies");
        let calls: String = calls.iter().map(|call| format!("{call}\n")).collect();
        self.write("calls.jsonl", calls);
        let ended = self.run(
            "simulate --policy policy.yaml --audit-log log.jsonl --checkpoint-key ci.key.pem calls.jsonl",
        );
        assert!(
            ended.status.success(),
            "{}",
            String::from_utf8_lossy(&ended.stderr)
        );
    }

    /// Replays as of a fixed time, for the JSON report.
    pub(crate) fn replay(&self, arguments: &str) -> Ended {
        let ended = self.run(&format!(
            "audit-replay --format json --at 2026-06-01T00:00:00Z {arguments}"
        ));
        Ended {
            code: ended.status.code(),
            stderr: String::from_utf8_lossy(&ended.stderr).into_owned(),
            report: serde_json::from_slice(&ended.stdout).unwrap_or_default(),
        }
    }
}

impl Ended {
    pub(crate) fn verdict(&self) -> &str {
        self.report["integrity"]["verdict"]
            .as_str()
            .unwrap_or(&self.stderr)
    }

    /// The findings as `kind:line`, a `!` before what proves something.
    pub(crate) fn findings(&self) -> Vec<String> {
        let findings = self.report["integrity"]["findings"].as_array();
        let findings = findings.into_iter().flatten().map(|finding| {
            let proof = if finding["proof"] == true { "!" } else { "" };
            let kind = finding["kind"].as_str().expect("a kind");
            match finding["line"].as_u64() {
                Some(line) => format!("{proof}{kind}:{line}"),
                None => format!("{proof}{kind}"),
            }
        });
        findings.collect()
    }
}

/// A call of an agent, a few seconds after noon.
pub(crate) fn call(id: &str, second: u32, tool: &str) -> Value {
    json!({
        "request_id": id,
        "timestamp": format!("2026-03-03T12:00:{second:02}.000Z"),
        "agent": {"agent_id": "support-1", "environment": "prod", "trust_level": "verified"},
        "action": {"type": "tool_call", "tool_name": tool, "tool_args": {"amount": 900}},
    })
}

/// An event as the platform writes it, without a chain.
pub(crate) fn event(number: u32, request: &str, outcome: &str, code: &str) -> Value {
    json!({
        "event_id": format!("6f1c1d0e-0000-4000-8000-{number:012}"),
        "timestamp": format!("2026-03-03T12:00:{number:02}.000Z"),
        "request_id": request,
        "agent_id": "a",
        "tool_name": "t",
        "outcome": outcome,
        "reasons": [{"code": code, "message": ""}],
        "safe_payload": {"agent_id": "a", "tool_name": "t", "environment": "prod", "outcome": outcome},
    })
}

/// The answer to a request, as [`event`].
pub(crate) fn settled(number: u32, request: &str, outcome: &str, code: &str) -> Value {
    let mut settled = event(number, request, outcome, "R");
    settled["reasons"]
        .as_array_mut()
        .expect("reasons")
        .push(json!({"code": code, "message": "it timed out"}));
    settled
}

/// An event so many milliseconds after noon of 3 March 2026.
pub(crate) fn timed(number: u32, millis: u32, tool: &str, outcome: &str) -> Value {
    let start = Timestamp::parse(b"2026-03-03T12:00:00Z").expect("a time");
    let time = Timestamp::from_micros(start.micros() + i64::from(millis) * 1000);
    let mut event = event(number, &format!("r-{number}"), outcome, "R");
    event["timestamp"] = json!(time.to_string());
    event["tool_name"] = json!(tool);
    event["safe_payload"]["tool_name"] = json!(tool);
    event
}

pub(crate) fn lines(events: &[Value]) -> String {
    events.iter().map(|event| format!("{event}\n")).collect()
}
