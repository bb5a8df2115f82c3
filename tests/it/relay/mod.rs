//! The relay end to end on loopback, by counts and equality.

mod rig;

use rig::{Platform, Rig, STUDIO, Viewer, frames, soon, target_at};
use telecast::domain::id::TargetId;
use telecast::domain::status::{Loss, Phase, PushFailure, TargetState};
use telecast::media::packet::{Kind, Packet, Role};
use telecast::relay::report::ReportEvent;
use telecast::rtmp::SourceEnd;
use tokio::net::TcpListener;

/// How a connection must begin: metadata, sequence headers, keyframe.
fn shape(packets: &[Packet]) -> Vec<(Kind, Role)> {
    packets.iter().map(|p| (p.kind, p.role)).collect()
}

const OPENING: [(Kind, Role); 4] = [
    (Kind::Data, Role::Metadata),
    (Kind::Video, Role::SequenceHeader),
    (Kind::Audio, Role::SequenceHeader),
    (Kind::Video, Role::Keyframe),
];

async fn live(platforms: &[Platform]) -> (Rig, rig::Encoder, Vec<Viewer>) {
    let mut rig = Rig::new().await;
    rig.go_live((1..).zip(platforms).map(|(id, platform)| platform.target(id)).collect()).await;
    let mut encoder = rig.encoder().await;
    encoder.headers().await;
    rig.report("live", |event| (*event == ReportEvent::Live).then_some(())).await;
    let mut viewers = Vec::new();
    for platform in platforms {
        viewers.push(platform.accept().await);
    }
    for id in 1..=viewers.len() as u32 {
        rig.state(TargetId(id), |state| *state == TargetState::Accepted).await;
    }
    (rig, encoder, viewers)
}

async fn three() -> [Platform; 3] {
    [Platform::new().await, Platform::new().await, Platform::new().await]
}

#[tokio::test]
async fn every_target_gets_every_byte_behind_headers_and_keyframe() {
    let platforms = three().await;
    let (rig, mut encoder, mut viewers) = live(&platforms).await;
    let sent = frames(&encoder.gops(20, 30_000).await);
    for viewer in &mut viewers {
        viewer.read_until("all frames", |got| frames(got).len() >= sent.len()).await;
        assert_eq!(shape(&viewer.got)[..4], OPENING);
        assert!(viewer.frames() == sent, "a frame was lost or changed");
    }
    let status = rig.relay.status(STUDIO);
    assert!(matches!(status.phase, Phase::Live { .. }));
    let bytes: usize = sent.iter().map(|(_, payload)| payload.len()).sum();
    for (id, target) in &status.targets {
        assert!(target.dropped_frames == 0 && target.sent_bytes <= bytes as u64, "{id}: {target:?}");
    }
    let summary = rig.relay.stop(STUDIO).await.unwrap();
    assert!(summary.targets.values().all(|target| target.sent_bytes == bytes as u64 && target.dropped_bytes == 0));
    for viewer in &mut viewers {
        assert!(matches!(viewer.read_to_end().await, SourceEnd::Clean), "the end of a broadcast says goodbye");
    }
    rig.close().await;
}

#[tokio::test]
async fn a_target_that_joins_late_begins_with_the_gop_at_hand() {
    let platforms = three().await;
    let (rig, mut encoder, mut viewers) = live(&platforms[..1]).await;
    let sent = frames(&encoder.gops(2, 5_000).await);
    viewers[0].read_until("both GOPs", |got| frames(got).len() >= sent.len()).await;
    rig.relay.set_target(STUDIO, platforms[1].target(2)).await;
    let mut late = platforms[1].accept().await;
    late.read_until("the newest GOP", |got| frames(got).len() >= 20).await;
    assert_eq!(shape(&late.got)[..4], OPENING);
    assert!(late.frames() == sent[20..], "the newest GOP, whole");
    rig.close().await;
    assert!(matches!(late.read_to_end().await, SourceEnd::Closed), "a restart says no goodbye");
}

#[tokio::test]
async fn switching_one_target_off_and_on_leaves_the_others_bytes_continuous() {
    let platforms = three().await;
    let (mut rig, mut encoder, mut viewers) = live(&platforms[..2]).await;
    let mut sent = frames(&encoder.gops(2, 5_000).await);
    rig.relay.drop_target(STUDIO, TargetId(2)).await;
    assert!(matches!(viewers[1].read_to_end().await, SourceEnd::Clean));
    assert_eq!(rig.relay.status(STUDIO).targets[&TargetId(2)].state, TargetState::Off);
    sent.extend(frames(&encoder.gops(2, 5_000).await));
    rig.relay.set_target(STUDIO, platforms[1].target(2)).await;
    let mut again = platforms[1].accept().await;
    rig.state(TargetId(2), |state| *state == TargetState::Accepted).await;
    let more = frames(&encoder.gops(2, 5_000).await);
    sent.extend(more.clone());
    viewers[0].read_until("all frames", |got| frames(got).len() >= sent.len()).await;
    assert!(viewers[0].frames() == sent);
    again.read_until("all new frames", |got| frames(got).ends_with(&more)).await;
    assert_eq!(shape(&again.got)[..4], OPENING);
    rig.close().await;
}

