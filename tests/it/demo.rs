//! The demo's platforms and encoder, with each other; and the whole story.

use crate::bed::browser::Browser;
use std::time::Duration;
use telecast::demo::encoder::{Encoder, State};
use telecast::demo::platform::{Certificate, Mood, Platform, RoomPage};
use telecast::demo::scene::{Ports, Scene};
use telecast::demo::tour;
use telecast::domain::id::{TargetId, UserId};
use telecast::domain::rtmp_url::{PushPoint, ServerUrl};
use telecast::domain::secret::StreamKey;
use telecast::domain::status::{Loss, PushFailure};
use telecast::domain::target::{Target, TargetName};
use telecast::platform::live_check::{Apps, LiveCheck, Sight, Web};
use telecast::rtmp::transport::{ClientTls, Stream};
use telecast::rtmp::{self, Request, Sink};
use tokio::net::TcpStream;

const WAIT: Duration = Duration::from_secs(10);

/// Publishes to `server` with `key`, as Telecast would.
async fn publish(server: &str, key: &str, ca: Option<&str>) -> Result<Sink<Stream>, PushFailure> {
    let url = ServerUrl::parse(server).unwrap();
    let tcp = TcpStream::connect((url.host(), url.port())).await.unwrap();
    let stream = if url.tls() {
        ClientTls::new(ca.map(str::as_bytes)).unwrap().connect(url.host(), tcp).await?
    } else {
        tcp.into()
    };
    let request = Request { app: url.app(), tc_url: &url.tc_url(), name: key };
    rtmp::connect(stream, &request).await?.publish().await
}

fn refusal(answer: Result<Sink<Stream>, PushFailure>) -> String {
    match answer {
        Err(PushFailure::Refused { words }) => words,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was accepted"),
    }
}

#[tokio::test]
async fn a_platform_takes_one_publish_with_its_own_key_and_says_why_it_takes_no_other() {
    let alpha = Platform::alpha_tv(None).await.unwrap();
    let (server, key) = (alpha.server(), alpha.key().to_owned());
    let wrong = key.replace("key=", "key=0");
    assert!(refusal(publish(&server, &wrong, None).await).contains("the stream key is not valid"));
    assert!(refusal(publish(&server, &key[1..], None).await).contains("the stream key is not valid"));
    let elsewhere = server.replace("live-bvc", "live");
    assert!(refusal(publish(&elsewhere, &key, None).await).contains("the stream key is not valid"));
    assert!(alpha.received().connections.is_empty());
    assert_eq!(alpha.received().refused, 3);

    let first = publish(&server, &key, None).await.unwrap();
    assert!(refusal(publish(&server, &key, None).await).contains("in use"));
    first.goodbye().await;
    let ended = alpha.wait("the end", WAIT, |received| received.connections.first()?.ended.map(|_| received.clone()));
    assert!(ended.await.unwrap().connections[0].ended_in_order);
    drop(publish(&server, &key, None).await.unwrap());
    let ended = alpha.wait("the end", WAIT, |received| received.connections.get(1)?.ended.map(|_| received.clone()));
    let ended = ended.await.unwrap();
    assert!(!ended.connections[1].ended_in_order, "who just vanishes said no goodbye");
    assert_eq!((ended.connections[1].number, ended.refused), (2, 4));
    alpha.stop().await;
}

#[tokio::test]
async fn beta_live_is_trusted_only_by_those_who_know_its_ca() {
    let certificate = Certificate::issue("a CA of its own").unwrap();
    let ca = certificate.ca_pem.clone();
    let beta = Platform::beta_live(certificate, None).await.unwrap();
    assert!(beta.server().starts_with("rtmps://"), "{}", beta.server());
    let stranger = publish(&beta.server(), beta.key(), None).await;
    assert!(matches!(stranger, Err(PushFailure::Lost(Loss::Tls(_)))), "{:?}", stranger.err());
    assert!(refusal(publish(&beta.server(), "beta-wrong", Some(&ca)).await).contains("not valid"));
    drop(publish(&beta.server(), beta.key(), Some(&ca)).await.unwrap());
    beta.stop().await;
}

