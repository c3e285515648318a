use proptest::prelude::*;

use super::*;
use crate::import::native;
use crate::json::Scanner;

fn step(options: &str, action: &str) -> Step {
    let options: Options = serde_json::from_str(options).expect("options");
    let call = format!(r#"{{"agent":{{"agent_id":"a"}},"action":{action}}}"#);
    let mut request = Request::default();
    native::read(&mut Scanner::new(call.as_bytes()), &mut request).expect(action);
    Containment::new(&options).before(&mut request, Standing::Usual)
}

fn code(step: &Step) -> &str {
    match step {
        Step::Decide(ruling) => &ruling.code,
        _ => "-",
    }
}

/// Whether a sandbox lets a call of this type with these arguments go on.
fn passes(sandbox: &str, kind: &str, arguments: &str) -> bool {
    let options = format!(r#"{{"sandboxes": {{"t": {sandbox}}}}}"#);
    let action = format!(r#"{{"type":"{kind}","tool_name":"t","tool_args":{arguments}}}"#);
    let step = step(&options, &action);
    assert!(["-", "SANDBOX_VIOLATION"].contains(&code(&step)));
    step == Step::Continue
}

fn check(sandbox: &str, kind: &str, passing: &[&str], violating: &[&str]) {
    for arguments in passing {
        assert!(passes(sandbox, kind, arguments), "{sandbox} {arguments}");
    }
    for arguments in violating {
        assert!(!passes(sandbox, kind, arguments), "{sandbox} {arguments}");
        let unrestricted = r#"{"type": "container"}"#;
        assert!(passes(unrestricted, kind, arguments), "{arguments}");
    }
}

#[test]
fn paths_stay_in_the_sandbox() {
    check(
        r#"{"allowed_paths": ["/app/data/", "rel"], "denied_paths": ["/app/data/keys"]}"#,
        "tool_call",
        &[
            r#"{"path":"/app/data/x.txt"}"#,
            r#"{"path":"/app/data"}"#,
            r#"{"path":"rel/x"}"#,
            r#"{"filePath":"/app/data/a/../b"}"#,
            r#"{"path":"file:///app/data/x"}"#,
            r#"{"path":""}"#,
            r#"{"paths":["/app/data/x","/app/data/y"]}"#,
            r#"{"path":"/app/data/x","content":"/etc/passwd\n../x"}"#,
            r#"{"path":"/app/data/x","note":"see /etc"}"#,
            r#"{"path":"/app/data/x","lines":"first\n/etc"}"#,
            r#"{"path":"/app/data/x","url":"https://x.example"}"#,
            r#"{"path":"/app/data/x","content":"\ud800"}"#,
            "{}",
        ],
        &[
            r#"{"path":"/etc/passwd"}"#,
            r#"{"path":"/app/database/x"}"#,
            r#"{"path":"/app/data/../secret"}"#,
            r#"{"path":"/app/data/%2e%2e/secret"}"#,
            r#"{"path":"/app/data/..\\secret"}"#,
            r#"{"path":"/app/data/x\u0000.txt"}"#,
            r#"{"path":"/app/data/\ud800"}"#,
            r#"{"path":"/app/data/keys/id"}"#,
            r#"{"path":"/app/data/KEYS./id"}"#,
            r#"{"path":"data/x"}"#,
            r#"{"path":"rel/../../x"}"#,
            r#"{"path":"~/x"}"#,
            r#"{"path":"C:\\app\\data"}"#,
            r#"{"path":"\\\\app\\data\\x"}"#,
            r#"{"path":"file:///etc/passwd"}"#,
            r#"{"path":"https://x.example/app/data"}"#,
            r#"{"file_path":"/app/data/x","output-directory":"/tmp"}"#,
            r#"{"files":["/app/data/x","/etc/passwd"]}"#,
            r#"{"a":{"b":[{"fileName":"/etc/passwd"}]}}"#,
            // Whatever it is called.
            r#"{"target":"/etc/passwd"}"#,
            r#"{"x":"../../etc/passwd"}"#,
            r#"{"x":"%2e%2e/etc"}"#,
            r#"{"x":"file:/etc/passwd"}"#,
            r#"{"url":"file:///etc/passwd"}"#,
            // Commands of calls that need not run any.
            r#"{"command":"cat /etc/passwd"}"#,
            r#"{"cmd":["cat","/etc/passwd"]}"#,
        ],
    );
    check(
        r#"{"denied_paths": ["/etc"]}"#,
        "tool_call",
        &[
            r#"{"path":"/tmp/x"}"#,
            r#"{"path":"x"}"#,
            r#"{"path":"C:\\x"}"#,
        ],
        &[
            r#"{"path":"/etc/passwd"}"#,
            r#"{"path":"/Etc/passwd"}"#,
            r#"{"path":"../etc/passwd"}"#,
            r#"{"path":"~/x"}"#,
            r#"{"command":"cat /e*/passwd"}"#,
        ],
    );
}

#[test]
fn hosts_are_those_of_the_sandbox() {
    check(
        r#"{"network_enabled": false}"#,
        "tool_call",
        &[
            r#"{"path":"/etc/passwd"}"#,
            r#"{"q":"x","body":"https://x.example"}"#,
            r#"{"url":""}"#,
            r#"{"note":"see https://x.example"}"#,
        ],
        &[
            r#"{"url":"https://x.example"}"#,
            r#"{"url":"/relative"}"#,
            r#"{"host":"x"}"#,
            r#"{"host":2130706433}"#,
            r#"{"a":["https://x.example"]}"#,
            r#"{"target":" HTTPS://x.example"}"#,
            r#"{"path":"\\\\x\\share"}"#,
            r#"{"path":"ftp://x/y"}"#,
            r#"{"callbackUrl":"x.example"}"#,
            r#"{"command":"curl https://x.example"}"#,
            r#"{"command":"curl --url=https://x.example"}"#,
        ],
    );
    check(
        r#"{"allowed_hosts": ["ok.example", "*.sub.example:8443", "10.0.0.0/8", "db:5432"], "denied_hosts": ["bad.sub.example"]}"#,
        "tool_call",
        &[
            r#"{"url":"https://ok.example/a"}"#,
            r#"{"url":"https://user@OK.example./a"}"#,
            r#"{"url":"ok.example/a"}"#,
            r#"{"url":"https://a.sub.example:8443/"}"#,
            r#"{"host":"10.1.2.3"}"#,
            r#"{"host":"db","port":5432}"#,
            r#"{"host":"db:5432"}"#,
            r#"{"url":"https://ok.example","body":"https://evil.example"}"#,
        ],
        &[
            r#"{"url":"https://ok.example@evil.example"}"#,
            r#"{"url":"https://ok.example\\@evil.example"}"#,
            r#"{"url":"https://evil.example#@ok.example"}"#,
            r#"{"url":"https://ok.example.evil.example"}"#,
            r#"{"url":"https://a.sub.example/"}"#,
            r#"{"url":"https://bad.sub.example:8443/"}"#,
            r#"{"url":"https://x.bad.sub.example:8443/"}"#,
            r#"{"url":"http://0x0a000001/"}"#,
            r#"{"url":"http://167772161/"}"#,
            r#"{"url":"http://11.0.0.1/"}"#,
            r#"{"host":"db","port":5433}"#,
            r#"{"host":"db"}"#,
            r#"{"url":"/relative"}"#,
            r#"{"url":"data:text/html,x"}"#,
            r#"{"repo_url":"git@ok.example:x/y"}"#,
            r#"{"url":"https://ok.example","webhook":"https://evil.example"}"#,
        ],
    );
    check(
        r#"{"allowed_ports": [443]}"#,
        "tool_call",
        &[
            r#"{"url":"https://x.example"}"#,
            r#"{"host":"x.example","port":443}"#,
            r#"{"host":"x.example","port":"443"}"#,
        ],
        &[
            r#"{"url":"http://x.example"}"#,
            r#"{"url":"https://x.example:8443"}"#,
            r#"{"host":"x.example"}"#,
            r#"{"port":22}"#,
            r#"{"port":"https"}"#,
            r#"{"url":"odd://x.example"}"#,
        ],
    );
}

#[test]
fn variables_are_those_of_the_sandbox() {
    check(
        r#"{"allowed_env": ["NODE_*", "HOME"], "denied_env": ["NODE_AUTH_TOKEN"]}"#,
        "shell",
        &[
            r#"{"command":"x","env":{"NODE_ENV":"test"}}"#,
            r#"{"command":"NODE_ENV=test x $HOME"}"#,
            r#"{"command":"env NODE_ENV=test x"}"#,
            r#"{"command":"x","env":[{"HOME":"/root"}]}"#,
            r#"{"command":"x","env":[{"name":"HOME","value":"/root"}]}"#,
        ],
        &[
            r#"{"command":"x","env":{"AWS_KEY":"k"}}"#,
            r#"{"command":"x","env":["AWS_KEY=k"]}"#,
            r#"{"command":"x","env":[{"name":"AWS_KEY","value":"k"}]}"#,
            r#"{"command":"x","env":[{"AWS_KEY":"k"}]}"#,
            r#"{"command":"x","env":{"NODE_AUTH_TOKEN":"k"}}"#,
            r#"{"command":"x","env":{"node_auth_token":"k"}}"#,
            r#"{"command":"AWS_KEY=k x"}"#,
            r#"{"command":"env AWS_KEY=k x"}"#,
            r#"{"command":"export AWS_KEY=k"}"#,
            r#"{"command":"echo \"${AWS_KEY:-x}\""}"#,
            r#"{"command":"echo $(( AWS_KEY ))$AWS_KEY"}"#,
            r#"{"command":"echo ${#AWS_KEY}"}"#,
            r#"{"command":"echo ${!HOME}"}"#,
            r#"{"command":"printenv AWS_KEY"}"#,
            r#"{"command":"printenv"}"#,
            r#"{"command":"env"}"#,
            r#"{"command":"export -p"}"#,
            r#"{"command":"bash -c 'echo $AWS_KEY'"}"#,
            r#"{"command":"cat <<E\n$AWS_KEY\nE"}"#,
            r#"{"command":"echo","env_var":"AWS_KEY"}"#,
        ],
    );
    for only in [
        r#"{"allowed_env": ["HOME"]}"#,
        r#"{"denied_env": ["AWS_*"]}"#,
    ] {
        check(
            only,
            "shell",
            &[r#"{"command":"echo $HOME"}"#],
            &[
                r#"{"command":"echo $AWS_KEY"}"#,
                r#"{"command":"printenv"}"#,
                r#"{"command":"x","env":{"AWS_KEY":"k"}}"#,
            ],
        );
    }
}

#[test]
fn commands_touch_what_the_sandbox_allows() {
    check(
        r#"{"allowed_paths": ["/app"], "network_enabled": false}"#,
        "shell",
        &[
            r#"{"command":"ls -la src"}"#,
            r#"{"command":"/usr/bin/ls /app/x > /app/y"}"#,
            r#"{"command":"cat /app/*.txt *.rs"}"#,
            r#"{"command":"cp --target=/app/x y"}"#,
            r#"{"command":"find /app -name '*.rs' -exec cat {} \\;"}"#,
            r#"{"command":"cd /app && make 2>/dev/null"}"#,
            r#"{"command":"sed -n 's/a/b/' x"}"#,
            r#"{"command":"git commit -m 'see https://x.example'"}"#,
            r#"{"command":["cat","/app/x y"]}"#,
            r#"{"command":"python3 x.py"}"#,
            r#"{"command":"node --trace-warnings x.js"}"#,
        ],
        &[
            r#"{"command":"cat /etc/passwd"}"#,
            r#"{"command":"cat < /etc/passwd"}"#,
            r#"{"command":"while read x; do y; done < /etc/passwd"}"#,
            r#"{"command":"(ls) > /etc/x"}"#,
            r#"{"command":"ls; cat ../../etc/passwd"}"#,
            r#"{"command":"sudo cat /etc/passwd"}"#,
            r#"{"command":"bash -c 'cat /etc/passwd'"}"#,
            r#"{"command":"echo $(cat /etc/passwd)"}"#,
            r#"{"command":"cat /e*/passwd"}"#,
            r#"{"command":"cat /app/.*/x"}"#,
            r#"{"command":"cat $X"}"#,
            r#"{"command":"cat \"$X/y\""}"#,
            r#"{"command":"ls | xargs cat"}"#,
            r#"{"command":"cat {/etc/passwd,x}"}"#,
            r#"{"command":"cat ~/.ssh/id_rsa"}"#,
            r#"{"command":"cd; cat .ssh/id_rsa"}"#,
            r#"{"command":"cd - && cat x"}"#,
            r#"{"command":"gcc -I/etc x.c"}"#,
            r#"{"command":"curl -d @/etc/passwd localhost"}"#,
            r#"{"command":"dd if=/etc/passwd"}"#,
            r#"{"command":"tar --directory=/etc x"}"#,
            r#"{"command":"python3 -c \"open('/etc/passwd')\""}"#,
            r#"{"command":"python3.12 -c \"open('/etc/passwd')\""}"#,
            r#"{"command":"node --eval 1"}"#,
            r#"{"command":"node --print 1"}"#,
            r#"{"command":"deno eval 1"}"#,
            r#"{"command":"perl -ne 'print' x"}"#,
            r#"{"command":"awk 'BEGIN { getline x < \"/etc/passwd\" }'"}"#,
            r#"{"command":"curl https://x.example"}"#,
            r#"{"command":"echo 'x"}"#,
            r#"{}"#,
        ],
    );
    let python = r#"{"code":"print(1)","language":"python"}"#;
    check(
        r#"{"allowed_paths": ["/app"]}"#,
        "code_execute",
        &[],
        &[python],
    );
}

#[test]
fn tools_are_sandboxed_by_name_or_beginning() {
    let options = r#"{"sandboxes": {
        "read_*": {"allowed_paths": ["/app"]},
        "read_any": {"type": "process"}
    }}"#;
    for (tool, expected) in [
        ("read_file", "SANDBOX_VIOLATION"),
        ("read_any", "-"),
        ("write_file", "-"),
    ] {
        let action = format!(r#"{{"tool_name":"{tool}","tool_args":{{"path":"/etc"}}}}"#);
        assert_eq!(code(&step(options, &action)), expected, "{tool}");
    }
}

#[test]
fn changes_need_a_ticket() {
    let ticket = |options: &str, arguments: &str| {
        let options =
            format!(r#"{{"ticket_required_tools": ["deploy_*"], "change_control": {options}}}"#);
        let action = format!(r#"{{"tool_name":"deploy_x","tool_args":{arguments}}}"#);
        let other = action.replace("deploy_x", "other");
        assert_eq!(step(&options, &other), Step::Continue);
        match step(&options, &action) {
            Step::Decide(ruling) => {
                let asks = ruling.outcome == Outcome::RequireTicket;
                assert_eq!(asks, ruling.code == "TICKET_REQUIRED");
                ruling.code.into_owned()
            }
            _ => "-".to_owned(),
        }
    };
    const PATTERN: &str = r#"{"ticket_pattern": "^CHG-[0-9]+$"}"#;
    for (arguments, expected) in [
        (r#"{"ticket_id":"CHG-1"}"#, "-"),
        (r#"{"ticketId":"CHG-1"}"#, "-"),
        (r#"{"ticket_id":"BAD"}"#, "TICKET_INVALID"),
        (r#"{"ticket_id":"chg-1"}"#, "TICKET_INVALID"),
        (r#"{"ticket_id":"CHG-1\n"}"#, "TICKET_INVALID"),
        (r#"{"ticket_id":1}"#, "TICKET_INVALID"),
        (r#"{"ticket_id":true}"#, "TICKET_INVALID"),
        (r#"{"ticket_id":["CHG-1"]}"#, "TICKET_INVALID"),
        (
            r#"{"ticket_id":"CHG-1","ticketId":"BAD"}"#,
            "TICKET_INVALID",
        ),
        ("{}", "TICKET_REQUIRED"),
        (r#"{"ticket_id":null}"#, "TICKET_REQUIRED"),
        (r#"{"ticket_id":" "}"#, "TICKET_REQUIRED"),
        (r#"{"a":{"ticket_id":"CHG-1"}}"#, "TICKET_REQUIRED"),
    ] {
        assert_eq!(ticket(PATTERN, arguments), expected, "{arguments}");
    }
    assert_eq!(ticket("null", r#"{"ticket_id":"any"}"#), "-");
    assert_eq!(
        ticket(r#"{"ticket_pattern": "("}"#, r#"{"ticket_id":"any"}"#),
        "TICKET_INVALID"
    );
    let other = r#"{"ticket_member": "change", "status_member": "state", "allowed_statuses": ["approved"]}"#;
    for (arguments, expected) in [
        (r#"{"change":"1","state":"approved"}"#, "-"),
        (r#"{"change":"1","state":"Approved"}"#, "TICKET_INVALID"),
        (r#"{"change":"1","state":"draft"}"#, "TICKET_INVALID"),
        (r#"{"change":"1","state":["approved"]}"#, "TICKET_INVALID"),
        (r#"{"change":"1"}"#, "TICKET_INVALID"),
        (r#"{"ticket_id":"1","state":"approved"}"#, "TICKET_REQUIRED"),
    ] {
        assert_eq!(ticket(other, arguments), expected, "{arguments}");
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("JSON")
}

proptest! {
    #[test]
    fn no_spelling_of_dots_escapes(
        name in prop::sample::select(vec!["path", "file", "anything", "outputDir", "command"]),
        before in prop::collection::vec(prop::sample::select(vec!["a", ".", "b%20c", "", "%2e"]), 0..4),
        dots in prop::sample::select(vec!["..", "%2e%2e", ".%2e", "%252e%252e", "..%2f..", ".. ", "\u{FF0E}\u{FF0E}"]),
        more in 5..9_usize,
        separator in prop::sample::select(vec!["/", "//", "/./", "%2f", "\\", "%5c", "%252f"]),
    ) {
        let up = vec![dots; more].join(separator);
        let path = format!("/app/data/{}/{up}{separator}etc/passwd", before.join("/"));
        let value = if name == "command" { format!("cat '{path}'") } else { path };
        let sandbox = r#"{"allowed_paths": ["/app/data"]}"#;
        prop_assert!(!passes(sandbox, "tool_call", &format!(r#"{{"{name}":{}}}"#, json(&value))), "{}", value);
    }

    #[test]
    fn what_is_said_repeats_nothing_of_the_call(text in ".{0,20}", more in "[A-Za-z0-9_/$.:@-]{8,30}") {
        let sandbox = r#"{"allowed_paths": ["/app"], "allowed_hosts": ["ok.example"], "allowed_env": ["X"]}"#;
        let options = format!(
            r#"{{"sandboxes": {{"t": {sandbox}}}, "ticket_required_tools": ["t"], "change_control": {{"ticket_pattern": "^$"}}}}"#
        );
        for name in ["path", "url", "host", "command", "port", "ticket_id", "x", "variable"] {
            let value = json(&format!("{text}{more}"));
            let action = format!(r#"{{"type":"shell","tool_name":"t","tool_args":{{"{name}":{value}}}}}"#);
            if let Step::Decide(ruling) = step(&options, &action) {
                prop_assert!(!ruling.message.contains(&more), "{}", ruling.message);
            }
        }
    }
}
