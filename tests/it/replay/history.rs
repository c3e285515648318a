//! What readers of logs before this one got wrong, each so that it would show here. The numbers are
//! those of the changes that mended it in hayabusa and chainsaw; what verifiers of chains got wrong
//! is among the attacks.

use agent_spm::guardian::Mark as _;
use agent_spm::model::pipeline::guardian::{Blueprint, GuardianOptions};
use agent_spm::report::replay as report;
use agent_spm::report::{html, human};
use agent_spm::time::zone::Zone;
use serde_json::{Value, json};

use super::outputs;
use super::world::{World, event, lines, testdata, timed};

fn guardian() -> GuardianOptions {
    GuardianOptions {
        blueprint: Some(Blueprint::Engineering),
        ..GuardianOptions::default()
    }
}

/// Hayabusa #1904, #1858, #1897: text of several bytes was cut inside a character, and a narrow
/// terminal made a width negative, so that the summary was lost after all the work.
#[test]
fn no_width_loses_the_answer() {
    let texts = [
        "日本語のツール",
        "ä😀e\u{301}\u{200D}👩‍💻",
        "",
        "\u{FB33}\u{10FFFF}",
    ];
    let mut events = Vec::new();
    for number in 1..60 {
        let text = texts[number as usize % texts.len()].repeat(number as usize % 9);
        let mut event = event(number, &format!("{text}{number}"), "DENY", &text);
        event["agent_id"] = json!(text);
        event["reasons"][0]["message"] = json!(text);
        events.push(event);
    }
    let replay = outputs::replayed(lines(&events).as_bytes(), &guardian(), None);
    let view = report::view(&replay, &Zone::utc());
    for width in [0, 1, 2, 3, 5, 8, 20, 40, 79, 80, 200, u16::MAX] {
        let text = human::render(&view, Some(width));
        for section in view.sections.iter().filter(|one| !one.rows.is_empty()) {
            assert!(
                text.contains(&section.title),
                "{} at {width}",
                section.title
            );
        }
    }
}

/// Hayabusa #1690: what is shown over time was wrong unless the log was sorted. #1912: ties followed
/// the order of a hash table.
#[test]
fn the_order_of_lines_changes_nothing_that_is_counted() {
    let world = World::new();
    let mut events: Vec<Value> = (0..400)
        .map(|number| {
            let outcome = ["ALLOW", "DENY"][number as usize % 2];
            let mut event = timed(number, number / 3 * 60_000, "t", outcome);
            event["agent_id"] = json!(format!("agent-{}", number % 16));
            event["safe_payload"]["agent_id"] = event["agent_id"].clone();
            event
        })
        .collect();
    let summary = |events: &[Value]| {
        world.write("log.jsonl", lines(events));
        world.replay("log.jsonl").report["summary"].clone()
    };
    let straight = summary(&events);
    assert_eq!(straight["agents"].as_array().map(Vec::len), Some(16));
    events.reverse();
    assert_eq!(summary(&events), straight);
    events.rotate_left(131);
    assert_eq!(summary(&events), straight);
}

/// Hayabusa #1828: of several that are the same, the first two both stayed.
#[test]
fn each_repetition_is_told_and_none_is_a_request() {
    let world = World::new();
    let one = || event(1, "r1", "DENY", "R");
    world.write(
        "log.jsonl",
        lines(&[one(), one(), one(), event(2, "r2", "ALLOW", "R")]),
    );
    let ended = world.replay("log.jsonl");
    assert_eq!(ended.findings(), ["repeated_event:2", "repeated_event:3"]);
    assert_eq!(ended.report["summary"]["requests"], 2);
    assert_eq!(
        ended.report["summary"]["settled"],
        json!({"ALLOW": 1, "DENY": 1})
    );
}

