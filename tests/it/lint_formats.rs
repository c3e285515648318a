//! Every format of findings: well formed whatever the documents say, and nothing in them acts.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use agent_spm::document::Limits;
use agent_spm::lint::{
    self, Baseline, Beside, Examined, Input, LoadedSettings, Options, Undecided,
};
use agent_spm::report::findings::{self, Findings, PassedOver};
use agent_spm::report::problems::Style;
use agent_spm::report::{compact, github, json, junit, lint as report, markdown, marked, sarif};
use agent_spm::time::Timestamp;
use jsonschema::Validator;
use serde_json::Value;

/// Text that would act if it were not escaped: on a terminal, in a log of GitHub, in Markdown, in
/// HTML and XML.
const HOSTILE: [&str; 12] = [
    "\u{202E}txt.exe\u{2066}\u{200B}\u{E0041}",
    "\u{1B}[31mred\u{1B}]8;;http://evil\u{7}\u{9B}31m",
    "\n::error::injected\r\n::set-output name=x::y",
    "%0A::warning::x",
    "| a | b |\n| - | - |",
    "[link](http://evil.example) ![i](http://evil.example/i.png) <!-- x",
    "www.evil.example http://evil.example https://evil.example",
    "@octocat #1 @org/team",
    "<script>alert(1)</script><img src=x onerror=y>",
    "]]>&quot;&#0;<failure>",
    "`code` **bold** ~~x~~ <br> \\",
    "\u{0}\u{8}\u{B}\u{FFFD}{0} {1}",
];

pub(crate) const CONTROLS: [char; 8] = [
    '\u{202E}',
    '\u{2066}',
    '\u{200B}',
    '\u{E0041}',
    '\u{1B}',
    '\u{9B}',
    '\u{0}',
    '\u{B}',
];

fn options() -> Options {
    Options {
        at: Timestamp::parse(b"2026-06-01T00:00:00Z").expect("a time"),
        expiry_warning: Duration::from_secs(14 * 24 * 3600),
        undecided: Undecided::Noted,
        keys: None,
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("JSON")
}

/// A bundle in which hostile text is everywhere where findings repeat what the document says.
fn bundle(hostile: &str) -> String {
    let text = quoted(hostile);
    format!(
        r#"{{"version": "1", "generated_at": "2026-05-01T00:00:00Z", "expires_at": "2027-07-01T00:00:00Z",
        "rules": [
          {{"id": {text}, "description": "d", "match": {{"tool_name": ["a*", {text}], "environment": {text}}}, "outcome": "REQUIRE_APPROVAL"}},
          {{"id": {text}, "description": "d", "match": {{"tool_name": "x", "environment": "*", {text}: 1}}, "outcome": {text}}},
          {{"id": "R", "description": "d", "match": {{"tool_name": "x", "environment": "*"}}, "when": {{"matches_regex": {open}}}, "outcome": "DENY"}}
        ], "defaults": {{"outcome": "ALLOW"}}}}"#,
        open = quoted(&format!("({hostile}")),
    )
}

fn subject(name: &str, text: &str) -> lint::Subject {
    let input = Input {
        bytes: text.as_bytes(),
        name,
        limits: Limits::default(),
        beside: Beside::Nothing,
    };
    match lint::examine(input) {
        Examined::Document(subject) => *subject,
        other => panic!("{other:?}"),
    }
}

fn settings() -> LoadedSettings {
    let text = "lint:\n  severity: { unsigned: error }\n  suppress:\n    - { lint: lives-too-long, reason: 'a | [b](c) <i>', until: \"2026-12-31\" }\n    - { lint: literal-star, reason: old, until: \"2026-01-31\" }\n";
    LoadedSettings::load(text.as_bytes(), ".agent-spm.yaml", Limits::default()).expect("settings")
}

