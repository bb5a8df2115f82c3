//! The owner as the host of the server: who is on it, limits, invitations, emptying it for an upgrade.

use crate::chat_before::add;
use crate::rtmp_raw::Peer;
use crate::scene::{MINGS, OLIVIAS, OTHER_KEY, OTHER_SERVER, SAMS, SOON, Scene};
use std::time::{Duration, Instant};
use telecast::demo::bot_api::{MING, OLIVIA, SAM, WEEKEND_SHOW};
use telecast::demo::encoder::Encoder;
use telecast::demo::platform::Platform;
use telecast::domain::id::ChatId;
use telecast::store::StudioKind;
use tokio::net::TcpStream;

/// A restart; what the old process had just written counts with the flood control, and nothing tells the new one.
async fn again(scene: &mut Scene) {
    scene.stop().await;
    scene.phone.advance(Duration::from_secs(60));
    scene.start().await;
}

/// Sam comes by an invitation and has a target.
async fn sam_comes(scene: &Scene) {
    scene.asks(OLIVIA, OLIVIAS, "/admin", "Nobody is live.").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Invite", "There is no invitation now.").await;
    let told = scene.taps_for(OLIVIA, OLIVIAS, "For 1, 7 d", "Here is your invitation").await;
    let link = told.text().lines().find_map(|line| line.strip_prefix("For people: ")).unwrap().to_owned();
    let opened = scene.phone.open_link(SAM, &link).unwrap();
    let hello = scene.hears(SAMS, opened, "Three steps:").await;
    assert!(hello.text().contains("This is Olivia’s server. Whoever runs it can see your stream"), "{}", hello.text());
    scene.asks(SAM, SAMS, "/start", "Three steps:").await;
    let again = scene.phone.messages(SAMS).into_iter().filter(|m| m.text().contains("Olivia’s server")).count();
    assert_eq!(again, 1, "it is told once");
    // One guest only.
    let late = scene.phone.open_link(MING, &link).unwrap();
    scene.hears(MINGS, late, "这个邀请链接已失效").await;
}

/// Sam has a platform, and an encoder that is not started yet.
async fn sam_is_ready(scene: &Scene) -> (Platform, Encoder) {
    let platform = Platform::alpha_tv(None).await.unwrap();
    let said = scene.phone.say(SAM, SAMS, &format!("{}\n{}", platform.server(), platform.key())).unwrap();
    scene.phone.wait_for_button(SAMS, "Save", SOON).await.unwrap();
    scene.taps(SAM, SAMS, "Save");
    scene.hears(SAMS, said, "is saved.").await;
    scene.asks(SAM, SAMS, "/ingest", "Stream Key:").await;
    let encoder = Encoder::new().unwrap();
    (platform, encoder)
}

#[tokio::test]
async fn an_invitation_lets_in_so_many_and_tells_them_whose_server_it_is() {
    let scene = Scene::owned().await;
    sam_comes(&scene).await;
    scene.taps_for(OLIVIA, OLIVIAS, "‹ Back", "There is no invitation now.").await;
    scene.end().await;
}

#[tokio::test]
async fn an_invitation_lets_a_group_in() {
    let scene = Scene::owned().await;
    scene.asks(OLIVIA, OLIVIAS, "/admin", "Nobody is live.").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Invite", "There is no invitation now.").await;
    let told = scene.taps_for(OLIVIA, OLIVIAS, "For 10,", "Here is your invitation").await;
    let link = told.text().lines().find_map(|line| line.strip_prefix("To add me to a group: ")).unwrap().to_owned();
    scene.phone.open_group_link(MING, &link, WEEKEND_SHOW).unwrap();
    scene.hears(WEEKEND_SHOW, 0, "我把本群的一路直播同时转推到多个平台").await;
    scene.taps_for(OLIVIA, OLIVIAS, "‹ Back", "1. for 9 more, ends in").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Take back 1", "There is no invitation now.").await;
    scene.asks(MING, WEEKEND_SHOW, "/status", "未开播").await;
    scene.end().await;
}

