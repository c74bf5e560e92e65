//! Routing as data: which facts of a contact want which skills, how the search widens, and who goes first. Owns
//! `service/routing.yaml`; assigns nobody.

use super::skill::{Level, Profile, Work};
use crate::conversation::{Channel, Conversation};
use crate::id::{FlowId, NeedId, SkillId};
use crate::journey::Whereabouts;
use crate::knowledge::Knowledge;
use crate::tier::TierReason;
use crate::understanding::{Lang, Localized, Signal};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The whole file. The default wants no skills: anybody serves anybody, urgency does not count, and nobody is kept for
/// the customers they know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RoutingRules {
    /// Names of skills, for people.
    pub skills: BTreeMap<SkillId, Localized>,
    /// What facts of a contact want; every rule that fits adds its skill.
    pub wanted: Vec<WantRule>,
    /// The bullseye, from the centre outwards.
    pub rings: Vec<Ring>,
    pub urgency: Vec<UrgencyClass>,
    /// For so many seconds of a wait, whoever served the customer last goes before others with room.
    pub known_secs: i64,
    /// For so many seconds, whoever lost or handed back a conversation does not get it again.
    pub avoid_secs: i64,
    /// For so many seconds, a conversation sent to one person waits for that person alone.
    pub direct_secs: i64,
    pub choice: Choice,
    /// Calendar of the people who take conversations; none is open always.
    pub calendar: Option<String>,
    /// Who has no profile yet counts as this.
    pub newcomer: Profile,
}

/// One rule: a contact that fits all of `when` wants the skill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantRule {
    #[serde(default)]
    pub when: When,
    pub skill: SkillId,
    #[serde(default = "Level::lowest")]
    pub level: Level,
    #[serde(default)]
    pub strictness: Strictness,
}

/// Conditions on a contact. An empty list asks for nothing; a list is fulfilled by any of its values.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    pub channel: Vec<Channel>,
    pub lang: Vec<Lang>,
    /// Stage of the need, such as `repayment`.
    pub stage: Vec<String>,
    /// Business line: the department that owns the need.
    pub line: Vec<String>,
    pub need: Vec<NeedId>,
    /// The flow in which the customer got stuck.
    pub break_point: Vec<FlowId>,
    /// The signal that made a person necessary.
    pub signal: Vec<Signal>,
}

/// Whether a skill may be done without when nobody has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Strictness {
    /// A wish: an outer ring may drop it.
    #[default]
    Wish,
    /// Never dropped; a ring can only lower the level.
    Must,
}

/// One skill that a piece of work wants.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Wanted {
    pub skill: SkillId,
    pub level: Level,
    pub strictness: Strictness,
}

/// A ring of the bullseye: from `after_secs` of waiting, levels count for less, and wishes perhaps for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ring {
    pub after_secs: i64,
    /// Levels less than wanted that will do.
    #[serde(default)]
    pub lower_by: u8,
    #[serde(default)]
    pub wishes: Wishes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Wishes {
    #[default]
    Keep,
    Drop,
}

/// Contacts that go before others: as if they had waited `credit_secs` longer. A credit, not a rank: who has waited long
/// enough goes before everybody who comes later, so nobody waits for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UrgencyClass {
    pub id: String,
    pub credit_secs: i64,
    pub signals: Vec<Signal>,
}

/// Who of several able people with room takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// The emptiest desk; of equals the best skilled.
    #[default]
    LeastLoaded,
    /// The best skilled; of equals the emptiest desk.
    BestSkilled,
}

/// The facts of a conversation that routing looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    pub channel: Channel,
    pub lang: Lang,
    pub need: Option<NeedId>,
    pub break_point: Option<FlowId>,
    pub signal: Option<Signal>,
    /// Who knows the step of the app at which the customer is stuck.
    pub specialist: Option<SkillId>,
}

/// What a specialist of a step should be able to do at least: more than having begun.
const SPECIALIST: Level = Level::MIDDLE;

impl Default for RoutingRules {
    fn default() -> Self {
        Self {
            skills: BTreeMap::new(),
            wanted: Vec::new(),
            rings: vec![Ring { after_secs: 0, lower_by: 0, wishes: Wishes::Keep }],
            urgency: Vec::new(),
            known_secs: 0,
            avoid_secs: 0,
            direct_secs: 60,
            choice: Choice::default(),
            calendar: None,
            newcomer: Profile::default(),
        }
    }
}

impl Level {
    fn lowest() -> Level {
        Level::LOWEST
    }
}

impl Wanted {
    /// The level that a ring still asks for; `None` where it asks for nothing.
    pub fn level_in(&self, ring: &Ring) -> Option<Level> {
        match (self.strictness, ring.wishes) {
            (Strictness::Wish, Wishes::Drop) => None,
            (Strictness::Wish, Wishes::Keep) | (Strictness::Must, _) => Some(self.level.lowered_by(ring.lower_by)),
        }
    }
}

