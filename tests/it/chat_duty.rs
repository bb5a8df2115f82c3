//! Who hears what must be done: those who started a show, those on duty, and never with a sound in a group.

use crate::chat_live::{add, flows};
use crate::scene::{MINGS, OLIVIAS, SAMS, SOON, Scene};
use telecast::demo::bot_api::{MING, OLIVIA, Rights, Role, SAM, WEEKEND_SHOW};
use telecast::demo::encoder::Encoder;
use telecast::demo::platform::{Mood, Platform};

/// The group's only platform and its encoder, both of Ming's. Nothing is on yet.
async fn ready(scene: &Scene) -> (Platform, Encoder) {
    scene.phone.say(MING, MINGS, "/cancel").unwrap();
    scene.asks(MING, WEEKEND_SHOW, "/addtarget", "add the platform in private").await;
    let opened = scene.goes_private(MING, WEEKEND_SHOW).await;
    scene.hears(MINGS, opened, "周末直播 Weekend Show").await;
    let alpha = add(scene, MING, MINGS, "保存").await;
    scene.hears(MINGS, 0, "已保存").await;
    scene.asks(MING, WEEKEND_SHOW, "/ingest", "give you server and key in private").await;
    let opened = scene.goes_private(MING, WEEKEND_SHOW).await;
    scene.hears(MINGS, opened, "推流").await;
    let encoder = Encoder::new().unwrap();
    encoder.start(scene.told(MINGS));
    scene.hears(MINGS, 0, "收到画面了").await;
    (alpha, encoder)
}

#[tokio::test]
async fn who_is_on_duty_hears_what_must_be_done_until_they_mute_it_or_leave() {
    let mut scene = Scene::with_group().await;
    let (alpha, encoder) = ready(&scene).await;
    // Only those who operate can be on duty; the tap opens the private chat, so that the bot may write there.
    scene.asks(OLIVIA, WEEKEND_SHOW, "/settings", "Who operates here").await;
    let toast = scene.taps_for_toast(SAM, WEEKEND_SHOW, "On duty").await;
    assert!(toast.alert && toast.text.starts_with("Only admins of this group"), "{toast:?}");
    let link = scene.taps_for_link(OLIVIA, WEEKEND_SHOW, "On duty").await;
    scene.phone.open_link(OLIVIA, &link).unwrap();
    scene.hears(OLIVIAS, 0, "You are on duty in “周末直播 Weekend Show”.").await;
    let line = scene.hears(WEEKEND_SHOW, 0, "👤 Olivia is on duty").await;
    assert!(line.silent, "{}", line.text());

    alpha.set_mood(Mood::Refusing);
    scene.asks(MING, WEEKEND_SHOW, "/golive", "Live for").await;
    let olivias = scene.hears(OLIVIAS, 0, "refuses the stream key in “周末直播 Weekend Show”").await;
    let mings = scene.hears(MINGS, 0, "拒绝").await;
    let groups = scene.hears(WEEKEND_SHOW, 0, "refuses the stream key.").await;
    assert!(!olivias.silent && !mings.silent && groups.silent);
    assert!(olivias.has_button("Mute for 1 h") && mings.has_button("静音 1 小时") && !groups.has_button("Mute"));

    // Muting turns the button round, survives a restart, and is one person's.
    let toast = scene.taps_for_toast(OLIVIA, OLIVIAS, "Mute for 1 h").await;
    assert_eq!(toast.text, "For 1 hour I tell you of this studio without a sound");
    scene.until("the button", |phone| phone.message(OLIVIAS, olivias.id).unwrap().has_button("Sound on again")).await;
    alpha.set_mood(Mood::Well);
    scene.taps(MING, MINGS, "立即重试");
    let back = scene.hears(OLIVIAS, 0, "is back after").await;
    assert_eq!((back.id, back.labels().len()), (olivias.id, 0), "recovery edits the alert");
    drop(encoder);
    let gone = scene.hears(OLIVIAS, 0, "Your picture is gone").await;
    assert!(gone.silent && !scene.hears(MINGS, 0, "画面断了").await.silent);
    scene.stop().await;
    scene.phone.advance(std::time::Duration::from_secs(60));
    scene.start().await;

    // Off duty, and the show is over.
    scene.asks(OLIVIA, WEEKEND_SHOW, "/settings", "Who operates here").await;
    let link = scene.taps_for_link(OLIVIA, WEEKEND_SHOW, "On duty").await;
    let opened = scene.phone.open_link(OLIVIA, &link).unwrap();
    scene.hears(OLIVIAS, opened, "You are on duty").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Go off duty", "You are off duty in “周末直播 Weekend Show”.").await;
    scene.hears(WEEKEND_SHOW, 0, "👤 Olivia went off duty.").await;
    scene.asks(MING, WEEKEND_SHOW, "/stoplive now", "The show is over.").await;
    scene.end().await;
}

