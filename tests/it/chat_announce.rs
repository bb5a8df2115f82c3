//! Announcements: an audience is told where to watch, in the chats that an operator who runs them has chosen.

use crate::chat_live::{add, flows};
use crate::scene::{MINGS, OLIVIAS, SOON, Scene};
use std::time::Duration;
use telecast::demo::bot_api::{
    Action, ChatKind, Content, Fault, MING, Message, OLIVIA, Rights, Role, SAM, Tapped, Trouble, WEEKEND_SHOW, World,
};
use telecast::demo::encoder::Encoder;
use telecast::demo::platform::Platform;
use telecast::domain::id::ChatId;

const NEWS: ChatId = ChatId(-1_002_000_000_009);
const FANS: ChatId = ChatId(-1_002_000_000_008);
const TOPIC: i32 = 40;
/// Beside the demo's chats, a channel of Olivia's and a group of her fans.
async fn owned() -> Scene {
    let mut world = World::demo();
    let admins = [(OLIVIA, Role::Creator), (SAM, Role::Admin(Rights::default()))];
    world.add_group(NEWS, ChatKind::Channel, "Olivia News", &admins);
    world.add_group(
        FANS,
        ChatKind::Supergroup,
        "Fans",
        &[(OLIVIA, Role::Creator), (SAM, Role::Admin(Rights::default())), (MING, Role::Member)],
    );
    world.add_topic(FANS, TOPIC);
    let scene = Scene::of(world).await;
    scene.claim().await;
    scene
}

/// Olivia's platform with a watch link, and what to give to her encoder.
async fn ready(scene: &Scene) -> (Platform, Encoder) {
    let alpha = add(scene, OLIVIA, OLIVIAS, "Save").await;
    scene.hears(OLIVIAS, 0, "is saved.").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Watch link", "Where do people watch").await;
    scene.asks(OLIVIA, OLIVIAS, "https://example.invalid/watch", "People watch").await;
    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    let encoder = Encoder::new().unwrap();
    encoder.start(scene.told(OLIVIAS));
    scene.hears(OLIVIAS, 0, "Your picture is here").await;
    (alpha, encoder)
}

/// Where a button of a message leads.
fn link(message: &Message, label: &str) -> String {
    let button = message.keyboard.iter().flatten().find(|button| button.label.contains(label)).unwrap();
    let Action::Url(url) = &button.action else { panic!("{button:?}") };
    url.clone()
}

#[tokio::test]
async fn a_channel_a_group_and_a_topic_are_told_of_a_show_and_that_it_is_over_also_over_a_restart() {
    let mut scene = owned().await;
    let (alpha, encoder) = ready(&scene).await;
    // The channel: by adding the bot, after having asked.
    let places = scene.asks(OLIVIA, OLIVIAS, "/announce", "I don’t announce your shows anywhere yet.").await;
    assert!(link(&places, "In a channel").ends_with("?startchannel&admin=post_messages+edit_messages"));
    scene.phone.set_bot_role(OLIVIA, NEWS, Role::Admin(Rights::default()));
    scene.hears(OLIVIAS, 0, "From now on I announce the shows of Olivia in “Olivia News”.").await;
    // The group: by a link that adds the bot. It need not be let in for that, and nobody there is asked for access.
    scene.phone.open_group_link(OLIVIA, &link(&places, "In a group"), FANS).unwrap();
    scene.hears(FANS, 0, "From now on I announce the shows of Olivia in “Fans”.").await;
    assert!(!scene.phone.transcript(FANS).contains("private Telecast"), "{}", scene.phone.transcript(FANS));
    // The topic: by a command of an admin there.
    let said = scene.phone.say_in(OLIVIA, FANS, TOPIC, "/announce", false).unwrap();
    let here = scene.hears(FANS, said, "No shows are announced here yet.").await;
    assert_eq!((here.topic, here.labels()), (Some(TOPIC), vec!["📣 Announce Olivia"]));
    scene.taps_for(OLIVIA, FANS, "Announce Olivia", "Here I announce the shows of: Olivia.").await;

    scene.asks(OLIVIA, OLIVIAS, "/golive", "Live for").await;
    flows(&alpha, 30).await;
    let told = "Olivia is live. Watch here:";
    let news = scene.phone.wait_for_text(NEWS, 0, told, SOON * 3).await.unwrap();
    assert!(news.text().contains(": https://example.invalid/watch") && news.labels().is_empty(), "{}", news.text());
    let all = |phone: &telecast::demo::bot_api::Phone| {
        phone.messages(FANS).into_iter().filter(|message| message.text().contains(told)).collect::<Vec<_>>()
    };
    scene.until("both in the group", |phone| all(phone).len() == 2).await;
    assert_eq!(all(&scene.phone).iter().map(|message| message.topic).collect::<Vec<_>>(), [None, Some(TOPIC)]);

    // A restart changes the same messages, and tells nobody anew.
    scene.stop().await;
    scene.phone.advance(Duration::from_secs(60));
    scene.start().await;
    flows(&alpha, 60).await;
    scene.asks(OLIVIA, OLIVIAS, "/stoplive now", "The show is over.").await;
    let over = scene.phone.wait_for_text(NEWS, 0, "Olivia was live for", SOON).await.unwrap();
    assert_eq!(over.id, news.id);
    let ended = |phone: &telecast::demo::bot_api::Phone| {
        phone.messages(FANS).iter().filter(|message| message.text().contains("The show is over.")).count()
    };
    scene.until("both to end", |phone| ended(phone) == 2).await;
    assert_eq!(scene.phone.messages(NEWS).iter().filter(|message| message.by_bot).count(), 1);
    encoder.close().await;
    scene.end().await;
}

