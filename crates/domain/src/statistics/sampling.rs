//! Random numbers of the tests, the same for the same seed.

/// SplitMix64. Source: G. Steele, D. Lea, C. Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// Above 0 and below 1.
    pub(crate) fn fraction(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.fraction().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.fraction()).cos()
    }

    pub(crate) fn binomial(&mut self, trials: u64, share: f64) -> u64 {
        (0..trials).filter(|_| self.fraction() < share).count() as u64
    }

    /// By counting exponential gaps.
    pub(crate) fn poisson(&mut self, mean: f64) -> u64 {
        let mut gone = -self.fraction().ln();
        let mut count = 0;
        while gone < mean {
            gone -= self.fraction().ln();
            count += 1;
        }
        count
    }

    /// Gamma of a whole `shape` and mean 1.
    fn gamma(&mut self, shape: u32) -> f64 {
        (0..shape).map(|_| -self.fraction().ln()).sum::<f64>() / f64::from(shape)
    }

    /// Negative binomial: Poisson with a mean that varies; variance is mean + mean² / `shape`.
    pub(crate) fn overdispersed(&mut self, mean: f64, shape: u32) -> u64 {
        let mean = mean * self.gamma(shape);
        self.poisson(mean)
    }
}
