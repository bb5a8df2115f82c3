//! /addtarget: what people paste, right and wrong.

use crate::bed::field::{Door, LetIn, Method, Recorder};
use crate::scene::{BILIBILI_KEY, OLIVIAS, OTHER_KEY, OTHER_SERVER, SAMS, SOON, Scene};
use telecast::demo::bot_api::{OLIVIA, SAM};

#[tokio::test]
async fn a_platform_is_added_in_three_answers_and_its_key_is_gone_from_the_chat() {
    let scene = Scene::owned().await;
    scene.asks(OLIVIA, OLIVIAS, "/addtarget", "Where will people watch?").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Bilibili", "Bilibili: send me the stream key.").await;
    let pasted = scene.phone.say(OLIVIA, OLIVIAS, BILIBILI_KEY).unwrap();
    let shown = scene.phone.wait_for_button(OLIVIAS, "Save", SOON).await.unwrap();
    assert!(shown.text().contains("Key: ••••ag=1"), "{}", shown.text());
    assert!(scene.phone.deletions(OLIVIAS).contains(&pasted), "the message with the key is deleted");
    let saved = scene.taps_for(OLIVIA, OLIVIAS, "Save", "Bilibili is saved.").await;
    assert!(saved.has_button("Go live") && saved.has_button("Camera"), "{:?}", saved.labels());

    scene.asks(OLIVIA, OLIVIAS, "/targets", "Bilibili · Bilibili · ").await;
    let detail = scene.taps_for(OLIVIA, OLIVIAS, "Bilibili", "Key: ••••ag=1 (your key)").await;
    assert!(detail.text().contains("Server: rtmp://live-push.bilivideo.com/live-bvc"), "{}", detail.text());
    scene.end().await;
}

#[tokio::test]
async fn server_and_key_out_of_the_blue_are_an_addtarget_and_a_name_is_asked_for() {
    let scene = Scene::owned().await;
    scene.phone.say(OLIVIA, OLIVIAS, &format!("服务器：{OTHER_SERVER}\n串流密钥：{OTHER_KEY}")).unwrap();
    scene.phone.wait_for_button(OLIVIAS, "Save", SOON).await.unwrap();
    scene.taps_for(OLIVIA, OLIVIAS, "Change name", "What should “push.example.invalid” be called?").await;
    let long = "x".repeat(200);
    scene.asks(OLIVIA, OLIVIAS, &long, "A name has 1 to 32 characters.").await;
    let name = "<b>A&B</b> 🎬 直播";
    scene.asks(OLIVIA, OLIVIAS, name, &format!("{name} is saved.")).await;
    scene.asks(OLIVIA, OLIVIAS, "/targets", &format!("{name} · ")).await;
    scene.phone.wait_for_button(OLIVIAS, name, SOON).await.unwrap();
    scene.end().await;
}

#[tokio::test]
async fn what_addtarget_asks_for_may_stand_behind_it_and_a_key_there_is_deleted_too() {
    let scene = Scene::owned().await;
    scene.phone.say(OLIVIA, OLIVIAS, &format!("/addtarget {OTHER_SERVER} {OTHER_KEY}")).unwrap();
    scene.phone.wait_for_button(OLIVIAS, "Save", SOON).await.unwrap();
    // Another one, in place of the one that is not saved.
    scene.asks(OLIVIA, OLIVIAS, "/addtarget Bilibili", "Bilibili: send me the stream key.").await;
    scene.phone.say(OLIVIA, OLIVIAS, BILIBILI_KEY).unwrap();
    scene.phone.wait_for_button(OLIVIAS, "Save", SOON).await.unwrap();
    scene.taps_for(OLIVIA, OLIVIAS, "Save", "Bilibili is saved.").await;
    scene.asks(OLIVIA, OLIVIAS, "/addtarget https://live.bilibili.com/1", "That is the page where people watch.").await;
    scene.end().await;
}

