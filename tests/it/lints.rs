//! Every lint does what its manual says: its examples and fixtures are linted with all lints.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::time::Duration;

use agent_spm::document::{Format, Limits};
use agent_spm::lint::{
    self, Beside, Content, Examined, Example, Input, LINTS, LoadedSettings, Manual, Options,
    PROBLEMS, Severity, Subject, Treated, Treatment, Undecided,
};
use agent_spm::signing::keys::KeySet;
use agent_spm::time::Timestamp;

/// The present of all examples and fixtures.
const NOW: &str = "2026-06-01T00:00:00Z";

/// What the example of a signature that covers next to nothing is signed with.
const SECRET: &str = "the secret of the examples, 0123456789";

fn options() -> Options {
    let mut keys = KeySet::default();
    keys.read_secret_stream("examples", SECRET.as_bytes(), Path::new("examples"))
        .expect("a secret");
    Options {
        at: Timestamp::parse(NOW.as_bytes()).expect("a time"),
        expiry_warning: Duration::from_secs(14 * 24 * 3600),
        undecided: Undecided::Noted,
        keys: Some(Rc::new(keys)),
    }
}

fn examined(name: &str, text: &str) -> Examined {
    lint::examine(Input {
        bytes: text.as_bytes(),
        name,
        limits: Limits::default(),
        beside: Beside::Nothing,
    })
}

fn subject(name: &str, text: &str) -> Subject {
    match examined(name, text) {
        Examined::Document(subject) => *subject,
        other => panic!("{name}: {other:?}"),
    }
}

/// `id route: message` of everything that is found in documents linted together, under the
/// settings among them.
fn found(documents: &[(String, String)]) -> Vec<(&'static str, String)> {
    let is_settings = |text: &str| text.starts_with("lint:");
    let subjects: Vec<Subject> = documents
        .iter()
        .filter(|(_, text)| !is_settings(text))
        .map(|(name, text)| subject(name, text))
        .collect();
    let mut subjects = subjects;
    for subject in &mut subjects {
        let Content::Pipeline(pipeline) = &mut subject.content else {
            continue;
        };
        for file in pipeline.named_files() {
            let found = documents.iter().find(|(name, _)| *name == file.path);
            let found = found.map(|(name, text)| examined(name, text));
            pipeline.take(
                &file,
                found.ok_or_else(|| format!("`{}` does not exist", file.path)),
            );
        }
    }
    let settings = documents.iter().find(|(_, text)| is_settings(text));
    let settings = settings.map(|(name, text)| {
        LoadedSettings::load(text.as_bytes(), name, Limits::default()).expect("settings")
    });
    let found = lint::run(&subjects, &options());
    let treated = |found| lint::treat(&subjects, found, settings.as_ref(), None, &options());
    let treatment = treated(found);
    let for_errors = lint::run_for_errors(&subjects, &options(), settings.as_ref());
    assert_eq!(errors(&treated(for_errors)), errors(&treatment));
    let documents = treatment.documents.into_iter().flatten();
    let all = documents.chain(treatment.settings).filter(Treated::counts);
    all.map(|treated| {
        let finding = &treated.finding;
        let fault = &finding.fault;
        let text = format!("{} {}: {}", finding.id, fault.place.route, fault.message);
        (finding.id, text)
    })
    .collect()
}

/// What is found in documents and matters most.
fn errors(treatment: &Treatment) -> Vec<&Treated> {
    let all = treatment.documents.iter().flatten();
    all.filter(|treated| treated.finding.severity == Severity::Error)
        .collect()
}

#[test]
fn whoever_asks_for_errors_gets_what_the_settings_make_one() {
    let example = |text: &str| Example {
        format: Format::Yaml,
        text: text.to_owned(),
        is_whole: false,
        also: Vec::new(),
    };
    let text = "rules: []\nsignature: null\n";
    let text = example(text).complete().replace("signature: null\n", "");
    let subjects = [subject("bundle.yaml", &text)];
    let found = |level: &str| {
        let text = format!("lint: {{ severity: {{ unsigned: {level} }} }}\n");
        let settings = LoadedSettings::load(text.as_bytes(), "s.yaml", Limits::default());
        let settings = settings.expect("settings");
        let found = lint::run_for_errors(&subjects, &options(), Some(&settings));
        let treatment = lint::treat(&subjects, found, Some(&settings), None, &options());
        errors(&treatment).len()
    };
    assert_eq!((found("error"), found("note")), (1, 0));
}