#[tokio::test]
async fn good_news_of_an_alert_that_was_deleted_make_no_sound() {
    let mut scene = Scene::with_group().await;
    let (alpha, encoder) = ready(&scene).await;
    alpha.set_mood(Mood::Refusing);
    scene.asks(MING, WEEKEND_SHOW, "/golive", "Live for").await;
    let told = scene.hears(MINGS, 0, "拒绝").await;
    assert!(!told.silent);
    scene.expect_refusals();
    scene.phone.delete(MINGS, told.id);
    alpha.set_mood(Mood::Well);
    scene.hears(WEEKEND_SHOW, 0, "refuses the stream key.").await;
    scene.taps(MING, WEEKEND_SHOW, "Retry now");
    let back = scene.hears(MINGS, told.id, "恢复").await;
    assert!(back.silent && back.id != told.id, "{}", back.text());
    scene.asks(MING, WEEKEND_SHOW, "/stoplive now", "The show is over.").await;
    encoder.close().await;
    scene.end().await;
}

#[tokio::test]
async fn after_a_restart_a_groups_operators_are_called_in_the_groups_language() {
    let mut scene = Scene::with_group().await;
    let (alpha, encoder) = ready(&scene).await;
    scene.asks(MING, WEEKEND_SHOW, "/language", "Which language?").await;
    scene.taps_for(MING, WEEKEND_SHOW, "中文", "好的，以后用中文。").await;
    scene.asks(MING, WEEKEND_SHOW, "/golive", "直播中").await;
    flows(&alpha, 30).await;
    scene.stop().await;
    alpha.set_mood(Mood::Refusing);
    scene.phone.advance(std::time::Duration::from_secs(60));
    let before = scene.phone.messages(MINGS).last().unwrap().id;
    scene.start().await;
    scene.hears(MINGS, before, "拒绝").await;
    // The same of what is told to them alone.
    scene.expect_refusals();
    scene.phone.set_bot_role(OLIVIA, WEEKEND_SHOW, Role::Kicked);
    scene.hears(MINGS, 0, "我却被移出了“周末直播 Weekend Show”").await;
    scene.phone.add_bot(OLIVIA, WEEKEND_SHOW).unwrap();
    scene.asks(MING, WEEKEND_SHOW, "/stoplive now", "直播已结束").await;
    encoder.close().await;
    scene.end().await;
}

#[tokio::test]
async fn who_is_demoted_is_called_no_more_and_the_group_is_asked_once_for_somebody_else() {
    let mut scene = Scene::with_group().await;
    scene.phone.set_bot_role(OLIVIA, WEEKEND_SHOW, Role::Admin(Rights::ALL));
    scene.phone.set_role(MING, WEEKEND_SHOW, SAM, Role::Admin(Rights::default()));
    let (alpha, encoder) = ready(&scene).await;
    scene.expect_refusals();
    alpha.set_mood(Mood::Refusing);
    // Sam has never written to the bot.
    scene.asks(SAM, WEEKEND_SHOW, "/golive", "Live for").await;
    let groups = scene.hears(WEEKEND_SHOW, 0, "refuses the stream key.").await;
    let asked = scene.hears(WEEKEND_SHOW, 0, "I can reach nobody in private").await;
    assert!(groups.silent && !asked.silent);
    assert!(scene.phone.messages(SAMS).iter().all(|message| !message.by_bot));
    // Olivia takes over by one tap; Sam is demoted, and nobody minds.
    let link = scene.taps_for_link(OLIVIA, WEEKEND_SHOW, "On duty").await;
    scene.phone.open_link(OLIVIA, &link).unwrap();
    scene.hears(OLIVIAS, 0, "You are on duty").await;
    scene.phone.set_role(MING, WEEKEND_SHOW, SAM, Role::Member);
    alpha.set_mood(Mood::Well);
    scene.taps(OLIVIA, WEEKEND_SHOW, "Retry now");
    scene.hears(WEEKEND_SHOW, 0, "is back after").await;
    drop(encoder);
    assert!(!scene.hears(OLIVIAS, 0, "Your picture is gone in").await.silent);
    let asks = scene.phone.messages(WEEKEND_SHOW);
    assert_eq!(asks.iter().filter(|message| message.text().contains("I can reach nobody")).count(), 1);
    scene.asks(OLIVIA, WEEKEND_SHOW, "/stoplive now", "The show is over.").await;
    scene.end().await;
}

