//! Calls and what became of them, put together. A transcript tells of one call in several places:
//! its result and a person's refusal come in later records, two spans report one execution,
//! records are written out of time order. Owns what belongs to what; knows no shape.
//!
//! A recording is put together whole if it is no longer than [`MAX_TEXT`], and in pieces otherwise,
//! so that memory does not grow with it: what stands in different pieces stays apart. Each piece
//! is put in time order by itself. The platform's own shape holds all that is known of a call in
//! one record and needs none of this: its calls are taken as they come, in the order of the file.
//! Several recordings follow one another as they are given, each on its own clock.

use std::collections::{BTreeMap, HashMap};

use super::sink::{Answer, Call, Report};
use crate::model::request::{Approval, Request};
use crate::time::Timestamp;

/// The longest text that is put together whole, in bytes.
pub const MAX_TEXT: usize = 16 * 1024 * 1024;

/// Most calls that are put together.
const MAX_CALLS: usize = 32 * 1024;

/// Most bytes of results that are kept at a time.
const MAX_RESULTS: usize = 2 * MAX_TEXT;

/// Most reports of one call inside one another.
const MAX_REPORTS: usize = 8;

/// What becomes of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Results {
    /// They are kept until their calls are put together.
    Kept,
    /// They are not looked at.
    Ignored,
}

/// Calls that wait for what became of them. Kept from recording to recording, it stops allocating.
pub struct Assembly {
    wanted: Results,
    held: Vec<Held>,
    spare: Vec<Request>,
    /// The last call of each id and alias.
    places: HashMap<Box<[u8]>, usize, foldhash::fast::RandomState>,
    /// Answers to calls that have not come yet.
    early: HashMap<Box<[u8]>, Settled, foldhash::fast::RandomState>,
    /// Bytes of results that are held.
    result_bytes: usize,
    key: Vec<u8>,
}

/// A call, and what became of it.
struct Held {
    request: Request,
    undecidable: Option<&'static str>,
    line: u64,
    settled: Settled,
    /// Whether another report of the same call counts instead.
    is_repeated: bool,
    /// The call that this one may be a report of.
    within: Option<Box<[u8]>>,
}

/// What became of a call.
#[derive(Default)]
struct Settled {
    approved: Option<(bool, Option<Timestamp>)>,
    result: Option<Vec<u8>>,
}

/// A call that is put together.
pub struct Assembled<'a> {
    /// The call, with a person's answer if there was one.
    pub request: &'a mut Request,
    /// Why it cannot be decided, if so.
    pub undecidable: Option<&'static str>,
    /// The line on which it stands.
    pub line: u64,
    /// What the tool returned, as JSON.
    pub result: Option<&'a [u8]>,
    /// What is noteworthy about the way in which it was put together.
    pub notable: Notable,
}

/// What is noteworthy about the way in which a call was put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notable {
    /// Nothing.
    Nothing,
    /// It stands after a call that was made later.
    OutOfOrder,
    /// Another record reports the same call, and is decided instead.
    Repeated,
}

impl Assembly {
    /// An assembly that holds nothing.
    pub fn new(wanted: Results) -> Self {
        Self {
            wanted,
            held: Vec::new(),
            spare: Vec::new(),
            places: HashMap::default(),
            early: HashMap::default(),
            result_bytes: 0,
            key: Vec::new(),
        }
    }

    /// Takes a call that stands on `line`; its request is replaced by another.
    pub fn take_call(&mut self, call: Call<'_>, line: u64) {
        let session = call.request.session_id;
        let session = session.map(|session| call.request.name(session).to_vec());
        let id = call.request.request_id.map(|id| call.request.name(id));
        let mut keys: Vec<Box<[u8]>> = Vec::with_capacity(1 + call.aliases.len());
        if let Some(id) = id {
            keys.push(self.key(call.conversation, session.as_deref(), id));
        }
        for alias in call.aliases {
            keys.push(self.key(call.conversation, None, alias));
        }
        // The id comes first, if there is one: no alias tells two calls apart that it tells apart.
        if call.report == Report::Later
            && keys
                .first()
                .is_some_and(|key| self.places.contains_key(key))
        {
            return;
        }
        let within = match call.report {
            Report::Within(alias) => Some(self.key(call.conversation, None, alias)),
            Report::Sole | Report::Later => None,
        };
        let mut settled = Settled::default();
        for key in keys {
            if let Some(early) = self.early.remove(&key) {
                settled.add(early);
            }
            self.places.insert(key, self.held.len());
        }
        let mut spare = self.spare.pop().unwrap_or_default();
        spare.returned = call.request.returned.take();
        self.held.push(Held {
            request: std::mem::replace(call.request, spare),
            undecidable: call.undecidable,
            line,
            settled,
            is_repeated: false,
            within,
        });
    }