fn documents(examples: &[Example]) -> Vec<(String, String)> {
    let name = |index: usize, example: &Example| match example.format {
        Format::Json => format!("example-{index}.json"),
        _ => format!("example-{index}.yaml"),
    };
    let numbered = examples.iter().enumerate();
    numbered
        .map(|(index, example)| (name(index, example), example.complete()))
        .collect()
}

#[test]
fn bad_examples_have_their_fault_and_no_other() {
    for lint in LINTS {
        let manual = Manual::parse(lint.manual);
        assert!(!manual.bad.is_empty(), "{}: no bad example", lint.id);
        let found = found(&documents(&manual.bad));
        let ids: BTreeSet<&str> = found.iter().map(|(id, _)| *id).collect();
        let also = manual.bad.iter().flat_map(|example| &example.also);
        let expected: BTreeSet<&str> = also.map(String::as_str).chain([lint.id]).collect();
        assert_eq!(ids, expected, "{}: {found:#?}", lint.id);
    }
}

#[test]
fn good_examples_have_no_fault() {
    for lint in LINTS {
        let manual = Manual::parse(lint.manual);
        assert!(!manual.good.is_empty(), "{}: no good example", lint.id);
        let found = found(&documents(&manual.good));
        assert!(found.is_empty(), "{}: {found:#?}", lint.id);
    }
}

/// Without an example: it would be as long as the limit, or no text.
const WITHOUT_EXAMPLE: [&str; 3] = ["not-utf8", "too-large", "too-many-rules"];

/// What is found in an example of a problem, which may leave no document.
fn problems(example: &Example) -> BTreeSet<&'static str> {
    let documents = documents(std::slice::from_ref(example));
    let (name, text) = documents.first().expect("one");
    if text.starts_with("lint:") {
        let loaded = LoadedSettings::load(text.as_bytes(), name, Limits::default());
        let problems = loaded.err().map_or_else(Vec::new, |error| error.problems);
        return problems.iter().map(|problem| problem.code).collect();
    }
    match examined(name, text) {
        Examined::Broken(error) => error.problems.iter().map(|problem| problem.code).collect(),
        _ => found(&documents).iter().map(|(id, _)| *id).collect(),
    }
}

