//! What becomes of an encoder's times on their way through the relay.

use super::rig::{Encoder, Platform, Rig, Viewer};
use std::time::Duration;
use telecast::media::packet::{Kind, Packet, Role};
use telecast::relay::report::ReportEvent;

/// Kind, time and size of every frame.
fn timed(packets: &[Packet]) -> Vec<(Kind, u32, usize)> {
    let frames = packets.iter().filter(|p| !matches!(p.role, Role::Metadata | Role::SequenceHeader));
    frames.map(|p| (p.kind, p.timestamp, p.payload.len())).collect()
}

/// Four GOPs of frames that fill several chunks, each when the one before has come; `sent` grows by them.
async fn send(encoder: &mut Encoder, viewer: &mut Viewer, sent: &mut Vec<Packet>) {
    for _ in 0..4 {
        sent.extend(encoder.gop(130_000).await);
        viewer.gets_all(sent).await;
    }
}

#[tokio::test]
async fn times_cross_2_to_the_24_and_2_to_the_32_as_they_came_with_frames_of_many_chunks() {
    for clock in [0x00ff_ffff - 600, 0x00ff_ffff - 33 * 20, u32::MAX - 600, u32::MAX - 33 * 20 + 1] {
        let (platform, rig, mut sent) = (Platform::new().await, Rig::new().await, Vec::new());
        rig.go_live(vec![platform.target(1)]).await;
        let mut encoder = rig.encoder().await;
        encoder.clock = clock;
        encoder.headers().await;
        let mut viewer = platform.accept().await;
        send(&mut encoder, &mut viewer, &mut sent).await;
        assert!(timed(&viewer.got) == timed(&sent), "from {clock}");
        assert!(viewer.got.iter().all(|p| p.timestamp.wrapping_sub(clock) < 10_000), "headers too");
        rig.close().await;
    }
}

#[tokio::test]
async fn an_encoder_that_comes_back_with_another_clock_goes_on_without_a_step_back_and_in_step() {
    let (platform, mut rig) = (Platform::new().await, Rig::new().await);
    rig.go_live(vec![platform.target(1)]).await;
    let (first, mut sent) = (u32::MAX - 600, Vec::new());
    let mut encoder = rig.encoder().await;
    encoder.clock = first;
    encoder.headers().await;
    let mut viewer = platform.accept().await;
    send(&mut encoder, &mut viewer, &mut sent).await;
    for clock in [0, 0x00ff_ff00, 3_600_000] {
        drop(encoder);
        rig.report("held", |event| matches!(event, ReportEvent::Held { .. }).then_some(())).await;
        encoder = rig.encoder().await;
        encoder.clock = clock;
        encoder.headers().await;
        send(&mut encoder, &mut viewer, &mut sent).await;
    }
    let mut newest = [None::<u32>; 3];
    for packet in &viewer.got {
        let newest = &mut newest[packet.kind as usize];
        assert!(newest.is_none_or(|newest| packet.timestamp.wrapping_sub(newest).cast_signed() >= 0), "{packet:?}");
        *newest = Some(packet.timestamp);
    }
    let (video, audio) = (newest[Kind::Video as usize].unwrap(), newest[Kind::Audio as usize].unwrap());
    assert_eq!(video, audio, "sent at the same times, sound and picture come at the same times");
    let all = video.wrapping_sub(first);
    assert!(u128::from(all) < Duration::from_secs(20).as_millis(), "no hole is torn: {all} ms");
    rig.close().await;
}
