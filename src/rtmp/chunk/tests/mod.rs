//! The reader and the writer against a model of the specification, against `rml_rtmp`, and against hostile peers.

mod hostile;
mod model;
mod peer;
mod properties;

use super::{ChunkFault, ChunkReader, Limits};
use crate::rtmp::message::Message;

/// Everything that `wire` holds, read in the given parts.
fn read<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<Message>, ChunkFault> {
    let (mut reader, mut messages) = (ChunkReader::new(Limits::AFTER_PUBLISH), Vec::new());
    for part in parts {
        reader.read(part, &mut messages)?;
    }
    Ok(messages)
}