/// Findings about a bundle with hostile text, in a file with a hostile name, with everything that
/// can be said about findings.
fn hostile(text: &str, name: &str) -> Findings {
    let subjects = [
        subject(name, &bundle(text)),
        subject("clean.yaml", &bundle("x")),
    ];
    let settings = settings();
    let first = lint::treat(
        &subjects,
        lint::run(&subjects, &options()),
        Some(&settings),
        None,
        &options(),
    );
    // What the first half of the findings is known from, and something that is not there any more.
    let [mine, others] = first.documents.as_slice() else {
        panic!("two documents");
    };
    let known = mine.iter().take(2).map(|treated| (name, treated));
    let gone = others.iter().map(|treated| (name, treated));
    let baseline = Baseline::of(known.chain(gone.skip(3)));
    let treatment = lint::treat(
        &subjects,
        lint::run(&subjects, &options()),
        Some(&settings),
        Some(&baseline),
        &options(),
    );
    let mut files = findings::of_documents(&subjects, treatment.documents);
    files.push(findings::of_settings(
        &settings.document,
        treatment.settings,
    ));
    let broken = Input {
        bytes: b"{\"rules\": [",
        name,
        limits: Limits::default(),
        beside: Beside::Nothing,
    };
    match lint::examine(broken) {
        Examined::Broken(error) => files.push(findings::of_broken(error)),
        other => panic!("{other:?}"),
    }
    Findings {
        files,
        passed_over: vec![PassedOver {
            file: name.to_owned(),
            reason: text.to_owned(),
        }],
        absent: treatment.absent,
        fixed: Vec::new(),
    }
}

fn each(mut check: impl FnMut(&str, &Findings)) {
    for text in HOSTILE {
        for name in ["policies/a b.json".to_owned(), format!("{text}.json")] {
            check(text, &hostile(text, &name));
        }
    }
}

fn no_controls(text: &str, shown: &str) {
    for control in CONTROLS {
        assert!(
            !shown.contains(control),
            "{text:?} gives {control:?}:\n{shown}"
        );
    }
}

#[test]
fn people_see_hostile_text_and_nothing_acts() {
    each(|text, findings| {
        let shown = marked::render(findings, Style::Plain, 100);
        no_controls(text, &shown);
        assert!(shown.contains("Findings in 4 files"), "{shown}");
        let shown = compact::render(findings);
        no_controls(text, &shown);
        let counting = findings.all().filter(|(_, shown)| shown.counts()).count();
        assert_eq!(shown.lines().count(), counting + 1, "{shown}");
    });
}

#[test]
fn no_text_from_a_document_is_a_workflow_command() {
    each(|text, findings| {
        let shown = github::render(&github::of_findings(findings));
        no_controls(text, &shown);
        let counting = findings.all().filter(|(_, shown)| shown.counts()).count();
        assert_eq!(shown.lines().count(), counting, "{shown}");
        for line in shown.lines() {
            let command = line.split(' ').next();
            assert!(
                matches!(command, Some("::error" | "::warning" | "::notice")),
                "{line}"
            );
        }
    });
}

#[test]
fn junit_is_well_formed_and_as_many_as_it_says() {
    each(|text, findings| {
        let xml = junit::render(findings);
        no_controls(text, &xml);
        let events = xml_elements(&xml);
        let count = |name: &str| events.iter().filter(|event| *event == name).count();
        assert_eq!(count("testcase"), findings.all().count(), "{xml}");
        let skipped = findings.all().filter(|(_, shown)| !shown.counts()).count();
        assert_eq!(count("skipped"), skipped, "{xml}");
        assert_eq!(count("failure"), findings.all().count() - skipped, "{xml}");
        assert_eq!(count("testsuite"), findings.files.len());
        for name in &events {
            assert!(
                ["testsuites", "testsuite", "testcase", "failure", "skipped"]
                    .contains(&name.as_str()),
                "{name}"
            );
        }
    });
}

/// The names of the elements of an XML document, by a reader that knows only what JUnit needs and
/// refuses everything else.
pub(crate) fn xml_elements(xml: &str) -> Vec<String> {
    let allowed = |c: char| matches!(c, '\t' | '\n' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
    assert!(xml.chars().all(allowed), "{xml:?}");
    let mut rest = xml
        .strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        .expect("a declaration");
    let (mut names, mut open) = (Vec::new(), Vec::new());
    while let Some((text, after)) = rest.split_once('<') {
        references(text);
        let (tag, after) = after.split_once('>').expect("a tag ends");
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
            continue;
        }
        let (tag, is_empty) = match tag.strip_suffix('/') {
            Some(tag) => (tag, true),
            None => (tag, false),
        };
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let parts: Vec<&str> = attributes.split('"').collect();
        assert_eq!(parts.len() % 2, 1, "{tag}");
        for value in parts.iter().skip(1).step_by(2) {
            references(value);
            assert!(!value.contains('\n'));
        }
        names.push(name.to_owned());
        if !is_empty {
            open.push(name.to_owned());
        }
    }
    assert_eq!(rest, "\n");
    assert!(open.is_empty());
    names
}

