//! A relay on loopback, encoders that send what they are told, and platforms that note what they get.

use bytes::Bytes;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use telecast::domain::id::{StudioId, TargetId};
use telecast::domain::rtmp_url::{PushPoint, ServerUrl};
use telecast::domain::secret::StreamKey;
use telecast::domain::status::{PushFailure, TargetState};
use telecast::media::packet::{Kind, Packet, Role};
use telecast::relay::dial::{Dialler, SystemResolver};
use telecast::relay::gate::AddressGate;
use telecast::relay::ingest::{Ingest, Listeners};
use telecast::relay::report::{Plan, PlannedTarget, Report, ReportEvent};
use telecast::relay::{Relay, RelaySettings};
use telecast::rtmp::transport::{ClientTls, Stream};
use telecast::rtmp::{self, Asks, Play, Publish, Request, Sink, Source, SourceEnd};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(super) const STUDIO: StudioId = StudioId(7);
/// Far beyond what anything here takes.
pub(super) const DEADLINE: Duration = Duration::from_secs(20);

pub(super) async fn soon<T>(what: &str, work: impl Future<Output = T>) -> T {
    timeout(DEADLINE, work).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

/// A relay whose every encoder belongs to [`STUDIO`].
pub(super) struct Rig {
    pub(super) relay: Relay,
    pub(super) reports: mpsc::Receiver<Report>,
    pub(super) ingest: SocketAddr,
    tracker: TaskTracker,
    token: CancellationToken,
}

impl Rig {
    pub(super) async fn new() -> Self {
        let (token, tracker) = (CancellationToken::new(), TaskTracker::new());
        let tls = ClientTls::new(None).unwrap();
        let dialler = Arc::new(Dialler::new(Arc::new(SystemResolver), AddressGate::open(), tls));
        let (relay, reports) = Relay::new(dialler, RelaySettings::default(), tracker.clone(), token.clone());
        let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let ingest = plain.local_addr().unwrap();
        let mut arrivals = Ingest::start(Listeners { plain, tls: None }, &tracker, &token);
        let to = relay.clone();
        let doorman = tracker.clone();
        tracker.spawn(async move {
            while let Some(arrival) = arrivals.recv().await {
                let publish = match arrival.asks {
                    Asks::Publish(publish) => publish,
                    Asks::Play(play) => {
                        if let Some(play) = to.play(STUDIO, play).await {
                            doorman.spawn(play.reject("no room"));
                        }
                        continue;
                    }
                };
                if let Some(contested) = to.attach(STUDIO, publish).await {
                    doorman.spawn(contested.publish.reject(if contested.news { "the first" } else { "one more" }));
                }
            }
        });
        Self { relay, reports, ingest, tracker, token }
    }

    pub(super) async fn encoder(&self) -> Encoder {
        self.asks_to_publish().await.unwrap()
    }

    /// An encoder, or why it is not let in.
    pub(super) async fn asks_to_publish(&self) -> Result<Encoder, PushFailure> {
        Encoder::connect(self.ingest).await
    }

    pub(super) async fn go_live(&self, targets: Vec<PlannedTarget>) {
        let hour = Duration::from_secs(3600);
        assert!(self.relay.go_live(STUDIO, Plan { targets, hold: hour, wait: hour, pull: None }).await);
    }

    /// Live on `targets`, from a source that is fetched.
    pub(super) async fn go_live_from(&self, upstream: &Upstream, targets: Vec<PlannedTarget>) {
        let hour = Duration::from_secs(3600);
        assert!(
            self.relay.go_live(STUDIO, Plan { targets, hold: hour, wait: hour, pull: Some(upstream.point()) }).await
        );
    }

    /// A player, or why it is not let in.
    pub(super) async fn plays(&self) -> Result<Viewer, PushFailure> {
        let stream = TcpStream::connect(self.ingest).await.unwrap();
        let request = Request { app: "live", tc_url: "rtmp://127.0.0.1/live", name: "a-read-key" };
        let source = soon("the player to be judged", rtmp::play(stream.into(), &request)).await?;
        Ok(Viewer { source, got: Vec::new() })
    }

    /// Reads reports until `found` finds what it wants.
    pub(super) async fn report<T>(&mut self, what: &str, mut found: impl FnMut(&ReportEvent) -> Option<T>) -> T {
        let reports = &mut self.reports;
        let find = async {
            loop {
                let report = reports.recv().await.expect("the relay ended");
                if let Some(found) = found(&report.event) {
                    return found;
                }
            }
        };
        soon(what, find).await
    }

    /// The next state of a target that `wanted` wants, and the failure that came with it.
    pub(super) async fn state(
        &mut self,
        target: TargetId,
        wanted: impl Fn(&TargetState) -> bool,
    ) -> (TargetState, Option<PushFailure>) {
        self.report("a target's state", |event| match event {
            ReportEvent::Target { id, state, failure } if *id == target && wanted(state) => {
                Some((state.clone(), failure.clone()))
            }
            _ => None,
        })
        .await
    }

    /// Ends the relay as SIGTERM does; every task of it must end.
    pub(super) async fn close(self) {
        self.token.cancel();
        self.tracker.close();
        soon("the relay's tasks to end", self.tracker.wait()).await;
    }
}

/// Packets of [`Encoder::gop`].
pub(super) const GOP: usize = 20;

/// Sequence headers: a tag's head, and as much of a configuration as a relay looks at.
pub(super) const AVC: &[u8] = b"\x17\0\0\0\0\x01\x64\0\x1f\xff\xe1\0\0";
pub(super) const HEVC: &[u8] = b"\x1c\0\0\0\0\x01\x01\x60\0";
pub(super) const AAC: &[u8] = b"\xaf\0\x12\x10";

/// A published stream whose every frame has a number in its payload.
pub(super) struct Encoder {
    sink: Option<Sink<Stream>>,
    next: u32,
    /// Milliseconds.
    pub(super) clock: u32,
    /// What its sequence headers hold: tag, and a decoder's configuration.
    pub(super) picture: &'static [u8],
    pub(super) sound: &'static [u8],
    /// The kind of NAL unit that its keyframes are: an IDR's slice.
    pub(super) key: u8,
}

impl Encoder {
    async fn connect(ingest: SocketAddr) -> Result<Self, PushFailure> {
        let stream = Stream::from(TcpStream::connect(ingest).await.unwrap());
        let request = Request { app: "live", tc_url: "rtmp://127.0.0.1/live", name: "an-ingest-key" };
        let publish = async { rtmp::connect(stream, &request).await?.publish().await };
        Ok(Self::over(soon("the encoder to be judged", publish).await?))
    }

    pub(super) fn over(sink: Sink<Stream>) -> Self {
        Self { sink: Some(sink), next: 0, clock: 0, picture: AVC, sound: AAC, key: 0x65 }
    }

    pub(super) async fn headers(&mut self) -> Vec<Packet> {
        let metadata = Bytes::from_static(b"\x02\0\x0d@setDataFrame\x02\0\x0aonMetaData\x08\0\0\0\0\0\0\x09");
        let packets = [
            (Kind::Data, Role::Metadata, metadata),
            (Kind::Video, Role::SequenceHeader, Bytes::from_static(self.picture)),
            (Kind::Audio, Role::SequenceHeader, Bytes::from_static(self.sound)),
        ];
        self.send(packets.map(|(kind, role, payload)| Packet { kind, role, timestamp: self.clock, payload })).await
    }

    /// A keyframe, nine frames and ten of sound, `size` bytes each picture; what was sent.
    pub(super) async fn gop(&mut self, size: usize) -> Vec<Packet> {
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
    pub(super) fn number_from(&mut self, number: u32) {
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

    pub(super) async fn send<const N: usize>(&mut self, packets: [Packet; N]) -> Vec<Packet> {
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

    /// Until the relay closes the connection.
    pub(super) async fn closed(&mut self) {
        let sink = self.sink.as_mut().unwrap();
        while sink.step().await.is_ok() {}
    }

    /// Ends the publish in order.
    pub(super) async fn finish(mut self) {
        self.sink.take().unwrap().goodbye().await;
    }
}

/// A server that is played from, by one player after the other.
pub(super) struct Upstream {
    listener: TcpListener,
}

impl Upstream {
    pub(super) async fn new() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    pub(super) fn point(&self) -> PushPoint {
        PushPoint::from_url(&format!("rtmp://{}/live/room?key=a", self.listener.local_addr().unwrap())).unwrap()
    }

    pub(super) async fn knock(&self) -> Play<Stream> {
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
    pub(super) async fn accept(&self) -> Encoder {
        let play = self.knock().await;
        assert_eq!(play.name(), "room?key=a");
        Encoder::over(play.begin().await.unwrap())
    }

    /// Whether anybody knocks within so long.
    pub(super) async fn is_left_alone(&self, within: Duration) -> bool {
        timeout(within, self.listener.accept()).await.is_err()
    }
}

/// A server that takes publishers, one after the other.
pub(super) struct Platform {
    pub(super) listener: TcpListener,
}

impl Platform {
    pub(super) async fn new() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    pub(super) fn target(&self, id: u32) -> PlannedTarget {
        target_at(id, self.listener.local_addr().unwrap())
    }

    pub(super) async fn knock(&self) -> Publish<Stream> {
        let greet = async {
            let (tcp, _) = self.listener.accept().await.unwrap();
            rtmp::accept(tcp.into()).await.unwrap()
        };
        soon("a push to knock", greet).await
    }

    pub(super) async fn accept(&self) -> Viewer {
        Viewer::new(self.knock().await.begin().await.unwrap())
    }
}

pub(super) fn target_at(id: u32, address: SocketAddr) -> PlannedTarget {
    keyed_at(id, &format!("rtmp://{address}/live"), "?streamname=a&key=b")
}

pub(super) fn keyed_at(id: u32, server: &str, key: &str) -> PlannedTarget {
    let (server, key) = (ServerUrl::parse(server).unwrap(), StreamKey::parse(key).unwrap());
    PlannedTarget {
        id: TargetId(id),
        point: PushPoint { server, key },
        settle: Duration::from_secs(15),
        takes: Vec::new(),
        owners_turn: false,
        key_over: false,
    }
}

/// What one connection to a platform got.
pub(super) struct Viewer {
    source: Source<Stream>,
    pub(super) got: Vec<Packet>,
}

impl Viewer {
    pub(super) fn new(source: Source<Stream>) -> Self {
        Self { source, got: Vec::new() }
    }

    /// Reads on until `enough`.
    pub(super) async fn read_until(&mut self, what: &str, mut enough: impl FnMut(&[Packet]) -> bool) {
        let read = async {
            while !enough(&self.got) {
                self.source.read(&mut self.got).await.unwrap_or_else(|end| panic!("ended ({end:?}) before {what}"));
            }
        };
        soon(what, read).await;
    }

    /// Reads to the end and says how it came.
    pub(super) async fn read_to_end(&mut self) -> SourceEnd {
        let read = async {
            loop {
                if let Err(end) = self.source.read(&mut self.got).await {
                    return end;
                }
            }
        };
        soon("the end of a push", read).await
    }

    /// Reads on until as many frames have come as were sent; they must be the same.
    pub(super) async fn gets_all(&mut self, sent: &[Packet]) {
        let sent = frames(sent);
        self.read_until("all that was sent", |got| frames(got).len() >= sent.len()).await;
        assert!(self.frames() == sent, "something was lost or changed");
    }

    /// What a publisher sent: kind and payload.
    pub(super) fn frames(&self) -> Vec<(Kind, Bytes)> {
        frames(&self.got)
    }

    /// What filled a publisher's absence.
    pub(super) fn filler(&self) -> Vec<&Packet> {
        self.got.iter().zip(fills(&self.got)).filter(|(_, fills)| *fills).map(|(packet, _)| packet).collect()
    }
}

/// Frames that a publisher sent, without headers and metadata.
pub(super) fn frames(packets: &[Packet]) -> Vec<(Kind, Bytes)> {
    let sent = packets.iter().zip(fills(packets)).filter(|(_, fills)| !fills).map(|(packet, _)| packet);
    let frames = sent.filter(|p| !matches!(p.role, Role::Metadata | Role::SequenceHeader));
    frames.map(|p| (p.kind, p.payload.clone())).collect()
}

/// Whether each packet fills a publisher's absence: silence, or the keyframe before it once more. An [`Encoder`]'s
/// payloads are all different, and none is silent.
fn fills(packets: &[Packet]) -> Vec<bool> {
    let mut keyframe = None;
    let fills = |packet: &Packet| match (packet.kind, packet.role) {
        (Kind::Audio, Role::Frame) => packet.payload == SILENCE,
        (Kind::Video, Role::Keyframe) => keyframe.replace(packet.payload.clone()).as_ref() == Some(&packet.payload),
        _ => false,
    };
    packets.iter().map(fills).collect()
}

/// A frame of silent stereo AAC-LC, as it was tried with real decoders.
const SILENCE: &[u8] = b"\xaf\x01\x21\x00\x49\x90\x02\x19\x00\x23\x80";
