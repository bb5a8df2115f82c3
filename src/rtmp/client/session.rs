//! What the client says and makes of the answers, without I/O.

use super::approach::Approach;
use super::connect::Request;
use super::offer::{Offer, takes_tracks};
use super::words::Secrets;
use crate::domain::status::PushFailure;
use crate::rtmp::chunk::{CHUNK_SIZE, Limits};
use crate::rtmp::command::{Command, field, text, text_of};
use crate::rtmp::fault::Fault;
use crate::rtmp::inbound::{Control, Inbound};
use crate::rtmp::message::Message;
use crate::rtmp::outbound::Outbound;
use rml_amf0::Amf0Value;

/// What encoders call themselves that platforms know: OBS does.
const FLASH_VERSION: &str = "FMLE/3.0 (compatible; FMSc/1.0)";

/// Bytes after which the server shall acknowledge.
pub(super) const WINDOW: u32 = 2_500_000;

/// Transaction ids, in the order of the calls.
const CONNECT: f64 = 1.0;
const RELEASE_STREAM: f64 = 2.0;
const FC_PUBLISH: f64 = 3.0;
const CREATE_STREAM: f64 = 4.0;
const PUBLISH: f64 = 5.0;
const FC_UNPUBLISH: f64 = 6.0;
const DELETE_STREAM: f64 = 7.0;

/// Codes that say no, whatever the level next to them.
const REFUSALS: &[&str] = &[
    "NetConnection.Connect.Failed",
    "NetConnection.Connect.InvalidApp",
    "NetConnection.Connect.Rejected",
    "NetStream.Failed",
    "NetStream.Publish.BadName",
    "NetStream.Publish.Denied",
    "NetStream.Publish.Failed",
    "NetStream.Publish.Rejected",
    "NetStream.Publish.Unauthorized",
];

/// The server wants its client on another connection (E-RTMP v2, "Reconnect Request").
const RECONNECT: &str = "NetConnection.Connect.ReconnectRequest";

/// One connection to a target.
pub(super) struct Session {
    inbound: Inbound,
    secrets: Secrets,
    name: String,
    stream: u32,
    connected: bool,
    rejection: Option<Rejection>,
    takes_tracks: bool,
    reconnect: Option<String>,
}

/// What a server says that does not take a connection: what it asks for may stand in it. A stranger's words, and nobody's
/// to read.
#[derive(Default)]
pub(in crate::rtmp) struct Rejection {
    /// Its description.
    pub(super) words: String,
    /// The server that it names in its place.
    pub(super) redirect: Option<String>,
}

impl Rejection {
    /// `ex: {code: 302, redirect: <tcUrl>, redirect2: <the same with the name>}` names another server: SRS and nginx-rtmp do.
    pub(super) fn read(command: &Command, name: &str) -> Self {
        let infos = || command.arguments.iter().chain([&command.object]);
        let ex = infos().find_map(|info| field(info, "ex"));
        let of_name = |url: &str| Some(url.strip_suffix(name)?.strip_suffix('/')?.to_owned());
        Self {
            words: infos().find_map(|info| text_of(info, "description")).unwrap_or_default().to_owned(),
            redirect: ex.and_then(|ex| {
                let server = text_of(ex, "redirect").filter(|to| !to.is_empty()).map(str::to_owned);
                server.or_else(|| text_of(ex, "redirect2").and_then(of_name))
            }),
        }
    }
}

/// What came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rtmp) enum Event {
    /// The server took the connect command.
    Connected,
    /// It made a stream.
    Created,
    /// It says that the stream is published.
    Started,
    /// It has received media.
    Acknowledged,
}

impl Session {
    pub(super) fn new(request: &Request<'_>, approach: &Approach<'_>) -> Self {
        Self {
            inbound: Inbound::new(Limits::BEFORE_PUBLISH),
            secrets: Secrets::new(request.app, request.name).and(approach.secrets()),
            name: request.name.to_owned(),
            stream: 0,
            connected: false,
            rejection: None,
            takes_tracks: false,
            reconnect: None,
        }
    }

    /// What the server said when it did not take the connection.
    pub(super) fn take_rejection(&mut self) -> Option<Rejection> {
        self.rejection.take()
    }

    /// The message stream that the server made.
    pub(super) fn stream(&self) -> u32 {
        self.stream
    }

    /// Whether the server takes more tracks than one.
    pub(super) fn takes_tracks(&self) -> bool {
        self.takes_tracks
    }

    /// The server asked for another connection: at this address, or at the same one where it is empty.
    pub(super) fn take_reconnect(&mut self) -> Option<String> {
        self.reconnect.take()
    }

