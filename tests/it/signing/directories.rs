//! Signed directories: the set of files must match the manifest, both ways.

use std::fs;

use serde_json::Value;

use super::world::{AT, World, unsigned};

const MANIFEST: &str = "policies/agent-spm.manifest.json";
const VERIFY: [&str; 5] = ["policies", "--keys", "keys", "--at", AT];

fn world() -> World {
    let world = World::new();
    fs::create_dir_all(world.path("policies/prod/eu")).expect("directories");
    world.file("policies/prod/bundle.json", unsigned());
    world.file("policies/prod/eu/bundle.yaml", "name: another\n");
    world.file("policies/README.md", "for people\n");
    let run = world.run(&[
        "sign",
        "policies",
        "--keys",
        "keys",
        "--expires-in",
        "30d",
        "--at",
        AT,
    ]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    world.expect(&VERIFY, 0, None);
    world
}

#[test]
fn a_directory_is_signed_and_verified() {
    let world = world();
    let manifest: Value = serde_json::from_str(&world.read(MANIFEST)).expect("JSON");
    assert_eq!(manifest["id"], "policies");
    assert_eq!(manifest["revision"], 1);
    let paths: Vec<&Value> = manifest["files"]
        .as_array()
        .expect("files")
        .iter()
        .map(|file| &file["path"])
        .collect();
    assert_eq!(
        paths,
        ["README.md", "prod/bundle.json", "prod/eu/bundle.yaml"]
    );
    let again = ["sign", "policies", "--keys", "keys", "--at", AT, "--check"];
    assert_eq!(world.run(&again).code, 0);
    // By the name of the directory, from within, and by its absolute path.
    let absolute = world.path("policies").display().to_string();
    world.expect(&[&absolute, "--keys", "keys", "--at", AT], 0, None);
    let base = [
        "verify",
        ".",
        "--base-dir",
        "policies",
        "--keys",
        "keys",
        "--at",
        AT,
    ];
    assert_eq!(world.run(&base).code, 0);
}

#[test]
fn every_change_of_a_directory_is_refused() {
    let mismatch = Some("directory_mismatch");
    let attack = |change: &dyn Fn(&World)| {
        let world = world();
        change(&world);
        world.expect(&VERIFY, 1, mismatch);
    };
    attack(&|world| world.file("policies/prod/bundle.json", unsigned() + " "));
    attack(&|world| world.file("policies/README.md", "For people\n"));
    attack(&|world| world.file("policies/README.md", ""));
    attack(&|world| world.file("policies/.hidden", ""));
    attack(&|world| world.file("policies/prod/added.json", unsigned()));
    attack(&|world| fs::remove_file(world.path("policies/README.md")).expect("removes"));
    attack(&|world| {
        fs::rename(
            world.path("policies/README.md"),
            world.path("policies/readme.md"),
        )
        .expect("renames");
    });
    attack(&|world| {
        fs::rename(
            world.path("policies/prod/eu"),
            world.path("policies/prod/us"),
        )
        .expect("renames");
    });
    attack(&|world| {
        fs::remove_file(world.path("policies/README.md")).expect("removes");
        fs::create_dir(world.path("policies/README.md")).expect("a directory");
    });
}

#[cfg(unix)]
#[test]
fn links_and_pipes_in_a_directory_are_refused() {
    use std::os::unix::fs::symlink;
    let attack = |change: &dyn Fn(&World)| {
        let world = world();
        change(&world);
        world.expect(&VERIFY, 1, Some("directory_mismatch"));
        let run = world.run(&["sign", "policies", "--keys", "keys", "--at", AT]);
        assert_eq!(run.code, 2, "{}", run.stderr);
    };
    attack(&|world| symlink("/etc/passwd", world.path("policies/link")).expect("links"));
    attack(&|world| symlink("nowhere", world.path("policies/link")).expect("links"));
    attack(&|world| symlink("..", world.path("policies/prod/up")).expect("links"));
    attack(&|world| {
        // The same content by another way is not the file that was signed.
        fs::copy(world.path("policies/README.md"), world.path("copy")).expect("copies");
        fs::remove_file(world.path("policies/README.md")).expect("removes");
        symlink("../copy", world.path("policies/README.md")).expect("links");
    });
    attack(&|world| {
        let _socket = std::os::unix::net::UnixListener::bind(world.path("policies/socket"))
            .expect("a socket");
    });
}

#[test]
fn a_manifest_that_was_changed_is_refused() {
    let attack = |from: &str, to: &str, exit, code| {
        let world = world();
        let manifest = world.read(MANIFEST);
        assert!(manifest.contains(from), "{manifest}");
        world.file(MANIFEST, manifest.replacen(from, to, 1));
        world.expect(&VERIFY, exit, Some(code));
    };
    attack("\"revision\": 1", "\"revision\": 2", 1, "signature_invalid");
    attack("README.md", "LIESMICH.md", 1, "signature_invalid");
    attack(
        "\"id\": \"policies\"",
        "\"id\": \"p\"",
        1,
        "signature_invalid",
    );
    attack("README.md", "../README.md", 2, "manifest-path");
    attack("README.md", "/etc/passwd", 2, "manifest-path");
    attack("README.md", "prod/./x", 2, "manifest-path");
    attack("README.md", "PROD/bundle.json", 2, "manifest-path");
    attack("README.md", "prod/bundle.json", 2, "manifest-path");
    attack("\"files\"", "\"file\"", 2, "unknown-key");
    attack("\"size\": 11", "\"size\": -11", 2, "out-of-range");
}

#[test]
fn a_directory_without_a_manifest_is_no_signed_directory() {
    let world = world();
    fs::remove_file(world.path(MANIFEST)).expect("removes");
    world.expect(&VERIFY, 1, Some("signature_missing"));
    let manifest = ["sign", "policies", "--keys", "keys", "--at", AT];
    let run = world.run(&manifest);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("--expires-in"), "{}", run.stderr);
}

