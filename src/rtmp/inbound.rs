//! What both ends do alike with what comes in: chunks to messages, acknowledgements, pings.

use super::chunk::{ChunkReader, Limits};
use super::fault::Fault;
use super::message::Message;
use super::outbound::Outbound;

/// At most one Acknowledgement for so many bytes, however small a window the peer asks for.
const MIN_ACK_BYTES: u32 = 64 * 1024;

/// The window where the peer names none.
const DEFAULT_WINDOW: u32 = 1024 * 1024;

/// Pings answered of one read. Who waits for answers sends one.
const PINGS_ANSWERED: u32 = 10;
/// More in one read are a flood. A connection that was held up brings as many seconds' pings at once.
const PINGS_PER_READ: u32 = 50;

const ACKNOWLEDGEMENT: u8 = 3;
const USER_CONTROL: u8 = 4;
const WINDOW_SIZE: u8 = 5;
const PING: [u8; 2] = [0, 6];

/// The receiving half of a session, without I/O.
pub(super) struct Inbound {
    chunks: ChunkReader,
    /// Bytes received, modulo 2^32: what an Acknowledgement says.
    received: u32,
    unacknowledged: u32,
    window: u32,
    /// Of the last read.
    pings: u32,
}

/// What a message means to both ends alike.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Control {
    /// The peer has received so much.
    Acknowledged,
    /// Protocol control, dealt with.
    Done,
    /// Not a control message.
    Other,
}

impl Inbound {
    pub(super) fn new(limits: Limits) -> Self {
        Self { chunks: ChunkReader::new(limits), received: 0, unacknowledged: 0, window: DEFAULT_WINDOW, pings: 0 }
    }

    pub(super) fn set_limits(&mut self, limits: Limits) {
        self.chunks.set_limits(limits);
    }

    /// The next message that `bytes`, one read, make whole; takes of them what it reads. At their end acknowledges where that
    /// is due.
    pub(super) fn next(&mut self, bytes: &mut &[u8], out: &mut Outbound) -> Result<Option<Message>, Fault> {
        let before = bytes.len();
        let message = self.chunks.next(bytes)?;
        let count = u32::try_from(before - bytes.len()).unwrap_or(u32::MAX);
        self.received = self.received.wrapping_add(count);
        self.unacknowledged = self.unacknowledged.saturating_add(count);
        if message.is_none() {
            self.pings = 0;
            // Half a window early, so that a peer that waits at its full window never does.
            if self.unacknowledged >= (self.window / 2).max(MIN_ACK_BYTES) {
                self.unacknowledged = 0;
                out.acknowledge(self.received)?;
            }
        }
        Ok(message)
    }

    /// See [`ChunkReader::begun`].
    pub(super) fn begun(&self) -> impl Iterator<Item = (u8, &[u8])> {
        self.chunks.begun()
    }

    /// The peer may wait for what waits in `out`: an answer, or an acknowledgement that was due a quarter of the
    /// window ago.
    pub(super) fn is_urgent(&self, out: &Outbound) -> bool {
        out.is_urgent() || self.unacknowledged >= self.window / 4
    }

    /// Obeys `message` where it is a control message (types 1 to 6). None is ever too short or too strange: what is
    /// not understood is left alone. A flood of pings is a fault.
    pub(super) fn control(&mut self, message: &Message, out: &mut Outbound) -> Result<Control, Fault> {
        match message.kind {
            ACKNOWLEDGEMENT => return Ok(Control::Acknowledged),
            WINDOW_SIZE => {
                if let Some(window) = message.payload.first_chunk() {
                    self.window = u32::from_be_bytes(*window);
                }
            }
            USER_CONTROL => {
                if let Some(time) = message.payload.strip_prefix(&PING).and_then(|rest| rest.first_chunk()) {
                    self.pings += 1;
                    match self.pings {
                        1..=PINGS_ANSWERED => out.pong(u32::from_be_bytes(*time))?,
                        ..=PINGS_PER_READ => {}
                        _ => return Err(Fault::protocol("a flood of pings")),
                    }
                }
            }
            1..=6 => {}
            _ => return Ok(Control::Other),
        }
        Ok(Control::Done)
    }
}
