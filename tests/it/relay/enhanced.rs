//! Enhanced RTMP as targets see it: what they are told when connected to, and what becomes of those who ask for another
//! connection.

use super::rig::{self, Encoder, GOP, Platform, Rig, STUDIO, Viewer, frames, soon};
use super::{OPENING, shape};
use crate::rtmp_raw::{Peer, command, object, text};
use bytes::Bytes;
use rml_amf0::Amf0Value;
use rml_rtmp::messages::RtmpMessage;
use std::collections::HashMap;
use std::time::Duration;
use telecast::domain::id::TargetId;
use telecast::domain::status::TargetState;
use telecast::media::packet::{Kind, Packet, Role};
use telecast::media::tag::role;
use telecast::relay::report::ReportEvent;
use tokio::net::TcpStream;

/// A platform that says what a test wants, on one connection.
struct Scripted {
    peer: Peer<TcpStream>,
    /// What the connect command asked.
    asked: HashMap<String, Amf0Value>,
    got: Vec<Packet>,
}

impl Scripted {
    /// Up to the connect command.
    async fn greet(platform: &Platform) -> Self {
        let greet = async {
            let (tcp, _) = platform.listener.accept().await.unwrap();
            let mut peer = Peer::server(tcp).await;
            let asked = loop {
                if let Some(RtmpMessage::Amf0Command { command_object, .. }) = peer.hear().await {
                    break command_object.get_object_properties().unwrap();
                }
            };
            Self { peer, asked, got: Vec::new() }
        };
        soon("a push to connect", greet).await
    }

    /// Says yes to all that follows, up to the publish.
    async fn take(platform: &Platform) -> Self {
        Self::take_with(platform, 0.0).await
    }

    /// The same with these capabilities.
    async fn take_with(platform: &Platform, caps: f64) -> Self {
        let mut this = Self::greet(platform).await;
        let take = async {
            let code = ("code", text("NetConnection.Connect.Success"));
            let connected = object([code, ("capsEx", Amf0Value::Number(caps))]);
            this.peer.call("_result", 1.0, Amf0Value::Null, vec![connected]).await;
            loop {
                let (name, transaction, _) = this.peer.hear_command().await.expect("it goes away");
                match name.as_str() {
                    "createStream" => {
                        this.peer.call("_result", transaction, Amf0Value::Null, vec![Amf0Value::Number(1.0)]).await;
                    }
                    "publish" => return this.status("NetStream.Publish.Start", None).await,
                    _ => {}
                }
            }
        };
        soon("a publish", take).await;
        this
    }

    async fn status(&mut self, code: &str, address: Option<&str>) {
        let mut info = HashMap::from([("code".to_owned(), text(code)), ("level".to_owned(), text("status"))]);
        info.extend(address.map(|address| ("tcUrl".to_owned(), text(address))));
        self.peer.say(1, command("onStatus", 0.0, Amf0Value::Null, vec![Amf0Value::Object(info)])).await;
    }

    /// Reads until `enough`, or to the end; false at the end.
    async fn read_until(&mut self, enough: impl Fn(&[Packet]) -> bool) -> bool {
        let read = async {
            while !enough(&self.got) {
                let (kind, timestamp, payload) = match self.peer.hear().await {
                    Some(RtmpMessage::VideoData { data }) => (Kind::Video, 0, data),
                    Some(RtmpMessage::AudioData { data }) => (Kind::Audio, 0, data),
                    Some(RtmpMessage::Amf0Command { command_name, .. }) => panic!("{command_name} without a reason"),
                    Some(_) => continue,
                    None => return false,
                };
                self.got.push(Packet { kind, role: role(kind, &payload), timestamp, payload });
            }
            true
        };
        soon("what was sent", read).await
    }
}

/// An encoder, the connection that its stream goes out on, and the first group, which has arrived.
async fn live(platform: &Platform, picture: &'static [u8]) -> (Rig, Encoder, Scripted, Vec<Packet>) {
    let mut rig = Rig::new().await;
    rig.go_live(vec![platform.target(1)]).await;
    let mut encoder = Box::pin(rig.encoder()).await;
    encoder.picture = picture;
    encoder.headers().await;
    rig.report("live", |event| (*event == ReportEvent::Live).then_some(())).await;
    let mut scripted = Box::pin(Scripted::take(platform)).await;
    let sent = encoder.gop(5_000).await;
    assert!(scripted.read_until(|got| frames(got).len() >= GOP).await);
    (rig, encoder, scripted, sent)
}

const HEVC: &[u8] = b"\x90hvc1\x01\x01\x60\0\0\0\x90\0\0\0\0\0";
const EXTENSIONS: [&str; 4] = ["fourCcList", "videoFourCcInfoMap", "audioFourCcInfoMap", "capsEx"];

