//! What a written log is: canonical, chained, anchored, and the same every time.

use proptest::prelude::*;
use serde_json::Value;
use zeroize::Zeroizing;

use super::*;
use crate::canonical;
use crate::model::event::Event;
use crate::signing::Secret;
use crate::signing::keys::{Key, KeySet};
use crate::signing::note::{Checked, Note};
use crate::source::private::Readers;

fn key() -> Key {
    let secret = Secret::new(Zeroizing::new(b"a3f19c0b7d5e2486a3f19c0b7d5e2487".to_vec()));
    Key::secret("ci", secret, Readers::Owner)
}

/// The lines and the sidecar of a log of calls by these agents.
fn log(seed: &str, agents: &[&[u8]]) -> (Vec<u8>, String, Written) {
    let (mut lines, mut notes) = (Vec::new(), Vec::new());
    let key = key();
    let signer = Signer::new(&key).expect("it signs");
    let mut log = Log::new(seed, &mut lines).with_checkpoints(signer, &mut notes);
    for (index, agent) in agents.iter().enumerate() {
        let subject = Subject {
            request_id: b"",
            agent_id: agent,
            tool_name: "sea\u{1F600}rch\n".as_bytes(),
            environment: b"prod",
        };
        let ask = Record {
            time: Timestamp::parse(b"2026-01-15T10:30:00Z"),
            outcome: EventOutcome::RequireHuman,
            reasons: &[("r\u{7F}1", "say \"no\"\t\u{1}")],
            plugin: None,
        };
        let settled = Record {
            time: None,
            outcome: EventOutcome::Rejected,
            reasons: &[("r1", "a"), ("HUMAN_REJECTED", "b")],
            plugin: Some("p"),
        };
        let records: &[Record<'_>] = if index % 2 == 0 {
            &[ask, settled]
        } else {
            &[ask]
        };
        log.append(&subject, records).expect("writes");
    }
    let written = log.finish().expect("writes");
    (lines, String::from_utf8(notes).expect("UTF-8"), written)
}

fn records(lines: &[u8]) -> Vec<Value> {
    let lines = lines.split_inclusive(|byte| *byte == b'\n');
    lines
        .map(|line| {
            assert!(line.ends_with(b"\n"), "each line ends");
            serde_json::from_slice(line).expect("JSON")
        })
        .collect()
}

#[test]
fn each_record_holds_the_hash_of_the_canonical_form_of_the_one_before() {
    let (lines, _, written) = log("p", &[b"a", b"b", "\u{e9}".as_bytes()]);
    let records = records(&lines);
    assert_eq!(records.len(), 5);
    let mut previous = Value::Null;
    for (seq, record) in records.iter().enumerate() {
        let chain = &record["chain"];
        assert_eq!(chain["prev_hash"], previous, "{seq}");
        assert_eq!(chain["seq"], seq);
        assert_eq!(chain["uid"], written.uid);
        previous = hex(&sha256(&canonical::to_vec(record).expect("canonical"))).into();
        let event: Event = serde_json::from_value(record.clone()).expect("an event");
        assert_eq!(event.safe_payload.agent_id, event.agent_id);
        assert_eq!(
            record["safe_payload"].as_object().map(|all| all.len()),
            Some(4)
        );
    }
}

#[test]
fn the_events_of_a_call_without_an_id_share_one() {
    let (lines, ..) = log("p", &[b"a", b"a"]);
    let records = records(&lines);
    let ids: Vec<&Value> = records.iter().map(|record| &record["request_id"]).collect();
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[1], ids[2]);
}

