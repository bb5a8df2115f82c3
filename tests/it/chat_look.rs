//! /look and /clip: what goes out, and what went out, as a video in the chat.

use crate::bed::encoder::Encoder as Ffmpeg;
use crate::bed::{film, scratch};
use crate::chat_live::{add, flows};
use crate::scene::{OLIVIAS, SOON, Scene};
use std::time::{Duration, Instant};
use telecast::demo::bot_api::{Content, Fault, MING, Message, OLIVIA, SAM, Trouble, WEEKEND_SHOW};
use telecast::demo::encoder::Encoder;
use telecast::domain::id::ChatId;

/// From the words to the video.
const PROMPT: Duration = Duration::from_secs(2);

/// The newest video that came behind message `after`.
async fn video(scene: &Scene, chat: ChatId, after: i32) -> Message {
    let newest = |message: &Message| message.id > after && matches!(message.content, Content::Video(..));
    let find = |phone: &telecast::demo::bot_api::Phone| phone.messages(chat).into_iter().rfind(newest);
    scene.phone.wait("a video", SOON, find).await.unwrap()
}

#[tokio::test]
async fn what_goes_out_is_a_video_in_the_chat_that_decodes_and_sounds() {
    let (scene, dir) = (Scene::owned().await, scratch().unwrap());
    let alpha = add(&scene, OLIVIA, OLIVIAS, "Save").await;
    scene.hears(OLIVIAS, 0, "is saved.").await;
    scene.asks(OLIVIA, OLIVIAS, "/look", "Nothing comes from your camera or OBS").await;
    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    let point = scene.told(OLIVIAS);
    scene.asks(OLIVIA, OLIVIAS, "/golive", "Waiting for your camera or OBS").await;
    let url = format!("{}/{}", point.server.tc_url(), point.key.expose());
    let _ffmpeg = Ffmpeg::ffmpeg("encoder", &url, 60, dir.path()).await.unwrap();
    flows(&alpha, 60).await;

    let asked = scene.phone.say(OLIVIA, OLIVIAS, "/look").unwrap();
    let began = Instant::now();
    let message = video(&scene, OLIVIAS, asked).await;
    assert!(began.elapsed() <= PROMPT, "{:?}", began.elapsed());
    assert!(message.text().starts_with("👁 What you send now: the last "), "{}", message.text());
    assert!(!message.text().contains("No sound"), "{}", message.text());
    let Content::Video(file, _) = &message.content else { panic!("{message:?}") };
    let clip = dir.path().join("look.mp4");
    std::fs::write(&clip, scene.phone.file(&file.id).unwrap()).unwrap();
    assert_eq!(film::complaints(&clip).unwrap(), "");
    assert!(film::begins_with_keyframe(&clip).unwrap());
    let mut streams = film::streams(&clip, "codec_name,codec_type").unwrap();
    streams.sort();
    assert_eq!(streams, ["aac,audio", "h264,video"]);
    let told = format!("{},{}", file.pixels.0, file.pixels.1);
    assert!(film::streams(&clip, "width,height").unwrap().contains(&told), "{told}");
    assert!(file.seconds >= 1, "{file:?}");

    scene.taps(OLIVIA, OLIVIAS, "Look again");
    let again = video(&scene, OLIVIAS, message.id).await;
    // The panel has the button too, beside the show's other two.
    scene.asks(OLIVIA, OLIVIAS, "/status", "Live for").await;
    scene.taps(OLIVIA, OLIVIAS, "👁 Look");
    video(&scene, OLIVIAS, again.id).await;
    scene.asks(OLIVIA, OLIVIAS, "/stoplive now", "The show is over.").await;
    let before = scene.asks(OLIVIA, OLIVIAS, "/look", "What comes in").await;
    assert!(before.text().contains("It is not live; viewers do not see it."), "{}", before.text());
    scene.end().await;
}