#[tokio::test]
async fn a_target_is_told_of_enhanced_rtmp_where_the_stream_is_of_it_and_nothing_otherwise() {
    let platform = Platform::new().await;
    let (rig, _encoder, plain, _) = live(&platform, rig::AVC).await;
    assert!(EXTENSIONS.iter().all(|key| !plain.asked.contains_key(*key)), "{:?}", plain.asked);
    rig.close().await;

    let (rig, _encoder, enhanced, _) = live(&platform, HEVC).await;
    assert_eq!(enhanced.asked["fourCcList"], Amf0Value::StrictArray(vec![text("hvc1")]));
    assert_eq!(enhanced.asked["videoFourCcInfoMap"], object([("hvc1", Amf0Value::Number(4.0))]));
    assert_eq!(enhanced.asked["capsEx"], Amf0Value::Number(15.0));
    rig.close().await;
}

#[tokio::test]
async fn a_server_that_fails_at_the_offer_gets_none_the_next_time() {
    let platform = Platform::new().await;
    let mut rig = Rig::new().await;
    rig.go_live(vec![platform.target(1)]).await;
    let mut encoder = rig.encoder().await;
    encoder.picture = HEVC;
    encoder.headers().await;
    let choked = Scripted::greet(&platform).await;
    assert!(choked.asked.contains_key("fourCcList"));
    drop(choked);
    let taken = Scripted::take(&platform).await;
    assert!(EXTENSIONS.iter().all(|key| !taken.asked.contains_key(*key)), "{:?}", taken.asked);
    rig.state(TargetId(1), |state| *state == TargetState::Accepted).await;
    rig.close().await;
}

#[tokio::test]
async fn extra_tracks_reach_those_who_take_them_untouched_behind_their_headers_and_nobody_else() {
    let header: &'static [u8] = b"\x95\x00mp4a\x01\x12\x10";
    let [plain, able, late] = [Platform::new().await, Platform::new().await, Platform::new().await];
    let mut rig = Rig::new().await;
    rig.go_live(vec![plain.target(1), able.target(2)]).await;
    let mut encoder = rig.encoder().await;
    let extra = |payload: Vec<u8>| {
        let role = role(Kind::Audio, &payload);
        Packet { kind: Kind::Audio, role, timestamp: 0, payload: payload.into() }
    };
    encoder.headers().await;
    encoder.send([extra(header.to_vec())]).await;
    rig.report("live", |event| (*event == ReportEvent::Live).then_some(())).await;
    let (mut without, mut with) = tokio::join!(Scripted::take_with(&plain, 1.0), Scripted::take_with(&able, 3.0));
    let (mut sent, mut tracks) = (Vec::new(), vec![Bytes::from_static(header)]);
    for number in 0..3 {
        sent.extend(encoder.gop(5_000).await);
        // One frame of track 1, and a message of tracks 1 and 2.
        let one = [b"\x95\x01mp4a\x01\x21", &[number; 50][..]].concat();
        let many = [b"\x95\x11mp4a\x01\0\0\x02\x21", &[number][..], b"\x02\0\0\x01\x21"].concat();
        tracks.extend(encoder.send([extra(one), extra(many)]).await.into_iter().map(|packet| packet.payload));
        let own = |got: &[Packet]| got.iter().filter(|packet| packet.payload.first() != Some(&0x95)).cloned().collect();
        let own = move |got: &[Packet]| -> Vec<Packet> { own(got) };
        assert!(without.read_until(|got| frames(&own(got)).len() >= sent.len()).await);
        let whole = |got: &[Packet]| frames(&own(got)).len() >= sent.len() && tracks_of(got).len() >= tracks.len();
        assert!(with.read_until(whole).await);
        assert!(frames(&own(&with.got)) == frames(&sent) && frames(&own(&without.got)) == frames(&sent));
    }
    assert_eq!(tracks_of(&with.got), tracks);
    assert_eq!(tracks_of(&without.got), Vec::<Bytes>::new());

    rig.relay.set_target(STUDIO, late.target(3)).await;
    let mut late = Scripted::take_with(&late, 2.0).await;
    assert_eq!(late.asked["capsEx"], Amf0Value::Number(15.0), "a stream of many tracks is told of");
    assert!(late.read_until(|got| tracks_of(got).len() >= 3).await);
    assert_eq!(tracks_of(&late.got)[0], header, "what they are decoded with comes first");
    let bytes: u64 = frames(&sent).iter().map(|(_, payload)| payload.len() as u64).sum();
    let targets = rig.relay.stop(STUDIO).await.unwrap().targets;
    for id in [1, 2] {
        let target = &targets[&TargetId(id)];
        assert_eq!((target.sent_bytes, target.dropped_bytes), (bytes, 0), "extra tracks are not counted");
    }
    rig.close().await;
}

fn tracks_of(got: &[Packet]) -> Vec<Bytes> {
    got.iter().map(|packet| packet.payload.clone()).filter(|payload| payload.first() == Some(&0x95)).collect()
}

/// What both connections got, without headers; each must begin as a connection does.
fn both(old: &[Packet], new: &Viewer) -> Vec<(Kind, Bytes)> {
    assert_eq!(shape(old)[..3], OPENING[1..]);
    assert_eq!(shape(&new.got)[..4], OPENING);
    [frames(old), new.frames()].concat()
}

