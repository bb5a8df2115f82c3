//! What the chat knows of platforms: their tiles, what they need, which server, and those that are closed.

use crate::scene::{BILIBILI_KEY, OLIVIAS, OTHER_KEY, SOON, Scene};
use telecast::demo::bot_api::{MING, OLIVIA, WEEKEND_SHOW};
use telecast::store::Store;

#[tokio::test]
async fn the_most_used_have_tiles_and_the_others_are_a_page_further_without_those_that_are_closed() {
    let scene = Scene::owned().await;
    let first = scene.asks(OLIVIA, OLIVIAS, "/addtarget", "Where will people watch?").await;
    assert!(first.has_button("YouTube") && first.has_button("Other RTMP server"), "{:?}", first.labels());
    let mut labels: Vec<String> = first.labels().into_iter().map(str::to_owned).collect();
    scene.taps(OLIVIA, OLIVIAS, "More platforms");
    scene.phone.wait_for_button(OLIVIAS, "Previous", SOON).await.unwrap();
    scene.phone.wait_for_button(OLIVIAS, "Mux", SOON).await.unwrap();
    for message in scene.phone.messages(OLIVIAS) {
        labels.extend(message.labels().into_iter().map(str::to_owned));
    }
    for closed in ["KakaoTV", "Trovo", "Azure style", "Tencent Meeting / VooV"] {
        assert!(!labels.iter().any(|label| label.contains(closed)), "{closed} in {labels:?}");
    }
    scene.taps_for(OLIVIA, OLIVIAS, "Mux", "Mux: send me the stream key.").await;
    scene.end().await;
}

#[tokio::test]
async fn a_tile_tells_what_the_platform_needs_and_what_its_owner_must_press() {
    let scene = Scene::owned().await;
    scene.asks(OLIVIA, OLIVIAS, "/addtarget", "Where will people watch?").await;
    let told = scene.taps_for(OLIVIA, OLIVIAS, "Bilibili", "📋 You need a real-name check and a live room").await;
    assert!(told.text().contains("▶️ Press “Start”"), "{}", told.text());
    scene.phone.say(OLIVIA, OLIVIAS, BILIBILI_KEY).unwrap();
    scene.phone.wait_for_button(OLIVIAS, "Save", SOON).await.unwrap();
    scene.taps_for(OLIVIA, OLIVIAS, "Save", "▶️ Press “Start”").await;
    // And again wherever the target is shown.
    scene.asks(OLIVIA, OLIVIAS, "/targets", "Bilibili · Bilibili").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Bilibili", "▶️ Press “Start”").await;
    scene.end().await;
}

#[tokio::test]
async fn a_target_goes_to_another_of_its_platforms_servers_with_the_key_that_it_has() {
    let mut scene = Scene::owned().await;
    scene.asks(OLIVIA, OLIVIAS, "/addtarget", "Where will people watch?").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Bilibili", "Bilibili: send me the stream key.").await;
    scene.phone.say(OLIVIA, OLIVIAS, BILIBILI_KEY).unwrap();
    scene.phone.wait_for_button(OLIVIAS, "Save", SOON).await.unwrap();
    scene.taps_for(OLIVIA, OLIVIAS, "Save", "Bilibili is saved.").await;
    let only = |store: &Store| {
        let studio = store.studio_of(OLIVIAS).unwrap().id;
        (studio, store.targets(studio)[0].id)
    };
    // It has had its show.
    scene
        .restarts_with(async |store| {
            let (studio, target) = only(store);
            store.note_used(studio, target).await.unwrap();
        })
        .await;
    scene.asks(OLIVIA, OLIVIAS, "/targets", "Bilibili · Bilibili").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Bilibili", "Server: rtmp://live-push.bilivideo.com/live-bvc").await;
    let servers = scene.taps_for(OLIVIA, OLIVIAS, "Other server", "which server?").await;
    assert!(servers.text().contains("From outside mainland China"), "{}", servers.text());
    scene.taps_for(OLIVIA, OLIVIAS, "2", "Bilibili now goes to another server.").await;
    let detail = scene.taps_for(OLIVIA, OLIVIAS, "Back", "Server: rtmp://txy.live-push.bilivideo.com/live-bvc").await;
    assert!(detail.text().contains("Key: ••••ag=1 (your key)"), "{}", detail.text());
    scene
        .restarts_with(async |store| {
            let (studio, target) = only(store);
            assert!(store.is_used(studio, target), "another server makes no new key of it");
        })
        .await;
    scene.end().await;
}

