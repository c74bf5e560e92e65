//! A ticket already filled in: from the conversation, its need, and what the lender says. Owns what goes into which field.

use super::event::{Accused, Actor, Evidence, NamedDate, Opening, Priority, Sum, Targets, TicketForm};
use super::promises::promises;
use crate::conversation::{Conversation, Rules, TurnFrom, summary};
use crate::id::{NeedId, TicketId};
use crate::lender::{Fact, Facts};
use crate::service::ServiceRules;
use crate::time::Timestamp;
use crate::understanding::{Lang, Signal};
use std::collections::BTreeSet;

/// Turns of the customer that are quoted as evidence.
const QUOTED: usize = 3;
/// Longest quote, in characters.
const QUOTE: usize = 120;
/// Fields of a loan that a case is about; the lender's own names.
const LOAN_SUMS: [&str; 3] = ["principal", "balance", "next_due"];
const LOAN_DATES: [&str; 1] = ["next_due_date"];

/// What is known besides the conversation.
#[derive(Debug, Clone, Copy)]
pub struct Background<'a> {
    /// What the ticket is about; the conversation's last need where it is `None`.
    pub need: Option<&'a NeedId>,
    /// Everything heard in the conversation.
    pub signals: &'a BTreeSet<Signal>,
    /// Answer to `Operation::Loans`.
    pub loans: Option<&'a Facts>,
    /// Agents who spoke.
    pub spoke: &'a [Accused],
}

/// Fills the form.
pub fn fill(conversation: &Conversation, known: &Background<'_>, rules: &Rules) -> TicketForm {
    let tickets = &rules.service.tickets;
    let need = known.need.or(conversation.needs.last());
    let entry = need.and_then(|n| rules.knowledge.get(n));
    let category = tickets.category_of(need, known.signals);
    let danger = known.signals.contains(&Signal::SelfHarm) || known.signals.contains(&Signal::FraudVictim);
    let priority = category.map_or(Priority::Normal, |c| c.priority);
    let about = about(need, known, rules);
    let owner = category.and_then(|c| c.department.clone()).or_else(|| entry.map(|e| e.owner.clone()));
    let owner = owner.unwrap_or_else(|| "customer-service".to_owned());
    let promises = promises(conversation);
    let (loan, sums, dates) = money(conversation, known.loans);
    TicketForm {
        category: category.map_or_else(|| "other".to_owned(), |c| c.id.clone()),
        priority: if danger { Priority::Urgent } else { priority },
        title: entry.and_then(|e| e.text(Lang::ZhCn)).map_or_else(|| "客户要求人工处理".to_owned(), |t| t.title.clone()),
        summary: summary(conversation, rules, Lang::ZhCn).join("\n"),
        need: need.cloned(),
        cause: entry.map(|e| e.cause.clone()),
        department: tickets.without_conflict(&owner, &about),
        loan,
        sums,
        dates,
        evidence: evidence(conversation, promises.iter().map(|p| p.seq).collect()),
        promises,
        about,
    }
}

/// The ticket that a form opens.
pub fn opening(
    conversation: &Conversation,
    id: TicketId,
    mut form: TicketForm,
    by: Actor,
    rules: &ServiceRules,
    now: Timestamp,
) -> Opening {
    form.department = rules.tickets.without_conflict(&form.department, &form.about);
    let targets = rules.tickets.targets(&form.category, form.priority);
    Opening {
        id,
        conversation: conversation.id.clone(),
        customer: conversation.customer.clone(),
        lang: conversation.lang,
        promised_by: promised_by(targets.as_ref(), rules, now).unwrap_or(now),
        complaint_since: rules.tickets.category(&form.category).is_some_and(|c| c.complaint).then_some(now),
        targets,
        form,
        opened_by: by,
        split_from: None,
    }
}