#[tokio::test]
async fn the_host_sees_who_is_live_sets_limits_and_ends_any_show() {
    let scene = Scene::owned().await;
    sam_comes(&scene).await;
    let (_platform, encoder) = sam_is_ready(&scene).await;
    let point = scene.told(SAMS);
    encoder.start(point.clone());
    scene.hears(SAMS, 0, "Your picture is here").await;

    // Limits: one hour a month is not used up, but no show may be bigger than nothing.
    scene.asks(OLIVIA, OLIVIAS, "/admin sam", "1 studio with “sam” in the name").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Sam", "A person’s studio.").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Platforms", "How many platforms may Sam have?").await;
    scene.taps_for(OLIVIA, OLIVIAS, "1", "Platforms: at most 1").await;
    let refused = scene.phone.say(SAM, SAMS, &format!("{OTHER_SERVER} {OTHER_KEY}")).unwrap();
    scene.phone.wait_for_button(SAMS, "Save", SOON).await.unwrap();
    scene.taps(SAM, SAMS, "Save");
    scene.hears(SAMS, refused, "This studio already has 1 platform, and that is the most.").await;

    scene.asks(SAM, SAMS, "/golive", "Live for").await;
    let all = scene.asks(OLIVIA, OLIVIAS, "/admin", "1 show is on:").await;
    assert!(all.text().contains("🔴 Sam · ") && all.text().contains("1 platform · "), "{}", all.text());
    scene.taps_for(OLIVIA, OLIVIAS, "🔴 Sam", "A person’s studio.").await;
    scene.taps_for(OLIVIA, OLIVIAS, "⏹ Stop", "End the show of Sam on 1 platform?").await;
    scene.taps_for(OLIVIA, OLIVIAS, "⏹ Stop now", "The show of Sam is over.").await;
    scene.hears(SAMS, 0, "The host of this server has ended your show.").await;

    // Shut out: the encoder too, and no word of theirs reaches the owner any more.
    scene.asks(OLIVIA, OLIVIAS, "/admin sam", "1 studio with").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Sam", "A person’s studio.").await;
    scene.taps_for(OLIVIA, OLIVIAS, "🚫 Block", "shut out").await;
    let shut = scene.asks(SAM, SAMS, "/golive", "This is a private Telecast.").await;
    assert!(shut.labels().is_empty(), "{:?}", shut.labels());
    scene.asks(SAM, SAMS, "/mykeys", "I hold 1 stream key of yours").await;
    encoder.close().await;
    // Nobody waits for who is refused and stays on the line, which each may for two seconds.
    let (began, mut refused) = (Instant::now(), Vec::new());
    for _ in 0..5 {
        let stream = TcpStream::connect(scene.app.as_ref().unwrap().ingest_addr()).await.unwrap();
        let mut peer = Peer::encoder(stream, point.key.expose()).await;
        while peer.hear_command().await.expect("a refusal").0 != "onStatus" {}
        refused.push(peer);
    }
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    scene.end().await;
}

#[tokio::test]
async fn whoever_is_declined_after_they_came_by_an_invitation_is_off_air() {
    let scene = Scene::owned().await;
    scene.asks(SAM, SAMS, "/start", "This is a private Telecast.").await;
    scene.taps_for(SAM, SAMS, "Ask for access", "I have asked the owner.").await;
    scene.hears(OLIVIAS, 0, "Sam asks to use your Telecast.").await;
    sam_comes(&scene).await;
    let (_platform, encoder) = sam_is_ready(&scene).await;
    encoder.start(scene.told(SAMS));
    scene.asks(SAM, SAMS, "/golive", "Live for").await;
    scene.taps_for(OLIVIA, OLIVIAS, "No", "Sam was not let in.").await;
    scene.hears(SAMS, 0, "The host of this server has ended your show.").await;
    scene.asks(SAM, SAMS, "/golive", "This is a private Telecast.").await;
    scene.asks(OLIVIA, OLIVIAS, "/admin", "Nobody is live.").await;
    encoder.close().await;
    scene.end().await;
}

/// A crash between the two: shut out on the disk, and the show not over yet.
#[tokio::test]
async fn whoever_was_shut_out_as_the_process_died_is_not_on_air_again_and_is_told() {
    let mut scene = Scene::owned().await;
    sam_comes(&scene).await;
    let _ready = sam_is_ready(&scene).await;
    scene.asks(SAM, SAMS, "/golive", "Waiting for your").await;
    scene
        .restarts_with(async |store| {
            store.update_person(SAM, |person| person.approved = false).await.unwrap();
        })
        .await;
    scene.hears(SAMS, 0, "The host of this server has ended your show.").await;
    scene.asks(OLIVIA, OLIVIAS, "/admin", "Nobody is live.").await;
    scene.end().await;
}

