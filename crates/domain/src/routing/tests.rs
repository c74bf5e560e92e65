//! The router against a slow one that is plainly right, and what must hold whatever comes.

use super::*;
use crate::id::StaffId;
use crate::time::Timestamp;
use proptest::prelude::*;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

fn level(number: u8) -> Level {
    Level::new(number).unwrap()
}

fn staff(number: usize) -> StaffId {
    StaffId::new(format!("s{number}"))
}

fn id(number: usize, work: Work) -> WorkId {
    WorkId { conversation: format!("c{number:03}").as_str().into(), work, guest: None }
}

fn item(number: usize, since: i64) -> WorkItem {
    WorkItem {
        id: id(number, Work::Chat),
        since: Timestamp(since * 1000),
        queued_at: Timestamp(since * 1000),
        credit_secs: 0,
        wanted: Arc::from([]),
        known: None,
        target: Target::Anybody,
    }
}

fn want(skill: &str, number: u8, strictness: Strictness) -> Wanted {
    Wanted { skill: skill.into(), level: level(number), strictness }
}

fn profile(skills: &[(&str, u8)], chat: u32) -> Profile {
    let skills = skills.iter().map(|(skill, number)| ((*skill).into(), level(*number))).collect();
    Profile { skills, capacity: Capacity { chat, ..Capacity::default() } }
}

fn rules() -> Arc<RoutingRules> {
    let ring = |after_secs, lower_by, wishes| Ring { after_secs, lower_by, wishes };
    Arc::new(RoutingRules {
        rings: vec![ring(0, 0, Wishes::Keep), ring(10, 1, Wishes::Keep), ring(25, 2, Wishes::Drop)],
        known_secs: 8,
        avoid_secs: 12,
        direct_secs: 15,
        ..RoutingRules::default()
    })
}

