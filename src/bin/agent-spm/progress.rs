//! How far a long run is, on a terminal.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use agent_spm::report::grouped;

use crate::cli::Global;
use crate::output;

/// Bytes read so far, on a terminal, a few times a second.
pub(crate) struct Progress {
    shown: bool,
    wanted: bool,
    last: Instant,
}

const PROGRESS_INTERVAL: Duration = Duration::from_millis(250);

impl Progress {
    /// None shown yet.
    pub(crate) fn new(global: &Global) -> Self {
        Self {
            shown: false,
            wanted: !global.quiet && std::io::stderr().is_terminal(),
            last: Instant::now(),
        }
    }

    /// Shows how far it is, if it is time to.
    pub(crate) fn show(&mut self, bytes: u64) {
        if self.wanted && self.last.elapsed() >= PROGRESS_INTERVAL {
            output::say(&format!("\r{} MiB read", grouped(bytes >> 20)));
            self.last = Instant::now();
            self.shown = true;
        }
    }

    /// Takes it away.
    pub(crate) fn clear(&mut self) {
        if self.shown {
            output::say("\r\u{1B}[K");
        }
    }
}
