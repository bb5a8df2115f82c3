//! Sources that are fetched.

use super::rig::{Encoder, Platform, Rig, STUDIO, Upstream, Viewer, soon};
use super::{OPENING, shape};
use std::time::Duration;
use telecast::domain::status::{Phase, PullFailure, PullState};
use telecast::media::packet::Packet;
use telecast::relay::report::ReportEvent;
use telecast::rtmp::SourceEnd;

impl Rig {
    /// Until the pull is in a state that is wanted.
    async fn pull(&mut self, what: &str, wanted: impl Fn(&PullState) -> bool) {
        let relay = self.relay.clone();
        let is = || relay.status(STUDIO).pull.is_some_and(|pull| wanted(&pull.state));
        if !is() {
            self.report(what, |event| (*event == ReportEvent::Pull && is()).then_some(())).await;
        }
    }

    async fn phase(&mut self, wanted: ReportEvent) {
        self.report("a phase", |event| (*event == wanted).then_some(())).await;
    }
}

/// A GOP that the target gets.
async fn flows(encoder: &mut Encoder, sent: &mut Vec<Packet>, viewer: &mut Viewer) {
    sent.extend(encoder.gop(5_000).await);
    viewer.gets_all(sent).await;
}

#[tokio::test]
async fn what_is_fetched_reaches_every_target_whole_and_over_the_same_connection_when_it_ends_and_returns() {
    let (upstream, platform) = (Upstream::new().await, Platform::new().await);
    let mut rig = Rig::new().await;
    rig.go_live_from(&upstream, vec![platform.target(1)]).await;
    let mut source = upstream.accept().await;
    rig.pull("an accepted play", |state| *state == PullState::Waiting).await;
    source.headers().await;
    rig.phase(ReportEvent::Live).await;
    rig.pull("media", |state| *state == PullState::Receiving).await;
    let (mut viewer, mut sent) = (platform.accept().await, Vec::new());
    flows(&mut source, &mut sent, &mut viewer).await;
    assert_eq!(shape(&viewer.got)[..4], OPENING);

    // In order, by a reset, and once more in order: it is fetched again, and no target notices.
    for end in 0..3 {
        if end == 1 {
            drop(source)
        } else {
            source.finish().await
        }
        rig.phase(ReportEvent::Held { sound_only: false }).await;
        let Phase::Held { until, .. } = rig.relay.status(STUDIO).phase else { panic!("not held") };
        let left = until.saturating_duration_since(std::time::Instant::now());
        assert!(left > Duration::from_secs(3000), "an end there is no end of the show here: {left:?}");
        source = upstream.accept().await;
        source.number_from(1000 * (end + 1));
        source.headers().await;
        flows(&mut source, &mut sent, &mut viewer).await;
        rig.phase(ReportEvent::Resumed).await;
    }
    let summary = rig.relay.stop(STUDIO).await.unwrap();
    assert_eq!(summary.targets.values().map(|target| target.reconnects).sum::<u32>(), 0);
    assert!(matches!(viewer.read_to_end().await, SourceEnd::Clean));
    soon("the pull to end with the show", source.closed()).await;
    assert!(upstream.is_left_alone(Duration::from_millis(1500)).await);
    assert_eq!(rig.relay.status(STUDIO).pull, None);
    rig.close().await;
}

#[tokio::test]
async fn an_encoder_takes_the_place_of_what_is_fetched_as_often_as_it_likes_and_gives_it_back() {
    let (upstream, platform) = (Upstream::new().await, Platform::new().await);
    let mut rig = Rig::new().await;
    rig.go_live_from(&upstream, vec![platform.target(1)]).await;
    let mut source = upstream.accept().await;
    source.headers().await;
    let (mut viewer, mut sent) = (platform.accept().await, Vec::new());
    flows(&mut source, &mut sent, &mut viewer).await;
    for number in 1..=6 {
        let mut encoder = rig.encoder().await;
        encoder.number_from(10_000 * number);
        encoder.headers().await;
        soon("the pull to be closed", source.closed()).await;
        rig.pull("rest", |state| *state == PullState::Resting).await;
        flows(&mut encoder, &mut sent, &mut viewer).await;
        assert!(upstream.is_left_alone(Duration::from_millis(100)).await, "nothing is fetched meanwhile");
        encoder.finish().await;
        source = upstream.accept().await;
        source.number_from(10_000 * number + 5_000);
        source.headers().await;
        flows(&mut source, &mut sent, &mut viewer).await;
    }
    rig.close().await;
}

#[tokio::test]
async fn an_encoder_that_falls_silent_gives_its_place_back_and_may_come_again() {
    let (upstream, platform) = (Upstream::new().await, Platform::new().await);
    let rig = Rig::new().await;
    rig.go_live_from(&upstream, vec![platform.target(1)]).await;
    let mut source = upstream.accept().await;
    source.headers().await;
    let (mut viewer, mut sent) = (platform.accept().await, Vec::new());
    flows(&mut source, &mut sent, &mut viewer).await;
    for number in 1..=2 {
        let mut encoder = rig.encoder().await;
        encoder.number_from(10_000 * number);
        encoder.headers().await;
        soon("the pull to be closed", source.closed()).await;
        flows(&mut encoder, &mut sent, &mut viewer).await;
        pass(11).await;
        soon("the silent encoder to be closed", encoder.closed()).await;
        source = upstream.accept().await;
        source.number_from(10_000 * number + 5_000);
        source.headers().await;
        flows(&mut source, &mut sent, &mut viewer).await;
    }
    rig.close().await;
}

