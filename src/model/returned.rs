//! What a tool returned, in the flat form that plugins read: every string decoded once into a
//! buffer that is kept from call to call. Owns the form; knows nothing of what is looked for.

/// What a tool returned: a text, or any JSON. Text is WTF-8.
#[derive(Clone, Debug, Default)]
pub struct Returned {
    text: Vec<u8>,
    keys: Vec<Part>,
    leaves: Vec<Leaf>,
    /// Its length in bytes: of a text, that of its UTF-8; of other JSON, as the recording writes
    /// it. `None` if the recording does not say what was returned.
    pub bytes: Option<u64>,
}

/// A range of the buffer.
type Part = (usize, usize);

#[derive(Clone, Copy, Debug)]
struct Leaf {
    /// The nearest key around it.
    key: Option<usize>,
    text: Part,
}

/// A key that was added.
#[derive(Clone, Copy, Debug)]
pub struct Key(usize);

impl Returned {
    /// Forgets it and keeps the buffers.
    pub fn clear(&mut self) {
        self.text.clear();
        self.keys.clear();
        self.leaves.clear();
        self.bytes = None;
    }

    /// Adds the key of a member by letting `write` append its bytes, which must be WTF-8.
    pub fn add_key(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Key {
        let part = self.add(write);
        self.keys.push(part);
        Key(self.keys.len() - 1)
    }

    /// Adds a string or a number by letting `write` append its bytes, which must be WTF-8. `key`
    /// is the nearest key around it.
    pub fn add_leaf(&mut self, key: Option<Key>, write: impl FnOnce(&mut Vec<u8>)) {
        let text = self.add(write);
        let key = key.map(|Key(number)| number);
        self.leaves.push(Leaf { key, text });
    }

    /// The strings and numbers in document order, each with the nearest key around it.
    pub fn leaves(&self) -> impl Iterator<Item = (Option<&[u8]>, &[u8])> {
        self.leaves.iter().map(|leaf| {
            let key = leaf.key.and_then(|number| self.keys.get(number));
            (key.map(|&key| self.part(key)), self.part(leaf.text))
        })
    }

    /// The keys of all members in document order.
    pub fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.keys.iter().map(|&key| self.part(key))
    }

    fn add(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Part {
        let start = self.text.len();
        write(&mut self.text);
        (start, self.text.len())
    }

    fn part(&self, (start, end): Part) -> &[u8] {
        self.text.get(start..end).unwrap_or_default()
    }
}
