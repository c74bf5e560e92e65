//! The demo customers. Every date is counted from the day the store is made, so each situation is fresh that day.

use crate::book::{self, Loan, LoanState, Term};
use crate::clock::start_of_day_ms;
use crate::credit::{ApplicationState, Held, LimitState, PRODUCT, disburse, record_application};
use crate::error::Failure;
use crate::schedule::{Method, due_date, plan};
use crate::store::Desk;
use crate::transfers::{self, Transfer, TransferKind};
use crate::weather::TransferState;
use jiff::ToSpan;
use jiff::civil::Date;

struct Person {
    id: &'static str,
    name: &'static str,
    level: &'static str,
    phone: &'static str,
    situation: &'static str,
    /// BIN, bank and last four digits of the default card.
    card: (&'static str, &'static str, &'static str),
    limit_fen: i64,
}

const PEOPLE: [Person; 10] = [
    Person {
        id: "c1001",
        name: "张伟",
        level: "金卡",
        phone: "13800131001",
        situation: "正常：两笔借款，一笔本月到期",
        card: ("622588", "招商银行", "1001"),
        limit_fen: 5_000_000,
    },
    Person {
        id: "c1002",
        name: "王芳",
        level: "普通",
        phone: "13800131002",
        situation: "逾期12天",
        card: ("622202", "中国工商银行", "1002"),
        limit_fen: 2_000_000,
    },
    Person {
        id: "c1003",
        name: "李娜",
        level: "普通",
        phone: "13800131003",
        situation: "放款处理中，迟迟未到账",
        card: ("621700", "中国建设银行", "1003"),
        limit_fen: 3_000_000,
    },
    Person {
        id: "c1004",
        name: "刘洋",
        level: "金卡",
        phone: "13800131004",
        situation: "借款已结清，可开结清证明、可注销",
        card: ("622848", "中国农业银行", "1004"),
        limit_fen: 4_000_000,
    },
    Person {
        id: "c1005",
        name: "陈静",
        level: "普通",
        phone: "13800131005",
        situation: "借款申请被拒",
        card: ("621661", "中国银行", "1005"),
        limit_fen: 0,
    },
    Person {
        id: "c1006",
        name: "杨帆",
        level: "普通",
        phone: "13800131006",
        situation: "额度被冻结，借款正常还款中",
        card: ("622260", "交通银行", "1006"),
        limit_fen: 2_000_000,
    },
    Person {
        id: "c1007",
        name: "赵敏",
        level: "新客",
        phone: "13800131007",
        situation: "新客户，有额度，没有借款",
        card: ("621098", "中国邮政储蓄银行", "1007"),
        limit_fen: 1_000_000,
    },
    Person {
        id: "c1008",
        name: "黄磊",
        level: "普通",
        phone: "13800131008",
        situation: "今天到期，自动扣款失败（余额不足）",
        card: ("622908", "兴业银行", "1008"),
        limit_fen: 2_000_000,
    },
    Person {
        id: "c1009",
        name: "周婷",
        level: "金卡",
        phone: "13800131009",
        situation: "主动还款处理中，未见结果",
        card: ("622588", "招商银行", "1009"),
        limit_fen: 3_000_000,
    },
    Person {
        id: "c1010",
        name: "吴刚",
        level: "普通",
        phone: "13800131010",
        situation: "逾期45天，两期未还",
        card: ("622202", "中国工商银行", "1010"),
        limit_fen: 2_000_000,
    },
];

/// A loan some way into its life.
struct Running {
    customer: &'static str,
    principal_fen: i64,
    rate_bp: i64,
    terms: i64,
    method: Method,
    /// The due date of the first unpaid term.
    next_due: Date,
    terms_paid: i64,
}

const RATE_BP: i64 = 1440;

/// Fills an empty store.
pub(crate) fn plant(desk: &Desk) -> Result<(), Failure> {
    for person in &PEOPLE {
        add_person(desk, person)?;
    }
    let today = desk.today;
    let next_month = due_date(today, 10, 1);
    let this_month = today.saturating_add(5.days()).min(today.last_of_month());
    let equal = |customer, next_due, terms_paid| Running {
        customer,
        principal_fen: 1_200_000,
        rate_bp: RATE_BP,
        terms: 12,
        method: Method::EqualInstalments,
        next_due,
        terms_paid,
    };
    run_loan(desk, equal("c1001", this_month, 3))?;
    let principal = Running {
        principal_fen: 2_000_000,
        rate_bp: 1080,
        terms: 24,
        method: Method::EqualPrincipal,
        ..equal("c1001", next_month, 7)
    };
    run_loan(desk, principal)?;
    run_loan(desk, equal("c1002", today.saturating_sub(12.days()), 4))?;
    disburse_late(desk)?;
    run_loan(desk, Running { terms: 6, ..equal("c1004", next_month, 6) })?;
    reject(desk)?;
    run_loan(desk, Running { principal_fen: 600_000, ..equal("c1006", next_month, 2) })?;
    freeze(desk)?;
    let declined = run_loan(desk, Running { principal_fen: 900_000, ..equal("c1008", today, 5) })?;
    decline(desk, &declined)?;
    let paying = run_loan(desk, Running { principal_fen: 1_500_000, ..equal("c1009", today.saturating_add(3.days()), 2) })?;
    add_payment(desk, &paying, next_total_fen(desk, &paying)?, Progress::Held)?;
    run_loan(desk, equal("c1010", today.saturating_sub(45.days()), 3))?;
    add_coupons(desk)
}

fn add_person(desk: &Desk, person: &Person) -> Result<(), Failure> {
    let Person { id, name, level, phone, situation, card: (bin, bank, tail), limit_fen } = person;
    let sql = "insert into customers (id, name, level, phone, repayment_day, situation) values (?1, ?2, ?3, ?4, 10, ?5)";
    desk.tx.execute(sql, (id, name, level, phone, situation))?;
    let sql = "insert into cards (id, customer, bin, bank, tail, phone, state, is_default, declines) values (?1, ?2, ?3, ?4, ?5, ?6, 'bound', 1, 0)";
    desk.tx.execute(sql, (desk.next_id("k")?, id, bin, bank, tail, phone))?;
    if *limit_fen > 0 {
        let sql = "insert into limits (customer, limit_fen, rate_bp, valid_until, state, reason, reason_en) values (?1, ?2, ?3, ?4, ?5, '', '')";
        desk.tx.execute(sql, (id, limit_fen, RATE_BP, desk.today.saturating_add(1.year()), LimitState::Active))?;
    }
    Ok(())
}

fn new_loan(desk: &Desk, running: &Running) -> Result<Loan, Failure> {
    Ok(Loan {
        id: desk.next_id("l")?,
        customer: running.customer.to_owned(),
        product: PRODUCT.to_owned(),
        principal_fen: running.principal_fen,
        rate_bp: running.rate_bp,
        terms: running.terms,
        method: running.method,
        repayment_day: i64::from(running.next_due.day()),
        card: crate::cards::default_card(desk, running.customer)?,
        state: LoanState::Disbursing,
        disbursed_on: None,
        day_changed_on: None,
        version: 0,
    })
}

fn run_loan(desk: &Desk, running: Running) -> Result<Loan, Failure> {
    let mut loan = new_loan(desk, &running)?;
    // Counted from the next due date, not the first: a 31st would be lost in the first short month.
    let due = |number: i64| due_date(running.next_due, running.next_due.day(), number - 1 - running.terms_paid);
    loan.disbursed_on = Some(due(0));
    loan.state = if running.terms_paid == running.terms { LoanState::Settled } else { LoanState::Active };
    book::save_loan(desk, &loan)?;
    for mut planned in plan(loan.method, loan.principal_fen, loan.rate_bp, loan.terms, due(1)) {
        planned.due_date = due(planned.number);
        let mut term = Term::unpaid(planned);
        if term.number <= running.terms_paid {
            term.paid = term.planned;
            add_payment(desk, &loan, term.paid.total_fen(), Progress::Done { on: term.due_date })?;
        }
        book::save_term(desk, &loan.id, &term)?;
    }
    record_application(desk, &loan.customer, loan.principal_fen, due(0), ApplicationState::Disbursed, None, Some(&loan.id))?;
    Ok(loan)
}

/// How far a seeded payment has got.
enum Progress {
    Done { on: Date },
    Declined,
    Held,
}

fn add_payment(desk: &Desk, loan: &Loan, amount_fen: i64, progress: Progress) -> Result<(), Failure> {
    let (kind, value_date, state, held, reason, reason_en) = match progress {
        Progress::Done { on } => (TransferKind::AutoDeduction, on, TransferState::Succeeded, false, "", ""),
        Progress::Held => (TransferKind::Manual, desk.today, TransferState::Processing, true, "", ""),
        Progress::Declined => {
            let reasons = ("银行卡余额不足，扣款未成功", "the card's balance was too low, so nothing was taken");
            (TransferKind::AutoDeduction, desk.today, TransferState::Failed, false, reasons.0, reasons.1)
        }
    };
    transfers::save(
        desk,
        &Transfer {
            id: desk.next_id("r")?,
            customer: loan.customer.clone(),
            loan: loan.id.clone(),
            kind,
            amount_fen,
            card: loan.card.clone(),
            quote: None,
            value_date,
            state,
            reason: reason.to_owned(),
            reason_en: reason_en.to_owned(),
            since_ms: start_of_day_ms(value_date),
            held,
        },
    )
}

fn next_total_fen(desk: &Desk, loan: &Loan) -> Result<i64, Failure> {
    let terms = book::terms(desk, &loan.id)?;
    Ok(terms.iter().find(|term| !term.is_paid()).map_or(0, |term| term.owed(loan.rate_bp, desk.today).total_fen()))
}

fn disburse_late(desk: &Desk) -> Result<(), Failure> {
    let running = Running {
        customer: "c1003",
        principal_fen: 800_000,
        rate_bp: RATE_BP,
        terms: 12,
        method: Method::EqualInstalments,
        next_due: due_date(desk.today, 10, 1),
        terms_paid: 0,
    };
    let loan = new_loan(desk, &running)?;
    book::save_loan(desk, &loan)?;
    disburse(desk, &loan, Held::UntilWeatherIsSet)?;
    let expected_by = Some(desk.today.saturating_add(1.day()));
    record_application(
        desk,
        &loan.customer,
        loan.principal_fen,
        desk.today,
        ApplicationState::Disbursing,
        expected_by,
        Some(&loan.id),
    )?;
    Ok(())
}

fn reject(desk: &Desk) -> Result<(), Failure> {
    let id = record_application(
        desk,
        "c1005",
        1_000_000,
        desk.today.saturating_sub(2.days()),
        ApplicationState::Rejected,
        None,
        None,
    )?;
    let sql = "update applications set reason = '综合评分未达要求，30天后可再次申请',
               reason_en = 'the overall score was too low; you can apply again in 30 days' where id = ?1";
    desk.tx.execute(sql, [id])?;
    Ok(())
}

fn freeze(desk: &Desk) -> Result<(), Failure> {
    let sql = "update limits set state = ?1, reason = '身份信息已过期，更新身份证后可恢复',
               reason_en = 'your identity document has expired; update it to restore the limit' where customer = 'c1006'";
    desk.tx.execute(sql, [LimitState::Frozen])?;
    Ok(())
}

fn decline(desk: &Desk, loan: &Loan) -> Result<(), Failure> {
    desk.tx.execute("update cards set declines = 1 where id = ?1", [&loan.card])?;
    add_payment(desk, loan, next_total_fen(desk, loan)?, Progress::Declined)
}

fn add_coupons(desk: &Desk) -> Result<(), Failure> {
    let day = |days: i64| desk.today.saturating_add(days.days());
    for (customer, title, value_fen, min_amount_fen, valid_until, used) in [
        ("c1001", "还款立减券", 500, 50_000, day(20), false),
        ("c1001", "免息3天券", 1_200, 100_000, day(-3), false),
        ("c1004", "还款立减券", 1_000, 100_000, day(10), true),
        ("c1007", "新客首借券", 2_000, 100_000, day(30), false),
    ] {
        let sql = "insert into coupons (id, customer, title, value_fen, min_amount_fen, valid_until, used) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        desk.tx.execute(sql, (desk.next_id("u")?, customer, title, value_fen, min_amount_fen, valid_until, used))?;
    }
    Ok(())
}
