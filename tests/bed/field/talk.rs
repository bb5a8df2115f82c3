//! What both ends of a publish say before any media, and how.

use super::amf::{self, Value};
use super::wire::{COMMAND, Message, chunked};
use crate::bed::{Result, fault};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// A handshake's random part and its time, in bytes (RTMP 1.0, §5.2).
const HALF: usize = 1536;
/// The chunk size that needs no announcement.
pub const CHUNK: usize = 128;

/// Shakes hands as a server, with no digest: the old way, that everyone must know.
pub async fn serve<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> Result<()> {
    let mut theirs = vec![0; 1 + HALF];
    stream.read_exact(&mut theirs).await?;
    if theirs[0] != 3 {
        return fault(format!("a handshake of version {}", theirs[0]));
    }
    let mine = [&[3][..], &random(), &theirs[1..]].concat();
    stream.write_all(&mine).await?;
    stream.read_exact(&mut theirs[..HALF]).await?;
    Ok(())
}

/// Shakes hands as a client.
pub async fn greet<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> Result<()> {
    stream.write_all(&[&[3][..], &random()].concat()).await?;
    let mut theirs = vec![0; 1 + HALF];
    stream.read_exact(&mut theirs).await?;
    stream.write_all(&theirs[1..]).await?;
    stream.read_exact(&mut theirs[..HALF]).await?;
    Ok(())
}

/// Time 0, no version, and bytes that need not be random for anyone.
fn random() -> Vec<u8> {
    (0..HALF).map(|at| if at < 8 { 0 } else { (at * 7 + at / 251) as u8 }).collect()
}

/// A command.
pub fn command(stream: u32, name: &str, transaction: f64, rest: &[Value]) -> Message {
    let values = [&[Value::text(name), Value::Number(transaction)], rest].concat();
    Message { kind: COMMAND, stream, timestamp: 0, payload: amf::encode(&values) }
}

/// A status, as servers say what became of a publish.
pub fn status(level: &str, code: &str, words: &str) -> Message {
    let info = Value::object(&[("level", level), ("code", code), ("description", words)]);
    command(1, "onStatus", 0.0, &[Value::Null, info])
}

/// A protocol control message of one number (RTMP 1.0, §5.4).
pub fn control(kind: u8, number: u32) -> Message {
    Message { kind, stream: 0, timestamp: 0, payload: number.to_be_bytes().to_vec() }
}

/// Says these, in chunks of so many bytes.
pub async fn say<S: AsyncWrite + Unpin>(stream: &mut S, chunk: usize, messages: &[Message]) -> Result<()> {
    let mut bytes = Vec::new();
    for message in messages {
        chunked(message, if message.kind == COMMAND { 3 } else { 2 }, chunk, &mut bytes);
    }
    stream.write_all(&bytes).await?;
    stream.flush().await?;
    Ok(())
}