#[tokio::test]
async fn a_closed_platform_is_said_when_it_is_pasted_and_never_refused() {
    let scene = Scene::owned().await;
    for (paste, words, name) in [
        (format!("rtmp://rtmp.play.kakao.com/kakaotv {OTHER_KEY}"), "KakaoTV ended on 30 June 2026.", "KakaoTV"),
        // The secret is in the address, and the name is made up.
        (
            "rtmps://show.channel.media.azure.net:2935/live/0123456789abcdef0123456789abcdef".into(),
            "Azure Media Services itself ended on 30 June 2024.",
            "Azure style",
        ),
    ] {
        scene.phone.say(OLIVIA, OLIVIAS, &paste).unwrap();
        let shown = scene.phone.wait_for_button(OLIVIAS, "Save", SOON).await.unwrap();
        assert!(shown.text().contains(words), "{}", shown.text());
        scene.taps_for(OLIVIA, OLIVIAS, "Save", &format!("{name} is saved.")).await;
    }
    scene.end().await;
}

#[tokio::test]
async fn several_accounts_on_one_platform_have_names_of_their_own() {
    let scene = Scene::owned().await;
    for name in ["Bilibili", "Bilibili 2"] {
        scene.asks(OLIVIA, OLIVIAS, "/addtarget", "Where will people watch?").await;
        scene.taps_for(OLIVIA, OLIVIAS, "Bilibili", "Bilibili: send me the stream key.").await;
        let key = BILIBILI_KEY.replace("live_", &format!("live_{}", name.len()));
        scene.phone.say(OLIVIA, OLIVIAS, &key).unwrap();
        scene.phone.wait_for_button(OLIVIAS, "Save", SOON).await.unwrap();
        scene.taps_for(OLIVIA, OLIVIAS, "Save", &format!("{name} is saved.")).await;
    }
    let list = scene.asks(OLIVIA, OLIVIAS, "/targets", "Platforms").await;
    let named = |name: &str| list.labels().iter().any(|label| label.ends_with(name));
    assert!(named(" Bilibili") && named(" Bilibili 2"), "{:?}", list.labels());
    scene.end().await;
}

#[tokio::test]
async fn an_encoder_that_somebody_names_is_told_apart_from_a_platform() {
    let scene = Scene::owned().await;
    scene.asks(OLIVIA, OLIVIAS, "/addtarget", "Where will people watch?").await;
    let told = scene.asks(OLIVIA, OLIVIAS, "腾讯会议", "sends to me, so it is not a platform to add.").await;
    assert!(told.text().contains("推流密钥") && told.has_button("Camera"), "{}", told.text());
    scene.end().await;
}

/// Who changes the server does not become the key's owner.
#[tokio::test]
async fn a_lent_key_stays_its_owners_when_another_admin_changes_the_server() {
    let scene = Scene::with_group().await;
    scene.asks(OLIVIA, WEEKEND_SHOW, "/addtarget", "add the platform in private").await;
    let opened = scene.goes_private(OLIVIA, WEEKEND_SHOW).await;
    scene.hears(OLIVIAS, opened, "A new platform for “周末直播 Weekend Show”").await;
    scene.phone.say(OLIVIA, OLIVIAS, &format!("rtmp://live-push.bilivideo.com/live-bvc/ {BILIBILI_KEY}")).unwrap();
    scene.phone.wait_for_button(OLIVIAS, "Save", SOON).await.unwrap();
    scene.taps_for(OLIVIA, OLIVIAS, "Save", "Bilibili is saved.").await;
    scene.asks(MING, WEEKEND_SHOW, "/targets", "Bilibili · Bilibili").await;
    scene.taps_for(MING, WEEKEND_SHOW, "Bilibili", "Server: rtmp://live-push.bilivideo.com").await;
    scene.taps_for(MING, WEEKEND_SHOW, "Other server", "which server?").await;
    scene.taps_for(MING, WEEKEND_SHOW, "3", "rtmp://bdy.live-push.bilivideo.com/live-bvc").await;
    scene.asks(OLIVIA, OLIVIAS, "/mykeys", "lent to “周末直播 Weekend Show”").await;
    scene.end().await;
}
