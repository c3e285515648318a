//! Bytes and their neighbourhoods. Owns what counts as a word, and how far around a place a
//! detector looks; knows no kinds of data.

/// The byte at `index`, or 0 past the end, which belongs to no class here.
pub(super) fn at(text: &[u8], index: usize) -> u8 {
    text.get(index).copied().unwrap_or_default()
}

/// The byte `back` places before `index`, or 0 before the start.
pub(super) fn before(text: &[u8], index: usize, back: usize) -> u8 {
    index
        .checked_sub(back)
        .map_or(0, |earlier| at(text, earlier))
}

/// The bytes from `start` to `end`, cut to what there is.
pub(super) fn part(text: &[u8], start: usize, end: usize) -> &[u8] {
    text.get(start..end.min(text.len())).unwrap_or_default()
}

/// Whether a byte is a letter, a digit or an underscore.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Where the bytes from `start` on stop being of a class, at most `limit` bytes further.
pub(super) fn run_end(
    text: &[u8],
    start: usize,
    limit: usize,
    is_member: impl Fn(u8) -> bool,
) -> usize {
    let bytes = part(text, start, start.saturating_add(limit)).iter();
    start + bytes.take_while(|&&byte| is_member(byte)).count()
}

/// Where the bytes before `end` start being of a class, at most `limit` bytes before.
pub(super) fn run_start(
    text: &[u8],
    end: usize,
    limit: usize,
    is_member: impl Fn(u8) -> bool,
) -> usize {
    let bytes = part(text, end.saturating_sub(limit), end).iter().rev();
    end - bytes.take_while(|&&byte| is_member(byte)).count()
}

/// Whether one of `words`, in lower case, occurs in `text` in whatever case.
pub(super) fn contains_any(text: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| {
        text.windows(word.len())
            .any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
    })
}

/// How many different bytes there are.
pub(super) fn distinct(text: &[u8]) -> u32 {
    let mut seen = [0_u64; 4];
    for &byte in text {
        if let Some(bits) = seen.get_mut(usize::from(byte >> 6)) {
            *bits |= 1 << (byte & 63);
        }
    }
    seen.iter().map(|bits| bits.count_ones()).sum()
}

/// Shannon entropy of the bytes as a source of independent symbols, in bits a byte, 0 to 8.
/// Shannon, "A Mathematical Theory of Communication" (1948), §6.
pub(super) fn entropy(text: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for &byte in text {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let total = text.len() as f64;
    let used = counts.iter().filter(|&&count| count > 0);
    used.map(|&count| f64::from(count) / total)
        .map(|share| -share * share.log2())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_is_in_bits_a_byte() {
        assert_eq!(entropy(b""), 0.0);
        assert_eq!(entropy(b"aaaa"), 0.0);
        assert_eq!(entropy(b"abab"), 1.0);
        assert_eq!(entropy(b"abcdefgh"), 3.0);
        assert_eq!(distinct(b"abab\xFF"), 3);
    }

    #[test]
    fn runs_stop_at_the_limit_and_at_the_ends() {
        let digit = |byte: u8| byte.is_ascii_digit();
        assert_eq!(run_end(b"a123", 1, 9, digit), 4);
        assert_eq!(run_end(b"a123", 1, 2, digit), 3);
        assert_eq!(run_start(b"123a", 3, 9, digit), 0);
        assert_eq!(run_start(b"123a", 3, 2, digit), 1);
        assert_eq!(run_end(b"", 5, 2, digit), 5);
    }
}
