//! What Telecast can do: every verb once, for any front end. Knows no words and no Telegram: it takes typed
//! questions and gives typed answers; `chat` has the words.
//!
//! Read [`Service`] first, then [`answer`] (what verbs give back) and [`notice`] (what happens by itself).
//! One file per group of verbs:
//!
//! - [`studio`](mod@studio): claim, open, ask for access, approve
//! - [`targets`](mod@targets), [`keys`](mod@keys): what a studio sends to, and whose keys those are
//! - [`ingest`](mod@ingest): what an encoder is given
//! - [`go_live`](mod@go_live), [`stop_live`](mod@stop_live), [`status`](mod@status): the show
//! - [`memory`](mod@memory): what a front end asks to be remembered
//! - `access`: the one place where a caller is judged
//! - [`follow`](mod@follow), [`arrivals`](mod@arrivals), [`pages`](mod@pages), [`resume`](mod@resume): what goes on without being asked

mod access;
mod alerts;
pub mod answer;
pub mod arrivals;
pub mod follow;
pub mod go_live;
mod guesses;
pub mod ingest;
pub mod keys;
pub mod memory;
pub mod notice;
pub mod pages;
pub mod resume;
mod running;
pub mod status;
pub mod stop_live;
pub mod studio;
pub mod targets;

pub use answer::*;
pub use notice::Notice;

use std::sync::Arc;
use std::time::Duration;

/// What the host sets for every studio.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The server address that encoders are given, `rtmp://…/live`.
    pub ingest_server: String,
    /// The same over TLS, where the host has a certificate.
    pub ingest_tls_server: Option<String>,
    /// Most targets a studio may have.
    pub max_targets: usize,
    /// How long /golive waits for an encoder.
    pub wait: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            ingest_server: "rtmp://127.0.0.1:1935/live".into(),
            ingest_tls_server: None,
            max_targets: 20,
            wait: Duration::from_secs(60 * 60),
        }
    }
}

/// Every verb. A handle, cheap to clone.
///
/// Every verb judges its [`Caller`](crate::domain::access::Caller) anew, writes what is wanted to the store before
/// it answers, is safe to repeat, and never waits for a platform.
#[derive(Clone)]
pub struct Service(Arc<Inner>);

struct Inner {}
