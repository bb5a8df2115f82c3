//! Who waits at the door, by address: how many may, and who makes room for others. Whoever has asked for something keeps
//! its place until that is judged; of the rest, the oldest of the largest crowd goes when one more comes. So a crowd can
//! keep nobody else out, and an address that others share is never full of their silence.

use crate::domain::subscriber::subscriber;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_util::sync::CancellationToken;

/// Most connections that have not been let in.
pub(super) const STRANGERS: usize = 2_000;
/// Most of them from one address (IPv6: one /64): meeting clouds share few. Who comes from this very machine comes
/// through a proxy that hides many addresses, and is not counted so.
pub(super) const STRANGERS_EACH: usize = 32;
/// Where a proxy on this machine calls from.
const PROXY: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];

/// See the module's head.
#[derive(Default)]
pub(super) struct Places(Mutex<Door>);

/// One place, given back when dropped.
pub(super) struct Place {
    places: Arc<Places>,
    address: IpAddr,
    number: u64,
    left: CancellationToken,
}

#[derive(Default)]
struct Door {
    next: u64,
    all: usize,
    each: HashMap<IpAddr, Crowd>,
    /// Of how many in a crowd room can be made, and whose they are.
    sizes: BTreeSet<(usize, IpAddr)>,
}

#[derive(Default)]
struct Crowd {
    all: usize,
    /// Who has asked for nothing yet, the oldest first.
    silent: VecDeque<(u64, CancellationToken)>,
}

impl Places {
    /// A place of `most` in all, where there is one or somebody can make room.
    pub(super) fn take(places: &Arc<Self>, address: IpAddr, most: usize) -> Option<Place> {
        let address =
            if PROXY.contains(&address.to_canonical()) { address.to_canonical() } else { subscriber(address) };
        let mut door = places.lock();
        let crowded = door.each.get(&address).is_some_and(|crowd| crowd.all >= STRANGERS_EACH);
        if crowded && !PROXY.contains(&address) && !door.send_away(address) {
            return None;
        }
        // More than one goes where there were to be more until now.
        while door.all >= most {
            let largest = door.sizes.last().map(|(_, address)| *address)?;
            if !door.send_away(largest) {
                return None;
            }
        }
        let (number, left) = door.add(address);
        Some(Place { places: Arc::clone(places), address, number, left })
    }

    fn lock(&self) -> MutexGuard<'_, Door> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Door {
    fn add(&mut self, address: IpAddr) -> (u64, CancellationToken) {
        let (number, left) = (self.next, CancellationToken::new());
        self.next = self.next.wrapping_add(1);
        self.all += 1;
        let crowd = self.each.entry(address).or_default();
        crowd.all += 1;
        self.sizes.remove(&(crowd.silent.len(), address));
        crowd.silent.push_back((number, left.clone()));
        self.sizes.insert((crowd.silent.len(), address));
        (number, left)
    }

    /// The oldest of a crowd that has asked for nothing goes.
    fn send_away(&mut self, address: IpAddr) -> bool {
        let oldest = self.each.get(&address).and_then(|crowd| crowd.silent.front()).map(|(number, _)| *number);
        let Some(left) = oldest.and_then(|number| self.hush(address, number)) else { return false };
        left.cancel();
        self.give_back(address);
        true
    }

    /// Takes one out of those that can make room.
    fn hush(&mut self, address: IpAddr, number: u64) -> Option<CancellationToken> {
        let crowd = self.each.get_mut(&address)?;
        let at = crowd.silent.iter().position(|(known, _)| *known == number)?;
        self.sizes.remove(&(crowd.silent.len(), address));
        let (_, left) = crowd.silent.remove(at)?;
        if !crowd.silent.is_empty() {
            self.sizes.insert((crowd.silent.len(), address));
        }
        Some(left)
    }

    fn give_back(&mut self, address: IpAddr) {
        self.all -= 1;
        if let Some(crowd) = self.each.get_mut(&address) {
            crowd.all -= 1;
            if crowd.all == 0 {
                self.each.remove(&address);
            }
        }
    }
}

impl Place {
    /// Cancelled when somebody else has this place.
    pub(super) fn left(&self) -> CancellationToken {
        self.left.clone()
    }