fn given(router: &mut Router, at: i64) -> Vec<(String, String)> {
    let given = router.assign(Timestamp(at * 1000));
    given.into_iter().map(|a| (a.id.conversation.0, a.staff.0)).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

// ---- by hand ----

#[test]
fn the_search_widens_with_the_wait_and_a_must_stays() {
    let mut router = Router::new(rules());
    router.on_duty(&staff(1), profile(&[("en", 1)], 4));
    router.on_duty(&staff(2), profile(&[("repayment", 3)], 4));
    let wants = |wanted: &[Wanted], number| WorkItem { wanted: Arc::from(wanted), ..item(number, 0) };
    router.wait(wants(&[want("en", 2, Strictness::Must)], 1), Timestamp(0));
    router.wait(wants(&[want("repayment", 5, Strictness::Wish)], 2), Timestamp(0));
    router.wait(wants(&[want("tibetan", 1, Strictness::Must)], 3), Timestamp(0));
    assert_eq!(given(&mut router, 9), []);
    assert_eq!(router.next_change(), Some(Timestamp(10_000)));
    assert_eq!(given(&mut router, 10), pairs(&[("c001", "s1")]), "one level less will do");
    assert_eq!(given(&mut router, 24), []);
    let (_, taker) = given(&mut router, 25).remove(0);
    assert_eq!(taker, "s2", "the wish is dropped; of equal loads the better skilled");
    assert_eq!(given(&mut router, 9999), [], "nobody speaks it, however long the wait");
    assert!(router.waits(&id(3, Work::Chat)));
}

#[test]
fn a_returning_customer_gets_whoever_knows_them_while_they_have_room_and_then_anybody() {
    let mut router = Router::new(rules());
    router.on_duty(&staff(1), profile(&[], 2));
    router.on_duty(&staff(2), profile(&[], 1));
    router.hold(&id(9, Work::Chat), &staff(1));
    router.wait(WorkItem { known: Some(staff(1)), ..item(1, 0) }, Timestamp(0));
    assert_eq!(given(&mut router, 0), pairs(&[("c001", "s1")]), "although the other desk is empty");
    router.wait(WorkItem { known: Some(staff(1)), ..item(2, 0) }, Timestamp(0));
    assert_eq!(given(&mut router, 1), pairs(&[("c002", "s2")]), "no room there");
}

#[test]
fn who_lost_a_conversation_does_not_get_it_again_at_once() {
    let mut router = Router::new(rules());
    router.on_duty(&staff(1), profile(&[], 1));
    router.wait(WorkItem { target: Target::NotAgain(staff(1)), ..item(1, 0) }, Timestamp(0));
    router.wait(item(2, 5), Timestamp(5000));
    assert_eq!(given(&mut router, 5), pairs(&[("c002", "s1")]), "the next in the queue goes before");
    router.gone(&id(2, Work::Chat));
    assert_eq!(given(&mut router, 11), []);
    assert_eq!(given(&mut router, 12), pairs(&[("c001", "s1")]), "rather them than nobody");
}

#[test]
fn what_is_sent_to_one_person_waits_for_them_and_then_for_anybody() {
    let mut router = Router::new(rules());
    router.on_duty(&staff(1), profile(&[], 1));
    router.on_duty(&staff(2), profile(&[], 1));
    router.hold(&id(8, Work::Chat), &staff(2));
    let sent = |number| WorkItem { target: Target::First(staff(2)), ..item(number, 0) };
    router.wait(sent(1), Timestamp(0));
    assert_eq!(given(&mut router, 14), []);
    router.gone(&id(8, Work::Chat));
    assert_eq!(given(&mut router, 14), pairs(&[("c001", "s2")]));
    router.wait(sent(2), Timestamp(0));
    assert_eq!(given(&mut router, 15), pairs(&[("c002", "s1")]), "the person is busy for too long");
}

#[test]
fn kinds_of_work_share_one_desk() {
    let mut router = Router::new(rules());
    let capacity = Capacity { chat: 4, call: 1, conference: 2, callback: 0 };
    router.on_duty(&staff(1), Profile { capacity, ..Profile::default() });
    router.hold(&id(1, Work::Chat), &staff(1));
    let work = |number, work| WorkItem { id: id(number, work), ..item(number, 0) };
    router.wait(work(2, Work::Call), Timestamp(0));
    router.wait(work(3, Work::Callback), Timestamp(0));
    router.wait(work(4, Work::Conference), Timestamp(0));
    assert_eq!(given(&mut router, 0), pairs(&[("c004", "s1")]), "one chat leaves room for a conference, for no call");
    router.wait(work(5, Work::Chat), Timestamp(0));
    router.wait(work(6, Work::Chat), Timestamp(0));
    assert_eq!(given(&mut router, 0), pairs(&[("c005", "s1")]), "a quarter of the desk was left");
    for number in [1, 5] {
        router.gone(&id(number, Work::Chat));
    }
    router.gone(&id(6, Work::Chat));
    router.gone(&id(4, Work::Conference));
    assert_eq!(given(&mut router, 0), pairs(&[("c002", "s1")]), "the desk is empty: a call fits");
}

#[test]
fn who_takes_more_than_a_desk_holds_gets_nothing_until_there_is_room_again() {
    let mut router = Router::new(rules());
    router.on_duty(&staff(1), profile(&[], 1));
    router.hold(&id(1, Work::Chat), &staff(1));
    router.hold(&id(2, Work::Chat), &staff(1));
    router.wait(item(3, 0), Timestamp(0));
    router.gone(&id(1, Work::Chat));
    assert_eq!(given(&mut router, 0), []);
    router.off_duty(&staff(1));
    router.gone(&id(2, Work::Chat));
    assert_eq!(given(&mut router, 0), [], "off duty");
    router.on_duty(&staff(1), profile(&[], 1));
    assert_eq!(given(&mut router, 0), pairs(&[("c003", "s1")]));
}

#[test]
fn the_place_counts_those_whom_the_same_people_serve() {
    let mut router = Router::new(rules());
    router.on_duty(&staff(1), profile(&[("en", 3)], 1));
    router.on_duty(&staff(2), profile(&[("zh", 3)], 1));
    for (busy, by) in [(90, 1), (91, 2)] {
        router.hold(&id(busy, Work::Chat), &staff(by));
    }
    let speaks = |number, since, skill| WorkItem { wanted: Arc::from([want(skill, 1, Strictness::Must)]), ..item(number, since) };
    for number in 0..5 {
        router.wait(speaks(number, number as i64, "zh"), Timestamp(0));
    }
    router.wait(speaks(7, 7, "en"), Timestamp(7000));
    router.wait(speaks(8, 8, "tibetan"), Timestamp(8000));
    let pace = Pace { handle_secs: 100.0, patience_secs: None };
    let place = |number| router.place(&id(number, Work::Chat), pace, Timestamp(8000)).map(|p| (p.ahead, p.expected_wait_secs));
    assert_eq!(place(4), Some((4, Some(500.0))));
    assert_eq!(place(7), Some((0, Some(100.0))), "five Chinese speakers are before, and in nobody's way");
    assert_eq!(place(8), Some((0, None)), "nobody can take it");
    assert_eq!(place(90), None, "it is held");
    let lines = router.lines();
    assert_eq!((lines[0].waiting, lines[0].able, lines[0].longest_since), (5, 1, Timestamp(0)));
    assert_eq!((lines.len(), lines[2].able), (3, 0));
}

// ---- against a slow router that is plainly right ----

/// One list of everything; each assignment looks at all of it.
#[derive(Default)]
struct Naive {
    rules: Arc<RoutingRules>,
    duty: BTreeMap<StaffId, Profile>,
    waiting: Vec<WorkItem>,
    held: BTreeMap<WorkId, StaffId>,
    last_given: BTreeMap<StaffId, u64>,
    given: u64,
}

impl Naive {
    fn used(&self, staff: &StaffId) -> f64 {
        let share = |work: Work| 1.0 / f64::from(self.duty[staff].capacity.of(work));
        self.held.iter().filter(|(_, holder)| *holder == staff).map(|(id, _)| share(id.work)).sum()
    }

    fn may_take(&self, staff: &StaffId, item: &WorkItem, now: Timestamp) -> bool {
        let profile = &self.duty[staff];
        let capacity = profile.capacity.of(item.id.work);
        let waited = now.0 - item.queued_at.0;
        if capacity == 0 || self.used(staff) + 1.0 / f64::from(capacity) > 1.0 + 1e-9 {
            return false;
        }
        match &item.target {
            Target::First(first) if waited < self.rules.direct_secs * 1000 => return first == staff,
            Target::Only(only) => return only == staff,
            Target::Besides(present) if present.contains(staff) => return false,
            Target::NotAgain(not) if waited < self.rules.avoid_secs * 1000 && not == staff => return false,
            _ => {}
        }
        let ring = self.rules.rings.iter().rfind(|ring| waited >= ring.after_secs * 1000).unwrap();
        item.wanted.iter().all(|want| {
            let least = want.level.number().saturating_sub(ring.lower_by).max(1);
            let dropped = want.strictness == Strictness::Wish && ring.wishes == Wishes::Drop;
            dropped || profile.skills.get(&want.skill).is_some_and(|has| has.number() >= least)
        })
    }

    fn assign(&mut self, now: Timestamp) -> Vec<Assignment> {
        let mut queue = self.waiting.clone();
        queue.sort_by_key(|item| (item.since.0 - item.credit_secs * 1000, item.id.clone()));
        let mut given = Vec::new();
        for item in queue {
            let able: Vec<&StaffId> = self.duty.keys().filter(|staff| self.may_take(staff, &item, now)).collect();
            let is_known =
                |staff: &StaffId| now.0 - item.queued_at.0 < self.rules.known_secs * 1000 && item.known.as_ref() == Some(staff);
            let skill = |staff: &StaffId| {
                let has = |want: &Wanted| self.duty[staff].skills.get(&want.skill).map_or(0, |l| u32::from(l.number()));
                Reverse(item.wanted.iter().map(has).sum::<u32>())
            };
            let load = |staff: &StaffId| (self.used(staff) * 1e6).round() as u64;
            let rested = |staff: &StaffId| self.last_given.get(staff).copied().unwrap_or(0);
            let best = able.into_iter().min_by_key(|staff| match self.rules.choice {
                Choice::LeastLoaded => (!is_known(staff), load(staff), skill(staff), 0, rested(staff), (*staff).clone()),
                Choice::BestSkilled => (!is_known(staff), 0, skill(staff), load(staff), rested(staff), (*staff).clone()),
            });
            let Some(best) = best.cloned() else { continue };
            self.given += 1;
            self.last_given.insert(best.clone(), self.given);
            self.waiting.retain(|waiting| waiting.id != item.id);
            self.held.insert(item.id.clone(), best.clone());
            given.push(Assignment { id: item.id, staff: best });
        }
        given
    }
}

#[derive(Debug, Clone)]
enum Move {
    On {
        staff: usize,
        skills: Vec<(usize, u8)>,
        capacity: [u32; 4],
    },
    Off {
        staff: usize,
    },
    Wait {
        number: usize,
        work: usize,
        credit_secs: i64,
        wanted: Vec<(usize, u8, bool)>,
        known: Option<usize>,
        target: (u8, usize),
    },
    Take {
        number: usize,
        work: usize,
        staff: usize,
    },
    Gone {
        number: usize,
        work: usize,
    },
    Pass {
        secs: i64,
    },
}

const SKILLS: [&str; 3] = ["en", "repayment", "complaint"];

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let number = 0_usize..40;
    let staff = 0_usize..6;
    let work = 0_usize..4;
    let on = (staff.clone(), prop::collection::vec((0_usize..3, 1_u8..=5), 0..3), prop::array::uniform4(0_u32..4))
        .prop_map(|(staff, skills, capacity)| Move::On { staff, skills, capacity });
    let wanted = prop::collection::vec((0_usize..3, 1_u8..=5, any::<bool>()), 0..3);
    let wait =
        (number.clone(), work.clone(), 0_i64..30, wanted, prop::option::of(staff.clone()), (0_u8..8, staff.clone())).prop_map(
            |(number, work, credit_secs, wanted, known, target)| Move::Wait { number, work, credit_secs, wanted, known, target },
        );
    prop::collection::vec(
        prop_oneof![
            2 => on,
            1 => staff.clone().prop_map(|staff| Move::Off { staff }),
            8 => wait,
            1 => (number.clone(), work.clone(), staff).prop_map(|(number, work, staff)| Move::Take { number, work, staff }),
            4 => (number, work).prop_map(|(number, work)| Move::Gone { number, work }),
            4 => (0_i64..9).prop_map(|secs| Move::Pass { secs }),
        ],
        1..160,
    )
}

