//! For each gram the questions that have it. Owns how the lists are kept: as differences of rising numbers, in as many bytes as
//! each needs, since most grams are of a handful of questions and the lists of the others are dense.

use integer_encoding::VarInt;

#[derive(Debug)]
pub struct Postings {
    /// `bytes[starts[gram]..starts[gram + 1]]`: how many there are, then the first and what each is more than the one before.
    starts: Vec<u32>,
    bytes: Vec<u8>,
}

impl Postings {
    /// Of questions in their order, each with its grams, which are below `grams` and each there once.
    pub fn new<'a>(grams: usize, questions: impl Iterator<Item = &'a [u32]> + Clone) -> Self {
        let mut counts = vec![0_u32; grams];
        questions.clone().flatten().for_each(|gram| counts[*gram as usize] += 1);
        let mut starts: Vec<u32> = std::iter::once(0).chain(counts.iter().map(|count| count.required_space() as u32)).collect();
        let numbered =
            || (0_u32..).zip(questions.clone()).flat_map(|(number, grams)| grams.iter().map(move |g| (*g as usize, number)));
        let mut last = vec![0_u32; grams];
        for (gram, number) in numbered() {
            starts[gram + 1] += (number - last[gram]).required_space() as u32;
            last[gram] = number;
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut bytes = vec![0; starts.last().map_or(0, |end| *end as usize)];
        let mut next = starts.clone();
        let mut write = |gram: usize, number: u32| next[gram] += number.encode_var(&mut bytes[next[gram] as usize..]) as u32;
        counts.iter().enumerate().for_each(|(gram, count)| write(gram, *count));
        last.fill(0);
        for (gram, number) in numbered() {
            write(gram, number - last[gram]);
            last[gram] = number;
        }
        Self { starts, bytes }
    }

    /// The questions that have a gram, in their order.
    pub fn of(&self, gram: u32) -> impl ExactSizeIterator<Item = u32> + '_ {
        let mut at = self.starts[gram as usize] as usize;
        let mut read = move || {
            let (number, bytes) = u32::decode_var(&self.bytes[at..]).expect("it was written by encode_var");
            at += bytes;
            number
        };
        let count = read() as usize;
        let mut last = 0;
        (0..count).map(move |_| {
            last += read();
            last
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_gram_has_the_questions_that_have_it(
            questions in prop::collection::vec(prop::collection::btree_set(0_u32..40, 0..9), 0..300),
        ) {
            let lists: Vec<Vec<u32>> = questions.iter().map(|grams| grams.iter().copied().collect()).collect();
            let postings = Postings::new(40, lists.iter().map(Vec::as_slice));
            for gram in 0..40 {
                let have = (0_u32..).zip(&questions).filter(|(_, grams)| grams.contains(&gram));
                let wanted: Vec<u32> = have.map(|(number, _)| number).collect();
                prop_assert_eq!(postings.of(gram).len(), wanted.len());
                prop_assert_eq!(postings.of(gram).collect::<Vec<_>>(), wanted);
            }
        }
    }
}
