//! What a driver keeps of one target of its broadcast, over all its connections.

use crate::domain::rtmp_url::PushPoint;
use crate::domain::status::{PushFailure, TargetStatus};
use crate::relay::meter::{PushMeter, Rate};
use crate::relay::push::Reins;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// See the module's head.
pub(super) struct Lane {
    /// Where its next connection goes.
    pub(super) point: PushPoint,
    /// See [`PlannedTarget`](super::report::PlannedTarget).
    pub(super) takes: Vec<&'static str>,
    pub(super) key_over: bool,
    /// The codec for which it was not dialled.
    barred: Option<&'static str>,
    pub(super) meter: Arc<PushMeter>,
    rate: Rate,
    kbps: u32,
    /// Ends the connection of this number; the value says whether with a goodbye.
    close: Option<(u64, oneshot::Sender<bool>)>,
    /// As long as it is held, the newest connection is dialled when the host has room, and no earlier.
    patience: Option<oneshot::Sender<Infallible>>,
}

impl Lane {
    pub(super) fn new(point: PushPoint) -> Self {
        Self {
            point,
            takes: Vec::new(),
            key_over: false,
            barred: None,
            meter: Arc::default(),
            rate: Rate::default(),
            kbps: 0,
            close: None,
            patience: None,
        }
    }

    /// A connection is made: dialled when the host has room or [`Lane::hurry`] says so, ended by [`Lane::close`].
    pub(super) fn open(&mut self, connection: u64) -> Reins {
        let ((close, closed), (patience, hurry)) = (oneshot::channel(), oneshot::channel());
        (self.close, self.patience) = (Some((connection, close)), Some(patience));
        Reins { hurry, close: closed }
    }

    /// Somebody waits for the connection: if it has not been dialled yet, it is at once.
    pub(super) fn hurry(&mut self) {
        self.patience = None;
    }

    /// Why it need not be dialled for a stream with pictures in `codec`, if it need not.
    pub(super) fn bar(&mut self, codec: Option<&'static str>) -> Option<PushFailure> {
        if self.key_over {
            return Some(PushFailure::KeyOver);
        }
        // Without a source, the last one's pictures are repeated.
        self.barred = codec.or(self.barred).filter(|codec| !self.takes.is_empty() && !self.takes.contains(codec));
        self.barred.map(PushFailure::Codec)
    }

    /// Whether it was not dialled for the picture's codec.
    pub(super) fn is_barred(&self) -> bool {
        self.barred.is_some()
    }

    /// Ends a connection, if it is the one that stands.
    pub(super) fn close(&mut self, connection: u64, goodbye: bool) {
        if let Some((_, close)) = self.close.take_if(|(of, _)| *of == connection) {
            // It may have failed this moment, and be gone.
            let _ = close.send(goodbye);
        }
    }

    /// Ends whichever connection stands, with a goodbye, and says which.
    pub(super) fn leave(&mut self) -> Option<u64> {
        let (connection, close) = self.close.take()?;
        let _ = close.send(true);
        Some(connection)
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
