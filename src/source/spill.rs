//! A temporary file without a name, for what does not fit into memory. Owns the file, which is
//! gone when this is dropped; knows nothing of what is kept in it.

use std::fs::File;
use std::io::{self, Write as _};

/// Bytes that are kept on the disk, in the directory for temporary files.
#[derive(Debug, Default)]
pub struct Spill {
    /// Always stands at its end.
    file: Option<File>,
    length: u64,
}

impl Spill {
    /// Keeps bytes after those that are there; returns where they begin.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<u64> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile()?),
        };
        file.write_all(bytes)?;
        let start = self.length;
        self.length += bytes.len() as u64;
        Ok(start)
    }

    /// Fills `buffer` with the bytes from `start` on.
    ///
    /// # Errors
    /// If the disk refuses, or there are not as many.
    pub fn read(&self, start: u64, buffer: &mut [u8]) -> io::Result<()> {
        let Some(file) = &self.file else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        read_at(file, start, buffer)
    }
}

/// Fills `buffer` with the bytes from `start` on; the file stands where it stood.
#[cfg(unix)]
fn read_at(file: &File, start: u64, buffer: &mut [u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, start)
}

#[cfg(not(unix))]
fn read_at(mut file: &File, start: u64, buffer: &mut [u8]) -> io::Result<()> {
    use std::io::{Read as _, Seek as _, SeekFrom};

    file.seek(SeekFrom::Start(start))?;
    file.read_exact(buffer)?;
    file.seek(SeekFrom::End(0)).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_back() {
        let mut spill = Spill::default();
        assert!(spill.read(0, &mut [0]).is_err());
        assert_eq!(spill.append(b"abc").expect("writes"), 0);
        let mut two = [0; 2];
        spill.read(1, &mut two).expect("reads");
        assert_eq!(&two, b"bc");
        assert_eq!(spill.append(b"de").expect("writes"), 3);
        spill.read(2, &mut two).expect("reads");
        assert_eq!(&two, b"cd");
        assert!(spill.read(4, &mut two).is_err());
    }
}