#[tokio::test]
async fn for_an_upgrade_only_new_shows_wait_and_the_last_end_is_told_and_a_restart_ends_it() {
    let mut scene = Scene::owned().await;
    add(&scene, &format!("{OTHER_SERVER} {OTHER_KEY}"), "push.example.invalid").await;
    scene.asks(OLIVIA, OLIVIAS, "/golive", "Waiting for your").await;
    scene.asks(OLIVIA, OLIVIAS, "/admin", "1 show is on:").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Drain for upgrade", "🚧 No new show begins.").await;
    // The show that runs is not touched, and survives a restart together with what was said.
    again(&mut scene).await;
    scene.asks(OLIVIA, OLIVIAS, "/admin", "🚧 No new show begins. Those that run go on").await;
    let stopped = scene.phone.say(OLIVIA, OLIVIAS, "/stoplive now").unwrap();
    scene.hears(OLIVIAS, stopped, "Every show is over: you can upgrade the server now.").await;
    scene.asks(OLIVIA, OLIVIAS, "/golive", "I did not go live: this server is about to be upgraded.").await;
    again(&mut scene).await;
    scene.asks(OLIVIA, OLIVIAS, "/golive", "Waiting for your").await;
    scene.end().await;
}

#[tokio::test]
async fn a_start_at_which_the_last_show_is_over_fills_the_server_again_and_the_last_that_is_forgotten_is_told() {
    let mut scene = Scene::owned().await;
    add(&scene, &format!("{OTHER_SERVER} {OTHER_KEY}"), "push.example.invalid").await;
    scene.asks(OLIVIA, OLIVIAS, "/golive", "Waiting for your").await;
    scene.asks(OLIVIA, OLIVIAS, "/admin", "1 show is on:").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Drain for upgrade", "🚧 No new show begins.").await;
    scene
        .restarts_with(async |store| {
            let studio = store.studio_of(OLIVIAS).unwrap().id;
            let mut record = store.broadcast(studio).unwrap();
            record.started_at -= Duration::from_secs(86_400);
            store.set_broadcast(studio, Some(record)).await.unwrap();
        })
        .await;
    scene.asks(OLIVIA, OLIVIAS, "/golive", "Waiting for your").await;
    scene.asks(OLIVIA, OLIVIAS, "/admin", "1 show is on:").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Drain for upgrade", "🚧 No new show begins.").await;
    scene.asks(OLIVIA, OLIVIAS, "/forget", "Forget everything about you?").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Forget everything", "you still own this Telecast").await;
    scene.hears(OLIVIAS, 0, "Every show is over: you can upgrade the server now.").await;
    scene.end().await;
}

#[tokio::test]
async fn what_was_removed_comes_back_only_where_there_is_room_for_it() {
    let mut scene = Scene::owned().await;
    scene
        .restarts_with(async |store| {
            let studio = store.studio_of(OLIVIAS).unwrap().id;
            store.update_studio(studio, |studio| studio.quota.targets = Some(1)).await.unwrap();
        })
        .await;
    add(&scene, &format!("{OTHER_SERVER} {OTHER_KEY}"), "push.example.invalid").await;
    scene.asks(OLIVIA, OLIVIAS, "/targets", "push.example.invalid").await;
    scene.taps_for(OLIVIA, OLIVIAS, "push", "on: part of the next show").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Remove", "push.example.invalid is removed.").await;
    add(&scene, &format!("rtmp://push.example.org/live {OTHER_KEY}"), "push.example.org").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Undo", "This studio already has 1 platform, and that is the most.").await;
    let all = scene.asks(OLIVIA, OLIVIAS, "/targets", "push.example.org").await;
    assert!(!all.text().contains("push.example.invalid"), "{}", all.text());
    scene.end().await;
}

