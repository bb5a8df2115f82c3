//! The newest of a stream, for somebody who wants to see it: the headers and the pictures at hand, and no more.

use crate::media::packet::{Kind, Packet, Role};
use crate::media::timeline::step;
use crate::relay::fanout::Reader;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Less of a show says nothing of how it moves and sounds, in ms.
const ENOUGH: i32 = 1_000;
/// How long that much is waited for.
const PATIENCE: Duration = Duration::from_millis(1_100);

/// Takes what a late joiner would be given, and waits until that is worth looking at, 1.1 s at most. Where no picture could
/// begin by then, there is none in it.
pub(super) async fn look(reader: &Reader) -> Vec<Packet> {
    let deadline = Instant::now() + PATIENCE;
    let mut packets = Vec::new();
    loop {
        let taken = reader.take(Instant::now().into_std(), usize::MAX, &mut packets);
        if taken.ended || lasts(&packets) >= ENOUGH || timeout_at(deadline, reader.wait()).await.is_err() {
            return packets;
        }
    }
}

/// For how long its picture goes on, in ms.
fn lasts(packets: &[Packet]) -> i32 {
    let first = packets.iter().find(|packet| packet.role == Role::Keyframe);
    let last = packets
        .iter()
        .rfind(|packet| packet.kind == Kind::Video && matches!(packet.role, Role::Keyframe | Role::Frame));
    first.zip(last).map_or(0, |(first, last)| step(last.timestamp, first.timestamp))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relay::fanout::Fanout;
    use bytes::Bytes;
    use std::sync::Arc;

    fn packet(kind: Kind, role: Role, timestamp: u32) -> Packet {
        Packet { kind, role, timestamp, payload: Bytes::from_static(&[0; 100]) }
    }

    /// So many pictures of 40 ms from `from` on, the first one a keyframe.
    fn send(fanout: &Fanout, source: u64, from: u32, count: u32) {
        for number in 0..count {
            let role = if number == 0 { Role::Keyframe } else { Role::Frame };
            let mut packets = vec![packet(Kind::Video, role, from + number * 40)];
            assert!(fanout.append(source, Instant::now().into_std(), &mut packets));
        }
    }

    fn begin() -> (Arc<Fanout>, u64) {
        let fanout = Arc::<Fanout>::default();
        let source = fanout.begin_source();
        let mut headers = vec![packet(Kind::Video, Role::SequenceHeader, 0)];
        assert!(fanout.append(source, Instant::now().into_std(), &mut headers));
        (fanout, source)
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_at_hand_is_given_at_once_behind_its_headers_and_begins_with_a_keyframe() {
        let (fanout, source) = begin();
        send(&fanout, source, 0, 25);
        send(&fanout, source, 1_000, 30);
        let began = Instant::now();
        let seen = look(&fanout.join()).await;
        assert_eq!(began.elapsed(), Duration::ZERO);
        let roles: Vec<_> = seen.iter().map(|packet| packet.role).collect();
        assert_eq!(roles[..3], [Role::SequenceHeader, Role::Keyframe, Role::Frame]);
        assert_eq!((seen[1].timestamp, seen.len()), (1_000, 31), "the newest group");
    }

    #[tokio::test(start_paused = true)]
    async fn what_has_just_begun_is_waited_for_across_keyframes_and_not_for_longer_than_a_moment() {
        let (fanout, source) = begin();
        send(&fanout, source, 0, 5);
        let began = Instant::now();
        let goes_on = async {
            for second in 1..10 {
                tokio::time::sleep(Duration::from_millis(400)).await;
                send(&fanout, source, second * 400, 10);
            }
        };
        let reader = fanout.join();
        let seen = tokio::select! {
            seen = look(&reader) => seen,
            () = goes_on => panic!("it waits for ever"),
        };
        assert!(lasts(&seen) >= ENOUGH, "{} ms", lasts(&seen));
        assert!(began.elapsed() <= PATIENCE);
        let (silent, _) = begin();
        let began = Instant::now();
        let seen = look(&silent.join()).await;
        assert!(seen.iter().all(|packet| packet.role == Role::SequenceHeader), "{seen:?}");
        assert_eq!(began.elapsed(), PATIENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn who_looks_leaves_nothing_behind() {
        let (fanout, source) = begin();
        send(&fanout, source, 0, 30);
        let reader = fanout.join();
        look(&reader).await;
        drop(reader);
        send(&fanout, source, 1_200, 30);
        assert_eq!(look(&fanout.join()).await.len(), 31, "the group before is let go of");
    }
}
