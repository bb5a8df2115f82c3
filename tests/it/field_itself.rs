//! The field kit judges relays, so it is judged first: what it sends decodes, and what it counts adds up.

use crate::bed::field::invariants::Balance;
use crate::bed::field::{AUDIO, Behaviour, Clip, Message, Options, Publisher, Sink, Stamp, VIDEO, chunked};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(10);

/// A publisher straight to a sink, no relay between.
#[tokio::test]
async fn what_a_publisher_sends_is_what_a_sink_counts() {
    let clip = Clip::new(1_000).unwrap();
    let sink = Sink::start(&clip).unwrap();
    let publisher = Publisher::start(sink.address(), "key", &clip, Options::of(1)).await.unwrap();
    publisher.pace(20.0).await;
    sink.until("two rounds", SOON, |ledger| ledger.received.frames > 600).await.unwrap();
    publisher.goodbye().await;
    sink.until("the end", SOON, |ledger| ledger.connections[0].ended.is_some()).await.unwrap();
    let (ledger, published) = (sink.ledger(), publisher.published());
    assert_eq!(ledger.received, published.sent);
    assert_eq!(
        (ledger.strange, ledger.backwards, ledger.unready, ledger.torn),
        (0, 0, 0, 0),
        "{:?}",
        ledger.first_fault
    );
    assert_eq!(ledger.headers.frames, 3);
    assert!(ledger.connections[0].ended.unwrap().1, "in order");
    let balance = Balance::of(&[&publisher], &ledger, None);
    assert_eq!((balance.difference, balance.dropped, balance.queued), (0, 0, 0), "{balance}");
    assert_eq!(Balance::of(&[&publisher], &ledger, Some(7)).difference, -7, "a relay that says it dropped");
}

/// A sink must see what a bad relay does.
#[tokio::test]
async fn a_sink_sees_what_is_torn_changed_and_said_again() {
    let clip = Clip::new(1_000).unwrap();
    let sink = Sink::start(&clip).unwrap();
    let publisher = Publisher::start(sink.address(), "key", &clip, Options::of(1)).await.unwrap();
    sink.until("a picture", SOON, |ledger| ledger.received.frames > 3).await.unwrap();
    publisher.only(Some(AUDIO)).await;
    let before = sink.ledger().received.frames;
    sink.until("sound", SOON, |ledger| ledger.received.frames > before + 3).await.unwrap();
    publisher.only(Some(VIDEO)).await;
    sink.until("a torn picture", SOON, |ledger| ledger.torn == 1).await.unwrap();
    publisher.jump(-500).await;
    sink.until("time that went back", SOON, |ledger| ledger.backwards == 1).await.unwrap();
    sink.behave(Behaviour::Down);
    crate::bed::until("the end", SOON, || publisher.published().ended).await.unwrap();
    assert!(Publisher::start(sink.address(), "key", &clip, Options::of(2)).await.is_err());
    let sink = Sink::start(&clip).unwrap();
    sink.behave(Behaviour::Refuse("NetStream.Publish.BadName", "not you"));
    let refused = Publisher::start(sink.address(), "key", &clip, Options::of(3)).await;
    assert_eq!(refused.unwrap_err().0, "NetStream.Publish.BadName: not you");
}

/// Pictures follow a keyframe before their encoder is gone, and the first repeat is filler as any other.
#[tokio::test]
async fn a_keyframe_once_more_behind_its_pictures_is_filler() {
    let clip = Clip::new(1_000).unwrap();
    let sink = Sink::start(&clip).unwrap();
    let publisher = Publisher::start(sink.address(), "key", &clip, Options::of(1)).await.unwrap();
    sink.until("some pictures", SOON, |ledger| ledger.received.frames > 10).await.unwrap();
    publisher.stall().await;
    let number = (0..).find(|number| clip.unit(*number).0.keyframe).unwrap();
    let payload = clip.payload(Stamp { source: 1, number, sent: 0 });
    let mut bytes = Vec::new();
    for timestamp in [2_000, 3_000] {
        let message = Message { kind: VIDEO, stream: 1, timestamp, payload: payload.clone() };
        chunked(&message, 6, 4096, &mut bytes);
    }
    publisher.send(bytes).await;
    sink.until("filler", SOON, |ledger| ledger.filler.frames == 2).await.unwrap();
    sink.look(|ledger| assert_eq!((ledger.strange, ledger.torn), (0, 0), "{:?}", ledger.first_fault));
}
