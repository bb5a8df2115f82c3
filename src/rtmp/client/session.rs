//! What the client says and makes of the answers, without I/O.

use super::connect::Request;
use super::offer::{Offer, takes_tracks};
use super::words::Secrets;
use crate::domain::status::PushFailure;
use crate::rtmp::chunk::{CHUNK_SIZE, Limits};
use crate::rtmp::command::{Command, object, text, text_of};
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
    takes_tracks: bool,
    reconnect: Option<String>,
    messages: Vec<Message>,
}

/// What came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
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
    pub(super) fn new(request: &Request<'_>) -> Self {
        Self {
            inbound: Inbound::new(Limits::BEFORE_PUBLISH),
            secrets: Secrets::new(request.app, request.name),
            name: request.name.to_owned(),
            stream: 0,
            takes_tracks: false,
            reconnect: None,
            messages: Vec::new(),
        }
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

    pub(super) fn connect(&self, request: &Request<'_>, offer: Offer, out: &mut Outbound) -> Result<(), Fault> {
        let mut asked = object([
            ("app", text(request.app)),
            ("type", text("nonprivate")),
            ("flashVer", text(FLASH_VERSION)),
            ("swfUrl", text(request.tc_url)),
            ("tcUrl", text(request.tc_url)),
        ]);
        if let Amf0Value::Object(asked) = &mut asked {
            asked.extend(offer.fields().into_iter().map(|(key, value)| (key.to_owned(), value)));
        }
        out.command(0, "connect", CONNECT, asked, vec![])
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
        bytes: &[u8],
        out: &mut Outbound,
        mut event: impl FnMut(Event),
    ) -> Result<(), PushFailure> {
        let mut messages = std::mem::take(&mut self.messages);
        let result = self.inbound.read(bytes, out, &mut messages);
        for message in messages.drain(..) {
            if let Some(found) = self.handle(&message, out)? {
                event(found);
            }
        }
        self.messages = messages;
        Ok(result?)
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

    fn error(&self, command: &Command) -> Result<Option<Event>, PushFailure> {
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
    fn refused(&self, command: &Command) -> PushFailure {
        let words = command.arguments.iter().chain([&command.object]).map(|info| self.secrets.words(info));
        PushFailure::Refused { words: words.into_iter().find(|words| !words.is_empty()).unwrap_or_default() }
    }
}
