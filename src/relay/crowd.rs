//! How many streams go to one server that nobody vouches for, so that nobody is flooded by Telecast's hand. Servers of
//! the catalogue and networks that the host opened are not counted: several accounts on one platform are normal.

use crate::domain::id::StudioId;
use crate::domain::subscriber::subscriber;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most streams of one studio at one address.
const EACH: usize = 4;
/// Most streams of all studios at one address.
const ALL: usize = 20;

/// Who sends where. An IPv6 address counts with its /64.
#[derive(Debug, Default)]
pub(super) struct Crowd(Mutex<HashMap<IpAddr, Vec<StudioId>>>);

/// The right of one stream to be sent to the addresses that it has taken; given back when dropped. However many
/// connections it has to one of them, they count once.
#[derive(Debug)]
pub struct Seat {
    crowd: Arc<Crowd>,
    studio: StudioId,
    taken: Mutex<Vec<IpAddr>>,
}

impl Crowd {
    pub(super) fn seat(self: &Arc<Self>, studio: StudioId) -> Seat {
        Seat { crowd: Arc::clone(self), studio, taken: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, Vec<StudioId>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Whether there is room at an address; it is taken then.
    pub(super) fn take(&self, address: IpAddr) -> bool {
        let address = subscriber(address);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.contains(&address) {
            return true;
        }
        let mut crowd = self.crowd.lock();
        let there = crowd.entry(address).or_default();
        let own = there.iter().filter(|studio| **studio == self.studio).count();
        let room = own < EACH && there.len() < ALL;
        if room {
            there.push(self.studio);
            taken.push(address);
        }
        room
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let taken = self.taken.get_mut().unwrap_or_else(PoisonError::into_inner);
        let mut crowd = self.crowd.lock();
        for address in taken.drain(..) {
            let Some(there) = crowd.get_mut(&address) else { continue };
            if let Some(at) = there.iter().position(|studio| *studio == self.studio) {
                there.swap_remove(at);
            }
            if there.is_empty() {
                crowd.remove(&address);
            }
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
    fn a_studio_has_four_streams_at_an_address_all_have_twenty_and_they_are_given_back() {
        let (crowd, victim) = (Arc::<Crowd>::default(), ip("8.8.8.8"));
        let sit = |studio, address| {
            let seat = crowd.seat(StudioId(studio));
            seat.take(address).then_some(seat)
        };
        let mut seats: Vec<Seat> = (0..5).filter_map(|_| sit(1, victim)).collect();
        assert_eq!(seats.len(), 4);
        assert!(seats[0].take(victim), "a second connection of the same stream");
        assert!(sit(1, ip("8.8.4.4")).is_some(), "another server is another matter");
        seats.extend((2..40).flat_map(|studio| [sit(studio, victim), sit(studio, victim)]).flatten());
        assert_eq!(seats.len(), 20);
        seats.pop();
        assert!(sit(99, victim).is_some());
        drop(seats);
        assert!(crowd.lock().is_empty());
    }

    #[test]
    fn an_ipv6_network_is_one_server() {
        let crowd = Arc::<Crowd>::default();
        let seats: Vec<Seat> = (0..6).map(|_| crowd.seat(StudioId(1))).collect();
        let taken = (1..).zip(&seats).filter(|(host, seat)| seat.take(ip(&format!("2606:4700::{host}"))));
        assert_eq!(taken.count(), 4);
    }
}
