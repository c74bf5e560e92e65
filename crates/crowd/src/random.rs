//! Random numbers that are the same for the same seed. Not for secrets.

/// SplitMix64. Source: G. Steele, D. Lea, C. Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// A stream of its own for a seed and a number, so that one customer more changes none of the others.
    pub fn of(seed: u64, number: u64) -> Self {
        let mut random = Self(seed ^ number.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        random.bits();
        random
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// Above 0 and below 1.
    pub fn fraction(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    pub fn chance(&mut self, share: f64) -> bool {
        self.fraction() < share
    }

    /// From `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + ((self.fraction() * (high - low + 1) as f64) as u64).min(high - low)
    }

    /// Times vary by a factor: lognormal with this median and spread, by Box and Muller.
    pub fn around(&mut self, median: f64, sigma: f64) -> f64 {
        let radius = (-2.0 * self.fraction().ln()).sqrt();
        median * (sigma * radius * (std::f64::consts::TAU * self.fraction()).cos()).exp()
    }

    /// One of them, by weight.
    pub fn pick<'a, T>(&mut self, of: &'a [(T, f64)]) -> &'a T {
        let total: f64 = of.iter().map(|(_, weight)| weight).sum();
        let mut left = self.fraction() * total;
        for (thing, weight) in of {
            left -= weight;
            if left < 0.0 {
                return thing;
            }
        }
        &of[of.len() - 1].0
    }
}