#[tokio::test]
async fn a_thousand_studios_have_pages_and_are_found_by_name() {
    let mut scene = Scene::owned().await;
    scene
        .restarts_with(async |store| {
            let made = (0..1000).map(|n| async move {
                store.open_studio(ChatId(-5_000_000 - n), StudioKind::Group, &format!("Hall {n:03}")).await.unwrap();
            });
            futures_util::future::join_all(made).await;
        })
        .await;
    scene.asks(OLIVIA, OLIVIAS, "/admin", "1001 studios").await;
    let first = scene.taps_for(OLIVIA, OLIVIAS, "All studios", "1001 studios, page 1 of 167").await;
    assert_eq!(first.keyboard.len(), 5, "six studios, the next page, back: {:?}", first.labels());
    scene.taps_for(OLIVIA, OLIVIAS, "Next", "1001 studios, page 2 of 167").await;
    scene.asks(OLIVIA, OLIVIAS, "/admin hall 777", "1 studio with “hall 777” in the name").await;
    scene.end().await;
}

#[tokio::test]
async fn nobody_else_has_it() {
    let scene = Scene::with_group().await;
    scene.asks(SAM, SAMS, "/admin", "This is a private Telecast.").await;
    let before = scene.phone.messages(WEEKEND_SHOW).len();
    scene.phone.say(MING, WEEKEND_SHOW, "/admin").unwrap();
    scene.asks(MING, WEEKEND_SHOW, "/status", "Not live").await;
    assert_eq!(scene.phone.messages(WEEKEND_SHOW).len(), before + 3, "in a group it is not heard");
    let listed = |user, chat| scene.phone.commands(user, chat).into_iter().any(|(name, _)| name == "admin");
    scene.until("the owner's list of commands", |_| listed(OLIVIA, OLIVIAS)).await;
    assert!(!listed(SAM, SAMS) && !listed(MING, WEEKEND_SHOW));
    scene.end().await;
}

/// The kbit/s that the newest panel of a chat tells of its stream.
pub(crate) fn kbps(scene: &Scene, chat: ChatId) -> u32 {
    let messages = scene.phone.messages(chat);
    let lines = messages.iter().rev().filter(|message| message.by_bot).flat_map(|message| message.text().lines());
    let told = lines.filter(|line| line.starts_with("📷")).find_map(|line| {
        let (before, _) = line.split_once(" kbit/s")?;
        before.rsplit(' ').next()?.replace(',', "").parse().ok()
    });
    told.unwrap_or(0)
}

#[tokio::test]
async fn where_shows_fill_the_server_a_new_one_is_refused_and_none_is_cut() {
    let scene = Scene::owned_sending("", 1).await;
    sam_comes(&scene).await;
    let (alpha, beta) = (Platform::alpha_tv(None).await.unwrap(), Platform::alpha_tv(None).await.unwrap());
    let (sams, olivias) = (Encoder::new().unwrap(), Encoder::new().unwrap());
    for (user, chat, platform, encoder) in [(SAM, SAMS, &alpha, &sams), (OLIVIA, OLIVIAS, &beta, &olivias)] {
        // Three platforms each, of which one is there.
        let own = format!("{}\n{}", platform.server(), platform.key());
        let other = format!("{OTHER_SERVER} {OTHER_KEY}");
        for paste in [&own, &other, &other] {
            let said = scene.phone.say(user, chat, paste).unwrap();
            scene.hears(chat, said, "Key: ••••").await;
            scene.taps(user, chat, "Save");
            scene.hears(chat, said, "is saved.").await;
        }
        scene.asks(user, chat, "/ingest", "Stream Key:").await;
        encoder.start(scene.told(chat));
        scene.hears(chat, 0, "Your picture is here").await;
    }
    // Who is alone may fill it.
    scene.asks(SAM, SAMS, "/golive", "Live for").await;
    scene.until("Sam's rate", |_| kbps(&scene, SAMS) > 170).await;
    scene.asks(OLIVIA, OLIVIAS, "/status", "📷").await;
    scene.until("Olivia's rate", |_| kbps(&scene, OLIVIAS) > 170).await;
    let refused = scene.asks(OLIVIA, OLIVIAS, "/golive", "this server sends as much as it can").await;
    assert!(refused.text().contains("I cut none of them"), "{}", refused.text());
    scene.asks(SAM, SAMS, "/status", "Live for").await;
    // As soon as that show is over, there is room.
    let stopped = scene.phone.say(SAM, SAMS, "/stoplive now").unwrap();
    scene.hears(SAMS, stopped, "The show is over.").await;
    scene.asks(OLIVIA, OLIVIAS, "/golive", "Live for").await;
    sams.close().await;
    olivias.close().await;
    scene.end().await;
}