#[tokio::test]
async fn server_and_key_may_come_one_after_the_other() {
    let scene = Scene::owned().await;
    scene.asks(OLIVIA, OLIVIAS, "/addtarget", "Where will people watch?").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Other RTMP server", "send me server and stream key").await;
    scene.asks(OLIVIA, OLIVIAS, OTHER_SERVER, "Now the stream key.").await;
    scene.asks(OLIVIA, OLIVIAS, OTHER_KEY, "Key: ••••6789").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Save", "push.example.invalid is saved.").await;
    scene.end().await;
}

#[tokio::test]
async fn a_login_in_the_server_address_is_kept_and_never_shown() {
    let scene = Scene::owned().await;
    let server = "rtmp://anna:p%40ssw0rd@wowza.example.invalid:1935/live";
    scene.phone.say(OLIVIA, OLIVIAS, &format!("{server} {OTHER_KEY}")).unwrap();
    let shown = scene.phone.wait_for_button(OLIVIAS, "Save", SOON).await.unwrap();
    assert!(shown.text().contains("Server: rtmp://•••@wowza.example.invalid:1935/live"), "{}", shown.text());
    assert!(shown.text().contains("I found a user and a password in the address"), "{}", shown.text());
    scene.taps_for(OLIVIA, OLIVIAS, "Save", "wowza.example.invalid is saved.").await;
    scene.asks(OLIVIA, OLIVIAS, "/targets", "Platforms").await;
    scene.taps_for(OLIVIA, OLIVIAS, "wowza", "Server: rtmp://•••@wowza.example.invalid:1935/live").await;
    // A new key alone: server and login stay.
    scene.taps_for(OLIVIA, OLIVIAS, "New key", "Send me the new key of wowza.example.invalid.").await;
    scene.phone.say(OLIVIA, OLIVIAS, &format!("another-{OTHER_KEY}")).unwrap();
    let shown = scene.phone.wait_for_button(OLIVIAS, "Save", SOON).await.unwrap();
    assert!(shown.text().contains("rtmp://•••@wowza.example.invalid:1935/live"), "{}", shown.text());
    scene.taps_for(OLIVIA, OLIVIAS, "Save", "has its new key.").await;
    for message in scene.phone.messages(OLIVIAS) {
        assert!(!message.text().contains("ssw0rd"), "{}", message.text());
    }
    scene.end().await;
}

#[tokio::test]
async fn a_wrong_password_is_told_before_it_is_saved() {
    let account = LetIn { app: "live".into(), user: "anna".into(), password: "s3cret".into() };
    let wowza = Recorder::start(Door::Login(Method::Adobe, account)).await.unwrap();
    let scene = Scene::owned().await;
    for (password, told) in [("guess", "doesn’t accept the user name or the password"), ("s3cret", "Save it?")] {
        let text = format!("rtmp://anna:{password}@{}/live {OTHER_KEY}", wowza.address());
        let shown = scene.asks(OLIVIA, OLIVIAS, &text, told).await;
        assert!(shown.text().contains("the server answers"), "{}", shown.text());
    }
    assert!(wowza.heard().iter().all(|heard| heard.with("publish").is_none()), "nothing was published");
    scene.end().await;
}

#[tokio::test]
async fn a_login_that_comes_before_its_server_waits_for_it() {
    let scene = Scene::owned().await;
    scene.asks(OLIVIA, OLIVIAS, "/addtarget", "Where will people watch?").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Other RTMP server", "send me server and stream key").await;
    let first = format!("Stream key: {OTHER_KEY}\nUsername: anna\nPassword: s3cret-and-long");
    scene.phone.say(OLIVIA, OLIVIAS, &first).unwrap();
    scene.phone.say(OLIVIA, OLIVIAS, "Server: rtmp://wowza.example.invalid:1935/live").unwrap();
    let shown = scene.phone.wait_for_button(OLIVIAS, "Save", SOON).await.unwrap();
    assert!(shown.text().contains("Server: rtmp://•••@wowza.example.invalid:1935/live"), "{}", shown.text());
    for message in scene.phone.messages(OLIVIAS) {
        assert!(!message.text().contains("s3cret-and-long"), "{}", message.text());
    }
    scene.end().await;
}

