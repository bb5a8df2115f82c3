//! Encoders that send what they are told, and a server that plays it.

use super::soon;
use bytes::Bytes;
use std::net::SocketAddr;
use std::time::Duration;
use telecast::domain::rtmp_url::PushPoint;
use telecast::domain::status::PushFailure;
use telecast::media::packet::{Kind, Packet, Role};
use telecast::rtmp::transport::Stream;
use telecast::rtmp::{self, Asks, Play, Request, Sink};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// Packets of [`Encoder::gop`].
pub(in crate::relay) const GOP: usize = 20;

/// Sequence headers: a tag's head, and as much of a configuration as a relay looks at.
pub(in crate::relay) const AVC: &[u8] = b"\x17\0\0\0\0\x01\x64\0\x1f\xff\xe1\0\0";
pub(in crate::relay) const HEVC: &[u8] = b"\x1c\0\0\0\0\x01\x01\x60\0";
const AAC: &[u8] = b"\xaf\0\x12\x10";

/// A published stream whose every frame has a number in its payload.
pub(in crate::relay) struct Encoder {
    sink: Option<Sink<Stream>>,
    next: u32,
    /// Milliseconds.
    pub(in crate::relay) clock: u32,
    /// What its sequence headers hold: tag, and a decoder's configuration.
    pub(in crate::relay) picture: &'static [u8],
    pub(in crate::relay) sound: &'static [u8],
    /// The kind of NAL unit that its keyframes are: an IDR's slice.
    pub(in crate::relay) key: u8,
}

impl Encoder {
    pub(in crate::relay) async fn connect(ingest: SocketAddr) -> Result<Self, PushFailure> {
        let stream = Stream::from(TcpStream::connect(ingest).await.unwrap());
        let request = Request { app: "live", tc_url: "rtmp://127.0.0.1/live", name: "an-ingest-key" };
        let publish = async { rtmp::connect(stream, &request).await?.publish().await };
        Ok(Self::over(soon("the encoder to be judged", publish).await?))
    }

    pub(in crate::relay) fn over(sink: Sink<Stream>) -> Self {
        Self { sink: Some(sink), next: 0, clock: 0, picture: AVC, sound: AAC, key: 0x65 }
    }

    pub(in crate::relay) async fn headers(&mut self) -> Vec<Packet> {
        let header = |kind, payload| self.opening(kind, Role::SequenceHeader, payload);
        let packets = [self.about(), header(Kind::Video, self.picture), header(Kind::Audio, self.sound)];
        self.send(packets).await
    }

    /// Sends metadata alone.
    pub(in crate::relay) async fn metadata(&mut self) {
        self.send([self.about()]).await;
    }

    fn about(&self) -> Packet {
        let metadata = b"\x02\0\x0d@setDataFrame\x02\0\x0aonMetaData\x08\0\0\0\0\0\0\x09";
        self.opening(Kind::Data, Role::Metadata, metadata)
    }

    fn opening(&self, kind: Kind, role: Role, payload: &'static [u8]) -> Packet {
        Packet { kind, role, timestamp: self.clock, payload: Bytes::from_static(payload) }
    }

    /// A keyframe, nine frames and ten of sound, `size` bytes each picture; what was sent.
    pub(in crate::relay) async fn gop(&mut self, size: usize) -> Vec<Packet> {
        let mut sent = Vec::new();
        for frame in 0..GOP / 2 {
            // One NAL unit.
            let (kind, role, unit) =
                if frame == 0 { (0x10, Role::Keyframe, self.key) } else { (0x20, Role::Frame, 0x41) };
            let len = (size - 9) as u32;
            let tag = match self.picture {
                // Enhanced RTMP, with the same four characters.
                [first, name @ ..] if first & 0x80 != 0 => [&[0x80 | kind | 3], &name[..4]].concat(),
                _ => vec![kind | self.picture[0] & 0x0f, 1, 0, 0, 0],
            };
            let head = [&tag, &len.to_be_bytes()[..], &[unit]].concat();
            let picture = self.packet(Kind::Video, role, &head, size);
            let sound = self.packet(Kind::Audio, Role::Frame, &[self.sound[0], 1], 200);
            self.clock = self.clock.wrapping_add(33);
            sent.extend(self.send([picture, sound]).await);
        }
        sent
    }

    /// Goes on with another number: two encoders' payloads are told apart by it.
    pub(in crate::relay) fn number_from(&mut self, number: u32) {
        self.next = number;
    }

    fn packet(&mut self, kind: Kind, role: Role, head: &[u8], size: usize) -> Packet {
        let mut payload = head.to_vec();
        payload.extend(self.next.to_be_bytes());
        // Bytes that depend on place and number, so that nothing mixed up goes unseen.
        let number = self.next as usize;
        payload.extend((payload.len()..size).map(|at| (at * 31 + number * 7) as u8));
        self.next += 1;
        Packet { kind, role, timestamp: self.clock, payload: payload.into() }
    }

    pub(in crate::relay) async fn send<const N: usize>(&mut self, packets: [Packet; N]) -> Vec<Packet> {
        let sink = self.sink.as_mut().unwrap();
        sink.queue(&mut packets.to_vec());
        let drain = async {
            while !sink.is_empty() {
                sink.step().await.unwrap();
            }
        };
        soon("the relay to read", drain).await;
        packets.to_vec()
    }

    /// Sends to a relay that is about to close the connection, until it does.
    pub(in crate::relay) async fn sends_in_vain(&mut self, packets: &[Packet]) {
        self.sink.as_mut().unwrap().queue(&mut packets.to_vec());
        self.closed().await;
    }

    /// Until the relay closes the connection.
    pub(in crate::relay) async fn closed(&mut self) {
        let sink = self.sink.as_mut().unwrap();
        while sink.step().await.is_ok() {}
    }

    /// Ends the publish in order.
    pub(in crate::relay) async fn finish(mut self) {
        self.sink.take().unwrap().goodbye().await;
    }
}

/// A server that is played from, by one player after the other.
pub(in crate::relay) struct Upstream {
    listener: TcpListener,
}

impl Upstream {
    pub(in crate::relay) async fn new() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    pub(in crate::relay) fn point(&self) -> PushPoint {
        PushPoint::from_url(&format!("rtmp://{}/live/room?key=a", self.listener.local_addr().unwrap())).unwrap()
    }

    pub(in crate::relay) async fn knock(&self) -> Play<Stream> {
        let greet = async {
            let (tcp, _) = self.listener.accept().await.unwrap();
            match rtmp::receive(tcp.into()).await.unwrap() {
                Asks::Play(play) => play,
                Asks::Publish(publish) => panic!("{publish:?}"),
            }
        };
        soon("a pull to knock", greet).await
    }

    /// Plays; what is sent is an encoder's.
    pub(in crate::relay) async fn accept(&self) -> Encoder {
        let play = self.knock().await;
        assert_eq!(play.name(), "room?key=a");
        Encoder::over(play.begin().await.unwrap())
    }

    /// Whether anybody knocks within so long.
    pub(in crate::relay) async fn is_left_alone(&self, within: Duration) -> bool {
        timeout(within, self.listener.accept()).await.is_err()
    }
}
