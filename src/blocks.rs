//! Sixteen bytes at once: which of them belong to a class, as bits, the lowest that of the first
//! byte. Knows no text.

use wide::u8x16;

/// How many bytes a block has.
pub(crate) const BLOCK: usize = 16;

/// Which bytes end or interrupt the plain part of a JSON string: `"`, `\` and what is below 0x20.
#[inline]
pub(crate) fn string_ends(block: &[u8; BLOCK]) -> u32 {
    let bytes = u8x16::new(*block);
    let is = |byte| bytes.simd_eq(u8x16::splat(byte));
    (is(b'"') | is(b'\\') | not_above(bytes, 0x1F)).to_bitmask()
}

/// Which bytes are digits of ASCII.
#[inline]
pub(crate) fn digits(block: &[u8; BLOCK]) -> u32 {
    not_above(u8x16::new(*block) - u8x16::splat(b'0'), 9).to_bitmask()
}

/// Which bytes are this one.
#[inline]
pub(crate) fn equal(block: &[u8; BLOCK], byte: u8) -> u32 {
    u8x16::new(*block).simd_eq(u8x16::splat(byte)).to_bitmask()
}

#[inline]
fn not_above(bytes: u8x16, most: u8) -> u8x16 {
    bytes.min(u8x16::splat(most)).simd_eq(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_has_its_bit() {
        for place in 0..BLOCK {
            for byte in 0..=u8::MAX {
                let mut block = [b'a'; BLOCK];
                block[place] = byte;
                let bit = |is: bool| u32::from(is) << place;
                let ends = matches!(byte, b'"' | b'\\' | 0..0x20);
                assert_eq!(string_ends(&block), bit(ends), "{byte} at {place}");
                assert_eq!(equal(&block, b'!'), bit(byte == b'!'), "{byte} at {place}");
                assert_eq!(
                    digits(&block),
                    bit(byte.is_ascii_digit()),
                    "{byte} at {place}"
                );
            }
        }
    }
}