impl Contact {
    pub fn of(conversation: &Conversation) -> Contact {
        Contact {
            channel: conversation.channel,
            lang: conversation.lang,
            need: conversation.needs.last().cloned(),
            break_point: conversation.flow.as_ref().or(conversation.paused.as_ref()).map(|run| run.flow.clone()),
            signal: conversation.tier.as_ref().and_then(|(_, reason)| signal_of(reason)),
            specialist: specialist_of(conversation.whereabouts.as_ref()),
        }
    }
}

/// Whom a customer needs who is stuck at a step.
pub fn specialist_of(whereabouts: Option<&Whereabouts>) -> Option<SkillId> {
    whereabouts.filter(|w| !w.stuck.is_empty())?.skill.clone()
}

/// The signal in the reason for which a tier was reached.
pub fn signal_of(reason: &TierReason) -> Option<Signal> {
    match reason {
        TierReason::Signal { signal } => Some(*signal),
        _ => None,
    }
}

impl When {
    fn fits(&self, contact: &Contact, knowledge: &Knowledge) -> bool {
        let entry = contact.need.as_ref().and_then(|need| knowledge.get(need));
        any(&self.channel, Some(&contact.channel))
            && any(&self.lang, Some(&contact.lang))
            && any(&self.stage, entry.map(|e| &e.stage))
            && any(&self.line, entry.map(|e| &e.owner))
            && any(&self.need, contact.need.as_ref())
            && any(&self.break_point, contact.break_point.as_ref())
            && any(&self.signal, contact.signal.as_ref())
    }
}

fn any<T: PartialEq>(list: &[T], value: Option<&T>) -> bool {
    list.is_empty() || value.is_some_and(|value| list.contains(value))
}

impl RoutingRules {
    /// The skills that a contact wants, each once: the highest level and the stricter of two rules count.
    pub fn wanted(&self, contact: &Contact, knowledge: &Knowledge) -> Vec<Wanted> {
        let mut wanted: BTreeMap<&SkillId, (Level, Strictness)> = BTreeMap::new();
        for rule in self.wanted.iter().filter(|rule| rule.when.fits(contact, knowledge)) {
            let (level, strictness) = wanted.entry(&rule.skill).or_insert((rule.level, rule.strictness));
            *level = rule.level.max(*level);
            *strictness = rule.strictness.max(*strictness);
        }
        if let Some(skill) = &contact.specialist {
            let (level, _) = wanted.entry(skill).or_insert((SPECIALIST, Strictness::Wish));
            *level = SPECIALIST.max(*level);
        }
        wanted.into_iter().map(|(skill, (level, strictness))| Wanted { skill: skill.clone(), level, strictness }).collect()
    }

    /// Seconds of waiting that urgency is worth.
    pub fn credit_secs(&self, contact: &Contact) -> i64 {
        let fits = |class: &&UrgencyClass| contact.signal.is_some_and(|signal| class.signals.contains(&signal));
        self.urgency.iter().filter(fits).map(|class| class.credit_secs).max().unwrap_or(0)
    }

    /// Whether somebody with this profile can take such work sooner or later: in the widest ring.
    pub fn can_take(&self, profile: &Profile, work: Work, wanted: &[Wanted]) -> bool {
        profile.capacity.of(work) > 0 && self.rings.iter().any(|ring| fits_ring(profile, wanted, ring))
    }

    /// What is wrong in itself, one line each.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.rings.first().is_none_or(|ring| ring.after_secs != 0) {
            problems.push("rings: the first ring does not begin at 0 seconds; set its after_secs to 0".to_owned());
        }
        for (place, pair) in self.rings.windows(2).enumerate() {
            let (inner, outer) = (pair[0], pair[1]);
            let number = place + 2;
            if outer.after_secs <= inner.after_secs {
                problems.push(format!("rings: ring {number} begins no later than the ring before; put rings in order of time"));
            }
            if outer.lower_by < inner.lower_by || (outer.wishes == Wishes::Keep && inner.wishes == Wishes::Drop) {
                problems.push(format!("rings: ring {number} asks for more than the ring before; each must be wider"));
            }
        }
        let known: BTreeSet<&SkillId> = self.skills.keys().collect();
        let unnamed = |skill: &SkillId| !known.contains(skill);
        for skill in self.wanted.iter().map(|rule| &rule.skill).chain(self.newcomer.skills.keys()).filter(|s| unnamed(s)) {
            problems
                .push(format!("skill {skill:?} has no name under skills:; name it in both languages", skill = skill.as_str()));
        }
        for class in self.urgency.iter().filter(|class| class.credit_secs < 0) {
            problems.push(format!("urgency {:?}: credit_secs is below 0; use 0 for no credit", class.id));
        }
        for (name, secs) in [("known_secs", self.known_secs), ("avoid_secs", self.avoid_secs), ("direct_secs", self.direct_secs)]
        {
            if secs < 0 {
                problems.push(format!("{name} is below 0; use 0 to switch it off"));
            }
        }
        problems.extend(self.newcomer.check().err().map(|error| format!("newcomer: {error}")));
        problems.sort();
        problems.dedup();
        problems
    }
}

