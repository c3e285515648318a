//! `sign` refuses what `lint` finds errors in.

use std::fs;

use super::world::{AT, World, unsigned};

/// A bundle with a `DENY` whose pattern never matches, beside a warning and a note.
fn faulty() -> String {
    let rule = r#""rules": [{"id": "OPEN", "description": "d", "match": {"tool_name": "x", "environment": "*"}, "when": {"matches_regex": "("}, "outcome": "DENY"},"#;
    let text = unsigned().replacen("\"rules\": [", rule, 1);
    assert_ne!(text, unsigned());
    text
}

const SIGN: [&str; 6] = ["sign", "--keys", "keys", "--at", AT, "bundle.json"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    SIGN.iter().chain(more).copied().collect()
}

#[test]
fn errors_keep_a_bundle_from_being_signed() {
    let world = World::new();
    world.file("bundle.json", faulty());
    for more in [
        &[][..],
        &["--check"],
        &["--detached"],
        &["--scheme", "hmac", "--key", "ci"],
    ] {
        let run = world.run(&with(more));
        assert_eq!(run.code, 1, "{}", run.stderr);
        assert_eq!(run.stdout, "");
        assert!(run.stderr.contains("invalid-regex"), "{}", run.stderr);
        assert!(run.stderr.contains("(lint_errors)"), "{}", run.stderr);
        assert!(run.stderr.contains("--no-lint"), "{}", run.stderr);
        // Only errors are shown.
        assert!(!run.stderr.contains("unsigned"), "{}", run.stderr);
        assert_eq!(world.read("bundle.json"), faulty());
        assert!(!world.path("bundle.json.sig").exists());
    }
    let run = world.run(&with(&["--no-lint"]));
    assert_eq!(run.code, 0, "{}", run.stderr);
    world.expect(&["bundle.json", "--keys", "keys", "--at", AT], 0, None);
}

#[test]
fn one_with_errors_keeps_all_from_being_signed() {
    let world = World::new();
    world.file("good.json", unsigned());
    world.file("bundle.json", faulty());
    let run = world.run(&[
        "sign",
        "--keys",
        "keys",
        "--at",
        AT,
        "good.json",
        "bundle.json",
    ]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert_eq!(world.read("good.json"), unsigned());
}

/// What counts as an error is for the project to say.
#[test]
fn settings_decide() {
    let world = World::new();
    world.file("bundle.json", faulty());
    for (settings, code) in [
        ("lint: { severity: { invalid-regex: warning } }\n", 0),
        (
            "lint: { suppress: [{ lint: invalid-regex, reason: r, until: \"2026-02-02\" }] }\n",
            0,
        ),
        (
            "lint: { suppress: [{ lint: invalid-regex, reason: r, until: \"2026-01-31\" }] }\n",
            1,
        ),
        // It is signed by then.
        (
            "lint: { severity: { invalid-regex: note, unsigned: error } }\n",
            0,
        ),
        ("lint: { severity: { nothing-like-it: note } }\n", 2),
    ] {
        world.file(".agent-spm.yaml", settings);
        let run = world.run(&with(&["--check"]));
        // `--check` says no when signing would change something.
        let expected = if code == 0 { 1 } else { code };
        assert_eq!(run.code, expected, "{settings}{}", run.stderr);
        assert_eq!(
            run.stderr.contains("lint_errors"),
            code == 1,
            "{settings}{}",
            run.stderr
        );
    }
}

#[test]
fn errors_keep_a_directory_from_being_signed() {
    let world = World::new();
    fs::create_dir_all(world.path("policies/prod")).expect("directories");
    world.file("policies/prod/bundle.json", faulty());
    world.file("policies/notes.json", "{\"name\": \"of no kind\"}");
    let sign = [
        "sign",
        "policies",
        "--keys",
        "keys",
        "--expires-in",
        "30d",
        "--at",
        AT,
    ];
    let run = world.run(&sign);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(
        run.stderr.contains("policies/prod/bundle.json"),
        "{}",
        run.stderr
    );
    world.file("policies/prod/bundle.json", unsigned());
    let run = world.run(&sign);
    assert_eq!(run.code, 0, "{}", run.stderr);
}
