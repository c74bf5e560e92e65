//! What changed between two versions of an entry, line by line. Owns the comparison; knows no authors.

use super::{Audience, Entry, EntryButton, Validity};
use crate::understanding::Lang;
use serde::Serialize;

/// One field that changed: lines taken out and lines put in, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FieldChange {
    /// Such as `risk`, `zh-CN.answer` or `variant.<name>.en.answer`.
    pub field: String,
    pub removed: Vec<String>,
    pub added: Vec<String>,
}

/// Every field that differs, in the order of an entry. `None` is an entry that did not exist, or was deleted.
pub fn changes(before: Option<&Entry>, after: Option<&Entry>) -> Vec<FieldChange> {
    let (before, after) = (before.map(fields).unwrap_or_default(), after.map(fields).unwrap_or_default());
    let gone = before.iter().filter(|(name, _)| after.iter().all(|(other, _)| other != name)).map(|(name, _)| name);
    let names = after.iter().map(|(name, _)| name).chain(gone);
    let lines_of = |side: &[(String, Vec<String>)], name: &str| -> Vec<String> {
        side.iter().find(|(other, _)| other == name).map(|(_, lines)| lines.clone()).unwrap_or_default()
    };
    names
        .filter_map(|name| {
            let (removed, added) = differing(&lines_of(&before, name), &lines_of(&after, name));
            (!removed.is_empty() || !added.is_empty()).then(|| FieldChange { field: name.clone(), removed, added })
        })
        .collect()
}

fn fields(entry: &Entry) -> Vec<(String, Vec<String>)> {
    let one = |name: &str, value: String| (name.to_owned(), if value.is_empty() { Vec::new() } else { vec![value] });
    let mut fields = vec![
        one("risk", word(&entry.risk)),
        one("cause", format!("{} · {}", word(&entry.cause.kind), entry.cause.area)),
        one("owner", entry.owner.clone()),
        one("flow", entry.flow.as_ref().map(|f| f.0.clone()).unwrap_or_default()),
        one("signed_in", if entry.signed_in { "✓".to_owned() } else { String::new() }),
        ("valid".to_owned(), validity(&entry.valid)),
        ("audience".to_owned(), audience(&entry.audience)),
    ];
    for (lang, text) in &entry.texts {
        let name = |field: &str| format!("{}.{field}", code(*lang));
        fields.push((name("title"), vec![text.title.clone()]));
        fields.push((name("ask"), text.ask.clone()));
        fields.push((name("answer"), lines(&text.answer)));
        fields.push((name("buttons"), buttons(&text.buttons)));
    }
    for variant in &entry.variants {
        let name = |field: &str| format!("variant.{}.{field}", variant.name);
        fields.push((name("valid"), validity(&variant.valid)));
        fields.push((name("audience"), audience(&variant.audience)));
        for (lang, text) in &variant.texts {
            fields.push((name(&format!("{}.answer", code(*lang))), lines(&text.answer)));
            fields.push((name(&format!("{}.buttons", code(*lang))), buttons(&text.buttons)));
        }
    }
    fields
}

/// A unit variant as its word in JSON.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(_) | Err(_) => String::new(),
    }
}

fn code(lang: Lang) -> &'static str {
    match lang {
        Lang::ZhCn => "zh-CN",
        Lang::En => "en",
    }
}

fn lines(text: &str) -> Vec<String> {
    text.trim().lines().map(|l| l.trim_end().to_owned()).collect()
}

fn buttons(buttons: &[EntryButton]) -> Vec<String> {
    let target = |b: &EntryButton| {
        let (open, flow, ask) = (b.open.clone(), b.flow.as_ref().map(|f| f.0.clone()), b.ask.as_ref().map(|a| a.0.clone()));
        open.or(flow).or(ask).unwrap_or_default()
    };
    buttons.iter().map(|b| format!("{} → {}", b.label, target(b))).collect()
}

fn validity(valid: &Validity) -> Vec<String> {
    let day = |day: Option<jiff::civil::Date>| day.map(|d| d.to_string()).unwrap_or_default();
    if valid.is_always() { Vec::new() } else { vec![format!("{} – {}", day(valid.from), day(valid.until))] }
}

fn audience(audience: &Audience) -> Vec<String> {
    let version = |v: &Option<super::AppVersion>| v.clone().map(String::from).unwrap_or_default();
    let products = audience.products.iter().map(|p| format!("product {p}"));
    let stages = audience.stages.iter().map(|s| format!("stage {}", word(s)));
    let channels = audience.channels.iter().map(|c| format!("channel {}", word(c)));
    let range = (audience.app_from.is_some() || audience.app_below.is_some())
        .then(|| format!("app ≥ {} < {}", version(&audience.app_from), version(&audience.app_below)));
    products.chain(stages).chain(channels).chain(range).collect()
}

/// Lines of one that are not of the longest common run of both.
fn differing(before: &[String], after: &[String]) -> (Vec<String>, Vec<String>) {
    let mut longest = vec![vec![0_usize; after.len() + 1]; before.len() + 1];
    for i in (0..before.len()).rev() {
        for j in (0..after.len()).rev() {
            longest[i][j] =
                if before[i] == after[j] { longest[i + 1][j + 1] + 1 } else { longest[i + 1][j].max(longest[i][j + 1]) };
        }
    }
    let (mut i, mut j) = (0, 0);
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    while i < before.len() || j < after.len() {
        if i < before.len() && j < after.len() && before[i] == after[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == after.len() || (i < before.len() && longest[i + 1][j] >= longest[i][j + 1]) {
            removed.push(before[i].clone());
            i += 1;
        } else {
            added.push(after[j].clone());
            j += 1;
        }
    }
    (removed, added)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(ask: &[&str], answer: &str) -> Entry {
        let json = serde_json::json!({
            "id": "a.b", "stage": "a", "risk": "low", "owner": "it", "cause": {"kind": "operation", "area": "x"},
            "texts": {"zh-CN": {"title": "t", "ask": ask, "answer": answer}},
        });
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn only_the_lines_that_changed_are_told() {
        let (old, mut new) = (entry(&["一", "二", "三"], "第一行\n第二行"), entry(&["一", "三", "四"], "第一行\n改了"));
        new.risk = crate::tier::Risk::High;
        let found = changes(Some(&old), Some(&new));
        let told: Vec<(&str, Vec<&str>, Vec<&str>)> = found
            .iter()
            .map(|c| {
                (c.field.as_str(), c.removed.iter().map(String::as_str).collect(), c.added.iter().map(String::as_str).collect())
            })
            .collect();
        assert_eq!(
            told,
            [
                ("risk", vec!["low"], vec!["high"]),
                ("zh-CN.ask", vec!["二"], vec!["四"]),
                ("zh-CN.answer", vec!["第二行"], vec!["改了"]),
            ]
        );
        assert_eq!(changes(Some(&old), Some(&old)), []);
    }

    #[test]
    fn a_first_version_is_all_new_and_a_deletion_all_gone() {
        let one = entry(&["一"], "答");
        assert!(changes(None, Some(&one)).iter().all(|c| c.removed.is_empty() && !c.added.is_empty()));
        assert!(changes(Some(&one), None).iter().all(|c| !c.removed.is_empty() && c.added.is_empty()));
    }
}
