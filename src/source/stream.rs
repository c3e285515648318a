//! Recordings and logs of any size: opened anywhere, decompressed on the way, cut into chunks of
//! whole lines. Owns lines and their numbers; knows nothing of what a line holds.

mod compressed;

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use thiserror::Error as ThisError;

use self::compressed::{Damage, decompressed};

use super::{OpenError, open_anywhere};
use crate::digest::Sha256;

/// Chunks are at least this long, but for the last of an input.
const CHUNK_BYTES: usize = 128 * 1024;

/// The longest line that is read, in bytes. A longer one is counted, not kept.
pub const MAX_LINE_BYTES: usize = 64 * 1024 * 1024;

/// A recording or log to be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Input {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
}

impl Input {
    /// What reports call it.
    pub fn name(&self) -> String {
        match self {
            Self::Stdin => "<stdin>".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }
}

impl Input {
    /// True for a file whose name says that it is YAML, compressed or not.
    pub fn is_yaml(&self) -> bool {
        match self {
            Self::Stdin => false,
            Self::File(path) => {
                let name = uncompressed_name(path);
                name.ends_with(".yaml") || name.ends_with(".yml")
            }
        }
    }
}

/// Why an input cannot be read, or not to its end.
#[derive(Debug, ThisError)]
pub enum StreamError {
    /// It cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It cannot be read on.
    #[error("cannot read `{name}`: {error}")]
    Read {
        /// The input.
        name: String,
        /// Why.
        error: io::Error,
    },
    /// Standard input is to be read twice.
    #[error("`-` is given twice, but standard input can be read once only")]
    StdinTwice,
    /// A directory cannot be walked.
    #[error("cannot walk `{name}`: {error}")]
    Walk {
        /// The directory.
        name: String,
        /// Why.
        error: walkdir::Error,
    },
}

/// The inputs that `paths` name, in their order: `-` is standard input, a directory stands for
/// the recordings below it (`.json`, `.jsonl`, `.ndjson`, `.traj`, also `.gz` and `.zst`) by name. Links
/// to directories are not followed.
///
/// # Errors
/// If a directory cannot be walked, or standard input is named twice.
pub fn inputs(paths: &[PathBuf]) -> Result<Vec<Input>, StreamError> {
    let mut inputs = Vec::new();
    for path in paths {
        if path == Path::new("-") {
            if inputs.contains(&Input::Stdin) {
                return Err(StreamError::StdinTwice);
            }
            inputs.push(Input::Stdin);
            continue;
        }
        if !path.is_dir() {
            inputs.push(Input::File(path.clone()));
            continue;
        }
        for entry in walkdir::WalkDir::new(path).sort_by_file_name() {
            let entry = entry.map_err(|error| StreamError::Walk {
                name: path.display().to_string(),
                error,
            })?;
            if entry.file_type().is_file() && is_recording(entry.path()) {
                inputs.push(Input::File(entry.into_path()));
            }
        }
    }
    Ok(inputs)
}

fn is_recording(path: &Path) -> bool {
    let name = uncompressed_name(path);
    [".json", ".jsonl", ".ndjson", ".traj"]
        .iter()
        .any(|suffix| name.ends_with(suffix))
}

/// The file's name without the ending of a compressed one.
fn uncompressed_name(path: &Path) -> &str {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.unwrap_or_default();
    name.strip_suffix(".gz")
        .or_else(|| name.strip_suffix(".zst"))
        .unwrap_or(name)
}

/// Whole lines of one input.
#[derive(Debug, Default)]
pub struct Chunk {
    /// The lines, each but perhaps the input's last ended by a newline.
    pub text: Vec<u8>,
    /// Number of the first line, from 1.
    pub first_line: u64,
    /// Numbers of lines that were longer than [`MAX_LINE_BYTES`] and left out, each before or,
    /// as an empty line, in this chunk.
    pub left_out: Vec<u64>,
    /// Where and why the input ends before its end: its compression is damaged.
    pub broken_off: Option<BrokenOff>,
}

/// That an input cannot be decompressed to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenOff {
    /// The number of the line that is not whole.
    pub line: u64,
    /// Why, as the decompressor says it.
    pub reason: String,
}

impl Chunk {
    /// True if there is nothing in it, not even a line that was left out.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.left_out.is_empty() && self.broken_off.is_none()
    }
}

/// An input as a sequence of chunks.
pub struct Chunks {
    name: String,
    reader: Box<dyn Read + Send>,
    damage: Damage,
    digest: Option<Arc<Mutex<Sha256>>>,
    line_limit: usize,
    tail: Vec<u8>,
    next_line: u64,
    ended: bool,
}

