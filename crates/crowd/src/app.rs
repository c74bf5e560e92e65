//! The loan app as its customers know it: the ways through it, their pages, and how long people take who have no trouble.

/// A step of a way.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    pub id: &'static str,
    pub page: &'static str,
    /// A step inside the page of the step before it.
    pub inside: Option<&'static str>,
    /// Median stay in seconds of those who get through.
    pub secs: f64,
    /// What is touched to go on.
    pub button: &'static str,
    /// What comes to pass at the lender after this many seconds.
    pub outcome: Option<(&'static str, f64)>,
}

#[derive(Debug)]
pub struct Way {
    pub id: &'static str,
    /// Share of visits.
    pub weight: f64,
    pub steps: &'static [Step],
}

const fn step(id: &'static str, page: &'static str, secs: f64, button: &'static str) -> Step {
    Step { id, page, inside: None, secs, button, outcome: None }
}

const fn last(id: &'static str, page: &'static str, secs: f64, button: &'static str, outcome: (&'static str, f64)) -> Step {
    Step { id, page, inside: None, secs, button, outcome: Some(outcome) }
}

pub const WAYS: &[Way] = &[
    Way {
        id: "apply",
        weight: 0.36,
        steps: &[
            step("start", "apply", 18.0, "start"),
            step("id_upload", "apply/id", 22.0, "next"),
            step("face", "apply/face", 14.0, "next"),
            step("bank_card", "apply/card", 26.0, "card.bind"),
            step("contract", "apply/contract", 40.0, "to-sign"),
            Step { id: "sign", page: "apply/contract", inside: Some("sign"), secs: 15.0, button: "sign", outcome: None },
            last("disbursement", "apply/disbursement", 30.0, "refresh", ("disbursed", 45.0)),
        ],
    },
    Way {
        id: "repay",
        weight: 0.25,
        steps: &[
            step("bill", "bills", 12.0, "repay"),
            step("amount", "repay", 10.0, "pay.next"),
            step("pay", "repay/confirm", 8.0, "pay"),
            last("result", "repay/result", 12.0, "home", ("repaid", 10.0)),
        ],
    },
    Way {
        id: "early_settlement",
        weight: 0.13,
        steps: &[
            step("choose", "early-repayment", 14.0, "loan"),
            step("quote", "early-repayment/quote", 24.0, "to-confirm"),
            last("confirm", "early-repayment/confirm", 9.0, "settle", ("settled_early", 8.0)),
        ],
    },
    Way {
        id: "change_card",
        weight: 0.1,
        steps: &[
            step("cards", "cards", 10.0, "add"),
            step("number", "cards/add", 20.0, "next"),
            last("verify", "cards/verify", 16.0, "verify", ("card_changed", 5.0)),
        ],
    },
    Way {
        id: "limit",
        weight: 0.07,
        steps: &[
            step("view", "limit", 16.0, "raise"),
            step("materials", "limit/materials", 35.0, "submit"),
            last("result", "limit/result", 20.0, "home", ("limit_decided", 60.0)),
        ],
    },
    Way {
        id: "certificate",
        weight: 0.05,
        steps: &[
            step("choose", "certificates", 14.0, "loan"),
            step("details", "certificates/details", 12.0, "next"),
            last("download", "certificates/download", 15.0, "download", ("certificate_issued", 8.0)),
        ],
    },
    Way {
        id: "change_phone",
        weight: 0.04,
        steps: &[
            step("number", "profile/phone", 14.0, "next"),
            step("face", "profile/phone/face", 12.0, "next"),
            last("code", "profile/phone/code", 14.0, "confirm", ("phone_changed", 3.0)),
        ],
    },
];

/// Platforms with their versions, by share of customers.
pub const BUILDS: &[((&str, &str), f64)] = &[
    (("android", "5.1.9"), 0.1),
    (("android", "5.2.0"), 0.16),
    (("android", "5.2.1"), 0.2),
    (("ios", "5.2.0"), 0.12),
    (("ios", "5.2.1"), 0.18),
    (("mini_program", "2.8.0"), 0.14),
    (("h5", "1.9.4"), 0.1),
];
