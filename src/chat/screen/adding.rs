//! What is said while a target is added or gets a new key.

use crate::chat::advice::Meaning;
use crate::chat::said::Said;
use crate::chat::view::FailureView;
use crate::domain::rtmp_url::UrlFault;
use crate::domain::secret::KeyFault;
use crate::domain::target::Flaw;
use crate::service::Preflight;
use std::time::Duration;

/// A platform's words, in the reader's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::chat) struct About {
    pub(in crate::chat) name: Said,
    pub(in crate::chat) key_hint: Said,
    /// What its user must have before there is a key.
    pub(in crate::chat) needs: Option<Said>,
    pub(in crate::chat) notice: Option<Said>,
    pub(in crate::chat) press: Option<Press>,
    /// It is over, or takes nobody new: why, and what to do instead.
    pub(in crate::chat) closed: Option<Said>,
    /// The server that is used where none is given.
    pub(in crate::chat) server: Option<Said>,
    /// Its secret is in the server's address.
    pub(in crate::chat) free_name: bool,
}

/// What a platform's owner must press there for viewers to see anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::chat) struct Press {
    pub(in crate::chat) say: Said,
    /// The page with the button.
    pub(in crate::chat) link: Option<Said>,
}

/// /addtarget, and a new key for an old target.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::chat) enum Add {
    Platforms {
        studio: Option<Said>,
    },
    Paste {
        about: About,
        /// The target whose key is replaced.
        rekey: Option<Said>,
    },
    /// It sends to Telecast, so it is no target.
    Encoder {
        name: Said,
        notice: Option<Said>,
    },
    /// The server is there, the key is not.
    NeedKey {
        about: About,
        server: Said,
        deleted: bool,
    },
    /// The key is there, the server is not.
    NeedServer {
        about: About,
        key: Said,
        deleted: bool,
    },
    Fault {
        fault: PasteFaultView,
        about: About,
    },
    Understood(Box<Understood>),
    /// What else was in the message that held the key.
    Rest {
        lines: Vec<Said>,
    },
    NameAsk {
        name: Said,
    },
    NameFault,
    Saved {
        name: Said,
        live: bool,
        press: Option<Press>,
        linked: bool,
        /// What was wrong when it was tested.
        flaw: Option<Flaw>,
    },
    Rekeyed {
        name: Said,
        live: bool,
    },
    Expired,
    Forwarded,
    /// Who sent a key may not add it.
    NotTaken {
        deleted: bool,
    },
    TooMany {
        limit: usize,
    },
}

/// What was read from a pasted text.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::chat) struct Understood {
    pub(in crate::chat) platform: Said,
    pub(in crate::chat) server: Said,
    pub(in crate::chat) key: Said,
    /// The key is none, but a name of the bot's own: any will do there.
    pub(in crate::chat) made_up: bool,
    pub(in crate::chat) name: Said,
    pub(in crate::chat) notes: Vec<NoteView>,
    /// Whether the message that held the key is gone.
    pub(in crate::chat) deleted: bool,
    pub(in crate::chat) check: Check,
    /// When the key says that it expires.
    pub(in crate::chat) expiry: Option<Expiry>,
    /// It does not look like the platform's keys.
    pub(in crate::chat) odd_key: Option<OddKey>,
    /// So many other servers the platform has.
    pub(in crate::chat) others: usize,
    /// The day on which the platform's own service ended, with what to know.
    pub(in crate::chat) ended: Option<Said>,
    pub(in crate::chat) rekey: bool,
}

/// What a platform's keys look like, where this one does not.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::chat) struct OddKey {
    pub(in crate::chat) hint: Said,
    /// It is known, not guessed.
    pub(in crate::chat) sure: bool,
}

/// What a preflight found.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::chat) enum Check {
    Pending,
    Reachable,
    /// It took the key, in a test that does not go on air.
    Accepted {
        may_notice_later: bool,
    },
    /// Not tried: a show uses the key.
    Live,
    /// The server answers, and does not take the connection, in these words.
    Turned(Said),
    Failed {
        failure: FailureView,
        /// What that means there.
        meaning: Option<Meaning>,
    },
}

impl Check {
    pub(in crate::chat) fn of(found: &Preflight) -> Self {
        match found {
            Preflight::Reachable => Self::Reachable,
            Preflight::Accepted { may_notice_later } => Self::Accepted { may_notice_later: *may_notice_later },
            Preflight::Live => Self::Live,
            Preflight::Turned { words } => Self::Turned(Said::words(words)),
            Preflight::Failed { failure, meaning } => {
                Self::Failed { failure: FailureView::of(failure), meaning: meaning.as_ref().map(Meaning::of) }
            }
        }
    }

    /// Whether it would not work now.
    pub(in crate::chat) fn is_bad(&self) -> bool {
        matches!(self, Self::Turned(_) | Self::Failed { .. })
    }

    /// Whether a show there is still to begin, and could.
    pub(in crate::chat) fn is_ahead(&self) -> bool {
        matches!(self, Self::Reachable | Self::Accepted { .. })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::chat) enum Expiry {
    Over,
    In(Duration),
}

/// What was done to a pasted text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::chat) enum NoteView {
    Swapped,
    Split,
    QuestionMark,
    Scheme,
    App,
    KeyRepeated,
    ViewerPage,
    MoreServers,
    Login,
    LoginInAddress,
    OtherPlatform,
}

/// What is wrong with a pasted text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::chat) enum PasteFaultView {
    Nothing,
    ViewerPage,
    Protocol,
    Server(UrlFault),
    Key(KeyFault),
    SeveralKeys,
    SeveralTargets,
    TooLong,
}
