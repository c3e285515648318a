//! Finds all of some words in one pass over a text: Aho and Corasick, "Efficient string matching:
//! an aid to bibliographic search" (1975). Owns the automaton; knows nothing of what words mean.

/// Where a search stands.
pub(super) type Node = u32;

/// Where every search begins.
pub(super) const ROOT: Node = 0;

/// Words of code units, ready to be looked for. It may stand at any place of a search, unlike a
/// searcher for whole texts, so that automata can be built on it.
#[derive(Debug)]
pub(super) struct Trie {
    nodes: Vec<TrieNode>,
}

#[derive(Debug, Default)]
struct TrieNode {
    /// In the order of their code units.
    children: Vec<(u16, Node)>,
    /// The node of the longest proper ending with which some word begins.
    fallback: Node,
    word: Option<usize>,
    /// The nearest of the fallbacks at which a word ends.
    shorter: Option<Node>,
}

impl Trie {
    /// A trie of distinct words, which get the numbers from 0.
    pub(super) fn new(words: impl IntoIterator<Item = Vec<u16>>) -> Self {
        let mut trie = Self {
            nodes: vec![TrieNode::default()],
        };
        for (number, word) in words.into_iter().enumerate() {
            let mut node = ROOT;
            for unit in word {
                node = trie.child_or_new(node, unit);
            }
            if let Some(node) = trie.nodes.get_mut(node as usize) {
                node.word = Some(number);
            }
        }
        trie.link();
        trie
    }

    /// Where the search stands after one more code unit.
    pub(super) fn step(&self, mut node: Node, unit: u16) -> Node {
        loop {
            let Some(here) = self.node(node) else {
                return ROOT;
            };
            match here.child(unit) {
                Ok((_, child)) => return child,
                Err(_) if node == ROOT => return ROOT,
                Err(_) => node = here.fallback,
            }
        }
    }

    /// The words that end where the search stands, the longest first.
    pub(super) fn words(&self, node: Node) -> impl Iterator<Item = usize> {
        let first = self.node(node);
        let nodes = std::iter::successors(first, |node| self.node(node.shorter?));
        nodes.filter_map(|node| node.word)
    }

    fn node(&self, node: Node) -> Option<&TrieNode> {
        self.nodes.get(node as usize)
    }

    fn child_or_new(&mut self, node: Node, unit: u16) -> Node {
        let new = self.nodes.len() as Node;
        let Some(parent) = self.nodes.get_mut(node as usize) else {
            return ROOT;
        };
        match parent.child(unit) {
            Ok((_, child)) => child,
            Err(place) => {
                parent.children.insert(place, (unit, new));
                self.nodes.push(TrieNode::default());
                new
            }
        }
    }

    /// Sets the fallbacks, those of shorter nodes first.
    fn link(&mut self) {
        let mut order = vec![ROOT];
        let mut next = 0;
        while let Some(&node) = order.get(next) {
            next += 1;
            let Some((children, fallback)) = self
                .node(node)
                .map(|node| (node.children.clone(), node.fallback))
            else {
                continue;
            };
            for (unit, child) in children {
                let fallback = match node {
                    ROOT => ROOT,
                    _ => self.step(fallback, unit),
                };
                let shorter = self.node(fallback).and_then(|ending| match ending.word {
                    Some(_) => Some(fallback),
                    None => ending.shorter,
                });
                if let Some(child) = self.nodes.get_mut(child as usize) {
                    child.fallback = fallback;
                    child.shorter = shorter;
                }
                order.push(child);
            }
        }
    }
}

impl TrieNode {
    /// The child for a code unit and its place, else the place for one.
    fn child(&self, unit: u16) -> Result<(usize, Node), usize> {
        let place = self
            .children
            .binary_search_by_key(&unit, |&(unit, _)| unit)?;
        let child = self.children.get(place).map(|&(_, child)| child);
        Ok((place, child.unwrap_or(ROOT)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::collection::btree_set;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn words_are_found_where_they_end(
            words in btree_set("[abc]{0,4}", 0..8),
            text in "[abc]{0,12}",
        ) {
            let trie = Trie::new(words.iter().map(|word| word.encode_utf16().collect()));
            let words: Vec<&String> = words.iter().collect();
            let mut node = ROOT;
            for end in 0..=text.len() {
                let before = &text[..end];
                let found: Vec<&String> = trie.words(node).map(|word| words[word]).collect();
                let lengths: Vec<usize> = found.iter().map(|word| word.len()).collect();
                prop_assert!(lengths.is_sorted_by(|a, b| a > b));
                let expected = words.iter().filter(|word| before.ends_with(word.as_str()));
                prop_assert_eq!(
                    found.into_iter().collect::<BTreeSet<_>>(),
                    expected.copied().collect::<BTreeSet<_>>()
                );
                if let Some(&unit) = text.as_bytes().get(end) {
                    node = trie.step(node, unit.into());
                }
            }
        }
    }
}
