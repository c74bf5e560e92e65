//! What the widget offers before the customer types. Owns the order: the likeliest need of *this* customer first.

use crate::id::FlowId;
use crate::lender::{Fact, Facts};
use jiff::civil::Date;

/// What the lender told of a customer; absent parts were not answered in time.
#[derive(Debug, Clone, Default)]
pub struct KnownFacts {
    /// Of `Operation::Profile`.
    pub profile: Option<Facts>,
    /// Of `Operation::Loans`.
    pub loans: Option<Facts>,
    /// Of `Operation::Applications`.
    pub applications: Option<Facts>,
    /// Of `Operation::Repayments`.
    pub repayments: Option<Facts>,
}

impl KnownFacts {
    pub fn is_overdue(&self) -> bool {
        self.profile.as_ref().is_some_and(|p| p.get("overdue") == Some(&Fact::Flag(true)))
    }

    /// Status of each loan, and the product's name.
    pub fn loans(&self) -> impl Iterator<Item = (&str, Option<String>)> {
        records(self.loans.as_ref(), "loans", "status").map(|(status, loan)| (status, product(loan)))
    }

    /// State of each application, and the product's name.
    pub fn applications(&self) -> impl Iterator<Item = (&str, Option<String>)> {
        records(self.applications.as_ref(), "applications", "state").map(|(state, application)| (state, product(application)))
    }
}

fn product(record: &Facts) -> Option<String> {
    match record.get("product") {
        Some(Fact::Text(name)) => Some(name.clone()),
        _ => None,
    }
}

/// Days before a due date from which repaying is what most people come for.
const DUE_SOON_DAYS: i32 = 7;

/// Flows by likelihood, each once, at most `most`.
pub fn rank(facts: &KnownFacts, today: Date, most: usize) -> Vec<FlowId> {
    let mut weights: Vec<(i32, &str)> = vec![
        (30, "repayment-due"),
        (24, "early-repayment"),
        (20, "limit-query"),
        (16, "repayment-plan"),
        (14, "change-card"),
        (12, "settlement-certificate"),
        (10, "repay-now"),
        (8, "deferral"),
        (6, "repayment-history"),
        (5, "coupons"),
    ];
    let mut add = |weight: i32, flow: &'static str| weights.push((weight, flow));
    if facts.is_overdue() {
        add(100, "repay-now");
        add(90, "repayment-due");
        add(80, "deferral");
    }
    for (state, _) in records(facts.applications.as_ref(), "applications", "state") {
        match state {
            "reviewing" | "disbursing" => add(95, "disbursement-progress"),
            "disbursement_failed" | "rejected" => add(70, "disbursement-progress"),
            _ => {}
        }
    }
    if let Some(("failed" | "processing", _)) = records(facts.repayments.as_ref(), "repayments", "state").next() {
        add(92, "repayment-check");
    }
    let mut open_loans = 0;
    for (status, loan) in records(facts.loans.as_ref(), "loans", "status") {
        match status {
            "settled" => add(60, "settlement-certificate"),
            _ => {
                open_loans += 1;
                if let Some(Fact::Date(due)) = loan.get("next_due_date")
                    && (0..=DUE_SOON_DAYS).contains(&days_between(today, *due))
                {
                    add(85, "repayment-due");
                    add(65, "repay-now");
                }
            }
        }
    }
    if facts.loans.is_some() && open_loans == 0 {
        add(75, "limit-query");
        add(40, "coupons");
    }
    weights.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    let mut order: Vec<FlowId> = Vec::new();
    for (_, flow) in weights {
        let flow = FlowId::from(flow);
        if order.len() < most && !order.contains(&flow) {
            order.push(flow);
        }
    }
    order
}

/// The records of a list fact, each with its status word.
fn records<'a>(facts: Option<&'a Facts>, list: &str, status: &'a str) -> impl Iterator<Item = (&'a str, &'a Facts)> {
    let items = match facts.and_then(|f| f.get(list)) {
        Some(Fact::List(items)) => items.as_slice(),
        _ => &[],
    };
    items.iter().filter_map(move |item| match item {
        Fact::Record(record) => match record.get(status) {
            Some(Fact::Text(word)) => Some((word.as_str(), record)),
            _ => None,
        },
        _ => None,
    })
}

fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(i32::MAX, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn record(fields: &[(&str, Fact)]) -> Fact {
        Fact::Record(fields.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect())
    }

    fn list(name: &str, items: Vec<Fact>) -> Option<Facts> {
        Some(Facts::from([(name.to_owned(), Fact::List(items))]))
    }

    #[test]
    fn what_presses_a_customer_comes_first() {
        let today = date(2026, 12, 1);
        let text = |t: &str| Fact::Text(t.to_owned());
        let overdue =
            KnownFacts { profile: Some(Facts::from([("overdue".to_owned(), Fact::Flag(true))])), ..KnownFacts::default() };
        let waiting = KnownFacts {
            applications: list("applications", vec![record(&[("state", text("disbursing"))])]),
            ..KnownFacts::default()
        };
        let due = KnownFacts {
            loans: list("loans", vec![record(&[("status", text("active")), ("next_due_date", Fact::Date(date(2026, 12, 5)))])]),
            ..KnownFacts::default()
        };
        for (facts, first) in [(overdue, "repay-now"), (waiting, "disbursement-progress"), (due, "repayment-due")] {
            let order = rank(&facts, today, 5);
            assert_eq!(order[0].as_str(), first);
            assert_eq!(order.len(), 5);
        }
    }
}