    /// Takes what became of a call, which may come before or after it.
    pub fn take_answer(&mut self, conversation: u64, answer: Answer<'_>) {
        let by_id = self.key(conversation, answer.session, answer.call);
        let place = self.places.get(&by_id).copied().or_else(|| {
            let by_alias = self.key(conversation, None, answer.call);
            self.places.get(&by_alias).copied()
        });
        let settled = match place.and_then(|place| self.held.get_mut(place)) {
            Some(held) => &mut held.settled,
            None => self.early.entry(by_id).or_default(),
        };
        if let Some(approved) = answer.approved {
            settled.approved.get_or_insert((approved, answer.time));
        }
        if let Some(result) = answer.result
            && settled.result.is_none()
            && self.wanted == Results::Kept
        {
            settled.result = Some(result.to_vec());
            self.result_bytes += result.len();
        }
    }

    /// True if as much is held as may be: it is time for [`Self::finish`].
    pub fn is_full(&self) -> bool {
        self.held.len() >= MAX_CALLS || self.result_bytes >= MAX_RESULTS
    }

    /// Hands the calls to `receive` in time order, those of the same time or without one as they
    /// came, and forgets all.
    pub fn finish(&mut self, mut receive: impl FnMut(Assembled<'_>)) {
        self.mark_repeated();
        let mut latest: Option<Timestamp> = None;
        let mut last: Option<Timestamp> = None;
        let mut order: Vec<(Option<Timestamp>, usize, Notable)> = Vec::new();
        for (index, held) in self.held.iter().enumerate() {
            // A call without a time stays behind the call that it stands behind.
            last = held.request.timestamp.or(last);
            let notable = if held.is_repeated {
                Notable::Repeated
            } else if last < latest {
                Notable::OutOfOrder
            } else {
                Notable::Nothing
            };
            latest = latest.max(last);
            order.push((last, index, notable));
        }
        order.sort_by_key(|(time, index, _)| (*time, *index));
        for (_, index, notable) in order {
            if let Some(held) = self.held.get_mut(index) {
                held.set_approval();
                receive(Assembled {
                    request: &mut held.request,
                    undecidable: held.undecidable,
                    line: held.line,
                    result: held.settled.result.as_deref(),
                    notable,
                });
            }
        }
        let requests = self.held.drain(..).map(|held| held.request);
        self.spare.extend(requests);
        self.places.clear();
        self.early.clear();
        self.result_bytes = 0;
    }

    /// Finds calls that are reported side by side, each report inside the next: the outermost
    /// that can be decided counts, the others do not.
    fn mark_repeated(&mut self) {
        let mut counting: BTreeMap<usize, (bool, usize, usize)> = BTreeMap::new();
        let mut repeated = Vec::new();
        for index in 0..self.held.len() {
            let (outermost, depth) = self.outermost(index);
            if depth == 0 {
                continue;
            }
            for (index, depth) in [(outermost, 0), (index, depth)] {
                let is_undecidable = |held: &Held| held.undecidable.is_some();
                let rank = (
                    self.held.get(index).is_some_and(is_undecidable),
                    depth,
                    index,
                );
                match counting.get_mut(&outermost) {
                    Some(best) if *best == rank => {}
                    Some(best) if *best < rank => repeated.push(index),
                    Some(best) => repeated.push(std::mem::replace(best, rank).2),
                    None => {
                        counting.insert(outermost, rank);
                    }
                }
            }
        }
        for index in repeated {
            if let Some(held) = self.held.get_mut(index) {
                held.is_repeated = true;
            }
        }
    }

    /// The outermost report of the call at `index`, and how many reports are around it.
    fn outermost(&self, index: usize) -> (usize, usize) {
        let mut outermost = index;
        for depth in 0..MAX_REPORTS {
            match self.around(outermost) {
                Some(around) => outermost = around,
                None => return (outermost, depth),
            }
        }
        (index, 0)
    }

    /// The report of a call of the same tool around the one at `index`.
    fn around(&self, index: usize) -> Option<usize> {
        let held = self.held.get(index)?;
        let outer = *self.places.get(held.within.as_ref()?)?;
        let around = self.held.get(outer)?;
        let tool = |held: &Held| Some(held.request.name(held.request.tool_name?).to_vec());
        (tool(around) == tool(held)).then_some(outer)
    }

    /// Under what a call is looked up.
    fn key(&mut self, conversation: u64, session: Option<&[u8]>, id: &[u8]) -> Box<[u8]> {
        self.key.clear();
        self.key.extend_from_slice(&conversation.to_le_bytes());
        if let Some(session) = session {
            self.key.extend_from_slice(&session.len().to_le_bytes());
            self.key.extend_from_slice(session);
        }
        self.key.push(0xFF);
        self.key.extend_from_slice(id);
        self.key.as_slice().into()
    }
}

impl Settled {
    fn add(&mut self, other: Self) {
        self.approved = self.approved.or(other.approved);
        self.result = self.result.take().or(other.result);
    }
}

impl Held {
    /// Says in the request what a person answered, and after how long.
    fn set_approval(&mut self) {
        let Some((approved, time)) = self.settled.approved else {
            return;
        };
        let asked = self.request.timestamp;
        let micros = time
            .zip(asked)
            .map(|(answered, asked)| answered.micros().saturating_sub(asked.micros()));
        self.request.approval.get_or_insert(Approval {
            approved,
            latency_ms: micros
                .filter(|micros| *micros >= 0)
                .map(|micros| micros as f64 / 1000.0),
            has_ticket: false,
        });
    }
}
