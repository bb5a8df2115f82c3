//! Platforms that note what they get.

use super::soon;
use bytes::Bytes;
use std::net::SocketAddr;
use std::time::Duration;
use telecast::domain::id::TargetId;
use telecast::domain::rtmp_url::{PushPoint, ServerUrl};
use telecast::domain::secret::StreamKey;
use telecast::media::packet::{Kind, Packet, Role};
use telecast::relay::report::PlannedTarget;
use telecast::rtmp::transport::Stream;
use telecast::rtmp::{self, Publish, Source, SourceEnd};
use tokio::net::TcpListener;

/// A server that takes publishers, one after the other.
pub(in crate::relay) struct Platform {
    pub(in crate::relay) listener: TcpListener,
}

impl Platform {
    pub(in crate::relay) async fn new() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    pub(in crate::relay) fn target(&self, id: u32) -> PlannedTarget {
        target_at(id, self.listener.local_addr().unwrap())
    }

    pub(in crate::relay) async fn knock(&self) -> Publish<Stream> {
        let greet = async {
            let (tcp, _) = self.listener.accept().await.unwrap();
            rtmp::accept(tcp.into()).await.unwrap()
        };
        soon("a push to knock", greet).await
    }

    pub(in crate::relay) async fn accept(&self) -> Viewer {
        Viewer::new(self.knock().await.begin().await.unwrap())
    }
}

pub(in crate::relay) fn target_at(id: u32, address: SocketAddr) -> PlannedTarget {
    keyed_at(id, &format!("rtmp://{address}/live"), "?streamname=a&key=b")
}

pub(in crate::relay) fn keyed_at(id: u32, server: &str, key: &str) -> PlannedTarget {
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
pub(in crate::relay) struct Viewer {
    source: Source<Stream>,
    pub(in crate::relay) got: Vec<Packet>,
}

impl Viewer {
    pub(in crate::relay) fn new(source: Source<Stream>) -> Self {
        Self { source, got: Vec::new() }
    }

    /// Reads on until `enough`.
    pub(in crate::relay) async fn read_until(&mut self, what: &str, mut enough: impl FnMut(&[Packet]) -> bool) {
        let read = async {
            while !enough(&self.got) {
                self.source.read(&mut self.got).await.unwrap_or_else(|end| panic!("ended ({end:?}) before {what}"));
            }
        };
        soon(what, read).await;
    }

    /// Reads to the end and says how it came.
    pub(in crate::relay) async fn read_to_end(&mut self) -> SourceEnd {
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
    pub(in crate::relay) async fn gets_all(&mut self, sent: &[Packet]) {
        let sent = frames(sent);
        self.read_until("all that was sent", |got| frames(got).len() >= sent.len()).await;
        assert!(self.frames() == sent, "something was lost or changed");
    }

    /// What a publisher sent: kind and payload.
    pub(in crate::relay) fn frames(&self) -> Vec<(Kind, Bytes)> {
        frames(&self.got)
    }

    /// What filled a publisher's absence.
    pub(in crate::relay) fn filler(&self) -> Vec<&Packet> {
        self.got.iter().zip(fills(&self.got)).filter(|(_, fills)| *fills).map(|(packet, _)| packet).collect()
    }
}

/// Frames that a publisher sent, without headers and metadata.
pub(in crate::relay) fn frames(packets: &[Packet]) -> Vec<(Kind, Bytes)> {
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
