//! The objects inside a record: its reasons, `safe_payload` and `chain`.

use super::FindingKind;
use super::line::{ChainMember, Payload, Reading, Slot, from_hex};
use crate::json::{Error, Scanner};

impl<'t> Reading<'_, 't> {
    pub(super) fn reasons(&mut self, scanner: &mut Scanner<'t>) -> Result<(), Error> {
        if scanner.peek()? != b'[' {
            self.trouble(FindingKind::WrongType, "reasons");
            return self.skip(scanner).map(|_| ());
        }
        // The brackets; each element brings its comma, but the first.
        self.canonical.length += 2;
        let mut first = true;
        let mut number = 0;
        scanner.array(|scanner| {
            self.canonical.length += usize::from(!std::mem::take(&mut first));
            self.one_reason(scanner, number)?;
            number += 1;
            Ok(())
        })
    }

    fn one_reason(&mut self, scanner: &mut Scanner<'t>, number: usize) -> Result<(), Error> {
        if scanner.peek()? != b'{' {
            self.trouble(FindingKind::WrongType, "reasons");
            return self.skip(scanner).map(|_| ());
        }
        let mut last = &b""[..];
        let (mut code, mut message) = (None, None);
        let unknown = self.unknown.len();
        scanner.object(|scanner, key| {
            self.canonical.key(key, &mut last);
            let mut buffer = Vec::new();
            let twice = match key.decoded(&mut buffer) {
                b"code" => {
                    let part = self.string(scanner, "code", Slot::Code(number))?;
                    code.replace(part).is_some()
                }
                b"message" => {
                    let part = self.string(scanner, "message", Slot::Message(number))?;
                    message.replace(part).is_some()
                }
                name => return self.unknown(scanner, name, "reasons"),
            };
            if twice {
                self.duplicate("reasons");
            }
            Ok(())
        })?;
        self.note_twice(unknown);
        self.canonical.length += 1;
        if code.is_none() {
            self.trouble(FindingKind::MissingMember, "code");
        }
        let reason = [code.unwrap_or_default(), message.unwrap_or_default()];
        self.lines.reasons.push(reason);
        Ok(())
    }

    pub(super) fn payload(&mut self, scanner: &mut Scanner<'t>) -> Result<(), Error> {
        if scanner.peek()? != b'{' {
            self.trouble(FindingKind::WrongType, "safe_payload");
            return self.skip(scanner).map(|_| ());
        }
        let mut last = &b""[..];
        let mut payload = Payload::default();
        scanner.object(|scanner, key| {
            self.canonical.key(key, &mut last);
            let mut buffer = Vec::new();
            let (member, name, slot) = match key.decoded(&mut buffer) {
                b"agent_id" => (&mut payload.agent_id, "agent_id", Slot::PayloadAgent),
                b"tool_name" => (&mut payload.tool_name, "tool_name", Slot::PayloadTool),
                b"environment" => (
                    &mut payload.environment,
                    "environment",
                    Slot::PayloadEnvironment,
                ),
                b"outcome" => (&mut payload.outcome, "outcome", Slot::PayloadOutcome),
                name => return self.unknown(scanner, name, "safe_payload"),
            };
            let twice = member.is_some();
            *member = self.optional(scanner, name, slot)?;
            if twice {
                self.duplicate("safe_payload");
            }
            Ok(())
        })?;
        self.canonical.length += 1;
        self.payload = payload;
        Ok(())
    }

    pub(super) fn chain(&mut self, scanner: &mut Scanner<'t>) -> Result<(), Error> {
        if scanner.peek()? != b'{' {
            self.trouble(FindingKind::WrongType, "chain");
            return self.skip(scanner).map(|_| ());
        }
        let mut last = &b""[..];
        let mut chain = ChainMember::default();
        scanner.object(|scanner, key| {
            self.canonical.key(key, &mut last);
            let mut buffer = Vec::new();
            let twice = match key.decoded(&mut buffer) {
                b"uid" => match self.optional(scanner, "chain.uid", Slot::ChainUid)? {
                    Some(uid) => chain.uid.replace(uid).is_some(),
                    None => false,
                },
                b"seq" => match self.seq(scanner)? {
                    Some(seq) => chain.seq.replace(seq).is_some(),
                    None => false,
                },
                b"prev_hash" => match self.previous(scanner)? {
                    Some(previous) => chain.previous.replace(previous).is_some(),
                    None => false,
                },
                name => return self.unknown(scanner, name, "chain"),
            };
            if twice {
                self.duplicate("chain");
            }
            Ok(())
        })?;
        self.canonical.length += 1;
        self.chain = Some(chain);
        Ok(())
    }

    fn seq(&mut self, scanner: &mut Scanner<'t>) -> Result<Option<u64>, Error> {
        if !scanner.peek()?.is_ascii_digit() {
            self.trouble(FindingKind::WrongType, "chain.seq");
            self.skip(scanner)?;
            return Ok(None);
        }
        let written = scanner.number()?;
        self.canonical.length += written.len();
        let end = scanner.offset();
        self.values.push((Slot::ChainSeq, end - written.len(), end));
        let seq = std::str::from_utf8(written).unwrap_or_default().parse();
        if seq.is_err() {
            self.trouble(FindingKind::WrongType, "chain.seq");
            self.canonical.holds = false;
        }
        Ok(seq.ok())
    }

    /// The hash that is given: `Some(None)` for `null`.
    fn previous(&mut self, scanner: &mut Scanner<'t>) -> Result<Option<Option<[u8; 32]>>, Error> {
        if scanner.peek()? == b'n' {
            self.canonical.length += "null".len();
            scanner.null()?;
            return Ok(Some(None));
        }
        let Some(part) = self.optional(scanner, "chain.prev_hash", Slot::ChainPrevious)? else {
            return Ok(None);
        };
        let hash = from_hex(self.text_of(part));
        if hash.is_none() {
            self.trouble(FindingKind::WrongType, "chain.prev_hash");
        }
        Ok(hash.map(Some))
    }
}
