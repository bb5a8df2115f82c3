//! Slows those who guess ingest keys: each address (IPv6: each /64) has a few wrong keys free, then each costs time.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

/// Wrong keys that cost nothing: people mistype.
const FREE: u32 = 5;
/// One more wrong key is free after this time.
const REFILL: Duration = Duration::from_secs(20);
/// What a wrong key costs beyond. The asker's place before the door (`relay::ingest`) stays taken meanwhile.
const COST: Duration = Duration::from_secs(5);
/// Addresses remembered.
const ADDRESSES: usize = 4096;

/// A token bucket for each address. Kept as the moment at which it is full again: a full one need not be kept.
#[derive(Debug, Default)]
pub(super) struct Guesses {
    full_at: HashMap<IpAddr, Instant>,
}

impl Guesses {
    /// `address` showed a wrong key: how long the answer must wait.
    pub(super) fn wrong(&mut self, now: Instant, address: IpAddr) -> Duration {
        let address = household(address);
        if self.full_at.len() >= ADDRESSES && !self.full_at.contains_key(&address) {
            self.make_room(now);
        }
        let full_at = self.full_at.entry(address).or_insert(now);
        let before = full_at.saturating_duration_since(now);
        // An empty bucket stays empty for one refill, however often it is asked.
        *full_at = now + (before + REFILL).min(REFILL * FREE);
        if before > REFILL * (FREE - 1) { COST } else { Duration::ZERO }
    }

    fn make_room(&mut self, now: Instant) {
        self.full_at.retain(|_, full_at| *full_at > now);
        if self.full_at.len() >= ADDRESSES {
            let best = self.full_at.iter().min_by_key(|(_, full_at)| **full_at).map(|(address, _)| *address);
            best.and_then(|address| self.full_at.remove(&address));
        }
    }
}

/// What one subscriber has: an IPv4 address, or an IPv6 /64.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn some_wrong_keys_are_free_and_then_each_costs_until_time_has_passed() {
        let mut guesses = Guesses::default();
        let start = Instant::now();
        let mut ask = |after: u64| guesses.wrong(start + Duration::from_secs(after), ip("192.0.2.1"));
        assert_eq!((0..8).filter(|_| ask(0) == Duration::ZERO).count(), FREE as usize);
        assert_eq!(ask(19), COST);
        assert_eq!(ask(39), Duration::ZERO, "one was refilled");
        assert_eq!(ask(39), COST);
        assert_eq!((0..8).filter(|_| ask(1000) == Duration::ZERO).count(), FREE as usize);
    }

    #[test]
    fn an_address_is_a_household_and_pays_for_nobody_else() {
        let mut guesses = Guesses::default();
        let now = Instant::now();
        for n in 0..20 {
            guesses.wrong(now, ip(&format!("2001:db8::{n}")));
            guesses.wrong(now, ip("::ffff:192.0.2.1"));
        }
        assert_eq!(guesses.wrong(now, ip("2001:db8::ffff")), COST);
        assert_eq!(guesses.wrong(now, ip("192.0.2.1")), COST);
        assert_eq!(guesses.wrong(now, ip("2001:db8:0:1::1")), Duration::ZERO);
        assert_eq!(guesses.wrong(now, ip("192.0.2.2")), Duration::ZERO);
    }

    #[test]
    fn the_table_is_bounded_and_forgets_the_least_guilty_first() {
        let mut guesses = Guesses::default();
        let now = Instant::now();
        for _ in 0..20 {
            guesses.wrong(now, ip("192.0.2.1"));
        }
        for n in 0..20_000u32 {
            guesses.wrong(now, IpAddr::from(n.to_be_bytes()));
        }
        assert_eq!(guesses.full_at.len(), ADDRESSES);
        assert_eq!(guesses.wrong(now, ip("192.0.2.1")), COST);
    }
}
