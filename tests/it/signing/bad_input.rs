//! What cannot be used: the exit code tells a "no" from no answer, and the message what to do.

use std::fs;

use super::world::{AT, World, testdata, unsigned};

/// No answer, and a message with each of these words and some help.
#[track_caller]
fn no_answer(world: &World, arguments: &[&str], words: &[&str]) {
    for command in ["sign", "verify"] {
        let run = world.run(&[&[command, "bundle.json", "--at", AT], arguments].concat());
        assert_eq!(run.code, 2, "{arguments:?}: {}{}", run.stdout, run.stderr);
        for word in words {
            assert!(run.stderr.contains(word), "{word:?} in {}", run.stderr);
        }
        assert!(run.stderr.contains("help: "), "{}", run.stderr);
        assert_eq!(world.read("bundle.json"), unsigned());
    }
}

#[test]
fn keys_that_cannot_be_used() {
    let world = World::new();
    world.file("bundle.json", unsigned());
    no_answer(&world, &["--keys", "absent"], &["does not exist"]);
    fs::create_dir(world.path("empty")).expect("a directory");
    no_answer(&world, &["--keys", "empty"], &["holds no keys"]);
    world.file("secret", "x");
    no_answer(&world, &["--keys", "secret"], &["does not tell what key"]);
    no_answer(&world, &["--secret-file", "keys"], &["a directory"]);
    fs::create_dir(world.path("dirs")).expect("a directory");
    fs::create_dir(world.path("dirs/x.hmac")).expect("a directory");
    no_answer(&world, &["--keys", "dirs"], &["x.hmac", "a directory"]);
    no_answer(&world, &["--secret-env", "NO_SUCH_VARIABLE"], &["not set"]);
    let large = "x".repeat(65 * 1024);
    world.file("large.hmac", large);
    no_answer(
        &world,
        &["--keys", "large.hmac"],
        &["more than the 65536 bytes"],
    );
}

#[test]
fn keys_of_the_wrong_kind() {
    let world = World::new();
    world.file("bundle.json", unsigned());
    let public = world.read("keys/reviewer.pub.pem");
    let private = world.read("keys/reviewer.key.pem");
    let rsa = fs::read_to_string(testdata("wrong-rsa.pub.pem")).expect("a key");
    for (name, content, words) in [
        (
            "a.hmac",
            public.as_str(),
            ["should hold a shared secret", "`NAME.pub.pem`"],
        ),
        (
            "a.hmac",
            &private,
            ["should hold a shared secret", "`NAME.key.pem`"],
        ),
        (
            "a.pub.pem",
            &private,
            ["a private key, not a public one", "`NAME.key.pem`"],
        ),
        (
            "a.key.pem",
            &public,
            ["a public key, not a private one", "`NAME.pub.pem`"],
        ),
        ("a.pub.pem", "c2VjcmV0", ["no PEM text", "--generate-key"]),
        ("a.pub.pem", &rsa, ["no Ed25519 key", "--generate-key"]),
        (
            "a.pub.pem",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
            ["no Ed25519 key", "--generate-key"],
        ),
    ] {
        world.key(name, content);
        let [wrong, help] = words;
        no_answer(&world, &["--keys", "keys"], &[name, wrong, help]);
        let key = format!("keys/{name}");
        no_answer(&world, &["--keys", &key], &[wrong, help]);
        fs::remove_file(world.path(&format!("keys/{name}"))).expect("removes");
    }
    no_answer(
        &world,
        &["--secret-file", "keys/reviewer.pub.pem"],
        &["a PEM text"],
    );
}

/// A shared secret named like a public key would let everybody sign in its name.
#[test]
fn one_name_is_one_key() {
    let world = World::new();
    world.file("bundle.json", unsigned());
    world.key("reviewer.hmac", "another secret that is long enough, too");
    no_answer(
        &world,
        &["--keys", "keys"],
        &[
            "two different keys are called `reviewer`",
            "rename the file",
        ],
    );
}

#[cfg(unix)]
#[test]
fn an_unreadable_key() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new();
    world.file("bundle.json", unsigned());
    let path = world.path("keys/ci.hmac");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).expect("sets");
    if fs::read(&path).is_ok() {
        // The superuser reads everything; a link to nowhere nobody does.
        fs::remove_file(&path).expect("removes");
        std::os::unix::fs::symlink("nowhere", &path).expect("links");
    }
    let run = world.run(&["verify", "bundle.json", "--keys", "keys"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("ci.hmac"), "{}", run.stderr);
}