#[tokio::test]
async fn an_encoder_that_has_fallen_silent_keeps_nothing_away_that_is_to_be_fetched() {
    let (upstream, platform) = (Upstream::new().await, Platform::new().await);
    for before in [true, false] {
        let mut rig = Rig::new().await;
        if before {
            rig.go_live(vec![platform.target(1)]).await;
        }
        let mut encoder = rig.encoder().await;
        encoder.headers().await;
        let mut sent = encoder.gop(5_000).await;
        rig.phase(ReportEvent::SourceUp).await;
        let mut viewer = if before { Some(platform.accept().await) } else { None };
        if let Some(viewer) = &mut viewer {
            viewer.gets_all(&sent).await;
        }
        pass(11).await;
        rig.phase(ReportEvent::SourceDown { clean: false }).await;
        if before {
            rig.relay.set_pull(STUDIO, Some(upstream.point())).await;
        } else {
            rig.go_live_from(&upstream, vec![platform.target(1)]).await;
            sent.clear();
        }
        let mut source = upstream.accept().await;
        soon("the silent encoder to be closed", encoder.closed()).await;
        source.number_from(1_000);
        source.headers().await;
        let mut viewer = match viewer {
            Some(viewer) => viewer,
            None => platform.accept().await,
        };
        flows(&mut source, &mut sent, &mut viewer).await;
        rig.close().await;
    }
}

#[tokio::test]
async fn a_no_is_told_in_the_servers_words_and_asked_again_and_a_tap_asks_at_once() {
    let (upstream, platform) = (Upstream::new().await, Platform::new().await);
    let mut rig = Rig::new().await;
    rig.go_live_from(&upstream, vec![platform.target(1)]).await;
    for attempt in 0..3 {
        upstream.knock().await.reject("no such room").await;
        if attempt > 0 {
            rig.pull("another attempt", |state| matches!(state, PullState::Retrying { .. })).await;
            let failure = rig.relay.status(STUDIO).pull.unwrap().failure;
            let words = "NetStream.Play.Failed: no such room".to_owned();
            assert_eq!(failure, Some(PullFailure::Refused { words }));
        }
    }
    rig.relay.retry_pull(STUDIO).await;
    assert_eq!(rig.relay.status(STUDIO).pull.unwrap().state, PullState::Connecting);
    let mut source = upstream.accept().await;
    source.headers().await;
    let (mut viewer, mut sent) = (platform.accept().await, Vec::new());
    flows(&mut source, &mut sent, &mut viewer).await;
    assert_eq!(rig.relay.status(STUDIO).pull.unwrap().failure, None);
    rig.close().await;
}

#[tokio::test]
async fn another_address_and_none_take_effect_while_live_and_no_target_notices() {
    let (one, other, platform) = (Upstream::new().await, Upstream::new().await, Platform::new().await);
    let mut rig = Rig::new().await;
    rig.relay.set_pull(STUDIO, Some(one.point())).await;
    assert!(one.is_left_alone(Duration::from_millis(100)).await, "nothing is fetched without a broadcast");
    rig.go_live_from(&one, vec![platform.target(1)]).await;
    let mut source = one.accept().await;
    source.headers().await;
    let (mut viewer, mut sent) = (platform.accept().await, Vec::new());
    flows(&mut source, &mut sent, &mut viewer).await;
    rig.relay.set_pull(STUDIO, Some(other.point())).await;
    soon("the old pull to be closed", source.closed()).await;
    let mut source = other.accept().await;
    source.number_from(5_000);
    source.headers().await;
    flows(&mut source, &mut sent, &mut viewer).await;
    rig.relay.set_pull(STUDIO, None).await;
    soon("the pull to be closed", source.closed()).await;
    rig.phase(ReportEvent::Held { sound_only: false }).await;
    assert_eq!(rig.relay.status(STUDIO).pull, None);
    let mut encoder = rig.encoder().await;
    encoder.number_from(9_000);
    encoder.headers().await;
    flows(&mut encoder, &mut sent, &mut viewer).await;
    rig.close().await;
}

/// Lets so much time pass at once.
async fn pass(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_server_that_plays_and_sends_nothing_is_asked_anew_after_a_minute_and_one_that_falls_silent_after_ten_seconds()
 {
    let (upstream, platform) = (Upstream::new().await, Platform::new().await);
    let mut rig = Rig::new().await;
    rig.go_live_from(&upstream, vec![platform.target(1)]).await;
    let mute = upstream.accept().await;
    rig.pull("an accepted play", |state| *state == PullState::Waiting).await;
    pass(59).await;
    assert!(upstream.is_left_alone(Duration::from_millis(100)).await);
    pass(2).await;
    let mut source = upstream.accept().await;
    drop(mute);
    source.headers().await;
    source.gop(500).await;
    rig.pull("media", |state| *state == PullState::Receiving).await;
    pass(9).await;
    assert!(upstream.is_left_alone(Duration::from_millis(100)).await);
    pass(2).await;
    rig.pull("another dial", |state| matches!(state, PullState::Connecting | PullState::Waiting)).await;
    let _again = upstream.accept().await;
    soon("the old pull to be closed", source.closed()).await;
    rig.close().await;
}