/// Hayabusa #1827: a section of the page was left out without a word, by a name that was mistyped.
#[test]
fn the_page_and_the_ticket_hold_every_section_that_people_see() {
    let world = World::new();
    let mut events: Vec<Value> = (0..80).map(|n| timed(n, n * 10, "Bash", "ALLOW")).collect();
    events[3]["reasons"][0]["message"] = json!("AKIAIOSFODNN7EXAMPLE");
    events[4]["reasons"][0]["code"] = json!("AGENT_KILL_SWITCH");
    events[5]["plugin_source"] = json!("egress");
    events[6]["outcome"] = json!("REQUIRE_APPROVAL");
    events[7]["safe_payload"]["outcome"] = json!("DENY");
    world.write("log.jsonl", lines(&events));
    let policy = std::fs::read_to_string(testdata("demo/policy.yaml")).expect("reads");
    world.write("policy.yaml", policy);
    let of = |format: &str| {
        let ended = world.run(&format!(
            "audit-replay --at 2026-06-01T00:00:00Z --guardian engineering --policy policy.yaml \
             --evidence --format {format} log.jsonl"
        ));
        String::from_utf8(ended.stdout).expect("UTF-8")
    };
    let (people, page) = (of("human"), of("html"));
    let ticket = of("markdown").replace("<!-- -->", "").replace("&#58;", ":");
    let title = |line: &&str| !line.is_empty() && !line.starts_with(' ');
    let titles: Vec<&str> = people.lines().filter(title).collect();
    assert!(titles.len() > 20, "{titles:?}");
    for title in titles {
        assert!(
            ticket.contains(&format!("# {title}")),
            "{title} in the ticket"
        );
        // The page has headlines instead of the first, and no commands to go on with.
        if !["Summary", "Next"].contains(&title) {
            assert!(page.contains(&format!(">{title}")), "{title} on the page");
        }
    }
}

/// Hayabusa #1666: without a newline at the end, shippers miss the last record.
#[test]
fn every_output_ends_with_a_newline_or_is_empty() {
    let events: Vec<Value> = (0..80).map(|n| timed(n, n * 10, "t", "ALLOW")).collect();
    for log in [lines(&events), lines(&events[..1]), String::new()] {
        for (name, text) in outputs::all(log.as_bytes(), &guardian()) {
            let is_counted = name.ends_with("Some(Octets)");
            let is_ended = text.is_empty() || text.ends_with('\n');
            assert!(is_ended || is_counted, "{name}: {text}");
            let is_page = ["markdown", "html", "human"].contains(&name.as_str());
            assert!(is_page || !text.ends_with("\n\n"), "{name}: {text}");
        }
    }
}

/// Hayabusa #1694, #1702: what is not there was written as `-`, which others take for a value.
#[test]
fn what_is_not_there_is_no_dash() {
    let mut bare = event(1, "r1", "DENY", "");
    bare["reasons"] = json!([]);
    bare["agent_id"] = json!("");
    bare["safe_payload"] = json!({});
    for (name, text) in outputs::all(lines(&[bare]).as_bytes(), &guardian()) {
        // Syslog has a dash of its own for nil; tables of Timesketch are not written here.
        if name.contains("Some") || ["human", "html", "markdown"].contains(&name.as_str()) {
            continue;
        }
        for dash in [
            "=-",
            ",-,",
            "\"-\"",
            "|-|",
            ",\"\",\"-",
            "n/a",
            "N/A",
            "None",
            "undefined",
        ] {
            assert!(!text.contains(dash), "{dash} in {name}: {text}");
        }
    }
}

