//! A trigger: at which break point whom to show what, how often, and when not.

use crate::guidance::Arm;
use crate::id::{JourneyId, JourneyStepId, NeedId, TriggerId};
use crate::journey::{BreakKind, BreakPoint, Consent, JourneyMap, Name, Platform};
use crate::time::Timestamp;
use crate::understanding::{Lang, Localized};
use jiff::civil::Time;
use serde::{Deserialize, Serialize};

/// Offers of all triggers together that a customer meets in a day: the second is help, the third is a nuisance.
const MOST_A_DAY: usize = 2;
const DAY_SECS: i64 = 86_400;

/// A trigger as it is written in the pack and edited on the console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    pub id: TriggerId,
    pub title: Localized,
    pub when: When,
    pub show: Show,
    /// Of a hundred customers who meet the condition, so many see nothing, so that the effect is known.
    pub control_percent: u8,
    pub at_most: Cap,
    /// Hours in which nobody is spoken to.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required, value_type = Option<String>))]
    pub quiet: Option<Quiet>,
    pub on: bool,
}

/// What must be so. Empty lists fit everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct When {
    pub journey: JourneyId,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub step: Option<JourneyStepId>,
    #[serde(default)]
    pub kinds: Vec<BreakKind>,
    #[serde(default)]
    pub platforms: Vec<Platform>,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(value_type = Vec<String>))]
    pub versions: Vec<Name>,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(value_type = Vec<String>))]
    pub codes: Vec<Name>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ShowKind {
    /// A few words.
    Prompt,
    /// Things to tick off.
    Checklist,
    /// The way to another page of the app.
    Link,
    /// A chat, with the likely question already answered.
    Chat,
}

/// What the customer sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Show {
    pub kind: ShowKind,
    pub title: Localized,
    pub text: Localized,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub items: Option<Items>,
    /// A page of the app, such as `app://repay`.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub link: Option<String>,
    /// Words on the button.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub label: Option<Localized>,
    /// The likely need; its answer is in the chat offer.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub need: Option<NeedId>,
}

/// The lines of a checklist in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Items {
    #[serde(rename = "zh-CN")]
    pub zh_cn: Vec<String>,
    pub en: Vec<String>,
}

impl Items {
    pub fn get(&self, lang: Lang) -> &[String] {
        match lang {
            Lang::ZhCn => &self.zh_cn,
            Lang::En => &self.en,
        }
    }
}

/// How often one customer meets the trigger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Cap {
    pub times: u32,
    pub days: u32,
}

/// Hours of the day in China, written `22:00-08:00`; an end before the start is on the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Quiet {
    from: Time,
    to: Time,
}

impl Quiet {
    pub fn holds(&self, now: Timestamp) -> bool {
        let time = now.china_time().time();
        if self.from <= self.to { (self.from..self.to).contains(&time) } else { time >= self.from || time < self.to }
    }
}

impl TryFrom<String> for Quiet {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("quiet hours {text:?} are not like 22:00-08:00; write two times of day");
        let (from, to) = text.split_once('-').ok_or_else(wrong)?;
        let time = |part: &str| Time::strptime("%H:%M", part.trim()).map_err(|_| wrong());
        Ok(Quiet { from: time(from)?, to: time(to)? })
    }
}

impl From<Quiet> for String {
    fn from(quiet: Quiet) -> String {
        format!("{}-{}", quiet.from.strftime("%H:%M"), quiet.to.strftime("%H:%M"))
    }
}

/// What is known of the customer at this moment.
#[derive(Debug, Clone, Copy)]
pub struct CustomerNow<'a> {
    pub consent: Consent,
    /// A complaint of theirs is open.
    pub in_dispute: bool,
    /// A conversation of theirs is open: they are being helped.
    pub in_chat: bool,
    /// Triggers met before, in both arms alike.
    pub met: &'a [(TriggerId, Timestamp)],
}

/// Why a customer who is stuck is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldBack {
    Off,
    /// Another break point than the trigger is for.
    Elsewhere,
    NoConsent,
    InDispute,
    InChat,
    QuietHours,
    /// Met often enough.
    Capped,
}

/// Which arm a customer is in: the same for the same trigger, whatever the day.
pub fn arm_of(trigger: &TriggerId, visitor: u32, control_percent: u8) -> Arm {
    // FNV-1a over the id and the number, then a finaliser: neighbouring visitors fall into arms independently.
    let bytes = trigger.as_str().bytes().chain(visitor.to_le_bytes());
    let mut hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^= hash >> 31;
    if hash % 100 < u64::from(control_percent) { Arm::Control } else { Arm::Shown }
}

