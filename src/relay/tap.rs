//! A stream for those who stand beside the show, and keep, measure or show it: a reader of the log that is in no hurry, so
//! that it wakes seldom and nobody waits for it.

use crate::media::packet::Packet;
use crate::relay::fanout::Reader;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// See the module's head.
pub struct Tap {
    reader: Reader,
    /// The stream is.
    over: CancellationToken,
    every: Duration,
    /// When it is to be looked again.
    due: Instant,
    /// Frames up to now that no publisher sent.
    filler: u64,
}

/// What came since the last one.
#[derive(Debug, Default)]
pub struct Batch {
    /// In the order in which targets get them; the first of all are headers and a keyframe, if there is one. Extra tracks
    /// are left out.
    pub packets: Vec<Packet>,
    /// Some of it was repeated in the absence of an encoder.
    pub filler: bool,
    /// Some before it was passed over: whoever takes these was too slow.
    pub gap: bool,
}

impl Tap {
    pub(super) fn new(reader: Reader, over: CancellationToken, every: Duration) -> Self {
        Self { reader, over, every, due: Instant::now(), filler: 0 }
    }

    /// What has come, about each `every`, and as soon as a keyframe begins to come: what is before it is held in memory for
    /// nobody else then. Nothing where the stream is over. Cancel safe.
    pub async fn next(&mut self) -> Option<Batch> {
        loop {
            let over = self.rest().await;
            let batch = self.take(Instant::now());
            if over || !batch.packets.is_empty() {
                return Some(batch).filter(|batch| !batch.packets.is_empty());
            }
        }
    }

    /// Until it is time for what [`Self::next`] brings. True: the stream is over, and what lies ready is its end. Cancel safe.
    pub async fn rest(&self) -> bool {
        let news = async {
            tokio::select! {
                () = sleep_until(self.due) => {}
                () = self.reader.turn() => {}
            }
            self.reader.wait().await;
        };
        self.over.run_until_cancelled(news).await.is_none()
    }

    /// What lies ready, if anything.
    pub fn take(&mut self, now: Instant) -> Batch {
        self.due = now + self.every;
        let mut batch = Batch::default();
        loop {
            let taken = self.reader.take(now.into_std(), usize::MAX, &mut batch.packets);
            let filler = taken.ledger.filler.frames;
            batch.filler |= filler > self.filler;
            batch.gap |= taken.overflowed;
            self.filler = filler;
            if taken.ended {
                // Another codec goes on in a connection of its own, whose count begins anew.
                self.reader.follow();
                self.filler = 0;
            } else if !taken.more {
                return batch;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::packet::{Kind, Role};
    use crate::relay::fanout::Fanout;
    use bytes::Bytes;
    use std::sync::Arc;

    const EVERY: Duration = Duration::from_secs(1);

    struct Stage {
        fanout: Arc<Fanout>,
        source: u64,
        over: CancellationToken,
        tap: Tap,
    }

    impl Stage {
        fn new() -> Self {
            let (fanout, over) = (Arc::<Fanout>::default(), CancellationToken::new());
            let source = fanout.begin_source();
            let tap = Tap::new(fanout.join(), over.clone(), EVERY);
            let stage = Self { fanout, source, over, tap };
            stage.send(Kind::Video, Role::SequenceHeader, b"\x17\0\0\0\0");
            stage
        }

        fn send(&self, kind: Kind, role: Role, payload: &'static [u8]) {
            let mut packets = vec![Packet { kind, role, timestamp: 0, payload: Bytes::from_static(payload) }];
            assert!(self.fanout.append(self.source, Instant::now().into_std(), &mut packets));
        }

        fn frame(&self, role: Role) {
            self.send(Kind::Video, role, b"\x17\x01\0\0\0 a frame");
        }

        async fn roles(&mut self) -> Vec<Role> {
            let batch = self.tap.next().await.unwrap();
            assert!(!batch.gap && !batch.filler);
            batch.packets.iter().map(|packet| packet.role).collect()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_there_comes_at_once_and_then_in_pieces_of_a_second_and_before_each_keyframe() {
        let mut stage = Stage::new();
        stage.frame(Role::Keyframe);
        let began = Instant::now();
        assert_eq!(stage.roles().await, [Role::SequenceHeader, Role::Keyframe]);
        assert_eq!(began.elapsed(), Duration::ZERO);
        stage.frame(Role::Frame);
        stage.frame(Role::Frame);
        assert_eq!(stage.roles().await, [Role::Frame; 2]);
        assert_eq!(began.elapsed(), EVERY);
        stage.frame(Role::Frame);
        let (fanout, source) = (Arc::clone(&stage.fanout), stage.source);
        let turn = async {
            tokio::time::sleep(EVERY / 4).await;
            fanout.await_keyframe(source, Instant::now().into_std());
        };
        let (roles, ()) = tokio::join!(stage.roles(), turn);
        assert_eq!((roles, began.elapsed()), (vec![Role::Frame], EVERY * 5 / 4));
    }

    #[tokio::test(start_paused = true)]
    async fn silence_wakes_nobody_and_the_end_of_the_stream_ends_it_behind_what_lies_ready() {
        let mut stage = Stage::new();
        stage.frame(Role::Keyframe);
        stage.roles().await;
        assert!(tokio::time::timeout(EVERY * 3_600, stage.tap.next()).await.is_err());
        stage.frame(Role::Frame);
        stage.over.cancel();
        assert_eq!(stage.roles().await, [Role::Frame]);
        assert!(stage.tap.next().await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn another_codec_goes_on_behind_its_header() {
        let mut stage = Stage::new();
        stage.frame(Role::Keyframe);
        stage.roles().await;
        stage.frame(Role::Frame);
        stage.send(Kind::Video, Role::SequenceHeader, b"\x90hvc1\0");
        stage.send(Kind::Video, Role::Keyframe, b"\x91hvc1\0\0\0 a frame");
        let roles = [Role::Frame, Role::SequenceHeader, Role::Keyframe];
        assert_eq!(stage.roles().await, roles);
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_too_slowly_is_told_of_the_gap() {
        let mut stage = Stage::new();
        stage.frame(Role::Keyframe);
        stage.roles().await;
        stage.frame(Role::Frame);
        tokio::time::advance(Duration::from_secs(5)).await;
        stage.frame(Role::Keyframe);
        let batch = stage.tap.next().await.unwrap();
        assert!(batch.gap);
        assert_eq!(batch.packets.iter().map(|packet| packet.role).collect::<Vec<_>>(), [Role::Keyframe]);
    }
}
