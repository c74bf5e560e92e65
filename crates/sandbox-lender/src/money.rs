//! Arithmetic on sums in fen. Owns rounding (half up, once, at the end) and how a sum is written for a customer; never a
//! float. Every sum in this crate is an `i64` whose name ends in `_fen`, and every rate one that ends in `_bp` (a year's).

/// The largest sum a request may name: 100 million yuan. Sums of a whole loan book of such rows still fit 64 bits.
pub const MAX_REQUEST_FEN: i64 = 10_000_000_000;

/// `amount × numerator ÷ denominator`, rounded half up to the fen.
pub fn share_fen(amount_fen: i64, numerator: i64, denominator: i64) -> i64 {
    let product = i128::from(amount_fen) * i128::from(numerator);
    rounded(product, i128::from(denominator))
}

/// `dividend ÷ divisor`, rounded half up, for dividends that are not negative.
pub(crate) fn rounded(dividend: i128, divisor: i128) -> i64 {
    i64::try_from((dividend + divisor / 2) / divisor).unwrap_or(i64::MAX)
}

/// Yuan with thousands commas and two decimals: `1,234.56`.
pub fn yuan(amount_fen: i64) -> String {
    let total = amount_fen.unsigned_abs();
    let whole = (total / 100).to_string();
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if amount_fen < 0 { "-" } else { "" };
    format!("{sign}{grouped}.{:02}", total % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_fen_is_rounded_up_and_less_is_dropped() {
        for (amount, numerator, denominator, want) in [(1, 1, 2, 1), (1, 49, 100, 0), (3, 1, 2, 2), (100, 1, 3, 33), (0, 5, 7, 0)]
        {
            assert_eq!(share_fen(amount, numerator, denominator), want);
        }
    }

    #[test]
    fn yuan_is_written_with_commas() {
        for (fen, text) in
            [(0, "0.00"), (5, "0.05"), (99_999, "999.99"), (100_000, "1,000.00"), (123_456_789, "1,234,567.89"), (-310, "-3.10")]
        {
            assert_eq!(yuan(fen), text);
        }
    }
}
