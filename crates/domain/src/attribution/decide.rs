//! The cause of one trouble: the lender's rule, then the knowledge entry, corrected by what people have taught the model.

use super::model::{CauseModel, Teacher};
use super::rules::CauseRules;
use super::trouble::{Attributed, Attribution, Decided, Label, Trouble};
use crate::knowledge::{Cause, CauseKind, Knowledge};
use crate::understanding::{Lang, Localized};

/// How sure a rule is that names what the app saw.
const RULE: f64 = 0.95;
/// From here on the model, taught by people, is believed against a rule.
const OVERRULES: f64 = 0.6;
/// … and where no rule fits.
const GUESSES: f64 = 0.4;

/// Decides. Where the customer's matter cannot come from the journey they were on, where they were is forgotten first.
pub fn attribute(trouble: Trouble, rules: &CauseRules, knowledge: &Knowledge, model: &CauseModel) -> Attributed {
    let trouble = if belongs(&trouble, rules) { trouble } else { trouble.out_of_place() };
    let ruled = by_rule(&trouble, rules, knowledge);
    let learnt = model.guess(&trouble, ruled.as_ref().map(|a| rule_name(a, &trouble)).as_deref());
    let attribution = match (ruled, learnt) {
        (Some(ruled), Some(learnt))
            if learnt.label != ruled.label && learnt.teacher == Teacher::Person && learnt.confidence >= OVERRULES =>
        {
            by_model(learnt.label, learnt.confidence, &learnt.evidence, true)
        }
        (Some(ruled), _) => ruled,
        (None, Some(learnt)) if learnt.confidence >= GUESSES => {
            by_model(learnt.label, learnt.confidence, &learnt.evidence, false)
        }
        (None, _) => nobody(),
    };
    Attributed { trouble, attribution }
}

/// A name for what decided, by which the model learns where people disagree with it.
pub(super) fn rule_name(attribution: &Attribution, trouble: &Trouble) -> String {
    match &attribution.decided {
        Decided::Rule { rule } => format!("rule:{rule}"),
        Decided::Entry | Decided::Model | Decided::Person { .. } | Decided::Nobody => {
            format!("entry:{}", trouble.need.as_ref().map_or("", |n| n.as_str()))
        }
    }
}

/// What the rules alone say.
pub(super) fn by_rule(trouble: &Trouble, rules: &CauseRules, knowledge: &Knowledge) -> Option<Attribution> {
    if let Some(rule) = rules.fit(trouble) {
        // A rule that hangs on the need is no surer than the need.
        let confidence = if rule.when.needs.is_empty() { RULE } else { RULE.min(f64::from(trouble.certainty)) };
        let reasons = vec![rule.why.clone()];
        return Some(Attribution {
            label: rule.then.label(),
            decided: Decided::Rule { rule: rule.id.clone() },
            confidence,
            reasons,
        });
    }
    let entry = knowledge.get(trouble.need.as_ref()?)?;
    let title = |lang| entry.text(lang).map_or("", |t| t.title.as_str()).to_owned();
    let reason = Localized::new(
        format!("客户问的是“{}”，知识条目把它归在“{}”", title(Lang::ZhCn), entry.cause.area),
        format!("The customer asked \"{}\"; its knowledge entry names this cause", title(Lang::En)),
    );
    Some(Attribution {
        label: Label { cause: entry.cause.clone(), owner: entry.owner.clone() },
        decided: Decided::Entry,
        confidence: f64::from(trouble.certainty),
        reasons: vec![reason],
    })
}

/// Where they were, in words, and what the app said there.
pub fn place_reason(trouble: &Trouble, place: &Localized) -> Localized {
    let code = trouble.code.as_ref();
    Localized::new(
        format!("当时停在“{}”{}", place.zh_cn, code.map(|c| format!("，报错 {c}")).unwrap_or_default()),
        format!("They were at \"{}\"{}", place.en, code.map(|c| format!(", error {c}")).unwrap_or_default()),
    )
}

fn by_model(label: Label, confidence: f64, evidence: &[String], against_a_rule: bool) -> Attribution {
    let shown = evidence.join("、");
    let shown_en = evidence.join(", ");
    let reason = if against_a_rule {
        Localized::new(format!("同事更正过类似情况：{shown}"), format!("Colleagues corrected cases like this one: {shown_en}"))
    } else {
        Localized::new(format!("与已归因的情况相似：{shown}"), format!("Like others that were attributed: {shown_en}"))
    };
    Attribution { label, decided: Decided::Model, confidence, reasons: vec![reason] }
}

fn nobody() -> Attribution {
    Attribution {
        label: Label {
            cause: Cause { kind: CauseKind::Operation, area: UNKNOWN_AREA.to_owned() },
            owner: UNKNOWN_OWNER.to_owned(),
        },
        decided: Decided::Nobody,
        confidence: 0.0,
        reasons: vec![Localized::new("没有规则适用，也没有听懂需求", "No rule fits, and the need was not understood")],
    }
}

/// What nothing is known of stays with those who talked to the customer.
const UNKNOWN_AREA: &str = "未归因";
const UNKNOWN_OWNER: &str = "customer-service";

/// A contact belongs to the step it came from unless its need is of another part of the customer's life.
fn belongs(trouble: &Trouble, rules: &CauseRules) -> bool {
    match (&trouble.journey, trouble.stage()) {
        (Some(journey), Some(stage)) => rules.relates.get(journey).is_none_or(|stages| stages.iter().any(|s| s == stage)),
        _ => true,
    }
}