/// Whether this customer meets this trigger, and in which arm. Everything but the arm is the same for both, so that they
/// can be compared.
///
/// # Errors
/// Why the customer is left alone.
pub fn decide(trigger: &Trigger, broke: &BreakPoint, customer: CustomerNow<'_>, now: Timestamp) -> Result<Arm, HeldBack> {
    let when = &trigger.when;
    let any = |empty: bool, fits: bool| empty || fits;
    let fits = when.journey == broke.journey
        && when.step.as_ref().is_none_or(|step| *step == broke.step)
        && any(when.kinds.is_empty(), when.kinds.contains(&broke.kind))
        && any(when.platforms.is_empty(), when.platforms.contains(&broke.platform))
        && any(when.versions.is_empty(), broke.version.as_ref().is_some_and(|v| when.versions.contains(v)))
        && any(when.codes.is_empty(), broke.code.as_ref().is_some_and(|c| when.codes.contains(c)));
    if !trigger.on {
        return Err(HeldBack::Off);
    }
    if !fits {
        return Err(HeldBack::Elsewhere);
    }
    match customer.consent {
        Consent::Guidance => {}
        Consent::Service => return Err(HeldBack::NoConsent),
    }
    if customer.in_dispute {
        return Err(HeldBack::InDispute);
    }
    if customer.in_chat {
        return Err(HeldBack::InChat);
    }
    if trigger.quiet.is_some_and(|quiet| quiet.holds(now)) {
        return Err(HeldBack::QuietHours);
    }
    let within = |at: Timestamp, days: i64| now.secs_since(at) < days * DAY_SECS;
    let of_this = customer.met.iter().filter(|(id, at)| *id == trigger.id && within(*at, trigger.at_most.days.into())).count();
    let today = customer.met.iter().filter(|(_, at)| within(*at, 1)).count();
    if of_this >= trigger.at_most.times as usize || today >= MOST_A_DAY {
        return Err(HeldBack::Capped);
    }
    Ok(arm_of(&trigger.id, broke.visitor, trigger.control_percent))
}

