//! Inputs that are compressed: told by their first bytes, and read up to where they are damaged.

use std::io::{self, Read};
use std::sync::{Arc, Mutex};

/// Why what is compressed cannot be read on, until that is said.
pub(super) type Damage = Arc<Mutex<Option<String>>>;

/// What a decompressor makes of a reader, up to where that is damaged. The rest is read as well, for
/// the digest of the whole.
struct Decompressed {
    decoder: Box<dyn Read + Send>,
    raw: Arc<Mutex<dyn Read + Send>>,
    damage: Damage,
    ended: bool,
}

impl Read for Decompressed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended {
            return Ok(0);
        }
        match self.decoder.read(buffer) {
            // What the operating system says is not about the content.
            Err(error)
                if error.raw_os_error().is_none() && error.kind() != io::ErrorKind::Interrupted =>
            {
                self.ended = true;
                if let (Ok(mut damage), Ok(mut raw)) = (self.damage.lock(), self.raw.lock()) {
                    *damage = Some(error.to_string());
                    io::copy(&mut *raw, &mut io::sink())?;
                }
                Ok(0)
            }
            read => read,
        }
    }
}

/// A reader that another one reads on from when this one has failed.
struct Shared<R: ?Sized>(Arc<Mutex<R>>);

impl<R: Read + ?Sized> Read for Shared<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.lock() {
            Ok(mut reader) => reader.read(buffer),
            Err(_) => Err(io::Error::other("the thread that read it has failed")),
        }
    }
}

/// The reader itself, or what it holds compressed by gzip (RFC 1952) or Zstandard (RFC 8878),
/// several members or frames included. Where that is damaged it ends, and `damage` says why.
pub(super) fn decompressed(
    mut reader: Box<dyn Read + Send>,
    damage: &Damage,
) -> io::Result<Box<dyn Read + Send>> {
    let mut first = Vec::new();
    (&mut reader).take(4).read_to_end(&mut first)?;
    let is_gzip = first.starts_with(&[0x1F, 0x8B]);
    let is_zstd = first == [0x28, 0xB5, 0x2F, 0xFD];
    let whole = io::Cursor::new(first).chain(reader);
    if !is_gzip && !is_zstd {
        return Ok(Box::new(whole));
    }
    let raw = Arc::new(Mutex::new(whole));
    let shared = Shared(Arc::clone(&raw));
    let decoder: Box<dyn Read + Send> = if is_gzip {
        Box::new(flate2::read::MultiGzDecoder::new(shared))
    } else {
        Box::new(zstd::Decoder::new(shared)?)
    };
    Ok(Box::new(Decompressed {
        decoder,
        raw,
        damage: Arc::clone(damage),
        ended: false,
    }))
}
