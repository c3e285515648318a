//! Numbers and bytes packed into records of a fixed size that sort as they should: each number
//! big-endian, a signed one with its sign turned round.

use super::finding::Place;
use crate::digest::sha256;
use crate::time::Timestamp;

/// Writes a record from its beginning, where it stays: a record that is copied right after it was
/// written in pieces waits for the pieces to arrive.
pub(super) struct Packer<'r>(&'r mut [u8]);

impl<'r> Packer<'r> {
    #[inline]
    pub(super) const fn new(record: &'r mut [u8]) -> Self {
        Self(record)
    }

    /// Adds bytes, which must fit. How many is known when compiling, so that they are stored and
    /// not copied by a call.
    #[inline]
    pub(super) fn bytes<const M: usize>(&mut self, bytes: &[u8; M]) -> &mut Self {
        let rest = std::mem::take(&mut self.0);
        if let Some((room, rest)) = rest.split_first_chunk_mut::<M>() {
            *room = *bytes;
            self.0 = rest;
        }
        self
    }

    #[inline]
    pub(super) fn u8(&mut self, number: u8) -> &mut Self {
        self.bytes(&[number])
    }

    #[inline]
    pub(super) fn u32(&mut self, number: u32) -> &mut Self {
        self.bytes(&number.to_be_bytes())
    }

    #[inline]
    pub(super) fn u64(&mut self, number: u64) -> &mut Self {
        self.bytes(&number.to_be_bytes())
    }

    /// Where something stands: inputs up to a million, lines up to 2^44.
    #[inline]
    pub(super) fn place(&mut self, place: Place) -> &mut Self {
        let input = (place.input as u64).min((1 << 20) - 1);
        self.u64(input << 44 | place.line & ((1 << 44) - 1))
    }

    /// A time; none is later than every other.
    #[inline]
    pub(super) fn time(&mut self, time: Option<Timestamp>) -> &mut Self {
        let micros = time.map_or(i64::MAX, Timestamp::micros);
        self.u64(micros.cast_unsigned() ^ SIGN)
    }
}

const SIGN: u64 = 1 << 63;

/// Reads a record from its beginning.
pub(super) struct Unpacker<'a>(pub(super) &'a [u8]);

impl Unpacker<'_> {
    #[inline]
    pub(super) fn bytes<const M: usize>(&mut self) -> [u8; M] {
        match self.0.split_first_chunk::<M>() {
            Some((bytes, rest)) => {
                self.0 = rest;
                *bytes
            }
            None => [0; M],
        }
    }

    #[inline]
    pub(super) fn u8(&mut self) -> u8 {
        let [byte] = self.bytes();
        byte
    }

    #[inline]
    pub(super) fn u32(&mut self) -> u32 {
        u32::from_be_bytes(self.bytes())
    }

    #[inline]
    pub(super) fn u64(&mut self) -> u64 {
        u64::from_be_bytes(self.bytes())
    }

    #[inline]
    pub(super) fn place(&mut self) -> Place {
        let place = self.u64();
        Place {
            input: (place >> 44) as usize,
            line: place & ((1 << 44) - 1),
        }
    }

    #[inline]
    pub(super) fn time(&mut self) -> Option<Timestamp> {
        let micros = (self.u64() ^ SIGN).cast_signed();
        (micros != i64::MAX).then(|| Timestamp::from_micros(micros))
    }
}

/// What stands for an id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Print {
    /// The number of a UUID, or else the beginning of the id's SHA-256.
    pub(super) number: [u8; 16],
    pub(super) form: IdForm,
}

/// How an id is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum IdForm {
    /// As a UUID, its letters in lower case, so that its number tells how it is written.
    Usual,
    /// As a UUID, some letters in upper case.
    Upper,
    /// As something else.
    #[default]
    Other,
}

impl Print {
    pub(super) fn of(id: &str) -> Self {
        uuid(id.as_bytes()).unwrap_or_else(|| {
            let hash = sha256(id.as_bytes());
            Self {
                number: hash.first_chunk().copied().unwrap_or_default(),
                form: IdForm::Other,
            }
        })
    }
}

