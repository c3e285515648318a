use proptest::prelude::*;

use super::*;
use crate::import::native;
use crate::json::Scanner;

const RULES: &str = r#"{"commands": {"rules": [
    {"pattern": "npm test", "action": "allow"},
    {"pattern": "npm install *", "action": "require_approval", "reason": "installs need review"},
    {"pattern": "curl", "action": "block", "reason": "no network"},
    {"pattern": "rm *", "action": "block"},
    {"pattern": "python", "action": "allow"},
    {"pattern": "ls", "action": "allow"},
    {"pattern": "bash", "action": "allow"}
], "tools": ["Bash", "run_*"]}}"#;

/// The same, where what no rule names is allowed.
fn blocklist() -> String {
    RULES.replace("\"tools\"", "\"default_action\": \"allow\", \"tools\"")
}

fn step(options: &str, action: &str) -> Step {
    let options: Options = serde_json::from_str(options).expect("options");
    let call = format!(r#"{{"agent":{{"agent_id":"a"}},"action":{action}}}"#);
    let mut request = Request::default();
    native::read(&mut Scanner::new(call.as_bytes()), &mut request).expect(action);
    SupplyChainGuard::new(&options).before(&mut request, Standing::Usual)
}

fn code(step: &Step) -> &str {
    match step {
        Step::Decide(ruling) => &ruling.code,
        _ => "-",
    }
}

/// The code of a call of this type with these arguments; `-` if it goes on.
fn decide(options: &str, kind: &str, arguments: &str) -> String {
    let action = format!(r#"{{"type":"{kind}","tool_name":"t","tool_args":{arguments}}}"#);
    code(&step(options, &action)).to_owned()
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("JSON")
}

#[test]
fn commands_are_found_wherever_tools_hold_them() {
    const BLOCKED: &str = "COMMAND_BLOCKED";
    for (arguments, expected) in [
        (r#"{"command":"npm test"}"#, "-"),
        (r#"{"command":"  npm test  "}"#, "-"),
        (r#"{"command":"npm test; curl x"}"#, BLOCKED),
        (
            r#"{"command":"npm install x"}"#,
            "COMMAND_APPROVAL_REQUIRED",
        ),
        (r#"{"command":"npm install x; curl y"}"#, BLOCKED),
        (r#"{"command":""}"#, "-"),
        (r#"{"shellCommand":"npm test"}"#, "-"),
        (r#"{"params":{"cmd":"curl x"}}"#, BLOCKED),
        (r#"{"params":{"cmd":"npm test"}}"#, "-"),
        // Several candidates: each must be allowed.
        (r#"{"command":"npm test","script":"curl x"}"#, BLOCKED),
        (
            r#"{"script":"npm test","a":{"b":[{"cmd":"curl x"}]}}"#,
            BLOCKED,
        ),
        // The words of one command.
        (r#"{"command":["npm","test"]}"#, "-"),
        (r#"{"command":["bash","-lc","npm test"]}"#, "-"),
        (r#"{"command":["bash","-lc","npm test; curl x"]}"#, BLOCKED),
        (r#"{"command":["npm test","curl x"]}"#, BLOCKED),
        (r#"{"command":["X=1","npm","test"]}"#, BLOCKED),
        (r#"{"command":["ls",5]}"#, "-"),
        // A program and its arguments.
        (r#"{"command":"npm","args":["test"]}"#, "-"),
        (r#"{"command":"bash","args":["-c","curl x"]}"#, BLOCKED),
        (r#"{"command":"npm","args":"test"}"#, "-"),
        (r#"{"command":"npm","args":"test; curl x"}"#, BLOCKED),
        (r#"{"command":"echo '","args":["'; npm test"]}"#, BLOCKED),
        (r#"{"command":["npm"],"args":["test"]}"#, "-"),
        (r#"{"args":["npm","test"]}"#, "-"),
        (
            r#"{"args":["curl","x"],"other":{"command":"npm test"}}"#,
            BLOCKED,
        ),
        // Several commands.
        (r#"{"commands":["npm test","ls -la"]}"#, "-"),
        (r#"{"commands":["npm test","curl x"]}"#, BLOCKED),
        (r#"{"commands":[["npm","test"],["curl","x"]]}"#, BLOCKED),
        (r#"{"commands":[["npm","test"],["ls","x y"]]}"#, "-"),
        (
            r#"{"commands":[{"command":"npm test"},{"command":"curl x"}]}"#,
            BLOCKED,
        ),
        // What is typed counts where nothing else does.
        (r#"{"keystrokes":"curl x\n"}"#, BLOCKED),
        (r#"{"command":"npm test","input":"yes"}"#, "-"),
        // Variables that decide what a name means.
        (r#"{"command":"npm test","env":{"NODE_ENV":"test"}}"#, "-"),
        (r#"{"command":"npm test","env":{"PATH":"/tmp"}}"#, BLOCKED),
        (r#"{"command":"npm test","env":["LD_PRELOAD=/x"]}"#, BLOCKED),
        (
            r#"{"command":"npm test","env":[{"name":"PATH","value":"/tmp"}]}"#,
            BLOCKED,
        ),
        // Nothing is known to hold it.
        (r#"{}"#, BLOCKED),
        (r#"{"restart":true}"#, BLOCKED),
        (r#"{"what":"npm test"}"#, BLOCKED),
        (r#"{"command":null}"#, BLOCKED),
        (r#"{"command":5}"#, BLOCKED),
        (r#"{"command":"\ud800"}"#, BLOCKED),
        (r#"{"command":"npm test\u0000"}"#, BLOCKED),
    ] {
        assert_eq!(decide(RULES, "shell", arguments), expected, "{arguments}");
        assert_eq!(decide(RULES, "tool_call", arguments), "-", "{arguments}");
    }
}

#[test]
fn words_are_one_command_and_several_where_both_can_be_meant() {
    let allowing = blocklist();
    for (arguments, expected) in [
        (r#"{"commands":["rm","-rf","/"]}"#, "COMMAND_BLOCKED"),
        (r#"{"commands":[["rm","-rf"]]}"#, "COMMAND_BLOCKED"),
        (r#"{"code":["rm","-rf"]}"#, "COMMAND_BLOCKED"),
        (r#"{"code":["x=1","rm -rf $x"]}"#, "COMMAND_BLOCKED"),
        (r#"{"command":"x","argv":["rm","y"]}"#, "-"),
        // The quote ends in the word that follows.
        (r#"{"command":"echo 'x","args":["a'b"]}"#, "COMMAND_BLOCKED"),
        (r#"{"commands":["date","pwd"]}"#, "-"),
    ] {
        assert_eq!(
            decide(&allowing, "shell", arguments),
            expected,
            "{arguments}"
        );
    }
}

#[test]
fn the_same_words_follow_a_few_commands_only() {
    let call = |commands: usize, words: usize| {
        let commands = json(&vec!["ls -la"; commands]);
        let words = json(&vec!["''"; words]);
        decide(
            RULES,
            "shell",
            &format!(r#"{{"commands":{commands},"args":{words}}}"#),
        )
    };
    assert_eq!(call(100, 10), "-");
    assert_eq!(call(1, 100_000), "-");
    assert_eq!(call(1000, 1000), "COMMAND_BLOCKED");
}

#[test]
fn code_is_a_command_of_its_language() {
    let python = r#"{"code":"import os\nos.system('curl x')","language":"Python"}"#;
    assert_eq!(decide(RULES, "code_execute", python), "-");
    assert_eq!(decide(RULES, "shell", python), "COMMAND_BLOCKED");
    let ruby = r#"{"code":"puts 1","language":"ruby"}"#;
    assert_eq!(decide(RULES, "code_execute", ruby), "COMMAND_BLOCKED");
    for arguments in [
        // No language, no known one, or not what the language is about.
        r#"{"code":"print(1)"}"#,
        r#"{"code":"curl x"}"#,
        r#"{"code":"curl x","language":"bash"}"#,
        r#"{"code":"curl x","language":"npm test"}"#,
        r#"{"command":"curl x","language":"python"}"#,
        r#"{"code":"curl x","meta":{"language":"python"}}"#,
    ] {
        assert_eq!(
            decide(RULES, "code_execute", arguments),
            "COMMAND_BLOCKED",
            "{arguments}"
        );
        assert_eq!(
            decide(&blocklist(), "code_execute", arguments),
            "COMMAND_BLOCKED",
            "{arguments}"
        );
    }
    assert_eq!(decide(RULES, "code_execute", r#"{"code":"npm test"}"#), "-");
    assert_eq!(
        decide(RULES, "Shell ", r#"{"cmd":"curl x"}"#),
        "COMMAND_BLOCKED"
    );
}

#[test]
fn listed_tools_run_commands_whatever_the_type() {
    for (tool, expected) in [
        ("Bash", "COMMAND_BLOCKED"),
        ("run_it", "COMMAND_BLOCKED"),
        ("bash", "-"),
    ] {
        let action = format!(
            r#"{{"type":"tool_call","tool_name":"{tool}","tool_args":{{"command":"curl x"}}}}"#
        );
        assert_eq!(code(&step(RULES, &action)), expected, "{tool}");
    }
}

#[test]
fn manifests_are_those_recorded() {
    let hash = "0123456789abcdef".repeat(4);
    let options = format!(
        r#"{{"provenance": {{"tools": [{{"tool_name": "known", "manifest_hash": "sha256:{hash}"}}]}}}}"#
    );
    let upper = hash.to_uppercase();
    let other = hash.replace('0', "1");
    for (tool, identity, expected) in [
        ("known", format!(r#"{{"manifest_hash":"{hash}"}}"#), "-"),
        (
            "known",
            format!(r#"{{"manifest_hash":"sha256:{upper}"}}"#),
            "-",
        ),
        (
            "known",
            format!(r#"{{"manifest_hash":"{other}"}}"#),
            "PROVENANCE_FAILED",
        ),
        (
            "known",
            format!(r#"{{"manifest_hash":"{hash}0"}}"#),
            "PROVENANCE_FAILED",
        ),
        (
            "known",
            r#"{"manifest_hash":""}"#.to_owned(),
            "PROVENANCE_FAILED",
        ),
        (
            "known",
            r#"{"verified":true}"#.to_owned(),
            "PROVENANCE_FAILED",
        ),
        ("known", "null".to_owned(), "PROVENANCE_FAILED"),
        ("other", "null".to_owned(), "-"),
        ("other", r#"{"provider":"builtin"}"#.to_owned(), "-"),
        (
            "other",
            format!(r#"{{"manifest_hash":"{hash}"}}"#),
            "PROVENANCE_FAILED",
        ),
        (
            "other",
            r#"{"provider":"mcp","verified":true}"#.to_owned(),
            "PROVENANCE_FAILED",
        ),
        (
            "mcp__github__search",
            "null".to_owned(),
            "PROVENANCE_FAILED",
        ),
    ] {
        let action = format!(r#"{{"tool_name":"{tool}","tool_identity":{identity}}}"#);
        assert_eq!(code(&step(&options, &action)), expected, "{action}");
        // A record that was not read vouches for nothing.
        let unread = code(&step(r#"{"provenance": "tools.yaml"}"#, &action)).to_owned();
        let asks = tool.starts_with("mcp") || identity.contains("hash") || identity.contains("mcp");
        assert_eq!(unread == "PROVENANCE_FAILED", asks, "{action}");
    }
}

#[test]
fn tools_of_mcp_servers_are_verified() {
    let decide = |identity: &str, options: &str| {
        let action = format!(r#"{{"tool_name":"search","tool_identity":{identity}}}"#);
        code(&step(options, &action)).to_owned()
    };
    let blocks = r#"{"block_unverified_mcp": true}"#;
    for (identity, expected) in [
        (r#"{"provider":"mcp","verified":true}"#, "-"),
        (
            r#"{"provider":"mcp","verified":false}"#,
            "UNVERIFIED_MCP_TOOL",
        ),
        (r#"{"provider":"mcp"}"#, "UNVERIFIED_MCP_TOOL"),
        (r#"{"provider":"MCP:github"}"#, "UNVERIFIED_MCP_TOOL"),
        (r#"{"provider":"mcpherson","verified":false}"#, "-"),
        (r#"{"provider":"builtin","verified":false}"#, "-"),
    ] {
        assert_eq!(decide(identity, blocks), expected, "{identity}");
        assert_eq!(decide(identity, "{}"), "-", "{identity}");
    }
    let by_name = r#"{"tool_name":"mcp__github__search"}"#;
    assert_eq!(code(&step(blocks, by_name)), "UNVERIFIED_MCP_TOOL");
}

#[test]
fn the_strictest_objection_counts() {
    let hash = "0".repeat(64);
    let options = RULES.replacen(
        '{',
        &format!(
            r#"{{"block_unverified_mcp": true, "provenance": {{"tools": [{{"tool_name": "t", "manifest_hash": "{hash}"}}]}},"#
        ),
        1,
    );
    let decide = |command: &str, identity: &str| {
        let action = format!(
            r#"{{"type":"shell","tool_name":"t","tool_args":{{"command":"{command}"}},"tool_identity":{identity}}}"#
        );
        code(&step(&options, &action)).to_owned()
    };
    let good = format!(r#"{{"provider":"mcp","verified":true,"manifest_hash":"{hash}"}}"#);
    let unverified = good.replace("true", "false");
    assert_eq!(decide("npm test", &good), "-");
    assert_eq!(decide("curl x", "null"), "COMMAND_BLOCKED");
    assert_eq!(decide("npm install x", "null"), "PROVENANCE_FAILED");
    assert_eq!(decide("npm install x", &unverified), "UNVERIFIED_MCP_TOOL");
    assert_eq!(decide("npm install x", &good), "COMMAND_APPROVAL_REQUIRED");
    let first = r#"{"type":"shell","tool_name":"t","tool_args":{"commands":["curl x","rm y"]}}"#;
    let Step::Decide(ruling) = step(RULES, first) else {
        panic!("not blocked");
    };
    assert!(ruling.message.contains("no network"), "{}", ruling.message);
}

/// A command run by another, and whether that is one command, which yet another can run.
fn wrapped((command, is_simple): (String, bool), with: usize) -> (String, bool) {
    let quoted = format!("'{}'", command.replace('\'', "'\\''"));
    let simple = if is_simple {
        command.clone()
    } else {
        format!("bash -c {quoted}")
    };
    match with % 16 {
        0 => (format!("sudo -u root {simple}"), true),
        1 => (format!("env X=1 {simple}"), true),
        2 => (format!("bash -c {quoted}"), true),
        3 => (format!("timeout 5 {simple}"), true),
        4 => (format!("nohup nice -n 5 {simple}"), true),
        5 => (format!("find . -exec {simple} \\;"), false),
        6 => (format!("ls | xargs {simple}"), false),
        7 => (format!("X=1 Y=2 {simple}"), false),
        8 => (format!("npm test && {command}"), false),
        9 => (format!("echo $({command}\n)"), false),
        10 => (format!("if true; then\n{command}\nfi"), false),
        11 => (format!("cat <<E\n$({command}\n)\nE"), false),
        12 => (format!("eval {quoted}"), false),
        13 => (format!("f() {{ {command}\n}}; f"), false),
        14 => (format!("cat <({command}\n) > /dev/null"), false),
        _ => (format!("({command}\n) 2>&1 | tee log"), false),
    }
}

proptest! {
    #[test]
    fn a_blocked_command_stays_blocked_however_it_is_wrapped(
        wraps in prop::collection::vec(any::<usize>(), 0..5),
        command in prop::sample::select(vec!["curl x", "/usr/bin/curl x", "rm -rf /tmp/x", "c'ur'l x"]),
    ) {
        let command = (command.to_owned(), true);
        let (command, _) = wraps.iter().fold(command, |command, with| wrapped(command, *with));
        for options in [RULES, &blocklist()] {
            let arguments = format!(r#"{{"command":{}}}"#, json(&command));
            prop_assert_eq!(decide(options, "shell", &arguments), "COMMAND_BLOCKED", "{}", &arguments);
            let words = format!(r#"{{"command":["bash","-lc",{}]}}"#, json(&command));
            prop_assert_eq!(decide(options, "shell", &words), "COMMAND_BLOCKED", "{}", &words);
            let beside = format!(r#"{{"script":"npm test","cmd":{}}}"#, json(&command));
            prop_assert_eq!(decide(options, "code_execute", &beside), "COMMAND_BLOCKED", "{}", &beside);
        }
    }

    #[test]
    fn what_is_said_repeats_nothing_of_the_call(text in ".{0,40}", more in "[A-Za-z_$(;'\" ]{8,40}") {
        for arguments in [
            format!(r#"{{"command":{}}}"#, json(&format!("{text}{more}"))),
            format!(r#"{{"command":[{},{}]}}"#, json(&more), json(&text)),
            format!(r#"{{"env":{{"LD_{}":1}},"code":{}}}"#, "SECRETNAME", json(&more)),
            format!(r#"{{"command":{}}}"#, json(&format!("LD_SECRETNAME={text}"))),
        ] {
            let action = format!(r#"{{"type":"shell","tool_name":"t","tool_args":{arguments}}}"#);
            if let Step::Decide(ruling) = step(RULES, &action) {
                prop_assert!(!ruling.message.contains(&more), "{}", ruling.message);
                prop_assert!(!ruling.message.contains("SECRETNAME"), "{}", ruling.message);
            }
        }
    }
}
