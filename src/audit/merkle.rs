//! The Merkle tree over a log's records, grown at its right end. Owns the hashing; keeps one hash
//! for each complete subtree, so its size is logarithmic.
//!
//! Source: RFC 6962 §2.1, "Merkle Hash Trees"; leaves and nodes are told apart by their first byte.

use crate::digest::Sha256;

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// The hash of a record as a leaf.
pub fn leaf_hash(record: &[u8]) -> Hash {
    let mut hash = Sha256::default();
    hash.update(&[0x00]);
    hash.update(record);
    hash.finish()
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut hash = Sha256::default();
    hash.update(&[0x01]);
    hash.update(left);
    hash.update(right);
    hash.finish()
}

/// The tree over the leaves so far.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    size: u64,
    /// The roots of the complete subtrees, the largest first: one for each bit of `size`.
    peaks: Vec<Hash>,
}

impl Tree {
    /// Adds a leaf at the right end.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        // Each one bit at the low end of the size is a subtree as large as the new one.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                hash = node_hash(&left, &hash);
            }
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// How many leaves it has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root; SHA-256 of nothing if there is no leaf.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        match peaks.next() {
            Some(last) => peaks.fold(*last, |right, left| node_hash(left, &right)),
            None => Sha256::default().finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::hex;

    /// The definition of RFC 6962, word for word.
    fn mth(leaves: &[Vec<u8>]) -> Hash {
        match leaves {
            [] => Sha256::default().finish(),
            [leaf] => leaf_hash(leaf),
            _ => {
                let mut split = 1;
                while split * 2 < leaves.len() {
                    split *= 2;
                }
                let (left, right) = leaves.split_at(split);
                node_hash(&mth(left), &mth(right))
            }
        }
    }

    #[test]
    fn the_root_is_that_of_the_definition() {
        let leaves: Vec<Vec<u8>> = (0..131).map(|n: u32| n.to_string().into_bytes()).collect();
        let mut tree = Tree::default();
        for size in 0..=leaves.len() {
            assert_eq!(tree.root(), mth(&leaves[..size]), "{size}");
            assert_eq!(tree.size(), size as u64);
            if let Some(leaf) = leaves.get(size) {
                tree.push(leaf_hash(leaf));
            }
        }
    }

    /// The roots that the reference implementation of Certificate Transparency tests itself with.
    #[test]
    fn known_roots() {
        let inputs: [&[u8]; 8] = [
            b"",
            &[0x00],
            &[0x10],
            &[0x20, 0x21],
            &[0x30, 0x31],
            &[0x40, 0x41, 0x42, 0x43],
            &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
            &[
                0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d,
                0x6e, 0x6f,
            ],
        ];
        let mut tree = Tree::default();
        let roots: Vec<String> = inputs
            .iter()
            .map(|input| {
                tree.push(leaf_hash(input));
                hex(&tree.root())
            })
            .collect();
        assert_eq!(
            roots[0],
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
        assert_eq!(
            roots[1],
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
        );
        assert_eq!(
            roots[7],
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
        );
    }
}
