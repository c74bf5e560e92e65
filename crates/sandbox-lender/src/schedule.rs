//! Repayment schedules and the lender's price rules. Pure integer arithmetic on fen and basis points: no clock, no store.

use crate::money::{rounded, share_fen};
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How principal is spread over the terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// 等额本息: every term's total is the same, but for the last one, which takes the rounding.
    EqualInstalments,
    /// 等额本金: every term's principal is the same, but for the last one, which takes the rounding.
    EqualPrincipal,
}

/// What one term owes before anything is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedTerm {
    pub number: i64,
    pub due_date: Date,
    pub principal_fen: i64,
    pub interest_fen: i64,
}

/// A month's interest is the year's rate over twelve: 1/120 000 of the balance for each basis point.
const BP_MONTHS: i64 = 120_000;
/// A day's interest is the year's rate over 360, the usual divisor of Chinese consumer loans: 1/3 600 000 for each
/// basis point.
const BP_DAYS: i64 = 3_600_000;
/// Penalty interest (罚息) is one and a half times the contract's rate.
/// Source: 中国人民银行 银发〔2003〕251号, which sets 30–50 % on top of the contract's rate.
const PENALTY_NUMERATOR: i64 = 3;
const PENALTY_DENOMINATOR: i64 = 2;
/// Early settlement costs 1 % of the principal still owed …
const SETTLEMENT_FEE_BP: i64 = 100;
/// … until six terms have been paid.
const SETTLEMENT_FEE_TERMS: i64 = 6;
/// Deferral costs 0.05 % of what the term owes for each day …
const DEFERRAL_FEE_BP_PER_DAY: i64 = 5;
/// … and one yuan at least.
const DEFERRAL_FEE_MIN_FEN: i64 = 100;

/// The due date of the term `months` after `first`, on `day` of the month or on the month's last day where it is shorter.
pub fn due_date(first: Date, day: i8, months: i64) -> Date {
    let month = first.first_of_month().saturating_add(months.months());
    month.saturating_add((i64::from(day.min(month.days_in_month())) - 1).days())
}

/// Plans a loan. `first_due` is the first term's due date; its day of the month is the repayment day.
/// `terms` is at least one; `principal_fen` is not negative.
pub fn plan(method: Method, principal_fen: i64, rate_bp: i64, terms: i64, first_due: Date) -> Vec<PlannedTerm> {
    let instalment_fen = instalment_fen(principal_fen, rate_bp, terms);
    let mut left_fen = principal_fen;
    (1..=terms)
        .map(|number| {
            let interest_fen = month_interest_fen(left_fen, rate_bp);
            let principal_part = match method {
                _ if number == terms => left_fen,
                Method::EqualInstalments => (instalment_fen - interest_fen).clamp(0, left_fen),
                Method::EqualPrincipal => principal_fen / terms,
            };
            left_fen -= principal_part;
            PlannedTerm {
                number,
                due_date: due_date(first_due, first_due.day(), number - 1),
                principal_fen: principal_part,
                interest_fen,
            }
        })
        .collect()
}

/// The level instalment `P·r·(1+r)ⁿ ÷ ((1+r)ⁿ − 1)`, in fixed point with 18 decimals: the error over 36 terms is below
/// 10⁻⁷ fen for any sum a request may name, so only the final rounding shows.
fn instalment_fen(principal_fen: i64, rate_bp: i64, terms: i64) -> i64 {
    if rate_bp == 0 {
        return rounded(i128::from(principal_fen), i128::from(terms));
    }
    const ONE: i128 = 1_000_000_000_000_000_000;
    let months = i128::from(BP_MONTHS);
    let growth = (0..terms).fold(ONE, |growth, _| growth * (months + i128::from(rate_bp)) / months);
    rounded(i128::from(principal_fen) * i128::from(rate_bp) * growth, months * (growth - ONE))
}

fn month_interest_fen(balance_fen: i64, rate_bp: i64) -> i64 {
    share_fen(balance_fen, rate_bp, BP_MONTHS)
}

/// Interest on `balance_fen` for `days` whole days; none for a negative count.
pub fn daily_interest_fen(balance_fen: i64, rate_bp: i64, days: i64) -> i64 {
    share_fen(balance_fen, rate_bp * days.max(0), BP_DAYS)
}

/// Penalty interest on overdue principal for `days` whole days; none for a negative count.
pub fn penalty_fen(overdue_principal_fen: i64, rate_bp: i64, days: i64) -> i64 {
    share_fen(overdue_principal_fen, rate_bp * PENALTY_NUMERATOR * days.max(0), BP_DAYS * PENALTY_DENOMINATOR)
}

/// The fee for settling early; never more than the interest that settling saves, so settling never costs extra.
pub fn settlement_fee_fen(principal_fen: i64, terms_paid: i64, interest_saved_fen: i64) -> i64 {
    if terms_paid >= SETTLEMENT_FEE_TERMS {
        return 0;
    }
    share_fen(principal_fen, SETTLEMENT_FEE_BP, 10_000).min(interest_saved_fen)
}

