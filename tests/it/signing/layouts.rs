//! Signing in place: `testdata/signing/layouts` holds files before and after. What is not the line
//! of the signature, a date or the revision stays byte for byte. `UPDATE=1` rewrites the results.

use std::fs;
use std::path::Path;
use std::time::Duration;

use agent_spm::document::Format;
use agent_spm::signing::sign::{self, Form, Order, Revision};

use super::bits::{at, input, keys};
use super::world::{AT, World, testdata, unsigned};

fn sign(text: &str, format: Format, form: Form) -> String {
    let keys = keys();
    let order = Order {
        keys: &[keys.get("ci").expect("a key")],
        form,
        at: at(),
        lifetime: Some(Duration::from_secs(90 * 86_400)),
        revision: Revision::Bumped,
    };
    let signed = sign::bundle(input(text.as_bytes(), format), None, &order);
    signed.expect("it is signed").text
}

fn format(path: &Path) -> Format {
    Format::of(&path.display().to_string(), b"")
}

fn befores() -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(testdata("layouts")).expect("fixtures");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.retain(|path| path.display().to_string().contains(".before."));
    paths.sort();
    assert_eq!(paths.len(), 22);
    paths
}

#[test]
fn only_the_lines_of_the_signature_and_what_was_asked_for_change() {
    for path in befores() {
        let before = fs::read_to_string(&path).expect("a file");
        let after_path = path.display().to_string().replace(".before.", ".after.");
        let signed = sign(&before, format(&path), Form::Plain);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&after_path, &signed).expect("writes");
            continue;
        }
        let after = fs::read_to_string(&after_path).expect("a file");
        assert_eq!(signed, after, "{}", path.display());

        let windows = |text: &str| text.replace('\n', "\r\n");
        let signed = sign(&windows(&before), format(&path), Form::Plain);
        assert_eq!(signed, windows(&after), "{} with CRLF", path.display());

        // A block scalar without the last line end is another text.
        let Some(cut) = before
            .strip_suffix('\n')
            .filter(|_| !before.contains(": |"))
        else {
            continue;
        };
        let signed = sign(cut, format(&path), Form::Plain);
        let expected = after.strip_suffix('\n').expect("a line end");
        assert_eq!(
            signed,
            expected,
            "{} without the last line end",
            path.display()
        );
    }
}

/// Without anything else to set, signing puts one text into the file or replaces one by another,
/// and both are about the signature alone.
#[test]
fn one_place_of_the_file_changes() {
    let keys = keys();
    for path in befores() {
        let before = fs::read_to_string(&path).expect("a file");
        for form in [Form::Plain, Form::Keyed] {
            let key = keys.get("reviewer").filter(|_| form == Form::Keyed);
            let key = key.or(keys.get("ci")).expect("a key");
            let after = super::bits::signed(&before, format(&path), &[key], form).text;
            let same = |(one, other): &(u8, u8)| one == other;
            let start = before.bytes().zip(after.bytes()).take_while(same).count();
            let ends = before.bytes().rev().zip(after.bytes().rev());
            let end = ends.take_while(same).count().min(before.len() - start);
            let (gone, new) = (
                &before[start..before.len() - end],
                &after[start..after.len() - end],
            );
            let name = path.display();
            if before.contains("signature:") || before.contains("signature\"") {
                let keys = [
                    "version",
                    "generated",
                    "expires",
                    "rules",
                    "defaults",
                    "metadata",
                ];
                for text in [gone, new] {
                    assert!(!keys.iter().any(|key| text.contains(key)), "{name}: {text}");
                }
            } else {
                assert_eq!(gone, "", "{name}");
                assert_eq!(new.matches("signature").count(), 1, "{name}: {new}");
            }
        }
    }
}

#[test]
fn what_was_signed_in_place_is_verified_and_stays_so() {
    for path in befores() {
        let world = World::new();
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        world.file(&name, fs::read(&path).expect("a file"));
        let run = world.run(&["sign", &name, "--keys", "keys", "--at", AT, "--check"]);
        assert_eq!(run.code, 1, "{name}: {}", run.stderr);
        assert_eq!(
            world.read(&name),
            fs::read_to_string(&path).expect("a file")
        );
        for _ in 0..2 {
            let run = world.run(&["sign", &name, "--keys", "keys", "--at", AT]);
            assert_eq!(run.code, 0, "{name}: {}", run.stderr);
            world.expect(
                &[&name, "--keys", "keys", "--threshold", "2", "--at", AT],
                0,
                None,
            );
        }
        let run = world.run(&["sign", &name, "--keys", "keys", "--at", AT, "--check"]);
        assert_eq!(run.code, 0, "{name}: {}", run.stdout);
    }
}

