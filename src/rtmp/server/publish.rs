//! From a stream of bytes to a publish request that somebody must judge.

use super::session::Session;
use super::source::Source;
use crate::rtmp::fault::Fault;
use crate::rtmp::handshake;
use crate::rtmp::link::Link;
use std::fmt;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

/// How long a refused encoder has to read why.
const LINGER: Duration = Duration::from_secs(2);
/// Bytes that it may still send meanwhile.
const LINGER_BYTES: usize = 1024 * 1024;

/// Characters of a refusal that are sent.
const MAX_DESCRIPTION_CHARS: usize = 512;

/// Shakes hands with an encoder and answers it up to its publish command. Has no timer of its own: the caller sets
/// the deadline.
///
/// # Errors
/// Why it did not come so far. No error carries anything that the peer sent.
pub async fn accept<S: AsyncRead + AsyncWrite + Unpin>(stream: S) -> Result<Publish<S>, Fault> {
    let mut link = Link::new(stream);
    let mut session = Session::new();
    let mut bytes = handshake::serve(&mut link).await?;
    let mut buf = [0; 4096];
    loop {
        if let Some(taken) = session.await_publish(&bytes, &mut link.out)? {
            bytes.drain(..taken);
            return Ok(Publish { link, session, rest: bytes });
        }
        let count = link.read(&mut buf).await?;
        if count == 0 {
            return Err(Fault::Closed);
        }
        bytes.clear();
        bytes.extend_from_slice(&buf[..count]);
    }
}

/// An encoder that wants to publish. Dropping it closes the connection without a word.
pub struct Publish<S> {
    link: Link<S>,
    session: Session,
    /// What came behind the publish command.
    rest: Vec<u8>,
}

/// Application and name may both hold a key, wherever its owner pasted it.
impl<S> fmt::Debug for Publish<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publish").field("encoder", &self.session.encoder()).finish_non_exhaustive()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Publish<S> {
    /// The application of the connect command, without slashes around it.
    pub fn app(&self) -> &str {
        self.session.app()
    }

    /// The publish name, verbatim: a secret.
    pub fn name(&self) -> &str {
        self.session.name()
    }

    /// What the encoder calls itself (`flashVer`): at most 64 characters, none of them control characters.
    pub fn encoder(&self) -> &str {
        self.session.encoder()
    }

    /// Says yes: `NetStream.Publish.Start`.
    ///
    /// # Errors
    /// An encoder that has not read the answers so far.
    pub async fn begin(mut self) -> Result<Source<S>, Fault> {
        self.session.start(&mut self.link.out)?;
        self.link.write_now();
        Ok(Source::new(self.link, self.session, self.rest))
    }

    /// Says no, in words that the encoder's user reads: `NetStream.Publish.Denied` with `description`. Ends within
    /// 2 s, when the encoder has read it and hung up, or has not.
    pub async fn reject(mut self, description: &str) {
        let description: String = description.chars().take(MAX_DESCRIPTION_CHARS).collect();
        if self.session.deny(&description, &mut self.link.out).is_ok() {
            // However it ends, the connection does.
            let _ = timeout(LINGER, self.link.finish(LINGER_BYTES)).await;
        }
    }
}
