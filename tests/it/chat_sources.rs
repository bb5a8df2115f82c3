//! Where the stream is taken from, and who may play it, by chat, with real peers on the other side.

use crate::bed::encoder::Encoder as Ffmpeg;
use crate::bed::nginx::Nginx;
use crate::bed::proc::Proc;
use crate::bed::{flv, scratch, until};
use crate::chat_live::{add, flows};
use crate::scene::{OLIVIAS, OTHER_KEY, SAMS, SOON, Scene};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use telecast::demo::bot_api::{MING, OLIVIA, Rights, Role, SAM, WEEKEND_SHOW};
use telecast::demo::encoder::Encoder;
use telecast::domain::status::PushFailure;
use telecast::rtmp::{self, Request};
use tokio::net::TcpStream;

/// The panel, once it holds `words`.
async fn panel(scene: &Scene, words: &str) -> String {
    let said = scene.phone.say(OLIVIA, OLIVIAS, "/status").unwrap();
    scene.hears(OLIVIAS, said, words).await.text().to_owned()
}

#[tokio::test]
async fn a_stream_is_taken_from_a_url_that_is_shown_masked_and_a_camera_takes_its_place_while_it_sends() {
    let dir = scratch().unwrap();
    let dir = dir.path();
    let scene = Scene::owned().await;
    let alpha = add(&scene, OLIVIA, OLIVIAS, "Save").await;
    scene.hears(OLIVIAS, 0, "is saved.").await;
    let upstream = Nginx::start("upstream", &[], dir).await.unwrap();
    let url = format!("{}/{OTHER_KEY}", upstream.server());
    let mut source = Ffmpeg::ffmpeg("source", &url, 60, dir).await.unwrap();
    source.sends().await.unwrap();

    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    let point = scene.told(OLIVIAS);
    scene.taps_for(OLIVIA, OLIVIAS, "Take it from a URL", "Which URL should I take the stream from?").await;
    let wrong = scene.asks(OLIVIA, OLIVIAS, "https://live.example/1", "That is a web page.").await;
    assert!(wrong.has_button("Cancel"));
    let pasted = scene.phone.say(OLIVIA, OLIVIAS, &format!("Play URL: {url}")).unwrap();
    let saved = scene.hears(OLIVIAS, pasted, "Saved: there is a stream at the URL.").await;
    assert!(saved.text().contains(&format!("URL: {}/•••", upstream.server())), "{}", saved.text());
    assert!(scene.phone.deletions(OLIVIAS).contains(&pasted), "the message with the key is deleted");

    scene.asks(OLIVIA, OLIVIAS, "/golive", "Live for").await;
    flows(&alpha, 30).await;
    panel(&scene, "From the URL: 640×360").await;
    let encoder = Encoder::new().unwrap();
    encoder.start(point);
    let camera = |phone: &telecast::demo::bot_api::Phone| {
        let all = phone.messages(OLIVIAS);
        let panel = all.iter().rev().find(|m| m.text().contains("Live for"));
        panel.is_some_and(|m| m.text().contains("640×360") && !m.text().contains("From the URL"))
    };
    scene.until("the camera on the panel", camera).await;
    flows(&alpha, 30).await;
    encoder.stop();
    panel(&scene, "From the URL: 640×360").await;
    flows(&alpha, 30).await;
    assert_eq!(alpha.received().connections.len(), 1, "the platform never lost its connection");

    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Take it from a URL", "I take the stream from a URL.").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Stop pulling", "I no longer take the stream from a URL.").await;
    let gone = || upstream.proc.log().contains("deleteStream") || upstream.proc.log().contains("disconnect");
    until("nginx to lose its player", SOON, || gone().then_some(())).await.unwrap();
    panel(&scene, "I keep you on air").await;
    scene.asks(OLIVIA, OLIVIAS, "/stoplive now", "The show is over.").await;
    encoder.close().await;
    scene.end().await;
}

