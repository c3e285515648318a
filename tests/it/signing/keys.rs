//! New keys, rotation and second approval.

use std::fs;

use super::world::{AT, World, unsigned};

#[test]
fn a_new_key_signs_and_verifies() {
    let mut world = World::new();
    for (kind, algorithm, files) in [
        ("hmac", "hmac-sha256", &["new.hmac"][..]),
        ("ed25519", "ed25519", &["other.key.pem", "other.pub.pem"]),
    ] {
        let id = files[0].split('.').next().expect("an id");
        let path = format!("keys/{id}");
        let run = world.run(&["sign", "--generate-key", kind, &path, "--format", "json"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_eq!(run.report()["keyid"], id);
        assert_eq!(run.report()["algorithm"], algorithm);
        for file in files {
            let content = world.read(&format!("keys/{file}"));
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                let path = world.path(&format!("keys/{file}"));
                let mode = fs::metadata(path).expect("a file").permissions().mode() & 0o777;
                let expected = if file.ends_with("pub.pem") {
                    0o644
                } else {
                    0o600
                };
                assert_eq!(mode, expected, "{file}");
            }
            if !file.ends_with("pub.pem") {
                let secret = content.lines().find(|line| !line.starts_with("---"));
                world.keep_secret(secret.expect("a secret"));
            }
        }
        world.file("bundle.json", unsigned());
        let key = format!("keys/{}", files[0]);
        let run = world.run(&["sign", "bundle.json", "--keys", &key, "--at", AT]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let key = format!("keys/{}", files[files.len() - 1]);
        world.expect(&["bundle.json", "--keys", &key, "--at", AT], 0, None);
    }
}

#[test]
fn a_key_is_never_made_over_a_file() {
    let world = World::new();
    let before = world.read("keys/ci.hmac");
    let run = world.run(&["sign", "--generate-key", "hmac", "keys/ci"]);
    assert_eq!(run.code, 2);
    assert_eq!(world.read("keys/ci.hmac"), before);

    // The second file of a pair is in the way: the first is not left behind.
    world.file("keys/pair.pub.pem", "something");
    let run = world.run(&["sign", "--generate-key", "ed25519", "keys/pair"]);
    assert_eq!(run.code, 2);
    assert_eq!(world.read("keys/pair.pub.pem"), "something");
    assert!(!world.path("keys/pair.key.pem").exists());
    let left = fs::read_dir(world.path("keys")).expect("keys").count();
    assert_eq!(left, 4);
}

#[test]
fn a_key_needs_a_kind_a_name_and_a_directory() {
    let world = World::new();
    for arguments in [
        &["sign", "--generate-key", "rsa", "keys/x"][..],
        &["sign", "--generate-key", "hmac"],
        &["sign", "--generate-key", "hmac", "absent/x"],
        &["sign", "--generate-key", "hmac", ".."],
    ] {
        let run = world.run(arguments);
        assert_eq!(run.code, 2, "{arguments:?}");
        assert!(run.stderr.contains("error:"), "{}", run.stderr);
    }
}

/// During a rotation the old and the new key verify; afterwards only the new one does.
#[test]
fn rotation_is_two_files() {
    let mut world = World::new();
    let new = "a newer secret that is long enough as well";
    world.keep_secret(new);
    world.key("ci-2026.hmac", new);
    let sign = |key: &str| {
        world.file("bundle.json", unsigned());
        let run = world.run(&["sign", "bundle.json", "--secret-file", key, "--at", AT]);
        assert_eq!(run.code, 0, "{}", run.stderr);
    };
    for key in ["keys/ci.hmac", "keys/ci-2026.hmac"] {
        sign(key);
        world.expect(&["bundle.json", "--keys", "keys", "--at", AT], 0, None);
    }
    fs::remove_file(world.path("keys/ci.hmac")).expect("removes");
    world.expect(&["bundle.json", "--keys", "keys", "--at", AT], 0, None);
}

#[test]
fn a_second_approval_keeps_the_first() {
    let world = World::new();
    world.file("bundle.json", unsigned());
    let sign = |key| {
        let run = world.run(&[
            "sign",
            "bundle.json",
            "--keys",
            "keys",
            "--key",
            key,
            "--at",
            AT,
        ]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        run
    };
    let both = [
        "bundle.json",
        "--keys",
        "keys",
        "--threshold",
        "2",
        "--at",
        AT,
    ];
    sign("reviewer");
    world.expect(&both, 1, Some("threshold_unmet"));
    sign("ci");
    world.expect(&both, 0, None);
    let signed = world.read("bundle.json");
    sign("reviewer");
    assert_eq!(
        world.read("bundle.json"),
        signed,
        "signing again changes nothing"
    );

    // A change makes the other's signature worthless, and says so.
    let run = world.run(&[
        "sign",
        "bundle.json",
        "--keys",
        "keys",
        "--key",
        "ci",
        "--bump-revision",
        "--at",
        AT,
    ]);
    assert!(
        run.stderr
            .contains("the signatures of `reviewer` were dropped"),
        "{}",
        run.stderr
    );
    world.expect(&both, 1, Some("threshold_unmet"));
    world.expect(&both[..3], 1, Some("expired"));
}

#[test]
fn signatures_beside_the_file_are_found_and_added_to() {
    let world = World::new();
    world.file("bundle.json", unsigned());
    for key in ["ci", "reviewer"] {
        let run = world.run(&[
            "sign",
            "bundle.json",
            "--keys",
            "keys",
            "--key",
            key,
            "--detached",
            "--at",
            AT,
        ]);
        assert_eq!(run.code, 0, "{}", run.stderr);
    }
    assert_eq!(
        world.read("bundle.json"),
        unsigned(),
        "the file stays as it was"
    );
    let verify = [
        "bundle.json",
        "--keys",
        "keys",
        "--threshold",
        "2",
        "--at",
        AT,
    ];
    world.expect(&verify, 0, None);
    let again = world.run(&[
        "sign",
        "bundle.json",
        "--keys",
        "keys",
        "--detached",
        "--check",
        "--at",
        AT,
    ]);
    assert_eq!(again.code, 0, "{}", again.stdout);
    world.file("bundle.json", unsigned().replace("  ", " "));
    world.expect(&verify, 1, Some("signature_invalid"));
    let check = world.run(&[
        "sign",
        "bundle.json",
        "--keys",
        "keys",
        "--detached",
        "--check",
        "--at",
        AT,
    ]);
    assert_eq!(check.code, 1, "{}", check.stdout);
}

#[test]
fn secrets_come_from_a_file_a_stream_or_a_variable() {
    let world = World::new();
    let secret = super::world::SECRET;
    let sign = ["sign", "bundle.json", "--at", AT];
    let verify = ["verify", "bundle.json", "--at", AT];
    let mut signatures = Vec::new();
    for (arguments, variables, input) in [
        (&["--secret-file", "keys/ci.hmac"][..], &[][..], ""),
        (&["--secret-file", "-"], &[], &*format!("{secret}\n")),
        (&["--secret-file", "-"], &[], secret),
        (&[], &[("AGENT_SPM_SECRET", secret)], ""),
        (
            &["--secret-env", "POLICY_SECRET"],
            &[("POLICY_SECRET", secret)],
            "",
        ),
        // What is given wins over what is lying around.
        (
            &["--secret-file", "keys/ci.hmac"],
            &[("AGENT_SPM_SECRET", "of another project")],
            "",
        ),
    ] {
        world.file("bundle.json", unsigned());
        for command in [&sign[..], &verify] {
            let run = world.run_with(&[command, arguments].concat(), variables, input);
            assert_eq!(run.code, 0, "{arguments:?}: {}{}", run.stdout, run.stderr);
        }
        signatures.push(world.read("bundle.json"));
    }
    signatures.dedup();
    assert_eq!(signatures.len(), 1, "the secret is the same");
}
