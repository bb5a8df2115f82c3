//! A server wants its stream on another connection (E-RTMP v2, "Reconnect Request"). That is made while the old one is
//! sent to, up to a keyframe; then the old one is left, and the stream published where it is wanted. Where it cannot be
//! made, the stream stays.

use crate::domain::rtmp_url::PushPoint;
use crate::domain::status::{Loss, PushFailure};
use crate::relay::feed::Feed;
use crate::relay::push::{ACCEPT, Push, within};
use crate::rtmp::Client;
use crate::rtmp::transport::Stream;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, OptionFuture};
use std::time::Duration;
use tokio::time::Instant;

/// Servers are obeyed once in so long: each time costs the platform a publish.
const APART: Duration = Duration::from_secs(60);

/// See the module's head.
pub(super) struct Handover<'a> {
    push: Option<&'a Push>,
    opening: OptionFuture<BoxFuture<'a, Result<Client<Stream>, PushFailure>>>,
    other: Option<Client<Stream>>,
}

impl<'a> Handover<'a> {
    /// For a connection of `push`; nobody else is asked.
    pub(super) fn new(push: Option<&'a Push>) -> Self {
        Self { push, opening: None.into(), other: None }
    }

    /// Dials, if the server has asked for that. `last`: when one was obeyed.
    pub(super) fn heed(&mut self, feed: &mut Feed, now: Instant, last: &mut Option<Instant>) {
        if let (Some(reference), Some(push)) = (feed.take_reconnect(), self.push)
            && last.is_none_or(|last| now - last >= APART)
        {
            tracing::info!(id = %push.id, "a target's server asks for another connection");
            *last = Some(now);
            self.opening = Some(open(push, reference).boxed()).into();
        }
    }

    /// Until the other connection stands, if it is being made. Cancel safe.
    pub(super) async fn stands(&mut self) {
        match (&mut self.opening).await {
            Some(Ok(client)) => (self.opening, self.other) = (None.into(), Some(client)),
            Some(Err(failure)) => {
                // It may close this one yet, and is dialled again then.
                tracing::info!(?failure, "the stream stays on the connection that it has");
                self.opening = None.into();
                std::future::pending().await
            }
            None => std::future::pending().await,
        }
    }

    /// The other connection, where there is one.
    pub(super) fn other(self) -> Option<Client<Stream>> {
        self.other
    }

    /// The same in place of a connection that has failed: it was to be left anyway, if only a little later.
    ///
    /// # Errors
    /// `failure`, where there is none.
    pub(super) async fn instead(self, failure: PushFailure) -> Result<Option<Client<Stream>>, PushFailure> {
        let other = if self.other.is_some() { self.other } else { self.opening.await.and_then(Result::ok) };
        other.map(Some).ok_or(failure)
    }
}

/// Connects for a publish at the address that a server named, a stranger's word.
async fn open(push: &Push, reference: String) -> Result<Client<Stream>, PushFailure> {
    let server = push.point.server.resolve(&reference);
    let server = server.map_err(|fault| PushFailure::Lost(Loss::Protocol(fault.to_string())))?;
    push.pacer.turn().await;
    let point = PushPoint { server, key: push.point.key.clone() };
    within(ACCEPT, push.open(&point)).await
}
