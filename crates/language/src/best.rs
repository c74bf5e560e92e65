//! The few best of many, found as they come by. Owns no scores.

/// The best `most` of what was shown so far.
#[derive(Debug)]
pub struct Best {
    most: usize,
    kept: Vec<(f32, u32)>,
    /// What scores less is not among them.
    least: f32,
}

impl Best {
    pub fn new(most: usize) -> Self {
        Self { most, kept: Vec::with_capacity(2 * most), least: f32::NEG_INFINITY }
    }

    pub fn show(&mut self, score: f32, number: u32) {
        if score >= self.least {
            self.kept.push((score, number));
            if self.kept.len() >= 2 * self.most {
                self.cut();
            }
        }
    }

    /// Of equal scores the lower numbers; in no order that means anything.
    pub fn finish(mut self) -> Vec<(f32, u32)> {
        self.cut();
        self.kept
    }

    fn cut(&mut self) {
        if self.kept.len() > self.most {
            let (_, last, _) = self.kept.select_nth_unstable_by(self.most - 1, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            self.least = last.0;
            self.kept.truncate(self.most);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_are_kept_in_whatever_order_they_come() {
        for numbers in [(0..100).collect::<Vec<u32>>(), (0..100).rev().collect()] {
            let mut best = Best::new(3);
            numbers.iter().for_each(|number| best.show((number / 2) as f32, *number));
            let mut kept = best.finish();
            kept.sort_by_key(|(_, number)| *number);
            assert_eq!(kept, [(48.0, 96), (49.0, 98), (49.0, 99)]);
        }
        assert_eq!(Best::new(3).finish(), []);
    }
}