#[tokio::test]
async fn a_key_that_does_not_look_like_its_platforms_is_questioned_and_saved_all_the_same() {
    let scene = Scene::owned().await;
    let right = "live_604417283_Hs8KqVz2Hs8KqVz2Hs8KqVz2Hs8KqV";
    for (key, odd) in [("abcd-efgh-ijkl-mnop", true), (right, false)] {
        scene.asks(OLIVIA, OLIVIAS, "/addtarget", "Where will people watch?").await;
        scene.taps_for(OLIVIA, OLIVIAS, "Twitch", "Twitch: send me the stream key.").await;
        let said = scene.phone.say(OLIVIA, OLIVIAS, key).unwrap();
        let shown = scene.hears(OLIVIAS, said, "Key: ••••").await;
        let questioned =
            "This doesn’t look like a Twitch key. How to know the right one: It begins with live_ and your number.";
        assert_eq!(shown.text().contains(questioned), odd, "{}", shown.text());
        assert_eq!(shown.has_button("Save anyway"), odd, "{:?}", shown.labels());
        scene.taps(OLIVIA, OLIVIAS, "Save");
        scene.hears(OLIVIAS, said, "is saved.").await;
    }
    scene.end().await;
}

#[tokio::test]
async fn another_server_of_the_platform_is_chosen_before_it_is_saved() {
    let scene = Scene::owned().await;
    scene.phone.say(OLIVIA, OLIVIAS, BILIBILI_KEY).unwrap();
    let shown = scene.phone.wait_for_button(OLIVIAS, "Other server", SOON).await.unwrap();
    assert!(shown.text().contains("Bilibili has 3 more servers"), "{}", shown.text());
    let servers = scene.taps_for(OLIVIA, OLIVIAS, "Other server", "Bilibili: which server?").await;
    assert!(servers.text().contains("From outside mainland China"), "{}", servers.text());
    scene.taps_for(OLIVIA, OLIVIAS, "Back", "Server: rtmp://live-push.bilivideo.com/live-bvc").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Other server", "Bilibili: which server?").await;
    scene.taps_for(OLIVIA, OLIVIAS, "2", "Server: rtmp://txy.live-push.bilivideo.com/live-bvc").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Save", "Bilibili is saved.").await;
    scene.asks(OLIVIA, OLIVIAS, "/targets", "Bilibili · ").await;
    let detail = scene.taps_for(OLIVIA, OLIVIAS, "Bilibili", "Key: ••••ag=1").await;
    assert!(detail.text().contains("Server: rtmp://txy.live-push.bilivideo.com/live-bvc"), "{}", detail.text());
    scene.end().await;
}

#[tokio::test]
async fn what_is_wrong_is_said_clearly_and_nothing_of_it_is_stored() {
    let scene = Scene::owned().await;
    scene.asks(OLIVIA, OLIVIAS, "/addtarget", "Where will people watch?").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Other RTMP server", "send me server and stream key").await;
    let huge = format!("{OTHER_SERVER} {}", "k".repeat(100 * 1024));
    for (wrong, words) in [
        ("https://live.bilibili.com/123", "That is the page where people watch."),
        ("rtmp:// key-0123456789-abcdef", "I can’t read that server address."),
        ("rtmp://push.example.invalid:99999/live key-0123456789-abcdef", "I can’t read that server address."),
        ("ftp://push.example.invalid/live", "rtmp:// or rtmps://"),
        ("well, hello there", "I found neither a server address nor a stream key"),
        ("key of hall A: th-a-90417, of hall B: th-b-31826", "I can’t tell which word is the key."),
        ("🎬🎬🎬", "I found neither a server address nor a stream key"),
        (huge.as_str(), "That is far too long for a server and a key."),
    ] {
        let said = scene.asks(OLIVIA, OLIVIAS, wrong, words).await;
        assert!(said.text().contains("/cancel") && said.has_button("Cancel"), "{}", said.text());
    }
    // After all that the right thing still works, and only that is stored.
    scene.phone.say(OLIVIA, OLIVIAS, &format!("{OTHER_SERVER} {OTHER_KEY}")).unwrap();
    scene.taps_for(OLIVIA, OLIVIAS, "Save", "push.example.invalid is saved.").await;
    let list = scene.asks(OLIVIA, OLIVIAS, "/targets", "Platforms").await;
    assert_eq!(list.text().matches(" · ").count(), 2, "{}", list.text());
    scene.end().await;
}

