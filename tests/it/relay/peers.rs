//! The relay between real peers, where their reading of the protocol is what counts.

use super::rig::{Platform, Rig, STUDIO, keyed_at};
use crate::bed::encoder::{Coded, Encoder};
use crate::bed::flv::{self, Kind, Role, Tag};
use crate::bed::listener::Listener;
use crate::bed::nginx::Nginx;
use crate::bed::proc::Proc;
use crate::bed::{free_port, scratch, until};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use telecast::domain::status::Profile;
use telecast::media::packet::{self, Packet};
use telecast::media::tag::role;

const SOON: Duration = Duration::from_secs(20);

/// What a decoder has to say of a file: nothing, where nothing is wrong.
async fn decoded(file: &Path, dir: &Path) -> String {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "warning", "-xerror", "-i"]).arg(file).args(["-f", "null", "-"]);
    let mut decoder = Proc::start("decoder", &command, dir).unwrap();
    decoder.wait_for_end(SOON * 2).await.unwrap();
    decoder.log()
}

#[tokio::test]
async fn nginx_records_and_ffmpeg_decodes_what_crosses_2_to_the_24_ms() {
    let dir = scratch().unwrap();
    let dir = dir.path();
    let nginx = Nginx::start("nginx", &["late"], dir).await.unwrap();
    let rig = Rig::new().await;
    rig.go_live(vec![keyed_at(1, &nginx.server(), "late")]).await;
    let url = format!("rtmp://{}/live/key", rig.ingest);
    // 2^24 ms are 16777.216 s.
    let mut encoder = Encoder::late("encoder", &url, 16_776.0, 4, dir).unwrap();
    encoder.finishes(SOON * 2).await.unwrap();
    let sent = flv::read(encoder.sent()).unwrap();
    let received = nginx.recording("late");
    let read = || flv::without_filler(flv::read(&received).unwrap_or_default());
    let arrived = until("all of it", SOON, || flv::compare(&sent, &read()).holds().then_some(())).await;
    // The end of the show, so that nothing is written while the file is read: what fills the encoder's absence goes on.
    rig.relay.stop(STUDIO).await;
    let left = || nginx.proc.log().contains("disconnect").then_some(());
    until("nginx to see the end", SOON, left).await.unwrap();
    let got = read();
    assert!(arrived.is_ok(), "{}", flv::compare(&sent, &got));

    let crossed = |tag: &Tag| tag.timestamp > 0x100_0000 && tag.payload.len() > 60_000;
    assert!(sent.iter().any(crossed), "nothing that needs two chunks crossed");
    for kind in [Kind::Video, Kind::Audio] {
        let times = |tags: &[Tag]| -> Vec<u32> {
            let frames =
                tags.iter().filter(|tag| tag.kind == kind && tag.role() != Role::Header && tag.role() != Role::Other);
            frames.map(|tag| tag.timestamp).collect()
        };
        let (sent, got) = (times(&sent), times(&got));
        let steps =
            |times: &[u32]| times.windows(2).map(|pair| i64::from(pair[1]) - i64::from(pair[0])).collect::<Vec<_>>();
        let (sent, got) = (steps(&sent), steps(&got));
        assert!(sent.ends_with(&got) && got.len() > 90, "{kind:?}: {sent:?} {got:?}");
    }
    assert_eq!(decoded(&received, dir).await, "");
    rig.close().await;
}

#[tokio::test]
async fn profile_and_bframes_of_what_x264_encodes_are_measured() {
    let dir = scratch().unwrap();
    let dir = dir.path();
    let rig = Rig::new().await;
    let url = format!("rtmp://{}/live/key", rig.ingest);
    let measured = || rig.relay.status(STUDIO).source?.video.filter(|video| video.fps > 0.0);

    let encoder = Encoder::ffmpeg("two", &url, 10, dir).await.unwrap();
    let video = until("it to be measured", SOON, measured).await.unwrap();
    assert_eq!((video.codec, video.profile, video.bframes), ("H.264", Some(Profile::High), 2), "{video:?}");
    drop(encoder);
    let gone = || rig.relay.status(STUDIO).source.is_none().then_some(());
    until("it to be gone", SOON, gone).await.unwrap();

    // x264's fastest preset does without.
    let _encoder = Encoder::late("none", &url, 0.0, 10, dir).unwrap();
    let video = until("it to be measured", SOON, measured).await.unwrap();
    assert_eq!((video.profile, video.bframes), (Some(Profile::Baseline), 0), "{video:?}");
    rig.close().await;
}

fn tag(packet: &Packet) -> Tag {
    let kind = match packet.kind {
        packet::Kind::Audio => Kind::Audio,
        packet::Kind::Video => Kind::Video,
        packet::Kind::Data => Kind::Data,
    };
    Tag { kind, timestamp: packet.timestamp, payload: packet.payload.to_vec() }
}

