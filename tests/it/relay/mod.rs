//! The relay end to end on loopback, by counts and equality.

mod change;
mod enhanced;
mod hold;
mod login;
mod low_latency;
mod meeting;
mod peers;
mod play;
mod pull;
mod rig;
mod slowed;
mod times;

use rig::{Encoder, GOP, Platform, Rig, STUDIO, Viewer, frames, soon, target_at};
use slowed::Slowed;
use std::collections::BTreeSet;
use std::time::Duration;
use telecast::domain::id::TargetId;
use telecast::domain::secret::StreamKey;
use telecast::domain::status::{Loss, Phase, PushFailure, TargetState};
use telecast::media::packet::{Kind, Packet, Role};
use telecast::relay::report::ReportEvent;
use telecast::rtmp::transport::Stream;
use telecast::rtmp::{Publish, SourceEnd};
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

/// Live on `platforms`, whose viewers have all got the first GOP, which is returned.
async fn live(platforms: &[Platform]) -> (Rig, Encoder, Vec<Viewer>, Vec<Packet>) {
    live_in(Rig::new().await, platforms).await
}

/// The same in `rig`.
async fn live_in(mut rig: Rig, platforms: &[Platform]) -> (Rig, Encoder, Vec<Viewer>, Vec<Packet>) {
    rig.go_live((1..).zip(platforms).map(|(id, platform)| platform.target(id)).collect()).await;
    let mut encoder = rig.encoder().await;
    encoder.headers().await;
    rig.report("live", |event| (*event == ReportEvent::Live).then_some(())).await;
    let mut viewers = Vec::new();
    for platform in platforms {
        viewers.push(platform.accept().await);
    }
    let sent = encoder.gop(5_000).await;
    for viewer in &mut viewers {
        viewer.gets_all(&sent).await;
        assert_eq!(shape(&viewer.got)[..4], OPENING);
    }
    (rig, encoder, viewers, sent)
}

/// Sends `gops` GOPs, each when everyone has got the one before: nobody is to be slow by our fault.
async fn send(encoder: &mut Encoder, viewers: &mut [Viewer], sent: &mut Vec<Packet>, gops: u32, size: usize) {
    for _ in 0..gops {
        sent.extend(encoder.gop(size).await);
        for viewer in &mut *viewers {
            viewer.gets_all(sent).await;
        }
    }
}

async fn three() -> [Platform; 3] {
    [Platform::new().await, Platform::new().await, Platform::new().await]
}

#[tokio::test]
async fn every_target_gets_every_byte_behind_headers_and_keyframe() {
    let platforms = three().await;
    let (rig, mut encoder, mut viewers, mut sent) = live(&platforms).await;
    send(&mut encoder, &mut viewers, &mut sent, 5, 100_000).await;
    assert!(matches!(rig.relay.status(STUDIO).phase, Phase::Live { .. }));
    let bytes: u64 = frames(&sent).iter().map(|(_, payload)| payload.len() as u64).sum();
    let summary = rig.relay.stop(STUDIO).await.unwrap();
    for (id, target) in &summary.targets {
        assert_eq!((target.sent_bytes, target.dropped_frames, target.dropped_bytes), (bytes, 0, 0), "{id}");
    }
    for viewer in &mut viewers {
        assert!(matches!(viewer.read_to_end().await, SourceEnd::Clean), "the end of a broadcast says goodbye");
        assert!(viewer.frames() == frames(&sent));
    }
    rig.close().await;
}

#[tokio::test]
async fn a_target_that_reads_by_fits_and_starts_gets_every_byte_and_costs_the_other_nothing() {
    let platforms = three().await;
    let (rig, mut encoder, mut viewers, mut sent) = live(&platforms[..2]).await;
    // More than the kernel takes for it, less than is dropped.
    for size in [100_000, 400_000] {
        for _ in 0..3 {
            send(&mut encoder, &mut viewers[..1], &mut sent, 1, 5_000).await;
        }
        send(&mut encoder, &mut viewers[..1], &mut sent, 1, size).await;
        viewers[1].gets_all(&sent).await;
    }
    sent.extend(encoder.gop(400_000).await);
    viewers[0].gets_all(&sent).await;
    let stop = async { rig.relay.stop(STUDIO).await.unwrap() };
    let (summary, end) = tokio::join!(stop, viewers[1].read_to_end());
    assert!(matches!(end, SourceEnd::Clean), "{end:?}");
    assert!(frames(&sent).starts_with(&viewers[1].frames()), "what was begun is finished before the goodbye");
    assert!(summary.targets.values().all(|target| target.dropped_frames == 0));
    rig.close().await;
}

