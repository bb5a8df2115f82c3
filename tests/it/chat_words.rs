//! Languages, words in place of commands, and what is no command at all.

use crate::scene::{MINGS, OLIVIAS, OTHER_KEY, OTHER_SERVER, Scene};
use telecast::demo::bot_api::{MING, OLIVIA, WEEKEND_SHOW, World};
use telecast::domain::id::{ChatId, UserId};

#[tokio::test]
async fn chinese_words_are_commands_in_private() {
    let scene = Scene::owned().await;
    scene.asks(MING, MINGS, "/start", "这是私人部署的 Telecast。").await;
    scene.taps_for(MING, MINGS, "申请使用", "已向主人提出申请。").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Let in", "阿明 Ming can use this Telecast now.").await;
    scene.hears(MINGS, 0, "主人已允许你使用。").await;
    scene.asks(MING, MINGS, "/start", "Telecast 群播 · 在聊天里，一键全网开播").await;
    scene.asks(MING, MINGS, "状态", "未开播").await;
    scene.asks(MING, MINGS, "链接", "还没有观看链接。").await;
    scene.asks(MING, MINGS, "开播", "还没有可以开播的平台。").await;
    for word in ["下播", "关播", "停播", "结束直播"] {
        scene.asks(MING, MINGS, word, "现在没有直播。").await;
    }
    scene.end().await;
}

#[tokio::test]
async fn a_language_is_chosen_for_a_person_and_for_a_group() {
    let scene = Scene::with_group().await;
    scene.asks(OLIVIA, OLIVIAS, "/language", "Which language?").await;
    scene.taps_for(OLIVIA, OLIVIAS, "中文", "好的，以后用中文。").await;
    scene.asks(OLIVIA, OLIVIAS, "/targets", "还没有转播平台。").await;
    // The group goes on as it was, until its admins choose.
    scene.asks(OLIVIA, WEEKEND_SHOW, "/status", "Not live").await;
    scene.asks(MING, WEEKEND_SHOW, "/language", "Which language?").await;
    scene.taps_for(MING, WEEKEND_SHOW, "中文", "好的，以后用中文。").await;
    scene.asks(OLIVIA, WEEKEND_SHOW, "/links", "还没有观看链接。").await;
    scene.asks(OLIVIA, OLIVIAS, "/language", "请选择语言。").await;
    scene.taps_for(OLIVIA, OLIVIAS, "English", "English it is.").await;
    scene.end().await;
}

#[tokio::test]
async fn garbage_gets_a_clear_sentence_with_a_way_on() {
    let scene = Scene::owned().await;
    for garbage in
        ["/dance", "/", "//golive", "/golive@", "/ＧＯＬＩＶＥ", "hm?", "\u{202e}evil", "/start@telecast_demo_bot x y"]
    {
        let sent = scene.phone.say(OLIVIA, OLIVIAS, garbage).unwrap();
        let said = scene.hears(OLIVIAS, sent, "").await;
        assert!(!said.text().is_empty() && said.text().len() < 300, "{garbage}: {}", said.text());
    }
    let huge = "go live ".repeat(100 * 1024 / 8);
    let said = scene.asks(OLIVIA, OLIVIAS, &huge, "I did not understand that.").await;
    assert!(said.has_button("Help"));
    scene.asks(OLIVIA, OLIVIAS, &format!("/golive {huge}"), "There is no platform to go live on yet.").await;
    scene.asks(OLIVIA, OLIVIAS, "/stoplive Bilbili", "There is no show right now.").await;
    scene.phone.say(OLIVIA, OLIVIAS, &format!("{OTHER_SERVER} {OTHER_KEY}")).unwrap();
    scene.taps_for(OLIVIA, OLIVIAS, "Save", "push.example.invalid is saved.").await;
    let said = scene.asks(OLIVIA, OLIVIAS, &format!("/golive {huge}"), "I know no platform called go, live, go").await;
    assert!(said.text().contains("There are: push.example.invalid"), "{}", said.text());
    scene.asks(OLIVIA, OLIVIAS, "/golive <b>x</b>", "I know no platform called <b>x</b>.").await;
    scene.asks(OLIVIA, OLIVIAS, "/help", "What I can do").await;
    scene.end().await;
}

#[tokio::test]
async fn in_a_group_chatter_and_other_bots_commands_are_left_alone() {
    let scene = Scene::with_group().await;
    let before = scene.phone.messages(WEEKEND_SHOW).len();
    for other in ["/golive@other_bot", "/dance", "开播", "/dance@telecast_demo_bot"] {
        scene.phone.say(MING, WEEKEND_SHOW, other).unwrap();
    }
    scene.asks(MING, WEEKEND_SHOW, "/status@telecast_demo_bot", "Not live").await;
    assert_eq!(scene.phone.messages(WEEKEND_SHOW).len(), before + 6, "{}", scene.phone.transcript(WEEKEND_SHOW));
    scene.end().await;
}

#[tokio::test]
async fn names_with_markup_stay_names_everywhere() {
    const EVE: UserId = UserId(4242);
    const EVES: ChatId = telecast::demo::bot_api::Phone::private(EVE);
    let mut world = World::demo();
    world.add_person(EVE, "<b>Eve</b> & \"co\" 🎬\u{202e}", "en");
    let scene = Scene::of(world).await;
    scene.claim().await;
    scene.asks(EVE, EVES, "/start", "This is a private Telecast.").await;
    scene.taps_for(EVE, EVES, "Ask for access", "I have asked the owner.").await;
    scene.hears(OLIVIAS, 0, "<b>Eve</b> & \"co\" 🎬 asks to use your Telecast.").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Let in", "<b>Eve</b> & \"co\" 🎬 can use this Telecast now.").await;
    scene.end().await;
}
