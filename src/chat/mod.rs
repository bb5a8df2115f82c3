//! Telegram: what people type and tap becomes verbs of [`crate::service`], what those answer becomes messages. It must
//! know nothing of connections, packets or records; it decides nothing about shows. The only module that names
//! `teloxide`.
//!
//! Read [`run`] first, then [`desk`], [`on`], [`screen`]:
//!
//! - [`poll`] → [`update`] → [`on`]: what comes in; [`command`], [`word`] and [`menu`] say what is meant
//! - [`screen`], [`label`] and [`view`] → [`text`]: what can be said, and its words; [`said`] is what others say
//! - [`panels`], [`news`] with [`calls`] and [`alerts`]: what is told without being asked, and to whom
//! - [`announcer`]: what audiences are told
//! - [`page`] with [`rows`] → [`outbox`] → [`telegram`]: what goes out
//! - [`rights`] with [`admins`]: who runs a group, and who no longer does
//! - [`lasting`], [`vanish`]: buttons that outlive a restart, messages that go by themselves
//! - [`checkup`]: what a doctor finds of Telegram
//! - [`dialogue`], [`leak`], [`profile`]: where a person is, posted keys, lists of commands

mod admins;
mod advice;
mod alerts;
mod announcer;
mod calls;
mod checkup;
mod command;
mod desk;
mod dialogue;
#[doc(hidden)]
pub mod fuzz;
mod label;
mod lasting;
mod leak;
mod menu;
mod news;
mod on;
mod outbox;
mod page;
mod panels;
mod poll;
mod profile;
mod rights;
mod rows;
mod said;
mod screen;
mod telegram;
mod text;
mod update;
mod vanish;
mod view;
mod word;

pub use checkup::{Checkup, look};
pub use text::{CameraWords, PageWords};

use crate::service::{Notice, Service};
use desk::Desk;
use futures_util::FutureExt as _;
use outbox::{Courier, Outbox};
use secrecy::SecretString;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use telegram::Telegram;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use url::Url;

/// How long the last messages may take at the end.
const LAST_WORDS: Duration = Duration::from_secs(3);
/// How long a task of this module rests after a fault of ours.
const REST: Duration = Duration::from_secs(1);

/// Which bot, and where.
pub struct Settings {
    /// The bot's token.
    pub token: SecretString,
    /// The Bot API server.
    pub api_url: Url,
    /// A proxy for it, `http://`, `https://` or `socks5://`, perhaps with a password.
    pub proxy: Option<SecretString>,
}

/// How patient the bot is with Telegram.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// How long a poll waits for something to happen.
    pub hold: Duration,
    /// How much longer than that any request may take.
    pub patience: Duration,
    /// The first pause after a failed poll; it doubles.
    pub backoff: Duration,
    /// The longest pause.
    pub backoff_most: Duration,
    /// What may have been tapped longer ago asks before it does anything.
    pub late: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            hold: Duration::from_secs(25),
            patience: Duration::from_secs(15),
            backoff: Duration::from_secs(1),
            backoff_most: Duration::from_secs(30),
            late: Duration::from_secs(120),
        }
    }
}

/// Serves Telegram. Never fails: what goes wrong is told in the log and waited out.
///
/// After `token` is cancelled no more commands are taken; notices are told until `notices` ends, then this returns.
pub async fn run(service: Service, settings: Settings, notices: mpsc::Receiver<Notice>, token: CancellationToken) {
    run_with(service, settings, notices, token, Timing::default()).await;
}

/// [`run`] with another patience.
pub async fn run_with(
    service: Service,
    settings: Settings,
    mut notices: mpsc::Receiver<Notice>,
    token: CancellationToken,
    timing: Timing,
) {
    let Settings { token: bot, api_url, proxy } = settings;
    let telegram = match Telegram::new(&bot, &api_url, proxy.as_ref(), timing.patience) {
        Ok(telegram) => telegram,
        Err(bad) => {
            tracing::error!("no chat: {bad}; mend the setting and start again. Live shows are not affected");
            while notices.recv().await.is_some() {}
            return token.cancelled().await;
        }
    };
    let (outbox, orders) = Outbox::new();
    let mut courier = Courier::new(telegram.clone(), service.clone(), orders);
    let desk = Arc::new(Desk::new(service, telegram, outbox));

    let end = desk.token.clone();
    desk.tasks.spawn(async move {
        let carry = async { while survived("the outbox", courier.run()).await.is_none() {} };
        end.run_until_cancelled(carry).await;
    });
    let (keeper, end) = (Arc::clone(&desk), desk.token.clone());
    desk.tasks.spawn(async move {
        let keep = async { while survived("the panels", keeper.panels.keep(&keeper)).await.is_none() {} };
        end.run_until_cancelled(keep).await;
    });
    let (keeper, end) = (Arc::clone(&desk), desk.token.clone());
    desk.tasks.spawn(async move {
        let keep = async { while survived("the announcements", keeper.announcer.keep(&keeper)).await.is_none() {} };
        end.run_until_cancelled(keep).await;
    });
    let (keeper, end) = (Arc::clone(&desk), desk.token.clone());
    desk.tasks.spawn(async move {
        let keep = async { while survived("the rights", keeper.keep_rights()).await.is_none() {} };
        end.run_until_cancelled(keep).await;
    });
    let (polled, closing, end) = (Arc::clone(&desk), token.clone(), desk.token.clone());
    desk.tasks.spawn(async move {
        let poll = async { while survived("the poll", poll::run(&polled, timing, &closing)).await.is_none() {} };
        // What a handler has not done by the end is done after the next start: its update was not confirmed.
        end.run_until_cancelled(poll).await;
    });

    while let Some(notice) = notices.recv().await {
        survived("a notice", async { desk.tell(notice) }).await;
    }
    token.cancelled().await;
    if tokio::time::timeout(LAST_WORDS, desk.outbox.drained()).await.is_err() {
        tracing::warn!("Telegram did not take the last messages");
    }
    desk.token.cancel();
    desk.tasks.close();
    desk.tasks.wait().await;
}

/// Runs `work`; `None` when it panicked, after a rest.
async fn survived<T>(what: &str, work: impl Future<Output = T>) -> Option<T> {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(done) => Some(done),
        Err(_) => {
            tracing::error!("{what} panicked, a fault of Telecast's; it goes on");
            tokio::time::sleep(REST).await;
            None
        }
    }
}
