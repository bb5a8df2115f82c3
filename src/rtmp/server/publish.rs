//! From a stream of bytes to a request to publish or to play, which somebody must judge.

use super::session::{Judge, Session, What};
use super::source::Source;
use crate::rtmp::client::Sink;
use crate::rtmp::fault::Fault;
use crate::rtmp::handshake::{self, Marks};
use crate::rtmp::link::Link;
use std::fmt;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

/// How long who is refused has to read why.
const LINGER: Duration = Duration::from_secs(2);
/// Bytes that they may still send meanwhile.
const LINGER_BYTES: usize = 1024 * 1024;

/// Characters of a refusal that are sent.
const MAX_DESCRIPTION_CHARS: usize = 512;

/// What somebody wants who has connected.
#[derive(Debug)]
pub enum Asks<S> {
    /// An encoder wants to publish.
    Publish(Publish<S>),
    /// A player wants to play.
    Play(Play<S>),
}

/// Shakes hands with who has connected and answers them up to their publish or play command. Has no timer of its own:
/// the caller sets the deadline.
///
/// # Errors
/// Why it did not come so far. No error carries anything that the peer sent.
pub async fn receive<S: AsyncRead + AsyncWrite + Unpin>(stream: S) -> Result<Asks<S>, Fault> {
    receive_others(stream, &Marks::default()).await
}

/// [`receive`] of everybody but those who left `marks`: this process itself.
///
/// # Errors
/// See [`receive`]; [`Fault::Itself`].
pub async fn receive_others<S: AsyncRead + AsyncWrite + Unpin>(stream: S, marks: &Marks) -> Result<Asks<S>, Fault> {
    let mut guest = Guest::greet(stream, Session::new(), marks).await?;
    Ok(match guest.asked().await? {
        What::Publish => Asks::Publish(Publish(guest)),
        What::Play => Asks::Play(Play(guest)),
    })
}

/// [`receive`] where nothing is played: who wants to is told so, and may still publish.
///
/// # Errors
/// See [`receive`].
pub async fn accept<S: AsyncRead + AsyncWrite + Unpin>(stream: S) -> Result<Publish<S>, Fault> {
    publisher(stream, Session::new()).await
}

/// [`accept`] of those only whose connect passes `judge`; the others are told why not, and come again as they like.
///
/// # Errors
/// See [`receive`].
pub async fn accept_judged<S: AsyncRead + AsyncWrite + Unpin>(stream: S, judge: Judge) -> Result<Publish<S>, Fault> {
    publisher(stream, Session::judged(judge)).await
}

async fn publisher<S: AsyncRead + AsyncWrite + Unpin>(stream: S, session: Session) -> Result<Publish<S>, Fault> {
    let mut guest = Guest::greet(stream, session, &Marks::default()).await?;
    while guest.asked().await? == What::Play {
        guest.session.deny("This server takes streams and plays none.", &mut guest.link.out)?;
    }
    Ok(Publish(guest))
}

/// Who has connected.
struct Guest<S> {
    link: Link<S>,
    session: Session,
    /// What came and was not read yet: behind the command, once there was one.
    rest: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Guest<S> {
    async fn greet(stream: S, session: Session, marks: &Marks) -> Result<Self, Fault> {
        let mut link = Link::new(stream);
        let rest = handshake::serve(&mut link, marks).await?;
        Ok(Self { link, session, rest })
    }

    /// Until something is asked for.
    async fn asked(&mut self) -> Result<What, Fault> {
        // On the heap, and not before it is needed: most strangers never come so far.
        let mut buf = vec![0; 4096];
        loop {
            let mut rest = &self.rest[..];
            if let Some(what) = self.session.await_asked(&mut rest, &mut self.link.out)? {
                self.rest = rest.to_vec();
                return Ok(what);
            }
            let count = self.link.read(&mut buf).await?;
            if count == 0 {
                return Err(Fault::Closed);
            }
            self.rest.clear();
            self.rest.extend_from_slice(&buf[..count]);
        }
    }

    async fn reject(mut self, description: &str) {
        let description: String = description.chars().take(MAX_DESCRIPTION_CHARS).collect();
        if self.session.deny(&description, &mut self.link.out).is_ok() {
            // However it ends, the connection does.
            let _ = timeout(LINGER, self.link.finish(LINGER_BYTES)).await;
        }
    }
}

/// An encoder that wants to publish. Dropping it closes the connection without a word.
pub struct Publish<S>(Guest<S>);

/// Application and name may both hold a key, wherever its owner pasted it.
impl<S> fmt::Debug for Publish<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publish").field("encoder", &self.0.session.encoder()).finish_non_exhaustive()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Publish<S> {
    /// The application of the connect command, without slashes around it.
    pub fn app(&self) -> &str {
        self.0.session.app()
    }

    /// The publish name, verbatim: a secret.
    pub fn name(&self) -> &str {
        self.0.session.name()
    }

    /// What the encoder calls itself (`flashVer`): at most 64 characters, none of them control characters.
    pub fn encoder(&self) -> &str {
        self.0.session.encoder()
    }

    /// Says yes: `NetStream.Publish.Start`.
    ///
    /// # Errors
    /// An encoder that has not read the answers so far.
    pub async fn begin(self) -> Result<Source<S>, Fault> {
        let Guest { mut link, mut session, rest } = self.0;
        session.start(&mut link.out)?;
        link.write_now();
        Ok(Source::of_encoder(link, session, rest))
    }

    /// Says no, in words that the encoder's user reads: `NetStream.Publish.Denied` with `description`. Ends within
    /// 2 s, when the encoder has read it and hung up, or has not.
    pub async fn reject(self, description: &str) {
        self.0.reject(description).await;
    }
}

/// A player that wants to play. Dropping it closes the connection without a word.
pub struct Play<S>(Guest<S>);

impl<S> fmt::Debug for Play<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Play").field("player", &self.0.session.encoder()).finish_non_exhaustive()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Play<S> {
    /// The name that is to be played, verbatim: a secret.
    pub fn name(&self) -> &str {
        self.0.session.name()
    }

    /// What the player calls itself (`flashVer`): at most 64 characters, none of them control characters.
    pub fn player(&self) -> &str {
        self.0.session.encoder()
    }

    /// Says yes: `NetStream.Play.Start`. What is queued from then on is played; [`Sink::goodbye`] says that the stream
    /// has ended.
    ///
    /// # Errors
    /// A player that has not read the answers so far, or goes on against the protocol.
    pub async fn begin(self) -> Result<Sink<S>, Fault> {
        let Guest { mut link, mut session, rest } = self.0;
        session.start(&mut link.out)?;
        session.read(&rest, &mut link.out, |_| true)?;
        link.write_now();
        Ok(Sink::of_player(link, session))
    }

    /// Says no: `NetStream.Play.Failed` with `description`. Ends within 2 s, see [`Publish::reject`].
    pub async fn reject(self, description: &str) {
        self.0.reject(description).await;
    }
}
