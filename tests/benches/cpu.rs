//! What a computation costs, however busy the machine is.

use std::time::{Duration, Instant};

/// When something began.
pub(crate) struct Start {
    clock: Instant,
    busy: Option<Duration>,
}

impl Start {
    /// Now.
    pub(crate) fn now() -> Self {
        Self {
            clock: Instant::now(),
            busy: busy_time(),
        }
    }

    /// How long this thread has been running since, where the system tells; else how long ago it
    /// was.
    pub(crate) fn elapsed(&self) -> Duration {
        let elapsed = self.clock.elapsed();
        // Counted by the tick of the scheduler: too coarse for what is short.
        if elapsed <= Duration::from_millis(20) {
            return elapsed;
        }
        match (self.busy, busy_time()) {
            (Some(before), Some(after)) => {
                elapsed.min(after.saturating_sub(before) + Duration::from_millis(4))
            }
            _ => elapsed,
        }
    }
}

/// The time that this thread has been running, where the system tells.
fn busy_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = text.split(' ').next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}