/// A secret that others can read is no secret; `verify` can be told to go on.
#[cfg(unix)]
#[test]
fn a_key_that_others_can_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new();
    let set_mode = |name: &str, mode| {
        let permissions = fs::Permissions::from_mode(mode);
        fs::set_permissions(world.path(name), permissions).expect("sets");
    };
    for key in ["keys/ci.hmac", "keys/reviewer.key.pem"] {
        world.file("bundle.json", unsigned());
        let sign = ["sign", "bundle.json", "--keys", key, "--at", AT];
        assert_eq!(world.run(&sign).code, 0);
        let text = world.read("bundle.json");
        set_mode(key, 0o644);
        let run = world.run(&sign);
        assert_eq!(run.code, 1);
        for said in ["key_weak", "chmod 600"] {
            assert!(run.stderr.contains(said), "{}", run.stderr);
        }
        assert_eq!(world.read("bundle.json"), text);
        let verify = ["bundle.json", "--keys", key, "--at", AT];
        world.expect(&verify, 1, Some("key_weak"));
        let allowed = [&verify[..], &["--allow-weak-secret"]].concat();
        world.expect(&allowed, 0, None);
        let report = world.run(&[&["verify", "--format", "json"], &allowed[..]].concat());
        assert_eq!(
            report.report()["results"][0]["notes"][0]["code"],
            "key_weak"
        );
        set_mode(key, 0o600);
    }
    // Who may read a public key matters to nobody.
    set_mode("keys/reviewer.pub.pem", 0o666);
    let public = ["bundle.json", "--keys", "keys/reviewer.pub.pem", "--at", AT];
    world.expect(&public, 0, None);
}

/// Containers mount secrets so that others can read them: noted, not refused.
#[cfg(unix)]
#[test]
fn a_mounted_secret_that_others_can_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new();
    world.file("bundle.json", unsigned());
    world.file("mounted", super::world::SECRET);
    let permissions = fs::Permissions::from_mode(0o444);
    fs::set_permissions(world.path("mounted"), permissions).expect("sets");
    let sign = [
        "sign",
        "bundle.json",
        "--secret-file",
        "mounted",
        "--at",
        AT,
    ];
    let run = world.run(&sign);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stderr.contains("others than the owner"),
        "{}",
        run.stderr
    );
    let verify = ["bundle.json", "--secret-file", "mounted", "--at", AT];
    world.expect(&verify, 0, None);
    let report = world.run(&[&["verify", "--format", "json"], &verify[..]].concat());
    assert_eq!(
        report.report()["results"][0]["notes"][0]["code"],
        "key_weak"
    );
}

