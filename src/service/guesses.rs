//! Slows those who guess stream keys. An address (IPv6: a /64) may be wrong five times in a minute, as people are; from
//! then on each wrong key costs it time, until it has shown none for a quarter of an hour. A right key costs nothing even
//! then: meeting clouds share addresses, and so may a guesser and the owner of a key.

use crate::domain::subscriber::subscriber;
use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Wrong keys within [`MINUTE`] that cost nothing.
const FREE: u32 = 5;
const MINUTE: Duration = Duration::from_secs(60);
/// How long an address that has shown more is slowed behind its last wrong key.
const SLOWED: Duration = Duration::from_secs(15 * 60);
/// What a wrong key costs then, beside what chance adds. The asker's place before the door (`relay::ingest`) stays taken
/// meanwhile, which bounds how many are tried at once.
const COST: Duration = Duration::from_secs(5);
/// What chance adds at most: nobody learns from the time that an answer takes.
const CHANCE: Duration = Duration::from_secs(4);
/// Addresses remembered.
const ADDRESSES: usize = 4096;

#[derive(Debug, Default)]
pub(super) struct Guesses(HashMap<IpAddr, Guilt>);

/// What an address has done.
#[derive(Clone, Copy, Debug)]
struct Guilt {
    /// When its minute began, and its wrong keys since.
    since: Instant,
    wrong: u32,
    /// Until when it is slowed, where it is.
    slowed: Option<Instant>,
}

impl Guilt {
    /// When nothing of it needs to be known any more.
    fn over(&self) -> Instant {
        self.slowed.unwrap_or(self.since + MINUTE)
    }
}

impl Guesses {
    /// `address` showed a wrong key: how long the answer must wait. `chance` is new each time.
    pub(super) fn wrong(&mut self, now: Instant, address: IpAddr, chance: u32) -> Duration {
        let address = subscriber(address);
        if self.0.len() >= ADDRESSES && !self.0.contains_key(&address) {
            self.make_room(now);
        }
        let new = Guilt { since: now, wrong: 0, slowed: None };
        let guilt = self.0.entry(address).or_insert(new);
        if guilt.over() <= now {
            *guilt = new;
        }
        guilt.wrong = guilt.wrong.saturating_add(1);
        if guilt.wrong <= FREE {
            return Duration::ZERO;
        }
        guilt.slowed = Some(now + SLOWED);
        COST + CHANCE * (chance % 1000) / 1000
    }

    fn make_room(&mut self, now: Instant) {
        self.0.retain(|_, guilt| guilt.over() > now);
        if self.0.len() >= ADDRESSES {
            let least = self.0.iter().min_by_key(|(_, guilt)| guilt.over()).map(|(address, _)| *address);
            least.and_then(|address| self.0.remove(&address));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn five_wrong_keys_a_minute_are_free_and_more_cost_time_for_a_quarter_of_an_hour() {
        let mut guesses = Guesses::default();
        let start = Instant::now();
        let mut ask = |after: u64| guesses.wrong(start + Duration::from_secs(after), ip("192.0.2.1"), 0);
        assert!((0..5).all(|second| ask(second) == Duration::ZERO));
        assert!((60..65).all(|second| ask(second) == Duration::ZERO), "another minute");
        assert_eq!(ask(66), COST);
        assert_eq!(ask(66 + 899), COST, "not over yet, and it begins anew");
        assert_eq!(ask(66 + 899 + 899), COST);
        assert_eq!(ask(66 + 899 + 899 + 900), Duration::ZERO);
    }

    #[test]
    fn chance_adds_up_to_four_seconds() {
        let mut guesses = Guesses::default();
        let now = Instant::now();
        let waits: Vec<_> = (0..2_000).map(|chance| guesses.wrong(now, ip("192.0.2.1"), chance)).skip(5).collect();
        assert_eq!(waits.iter().min(), Some(&COST));
        assert_eq!(waits.iter().max(), Some(&(COST + CHANCE * 999 / 1000)));
    }

    #[test]
    fn an_address_is_a_subscriber_and_pays_for_nobody_else() {
        let mut guesses = Guesses::default();
        let now = Instant::now();
        for n in 0..20 {
            guesses.wrong(now, ip(&format!("2001:db8::{n}")), 0);
            guesses.wrong(now, ip("::ffff:192.0.2.1"), 0);
        }
        assert_eq!(guesses.wrong(now, ip("2001:db8::ffff"), 0), COST);
        assert_eq!(guesses.wrong(now, ip("192.0.2.1"), 0), COST);
        assert_eq!(guesses.wrong(now, ip("2001:db8:0:1::1"), 0), Duration::ZERO);
        assert_eq!(guesses.wrong(now, ip("192.0.2.2"), 0), Duration::ZERO);
    }

    #[test]
    fn the_table_is_bounded_and_forgets_the_least_guilty_first() {
        let mut guesses = Guesses::default();
        let now = Instant::now();
        for _ in 0..20 {
            guesses.wrong(now, ip("192.0.2.1"), 0);
        }
        for n in 0..20_000u32 {
            guesses.wrong(now, IpAddr::from(n.to_be_bytes()), 0);
        }
        assert_eq!(guesses.0.len(), ADDRESSES);
        assert_eq!(guesses.wrong(now, ip("192.0.2.1"), 0), COST);
    }
}