#[tokio::test]
async fn the_encoder_sends_its_clip_whole_and_in_time_and_says_goodbye() {
    let alpha = Platform::alpha_tv(None).await.unwrap();
    let encoder = Encoder::new().unwrap();
    encoder.start(alpha.point().unwrap());
    let began = tokio::time::Instant::now();
    let enough = alpha
        .wait("2.5 s of the clip", WAIT, |received| received.live().filter(|live| live.video_frames >= 75).cloned());
    let live = enough.await.unwrap();
    let lasted = began.elapsed();
    assert!(lasted > Duration::from_millis(2300), "faster than real time: {lasted:?}");
    assert!(live.begins_well(), "{:?}", live.first);
    assert_eq!((live.keyframes, live.backwards), (live.video_frames.div_ceil(30), 0), "{live:?}");
    assert!(live.longest_step <= Duration::from_millis(34), "{live:?}");
    let (video, audio) = (live.video.unwrap(), live.audio.unwrap());
    assert_eq!((video.codec, video.width, video.height), ("H.264", 640, 360));
    assert_eq!((audio.codec, audio.sample_rate, audio.channels), ("AAC", 44_100, 2));
    let sound = live.video_frames * 44_100 / (30 * 1024);
    assert!(live.audio_frames.abs_diff(sound) <= 3, "{} frames of sound, not {sound}", live.audio_frames);
    encoder.close().await;
    let last =
        alpha.wait("the goodbye", WAIT, |received| received.connections.last().filter(|c| c.ended.is_some()).cloned());
    assert!(last.await.unwrap().ended_in_order);
}

#[tokio::test]
async fn an_encoder_that_is_dropped_is_cut_off_without_a_goodbye() {
    let alpha = Platform::alpha_tv(None).await.unwrap();
    let encoder = Encoder::new().unwrap();
    encoder.start(alpha.point().unwrap());
    let picture = alpha.wait("a picture", WAIT, |received| received.live().filter(|live| live.keyframes > 0).map(drop));
    picture.await.unwrap();
    drop(encoder);
    let last =
        alpha.wait("its end", WAIT, |received| received.connections.last().filter(|c| c.ended.is_some()).cloned());
    assert!(!last.await.unwrap().ended_in_order);
}

#[tokio::test]
async fn the_encoder_comes_back_when_the_server_does() {
    let alpha = Platform::alpha_tv(None).await.unwrap();
    let encoder = Encoder::new().unwrap();
    let mut state = encoder.state();
    encoder.start(alpha.point().unwrap());
    alpha
        .wait("a picture", WAIT, |received| received.live().filter(|live| live.keyframes > 0).map(drop))
        .await
        .unwrap();
    alpha.set_mood(Mood::Down);
    tokio::time::timeout(WAIT, state.wait_for(|state| matches!(state, State::Failed(_)))).await.unwrap().unwrap();
    assert!(alpha.received().live().is_none());
    let server = ServerUrl::parse(&alpha.server()).unwrap();
    assert!(TcpStream::connect((server.host(), server.port())).await.is_err(), "nothing listens while it is down");
    alpha.set_mood(Mood::Well);
    let again = alpha.wait("a picture once more", WAIT, |received| {
        received.live().filter(|live| live.number == 2 && live.begins_well()).map(drop)
    });
    again.await.unwrap();
    encoder.stop();
    tokio::time::timeout(WAIT, state.wait_for(|state| *state == State::Off)).await.unwrap().unwrap();
}

#[tokio::test]
async fn troubles_can_be_staged() {
    let alpha = Platform::alpha_tv(None).await.unwrap();
    alpha.set_mood(Mood::Refusing);
    assert!(refusal(publish(&alpha.server(), alpha.key(), None).await).contains("not valid"));
    alpha.set_mood(Mood::Deaf);
    let encoder = Encoder::new().unwrap();
    let mut state = encoder.state();
    encoder.start(alpha.point().unwrap());
    let sends = state.wait_for(|state| matches!(state, State::Sending { .. }));
    tokio::time::timeout(WAIT, sends).await.unwrap().unwrap();
    alpha.wait("a publish", WAIT, |received| received.connections.first().map(drop)).await.unwrap();
    assert_eq!(alpha.received().connections[0].video_frames, 0, "a deaf platform hears nothing");
    alpha.set_mood(Mood::Well);
    let heard = alpha.wait("a picture", WAIT, |received| received.live().filter(|live| live.keyframes > 0).map(drop));
    heard.await.unwrap();
}