    /// Something was asked for: nobody else gets this place before it is judged.
    pub(super) fn keep(&self) {
        self.places.lock().hush(self.address, self.number);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut door = self.places.lock();
        // Who was sent away has given it back.
        if !self.left.is_cancelled() {
            door.hush(self.address, self.number);
            door.give_back(self.address);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    fn stands(place: &&Place) -> bool {
        !place.left.is_cancelled()
    }

    #[test]
    fn one_address_has_32_places_and_its_oldest_stranger_makes_room_for_its_newest() {
        let places = Arc::default();
        let crowd: Vec<_> = (0..40).filter_map(|_| Places::take(&places, host(1), STRANGERS)).collect();
        assert_eq!((crowd.len(), crowd.iter().filter(stands).count()), (40, STRANGERS_EACH));
        assert!(crowd[..8].iter().all(|place| place.left.is_cancelled()), "the oldest went");
        let guest = Places::take(&places, host(2), STRANGERS).unwrap();
        assert!(stands(&&guest));
        drop((crowd, guest));
        let door = places.lock();
        assert_eq!((door.all, door.each.len(), door.sizes.len()), (0, 0, 0));
    }

    #[test]
    fn who_has_asked_keeps_its_place_and_others_wait_outside() {
        let places = Arc::default();
        let crowd: Vec<_> = (0..STRANGERS_EACH).filter_map(|_| Places::take(&places, host(1), STRANGERS)).collect();
        crowd.iter().for_each(Place::keep);
        assert!(Places::take(&places, host(1), STRANGERS).is_none());
        assert!(crowd.iter().all(|place| stands(&place)));
        assert!(Places::take(&places, host(2), STRANGERS).is_some(), "others are not kept out");
        drop(crowd);
        assert!(Places::take(&places, host(1), STRANGERS).is_some());
    }

    #[test]
    fn all_have_2000_places_and_the_largest_crowd_makes_room() {
        let places = Arc::default();
        let first = Places::take(&places, IpAddr::from([10, 9, 9, 9]), STRANGERS).unwrap();
        let crowd: Vec<_> = (0..100_u8)
            .flat_map(|at| (0..STRANGERS_EACH).map(move |_| IpAddr::from([10, 0, 1, at])))
            .filter_map(|address| Places::take(&places, address, STRANGERS))
            .collect();
        assert_eq!(crowd.iter().filter(stands).count() + 1, STRANGERS);
        assert!(stands(&&first), "it is alone, though it is the oldest");
        assert_eq!(places.lock().all, STRANGERS);
    }

    #[test]
    fn a_proxy_on_this_machine_has_as_many_places_as_there_are() {
        for address in PROXY {
            let places = Arc::default();
            let crowd: Vec<_> = (0..STRANGERS + 5).filter_map(|_| Places::take(&places, address, STRANGERS)).collect();
            assert_eq!(crowd.iter().filter(stands).count(), STRANGERS);
        }
    }

    #[test]
    fn an_ipv6_network_is_one_address() {
        let places = Arc::default();
        let of = |host: u16| IpAddr::from([0x2606, 0x4700, 0, 0, 0, 0, 0, host]);
        let crowd: Vec<_> = (0..100).filter_map(|host| Places::take(&places, of(host), STRANGERS)).collect();
        assert_eq!(crowd.iter().filter(stands).count(), STRANGERS_EACH);
    }

    #[test]
    fn where_memory_is_short_few_wait_and_the_newest_is_heard() {
        let places = Arc::default();
        let few: Vec<_> = (0..20).filter_map(|last| Places::take(&places, host(last), 16)).collect();
        assert_eq!(few.iter().filter(stands).count(), 16);
        assert!(stands(&few.last().unwrap()));

        // Also of those who came before it was.
        let places = Arc::default();
        let many: Vec<_> = (0..200).filter_map(|last| Places::take(&places, host(last), STRANGERS)).collect();
        many[..3].iter().for_each(Place::keep);
        let newest = Places::take(&places, host(200), 16).unwrap();
        assert_eq!((many.iter().filter(stands).count(), stands(&&newest)), (15, true));
        assert!(many[..3].iter().all(|place| stands(&place)), "they are judged first");
    }
}
