//! /recordings: shows that were recorded, in the chat and by a link.

use crate::bed::film;
use crate::bed::scratch;
use crate::chat_live::{add, flows};
use crate::chat_look::filmed;
use crate::scene::{OLIVIAS, SOON, Scene};
use telecast::demo::bot_api::{Action, Content, OLIVIA};
use telecast::demo::encoder::Encoder;
use telecast::demo::platform::Platform;

/// A show of so many pictures, from the first to its end.
async fn show(scene: &Scene, pictures: u64) -> (Platform, Encoder) {
    let alpha = add(scene, OLIVIA, OLIVIAS, "Save").await;
    scene.hears(OLIVIAS, 0, "is saved.").await;
    let encoder = filmed(scene).await;
    scene.asks(OLIVIA, OLIVIAS, "/golive", "Live for").await;
    flows(&alpha, pictures).await;
    (alpha, encoder)
}

#[tokio::test]
async fn a_show_is_recorded_where_that_was_switched_on_and_is_sent_loaded_and_deleted_by_taps() {
    let (scene, dir) = (Scene::owned_with_web().await, scratch().unwrap());
    scene.asks(OLIVIA, OLIVIAS, "/recordings", "Your shows are not recorded.").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Record shows", "I record your shows.").await;
    let (_alpha, encoder) = show(&scene, 200).await;
    scene.asks(OLIVIA, OLIVIAS, "/status", "⏺ Recording").await;
    scene.asks(OLIVIA, OLIVIAS, "/stoplive now", "The show is over.").await;

    scene.asks(OLIVIA, OLIVIAS, "录像", "You have 1 recording").await;
    let page = scene.taps_for(OLIVIA, OLIVIAS, " · ", "(UTC)").await;
    let button = page.keyboard.iter().flatten().find(|button| button.label.contains("Download")).unwrap();
    let Action::Url(link) = &button.action else { panic!("{button:?}") };
    scene.taps(OLIVIA, OLIVIAS, "Send it here");
    let is_film = |message: &telecast::demo::bot_api::Message| matches!(message.content, Content::Video(..));
    let sent = scene.phone.wait("the film", SOON, |phone| phone.messages(OLIVIAS).into_iter().rfind(is_film));
    let sent = sent.await.unwrap();
    let Content::Video(file, _) = &sent.content else { panic!("{sent:?}") };
    let film = dir.path().join("sent.mp4");
    std::fs::write(&film, scene.phone.file(&file.id).unwrap()).unwrap();
    assert_eq!(film::complaints(&film).unwrap(), "");
    assert!(film::begins_with_keyframe(&film).unwrap() && file.seconds >= 4 && file.pixels.0 > 0, "{file:?}");

    let page = format!("http://{}", scene.app.as_ref().unwrap().web_addr().unwrap());
    let link = link.replace("https://live.example.com/telecast", &page);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let whole = client.get(&link).send().await.unwrap();
    assert_eq!(whole.status(), 200);
    let disposition = whole.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(disposition.starts_with("attachment; filename=\"20") && disposition.ends_with("s.mp4\""), "{disposition}");
    let whole = whole.bytes().await.unwrap();
    let loaded = dir.path().join("loaded.mp4");
    std::fs::write(&loaded, &whole).unwrap();
    assert_eq!(film::complaints(&loaded).unwrap(), "");
    let part = client.get(&link).header("range", "bytes=100-199").send().await.unwrap();
    assert_eq!((part.status().as_u16(), part.bytes().await.unwrap()), (206, whole.slice(100..200)));
    let mark = link.rsplit('/').nth(1).unwrap();
    for wrong in
        [link.replace(mark, &"0".repeat(mark.len())), link.replace("s.mp4", "s.flv"), link.replace("/r/1/", "/r/2/")]
    {
        assert_eq!(client.get(&wrong).send().await.unwrap().status(), 404, "{wrong}");
    }

    scene.taps_for(OLIVIA, OLIVIAS, "Delete", "Deleted: the recording of").await;
    scene.asks(OLIVIA, OLIVIAS, "/recordings", "There is none yet.").await;
    assert_eq!(client.get(&link).send().await.unwrap().status(), 404);
    encoder.close().await;
    scene.end().await;
}

#[tokio::test]
async fn where_the_disk_takes_no_recording_the_show_goes_on_and_that_is_said_once() {
    let scene = Scene::owned_without_room(Some(1 << 30)).await;
    scene.asks(OLIVIA, OLIVIAS, "/recordings", "Your shows are not recorded.").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Record shows", "I record your shows.").await;
    let (alpha, encoder) = show(&scene, 30).await;
    scene.hears(OLIVIAS, 0, "I stopped recording: the place for recordings is full.").await;
    let so_far = alpha.received().live().unwrap().video_frames;
    flows(&alpha, so_far + 90).await;
    let told =
        scene.phone.messages(OLIVIAS).iter().filter(|message| message.text().contains("I stopped recording")).count();
    assert_eq!(told, 1);
    scene.asks(OLIVIA, OLIVIAS, "/stoplive now", "The show is over.").await;
    encoder.close().await;
    scene.end().await;
}

#[tokio::test]
async fn where_the_host_wants_no_recordings_that_is_said() {
    let scene = Scene::owned_without_room(None).await;
    let said = scene.asks(OLIVIA, OLIVIAS, "/recordings", "This server keeps no recordings.").await;
    assert!(said.labels().is_empty());
    scene.end().await;
}
