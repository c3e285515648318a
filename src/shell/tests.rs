use proptest::prelude::*;

use super::*;

fn lines(text: &str) -> Vec<String> {
    let found = commands(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let acts = found.iter().filter(|command| command.role == Role::Acts);
    acts.map(|command| command.text().replace([UNKNOWN, FILE_NAMES], "?"))
        .collect()
}

#[test]
fn every_command_is_found() {
    for (text, expected) in [
        ("", &[][..]),
        ("  npm test  ", &["npm test"]),
        ("npm   'te'\"st\"", &["npm test"]),
        ("npm test; curl x", &["npm test", "curl x"]),
        ("npm test\ncurl x # y; z", &["npm test", "curl x"]),
        ("a && b || c | d |& e & f", &["a", "b", "c", "d", "e", "f"]),
        ("npm test $(curl x)", &["curl x", "npm test ?"]),
        ("npm test `curl \\`id\\``", &["id", "curl ?", "npm test ?"]),
        ("echo \"a $(curl \"x y\") b\"", &["curl x y", "echo a ? b"]),
        ("echo '$(curl x)'", &["echo $(curl x)"]),
        ("echo ${X:-$(curl x)}", &["curl x", "echo ?"]),
        ("X=$(curl x)", &["curl x"]),
        ("X=1 Y=2 npm test", &["npm test"]),
        ("a=(x $(curl y) z); b", &["curl y", "b"]),
        ("(cd x && make) > log 2>&1", &["cd x", "make", ": > log"]),
        ("{ a; b; } 2>/dev/null", &["a", "b"]),
        ("> x", &[": > x"]),
        ("cat a[bc]d", &["cat ?"]),
        (
            "if a; then b; elif c; then d; else e; fi",
            &["a", "b", "c", "d", "e"],
        ),
        (
            "for i in 1 $(seq 3); do curl $i; done",
            &["seq 3", "curl ?"],
        ),
        ("while ! a; do b; done < f", &["a", "b"]),
        (
            "case $1 in a|b) c;; (*) d ;& e) f; esac; g",
            &["c", "d", "f", "g"],
        ),
        ("f() { curl x; }; f", &["curl x", "f"]),
        ("[[ -f x && $(id) == (a|b) ]] && c", &["id", "c"]),
        ("[ -f x ] && c", &["[ -f x ]", "c"]),
        (
            "cat <<EOF | sh\ncurl $(id)\nEOF\nls",
            &["cat", "sh", "id", "ls"],
        ),
        ("cat <<'EOF'\n$(id)\nEOF\nls", &["cat", "ls"]),
        ("cat <<-A <<B\n\tx\n\tA\ny\nB\nls", &["cat", "ls"]),
        ("cat <<EOF\na\\\nEOF\nEO\\\nF\nls", &["cat", "ls"]),
        ("diff <(a) >(b)", &["a", "b", "diff ? ?"]),
        ("tee <<<\"$(a)\" x", &["a", "tee x"]),
        ("$'\\x63url' x", &["curl x"]),
        ("cu\\\nrl x", &["curl x"]),
        ("c\\url x", &["curl x"]),
        ("env -i X=1 -u Y curl x", &["curl x"]),
        (
            "sudo -u root -n curl x",
            &["sudo -u root -n curl x", "curl x"],
        ),
        ("nohup nice -n 5 timeout -s KILL 5 curl x &", &["curl x"]),
        ("ls | xargs -n 1 -I{} rm -rf {}", &["ls", "rm -rf {} ?"]),
        ("bash -lc 'npm test; curl x'", &["npm test", "curl x"]),
        ("sh -c \"bash -c 'curl x'\"", &["curl x"]),
        ("eval \"curl x\"", &["curl x"]),
        (
            "find . -name a -exec rm {} \\;",
            &["find . -name a -exec rm {} ;", "rm ?"],
        ),
        ("time -p a", &["a"]),
        ("command -v curl", &["command -v curl"]),
        ("echo $((1 + (2 * 3)))", &["echo ?"]),
        ("echo a#b", &["echo a#b"]),
        ("ls *.rs {a,b}", &["ls ?.rs ?"]),
        ("a >x 2>>y &>z >&2 >/dev/null", &["a > x > y > z"]),
        ("bash x.sh", &["bash x.sh"]),
    ] {
        assert_eq!(lines(text), expected, "{text}");
    }
}

#[test]
fn what_is_uncertain_is_an_error() {
    for text in [
        "$X y",
        "`echo curl` x",
        "c*l x",
        "{curl,x}",
        "'a",
        "\"a",
        "a $(b",
        "a `b",
        "(a",
        "a)",
        "a ${b",
        "a (b)",
        "bash -c \"$X\"",
        "eval $X",
        "env $X y",
        "env -S 'curl x'",
        "PATH=/tmp npm test",
        "env LD_PRELOAD=x npm test",
        "export PATH=/tmp",
        "a\0b",
        "a\u{1}b",
        "$'\\x01'",
        "a <<$X\n",
        "echo $((`id`))",
        "echo $((curl x) )",
        "(( a ))",
        "a >",
        "case x in a) b",
        "esac",
        "parallel curl ::: x",
        "$(a <<E)\nE\n",
        "a <<E $(b\n)\nE\n",
    ] {
        assert!(commands(text).is_err(), "{text}: {:?}", commands(text));
    }
}

#[test]
fn depth_is_limited() {
    for (open, close) in [
        ("( ", ")"),
        ("a $(", ")"),
        ("a \"$(", ")\""),
        ("a ${b:-", "}"),
        ("case x in y) ", ";; esac"),
        ("env ", ""),
    ] {
        let nested = |depth: usize| format!("{}a{}", open.repeat(depth), close.repeat(depth));
        assert!(commands(&nested(8)).is_ok(), "{open}");
        assert_eq!(commands(&nested(1000)), Err(CannotParse::TooDeep), "{open}");
        assert!(commands(&nested(100_000)).is_err(), "{open}");
    }
}

#[test]
fn reading_again_is_limited() {
    let nested = |open: &str, depth: usize, length: usize| {
        commands(&format!(
            "{}{}",
            open.repeat(depth),
            "a ".repeat(length / 2)
        ))
    };
    for open in ["sudo ", "env ", "xargs ", "eval ", "find . -exec "] {
        assert!(nested(open, 15, 1 << 11).is_ok(), "{open}");
        assert!(nested(open, 2, 1 << 20).is_ok(), "{open}");
        assert_eq!(
            nested(open, 4, 1 << 20).err(),
            Some(CannotParse::TooLong),
            "{open}"
        );
    }
}

fn rules() -> CommandRules {
    let rules = [
        ("npm test", Action::Allow),
        ("npm install *", Action::RequireApproval),
        ("curl", Action::Block),
        ("git push *", Action::Block),
        ("git *", Action::Allow),
        ("cd", Action::Allow),
    ];
    CommandRules::new(rules, Action::Block)
}

#[test]
fn the_strictest_decision_on_a_command_decides() {
    use Action::{Allow, Block, RequireApproval};
    for (text, action, reason) in [
        ("npm test", Allow, Reason::Rule(0)),
        ("  npm  test ", Allow, Reason::Rule(0)),
        ("npm test; curl x", Block, Reason::Rule(2)),
        ("npm test && /usr/bin/curl x", Block, Reason::Rule(2)),
        ("./npm test", Block, Reason::Default),
        ("npm test > ~/.bashrc", Block, Reason::Default),
        ("npm test 2>&1 >/dev/null", Allow, Reason::Rule(0)),
        ("npm install x", RequireApproval, Reason::Rule(1)),
        ("cd a && npm install x", RequireApproval, Reason::Rule(1)),
        ("npm install x; curl y", Block, Reason::Rule(2)),
        ("env X=1 npm test", Allow, Reason::Rule(0)),
        ("env X=1 curl x", Block, Reason::Rule(2)),
        ("sudo npm test", Block, Reason::Default),
        ("bash -c 'npm test'", Allow, Reason::Rule(0)),
        ("bash -c 'npm test; ls'", Block, Reason::Default),
        ("git status", Allow, Reason::Rule(4)),
        ("git $X origin", Block, Reason::Rule(3)),
        ("git log $X", Allow, Reason::Rule(4)),
        // It may be an installation.
        ("npm $X", RequireApproval, Reason::Rule(1)),
        ("# nothing", Allow, Reason::NoCommand),
        ("rm -rf /tmp/x", Block, Reason::Default),
    ] {
        assert_eq!(rules().decide(text), Decision { action, reason }, "{text}");
    }
    let undecided = rules().decide("$X");
    assert_eq!(undecided.action, Block);
    assert!(matches!(undecided.reason, Reason::CannotParse(_)));
}

#[test]
fn a_star_is_every_command() {
    let rules = CommandRules::new(
        [("rm *", Action::Block), ("*", Action::Allow)],
        Action::Block,
    );
    assert_eq!(rules.decide("ls; date").action, Action::Allow);
    assert_eq!(rules.decide("ls; rm x").action, Action::Block);
    assert_eq!(rules.decide("ls; env rm x").action, Action::Block);
}

fn shell_text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "$(",
        ")",
        "`",
        "'",
        "\"",
        "{",
        "}",
        "(",
        "((",
        "))",
        "if",
        "then",
        "fi",
        "for",
        "in",
        "do",
        "done",
        "case",
        "esac",
        "|",
        "&&",
        "&",
        "<",
        ";",
        ";;",
        "\n",
        " ",
        "a",
        "b=c",
        "$x",
        "${",
        "<<A",
        "A",
        "\\",
        ">",
        "<(",
        "[[",
        "]]",
        "é",
        "$'",
        "#",
        "!",
        "=(",
        "env",
        "bash -c",
        "xargs",
        "eval",
        "function",
        "time",
        "$((",
        "2>",
        "find -exec",
        ":-",
        "{a,b}",
    ]);
    prop::collection::vec((pieces, any::<bool>()), 0..40).prop_map(|pieces| {
        let pieces = pieces.into_iter();
        pieces
            .map(|(piece, space)| format!("{piece}{}", if space { " " } else { "" }))
            .collect()
    })
}

proptest! {
    #[test]
    fn no_text_is_a_panic(text in shell_text(), any: String) {
        let _ = commands(&text);
        let _ = commands(&any);
        let _ = rules().decide(&text);
    }

    #[test]
    fn a_command_after_another_is_found(text in shell_text()) {
        // What is complete by itself says nothing of the next line.
        if let (Ok(before), Ok(both)) = (commands(&text), commands(&format!("{text}\nprobe x"))) {
            prop_assert!(both.len() >= before.len());
        }
    }

    #[test]
    fn known_text_may_match_as_it_matches(pattern in "[ab*]{0,6}", text in "[ab]{0,6}", prefix in "[ab]{0,3}") {
        let glob = glob::Glob::new(&pattern);
        prop_assert_eq!(glob.matches(&text), glob.may_match(&text));
        let unknown = format!("{prefix}{UNKNOWN}");
        if glob.matches(&format!("{prefix}{text}")) {
            prop_assert!(glob.may_match(&unknown));
        }
        if glob.matches(&unknown) {
            let known = format!("{prefix}{text}");
            prop_assert!(glob.matches(&known));
        }
    }
}