#[tokio::test]
async fn cancel_leaves_the_dialogue_and_stores_nothing() {
    let scene = Scene::owned().await;
    scene.asks(OLIVIA, OLIVIAS, "/cancel", "There is nothing to cancel.").await;
    scene.phone.say(OLIVIA, OLIVIAS, &format!("{OTHER_SERVER} {OTHER_KEY}")).unwrap();
    let asked = scene.phone.wait_for_button(OLIVIAS, "Save", SOON).await.unwrap();
    scene.asks(OLIVIA, OLIVIAS, "/cancel", "Cancelled. Nothing was saved.").await;
    let tapped = scene.phone.tap(OLIVIA, OLIVIAS, asked.id, "Save").unwrap();
    let toast = scene.phone.wait_for_toast(&tapped, SOON).await.unwrap();
    assert_eq!(toast.text, "This button is too old. What is saved: /targets. To add a platform: /addtarget");
    scene.asks(OLIVIA, OLIVIAS, "/targets", "There is no platform yet.").await;
    scene.end().await;
}

/// Its key is deleted from the chat: who looks up something else first must not have to fetch it anew. /addtarget ends it.
#[tokio::test]
async fn a_draft_waits_for_its_save_while_something_else_is_asked() {
    let scene = Scene::owned().await;
    let pasted = format!("{OTHER_SERVER} {OTHER_KEY}");
    scene.phone.say(OLIVIA, OLIVIAS, &pasted).unwrap();
    scene.phone.wait_for_button(OLIVIAS, "Save", SOON).await.unwrap();
    scene.asks(OLIVIA, OLIVIAS, "/targets", "no platform").await;
    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Connect your camera or OBS").await;
    scene.asks(OLIVIA, OLIVIAS, "/statsu", "/help").await;
    // Words are no keys: what waits is shown again.
    for answer in ["yes", "Thanks!", "保存", "好的", "https://live.bilibili.com/1"] {
        scene.asks(OLIVIA, OLIVIAS, answer, "Key: ••••6789").await;
    }
    scene.taps_for(OLIVIA, OLIVIAS, "Save", "push.example.invalid is saved.").await;
    scene.phone.say(OLIVIA, OLIVIAS, &pasted).unwrap();
    let asked = scene.phone.wait_for_button(OLIVIAS, "Save", SOON).await.unwrap();
    scene.asks(OLIVIA, OLIVIAS, "/addtarget", "Where will people watch?").await;
    let tapped = scene.phone.tap(OLIVIA, OLIVIAS, asked.id, "Save").unwrap();
    let toast = scene.phone.wait_for_toast(&tapped, SOON).await.unwrap();
    assert!(toast.text.contains("/addtarget"), "{}", toast.text);
    scene.end().await;
}

#[tokio::test]
async fn a_key_that_was_sent_as_a_name_or_behind_an_unknown_command_is_no_name_and_does_not_stay() {
    let scene = Scene::owned().await;
    scene.phone.say(OLIVIA, OLIVIAS, &format!("/addtarge {OTHER_SERVER} {OTHER_KEY}")).unwrap();
    scene.taps_for(OLIVIA, OLIVIAS, "Save", "push.example.invalid is saved.").await;
    let key = "abcd-1efg-23hi-jk4l-5mno";
    for question in ["Rename", "Watch link"] {
        scene.asks(OLIVIA, OLIVIAS, "/targets", "Platforms").await;
        scene.taps_for(OLIVIA, OLIVIAS, "push", "on: part of the next show").await;
        scene.taps(OLIVIA, OLIVIAS, question);
        scene.phone.wait_for_button(OLIVIAS, "Cancel", SOON).await.unwrap();
        scene.asks(OLIVIA, OLIVIAS, key, "Key: ••••5mno").await;
        scene.asks(OLIVIA, OLIVIAS, "/cancel", "").await;
    }
    scene.phone.say(OLIVIA, OLIVIAS, &format!("{OTHER_SERVER} {OTHER_KEY}")).unwrap();
    scene.taps_for(OLIVIA, OLIVIAS, "Change name", "be called?").await;
    scene.asks(OLIVIA, OLIVIAS, key, "Key: ••••5mno").await;
    scene.asks(OLIVIA, OLIVIAS, "/targets", "push.example.invalid · ").await;
    assert!(!scene.all_text().contains(key), "{}", scene.all_text());
    scene.end().await;
}

