//! What is said of where the stream is taken from, and of who may play it.

use crate::chat::said::Said;
use crate::chat::view::PullFailureView;
use crate::domain::rtmp_url::UrlFault;

/// Where the stream is taken from when nobody publishes.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::chat) enum Pulled {
    Ask { studio: Option<Said> },
    Is { from: Said, studio: Option<Said> },
    Saved { from: Said, deleted: bool, check: PullCheck },
    Fault(UrlFault),
    Stopped,
}

/// What came of trying it.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::chat) enum PullCheck {
    Pending,
    Plays,
    Failed(PullFailureView),
    /// It is not tried, but used.
    Live,
}

/// Who may play the stream.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::chat) enum Played {
    /// `cut`: somebody was able to, until now.
    Off {
        studio: Option<Said>,
        cut: bool,
    },
    On {
        url: Said,
        tls_url: Option<Said>,
        studio: Option<Said>,
        renewed: bool,
    },
    RenewAsk,
}
