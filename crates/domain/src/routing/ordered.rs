//! An ordered set that also knows places: "how many are before this one" without counting them one by one.

/// A sorted set in chunks. Inserting, removing and asking for a place take a search and a short move each, so that queues
/// of fifty thousand stay quick.
#[derive(Debug, Clone)]
pub(super) struct Ordered<K> {
    /// Each chunk is sorted and not empty; chunks are in order.
    chunks: Vec<Vec<K>>,
    len: usize,
}

/// Largest chunk. Moves inside a chunk and steps over chunks cost about the same at fifty thousand.
const CHUNK: usize = 256;

impl<K> Default for Ordered<K> {
    fn default() -> Self {
        Self { chunks: Vec::new(), len: 0 }
    }
}

impl<K: Ord> Ordered<K> {
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn first(&self) -> Option<&K> {
        self.chunks.first()?.first()
    }

    pub fn iter(&self) -> impl Iterator<Item = &K> {
        self.chunks.iter().flatten()
    }

    /// The chunk in which a key is or would be.
    fn chunk(&self, key: &K) -> usize {
        let after = self.chunks.partition_point(|chunk| chunk.first().is_some_and(|first| first <= key));
        after.saturating_sub(1)
    }

    pub fn insert(&mut self, key: K) {
        let at = self.chunk(&key);
        let Some(chunk) = self.chunks.get_mut(at) else {
            self.chunks.push(vec![key]);
            self.len = 1;
            return;
        };
        let Err(place) = chunk.binary_search(&key) else { return };
        chunk.insert(place, key);
        self.len += 1;
        if chunk.len() > CHUNK {
            let tail = chunk.split_off(CHUNK / 2);
            self.chunks.insert(at + 1, tail);
        }
    }

    pub fn remove(&mut self, key: &K) {
        let at = self.chunk(key);
        let Some(chunk) = self.chunks.get_mut(at) else { return };
        let Ok(place) = chunk.binary_search(key) else { return };
        chunk.remove(place);
        self.len -= 1;
        if chunk.is_empty() {
            self.chunks.remove(at);
        }
    }

    /// How many are before this key.
    pub fn before(&self, key: &K) -> usize {
        let at = self.chunk(key);
        let whole: usize = self.chunks.iter().take(at).map(Vec::len).sum();
        whole + self.chunks.get(at).map_or(0, |chunk| chunk.partition_point(|k| k < key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn it_agrees_with_a_tree(moves in prop::collection::vec((any::<bool>(), 0_u32..900), 0..4000), asked in 0_u32..900) {
            let (mut ours, mut tree) = (Ordered::default(), BTreeSet::new());
            for (add, key) in moves {
                if add {
                    ours.insert(key);
                    tree.insert(key);
                } else {
                    ours.remove(&key);
                    tree.remove(&key);
                }
                prop_assert_eq!(ours.first(), tree.first());
            }
            prop_assert_eq!(ours.len(), tree.len());
            prop_assert_eq!(ours.is_empty(), tree.is_empty());
            prop_assert_eq!(ours.before(&asked), tree.range(..asked).count());
        }
    }
}
