//! Precision and recall of the classifiers on the labelled set in `testdata/classify`.
//!
//! `positive.jsonl` holds values of every kind in the forms their issuers publish, random but for
//! check digits, inside the text that tool calls put around them: `expect` lists kind and value.
//! `negative.jsonl` holds strings of the shapes that recorded calls are full of: paths, hashes,
//! UUIDs, times, code, URLs, JSON, logs, versions, tickets, placeholders.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use agent_spm::classify::{Classifier, CustomPattern, Kind, redacted};
use serde::Deserialize;

#[derive(Deserialize)]
struct Labelled {
    text: String,
    key: Option<String>,
    #[serde(default)]
    expect: Vec<(String, String)>,
}

fn labelled(file: &str) -> Vec<Labelled> {
    let path = format!("{}/testdata/classify/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(path).expect("the fixture exists");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("the fixture is JSON"))
        .collect()
}

type Found = BTreeSet<(String, String)>;

fn classify(classifier: &Classifier, labelled: &Labelled) -> Found {
    let mut found = Found::new();
    let key = labelled.key.as_deref().map(str::as_bytes);
    classifier.classify(labelled.text.as_bytes(), key, &mut |hit| {
        let value = labelled.text[hit.range].to_owned();
        found.insert((hit.kind.name().to_owned(), value));
    });
    found
}

#[derive(Default)]
struct Tally {
    found: u32,
    missed: u32,
    wrong: u32,
}

impl Tally {
    fn precision(&self) -> f64 {
        f64::from(self.found) / f64::from((self.found + self.wrong).max(1))
    }

    fn recall(&self) -> f64 {
        f64::from(self.found) / f64::from((self.found + self.missed).max(1))
    }
}

#[test]
fn precision_and_recall() {
    let classifier = Classifier::new(&[]).unwrap();
    let (positive, negative) = (labelled("positive.jsonl"), labelled("negative.jsonl"));
    assert!(positive.len() >= 300 && negative.len() >= 1000);
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for labelled in positive.iter().chain(&negative) {
        let found = classify(&classifier, labelled);
        let expected: Found = labelled.expect.iter().cloned().collect();
        for (kind, value) in found.union(&expected) {
            let of_kind = tallies.entry(kind.clone()).or_default();
            let entry = (kind.clone(), value.clone());
            match (found.contains(&entry), expected.contains(&entry)) {
                (true, true) => of_kind.found += 1,
                (false, _) => {
                    println!("missed {kind} `{value}` in `{}`", labelled.text);
                    of_kind.missed += 1;
                }
                (true, false) => {
                    println!("wrong {kind} `{value}` in `{}`", labelled.text);
                    of_kind.wrong += 1;
                }
            }
        }
    }
    println!(
        "{:16} {:>5} {:>6} {:>5} {:>9} {:>7}",
        "kind", "found", "missed", "wrong", "precision", "recall"
    );
    let mut low = Vec::new();
    let total = tallies
        .values()
        .fold(Tally::default(), |total, tally| Tally {
            found: total.found + tally.found,
            missed: total.missed + tally.missed,
            wrong: total.wrong + tally.wrong,
        });
    tallies.insert("total".to_owned(), total);
    for (kind, tally) in &tallies {
        let (precision, recall) = (tally.precision(), tally.recall());
        println!(
            "{kind:16} {:5} {:6} {:5} {:8.2}% {:6.2}%",
            tally.found,
            tally.missed,
            tally.wrong,
            100.0 * precision,
            100.0 * recall
        );
        if precision < 0.99 || recall < 0.97 {
            low.push(kind);
        }
    }
    assert!(
        low.is_empty(),
        "below 99 % precision or 97 % recall: {low:?}"
    );
}

#[test]
fn what_is_shown_is_never_the_whole() {
    let classifier = Classifier::new(&[]).unwrap();
    for labelled in labelled("positive.jsonl") {
        for (kind, value) in &labelled.expect {
            classifier.classify(value.as_bytes(), None, &mut |hit| {
                let shown = redacted(hit.kind, &value.as_bytes()[hit.range]);
                assert!(!shown.contains(value.as_str()), "{kind}: {shown}");
                assert!(
                    shown.contains('*') || shown == "[private key]",
                    "{kind}: {shown}"
                );
            });
        }
    }
}

#[test]
fn custom_patterns_are_ecmascript_and_safe() {
    let custom = |pattern: &str| {
        Classifier::new(&[CustomPattern {
            name: "badge".to_owned(),
            pattern: pattern.to_owned(),
        }])
    };
    let classifier = custom("EMP-\\d{6}").unwrap();
    let mut found = Vec::new();
    classifier.classify("é emp-123456".as_bytes(), None, &mut |hit| {
        found.push((hit.kind, hit.range));
    });
    assert_eq!(found, [(Kind::Custom(0), 3..13)]);
    let refused = custom("(a+)+$").map(drop).unwrap_err().to_string();
    assert_eq!(
        refused,
        "custom classifier `badge`: the pattern is unsafe: it has an exponentially ambiguous loop"
    );
    assert!(custom("(").is_err());
}