/// The fee for moving a term that owes `term_total_fen` back by `days`.
pub fn deferral_fee_fen(term_total_fen: i64, days: i64) -> i64 {
    share_fen(term_total_fen, DEFERRAL_FEE_BP_PER_DAY * days, 10_000).max(DEFERRAL_FEE_MIN_FEN)
}

/// Whole days from `from` to `to`; negative where `to` is earlier.
pub fn days_between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn equal_instalments_match_the_formula_in_exact_fractions() {
        // 10 000 yuan at 14.40 % over 12 months, 1.2 % a month: 899.7543… yuan a term by exact fractions.
        let plan = plan(Method::EqualInstalments, 1_000_000, 1440, 12, date(2026, 1, 10));
        assert_eq!((plan[0].principal_fen, plan[0].interest_fen), (77_975, 12_000));
        let totals: Vec<i64> = plan.iter().map(|term| term.principal_fen + term.interest_fen).collect();
        assert!(totals[..11].iter().all(|total| *total == 89_975), "{totals:?}");
        assert!((totals[11] - 89_975).abs() <= 12, "{totals:?}");
    }

    #[test]
    fn equal_principal_leaves_the_rounding_to_the_last_term() {
        let plan = plan(Method::EqualPrincipal, 100_000, 1200, 3, date(2026, 1, 31));
        let rows: Vec<_> = plan.iter().map(|term| (term.principal_fen, term.interest_fen)).collect();
        assert_eq!(rows, [(33_333, 1_000), (33_333, 667), (33_334, 333)]);
        let dates: Vec<_> = plan.iter().map(|term| term.due_date).collect();
        assert_eq!(dates, [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]);
    }

    #[test]
    fn a_day_of_penalty_is_one_and_a_half_days_of_interest() {
        assert_eq!(daily_interest_fen(1_000_000, 1800, 1), 500);
        assert_eq!(penalty_fen(1_000_000, 1800, 1), 750);
        assert_eq!(penalty_fen(1_000_000, 1800, -3), 0);
    }

    #[test]
    fn settling_is_free_from_the_sixth_paid_term_and_never_costs_more_than_it_saves() {
        for (terms_paid, saved, want) in [(5, 99_999, 10_000), (6, 99_999, 0), (5, 700, 700)] {
            assert_eq!(settlement_fee_fen(1_000_000, terms_paid, saved), want);
        }
    }

    #[test]
    fn deferral_costs_at_least_a_yuan() {
        assert_eq!(deferral_fee_fen(10_000, 1), 100);
        assert_eq!(deferral_fee_fen(100_000, 10), 500);
    }

    proptest! {
        #[test]
        fn principal_adds_up_to_the_loan(
            principal in 50_000i64..MAX, rate in 0i64..3600, terms in 1i64..=36, equal in any::<bool>()
        ) {
            let method = if equal { Method::EqualInstalments } else { Method::EqualPrincipal };
            let rows = plan(method, principal, rate, terms, date(2026, 1, 28));
            prop_assert_eq!(rows.len() as i64, terms);
            prop_assert_eq!(rows.iter().map(|row| row.principal_fen).sum::<i64>(), principal);
            let mut left = principal;
            for row in &rows {
                prop_assert!(row.principal_fen >= 0 && row.interest_fen >= 0);
                prop_assert_eq!(row.interest_fen, share_fen(left, rate, 120_000));
                left -= row.principal_fen;
            }
            prop_assert_eq!(left, 0);
        }

        #[test]
        fn instalments_are_level_but_for_the_last(principal in 50_000i64..MAX, rate in 1i64..3600, terms in 2i64..=36) {
            let rows = plan(Method::EqualInstalments, principal, rate, terms, date(2026, 1, 28));
            let total = |row: &PlannedTerm| row.principal_fen + row.interest_fen;
            let first = total(&rows[0]);
            prop_assert!(rows[..rows.len() - 1].iter().all(|row| total(row) == first));
            // Each term's rounding is half a fen at most for the instalment and half for the interest, and grows with
            // the balance it leaves: (1.03)^36 < 3.
            prop_assert!((total(&rows[rows.len() - 1]) - first).abs() <= 3 * terms);
        }

        #[test]
        fn interest_of_days_is_within_a_fen_of_the_days_apart(balance in 0i64..MAX, rate in 0i64..3600, a in 0i64..30, b in 0i64..30) {
            let apart = daily_interest_fen(balance, rate, a) + daily_interest_fen(balance, rate, b);
            prop_assert!((daily_interest_fen(balance, rate, a + b) - apart).abs() <= 1);
        }
    }

    const MAX: i64 = crate::money::MAX_REQUEST_FEN;
}
