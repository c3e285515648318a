//! Sets of rules and of literals as bits of machine words. Owns the layout; knows nothing of what
//! a bit stands for.

/// Bits a word.
const WIDTH: usize = u64::BITS as usize;

/// A set over `0..n` that stays the size it was made with.
pub(super) type Bits = Box<[u64]>;

/// The empty set over `0..n`.
pub(super) fn none(n: usize) -> Bits {
    vec![0; n.div_ceil(WIDTH)].into_boxed_slice()
}

/// Adds `index`, which the set was made for.
pub(super) fn insert(bits: &mut [u64], index: usize) {
    if let Some(word) = bits.get_mut(index / WIDTH) {
        *word |= 1 << (index % WIDTH);
    }
}

/// Whether `index` is in the set.
pub(super) fn contains(bits: &[u64], index: usize) -> bool {
    bits.get(index / WIDTH)
        .is_some_and(|word| word >> (index % WIDTH) & 1 == 1)
}

/// Adds everything that is in `other`.
pub(super) fn unite(bits: &mut [u64], other: &[u64]) {
    for (word, other) in bits.iter_mut().zip(other) {
        *word |= other;
    }
}

/// Keeps only what is in `other` as well.
pub(super) fn intersect(bits: &mut [u64], other: &[u64]) {
    for (word, other) in bits.iter_mut().zip(other) {
        *word &= other;
    }
}

/// Takes out what is in `other`.
pub(super) fn subtract(bits: &mut [u64], other: &[u64]) {
    for (word, other) in bits.iter_mut().zip(other) {
        *word &= !other;
    }
}

/// Takes out the least member.
pub(super) fn take_first(bits: &mut [u64]) -> Option<usize> {
    let (position, word) = bits.iter_mut().enumerate().find(|(_, word)| **word != 0)?;
    let index = position * WIDTH + word.trailing_zeros() as usize;
    *word &= *word - 1;
    Some(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_hold_what_was_put_into_them() {
        let mut bits = none(130);
        for index in [0, 63, 64, 129] {
            insert(&mut bits, index);
        }
        let mut rest = bits.clone();
        let found: Vec<usize> = std::iter::from_fn(|| take_first(&mut rest)).collect();
        assert_eq!(found, [0, 63, 64, 129]);
        assert!(contains(&bits, 64) && !contains(&bits, 65) && !contains(&bits, 1000));
        let mut low = none(130);
        insert(&mut low, 63);
        let mut rest = bits.clone();
        subtract(&mut rest, &low);
        intersect(&mut bits, &low);
        assert!(contains(&bits, 63) && !contains(&bits, 64));
        assert!(contains(&rest, 64) && !contains(&rest, 63));
    }
}
