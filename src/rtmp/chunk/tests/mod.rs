//! The reader and the writer against a model of the specification, against `rml_rtmp`, and against hostile peers.

mod hostile;
mod model;
mod peer;
mod properties;

use super::{ChunkFault, ChunkReader, Limits};
use crate::rtmp::message::Message;

/// Has `reader` read `bytes`, one read.
fn feed(reader: &mut ChunkReader, mut bytes: &[u8], out: &mut Vec<Message>) -> Result<(), ChunkFault> {
    while let Some(message) = reader.next(&mut bytes)? {
        out.push(message);
    }
    assert!(bytes.is_empty(), "it takes all");
    Ok(())
}

/// Everything that `wire` holds, read in the given parts.
fn read<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<Message>, ChunkFault> {
    let (mut reader, mut messages) = (ChunkReader::new(Limits::AFTER_PUBLISH), Vec::new());
    for part in parts {
        feed(&mut reader, part, &mut messages)?;
    }
    Ok(messages)
}
