//! A temporary file without a name, for what does not fit into memory. Owns the file, which is
//! gone when this is dropped; knows nothing of what is kept in it.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

/// Bytes that are kept on the disk, in the directory for temporary files.
#[derive(Debug, Default)]
pub struct Spill {
    file: Option<File>,
    length: u64,
    /// Whether the file stands at its end.
    at_end: bool,
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
        if !self.at_end {
            file.seek(SeekFrom::Start(self.length))?;
            self.at_end = true;
        }
        file.write_all(bytes)?;
        let start = self.length;
        self.length += bytes.len() as u64;
        Ok(start)
    }

    /// Fills `buffer` with the bytes from `start` on.
    ///
    /// # Errors
    /// If the disk refuses, or there are not as many.
    pub fn read(&mut self, start: u64, buffer: &mut [u8]) -> io::Result<()> {
        let Some(file) = &mut self.file else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        self.at_end = false;
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(buffer)
    }
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