fn references(text: &str) {
    for reference in text.split('&').skip(1) {
        let name = reference.split(';').next();
        assert!(
            matches!(name, Some("amp" | "lt" | "gt" | "quot" | "apos")),
            "{text}"
        );
    }
}

#[test]
fn markdown_is_a_table_and_nothing_else() {
    each(|text, findings| {
        let shown = markdown::render(findings);
        no_controls(text, &shown);
        let rows: Vec<&str> = shown.lines().filter(|line| line.starts_with('|')).collect();
        let counting = findings.all().filter(|(_, shown)| shown.counts()).count();
        assert_eq!(rows.len(), counting + 2, "{shown}");
        for row in rows {
            assert_eq!(row.matches('|').count(), 5, "{row}");
            let bare = row.replace("<!-- -->", "").replace("<br>", "");
            assert!(
                !bare.contains(['<', '>', '[', ']', '(', '`', '@', '\\', '*']),
                "{row}"
            );
            assert!(!bare.contains("://") && !bare.contains("www."), "{row}");
        }
    });
}

pub(crate) fn sarif_validator() -> Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/vectors/sarif/sarif-schema-2.1.0.json");
    let mut schema: Value =
        serde_json::from_slice(&std::fs::read(path).expect("the schema")).expect("JSON");
    // Its pattern for languages has a `]` too many, which the validator does not take for one.
    for definition in ["run", "toolComponent"] {
        let language = format!("/definitions/{definition}/properties/language");
        let language = schema.pointer_mut(&language).and_then(Value::as_object_mut);
        let pattern = language.expect("an object").remove("pattern");
        assert_eq!(
            pattern,
            Some("^[a-zA-Z]{2}|^[a-zA-Z]{2}-[a-zA-Z]{2}]?$".into())
        );
    }
    jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .expect("a schema")
}

