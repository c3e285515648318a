//! Many short lists in one piece of memory, so that looking one up touches little of it.

/// Lists by number.
#[derive(Clone, Debug)]
pub(crate) struct Rows<T> {
    /// For each list where it starts among the items, and last the end of all.
    starts: Box<[u32]>,
    items: Box<[T]>,
}

impl<T> Rows<T> {
    /// The list of a number, empty for a number that has none.
    #[inline]
    pub(crate) fn get(&self, number: usize) -> &[T] {
        let (Some(&start), Some(&end)) = (self.starts.get(number), self.starts.get(number + 1))
        else {
            return &[];
        };
        let items = self.items.get(start as usize..end as usize);
        items.unwrap_or_default()
    }
}

impl<T, L: IntoIterator<Item = T>> FromIterator<L> for Rows<T> {
    /// The lists in order. What they hold comes of bundles, which are limited to far less than
    /// 2^32 bytes.
    fn from_iter<I: IntoIterator<Item = L>>(lists: I) -> Self {
        let mut starts = vec![0];
        let mut items = Vec::new();
        for list in lists {
            items.extend(list);
            starts.push(items.len() as u32);
        }
        Self {
            starts: starts.into(),
            items: items.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_kept_apart() {
        let rows: Rows<u8> = [&b"ab"[..], b"", b"c"]
            .into_iter()
            .map(<[u8]>::to_vec)
            .collect();
        assert_eq!(
            [rows.get(0), rows.get(1), rows.get(2), rows.get(3)],
            [&b"ab"[..], b"", b"c", b""]
        );
        assert_eq!(Rows::<u8>::from_iter([[0; 0]; 0]).get(0), [0; 0]);
    }
}
