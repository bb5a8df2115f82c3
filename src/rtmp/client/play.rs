//! A stream that is played from a server (RTMP 1.0, §7.2.2.1), without I/O but for [`play`].

use super::approach::{Approach, Turned};
use super::connect::Request;
use super::session::{Rejection, WINDOW};
use super::words::Secrets;
use crate::domain::status::PushFailure;
use crate::rtmp::chunk::Limits;
use crate::rtmp::command::{Command, text, text_of};
use crate::rtmp::fault::Fault;
use crate::rtmp::handshake;
use crate::rtmp::inbound::{Control, Inbound};
use crate::rtmp::link::Link;
use crate::rtmp::message::Message;
use crate::rtmp::outbound::Outbound;
use crate::rtmp::server::{Source, SourceEnd, is_media};
use rml_amf0::Amf0Value;
use tokio::io::{AsyncRead, AsyncWrite};

/// What players call themselves that servers know: ffmpeg does.
const FLASH_VERSION: &str = "LNX 9,0,124,2";
/// Every codec of Flash, by its bits (RTMP 1.0, §7.2.1.1): who plays decodes nothing here.
const AUDIO_CODECS: f64 = 0x0fff as f64;
const VIDEO_CODECS: f64 = 0x00ff as f64;
/// What is asked for: the live stream, or else the recorded one (§7.2.2.1).
const LIVE_OR_RECORDED: f64 = -2000.0;
/// What is said to be buffered here, in milliseconds.
const BUFFER: u32 = 3_000;

/// Transaction ids, in the order of the calls.
const CONNECT: f64 = 1.0;
const CREATE_STREAM: f64 = 2.0;
const PLAY: f64 = 3.0;

/// Codes that say no, whatever the level next to them.
const REFUSALS: &[&str] = &[
    "NetConnection.Connect.Failed",
    "NetConnection.Connect.InvalidApp",
    "NetConnection.Connect.Rejected",
    "NetStream.Failed",
    "NetStream.Play.Failed",
    "NetStream.Play.FileStructureInvalid",
    "NetStream.Play.NoSupportedTrackFound",
    "NetStream.Play.StreamNotFound",
];
/// Codes that say that the stream has ended.
const ENDS: &[&str] = &["NetStream.Play.Complete", "NetStream.Play.Stop", "NetStream.Play.UnpublishNotify"];
/// User control: nothing more comes on the stream.
const STREAM_EOF: [u8; 2] = [0, 1];

/// Data messages that are about the connection, and no part of the stream.
const ABOUT_THE_CONNECTION: [&[u8]; 2] = [b"\x02\x00\x11|RtmpSampleAccess", b"\x02\x00\x08onStatus"];

/// Shakes hands, connects, and plays the stream that `request` names. Has no timer of its own.
///
/// # Errors
/// [`PushFailure::Refused`] with the server's words, or how the connection was lost.
pub async fn play<S>(stream: S, request: &Request<'_>) -> Result<Source<S>, PushFailure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    play_approaching(stream, request, &Approach::default()).await.map_err(|turned| turned.failure)
}

/// The same as the next step of an approach.
///
/// # Errors
/// See [`play`]; [`Approach::heed`] makes of them what comes next.
pub async fn play_approaching<S>(stream: S, request: &Request<'_>, approach: &Approach<'_>) -> Result<Source<S>, Turned>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let turned = |failure| Turned { failure, rejection: None };
    let mut link = Link::new(stream);
    let rest = handshake::dial(&mut link, approach.marks()).await.map_err(|fault| turned(fault.into()))?;
    let playing = Playing::new(request, approach);
    playing.connect(request, approach.credentials(), &mut link.out).map_err(|fault| turned(fault.into()))?;
    let mut source = Source::of_server(link, playing, rest);
    match source.until_begun().await {
        Ok(()) => Ok(source),
        Err(end) => Err(Turned { failure: end.into(), rejection: source.take_rejection() }),
    }
}

/// One connection to a server that is played from.
pub(in crate::rtmp) struct Playing {
    inbound: Inbound,
    secrets: Secrets,
    name: String,
    connected: bool,
    begun: bool,
    rejection: Option<Rejection>,
}

/// What came.
pub(in crate::rtmp) enum Progress {
    /// Audio, video, data or an aggregate.
    Media(Message),
    /// The server says that the stream has ended.
    Ended,
}

impl Playing {
    pub(super) fn new(request: &Request<'_>, approach: &Approach<'_>) -> Self {
        Self {
            inbound: Inbound::new(Limits::BEFORE_PUBLISH),
            secrets: Secrets::new(request.app, request.name).and(approach.secrets()),
            name: request.name.to_owned(),
            connected: false,
            begun: false,
            rejection: None,
        }
    }

