//! What shapes find in records, and where they put it. Owns how calls, and what became of them,
//! are named until they are put together; knows no shape.

use crate::model::request::Request;
use crate::time::Timestamp;

/// What earlier records of a recording say of the calls in later ones.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The session, where a record says it for all that follow.
    pub session: Option<Vec<u8>>,
    /// The agent, likewise.
    pub agent: Option<Vec<u8>>,
    /// Who provides the tools, likewise.
    pub provider: Option<Vec<u8>>,
    /// In which conversation ids are looked up: those of another one are other ids. 0 for none.
    conversation: u64,
    conversations: u64,
}

/// Where a shape puts what it finds.
pub struct Sink<'a> {
    /// What earlier records say.
    pub context: &'a mut Context,
    request: &'a mut Request,
    receive: &'a mut dyn FnMut(Found<'_>),
}

/// What a record holds.
#[derive(Debug)]
pub enum Found<'a> {
    /// A call.
    Call(Call<'a>),
    /// What became of a call that stands elsewhere in the recording.
    Answer {
        /// In which conversation the call's id is looked up.
        conversation: u64,
        /// What became of it.
        answer: Answer<'a>,
    },
    /// Something that is no call although it stands where one must.
    Unreadable {
        /// Where it is wrong, in bytes of the text that the record points into.
        at: usize,
        /// What is wrong there.
        message: String,
    },
    /// Something else worth counting, by a stable name:
    ///
    /// - `streamed_call`: the call just before came in fragments
    /// - `stream_unreadable`: a recorded stream was read up to an event that is not JSON
    /// - `shell_action`: the call just before is recorded as the text of a shell command
    /// - `tool_search`: a search for tools, which is the provider's and no call
    Note(&'static str),
}

/// A call that a record holds.
#[derive(Debug)]
pub struct Call<'a> {
    /// What is known of it.
    pub request: &'a mut Request,
    /// The stable name of the reason why it cannot be decided, if so:
    ///
    /// - `tool_name_missing`
    /// - `arguments_missing`: the record says nothing of them, not even that there are none
    /// - `arguments_not_json`, `arguments_not_object`
    /// - `arguments_ambiguous`: a key stands twice in an object
    /// - `arguments_truncated`: the recording ends before they do
    pub undecidable: Option<&'static str>,
    /// In which conversation its ids are looked up.
    pub conversation: u64,
    /// Other ids by which the recording speaks of it, as [`Answer::call`] does.
    pub aliases: &'a [&'a [u8]],
    /// What the record is to other records of the same call.
    pub report: Report<'a>,
}

/// What a record is to other records of the same call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report<'a> {
    /// The only one.
    Sole,
    /// A later one, which counts only if the earlier one is missing.
    Later,
    /// One among several that are made side by side: it reports the same call as the one with
    /// this id if that is a call of the same tool.
    Within(&'a [u8]),
}

/// What became of a call.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answer<'a> {
    /// The call's session, if it has one.
    pub session: Option<&'a [u8]>,
    /// The call's id, or an alias.
    pub call: &'a [u8],
    /// When the answer came.
    pub time: Option<Timestamp>,
    /// What a person answered who was asked whether the call may go through.
    pub approved: Option<bool>,
    /// What the tool returned, as JSON.
    pub result: Option<&'a [u8]>,
}

/// What to make of a call beside its request.
#[derive(Clone, Copy, Debug)]
pub struct Links<'a> {
    /// As [`Call::aliases`].
    pub aliases: &'a [&'a [u8]],
    /// As [`Call::report`].
    pub report: Report<'a>,
}

impl Default for Links<'_> {
    fn default() -> Self {
        Self {
            aliases: &[],
            report: Report::Sole,
        }
    }
}

impl Context {
    /// Says of a call what its record does not.
    fn fill_in(&self, request: &mut Request) {
        let add = |request: &mut Request, text: &Option<Vec<u8>>| {
            let text = text.as_ref()?;
            Some(request.add_name(|out| out.extend_from_slice(text)))
        };
        if request.session_id.is_none() {
            request.session_id = add(request, &self.session);
        }
        if request.agent_id.is_none() {
            request.agent_id = add(request, &self.agent);
        }
        if request.tool_provider.is_none() {
            request.tool_provider = add(request, &self.provider);
        }
    }
}

impl<'a> Sink<'a> {
    /// A sink that builds calls in `request` and hands all it is given to `receive`.
    pub fn new(
        request: &'a mut Request,
        context: &'a mut Context,
        receive: &'a mut dyn FnMut(Found<'_>),
    ) -> Self {
        Self {
            context,
            request,
            receive,
        }
    }

    /// Says that what follows is a conversation of its own: its ids are not those of another.
    pub fn begin_conversation(&mut self) {
        self.context.conversations += 1;
        self.context.conversation = self.context.conversations;
    }

    /// Says that what follows belongs to no conversation: its ids are those of the recording.
    pub fn leave_conversation(&mut self) {
        self.context.conversation = 0;
    }

    /// Emits the call that `fill` describes; `fill` returns why it cannot be decided, if so.
    pub fn call(&mut self, fill: impl FnOnce(&mut Request) -> Result<(), &'static str>) {
        self.linked_call(Links::default(), fill);
    }

    /// Emits the call that `fill` describes, whose place in the recording `links` describes.
    pub fn linked_call(
        &mut self,
        links: Links<'_>,
        fill: impl FnOnce(&mut Request) -> Result<(), &'static str>,
    ) {
        self.request.clear();
        let undecidable = fill(self.request).err();
        self.context.fill_in(self.request);
        (self.receive)(Found::Call(Call {
            request: self.request,
            undecidable,
            conversation: self.context.conversation,
            aliases: links.aliases,
            report: links.report,
        }));
    }

    /// Emits the call that `fill` describes; `fill` returns where and why it is none, if so.
    pub fn call_or_unreadable(
        &mut self,
        fill: impl FnOnce(&mut Request) -> Result<(), (usize, String)>,
    ) {
        self.request.clear();
        match fill(self.request) {
            Ok(()) => (self.receive)(Found::Call(Call {
                request: self.request,
                undecidable: None,
                conversation: self.context.conversation,
                aliases: &[],
                report: Report::Sole,
            })),
            Err((at, message)) => (self.receive)(Found::Unreadable { at, message }),
        }
    }

    /// Emits what became of a call.
    pub fn answer(&mut self, answer: Answer<'_>) {
        if answer.approved.is_none() && answer.result.is_none() {
            return;
        }
        (self.receive)(Found::Answer {
            conversation: self.context.conversation,
            answer,
        });
    }

    /// Counts something that is not a call.
    pub fn note(&mut self, what: &'static str) {
        (self.receive)(Found::Note(what));
    }
}
