//! What in the configuration could leave a customer with nobody, found before it does. Owns the questions; reads no files.

use super::rules::{RoutingRules, Strictness, Wanted, fits_ring};
use super::skill::{Profile, Work};
use crate::calendar::Calendar;
use crate::time::Timestamp;

/// Everything that decides whether somebody comes.
#[derive(Debug, Clone, Copy)]
pub struct Staffed<'a> {
    pub rules: &'a RoutingRules,
    pub calendars: &'a [Calendar],
    /// What everybody who takes conversations can do.
    pub agents: &'a [Profile],
    /// Seconds after which a customer who waits gets a promise instead.
    pub queue_deadline_secs: i64,
}

/// What could strand a customer, one line each: what, which, and the mend.
pub fn stranding(staffed: &Staffed<'_>, now: Timestamp) -> Vec<String> {
    let Staffed { rules, calendars, agents, queue_deadline_secs } = *staffed;
    let mut problems = rules.problems();
    for calendar in calendars.iter().filter(|calendar| calendar.next_open(now).is_none()) {
        problems.push(format!("calendar {:?} has no open hour from now on; give it a shift", calendar.id()));
    }
    if agents.is_empty() {
        problems.push("nobody has the role agent or supervisor; every customer gets a promise; add people".to_owned());
        return problems;
    }
    for work in Work::ALL {
        if agents.iter().all(|profile| profile.capacity.of(work) == 0) {
            problems.push(format!("nobody has a capacity for {work:?} above 0; raise somebody's").to_lowercase());
        }
    }
    for rule in &rules.wanted {
        let wanted = [Wanted { skill: rule.skill.clone(), level: rule.level, strictness: rule.strictness }];
        let serves = |profile: &Profile, ring| profile.capacity.chat > 0 && fits_ring(profile, &wanted, ring);
        let ring = rules.rings.iter().find(|ring| agents.iter().any(|profile| serves(profile, ring)));
        let (skill, level) = (&rule.skill, rule.level.number());
        match ring {
            None => {
                let mend = match rule.strictness {
                    Strictness::Must => "give it to somebody, or make it a wish",
                    Strictness::Wish => "give it to somebody, or let a ring drop wishes",
                };
                problems.push(format!("skill {skill} is wanted at level {level}, and nobody has it in any ring; {mend}"));
            }
            Some(ring) if ring.after_secs >= queue_deadline_secs => problems.push(format!(
                "skill {skill} at level {level} is served from {} s of waiting on, but the queue's deadline is {queue_deadline_secs} s; \
                 raise queue_deadline_secs or begin the ring earlier",
                ring.after_secs
            )),
            Some(_) => {}
        }
    }
    problems.sort();
    problems.dedup();
    problems
}

#[cfg(test)]
mod tests {
    use super::super::{Capacity, Level, Ring, WantRule, When, Wishes};
    use super::*;

    fn calendar(week: serde_json::Value) -> Calendar {
        let json = serde_json::json!({"id": "desk", "title": {"zh-CN": "坐席", "en": "Desk"}, "week": week});
        serde_json::from_value(json).unwrap()
    }

    fn want(skill: &str, strictness: Strictness) -> WantRule {
        WantRule { when: When::default(), skill: skill.into(), level: Level::new(3).unwrap(), strictness }
    }

    #[test]
    fn each_thing_that_strands_a_customer_is_named_and_a_sound_desk_is_not() {
        let ring = |after_secs, lower_by, wishes| Ring { after_secs, lower_by, wishes };
        let names = ["lang.en", "tibetan", "stage.repayment"];
        let rules = RoutingRules {
            skills: names.map(|skill| (skill.into(), crate::understanding::Localized::new("技能", "skill"))).into(),
            wanted: vec![
                want("lang.en", Strictness::Must),
                want("tibetan", Strictness::Must),
                want("stage.repayment", Strictness::Wish),
            ],
            rings: vec![ring(0, 0, Wishes::Keep), ring(60, 2, Wishes::Keep), ring(700, 2, Wishes::Drop)],
            ..RoutingRules::default()
        };
        let speaks = Profile { skills: [("lang.en".into(), Level::LOWEST)].into(), ..Profile::default() };
        let idle = Profile { capacity: Capacity { chat: 0, call: 0, conference: 1, callback: 1 }, ..Profile::default() };
        let closed = [calendar(serde_json::json!({}))];
        let found = |calendars: &[Calendar], agents: &[Profile], queue_deadline_secs| {
            stranding(&Staffed { rules: &rules, calendars, agents, queue_deadline_secs }, Timestamp(0)).join("\n")
        };
        let speakers = [speaks.clone()];
        let text = found(&closed, &speakers, 600);
        for part in
            ["calendar \"desk\" has no open hour", "skill tibetan is wanted", "stage.repayment at level 3 is served from 700 s"]
        {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("lang.en"), "level 1 will do after 60 s: {text}");
        assert!(found(&[], &[idle], 900).contains("capacity for chat"), "{}", found(&[], &speakers, 900));
        assert!(found(&[], &[], 900).contains("nobody has the role"));
        let able = Profile { skills: names.map(|skill| (skill.into(), Level::HIGHEST)).into(), ..speaks };
        let open = [calendar(serde_json::json!({"mon": ["09:00-18:00"]}))];
        assert_eq!(found(&open, &[able], 600), "");
    }
}