/// When the first answer is due.
pub(super) fn promised_by(targets: Option<&Targets>, rules: &ServiceRules, now: Timestamp) -> Option<Timestamp> {
    let targets = targets?;
    rules.calendar(&targets.calendar)?.add_working_ms(now, targets.first_answer_ms)
}

/// Whom the complaint is about, where the need itself says so.
fn about(need: Option<&NeedId>, known: &Background<'_>, rules: &Rules) -> Vec<Accused> {
    let fitting = rules.service.tickets.conflicts.iter().filter(|c| Some(&c.need) == need);
    fitting
        .flat_map(|rule| match &rule.department {
            Some(department) => vec![Accused::Department { department: department.clone() }],
            None => known.spoke.to_vec(),
        })
        .collect()
}

/// The customer's last words and every promise, in order of their places.
fn evidence(conversation: &Conversation, mut places: BTreeSet<u64>) -> Vec<Evidence> {
    let said = conversation.turns.iter().rev().filter(|t| t.from == TurnFrom::Customer).take(QUOTED);
    places.extend(said.map(|t| t.seq));
    let turns = conversation.turns.iter().filter(|t| places.contains(&t.seq));
    turns
        .map(|t| Evidence { conversation: conversation.id.clone(), seq: t.seq, quote: t.text.chars().take(QUOTE).collect() })
        .collect()
}

/// The loan the case is about (the one of the last self-service, the overdue one, or the only one), with its sums and
/// dates, and the sums that self-service got from the lender.
fn money(conversation: &Conversation, loans: Option<&Facts>) -> (Option<String>, Vec<Sum>, Vec<NamedDate>) {
    let run = conversation.flow.as_ref().or(conversation.paused.as_ref()).or(conversation.last_flow.as_ref().map(|(run, _)| run));
    let asked = run.map(|r| &r.facts);
    let asked_loan = asked.and_then(|f| text(f, "loan"));
    let loans: Vec<&Facts> = match loans.and_then(|f| f.get("loans")) {
        Some(Fact::List(items)) => items.iter().filter_map(record).collect(),
        Some(_) | None => Vec::new(),
    };
    let open: Vec<&&Facts> = loans.iter().filter(|l| text(l, "status").as_deref() != Some("settled")).collect();
    let named = loans.iter().find(|l| asked_loan.is_some() && text(l, "id") == asked_loan);
    let overdue = open.iter().find(|l| text(l, "status").as_deref() == Some("overdue")).copied();
    let only = if open.len() == 1 { open.first().copied() } else { None };
    let loan = named.or(overdue).or(only);
    let mut sums = Vec::new();
    let mut dates = Vec::new();
    if let Some(loan) = loan {
        collect(loan, &LOAN_SUMS, &LOAN_DATES, &mut sums, &mut dates);
    }
    if let Some(asked) = asked {
        let names: Vec<&str> = asked.keys().map(String::as_str).collect();
        collect(asked, &names, &names, &mut sums, &mut dates);
    }
    (loan.and_then(|l| text(l, "id")).or(asked_loan), sums, dates)
}

fn collect(facts: &Facts, sum_names: &[&str], date_names: &[&str], sums: &mut Vec<Sum>, dates: &mut Vec<NamedDate>) {
    for (label, fact) in facts {
        match fact {
            Fact::Money(amount_fen) if sum_names.contains(&label.as_str()) && sums.iter().all(|s| s.label != *label) => {
                sums.push(Sum { label: label.clone(), amount_fen: *amount_fen });
            }
            Fact::Date(date) if date_names.contains(&label.as_str()) && dates.iter().all(|d| d.label != *label) => {
                dates.push(NamedDate { label: label.clone(), date: *date });
            }
            _ => {}
        }
    }
}

fn record(fact: &Fact) -> Option<&Facts> {
    match fact {
        Fact::Record(facts) => Some(facts),
        _ => None,
    }
}

fn text(facts: &Facts, name: &str) -> Option<String> {
    match facts.get(name) {
        Some(Fact::Text(text)) => Some(text.clone()),
        _ => None,
    }
}
