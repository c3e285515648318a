//! Every fixture of `testdata/documents`, named after its fault, has exactly the problems that
//! `testdata/documents/expected.txt` lists, in that order and at those places.
//!
//! `UPDATE=1 cargo test --test documents` rewrites the table; read the difference.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use agent_spm::canonical;
use agent_spm::document::{self, Format, Limits, LoadError};
use agent_spm::model::bundle::{ArgumentCondition, Bundle, Comparisons, Scalar};

fn directory(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/documents")
        .join(name)
}

fn fixtures(name: &str) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(directory(name))
        .expect("the directory of fixtures")
        .map(|entry| entry.expect("a fixture").path())
        .map(|path| {
            let file = path.file_name().expect("a name").to_string_lossy();
            let bytes = fs::read(&path).expect("a fixture");
            (format!("{name}/{file}"), bytes)
        })
        .collect();
    files.sort();
    files
}

/// One line a problem: place, code, route, message, marked text, help.
fn lines(error: &LoadError) -> String {
    let mut table = String::new();
    for problem in &error.problems {
        let (place, marked) = match &error.source {
            Some(source) => {
                let position = source.position(problem.span.start);
                let marked = source
                    .text()
                    .get(problem.span.start..problem.span.end)
                    .expect("a span lies in the text, between characters");
                (format!("{}:{}", position.line, position.column), marked)
            }
            None => ("-".to_owned(), ""),
        };
        let route = match problem.route.as_str() {
            "" => "(document)",
            route => route,
        };
        writeln!(table, "  {place} {} {route}", problem.code).expect("a string");
        writeln!(table, "    {}", problem.message).expect("a string");
        writeln!(table, "    marked: {}", marked.escape_debug()).expect("a string");
        if let Some(help) = &problem.help {
            writeln!(table, "    help: {help}").expect("a string");
        }
    }
    table
}

fn table() -> String {
    let mut table = String::new();
    for (name, bytes) in fixtures("bundle") {
        let format = Format::of(&name, &bytes);
        writeln!(table, "{name}").expect("a string");
        match Bundle::load(&bytes, &name, format, Limits::default()) {
            Ok(loaded) => writeln!(table, "  loaded {}", loaded.digest()).expect("a string"),
            Err(error) => table.push_str(&lines(&error)),
        }
    }
    for (name, bytes) in fixtures("text") {
        let format = Format::of(&name, &bytes);
        writeln!(table, "{name}").expect("a string");
        match document::parse(&bytes, &name, format, Limits::default()) {
            Ok(document) => {
                let bytes = canonical::to_vec(&document.root).expect("a canonical form");
                let text = String::from_utf8(bytes).expect("UTF-8");
                writeln!(table, "  read {text}").expect("a string");
            }
            Err(error) => table.push_str(&lines(&error)),
        }
    }
    table
}

#[test]
fn every_fixture_has_its_problems() {
    let path = directory("expected.txt");
    let actual = table();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &actual).expect("the table is written");
    }
    let expected = fs::read_to_string(&path).expect("the table");
    for (number, (actual, expected)) in actual.lines().zip(expected.lines()).enumerate() {
        assert_eq!(actual, expected, "line {} of the table", number + 1);
    }
    assert_eq!(actual, expected);
}

/// `null` is a value to compare with where conditions are, and no value at all elsewhere.
#[test]
fn conditions_on_null_are_kept() {
    let bytes = fs::read(directory("bundle").join("valid.json")).expect("a fixture");
    let loaded = Bundle::load(&bytes, "valid.json", Format::Json, Limits::default())
        .expect("a valid bundle");
    let rule = loaded.bundle.rules.first().expect("a rule");
    let conditions = &rule.when.as_ref().expect("conditions").tool_args_match;
    let comparisons = |comparisons: Comparisons| Some(ArgumentCondition::Compare(comparisons));
    let none = Comparisons::default;
    for (key, expected) in [
        ("z", Some(ArgumentCondition::Equals(Scalar::Null))),
        ("b", Some(ArgumentCondition::Equals(Scalar::Bool(false)))),
        (
            "e",
            comparisons(Comparisons {
                eq: Some(Scalar::Null),
                ..none()
            }),
        ),
        (
            "q",
            comparisons(Comparisons {
                neq: Some(Scalar::String("y".to_owned())),
                ..none()
            }),
        ),
        (
            "amount",
            comparisons(Comparisons {
                gt: Some(1.0),
                lte: Some(10.5),
                ..none()
            }),
        ),
    ] {
        assert_eq!(conditions.get(key).cloned(), expected, "{key}");
    }
}

#[test]
fn json_and_yaml_of_one_bundle_have_one_digest() {
    let digests: Vec<String> = fixtures("bundle")
        .into_iter()
        .filter(|(name, _)| name.starts_with("bundle/valid."))
        .map(|(name, bytes)| {
            Bundle::load(&bytes, &name, Format::of(&name, &bytes), Limits::default())
                .expect("a valid bundle")
                .digest()
        })
        .collect();
    let [one, other] = digests.as_slice() else {
        panic!("{digests:?}");
    };
    assert_eq!(one, other);
}