    /// `credentials` follow the application in both places, as those of encoders do.
    pub(super) fn connect(
        &self,
        request: &Request<'_>,
        credentials: &str,
        offer: Offer,
        out: &mut Outbound,
    ) -> Result<(), Fault> {
        let with = |place: &str| text(&format!("{place}{credentials}"));
        let mut asked = vec![
            ("app", with(request.app)),
            ("type", text("nonprivate")),
            ("flashVer", text(FLASH_VERSION)),
            ("swfUrl", text(request.tc_url)),
            ("tcUrl", with(request.tc_url)),
        ];
        asked.extend(offer.fields());
        out.connect(CONNECT, &asked)
    }

    /// Everything up to the stream; what servers do not know of it they ignore, or answer with an error that means
    /// nothing.
    pub(super) fn create_stream(&self, out: &mut Outbound) -> Result<(), Fault> {
        out.window(WINDOW)?;
        out.set_chunk_size(CHUNK_SIZE)?;
        out.command(0, "releaseStream", RELEASE_STREAM, Amf0Value::Null, vec![text(&self.name)])?;
        out.command(0, "FCPublish", FC_PUBLISH, Amf0Value::Null, vec![text(&self.name)])?;
        out.command(0, "createStream", CREATE_STREAM, Amf0Value::Null, vec![])
    }

    pub(super) fn publish(&self, out: &mut Outbound) -> Result<(), Fault> {
        out.command(self.stream, "publish", PUBLISH, Amf0Value::Null, vec![text(&self.name), text("live")])
    }

    /// The end of a broadcast.
    pub(super) fn goodbye(&self, out: &mut Outbound) -> Result<(), Fault> {
        let stream = Amf0Value::Number(self.stream.into());
        out.command(0, "FCUnpublish", FC_UNPUBLISH, Amf0Value::Null, vec![text(&self.name)])?;
        out.command(0, "deleteStream", DELETE_STREAM, Amf0Value::Null, vec![stream])
    }

    /// Takes all of `bytes` and gives `event` what they say.
    ///
    /// # Errors
    /// The server says no, or breaks the protocol or a bound.
    pub(super) fn read(
        &mut self,
        mut bytes: &[u8],
        out: &mut Outbound,
        mut event: impl FnMut(Event),
    ) -> Result<(), PushFailure> {
        while let Some(message) = self.inbound.next(&mut bytes, out)? {
            if let Some(found) = self.handle(&message, out)? {
                event(found);
            }
        }
        Ok(())
    }

    fn handle(&mut self, message: &Message, out: &mut Outbound) -> Result<Option<Event>, PushFailure> {
        match self.inbound.control(message, out)? {
            Control::Acknowledged => return Ok(Some(Event::Acknowledged)),
            Control::Done => return Ok(None),
            Control::Other => {}
        }
        // Media, types that nobody knows and commands that make no sense are the server's own affair.
        let Ok(Some(command)) = Command::read(message) else { return Ok(None) };
        match command.name.as_str() {
            "_result" => self.result(&command),
            "_error" => self.error(&command),
            "onStatus" => self.status(&command),
            _ => Ok(None),
        }
    }

    fn result(&mut self, command: &Command) -> Result<Option<Event>, PushFailure> {
        if command.transaction == CONNECT {
            self.connected = true;
            self.takes_tracks = takes_tracks(command);
            return Ok(Some(Event::Connected));
        }
        let Some(Amf0Value::Number(id)) = command.arguments.first() else { return Ok(None) };
        if command.transaction != CREATE_STREAM || !(0.0..=f64::from(u32::MAX)).contains(id) {
            return Ok(None);
        }
        self.stream = *id as u32;
        Ok(Some(Event::Created))
    }

    fn error(&mut self, command: &Command) -> Result<Option<Event>, PushFailure> {
        if [CONNECT, CREATE_STREAM, PUBLISH].contains(&command.transaction) {
            return Err(self.refused(command));
        }
        Ok(None)
    }

    fn status(&mut self, command: &Command) -> Result<Option<Event>, PushFailure> {
        let info = command.arguments.first().unwrap_or(&Amf0Value::Null);
        let code = text_of(info, "code").unwrap_or_default();
        if code == RECONNECT {
            self.reconnect = Some(text_of(info, "tcUrl").unwrap_or_default().to_owned());
            return Ok(None);
        }
        if text_of(info, "level") == Some("error") || REFUSALS.contains(&code) {
            return Err(self.refused(command));
        }
        Ok((code == "NetStream.Publish.Start").then_some(Event::Started))
    }

    /// The information object is the first argument; some servers put it into the command object.
    fn refused(&mut self, command: &Command) -> PushFailure {
        if !self.connected {
            self.rejection = Some(Rejection::read(command, &self.name));
        }
        let words = command.arguments.iter().chain([&command.object]).map(|info| self.secrets.words(info));
        PushFailure::Refused { words: words.into_iter().find(|words| !words.is_empty()).unwrap_or_default() }
    }
}
