//! English names of what the store keeps in Chinese: banks, levels, coupons, the product. Owns the table; translates no
//! sentences (those are written in both languages where they arise).

/// What is not in the table has no English name, and the caller shows the Chinese one.
const NAMES: [(&str, &str); 15] = [
    (crate::credit::PRODUCT, "Anytime Loan"),
    ("中国工商银行", "ICBC"),
    ("中国建设银行", "China Construction Bank"),
    ("中国农业银行", "Agricultural Bank of China"),
    ("中国银行", "Bank of China"),
    ("招商银行", "China Merchants Bank"),
    ("交通银行", "Bank of Communications"),
    ("中国邮政储蓄银行", "Postal Savings Bank of China"),
    ("兴业银行", "Industrial Bank"),
    ("金卡", "Gold"),
    ("普通", "Standard"),
    ("新客", "New customer"),
    ("还款立减券", "Money off a repayment"),
    ("免息3天券", "3 days without interest"),
    ("新客首借券", "First loan coupon"),
];

/// The English name, or an empty text.
pub(crate) fn english(chinese: &str) -> String {
    NAMES.iter().find(|(name, _)| *name == chinese).map_or_else(String::new, |(_, english)| (*english).to_owned())
}