/// The number of a UUID in its usual form, and whether its letters are small.
fn uuid(text: &[u8]) -> Option<Print> {
    let [
        a @ ..,
        b'-',
        b0,
        b1,
        b2,
        b3,
        b'-',
        c0,
        c1,
        c2,
        c3,
        b'-',
        d0,
        d1,
        d2,
        d3,
        b'-',
        e0,
        e1,
        e2,
        e3,
        _,
        _,
        _,
        _,
        _,
        _,
        _,
        _,
    ] = text
    else {
        return None;
    };
    let words = [
        eight_digits(a.try_into().ok()?)?,
        eight_digits([*b0, *b1, *b2, *b3, *c0, *c1, *c2, *c3])?,
        eight_digits([*d0, *d1, *d2, *d3, *e0, *e1, *e2, *e3])?,
        eight_digits(*text.last_chunk::<8>()?)?,
    ];
    let number = words
        .iter()
        .fold(0, |number, (word, _)| number << 32 | u128::from(*word));
    Some(Print {
        number: number.to_be_bytes(),
        form: if words.iter().any(|(_, has_upper)| *has_upper) {
            IdForm::Upper
        } else {
            IdForm::Usual
        },
    })
}

/// The number that eight hexadecimal digits write, all of them at once, and whether some are
/// letters in upper case.
fn eight_digits(digits: [u8; 8]) -> Option<(u32, bool)> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = 0x80 * ONES;
    let digits = u64::from_be_bytes(digits);
    if digits & TOPS != 0 {
        return None;
    }
    // No byte carries into the next, since all are below 0x80. The top bit of each tells.
    let within = |bytes: u64, first: u8, last: u8| {
        let not_less = bytes + u64::from(0x80 - first) * ONES;
        let greater = bytes + u64::from(0x7F - last) * ONES;
        not_less & !greater & TOPS
    };
    let letters = within(digits | (0x20 * ONES), b'a', b'f');
    if within(digits, b'0', b'9') | letters != TOPS {
        return None;
    }
    let nibbles = (digits & (0x0F * ONES)) + 9 * ((digits >> 6) & ONES);
    let pairs = (nibbles | nibbles >> 4) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs | pairs >> 8) & 0x0000_FFFF_0000_FFFF;
    let number = (fours | fours >> 16) & 0xFFFF_FFFF;
    let has_upper = letters & (!digits & (0x20 * ONES)) << 2 != 0;
    Some((u32::try_from(number).unwrap_or_default(), has_upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked_and_sorts() {
        let pack = |micros: Option<i64>| {
            let time = micros.map(Timestamp::from_micros);
            let mut record = [0; 24];
            let mut packer = Packer::new(&mut record);
            packer.time(time).u8(7).u32(8).u64(9).bytes(b"abc");
            record
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
        let (upper, usual) = (Print::of(id), Print::of(&id.to_lowercase()));
        assert_eq!(upper.number, usual.number);
        assert_eq!((upper.form, usual.form), (IdForm::Upper, IdForm::Usual));
        assert_ne!(Print::of("req-1"), Print::of("req-2"));
        let without_dashes = Print::of("6f1c1d0e000040008000000000000001");
        assert_eq!(without_dashes.form, IdForm::Other);
    }

    #[test]
    fn uuids_are_read_as_others_read_them() {
        let id = "0123abcd-4567-89ef-fedc-ba9876543210";
        for at in 0..36 {
            for byte in 0..=0x7F_u8 {
                let mut text = id.as_bytes().to_vec();
                text[at] = byte;
                let text = String::from_utf8(text).expect("ASCII");
                let expected = uuid::Uuid::try_parse_ascii(text.as_bytes());
                let expected = expected.ok().map(uuid::Uuid::into_bytes);
                assert_eq!(
                    uuid(text.as_bytes()).map(|id| id.number),
                    expected,
                    "{text}"
                );
            }
        }
        assert_eq!(uuid("0123abcd-4567-89ef-fedc-ba98765432é".as_bytes()), None);
    }
}
