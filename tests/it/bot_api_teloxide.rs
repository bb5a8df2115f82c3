//! The stand-in as teloxide meets it: an independent client with typed models.

use std::time::Duration;
use telecast::demo::bot_api::{BotApi, Fault, Phone, Setup, Tapped, Trouble, WEEKEND_SHOW, World};
use telecast::demo::bot_api::{MING, OLIVIA};
use teloxide::prelude::*;
use teloxide::types::{
    AllowedUpdate, ChatId, CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, MessageId, ParseMode,
    ReplyParameters, UpdateKind, UserId,
};

const SOON: Duration = Duration::from_secs(5);

async fn start() -> (BotApi, Phone, Bot) {
    let api = BotApi::start(World::demo(), Setup::default()).await.unwrap();
    let bot = Bot::new(api.token()).set_api_url(api.url().parse().unwrap());
    let phone = api.phone();
    (api, phone, bot)
}

#[tokio::test]
async fn a_bot_gets_through_a_conversation() {
    let (api, phone, bot) = start().await;
    let chat = ChatId(Phone::private(OLIVIA).0);

    let me = bot.get_me().await.unwrap();
    assert_eq!(me.username(), "telecast_demo_bot");

    let poll = bot.get_updates().timeout(20).send();
    let speak = async { phone.say(OLIVIA, Phone::private(OLIVIA), "/start hello").unwrap() };
    let (updates, _) = tokio::join!(poll, speak);
    let updates = updates.unwrap();
    let UpdateKind::Message(message) = &updates[0].kind else { panic!("{updates:?}") };
    assert_eq!((message.text(), message.chat.id), (Some("/start hello"), chat));
    assert_eq!(message.from.as_ref().unwrap().language_code.as_deref(), Some("en"));

    let keyboard = InlineKeyboardMarkup::new([
        vec![
            InlineKeyboardButton::callback("开播", "go"),
            InlineKeyboardButton::url("Page", "https://a.example/".parse().unwrap()),
        ],
        vec![InlineKeyboardButton::copy_text_button("Copy", CopyTextButton { text: "rtmp://x/live".into() })],
    ]);
    let sent = bot.send_message(chat, "<b>Hello</b> &lt;you&gt;").parse_mode(ParseMode::Html);
    let sent = sent.reply_markup(keyboard.clone()).reply_parameters(ReplyParameters::new(message.id)).await.unwrap();
    assert_eq!(sent.text(), Some("Hello <you>"));
    assert_eq!(sent.reply_to_message().unwrap().id, message.id);

    let tapped = phone.press(OLIVIA, Phone::private(OLIVIA), "开播").unwrap();
    let next = updates[0].id.as_offset();
    let updates = bot.get_updates().offset(next).timeout(5).await.unwrap();
    let UpdateKind::CallbackQuery(query) = &updates[0].kind else { panic!("{updates:?}") };
    assert_eq!(query.data.as_deref(), Some("go"));
    bot.answer_callback_query(query.id.clone()).text("Starting").show_alert(true).await.unwrap();
    let toast = phone.wait_for_toast(&tapped, SOON).await.unwrap();
    assert_eq!((toast.text.as_str(), toast.alert), ("Starting", true));

    bot.edit_message_text(chat, sent.id, "Live").await.unwrap();
    let shown = phone.message(Phone::private(OLIVIA), sent.id.0).unwrap();
    assert_eq!((shown.text(), shown.labels().len()), ("Live", 0), "an edit without buttons takes them away");
    let again = bot.edit_message_text(chat, sent.id, "Live").await.unwrap_err();
    assert!(matches!(again, teloxide::RequestError::Api(teloxide::ApiError::MessageNotModified)), "{again:?}");

    bot.delete_message(chat, message.id).await.unwrap();
    let gone = bot.delete_message(chat, message.id).await.unwrap_err();
    assert!(matches!(gone, teloxide::RequestError::Api(teloxide::ApiError::MessageToDeleteNotFound)), "{gone:?}");
    assert_eq!(phone.transcript(Phone::private(OLIVIA)), "Telecast (edited) (reply): Live\n");
    api.stop().await;
}

