//! A hold as a driver carries it out: what ends it, what shortens it, and what is told of the picture.

use super::{Platform, live, rig, send, soon};
use rig::{Rig, STUDIO, Viewer};
use std::time::{Duration, Instant};
use telecast::domain::status::Phase;
use telecast::media::packet::Kind;
use telecast::relay::report::ReportEvent;
use telecast::rtmp::SourceEnd;

async fn held(rig: &mut Rig) -> bool {
    rig.report("a hold", |event| if let ReportEvent::Held { sound_only } = event { Some(*sound_only) } else { None })
        .await
}

async fn down(rig: &mut Rig) -> bool {
    rig.report("the loss", |event| if let ReportEvent::SourceDown { clean } = event { Some(*clean) } else { None })
        .await
}

/// How long the hold at hand lasts yet.
fn left(rig: &Rig) -> Duration {
    let Phase::Held { until, .. } = rig.relay.status(STUDIO).phase else { panic!("nothing is held") };
    until.saturating_duration_since(Instant::now())
}

pub(super) async fn silences(viewer: &mut Viewer) {
    viewer.read_until("silence", |got| got.iter().rev().take(30).all(|packet| packet.kind == Kind::Audio)).await;
}

#[tokio::test]
async fn an_open_gop_is_told_with_the_hold_and_a_closed_one_is_not() {
    let platforms = [Platform::new().await];
    let (mut rig, mut encoder, mut viewers, mut sent) = live(&platforms).await;
    drop(encoder);
    assert!(!held(&mut rig).await, "an IDR is repeated");
    encoder = rig.encoder().await;
    // A recovery point.
    encoder.key = 0x41;
    encoder.number_from(1_000);
    encoder.headers().await;
    send(&mut encoder, &mut viewers, &mut sent, 2, 5_000).await;
    let (pictures, filler) = (super::frames(&sent), viewers[0].filler().len());
    drop(encoder);
    assert!(held(&mut rig).await);
    silences(&mut viewers[0]).await;
    assert!(viewers[0].frames() == pictures && viewers[0].filler().len() >= filler + 20);
    rig.close().await;
}

#[tokio::test]
async fn another_hold_time_counts_at_once_and_none_lets_the_platforms_go() {
    let platforms = [Platform::new().await];
    let (mut rig, encoder, mut viewers, _) = live(&platforms).await;
    drop(encoder);
    held(&mut rig).await;
    let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
    assert!(left(&rig) > minutes(59));
    rig.relay.set_hold(STUDIO, minutes(20)).await;
    assert!((minutes(19)..=minutes(20)).contains(&left(&rig)));
    rig.relay.set_hold(STUDIO, Duration::ZERO).await;
    rig.report("a pause", |event| (*event == ReportEvent::Paused).then_some(())).await;
    assert!(matches!(viewers[0].read_to_end().await, SourceEnd::Closed), "a pause says no goodbye");
    let mut encoder = rig.encoder().await;
    encoder.headers().await;
    rig.report("a return", |event| (*event == ReportEvent::Resumed).then_some(())).await;
    platforms[0].accept().await.gets_all(&encoder.gop(5_000).await).await;
    rig.close().await;
}

#[tokio::test]
async fn an_encoder_that_is_silent_and_then_stops_in_order_is_held_for_a_minute() {
    let platforms = [Platform::new().await];
    let (mut rig, encoder, _viewers, _) = live(&platforms).await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(11)).await;
    tokio::time::resume();
    assert!(!down(&mut rig).await, "it is silent");
    held(&mut rig).await;
    assert!(left(&rig) > Duration::from_secs(3_500));
    encoder.finish().await;
    assert!(down(&mut rig).await);
    held(&mut rig).await;
    // The relay's clock runs 11 s ahead of this one.
    assert!((Duration::from_secs(55)..Duration::from_secs(75)).contains(&left(&rig)), "{:?}", left(&rig));

    // Who comes, sends nothing and goes has not stopped anything.
    rig.relay.keep_holding(STUDIO).await;
    rig.encoder().await.finish().await;
    assert!(!down(&mut rig).await);
    assert!(left(&rig) > Duration::from_secs(3_500));
    rig.close().await;
}

#[tokio::test]
async fn who_falls_silent_is_back_with_the_first_frame_and_who_never_sends_any_is_closed_after_twenty_seconds() {
    let platforms = [Platform::new().await];
    let (mut rig, mut encoder, _viewers, _) = live(&platforms).await;
    for _ in 0..2 {
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(11)).await;
        tokio::time::resume();
        assert!(!down(&mut rig).await, "it is silent");
        encoder.gop(1_000).await;
        rig.report("its return", |event| (*event == ReportEvent::SourceUp).then_some(())).await;
    }
    // The first takes a source's place.
    for metadata in [true, false] {
        let mut mute = rig.encoder().await;
        if metadata {
            mute.metadata().await;
        }
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(19)).await;
        tokio::time::resume();
        assert!(tokio::time::timeout(Duration::from_millis(300), mute.closed()).await.is_err());
        tokio::time::pause();
        // What it did send is read by now, and after ten seconds more it is silent.
        tokio::time::advance(Duration::from_secs(if metadata { 10 } else { 1 })).await;
        tokio::time::resume();
        soon("who sent nothing to be closed", mute.closed()).await;
        assert!(!down(&mut rig).await);
    }
    rig.close().await;
}

#[tokio::test]
async fn what_came_while_the_host_slept_is_sent_on_and_not_taken_for_silence() {
    let platforms = [Platform::new().await];
    let (rig, mut encoder, mut viewers, mut sent) = live(&platforms).await;
    let mut late = Vec::new();
    for _ in 0..10 {
        late.extend(encoder.gop(1_000).await);
    }
    // The driver has something to do before the encoder is read.
    let busy = rig.relay.set_hold(STUDIO, Duration::from_secs(600));
    tokio::time::pause();
    tokio::join!(biased; busy, tokio::time::advance(Duration::from_secs(6)));
    tokio::time::resume();
    sent.extend(late);
    viewers[0].gets_all(&sent).await;
    assert_eq!(viewers[0].filler().len(), 0);
    rig.close().await;
}

#[tokio::test]
async fn who_goes_on_as_soon_as_the_host_has_slept_was_not_silent() {
    let platforms = [Platform::new().await];
    let (mut rig, mut encoder, mut viewers, mut sent) = live(&platforms).await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(12)).await;
    // The driver has its turn before the encoder has.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    sent.extend(encoder.gop(1_000).await);
    tokio::time::resume();
    viewers[0].gets_all(&sent).await;
    encoder.finish().await;
    assert!(down(&mut rig).await, "its end is the first loss that is told");
    rig.close().await;
}
