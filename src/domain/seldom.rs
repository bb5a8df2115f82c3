//! What strangers do is worth a line now and then, and never a flood of lines.

use crate::domain::subscriber::subscriber;
use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// One line for each address in this time.
const APART: Duration = Duration::from_secs(60);
/// Addresses with a line of their own in that time.
const ADDRESSES: usize = 512;

/// Who was told of last when. An IPv6 address counts with its /64.
#[derive(Debug, Default)]
pub struct Seldom(HashMap<IpAddr, (Instant, u32)>);

impl Seldom {
    /// `address` gave reason for a line: whether it is written, and then how many were not since the last one.
    pub fn tells(&mut self, now: Instant, address: IpAddr) -> Option<u32> {
        let address = subscriber(address);
        if let Some((told, passed_over)) = self.0.get_mut(&address) {
            if now.saturating_duration_since(*told) < APART {
                *passed_over = passed_over.saturating_add(1);
                return None;
            }
            *told = now;
            return Some(std::mem::take(passed_over));
        }
        if self.0.len() >= ADDRESSES {
            self.0.retain(|_, (told, _)| now.saturating_duration_since(*told) < APART);
        }
        (self.0.len() < ADDRESSES).then(|| {
            self.0.insert(address, (now, 0));
            0
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_line_a_minute_that_counts_the_others_and_a_host_of_them_has_512() {
        let (mut seldom, start, ip) = (Seldom::default(), Instant::now(), IpAddr::from([192, 0, 2, 1]));
        let after = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(seldom.tells(start, ip), Some(0));
        assert_eq!((1..60).filter_map(|second| seldom.tells(after(second), ip)).count(), 0);
        assert_eq!(seldom.tells(after(60), ip), Some(59));
        assert_eq!(seldom.tells(after(120), ip), Some(0));
        let lines = (0..10_000_u32).filter(|n| seldom.tells(after(121), IpAddr::from(n.to_be_bytes())).is_some());
        assert_eq!(lines.count(), ADDRESSES - 1);
        assert_eq!(seldom.tells(after(181), IpAddr::from([1, 1, 1, 1])), Some(0), "and room again");
    }
}
