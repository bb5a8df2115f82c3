//! What a driver keeps of one target of its broadcast, over all its connections.

use crate::domain::rtmp_url::PushPoint;
use crate::domain::status::TargetStatus;
use crate::relay::meter::Rate;
use crate::relay::push::PushMeter;
use std::sync::Arc;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// See the module's head.
pub(super) struct Lane {
    /// Where its next connection goes.
    pub(super) point: PushPoint,
    pub(super) meter: Arc<PushMeter>,
    rate: Rate,
    kbps: u32,
    /// Ends the connection of this number; the value says whether with a goodbye.
    close: Option<(u64, oneshot::Sender<bool>)>,
}

impl Lane {
    pub(super) fn new(point: PushPoint) -> Self {
        Self { point, meter: Arc::default(), rate: Rate::default(), kbps: 0, close: None }
    }

    /// A connection is made; it ends when the receiver says so.
    pub(super) fn open(&mut self, connection: u64) -> oneshot::Receiver<bool> {
        let (close, closed) = oneshot::channel();
        self.close = Some((connection, close));
        closed
    }

    /// Ends a connection, if it is the one that stands.
    pub(super) fn close(&mut self, connection: u64, goodbye: bool) {
        if let Some((_, close)) = self.close.take_if(|(of, _)| *of == connection) {
            // It may have failed this moment, and be gone.
            let _ = close.send(goodbye);
        }
    }

    /// A connection has ended by itself.
    pub(super) fn failed(&mut self, connection: u64) {
        self.close.take_if(|(of, _)| *of == connection);
    }

    /// Measures the rate.
    pub(super) fn look(&mut self, now: Instant) {
        self.kbps = self.rate.look(now, self.meter.wire.get());
    }

    /// Adds what was counted to what was decided.
    pub(super) fn fill(&self, status: &mut TargetStatus) {
        status.kbps = self.kbps;
        status.sent_bytes = self.meter.sent.get();
        status.dropped_frames = self.meter.dropped_frames.get();
        status.dropped_bytes = self.meter.dropped_bytes.get();
    }
}
