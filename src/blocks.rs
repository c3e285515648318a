//! The first byte of a class in a text, sixteen bytes at once. Owns the search and the classes,
//! each of which marks its bytes by their top bits.

use wide::u8x16;

/// How many bytes a block has.
const BLOCK: usize = 16;

/// Which bytes of a block belong to a class, as bits, the lowest that of the first byte.
#[inline(always)]
pub(crate) fn bits(block: &[u8; BLOCK], class: impl Fn(u8x16) -> u8x16) -> u32 {
    class(u8x16::new(*block)).to_bitmask()
}

/// The place of the first byte of a class.
#[inline]
pub(crate) fn find(text: &[u8], class: impl Fn(u8x16) -> u8x16) -> Option<usize> {
    let mut at = 0;
    let mut rest = text;
    while let Some((block, after)) = rest.split_first_chunk() {
        let bits = bits(block, &class);
        if bits != 0 {
            return Some(at + bits.trailing_zeros() as usize);
        }
        at += BLOCK;
        rest = after;
    }
    Some(at + find_in_part(rest, class)?)
}

/// The place of the first byte of a class in less than a block.
#[inline(never)]
fn find_in_part(part: &[u8], class: impl Fn(u8x16) -> u8x16) -> Option<usize> {
    let mut block = [0; BLOCK];
    for (to, from) in block.iter_mut().zip(part) {
        *to = *from;
    }
    let place = bits(&block, class).trailing_zeros() as usize;
    (place < part.len()).then_some(place)
}

/// What ends or interrupts the plain part of a JSON string: `"`, `\` and what is below 0x20.
#[inline(always)]
pub(crate) fn ends_plain(bytes: u8x16) -> u8x16 {
    equal(bytes, b'"') | backslash(bytes) | not_above(bytes, 0x1F)
}

/// A backslash.
#[inline(always)]
pub(crate) fn backslash(bytes: u8x16) -> u8x16 {
    equal(bytes, b'\\')
}

/// What is written otherwise than it is in a JSON string, which the first byte of a surrogate may
/// be.
#[inline(always)]
pub(crate) fn is_escaped(bytes: u8x16) -> u8x16 {
    ends_plain(bytes) | equal(bytes, 0xED)
}

/// A digit of ASCII.
#[inline(always)]
pub(crate) fn digit(bytes: u8x16) -> u8x16 {
    not_above(bytes - u8x16::splat(b'0'), 9)
}

/// What is not ASCII.
#[inline(always)]
pub(crate) fn not_ascii(bytes: u8x16) -> u8x16 {
    bytes
}

#[inline(always)]
fn equal(bytes: u8x16, byte: u8) -> u8x16 {
    bytes.simd_eq(u8x16::splat(byte))
}

#[inline(always)]
fn not_above(bytes: u8x16, most: u8) -> u8x16 {
    bytes.min(u8x16::splat(most)).simd_eq(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes sure that a class has the bytes of `is`, wherever they stand in texts of all lengths.
    fn check(class: impl Fn(u8x16) -> u8x16, is: impl Fn(u8) -> bool) {
        for length in 1..=2 * BLOCK + 1 {
            for place in 0..length {
                for byte in 0..=u8::MAX {
                    let mut text = vec![b'a'; length];
                    text[place] = byte;
                    let found = find(&text, &class);
                    assert_eq!(found, is(byte).then_some(place), "{byte} of {length}");
                }
            }
        }
        assert_eq!(find(&[], &class), None);
    }

    #[test]
    fn classes_are_found() {
        check(ends_plain, |byte| matches!(byte, b'"' | b'\\' | 0..0x20));
        check(is_escaped, |byte| {
            matches!(byte, b'"' | b'\\' | 0xED | 0..0x20)
        });
        check(backslash, |byte| byte == b'\\');
        check(digit, |byte| byte.is_ascii_digit());
        check(not_ascii, |byte| !byte.is_ascii());
        assert_eq!(find(b"aaaaaaaaaaaaaaaaaa1a2", digit), Some(18), "the first");
    }
}
