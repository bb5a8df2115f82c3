//! How a studio, its source and its targets are: what a panel shows.

use crate::domain::id::TargetId;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// One studio at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StudioStatus {
    /// Where the broadcast is.
    pub phase: Phase,
    /// The encoder connected now.
    pub source: Option<SourceStatus>,
    /// The source that is fetched, where the broadcast has one.
    pub pull: Option<PullStatus>,
    /// Players that are connected.
    pub viewers: usize,
    /// Every target of the broadcast.
    pub targets: BTreeMap<TargetId, TargetStatus>,
}

/// Where a broadcast is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// No broadcast.
    #[default]
    Idle,
    /// Told to go live, no publisher yet.
    Waiting {
        /// When waiting ends.
        until: Instant,
    },
    /// A publisher is being sent on.
    Live {
        /// When the first picture was sent on.
        since: Instant,
    },
    /// The publisher is gone, the pushes are kept for its return.
    Held {
        /// When the broadcast went live.
        since: Instant,
        /// When holding ends.
        until: Instant,
        /// The publisher was stopped by hand: then the broadcast ends, and is not paused.
        clean: bool,
    },
    /// Hold ran out: pushes are closed, a returning publisher resumes.
    Paused {
        /// When the broadcast went live.
        since: Instant,
        /// When the broadcast ends.
        until: Instant,
    },
}

/// Why a broadcast is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// A person ended it, or it never began.
    #[default]
    Stopped,
    /// The encoder ended its publish in order, and nobody wanted the show kept.
    EncoderStopped,
    /// The encoder was lost, and did not come back in time.
    PictureLost,
}

/// A source that is fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullStatus {
    /// Its state.
    pub state: PullState,
    /// Why its last connection ended, until media flows again.
    pub failure: Option<PullFailure>,
}

/// The states that a source can be in that is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PullState {
    /// An encoder publishes, so that it is not needed.
    Resting,
    /// Dialling, TLS, handshake, play.
    Connecting,
    /// The server plays, and nothing has come yet.
    Waiting,
    /// Its media flows.
    Receiving,
    /// It ended or failed, and is dialled again.
    Retrying {
        /// Which attempt comes next, from 1.
        attempt: u32,
        /// When it comes.
        at: Instant,
    },
}

/// Why a source that is fetched does not flow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PullFailure {
    /// The server said no: no such stream, or not to us.
    #[error("refused: {words}")]
    Refused {
        /// The server's own words, as those of [`PushFailure::Refused`].
        words: String,
    },
    /// The connection could not be made or kept.
    #[error("lost: {0}")]
    Lost(Loss),
    /// The server asks for a login, and there is none, or not a right one.
    #[error("login: {0}")]
    Login(LoginFault),
    /// The server said that the stream has ended.
    #[error("the stream has ended")]
    Ended,
    /// It is connected and sends nothing.
    #[error("nothing comes")]
    Silent,
}

impl From<PushFailure> for PullFailure {
    fn from(failure: PushFailure) -> Self {
        match failure {
            PushFailure::Refused { words } => Self::Refused { words },
            // Who plays publishes nothing.
            PushFailure::HungUp { .. } | PushFailure::Codec(_) | PushFailure::KeyOver => {
                Self::Refused { words: String::new() }
            }
            PushFailure::Login(fault) => Self::Login(fault),
            PushFailure::Lost(loss) => Self::Lost(loss),
        }
    }
}

/// The publisher, as its stream tells.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceStatus {
    /// When it began to publish.
    pub since: Instant,
    /// The picture, once its sequence header was seen.
    pub video: Option<VideoInfo>,
    /// The sound, once its sequence header was seen.
    pub audio: Option<AudioInfo>,
    /// Bits arriving, in kbit/s, over the last seconds.
    pub kbps: u32,
}

/// What is known of the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct VideoInfo {
    /// Codec, as people call it: `H.264`, `HEVC`, `AV1`.
    pub codec: &'static str,
    /// Width in pixels, 0 where the header does not tell.
    pub width: u32,
    /// Height in pixels, 0 where the header does not tell.
    pub height: u32,
    /// Frames a second, measured; 0 until measured.
    pub fps: f32,
    /// The longest time between two keyframes so far, by the encoder's clock; zero until measured.
    pub keyframe_gap: Duration,
    /// What an H.264 decoder must know to show it; none for other codecs, and for profiles that no encoder uses.
    pub profile: Option<Profile>,
    /// The most frames in a row so far that are shown before one that came earlier; 0 until measured.
    pub bframes: u32,
}

/// Profiles of H.264 (ITU-T H.264, annex A), from the one that the most decoders know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Profile {
    /// Baseline, constrained or not.
    Baseline,
    /// Main: B-frames, CABAC.
    Main,
    /// High: 8 bit, 4:2:0.
    High,
    /// 10 bit.
    High10,
    /// 4:2:2.
    High422,
    /// 4:4:4.
    High444,
}

impl Profile {
    /// As people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Baseline => "Baseline",
            Self::Main => "Main",
            Self::High => "High",
            Self::High10 => "High 10",
            Self::High422 => "High 4:2:2",
            Self::High444 => "High 4:4:4",
        }
    }
}

