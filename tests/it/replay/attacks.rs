//! Each attack on a log, made, found and located: with the checkpoints beside the log, and without.
//!
//! A directory of `testdata/audit/attacks` holds what an attack left; the test makes it again and
//! compares. `UPDATE=1` rewrites.

use std::fs;

use agent_spm::audit::{Checkpoint, Tree, leaf_hash};
use agent_spm::canonical;
use agent_spm::digest::sha256_hex;
use agent_spm::signing::keys::{Key, KeySet};
use agent_spm::signing::note::{Note, Signer};
use serde_json::{Value, json};

use super::world::{World, call, testdata};

/// A log and its checkpoints.
#[derive(Clone)]
struct Log {
    records: Vec<Value>,
    /// Lines that are written as they are instead of records.
    text: Option<String>,
    checkpoint: String,
}

impl Log {
    fn text(&self) -> String {
        match &self.text {
            Some(text) => text.clone(),
            None => {
                let lines = self.records.iter().map(|record| {
                    String::from_utf8(canonical::to_vec(record).expect("canonical")).expect("UTF-8")
                        + "\n"
                });
                lines.collect()
            }
        }
    }

    /// Links the records anew, as whoever can write the log can.
    fn relink(&mut self) {
        let mut previous = Value::Null;
        for (seq, record) in self.records.iter_mut().enumerate() {
            record["chain"]["seq"] = json!(seq);
            record["chain"]["prev_hash"] = previous;
            let bytes = canonical::to_vec(record).expect("canonical");
            previous = json!(sha256_hex(&bytes));
        }
    }

    /// A checkpoint over the records as they are now.
    fn state(&self) -> Checkpoint {
        let mut tree = Tree::default();
        for record in &self.records {
            tree.push(leaf_hash(&canonical::to_vec(record).expect("canonical")));
        }
        Checkpoint {
            origin: self.records[0]["chain"]["uid"]
                .as_str()
                .expect("a name")
                .to_owned(),
            size: tree.size(),
            root: tree.root(),
        }
    }

    /// Makes a record say that the call went through, wherever it says what became of it.
    fn allow(&mut self, number: usize) {
        let record = &mut self.records[number];
        let reasons = record["reasons"].as_array_mut().expect("reasons");
        let (outcome, code) = match reasons.len() {
            1 => ("ALLOW", "MAIL_WITHOUT_PERSONAL_DATA"),
            _ => ("APPROVED", "APPROVED"),
        };
        reasons.last_mut().expect("a reason")["code"] = json!(code);
        record["outcome"] = json!(outcome);
        record["safe_payload"]["outcome"] = json!(outcome);
    }
}