#[tokio::test]
async fn a_url_that_does_not_play_is_saved_tried_in_the_show_over_a_restart_and_again_when_its_server_dies() {
    let dir = scratch().unwrap();
    let dir = dir.path();
    let mut scene = Scene::owned().await;
    let alpha = add(&scene, OLIVIA, OLIVIAS, "Save").await;
    scene.hears(OLIVIAS, 0, "is saved.").await;
    let port = crate::bed::free_port().unwrap();
    let url = format!("rtmp://127.0.0.1:{port}/live/{OTHER_KEY}");
    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Take it from a URL", "Which URL should I take the stream from?").await;
    scene.asks(OLIVIA, OLIVIAS, &url, "Saved, but no stream comes from the URL just now.").await;
    let waiting = scene.asks(OLIVIA, OLIVIAS, "/golive", "No stream from the URL, try").await;
    assert!(waiting.text().contains("Nothing answers at its address"), "{}", waiting.text());
    scene.stop().await;
    scene.start().await;
    let mut upstream = Nginx::start_at(port, "upstream", &[], dir).await.unwrap();
    let url = format!("{}/{OTHER_KEY}", upstream.server());
    let mut source = Ffmpeg::ffmpeg("source", &url, 60, dir).await.unwrap();
    source.sends().await.unwrap();
    flows(&alpha, 30).await;
    panel(&scene, "From the URL").await;

    // The server dies and returns.
    upstream.proc.kill();
    drop(source);
    scene.hears(OLIVIAS, 0, "Meanwhile I keep trying the URL.").await;
    let _upstream = Nginx::start_at(port, "again", &[], dir).await.unwrap();
    let mut source = Ffmpeg::ffmpeg("source again", &url, 60, dir).await.unwrap();
    source.sends().await.unwrap();
    scene.hears(OLIVIAS, 0, "Your picture is back after").await;
    flows(&alpha, 30).await;
    assert_eq!(alpha.received().connections.len(), 1, "the platform never lost its connection");

    // It may hold a key, so it is among what can be withdrawn, also while live.
    let mine = scene.asks(OLIVIA, OLIVIAS, "/mykeys", "I hold 2 stream keys of yours.").await;
    let masked = format!("127.0.0.1:{port} rtmp://127.0.0.1:{port}/live/••• · your own studio");
    assert!(mine.text().contains(&masked), "{}", mine.text());
    let label = format!("Withdraw 127.0.0.1:{port}");
    scene.taps_for(OLIVIA, OLIVIAS, &label, "I no longer take the stream from a URL.").await;
    panel(&scene, "I keep you on air").await;
    scene.asks(OLIVIA, OLIVIAS, "/mykeys", "I hold 1 stream key of yours.").await;
    scene.asks(OLIVIA, OLIVIAS, "/stoplive now", "The show is over.").await;
    scene.end().await;
}

/// ffmpeg as a player.
fn player(name: &str, url: &str, dir: &Path) -> (Proc, PathBuf) {
    let file = dir.join(format!("{name}.flv"));
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-loglevel", "verbose", "-i", url, "-map", "0", "-c", "copy", "-flush_packets", "1"]);
    command.args(["-f", "flv"]).arg(&file);
    (Proc::start(name, &command, dir).unwrap(), file)
}

/// The address that a message gives to players.
fn address(text: &str) -> String {
    text.split_whitespace().find(|word| word.contains("/play-")).expect("an address").to_owned()
}

#[tokio::test]
async fn others_play_with_a_key_of_its_own_until_it_is_renewed_or_turned_off() {
    let dir = scratch().unwrap();
    let dir = dir.path();
    let scene = Scene::owned().await;
    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    let point = scene.told(OLIVIAS);
    let ingest = format!("{}/{}", point.server.tc_url(), point.key.expose());
    scene.taps_for(OLIVIA, OLIVIAS, "Let others play it", "Let others play the stream?").await;
    let shared = scene.taps_for(OLIVIA, OLIVIAS, "Let others play it", "Others can play the stream.").await;
    let url = address(shared.text());

    // To the last frame and the end of the encoder, without a show.
    let (mut whole, file) = player("whole", &url, dir);
    panel(&scene, "Playing it: 1").await;
    let mut encoder = Ffmpeg::ffmpeg("encoder", &ingest, 6, dir).await.unwrap();
    encoder.finishes(SOON * 2).await.unwrap();
    let ended = whole.wait_for_end(SOON).await.unwrap();
    assert!(ended.success(), "{}", whole.log());
    let comparison = flv::compare(&flv::read(encoder.sent()).unwrap(), &flv::read(&file).unwrap());
    assert!(comparison.holds(), "{comparison}");

    // Neither key does what the other is for.
    let (mut thief, _) = player("thief", &ingest, dir);
    assert!(!thief.wait_for_end(SOON).await.unwrap().success());
    assert!(thief.log().contains("This key is for encoders and plays nothing."), "{}", thief.log());
    let mut stranger = Ffmpeg::ffmpeg("stranger", &url, 5, dir).await.unwrap();
    assert!(!stranger.proc.wait_for_end(SOON).await.unwrap().success());

    let mut encoder = Ffmpeg::ffmpeg("again", &ingest, 60, dir).await.unwrap();
    encoder.sends().await.unwrap();
    let (mut cut, file) = player("cut", &url, dir);
    until("frames", SOON, || (flv::frames(&file) > 20).then_some(())).await.unwrap();
    scene.taps_for(OLIVIA, OLIVIAS, "New read key", "Make a new read key?").await;
    let renewing = Instant::now();
    let renewed = scene.taps_for(OLIVIA, OLIVIAS, "Make a new key", "Here is the new read key.").await;
    cut.wait_for_end(SOON).await.unwrap();
    assert!(renewing.elapsed() < Duration::from_secs(3), "{:?}, Telegram's part included", renewing.elapsed());
    let (mut old, _) = player("old", &url, dir);
    assert!(!old.wait_for_end(SOON).await.unwrap().success());
    assert!(old.log().contains("Nothing is played with this key."), "{}", old.log());

    let url = address(renewed.text());
    let (mut cut, file) = player("cut again", &url, dir);
    until("frames", SOON, || (flv::frames(&file) > 20).then_some(())).await.unwrap();
    scene.taps_for(OLIVIA, OLIVIAS, "Turn it off", "Turned off.").await;
    cut.wait_for_end(SOON).await.unwrap();
    let (mut off, _) = player("off", &url, dir);
    assert!(!off.wait_for_end(SOON).await.unwrap().success());
    assert!(off.log().contains("Playing is switched off here"), "{}", off.log());
    scene.end().await;
}