#[tokio::test]
async fn what_ffmpeg_9_sends_as_enhanced_rtmp_arrives_byte_for_byte_at_a_server_of_ours_and_at_ffmpeg_9() {
    let dir = scratch().unwrap();
    let dir = dir.path();
    for coded in [Coded::Hevc, Coded::Av1, Coded::Vp9] {
        coded.clip().await.unwrap();
    }
    let relayed = async |coded: Coded| {
        let (name, port, platform) = (format!("{coded:?}"), free_port().unwrap(), Platform::new().await);
        let mut listener = Listener::enhanced(port, &format!("{name}-sink"), "key", dir).await.unwrap();
        let rig = Rig::new().await;
        rig.go_live(vec![keyed_at(1, &Listener::server(port), "key"), platform.target(2)]).await;
        let url = format!("rtmp://{}/live/key", rig.ingest);
        let mut encoder = Encoder::coded(&name, &url, coded, Some(4), dir).await.unwrap();
        let mut viewer = platform.accept().await;
        let pictures = |got: &[Packet]| got.iter().filter(|packet| packet.kind == packet::Kind::Video).count();
        let read = viewer.read_until("100 pictures", |got| pictures(got) > 100);
        let (finished, ()) = tokio::join!(encoder.finishes(SOON * 2), read);
        finished.unwrap();
        let sent = flv::read(encoder.sent()).unwrap();
        let ours = |got: &[Packet]| flv::compare(&sent, &flv::without_filler(got.iter().map(tag).collect()));
        let all = tokio::time::timeout(SOON / 2, viewer.read_until("all of it", |got| ours(got).holds())).await;
        assert!(all.is_ok(), "{name}: {}", ours(&viewer.got));
        // What it makes of a short stream ffmpeg writes at its end.
        rig.relay.stop(STUDIO).await;
        listener.proc.wait_for_end(SOON).await.unwrap();
        let theirs = flv::without_filler(flv::read(listener.recording()).unwrap());
        let result = flv::compare(&sent, &theirs);
        // VP9's header, which is not part of its stream, ffmpeg writes anew, from the colours that it was told.
        assert!(result.holds() && result.video >= 100, "{name} at ffmpeg: {result}");
        let is_colours = |tag: &&Tag| role(packet::Kind::Video, &tag.payload) == packet::Role::Detail;
        let colours = sent.iter().filter(|tag| tag.kind == Kind::Video).find(is_colours).expect("what ffmpeg tells");
        assert!(viewer.got.iter().any(|got| got.payload == colours.payload), "{name}: {:?}", colours.payload);
        let result = ours(&viewer.got);
        assert!(result.video >= 100 && result.audio > 150, "{name}: {result}");
        rig.close().await;
    };
    tokio::join!(relayed(Coded::Hevc), relayed(Coded::Av1), relayed(Coded::Vp9));
}

#[tokio::test]
async fn a_second_track_of_ffmpeg_9_arrives_byte_for_byte_where_it_is_taken() {
    let dir = scratch().unwrap();
    let (rig, platform) = (Rig::new().await, Platform::new().await);
    rig.go_live(vec![platform.target(1)]).await;
    let url = format!("rtmp://{}/live/key", rig.ingest);
    let mut encoder = Encoder::tracks("encoder", &url, 3, dir.path()).await.unwrap();
    let mut viewer = platform.accept().await;
    let extra = |payload: &[u8]| payload.first() == Some(&0x95);
    let count = |got: &[Packet]| got.iter().filter(|packet| extra(&packet.payload)).count();
    let read = viewer.read_until("a second track", |got| count(got) > 100);
    let (finished, ()) = tokio::join!(encoder.finishes(SOON), read);
    finished.unwrap();
    let sent = flv::read(encoder.sent()).unwrap().into_iter().map(|tag| tag.payload);
    let sent: Vec<Vec<u8>> = sent.filter(|payload| extra(payload)).collect();
    let is_last = |packet: &Packet| sent.last().is_some_and(|last| packet.payload == *last);
    viewer.read_until("the last of it", |got| got.iter().any(is_last)).await;
    let got = viewer.got.iter().map(|packet| packet.payload.to_vec());
    let got: Vec<Vec<u8>> = got.filter(|payload| extra(payload)).collect();
    assert!(got[0] == sent[0] && sent[0][1] == 0, "the track's header comes first");
    // The connection begins with the main track's keyframe.
    assert!(got.len() > 100 && sent.ends_with(&got[1..]), "{} of {}", got.len(), sent.len());
    rig.close().await;
}