/// What an attack must come to: the verdict and the findings, with and without checkpoints.
struct Attack {
    name: &'static str,
    make: fn(&mut Log),
    anchored: (&'static str, &'static [&'static str]),
    unanchored: (&'static str, &'static [&'static str]),
}

const fn attack(
    name: &'static str,
    make: fn(&mut Log),
    anchored: (&'static str, &'static [&'static str]),
    unanchored: (&'static str, &'static [&'static str]),
) -> Attack {
    Attack {
        name,
        make,
        anchored,
        unanchored,
    }
}

const CONSISTENT: (&str, &[&str]) = ("unanchored", &[]);

const ATTACKS: &[Attack] = &[
    attack("none", |_| (), ("intact", &[]), CONSISTENT),
    attack(
        "edited-record",
        |log| log.allow(3),
        ("broken", &["!hash_mismatch:5", "!checkpoint_mismatch:1"]),
        ("broken", &["!hash_mismatch:5"]),
    ),
    attack(
        "edited-last-record",
        |log| log.allow(7),
        ("broken", &["!checkpoint_mismatch:1"]),
        CONSISTENT,
    ),
    attack(
        "deleted-record",
        |log| _ = log.records.remove(3),
        ("broken", &["!sequence_gap:4"]),
        ("broken", &["!sequence_gap:4"]),
    ),
    attack(
        "deleted-records",
        |log| _ = log.records.drain(2..5),
        (
            "broken",
            &[
                "!sequence_gap:3",
                "settlement_without_request:3",
                "pending:2",
            ],
        ),
        (
            "broken",
            &[
                "!sequence_gap:3",
                "settlement_without_request:3",
                "pending:2",
            ],
        ),
    ),
    attack(
        "swapped-records",
        |log| log.records.swap(3, 4),
        (
            "broken",
            &[
                "!sequence_gap:4",
                "!sequence_back:5",
                "interleaved:6",
                "clock_back:5",
            ],
        ),
        (
            "broken",
            &[
                "!sequence_gap:4",
                "!sequence_back:5",
                "interleaved:6",
                "clock_back:5",
            ],
        ),
    ),
    attack(
        "repeated-record",
        |log| log.records.insert(4, log.records[3].clone()),
        ("broken", &["!sequence_back:5", "repeated_event:5"]),
        ("broken", &["!sequence_back:5", "repeated_event:5"]),
    ),
    attack(
        "inserted-record",
        |log| {
            let mut forged = log.records[3].clone();
            forged["event_id"] = json!("00000000-0000-4000-8000-000000000000");
            forged["request_id"] = json!("forged");
            log.records.insert(3, forged);
        },
        (
            "broken",
            &[
                "!hash_mismatch:6",
                "!sequence_back:5",
                "!checkpoint_mismatch:1",
            ],
        ),
        ("broken", &["!hash_mismatch:6", "!sequence_back:5"]),
    ),
    attack(
        "inserted-unchained-record",
        |log| {
            let mut forged = log.records[3].clone();
            forged["event_id"] = json!("00000000-0000-4000-8000-000000000000");
            forged["request_id"] = json!("forged");
            forged.as_object_mut().expect("an object").remove("chain");
            log.records.insert(3, forged);
        },
        ("broken", &["!unchained_record:4"]),
        ("broken", &["!unchained_record:4"]),
    ),
    attack(
        // A hash that a record holds of itself is not believed.
        "edited-record-with-a-hash-of-its-own",
        |log| {
            let unedited = canonical::to_vec(&log.records[3]).expect("canonical");
            log.allow(3);
            log.records[3]["entry_hash"] = json!(sha256_hex(&unedited));
        },
        ("broken", &["!hash_mismatch:5", "!checkpoint_mismatch:1"]),
        ("broken", &["!hash_mismatch:5"]),
    ),
    attack(
        // What stands in no chain does not begin one anew.
        "begun-anew-behind-an-unchained-record",
        |log| {
            let mut legacy = log.records[3].clone();
            legacy["event_id"] = json!("00000000-0000-4000-8000-000000000000");
            legacy["request_id"] = json!("legacy");
            legacy.as_object_mut().expect("an object").remove("chain");
            log.allow(3);
            let mut anew = log.clone();
            anew.records.drain(..3);
            anew.relink();
            log.records.truncate(3);
            log.records.push(legacy);
            log.records.append(&mut anew.records);
        },
        (
            "broken",
            &[
                "!hash_mismatch:8",
                "!sequence_back:5",
                "!sequence_back:6",
                "!sequence_back:7",
                "!tail_missing:9",
                "!unchained_record:4",
            ],
        ),
        (
            "broken",
            &[
                "!hash_mismatch:8",
                "!sequence_back:5",
                "!sequence_back:6",
                "!sequence_back:7",
                "!unchained_record:4",
            ],
        ),
    ),
    attack(
        "second-chain-in-place-of-the-tail",
        |log| {
            let mut other = log.clone();
            for record in &mut other.records {
                record["chain"]["uid"] = json!("00000000-0000-5000-8000-000000000000");
            }
            other.records.drain(..3);
            other.allow(0);
            other.relink();
            log.records.truncate(3);
            log.records.append(&mut other.records);
        },
        ("truncated", &["!tail_missing:3", "second_chain:4"]),
        ("unanchored", &["second_chain:4"]),
    ),
    attack(
        "truncated-tail",
        |log| log.records.truncate(5),
        ("truncated", &["!tail_missing:5", "pending:5"]),
        ("unanchored", &["pending:5"]),
    ),
    attack(
        "emptied",
        |log| log.records.clear(),
        ("truncated", &["!tail_missing"]),
        ("not_chained", &[]),
    ),
    attack(
        "half-written-record",
        |log| {
            let text = log.text();
            log.text = Some(text[..text.len() - 40].to_owned());
        },
        (
            "truncated",
            &["!tail_missing:7", "!truncated_line:8", "pending:7"],
        ),
        ("truncated", &["!truncated_line:8", "pending:7"]),
    ),
    attack(
        "dropped-head",
        |log| _ = log.records.drain(..2),
        (
            "broken",
            &["!head_missing:1", "settlement_without_request:1"],
        ),
        (
            "broken",
            &["!head_missing:1", "settlement_without_request:1"],
        ),
    ),
    attack(
        "dropped-head-relinked",
        |log| {
            log.records.drain(..2);
            log.relink();
        },
        (
            "truncated",
            &["!tail_missing:6", "settlement_without_request:1"],
        ),
        ("unanchored", &["settlement_without_request:1"]),
    ),
    attack(
        "edited-and-relinked",
        |log| {
            log.allow(3);
            log.relink();
        },
        ("broken", &["!checkpoint_mismatch:1"]),
        CONSISTENT,
    ),
    attack(
        "edited-relinked-and-recounted",
        |log| {
            log.allow(3);
            log.relink();
            // The root can be made anew by anybody, the signature cannot.
            let note = Note::parse(&log.checkpoint).expect("a note");
            log.checkpoint = log.checkpoint.replacen(note.text, &log.state().text(), 1);
        },
        ("broken", &["!checkpoint_forged", "checkpoint_unverified"]),
        CONSISTENT,
    ),
    attack(
        "signed-by-a-stranger",
        |log| {
            log.allow(3);
            log.relink();
            let secret = "a3f19c0b7d5e2486a3f19c0b7d5e2487".as_bytes().to_vec();
            let secret = agent_spm::signing::Secret::new(secret.into());
            let stranger = Key::secret("ci", secret, agent_spm::source::private::Readers::Owner);
            let signer = Signer::new(&stranger).expect("it signs");
            log.checkpoint = signer.sign(&log.state().text());
        },
        ("unanchored", &["checkpoint_unverified"]),
        CONSISTENT,
    ),
    attack(
        "replaced-by-another-log",
        |log| {
            for record in &mut log.records {
                record["chain"]["uid"] = json!("00000000-0000-5000-8000-000000000000");
            }
            log.allow(3);
            log.relink();
        },
        ("broken", &["!checkpoint_of_other_log"]),
        CONSISTENT,
    ),
    attack(
        "stripped-of-its-chain",
        |log| {
            for record in &mut log.records {
                record.as_object_mut().expect("an object").remove("chain");
            }
            log.allow(3);
        },
        ("broken", &["!checkpoint_of_other_log"]),
        ("not_chained", &[]),
    ),
    attack(
        "second-chain-behind",
        |log| {
            let mut other = log.clone();
            for record in &mut other.records {
                record["chain"]["uid"] = json!("00000000-0000-5000-8000-000000000000");
            }
            other.records.drain(..6);
            other.relink();
            for (number, record) in other.records.iter_mut().enumerate() {
                record["event_id"] = json!(format!("00000000-0000-4000-8000-00000000000{number}"));
                record["request_id"] = json!(format!("other-{number}"));
            }
            other.relink();
            log.records.append(&mut other.records);
        },
        (
            "unanchored",
            &[
                "second_chain:9",
                "settlement_without_request:10",
                "pending:9",
            ],
        ),
        (
            "unanchored",
            &[
                "second_chain:9",
                "settlement_without_request:10",
                "pending:9",
            ],
        ),
    ),
    attack(
        "hidden-by-a-repeated-key",
        |log| {
            // The canonical form of both is the same, since the last of them counts.
            let text = log.text();
            let text = text.replacen("\"outcome\":", "\"outcome\":\"ALLOW\",\"outcome\":", 1);
            log.text = Some(text);
        },
        ("intact", &["!duplicate_key:1"]),
        ("unanchored", &["!duplicate_key:1"]),
    ),
    attack(
        "hidden-by-a-large-number",
        |log| {
            log.records[3]["amount"] = json!(9_007_199_254_740_992_u64);
            log.relink();
            let text = log.text();
            log.text = Some(text.replacen("9007199254740992", "9007199254740993", 1));
        },
        ("broken", &["!checkpoint_mismatch:1", "large_number:4"]),
        ("unanchored", &["large_number:4"]),
    ),
    attack(
        "contradicting-checkpoint",
        |log| {
            let note = log.checkpoint.clone();
            log.allow(7);
            let other = note.replacen(
                Note::parse(&note).expect("a note").text,
                &log.state().text(),
                1,
            );
            log.checkpoint = format!("{note}\n{other}");
        },
        (
            "broken",
            &[
                "!checkpoint_mismatch:1",
                "!checkpoint_forged",
                "!checkpoint_fork",
            ],
        ),
        CONSISTENT,
    ),
    attack(
        "damaged-checkpoint",
        |log| {
            let half = log.checkpoint.len() / 2;
            log.checkpoint.truncate(half);
        },
        ("unanchored", &["checkpoint_damaged"]),
        CONSISTENT,
    ),
    attack(
        "shipped-through-another-program",
        |log| {
            // White space, the order of members and the spelling of characters are nobody's attack.
            let text = log.text().replace('e', "\\u0065");
            let text: String = text
                .lines()
                .map(|line| {
                    let record: Value = serde_json::from_str(line).expect("JSON");
                    let members = record.as_object().expect("an object").iter().rev();
                    let members: Vec<String> = members
                        .map(|(key, value)| format!(" {} :\t{value}", json!(key)))
                        .collect();
                    format!("{{{} }}\r\n", members.join(" , "))
                })
                .collect();
            log.text = Some(text);
        },
        ("intact", &[]),
        CONSISTENT,
    ),
];

/// A log of five requests, eight events.
fn original(world: &World) -> Log {
    let mut calls = vec![
        call("r1", 1, "send_email"),
        call("r2", 2, "refund"),
        call("r3", 3, "query_customers"),
        call("r4", 4, "Bash"),
        call("r5", 5, "refund"),
    ];
    calls[1]["approval"] = json!({"approved": true, "latency_ms": 500});
    calls[4]["approval"] = json!({"approved": false, "latency_ms": 9000});
    world.simulate(&calls, &testdata("demo/policy.yaml"));
    let log = world.read("log.jsonl");
    let records = log.lines();
    Log {
        records: records
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect(),
        text: None,
        checkpoint: world.read("log.jsonl.checkpoint"),
    }
}

#[test]
fn each_attack_is_found_and_located() {
    let original = original(&World::new());
    assert_eq!(original.records.len(), 8);
    let mut wrong = Vec::new();
    for attack in ATTACKS {
        let mut log = original.clone();
        (attack.make)(&mut log);
        let world = World::new();
        for (name, content) in [
            ("log.jsonl", log.text()),
            ("log.jsonl.checkpoint", log.checkpoint.clone()),
        ] {
            let fixture = testdata("audit/attacks").join(attack.name).join(name);
            if std::env::var_os("UPDATE").is_some() {
                fs::create_dir_all(fixture.parent().expect("a directory")).expect("makes");
                fs::write(&fixture, &content).expect("writes");
            }
            let kept = fs::read_to_string(&fixture).unwrap_or_default();
            assert!(
                kept == content,
                "{} is not what the attack makes",
                fixture.display()
            );
            world.write(name, content);
        }
        let mut check = |arguments: &str, (verdict, findings): (&str, &[&str])| {
            let ended = world.replay(arguments);
            if ended.verdict() != verdict || ended.findings() != findings {
                wrong.push(format!(
                    "{}: {} {:?}",
                    attack.name,
                    ended.verdict(),
                    ended.findings()
                ));
            }
            ended.code
        };
        let is_good = attack.anchored.0 == "intact" && attack.anchored.1.is_empty();
        let code = check("--keys keys log.jsonl", attack.anchored);
        let mut codes = vec![(code, i32::from(!is_good))];
        fs::remove_file(world.path("log.jsonl.checkpoint")).expect("removes");
        let code = check("log.jsonl", attack.unanchored);
        let proven = attack.unanchored.1.iter().any(|kind| kind.starts_with('!'));
        codes.push((code, i32::from(proven)));
        // Keys that are given must have signed.
        codes.push((world.replay("--keys keys log.jsonl").code, 1));
        if codes
            .iter()
            .any(|(code, expected)| *code != Some(*expected))
        {
            wrong.push(format!("{}: exit codes {codes:?}", attack.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_checkpoint_without_keys_anchors_nothing_and_contradicts_all_the_same() {
    let world = World::new();
    let mut log = original(&world);
    let ended = world.replay("log.jsonl");
    assert_eq!((ended.verdict(), ended.code), ("unanchored", Some(0)));
    assert_eq!(ended.findings(), ["checkpoint_unverified"]);
    log.records.truncate(5);
    world.write("log.jsonl", log.text());
    let ended = world.replay("log.jsonl");
    assert_eq!((ended.verdict(), ended.code), ("truncated", Some(1)));
}

#[test]
fn what_follows_the_last_checkpoint_is_counted_as_unanchored() {
    let world = World::new();
    let mut log = original(&world);
    let mut keys = KeySet::default();
    keys.read(&world.path("ci.key.pem")).expect("a key");
    let signer = Signer::new(keys.get("ci").expect("there")).expect("it signs");
    let all = log.records.clone();
    log.records.truncate(5);
    let note = signer.sign(&log.state().text());
    log.records = all;
    world.write("log.jsonl.checkpoint", &note);
    let ended = world.replay("--keys keys log.jsonl");
    assert_eq!((ended.verdict(), ended.code), ("intact", Some(0)));
    assert_eq!(ended.report["integrity"]["anchored_through"], 5);
    assert_eq!(ended.report["integrity"]["unanchored_after"], 3);
    // What was signed first narrows down what was changed later.
    log.allow(7);
    log.relink();
    let later = signer.sign(&original(&World::new()).state().text());
    world.write("log.jsonl", log.text());
    world.write("log.jsonl.checkpoint", format!("{note}\n{later}"));
    let ended = world.replay("--keys keys log.jsonl");
    assert_eq!(ended.findings(), ["!checkpoint_mismatch:6"]);
    assert_eq!(
        ended.report["integrity"]["chains"][0]["anchored_through"],
        5
    );
}

#[test]
fn a_log_is_broken_where_that_shows_most_exactly() {
    let world = World::new();
    let broken_at = |edits: &[usize]| {
        let mut log = original(&World::new());
        edits.iter().for_each(|&at| log.allow(at));
        world.write("log.jsonl", log.text());
        let ended = world.replay("--keys keys log.jsonl");
        ended.report["integrity"]["broken_at"]["line"].clone()
    };
    let log = original(&world);
    world.write("log.jsonl.checkpoint", &log.checkpoint);
    // A link tells of one record, the checkpoint of all before it.
    assert_eq!(broken_at(&[3]), 5);
    assert_eq!(broken_at(&[3, 5]), 5);
    // No record is linked to the last one.
    assert_eq!(broken_at(&[7]), 1);
}

#[test]
fn a_rotated_log_is_one_log() {
    let world = World::new();
    let log = original(&world);
    let text = log.text();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for (name, lines) in [
        ("a.jsonl", &lines[5..]),
        ("b.jsonl", &lines[..3]),
        ("c.jsonl", &lines[3..5]),
    ] {
        world.write(name, lines.concat());
    }
    fs::rename(
        world.path("log.jsonl.checkpoint"),
        world.path("a.jsonl.checkpoint"),
    )
    .expect("moves");
    let ended = world.replay("--keys keys a.jsonl b.jsonl c.jsonl");
    assert_eq!((ended.verdict(), ended.code), ("intact", Some(0)));
    let inputs = ended.report["inputs"].as_array().expect("inputs");
    let names: Vec<&str> = inputs
        .iter()
        .filter_map(|input| input["name"].as_str())
        .collect();
    assert_eq!(names, ["b.jsonl", "c.jsonl", "a.jsonl"]);
    // A part that is missing is found.
    let ended = world.replay("--keys keys a.jsonl b.jsonl");
    assert_eq!(ended.verdict(), "broken");
    assert_eq!(
        ended.findings(),
        ["!sequence_gap:1", "settlement_without_request:1"]
    );
}

#[test]
fn every_kept_attack_is_made() {
    let kept = fs::read_dir(testdata("audit/attacks")).expect("lists");
    let mut kept: Vec<String> = kept
        .map(|entry| {
            entry
                .expect("lists")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    kept.sort();
    let mut made: Vec<&str> = ATTACKS.iter().map(|attack| attack.name).collect();
    made.sort_unstable();
    assert_eq!(kept, made);
}
