//! A stream for those who stand beside the show, and keep, measure or show it: a reader of the log that is in no hurry, so
//! that it wakes seldom and nobody waits for it.

use crate::media::packet::Packet;
use crate::relay::fanout::{Bell, Reader};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// See the module's head.
pub struct Tap {
    reader: Reader,
    pace: Pace,
    /// Frames up to now that no publisher sent.
    filler: u64,
}

/// When it is time to take something.
#[derive(Clone)]
pub struct Pace {
    bell: Bell,
    /// The stream is.
    over: CancellationToken,
    every: Duration,
    /// When it is to be looked again.
    due: Instant,
}

impl Pace {
    /// Until it is time: about `every` since the last time, with what comes then, or as soon as a keyframe begins to come: what is
    /// before it is held in memory for nobody else then. True: the stream is over. Cancel safe.
    pub async fn rest(&mut self) -> bool {
        let time = async {
            tokio::select! {
                () = self.bell.due(self.due.into_std()) => {}
                () = self.bell.turn() => {}
                // Where nothing more comes. Where it does, no timer wakes anybody.
                () = sleep_until(self.due + self.every / 4) => {}
            }
        };
        let over = self.over.run_until_cancelled(time).await.is_none();
        self.due = Instant::now() + self.every;
        over
    }
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
        let pace = Pace { bell: reader.bell(), over, every, due: Instant::now() };
        Self { reader, pace, filler: 0 }
    }

    /// When to take something, for who has sent the tap elsewhere meanwhile.
    #[must_use]
    pub fn pace(&self) -> Pace {
        self.pace.clone()
    }

    /// What has come, when it is time. Nothing where the stream is over. Cancel safe.
    pub async fn next(&mut self) -> Option<Batch> {
        loop {
            let over = self.pace.rest().await;
            let batch = self.take(Instant::now());
            if over || !batch.packets.is_empty() {
                return Some(batch).filter(|batch| !batch.packets.is_empty());
            }
        }
    }

    /// What lies ready, if anything.
    pub fn take(&mut self, now: Instant) -> Batch {
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

    /// An encoder's.
    #[derive(Clone)]
    struct Flow {
        fanout: Arc<Fanout>,
        source: u64,
    }

    impl Flow {
        fn send(&self, kind: Kind, role: Role, payload: &'static [u8]) {
            let mut packets = vec![Packet { kind, role, timestamp: 0, payload: Bytes::from_static(payload) }];
            assert!(self.fanout.append(self.source, Instant::now().into_std(), &mut packets));
        }

        fn frame(&self, role: Role) {
            self.send(Kind::Video, role, b"\x17\x01\0\0\0 a frame");
        }
    }

    struct Stage {
        flow: Flow,
        over: CancellationToken,
        tap: Tap,
    }

    impl Stage {
        fn new() -> Self {
            let (fanout, over) = (Arc::<Fanout>::default(), CancellationToken::new());
            let tap = Tap::new(fanout.join(), over.clone(), EVERY);
            let flow = Flow { source: fanout.begin_source(), fanout };
            flow.send(Kind::Video, Role::SequenceHeader, b"\x17\0\0\0\0");
            Self { flow, over, tap }
        }

        async fn roles(&mut self) -> Vec<Role> {
            let batch = self.tap.next().await.unwrap();
            assert!(!batch.gap && !batch.filler);
            batch.packets.iter().map(|packet| packet.role).collect()
        }

        /// The same, while `later` is done after `time`; and after how long they came.
        async fn roles_while(&mut self, time: Duration, later: impl FnOnce(&Flow)) -> (Vec<Role>, Duration) {
            let (flow, began) = (self.flow.clone(), Instant::now());
            let doing = async {
                tokio::time::sleep(time).await;
                later(&flow);
            };
            let (roles, ()) = tokio::join!(self.roles(), doing);
            (roles, began.elapsed())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_there_comes_at_once_and_then_about_each_second_with_what_comes_and_before_each_keyframe() {
        let mut stage = Stage::new();
        stage.flow.frame(Role::Keyframe);
        let began = Instant::now();
        assert_eq!(stage.roles().await, [Role::SequenceHeader, Role::Keyframe]);
        assert_eq!(began.elapsed(), Duration::ZERO);
        stage.flow.frame(Role::Frame);
        let late = EVERY * 9 / 8;
        let came = stage.roles_while(late, |flow| flow.frame(Role::Frame)).await;
        assert_eq!(came, (vec![Role::Frame; 2], late), "no timer wakes anybody");
        stage.flow.frame(Role::Frame);
        let turn = |flow: &Flow| flow.fanout.await_keyframe(flow.source, Instant::now().into_std());
        assert_eq!(stage.roles_while(EVERY / 4, turn).await, (vec![Role::Frame], EVERY / 4));
        stage.flow.frame(Role::Frame);
        assert_eq!(stage.roles_while(EVERY, |_| {}).await, (vec![Role::Frame], EVERY * 5 / 4), "nothing more comes");
    }

    #[tokio::test(start_paused = true)]
    async fn silence_brings_nothing_and_the_end_of_the_stream_ends_it_behind_what_lies_ready() {
        let mut stage = Stage::new();
        stage.flow.frame(Role::Keyframe);
        stage.roles().await;
        assert!(tokio::time::timeout(EVERY * 3_600, stage.tap.next()).await.is_err());
        stage.flow.frame(Role::Frame);
        stage.over.cancel();
        assert_eq!(stage.roles().await, [Role::Frame]);
        assert!(stage.tap.next().await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn another_codec_goes_on_behind_its_header() {
        let mut stage = Stage::new();
        stage.flow.frame(Role::Keyframe);
        stage.roles().await;
        stage.flow.frame(Role::Frame);
        stage.flow.send(Kind::Video, Role::SequenceHeader, b"\x90hvc1\0");
        stage.flow.send(Kind::Video, Role::Keyframe, b"\x91hvc1\0\0\0 a frame");
        let roles = [Role::Frame, Role::SequenceHeader, Role::Keyframe];
        assert_eq!(stage.roles().await, roles);
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_too_slowly_is_told_of_the_gap() {
        let mut stage = Stage::new();
        stage.flow.frame(Role::Keyframe);
        stage.roles().await;
        stage.flow.frame(Role::Frame);
        tokio::time::advance(Duration::from_secs(5)).await;
        stage.flow.frame(Role::Keyframe);
        let batch = stage.tap.next().await.unwrap();
        assert!(batch.gap);
        assert_eq!(batch.packets.iter().map(|packet| packet.role).collect::<Vec<_>>(), [Role::Keyframe]);
    }
}
