//! The page of `audit-replay`: its order, and that hostile text stays text.

use serde_json::Value;

use super::world::{World, event, lines};

const HOSTILE: [&str; 6] = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "\"onmouseover='alert(1)'",
    "a\u{202E}b\u{1B}[31m",
    "</title></style><svg onload=alert(1)>",
];

/// Events that bring every section about, with that text wherever a log has text.
fn log(text: &str) -> String {
    let mut events: Vec<Value> = (1..60)
        .map(|number| {
            let outcome = ["ALLOW", "DENY", "REQUIRE_HUMAN"][number as usize % 3];
            event(number, &format!("{text}{number}"), outcome, text)
        })
        .collect();
    for event in &mut events {
        for key in ["agent_id", "tool_name"] {
            event[key] = text.into();
            event["safe_payload"][key] = text.into();
        }
        event["safe_payload"]["environment"] = text.into();
        event["event_id"] = format!("{text}{}", event["event_id"]).into();
        event["reasons"][0]["message"] = text.into();
        event["plugin_source"] = text.into();
    }
    lines(&events)
}

fn page(world: &World, text: &str, more: &str) -> String {
    world.write("log.jsonl", log(text));
    world.write(
        "guardian.yaml",
        "frequency_threshold: 10\nauto_kill_threshold: 3\n",
    );
    let ended = world.run(&format!(
        "audit-replay --format html --at 2026-06-01T00:00:00Z --guardian guardian.yaml {more} log.jsonl"
    ));
    String::from_utf8(ended.stdout).expect("UTF-8")
}

/// The names of a page's elements in their order, and its attributes.
fn tags(page: &str) -> (Vec<&str>, Vec<&str>) {
    let tags = page.split('<').skip(1);
    let tags = tags.map(|tag| tag.split('>').next().unwrap_or_default());
    let names = tags
        .clone()
        .map(|tag| tag.split(' ').next().unwrap_or_default());
    let attributes = tags.flat_map(|tag| tag.split(' ').skip(1));
    let attributes = attributes.filter_map(|attribute| Some(attribute.split_once('=')?.0));
    let mut attributes: Vec<&str> = attributes.collect();
    attributes.sort_unstable();
    attributes.dedup();
    (names.collect(), attributes)
}

#[test]
fn hostile_text_makes_no_element_and_no_attribute() {
    let world = World::new();
    let harmless = page(&world, "harmless", "");
    for text in HOSTILE {
        let page = page(&world, text, "");
        let (harmless, page_tags) = (tags(&harmless), tags(&page));
        assert_eq!(page_tags.0, harmless.0, "{text}");
        assert!(!page.contains(['\u{202E}', '\u{1B}']), "{text}");
        for reference in ["src=\"", "href=", "url(", "@import", "<script", "<img"] {
            assert!(!page.contains(reference), "{text}: {reference}");
        }
    }
    let handlers = |attributes: &[&str]| attributes.iter().any(|name| name.starts_with("on"));
    assert!(!handlers(&tags(&harmless).1));
}

#[test]
fn sections_stand_in_the_order_in_which_they_are_asked_for() {
    let world = World::new();
    let page = page(&world, "harmless", "");
    let order = [
        "class=\"headline\"",
        "<h2>Inputs",
        "<h2>Integrity",
        "<h2>Activity",
        "<h2>Incidents",
        "<h2>What the guardian would have stopped",
        "<h2>Events of incidents",
        "<h2>Agents",
        "<h2>Tools",
        "<h2>Reason codes",
        "<h2>Approvals",
        "<h2>Evidence: EU AI Act",
        "<h2>Evidence: MITRE ATLAS",
        "<h2>Fleet",
        "<h2>What was not analysed",
        "<h2>How it was done",
    ];
    let places: Vec<Option<usize>> = order.iter().map(|title| page.find(title)).collect();
    assert!(places.iter().all(Option::is_some), "{places:?}");
    assert!(places.is_sorted(), "{places:?}");
    assert!(page.contains("class=\"band\""), "incidents are marked");
    assert!(page.contains("--guardian guardian.yaml"), "the arguments");
    assert!(
        page.contains("no policy was given"),
        "what was not analysed"
    );
}

#[test]
fn any_number_of_threads_gives_the_same_page() {
    let world = World::new();
    // The arguments are part of the page.
    let pages = ["--jobs 1", "-j 4"].map(|jobs| page(&world, "x", jobs));
    assert!(pages[0].len() > 10_000);
    assert_eq!(pages[0], pages[1]);
}
