//! One simulated customer: who they are, what they want, what is wrong for them, and how they take it. Pure.

use crate::app::{BUILDS, WAYS, Way};
use crate::random::Random;
use crate::trouble::{TROUBLES, Trouble};

/// Chance that help that fits solves the trouble.
pub const HELPED: f64 = 0.65;
/// Chance to ask something though nothing is wrong.
const ASKS_ANYWAY: f64 = 0.02;

/// What a customer does after a trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    GoOn,
    Contact,
    Complain,
    GiveUp,
}

#[derive(Debug, Clone)]
pub struct Person {
    pub number: u64,
    /// As the visitor is called in `POST /api/customer/session`: 16 to 64 letters, digits and dashes.
    pub visitor: String,
    pub platform: &'static str,
    pub version: &'static str,
    pub way: &'static Way,
    pub trouble: Option<&'static Trouble>,
    /// Where in 0..1 this person's patience lies; drawn once, so that help changes the end and nothing else does.
    temper: f64,
    /// Help that fits will do.
    pub can_be_helped: bool,
    /// Asks a question though nothing is wrong.
    pub curious: bool,
}

impl Person {
    pub fn draw(seed: u64, number: u64) -> (Person, Random) {
        let mut random = Random::of(seed, number);
        let ways: Vec<(&'static Way, f64)> = WAYS.iter().map(|way| (way, way.weight)).collect();
        let way = *random.pick(&ways);
        let &(platform, version) = random.pick(BUILDS);
        let mut trouble = None;
        for candidate in TROUBLES.iter().filter(|t| t.way == way.id) {
            let frequent = candidate.build.is_none_or(|build| build == (platform, version));
            let share = if frequent { candidate.share.0 } else { candidate.share.1 };
            // Drawn for each, met or not: one trouble more in the list leaves the other customers as they are.
            let has = random.chance(share);
            if has && trouble.is_none() {
                trouble = Some(candidate);
            }
        }
        let person = Person {
            number,
            visitor: format!("crowd-{seed:06x}-{number:08}"),
            platform,
            version,
            way,
            trouble,
            temper: random.fraction(),
            can_be_helped: random.chance(HELPED),
            curious: random.chance(ASKS_ANYWAY),
        };
        (person, random)
    }

    /// How it ends. `helped` is whether fitting help was on the screen.
    pub fn end(&self, helped: bool) -> End {
        let Some(trouble) = self.trouble else { return End::GoOn };
        if helped && self.can_be_helped {
            return End::GoOn;
        }
        let mut bound = 0.0;
        for (share, end) in [(trouble.contact, End::Contact), (trouble.complain, End::Complain), (trouble.give_up, End::GiveUp)] {
            bound += share;
            if self.temper < bound {
                return end;
            }
        }
        End::GoOn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_the_same_for_the_same_seed_and_troubles_come_as_often_as_they_should() {
        let people: Vec<Person> = (0..20_000).map(|n| Person::draw(7, n).0).collect();
        assert_eq!(people[5].visitor, Person::draw(7, 5).0.visitor);
        let of = |platform: &str, version: &str| {
            let all: Vec<_> =
                people.iter().filter(|p| p.way.id == "apply" && (p.platform, p.version) == (platform, version)).collect();
            let blurred = all.iter().filter(|p| p.trouble.is_some_and(|t| t.id == "blurred-photo")).count();
            blurred as f64 / all.len() as f64
        };
        let (there, elsewhere) = (of("android", "5.2.0"), of("android", "5.2.1"));
        assert!((0.44..0.56).contains(&there), "{there}");
        assert!((0.03..0.07).contains(&elsewhere), "{elsewhere}");
    }

    #[test]
    fn fitting_help_takes_away_the_contacts_it_should_and_no_more() {
        let stuck: Vec<Person> =
            (0..60_000).map(|n| Person::draw(3, n).0).filter(|p| p.trouble.is_some_and(|t| t.id == "slow-bank")).collect();
        let share = |helped: bool| stuck.iter().filter(|p| p.end(helped) == End::Contact).count() as f64 / stuck.len() as f64;
        assert!((share(false) - 0.42).abs() < 0.05, "{}", share(false));
        assert!((share(true) - 0.42 * (1.0 - HELPED)).abs() < 0.04, "{}", share(true));
        assert!(Person::draw(3, 0).0.visitor.len() >= 16);
    }
}
