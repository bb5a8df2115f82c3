//! Bad days of Telegram's and of the network: the bot recovers by itself, loses nothing, does nothing twice.

use crate::scene::{OLIVIAS, OTHER_KEY, OTHER_SERVER, SAMS, SOON, Scene};
use std::time::Duration;
use telecast::demo::bot_api::{
    BotApi, Fault, MING, OLIVIA, Phone, Role, SAM, Setup, Tapped, Trouble, WEEKEND_SHOW, World,
};

#[tokio::test]
async fn it_starts_while_telegram_is_away_and_connects_when_it_is_back() {
    let mut scene = Scene::owned().await;
    scene.stop().await;
    scene.expect_refusals();
    scene.phone.inject(Fault::new(Trouble::BadGateway).always());
    scene.start().await;
    let said = scene.phone.say(OLIVIA, OLIVIAS, "/targets").unwrap();
    let before = scene.phone.calls("getme").len();
    scene.until("a few attempts", |phone| phone.calls("getme").len() > before + 3).await;
    scene.phone.clear_faults();
    scene.hears(OLIVIAS, said, "There is no platform yet.").await;
    scene.end().await;
}

#[tokio::test]
async fn every_kind_of_failed_poll_is_waited_out() {
    let mut scene = Scene::owned().await;
    scene.expect_refusals();
    for trouble in [
        Trouble::Internal,
        Trouble::BadGateway,
        Trouble::Conflict,
        Trouble::TooMany(1),
        Trouble::Reset,
        Trouble::Hang(Duration::MAX),
    ] {
        scene.phone.inject(Fault::new(trouble).method("getUpdates").times(2));
        scene.asks(OLIVIA, OLIVIAS, "/targets", "There is no platform yet.").await;
        scene.asks(OLIVIA, OLIVIAS, "/links", "No watch link is known.").await;
    }
    scene.end().await;
}

#[tokio::test]
async fn an_answer_that_telegram_does_not_take_is_sent_again() {
    let mut scene = Scene::owned().await;
    scene.expect_refusals();
    for trouble in [Trouble::Internal, Trouble::BadGateway, Trouble::TooMany(1), Trouble::Hang(Duration::MAX)] {
        scene.phone.inject(Fault::new(trouble).method("sendMessage"));
        let sent = scene.phone.say(OLIVIA, OLIVIAS, "/targets").unwrap();
        scene.hears(OLIVIAS, sent, "There is no platform yet.").await;
    }
    scene.end().await;
}

#[tokio::test]
async fn a_chat_that_telegram_wants_left_alone_holds_up_no_other() {
    let mut scene = Scene::owned().await;
    scene.expect_refusals();
    scene.phone.inject(Fault::new(Trouble::TooMany(6)).method("sendMessage").chat(OLIVIAS));
    let waits = scene.phone.say(OLIVIA, OLIVIAS, "/targets").unwrap();
    scene.until("the refusal", |phone| phone.calls("sendmessage").iter().any(|call| call.code == 429)).await;
    let began = tokio::time::Instant::now();
    scene.asks(SAM, SAMS, "/start", "This is a private Telecast.").await;
    assert!(began.elapsed() < Duration::from_secs(5), "Sam waited for Olivia's chat");
    scene.hears(OLIVIAS, waits, "There is no platform yet.").await;
    assert!(began.elapsed() > Duration::from_secs(4), "Telegram's wish was not heeded");
    scene.end().await;
}

#[tokio::test]
async fn a_key_is_told_to_be_still_there_when_its_message_could_not_be_deleted_and_goes_later() {
    let mut scene = Scene::owned().await;
    scene.expect_refusals();
    scene.phone.inject(Fault::new(Trouble::BadGateway).method("deleteMessage"));
    let pasted = scene.phone.say(OLIVIA, OLIVIAS, &format!("{OTHER_SERVER} {OTHER_KEY}")).unwrap();
    scene.hears(OLIVIAS, pasted, "I could not delete your message with the key").await;
    let gone = |phone: &Phone| phone.deletions(OLIVIAS).contains(&pasted).then_some(());
    scene.phone.wait("the message to go", SOON, gone).await.unwrap();
    scene.end().await;
}

