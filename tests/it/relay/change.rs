//! An encoder changes in the middle of a show.

use super::rig::{Encoder, HEVC, Platform, Rig, STUDIO, frames};
use super::{GOP, OPENING, live, send, shape, three};
use bytes::Bytes;
use std::time::Duration;
use telecast::domain::id::TargetId;
use telecast::domain::status::{PushFailure, TargetState};
use telecast::media::packet::{Kind, Packet, Role};
use telecast::relay::report::{PlannedTarget, ReportEvent};
use telecast::rtmp::SourceEnd;

/// Another resolution, and another sampling rate.
const AVC_4K: &[u8] = b"\x17\0\0\0\0\x01\x64\0\x33";
const AAC_48_KHZ: &[u8] = b"\xaf\0\x11\x90";

fn headers(packets: &[Packet]) -> Vec<&[u8]> {
    packets.iter().filter(|p| p.role == Role::SequenceHeader).map(|p| &p.payload[..]).collect()
}

#[tokio::test]
async fn a_new_resolution_and_audio_rate_go_out_in_order_over_the_same_connections() {
    let platforms = three().await;
    let (rig, mut encoder, mut viewers, mut sent) = live(&platforms[..2]).await;
    (encoder.picture, encoder.sound) = (AVC_4K, AAC_48_KHZ);
    let before = sent.len();
    let new = encoder.headers().await;
    send(&mut encoder, &mut viewers, &mut sent, 2, 5_000).await;
    for viewer in &viewers {
        let at = viewer.got.iter().position(|p| p.payload[..] == *AVC_4K).expect("the new header");
        assert_eq!(viewer.got[at - 1..][..4].iter().map(|p| (p.kind, p.role)).collect::<Vec<_>>(), OPENING);
        let payloads = |packets: &[Packet]| packets.iter().map(|p| p.payload.clone()).collect::<Vec<_>>();
        assert_eq!(payloads(&viewer.got[at - 1..][..3]), payloads(&new), "what was sent, in its order");
        assert_eq!(frames(&viewer.got[..at]).len(), before, "between the old frames and the new keyframe");
    }
    rig.relay.set_target(STUDIO, platforms[2].target(3)).await;
    let mut late = platforms[2].accept().await;
    late.gets_all(&sent[sent.len() - GOP..]).await;
    assert_eq!(headers(&late.got), [AVC_4K, AAC_48_KHZ], "who joins late gets the new ones alone");
    rig.close().await;
}

#[tokio::test]
async fn another_codec_goes_out_over_new_connections_and_nobody_is_told_that_the_show_is_over() {
    let platforms = three().await;
    let (mut rig, mut encoder, mut viewers, _) = live(&platforms[..2]).await;
    encoder.picture = HEVC;
    encoder.headers().await;
    let mut sent = encoder.gop(5_000).await;
    for viewer in &mut viewers {
        assert!(matches!(viewer.read_to_end().await, SourceEnd::Closed), "no goodbye");
        assert!(!headers(&viewer.got).contains(&HEVC), "nothing of the new codec on the old connection");
    }
    let mut again = Vec::new();
    for platform in &platforms[..2] {
        again.push(platform.accept().await);
    }
    for viewer in &mut again {
        viewer.gets_all(&sent).await;
        assert_eq!(shape(&viewer.got)[..4], OPENING);
        assert_eq!(headers(&viewer.got)[0], HEVC);
    }
    send(&mut encoder, &mut again, &mut sent, 2, 5_000).await;
    for id in [1, 2] {
        let (_, failure) = rig.state(TargetId(id), |state| matches!(state, TargetState::Connecting)).await;
        assert_eq!(failure, None, "it is no fault of the target's");
    }
    rig.close().await;
}

#[tokio::test]
async fn an_encoder_that_comes_back_with_another_codec_is_sent_on_from_its_first_keyframe() {
    let platforms = three().await;
    let (rig, old, mut viewers, _) = live(&platforms[..1]).await;
    let mut encoder = rig.encoder().await;
    encoder.picture = HEVC;
    encoder.headers().await;
    let sent = encoder.gop(5_000).await;
    assert!(matches!(viewers[0].read_to_end().await, SourceEnd::Closed));
    let mut again = platforms[0].accept().await;
    again.gets_all(&sent).await;
    assert_eq!(shape(&again.got)[..4], OPENING);
    let times: Vec<u32> =
        viewers[0].got.iter().chain(&again.got).filter(|p| p.kind == Kind::Video).map(|p| p.timestamp).collect();
    assert!(times.is_sorted(), "one timeline over both: {times:?}");
    drop(old);
    rig.close().await;
}

/// Sends `packet` now and then, whatever happens.
async fn goes_on(encoder: &mut Encoder, packet: Packet) {
    loop {
        encoder.send([packet.clone()]).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn who_did_not_take_the_last_picture_is_dialled_for_one_that_comes_behind_its_sound() {
    let platform = Platform::new().await;
    let mut rig = Rig::new().await;
    rig.go_live(vec![PlannedTarget { takes: vec!["H.264"], ..platform.target(1) }]).await;
    let mut encoder = rig.encoder().await;
    encoder.picture = HEVC;
    encoder.headers().await;
    let (_, failure) = rig.state(TargetId(1), |state| matches!(state, TargetState::Refused { .. })).await;
    assert_eq!(failure, Some(PushFailure::Codec("HEVC")));
    let is_up = |event: &ReportEvent| (*event == ReportEvent::SourceUp).then_some(());
    rig.report("the first picture", is_up).await;
    let mut encoder = rig.encoder().await;
    let payload = Bytes::from_static(b"\xaf\x01 a sound");
    let sound = Packet { kind: Kind::Audio, role: Role::Frame, timestamp: 0, payload };
    tokio::select! {
        () = rig.report("sound", is_up) => {}
        () = goes_on(&mut encoder, sound.clone()) => {}
    }
    encoder.headers().await;
    tokio::select! {
        _viewer = platform.accept() => {}
        () = goes_on(&mut encoder, sound) => {}
    }
    rig.close().await;
}

#[tokio::test]
async fn who_was_dialled_for_the_sound_is_left_when_a_picture_comes_that_it_does_not_take() {
    let (platform, broad) = (Platform::new().await, Platform::new().await);
    let mut rig = Rig::new().await;
    let narrow = PlannedTarget { takes: vec!["H.264"], ..platform.target(1) };
    rig.go_live(vec![narrow, PlannedTarget { takes: vec!["H.264", "HEVC"], ..broad.target(2) }]).await;
    let mut encoder = rig.encoder().await;
    encoder.picture = HEVC;
    let payload = Bytes::from_static(b"\xaf\x01 a sound");
    let sound = Packet { kind: Kind::Audio, role: Role::Frame, timestamp: 0, payload };
    let (mut left, mut kept) = tokio::select! {
        viewers = async { (platform.accept().await, broad.accept().await) } => viewers,
        () = goes_on(&mut encoder, sound.clone()) => unreachable!(),
    };
    encoder.headers().await;
    let (_, failure) = tokio::select! {
        state = rig.state(TargetId(1), |state| matches!(state, TargetState::Refused { .. })) => state,
        () = goes_on(&mut encoder, sound) => unreachable!(),
    };
    assert_eq!((failure, left.read_to_end().await), (Some(PushFailure::Codec("HEVC")), SourceEnd::Clean));
    let picture = |got: &[Packet]| got.iter().any(|p| (p.kind, p.role) == (Kind::Video, Role::SequenceHeader));
    kept.read_until("the picture where it is taken", picture).await;
    rig.close().await;
}
