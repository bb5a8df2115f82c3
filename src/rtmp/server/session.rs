//! What the server answers to commands, without I/O. Everything that a stranger can ask for is counted.

use super::answer;
use super::media::is_media;
use crate::rtmp::chunk::Limits;
use crate::rtmp::command::{Command, text_of};
use crate::rtmp::fault::Fault;
use crate::rtmp::inbound::{Control, Inbound};
use crate::rtmp::message::Message;
use crate::rtmp::outbound::Outbound;
use rml_amf0::Amf0Value;

/// Message streams that a connection may make.
const MAX_STREAMS: u32 = 8;

/// Bytes that may come before `publish` or `play` is asked for; encoders need about 1 KiB. Strangers have the host's memory for
/// them, all at once.
const MAX_BEFORE_ASKING: usize = 32 * 1024;

/// Characters kept of what an encoder calls itself.
const MAX_ENCODER_CHARS: usize = 64;

/// One encoder's or one player's connection.
pub(in crate::rtmp) struct Session {
    inbound: Inbound,
    app: String,
    encoder: String,
    connected: bool,
    streams: u32,
    asked: Option<Asked>,
    left_before_asking: usize,
    judge: Option<Judge>,
}

/// Judges a connect by its app, query included, and its tcUrl. `Err` holds the words that the server turns it away with.
pub type Judge = Box<dyn Fn(&str, &str) -> Result<(), String> + Send + Sync>;

/// The stream that is published or played, or asked to be.
struct Asked {
    what: What,
    stream: u32,
    name: String,
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Publish,
    Play,
}

/// What a message is to the owner of the connection.
pub(in crate::rtmp) enum Event {
    /// The encoder wants to publish, or the player to play.
    Asked,
    /// Audio, video, data or an aggregate.
    Media(Message),
    /// The encoder says that it is done, and is about to say so of the stream as well.
    Unpublished,
    /// The encoder or the player closes the stream.
    End,
}

impl Session {
    pub(super) fn new() -> Self {
        Self {
            inbound: Inbound::new(Limits::BEFORE_PUBLISH),
            app: String::new(),
            encoder: String::new(),
            connected: false,
            streams: 0,
            asked: None,
            left_before_asking: MAX_BEFORE_ASKING,
            judge: None,
        }
    }

    /// Only who passes `judge` is connected.
    pub(super) fn judged(judge: Judge) -> Self {
        Self { judge: Some(judge), ..Self::new() }
    }

    /// What `connect` named as application, its query included.
    pub(super) fn app(&self) -> &str {
        &self.app
    }

    /// What the encoder calls itself.
    pub(super) fn encoder(&self) -> &str {
        &self.encoder
    }

    /// The name that is published or played, verbatim: a secret.
    pub(super) fn name(&self) -> &str {
        self.asked.as_ref().map_or("", |asked| &asked.name)
    }

    /// Takes of `bytes` what completes a publish or play command; `None`: all of them do not.
    pub(super) fn await_asked(&mut self, bytes: &mut &[u8], out: &mut Outbound) -> Result<Option<What>, Fault> {
        loop {
            let before = bytes.len();
            let message = self.inbound.next(bytes, out)?;
            let left = self.left_before_asking.checked_sub(before - bytes.len());
            self.left_before_asking = left.ok_or_else(|| Fault::protocol("too much before a publish command"))?;
            let Some(message) = message else { return Ok(None) };
            if let (Some(Event::Asked), Some(asked)) = (self.handle(&message, out)?, &self.asked) {
                return Ok(Some(asked.what));
            }
        }
    }

    /// Takes all of `bytes` and gives `event` what they complete, until it returns false.
    pub(in crate::rtmp) fn read(
        &mut self,
        mut bytes: &[u8],
        out: &mut Outbound,
        mut event: impl FnMut(Event) -> bool,
    ) -> Result<(), Fault> {
        while let Some(message) = self.inbound.next(&mut bytes, out)? {
            let found = if is_media(message.kind) {
                self.publishes().then_some(Event::Media(message))
            } else {
                self.handle(&message, out)?
            };
            if found.is_some_and(|found| !event(found)) {
                break;
            }
        }
        Ok(())
    }

    /// What a message that is not media is to the connection's owner.
    fn handle(&mut self, message: &Message, out: &mut Outbound) -> Result<Option<Event>, Fault> {
        if self.inbound.control(message, out)? != Control::Other {
            return Ok(None);
        }
        match Command::read(message) {
            Ok(Some(command)) => self.command(message.stream, &command, out),
            Err(fault) if self.asked.is_none() => Err(fault.into()),
            // Types that nobody knows, and nonsense amid a broadcast.
            _ => Ok(None),
        }
    }