fn play(moves: Vec<Move>, rules: Arc<RoutingRules>) {
    let mut router = Router::new(Arc::clone(&rules));
    let mut naive = Naive { rules, ..Naive::default() };
    let mut now = Timestamp(0);
    for step in moves {
        match step {
            Move::On { staff: who, skills, capacity: [chat, call, conference, callback] } => {
                // Whoever holds work keeps a capacity for it, so that the slow router can divide by it.
                let capacity = Capacity { chat: chat.max(1), call: call.max(1), conference, callback };
                let holds = |work| naive.held.iter().any(|(id, by)| id.work == work && *by == staff(who));
                if (conference == 0 && holds(Work::Conference)) || (callback == 0 && holds(Work::Callback)) {
                    continue;
                }
                let skills = skills.into_iter().map(|(skill, number)| (SKILLS[skill].into(), level(number))).collect();
                let profile = Profile { skills, capacity };
                router.on_duty(&staff(who), profile.clone());
                naive.duty.insert(staff(who), profile);
            }
            Move::Off { staff: who } => {
                router.off_duty(&staff(who));
                naive.duty.remove(&staff(who));
            }
            Move::Wait { number, work, credit_secs, wanted, known, target } => {
                let id = id(number, Work::ALL[work]);
                if naive.held.contains_key(&id) {
                    continue;
                }
                let mut wanted: Vec<Wanted> = wanted
                    .into_iter()
                    .map(|(skill, number, must)| {
                        want(SKILLS[skill], number, if must { Strictness::Must } else { Strictness::Wish })
                    })
                    .collect();
                wanted.sort();
                wanted.dedup_by(|a, b| a.skill == b.skill);
                let target = match target {
                    (0, who) => Target::First(staff(who)),
                    (1, who) => Target::NotAgain(staff(who)),
                    (2, who) => Target::Only(staff(who)),
                    (3, who) => Target::Besides(vec![staff(who), staff(who + 1)]),
                    _ => Target::Anybody,
                };
                let known = known.map(staff);
                let item = WorkItem { id, since: now, queued_at: now, credit_secs, wanted: wanted.into(), known, target };
                router.wait(item.clone(), now);
                naive.waiting.retain(|waiting| waiting.id != item.id);
                naive.waiting.push(item);
            }
            Move::Take { number, work, staff: who } => {
                let id = id(number, Work::ALL[work]);
                if naive.duty.get(&staff(who)).is_none_or(|profile| profile.capacity.of(id.work) == 0) {
                    continue;
                }
                router.hold(&id, &staff(who));
                naive.waiting.retain(|waiting| waiting.id != id);
                naive.held.insert(id, staff(who));
            }
            Move::Gone { number, work } => {
                let id = id(number, Work::ALL[work]);
                router.gone(&id);
                naive.waiting.retain(|waiting| waiting.id != id);
                naive.held.remove(&id);
            }
            Move::Pass { secs } => now = now.plus_secs(secs),
        }
        assert_eq!(router.assign(now), naive.assign(now), "at {now:?}");
        assert_eq!(router.waiting(), naive.waiting.len());
        for (id, holder) in &naive.held {
            assert_eq!(router.holder(id), Some(holder));
        }
        // Nobody waits past the next change for whom there is room: a tick then is all that it takes.
        assert!(router.next_change().is_none_or(|at| at > now));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn it_assigns_what_a_slow_router_assigns(moves in moves()) {
        play(moves, rules());
    }

    #[test]
    fn it_assigns_what_a_slow_router_assigns_by_skill(moves in moves()) {
        play(moves, Arc::new(RoutingRules { choice: Choice::BestSkilled, ..(*rules()).clone() }));
    }

    /// The largest credit bounds how much later somebody may have come who is served before: nobody starves.
    #[test]
    fn nobody_is_overtaken_by_more_than_the_largest_credit(arrivals in prop::collection::vec((0_i64..20, 0_i64..=300), 1..200)) {
        let mut router = Router::new(Arc::new(RoutingRules::default()));
        router.on_duty(&staff(1), profile(&[], 1));
        let mut came = BTreeMap::new();
        let mut now = 0;
        let mut serving: Option<WorkId> = None;
        for (number, (gap, credit_secs)) in arrivals.into_iter().enumerate() {
            now += gap;
            let item = WorkItem { credit_secs, ..item(number, now) };
            came.insert(item.id.clone(), now);
            router.wait(item, Timestamp(now * 1000));
            if gap > 6 {
                serving.take().iter().for_each(|done| router.gone(done));
            }
            for Assignment { id, .. } in router.assign(Timestamp(now * 1000)) {
                let since = came.remove(&id).unwrap();
                prop_assert!(came.values().all(|other| since - other <= 300), "{since} before {came:?}");
                serving = Some(id);
            }
        }
    }
}
