//! Lists of words. Owns how they are kept: as one line, so that a list costs two allocations at
//! most, however many words it has.

/// Words in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    line: String,
    /// Where in the line the spaces are that separate the words.
    separators: Vec<usize>,
    count: usize,
}

impl Words {
    /// The words as one line, separated by one space.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// One after the other.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        let mut start = 0;
        (0..self.count).map(move |number| {
            let end = self.separators.get(number).copied();
            let end = end.unwrap_or(self.line.len());
            let word = self.line.get(start..end).unwrap_or_default();
            start = end + 1;
            word
        })
    }

    pub(super) fn push(&mut self, word: &str) {
        if !self.is_empty() {
            self.separators.push(self.line.len());
            self.line.push(' ');
        }
        self.line.push_str(word);
        self.count += 1;
    }

    /// The last `count` words, of which there are as many.
    pub(super) fn last(&self, count: usize) -> Self {
        let skipped = self.count.saturating_sub(count);
        let (before, separators) = self.separators.split_at(skipped.min(self.separators.len()));
        let start = before.last().map_or(0, |separator| separator + 1);
        Self {
            line: self.line.get(start..).unwrap_or_default().to_owned(),
            separators: separators.iter().map(|at| at - start).collect(),
            count: self.count - skipped,
        }
    }
}

impl<'w> FromIterator<&'w str> for Words {
    fn from_iter<I: IntoIterator<Item = &'w str>>(words: I) -> Self {
        let mut list = Self::default();
        words.into_iter().for_each(|word| list.push(word));
        list
    }
}