#[tokio::test]
async fn a_word_does_what_the_button_would_in_private_and_in_answer_to_the_bot_in_a_group() {
    let scene = Scene::with_group().await;
    let (alpha, encoder) = ready(&scene).await;
    let point = scene.told(MINGS);
    scene.asks(MING, WEEKEND_SHOW, "/golive", "Live for").await;
    flows(&alpha, 10).await;
    // Nothing is amiss: the group's show is meant, because Ming has it on and no other.
    scene.asks(MING, MINGS, "保持", "画面已经恢复了。").await;
    scene.asks(MING, MINGS, "结束", "“周末直播 Weekend Show”：结束 1 个平台的直播吗？").await;
    scene.taps_for_toast(MING, MINGS, "继续直播").await;

    encoder.stop();
    let held = scene.hears(MINGS, 0, "推流端已停止推流").await;
    scene.asks(MING, MINGS, "Hold!", "继续保持。").await;
    let kept = scene.hears(MINGS, 0, "断流保护中，各平台再保持").await;
    assert_eq!(kept.id, held.id, "the alert says so itself");
    let line = scene.hears(WEEKEND_SHOW, 0, "keeps the show on air.").await;
    assert!(line.text().starts_with("👤 阿明 Ming"), "{}", line.text());
    encoder.start(point);
    scene.hears(MINGS, 0, "画面恢复了").await;

    // A group says much that is not meant for the bot; in answer to it, a member has no say.
    let groups = scene.hears(WEEKEND_SHOW, 0, "Your picture is back after").await;
    scene.phone.say(MING, WEEKEND_SHOW, "end").unwrap();
    scene.phone.reply(SAM, WEEKEND_SHOW, groups.id, "end").unwrap();
    let last = scene.phone.reply(SAM, WEEKEND_SHOW, groups.id, "status").unwrap();
    scene.hears(WEEKEND_SHOW, last, "Live for").await;
    scene.hears(WEEKEND_SHOW, 0, "Only admins of this group can do that.").await;
    let said = scene.phone.reply(MING, WEEKEND_SHOW, groups.id, "End").unwrap();
    scene.hears(WEEKEND_SHOW, said, "End the show on 1 platform").await;

    // Ended in private, its report is read in the group too.
    scene.phone.say(MING, MINGS, "下播").unwrap();
    scene.phone.say(MING, MINGS, "下播").unwrap();
    scene.hears(MINGS, 0, "直播已结束").await;
    let report = scene.hears(WEEKEND_SHOW, 0, "The show is over.").await;
    assert!(report.silent && report.text().contains("✅"), "{}", report.text());
    encoder.close().await;
    scene.end().await;
}

#[tokio::test]
async fn thrown_out_of_the_group_the_show_goes_on_and_whoever_runs_it_can_stop_it_in_private() {
    let mut scene = Scene::with_group().await;
    scene.expect_refusals();
    let (alpha, encoder) = ready(&scene).await;
    scene.asks(MING, WEEKEND_SHOW, "/golive", "Live for").await;
    flows(&alpha, 10).await;
    scene.phone.set_bot_role(OLIVIA, WEEKEND_SHOW, Role::Kicked);
    let told = scene.hears(MINGS, 0, "我却被移出了“周末直播 Weekend Show”").await;
    assert!(!told.silent, "{}", told.text());
    flows(&alpha, 60).await;
    // Who has no part in the show has no say in it, whatever they were in the group.
    scene.asks(OLIVIA, OLIVIAS, "end", "").await;
    flows(&alpha, 10).await;
    scene.phone.tap(MING, MINGS, told.id, "下播").unwrap();
    scene.hears(MINGS, 0, "“周末直播 Weekend Show”：结束 1 个平台的直播吗？").await;
    scene.taps_for(MING, MINGS, "立即下播", "直播已结束").await;
    let ended = alpha.wait("a goodbye", SOON, |received| received.connections.last()?.ended.map(|_| received.clone()));
    assert!(ended.await.unwrap().connections[0].ended_in_order);
    encoder.close().await;
    scene.end().await;
}
