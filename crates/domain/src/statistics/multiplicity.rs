//! Many tests at once: which of them may be believed.

/// Benjamini and Hochberg: for each p-value the smallest false-discovery rate at which it is still called a finding, in the order
/// given. A p-value that is not a number counts as 1.
///
/// Source: Y. Benjamini, Y. Hochberg, "Controlling the False Discovery Rate", J. R. Stat. Soc. B 57 (1995), 289–300.
pub fn false_discovery(p_values: &[f64]) -> Vec<f64> {
    let clean = |p: f64| if p.is_nan() { 1.0 } else { p.clamp(0.0, 1.0) };
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| clean(p_values[a]).total_cmp(&clean(p_values[b])));
    let mut rates = vec![1.0; p_values.len()];
    let mut smallest = 1.0_f64;
    for (rank, &index) in order.iter().enumerate().rev() {
        smallest = smallest.min(clean(p_values[index]) * p_values.len() as f64 / (rank + 1) as f64);
        rates[index] = smallest;
    }
    rates
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The paper's example (section 3.2): of 15 p-values, 4 are findings at 0.05, where Bonferroni finds 3.
    #[test]
    fn papers_example_has_four_findings() {
        let p =
            [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0];
        let rates = false_discovery(&p);
        assert_eq!(rates.iter().filter(|r| **r <= 0.05).count(), 4, "{rates:?}");
        assert!((rates[3] - 0.0095 * 15.0 / 4.0).abs() < 1e-12);
        let mut turned = p;
        turned.reverse();
        let mut back = false_discovery(&turned);
        back.reverse();
        assert_eq!(back, rates, "the order does not matter");
    }

    #[test]
    fn rates_are_never_below_the_p_values_and_grow_with_them() {
        let p = [0.5, f64::NAN, 0.01, 0.02, 0.9];
        let rates = false_discovery(&p);
        assert_eq!(rates[1], 1.0);
        assert!(p.iter().zip(&rates).all(|(p, r)| p.is_nan() || r >= p));
        assert!(rates[2] <= rates[3] && rates[3] <= rates[0]);
        assert!(false_discovery(&[]).is_empty());
    }
}
