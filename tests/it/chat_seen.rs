//! What people are told of what viewers see.

use crate::bed::pages::{Gate, Manner, StandIn};
use crate::chat_before::add;
use crate::chat_live::flows;
use crate::scene::{OLIVIAS, Scene};
use std::sync::Arc;
use telecast::demo::bot_api::OLIVIA;
use telecast::demo::encoder::Encoder;
use telecast::demo::platform::Platform;

/// One platform whose page anybody may ask, and one that answers nobody but the host's application.
const KNOWN: &str = r#"
[[platform]]
id = "looped"
name = { en = "Loop TV", zh = "轮播台" }
checked = "2026-11"
server_like = "rtmp://127.0.0.1/live"
hosts = ['^127\.0\.0\.1$']
settle_s = 1
key = { kind = "path-and-query", hint = { en = "Any.", zh = "随意" } }
viewer = { key = 'live_(?P<uid>[0-9]+)_' }
status = [{ url = "https://loop.example.com/state?id={uid}", pointer = "/state", live = [1], replay = [2], offline = [0] }]

[[platform]]
id = "gated"
name = { en = "Gate TV", zh = "门禁台" }
checked = "2026-11"
server_like = "rtmp://localhost/live"
hosts = ['^localhost$']
settle_s = 1
key = { kind = "path-and-query", hint = { en = "Any.", zh = "随意" } }
viewer = { key = 'live_(?P<uid>[0-9]+)_' }
application = { token_url = "https://id.twitch.tv/oauth2/token", headers = { Authorization = "Bearer {app_token}", Client-Id = "{app_id}" } }
status = [{ access = "application", url = "https://api.twitch.tv/helix/streams?user_login={uid}", pointer = "/data/0/type", title = "/data/0/title", live = ["live"], offline = ["off"], late_s = 45 }]
"#;

/// What the panel says once both platforms are sent to, and their pages answer so.
async fn panel_says(answer: &str, words: &[&str]) {
    let gate = Arc::<Gate>::default();
    let pages = StandIn::gated(gate.clone(), Manner::Well, None, answer.to_owned()).await.unwrap();
    let scene = Box::pin(Scene::owned_seeing(KNOWN, pages.url().parse().unwrap())).await;
    let (alpha, beta) = (Platform::alpha_tv(None).await.unwrap(), Platform::alpha_tv(None).await.unwrap());
    add(&scene, &format!("{}\n{}", alpha.server(), alpha.key()), "Loop TV").await;
    add(&scene, &format!("{}\n{}", beta.server(), beta.key()).replacen("127.0.0.1", "localhost", 1), "Gate TV").await;
    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    let encoder = Encoder::new().unwrap();
    encoder.start(scene.told(OLIVIAS));
    scene.asks(OLIVIA, OLIVIAS, "/golive", "Live for").await;
    flows(&beta, 30).await;
    for words in words {
        scene.hears(OLIVIAS, 0, words).await;
    }
    assert_eq!(gate.faults(), Vec::<String>::new());
    encoder.close().await;
    scene.asks(OLIVIA, OLIVIAS, "/stoplive now", "The show is over.").await;
    scene.end().await;
}

#[tokio::test]
async fn a_recording_is_told_as_one_and_a_show_that_an_application_sees_is_on_air_with_its_title() {
    panel_says(
        r#"{"state":2,"data":[{"type":"live","title":"周五夜"}]}"#,
        &["Loop TV · sending, but its page plays a recording", "Gate TV · on air, viewers can see it", "“周五夜”"],
    )
    .await;
}

#[tokio::test]
async fn what_is_not_seen_yet_is_told_with_the_time_that_it_takes_there() {
    panel_says(
        r#"{"state":0,"data":[{"type":"off"}]}"#,
        &[
            "Loop TV · sending, not visible yet, that may take a minute or two",
            "Gate TV · sending, not visible yet, usually takes up to 45 s",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_link_that_is_looked_up_comes_back_to_no_target_that_it_was_taken_from() {
    let own = "viewer = { key = 'live_(?P<uid>[0-9]+)_' }\nstatus = [{ url = \"https://loop";
    let told = r#"viewer = { key = 'live_(?P<uid>[0-9]+)_', link = "https://loop.example.com/{room}" }
lookups = [{ from = "uid", to = "room", url = "https://loop.example.com/room?id={uid}", pointer = "/room" }]
status = [{ url = "https://loop"#;
    let pages = StandIn::start(Manner::Well, None, r#"{"room":77,"state":1}"#.to_owned()).await.unwrap();
    let known = KNOWN.replacen(own, told, 1);
    let scene = Box::pin(Scene::owned_seeing(&known, pages.url().parse().unwrap())).await;
    let (alpha, beta) = (Platform::alpha_tv(None).await.unwrap(), Platform::alpha_tv(None).await.unwrap());
    add(&scene, &format!("{}\n{}", alpha.server(), alpha.key()), "Loop TV").await;
    let asks_for_link = async || {
        scene.asks(OLIVIA, OLIVIAS, "/targets", "Platforms").await;
        scene.taps_for(OLIVIA, OLIVIAS, "Loop TV", "on: part of the next show").await;
        scene.taps_for(OLIVIA, OLIVIAS, "Watch link", "Where do people watch Loop TV?").await;
    };
    asks_for_link().await;
    scene.asks(OLIVIA, OLIVIAS, "https://example.invalid/mine", "People watch Loop TV here:").await;
    asks_for_link().await;
    scene.taps_for(OLIVIA, OLIVIAS, "Remove the link", "has no watch link any more.").await;
    add(&scene, &format!("{}\n{}", beta.server(), beta.key()), "Loop TV 2").await;
    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    let encoder = Encoder::new().unwrap();
    encoder.start(scene.told(OLIVIAS));
    scene.asks(OLIVIA, OLIVIAS, "/golive", "Live for").await;
    for name in ["Loop TV", "Loop TV 2"] {
        scene.hears(OLIVIAS, 0, &format!("{name} · on air, viewers can see it")).await;
    }
    let links = scene.asks(OLIVIA, OLIVIAS, "/links", "Watch here:").await;
    let lines: Vec<_> = links.text().lines().filter(|line| line.contains("loop.example.com")).collect();
    assert_eq!(lines, ["Loop TV 2: https://loop.example.com/77"], "{}", links.text());
    encoder.close().await;
    scene.asks(OLIVIA, OLIVIAS, "/stoplive now", "The show is over.").await;
    scene.end().await;
}
