//! What `--fix` makes of a text: what was meant, to the byte; once is enough; no call gets further.

use std::collections::BTreeMap;
use std::time::Duration;

use agent_spm::document::{Format, Limits};
use agent_spm::lint::{self, Allowed, Beside, Fixed, Input, Options, Order, Undecided};
use agent_spm::logic;
use agent_spm::model::bundle::Bundle;
use agent_spm::model::decision::Outcome;
use agent_spm::time::Timestamp;
use proptest::prelude::*;

fn fixed(name: &str, text: &str, allowed: Allowed) -> Option<Fixed> {
    let options = Options {
        at: Timestamp::parse(b"2026-06-01T00:00:00Z").expect("a time"),
        expiry_warning: Duration::from_secs(14 * 24 * 3600),
        undecided: Undecided::Noted,
        keys: None,
    };
    let input = Input {
        bytes: text.as_bytes(),
        name,
        limits: Limits::default(),
        beside: Beside::Nothing,
    };
    let order = Order {
        options: &options,
        settings: None,
        baseline: None,
        allowed,
    };
    lint::fix(input, &order)
}

/// The text as `--fix` leaves it.
fn after(name: &str, text: &str) -> String {
    fixed(name, text, Allowed::Safe).map_or_else(|| text.to_owned(), |fixed| fixed.text)
}

fn bundle(name: &str, text: &str) -> Bundle {
    let format = Format::of(name, text.as_bytes());
    let loaded = Bundle::load(text.as_bytes(), name, format, Limits::default());
    loaded
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
        .bundle
}

/// A rule of a generated bundle.
#[derive(Clone, Debug)]
struct Rule {
    tools: Vec<&'static str>,
    environment: &'static str,
    keyword: Option<&'static str>,
    outcome: &'static str,
}

fn rules() -> impl Strategy<Value = Vec<Rule>> {
    const TOOLS: [&str; 5] = ["a_read", "a_*", "b", "*", "c*"];
    let rule = (
        prop::collection::vec(prop::sample::select(&TOOLS[..]), 1..4),
        prop::sample::select(&["prod", "*"][..]),
        prop::option::of(prop::sample::select(&["xx", "yy"][..])),
        prop::sample::select(&["ALLOW", "DENY", "DENY", "STEP_UP"][..]),
    );
    let rule = rule.prop_map(|(tools, environment, keyword, outcome)| Rule {
        tools,
        environment,
        keyword,
        outcome,
    });
    prop::collection::vec(rule, 1..6)
}

/// How a bundle is laid out.
#[derive(Clone, Copy, Debug)]
enum Layout {
    Pretty,
    Compact,
    Block,
    Flow,
    NotIndented,
}

const LAYOUTS: [Layout; 5] = [
    Layout::Pretty,
    Layout::Compact,
    Layout::Block,
    Layout::Flow,
    Layout::NotIndented,
];

impl Layout {
    fn name(self) -> &'static str {
        match self {
            Self::Pretty | Self::Compact => "p.json",
            _ => "p.yaml",
        }
    }

    fn write(self, rules: &[Rule], line_end: &str) -> String {
        let text = match self {
            Self::Pretty | Self::Compact => json(self, rules),
            _ => yaml(self, rules),
        };
        text.replace('\n', line_end)
    }
}

fn json(layout: Layout, rules: &[Rule]) -> String {
    let rules: Vec<String> = rules
        .iter()
        .enumerate()
        .map(|(number, rule)| {
            let when = rule.keyword.map_or_else(String::new, |keyword| {
                format!("\n      \"when\": {{ \"contains_any\": [\"{keyword}\"] }},")
            });
            let names = match rule.tools.as_slice() {
                [only] => format!("\"{only}\""),
                tools => format!("{tools:?}"),
            };
            let (environment, outcome) = (rule.environment, rule.outcome);
            format!("\n    {{\n      \"id\": \"R{number}\",\n      \"description\": \"d\",\n      \"match\": {{ \"tool_name\": {names}, \"environment\": \"{environment}\" }},{when}\n      \"outcome\": \"{outcome}\"\n    }}")
        })
        .collect();
    let text = format!(
        "{{\n  \"version\": \"1\",\n  \"generated_at\": \"2026-05-01T00:00:00Z\",\n  \"expires_at\": \"2026-07-01T00:00:00Z\",\n  \"rules\": [{}\n  ],\n  \"defaults\": {{ \"outcome\": \"DENY\" }}\n}}\n",
        rules.join(",")
    );
    match layout {
        Layout::Compact => text.replace(['\n', ' '], ""),
        _ => text,
    }
}

fn yaml(layout: Layout, rules: &[Rule]) -> String {
    let mut text = "# head\nversion: \"1\" # version\ngenerated_at: \"2026-05-01T00:00:00Z\" # made\nexpires_at: '2026-07-01T00:00:00Z'\nrules: # all\n".to_owned();
    let dash = if matches!(layout, Layout::NotIndented) {
        ""
    } else {
        "  "
    };
    for (number, rule) in rules.iter().enumerate() {
        let (environment, outcome) = (rule.environment, rule.outcome);
        text.push_str(&format!("{dash}# before {number}\n{dash}- id: R{number} # id\n{dash}  description: |\n{dash}    of {number}\n\n"));
        let tools = &rule.tools;
        match layout {
            Layout::Flow => text.push_str(&format!(
                "{dash}  match: {{ tool_name: {tools:?}, environment: '{environment}' }}\n"
            )),
            _ => {
                text.push_str(&format!("{dash}  match:\n{dash}    environment: \"{environment}\"\n{dash}    tool_name: # names\n"));
                for tool in tools {
                    text.push_str(&format!("{dash}      - \"{tool}\" # {tool}\n"));
                }
            }
        }
        if let Some(keyword) = rule.keyword {
            text.push_str(&format!("{dash}  when: {{ contains_any: [{keyword}] }}\n"));
        }
        text.push_str(&format!("{dash}  outcome: {outcome} # result\n"));
    }
    text.push_str("\n# tail\ndefaults: { outcome: DENY }\n");
    text
}

