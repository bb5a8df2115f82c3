//! Entry points for `benches/`: the chunk reader and the media writer, without a socket.

use super::chunk::{ChunkReader, Limits};
pub use super::client::MediaWriter;
use super::message::Message;

/// Reads a publisher's chunks.
pub struct Reader {
    reader: ChunkReader,
    messages: Vec<Message>,
}

impl Default for Reader {
    fn default() -> Self {
        Self { reader: ChunkReader::new(Limits::AFTER_PUBLISH), messages: Vec::new() }
    }
}

impl Reader {
    /// Takes `bytes`; the payload bytes of the messages that they complete. `None`: they are no RTMP.
    pub fn read(&mut self, bytes: &[u8]) -> Option<usize> {
        self.messages.clear();
        self.reader.read(bytes, &mut self.messages).ok()?;
        Some(self.messages.iter().map(|message| message.payload.len()).sum())
    }
}
