//! Work allowed. Owns counting it, so that every analysis ends, and ends alike on every machine.

/// Units of work left; a unit is a few nanoseconds.
#[derive(Debug)]
pub(super) struct Budget {
    left: u64,
}

/// The work allowed is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exhausted;

impl Budget {
    pub(super) const fn new(left: u64) -> Self {
        Self { left }
    }

    /// The units left.
    pub(super) const fn left(&self) -> u64 {
        self.left
    }

    /// Takes `work` units.
    pub(super) fn spend(&mut self, work: u64) -> Result<(), Exhausted> {
        match self.left.checked_sub(work) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                self.left = 0;
                Err(Exhausted)
            }
        }
    }

    /// A budget of at most `part` units, to be returned by [`Self::put_back`].
    pub(super) fn take(&mut self, part: u64) -> Self {
        let part = part.min(self.left);
        self.left -= part;
        Self { left: part }
    }

    /// Returns what a part taken off has not used.
    pub(super) const fn put_back(&mut self, part: Self) {
        self.left += part.left;
    }
}