#[test]
fn dates_and_revision_are_set_when_asked_for() {
    let world = World::new();
    world.file("bundle.json", unsigned());
    let sign = [
        "sign",
        "bundle.json",
        "--secret-file",
        "keys/ci.hmac",
        "--at",
        AT,
    ];
    assert_eq!(world.run(&sign).code, 0);
    let text = world.read("bundle.json");
    assert!(text.contains("\"revision\": 7") && text.contains("2026-04-01T00:00:00Z"));
    let renew = [
        &sign[..],
        &["--expires-in", "90d", "--bump-revision", "--format", "json"],
    ]
    .concat();
    let report = world.run(&renew).report();
    let result = &report["results"][0];
    assert_eq!(report["schema"], "agent-spm/sign/1");
    assert_eq!(result["expires_at"], "2026-05-02T00:00:00Z");
    assert_eq!(
        (&result["revision"], &result["changed"]),
        (&8.into(), &true.into())
    );
    let text = world.read("bundle.json");
    assert!(text.contains("\"revision\": 8"), "{text}");
    assert!(
        text.contains("\"generated_at\": \"2026-02-01T00:00:00Z\""),
        "{text}"
    );
    world.expect(&["bundle.json", "--keys", "keys", "--at", AT], 0, None);
    for length in ["0d", "90", "1y", "-1d", "9999999w"] {
        let run = world.run(&[&sign[..], &["--expires-in", length]].concat());
        assert_eq!(run.code, 2, "{length}");
    }
}

#[test]
fn a_revision_at_its_end_cannot_grow() {
    let world = World::new();
    world.file(
        "bundle.json",
        unsigned().replace("\"revision\": 7", "\"revision\": 9007199254740991"),
    );
    let run = world.run(&[
        "sign",
        "bundle.json",
        "--keys",
        "keys",
        "--at",
        AT,
        "--bump-revision",
    ]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    let nearly = unsigned().replace("\"revision\": 7", "\"revision\": 9007199254740990");
    let last = sign(&nearly, Format::Json, Form::Plain);
    assert!(last.contains("\"revision\": 9007199254740991"), "{last}");
}

#[test]
fn notes_are_about_what_was_signed() {
    let codes = |text: &str, format, form, revision| {
        let keys = keys();
        let order = Order {
            keys: &[keys.get("ci").expect("a key")],
            form,
            at: at(),
            lifetime: None,
            revision,
        };
        let signed = sign::bundle(input(text.as_bytes(), format), None, &order);
        let signed = signed.expect("it is signed");
        assert_eq!(signed.keyids, ["ci"]);
        let codes: Vec<&str> = signed.notes.iter().map(sign::Note::code).collect();
        (signed.text, codes)
    };
    let (kept, bumped) = (Revision::Kept, Revision::Bumped);
    let none = Vec::<&str>::new();
    let (signed, notes) = codes(&unsigned(), Format::Json, Form::Plain, kept);
    assert_eq!(notes, none);
    // JSON is YAML: comments and layout of YAML are not signed.
    let (_, notes) = codes(&unsigned(), Format::Yaml, Form::Plain, kept);
    assert_eq!(notes, ["layout_not_covered"]);
    for format in [Format::Json, Format::Yaml] {
        let (_, notes) = codes(&unsigned(), format, Form::Shallow, kept);
        assert_eq!(notes, ["signature_shallow"]);
    }
    // The signature in the document is that of what it was.
    let (_, notes) = codes(&signed, Format::Json, Form::Detached, kept);
    assert_eq!(notes, none);
    let (_, notes) = codes(&signed, Format::Json, Form::Detached, bumped);
    assert_eq!(notes, ["signature_stale"]);
    let (_, notes) = codes(&unsigned(), Format::Json, Form::Detached, bumped);
    assert_eq!(notes, none);
}

#[test]
fn what_is_over_is_not_signed() {
    let world = World::new();
    world.file("bundle.json", unsigned());
    for (at, exit) in [("2026-04-01T00:00:00Z", 1), ("2026-03-31T23:59:59Z", 0)] {
        let run = world.run(&["sign", "bundle.json", "--keys", "keys", "--at", at]);
        assert_eq!(run.code, exit, "{at}: {}", run.stderr);
        assert_eq!(
            run.stderr.contains("(expired)"),
            exit == 1,
            "{}",
            run.stderr
        );
    }
}

#[test]
fn a_shallow_signature_is_made_with_a_warning_and_refused() {
    let world = World::new();
    world.file("bundle.json", unsigned());
    let sign = [
        "sign",
        "bundle.json",
        "--secret-file",
        "keys/ci.hmac",
        "--at",
        AT,
    ];
    let run = world.run(&[&sign[..], &["--scheme", "shallow-0.3"]].concat());
    assert_eq!(run.code, 0);
    assert!(
        run.stderr.contains("anybody can change `defaults.outcome`"),
        "{}",
        run.stderr
    );
    let expected = fs::read_to_string(testdata("attacks/shallow/bundle.json")).expect("a bundle");
    assert_eq!(
        world.read("bundle.json"),
        expected,
        "as runtime 0.3 signs it"
    );
    world.expect(
        &["bundle.json", "--keys", "keys", "--at", AT],
        1,
        Some("signature_shallow"),
    );
    assert_eq!(world.run(&sign).code, 0);
    world.expect(&["bundle.json", "--keys", "keys", "--at", AT], 0, None);
}

#[cfg(unix)]
#[test]
fn the_mode_of_the_file_is_kept() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new();
    for mode in [0o600, 0o640, 0o664, 0o444] {
        world.file("bundle.json", unsigned());
        let path = world.path("bundle.json");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("sets");
        let run = world.run(&["sign", "bundle.json", "--keys", "keys", "--at", AT]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let found = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(found & 0o777, mode);
        fs::remove_file(path).expect("removes");
    }
}
