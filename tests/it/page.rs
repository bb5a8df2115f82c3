//! The chat page of the demo: what is served, and that a real browser runs it.

use super::bed::browser::Browser;
use std::collections::BTreeSet;
use std::path::Path;
use telecast::demo::bot_api::{BotApi, MING, OLIVIA, Phone, Setup, WEEKEND_SHOW, World};
use teloxide::prelude::*;
use teloxide::types::{ChatId, InlineKeyboardButton, InlineKeyboardMarkup, ParseMode, Update, UpdateKind};

const FILES: [(&str, &str); 11] = [
    ("/", "text/html; charset=utf-8"),
    ("/page/style.css", "text/css"),
    ("/page/icon.svg", "image/svg+xml"),
    ("/page/app.js", "text/javascript"),
    ("/page/deeds.js", "text/javascript"),
    ("/page/dom.js", "text/javascript"),
    ("/page/message.js", "text/javascript"),
    ("/page/player.js", "text/javascript"),
    ("/page/side.js", "text/javascript"),
    ("/page/talk.js", "text/javascript"),
    ("/page/words.js", "text/javascript"),
];

async fn start() -> BotApi {
    BotApi::start(World::demo(), Setup::default()).await.unwrap()
}

fn page(name: &str) -> String {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    // The demo plays with what watch pages play with.
    let folder = source.join(if name == "player.js" { "web/watch" } else { "demo/page" });
    std::fs::read_to_string(folder.join(name)).unwrap()
}

fn scripts() -> String {
    FILES.iter().filter_map(|(path, _)| path.strip_prefix("/page/")).filter(|n| n.ends_with(".js")).map(page).collect()
}

/// What stands between each `before` and the `"` that follows.
fn quoted<'a>(text: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(before).skip(1).filter_map(|rest| rest.split('"').next())
}

#[tokio::test]
async fn each_file_comes_with_its_type_and_the_policy() {
    let api = start().await;
    for (path, kind) in FILES {
        let answer = reqwest::get(format!("{}{path}", api.url())).await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.headers()["content-type"], kind, "{path}");
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        for part in ["default-src 'none'", "script-src 'self'", "style-src 'self'"] {
            assert!(policy.contains(part) && !policy.contains("unsafe"), "{path}: {policy}");
        }
        assert!(!answer.text().await.unwrap().is_empty(), "{path}");
    }
}

#[tokio::test]
async fn a_foreign_page_gets_nothing() {
    let api = start().await;
    let foreign = reqwest::Client::new().get(api.url()).header("Origin", "https://evil.example").send().await.unwrap();
    assert_eq!(foreign.status(), 403);
}

#[test]
fn the_page_keeps_to_its_own_policy() {
    let html = page("index.html");
    for word in [" style=", "<style", " onclick", " onload", " onerror", "javascript:", "http://", "https://"] {
        assert!(!html.contains(word), "index.html holds {word:?}");
    }
    assert!(quoted(&html, "<script").all(|attributes| attributes.trim_start().starts_with("type=")));
    let scripts = scripts();
    for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"] {
        assert!(!scripts.contains(word), "a script holds {word:?}");
    }
}

#[test]
fn each_id_that_the_scripts_and_the_style_name_exists() {
    let html = page("index.html");
    let ids: BTreeSet<&str> = quoted(&html, " id=\"").collect();
    let scripts = scripts();
    let named: BTreeSet<&str> = quoted(&scripts, "at(\"").collect();
    assert!(named.len() > 20 && named.is_subset(&ids), "{:?}", named.difference(&ids));
    let referred = ["aria-controls=\"", "popovertarget=\"", "aria-labelledby=\"", "aria-describedby=\""];
    for id in referred.iter().flat_map(|before| quoted(&html, before)) {
        assert!(ids.contains(id), "{id}");
    }
}

#[test]
fn each_word_is_there_in_both_languages() {
    let words = page("words.js");
    let (en, zh) = words.split_once("const ZH").unwrap();
    let keys = |part: &str| -> BTreeSet<String> {
        let entries = part.lines().filter_map(|line| line.strip_prefix("  ")?.split_once(": "));
        entries
            .map(|(key, _)| key.to_owned())
            .filter(|key| key.bytes().all(|b| b == b'_' || b.is_ascii_lowercase()))
            .collect()
    };
    let zh = keys(zh.split_once("};").unwrap().0);
    assert_eq!(keys(en.split_once("const EN").unwrap().1), zh);
    let (html, scripts) = (page("index.html"), scripts());
    let used = ["data-say=\"", "data-label=\""].into_iter().flat_map(|before| quoted(&html, before));
    for key in used.chain(quoted(&scripts, "say(\"")) {
        assert!(zh.contains(key), "no words for {key:?}");
    }
}

