//! Writes that are cut short, and files that change while they are read.
#![cfg(unix)]

use std::fs;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::world::{AT, World, testdata, unsigned};

/// A bundle that takes a while to read and write.
fn large() -> String {
    let note = "x".repeat(200_000);
    unsigned().replace("no secrets", &note)
}

/// Killed at any time, `sign` leaves the old file or the new one.
#[test]
fn a_killed_sign_leaves_a_whole_file() {
    let world = World::new();
    let old = large();
    world.file("bundle.json", &old);
    let sign = [
        "sign",
        "bundle.json",
        "--secret-file",
        "keys/ci.hmac",
        "--at",
        AT,
    ];
    assert_eq!(world.run(&sign).code, 0);
    let new = world.read("bundle.json");
    for run in 0..40 {
        world.file("bundle.json", &old);
        let mut child = Command::new(env!("CARGO_BIN_EXE_agent-spm"))
            .current_dir(world.path("."))
            .args(sign)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        std::thread::sleep(Duration::from_micros(run * 1_500));
        // It may have ended by itself.
        let _ = child.kill();
        child.wait().expect("it ends");
        let left = world.read("bundle.json");
        assert!(
            left == old || left == new,
            "run {run}: {} bytes",
            left.len()
        );
    }
}

/// The disk takes no more bytes: the shell limits the size of files that are written.
#[test]
fn a_failed_write_leaves_the_old_file() {
    let world = World::new();
    let old = large();
    world.file("bundle.json", &old);
    let script =
        "trap '' XFSZ; ulimit -f 8; exec \"$0\" sign bundle.json --keys keys --at \"$1\" 2>&1";
    let output = Command::new("sh")
        .current_dir(world.path("."))
        .args(["-c", script, env!("CARGO_BIN_EXE_agent-spm"), AT])
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("cannot write `bundle.json`"), "{said}");
    assert_eq!(world.read("bundle.json"), old);
    let mut left: Vec<_> = fs::read_dir(world.path("."))
        .expect("lists")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["bundle.json", "keys"], "nothing is left behind");
}

#[test]
fn a_directory_that_cannot_be_written_leaves_the_old_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new();
    fs::create_dir(world.path("dir")).expect("a directory");
    world.file("dir/bundle.json", unsigned());
    fs::set_permissions(world.path("dir"), fs::Permissions::from_mode(0o555)).expect("sets");
    let run = world.run(&["sign", "dir/bundle.json", "--keys", "keys", "--at", AT]);
    fs::set_permissions(world.path("dir"), fs::Permissions::from_mode(0o755)).expect("sets");
    let after = world.read("dir/bundle.json");
    // The superuser writes everywhere.
    match run.code {
        0 => assert!(after.contains("\"signature\"")),
        code => assert_eq!((code, after), (2, unsigned())),
    }
}

/// A signed file and a forged one trade places all the time: what is verified is always the signed
/// one, read whole, and never the forged one.
#[test]
fn a_file_swapped_between_check_and_read() {
    let world = World::new();
    let good = fs::read(testdata("attacks/none-plain/bundle.json")).expect("a bundle");
    let forged = fs::read(testdata("attacks/rule-changed/bundle.json")).expect("a bundle");
    world.file("good", &good);
    world.file("forged", &forged);
    world.file("bundle.json", &good);
    let stop = AtomicBool::new(false);
    let (mut accepted, mut refused) = (0, 0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                for from in ["forged", "good"] {
                    fs::copy(world.path(from), world.path("next")).expect("copies");
                    fs::rename(world.path("next"), world.path("bundle.json")).expect("renames");
                }
            }
        });
        let base = agent_spm::source::BaseDir::open(&world.path(".")).expect("opens");
        let keys = super::bits::keys();
        let terms = super::bits::terms(&keys);
        for _ in 0..300 {
            let bytes = base
                .read("bundle.json".as_ref(), 1 << 20)
                .expect("there is always one");
            let input = super::bits::input(&bytes, agent_spm::document::Format::Json);
            match agent_spm::signing::verify::bundle(input, &terms) {
                Ok(verified) => {
                    assert_eq!(verified.rules[0].outcome.as_str(), "DENY");
                    assert_eq!(bytes, good);
                    accepted += 1;
                }
                Err(error) => {
                    assert_eq!(bytes, forged, "{error}");
                    refused += 1;
                }
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert_eq!(accepted + refused, 300);
}

/// A reader that goes away gets the answer all the same.
#[test]
fn a_closed_pipe_does_not_turn_a_no_into_a_yes() {
    let world = World::new();
    world.file("bundle.json", unsigned());
    let script = "\"$0\" verify bundle.json --keys keys --at \"$1\" | true; echo ${PIPESTATUS[0]}";
    let output = Command::new("bash")
        .current_dir(world.path("."))
        .args(["-c", script, env!("CARGO_BIN_EXE_agent-spm"), AT])
        .output();
    // Where there is no bash, there is no way to ask.
    if let Ok(output) = output {
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "1");
    }
}