#[test]
fn ids_depend_on_the_policy_and_on_what_happened_and_on_nothing_else() {
    let id = |seed: &str, agents: &[&[u8]], at: usize| {
        let (lines, ..) = log(seed, agents);
        records(&lines)[at]["event_id"].as_str().map(str::to_owned)
    };
    assert_eq!(id("p", &[b"a", b"b"], 2), id("p", &[b"a", b"b"], 2));
    assert_ne!(id("p", &[b"a", b"b"], 2), id("q", &[b"a", b"b"], 2));
    assert_ne!(id("p", &[b"a", b"b"], 2), id("p", &[b"a", b"c"], 2));
    assert_ne!(id("p", &[b"a", b"a"], 0), id("p", &[b"a", b"a"], 2));
    let text = id("p", &[b"a"], 0).expect("an id");
    let uuid = Uuid::parse_str(&text).expect("a UUID");
    assert_eq!(uuid.get_version_num(), 5);
    assert_eq!(uuid.to_string(), text);
}

#[test]
fn checkpoints_anchor_the_log_on_its_way_and_at_its_end() {
    let agents = vec![&b"a"[..]; 1500];
    let (lines, sidecar, written) = log("p", &agents);
    let mut keys = KeySet::default();
    keys.add(key()).expect("adds");
    let mut tree = Tree::default();
    let lines: Vec<&[u8]> = lines.split(|byte| *byte == b'\n').collect();
    let mut sizes = Vec::new();
    for note in notes(&sidecar) {
        let note = Note::parse(note).expect("a note");
        assert_eq!(note.check(&keys), Checked::Signed(vec!["ci"]));
        let checkpoint = Checkpoint::parse(note.text).expect("a checkpoint");
        while tree.size() < checkpoint.size {
            tree.push(leaf_hash(lines[tree.size() as usize]));
        }
        assert_eq!(checkpoint.origin, written.uid);
        assert_eq!(checkpoint.root, tree.root());
        sizes.push(checkpoint.size);
    }
    assert_eq!(sizes, [1024, 2048, 2250]);
    assert_eq!(written.records, 2250);
    assert_eq!(written.checkpoints, 3);
    assert_eq!(written.root, Some(hex(&tree.root())));
}

#[test]
fn an_empty_log_is_anchored_as_empty() {
    let (lines, sidecar, written) = log("p", &[]);
    assert!(lines.is_empty());
    let checkpoint = Checkpoint::parse(Note::parse(&sidecar).expect("a note").text);
    let checkpoint = checkpoint.expect("a checkpoint");
    assert_eq!((checkpoint.size, written.checkpoints), (0, 1));
}

#[test]
fn a_lone_surrogate_becomes_a_replacement_character() {
    let written = |text: &[u8]| {
        let mut out = Vec::new();
        write_text(text, &mut out);
        String::from_utf8(out).expect("UTF-8")
    };
    assert_eq!(
        written(b"a\xED\xA0\x80b\xED\xBF\xBF"),
        "\"a\u{FFFD}b\u{FFFD}\""
    );
    assert_eq!(
        written("\u{D55C}\u{D000}".as_bytes()),
        "\"\u{D55C}\u{D000}\""
    );
    assert_eq!(written(b"\x01\x7f\n"), "\"\\u0001\u{7f}\\n\"");
}

proptest! {
    /// What the line is, RFC 8785 says, by an implementation of its own.
    #[test]
    fn a_line_is_its_own_canonical_form(
        texts in prop::collection::vec(any::<String>(), 6),
        outcome in 0..EventOutcome::ALL.len(),
        micros in prop::option::of(0_i64..4_000_000_000_000_000),
        plugin in any::<bool>(),
    ) {
        let mut lines = Vec::new();
        let mut log = Log::new("p", &mut lines);
        let subject = Subject {
            request_id: texts[0].as_bytes(),
            agent_id: texts[1].as_bytes(),
            tool_name: texts[2].as_bytes(),
            environment: texts[3].as_bytes(),
        };
        let record = Record {
            time: micros.map(Timestamp::from_micros),
            outcome: EventOutcome::ALL[outcome],
            reasons: &[(&texts[4], &texts[5])],
            plugin: plugin.then_some(&texts[5]),
        };
        log.append(&subject, &[record, record]).expect("writes");
        for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let value: Value = serde_json::from_slice(line).expect("JSON");
            prop_assert_eq!(canonical::to_vec(&value).expect("canonical"), line);
        }
    }
}