/// Whether the SHA-256 of an input's bytes, as they are stored, is computed while it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digesting {
    /// It is, for reports that name their inputs.
    On,
    /// It is not, which is faster.
    Off,
}

impl Chunks {
    /// Opens an input. `.gz` and `.zst` are told by their first bytes, not by their names.
    ///
    /// # Errors
    /// If the input is not a regular file (standard input may be anything) or cannot be read.
    pub fn open(input: &Input, digesting: Digesting) -> Result<Self, StreamError> {
        let raw: Box<dyn Read + Send> = match input {
            Input::Stdin => Box::new(io::stdin()),
            Input::File(path) => Box::new(open_anywhere(path)?),
        };
        Self::new(input.name(), raw, digesting, MAX_LINE_BYTES)
    }

    fn new(
        name: String,
        raw: Box<dyn Read + Send>,
        digesting: Digesting,
        line_limit: usize,
    ) -> Result<Self, StreamError> {
        let digest = (digesting == Digesting::On).then(Arc::default);
        let raw: Box<dyn Read + Send> = match &digest {
            Some(digest) => Box::new(Digested {
                reader: raw,
                digest: Arc::clone(digest),
            }),
            None => raw,
        };
        let damage = Damage::default();
        match decompressed(raw, &damage) {
            Ok(reader) => Ok(Self {
                name,
                reader,
                damage,
                digest,
                line_limit,
                tail: Vec::new(),
                next_line: 1,
                ended: false,
            }),
            Err(error) => Err(StreamError::Read { name, error }),
        }
    }

    /// Replaces `chunk` by the next lines; false at the end of the input.
    ///
    /// # Errors
    /// If the input cannot be read on. If its compression is damaged, the lines before that come,
    /// and the last chunk says so.
    pub fn next(&mut self, chunk: &mut Chunk) -> Result<bool, StreamError> {
        let filled = self.fill(chunk);
        filled.map_err(|error| StreamError::Read {
            name: self.name.clone(),
            error,
        })
    }

    /// Appends the lines that follow those of `chunk`, the last that was read, until it is at
    /// least `length` bytes long or the input ends.
    ///
    /// # Errors
    /// If the input cannot be read on.
    pub fn lengthen(&mut self, chunk: &mut Chunk, length: usize) -> Result<(), StreamError> {
        let mut more = Chunk::default();
        while chunk.text.len() < length && self.next(&mut more)? {
            for line in more.left_out.drain(..) {
                chunk.left_out.push(line);
                chunk.text.push(b'\n');
            }
            chunk.text.append(&mut more.text);
            chunk.broken_off = more.broken_off.take();
        }
        Ok(())
    }

    /// Appends the rest of the input to `chunk`, up to `limit` bytes in all; false if there is
    /// more than that.
    ///
    /// # Errors
    /// If the input cannot be read on.
    pub fn append_rest(&mut self, chunk: &mut Chunk, limit: usize) -> Result<bool, StreamError> {
        chunk.text.append(&mut self.tail);
        let room = limit.saturating_sub(chunk.text.len()) as u64;
        let read = (&mut self.reader)
            .take(room + 1)
            .read_to_end(&mut chunk.text);
        self.ended = true;
        let line = chunk.first_line + newlines(&chunk.text);
        chunk.broken_off = chunk.broken_off.take().or_else(|| self.broken_off(line));
        match read {
            Ok(count) => Ok(count as u64 <= room),
            Err(error) => Err(StreamError::Read {
                name: self.name.clone(),
                error,
            }),
        }
    }

    /// Lines read so far.
    pub fn lines(&self) -> u64 {
        self.next_line - 1
    }

    /// The SHA-256 of the input as it is stored, in lower-case hexadecimal, if it was asked for.
    /// Of the whole input once [`Self::next`] has returned false.
    pub fn sha256(&self) -> Option<String> {
        let digest = self.digest.as_ref()?.lock().ok()?.clone();
        Some(digest.hex())
    }

    /// What is to be said of the end of the input, once.
    fn broken_off(&self, line: u64) -> Option<BrokenOff> {
        let reason = self.damage.lock().ok()?.take()?;
        Some(BrokenOff { line, reason })
    }

