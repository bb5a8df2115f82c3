//! Whose Telecast this is, and who is let in.

use crate::scene::{MINGS, OLIVIAS, SAMS, Scene};
use telecast::demo::bot_api::{Action, MING, OLIVIA, Phone, SAM, WEEKEND_SHOW};

#[tokio::test]
async fn the_claim_code_makes_its_user_the_owner_once() {
    let scene = Scene::new().await;
    scene.asks(OLIVIA, OLIVIAS, "/start", "This Telecast has no owner yet.").await;
    scene.asks(OLIVIA, OLIVIAS, "/start 0123456789abcdef", "That code does not work.").await;
    let code = scene.app.as_ref().unwrap().claim_code().await.unwrap();
    let link = format!("https://t.me/telecast_demo_bot?start={code}");
    let opened = scene.phone.open_link(OLIVIA, &link).unwrap();
    let owned = scene.hears(OLIVIAS, opened, "This Telecast is yours now.").await;
    assert!(owned.has_button("Add platform") && owned.has_button("Go live"), "{:?}", owned.labels());
    assert_eq!(scene.app.as_ref().unwrap().claim_code().await, None);
    scene.asks(MING, MINGS, &format!("/start {code}"), "这个认领码无效。").await;
    scene.asks(OLIVIA, OLIVIAS, &format!("/start {code}"), "You already own this Telecast.").await;
    scene.asks(OLIVIA, OLIVIAS, "/start", "Three steps:").await;
    scene.end().await;
}

#[tokio::test]
async fn a_stranger_hears_one_polite_line_asks_and_is_let_in() {
    let scene = Scene::owned().await;
    let shut = scene.asks(SAM, SAMS, "hello", "This is a private Telecast.").await;
    assert_eq!(shut.labels(), ["Ask for access"]);
    // Neither chatter nor commands are answered again within a week.
    scene.phone.say(SAM, SAMS, "anybody there?").unwrap();
    scene.phone.say(SAM, SAMS, "/golive").unwrap();

    scene.taps_for(SAM, SAMS, "Ask for access", "I have asked the owner.").await;
    let said = scene.phone.messages(SAMS).into_iter().filter(|message| message.by_bot).count();
    assert_eq!(said, 1, "{}", scene.phone.transcript(SAMS));
    let asked = scene.hears(OLIVIAS, 0, "Sam asks to use your Telecast.").await;
    assert_eq!(asked.labels(), ["✅ Let in", "No"]);
    // Asking again does not bother the owner again.
    let again = scene.asks(SAM, SAMS, "/start", "This is a private Telecast.").await;
    assert!(again.text().contains("Its owner has been asked about you.") && again.labels().is_empty());

    scene.taps_for(OLIVIA, OLIVIAS, "Let in", "Sam can use this Telecast now.").await;
    scene.hears(SAMS, 0, "The owner has let you in.").await;
    scene.asks(SAM, SAMS, "/start", "Three steps:").await;
    let questions = scene.phone.messages(OLIVIAS).into_iter().filter(|m| m.text().contains("asks to use")).count();
    assert_eq!(questions, 0, "the question became its answer");
    scene.end().await;
}

#[tokio::test]
async fn who_is_not_let_in_hears_it_and_again_when_they_ask_again() {
    let scene = Scene::owned().await;
    let first = scene.asks(SAM, SAMS, "hello", "This is a private Telecast.").await;
    scene.taps_for(SAM, SAMS, "Ask for access", "I have asked the owner.").await;
    scene.hears(OLIVIAS, 0, "Sam asks to use your Telecast.").await;
    scene.taps_for(OLIVIA, OLIVIAS, "No", "Sam was not let in.").await;
    scene.hears(SAMS, 0, "The owner’s answer is no.").await;
    // A phone that was offline still shows the button.
    let Action::Data(data) = &first.keyboard[0][0].action else { panic!("{first:?}") };
    scene.phone.forge_tap(SAM, SAMS, first.id, data).unwrap();
    let told = |phone: &Phone| phone.message(SAMS, first.id).unwrap().text().contains("The owner’s answer is no.");
    scene.until("the same answer", told).await;
    let questions = scene.phone.messages(OLIVIAS).into_iter().filter(|m| m.text().contains("asks to use")).count();
    assert_eq!(questions, 0, "the owner is not asked again");
    scene.end().await;
}

#[tokio::test]
async fn a_group_of_strangers_hears_it_once_and_works_when_its_owner_lets_it_in() {
    let scene = Scene::owned().await;
    scene.phone.add_bot(MING, WEEKEND_SHOW).unwrap();
    let line = scene.hears(WEEKEND_SHOW, 0, "这是私人部署的 Telecast。").await;
    assert_eq!(line.labels(), ["申请使用"]);
    scene.phone.say(SAM, WEEKEND_SHOW, "/status").unwrap();
    scene.phone.say(MING, WEEKEND_SHOW, "/golive").unwrap();
    scene.taps_for(MING, WEEKEND_SHOW, "申请使用", "已向主人提出申请。").await;
    let lines = scene.phone.messages(WEEKEND_SHOW).into_iter().filter(|message| message.by_bot).count();
    assert_eq!(lines, 1, "one line, which became its answer:\n{}", scene.phone.transcript(WEEKEND_SHOW));

    scene.hears(OLIVIAS, 0, "The group “周末直播 Weekend Show” asks to use your Telecast.").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Let in", "周末直播 Weekend Show can use this Telecast now.").await;
    // In the language in which it was asked for, not in the owner's.
    scene.hears(WEEKEND_SHOW, 0, "我把本群的一路直播同时转推到多个平台").await;
    scene.asks(SAM, WEEKEND_SHOW, "/status", "未开播").await;
    scene.end().await;
}

#[tokio::test]
async fn a_group_that_the_owner_adds_works_at_once() {
    let scene = Scene::with_group().await;
    scene.asks(SAM, WEEKEND_SHOW, "/status", "Not live").await;
    scene.asks(SAM, WEEKEND_SHOW, "/links", "No watch link is known.").await;
    scene.end().await;
}

#[tokio::test]
async fn what_was_said_to_it_while_it_was_away_is_answered_after_a_restart() {
    let mut scene = Scene::owned().await;
    scene.stop().await;
    let said = scene.phone.say(OLIVIA, OLIVIAS, "/targets").unwrap();
    scene.start().await;
    scene.hears(OLIVIAS, said, "There is no platform yet.").await;
    scene.end().await;
}
