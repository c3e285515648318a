//! Numbers and bytes packed into records of a fixed size that sort as they should: each number
//! big-endian, a signed one with its sign turned round.

use crate::digest::sha256;
use crate::time::Timestamp;

/// Writes a record from its beginning.
pub(super) struct Packer<const N: usize> {
    record: [u8; N],
    used: usize,
}

impl<const N: usize> Packer<N> {
    pub(super) const fn new() -> Self {
        Self {
            record: [0; N],
            used: 0,
        }
    }

    /// Adds bytes; what does not fit is left out.
    pub(super) fn bytes(mut self, bytes: &[u8]) -> Self {
        let room = self.record.get_mut(self.used..).unwrap_or_default();
        for (place, byte) in room.iter_mut().zip(bytes) {
            *place = *byte;
        }
        self.used += bytes.len();
        self
    }

    pub(super) fn u8(self, number: u8) -> Self {
        self.bytes(&[number])
    }

    pub(super) fn u32(self, number: u32) -> Self {
        self.bytes(&number.to_be_bytes())
    }

    pub(super) fn u64(self, number: u64) -> Self {
        self.bytes(&number.to_be_bytes())
    }

    /// A time; none is later than every other.
    pub(super) fn time(self, time: Option<Timestamp>) -> Self {
        let micros = time.map_or(i64::MAX, Timestamp::micros);
        self.u64(micros.cast_unsigned() ^ SIGN)
    }

    pub(super) const fn done(self) -> [u8; N] {
        self.record
    }
}

const SIGN: u64 = 1 << 63;

/// Reads a record from its beginning.
pub(super) struct Unpacker<'a>(pub(super) &'a [u8]);

impl Unpacker<'_> {
    pub(super) fn bytes<const M: usize>(&mut self) -> [u8; M] {
        match self.0.split_first_chunk::<M>() {
            Some((bytes, rest)) => {
                self.0 = rest;
                *bytes
            }
            None => [0; M],
        }
    }

    pub(super) fn u8(&mut self) -> u8 {
        let [byte] = self.bytes();
        byte
    }

    pub(super) fn u32(&mut self) -> u32 {
        u32::from_be_bytes(self.bytes())
    }

    pub(super) fn u64(&mut self) -> u64 {
        u64::from_be_bytes(self.bytes())
    }

    pub(super) fn time(&mut self) -> Option<Timestamp> {
        let micros = (self.u64() ^ SIGN).cast_signed();
        (micros != i64::MAX).then(|| Timestamp::from_micros(micros))
    }
}

/// What stands for an id: the number of a UUID, or else the beginning of its SHA-256.
pub(super) fn fingerprint(id: &str) -> [u8; 16] {
    uuid_number(id).unwrap_or_else(|| {
        let hash = sha256(id.as_bytes());
        hash.first_chunk().copied().unwrap_or_default()
    })
}

/// The number of a UUID in its usual form.
pub(super) fn uuid_number(text: &str) -> Option<[u8; 16]> {
    (text.len() == uuid::fmt::Hyphenated::LENGTH).then_some(())?;
    let id = uuid::Uuid::try_parse_ascii(text.as_bytes()).ok()?;
    Some(id.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked_and_sorts() {
        let pack = |micros: Option<i64>| {
            let time = micros.map(Timestamp::from_micros);
            Packer::<24>::new()
                .time(time)
                .u8(7)
                .u32(8)
                .u64(9)
                .bytes(b"abcdef")
                .done()
        };
        let times = [Some(-5), Some(0), Some(5), None];
        assert!(times.map(pack).is_sorted());
        for micros in times {
            let record = pack(micros);
            let mut unpacker = Unpacker(&record);
            assert_eq!(unpacker.time(), micros.map(Timestamp::from_micros));
            assert_eq!((unpacker.u8(), unpacker.u32(), unpacker.u64()), (7, 8, 9));
            assert_eq!(unpacker.bytes(), *b"abc");
        }
    }

    #[test]
    fn a_uuid_is_its_number_however_it_is_written() {
        let id = "6F1C1D0E-0000-4000-8000-000000000001";
        assert_eq!(fingerprint(id), fingerprint(&id.to_lowercase()));
        assert_ne!(fingerprint("req-1"), fingerprint("req-2"));
        assert_eq!(uuid_number("6f1c1d0e000040008000000000000001"), None);
    }
}
