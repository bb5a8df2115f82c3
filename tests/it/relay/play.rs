//! Players of a studio's stream.

use super::rig::{GOP, Platform, Rig, STUDIO, frames, soon};
use super::{OPENING, live, send, shape};
use std::time::{Duration, Instant};
use telecast::domain::status::PushFailure;
use telecast::relay::VIEWERS;
use telecast::rtmp::SourceEnd;

#[tokio::test]
async fn a_player_begins_with_headers_and_the_gop_at_hand_and_gets_all_that_follows_and_the_end() {
    let platforms = [Platform::new().await];
    let (mut rig, mut encoder, mut viewers, mut sent) = live(&platforms).await;
    let relay = rig.relay.clone();
    send(&mut encoder, &mut viewers, &mut sent, 1, 5_000).await;
    viewers.push(rig.plays().await.unwrap());
    let mut player = viewers.pop().unwrap();
    player.gets_all(&sent[GOP..]).await;
    assert_eq!(shape(&player.got)[..4], OPENING);
    assert_eq!(rig.relay.status(STUDIO).viewers, 1);
    for _ in 0..5 {
        sent.extend(encoder.gop(100_000).await);
        player.gets_all(&sent[GOP..]).await;
    }
    // A hold plays on; the end of the show with the encoder gone is the end.
    encoder.finish().await;
    let silence = |viewer: &super::Viewer| viewer.filler().len();
    let read = async {
        while silence(&player) < 2 {
            player.read_until("filler", |got| got.len() > sent.len() + 5).await;
        }
    };
    soon("filler", read).await;
    rig.relay.stop(STUDIO).await.unwrap();
    assert_eq!(player.read_to_end().await, SourceEnd::Clean);
    assert!(player.frames() == frames(&sent[GOP..]));
    rig.report("its leave", |_| (relay.status(STUDIO).viewers == 0).then_some(())).await;
    rig.close().await;
}

#[tokio::test]
async fn without_a_show_an_encoder_is_played_to_the_last_frame_and_the_next_one_to_who_comes_anew() {
    let rig = Rig::new().await;
    let mut early = rig.plays().await.unwrap();
    for round in 0..3 {
        let mut encoder = rig.encoder().await;
        encoder.clock = 1_000_000 * round;
        encoder.headers().await;
        let mut sent = encoder.gop(200_000).await;
        let mut late = rig.plays().await.unwrap();
        sent.extend(encoder.gop(200_000).await);
        encoder.finish().await;
        for player in [&mut early, &mut late] {
            assert_eq!(player.read_to_end().await, SourceEnd::Clean, "round {round}");
            assert!(player.frames() == frames(&sent), "round {round}");
        }
        early = rig.plays().await.unwrap();
    }
    rig.close().await;
    assert_eq!(early.read_to_end().await, SourceEnd::Closed, "the process ends without a word");
}

#[tokio::test]
async fn ten_have_room_and_cutting_them_off_takes_less_than_a_second_whatever_they_read() {
    let platforms = [Platform::new().await];
    let (rig, mut encoder, mut viewers, mut sent) = live(&platforms).await;
    let mut players = Vec::new();
    for _ in 0..VIEWERS {
        players.push(rig.plays().await.unwrap());
    }
    let refused = rig.plays().await.err();
    assert_eq!(refused, Some(PushFailure::Refused { words: "NetStream.Play.Failed: no room".to_owned() }));
    // None of them reads: the target and the publisher do not notice.
    send(&mut encoder, &mut viewers, &mut sent, 20, 200_000).await;
    let cut = Instant::now();
    rig.relay.cut_viewers(STUDIO).await;
    for player in &mut players {
        let end = player.read_to_end().await;
        assert!(matches!(end, SourceEnd::Clean | SourceEnd::Closed | SourceEnd::Lost(_)), "{end:?}");
    }
    assert!(cut.elapsed() < Duration::from_secs(1), "{:?}", cut.elapsed());
    let room = async {
        while rig.plays().await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    soon("room again", Box::pin(room)).await;
    send(&mut encoder, &mut viewers, &mut sent, 1, 5_000).await;
    rig.close().await;
}
