//! A meeting's cloud as the encoder, as far as it is known how one connects: in a manner of its own, and again from another
//! of its addresses before the connection that it lost is dead here.

use super::rig::{Rig, keyed_at};
use crate::bed::field::invariants::Balance;
use crate::bed::field::{Clip, Ledger, Manner, Options, Publisher, Sink};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(10);
const KEY: &str = "ab3de-abcdefghjkmnpqrstuvwxyz234";

struct Show {
    rig: Rig,
    sink: Sink,
    clip: Arc<Clip>,
}

impl Show {
    async fn live() -> Self {
        let clip = Clip::new(1_000).unwrap();
        let (rig, sink) = (Rig::new().await, Sink::start(&clip).unwrap());
        rig.go_live(vec![keyed_at(1, &format!("rtmp://{}/live", sink.address()), "a-target")]).await;
        Self { rig, sink, clip }
    }

    /// The meeting's cloud comes, from its address of this number.
    async fn comes(&self, source: u16, last: u8) -> Publisher {
        let from = Ipv4Addr::new(127, 0, 0, last).into();
        let options = Options { from, manner: Manner::Foreign, ..Options::of(source) };
        Publisher::start(self.rig.ingest, KEY, &self.clip, options).await.unwrap()
    }

    /// The target has its pictures, over the one connection that it has had all along.
    async fn arrives(&self, source: u16) {
        let frames = |ledger: &Ledger| ledger.account(source, 0).map_or(0, |account| account.received);
        let before = self.sink.look(frames);
        self.sink.until("its frames", SOON, |ledger| frames(ledger) > before + 20_000).await.unwrap();
        self.sink.look(|ledger| {
            assert_eq!((ledger.accepted, ledger.connections.len()), (1, 1), "no target notices");
            let faults = (ledger.strange, ledger.backwards, ledger.unready, ledger.torn, ledger.garbled);
            assert_eq!(faults, (0, 0, 0, 0, 0), "{:?}", ledger.first_fault);
        });
    }
}

#[tokio::test]
async fn a_meeting_that_connects_in_its_own_manner_is_sent_on_whole() {
    let show = Show::live().await;
    let meeting = show.comes(1, 1).await;
    show.arrives(1).await;
    meeting.goodbye().await;
    let sent = meeting.published().sent;
    show.sink.until("all of it", SOON, |ledger| ledger.received == sent).await.unwrap();
    let balance = Balance::of(&[&meeting], &show.sink.ledger(), None);
    assert_eq!((balance.difference, balance.dropped), (0, 0), "{balance}");
    show.rig.close().await;
}

#[tokio::test]
async fn a_meeting_that_returns_from_another_address_has_its_place_at_once_whether_its_old_connection_sends_or_not() {
    let show = Show::live().await;
    let first = show.comes(1, 1).await;
    show.arrives(1).await;
    // Lost without a word: here the connection still stands.
    first.vanish().await;
    let second = show.comes(2, 2).await;
    show.arrives(2).await;
    assert!(first.published().ended.is_none(), "the old connection was not told of anything");
    // And once more while it sends.
    let third = show.comes(3, 3).await;
    show.arrives(3).await;
    crate::bed::until("the old connection's end", SOON, || second.published().ended).await.unwrap();
    third.goodbye().await;
    show.rig.close().await;
}