#[test]
fn examples_of_problems_have_their_problem_and_no_other() {
    let mut wrong = Vec::new();
    for (id, text) in PROBLEMS {
        let manual = Manual::parse(text);
        assert!(!manual.why.is_empty(), "{id}: why");
        let count = usize::from(!WITHOUT_EXAMPLE.contains(id));
        assert_eq!(
            (manual.bad.len(), manual.good.len()),
            (count, count),
            "{id}"
        );
        for bad in &manual.bad {
            let also = bad.also.iter().map(String::as_str);
            let expected: BTreeSet<&str> = also.chain([*id]).collect();
            let found = problems(bad);
            if found != expected {
                wrong.push(format!("{id}: {:?}: {found:?}", bad.text));
            }
        }
        for good in &manual.good {
            let found = problems(good);
            if !found.is_empty() {
                wrong.push(format!("{id}: {:?}: {found:?}", good.text));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn manuals_are_complete() {
    for lint in LINTS {
        let manual = Manual::parse(lint.manual);
        let id = lint.id;
        assert!(!manual.title.is_empty(), "{id}: title");
        assert!(manual.title.len() <= 80, "{id}: {}", manual.title);
        assert!(!manual.why.is_empty(), "{id}: why");
    }
}

/// The fixtures of a lint. What is called `whole…` leaves nothing out.
fn fixtures(id: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/lint")
        .join(id);
    let mut fixtures: Vec<PathBuf> = fs::read_dir(&directory)
        .unwrap_or_else(|error| panic!("{}: {error}", directory.display()))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.file_name().is_some_and(|name| name != "expected.txt"))
        .collect();
    fixtures.sort();
    fixtures
}

/// Each fixture of each lint, alone; a directory is linted together. `expected.txt` lists what is
/// found; `UPDATE=1` rewrites it.
#[test]
fn fixtures_have_the_findings_they_say() {
    for lint in LINTS {
        let mut actual = String::new();
        let mut fires = false;
        for path in fixtures(lint.id) {
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            let files = match path.is_dir() {
                true => {
                    let mut files: Vec<PathBuf> = fs::read_dir(&path)
                        .expect("it is there")
                        .map(|entry| entry.expect("an entry").path())
                        .collect();
                    files.sort();
                    files
                }
                false => vec![path],
            };
            let documents: Vec<(String, String)> = files
                .iter()
                .map(|file| {
                    let name = file
                        .file_name()
                        .expect("a name")
                        .to_string_lossy()
                        .into_owned();
                    let text = fs::read_to_string(file).expect("UTF-8");
                    let format = Format::of(&name, text.as_bytes());
                    let example = Example {
                        format,
                        text,
                        is_whole: name.starts_with("whole"),
                        also: Vec::new(),
                    };
                    (name, example.complete())
                })
                .collect();
            actual.push_str(&format!("{name}\n"));
            for (id, text) in found(&documents) {
                fires |= id == lint.id;
                actual.push_str(&format!("  {text}\n"));
            }
        }
        assert!(fires, "{}: no fixture has it", lint.id);
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("testdata/lint")
            .join(lint.id)
            .join("expected.txt");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &actual).expect("writes");
            continue;
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(actual, expected, "{}; `UPDATE=1` rewrites", path.display());
    }
}

/// Where the documents are that are good examples of something: of a policy, or of what it stops.
const GOOD_EXAMPLES: &[&str] = &[
    "testdata/audit",
    "testdata/cli/first.yaml",
    "testdata/cli/look-around-new.yaml",
    "testdata/cli/payments-new.yaml",
    "testdata/cli/signed.yaml",
    "testdata/demo",
    "testdata/pipeline/valid",
    "testdata/plugins",
    "testdata/threats",
    "testdata/walkthrough",
];

/// What is found in good examples is true: a person has judged each finding, and a new one must be
/// judged before this passes.
#[test]
fn findings_in_good_examples_are_true() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let lint = Command::new(env!("CARGO_BIN_EXE_agent-spm"))
        .current_dir(root)
        .args("lint --at 2026-04-01T00:00:00Z --fail-on note --format compact".split(' '))
        .args(GOOD_EXAMPLES)
        .output()
        .expect("runs");
    let found = String::from_utf8(lint.stdout).expect("UTF-8");
    let found: BTreeSet<String> = found
        .lines()
        .filter(|line| !line.contains("/broken.yaml:") && !line.contains(": not linted: "))
        .map(|line| {
            let (place, rest) = line.split_once(": ").expect("a place");
            let file = place.split(':').next().expect("a file");
            let id = rest.split(['[', ']']).nth(1).expect("a lint");
            format!("{file} {id}")
        })
        .collect();
    let judged = include_str!("../../testdata/judged.txt");
    let judged: BTreeSet<String> = judged
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let (finding, reason) = line.split_once(": ").expect("a reason");
            assert!(!reason.trim().is_empty(), "{line}");
            finding.to_owned()
        })
        .collect();
    let unjudged: Vec<&String> = found.difference(&judged).collect();
    assert_eq!(unjudged, Vec::<&String>::new(), "not judged");
    let missing: Vec<&String> = judged.difference(&found).collect();
    assert_eq!(missing, Vec::<&String>::new(), "not found any more");
}

/// A link in a directory is not followed, and what it leads to is not passed for good.
#[cfg(unix)]
#[test]
fn a_link_in_a_directory_is_no_answer() {
    let place = tempfile::tempdir().expect("a directory");
    let below = place.path().join("policies");
    fs::create_dir(&below).expect("a directory");
    std::os::unix::fs::symlink("../bad.yaml", below.join("bad.yaml")).expect("links");
    std::os::unix::fs::symlink("..", below.join("more")).expect("links");
    let lint = Command::new(env!("CARGO_BIN_EXE_agent-spm"))
        .current_dir(place.path())
        .args(["lint", "policies"])
        .output()
        .expect("runs");
    let shown = String::from_utf8_lossy(&lint.stdout);
    assert_eq!(lint.status.code(), Some(2), "{shown}");
    for name in ["bad.yaml", "more"] {
        let passed_over = format!("`policies/{name}`: no regular file");
        assert!(shown.contains(&passed_over), "{shown}");
    }
}