    fn command(&mut self, stream: u32, command: &Command, out: &mut Outbound) -> Result<Option<Event>, Fault> {
        match command.name.as_str() {
            "connect" => self.connect(command, out)?,
            _ if !self.connected => answer::error(stream, command, "Connect first.", out)?,
            "createStream" if self.streams >= MAX_STREAMS => answer::error(stream, command, "Too many streams.", out)?,
            "createStream" => {
                self.streams = self.streams.saturating_add(1);
                answer::result(stream, command, Amf0Value::Number(self.streams.into()), out)?;
            }
            "publish" if self.asked.is_some() => answer::denied(stream, "This connection is in use already.", out)?,
            "publish" => return Ok(Some(self.ask(What::Publish, stream, command))),
            "FCPublish" => {
                answer::on_fc_publish(stream, out)?;
                answer::result(stream, command, Amf0Value::Undefined, out)?;
            }
            "releaseStream" | "_checkbw" => answer::result(stream, command, Amf0Value::Undefined, out)?,
            "getStreamLength" => answer::result(stream, command, Amf0Value::Number(0.0), out)?,
            "play" if self.asked.is_none() => return Ok(Some(self.ask(What::Play, stream, command))),
            "play" | "play2" => answer::not_played(stream, "This connection is in use already.", out)?,
            "FCUnpublish" => return Ok(self.ends(stream, command).then_some(Event::Unpublished)),
            "closeStream" | "deleteStream" => return Ok(self.ends(stream, command).then_some(Event::End)),
            // An error to a call that other servers do not know either makes some encoders give up.
            _ => {}
        }
        Ok(None)
    }

    fn ask(&mut self, what: What, stream: u32, command: &Command) -> Event {
        self.asked = Some(Asked { what, stream, name: command.text(0).to_owned() });
        Event::Asked
    }

    fn publishes(&self) -> bool {
        self.asked.as_ref().is_some_and(|asked| asked.what == What::Publish)
    }

    /// Whether `command` closes what is published or played, and not some other stream.
    fn ends(&self, stream: u32, command: &Command) -> bool {
        let Some(asked) = &self.asked else { return false };
        match (command.name.as_str(), command.arguments.first()) {
            ("closeStream", _) => stream == asked.stream,
            ("deleteStream", Some(Amf0Value::Number(id))) => *id == f64::from(asked.stream),
            ("FCUnpublish", Some(Amf0Value::Utf8String(text))) => *text == asked.name,
            ("FCUnpublish", _) => true,
            _ => false,
        }
    }

    fn connect(&mut self, command: &Command, out: &mut Outbound) -> Result<(), Fault> {
        if self.connected {
            return answer::error(0, command, "Connected already.", out);
        }
        let text = |key| text_of(&command.object, key).unwrap_or_default();
        if let Some(judge) = &self.judge
            && let Err(words) = judge(text("app"), text("tcUrl"))
        {
            return answer::rejected(command, &words, out);
        }
        self.connected = true;
        self.app = text("app").trim_matches('/').to_owned();
        self.encoder = text("flashVer").chars().filter(|c| !c.is_control()).take(MAX_ENCODER_CHARS).collect();
        answer::connected(command, out)
    }

    pub(super) fn inbound(&self) -> &Inbound {
        &self.inbound
    }

    /// Says yes to the publish or play command, in the words that every encoder and every player waits for.
    pub(super) fn start(&mut self, out: &mut Outbound) -> Result<(), Fault> {
        if !self.publishes() {
            return answer::playing(self.stream(), out);
        }
        self.inbound.set_limits(Limits::AFTER_PUBLISH);
        answer::started(self.stream(), out)
    }

    /// Says no to it. Another may follow.
    pub(super) fn deny(&mut self, description: &str, out: &mut Outbound) -> Result<(), Fault> {
        let (stream, publishes) = (self.stream(), self.publishes());
        self.asked = None;
        if publishes { answer::denied(stream, description, out) } else { answer::not_played(stream, description, out) }
    }

    /// The end of what was played.
    pub(in crate::rtmp) fn goodbye(&self, out: &mut Outbound) -> Result<(), Fault> {
        answer::played(self.stream(), out)
    }

    /// The message stream of what is published or played.
    pub(in crate::rtmp) fn stream(&self) -> u32 {
        self.asked.as_ref().map_or(0, |asked| asked.stream)
    }
}