/// Hayabusa #1897: an offset that was written was dropped, and the clock taken for UTC. #1689: a
/// filter went by another time.
#[test]
fn the_offset_of_a_time_counts() {
    let world = World::new();
    let mut events = [event(1, "r1", "DENY", "R"), event(2, "r2", "DENY", "R")];
    events[0]["timestamp"] = json!("2026-03-03T21:00:01.000+09:00");
    world.write("log.jsonl", lines(&events));
    let ended = world.replay("log.jsonl");
    assert_eq!(ended.findings(), ["timestamp_form:1"]);
    assert_eq!(ended.report["summary"]["first"], "2026-03-03T12:00:01.000Z");
    let count = |range: &str| {
        let ended = world.replay(&format!("{range} log.jsonl"));
        ended.report["summary"]["events"].as_u64().expect("a count")
    };
    assert_eq!(
        count("--from 2026-03-03T12:00:01Z --to 2026-03-03T12:00:02Z"),
        1
    );
    assert_eq!(
        count("--from 2026-03-03T21:00:01+09:00 --to 2026-03-03T21:00:02+09:00"),
        1
    );
    assert_eq!(count("--from 2026-03-03T21:00:01Z"), 0);
    let cef = world.run("audit-replay --export cef --to 2026-03-03T12:00:02Z log.jsonl");
    let cef = String::from_utf8(cef.stdout).expect("UTF-8");
    assert!(cef.contains("rt=1772539201000 "), "{cef}");
}

/// Chainsaw #164: a zone was ignored without a word, and people gave it abbreviations.
#[test]
fn a_zone_is_followed_or_refused() {
    let world = World::new();
    world.write("log.jsonl", lines(&[event(1, "r1", "DENY", "R")]));
    for (zone, shown) in [
        ("UTC", "12:00:01"),
        ("+05:30", "17:30:01"),
        ("Asia/Kolkata", "17:30:01"),
        ("America/New_York", "07:00:01"),
    ] {
        for format in ["human", "html"] {
            let ended = world.run(&format!(
                "audit-replay --time-zone {zone} --format {format} log.jsonl"
            ));
            let text = String::from_utf8(ended.stdout).expect("UTF-8");
            assert!(text.contains(shown), "{zone} in {format}: {text}");
        }
    }
    for zone in ["IST", "EDT", "PST8PDT?", "25:00", "+5"] {
        let ended = world.replay(&format!("--time-zone {zone} log.jsonl"));
        assert_eq!(ended.code, Some(2), "{zone}");
        assert!(ended.stderr.contains("Europe/London"), "{}", ended.stderr);
    }
}

/// Hayabusa 3.8.0, #1806: text of the log was markup in the page, then a link in Markdown.
#[test]
fn text_of_the_log_is_text_wherever_it_is_shown() {
    let hostile = "<img src=x onerror=alert(1)> [x](javascript:alert(1)) </script> \u{202E}|`";
    let mut events: Vec<Value> = (0..80).map(|n| timed(n, n * 10, hostile, "DENY")).collect();
    for event in &mut events {
        event["agent_id"] = json!(hostile);
        event["reasons"] = json!([{"code": hostile, "message": hostile}]);
    }
    let log = lines(&events);
    let replay = outputs::replayed(log.as_bytes(), &guardian(), None);
    let found = replay.incidents.as_ref().expect("a guardian");
    assert!(!found.listed.is_empty());
    assert!(!found.listed[0].start.mark.event_id().is_empty());
    for (name, text) in outputs::all(log.as_bytes(), &guardian()) {
        match name.as_str() {
            "html" => assert!(
                !text.contains("<img") && !text.contains("</script>"),
                "{name}"
            ),
            "markdown" => {
                assert!(!text.contains("<img"), "{text}");
                assert!(!text.contains("[x](javascript"), "{text}");
            }
            _ => {}
        }
        if ["html", "markdown", "human"].contains(&name.as_str()) {
            assert!(!text.contains('\u{202E}'), "{name}");
        }
    }
    assert!(html::render(&page(&replay)).contains("&lt;img"));
}

fn page(replay: &agent_spm::replay::Replay) -> html::Page {
    let assessment = agent_spm::evidence::assess(&agent_spm::evidence::Inputs {
        replay,
        policy: None,
        pipeline: None,
    });
    let custody = report::Custody {
        command: Vec::new(),
        method: Vec::new(),
    };
    report::page(replay, &assessment, &Zone::utc(), &custody)
}