    fn fill(&mut self, chunk: &mut Chunk) -> io::Result<bool> {
        chunk.broken_off = None;
        chunk.text.clear();
        chunk.text.append(&mut self.tail);
        chunk.first_line = self.next_line;
        chunk.left_out.clear();
        let mut searched = 0;
        while !self.ended {
            // Doubled each time, but hardly beyond the longest line that is kept.
            let length = chunk.text.len();
            let to_limit = self.line_limit.saturating_sub(length);
            let room = CHUNK_BYTES.max(length.min(to_limit));
            chunk.text.reserve_exact(room);
            let read = (&mut self.reader)
                .take(room as u64)
                .read_to_end(&mut chunk.text)?;
            self.ended = read == 0;
            let unsearched = chunk.text.get(searched..).unwrap_or_default();
            let first = memchr::memchr(b'\n', unsearched).map(|newline| searched + newline);
            if first.unwrap_or(chunk.text.len()) > self.line_limit {
                self.leave_out_first_line(chunk, first)?;
                return Ok(true);
            }
            if let Some(last) = memchr::memrchr(b'\n', unsearched) {
                self.tail = chunk.text.split_off(searched + last + 1);
                break;
            }
            searched = chunk.text.len();
        }
        self.next_line += newlines(&chunk.text);
        if self.ended && self.tail.is_empty() {
            chunk.broken_off = self.broken_off(self.next_line);
        }
        let unfinished = !chunk.text.is_empty() && !chunk.text.ends_with(b"\n");
        self.next_line += u64::from(unfinished);
        Ok(!chunk.is_empty())
    }

    /// Drops the line that `chunk` begins with, which ends at `newline` or in what is yet to be
    /// read; what follows it becomes the tail.
    fn leave_out_first_line(
        &mut self,
        chunk: &mut Chunk,
        newline: Option<usize>,
    ) -> io::Result<()> {
        chunk.left_out.push(self.next_line);
        self.next_line += 1;
        let mut newline = newline;
        while newline.is_none() && !self.ended {
            chunk.text.clear();
            let read = (&mut self.reader)
                .take(CHUNK_BYTES as u64)
                .read_to_end(&mut chunk.text)?;
            self.ended = read == 0;
            newline = memchr::memchr(b'\n', &chunk.text);
        }
        if let Some(newline) = newline {
            self.tail = chunk.text.split_off(newline + 1);
        }
        chunk.text = Vec::new();
        Ok(())
    }
}

fn newlines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

/// A reader that computes the SHA-256 of what is read through it.
struct Digested {
    reader: Box<dyn Read + Send>,
    digest: Arc<Mutex<Sha256>>,
}

impl Read for Digested {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        if let (Ok(mut digest), Some(read)) = (self.digest.lock(), buffer.get(..count)) {
            digest.update(read);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const LINE_LIMIT: usize = 4 * CHUNK_BYTES;

    fn chunks(bytes: Vec<u8>) -> Chunks {
        Chunks::new(
            "test".to_owned(),
            Box::new(io::Cursor::new(bytes)),
            Digesting::On,
            LINE_LIMIT,
        )
        .expect("opens")
    }

    /// Every line with its number; `None` for a line that was left out.
    fn lines(bytes: Vec<u8>) -> Vec<(u64, Option<Vec<u8>>)> {
        let mut chunks = chunks(bytes);
        let mut chunk = Chunk::default();
        let mut lines = Vec::new();
        while chunks.next(&mut chunk).expect("reads") {
            lines.extend(chunk.left_out.iter().map(|line| (*line, None)));
            let text = chunk.text.strip_suffix(b"\n").unwrap_or(&chunk.text);
            if !chunk.text.is_empty() {
                let numbered = (chunk.first_line..).zip(text.split(|&c| c == b'\n'));
                lines.extend(numbered.map(|(number, line)| (number, Some(line.to_vec()))));
            }
        }
        assert_eq!(
            chunks.lines(),
            lines.last().map_or(0, |(number, _)| *number)
        );
        lines
    }

    fn expected(text: &[u8]) -> Vec<(u64, Option<Vec<u8>>)> {
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        (1..)
            .zip(text.split(|&c| c == b'\n').map(|line| Some(line.to_vec())))
            .collect()
    }

    #[test]
    fn lines_come_whole_and_numbered() {
        let mut text = Vec::new();
        for number in 0..30_000 {
            text.extend_from_slice("x".repeat(number % 97).as_bytes());
            text.push(b'\n');
        }
        assert_eq!(lines(text.clone()), expected(&text));
        text.extend_from_slice(b"no newline at the end");
        assert_eq!(lines(text.clone()), expected(&text));
        assert_eq!(lines(Vec::new()), []);
    }

