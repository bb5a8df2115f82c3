//! Entry points for `benches/`: the chunk reader and the media writer, without a socket.

use super::chunk::{ChunkReader, Limits};
pub use super::client::MediaWriter;

/// Reads a publisher's chunks.
pub struct Reader {
    reader: ChunkReader,
}

impl Default for Reader {
    fn default() -> Self {
        Self { reader: ChunkReader::new(Limits::AFTER_PUBLISH) }
    }
}

impl Reader {
    /// Takes `bytes`; the payload bytes of the messages that they complete. `None`: they are no RTMP.
    pub fn read(&mut self, mut bytes: &[u8]) -> Option<usize> {
        let mut sum = 0_usize;
        while let Some(message) = self.reader.next(&mut bytes).ok()? {
            sum = sum.saturating_add(message.payload.len());
        }
        Some(sum)
    }
}