#[tokio::test]
async fn wrong_keys_to_play_and_to_publish_cost_an_address_the_same() {
    let scene = Scene::owned().await;
    let ingest = scene.app.as_ref().unwrap().ingest_addr();
    let knock = |plays: bool| async move {
        let (asked, stream) = (Instant::now(), TcpStream::connect(ingest).await.unwrap());
        let request = Request { app: "live", tc_url: "rtmp://127.0.0.1/live", name: "play-guess" };
        let refused = match plays {
            true => rtmp::play(stream, &request).await.err(),
            false => rtmp::connect(stream, &request).await.unwrap().publish().await.err(),
        };
        assert!(matches!(refused, Some(PushFailure::Refused { .. })), "{refused:?}");
        asked.elapsed()
    };
    for plays in [true, true, true, false, false] {
        assert!(knock(plays).await < Duration::from_secs(1), "a few are free");
    }
    let (play, publish) = tokio::join!(Box::pin(knock(true)), Box::pin(knock(false)));
    for (what, cost) in [("play", play), ("publish", publish)] {
        assert!((Duration::from_secs(5)..Duration::from_secs(10)).contains(&cost), "{what}: {cost:?}");
    }
    scene.end().await;
}

#[tokio::test]
async fn a_groups_sources_are_its_admins_and_are_talked_of_in_private() {
    let scene = Scene::with_group().await;
    scene.asks(OLIVIA, WEEKEND_SHOW, "/ingest", "give you server and key in private").await;
    let toast = scene.taps_for_toast(SAM, WEEKEND_SHOW, "Go on in private").await;
    assert!(toast.alert && toast.text.starts_with("Only admins of this group"), "{toast:?}");
    let opened = scene.goes_private(OLIVIA, WEEKEND_SHOW).await;
    scene.hears(OLIVIAS, opened, "Stream Key:").await;
    scene
        .taps_for(OLIVIA, OLIVIAS, "Let others play it", "Let others play the stream of “周末直播 Weekend Show”?")
        .await;
    let on = scene.taps_for(OLIVIA, OLIVIAS, "Let others play it", "Others can play the stream of “周末直播").await;
    let key = address(on.text());
    for chat in [WEEKEND_SHOW, SAMS] {
        assert!(!scene.phone.transcript(chat).contains(&key));
    }
    // Who is no admin any more changes nothing.
    scene.phone.set_bot_role(OLIVIA, WEEKEND_SHOW, Role::Admin(Rights::ALL));
    scene.phone.set_role(MING, WEEKEND_SHOW, OLIVIA, Role::Member);
    scene.asks(OLIVIA, WEEKEND_SHOW, "/ingest", "Only admins of this group can do that.").await;
    let toast = scene.taps_for_toast(OLIVIA, OLIVIAS, "Turn it off").await;
    assert!(toast.alert, "{toast:?}");
    scene.end().await;
}
