//! The queue for people: who is next, who takes it, and how long it will be. Owns the order; knows no sockets.

use crate::id::{ConversationId, StaffId};
use crate::time::Timestamp;
use std::cmp::Reverse;

/// One customer who waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub conversation: ConversationId,
    pub since: Timestamp,
    /// Fraud, distress, hardship and complaints go before everybody else.
    pub urgent: bool,
}

/// One agent on duty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    pub staff: StaffId,
    /// Conversations in hand.
    pub busy: u32,
    /// Conversations this agent can hold at once.
    pub capacity: u32,
}

/// The queue in the order in which it is served: urgent first, then by waiting time.
pub fn in_order(mut places: Vec<Place>) -> Vec<Place> {
    places.sort_by_key(|p| (Reverse(p.urgent), p.since, p.conversation.clone()));
    places
}

/// Gives waiting customers to the least busy agents until one or the other runs out.
pub fn assign(places: Vec<Place>, mut agents: Vec<Agent>) -> Vec<(ConversationId, StaffId)> {
    let mut assigned = Vec::new();
    for place in in_order(places) {
        let free = agents.iter_mut().filter(|a| a.busy < a.capacity);
        let Some(agent) = free.min_by_key(|a| (a.busy, a.staff.clone())) else { break };
        agent.busy += 1;
        assigned.push((place.conversation, agent.staff.clone()));
    }
    assigned
}

/// Expected wait in seconds at a position (1 = next), from the mean handling time: each of `slots` chats ends once every
/// `handle_secs`, so one ends every `handle_secs / slots`. `None` with nobody on duty.
pub fn expected_wait_secs(position: u64, slots: u64, handle_secs: u64) -> Option<u64> {
    if slots == 0 { None } else { Some(position.saturating_mul(handle_secs).div_ceil(slots)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(id: &str, since: i64, urgent: bool) -> Place {
        Place { conversation: id.into(), since: Timestamp(since), urgent }
    }

    #[test]
    fn urgent_customers_go_first_then_the_one_who_waited_longest() {
        let order = in_order(vec![place("c", 30, false), place("a", 10, false), place("b", 90, true)]);
        let ids: Vec<&str> = order.iter().map(|p| p.conversation.as_str()).collect();
        assert_eq!(ids, ["b", "a", "c"]);
    }

    #[test]
    fn nobody_gets_more_than_their_capacity() {
        let agents = vec![Agent { staff: "x".into(), busy: 1, capacity: 2 }, Agent { staff: "y".into(), busy: 0, capacity: 1 }];
        let given = assign(vec![place("1", 1, false), place("2", 2, false), place("3", 3, false)], agents);
        let given: Vec<(&str, &str)> = given.iter().map(|(c, s)| (c.as_str(), s.as_str())).collect();
        assert_eq!(given, [("1", "y"), ("2", "x")]);
    }

    #[test]
    fn expected_wait_grows_with_the_position_and_shrinks_with_people() {
        assert_eq!(expected_wait_secs(3, 2, 300), Some(450));
        assert_eq!(expected_wait_secs(1, 0, 300), None);
    }
}
