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

/// Bytes that may come before `publish` is asked for; encoders need about 1 KiB.
const MAX_BEFORE_PUBLISH: usize = 256 * 1024;

/// Characters kept of what an encoder calls itself.
const MAX_ENCODER_CHARS: usize = 64;

/// One encoder's connection.
pub(super) struct Session {
    inbound: Inbound,
    app: String,
    encoder: String,
    connected: bool,
    streams: u32,
    /// The stream that is published, or asked to be, and its name.
    published: Option<(u32, String)>,
    left_before_publish: usize,
    messages: Vec<Message>,
}

/// What a message is to the owner of the connection.
pub(super) enum Event {
    /// The encoder wants to publish.
    Publish,
    /// Audio, video, data or an aggregate.
    Media(Message),
    /// The encoder says that it is done, and is about to say so of the stream as well.
    Unpublished,
    /// The encoder closes the stream.
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
            published: None,
            left_before_publish: MAX_BEFORE_PUBLISH,
            messages: Vec::new(),
        }
    }

    /// What `connect` named as application, its query included.
    pub(super) fn app(&self) -> &str {
        &self.app
    }

    /// What the encoder calls itself.
    pub(super) fn encoder(&self) -> &str {
        &self.encoder
    }

    /// The name that is published, verbatim: a secret.
    pub(super) fn name(&self) -> &str {
        self.published.as_ref().map_or("", |(_, name)| name)
    }

    /// Takes bytes until they complete a publish command; returns how many that were, or `None` if all were taken.
    pub(super) fn await_publish(&mut self, bytes: &[u8], out: &mut Outbound) -> Result<Option<usize>, Fault> {
        let mut messages = Vec::new();
        // One by one: what is behind the command is not subject to the bounds before it.
        for (index, byte) in bytes.chunks(1).enumerate() {
            let left = self.left_before_publish.checked_sub(1);
            self.left_before_publish = left.ok_or_else(|| Fault::protocol("too much before a publish command"))?;
            self.inbound.read(byte, out, &mut messages)?;
            for message in messages.drain(..) {
                if let Some(Event::Publish) = self.handle(message, out)? {
                    return Ok(Some(index.saturating_add(1)));
                }
            }
        }
        Ok(None)
    }

    /// Takes all of `bytes` and gives `event` what they complete, until it returns false.
    pub(super) fn read(
        &mut self,
        bytes: &[u8],
        out: &mut Outbound,
        mut event: impl FnMut(Event) -> bool,
    ) -> Result<(), Fault> {
        let mut messages = std::mem::take(&mut self.messages);
        let result = self.inbound.read(bytes, out, &mut messages);
        for message in messages.drain(..) {
            if self.handle(message, out)?.is_some_and(|found| !event(found)) {
                return Ok(());
            }
        }
        self.messages = messages;
        result
    }

    fn handle(&mut self, message: Message, out: &mut Outbound) -> Result<Option<Event>, Fault> {
        if self.inbound.control(&message, out)? != Control::Other {
            return Ok(None);
        }
        if is_media(message.kind) {
            return Ok(self.published.is_some().then_some(Event::Media(message)));
        }
        match Command::read(&message) {
            Ok(Some(command)) => self.command(message.stream, &command, out),
            Err(fault) if self.published.is_none() => Err(fault.into()),
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
            "publish" if self.published.is_some() => {
                answer::denied(stream, "This connection publishes already.", out)?;
            }
            "publish" => {
                self.published = Some((stream, command.text(0).to_owned()));
                return Ok(Some(Event::Publish));
            }
            "FCPublish" => {
                answer::on_fc_publish(stream, out)?;
                answer::result(stream, command, Amf0Value::Undefined, out)?;
            }
            "releaseStream" | "_checkbw" => answer::result(stream, command, Amf0Value::Undefined, out)?,
            "getStreamLength" => answer::result(stream, command, Amf0Value::Number(0.0), out)?,
            "play" | "play2" => answer::no_play(stream, out)?,
            "FCUnpublish" => return Ok(self.ends(stream, command).then_some(Event::Unpublished)),
            "closeStream" | "deleteStream" => return Ok(self.ends(stream, command).then_some(Event::End)),
            // An error to a call that other servers do not know either makes some encoders give up.
            _ => {}
        }
        Ok(None)
    }

    /// Whether `command` closes what is published, and not some other stream.
    fn ends(&self, stream: u32, command: &Command) -> bool {
        let Some((published, name)) = &self.published else { return false };
        match (command.name.as_str(), command.arguments.first()) {
            ("closeStream", _) => stream == *published,
            ("deleteStream", Some(Amf0Value::Number(id))) => *id == f64::from(*published),
            ("FCUnpublish", Some(Amf0Value::Utf8String(text))) => text == name,
            ("FCUnpublish", _) => true,
            _ => false,
        }
    }

    fn connect(&mut self, command: &Command, out: &mut Outbound) -> Result<(), Fault> {
        if self.connected {
            return answer::error(0, command, "Connected already.", out);
        }
        self.connected = true;
        self.app = text_of(&command.object, "app").unwrap_or_default().trim_matches('/').to_owned();
        let encoder = text_of(&command.object, "flashVer").unwrap_or_default();
        self.encoder = encoder.chars().filter(|c| !c.is_control()).take(MAX_ENCODER_CHARS).collect();
        answer::connected(command, out)
    }

    /// Whether an encoder that heeds its window may soon wait for an acknowledgement that waits to be written.
    pub(super) fn is_urgent(&self) -> bool {
        self.inbound.is_urgent()
    }

    /// Says yes to the publish command, in the words that every encoder waits for.
    pub(super) fn start(&mut self, out: &mut Outbound) -> Result<(), Fault> {
        self.inbound.set_limits(Limits::AFTER_PUBLISH);
        answer::started(self.stream(), out)
    }

    /// Says no to it.
    pub(super) fn deny(&mut self, description: &str, out: &mut Outbound) -> Result<(), Fault> {
        answer::denied(self.stream(), description, out)
    }

    fn stream(&self) -> u32 {
        self.published.as_ref().map_or(0, |(stream, _)| *stream)
    }
}
