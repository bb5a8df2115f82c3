//! Everything that the stand-in can say, said once, into a journal that an independent model of the Bot API then reads:
//! aiogram's, by `tests/oracle/check`. What is not in the journal is not checked, so that is looked at too.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use telecast::demo::bot_api::{
    BotApi, ChatKind, Fault, Limits, MING, OLIVIA, Phone, Rights, Role, SAM, Setup, Tapped, Trouble, WEEKEND_SHOW,
    World,
};
use telecast::domain::id::ChatId;

const BASIC: ChatId = ChatId(-4_000_001);
const CHANNEL: ChatId = ChatId(-1_002_000_000_777);
const TOPIC: i32 = 700_000;
const MP4: &[u8] = b"\0\0\0\x10ftypisom\0\0\0\0";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x08\0\0\0\x06\x08\x02\0\0\0";

/// A bot that knows no library.
struct Bot {
    api: BotApi,
    client: reqwest::Client,
    offset: i64,
}

impl Bot {
    async fn call(&self, method: &str, params: Value) -> Value {
        let url = format!("{}/bot{}/{method}", self.api.url(), self.api.token());
        self.client.post(url).json(&params).send().await.unwrap().json().await.unwrap()
    }

    async fn ok(&self, method: &str, params: Value) -> Value {
        let answer = self.call(method, params.clone()).await;
        assert_eq!(answer["ok"], true, "{method} {params}: {answer}");
        answer["result"].clone()
    }

    async fn no(&self, method: &str, params: Value, words: &str) -> Value {
        let answer = self.call(method, params.clone()).await;
        assert!(answer["description"].as_str().is_some_and(|said| said.contains(words)), "{method} {params}: {answer}");
        answer
    }

    async fn updates(&mut self) -> Vec<Value> {
        let kinds = ["message", "edited_message", "channel_post", "edited_channel_post", "callback_query"];
        let kinds = [&kinds[..], &["my_chat_member", "chat_member"]].concat();
        let asked = json!({"offset": self.offset, "timeout": 0, "allowed_updates": kinds});
        let updates = self.ok("getUpdates", asked).await.as_array().unwrap().clone();
        if let Some(last) = updates.last() {
            self.offset = last["update_id"].as_i64().unwrap() + 1;
        }
        updates
    }

    async fn upload(&self, method: &str, field: &str, chat: ChatId, media: Option<&str>) -> Value {
        let url = format!("{}/bot{}/{method}", self.api.url(), self.api.token());
        let (bytes, name) = if field == "video" { (MP4, "clip.mp4") } else { (PNG, "qr.png") };
        let file = reqwest::multipart::Part::bytes(bytes.to_vec()).file_name(name);
        let mut form = reqwest::multipart::Form::new().text("chat_id", chat.0.to_string());
        form = match media {
            Some(message) => {
                let media = json!({"type": field, "media": "attach://new", "caption": "the *next*"});
                form.text("message_id", message.to_owned()).text("media", media.to_string()).part("new", file)
            }
            None => form.text("caption", "<b>Scan</b> me").text("parse_mode", "HTML").part(field.to_owned(), file),
        };
        let answer: Value = self.client.post(url).multipart(form).send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["ok"], true, "{method}: {answer}");
        answer["result"].clone()
    }
}

#[tokio::test]
async fn whatever_the_stand_in_says_is_as_an_independent_model_has_it() {
    let mut world = World::demo();
    world.add_topic(WEEKEND_SHOW, TOPIC).reads_all_group_messages();
    world.add_group(BASIC, ChatKind::Group, "Basic", &[(OLIVIA, Role::Creator), (SAM, Role::Member)]);
    world.add_group(CHANNEL, ChatKind::Channel, "News", &[(OLIVIA, Role::Creator), (SAM, Role::Member)]);
    world.set_limits(Limits::NONE);
    let journal = journal();
    let api = BotApi::start(world, Setup { journal: Some(journal.clone()), ..Setup::default() }).await.unwrap();
    let phone = api.phone();
    let mut bot = Bot { api, client: reqwest::Client::builder().no_proxy().build().unwrap(), offset: 0 };
    bot.updates().await;
    speak(&bot, &phone).await;
    group(&bot, &phone).await;
    channel_and_migration(&bot, &phone).await;
    profile(&bot).await;
    troubles(&mut bot, &phone).await;

    let lines: Vec<Value> =
        std::fs::read_to_string(&journal).unwrap().lines().map(|line| line.parse().unwrap()).collect();
    let mut seen = BTreeSet::new();
    lines.iter().for_each(|line| fields(line, &mut seen));
    for field in [
        "message_thread_id",
        "is_topic_message",
        "is_forum",
        "migrate_to_chat_id",
        "migrate_from_chat_id",
        "sender_chat",
        "my_chat_member",
        "chat_member",
        "channel_post",
        "edited_channel_post",
        "edited_message",
        "callback_query",
        "forward_origin",
        "reply_to_message",
        "pinned_message",
        "new_chat_members",
        "left_chat_member",
        "photo",
        "media_group_id",
        "video",
        "document",
        "entities",
        "caption_entities",
        "copy_text",
        "retry_after",
        "has_protected_content",
        "is_anonymous",
        "until_date",
        "can_post_messages",
        "link_preview_options",
        "permissions",
        "file_path",
    ] {
        assert!(seen.contains(field), "nothing in the journal has {field}");
    }
    let asked: BTreeSet<_> = lines.iter().filter_map(|line| line["request"].as_str()).collect();
    assert_eq!(asked.len(), served().len(), "asked for {asked:?} of {:?}", served());
    judge(&journal);
    bot.api.stop().await;
}