    /// Whether the server has said that it plays, or simply does.
    pub(in crate::rtmp) fn has_begun(&self) -> bool {
        self.begun
    }

    /// What the server said when it did not take the connection.
    pub(in crate::rtmp) fn take_rejection(&mut self) -> Option<Rejection> {
        self.rejection.take()
    }

    pub(in crate::rtmp) fn inbound(&self) -> &Inbound {
        &self.inbound
    }

    /// `credentials` follow the application in both places, as those of encoders do.
    pub(super) fn connect(&self, request: &Request<'_>, credentials: &str, out: &mut Outbound) -> Result<(), Fault> {
        let with = |place: &str| text(&format!("{place}{credentials}"));
        let asked = [
            ("app", with(request.app)),
            ("flashVer", text(FLASH_VERSION)),
            ("tcUrl", with(request.tc_url)),
            ("fpad", Amf0Value::Boolean(false)),
            ("capabilities", Amf0Value::Number(15.0)),
            ("audioCodecs", Amf0Value::Number(AUDIO_CODECS)),
            ("videoCodecs", Amf0Value::Number(VIDEO_CODECS)),
            ("videoFunction", Amf0Value::Number(1.0)),
        ];
        out.connect(CONNECT, &asked)
    }

    /// Takes all of `bytes`, says what comes next, and gives `progress` what they complete, until it returns false.
    ///
    /// # Errors
    /// The server says no, or breaks the protocol or a bound.
    pub(in crate::rtmp) fn read(
        &mut self,
        mut bytes: &[u8],
        out: &mut Outbound,
        mut progress: impl FnMut(Progress) -> bool,
    ) -> Result<(), SourceEnd> {
        while let Some(message) = self.inbound.next(&mut bytes, out).map_err(SourceEnd::Fault)? {
            if self.handle(message, out)?.is_some_and(|found| !progress(found)) {
                break;
            }
        }
        Ok(())
    }

    fn handle(&mut self, message: Message, out: &mut Outbound) -> Result<Option<Progress>, SourceEnd> {
        if self.inbound.control(&message, out).map_err(SourceEnd::Fault)? != Control::Other {
            let over = self.begun && message.kind == 4 && message.payload.starts_with(&STREAM_EOF);
            return Ok(over.then_some(Progress::Ended));
        }
        if is_media(message.kind) {
            if ABOUT_THE_CONNECTION.iter().any(|about| message.payload.starts_with(about)) {
                return Ok(None);
            }
            self.begun = true;
            return Ok(Some(Progress::Media(message)));
        }
        // Types that nobody knows and commands that make no sense are the server's own affair.
        let Ok(Some(command)) = Command::read(&message) else { return Ok(None) };
        match command.name.as_str() {
            "_result" => self.result(&command, out).map(|()| None).map_err(SourceEnd::Fault),
            "_error" if [CONNECT, CREATE_STREAM, PLAY].contains(&command.transaction) => Err(self.refused(&command)),
            "onStatus" => self.status(&command),
            _ => Ok(None),
        }
    }

    fn result(&mut self, command: &Command, out: &mut Outbound) -> Result<(), Fault> {
        if command.transaction == CONNECT {
            self.connected = true;
            out.window(WINDOW)?;
            return out.command(0, "createStream", CREATE_STREAM, Amf0Value::Null, vec![]);
        }
        let Some(Amf0Value::Number(id)) = command.arguments.first() else { return Ok(()) };
        if command.transaction != CREATE_STREAM || !(0.0..=f64::from(u32::MAX)).contains(id) {
            return Ok(());
        }
        self.inbound.set_limits(Limits::AFTER_PUBLISH);
        let stream = *id as u32;
        let asked = vec![text(&self.name), Amf0Value::Number(LIVE_OR_RECORDED)];
        out.command(stream, "play", PLAY, Amf0Value::Null, asked)?;
        out.buffer_length(stream, BUFFER)
    }

    fn status(&mut self, command: &Command) -> Result<Option<Progress>, SourceEnd> {
        let info = command.arguments.first().unwrap_or(&Amf0Value::Null);
        let code = text_of(info, "code").unwrap_or_default();
        if text_of(info, "level") == Some("error") || REFUSALS.contains(&code) {
            return Err(self.refused(command));
        }
        self.begun |= code == "NetStream.Play.Start";
        Ok(ENDS.contains(&code).then_some(Progress::Ended))
    }

    /// The information object is the first argument; some servers put it into the command object.
    fn refused(&mut self, command: &Command) -> SourceEnd {
        if !self.connected {
            self.rejection = Some(Rejection::read(command, &self.name));
        }
        let words = command.arguments.iter().chain([&command.object]).map(|info| self.secrets.words(info));
        SourceEnd::Refused { words: words.into_iter().find(|words| !words.is_empty()).unwrap_or_default() }
    }
}