#[tokio::test]
async fn alpha_tvs_status_page_says_live_only_while_it_has_a_picture() {
    let alpha = Platform::alpha_tv(None).await.unwrap();
    let page = RoomPage::start(alpha.watch()).await.unwrap();
    // A new one each time: the same one asks each 30 s.
    let check = || {
        LiveCheck::new(
            Web::new(std::sync::Arc::new(|_| false), None, Some(page.url().parse().unwrap())).unwrap(),
            Apps::default(),
        )
    };
    let point =
        PushPoint { server: ServerUrl::parse(&alpha.server()).unwrap(), key: StreamKey::parse(alpha.key()).unwrap() };
    let catalogue = telecast::platform::Catalogue::builtin();
    let bilibili = catalogue.get("bilibili").unwrap();
    let (_, status_id) = telecast::platform::viewer::link(bilibili, &point);
    let target = Target {
        id: TargetId(1),
        name: TargetName::parse("Alpha TV").unwrap(),
        platform: "bilibili".into(),
        shown_server: String::new(),
        shown_key: String::new(),
        viewer_link: None,
        unlinked: false,
        status_id,
        enabled: true,
        key_owner: UserId(1),
        rank: 0,
        flaw: None,
    };
    assert_eq!(check().look(bilibili, &target).await.sight, Some(Sight::Offline));
    let encoder = Encoder::new().unwrap();
    encoder.start(point);
    alpha
        .wait("a picture", WAIT, |received| received.live().filter(|live| live.keyframes > 0).map(drop))
        .await
        .unwrap();
    let asks = check();
    assert_eq!(asks.look(bilibili, &target).await.sight, Some(Sight::Live));
    let picture = asks.picture(bilibili, &target).await.expect("it shows the show");
    assert!((15..60).contains(&picture.age.unwrap().as_secs()), "{picture:?}");
    encoder.close().await;
    alpha.wait("the end", WAIT, |received| received.live().is_none().then_some(())).await.unwrap();
    assert_eq!(check().look(bilibili, &target).await.sight, Some(Sight::Offline));
    page.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_story_plays_from_the_claim_to_the_report() {
    let scene = Scene::open(Ports::default()).await.unwrap();
    let mut passed = Vec::new();
    let played = tour::play(&scene, |step| passed.push(step.to_owned())).await;
    assert!(played.is_ok(), "{}\n✗ {}", passed.join("\n"), played.unwrap_err());
    assert_eq!(passed.len(), 10, "{}", passed.join("\n"));
    let page = scene.bot_api.url();
    scene.close().await;
    assert!(reqwest::get(page).await.is_err(), "nothing is left running");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_four_platforms_of_the_origin_get_what_was_pasted_for_them() {
    let scene = Scene::open(Ports::default()).await.unwrap();
    let mut passed = Vec::new();
    let played = tour::play_origin(&scene, |step| passed.push(step.to_owned())).await;
    assert!(played.is_ok(), "{}\n✗ {}", passed.join("\n"), played.unwrap_err());
    assert_eq!(passed.len(), 11, "{}", passed.join("\n"));
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_of_the_origin_that_refuses_or_hears_nothing_fails_the_tour() {
    let failed = async |spoil: fn(&Scene)| {
        let scene = Scene::open(Ports::default()).await.unwrap();
        spoil(&scene);
        let mut passed = 0;
        let failed = tour::play_origin(&scene, |_| passed += 1).await.unwrap_err().to_string();
        scene.close().await;
        assert_eq!(passed, 6, "all that is before a picture is sent: {failed}");
        assert!(failed.starts_with("she goes live: all four receive"), "{failed}");
        failed
    };
    let (refused, unheard) = tokio::join!(
        failed(|scene| scene.origin.wowza.set_mood(Mood::Refusing)),
        failed(|scene| scene.origin.lexiang.set_mood(Mood::Deaf)),
    );
    assert!(refused.contains("Wowza: waited") && !refused.contains("refused: 0"), "{refused}");
    assert!(unheard.contains("Tencent Lexiang: waited") && unheard.contains("refused: 0"), "{unheard}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_fails_is_named_with_what_was_seen_instead() {
    let scene = Scene::open(Ports::default()).await.unwrap();
    scene.alpha.set_mood(Mood::Down);
    let mut passed = 0;
    let failed = tour::play(&scene, |_| passed += 1).await.unwrap_err().to_string();
    assert_eq!(passed, 1, "the claim needs no platform");
    assert!(failed.starts_with("she adds Alpha TV"), "{failed}");
    assert!(failed.contains("Nothing answers at its address"), "{failed}");
    scene.close().await;
}

#[test]
fn the_program_plays_the_story_whatever_proxy_the_shell_has() {
    let nowhere = "http://127.0.0.1:9";
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_telecast"));
    program.args(["demo", "--tour"]);
    program.env("HTTP_PROXY", nowhere).env("http_proxy", nowhere).env("ALL_PROXY", nowhere);
    let ended = program.output().unwrap();
    let told = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success(), "{told}{}", String::from_utf8_lossy(&ended.stderr));
    assert_eq!(told.matches("✓ ").count(), 10, "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_plays_what_a_platform_receives_for_as_long_as_it_does() {
    let scene = Scene::open(Ports::default()).await.unwrap();
    let url = scene.bot_api.url();
    let browser = tokio::task::spawn_blocking(move || Browser::open(&url).unwrap());
    let mut browser = browser.await.unwrap();
    scene.encoder.start(scene.alpha.point().unwrap());
    let browser = tokio::task::spawn_blocking(move || {
        browser.wait_for("document.querySelector('.tube video')?.currentTime > 1").unwrap();
        browser
    });
    let mut browser = browser.await.unwrap();
    scene.encoder.stop();
    let gone = "!document.querySelector('.tube video') && !document.querySelector('[data-tone=good]')";
    tokio::task::spawn_blocking(move || browser.wait_for(gone).map(drop)).await.unwrap().unwrap();
    scene.close().await;
}