/// In private: every way to say something, to change it, to take it back.
async fn speak(bot: &Bot, phone: &Phone) {
    let chat = Phone::private(OLIVIA);
    let asked = phone.say(OLIVIA, chat, "/start <b> https://a.example @x #y").unwrap();
    bot.ok("getMe", json!({})).await;
    let keys = json!({"inline_keyboard": [[{"text": "Go", "callback_data": "go", "style": "success"},
        {"text": "Page", "url": "https://a.example/"}], [{"text": "Copy", "copy_text": {"text": "rtmp://x"}}]]});
    let text = "<b>a</b> <i>b</i> <u>c</u> <s>d</s> <tg-spoiler>e</tg-spoiler> <code>f</code> <pre>g</pre> \
                <a href=\"https://a.example/\">h</a> <blockquote>i</blockquote>";
    let sent = bot
        .ok(
            "sendMessage",
            json!({"chat_id": chat.0, "text": text, "parse_mode": "HTML", "reply_markup": keys,
            "link_preview_options": {"is_disabled": true}, "protect_content": true, "disable_notification": true,
            "reply_parameters": {"message_id": asked, "allow_sending_without_reply": true}}),
        )
        .await;
    let number = sent["message_id"].as_i64().unwrap();
    for markup in [
        json!({"keyboard": [[{"text": "a"}]], "resize_keyboard": true}),
        json!({"remove_keyboard": true}),
        json!({"force_reply": true, "selective": true}),
    ] {
        bot.ok("sendMessage", json!({"chat_id": chat.0, "text": "x", "reply_markup": markup})).await;
    }
    let Tapped::Asked(query) = phone.press(OLIVIA, chat, "Go").unwrap() else { panic!("no query") };
    bot.ok("answerCallbackQuery", json!({"callback_query_id": query, "text": "yes", "show_alert": true})).await;
    let answered = json!({"callback_query_id": query});
    bot.no("answerCallbackQuery", answered, "query is too old").await;
    bot.ok("editMessageText", json!({"chat_id": chat.0, "message_id": number, "text": "new"})).await;
    let same = json!({"chat_id": chat.0, "message_id": number, "text": "new"});
    bot.no("editMessageText", same, "message is not modified").await;
    let markup = json!({"chat_id": chat.0, "message_id": number, "reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "x"}]]}});
    bot.ok("editMessageReplyMarkup", markup).await;
    let reaction = json!({"chat_id": chat.0, "message_id": asked, "reaction": [{"type": "emoji", "emoji": "👀"}]});
    bot.ok("setMessageReaction", reaction).await;
    bot.ok("sendChatAction", json!({"chat_id": chat.0, "action": "typing"})).await;
    let photo = bot.upload("sendPhoto", "photo", chat, None).await;
    let file = photo["photo"][0]["file_id"].clone();
    bot.ok("getFile", json!({"file_id": &file})).await;
    let number = photo["message_id"].as_i64().unwrap().to_string();
    bot.upload("editMessageMedia", "document", chat, Some(&number)).await;
    let again = json!({"type": "photo", "media": file});
    let two = json!([{"type": "photo", "media": file, "caption": "<b>two</b>", "parse_mode": "HTML"}, again]);
    let album = bot.ok("sendMediaGroup", json!({"chat_id": chat.0, "media": two})).await;
    assert!(album[0]["media_group_id"].is_string() && album[0]["media_group_id"] == album[1]["media_group_id"]);
    bot.no("sendMediaGroup", json!({"chat_id": chat.0, "media": [again]}), "albums of 2 to 10").await;
    let video = bot.upload("sendVideo", "video", chat, None).await;
    let copied =
        json!({"chat_id": chat.0, "from_chat_id": chat.0, "message_id": video["message_id"], "caption": "once more"});
    bot.ok("copyMessage", copied).await;
    let nothing = json!({"chat_id": chat.0, "from_chat_id": chat.0, "message_id": 999_999});
    bot.no("copyMessage", nothing, "message to copy not found").await;
    bot.upload("sendDocument", "document", chat, None).await;
    phone.edit(chat, asked, "another").unwrap();
    phone.forward(OLIVIA, chat, SAM, "elsewhere").unwrap();
    bot.ok("deleteMessage", json!({"chat_id": chat.0, "message_id": asked})).await;
    phone.forge_tap(OLIVIA, chat, asked, "gone").unwrap();
    let last = bot.ok("sendMessage", json!({"chat_id": chat.0, "text": "last"})).await["message_id"].clone();
    bot.ok("deleteMessages", json!({"chat_id": chat.0, "message_ids": [last]})).await;
    bot.ok("getChat", json!({"chat_id": chat.0})).await;
    phone.block(OLIVIA, true);
    bot.no("sendMessage", json!({"chat_id": chat.0, "text": "x"}), "bot was blocked by the user").await;
    phone.block(OLIVIA, false);
    bot.no("sendMessage", json!({"chat_id": Phone::private(SAM).0, "text": "x"}), "can't initiate").await;
}

/// In a group with topics: people come, go, hide, become something else.
async fn group(bot: &Bot, phone: &Phone) {
    phone.add_bot(OLIVIA, WEEKEND_SHOW).unwrap();
    phone.set_bot_role(MING, WEEKEND_SHOW, Role::Admin(Rights::ALL));
    phone.say(SAM, WEEKEND_SHOW, "hello").unwrap();
    phone.say_in(SAM, WEEKEND_SHOW, TOPIC, "/status", false).unwrap();
    phone.set_anonymous(WEEKEND_SHOW, MING, true);
    let hidden = phone.say_in(MING, WEEKEND_SHOW, TOPIC, "/status", true).unwrap();
    phone.say_anonymously(MING, WEEKEND_SHOW, "/status").unwrap();
    phone.reply(SAM, WEEKEND_SHOW, hidden, "yes").unwrap();
    let chat = WEEKEND_SHOW.0;
    let sent =
        bot.ok("sendMessage", json!({"chat_id": chat, "text": "in the topic", "message_thread_id": TOPIC})).await;
    let number = sent["message_id"].clone();
    bot.ok("pinChatMessage", json!({"chat_id": chat, "message_id": number, "disable_notification": true})).await;
    bot.ok("getChat", json!({"chat_id": chat})).await;
    bot.ok("unpinChatMessage", json!({"chat_id": chat, "message_id": number})).await;
    bot.ok("getChatAdministrators", json!({"chat_id": chat})).await;
    for role in [Role::Admin(Rights::default()), Role::Member, Role::Left, Role::Member, Role::Kicked] {
        let by = if role == Role::Left { SAM } else { MING };
        phone.set_role(by, WEEKEND_SHOW, SAM, role);
        bot.ok("getChatMember", json!({"chat_id": chat, "user_id": SAM.0})).await;
    }
    bot.ok("getChatMember", json!({"chat_id": chat, "user_id": MING.0})).await;
    phone.delete_topic(WEEKEND_SHOW, TOPIC);
    let gone = json!({"chat_id": chat, "text": "x", "message_thread_id": TOPIC});
    bot.no("sendMessage", gone, "message thread not found").await;
    bot.ok("leaveChat", json!({"chat_id": chat})).await;
    phone.set_bot_role(MING, WEEKEND_SHOW, Role::Kicked);
    bot.no("sendMessage", json!({"chat_id": chat, "text": "x"}), "bot was kicked").await;
}

async fn channel_and_migration(bot: &Bot, phone: &Phone) {
    phone.add_bot(OLIVIA, CHANNEL).unwrap();
    let post = phone.say(OLIVIA, CHANNEL, "tonight at eight").unwrap();
    phone.edit(CHANNEL, post, "tonight at nine").unwrap();
    assert!(phone.say(SAM, CHANNEL, "hello").is_err(), "readers read");
    let sent = bot.ok("sendMessage", json!({"chat_id": CHANNEL.0, "text": "we are live"})).await;
    let number = sent["message_id"].clone();
    bot.ok("editMessageText", json!({"chat_id": CHANNEL.0, "message_id": number, "text": "it is over"})).await;
    bot.ok("getChat", json!({"chat_id": CHANNEL.0})).await;
    bot.ok("getChatAdministrators", json!({"chat_id": CHANNEL.0})).await;
    phone.set_bot_role(OLIVIA, CHANNEL, Role::Member);
    bot.no("sendMessage", json!({"chat_id": CHANNEL.0, "text": "x"}), "need administrator rights").await;

    phone.add_bot(OLIVIA, BASIC).unwrap();
    bot.ok("sendMessage", json!({"chat_id": BASIC.0, "text": "still basic"})).await;
    let new = phone.migrate(BASIC).unwrap();
    let refused = bot.no("sendMessage", json!({"chat_id": BASIC.0, "text": "x"}), "upgraded to a supergroup").await;
    assert_eq!(refused["parameters"]["migrate_to_chat_id"], new.0);
    bot.ok("sendMessage", json!({"chat_id": new.0, "text": "here now"})).await;
}

async fn profile(bot: &Bot) {
    let commands = json!([{"command": "status", "description": "How it is"}]);
    for scope in ["default", "all_private_chats", "all_group_chats", "all_chat_administrators"] {
        let place = json!({"scope": {"type": scope}, "language_code": "zh"});
        bot.ok("setMyCommands", json!({"commands": commands, "scope": {"type": scope}, "language_code": "zh"})).await;
        assert_eq!(bot.ok("getMyCommands", place.clone()).await, commands);
        bot.ok("deleteMyCommands", place).await;
    }
    for (name, field) in [("Name", "name"), ("Description", "description"), ("ShortDescription", "short_description")] {
        bot.ok(&format!("setMy{name}"), json!({field: "Telecast", "language_code": "zh"})).await;
        let set = bot.ok(&format!("getMy{name}"), json!({"language_code": "zh"})).await;
        assert_eq!(set, json!({field: "Telecast"}));
    }
    bot.ok("setChatMenuButton", json!({"menu_button": {"type": "commands"}})).await;
    bot.ok("getChatMenuButton", json!({})).await;
    bot.ok("getWebhookInfo", json!({})).await;
    bot.ok("deleteWebhook", json!({"drop_pending_updates": false})).await;
}

async fn troubles(bot: &mut Bot, phone: &Phone) {
    for (trouble, words) in [
        (Trouble::TooMany(7), "retry after 7"),
        (Trouble::Internal, "Internal Server Error"),
        (Trouble::Conflict, "terminated by other getUpdates request"),
        (Trouble::Unauthorized, "Unauthorized"),
    ] {
        phone.inject(Fault::new(trouble));
        bot.no("getMe", json!({}), words).await;
    }
    let me = format!("{}/bot{}/getMe", bot.api.url(), bot.api.token());
    phone.inject(Fault::new(Trouble::BadGateway));
    let page = bot.client.get(&me).send().await.unwrap();
    assert_eq!(page.status(), 502);
    assert!(page.text().await.unwrap().starts_with("<html>"));
    phone.inject(Fault::new(Trouble::Reset));
    assert!(bot.client.get(&me).send().await.unwrap().text().await.is_err(), "it breaks off in the body");
    phone.inject(Fault::new(Trouble::Hang(Duration::MAX)));
    let hangs = bot.client.get(&me).timeout(Duration::from_millis(100)).send().await;
    assert!(hangs.unwrap_err().is_timeout());
    while !bot.updates().await.is_empty() {}
    let held = format!("getUpdates?timeout=50&offset={}", bot.offset);
    let held = bot.client.get(me.replace("getMe", &held)).send();
    let cut = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        phone.set_reachable(false);
    };
    let (held, ()) = tokio::join!(held, cut);
    assert!(held.is_err(), "who is connected is cut off");
    for _ in 0..3 {
        let refused = reqwest::get(&me).await;
        assert!(refused.unwrap_err().is_connect(), "and nobody else is let in");
        phone.set_reachable(true);
        assert!(reqwest::get(&me).await.is_ok());
        phone.set_reachable(false);
    }
    assert!(bot.client.get(&me).send().await.is_err());
    phone.set_reachable(true);
    bot.ok("getMe", json!({})).await;
}

/// The names of all fields, however deep.
fn fields(value: &Value, seen: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(name, value)| {
            seen.insert(name.clone());
            fields(value, seen);
        }),
        Value::Array(values) => values.iter().for_each(|value| fields(value, seen)),
        _ => {}
    }
}

/// The methods that the stand-in serves, as its source has them.
fn served() -> Vec<String> {
    let source = include_str!("../../src/demo/bot_api/methods/mod.rs");
    let arms = source.lines().filter_map(|line| line.trim().strip_prefix('"')?.split_once("\" => "));
    let mut served: Vec<_> = arms.map(|(name, _)| name.to_owned()).collect();
    served.push("getupdates".into());
    served
}

fn judge(journal: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("venv").join("bin/python");
    let judged = Command::new(python).arg(root.join("tests/oracle/check")).arg(journal).output().unwrap();
    let said = [judged.stdout, judged.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    assert!(judged.status.success(), "{said}");
}

fn journal() -> PathBuf {
    let dir = std::env::var_os("TELECAST_JOURNALS").map(PathBuf::from);
    let dir = dir.unwrap_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("journals"));
    std::fs::create_dir_all(&dir).unwrap();
    let path = dir.join("bot_api_whole.jsonl");
    let _ = std::fs::remove_file(&path);
    path
}
