//! `session-context`: limits how often a tool is called in one session.
//!
//! **What.** Denies a call of a tool in `limits` when its session already holds `max_per_session`
//! calls of it (`SESSION_LIMIT_EXCEEDED`). Calls count whose decision is not DENY. A session lives
//! `session_ttl_ms` (an hour by default) from its first call of a limited tool and then begins anew.
//! Calls without a session are not limited.
//!
//! **Why.** Three payments in one conversation may be work; the fourth is an accident or an attack.
//!
//! ```yaml
//! - session-context: { limits: { trigger_payment: { max_per_session: 3 } } }
//! ```

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::decision::Outcome;
use crate::model::pipeline::SessionContext as Options;
use crate::pipeline::{Facts, NO_TIMESTAMP, Plugin, Ruling, State, Step};
use crate::short::Short;
use crate::time::Timestamp;

const HOUR_MS: u64 = 3_600_000;

/// The fewest sessions at which expired ones are looked for.
const SWEEP_FROM: usize = 1024;

type Map<V> = HashMap<Short, V, foldhash::fast::RandomState>;

/// The limits.
pub(super) struct SessionContext {
    /// By tool: its number, and its limit.
    limits: Arc<Map<(usize, u32)>>,
    ttl: i64,
}

impl SessionContext {
    pub(super) fn new(options: &Options) -> Self {
        let limits = options.limits.iter().enumerate();
        let ttl_ms = options.session_ttl_ms.unwrap_or(HOUR_MS);
        Self {
            limits: Arc::new(
                limits
                    .map(|(number, (tool, limit))| {
                        (tool.as_bytes().into(), (number, limit.max_per_session))
                    })
                    .collect(),
            ),
            ttl: i64::try_from(ttl_ms).map_or(i64::MAX, |ttl| ttl.saturating_mul(1000)),
        }
    }
}

impl Plugin for SessionContext {
    fn name(&self) -> &str {
        "session-context"
    }

    fn state(&self) -> Option<Box<dyn State>> {
        Some(Box::new(Sessions {
            limits: Arc::clone(&self.limits),
            ttl: self.ttl,
            live: Map::default(),
            sweep_at: SWEEP_FROM,
        }))
    }
}

struct Sessions {
    limits: Arc<Map<(usize, u32)>>,
    /// In microseconds.
    ttl: i64,
    live: Map<Session>,
    sweep_at: usize,
}

struct Session {
    start: i64,
    /// Calls by number of the tool.
    counts: Box<[u32]>,
}

impl Sessions {
    /// How often a call's session called the tool of that number; it is begun if it is new or the
    /// one of that name is over.
    fn count(&mut self, name: &[u8], now: Timestamp, number: usize) -> Option<&mut u32> {
        let now = now.micros();
        let ttl = self.ttl;
        let is_over = |session: &Session| now.saturating_sub(session.start).saturating_abs() > ttl;
        let begun = self.live.get(name);
        if begun.is_none_or(is_over) {
            if begun.is_none() && self.live.len() >= self.sweep_at {
                self.live.retain(|_, session| !is_over(session));
                self.sweep_at = (self.live.len() * 2).max(SWEEP_FROM);
            }
            let counts = vec![0; self.limits.len()].into();
            let session = Session { start: now, counts };
            self.live.insert(name.into(), session);
        }
        self.live.get_mut(name)?.counts.get_mut(number)
    }
}

impl State for Sessions {
    fn before(&mut self, call: &Facts<'_>) -> Step {
        let Some(&(number, limit)) = self.limits.get(call.tool) else {
            return Step::Continue;
        };
        if call.session.is_empty() {
            return Step::Continue;
        }
        let Some(now) = call.time else {
            return Step::Undecidable(NO_TIMESTAMP);
        };
        let count = self.count(call.session, now, number);
        if count.is_some_and(|count| *count >= limit) {
            let message = format!("the session called the tool {limit} times already");
            return Step::Decide(Ruling::deny("SESSION_LIMIT_EXCEEDED", message));
        }
        Step::Continue
    }

    fn decided(&mut self, call: &Facts<'_>, outcome: Outcome) {
        if outcome == Outcome::Deny || call.session.is_empty() {
            return;
        }
        if let (Some(&(number, _)), Some(now)) = (self.limits.get(call.tool), call.time)
            && let Some(count) = self.count(call.session, now, number)
        {
            *count = count.saturating_add(1);
        }
    }
}