#[tokio::test]
async fn a_channel_reads_that_a_show_is_over_whose_studio_was_forgotten() {
    let scene = owned().await;
    let (alpha, encoder) = ready(&scene).await;
    scene.asks(OLIVIA, OLIVIAS, "/announce", "I don’t announce your shows anywhere yet.").await;
    scene.phone.set_bot_role(OLIVIA, NEWS, Role::Admin(Rights::default()));
    scene.hears(OLIVIAS, 0, "From now on I announce the shows of Olivia in “Olivia News”.").await;
    scene.asks(OLIVIA, OLIVIAS, "/golive", "Live for").await;
    flows(&alpha, 30).await;
    let news = scene.phone.wait_for_text(NEWS, 0, "Olivia is live. Watch here:", SOON * 3).await.unwrap();
    scene.asks(OLIVIA, OLIVIAS, "/forget", "Forget everything about you?").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Forget everything", "you still own this Telecast").await;
    let over = scene.phone.wait_for_text(NEWS, 0, "Olivia was live for", SOON).await.unwrap();
    assert_eq!(over.id, news.id);
    encoder.close().await;
    scene.end().await;
}

#[tokio::test]
async fn a_clip_is_posted_by_a_tap_where_shows_are_announced_and_nowhere_else() {
    let mut scene = owned().await;
    let (alpha, encoder) = ready(&scene).await;
    scene.asks(OLIVIA, OLIVIAS, "/announce", "I don’t announce your shows anywhere yet.").await;
    scene.phone.set_bot_role(OLIVIA, NEWS, Role::Admin(Rights::default()));
    scene.hears(OLIVIAS, 0, "From now on I announce the shows of Olivia in “Olivia News”.").await;
    scene.asks(OLIVIA, OLIVIAS, "/golive", "Live for").await;
    flows(&alpha, 120).await;
    let clip = scene.asks(OLIVIA, OLIVIAS, "/clip 5", "🎬 The last").await;
    assert!(!clip.has_button("Fans"), "{:?}", clip.labels());
    let posted = scene.taps_for_toast(OLIVIA, OLIVIAS, "📣 Post in Olivia News").await;
    assert_eq!(posted.text, "Posted in “Olivia News”");
    let there = scene.phone.wait_for_text(NEWS, 0, "🎬 From Olivia, live now. Watch here:", SOON).await.unwrap();
    let film = |message: &Message| {
        if let Content::Video(file, _) = &message.content { file.id.clone() } else { panic!("{message:?}") }
    };
    assert_eq!((film(&there), there.labels()), (film(&clip), vec![]), "the same film, without a button");
    assert!(there.text().contains(": https://example.invalid/watch"), "{}", there.text());

    // Where the bot may not post, the tap says so, and once it may, the same button works.
    scene.expect_refusals();
    let again = scene.asks(OLIVIA, OLIVIAS, "/clip 5", "🎬 The last").await;
    scene.phone.inject(Fault::new(Trouble::NoVideos).method("copyMessage"));
    let refused = scene.taps_for_toast(OLIVIA, OLIVIAS, "📣 Post in Olivia News").await;
    assert!(refused.text.starts_with("“Olivia News” does not take it") && again.id > clip.id, "{refused:?}");
    let posted = scene.taps_for_toast(OLIVIA, OLIVIAS, "📣 Post in Olivia News").await;
    assert_eq!(posted.text, "Posted in “Olivia News”");
    scene.asks(OLIVIA, OLIVIAS, "/stoplive now", "The show is over.").await;
    encoder.close().await;
    scene.end().await;
}