#[tokio::test]
async fn teloxide_reads_chats_members_and_files() {
    let (_api, phone, bot) = start().await;
    phone.add_bot(OLIVIA, WEEKEND_SHOW).unwrap();
    let group = ChatId(WEEKEND_SHOW.0);

    let updates = bot.get_updates().timeout(5).allowed_updates([AllowedUpdate::Message, AllowedUpdate::MyChatMember]);
    let updates = updates.await.unwrap();
    assert!(matches!(updates[0].kind, UpdateKind::MyChatMember(_)), "{updates:?}");

    assert_eq!(bot.get_chat(group).await.unwrap().title(), Some("周末直播 Weekend Show"));
    let admins = bot.get_chat_administrators(group).await.unwrap();
    let admins: Vec<u64> = admins.iter().map(|m| m.user.id.0).collect();
    assert_eq!(admins, [OLIVIA.0, MING.0]);
    assert!(bot.get_chat_member(group, UserId(MING.0)).await.unwrap().is_owner());

    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x08\0\0\0\x06\x08\x02\0\0\0".to_vec();
    let photo =
        bot.send_photo(group, InputFile::memory(png.clone()).file_name("qr.png")).caption("Scan me").await.unwrap();
    let sizes = photo.photo().unwrap();
    assert_eq!((sizes[0].width, sizes[0].height), (8, 6));
    let file = bot.get_file(sizes[0].file.id.clone()).await.unwrap();
    assert_eq!(usize::try_from(file.size).unwrap(), png.len());

    let mp4 = b"\0\0\0\x10ftypisom\0\0\0\0".to_vec();
    let video = || InputFile::memory(mp4.clone()).file_name("clip.mp4");
    let sent = bot.send_video(group, video()).caption("Look").duration(3).width(320).height(180).await.unwrap();
    let seen = sent.video().unwrap();
    assert_eq!((seen.width, seen.height, seen.duration.seconds(), seen.file.size), (320, 180, 3, mp4.len() as u32));
    assert_eq!(sent.caption(), Some("Look"));
    let long = "a".repeat(1_025);
    bot.send_video(group, video()).caption(long).await.expect_err("a caption is shorter than a message");
    bot.send_video(group, InputFile::memory(png)).await.expect_err("a picture is no video");
}

#[tokio::test]
async fn staged_troubles_reach_teloxide_as_the_errors_it_knows() {
    let (_api, phone, bot) = start().await;
    phone.say(OLIVIA, Phone::private(OLIVIA), "/start").unwrap();
    let chat = ChatId(Phone::private(OLIVIA).0);

    phone.inject(Fault::new(Trouble::TooMany(7)).method("sendMessage"));
    let error = bot.send_message(chat, "x").await.unwrap_err();
    assert!(matches!(error, teloxide::RequestError::RetryAfter(s) if s.seconds() == 7), "{error:?}");

    phone.inject(Fault::new(Trouble::Reset).method("sendMessage"));
    let error = bot.send_message(chat, "sent, but who knows").await.unwrap_err();
    assert!(matches!(error, teloxide::RequestError::Network(_) | teloxide::RequestError::Io(_)), "{error:?}");
    assert!(phone.transcript(Phone::private(OLIVIA)).contains("sent, but who knows"));

    phone.inject(Fault::new(Trouble::Unauthorized).method("getMe"));
    assert!(bot.get_me().await.is_err());
    assert!(bot.get_me().await.is_ok(), "a fault befalls so many requests as it says, and no more");

    phone.inject(Fault::new(Trouble::Hang(Duration::from_secs(3600))));
    let hanging = tokio::time::timeout(Duration::from_millis(100), bot.delete_message(chat, MessageId(1)).send()).await;
    assert!(hanging.is_err());
    let tapped = Tapped::Asked("none".into());
    assert!(phone.wait_for_toast(&tapped, Duration::from_millis(1)).await.is_err());
}
