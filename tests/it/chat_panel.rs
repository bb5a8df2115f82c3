//! The live panel: one message that says in its first line how it is, until nobody keeps it.

use crate::chat_live::{add, flows};
use crate::scene::{OLIVIAS, SOON, Scene};
use telecast::demo::bot_api::{OLIVIA, Rights, Role, WEEKEND_SHOW};
use telecast::demo::encoder::Encoder;
use telecast::demo::platform::{Mood, Platform};

/// Two platforms of Olivia's own studio, of which the second is called Beta, and an encoder that publishes.
async fn ready(scene: &Scene) -> (Platform, Platform, Encoder) {
    let alpha = add(scene, OLIVIA, OLIVIAS, "Save").await;
    scene.hears(OLIVIAS, 0, "is saved.").await;
    let beta = Platform::alpha_tv(None).await.unwrap();
    scene.phone.say(OLIVIA, OLIVIAS, &format!("{}\n{}", beta.server(), beta.key())).unwrap();
    scene.taps_for(OLIVIA, OLIVIAS, "Change name", "be called?").await;
    scene.asks(OLIVIA, OLIVIAS, "Beta", "Beta is saved.").await;
    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    let encoder = Encoder::new().unwrap();
    encoder.start(scene.told(OLIVIAS));
    scene.hears(OLIVIAS, 0, "Your picture is here").await;
    (alpha, beta, encoder)
}

#[tokio::test]
async fn its_first_line_is_the_conclusion_and_its_buttons_mend_what_fails() {
    let scene = Scene::owned().await;
    let (alpha, beta, encoder) = ready(&scene).await;
    beta.set_mood(Mood::Refusing);
    let panel = scene.asks(OLIVIA, OLIVIAS, "/golive", "Live for").await;
    flows(&alpha, 30).await;
    let told = scene.hears(OLIVIAS, 0, ", but not on Beta").await;
    assert!(told.id == panel.id && told.text().starts_with("🟠 Live for "), "{}", told.text());
    let labels = ["🔁 Retry Beta", "New key", "Switch off", "⏹ Stop", "👁 Look", "Platforms", "➕ Add platform"];
    assert_eq!(told.labels(), labels);
    beta.set_mood(Mood::Well);
    let toast = scene.phone.tap(OLIVIA, OLIVIAS, panel.id, "Retry Beta").unwrap();
    assert_eq!(scene.phone.wait_for_toast(&toast, SOON).await.unwrap().text, "Trying Beta again now");
    let well = scene.hears(OLIVIAS, 0, "on 2 platforms").await;
    assert!(well.id == panel.id && well.labels().len() == 4, "{:?}", well.labels());
    drop(encoder);
    let held = scene.hears(OLIVIAS, 0, "Your picture is gone, I keep you on air").await;
    assert_eq!(held.labels()[0], "Keep me on air");
    let toast = scene.phone.tap(OLIVIA, OLIVIAS, panel.id, "Keep me on air").unwrap();
    assert_eq!(scene.phone.wait_for_toast(&toast, SOON).await.unwrap().text, "I keep you on air");
    assert!(scene.phone.message(OLIVIAS, panel.id).unwrap().text().starts_with("🟠 Your picture is gone"));
    scene.asks(OLIVIA, OLIVIAS, "/stoplive now", "The show is over.").await;
    scene.end().await;
}

#[tokio::test]
async fn one_that_was_deleted_stays_away_until_it_is_asked_for() {
    let mut scene = Scene::owned().await;
    let (alpha, _beta, encoder) = ready(&scene).await;
    let panel = scene.asks(OLIVIA, OLIVIAS, "/golive", "Live for").await;
    flows(&alpha, 30).await;
    scene.expect_refusals();
    scene.phone.delete(OLIVIAS, panel.id);
    // An edit finds that out.
    let edits = || scene.phone.calls("editmessagetext").iter().filter(|call| call.code == 400).count();
    scene.until("an edit of what is gone", |_| edits() > 0).await;
    let before = scene.phone.messages(OLIVIAS).len();
    scene.asks(OLIVIA, OLIVIAS, "/settings", "I keep you on air for 10 min").await;
    scene.taps_for(OLIVIA, OLIVIAS, "20 min", "I keep you on air for 20 min").await;
    flows(&alpha, 200).await;
    assert_eq!((edits(), scene.phone.messages(OLIVIAS).len()), (1, before + 2), "{}", scene.phone.transcript(OLIVIAS));
    let anew = scene.asks(OLIVIA, OLIVIAS, "/status", "Live for").await;
    assert!(anew.id > panel.id);
    encoder.close().await;
    scene.asks(OLIVIA, OLIVIAS, "/stoplive now", "The show is over.").await;
    scene.end().await;
}