#[tokio::test]
async fn the_view_says_what_happened_and_where_something_waits() {
    let api = start().await;
    let phone = api.phone();
    let bot = Bot::new(api.token()).set_api_url(api.url().parse().unwrap());
    phone.add_bot(OLIVIA, WEEKEND_SHOW).unwrap();
    phone.say(OLIVIA, Phone::private(OLIVIA), "/start").unwrap();
    let view = phone.view(OLIVIA);
    assert_eq!(view["people"][0]["newest"], serde_json::Value::Null, "{view}");
    assert_eq!(view["chats"][1]["messages"][0]["service"]["what"], "added", "{view}");
    assert_eq!(view["chats"][1]["messages"][0]["service"]["whom"][0], "Telecast", "{view}");

    let sent = bot.send_message(ChatId(Phone::private(OLIVIA).0), "Hello").await.unwrap();
    assert_eq!(phone.view(MING)["people"][0]["newest"]["id"], sent.id.0);
}

#[tokio::test]
async fn each_person_reads_the_bots_name_in_their_language() {
    let api = start().await;
    let phone = api.phone();
    let bot = Bot::new(api.token()).set_api_url(api.url().parse().unwrap());
    bot.set_my_name().name("Telecast").await.unwrap();
    bot.set_my_name().name("群播").language_code("zh").await.unwrap();
    for (person, name) in [(OLIVIA, "Telecast"), (MING, "群播")] {
        let view = phone.view(person);
        assert_eq!((&view["bot"]["name"], &view["chats"][0]["title"]), (&name.into(), &name.into()), "{view}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_shows_what_the_bot_says_as_text_and_presses_its_buttons() {
    let api = start().await;
    let phone = api.phone();
    let bot = Bot::new(api.token()).set_api_url(api.url().parse().unwrap());
    let chat = Phone::private(OLIVIA);
    phone.say(OLIVIA, chat, "/start").unwrap();
    let next = bot.get_updates().await.unwrap()[0].id.as_offset();
    let words = "<b>Hello</b> &lt;img src=x&gt; <tg-spoiler>hidden</tg-spoiler>, see /help";
    let keyboard = InlineKeyboardMarkup::new([[InlineKeyboardButton::callback("开播", "go")]]);
    let sent = bot.send_message(ChatId(chat.0), words).parse_mode(ParseMode::Html).reply_markup(keyboard);
    let sent = sent.await.unwrap();

    let url = format!("{}/#{}/{}", api.url(), OLIVIA.0, chat.0);
    let shown = tokio::task::spawn_blocking(move || {
        let mut browser = Browser::open(&url).unwrap();
        let shown = browser.wait_for("document.querySelector('.theirs .text')?.innerHTML").unwrap();
        browser.click(".key", "开播").unwrap();
        (shown.as_str().unwrap().to_owned(), browser)
    });
    let (shown, mut browser) = shown.await.unwrap();
    for part in
        ["<strong>Hello</strong> &lt;img src=x&gt; ", "class=\"spoiler hidden\"", "role=\"button\">/help</span>"]
    {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }

    let updates = bot.get_updates().offset(next).timeout(20).await.unwrap();
    let [Update { kind: UpdateKind::CallbackQuery(query), .. }] = updates.as_slice() else { panic!("{updates:?}") };
    bot.answer_callback_query(query.id.clone()).text("No platform yet").show_alert(true).await.unwrap();
    bot.edit_message_text(ChatId(chat.0), sent.id, "Edited").await.unwrap();
    tokio::task::spawn_blocking(move || {
        browser.wait_for("document.querySelector('dialog[open] p').textContent === 'No platform yet'").unwrap();
        browser.wait_for("document.querySelector('.theirs .text').textContent.startsWith('Edited')").unwrap();
        browser.click(".person", "Ming").unwrap();
        browser.wait_for("document.documentElement.lang === 'zh-Hans'").unwrap();
    })
    .await
    .unwrap();
    api.stop().await;
}