#[tokio::test]
async fn a_refusal_a_loss_and_a_stall_are_told_apart_and_cost_the_fourth_nothing() {
    let platforms = three().await;
    let down = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nowhere = down.local_addr().unwrap();
    drop(down);
    let mut rig = Rig::new().await;
    let [good, refusing, stalled] = &platforms;
    rig.go_live(vec![good.target(1), refusing.target(2), stalled.target(3), target_at(4, nowhere)]).await;
    let mut encoder = rig.encoder().await;
    encoder.headers().await;
    let (mut viewer, _never_read) = (good.accept().await, stalled.accept().await);
    let refuse = async {
        for _ in 0..3 {
            refusing.knock().await.reject("this key is not ours").await;
        }
    };
    let (down, refused) = (TargetId(4), TargetId(2));
    let told = async {
        let lost = rig.state(down, |state| matches!(state, TargetState::Reconnecting { .. })).await;
        (lost.1, rig.state(refused, |state| matches!(state, TargetState::Refused { .. })).await)
    };
    let ((lost, (state, failure)), ()) = tokio::join!(told, refuse);
    assert_eq!(lost, Some(PushFailure::Lost(Loss::Down)));
    assert_eq!(state, TargetState::Refused { retry_at: None }, "a key that never worked is not tried again and again");
    let Some(PushFailure::Refused { words }) = failure else { panic!("{failure:?}") };
    assert!(words.contains("this key is not ours"), "{words}");

    // More than the kernel and the log hold for one that does not read.
    let sent = async { frames(&encoder.gops(60, 60_000).await) };
    let read = viewer.read_until("600 frames", |got| frames(got).len() >= 1200);
    let (sent, ()) = tokio::join!(sent, read);
    assert!(viewer.frames() == sent, "the good target lost something");
    let stall = rig.state(TargetId(3), |state| matches!(state, TargetState::Reconnecting { .. })).await;
    assert_eq!(stall.1, Some(PushFailure::Lost(Loss::Stalled)));
    rig.close().await;
}

#[tokio::test]
async fn an_encoder_that_returns_goes_on_over_the_same_connections_with_time_that_goes_on() {
    let platforms = three().await;
    let (mut rig, mut encoder, mut viewers) = live(&platforms[..2]).await;
    encoder.clock = 100_000;
    let mut sent = frames(&encoder.gops(2, 5_000).await);
    viewers[0].read_until("the first part", |got| frames(got).len() >= sent.len()).await;
    drop(encoder);
    rig.report("held", |event| (*event == ReportEvent::Held).then_some(())).await;
    assert!(matches!(rig.relay.status(STUDIO).phase, Phase::Held { .. }));
    let mut encoder = rig.encoder().await;
    encoder.headers().await;
    rig.report("resumed", |event| (*event == ReportEvent::Resumed).then_some(())).await;
    sent.extend(frames(&encoder.gops(2, 5_000).await));
    for viewer in &mut viewers {
        viewer.read_until("the second part", |got| frames(got).len() >= sent.len()).await;
        assert!(viewer.frames() == sent);
        let times: Vec<u32> = viewer.got.iter().map(|p| p.timestamp).filter(|t| *t >= 100_000).collect();
        assert!(times.is_sorted(), "{times:?}");
    }
    encoder.finish().await;
    let clean = |event: &ReportEvent| (*event == ReportEvent::SourceDown { clean: true }).then_some(());
    rig.report("a clean end", clean).await;
    rig.close().await;
}

#[tokio::test]
async fn a_new_connection_with_the_same_key_takes_over_and_the_old_one_is_closed() {
    let platforms = three().await;
    let (mut rig, mut old, mut viewers) = live(&platforms[..1]).await;
    let mut sent = frames(&old.gops(1, 5_000).await);
    viewers[0].read_until("the first part", |got| frames(got).len() >= sent.len()).await;
    let mut new = rig.encoder().await;
    new.headers().await;
    rig.report("the new source", |event| (*event == ReportEvent::SourceUp).then_some(())).await;
    sent.extend(frames(&new.gops(2, 5_000).await));
    viewers[0].read_until("the second part", |got| frames(got).len() >= sent.len()).await;
    assert!(viewers[0].frames() == sent, "nothing of the old one comes after the new one");
    soon("the old connection to be closed", old.closed()).await;
    rig.close().await;
}

#[tokio::test]
async fn going_live_without_an_encoder_waits_for_it_and_stopping_says_so() {
    let platform = Platform::new().await;
    let rig = Rig::new().await;
    rig.go_live(vec![platform.target(1)]).await;
    let status = rig.relay.status(STUDIO);
    assert!(matches!(status.phase, Phase::Waiting { .. }));
    assert_eq!(status.targets[&TargetId(1)].state, TargetState::Waiting);
    let summary = rig.relay.stop(STUDIO).await.unwrap();
    assert!(summary.live_for.is_zero());
    assert_eq!(rig.relay.stop(STUDIO).await, None);
    assert_eq!(rig.relay.status(STUDIO).phase, Phase::Idle);
    rig.close().await;
}