#[tokio::test]
async fn a_target_is_switched_renamed_linked_rekeyed_removed_and_brought_back() {
    let scene = Scene::owned().await;
    scene.phone.say(OLIVIA, OLIVIAS, &format!("{OTHER_SERVER} {OTHER_KEY}")).unwrap();
    scene.taps_for(OLIVIA, OLIVIAS, "Save", "push.example.invalid is saved.").await;
    scene.asks(OLIVIA, OLIVIAS, "/targets", "Platforms").await;
    scene.taps_for(OLIVIA, OLIVIAS, "push", "on: part of the next show").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Switch off", "⚪ off").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Rename", "What should “push.example.invalid” be called?").await;
    scene.asks(OLIVIA, OLIVIAS, "Main", "It is called “Main” now.").await;
    scene.asks(OLIVIA, OLIVIAS, "/targets", "Main · ").await;
    scene.taps_for(OLIVIA, OLIVIAS, "⚪ Main", "Main · ⚪ off").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Watch link", "Where do people watch Main?").await;
    scene.asks(OLIVIA, OLIVIAS, "not a link", "I can’t use that link.").await;
    scene.asks(OLIVIA, OLIVIAS, "https://example.invalid/watch", "People watch Main here:").await;
    scene.asks(OLIVIA, OLIVIAS, "/links", "https://example.invalid/watch").await;
    scene.asks(OLIVIA, OLIVIAS, "/targets", "Main · ").await;
    scene.taps_for(OLIVIA, OLIVIAS, "⚪ Main", "Main · ⚪ off").await;
    scene.taps_for(OLIVIA, OLIVIAS, "New key", "Send me the new key of Main.").await;
    // The key alone: the server stays.
    scene.phone.say(OLIVIA, OLIVIAS, &format!("another-{OTHER_KEY}")).unwrap();
    scene.taps_for(OLIVIA, OLIVIAS, "Save", "Main has its new key.").await;
    scene.asks(OLIVIA, OLIVIAS, "/targets", "Main · ").await;
    scene.taps_for(OLIVIA, OLIVIAS, "⚪ Main", "Main · ⚪ off").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Remove", "Main is removed.").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Undo", "Main is back.").await;
    scene.end().await;
}

#[tokio::test]
async fn everybody_withdraws_their_own_keys_at_any_time() {
    let scene = Scene::owned().await;
    scene.asks(OLIVIA, OLIVIAS, "/mykeys", "I hold no stream key of yours.").await;
    scene.phone.say(OLIVIA, OLIVIAS, &format!("{OTHER_SERVER} {OTHER_KEY}")).unwrap();
    scene.taps_for(OLIVIA, OLIVIAS, "Save", "push.example.invalid is saved.").await;
    let mine = scene.asks(OLIVIA, OLIVIAS, "/mykeys", "I hold 1 stream key of yours.").await;
    assert!(mine.text().contains("••••6789 · your own studio"), "{}", mine.text());
    scene.taps_for(OLIVIA, OLIVIAS, "Withdraw", "The key of push.example.invalid is deleted").await;
    scene.asks(OLIVIA, OLIVIAS, "/targets", "There is no platform yet.").await;
    scene.asks(SAM, SAMS, "/mykeys", "This is a private Telecast.").await;
    scene.end().await;
}
