//! Acts on two tickets: merge, split, link. Both halves are committed together; nothing that either holds is lost.

use super::act::{TicketRefusal, check_form, may_handle, must_be_open};
use super::event::{Actor, LinkKind, Opening, TicketEvent, TicketForm};
use super::state::{Link, Ticket, TicketState};
use crate::id::TicketId;
use crate::service::ServiceRules;
use crate::time::Timestamp;

/// Merges `source` into `target`: events of the source, then of the target. The source keeps its number, which leads to the
/// target.
///
/// # Errors
/// `Pair` where they are the same, of different customers, or a complaint would lose its legal limit; `ConflictOfInterest`.
pub fn merge(source: &Ticket, target: &Ticket, by: &Actor) -> Result<(Vec<TicketEvent>, Vec<TicketEvent>), TicketRefusal> {
    let refuse = |why| Err(TicketRefusal::Pair { id: source.id().clone(), other: target.id().clone(), why });
    if source.id() == target.id() {
        return refuse("they are the same; name another");
    }
    if source.opening.customer.id != target.opening.customer.id {
        return refuse("they are of different customers; link them instead");
    }
    if source.complaint.is_some() && target.complaint.is_none() {
        return refuse("a complaint keeps its legal limit; merge the other one into the complaint");
    }
    for ticket in [source, target] {
        may_handle(ticket, by)?;
        must_be_open(ticket)?;
    }
    let absorbed = TicketEvent::Absorbed {
        ticket: source.id().clone(),
        conversations: source.conversations.clone(),
        evidence: source.evidence.clone(),
        promises: source.promises.clone(),
        complaint_since: source.complaint.as_ref().map(|c| c.received_at),
    };
    Ok((vec![TicketEvent::MergedInto { ticket: target.id().clone() }], vec![absorbed]))
}

/// Takes a part of a ticket out into one of its own, with its own clocks. The evidence stays in both.
///
/// # Errors
/// As for any form, and where the ticket is not open.
pub fn split(
    parent: &Ticket,
    mut form: TicketForm,
    by: &Actor,
    rules: &ServiceRules,
    now: Timestamp,
) -> Result<(TicketEvent, Opening), TicketRefusal> {
    may_handle(parent, by)?;
    must_be_open(parent)?;
    check_form(&form, rules)?;
    form.about = parent.about.iter().chain(&form.about).fold(Vec::new(), |mut about, party| {
        if !about.contains(party) {
            about.push(party.clone());
        }
        about
    });
    form.department = rules.tickets.without_conflict(&form.department, &form.about);
    let parts = parent.links.iter().filter(|l| l.kind == LinkKind::SplitInto).count();
    let id = TicketId::new(format!("{}-S{}", parent.id(), parts + 1));
    let split_off = TicketEvent::SplitOff { ticket: id.clone(), title: form.title.clone() };
    let is_complaint = rules.tickets.category(&form.category).is_some_and(|c| c.complaint);
    let since = parent.complaint.as_ref().map_or(now, |c| c.received_at);
    let targets = rules.tickets.targets(&form.category, form.priority);
    let opening = Opening {
        id,
        conversation: parent.opening.conversation.clone(),
        customer: parent.opening.customer.clone(),
        lang: parent.opening.lang,
        promised_by: super::fill::promised_by(targets.as_ref(), rules, now).unwrap_or(parent.opening.promised_by),
        targets,
        form,
        opened_by: by.clone(),
        complaint_since: is_complaint.then_some(since),
        split_from: Some(parent.id().clone()),
    };
    Ok((split_off, opening))
}

/// Links two tickets; both say so.
///
/// # Errors
/// `Pair` where they are the same, or the link is made by merging and splitting only.
pub fn link(
    from: &Ticket,
    to: &Ticket,
    kind: LinkKind,
    by: &Actor,
) -> Result<(Vec<TicketEvent>, Vec<TicketEvent>), TicketRefusal> {
    let refuse = |why| Err(TicketRefusal::Pair { id: from.id().clone(), other: to.id().clone(), why });
    if from.id() == to.id() {
        return refuse("they are the same; name another");
    }
    if matches!(kind, LinkKind::SplitFrom | LinkKind::SplitInto) {
        return refuse("only splitting makes that link");
    }
    for ticket in [from, to] {
        may_handle(ticket, by)?;
        if let TicketState::Merged { into } = &ticket.state {
            return Err(TicketRefusal::Merged { id: ticket.id().clone(), into: into.clone() });
        }
    }
    if from.links.contains(&Link { to: to.id().clone(), kind }) {
        return Ok((Vec::new(), Vec::new()));
    }
    let here = TicketEvent::Linked { to: to.id().clone(), link: kind };
    let there = TicketEvent::Linked { to: from.id().clone(), link: kind.inverse() };
    Ok((vec![here], vec![there]))
}