#[tokio::test]
async fn an_update_that_comes_twice_is_applied_once() {
    let scene = Scene::owned().await;
    let pasted = scene.phone.say(OLIVIA, OLIVIAS, &format!("{OTHER_SERVER} {OTHER_KEY}")).unwrap();
    scene.phone.wait_for_button(OLIVIAS, "Save", SOON).await.unwrap();
    scene.taps_for(OLIVIA, OLIVIAS, "Save", "push.example.invalid is saved.").await;
    scene.asks(OLIVIA, OLIVIAS, "/links", "No watch link is known.").await;
    scene.phone.deliver_again(10);
    let list = scene.asks(OLIVIA, OLIVIAS, "/targets", "Platforms").await;
    assert_eq!(list.text().matches("push.example.invalid").count(), 1, "{}", list.text());
    let after = |words: &str| {
        let said = scene.phone.messages(OLIVIAS).into_iter();
        said.filter(|message| message.by_bot && message.id > pasted && message.text().contains(words)).count()
    };
    assert_eq!(after("No watch link is known."), 1, "{}", scene.phone.transcript(OLIVIAS));
    assert_eq!(after("This Telecast is yours now."), 0, "{}", scene.phone.transcript(OLIVIAS));
    scene.end().await;
}

#[tokio::test]
async fn an_old_command_with_effects_asks_before_it_does_anything() {
    let scene = Scene::owned().await;
    scene.phone.said_ago(OLIVIA, OLIVIAS, "/golive", Duration::from_secs(600)).unwrap();
    let asked = scene.phone.wait_for_button(OLIVIAS, "Run now", SOON).await.unwrap();
    assert!(asked.text().starts_with("I was away when you sent /golive, 10 minutes ago."), "{}", asked.text());
    // What only looks is answered however old it is.
    scene.phone.said_ago(OLIVIA, OLIVIAS, "/targets", Duration::from_secs(600)).unwrap();
    scene.hears(OLIVIAS, asked.id, "There is no platform yet.").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Run now", "There is no platform to go live on yet.").await;
    scene.end().await;
}

#[tokio::test]
async fn many_commands_at_once_are_all_answered_within_telegrams_limits() {
    let scene = Scene::with_group().await;
    let first = scene.phone.say(OLIVIA, OLIVIAS, "/help").unwrap();
    for _ in 0..7 {
        scene.phone.say(OLIVIA, OLIVIAS, "/help").unwrap();
        scene.phone.say(SAM, WEEKEND_SHOW, "/links").unwrap();
        scene.phone.say(MING, WEEKEND_SHOW, "/help").unwrap();
    }
    let answers = |chat, after| {
        move |phone: &Phone| {
            phone.messages(chat).into_iter().filter(|message| message.by_bot && message.id > after).count()
        }
    };
    let enough = |phone: &Phone| {
        (answers(OLIVIAS, first)(phone) == 8 && answers(WEEKEND_SHOW, first)(phone) == 14).then_some(())
    };
    scene.phone.wait("every answer", SOON * 2, enough).await.unwrap();
    scene.end().await;
}

#[tokio::test]
async fn a_tap_on_a_message_that_is_gone_and_a_chat_that_is_shut_are_no_trouble() {
    let mut scene = Scene::with_group().await;
    scene.expect_refusals();
    let menu = scene.asks(OLIVIA, OLIVIAS, "/start", "Three steps:").await;
    scene.phone.delete(OLIVIAS, menu.id);
    let query = scene.phone.forge_tap(OLIVIA, OLIVIAS, menu.id, "x").unwrap();
    scene.phone.wait_for_toast(&Tapped::Asked(query), SOON).await.unwrap();
    scene.phone.set_bot_role(MING, WEEKEND_SHOW, Role::Kicked);
    scene.phone.block(OLIVIA, true);
    scene.phone.block(OLIVIA, false);
    scene.asks(OLIVIA, OLIVIAS, "/start", "Three steps:").await;
    scene.end().await;
}

#[tokio::test]
async fn a_stand_in_of_telegram_that_goes_away_for_good_does_not_keep_it_from_stopping() {
    let api = BotApi::start(World::demo(), Setup::default()).await.unwrap();
    let data = tempfile::tempdir().unwrap();
    let (token, url) = (api.token().into(), api.url().parse().unwrap());
    let app = telecast::app::App::start(telecast::app::Settings::local(token, url, data.path().into())).await.unwrap();
    api.stop().await;
    tokio::time::timeout(Duration::from_secs(10), app.stop()).await.expect("stopping is bounded");
}
