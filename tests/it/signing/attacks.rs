//! The fixtures of `testdata/signing/attacks`, signed by another implementation: each is refused
//! with its code, and those called `none-…` are accepted.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::world::{World, testdata};

#[test]
fn every_attack_is_refused_with_its_code() {
    let mut seen = 0;
    let mut accepted = 0;
    for entry in fs::read_dir(testdata("attacks")).expect("fixtures") {
        let directory = entry.expect("an entry").path();
        if !directory.is_dir() {
            continue;
        }
        let name = directory.file_name().expect("a name").to_string_lossy();
        let mut world = World::new();
        for file in fs::read_dir(&directory).expect("files") {
            let path = file.expect("an entry").path();
            let file_name = path.file_name().expect("a name").to_string_lossy();
            world.file(&file_name, fs::read(&path).expect("a file"));
        }
        let case: Value = serde_json::from_str(&world.read("case.json")).expect("JSON");
        for (key, content) in case["keys"].as_object().expect("keys") {
            let content = content.as_str().expect("a text");
            world.key(key, content);
            if key.ends_with(".hmac") {
                world.keep_secret(content);
            }
        }
        let arguments: Vec<&str> = case["arguments"]
            .as_array()
            .expect("arguments")
            .iter()
            .map(|argument| argument.as_str().expect("a text"))
            .collect();
        let exit = case["exit"].as_i64().expect("a code") as i32;
        let code = case["code"].as_str();
        assert_eq!(name.starts_with("none-"), exit == 0, "{name}");
        let before = fs::read(world.path("state.json")).ok();
        world.expect(&arguments, exit, code);
        if exit != 0 {
            let after = fs::read(world.path("state.json")).ok();
            assert_eq!(before, after, "{name}: a refusal changes no state");
        }
        seen += 1;
        accepted += usize::from(exit == 0);
    }
    assert_eq!((seen, accepted), (73, 9));
}

#[test]
fn the_other_formats_say_the_same() {
    let world = World::new();
    let bundle = testdata("attacks/shallow/bundle.json");
    world.file("bundle.json", fs::read(bundle).expect("a bundle"));
    let call = |format| {
        let arguments = [
            "verify",
            "bundle.json",
            "--keys",
            "keys",
            "--at",
            super::world::AT,
            "--format",
            format,
        ];
        world.run(&arguments)
    };
    let human = call("human");
    assert_eq!(human.code, 1);
    for said in [
        "Not verified",
        "signature_shallow",
        "rules[*].outcome  ",
        "rules.length",
    ] {
        assert!(human.stdout.contains(said), "{}", human.stdout);
    }
    let github = call("github");
    assert_eq!(github.code, 1);
    let start =
        "::error file=bundle.json,line=34,col=16,title=signature_shallow::the signature covers";
    assert!(github.stdout.starts_with(start), "{}", github.stdout);
    assert!(
        github
            .stdout
            .contains("could have changed `defaults.outcome`")
    );
    let json = call("json").report();
    let result = &json["results"][0];
    assert_eq!(json["schema"], "agent-spm/verify/1");
    assert_eq!(result["covered"][4], "version");
    assert_eq!(result["uncovered"][0], "defaults.outcome");
}

/// Without `--at`, the present is the clock's.
#[test]
fn the_clock_decides_when_nothing_else_does() {
    let world = World::new();
    let years = |from_now: i64| {
        let seconds = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("after 1970");
        let year = 1970 + seconds.as_secs() as i64 / 31_557_600;
        format!("{:04}-01-01T00:00:00Z", year + from_now)
    };
    for (generated, expires, exit) in [(-2, 2, 0), (-4, -2, 1), (2, 4, 1)] {
        let bundle = super::world::unsigned()
            .replace("2026-01-01T00:00:00Z", &years(generated))
            .replace("2026-04-01T00:00:00Z", &years(expires));
        world.file("bundle.json", bundle);
        let signed = ["sign", "bundle.json", "--secret-file", "keys/ci.hmac"];
        // What is over cannot be signed; another clock still could.
        let past = years(generated);
        world.run(&[&signed[..], &["--at", past.as_str()]].concat());
        let code = match generated {
            -4 => Some("expired"),
            2 => Some("not_yet_valid"),
            _ => None,
        };
        world.expect(&["bundle.json", "--keys", "keys"], exit, code);
    }
}