#[test]
fn weak_secrets_never_sign() {
    let mut world = World::new();
    world.file("bundle.json", unsigned());
    for (secret, why) in [
        ("", "is empty"),
        ("\n", "is empty"),
        ("hunter2-hunter2", "shorter than 32 bytes"),
        ("0123456789abcdef0123456789abcde\n", "shorter than 32 bytes"),
        ("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "the same"),
        ("0123456789abcdef0123456789abcdef\0", "NUL byte"),
        ("Change-Me-change-me-CHANGE-ME-changeme", "placeholder"),
    ] {
        world.keep_secret(secret);
        world.key("weak.hmac", secret);
        let run = world.run(&[
            "sign",
            "bundle.json",
            "--secret-file",
            "keys/weak.hmac",
            "--at",
            AT,
        ]);
        assert_eq!(run.code, 1, "{secret:?}: {}", run.stderr);
        assert!(run.stderr.contains(why), "{secret:?}: {}", run.stderr);
        assert!(run.stderr.contains("--generate-key hmac"), "{}", run.stderr);
        assert_eq!(world.read("bundle.json"), unsigned());
        let verify = ["bundle.json", "--secret-file", "keys/weak.hmac", "--at", AT];
        world.expect(&verify, 1, Some("signature_missing"));
    }
    let empty = world.run_with(
        &["verify", "bundle.json", "--at", AT],
        &[("AGENT_SPM_SECRET", "")],
        "",
    );
    assert_eq!(empty.code, 1);
}

/// Who takes the secret for its path or the variable's name does not find it in the log.
#[test]
fn a_secret_in_the_wrong_place_is_not_repeated() {
    let world = World::new();
    world.file("bundle.json", unsigned());
    let secret = super::world::SECRET;
    let long = format!("{secret}{}", "x".repeat(300));
    for arguments in [
        &["--secret-file", secret][..],
        &["--secret-file", &long],
        &["--secret-env", secret],
    ] {
        for command in ["sign", "verify"] {
            let run = world.run(&[&[command, "bundle.json"], arguments].concat());
            assert_eq!(run.code, 2);
            assert!(
                run.stderr.contains("not the secret itself"),
                "{}",
                run.stderr
            );
        }
    }
    for argument in ["--secret", "--key-value"] {
        let argument = format!("{argument}={secret}");
        assert_eq!(world.run(&["sign", "bundle.json", &argument]).code, 2);
    }
}

#[test]
fn files_that_cannot_be_used() {
    let world = World::new();
    world.file("broken.json", "{\"version\": }");
    world.file("bundle.json", unsigned());
    let keys = ["--keys", "keys", "--at", AT];
    for (file, code) in [
        ("absent.json", "not-found"),
        ("broken.json", "syntax"),
        ("/etc/passwd", "outside-base-dir"),
        ("../bundle.json", "outside-base-dir"),
    ] {
        world.expect(&[&[file], &keys[..]].concat(), 2, Some(code));
        let run = world.run(&[&["sign", file], &keys[..]].concat());
        assert_eq!(run.code, 2, "{file}");
    }
    world.expect(
        &[&["bundle.json", "--max-bytes", "100"], &keys[..]].concat(),
        2,
        Some("too-large"),
    );
    world.expect(
        &[&["bundle.json", "--max-rules", "1"], &keys[..]].concat(),
        2,
        Some("too-many-rules"),
    );
    let run = world.run(&[&["verify", "-", "--secret-file", "-"], &keys[..]].concat());
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("only once"), "{}", run.stderr);
    let run = world.run(&[&["sign", "-"], &keys[..]].concat());
    assert_eq!(run.code, 2);
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_out_is_not_followed() {
    let world = World::new();
    let outside = tempfile::tempdir().expect("a directory");
    fs::write(outside.path().join("bundle.json"), unsigned()).expect("writes");
    let target = outside.path().join("bundle.json");
    std::os::unix::fs::symlink(&target, world.path("link.json")).expect("links");
    std::os::unix::fs::symlink(outside.path(), world.path("dir")).expect("links");
    for file in ["link.json", "dir/bundle.json", "dir"] {
        world.expect(
            &[file, "--keys", "keys", "--at", AT],
            2,
            Some("outside-base-dir"),
        );
        let run = world.run(&["sign", file, "--keys", "keys", "--at", AT]);
        assert_eq!(run.code, 2, "{file}");
    }
    assert_eq!(fs::read_to_string(target).expect("reads"), unsigned());
    // A link inside is read, but not written through.
    world.file("bundle.json", unsigned());
    std::os::unix::fs::symlink("bundle.json", world.path("alias.json")).expect("links");
    world.expect(
        &["alias.json", "--keys", "keys", "--at", AT],
        1,
        Some("signature_missing"),
    );
    let run = world.run(&["sign", "alias.json", "--keys", "keys", "--at", AT]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert_eq!(world.read("bundle.json"), unsigned());
}

#[test]
fn standard_input_is_verified() {
    let world = World::new();
    let bundle = fs::read_to_string(testdata("attacks/none-plain/bundle.json")).expect("a bundle");
    let arguments = [
        "verify", "-", "--keys", "keys", "--at", AT, "--format", "json",
    ];
    let run = world.run_with(&arguments, &[], &bundle);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(run.report()["results"][0]["file"], "<stdin>");
    let run = world.run_with(&arguments, &[], &unsigned());
    assert_eq!(run.code, 1);
    assert_eq!(run.report()["results"][0]["code"], "signature_missing");
}

/// One that cannot be read leaves no answer; one that is refused makes it a no.
#[test]
fn several_files_have_one_answer() {
    let world = World::new();
    let good = fs::read(testdata("attacks/none-plain/bundle.json")).expect("a bundle");
    world.file("good.json", &good);
    world.file("bad.json", unsigned());
    let verify = |files: &[&str]| {
        let rest = ["--keys", "keys", "--at", AT, "--format", "json"];
        let run = world.run(&[&["verify"], files, &rest[..]].concat());
        let results = run.report()["results"].as_array().expect("results").len();
        assert_eq!(results, files.len());
        run.code
    };
    assert_eq!(verify(&["good.json", "good.json"]), 0);
    assert_eq!(verify(&["good.json", "bad.json"]), 1);
    assert_eq!(verify(&["bad.json", "absent.json", "good.json"]), 2);
}

/// One that cannot be signed leaves all as they are.
#[test]
fn several_files_are_signed_or_none_is() {
    let world = World::new();
    world.file("one.json", unsigned());
    world.file("two.json", unsigned().replace("2026-04-01", "2026-01-02"));
    let sign = ["--secret-file", "keys/ci.hmac", "--at", AT];
    let run = world.run(&[&["sign", "one.json", "two.json"], &sign[..]].concat());
    assert_eq!(run.code, 1);
    assert!(
        run.stderr.contains("`two.json` expired at 2026-01-02"),
        "{}",
        run.stderr
    );
    assert_eq!(world.read("one.json"), unsigned());
    let renewed = [
        &["sign", "one.json", "two.json", "--expires-in", "30d"],
        &sign[..],
    ]
    .concat();
    assert_eq!(world.run(&renewed).code, 0);
    for file in ["one.json", "two.json"] {
        world.expect(&[file, "--keys", "keys", "--at", AT], 0, None);
    }
}

#[test]
fn sign_needs_keys_that_fit_the_scheme() {
    let world = World::new();
    world.file("bundle.json", unsigned());
    for (arguments, words) in [
        (&[][..], "no key to sign with"),
        (&["--keys", "keys/reviewer.pub.pem"], "no key to sign with"),
        (
            &["--keys", "keys", "--key", "absent"],
            "`absent` is not among",
        ),
        (
            &["--keys", "keys", "--scheme", "hmac"],
            "exactly one shared secret",
        ),
        (
            &["--keys", "keys/reviewer.key.pem", "--scheme", "hmac"],
            "exactly one shared secret",
        ),
        (
            &["--keys", "keys/reviewer.pub.pem", "--key", "reviewer"],
            "cannot sign",
        ),
        (
            &["--keys", "keys", "--scheme", "shallow-0.3"],
            "exactly one shared secret",
        ),
    ] {
        let run = world.run(&[&["sign", "bundle.json", "--at", AT], arguments].concat());
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains(words), "{arguments:?}: {}", run.stderr);
        assert_eq!(world.read("bundle.json"), unsigned());
    }
    let run = world.run(&[
        "verify",
        "bundle.json",
        "--keys",
        "keys",
        "--require-key",
        "absent",
    ]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("`absent` is not among"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_is_no_signature_is_said_to_be_none() {
    let world = World::new();
    for signature in ["z".repeat(64), "a".repeat(63)] {
        let unsigned = unsigned();
        let mut bundle: serde_json::Value = serde_json::from_str(&unsigned).expect("JSON");
        bundle["signature"] = signature.into();
        world.file("bundle.json", bundle.to_string());
        let arguments = ["verify", "bundle.json", "--keys", "keys", "--at", AT];
        let run = world.run(&[&arguments[..], &["--format", "json"]].concat());
        assert_eq!(run.code, 1, "{}", run.stderr);
        let result = &run.report()["results"][0];
        assert_eq!(result["code"], "signature_invalid");
        assert_eq!(result["message"], "the text in `signature` is no signature");
    }
}

#[test]
fn there_are_so_many_signatures_and_no_more() {
    let world = World::new();
    world.file("bundle.json", unsigned());
    let sign = ["sign", "bundle.json", "--keys", "keys", "--at", AT];
    assert_eq!(world.run(&sign).code, 0);
    let bundle: serde_json::Value = serde_json::from_str(&world.read("bundle.json")).expect("JSON");
    let most = agent_spm::signing::verify::MAX_SIGNATURES;
    for (count, exit) in [(most, 0), (most + 1, 1)] {
        let mut bundle = bundle.clone();
        let signatures = bundle["signature"].as_array().expect("a list");
        let signatures: Vec<_> = signatures.iter().cycle().take(count).cloned().collect();
        bundle["signature"] = signatures.into();
        world.file("bundle.json", bundle.to_string());
        let code = (exit == 1).then_some("signature_invalid");
        let verify = ["bundle.json", "--keys", "keys", "--at", AT];
        world.expect(&verify, exit, code);
    }
}