/// Faults that a person makes in typing, and how often each is made.
const SLIPS: [(&str, &str); 8] = [
    ("environment", "enviroment"),
    ("tool_name", "toolName"),
    ("contains_any", "contain_any"),
    ("description", "decsription"),
    ("outcome", "outcomes"),
    ("DENY", "deny"),
    ("STEP_UP", "STEPUP"),
    ("generated_at", "generatedAt"),
];

fn layout() -> impl Strategy<Value = Layout> {
    prop::sample::select(&LAYOUTS[..])
}

fn line_end() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&["\n", "\r\n"][..])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// What is mended is what would have been written without the slips, to the last byte.
    #[test]
    fn slips_are_mended_to_the_byte(
        rules in rules(), layout in layout(), line_end in line_end(),
        slips in prop::collection::vec((0..SLIPS.len(), 0..6_usize), 1..6),
        is_turned: bool,
    ) {
        // Names without stars, so that nothing else is wrong.
        let rules: Vec<Rule> = rules.into_iter().map(|rule| Rule { tools: vec!["b", "d"], ..rule }).collect();
        let right = layout.write(&rules, line_end);
        let places = slips.into_iter().filter_map(|(slip, occurrence)| {
            let (meant, written) = SLIPS[slip];
            let (start, _) = right.match_indices(meant).nth(occurrence)?;
            Some((start, (meant, written)))
        });
        let places: BTreeMap<usize, (&str, &str)> = places.collect();
        let mut wrong = right.clone();
        for (start, (meant, written)) in places.into_iter().rev() {
            wrong.replace_range(start..start + meant.len(), written);
        }
        if is_turned {
            wrong = wrong.replace("2026-05", "X").replace("2026-07", "2026-05").replace('X', "2026-07");
        }
        let name = layout.name();
        prop_assert_eq!(after(name, &wrong), after(name, &right));
    }

    /// Fixing twice is fixing once, and no call gets further than before. Nothing that is left can
    /// still be fixed.
    #[test]
    fn no_call_gets_further(rules in rules(), layout in layout(), line_end in line_end()) {
        let (name, text) = (layout.name(), layout.write(&rules, line_end));
        let once = after(name, &text);
        prop_assert_eq!(&after(name, &once), &once);
        let comparison = logic::diff(&bundle(name, &text), &bundle(name, &once));
        prop_assert_eq!(comparison.undecided, None);
        for change in comparison.changes {
            prop_assert_eq!(change.new.outcome, Outcome::Deny, "{}\n{}", text, once);
        }
        // Comments between rules stay, of rules that are removed too.
        let comments = |text: &str| text.matches("# before").count();
        prop_assert_eq!(comments(&once), comments(&text));
    }

    /// With `--unsafe-fixes` a prefix in a list is one, whatever the layout: as if each had been a
    /// rule of its own from the beginning.
    #[test]
    fn prefixes_in_lists_are_prefixes(rules in rules(), layout in layout(), line_end in line_end()) {
        let (name, text) = (layout.name(), layout.write(&rules, line_end));
        let all = fixed(name, &text, Allowed::All).map_or(text, |fixed| fixed.text);
        let split: Vec<Rule> = rules
            .iter()
            .flat_map(|rule| rule.tools.iter().map(|tool| Rule { tools: vec![tool], ..rule.clone() }))
            .collect();
        let meant = bundle("p.json", &Layout::Pretty.write(&split, "\n"));
        prop_assert_eq!(logic::diff(&meant, &bundle(name, &all)).changes, vec![], "{}", all);
    }
}

#[test]
fn a_guess_opens_nothing() {
    let text = |outcome: &str| {
        format!(
            "version: \"1\"\ngenerated_at: \"2026-05-01T00:00:00Z\"\nexpires_at: \"2026-07-01T00:00:00Z\"\nrules:\n  - id: R\n    description: d\n    match: {{ tool_name: x, environment: \"*\" }}\n    outcome: {outcome}\ndefaults: {{ outcome: DENY }}\n"
        )
    };
    assert_eq!(after("p.yaml", &text("ALOW")), text("ALOW"));
    assert_eq!(after("p.yaml", &text("DENNY")), text("DENY"));
    // Only how it is spelled differs.
    assert_eq!(after("p.yaml", &text("allow")), text("ALLOW"));
}

#[test]
fn two_slips_for_one_key_are_not_both_mended() {
    let text = "version: \"1\"\ngenerated_at: \"2026-05-01T00:00:00Z\"\nexpires_at: \"2026-07-01T00:00:00Z\"\nrules: []\ndefaults: { outcomes: DENY, outcom: ALLOW }\n";
    let fixed = fixed("p.yaml", text, Allowed::Safe).expect("one of them");
    assert_eq!(fixed.text, text.replace("outcomes", "outcome"));
    assert_eq!(fixed.done.len(), 1);
}

#[test]
fn what_is_signed_is_said() {
    let text = "version: \"1\"\nrules: []\ndefaults: { outcome: deny }\nsignature: aa\n";
    assert!(
        fixed("p.yaml", text, Allowed::Safe)
            .expect("fixed")
            .was_signed
    );
    let text = text.replace("signature: aa\n", "");
    assert!(
        !fixed("p.yaml", &text, Allowed::Safe)
            .expect("fixed")
            .was_signed
    );
}
