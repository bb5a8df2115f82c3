//! Groups: who may do what, what is done in private only, and other people's buttons.

use crate::scene::{MINGS, OLIVIAS, OTHER_KEY, OTHER_SERVER, SAMS, SOON, Scene};
use telecast::demo::bot_api::{Action, MING, Message, OLIVIA, Rights, Role, SAM, WEEKEND_SHOW};

#[tokio::test]
async fn only_admins_change_or_start_anything_and_everyone_may_look() {
    let scene = Scene::with_group().await;
    for command in ["/golive", "/stoplive", "/addtarget", "/targets", "/ingest", "/language"] {
        let said = scene.asks(SAM, WEEKEND_SHOW, command, "Only admins of this group can do that.").await;
        assert!(said.labels().is_empty(), "{command}: {:?}", said.labels());
    }
    scene.asks(SAM, WEEKEND_SHOW, "/status", "Not live").await;
    scene.asks(SAM, WEEKEND_SHOW, "/links", "No watch link is known.").await;
    scene.asks(SAM, WEEKEND_SHOW, "/help", "Everyone: /status").await;
    // An admin's word counts, and so does that they are none any more.
    scene.asks(MING, WEEKEND_SHOW, "/golive", "There is no platform to go live on yet.").await;
    scene.asks(MING, WEEKEND_SHOW, "/stoplive", "There is no show right now.").await;
    scene.end().await;
}

#[tokio::test]
async fn keys_are_given_in_private_only_by_a_link_that_works_once_for_who_asked() {
    let scene = Scene::with_group().await;
    scene.asks(OLIVIA, WEEKEND_SHOW, "/addtarget", "add the platform in private").await;
    let link = scene.taps_for_link(OLIVIA, WEEKEND_SHOW, "Go on in private").await;
    // Somebody else with the link gets nothing, and does not use it up.
    let opened = scene.phone.open_link(SAM, &link).unwrap();
    scene.hears(SAMS, opened, "That link is no longer valid.").await;
    let opened = scene.phone.open_link(OLIVIA, &link).unwrap();
    scene.hears(OLIVIAS, opened, "A new platform for “周末直播 Weekend Show”").await;
    let again = scene.phone.open_link(OLIVIA, &link).unwrap();
    scene.hears(OLIVIAS, again, "That link is no longer valid.").await;

    // /start forgot the dialogue; once more, to the end.
    let opened = scene.goes_private(OLIVIA, WEEKEND_SHOW).await;
    scene.hears(OLIVIAS, opened, "A new platform for “周末直播 Weekend Show”").await;
    scene.phone.say(OLIVIA, OLIVIAS, &format!("{OTHER_SERVER} {OTHER_KEY}")).unwrap();
    scene.taps_for(OLIVIA, OLIVIAS, "Save", "push.example.invalid is saved.").await;
    scene.asks(OLIVIA, OLIVIAS, "/mykeys", "lent to “周末直播 Weekend Show”").await;
    scene.asks(SAM, WEEKEND_SHOW, "/status", "push.example.invalid · ready").await;
    scene.end().await;
}

#[tokio::test]
async fn a_member_who_taps_an_admins_button_is_told_so_and_nothing_happens() {
    let scene = Scene::with_group().await;
    scene.asks(OLIVIA, WEEKEND_SHOW, "/addtarget", "add the platform in private").await;
    let toast = scene.taps_for_toast(SAM, WEEKEND_SHOW, "Go on in private").await;
    assert!(toast.alert && toast.text.starts_with("Only admins of this group"), "{toast:?}");
    assert_eq!(toast.url, None);
    // A toast is in the language of who taps.
    scene.asks(OLIVIA, WEEKEND_SHOW, "/language", "Which language?").await;
    scene.taps_for_toast(SAM, WEEKEND_SHOW, "中文").await;
    scene.asks(SAM, WEEKEND_SHOW, "/status", "Not live").await;
    scene.end().await;
}

#[tokio::test]
async fn a_forged_tap_is_answered_like_an_old_button() {
    let scene = Scene::with_group().await;
    let shown = scene.asks(SAM, WEEKEND_SHOW, "/status", "Not live").await;
    for data in ["", "x", "0123456789abcdef01234567", "'; drop table", "🎬"] {
        let query = scene.phone.forge_tap(SAM, WEEKEND_SHOW, shown.id, data).unwrap();
        let tapped = telecast::demo::bot_api::Tapped::Asked(query);
        let toast = scene.phone.wait_for_toast(&tapped, SOON).await.unwrap();
        assert_eq!(
            toast.text,
            "This button is too old. For new ones, send /status (the show), /targets (platforms) or /announce."
        );
    }
    scene.end().await;
}

