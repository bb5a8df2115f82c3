//! A connection that takes media, fed from its place in the log: by its own task, or, while its target keeps up, by the
//! publisher's.

use crate::domain::status::{Loss, PushFailure};
use crate::relay::fanout::{Loan, Reader};
use crate::relay::loan::{Lent, Load};
use crate::relay::log::Taken;
use crate::rtmp::transport::Stream;
use crate::rtmp::{Sink, Step};
use std::time::Instant;

/// See the module's head.
pub(super) struct Feed {
    sink: Sink<Stream>,
    hand: Hand,
    /// Something may lie ready.
    ready: bool,
    reader: Reader,
}

/// Who takes from the log and writes.
enum Hand {
    Own(Load),
    Lent(Loan),
    /// Neither, for a moment.
    Moving,
}

impl Feed {
    pub(super) fn new(sink: Sink<Stream>, reader: Reader, load: Load) -> Self {
        Self { sink, hand: Hand::Own(load), ready: true, reader }
    }

    /// Whether the target takes all that it is sent.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self.hand, Hand::Lent(_)) || self.sink.is_empty()
    }

    /// Takes what lies ready, if all that was taken before has been sent.
    pub(super) fn fill(&mut self, now: Instant) -> Option<Taken> {
        let Hand::Own(load) = &mut self.hand else { return None };
        if !self.ready || !self.sink.is_empty() {
            return None;
        }
        let taken = self.reader.fill(now, load);
        self.ready = taken.more;
        self.sink.queue(&mut load.batch);
        Some(taken)
    }

    /// Has the publisher's task write from here on, if nothing is left to be written.
    pub(super) fn lend(&mut self) {
        if self.ready || !matches!(self.hand, Hand::Own(_)) {
            return;
        }
        let Some(express) = self.sink.lend() else { return };
        if let Hand::Own(load) = std::mem::replace(&mut self.hand, Hand::Moving) {
            match self.reader.lend(Box::new(Lent { load, express })) {
                Ok(loan) => self.hand = Hand::Lent(loan),
                Err(lent) => {
                    self.take_back(*lent);
                    self.ready = false;
                }
            }
        }
    }

    /// Waits for whichever is first: something was written by this task, the target said something, or there is more to
    /// be taken. Cancel safe.
    pub(super) async fn step(&mut self) -> Result<Step, PushFailure> {
        match &mut self.hand {
            Hand::Own(load) => {
                let idle = self.sink.is_empty();
                if idle && self.ready {
                    // A loan came too late: what was appended before it is to be taken.
                    return Ok(Step::Heard);
                }
                tokio::select! {
                    biased;
                    step = self.sink.step() => {
                        if let Ok(Step::Wrote(bytes)) = step {
                            load.wrote(bytes);
                        }
                        step
                    }
                    () = self.reader.wait(), if idle => {
                        self.ready = true;
                        Ok(Step::Heard)
                    }
                }
            }
            Hand::Lent(loan) => tokio::select! {
                biased;
                lent = loan.returned() => {
                    self.take_back(*lent.ok_or(PushFailure::Lost(Loss::Internal))?);
                    // Up to now it took all.
                    Ok(Step::Wrote(0))
                }
                step = self.sink.step() => {
                    if self.sink.has_answers() {
                        self.recall();
                    }
                    step
                }
            },
            Hand::Moving => Err(PushFailure::Lost(Loss::Internal)),
        }
    }

    /// Sends what lies ready.
    pub(super) async fn drain(&mut self) -> Result<(), PushFailure> {
        self.recall();
        loop {
            while !self.sink.is_empty() {
                self.step().await?;
            }
            self.ready = true;
            self.fill(Instant::now());
            if self.sink.is_empty() {
                return Ok(());
            }
        }
    }

    /// See [`Sink::forsake`].
    pub(super) fn forsake(&mut self) {
        self.sink.forsake();
    }

    /// See [`Sink::take_reconnect`].
    pub(super) fn take_reconnect(&mut self) -> Option<String> {
        self.sink.take_reconnect()
    }

    /// Ends before the next keyframe.
    pub(super) fn part(&mut self) {
        self.recall();
        self.reader.part();
    }

    /// Goes on over another connection: this one's sink, to be left, and the place in the log for the next one.
    pub(super) fn follow(mut self) -> (Sink<Stream>, Reader) {
        self.recall();
        self.reader.follow();
        (self.sink, self.reader)
    }

    /// See [`Sink::goodbye`].
    pub(super) async fn goodbye(mut self) {
        self.recall();
        self.sink.goodbye().await;
    }

    fn recall(&mut self) {
        if let Hand::Lent(loan) = &mut self.hand
            && let Some(lent) = loan.recall()
        {
            self.take_back(*lent);
        }
    }

    fn take_back(&mut self, Lent { load, express }: Lent) {
        self.sink.take_back(express);
        self.hand = Hand::Own(load);
        self.ready = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::packet::{Kind, Packet, Role};
    use crate::relay::fanout::Fanout;
    use crate::relay::meter::PushMeter;
    use crate::rtmp::{self, Request};
    use bytes::Bytes;
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::net::{TcpListener, TcpStream};
    use tokio::time::timeout;

    fn packet(role: Role) -> Vec<Packet> {
        vec![Packet { kind: Kind::Video, role, timestamp: 0, payload: Bytes::from_static(b"\x17\x01\0\0\0") }]
    }

    /// A connection to a target, and the target's end of it.
    async fn connection() -> (Sink<Stream>, rtmp::Source<Stream>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = async {
            let (tcp, _) = listener.accept().await.unwrap();
            rtmp::accept(Stream::from(tcp)).await.unwrap().begin().await.unwrap()
        };
        let client = async {
            let tcp = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            let request = Request { app: "live", tc_url: "rtmp://127.0.0.1/live", name: "a-key" };
            rtmp::connect(Stream::from(tcp), &request).await.unwrap().publish().await.unwrap()
        };
        let (source, sink) = tokio::join!(server, client);
        (sink, source)
    }

    /// Sends a keyframe, and has nothing left to send.
    async fn begun(fanout: &Arc<Fanout>, source: u64, sink: Sink<Stream>, meter: Arc<PushMeter>) -> Feed {
        let mut feed = Feed::new(sink, fanout.join(), Load::new(meter));
        fanout.append(source, Instant::now(), &mut packet(Role::Keyframe));
        assert_eq!(feed.fill(Instant::now()).unwrap().ledger.sent.frames, 1);
        while !feed.is_empty() {
            feed.step().await.unwrap();
        }
        feed
    }

    #[tokio::test]
    async fn what_is_appended_right_before_a_loan_is_sent_at_once() {
        let (sink, _target) = connection().await;
        let fanout = Arc::<Fanout>::default();
        let source = fanout.begin_source();
        let mut feed = begun(&fanout, source, sink, Arc::default()).await;
        fanout.append(source, Instant::now(), &mut packet(Role::Frame));
        feed.lend();
        timeout(Duration::from_secs(5), feed.step()).await.expect("waits for more").unwrap();
        assert_eq!(feed.fill(Instant::now()).unwrap().ledger.sent.frames, 2);
    }

    #[tokio::test]
    async fn what_lent_hands_wrote_is_in_the_meters_when_somebody_asks_and_when_they_are_given_back() {
        let (sink, _target) = connection().await;
        let (fanout, meter) = (Arc::<Fanout>::default(), Arc::<PushMeter>::default());
        let source = fanout.begin_source();
        let mut feed = begun(&fanout, source, sink, Arc::clone(&meter)).await;
        // A message header and five bytes each.
        let counts = |frames: u64| (frames * 5, frames * (12 + 5));
        let counted = || (meter.sent.get(), meter.wire.get());
        feed.lend();
        fanout.append(source, Instant::now(), &mut packet(Role::Frame));
        fanout.tell();
        assert_eq!(counted(), counts(2));
        fanout.append(source, Instant::now(), &mut packet(Role::Frame));
        drop(feed);
        assert_eq!(counted(), counts(3));
        fanout.tell();
        assert_eq!(counted(), counts(3));
    }
}
