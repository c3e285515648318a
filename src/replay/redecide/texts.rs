//! Texts kept on the disk, for the few of them that are asked for again.

use std::io;

use crate::source::spill::Spill;

/// How many bytes are in memory before they go to the disk.
const BUFFER_BYTES: usize = 64 * 1024;

/// Texts on the disk.
#[derive(Debug, Default)]
pub(super) struct Texts {
    spill: Spill,
    /// What follows what is on the disk.
    buffer: Vec<u8>,
    kept: u64,
}

/// Where a text is.
#[derive(Clone, Copy, Debug)]
pub(super) struct At {
    pub(super) start: u64,
    pub(super) length: u32,
}

impl Texts {
    pub(super) fn keep(&mut self, text: &str) -> io::Result<At> {
        if self.buffer.len() + text.len() > BUFFER_BYTES {
            self.flush()?;
        }
        let at = At {
            start: self.kept + self.buffer.len() as u64,
            length: u32::try_from(text.len()).unwrap_or(u32::MAX),
        };
        self.buffer.extend_from_slice(text.as_bytes());
        Ok(at)
    }

    pub(super) fn get(&mut self, at: At) -> io::Result<String> {
        self.flush()?;
        let mut bytes = vec![0; at.length as usize];
        if !bytes.is_empty() {
            self.spill.read(at.start, &mut bytes)?;
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.buffer.is_empty() {
            self.spill.append(&self.buffer)?;
            self.kept += self.buffer.len() as u64;
            self.buffer.clear();
        }
        Ok(())
    }
}
