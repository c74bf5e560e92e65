//! Sets of small numbers as bits: which agents have room, who is able, which classes have somebody waiting.

/// A set of indices. Grows as needed.
#[derive(Debug, Clone, Default)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub fn set(&mut self, index: usize, member: bool) {
        let (word, bit) = (index / 64, 1_u64 << (index % 64));
        if word >= self.0.len() {
            if !member {
                return;
            }
            self.0.resize(word + 1, 0);
        }
        if member {
            self.0[word] |= bit;
        } else {
            self.0[word] &= !bit;
        }
    }

    pub fn has(&self, index: usize) -> bool {
        self.0.get(index / 64).is_some_and(|word| word & (1 << (index % 64)) != 0)
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub fn len(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    pub fn iter(&self) -> impl Iterator<Item = usize> {
        indices(self.0.iter().copied())
    }

    /// Members of both.
    pub fn both<'a>(&'a self, other: &'a Bits) -> impl Iterator<Item = usize> + 'a {
        indices(self.0.iter().zip(&other.0).map(|(a, b)| a & b))
    }

    pub fn shared(&self, other: &Bits) -> u32 {
        self.0.iter().zip(&other.0).map(|(a, b)| (a & b).count_ones()).sum()
    }

    pub fn meets(&self, other: &Bits) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }
}

fn indices(words: impl Iterator<Item = u64>) -> impl Iterator<Item = usize> {
    words.enumerate().flat_map(|(place, mut word)| {
        std::iter::from_fn(move || {
            if word == 0 {
                return None;
            }
            let bit = word.trailing_zeros() as usize;
            word &= word - 1;
            Some(place * 64 + bit)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_gives_back_what_was_put_in() {
        let (mut odd, mut high) = (Bits::default(), Bits::default());
        for n in 0..200 {
            odd.set(n, n % 2 == 1);
            high.set(n, n >= 190);
        }
        assert_eq!(odd.both(&high).collect::<Vec<_>>(), [191, 193, 195, 197, 199]);
        assert_eq!((odd.len(), odd.shared(&high), odd.meets(&high)), (100, 5, true));
        high.iter().collect::<Vec<_>>().into_iter().for_each(|n| high.set(n, false));
        assert!(high.is_empty() && !odd.meets(&high) && !high.has(191) && !high.has(9999));
    }
}
