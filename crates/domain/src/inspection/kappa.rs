//! Agreement of two judges beyond chance. Owns the formula; knows no inspections.

/// What machine and reviewer said about the same rule in the same conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Agreement {
    pub both: u64,
    pub machine_only: u64,
    pub reviewer_only: u64,
    pub neither: u64,
}

impl Agreement {
    pub fn total(&self) -> u64 {
        self.both + self.machine_only + self.reviewer_only + self.neither
    }

    pub fn add(&mut self, other: &Agreement) {
        self.both += other.both;
        self.machine_only += other.machine_only;
        self.reviewer_only += other.reviewer_only;
        self.neither += other.neither;
    }
}

/// Cohen's kappa, −1..=1: (observed − expected) / (1 − expected). `None` where nothing was judged, or where both judges
/// gave one answer throughout, so that chance explains everything and the quotient is 0 / 0.
///
/// Source: J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20
/// (1960), 37–46.
pub fn kappa(agreement: &Agreement) -> Option<f64> {
    let total = agreement.total() as f64;
    if total == 0.0 {
        return None;
    }
    let share = |count: u64| count as f64 / total;
    let observed = share(agreement.both + agreement.neither);
    let machine = share(agreement.both + agreement.machine_only);
    let reviewer = share(agreement.both + agreement.reviewer_only);
    let expected = machine * reviewer + (1.0 - machine) * (1.0 - reviewer);
    if expected >= 1.0 { None } else { Some((observed - expected) / (1.0 - expected)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two readers of 50 grant proposals: both yes 20, only the first 5, only the second 10, both no 15: 0.4. And the two
    /// tables of 100 with the same observed agreement of 0.6 and different kappas, 0.1304 and 0.2593.
    /// Source: Wikipedia, "Cohen's kappa", sections "Simple example" and "Same percentages but different numbers".
    #[test]
    fn published_examples_come_out() {
        let table = |both, machine_only, reviewer_only, neither| Agreement { both, machine_only, reviewer_only, neither };
        for (agreement, want) in [
            (table(20, 5, 10, 15), 0.4),
            (table(45, 15, 25, 15), 0.1304),
            (table(25, 35, 5, 35), 0.2593),
            (table(10, 0, 0, 7), 1.0),
        ] {
            let got = kappa(&agreement).expect("both answers were given");
            assert!((got - want).abs() < 0.0001, "{agreement:?}: {got}");
        }
    }

    #[test]
    fn nothing_to_judge_and_nothing_to_choose_have_no_kappa() {
        assert_eq!(kappa(&Agreement::default()), None);
        assert_eq!(kappa(&Agreement { neither: 9, ..Agreement::default() }), None);
        assert_eq!(kappa(&Agreement { both: 9, ..Agreement::default() }), None);
    }
}
