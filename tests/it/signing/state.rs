//! What was accepted once is the floor from then on.

use std::fs;

use serde_json::Value;

use super::world::{AT, World, unsigned};

fn signed(world: &World, name: &str, revision: u64, note: &str) {
    let bundle = unsigned()
        .replace("\"revision\": 7", &format!("\"revision\": {revision}"))
        .replace("no secrets", note);
    world.file(name, bundle);
    let run = world.run(&["sign", name, "--keys", "keys", "--at", AT]);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

fn expect(world: &World, names: &[&str], exit: i32, code: Option<&str>) {
    let rest = ["--keys", "keys", "--state", "state.json", "--at", AT];
    world.expect(&[names, &rest[..]].concat(), exit, code);
}

fn recorded(world: &World) -> Value {
    let state: Value = serde_json::from_str(&world.read("state.json")).expect("JSON");
    state["bundle"]["revision"].clone()
}

#[test]
fn the_floor_follows_what_is_accepted() {
    let world = World::new();
    signed(&world, "one.json", 5, "a");
    signed(&world, "two.json", 6, "b");
    signed(&world, "other.json", 6, "c");
    expect(&world, &["one.json"], 0, None);
    assert_eq!(recorded(&world), 5);
    expect(&world, &["two.json"], 0, None);
    assert_eq!(recorded(&world), 6);
    expect(&world, &["two.json"], 0, None);
    expect(&world, &["one.json"], 1, Some("revision_rollback"));
    expect(
        &world,
        &["other.json"],
        1,
        Some("revision_content_mismatch"),
    );
    assert_eq!(recorded(&world), 6);
    // Signing the same content anew is no change of it.
    let run = world.run(&[
        "sign",
        "two.json",
        "--secret-file",
        "keys/ci.hmac",
        "--at",
        AT,
    ]);
    assert_eq!(run.code, 0);
    expect(&world, &["two.json"], 0, None);
}

#[test]
fn nothing_is_recorded_unless_everything_passed() {
    let world = World::new();
    signed(&world, "one.json", 5, "a");
    world.file("unsigned.json", unsigned());
    expect(
        &world,
        &["unsigned.json", "one.json"],
        1,
        Some("signature_missing"),
    );
    assert!(!world.path("state.json").exists());
    expect(&world, &["absent.json", "one.json"], 2, Some("not-found"));
    assert!(!world.path("state.json").exists());
    for late in [
        &["--min-revision", "6"][..],
        &["--require-key", "absent"],
        &["--threshold", "3"],
    ] {
        let arguments = [
            "verify",
            "one.json",
            "--keys",
            "keys",
            "--state",
            "state.json",
            "--at",
            AT,
        ];
        assert_ne!(world.run(&[&arguments[..], late].concat()).code, 0);
        assert!(!world.path("state.json").exists());
    }
    let expired = [
        "verify",
        "one.json",
        "--keys",
        "keys",
        "--state",
        "state.json",
        "--at",
        "2027-01-01T00:00:00Z",
    ];
    assert_eq!(world.run(&expired).code, 1);
    assert!(!world.path("state.json").exists());
}

/// Two versions in one call are two versions, in the order given.
#[test]
fn a_floor_holds_within_a_call() {
    let world = World::new();
    signed(&world, "one.json", 5, "a");
    signed(&world, "two.json", 6, "b");
    let call = |names: [&str; 2]| {
        let rest = ["--keys", "keys", "--state", "state.json", "--at", AT];
        world
            .run(&[&["verify"], &names[..], &rest[..]].concat())
            .code
    };
    assert_eq!(call(["two.json", "one.json"]), 1);
    assert_eq!(call(["one.json", "two.json"]), 0);
    assert_eq!(recorded(&world), 6);
}

#[test]
fn a_state_that_cannot_be_kept_leaves_no_answer() {
    let world = World::new();
    signed(&world, "one.json", 5, "a");
    let call = |state: &str| {
        let run = world.run(&[
            "verify", "one.json", "--keys", "keys", "--state", state, "--at", AT,
        ]);
        assert_eq!(run.code, 2, "{state}: {}{}", run.stdout, run.stderr);
        assert!(run.stdout.is_empty(), "no answer is given: {}", run.stdout);
    };
    call("absent/state.json");
    call("keys");
    fs::create_dir(world.path("state.json")).expect("a directory");
    call("state.json");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("elsewhere", world.path("link.json")).expect("links");
        call("link.json");
        assert!(!world.path("elsewhere").exists());
    }
}

/// Many at once: the floor ends at the highest that any of them accepted.
#[test]
fn calls_at_once_never_lower_the_floor() {
    let world = World::new();
    let names: Vec<String> = (1..=6).map(|revision| format!("{revision}.json")).collect();
    for (name, revision) in names.iter().zip(1..) {
        signed(&world, name, revision, "a");
    }
    let accepted: Vec<bool> = std::thread::scope(|scope| {
        let calls: Vec<_> = names
            .iter()
            .map(|name| {
                let world = &world;
                scope.spawn(move || {
                    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_agent-spm"));
                    command.current_dir(world.path("."));
                    command.args([
                        "verify",
                        name,
                        "--keys",
                        "keys",
                        "--state",
                        "state.json",
                        "--at",
                        AT,
                    ]);
                    command.output().expect("it runs").status.success()
                })
            })
            .collect();
        calls
            .into_iter()
            .map(|call| call.join().expect("it ends"))
            .collect()
    });
    let highest = (1..=6).rev().find(|revision| accepted[revision - 1]);
    assert_eq!(
        recorded(&world).as_u64(),
        highest.map(|revision| revision as u64)
    );
    assert!(accepted[5], "the newest is always accepted");
}
