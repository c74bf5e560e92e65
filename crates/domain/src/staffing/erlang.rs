//! Erlang C (everybody waits as long as it takes) and Erlang A (people give up), in steady state, for one skill and
//! exponential times.
//!
//! Source: A. Mandelbaum, S. Zeltyn, "Service Engineering in Action: The Palm/Erlang-A Queue, with Applications to Call
//! Centers", in Advances in Services Innovations, Springer 2007. The probabilities are summed from the birth and death
//! rates in logarithms, so that thousands of agents neither overflow nor cancel.

/// What comes in and who is there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Load {
    pub arrivals_per_sec: f64,
    /// Mean seconds that one contact takes up one agent.
    pub handle_secs: f64,
    pub agents: u32,
}

/// A queue in steady state. Shares are 0–1, of all contacts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Steady {
    /// Share that does not find somebody free at once.
    pub waiting_share: f64,
    /// Over all contacts, those who are served at once and those who give up included.
    pub mean_wait_secs: f64,
    pub abandoned_share: f64,
    /// Share of the agents' time that is taken up.
    pub occupancy: f64,
}

/// States less likely than the likeliest by this factor (as a logarithm) add nothing to a sum of `f64`.
const NEGLIGIBLE: f64 = -40.0;

/// Nobody gives up. `None` where more comes in than the agents can serve: the queue grows without end.
pub fn erlang_c(load: Load) -> Option<Steady> {
    let Load { arrivals_per_sec, handle_secs, agents } = load;
    let offered = arrivals_per_sec * handle_secs;
    let occupancy = offered / f64::from(agents);
    if agents == 0 || occupancy >= 1.0 {
        return None;
    }
    let blocked = erlang_b(offered, agents);
    let waiting_share = blocked / (1.0 - occupancy * (1.0 - blocked));
    let mean_wait_secs = waiting_share * handle_secs / (f64::from(agents) - offered);
    Some(Steady { waiting_share, mean_wait_secs, abandoned_share: 0.0, occupancy })
}

/// Share served within `secs` where nobody gives up; `None` as for [`erlang_c`].
pub fn served_within(load: Load, secs: f64) -> Option<f64> {
    let steady = erlang_c(load)?;
    let slack_per_sec = f64::from(load.agents) / load.handle_secs - load.arrivals_per_sec;
    Some(1.0 - steady.waiting_share * (-slack_per_sec * secs).exp())
}

/// Everybody gives up after an exponential time of mean `patience_secs`; steady whatever comes in.
pub fn erlang_a(load: Load, patience_secs: f64) -> Steady {
    let Load { arrivals_per_sec, handle_secs, agents } = load;
    let agents_f = f64::from(agents);
    // Logarithms of the probabilities of "all agents busy and k waiting", relative to k = 0.
    let mut waiting = vec![0.0];
    let mut highest = 0.0_f64;
    for k in 1_u32.. {
        let leaves_per_sec = agents_f / handle_secs + f64::from(k) / patience_secs;
        let next = waiting[waiting.len() - 1] + (arrivals_per_sec / leaves_per_sec).ln();
        waiting.push(next);
        highest = highest.max(next);
        if arrivals_per_sec < leaves_per_sec && next - highest < NEGLIGIBLE {
            break;
        }
    }
    // … and of "j agents free".
    let mut free = Vec::new();
    let mut last = 0.0;
    for busy in (1..=agents).rev() {
        last += (f64::from(busy) / (arrivals_per_sec * handle_secs)).ln();
        free.push(last);
        highest = highest.max(last);
    }
    let share = |log: &f64| (log - highest).exp();
    let all_busy: f64 = waiting.iter().map(share).sum();
    let some_free: f64 = free.iter().map(share).sum();
    let total = all_busy + some_free;
    let queue: f64 = waiting.iter().zip(0_u32..).map(|(log, k)| share(log) * f64::from(k)).sum::<f64>() / total;
    let idle: f64 = free.iter().zip(1_u32..).map(|(log, j)| share(log) * f64::from(j)).sum::<f64>() / total;
    Steady {
        waiting_share: all_busy / total,
        // Little's law, and the rate at which those who wait give up.
        mean_wait_secs: queue / arrivals_per_sec,
        abandoned_share: queue / patience_secs / arrivals_per_sec,
        occupancy: if agents == 0 { 0.0 } else { 1.0 - idle / agents_f },
    }
}

/// Share that finds everybody busy where nobody waits at all, by the recursion over agents.
fn erlang_b(offered: f64, agents: u32) -> f64 {
    (1..=agents).fold(1.0, |blocked, n| {
        let busy = offered * blocked;
        busy / (f64::from(n) + busy)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(ours: f64, published: f64, tolerance: f64) {
        assert!((ours - published).abs() <= tolerance, "{ours} is not {published}");
    }

    /// Tables of the M/M/n queue: 10 erlangs to 12 agents wait with 44.9 %, 1 erlang to 2 agents with 1/3.
    #[test]
    fn erlang_c_agrees_with_the_tables() {
        let load = |erlangs: f64, agents| Load { arrivals_per_sec: erlangs / 180.0, handle_secs: 180.0, agents };
        let steady = erlang_c(load(10.0, 12)).unwrap();
        close(steady.waiting_share, 0.449, 0.001);
        close(steady.mean_wait_secs, 0.449 * 180.0 / 2.0, 0.1);
        close(erlang_c(load(1.0, 2)).unwrap().waiting_share, 1.0 / 3.0, 1e-12);
        assert_eq!(erlang_c(load(12.0, 12)), None);
        assert_eq!(erlang_c(load(1.0, 0)), None);
        close(served_within(load(1.0, 2), 0.0).unwrap(), 2.0 / 3.0, 1e-12);
        let many = erlang_c(load(1900.0, 2000)).unwrap();
        assert!(many.waiting_share > 0.0 && many.waiting_share < 0.1, "{many:?}");
    }

    /// The paper's example (section 1): 48 calls a minute, 1 minute of service, 50 agents, patience of 2 minutes: 3.1 % give
    /// up, mean wait 3.7 s, occupancy 93 %. Without patience Erlang C gives a wait of 20.8 s.
    #[test]
    fn erlang_a_agrees_with_the_paper() {
        let load = Load { arrivals_per_sec: 48.0 / 60.0, handle_secs: 60.0, agents: 50 };
        let steady = erlang_a(load, 120.0);
        close(steady.abandoned_share, 0.031, 0.0006);
        close(steady.mean_wait_secs, 3.7, 0.06);
        close(steady.occupancy, 0.93, 0.003);
        close(erlang_c(load).unwrap().mean_wait_secs, 20.8, 0.15);
    }

    #[test]
    fn erlang_a_without_impatience_is_erlang_c_and_stands_any_load() {
        let load = Load { arrivals_per_sec: 0.05, handle_secs: 180.0, agents: 11 };
        let (a, c) = (erlang_a(load, 1e9), erlang_c(load).unwrap());
        close(a.mean_wait_secs, c.mean_wait_secs, 0.01);
        close(a.occupancy, c.occupancy, 1e-6);
        let flood = erlang_a(Load { arrivals_per_sec: 100.0, handle_secs: 180.0, agents: 2000 }, 60.0);
        close(flood.abandoned_share, 1.0 - 2000.0 / 18_000.0, 0.001);
        close(erlang_a(Load { agents: 0, ..load }, 60.0).abandoned_share, 1.0, 1e-9);
    }
}