#[tokio::test]
async fn a_target_that_joins_late_begins_with_the_gop_at_hand() {
    let platforms = three().await;
    let (rig, mut encoder, mut viewers, mut sent) = live(&platforms[..1]).await;
    send(&mut encoder, &mut viewers, &mut sent, 1, 5_000).await;
    rig.relay.set_target(STUDIO, platforms[1].target(2)).await;
    let mut late = platforms[1].accept().await;
    late.gets_all(&sent[GOP..]).await;
    assert_eq!(shape(&late.got)[..4], OPENING);
    rig.close().await;
    assert!(matches!(late.read_to_end().await, SourceEnd::Closed), "a restart says no goodbye");
}

#[tokio::test]
async fn switching_one_target_off_and_on_leaves_the_others_bytes_continuous() {
    let platforms = three().await;
    let (rig, mut encoder, mut viewers, mut sent) = live(&platforms[..2]).await;
    let mut switched = viewers.pop().unwrap();
    rig.relay.drop_target(STUDIO, TargetId(2)).await;
    assert!(matches!(switched.read_to_end().await, SourceEnd::Clean));
    assert_eq!(rig.relay.status(STUDIO).targets[&TargetId(2)].state, TargetState::Off);
    send(&mut encoder, &mut viewers, &mut sent, 2, 5_000).await;
    rig.relay.set_target(STUDIO, platforms[1].target(2)).await;
    let mut again = platforms[1].accept().await;
    let before = sent.len() - GOP;
    again.gets_all(&sent[before..]).await;
    assert_eq!(shape(&again.got)[..4], OPENING);
    send(&mut encoder, &mut viewers, &mut sent, 1, 5_000).await;
    again.gets_all(&sent[before..]).await;
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
    let (viewer, _never_read) = (good.accept().await, stalled.accept().await);
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
    send(&mut encoder, &mut [viewer], &mut Vec::new(), 30, 60_000).await;
    let stall = rig.state(TargetId(3), |state| matches!(state, TargetState::Reconnecting { .. })).await;
    assert_eq!(stall.1, Some(PushFailure::Lost(Loss::Stalled)));
    rig.close().await;
}

#[tokio::test]
async fn an_encoder_that_returns_goes_on_over_the_same_connections_with_time_that_goes_on() {
    let platforms = three().await;
    let (mut rig, mut encoder, mut viewers, mut sent) = live(&platforms[..2]).await;
    encoder.clock += 5_000;
    send(&mut encoder, &mut viewers, &mut sent, 1, 5_000).await;
    drop(encoder);
    rig.report("held", |event| matches!(event, ReportEvent::Held { .. }).then_some(())).await;
    assert!(matches!(rig.relay.status(STUDIO).phase, Phase::Held { .. }));
    let mut encoder = rig.encoder().await;
    encoder.headers().await;
    rig.report("resumed", |event| (*event == ReportEvent::Resumed).then_some(())).await;
    // Numbered from 0 again, as are its times.
    send(&mut encoder, &mut viewers, &mut sent, 2, 5_000).await;
    for viewer in &viewers {
        let times: Vec<u32> = viewer.got.iter().map(|p| p.timestamp).collect();
        assert!(times.is_sorted() && *times.last().unwrap() > 5_000, "{times:?}");
    }
    encoder.finish().await;
    let clean = |event: &ReportEvent| (*event == ReportEvent::SourceDown { clean: true }).then_some(());
    rig.report("a clean end", clean).await;
    rig.close().await;
}

#[tokio::test]
async fn an_encoder_gone_for_2_s_is_made_up_for_and_nobody_is_connected_anew() {
    let platforms = three().await;
    let (mut rig, mut encoder, mut viewers, mut sent) = live(&platforms[..2]).await;
    send(&mut encoder, &mut viewers, &mut sent, 2, 5_000).await;
    let keyframe = sent[2 * GOP].payload.clone();
    drop(encoder);
    rig.report("held", |event| matches!(event, ReportEvent::Held { .. }).then_some(())).await;
    assert_eq!(rig.relay.status(STUDIO).source, None);
    let lost = sent.last().unwrap().timestamp;
    for viewer in &mut viewers {
        // Two seconds by the broadcast's own clock.
        let made_up = |got: &[Packet]| got.last().is_some_and(|packet| packet.timestamp > lost + 2_000);
        viewer.read_until("2 s of filler", made_up).await;
    }
    rig.relay.set_target(STUDIO, platforms[2].target(3)).await;
    let mut late = platforms[2].accept().await;
    late.read_until("a picture and silence", |got| got.len() > 10).await;
    assert_eq!(shape(&late.got)[..4], OPENING);
    assert!(late.frames().len() == 1 && late.got[3].payload == keyframe, "the repeated picture, then silence");

    let mut encoder = rig.encoder().await;
    encoder.number_from(1_000);
    encoder.headers().await;
    send(&mut encoder, &mut viewers, &mut sent, 2, 5_000).await;
    late.read_until("the picture after that", |got| frames(got).len() > 2 * GOP).await;
    for viewer in viewers.iter().chain([&late]) {
        let times: Vec<u32> = viewer.got.iter().map(|packet| packet.timestamp).collect();
        assert!(times.is_sorted(), "{times:?}");
        let sounds = viewer.got.iter().filter(|p| (p.kind, p.role) == (Kind::Audio, Role::Frame));
        let sounds: Vec<u32> = sounds.map(|packet| packet.timestamp).collect();
        assert!(sounds.windows(2).all(|pair| pair[1] - pair[0] <= 50), "{sounds:?}");
    }
    for viewer in &viewers {
        let pictures: Vec<_> = viewer.filler().into_iter().filter(|packet| packet.kind == Kind::Video).collect();
        assert!(pictures.len() >= 2 && pictures.iter().all(|picture| picture.payload == keyframe));
    }
    let bytes: u64 = frames(&sent).iter().map(|(_, payload)| payload.len() as u64).sum();
    let summary = rig.relay.stop(STUDIO).await.unwrap();
    for id in [TargetId(1), TargetId(2)] {
        let target = &summary.targets[&id];
        assert_eq!(
            (target.sent_bytes, target.dropped_bytes, target.reconnects),
            (bytes, 0, 0),
            "filler is not counted"
        );
    }
    rig.close().await;
}