#[tokio::test]
async fn whoever_says_where_operates_the_studio_and_runs_the_chat() {
    let mut scene = owned().await;
    // Ming operates a group's studio, and is nobody among the fans; Sam is an admin there, and operates nothing.
    scene.phone.add_bot(OLIVIA, WEEKEND_SHOW).unwrap();
    scene.hears(WEEKEND_SHOW, 0, "I put this group’s live stream").await;
    scene.asks(OLIVIA, OLIVIAS, "/announce", "I don’t announce your shows anywhere yet.").await;
    scene.phone.set_bot_role(OLIVIA, FANS, Role::Member);
    scene.asks(SAM, FANS, "/announce", "This is a private Telecast").await;
    let olivias = scene.asks(OLIVIA, FANS, "/announce", "No shows are announced here yet.").await;
    for user in [SAM, MING] {
        let tapped = scene.phone.tap(user, FANS, olivias.id, "Announce Olivia").unwrap();
        let toast = scene.phone.wait_for_toast(&tapped, SOON).await.unwrap();
        assert!(toast.alert, "{toast:?}");
    }
    scene.taps_for(OLIVIA, FANS, "Announce Olivia", "Here I announce the shows of: Olivia.").await;
    // Who runs the chat may end it there, whoever operates.
    let sams = scene.asks(SAM, FANS, "/announce", "Here I announce the shows of: Olivia.").await;
    assert_eq!(sams.labels(), ["✖️ Take out Olivia"]);
    let tapped = scene.phone.tap(MING, FANS, sams.id, "Take out Olivia").unwrap();
    assert!(scene.phone.wait_for_toast(&tapped, SOON).await.unwrap().alert);
    let tapped = scene.phone.tap(SAM, FANS, sams.id, "Take out Olivia").unwrap();
    scene.phone.wait_for_toast(&tapped, SOON).await.unwrap();
    scene.phone.wait_for_text(FANS, 0, "I no longer announce the shows of Olivia in “Fans”.", SOON).await.unwrap();
    scene.hears(OLIVIAS, 0, "I can no longer announce your shows in “Fans”").await;
    scene.asks(OLIVIA, OLIVIAS, "/announce", "I don’t announce your shows anywhere yet.").await;

    // A group announces its own shows too, and reads who wanted that.
    scene.asks(MING, WEEKEND_SHOW, "/announce", "No shows are announced here yet.").await;
    scene
        .taps_for(MING, WEEKEND_SHOW, "Announce 周末直播", "Here I announce the shows of: 周末直播 Weekend Show.")
        .await;
    scene.hears(WEEKEND_SHOW, 0, "👤 阿明 Ming has me announce the shows in “周末直播 Weekend Show”.").await;
    scene.expect_refusals();
    scene.end().await;
}

#[tokio::test]
async fn who_operates_a_group_and_was_not_let_in_themselves_announces_it_in_their_channel() {
    let mut world = World::demo();
    world.add_group(NEWS, ChatKind::Channel, "Ming News", &[(MING, Role::Creator)]);
    let scene = Scene::of(world).await;
    scene.claim().await;
    scene.phone.add_bot(OLIVIA, WEEKEND_SHOW).unwrap();
    scene.hears(WEEKEND_SHOW, 0, "I put this group’s live stream").await;
    scene.asks(MING, WEEKEND_SHOW, "/announce", "No shows are announced here yet.").await;
    let link = scene.taps_for_link(MING, WEEKEND_SHOW, "In other chats").await;
    scene.phone.open_link(MING, &link).unwrap();
    scene.phone.wait_for_button(MINGS, "频道", SOON).await.unwrap();
    scene.phone.set_bot_role(MING, NEWS, Role::Admin(Rights::default()));
    scene.hears(MINGS, 0, "以后 周末直播 Weekend Show 开播，我会在“Ming News”通知。").await;
    scene.end().await;
}

#[tokio::test]
async fn a_channel_that_adds_the_bot_unasked_is_asked_about_and_one_that_removes_it_is_told_of() {
    let mut scene = owned().await;
    let (alpha, encoder) = ready(&scene).await;
    scene.phone.set_bot_role(OLIVIA, NEWS, Role::Admin(Rights::default()));
    scene.hears(OLIVIAS, 0, "You added me to “Olivia News”. Shall I announce shows there?").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Announce Olivia", "From now on I announce the shows of Olivia").await;
    scene.asks(OLIVIA, OLIVIAS, "/golive", "Live for").await;
    flows(&alpha, 30).await;
    scene.phone.wait_for_text(NEWS, 0, "Olivia is live.", SOON * 3).await.unwrap();
    scene.expect_refusals();
    scene.phone.set_bot_role(OLIVIA, NEWS, Role::Kicked);
    scene.hears(OLIVIAS, 0, "I can no longer announce your shows in “Olivia News”").await;
    // The show goes on, and its end breaks nothing.
    flows(&alpha, 30).await;
    scene.asks(OLIVIA, OLIVIAS, "/announce", "I don’t announce your shows anywhere yet.").await;
    scene.asks(OLIVIA, OLIVIAS, "/stoplive now", "The show is over.").await;
    // Strangers who add it are not answered.
    scene.phone.set_bot_role(SAM, NEWS, Role::Admin(Rights::default()));
    scene.asks(OLIVIA, OLIVIAS, "/status", "Not live").await;
    assert!(!scene.all_text().contains("You added me to “Olivia News”. Shall I announce shows there?\n\nSam"));
    assert!(matches!(scene.phone.press(OLIVIA, OLIVIAS, "Go live").unwrap(), Tapped::Asked(_)));
    assert!(scene.phone.messages(MINGS).is_empty());
    encoder.close().await;
    scene.end().await;
}
