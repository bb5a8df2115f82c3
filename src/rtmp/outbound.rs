//! Messages on their way out, other than media: control messages and commands, as bytes that wait for the socket.

use super::amf;
use super::chunk::{INITIAL_CHUNK_SIZE, encode};
use super::command::{COMMAND, text};
use super::fault::Fault;
use super::message::Message;
use rml_amf0::Amf0Value;
use rml_rtmp::messages::{PeerBandwidthLimitType, RtmpMessage, UserControlEventType};
use rml_rtmp::time::RtmpTimestamp;

/// Bytes that may wait for a peer that does not read its answers.
const MAX_WAITING: usize = 64 * 1024;
/// Room that is kept, in bytes, for acknowledgements: what a handshake took goes back.
const ROOM: usize = 64;

/// Chunk stream of control messages (§5.4).
const CONTROL_CHUNKS: u8 = 2;
/// Chunk stream of commands.
const COMMAND_CHUNKS: u8 = 3;

/// Message type of data in AMF0 (§7.1.2).
const DATA: u8 = 18;

/// Bytes of whole chunks, in order.
pub(super) struct Outbound {
    bytes: Vec<u8>,
    /// More waits than acknowledgements.
    urgent: bool,
    chunk_size: usize,
}

impl Outbound {
    pub(super) fn new() -> Self {
        Self { bytes: Vec::new(), urgent: false, chunk_size: INITIAL_CHUNK_SIZE }
    }

    /// What waits to be written.
    pub(super) fn waiting(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether more waits than acknowledgements: the peer may wait for it.
    pub(super) fn is_urgent(&self) -> bool {
        self.urgent
    }

    /// The first `count` bytes that waited are written.
    pub(super) fn advance(&mut self, count: usize) {
        self.bytes.drain(..count.min(self.bytes.len()));
        if self.bytes.is_empty() {
            self.clear();
        }
    }

    /// Nobody takes what waits.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(ROOM);
        self.urgent = false;
    }

    /// Takes bytes as they are, such as those of a handshake.
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Announces the size that later messages are cut to.
    pub(super) fn set_chunk_size(&mut self, size: u16) -> Result<(), Fault> {
        self.send(CONTROL_CHUNKS, 0, RtmpMessage::SetChunkSize { size: size.into() })?;
        self.chunk_size = size.into();
        Ok(())
    }

    /// How many bytes the peer may send before it wants an Acknowledgement (§5.4.4).
    pub(super) fn window(&mut self, size: u32) -> Result<(), Fault> {
        self.send(CONTROL_CHUNKS, 0, RtmpMessage::WindowAcknowledgement { size })
    }

    /// Limits what the peer sends unacknowledged (§5.4.5).
    pub(super) fn peer_bandwidth(&mut self, size: u32) -> Result<(), Fault> {
        let limit_type = PeerBandwidthLimitType::Dynamic;
        self.send(CONTROL_CHUNKS, 0, RtmpMessage::SetPeerBandwidth { size, limit_type })
    }

    /// Acknowledges bytes received so far, modulo 2^32 (§5.4.3).
    pub(super) fn acknowledge(&mut self, sequence_number: u32) -> Result<(), Fault> {
        let urgent = self.urgent;
        self.send(CONTROL_CHUNKS, 0, RtmpMessage::Acknowledgement { sequence_number })?;
        self.urgent = urgent;
        Ok(())
    }

    /// Answers a ping with its own timestamp (§7.1.7).
    pub(super) fn pong(&mut self, timestamp: u32) -> Result<(), Fault> {
        self.user_control(UserControlEventType::PingResponse, None, Some(timestamp))
    }

    /// Tells that a stream works (§7.1.7).
    pub(super) fn stream_begin(&mut self, stream: u32) -> Result<(), Fault> {
        self.user_control(UserControlEventType::StreamBegin, Some(stream), None)
    }

    /// Tells that nothing more comes on a stream (§7.1.7).
    pub(super) fn stream_eof(&mut self, stream: u32) -> Result<(), Fault> {
        self.user_control(UserControlEventType::StreamEof, Some(stream), None)
    }

    /// Tells how many milliseconds of a stream are buffered here (§7.1.7).
    pub(super) fn buffer_length(&mut self, stream: u32, length: u32) -> Result<(), Fault> {
        let (event_type, stream_id, buffer_length) =
            (UserControlEventType::SetBufferLength, Some(stream), Some(length));
        let message = RtmpMessage::UserControl { event_type, stream_id, buffer_length, timestamp: None };
        self.send(CONTROL_CHUNKS, 0, message)
    }

    /// A data message on message stream `stream` (§7.1.2).
    pub(super) fn data(&mut self, stream: u32, values: Vec<Amf0Value>) -> Result<(), Fault> {
        self.put(COMMAND_CHUNKS, Message { kind: DATA, stream, timestamp: 0, payload: amf::encode(&values).into() })
    }

    /// A command on message stream `stream`.
    pub(super) fn command(
        &mut self,
        stream: u32,
        name: &str,
        transaction_id: f64,
        command_object: Amf0Value,
        additional_arguments: Vec<Amf0Value>,
    ) -> Result<(), Fault> {
        let head = [text(name), Amf0Value::Number(transaction_id), command_object];
        let payload = [amf::encode(&head), amf::encode(&additional_arguments)].concat();
        self.put(COMMAND_CHUNKS, Message { kind: COMMAND, stream, timestamp: 0, payload: payload.into() })
    }

    /// `connect` (§7.2.1.1), its object in this order: that of encoders, which some servers may take for granted.
    pub(super) fn connect(&mut self, transaction_id: f64, fields: &[(&str, Amf0Value)]) -> Result<(), Fault> {
        let head = amf::encode(&[text("connect"), Amf0Value::Number(transaction_id)]);
        let payload = [head, amf::encode_object(fields)].concat();
        self.put(COMMAND_CHUNKS, Message { kind: COMMAND, stream: 0, timestamp: 0, payload: payload.into() })
    }

    fn user_control(
        &mut self,
        event_type: UserControlEventType,
        stream_id: Option<u32>,
        timestamp: Option<u32>,
    ) -> Result<(), Fault> {
        let timestamp = timestamp.map(RtmpTimestamp::new);
        let message = RtmpMessage::UserControl { event_type, stream_id, buffer_length: None, timestamp };
        self.send(CONTROL_CHUNKS, 0, message)
    }

    fn send(&mut self, chunks: u8, stream: u32, message: RtmpMessage) -> Result<(), Fault> {
        let encoded = message
            .into_message_payload(RtmpTimestamp::new(0), stream)
            .map_err(|_| Fault::protocol("a text is too long for AMF0"))?;
        self.put(chunks, Message { kind: encoded.type_id, stream, timestamp: 0, payload: encoded.data })
    }

    fn put(&mut self, chunks: u8, message: Message) -> Result<(), Fault> {
        encode(chunks, &message, self.chunk_size, &mut self.bytes);
        self.urgent = true;
        if self.bytes.len() > MAX_WAITING {
            return Err(Fault::protocol("the peer does not read its answers"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_of_a_handshake_goes_back_once_it_is_written() {
        let mut out = Outbound::new();
        out.raw(&[0; 3073]);
        out.advance(3000);
        assert_eq!(out.waiting(), [0; 73]);
        out.advance(73);
        assert!(out.waiting().is_empty() && out.bytes.capacity() <= ROOM, "{}", out.bytes.capacity());
    }
}