#[tokio::test]
async fn the_last_seconds_of_a_show_are_a_video_and_nothing_is_left_of_it_afterwards() {
    let (scene, dir) = (Scene::owned().await, scratch().unwrap());
    let alpha = add(&scene, OLIVIA, OLIVIAS, "Save").await;
    scene.hears(OLIVIAS, 0, "is saved.").await;
    let encoder = filmed(&scene).await;
    scene.asks(OLIVIA, OLIVIAS, "/clip", "No show is on, so there is no clip to cut.").await;
    scene.asks(OLIVIA, OLIVIAS, "/golive", "Live for").await;
    flows(&alpha, 250).await;
    let asked = scene.phone.say(OLIVIA, OLIVIAS, "/clip 5").unwrap();
    let message = video(&scene, OLIVIAS, asked).await;
    assert!(message.text().starts_with("🎬 The last "), "{}", message.text());
    let Content::Video(file, _) = &message.content else { panic!("{message:?}") };
    assert!((5..=8).contains(&file.seconds), "from the last keyframe before on: {file:?}");
    let clip = dir.path().join("clip.mp4");
    std::fs::write(&clip, scene.phone.file(&file.id).unwrap()).unwrap();
    assert_eq!(film::complaints(&clip).unwrap(), "");
    assert!(film::begins_with_keyframe(&clip).unwrap());
    assert_eq!(film::streams(&clip, "codec_type").unwrap().len(), 2);

    let looked = scene.phone.say(OLIVIA, OLIVIAS, "/look").unwrap();
    let look = video(&scene, OLIVIAS, looked).await;
    scene.taps(OLIVIA, OLIVIAS, "🎬 Clip");
    let all = video(&scene, OLIVIAS, look.id).await;
    let Content::Video(whole, _) = &all.content else { panic!("{all:?}") };
    assert!(whole.seconds > file.seconds, "all that there is: {whole:?}");
    scene.asks(OLIVIA, OLIVIAS, "/stoplive now", "The show is over.").await;
    scene.asks(OLIVIA, OLIVIAS, "片段", "No show is on, so there is no clip to cut.").await;
    encoder.close().await;
    scene.end().await;
}

#[tokio::test]
async fn in_a_group_looking_is_an_operators_and_the_group_is_told_of_no_change() {
    let scene = Scene::with_group().await;
    scene.asks(SAM, WEEKEND_SHOW, "/look", "Only admins of this group can do that.").await;
    scene.asks(MING, WEEKEND_SHOW, "/look", "Nothing comes from your camera or OBS").await;
    scene.end().await;
}

/// A picture comes, and nothing is live.
pub(crate) async fn filmed(scene: &Scene) -> Encoder {
    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    let encoder = Encoder::new().unwrap();
    encoder.start(scene.told(OLIVIAS));
    scene.hears(OLIVIAS, 0, "Your picture is here").await;
    encoder
}

#[tokio::test]
async fn a_video_that_fails_on_its_way_is_sent_again_one_at_a_time_and_nothing_waits_for_it() {
    let mut scene = Scene::owned().await;
    scene.expect_refusals();
    let encoder = filmed(&scene).await;
    scene.phone.inject(Fault::new(Trouble::Internal).method("sendVideo"));
    scene.phone.inject(Fault::new(Trouble::Hang(Duration::from_millis(1_500))).method("sendVideo"));
    let asked = scene.phone.say(OLIVIA, OLIVIAS, "/look").unwrap();
    scene.until("the first try", |phone| !phone.calls("sendVideo").is_empty()).await;
    scene.phone.say(OLIVIA, OLIVIAS, "画面").unwrap();
    let meanwhile = scene.hears(OLIVIAS, asked, "Your last video is still on its way.").await;
    let first = video(&scene, OLIVIAS, asked).await;
    assert!(meanwhile.id < first.id, "an answer waited for a video");
    let asked = scene.phone.say(OLIVIA, OLIVIAS, "/look").unwrap();
    video(&scene, OLIVIAS, asked).await;
    encoder.close().await;
    scene.end().await;
}

#[tokio::test]
async fn where_no_video_may_be_sent_that_is_said_and_all_else_is_sent() {
    let mut scene = Scene::owned().await;
    scene.expect_refusals();
    let encoder = filmed(&scene).await;
    scene.phone.inject(Fault::new(Trouble::NoVideos).method("sendVideo"));
    scene.asks(OLIVIA, OLIVIAS, "/look", "Telegram did not take the video.").await;
    let asked = scene.phone.say(OLIVIA, OLIVIAS, "/look").unwrap();
    video(&scene, OLIVIAS, asked).await;
    encoder.close().await;
    scene.end().await;
}

#[tokio::test]
async fn while_the_encoder_is_away_what_keeps_the_show_on_air_is_seen() {
    let (scene, dir) = (Scene::owned().await, scratch().unwrap());
    let alpha = add(&scene, OLIVIA, OLIVIAS, "Save").await;
    scene.hears(OLIVIAS, 0, "is saved.").await;
    let encoder = filmed(&scene).await;
    scene.asks(OLIVIA, OLIVIAS, "/golive", "Live for").await;
    flows(&alpha, 30).await;
    drop(encoder);
    scene.hears(OLIVIAS, 0, "Your picture is gone").await;
    let held =
        scene.asks(OLIVIA, OLIVIAS, "/look", "Your picture is away, and this is what I keep you on air with").await;
    let Content::Video(file, _) = &held.content else { panic!("{held:?}") };
    let clip = dir.path().join("held.mp4");
    std::fs::write(&clip, scene.phone.file(&file.id).unwrap()).unwrap();
    assert_eq!(film::complaints(&clip).unwrap(), "");
    assert!(film::begins_with_keyframe(&clip).unwrap());
    assert_eq!(film::streams(&clip, "codec_type").unwrap().len(), 2);
    scene.asks(OLIVIA, OLIVIAS, "/stoplive now", "The show is over.").await;
    scene.end().await;
}