/// What is known of the sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AudioInfo {
    /// Codec, as people call it: `AAC`, `Opus`, `MP3`.
    pub codec: &'static str,
    /// Samples a second, 0 where the header does not tell.
    pub sample_rate: u32,
    /// Channels, 0 where the header does not tell.
    pub channels: u8,
    /// Its bits by the encoder's clock, in kbit/s; 0 until measured.
    pub kbps: u32,
}

/// What viewers see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// The show.
    Live,
    /// An old show, in a loop or from an archive.
    Replay,
    /// No show.
    Offline,
}

/// What a platform's own page says of a show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What viewers see.
    pub sight: Sight,
    /// What the platform calls a show that is live.
    pub title: Option<String>,
}

/// One target of a broadcast.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetStatus {
    /// Its state, honest: a socket that is up is not yet live.
    pub state: TargetState,
    /// What the platform's page said last while media went out over this connection.
    pub seen: Option<Seen>,
    /// Bits handed to the target's socket, in kbit/s, over the last seconds.
    pub kbps: u32,
    /// When the present connection was accepted.
    pub up_since: Option<Instant>,
    /// Payload bytes handed to the socket in this broadcast.
    pub sent_bytes: u64,
    /// Video and audio frames dropped in this broadcast.
    pub dropped_frames: u64,
    /// Payload bytes dropped in this broadcast.
    pub dropped_bytes: u64,
    /// Connections made in this broadcast after the first.
    pub reconnects: u32,
    /// Total time in which media was sent on.
    pub uptime: Duration,
    /// Why the last connection failed.
    pub last_failure: Option<PushFailure>,
}

/// DESIGN.md §2: the states a target can be in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetState {
    /// Switched off.
    Off,
    /// Part of a broadcast whose source has not come.
    Waiting,
    /// Dialling, TLS, handshake, publish.
    Connecting,
    /// The server said yes to publish.
    Accepted,
    /// Media goes out and the target takes it.
    Sending,
    /// The platform's public page says that it is live.
    OnAir,
    /// Media is being dropped because the target takes less than it is sent.
    Slow,
    /// The connection failed and is made again.
    Reconnecting {
        /// Which attempt comes next, from 1.
        attempt: u32,
        /// When it comes.
        at: Instant,
    },
    /// The server refuses the key again and again.
    Refused {
        /// When it is tried again, if it is.
        retry_at: Option<Instant>,
    },
}

/// Why a connection to a target ended or never began.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PushFailure {
    /// The server said no: the key or the platform's start state is wrong.
    #[error("refused: {words}")]
    Refused {
        /// The server's own words, cut to 200 characters, without control characters; a `code`, a description, or empty.
        words: String,
    },
    /// The server took publish and then closed in order, without a word, before it ever took media on this key.
    #[error("refused: closed after {after_s} s")]
    HungUp {
        /// Seconds after publish.
        after_s: u32,
    },
    /// The server asks who publishes, and the answer did not please it.
    #[error("login: {0}")]
    Login(LoginFault),
    /// The platform does not take the picture's codec; it was not dialled.
    #[error("{0} is not taken there")]
    Codec(&'static str),
    /// The key says that its time is over; it was not dialled.
    #[error("the key has expired")]
    KeyOver,
    /// The connection could not be made or kept.
    #[error("lost: {0}")]
    Lost(Loss),
}

impl PushFailure {
    /// Whether the server said no: trying again alone will not help.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::HungUp { .. } | Self::Login(_))
    }

    /// Whether it is known without asking the server, so that it is not asked.
    #[must_use]
    pub fn is_foreseen(&self) -> bool {
        matches!(self, Self::Codec(_) | Self::KeyOver)
    }
}

/// What is wrong with a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoginFault {
    /// The server asks for a user and a password, and the target has none.
    #[error("user and password are needed")]
    Needed,
    /// The server does not take the password.
    #[error("wrong password")]
    WrongPassword,
    /// The server knows no such user.
    #[error("no such user")]
    NoSuchUser,
    /// The server asks in a way that Telecast does not know.
    #[error("a login of an unknown kind")]
    Unknown,
}

/// Why a server is not dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Barred {
    /// It is no server of the open internet: this machine, a private network, nobody's.
    #[error("address not allowed")]
    Inside,
    /// Something else is known to listen on that port.
    #[error("port of another service")]
    Port,
    /// It is this Telecast, by whatever way.
    #[error("Telecast itself")]
    Own,
    /// No more streams are sent to a server that nobody vouches for.
    #[error("as many streams as may be go there already")]
    Crowded,
}

/// How a connection was lost.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Loss {
    /// The host name has no address, or no name server answered within 5 s.
    #[error("host name not found")]
    Dns,
    /// Every address of the host is one that Telecast does not dial.
    #[error("not dialled: {0}")]
    Blocked(Barred),
    /// Nothing listens there.
    #[error("connection refused")]
    Down,
    /// No answer in time while connecting.
    #[error("no answer")]
    Timeout,
    /// The certificate or the TLS handshake failed.
    #[error("TLS: {0}")]
    Tls(String),
    /// The other side broke the protocol.
    #[error("protocol: {0}")]
    Protocol(String),
    /// The server closed the connection.
    #[error("closed by the server")]
    Closed,
    /// The connection was reset.
    #[error("connection reset")]
    Reset,
    /// The target stopped reading for 10 s.
    #[error("the server stopped reading")]
    Stalled,
    /// Telecast's own task died; counted, logged, retried.
    #[error("internal error")]
    Internal,
}
