//! A peer that says whatever a test wants, in rml_rtmp's encoding, which is independent of Telecast's own.

use rml_amf0::Amf0Value;
use rml_rtmp::chunk_io::{ChunkDeserializer, ChunkSerializer};
use rml_rtmp::handshake::{Handshake, HandshakeProcessResult, PeerType};
use rml_rtmp::messages::RtmpMessage;
use rml_rtmp::time::RtmpTimestamp;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};

pub(crate) struct Peer<S = DuplexStream> {
    pub(crate) stream: S,
    writer: ChunkSerializer,
    reader: ChunkDeserializer,
    rest: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Peer<S> {
    pub(crate) async fn client(stream: S) -> Self {
        let mut handshake = Handshake::new(PeerType::Client);
        let hello = handshake.generate_outbound_p0_and_p1().unwrap();
        Self::shake(stream, handshake, &hello).await
    }

    pub(crate) async fn server(stream: S) -> Self {
        Self::shake(stream, Handshake::new(PeerType::Server), &[]).await
    }

    /// An encoder that has asked to publish with `key`, on message stream 1.
    pub(crate) async fn encoder(stream: S, key: &str) -> Self {
        let mut peer = Self::client(stream).await;
        peer.call("connect", 1.0, object([("app", text("live"))]), vec![]).await;
        peer.call("createStream", 2.0, Amf0Value::Null, vec![]).await;
        peer.say(1, command("publish", 3.0, Amf0Value::Null, vec![text(key)])).await;
        peer
    }

    async fn shake(mut stream: S, mut handshake: Handshake, hello: &[u8]) -> Self {
        stream.write_all(hello).await.unwrap();
        let rest = loop {
            let mut buf = vec![0; 4096];
            let count = stream.read(&mut buf).await.unwrap();
            let (answer, rest) = match handshake.process_bytes(&buf[..count]).unwrap() {
                HandshakeProcessResult::InProgress { response_bytes } => (response_bytes, None),
                HandshakeProcessResult::Completed { response_bytes, remaining_bytes } => {
                    (response_bytes, Some(remaining_bytes))
                }
            };
            stream.write_all(&answer).await.unwrap();
            if let Some(rest) = rest {
                break rest;
            }
        };
        Self { stream, writer: ChunkSerializer::new(), reader: ChunkDeserializer::new(), rest }
    }

    pub(crate) fn encode(&mut self, stream: u32, message: RtmpMessage) -> Vec<u8> {
        let message = message.into_message_payload(RtmpTimestamp::new(0), stream).unwrap();
        self.writer.serialize(&message, false, false).unwrap().bytes
    }

    pub(crate) async fn say(&mut self, stream: u32, message: RtmpMessage) {
        let bytes = self.encode(stream, message);
        self.stream.write_all(&bytes).await.unwrap();
    }

    pub(crate) async fn call(&mut self, name: &str, transaction: f64, object: Amf0Value, arguments: Vec<Amf0Value>) {
        self.say(0, command(name, transaction, object, arguments)).await;
    }

    /// The next message; `None` at the end.
    pub(crate) async fn hear(&mut self) -> Option<RtmpMessage> {
        loop {
            if let Some(message) = self.reader.get_next_message(&std::mem::take(&mut self.rest)).unwrap() {
                let message = message.to_rtmp_message().unwrap();
                if let RtmpMessage::SetChunkSize { size } = message {
                    self.reader.set_max_chunk_size(size as usize).unwrap();
                }
                return Some(message);
            }
            let mut buf = vec![0; 4096];
            match self.stream.read(&mut buf).await {
                Ok(count) if count > 0 => self.rest = buf[..count].to_vec(),
                _ => return None,
            }
        }
    }

    /// The next command: its name, transaction, and the value of `code` in its information, or its first argument.
    pub(crate) async fn hear_command(&mut self) -> Option<(String, f64, String)> {
        loop {
            if let RtmpMessage::Amf0Command { command_name, transaction_id, additional_arguments, .. } =
                self.hear().await?
            {
                let said = match additional_arguments.first() {
                    Some(Amf0Value::Object(fields)) => fields["code"].clone().get_string().unwrap(),
                    other => format!("{other:?}"),
                };
                return Some((command_name, transaction_id, said));
            }
        }
    }
}

pub(crate) fn command(name: &str, transaction_id: f64, object: Amf0Value, arguments: Vec<Amf0Value>) -> RtmpMessage {
    RtmpMessage::Amf0Command {
        command_name: name.to_owned(),
        transaction_id,
        command_object: object,
        additional_arguments: arguments,
    }
}

pub(crate) fn text(text: &str) -> Amf0Value {
    Amf0Value::Utf8String(text.to_owned())
}

pub(crate) fn object<const N: usize>(fields: [(&str, Amf0Value); N]) -> Amf0Value {
    Amf0Value::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}