#[tokio::test]
async fn it_is_pinned_for_the_show_where_the_bot_may_and_somebody_wants_that() {
    let scene = Scene::with_group().await;
    scene.asks(OLIVIA, WEEKEND_SHOW, "/addtarget", "add the platform in private").await;
    let opened = scene.goes_private(OLIVIA, WEEKEND_SHOW).await;
    scene.hears(OLIVIAS, opened, "A new platform for").await;
    let _alpha = add(&scene, OLIVIA, OLIVIAS, "Save").await;
    scene.hears(OLIVIAS, 0, "is saved.").await;
    scene.asks(OLIVIA, WEEKEND_SHOW, "/settings", "Who operates here").await;
    let toast = scene.taps_for_toast(OLIVIA, WEEKEND_SHOW, "Pin the panel").await;
    assert_eq!(toast.text, "I’ll pin it once I am an admin here who may pin messages");
    scene.hears(WEEKEND_SHOW, 0, "👤 Olivia has me pin the panel during a show.").await;
    scene.phone.wait_for_button(WEEKEND_SHOW, "✅ Pin the panel", SOON).await.unwrap();
    scene.phone.set_bot_role(OLIVIA, WEEKEND_SHOW, Role::Admin(Rights::ALL));
    let idle = scene.asks(OLIVIA, WEEKEND_SHOW, "/status", "Not live").await;
    assert!(scene.phone.pinned(WEEKEND_SHOW).is_empty());
    let panel = scene.asks(OLIVIA, WEEKEND_SHOW, "/golive", "Waiting for your camera or OBS").await;
    scene.until("the pin", |phone| phone.pinned(WEEKEND_SHOW) == [panel.id]).await;
    assert!(panel.id != idle.id && scene.phone.calls("pinchatmessage")[0].params["disable_notification"] == true);
    scene.asks(OLIVIA, WEEKEND_SHOW, "/stoplive now", "Stopped.").await;
    scene.until("the pin to go", |phone| phone.pinned(WEEKEND_SHOW).is_empty()).await;
    scene.end().await;
}

#[tokio::test]
async fn what_a_show_does_not_go_to_is_said_to_be_so_and_others_go_on_where_there_are_any() {
    let scene = Scene::owned().await;
    let (alpha, beta, encoder) = ready(&scene).await;
    beta.set_mood(Mood::Refusing);
    scene.asks(OLIVIA, OLIVIAS, "/golive", "Live for").await;
    flows(&alpha, 30).await;
    let refused = scene.hears(OLIVIAS, 0, "Beta refuses the stream key.").await;
    assert!(refused.text().contains("The other platforms go on."), "{}", refused.text());

    scene.asks(OLIVIA, OLIVIAS, "/stoplive Beta", "Stopped on Beta.").await;
    scene.asks(OLIVIA, OLIVIAS, "/stoplive Beta", "The show does not go to Beta.").await;
    assert_eq!(scene.taps_for_toast(OLIVIA, OLIVIAS, "Retry now").await.text, "Beta is off");
    scene.asks(OLIVIA, OLIVIAS, "/stoplive now", "The show is over.").await;
    assert_eq!(scene.taps_for_toast(OLIVIA, OLIVIAS, "Retry now").await.text, "There is no show right now");

    scene.asks(OLIVIA, OLIVIAS, "/forget", "Forget everything about you?").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Cancel", "Nothing was deleted.").await;
    encoder.close().await;
    scene.end().await;
}
