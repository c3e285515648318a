//! `rate-limiter`: limits the calls of an agent, and of each tool by an agent, in a sliding window.
//!
//! **What.** Denies a call when the window that ends with it (`window_ms`, a minute by default)
//! already holds `max_per_minute` calls of the agent (`RATE_LIMIT_AGENT`) or
//! `max_per_minute_per_tool` calls of that tool by it (`RATE_LIMIT_TOOL`). A call exactly one
//! window old still counts; calls that the limiter denies do not. A limit of 0 is none.
//! Calls whose time or agent is not known cannot be decided.
//!
//! **Why.** A loop or an attacker makes many calls quickly; a person at work does not.
//!
//! ```yaml
//! - rate-limiter: { max_per_minute: 60, max_per_minute_per_tool: 20 }
//! ```

use crate::model::pipeline::RateLimiter as Options;
use crate::pipeline::window::{Window, Windows};
use crate::pipeline::{Facts, NO_AGENT, NO_TIMESTAMP, Plugin, Ruling, State, Step};

const MINUTE_MS: u64 = 60_000;

/// The limits.
#[derive(Clone, Copy)]
pub(super) struct RateLimiter {
    per_agent: Option<usize>,
    per_tool: Option<usize>,
    window_ms: u64,
}

impl RateLimiter {
    pub(super) fn new(options: &Options) -> Self {
        let limit =
            |limit: Option<u32>| limit.filter(|&limit| limit > 0).map(|limit| limit as usize);
        Self {
            per_agent: limit(options.max_per_minute),
            per_tool: limit(options.max_per_minute_per_tool),
            window_ms: options.window_ms.unwrap_or(MINUTE_MS),
        }
    }
}

impl Plugin for RateLimiter {
    fn name(&self) -> &str {
        "rate-limiter"
    }

    fn state(&self) -> Option<Box<dyn State>> {
        if self.per_agent.is_none() && self.per_tool.is_none() {
            return None;
        }
        Some(Box::new(Counting {
            limits: *self,
            agents: Windows::new(self.window_ms),
            tools: Windows::new(self.window_ms),
            key: Vec::new(),
        }))
    }
}

struct Counting {
    limits: RateLimiter,
    agents: Windows,
    tools: Windows,
    /// The agent and the tool, with a byte between them that neither holds.
    key: Vec<u8>,
}

impl State for Counting {
    fn before(&mut self, call: &Facts<'_>) -> Step {
        let Some(now) = call.time else {
            return Step::Undecidable(NO_TIMESTAMP);
        };
        if call.agent.is_empty() {
            return Step::Undecidable(NO_AGENT);
        }
        let agent = self.agents.find(call.agent, now);
        let made = agent.as_ref().map_or(0, Window::count);
        if let Some(limit) = self.limits.per_agent
            && made >= limit
        {
            let message = format!(
                "the agent made {limit} calls within {} ms",
                self.limits.window_ms
            );
            return Step::Decide(Ruling::deny("RATE_LIMIT_AGENT", message));
        }
        self.key.clear();
        self.key.extend_from_slice(call.agent);
        self.key.push(0xFF);
        self.key.extend_from_slice(call.tool);
        let tool = self.tools.find(&self.key, now);
        let made = tool.as_ref().map_or(0, Window::count);
        if let Some(limit) = self.limits.per_tool
            && made >= limit
        {
            let message = format!(
                "the agent called the tool {limit} times within {} ms",
                self.limits.window_ms
            );
            return Step::Decide(Ruling::deny("RATE_LIMIT_TOOL", message));
        }
        if self.limits.per_agent.is_some() {
            match agent {
                Some(window) => window.add(),
                None => self.agents.begin(call.agent, now),
            }
        }
        if self.limits.per_tool.is_some() {
            match tool {
                Some(window) => window.add(),
                None => self.tools.begin(&self.key, now),
            }
        }
        Step::Continue
    }
}
