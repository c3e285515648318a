//! What work costs: time by the clock, time on the processor, memory. Owns how that is found out;
//! knows nothing of the work.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

/// How often a running program is looked at.
const INTERVAL: Duration = Duration::from_micros(200);

/// What something took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Took {
    /// Seconds by the clock.
    pub(crate) wall: f64,
    /// Seconds on the processor, of the first thread alone; by the clock where the system does not
    /// say.
    pub(crate) processor: f64,
    /// The most memory in KiB, if the system says.
    pub(crate) memory: Option<u64>,
}

/// The least that each of several things took, by what it was, since a busy machine only ever adds
/// to it. Of memory, which varies with the timing of threads, the most.
#[derive(Default)]
pub(crate) struct Least(BTreeMap<String, Took>);

impl Least {
    pub(crate) fn take(&mut self, what: &str, took: Took) {
        let least = self.0.entry(what.to_owned()).or_insert(took);
        least.wall = least.wall.min(took.wall);
        least.processor = least.processor.min(took.processor);
        least.memory = least.memory.max(took.memory);
    }

    pub(crate) fn wall(&self, what: &str) -> f64 {
        self.0.get(what).map_or(f64::NAN, |took| took.wall)
    }

    pub(crate) fn processor(&self, what: &str) -> f64 {
        self.0.get(what).map_or(f64::NAN, |took| took.processor)
    }

    /// In MiB.
    pub(crate) fn memory(&self, what: &str) -> f64 {
        let kib = self.0.get(what).and_then(|took| took.memory);
        kib.map_or(f64::NAN, |kib| kib as f64 / 1024.0)
    }
}

/// Times work on this thread.
pub(crate) fn time(work: impl FnOnce()) -> Took {
    let before = processor_time("thread-self");
    let start = Instant::now();
    work();
    let wall = start.elapsed();
    let processor = processor_time("thread-self")
        .zip(before)
        .map_or(wall, |(after, before)| after - before);
    Took {
        wall: wall.as_secs_f64(),
        processor: processor.as_secs_f64(),
        memory: None,
    }
}

/// Times a program from start to exit.
///
/// # Errors
/// If it cannot be started, or exits with a code that is not one of `expected`.
pub(crate) fn run(program: &mut Command, expected: &[i32]) -> io::Result<Took> {
    let start = Instant::now();
    let mut child = program.spawn()?;
    let (processor, memory) = watch(&mut child)?;
    let code = child.wait()?.code();
    let wall = start.elapsed().as_secs_f64();
    if !code.is_some_and(|code| expected.contains(&code)) {
        return Err(io::Error::other(format!("{program:?} exits with {code:?}")));
    }
    Ok(Took {
        wall,
        processor: processor.map_or(wall, |time| time.as_secs_f64()),
        memory,
    })
}

/// Follows a program to its end and leaves it to be waited for: the time of its first thread, and
/// the most memory in KiB.
fn watch(child: &mut Child) -> io::Result<(Option<Duration>, Option<u64>)> {
    let process = child.id().to_string();
    let mut memory = None;
    while let Ok(status) = fs::read_to_string(format!("/proc/{process}/status")) {
        let value = |key| {
            let mut lines = status.lines();
            lines.find_map(|line| line.strip_prefix(key).map(str::trim))
        };
        // An ended program that was not waited for yet still has its times.
        if value("State:").is_none_or(|state| state.starts_with('Z')) {
            break;
        }
        // The figure only grows, and is gone when the program is.
        let peak = value("VmHWM:").and_then(|peak| peak.strip_suffix(" kB")?.parse().ok());
        memory = peak.or(memory);
        thread::sleep(INTERVAL);
    }
    Ok((processor_time(&process), memory))
}

/// What the first thread of a process has used so far; only Linux says.
fn processor_time(process: &str) -> Option<Duration> {
    let text = fs::read_to_string(format!("/proc/{process}/schedstat")).ok()?;
    Some(Duration::from_nanos(text.split(' ').next()?.parse().ok()?))
}