/// Whether a profile has everything that a ring still asks for.
pub fn fits_ring(profile: &Profile, wanted: &[Wanted], ring: &Ring) -> bool {
    wanted.iter().all(|want| want.level_in(ring).is_none_or(|level| profile.has(&want.skill, level)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(lang: Lang, signal: Option<Signal>) -> Contact {
        Contact { channel: Channel::App, lang, need: None, break_point: None, signal, specialist: None }
    }

    fn rule(when: When, skill: &str, level: u8, strictness: Strictness) -> WantRule {
        WantRule { when, skill: skill.into(), level: Level::new(level).unwrap(), strictness }
    }

    #[test]
    fn rules_that_fit_add_up_and_the_stricter_counts() {
        let english = When { lang: vec![Lang::En], ..When::default() };
        let angry = When { signal: vec![Signal::Complaint, Signal::RegulatorThreat], ..When::default() };
        let rules = RoutingRules {
            wanted: vec![
                rule(english, "lang.en", 2, Strictness::Must),
                rule(angry.clone(), "complaint", 3, Strictness::Wish),
                rule(angry, "complaint", 2, Strictness::Must),
            ],
            urgency: vec![UrgencyClass { id: "complaint".to_owned(), credit_secs: 600, signals: vec![Signal::Complaint] }],
            ..RoutingRules::default()
        };
        let wanted = |contact: &Contact| {
            let wanted = rules.wanted(contact, &Knowledge::default());
            wanted.iter().map(|w| (w.skill.0.clone(), w.level.number(), w.strictness)).collect::<Vec<_>>()
        };
        assert_eq!(wanted(&contact(Lang::ZhCn, None)), []);
        assert_eq!(wanted(&contact(Lang::En, None)), [("lang.en".to_owned(), 2, Strictness::Must)]);
        let both = contact(Lang::En, Some(Signal::Complaint));
        assert_eq!(wanted(&both)[0], ("complaint".to_owned(), 3, Strictness::Must));
        assert_eq!(wanted(&both).len(), 2);
        assert_eq!((rules.credit_secs(&both), rules.credit_secs(&contact(Lang::En, Some(Signal::Abuse)))), (600, 0));
    }

    #[test]
    fn the_step_at_which_a_customer_is_stuck_picks_the_specialist() {
        let stuck = Contact { specialist: Some("stage.lending".into()), ..contact(Lang::ZhCn, None) };
        let rules = RoutingRules::default();
        let wanted = rules.wanted(&stuck, &Knowledge::default());
        assert_eq!(wanted, [Wanted { skill: "stage.lending".into(), level: Level::MIDDLE, strictness: Strictness::Wish }]);
    }

    #[test]
    fn a_must_is_lowered_by_a_ring_and_never_dropped() {
        let level = |n| Level::new(n).unwrap();
        let want = |strictness| Wanted { skill: "x".into(), level: level(4), strictness };
        let outer = Ring { after_secs: 60, lower_by: 9, wishes: Wishes::Drop };
        assert_eq!(want(Strictness::Must).level_in(&outer), Some(Level::LOWEST));
        assert_eq!(want(Strictness::Wish).level_in(&outer), None);
        let middle = Ring { after_secs: 30, lower_by: 1, wishes: Wishes::Keep };
        assert_eq!(want(Strictness::Wish).level_in(&middle), Some(level(3)));
    }

    #[test]
    fn rules_that_contradict_themselves_are_found() {
        let ring = |after_secs, lower_by, wishes| Ring { after_secs, lower_by, wishes };
        let rules = RoutingRules {
            rings: vec![ring(5, 1, Wishes::Drop), ring(5, 0, Wishes::Drop), ring(9, 1, Wishes::Keep)],
            wanted: vec![rule(When::default(), "unnamed", 1, Strictness::Wish)],
            urgency: vec![UrgencyClass { id: "x".to_owned(), credit_secs: -1, signals: Vec::new() }],
            avoid_secs: -1,
            ..RoutingRules::default()
        };
        let problems = rules.problems().join("\n");
        for part in ["first ring", "ring 2 begins", "ring 2 asks", "ring 3 asks", "\"unnamed\"", "credit_secs", "avoid_secs"] {
            assert!(problems.contains(part), "{part}: {problems}");
        }
        assert_eq!(RoutingRules::default().problems(), Vec::<String>::new());
        assert!(!RoutingRules { rings: Vec::new(), ..RoutingRules::default() }.problems().is_empty());
    }
}
