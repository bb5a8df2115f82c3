//! Who operates a group: chosen by those who may, told by name, lost at once; topics; the bot thrown out and back again.

use crate::chat_live::add;
use crate::scene::{MINGS, OLIVIAS, OTHER_KEY, OTHER_SERVER, SOON, Scene};
use telecast::demo::bot_api::{MING, OLIVIA, Rights, Role, SAM, Tapped, WEEKEND_SHOW, World};
use telecast::demo::encoder::{Encoder, State};
use telecast::domain::rtmp_url::PushPoint;
use telecast::domain::target::TargetName;
use telecast::store::NewTarget;

const TOPIC: i32 = 700_000;

#[tokio::test]
async fn the_group_says_who_operates_and_reads_who_changed_what() {
    let scene = Scene::with_group().await;
    let rights = Rights { can_manage_video_chats: true, ..Rights::default() };
    scene.phone.set_role(MING, WEEKEND_SHOW, SAM, Role::Admin(rights));
    scene.asks(MING, WEEKEND_SHOW, "/settings", "Who operates here: any admin.").await;
    let toast = scene.taps_for_toast(SAM, WEEKEND_SHOW, "Who may operate").await;
    assert!(toast.text.starts_with("Only those who may appoint admins"), "{toast:?}");
    scene.taps_for(MING, WEEKEND_SHOW, "Who may operate", "Who operates here: any admin.").await;
    scene.taps_for(MING, WEEKEND_SHOW, "Admins whom I name", "Named: 阿明 Ming").await;
    scene.hears(WEEKEND_SHOW, 0, "👤 阿明 Ming made the admins who are named the operators.").await;
    scene.asks(SAM, WEEKEND_SHOW, "/golive", "Only admins who were named as operators can do that here.").await;
    scene.taps_for(MING, WEEKEND_SHOW, "◻️ Sam", "Named: Sam, 阿明 Ming").await;
    let told = scene.hears(WEEKEND_SHOW, 0, "👤 阿明 Ming made Sam an operator.").await;
    assert!(told.silent);
    scene.asks(SAM, WEEKEND_SHOW, "/golive", "There is no platform to go live on yet.").await;
    // Who hides as an admin is not named to the group either.
    scene.phone.set_bot_role(OLIVIA, WEEKEND_SHOW, Role::Admin(Rights::ALL));
    scene.phone.set_anonymous(WEEKEND_SHOW, MING, true);
    scene.asks(SAM, WEEKEND_SHOW, "/settings", "Who operates here").await;
    scene.taps_for(MING, WEEKEND_SHOW, "20 min", "I keep you on air for 20 min").await;
    scene.hears(WEEKEND_SHOW, 0, "👤 An anonymous admin has me stay on air for 20 min without a picture.").await;
    scene.end().await;
}

#[tokio::test]
async fn who_publishes_is_named_and_who_loses_the_right_is_cut_off_while_the_show_is_held() {
    let mut scene = Scene::with_group().await;
    scene.phone.say(OLIVIA, OLIVIAS, "/cancel").unwrap();
    scene.phone.set_bot_role(OLIVIA, WEEKEND_SHOW, Role::Admin(Rights::ALL));
    scene.asks(OLIVIA, WEEKEND_SHOW, "/addtarget", "add the platform in private").await;
    let opened = scene.goes_private(OLIVIA, WEEKEND_SHOW).await;
    scene.hears(OLIVIAS, opened, "A new platform for").await;
    let _alpha = add(&scene, OLIVIA, OLIVIAS, "Save").await;
    scene.hears(OLIVIAS, 0, "is saved.").await;
    scene.hears(WEEKEND_SHOW, 0, "👤 Olivia added").await;
    scene.asks(OLIVIA, WEEKEND_SHOW, "/ingest", "give you server and key in private").await;
    let opened = scene.goes_private(OLIVIA, WEEKEND_SHOW).await;
    scene.hears(OLIVIAS, opened, "Stream Key:").await;
    let encoder = Encoder::new().unwrap();
    encoder.start(scene.told(OLIVIAS));
    scene.hears(OLIVIAS, 0, "Your picture is here").await;
    scene.asks(MING, WEEKEND_SHOW, "/golive", "📷 Olivia: ").await;
    scene.hears(WEEKEND_SHOW, 0, "Live for").await;
    scene.hears(WEEKEND_SHOW, 0, "👤 阿明 Ming started the show.").await;

    let mut state = encoder.state();
    scene.phone.set_role(MING, WEEKEND_SHOW, OLIVIA, Role::Member);
    tokio::time::timeout(SOON, state.wait_for(|state| matches!(state, State::Failed(_)))).await.unwrap().unwrap();
    scene.hears(WEEKEND_SHOW, 0, "Olivia is no longer an operator here, so I disconnected their camera.").await;
    scene.hears(OLIVIAS, 0, "You are no longer an operator in “周末直播 Weekend Show”.").await;
    scene.hears(WEEKEND_SHOW, 0, "Your picture is gone, I keep you on air").await;
    encoder.close().await;
    // What they lent stays theirs, and in the show.
    scene.asks(OLIVIA, OLIVIAS, "/mykeys", "lent to “周末直播 Weekend Show”").await;
    // Two admins at once: one stop, both answered.
    scene.phone.set_role(MING, WEEKEND_SHOW, SAM, Role::Admin(Rights::default()));
    scene.asks(MING, WEEKEND_SHOW, "/stoplive", "End the show on 1 platform").await;
    let both = [MING, SAM].map(|user| scene.phone.press(user, WEEKEND_SHOW, "Stop now").unwrap());
    for tapped in both {
        assert!(matches!(tapped, Tapped::Asked(_)));
        scene.phone.wait_for_toast(&tapped, SOON).await.unwrap();
    }
    scene.hears(WEEKEND_SHOW, 0, "ended the show.").await;
    let ends = scene.phone.messages(WEEKEND_SHOW).into_iter().filter(|m| m.text().contains("ended the show.")).count();
    assert_eq!(ends, 1, "{}", scene.phone.transcript(WEEKEND_SHOW));
    scene.expect_refusals();
    scene.end().await;
}

