//! RFC 8785: the vectors of its authors, and a second implementation.

use std::fs;
use std::path::Path;

use agent_spm::canonical;
use agent_spm::digest::{Sha256, sha256};
use agent_spm::document::{self, Format, Limits};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn vectors() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/vectors/jcs")
}

#[test]
fn vectors_of_the_authors() {
    let mut right = 0;
    for entry in fs::read_dir(vectors().join("input")).expect("vectors") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name");
        let expected = fs::read(vectors().join("output").join(name)).expect("an answer");
        let value: Value = serde_json::from_slice(&fs::read(&path).expect("a text")).expect("JSON");
        assert_eq!(canonical::to_vec(&value).expect("a form"), expected);
        // Through the strict reader as well, which refuses the one number beyond 2^53.
        let text = fs::read(&path).expect("a text");
        match document::parse(&text, "x.json", Format::Json, Limits::default()) {
            Ok(document) => {
                let form = canonical::to_vec(&document.root.to_json()).expect("a form");
                assert_eq!(form, expected, "{}", path.display());
            }
            Err(error) => {
                assert_eq!(name, "values.json", "{error}");
                assert_eq!(error.problems[0].code, "number-range");
            }
        }
        right += 1;
    }
    assert_eq!(right, 6);
}

/// The doubles of the authors' test file, in its order: edge cases, the smallest normal numbers,
/// then chance out of SHA-256. (cyberphone/json-canonicalization, `testdata/README.md`)
fn doubles() -> impl Iterator<Item = f64> {
    let edges = fs::read_to_string(vectors().join("static-doubles.txt")).expect("the list");
    let edges: Vec<f64> = edges
        .lines()
        .map(|line| f64::from_bits(u64::from_str_radix(line, 16).expect("digits")))
        .collect();
    let serial = (0..2000).map(|index| f64::from_bits(0x0010_0000_0000_0000 + index));
    let blocks = std::iter::successors(Some(sha256(&[0; 32])), |block| Some(sha256(block)));
    let chance = blocks.flat_map(|block| {
        let (words, _) = block.as_chunks::<8>();
        words
            .iter()
            .map(|word| f64::from_le_bytes(*word))
            .collect::<Vec<_>>()
    });
    let chance = chance.filter(|double| *double != 0.0 && double.is_finite());
    edges.into_iter().chain(serial).chain(chance)
}

#[test]
fn numbers_are_printed_as_ecmascript_prints_them() {
    let published = [
        (
            1_000,
            "be18b62b6f69cdab33a7e0dae0d9cfa869fda80ddc712221570f9f40a5878687",
        ),
        (
            10_000,
            "b9f7a8e75ef22a835685a52ccba7f7d6bdc99e34b010992cbc5864cd12be6892",
        ),
        (
            100_000,
            "22776e6d4b49fa294a0d0f349268e5c28808fe7e0cb2bcbe28f63894e494d4c7",
        ),
    ];
    let mut digest = Sha256::default();
    let mut right = 0;
    let last = published[published.len() - 1].0;
    for (index, double) in doubles().take(last).enumerate() {
        let form = canonical::to_vec(&double).expect("a form");
        assert_eq!(form, serde_jcs::to_vec(&double).expect("a form"));
        let read: f64 = serde_json::from_slice(&form).expect("a number");
        assert!(read == double, "{double:e} is read as {read:e}");
        digest.update(format!("{:x},", double.to_bits()).as_bytes());
        digest.update(&form);
        digest.update(b"\n");
        if let Some((_, expected)) = published.iter().find(|(lines, _)| *lines == index + 1) {
            assert_eq!(
                digest.clone().hex(),
                *expected,
                "after {} numbers",
                index + 1
            );
            right += 1;
        }
    }
    assert_eq!(right, published.len());
}

/// Any value that a bundle may hold, and larger numbers.
fn value() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<f64>().prop_filter("finite", |number| number.is_finite()),
        any::<i32>().prop_map(f64::from),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number.prop_map(|number| json!(number)),
        any::<String>().prop_map(Value::String),
        "[\\x00-\\x20\"\\\\/\u{7F}\u{2028}\u{E000}\u{FFFD}\u{1F600}]{0,8}".prop_map(Value::String),
    ];
    let key = prop_oneof![
        any::<String>(),
        "[a-c\u{E000}\u{FB33}\u{1F600}\u{10FFFF}]{0,3}"
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        let members = proptest::collection::vec((key.clone(), inner.clone()), 0..6);
        prop_oneof![
            proptest::collection::vec(inner, 0..6).prop_map(Value::Array),
            members.prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn two_implementations_agree(value in value()) {
        let form = canonical::to_vec(&value).expect("a form");
        prop_assert_eq!(&form, &serde_jcs::to_vec(&value).expect("a form"));
        // The form of the form is the form, and it says the same.
        let read: Value = serde_json::from_slice(&form).expect("JSON");
        prop_assert_eq!(canonical::to_vec(&read).expect("a form"), form);
    }
}
