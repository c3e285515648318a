//! Damage, counted and located; none of it stops the run but when asked to.

use std::io::Write as _;

use serde_json::json;

use super::world::{Ended, World, event, lines};

fn good(number: u32) -> String {
    lines(&[event(number, &format!("r{number}"), "DENY", "R")])
}

#[test]
fn damage_is_counted_and_located() {
    let text = |text: &str| [&good(1), text, &good(2)].concat().into_bytes();
    for (name, log, findings, events, unreadable) in [
        ("no damage", text(""), &[][..], 2, 0),
        ("an empty file", Vec::new(), &[], 0, 0),
        ("a file of one newline", b"\n".to_vec(), &[], 0, 0),
        (
            "a last line that is cut off",
            text("")[..500].to_vec(),
            &["!truncated_line:2"],
            1,
            1,
        ),
        (
            "a NUL block",
            text(&format!("{}\n", "\0".repeat(4096))),
            &["!nul_bytes:2"],
            2,
            1,
        ),
        (
            "a byte-order mark",
            [b"\xEF\xBB\xBF", &text("")[..]].concat(),
            &["byte_order_mark:1"],
            2,
            0,
        ),
        (
            "a byte-order mark where files were put together",
            text(&format!("\u{FEFF}{}", good(3))),
            &["clock_back:3", "byte_order_mark:2"],
            3,
            0,
        ),
        (
            "another encoding",
            [
                good(1).as_bytes(),
                b"\xFF\xFE{\0}\0\n\0\n",
                good(2).as_bytes(),
            ]
            .concat(),
            &["!nul_bytes:2", "!nul_bytes:3", "!invalid_utf8:2"],
            2,
            2,
        ),
        (
            "invalid UTF-8",
            [good(1).as_bytes(), b"\xFF\xFE\n", good(2).as_bytes()].concat(),
            &["!unreadable_line:2", "!invalid_utf8:2"],
            2,
            1,
        ),
        (
            "a lone surrogate",
            text(&good(3).replacen("\"r3\"", "\"\\ud800\"", 1)),
            &["clock_back:3", "invalid_unicode:2"],
            3,
            0,
        ),
        (
            "a lone surrogate on the last line, which has no end",
            [
                &good(1),
                good(2).replacen("\"r2\"", "\"\\ud800\"", 1).trim_end(),
            ]
            .concat()
            .into_bytes(),
            &["invalid_unicode:2", "no_final_newline:2"],
            2,
            0,
        ),
        (
            "a NUL block at the end, which was never written",
            [text(""), vec![0; 4096]].concat(),
            &["!nul_bytes:3"],
            2,
            1,
        ),
        (
            "a key twice in a member that events do not have",
            text(&good(3).replacen('{', "{\"x\":[{\"a\":1,\"a\":2}],", 1)),
            &["!duplicate_key:2", "clock_back:3"],
            3,
            0,
        ),
        (
            "a member of another type",
            text(&good(3).replacen("\"agent_id\":\"a\",", "\"agent_id\":[1],", 1)),
            &["!payload_mismatch:2", "clock_back:3", "wrong_type:2"],
            3,
            0,
        ),
        (
            "an array among lines",
            [good(1), format!("[{}]\n", good(3).trim_end()), good(2)]
                .concat()
                .into_bytes(),
            &["not_an_event:2"],
            2,
            1,
        ),
        (
            "two events on one line",
            [&good(1), good(2).trim_end(), &good(3)]
                .concat()
                .into_bytes(),
            &["glued_values:2"],
            3,
            0,
        ),
        (
            "a key twice",
            text(&good(3).replacen("\"outcome\"", "\"outcome\":\"ALLOW\",\"outcome\"", 1)),
            &["!duplicate_key:2", "clock_back:3"],
            3,
            0,
        ),
        (
            "an unknown outcome",
            text(&good(3).replace("DENY", "MAYBE")),
            &["unknown_outcome:2"],
            2,
            0,
        ),
        (
            "a missing member",
            text(&good(3).replacen("\"agent_id\":\"a\",", "", 1)),
            &["clock_back:3", "missing_member:2"],
            3,
            0,
        ),
        (
            "other shapes among events",
            text("{\"level\":\"info\",\"msg\":\"started\"}\n[1,2]\nnull\n"),
            &["not_an_event:2", "not_an_event:3", "not_an_event:4"],
            2,
            3,
        ),
        (
            "text among events",
            text("Jan 15 10:30:00 host sshd[1]: session opened\n"),
            &["!unreadable_line:2"],
            2,
            1,
        ),
        (
            "deep nesting",
            text(&format!("{}{}\n", "{\"event_id\":".repeat(5000), "1")),
            &["!unreadable_line:2"],
            2,
            1,
        ),
        (
            "no newline at the end",
            text("").strip_suffix(b"\n").expect("one").to_vec(),
            &["no_final_newline:2"],
            2,
            0,
        ),
    ] {
        let world = World::new();
        world.write("log.jsonl", log);
        let ended = world.replay("log.jsonl");
        assert_eq!(ended.findings(), findings, "{name}: {}", ended.stderr);
        assert_eq!(ended.report["summary"]["events"], events, "{name}");
        assert_eq!(ended.report["lines_unreadable"], unreadable, "{name}");
        let proven = findings.iter().any(|finding| finding.starts_with('!'));
        assert_eq!(ended.code, Some(i32::from(proven)), "{name}");
        let strict = world.replay("--strict log.jsonl").code;
        assert_eq!(strict == Some(2), unreadable > 0, "{name}");
    }
}