#[tokio::test]
async fn thrown_out_in_a_show_whoever_started_it_is_told_and_back_again_it_goes_on() {
    let mut scene = Scene::with_group().await;
    scene.expect_refusals();
    scene.phone.say(MING, MINGS, "/cancel").unwrap();
    scene.asks(MING, WEEKEND_SHOW, "/addtarget", "add the platform in private").await;
    let opened = scene.goes_private(MING, WEEKEND_SHOW).await;
    scene.hears(MINGS, opened, "周末直播 Weekend Show").await;
    let _alpha = add(&scene, MING, MINGS, "保存").await;
    scene.hears(MINGS, 0, "已保存").await;
    scene.asks(MING, WEEKEND_SHOW, "/golive", "Waiting for your camera or OBS").await;
    scene.phone.set_bot_role(OLIVIA, WEEKEND_SHOW, Role::Kicked);
    scene.hears(MINGS, 0, "我却被移出了“周末直播 Weekend Show”").await;
    let toast = scene.taps_for_toast(MING, MINGS, "推流设置").await;
    assert!(toast.text.starts_with("我已经不在那个群里了"), "{toast:?}");
    // Whoever brings it back: the group was let in.
    scene.phone.add_bot(SAM, WEEKEND_SHOW).unwrap();
    scene.asks(MING, WEEKEND_SHOW, "/stoplive now", "Stopped.").await;
    scene.end().await;
}

#[tokio::test]
async fn in_a_topic_it_answers_there_and_elsewhere_when_the_topic_is_gone() {
    let mut world = World::demo();
    world.add_topic(WEEKEND_SHOW, TOPIC);
    let mut scene = Scene::of(world).await;
    scene.claim().await;
    scene.phone.add_bot(OLIVIA, WEEKEND_SHOW).unwrap();
    scene.hears(WEEKEND_SHOW, 0, "I put this group’s live stream").await;
    let said = scene.phone.say_in(SAM, WEEKEND_SHOW, TOPIC, "/status", false).unwrap();
    let panel = scene.hears(WEEKEND_SHOW, said, "Not live").await;
    assert_eq!(panel.topic, Some(TOPIC));
    // What is told without being asked is told where the panel is.
    let said = scene.phone.say_in(MING, WEEKEND_SHOW, TOPIC, "/settings", false).unwrap();
    scene.hears(WEEKEND_SHOW, said, "Who operates here").await;
    scene.taps_for(MING, WEEKEND_SHOW, "20 min", "I keep you on air for 20 min").await;
    assert_eq!(scene.hears(WEEKEND_SHOW, 0, "👤 阿明 Ming has me stay on air").await.topic, Some(TOPIC));
    scene.expect_refusals();
    scene.phone.delete_topic(WEEKEND_SHOW, TOPIC);
    scene.taps(MING, WEEKEND_SHOW, "30 min");
    assert_eq!(scene.hears(WEEKEND_SHOW, 0, "has me stay on air for 30 min").await.topic, None);
    scene.end().await;
}

#[tokio::test]
async fn a_group_that_becomes_a_supergroup_keeps_its_studio_and_gets_a_panel_of_its_own() {
    let mut world = World::new("Telecast", "telecast_demo_bot");
    let group = telecast::domain::id::ChatId(-4242);
    world.add_person(OLIVIA, "Olivia", "en");
    let members = [(OLIVIA, Role::Creator)];
    world.add_group(group, telecast::demo::bot_api::ChatKind::Group, "Small", &members);
    let mut scene = Scene::of(world).await;
    scene.claim().await;
    scene.phone.add_bot(OLIVIA, group).unwrap();
    scene.asks(OLIVIA, group, "/settings", "Who operates here").await;
    scene.taps_for(OLIVIA, group, "20 min", "I keep you on air for 20 min").await;
    scene.hears(group, 0, "👤 Olivia has me stay on air for 20 min").await;
    let target = NewTarget {
        name: TargetName::parse("Main").unwrap(),
        platform: "custom".into(),
        point: PushPoint::from_url(&format!("{OTHER_SERVER}/{OTHER_KEY}")).unwrap(),
        viewer_link: None,
        status_id: None,
        key_owner: OLIVIA,
    };
    scene
        .restarts_with(async |store| {
            let studio = store.studio_of(group).unwrap().id;
            store.add_target(studio, target).await.unwrap();
        })
        .await;
    scene.asks(OLIVIA, group, "/golive", "Waiting for your").await;
    scene.expect_refusals();
    let moved = scene.phone.migrate(group).unwrap();
    // What stands in the old group changes no more.
    let panel = scene.hears(moved, 0, "Waiting for your").await;
    assert!(panel.silent && panel.has_button("Stop"), "{:?}", panel.labels());
    scene.asks(OLIVIA, moved, "/stoplive now", "Stopped.").await;
    scene.asks(OLIVIA, moved, "/settings", "I keep you on air for 20 min").await;
    scene.asks(OLIVIA, moved, "/status", "Not live").await;
    scene.taps_for(OLIVIA, moved, "5 min", "I keep you on air for 5 min").await;
    scene.hears(moved, 0, "👤 Olivia has me stay on air for 5 min").await;
    scene.end().await;
}