#[tokio::test]
async fn a_server_that_asks_for_another_connection_is_left_at_a_keyframe_and_no_frame_is_lost_or_sent_twice() {
    for (other, address) in [(true, "rtmp://{}/other?a=1"), (true, "//{}/other"), (false, "/other"), (false, "")] {
        let (platform, elsewhere) = (Platform::new().await, Platform::new().await);
        let (rig, mut encoder, mut old, mut sent) = live(&platform, rig::AVC).await;
        sent.extend(encoder.gop(5_000).await);
        assert!(old.read_until(|got| frames(got).len() >= sent.len()).await);

        let next = if other { &elsewhere } else { &platform };
        let address = address.replace("{}", &next.listener.local_addr().unwrap().to_string());
        old.status("NetConnection.Connect.ReconnectRequest", (!address.is_empty()).then_some(&address)).await;
        // The new connection is made while the old one is sent to; publish waits for the keyframe.
        let greet = async { next.listener.accept().await.unwrap() };
        let (tcp, _) = soon("the new connection", greet).await;
        let accept = async { telecast::rtmp::accept(tcp.into()).await.unwrap() };
        let mut accept = std::pin::pin!(accept);
        for size in [5_000, 9_000, 5_000, 5_000] {
            sent.extend(encoder.gop(size).await);
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(200)) => {}
                publish = &mut accept => {
                    assert!(!old.read_until(|_| false).await, "the old server sees the end first");
                    let mut new = Viewer::new(publish.begin().await.unwrap());
                    sent.extend(encoder.gop(5_000).await);
                    let left = sent.len() - frames(&old.got).len();
                    new.read_until("the rest", |got| frames(got).len() >= left).await;
                    assert!(both(&old.got, &new) == frames(&sent), "{address}");
                    break;
                }
            }
        }
        let status = rig.relay.status(STUDIO).targets[&TargetId(1)].clone();
        assert_eq!((status.reconnects, status.dropped_frames, status.last_failure), (1, 0, None));
        let bytes: u64 = frames(&sent).iter().map(|(_, payload)| payload.len() as u64).sum();
        assert_eq!(rig.relay.stop(STUDIO).await.unwrap().targets[&TargetId(1)].sent_bytes, bytes);
        rig.close().await;
    }
}

#[tokio::test]
async fn a_server_that_asks_and_closes_at_once_is_no_failure() {
    let (platform, elsewhere) = (Platform::new().await, Platform::new().await);
    let (rig, mut encoder, mut old, mut sent) = live(&platform, rig::AVC).await;
    let address = format!("rtmp://{}/live", elsewhere.listener.local_addr().unwrap());
    old.status("NetConnection.Connect.ReconnectRequest", Some(&address)).await;
    drop(old);
    let mut new = elsewhere.accept().await;
    sent.extend(encoder.gop(5_000).await);
    // From the group at hand on.
    new.gets_all(&sent).await;
    assert_eq!(shape(&new.got)[..4], OPENING);
    let status = rig.relay.status(STUDIO).targets[&TargetId(1)].clone();
    assert_eq!((status.reconnects, status.last_failure), (1, None));
    rig.close().await;
}

#[tokio::test]
async fn a_server_that_asks_and_takes_nothing_more_is_left_for_the_other_and_is_no_failure() {
    let (platform, elsewhere) = (Platform::new().await, Platform::new().await);
    let (rig, mut encoder, mut old, _) = live(&platform, rig::AVC).await;
    // More than the kernel holds for one that does not read.
    for _ in 0..10 {
        encoder.gop(60_000).await;
    }
    let address = format!("rtmp://{}/live", elsewhere.listener.local_addr().unwrap());
    old.status("NetConnection.Connect.ReconnectRequest", Some(&address)).await;
    let mut new = elsewhere.accept().await;
    encoder.gop(5_000).await;
    new.read_until("a picture", |got| got.iter().any(|packet| packet.role == Role::Keyframe)).await;
    let status = rig.relay.status(STUDIO).targets[&TargetId(1)].clone();
    assert_eq!((status.reconnects, status.last_failure), (1, None));
    rig.close().await;
}

#[tokio::test]
async fn an_address_that_may_not_be_dialled_is_not_and_the_stream_stays_where_it_is() {
    for address in ["rtmp://127.0.0.1:6379/live", "https://127.0.0.1/live", "//user:pass@127.0.0.1/live"] {
        let platform = Platform::new().await;
        let (rig, mut encoder, mut old, mut sent) = live(&platform, rig::AVC).await;
        old.status("NetConnection.Connect.ReconnectRequest", Some(address)).await;
        for _ in 0..3 {
            sent.extend(encoder.gop(5_000).await);
            assert!(old.read_until(|got| frames(got).len() >= sent.len()).await, "{address}");
        }
        assert!(frames(&old.got) == frames(&sent), "{address}");
        assert_eq!(rig.relay.status(STUDIO).targets[&TargetId(1)].reconnects, 0);
        rig.close().await;
    }
}