    #[test]
    fn damaged_compression_ends_the_input_and_is_said_once() {
        let mut text = Vec::new();
        for number in 0..100_000 {
            text.extend_from_slice(format!("line {number} of many\n").as_bytes());
        }
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&text).expect("compresses");
        let gzip = gzip.finish().expect("compresses");
        let zstd = zstd::encode_all(text.as_slice(), 3).expect("compresses");
        let cut = |whole: &[u8]| whole.split_at(whole.len() * 2 / 3).0.to_vec();
        let mut flipped = gzip.clone();
        let middle = flipped.len() / 2;
        flipped
            .iter_mut()
            .skip(middle)
            .take(1)
            .for_each(|byte| *byte ^= 0xFF);
        for (damaged, is_cut) in [(cut(&gzip), true), (cut(&zstd), true), (flipped, false)] {
            let digest = crate::digest::sha256_hex(&damaged);
            let mut chunks = chunks(damaged);
            let (mut chunk, mut read, mut said) = (Chunk::default(), Vec::new(), Vec::new());
            while chunks.next(&mut chunk).expect("reads") {
                read.extend_from_slice(&chunk.text);
                said.extend(chunk.broken_off.take());
            }
            assert_eq!(text.starts_with(&read) && read.len() < text.len(), is_cut);
            let lines: Vec<u64> = said.iter().map(|said| said.line).collect();
            assert_eq!(lines, [newlines(&read) + 1], "{said:?}");
            assert_eq!(chunks.sha256(), Some(digest));
        }
    }

    #[test]
    fn a_line_longer_than_a_chunk_is_kept() {
        let text = [
            b"a\n".to_vec(),
            vec![b'b'; 3 * CHUNK_BYTES],
            b"\nc\n".to_vec(),
        ]
        .concat();
        assert_eq!(lines(text.clone()), expected(&text));
    }

    #[test]
    fn a_line_that_is_too_long_is_left_out_and_counted() {
        let kept = |number, line: &[u8]| (number, Some(line.to_vec()));
        for length in [LINE_LIMIT + 1, LINE_LIMIT + CHUNK_BYTES, 5 * LINE_LIMIT] {
            let long = vec![b'b'; length];
            let text = [&b"a\n"[..], &long, b"\nc\n"].concat();
            assert!(
                lines(text) == [kept(1, b"a"), (2, None), kept(3, b"c")],
                "{length}"
            );
            assert!(lines(long.clone()) == [(1, None)], "{length}");
            let text = [&long[..], b"\n", &long].concat();
            assert!(lines(text) == [(1, None), (2, None)], "{length}");
        }
        let text = [vec![b'b'; LINE_LIMIT], b"\nc".to_vec()].concat();
        assert!(lines(text.clone()) == expected(&text));
    }

    #[test]
    fn a_lengthened_chunk_keeps_the_numbers_of_its_lines() {
        let long = vec![b'b'; 3 * LINE_LIMIT];
        let text = [&b"a\n"[..], &long, b"\nc\n", &long, b"\nd"].concat();
        let mut chunks = chunks(text);
        let mut chunk = Chunk::default();
        assert!(chunks.next(&mut chunk).expect("reads"));
        chunks.lengthen(&mut chunk, 1).expect("reads");
        assert_eq!((chunk.first_line, &*chunk.text), (1, &b"a\n"[..]));
        chunks.lengthen(&mut chunk, usize::MAX).expect("reads");
        assert_eq!(&*chunk.text, b"a\n\nc\n\nd");
        assert_eq!(chunk.left_out, [2, 4]);
        assert_eq!(chunks.lines(), 5);
        assert!(!chunks.next(&mut chunk).expect("reads"));
    }

    #[test]
    fn compressed_inputs_are_told_by_their_bytes() {
        let text = b"{\"a\":1}\n{\"b\":2}\n";
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(text).expect("compresses");
        let gzip = gzip.finish().expect("compresses");
        let zstd = zstd::encode_all(&text[..], 0).expect("compresses");
        let twice = [&text[..], text].concat();
        assert_eq!(
            lines([gzip.clone(), gzip.clone()].concat()),
            expected(&twice)
        );
        assert_eq!(lines([zstd.clone(), zstd].concat()), expected(&twice));

        let mut cut = chunks(gzip[..gzip.len() - 6].to_vec());
        let mut chunk = Chunk::default();
        assert!(cut.next(&mut chunk).expect("reads"));
        assert_eq!(chunk.text, text);
        assert!(cut.next(&mut chunk).expect("reads"));
        assert_eq!(chunk.broken_off.expect("is cut").line, 3);
    }

    #[test]
    fn the_digest_is_that_of_the_stored_bytes() {
        let mut input = chunks(b"abc".to_vec());
        let mut chunk = Chunk::default();
        while input.next(&mut chunk).expect("reads") {}
        assert_eq!(
            input.sha256().as_deref(),
            Some("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        );
    }
}
