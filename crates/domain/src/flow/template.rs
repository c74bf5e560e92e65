//! Placeholders: paths into slots and facts, and how each kind of fact is written for a customer.

use super::spec::{ButtonTemplate, CardTemplate, Flow, MessageTemplate};
use crate::lender::{Fact, Facts};
use crate::message::{Action, Button, Card, CardRow, FieldKind, Message};
use crate::understanding::Lang;
use jiff::civil::Date;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A fact as a customer reads it: `1,234.56 元` / `¥1,234.56`, `2026年12月5日` / `5 Dec 2026`, `7.25%`.
pub fn render_fact(fact: &Fact, lang: Lang) -> String {
    match (fact, lang) {
        (Fact::Money(fen), Lang::ZhCn) => format!("{fen} 元"),
        (Fact::Money(fen), Lang::En) => format!("¥{fen}"),
        (Fact::Rate(rate), Lang::ZhCn | Lang::En) => rate.to_string(),
        (Fact::Date(date), lang) => render_date(*date, lang),
        (Fact::Count(count), Lang::ZhCn | Lang::En) => count.to_string(),
        (Fact::Text(text), Lang::ZhCn | Lang::En) => text.clone(),
        (Fact::Flag(flag), Lang::ZhCn) => if *flag { "是" } else { "否" }.to_owned(),
        (Fact::Flag(flag), Lang::En) => if *flag { "yes" } else { "no" }.to_owned(),
        (Fact::List(items), Lang::ZhCn | Lang::En) => items.len().to_string(),
        (Fact::Record(_), Lang::ZhCn | Lang::En) => String::new(),
    }
}

fn render_date(date: Date, lang: Lang) -> String {
    match lang {
        Lang::ZhCn => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
        Lang::En => format!("{} {} {}", date.day(), MONTHS[usize::from(date.month().unsigned_abs()) - 1], date.year()),
    }
}

fn render_month(month: Date, lang: Lang) -> String {
    match lang {
        Lang::ZhCn => format!("{}年{}月", month.year(), month.month()),
        Lang::En => format!("{} {}", MONTHS[usize::from(month.month().unsigned_abs()) - 1], month.year()),
    }
}

/// The fact at a dotted path.
pub(super) fn look_up<'a>(facts: &'a Facts, path: &str) -> Option<&'a Fact> {
    let (head, rest) = path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)));
    let fact = facts.get(head)?;
    match (rest, fact) {
        (None, fact) => Some(fact),
        (Some(rest), Fact::Record(record)) => look_up(record, rest),
        (Some(_), _) => None,
    }
}

/// The `{path}`s of a template, in order.
pub(crate) fn placeholders(template: &str) -> Vec<&str> {
    template.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(path, _)| path)).collect()
}

/// What a template is filled from: the flow's words, the facts, and in a list the item.
pub(super) struct Filler<'a> {
    pub flow: &'a Flow,
    pub facts: &'a Facts,
    pub lang: Lang,
}

impl Filler<'_> {
    pub fn fill(&self, template: &str) -> String {
        self.fill_with(template, None)
    }

    pub fn fill_with(&self, template: &str, item: Option<&Facts>) -> String {
        let mut filled = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((path, tail)) = after.split_once('}') else {
                filled.push('{');
                rest = after;
                continue;
            };
            let fact = item.and_then(|i| look_up(i, path)).or_else(|| look_up(self.facts, path));
            filled.push_str(&fact.map(|f| self.word(path, f)).unwrap_or_default());
            rest = tail;
        }
        filled.push_str(rest);
        filled
    }

    /// A fact in words: the flow's own word for a code, else the usual rendering.
    fn word(&self, path: &str, fact: &Fact) -> String {
        let is_month = self.flow.slots.get(path).is_some_and(|s| s.kind == FieldKind::Month);
        match fact {
            Fact::Date(day) if is_month => render_month(*day, self.lang),
            Fact::Text(code) => match self.flow.words.get(code) {
                Some(word) => word.get(self.lang).to_owned(),
                None => code.clone(),
            },
            other => render_fact(other, self.lang),
        }
    }

    pub fn message(&self, template: &MessageTemplate) -> Message {
        Message {
            text: self.fill(template.text.get(self.lang)),
            buttons: template.buttons.iter().filter_map(|b| self.button(b)).collect(),
            card: template.card.as_ref().map(|c| self.card(c)),
            form: None,
        }
    }

    pub fn button(&self, template: &ButtonTemplate) -> Option<Button> {
        let action = match (&template.open, &template.flow, &template.ask, template.human) {
            (Some(link), None, None, false) => Action::Open { link: self.fill(link) },
            (None, Some(flow), None, false) => Action::Flow { flow: flow.clone() },
            (None, None, Some(need), false) => Action::Ask { need: need.clone() },
            (None, None, None, true) => Action::Human,
            _ => return None,
        };
        Some(Button { label: template.label.get(self.lang).to_owned(), action, style: template.style })
    }

    pub fn card(&self, template: &CardTemplate) -> Card {
        let row = |r: &super::spec::RowTemplate| CardRow { label: self.fill(r.label.get(self.lang)), value: self.fill(&r.value) };
        let mut rows: Vec<CardRow> = template.rows.iter().map(row).filter(|r| !r.value.is_empty()).collect();
        if let Some(each) = &template.each
            && let Some(Fact::List(items)) = look_up(self.facts, &each.list)
        {
            let most = each.most.unwrap_or(usize::MAX);
            rows.extend(items.iter().take(most).map(|item| {
                // Items that are no records are there as `{item}`.
                let record = match item {
                    Fact::Record(record) => record.clone(),
                    other => Facts::from([("item".to_owned(), other.clone())]),
                };
                CardRow {
                    label: self.fill_with(each.label.get(self.lang), Some(&record)),
                    value: self.fill_with(&each.value, Some(&record)),
                }
            }));
            if items.len() > most {
                let left = items.len() - most;
                let value = match self.lang {
                    Lang::ZhCn => format!("还有 {left} 条"),
                    Lang::En => format!("{left} more"),
                };
                rows.push(CardRow { label: "…".to_owned(), value });
            }
        }
        Card {
            title: self.fill(template.title.get(self.lang)),
            tone: template.tone,
            rows,
            total: template.total.as_ref().map(row),
        }
    }
}