#[tokio::test]
async fn a_new_connection_with_the_same_key_takes_over_and_the_old_one_is_closed() {
    let platforms = three().await;
    let (mut rig, mut old, mut viewers, mut sent) = live(&platforms[..1]).await;
    let mut new = rig.encoder().await;
    new.headers().await;
    rig.report("the new source", |event| (*event == ReportEvent::SourceUp).then_some(())).await;
    send(&mut new, &mut viewers, &mut sent, 2, 5_000).await;
    soon("the old connection to be closed", old.closed()).await;
    rig.close().await;
}

#[tokio::test]
async fn when_all_fall_at_once_twenty_are_dialled_in_a_second_and_a_tap_does_not_wait() {
    let platform = Platform::new().await;
    let keyed = |id| {
        let mut target = platform.target(id);
        target.point.key = StreamKey::parse(&format!("key-of-target-{id}")).unwrap();
        target
    };
    let rig = Rig::new().await;
    rig.go_live((0..25).map(keyed).collect()).await;
    let mut encoder = rig.encoder().await;
    encoder.headers().await;
    let mut viewers = Vec::new();
    for _ in 0..25 {
        // The first dials are all made at once.
        viewers.push(platform.accept().await);
    }
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(1)).await;
    drop(viewers);
    // For all that follows half a second passes, and no more.
    let clock = Slowed::by(Duration::from_millis(500));
    let id_of = |publish: &Publish<Stream>| publish.name()["key-of-target-".len()..].parse::<u32>().unwrap();
    let (mut back, mut waiting) = (Vec::new(), (0..25).collect::<BTreeSet<_>>());
    for _ in 0..20 {
        let publish = platform.knock().await;
        assert!(waiting.remove(&id_of(&publish)), "dialled twice");
        back.push(publish);
    }
    let tapped = *waiting.last().unwrap();
    rig.relay.retry(STUDIO, TargetId(tapped)).await;
    let publish = platform.knock().await;
    assert_eq!(id_of(&publish), tapped, "a person's tap goes before all that wait");
    waiting.remove(&tapped);
    drop(clock);
    while !waiting.is_empty() {
        let publish = platform.knock().await;
        assert!(waiting.remove(&id_of(&publish)));
        back.push(publish);
    }
    rig.close().await;
}

#[tokio::test]
async fn the_fifth_of_a_fight_is_refused_while_the_fourth_sends_and_takes_over_when_it_is_silent() {
    let platforms = three().await;
    let (mut rig, mut holder, mut viewers, _) = live(&platforms[..1]).await;
    for _ in 0..3 {
        holder.gop(5_000).await;
        let mut next = rig.encoder().await;
        next.headers().await;
        rig.report("the next source", |event| (*event == ReportEvent::SourceUp).then_some(())).await;
        holder = next;
    }
    for why in ["the first", "one more"] {
        holder.gop(5_000).await;
        let Err(PushFailure::Refused { words }) = rig.asks_to_publish().await else { panic!("let in") };
        assert_eq!(words, format!("NetStream.Publish.Denied: {why}"));
    }
    let after = frames(&holder.gop(5_000).await);
    viewers[0].read_until("what the holder sends", |got| frames(got).ends_with(&after)).await;

    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(2)).await;
    tokio::time::resume();
    let mut fifth = rig.encoder().await;
    fifth.headers().await;
    rig.report("the fifth", |event| (*event == ReportEvent::SourceUp).then_some(())).await;
    soon("the silent one to be closed", holder.closed()).await;
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
