//! From a stream of bytes to a target that takes media.

use super::approach::{Approach, Turned};
use super::failure::{loss, lost};
use super::offer::Offer;
use super::session::{Event, Session};
use super::sink::Sink;
use crate::domain::status::{Loss, PushFailure};
use crate::rtmp::handshake;
use crate::rtmp::link::Link;
use std::fmt;
use tokio::io::{AsyncRead, AsyncWrite};

/// Bytes of one read. Servers say little.
const BUFFER: usize = 4096;

/// What a connection asks of the server. The name is a secret, and so may be the rest.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// Application: what is between host and name, its query included.
    pub app: &'a str,
    /// The server's URL up to and with the application.
    pub tc_url: &'a str,
    /// The stream key, verbatim.
    pub name: &'a str,
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Request")
    }
}

/// Shakes hands, connects and has a stream made, in the words of common encoders. Nothing of it shows on a platform.
/// Has no timer of its own.
///
/// # Errors
/// [`PushFailure::Refused`] with the server's words, or how the connection was lost.
pub async fn connect<S>(stream: S, request: &Request<'_>) -> Result<Client<S>, PushFailure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    connect_offering(stream, request, Offer::default(), &Approach::default()).await.map_err(|turned| turned.failure)
}

/// The same for a stream in these codecs, which the server is told of, as the next step of an approach.
///
/// # Errors
/// See [`connect`]; [`Approach::heed`] makes of them what comes next.
pub async fn connect_offering<S>(
    stream: S,
    request: &Request<'_>,
    offer: Offer,
    approach: &Approach<'_>,
) -> Result<Client<S>, Turned>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let session = Session::new(request, approach);
    let mut client = Client { link: Link::new(stream), session, rest: Vec::new() };
    match client.prepare(request, offer, approach).await {
        Ok(()) => Ok(client),
        Err(failure) => Err(Turned { failure, rejection: client.session.take_rejection() }),
    }
}

/// Shakes hands, connects and hangs up, as a step of an approach: only to see whether the server takes the connection.
///
/// # Errors
/// See [`connect_offering`].
pub async fn greet<S>(stream: S, request: &Request<'_>, approach: &Approach<'_>) -> Result<(), Turned>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let session = Session::new(request, approach);
    let mut client = Client { link: Link::new(stream), session, rest: Vec::new() };
    let greeted = client.greet(request, Offer::default(), approach).await;
    greeted.map_err(|failure| Turned { failure, rejection: client.session.take_rejection() })
}

/// A connection on which a stream can be published.
pub struct Client<S> {
    link: Link<S>,
    session: Session,
    /// What came behind the handshake.
    rest: Vec<u8>,
}

impl<S> fmt::Debug for Client<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    /// Publishes, and waits for the server's `NetStream.Publish.Start`. Has no timer of its own.
    ///
    /// # Errors
    /// [`PushFailure::Refused`] with the server's words, or how the connection was lost.
    pub async fn publish(mut self) -> Result<Sink<S>, PushFailure> {
        self.session.publish(&mut self.link.out)?;
        self.wait_for(Event::Started).await?;
        Ok(Sink::new(self.link, self.session))
    }

    async fn greet(&mut self, request: &Request<'_>, offer: Offer, by: &Approach<'_>) -> Result<(), PushFailure> {
        self.rest = handshake::dial(&mut self.link, by.marks()).await?;
        self.session.connect(request, by.credentials(), offer, &mut self.link.out)?;
        self.wait_for(Event::Connected).await
    }

    async fn prepare(&mut self, request: &Request<'_>, offer: Offer, by: &Approach<'_>) -> Result<(), PushFailure> {
        self.greet(request, offer, by).await?;
        self.session.create_stream(&mut self.link.out)?;
        self.wait_for(Event::Created).await
    }

    async fn wait_for(&mut self, awaited: Event) -> Result<(), PushFailure> {
        let mut found = false;
        let mut buf = [0; BUFFER];
        loop {
            let rest = std::mem::take(&mut self.rest);
            self.session.read(&rest, &mut self.link.out, |event| found |= event == awaited)?;
            if found {
                return Ok(());
            }
            let count = self.link.read(&mut buf).await.map_err(|error| lost(&error))?;
            if count == 0 {
                let kind = self.link.write_error();
                return Err(PushFailure::Lost(kind.map_or(Loss::Closed, loss)));
            }
            self.rest.extend_from_slice(&buf[..count]);
        }
    }
}