#[test]
fn dates_and_revisions_of_directories_are_checked() {
    let world = world();
    world.expect(
        &["policies", "--keys", "keys", "--at", "2026-03-03T00:00:00Z"],
        1,
        Some("expired"),
    );
    world.expect(
        &["policies", "--keys", "keys", "--at", "2026-01-31T23:59:59Z"],
        1,
        Some("not_yet_valid"),
    );
    world.expect(
        &[&VERIFY[..], &["--min-revision", "2"]].concat(),
        1,
        Some("revision_rollback"),
    );
    let with_state = [&VERIFY[..], &["--state", "state.json"]].concat();
    let old = world.read(MANIFEST);
    let bump = [
        "sign",
        "policies",
        "--keys",
        "keys",
        "--bump-revision",
        "--at",
        AT,
    ];
    assert_eq!(world.run(&bump).code, 0);
    world.expect(&with_state, 0, None);
    world.file(MANIFEST, old);
    world.expect(&VERIFY, 0, None);
    world.expect(&with_state, 1, Some("revision_rollback"));
    // What is over is not signed again, unless it is renewed.
    let late = [
        "sign",
        "policies",
        "--keys",
        "keys",
        "--at",
        "2026-03-03T00:00:00Z",
    ];
    let run = world.run(&late);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("(expired)"), "{}", run.stderr);
    let renew = [&late[..], &["--expires-in", "30d", "--check"]].concat();
    assert_eq!(world.run(&renew).code, 1, "it would change");
    // A bundle has a floor of its own.
    world.file("bundle.json", unsigned());
    let sign = ["sign", "bundle.json", "--keys", "keys", "--at", AT];
    assert_eq!(world.run(&sign).code, 0);
    world.expect(
        &[
            "bundle.json",
            "--keys",
            "keys",
            "--state",
            "state.json",
            "--at",
            AT,
        ],
        0,
        None,
    );
}

#[test]
fn a_directory_has_no_signature_beside_it() {
    let world = world();
    for arguments in [
        &["--detached"][..],
        &["--scheme", "shallow-0.3", "--key", "ci"],
    ] {
        let run = world.run(
            &[
                &["sign", "policies", "--keys", "keys", "--at", AT],
                arguments,
            ]
            .concat(),
        );
        assert_eq!(run.code, 2, "{}", run.stderr);
    }
}

#[test]
fn a_second_approval_of_a_directory_keeps_the_first() {
    let world = world();
    let sign = |key: &str, more: &[&str]| {
        let sign = [
            "sign", "policies", "--keys", "keys", "--key", key, "--at", AT,
        ];
        let json = ["--format", "json"];
        let run = world.run(&[&sign[..], &json, more].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
        run.report()["results"][0].clone()
    };
    let both = [&VERIFY[..], &["--threshold", "2"]].concat();
    assert_eq!(sign("ci", &["--bump-revision"])["keyids"][0], "ci");
    world.expect(&both, 1, Some("threshold_unmet"));
    assert_eq!(sign("reviewer", &[])["notes"], serde_json::json!([]));
    world.expect(&both, 0, None);
    let signed = sign("ci", &["--bump-revision"]);
    assert_eq!(signed["notes"][0]["code"], "signature_dropped");
    world.expect(&both, 1, Some("threshold_unmet"));
}

#[test]
fn the_revision_of_a_directory_has_an_end() {
    let world = world();
    let mut manifest: Value = serde_json::from_str(&world.read(MANIFEST)).expect("JSON");
    let bump = |manifest: &mut Value, revision: u64| {
        manifest["revision"] = revision.into();
        world.file(MANIFEST, manifest.to_string());
        let sign = ["sign", "policies", "--keys", "keys", "--at", AT];
        world.run(&[&sign[..], &["--bump-revision"]].concat()).code
    };
    assert_eq!(bump(&mut manifest, 9_007_199_254_740_990), 0);
    assert!(world.read(MANIFEST).contains("9007199254740991"));
    assert_eq!(bump(&mut manifest, 9_007_199_254_740_991), 2);
}