#[test]
fn a_file_without_an_event_has_no_answer() {
    let world = World::new();
    world.write("log.jsonl", "{\"level\":\"info\"}\n{\"level\":\"warn\"}\n");
    world.write(
        "text.jsonl",
        "Jan 15 10:30:00 host sshd[1]: session opened\n",
    );
    world.write("empty.jsonl", "");
    let ended = world.replay("log.jsonl");
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert_eq!(ended.findings(), ["not_an_event:1", "not_an_event:2"]);
    assert!(
        ended.stderr.contains("no line is an audit event"),
        "{}",
        ended.stderr
    );
    // What proves something is an answer, and so is that nothing was logged.
    assert_eq!(world.replay("text.jsonl").code, Some(1));
    assert_eq!(world.replay("empty.jsonl").code, Some(0));
}

#[test]
fn a_line_of_70_megabytes_stops_nothing() {
    let world = World::new();
    let mut file = std::fs::File::create(world.path("log.jsonl")).expect("creates");
    file.write_all(good(1).as_bytes()).expect("writes");
    let piece = vec![b'x'; 1 << 20];
    for _ in 0..70 {
        file.write_all(&piece).expect("writes");
    }
    file.write_all(b"\n").expect("writes");
    file.write_all(good(2).as_bytes()).expect("writes");
    drop(file);
    let ended = world.replay("log.jsonl");
    assert_eq!(ended.findings(), ["line_too_long:2"]);
    assert_eq!(ended.report["summary"]["events"], 2);
}

#[test]
fn an_array_of_events_is_read_as_lines_are() {
    let world = World::new();
    let events = [event(1, "r1", "DENY", "R"), event(2, "r2", "DENY", "R")];
    let pretty = serde_json::to_string_pretty(&events).expect("JSON");
    world.write("log.json", &pretty);
    let ended = world.replay("log.json");
    assert_eq!((ended.code, ended.findings()), (Some(0), vec![]));
    assert_eq!(ended.report["summary"]["events"], 2);
    assert_eq!(ended.report["timeline"][1]["line"], 22);
    world.write("log.json", format!("\u{FEFF}{pretty}"));
    let ended = world.replay("log.json");
    assert_eq!(ended.findings(), ["byte_order_mark:1"]);
    assert_eq!(ended.report["summary"]["events"], 2);
    world.write("log.json", &pretty[..pretty.len() - 30]);
    let ended = world.replay("log.json");
    assert_eq!(ended.findings(), ["!truncated_line:22"]);
    assert_eq!(ended.report["summary"]["events"], 1);
    world.write("log.json", "[]");
    assert_eq!(world.replay("log.json").findings(), [""; 0]);
    for text in ["[", "[,", "[{}", "[1 2]", "[1] x"] {
        world.write("log.json", text);
        assert_eq!(world.replay("log.json").code, Some(1), "{text}");
    }
}

#[test]
fn logs_that_are_not_there_are_no_answer() {
    let world = World::new();
    assert_eq!(world.replay("log.jsonl").code, Some(2));
    std::fs::create_dir(world.path("empty")).expect("makes");
    assert_eq!(world.replay("empty").code, Some(2));
    world.write("log.jsonl", good(1));
    assert_eq!(world.replay("--from yesterday log.jsonl").code, Some(2));
    assert_eq!(world.replay("--checkpoint none log.jsonl").code, Some(2));
    let deep = json!({"event_id": 1});
    world.write("log.jsonl", lines(&[deep]));
    assert_eq!(world.replay("log.jsonl").code, Some(0));
}

#[test]
fn a_log_whose_compression_is_damaged_is_read_up_to_there() {
    let world = World::new();
    let text: String = (1..=200).map(good).collect();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).expect("compresses");
    let whole = gzip.finish().expect("compresses");
    world.write("log.jsonl.gz", &whole);
    let events = |ended: &Ended| ended.report["summary"]["events"].as_u64();
    assert_eq!(events(&world.replay("log.jsonl.gz")), Some(200));
    world.write("log.jsonl.gz", &whole[..whole.len() / 2]);
    let ended = world.replay("log.jsonl.gz");
    let read = events(&ended).expect("a count");
    assert!((1..200).contains(&read), "{read}");
    let expected = format!("!damaged_compression:{}", read + 1);
    assert!(
        ended.findings().contains(&expected),
        "{:?}",
        ended.findings()
    );
    assert_eq!(ended.code, Some(1));
    assert_eq!(world.replay("log.jsonl.gz --strict").code, Some(2));
}

#[test]
fn what_makes_the_answer_no_is_looked_for() {
    let world = World::new();
    world.write("log.jsonl", good(1));
    for (what, help) in [("incident", "--guardian"), ("divergence", "--policy")] {
        let ended = world.replay(&format!("log.jsonl --fail-on {what}"));
        assert_eq!(ended.code, Some(2), "{what}");
        assert!(ended.stderr.contains(help), "{}", ended.stderr);
    }
    let watched = world.replay("log.jsonl --fail-on incident --guardian finance");
    assert_eq!(watched.code, Some(0));
}
