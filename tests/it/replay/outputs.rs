//! Everything that is said of a log, in every format.

use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::time::Duration;

use agent_spm::evidence;
use agent_spm::export::{Alert, Exporter, FORMATS, Framing, Records, Syslog};
use agent_spm::model::pipeline::guardian::GuardianOptions;
use agent_spm::replay::{self, Event, Filter, OnUnreadable, Options, Receive, Replay};
use agent_spm::report::replay::{self as report, Custody};
use agent_spm::report::{html, human, json, markdown};
use agent_spm::signing::keys::KeySet;
use agent_spm::source::stream::{Digesting, Input};
use agent_spm::time::Timestamp;
use agent_spm::time::zone::Zone;

/// Exports of all formats, each as it is and as messages of both framings.
struct All(Vec<(String, Exporter<Vec<u8>>)>);

impl Receive for All {
    fn event(&mut self, event: &Event<'_>, _: &str) -> io::Result<()> {
        let mut all = self.0.iter_mut();
        all.try_for_each(|(_, export)| export.event(event, "log.jsonl"))
    }
}

/// What is said of a log that a guardian looks at, of which `receiver` gets the events.
pub(crate) fn replayed(
    log: &[u8],
    guardian: &GuardianOptions,
    receiver: Option<&mut dyn Receive>,
) -> Replay {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(log).expect("writes");
    let options = Options {
        filter: &Filter::default(),
        keys: &KeySet::default(),
        guardian: Some(guardian),
        deciding: None,
        checkpoints: &[],
        now: Timestamp::parse(b"2026-06-01T00:00:00Z").expect("a time"),
        max_gap: Duration::from_secs(1800),
        max_events: 10_000,
        shown: 1000,
        unreadable: OnUnreadable::Count,
        threads: NonZeroUsize::MIN,
        digesting: Digesting::Off,
    };
    let inputs = [Input::File(file.path().to_owned())];
    replay::run(&inputs, &options, receiver, &mut |_| {}).expect("is read")
}

/// The name of each output, and what it says of a log that a guardian looks at.
pub(crate) fn all(log: &[u8], guardian: &GuardianOptions) -> Vec<(String, String)> {
    let framings = [None, Some(Framing::Lines), Some(Framing::Octets)];
    let mut exports = All(Vec::new());
    for format in FORMATS {
        for framing in framings {
            if framing.is_some() && format.records() == Records::ByHeader {
                continue;
            }
            let name = format!("{} {framing:?}", format.name());
            let syslog = framing.map(|framing| Syslog {
                framing,
                host: None,
            });
            let export = Exporter::new(*format, syslog, Vec::new());
            exports.0.push((name, export));
        }
    }
    let replay = replayed(log, guardian, Some(&mut exports));
    let mut outputs = Vec::new();
    for (name, mut export) in exports.0 {
        for incident in replay.incidents.iter().flat_map(|found| &found.listed) {
            export.alert(&Alert::from(incident)).expect("writes");
        }
        let (_, text) = export.finish().expect("writes");
        outputs.push((name, String::from_utf8(text).expect("UTF-8")));
    }
    let assessment = evidence::assess(&evidence::Inputs {
        replay: &replay,
        policy: None,
        pipeline: None,
    });
    let zone = Zone::utc();
    let mut view = report::view(&replay, &zone);
    view.sections.extend(report::assessed(&replay, &assessment));
    let custody = Custody {
        command: Vec::new(),
        method: Vec::new(),
    };
    let page = report::page(&replay, &assessment, &zone, &custody);
    let report = json::render(&report::report(&replay, &assessment)).expect("is written");
    for (name, text) in [
        ("human", human::render(&view, None)),
        ("json", report),
        ("html", html::render(&page)),
        ("markdown", markdown::of_view(&view)),
    ] {
        outputs.push((name.to_owned(), text));
    }
    outputs
}