/// What is wrong with a trigger, one line each, with the mend.
pub fn problems(trigger: &Trigger, map: &JourneyMap, is_need: impl Fn(&NeedId) -> bool) -> Vec<String> {
    let id = trigger.id.as_str();
    let mut problems = Vec::new();
    let mut add = |text: String| problems.push(format!("trigger {id:?}: {text}"));
    let when = &trigger.when;
    match map.journeys.iter().find(|j| j.id == when.journey) {
        None => add(format!("journey {:?} is not known; name one of the journeys", when.journey.as_str())),
        Some(journey) => {
            if let Some(step) = when.step.as_ref().filter(|step| journey.steps.iter().all(|s| s.id != **step)) {
                add(format!("step {:?} is not a step of {:?}; correct when:", step.as_str(), journey.id.as_str()));
            }
        }
    }
    if !(5..=50).contains(&trigger.control_percent) {
        add(format!("control_percent is {}; 5 to 50 keep both arms large enough to compare", trigger.control_percent));
    }
    if trigger.at_most.times == 0 || trigger.at_most.days == 0 {
        add("at_most must allow at least 1 time in 1 day; switch it off instead".to_owned());
    }
    let show = &trigger.show;
    let is_blank = |text: &Localized| text.zh_cn.trim().is_empty() || text.en.trim().is_empty();
    if is_blank(&show.title) || is_blank(&show.text) || is_blank(&trigger.title) {
        add("title and text are needed in both languages".to_owned());
    }
    match show.kind {
        ShowKind::Checklist if show.items.as_ref().is_none_or(|i| i.zh_cn.is_empty() || i.zh_cn.len() != i.en.len()) => {
            add("a checklist needs items, as many in one language as in the other".to_owned());
        }
        ShowKind::Link if show.link.is_none() => add("a link needs link:, a page of the app".to_owned()),
        ShowKind::Chat if show.need.is_none() => add("an offer of a chat needs need:, the question to answer".to_owned()),
        ShowKind::Prompt | ShowKind::Checklist | ShowKind::Link | ShowKind::Chat => {}
    }
    if let Some(need) = show.need.as_ref().filter(|need| !is_need(need)) {
        add(format!("need {:?} has no knowledge entry; write one or name another", need.as_str()));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trigger() -> Trigger {
        serde_saphyr::from_str(
            r#"
id: t
title: {zh-CN: 标题, en: Title}
when: {journey: apply, step: upload, kinds: [errors], platforms: [android], codes: [blurred]}
show: {kind: prompt, title: {zh-CN: 题, en: T}, text: {zh-CN: 文, en: X}}
control_percent: 20
at_most: {times: 1, days: 7}
quiet: "22:00-08:00"
on: true
"#,
        )
        .expect("a trigger")
    }

    fn broke() -> BreakPoint {
        BreakPoint {
            visitor: 7,
            journey: "apply".into(),
            step: "upload".into(),
            kind: BreakKind::Errors,
            since: Timestamp(0),
            at: Timestamp(0),
            code: Name::parse("blurred").ok(),
            platform: Platform::Android,
            version: None,
        }
    }

    /// 2026-11-22 12:00 in China.
    const NOON: Timestamp = Timestamp(1_795_320_000_000);

    #[test]
    fn a_customer_is_left_alone_for_each_reason_and_for_no_other() {
        let asks = |trigger: &Trigger, broke: &BreakPoint, customer: CustomerNow<'_>, hours: i64| {
            decide(trigger, broke, customer, NOON.plus_secs(hours * 3600)).err()
        };
        let free = CustomerNow { consent: Consent::Guidance, in_dispute: false, in_chat: false, met: &[] };
        assert_eq!(NOON.china_time().hour(), 12);
        assert_eq!(asks(&trigger(), &broke(), free, 0), None);
        assert_eq!(asks(&Trigger { on: false, ..trigger() }, &broke(), free, 0), Some(HeldBack::Off));
        for other in [
            BreakPoint { journey: "repay".into(), ..broke() },
            BreakPoint { step: "sign".into(), ..broke() },
            BreakPoint { kind: BreakKind::Rage, ..broke() },
            BreakPoint { platform: Platform::Ios, ..broke() },
            BreakPoint { code: None, ..broke() },
        ] {
            assert_eq!(asks(&trigger(), &other, free, 0), Some(HeldBack::Elsewhere), "{other:?}");
        }
        let no_consent = CustomerNow { consent: Consent::Service, ..free };
        assert_eq!(asks(&trigger(), &broke(), no_consent, 0), Some(HeldBack::NoConsent));
        assert_eq!(asks(&trigger(), &broke(), CustomerNow { in_dispute: true, ..free }, 0), Some(HeldBack::InDispute));
        assert_eq!(asks(&trigger(), &broke(), CustomerNow { in_chat: true, ..free }, 0), Some(HeldBack::InChat));
        for (hours, quiet) in [(9, false), (10, true), (19, true), (20, false)] {
            assert_eq!(asks(&trigger(), &broke(), free, hours), quiet.then_some(HeldBack::QuietHours), "{hours} h after noon");
        }
        let met = [("t".into(), NOON)];
        let often = CustomerNow { met: &met, ..free };
        for (hours, capped) in [(0, true), (7 * 24 - 1, true), (7 * 24, false)] {
            assert_eq!(asks(&trigger(), &broke(), often, hours), capped.then_some(HeldBack::Capped), "{hours} h");
        }
        let others = [("a".into(), NOON), ("b".into(), NOON)];
        assert_eq!(asks(&trigger(), &broke(), CustomerNow { met: &others, ..free }, 1), Some(HeldBack::Capped));
        assert_eq!(asks(&trigger(), &broke(), CustomerNow { met: &others[..1], ..free }, 1), None);
    }

    #[test]
    fn arms_are_of_the_size_asked_for_and_of_different_people_for_different_triggers() {
        let control = |id: &str| {
            let id = TriggerId::from(id);
            (0..10_000).filter(|v| arm_of(&id, *v, 20) == Arm::Control).collect::<std::collections::BTreeSet<u32>>()
        };
        let (a, b) = (control("a"), control("b"));
        // Three standard deviations of a share of 0.2 among 10,000 are 120; of 0.04, 59.
        assert!(a.len().abs_diff(2000) < 120 && b.len().abs_diff(2000) < 120, "{} {}", a.len(), b.len());
        assert!(a.intersection(&b).count().abs_diff(400) < 60);
    }

    #[test]
    fn a_wrong_trigger_is_told_what_is_wrong() {
        let journey = "{id: apply, title: {zh-CN: 申请, en: Apply}, steps: [{id: upload, title: {zh-CN: 传, en: U}, pages: [u]}], done: {step: upload}}";
        let map = JourneyMap::new(vec![serde_saphyr::from_str(journey).expect("a journey")]).expect("sound");
        let told = |trigger: Trigger| problems(&trigger, &map, |need| need.as_str() == "known").join("\n");
        assert_eq!(told(trigger()), "");
        let with = |change: fn(&mut Trigger)| {
            let mut trigger = trigger();
            change(&mut trigger);
            told(trigger)
        };
        assert!(with(|t| t.when.journey = "gone".into()).contains("\"gone\" is not known"));
        assert!(with(|t| t.when.step = Some("gone".into())).contains("not a step of"));
        assert!(with(|t| t.control_percent = 4).contains("5 to 50") && with(|t| t.control_percent = 5).is_empty());
        assert!(with(|t| t.at_most.times = 0).contains("at_most"));
        assert!(with(|t| t.show.kind = ShowKind::Checklist).contains("needs items"));
        assert!(with(|t| t.show.kind = ShowKind::Link).contains("needs link"));
        assert!(with(|t| t.show.kind = ShowKind::Chat).contains("needs need"));
        assert!(with(|t| t.show.need = Some("gone".into())).contains("no knowledge entry"));
        assert!(with(|t| t.show.title.en.clear()).contains("both languages"));
        let wrong = serde_saphyr::from_str::<Quiet>("\"late\"").expect_err("no hours").to_string();
        assert!(wrong.contains("22:00-08:00"), "{wrong}");
    }
}