#[test]
fn json_and_yaml_of_one_text_are_one_value() {
    let values: Vec<Vec<u8>> = fixtures("text")
        .into_iter()
        .filter(|(name, _)| name.starts_with("text/valid."))
        .map(|(name, bytes)| {
            let format = Format::of(&name, &bytes);
            let document = document::parse(&bytes, &name, format, Limits::default())
                .expect("a valid document");
            canonical::to_vec(&document.root).expect("a canonical form")
        })
        .collect();
    let [one, other] = values.as_slice() else {
        panic!("{values:?}");
    };
    assert_eq!(one, other);
}

#[test]
fn the_signature_is_not_part_of_the_digest_and_metadata_is() {
    let text =
        String::from_utf8(fs::read(directory("bundle").join("minimal.yaml")).expect("a fixture"))
            .expect("UTF-8");
    let digest = |text: &str| {
        Bundle::load(text.as_bytes(), "x.yaml", Format::Yaml, Limits::default())
            .expect("a valid bundle")
            .digest()
    };
    let plain = digest(&text);
    assert_eq!(digest(&format!("{text}signature: abc\n")), plain);
    assert_ne!(digest(&format!("{text}metadata: {{}}\n")), plain);
    // Only the top-level signature is left out.
    assert_ne!(
        digest(&format!("{text}metadata: {{signature: a}}\n")),
        digest(&format!("{text}metadata: {{signature: b}}\n"))
    );
}

#[test]
fn limits_are_the_callers() {
    let bundle = |rules: usize| {
        let rules: Vec<String> = (0..rules)
            .map(|number| {
                format!(
                    r#"{{"id":"R{number}","description":"","match":{{"tool_name":"*","environment":"*"}},"outcome":"DENY"}}"#
                )
            })
            .collect();
        format!(
            r#"{{"version":"1","generated_at":"2026-01-01T00:00:00Z","expires_at":"2027-01-01T00:00:00Z","rules":[{}],"defaults":{{"outcome":"DENY"}}}}"#,
            rules.join(",")
        )
    };
    let codes = |text: &str, limits: Limits| -> Vec<&'static str> {
        match Bundle::load(text.as_bytes(), "x.json", Format::Json, limits) {
            Ok(_) => Vec::new(),
            Err(error) => error.problems.iter().map(|problem| problem.code).collect(),
        }
    };
    let limits = Limits::default();
    assert_eq!(codes(&bundle(1000), limits), [""; 0]);
    assert_eq!(codes(&bundle(1001), limits), ["too-many-rules"]);
    let raised = Limits {
        rules: 1001,
        ..limits
    };
    assert_eq!(codes(&bundle(1001), raised), [""; 0]);

    let text = bundle(1);
    let exact = Limits {
        bytes: text.len(),
        ..limits
    };
    assert_eq!(codes(&text, exact), [""; 0]);
    let less = Limits {
        bytes: text.len() - 1,
        ..limits
    };
    assert_eq!(codes(&text, less), ["too-large"]);

    for (format, text) in [
        (Format::Json, "[".repeat(21) + &"]".repeat(21)),
        (Format::Yaml, "- ".repeat(21) + "1"),
    ] {
        for (depth, accepted) in [(20, false), (21, true)] {
            let limits = Limits { depth, ..limits };
            let read = document::parse(text.as_bytes(), "x", format, limits);
            assert_eq!(read.is_ok(), accepted, "{format:?} {depth}");
        }
    }
    // A limit beyond what the parsers can take is cut off, not handed to them.
    let endless = Limits {
        depth: usize::MAX,
        ..limits
    };
    for (format, text) in [
        (Format::Json, "[".repeat(500_000)),
        (Format::Yaml, "[".repeat(500_000)),
        (Format::Yaml, "- ".repeat(500_000)),
    ] {
        let error = document::parse(text.as_bytes(), "x", format, endless).expect_err("too deep");
        let codes: Vec<_> = error.problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, ["too-deep"]);
    }
}

#[test]
fn a_flood_of_problems_is_cut_off() {
    let text = format!("[{}]", vec!["1e999"; 100_000].join(","));
    let error = document::parse(text.as_bytes(), "x.json", Format::Json, Limits::default())
        .expect_err("numbers beyond the range");
    let last = error.problems.last().expect("a problem");
    assert_eq!(last.code, "more-problems");
    assert_eq!(last.message, "90000 more problems are not listed");
}

#[test]
fn the_format_goes_by_name_then_by_content() {
    for (name, bytes, format) in [
        ("a.json", "a: 1", Format::Json),
        ("a.JSON", "a: 1", Format::Json),
        ("a.yaml", "{}", Format::Yaml),
        ("a.yml", "{}", Format::Yaml),
        ("-", " \n{}", Format::Json),
        ("-", "[]", Format::Json),
        ("-", "a: 1", Format::Yaml),
        ("bundle", "{}", Format::Json),
    ] {
        assert_eq!(Format::of(name, bytes.as_bytes()), format, "{name} {bytes}");
    }
}