#[test]
fn sarif_is_by_the_schema_of_the_standard() {
    let validator = sarif_validator();
    each(|text, findings| {
        let log = sarif::log(findings);
        let errors: Vec<String> = validator
            .iter_errors(&log)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{text:?}: {errors:#?}");
        let run = &log["runs"][0];
        let results = run["results"].as_array().expect("results");
        assert_eq!(
            results.len(),
            findings.all().count() + findings.absent.len()
        );
        let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
        let mut states = Vec::new();
        for result in results {
            if let Some(index) = result["ruleIndex"].as_u64() {
                assert_eq!(rules[index as usize]["id"], result["ruleId"]);
            }
            states.extend(result["baselineState"].as_str());
            let message = result["message"]["text"].as_str().expect("a message");
            no_controls(text, message);
            assert!(
                !message.contains("](") && !message.contains('\n'),
                "{message}"
            );
        }
        for state in ["new", "unchanged", "absent"] {
            assert!(states.contains(&state), "{state}");
        }
        let suppressed = results
            .iter()
            .filter(|result| result.get("suppressions").is_some());
        assert!(suppressed.count() >= 1);
    });
}

#[test]
fn a_schema_of_the_standard_can_refuse() {
    let validator = sarif_validator();
    let mut log = sarif::log(&hostile("x", "x.json"));
    assert!(validator.is_valid(&log));
    log["runs"][0]["results"][0]["level"] = "notice".into();
    assert!(!validator.is_valid(&log));
}

#[test]
fn json_has_the_members_that_are_promised() {
    each(|_, findings| {
        let text = json::render(&report::report(findings, Vec::new())).expect("JSON");
        let value: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(value["schema"], "agent-spm/lint/1");
        let all = value["findings"].as_array().expect("findings");
        assert_eq!(all.len(), findings.all().count());
        for finding in all {
            for member in [
                "id", "severity", "file", "line", "column", "route", "message", "related",
            ] {
                assert!(finding.get(member).is_some(), "{member}: {finding}");
            }
        }
        let settings = all
            .iter()
            .find(|finding| finding["file"] == ".agent-spm.yaml");
        assert_eq!(settings.expect("one")["id"], "expired-suppression");
        let signed = all.iter().find(|finding| finding["id"] == "unsigned");
        assert_eq!(signed.expect("one")["severity"], "error");
    });
}

#[test]
fn fingerprints_stay_when_lines_and_rules_move() {
    let text = "version: \"1\"\ngenerated_at: \"2026-05-01T00:00:00Z\"\nexpires_at: \"2026-07-01T00:00:00Z\"\nrules:\n  - id: A\n    description: d\n    match: { tool_name: x, environment: prod }\n    outcome: REQUIRE_APPROVAL\ndefaults: { outcome: ALLOW }\n";
    let before = "rules:\n";
    let moved = text
        .replace(before, "# a comment\n\nrules:\n  - id: B\n    description: d\n    match: { tool_name: z, environment: prod }\n    outcome: DENY\n")
        .replace("outcome: ALLOW", "outcome:   STEP_UP");
    let fingerprints = |text: &str| {
        let subjects = [subject("a.yaml", text)];
        let found = lint::run(&subjects, &options());
        let treatment = lint::treat(&subjects, found, None, None, &options());
        let treated = treatment.documents.into_iter().flatten();
        let mut all: Vec<(&str, String)> = treated
            .map(|treated| (treated.finding.id, treated.identity.fingerprint))
            .collect();
        all.sort();
        all
    };
    assert_eq!(fingerprints(text).len(), 3);
    assert_eq!(fingerprints(text), fingerprints(&moved));
    assert_ne!(
        fingerprints(text),
        fingerprints(&text.replace("id: A", "id: C"))
    );
}

/// A thousand findings of one kind are a page, not a book: the first are shown, the others counted,
/// and programs still get all of them.
#[test]
fn a_thousand_findings_stay_readable() {
    let rule = |number: usize| {
        format!(
            r#"{{"id": "R{number}", "description": "d", "match": {{"tool_name": ["t{number}*"], "environment": "prod"}}, "outcome": "DENY"}}"#
        )
    };
    let rules: Vec<String> = (0..1000).map(rule).collect();
    let text = format!(
        r#"{{"version": "1", "generated_at": "2026-05-01T00:00:00Z", "expires_at": "2026-07-01T00:00:00Z", "rules": [
{}], "defaults": {{"outcome": "DENY"}}, "signature": "aa"}}"#,
        rules.join(",\n")
    );
    let subjects = vec![subject("many.json", &text)];
    let found = lint::run(&subjects, &options());
    let treatment = lint::treat(&subjects, found, None, None, &options());
    let findings = Findings {
        files: findings::of_documents(&subjects, treatment.documents),
        ..Findings::default()
    };
    let count = findings
        .all()
        .filter(|(_, shown)| shown.id == "literal-star")
        .count();
    assert_eq!(count, 1000);
    let people = marked::render(&findings, Style::Plain, 100);
    assert!(people.lines().count() < 120, "{people}");
    assert!(people.contains("literal-star: 995 more in many.json, on lines 7, 8, "));
    assert!(people.contains("1,000"));
    assert_eq!(
        compact::render(&findings).matches("[literal-star]").count(),
        1000
    );
}

/// An assertion that does not hold is a result at the rule that refutes it.
#[test]
fn a_refuted_assertion_is_sarif() {
    let lint = Command::new(env!("CARGO_BIN_EXE_agent-spm"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["lint", "--format", "sarif", "--assertions"])
        .args([
            "testdata/cli/invariants.yaml",
            "testdata/cli/payments-new.yaml",
        ])
        .output()
        .expect("runs");
    assert_eq!(lint.status.code(), Some(1), "{lint:?}");
    let log: Value = serde_json::from_slice(&lint.stdout).expect("JSON");
    let errors: Vec<String> = sarif_validator()
        .iter_errors(&log)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
    let results = &log["runs"][0]["results"];
    assert_eq!(results.as_array().map(Vec::len), Some(1), "{results}");
    assert_eq!(results[0]["ruleId"], "refuted-assertion");
    let region = &results[0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!(region["startLine"], 11, "{region}");
    assert_eq!(
        results[0]["properties"]["request"]["action"]["tool_name"],
        "trigger_payment"
    );
}