#[tokio::test]
async fn buttons_from_before_a_restart_say_that_they_are_old() {
    let mut scene = Scene::owned().await;
    let menu = scene.asks(OLIVIA, OLIVIAS, "/start", "Three steps:").await;
    scene.stop().await;
    scene.start().await;
    let tapped = scene.phone.tap(OLIVIA, OLIVIAS, menu.id, "Go live").unwrap();
    let toast = scene.phone.wait_for_toast(&tapped, SOON).await.unwrap();
    assert_eq!(
        toast.text,
        "This button is too old. For new ones, send /status (the show), /targets (platforms) or /announce."
    );
    scene.end().await;
}

#[tokio::test]
async fn a_key_that_is_posted_in_the_group_is_deleted_where_the_bot_may_and_told_of() {
    let scene = Scene::with_group().await;
    scene.phone.set_bot_role(OLIVIA, WEEKEND_SHOW, Role::Admin(Rights::ALL));
    let posted = scene.phone.say(SAM, WEEKEND_SHOW, &format!("/addtarget {OTHER_SERVER} {OTHER_KEY}")).unwrap();
    scene.hears(WEEKEND_SHOW, posted, "Somebody posted a stream key here. I deleted the message.").await;
    assert!(scene.phone.message(WEEKEND_SHOW, posted).is_none());
    scene.asks(SAM, WEEKEND_SHOW, "/status", "No platform yet").await;
    scene.end().await;
}

#[tokio::test]
async fn a_posted_key_that_the_bot_may_not_delete_is_told_of_all_the_same() {
    let mut scene = Scene::with_group().await;
    scene.expect_refusals();
    let posted = scene.phone.say(SAM, WEEKEND_SHOW, &format!("/addtarget {OTHER_SERVER} {OTHER_KEY}")).unwrap();
    let told = scene.hears(WEEKEND_SHOW, posted, "I am not allowed to delete it.").await;
    assert!(!told.text().contains(OTHER_KEY));
    scene.phone.delete(WEEKEND_SHOW, posted);
    scene.end().await;
}

#[tokio::test]
async fn an_ingest_key_is_its_owners_and_goes_with_the_right_to_operate() {
    let scene = Scene::with_group().await;
    scene.asks(MING, WEEKEND_SHOW, "/ingest", "give you server and key in private").await;
    let opened = scene.goes_private(MING, WEEKEND_SHOW).await;
    let mings = scene.hears(MINGS, opened, "向“周末直播 Weekend Show”推流").await;
    let key = key_in(&mings);
    let group = scene.phone.transcript(WEEKEND_SHOW);
    assert!(!group.contains(&key), "{group}");
    let opened = scene.goes_private(OLIVIA, WEEKEND_SHOW).await;
    let olivias = scene.hears(OLIVIAS, opened, "Connect your camera or OBS to “周末直播 Weekend Show”").await;
    assert_ne!(key, key_in(&olivias), "everybody has a key of their own");

    // One's own studio has another; it is the same each time, until a new one is made.
    let own = key_in(&scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await);
    assert_eq!(own, key_in(&scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await));
    scene.taps_for(OLIVIA, OLIVIAS, "Tencent Meeting", "Custom live platform").await;
    scene.taps_for(OLIVIA, OLIVIAS, "New key", "Make a new key?").await;
    let renewed = scene.taps_for(OLIVIA, OLIVIAS, "Make a new key", "Here is your new key.").await;
    assert_ne!(key_in(&renewed), own);
    scene.end().await;
}

/// The only thing of the shape of an ingest key that a button copies.
fn key_in(message: &Message) -> String {
    let copied = message.keyboard.iter().flatten().filter_map(|button| match &button.action {
        Action::Copy(text) => Some(text),
        _ => None,
    });
    let key = copied.into_iter().find(|text| text.len() == 32 && text.as_bytes()[5] == b'-');
    key.unwrap_or_else(|| panic!("no key in {message:?}")).clone()
}

#[tokio::test]
async fn an_anonymous_admin_looks_and_proves_themselves_to_change_something() {
    let scene = Scene::with_group().await;
    scene.phone.set_anonymous(WEEKEND_SHOW, MING, true);
    let said = scene.phone.say_anonymously(MING, WEEKEND_SHOW, "/status").unwrap();
    scene.hears(WEEKEND_SHOW, said, "Not live").await;
    let said = scene.phone.say_anonymously(MING, WEEKEND_SHOW, "/golive").unwrap();
    scene.hears(WEEKEND_SHOW, said, "You write as the group").await;
    let toast = scene.taps_for_toast(SAM, WEEKEND_SHOW, "go on").await;
    assert!(toast.text.starts_with("Only admins of this group"), "{toast:?}");
    // Telegram hides anonymous admins from plain bots.
    let toast = scene.taps_for_toast(MING, WEEKEND_SHOW, "go on").await;
    assert!(toast.text.contains("匿名管理员请把我也设为管理员"), "{toast:?}");
    scene.phone.set_bot_role(OLIVIA, WEEKEND_SHOW, Role::Admin(Rights::ALL));
    scene.taps_for(MING, WEEKEND_SHOW, "go on", "There is no platform to go live on yet.").await;
    scene.end().await;
}
