//! /watch: a page of the studio's own, on which people see its shows.

use crate::bed::browser::Browser;
use crate::bed::encoder::ffmpeg_9;
use crate::bed::line::Line;
use crate::bed::proc::Proc;
use crate::bed::{film, scratch};
use crate::chat_admin::kbps;
use crate::chat_live::{add, flows};
use crate::chat_look::filmed;
use crate::scene::{MINGS, OLIVIAS, OTHER_KEY, OTHER_SERVER, SOON, Scene};
use std::path::Path;
use std::process::Command;
use telecast::demo::bot_api::{Action, MING, Message, OLIVIA, SAM, WEEKEND_SHOW};
use telecast::demo::encoder::Encoder;

/// The page that a message links to, as it is reached here.
fn page(scene: &Scene, message: &Message) -> String {
    let copied = message.keyboard.iter().flatten().find_map(|button| match &button.action {
        Action::Copy(link) => Some(link.clone()),
        _ => None,
    });
    let link = copied.unwrap_or_else(|| panic!("{message:?}"));
    assert!(message.text().contains(&link), "{}", message.text());
    let path = link.strip_prefix("https://live.example.com/telecast").unwrap();
    assert!(path.strip_prefix("/w/").is_some_and(|key| key.len() == 26), "{path}");
    format!("http://{}{path}", scene.app.as_ref().unwrap().web_addr().unwrap())
}

async fn status(url: &str) -> u16 {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    client.get(url).send().await.unwrap().status().as_u16()
}

async fn line(page: &str) -> Line {
    Line::open(&format!("{page}/live")).await.unwrap().unwrap_or_else(|status| panic!("{status}"))
}

async fn opened(scene: &Scene) -> String {
    scene.asks(OLIVIA, OLIVIAS, "/watch", "Let people watch the shows on a page of your own?").await;
    let message = scene.taps_for(OLIVIA, OLIVIAS, "Turn the page on", "People can watch here:").await;
    page(scene, &message)
}

#[tokio::test]
async fn a_show_without_any_platform_is_seen_on_its_own_page_from_golive_to_stoplive() {
    let (scene, dir) = (Scene::owned_with_web().await, scratch().unwrap());
    scene.asks(OLIVIA, OLIVIAS, "/golive", "There is no platform to go live on yet.").await;
    let page = opened(&scene).await;
    let encoder = filmed(&scene).await;
    let mut early = line(&page).await;
    // What comes in before the show is nobody's business.
    assert_eq!(early.air("before").await.unwrap()["watching"], 1);
    scene.asks(OLIVIA, OLIVIAS, "/golive", "on your watch page").await;
    early.air("live").await.unwrap();
    assert_eq!(early.next('f').await.unwrap(), b"video/mp4; codecs=\"avc1.4d401e,mp4a.40.2\"");
    let mut late = line(&page).await;
    assert_eq!(late.air("live").await.unwrap()["watching"], 2);
    for line in [&mut early, &mut late] {
        let mut bytes = Vec::new();
        for _ in 0..12 {
            bytes.extend(line.next('d').await.unwrap());
        }
        let clip = dir.path().join("watched.mp4");
        std::fs::write(&clip, bytes).unwrap();
        assert_eq!(film::complaints(&clip).unwrap(), "");
        assert!(film::begins_with_keyframe(&clip).unwrap());
        assert_eq!(film::streams(&clip, "codec_type").unwrap().len(), 2);
    }
    scene.asks(OLIVIA, OLIVIAS, "/status", "👀 2 on your watch page").await;
    drop(late);
    scene.until("one is gone", |phone| phone.transcript(OLIVIAS).contains("👀 1 on your watch page")).await;
    scene.asks(OLIVIA, OLIVIAS, "/links", "In the browser: https://live.example.com/telecast/w/").await;
    // Its encoder drops out and comes back.
    encoder.stop();
    early.air("held").await.unwrap();
    encoder.start(scene.told(OLIVIAS));
    early.air("live").await.unwrap();
    scene.asks(OLIVIA, OLIVIAS, "/stoplive", "End the show after").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Stop now", "The show is over. It was live for").await;
    early.air("over").await.unwrap();
    encoder.close().await;
    scene.end().await;
}

/// A picture of this size at `url`, with a tone.
fn publish(size: &str, url: &str, dir: &Path) -> Proc {
    let picture = format!("testsrc2=s={size}:r=25");
    let mut command = Command::new(ffmpeg_9().unwrap());
    command.args([
        "-nostdin",
        "-v",
        "error",
        "-re",
        "-f",
        "lavfi",
        "-i",
        &picture,
        "-f",
        "lavfi",
        "-i",
        "sine=r=44100",
    ]);
    command.args("-c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p -g 25 -c:a aac -f flv".split(' '));
    Proc::start(size, command.arg(url), dir).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_plays_the_page_with_sound_after_a_tap_and_goes_on_where_another_picture_takes_over() {
    let (scene, dir) = (Scene::owned_with_web().await, scratch().unwrap());
    let page = opened(&scene).await;
    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    let point = scene.told(OLIVIAS);
    let url = format!("{}/{}", point.server.tc_url(), point.key.expose());
    let browser = tokio::task::spawn_blocking(move || {
        let mut browser = Browser::open(&page).unwrap();
        browser.wait_for("document.getElementById('said').textContent.startsWith('Not live yet')").unwrap();
        browser
    });
    let mut browser = browser.await.unwrap();
    let first = publish("320x180", &url, dir.path());
    scene.hears(OLIVIAS, 0, "Your picture is here").await;
    scene.asks(OLIVIA, OLIVIAS, "/golive", "on your watch page").await;
    let browser = tokio::task::spawn_blocking(move || {
        browser.wait_for("video.videoWidth === 320 && video.currentTime > 1 && video.muted").unwrap();
        browser.click("#sound", "Tap for sound").unwrap();
        browser.wait_for("!video.muted && !video.paused && sound.textContent.includes('Sound off')").unwrap();
        browser
    });
    let mut browser = browser.await.unwrap();
    let _second = publish("640x360", &url, dir.path());
    let browser = tokio::task::spawn_blocking(move || {
        browser.wait_for("video.videoWidth === 640 && video.currentTime > 1 && !video.paused").unwrap();
        browser
    });
    let mut browser = browser.await.unwrap();
    drop(first);
    scene.asks(OLIVIA, OLIVIAS, "/stoplive now", "The show is over.").await;
    let over = "!said.hidden && said.textContent === 'The show is over.' && count.textContent.trim() === '1'";
    tokio::task::spawn_blocking(move || browser.wait_for(over).map(drop)).await.unwrap().unwrap();
    scene.end().await;
}

#[tokio::test]
async fn a_link_that_is_replaced_or_switched_off_leads_nowhere_at_once_and_one_that_is_kept_survives_a_restart() {
    let mut scene = Scene::owned_with_web().await;
    let old = opened(&scene).await;
    assert_eq!(status(&old).await, 200);
    let mut watching = line(&old).await;
    watching.air("before").await.unwrap();
    scene.taps_for(OLIVIA, OLIVIAS, "New link", "Make a new link?").await;
    let message = scene.taps_for(OLIVIA, OLIVIAS, "Make a new link", "Here is the new link.").await;
    let new = page(&scene, &message);
    ends(&mut watching).await;
    assert_eq!((status(&old).await, status(&format!("{old}/live")).await, status(&new).await), (404, 404, 200));

    scene.stop().await;
    scene.start().await;
    let message = scene.asks(OLIVIA, OLIVIAS, "/watch", "People can watch here:").await;
    let again = page(&scene, &message);
    assert_eq!(again.rsplit('/').next(), new.rsplit('/').next());
    let mut watching = line(&again).await;
    scene.taps_for(OLIVIA, OLIVIAS, "Turn it off", "The watch page is off.").await;
    ends(&mut watching).await;
    assert_eq!((status(&again).await, status(&format!("{again}/live")).await), (404, 404));
    let message = scene.taps_for(OLIVIA, OLIVIAS, "Turn the page on", "People can watch here:").await;
    assert_eq!(page(&scene, &message), again);
    // A stop of the process waits for nobody who watches.
    let watching = line(&again).await;
    let began = std::time::Instant::now();
    scene.stop().await;
    assert!(began.elapsed() < std::time::Duration::from_secs(1), "{:?}", began.elapsed());
    drop(watching);
    scene.start().await;
    scene.end().await;
}

#[tokio::test]
async fn the_page_tells_nobody_its_address_loads_nothing_of_others_and_speaks_the_visitors_language() {
    let scene = Scene::owned_with_web().await;
    let page = opened(&scene).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let root = page.split("/w/").next().unwrap().to_owned();
    for (url, kind) in [
        (page.clone(), "text/html; charset=utf-8"),
        (format!("{root}/w/page.js"), "text/javascript"),
        (format!("{root}/w/player.js"), "text/javascript"),
        (format!("{root}/w/style.css"), "text/css"),
        (format!("{page}/live"), "application/octet-stream"),
    ] {
        let answer = client.get(&url).header("Accept-Language", "zh-CN").send().await.unwrap();
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!((answer.status().as_u16(), header("content-type")), (200, kind.to_owned()), "{url}");
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert!(!policy.contains("http") && !policy.contains('*'), "{policy}");
        assert_eq!((header("referrer-policy"), header("cache-control")), ("no-referrer".into(), "no-store".into()));
        if kind != "application/octet-stream" {
            let text = answer.text().await.unwrap();
            assert!(!text.contains("http://") && !text.contains("https://"), "{url}");
            assert!(kind != "text/html; charset=utf-8" || text.contains("lang=\"zh-CN\"") && text.contains("Olivia"));
            for word in [" style=", "<style", " onclick", "innerHTML", "eval(", "document.write"] {
                assert!(!text.contains(word), "{url} holds {word}");
            }
        }
    }
    let other = client.get(format!("{root}/w/abcdefghjkmnpqrstuvwxyz023")).send().await.unwrap();
    assert_eq!(other.status(), 404);
    assert!(other.text().await.unwrap().contains("does not lead anywhere"));
    scene.end().await;
}

#[tokio::test]
async fn fifty_watch_and_twenty_of_one_address_and_the_next_waits_until_somebody_leaves() {
    let scene = Scene::owned_with_web().await;
    let page = opened(&scene).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let come =
        async |from: &str| client.get(format!("{page}/live")).header("X-Forwarded-For", from).send().await.unwrap();
    let mut inside = Vec::new();
    for _ in 0..20 {
        inside.push(come("192.0.2.1").await);
    }
    assert_eq!(come("192.0.2.1").await.status(), 503);
    for number in 0..30 {
        inside.push(come(&format!("198.51.100.{number}")).await);
    }
    assert!(inside.iter().all(|answer| answer.status() == 200));
    assert_eq!(come("203.0.113.1").await.status(), 503);
    scene.asks(OLIVIA, OLIVIAS, "/watch", "👀 50 people are watching.").await;
    inside.clear();
    // The server learns of it when it next writes.
    for _ in 0..200 {
        if come("203.0.113.1").await.status() == 200 {
            return scene.end().await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("places are not given back");
}

/// As many as there is room for.
async fn filled(page: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    while let Ok(line) = Line::open(&format!("{page}/live")).await.unwrap() {
        lines.push(line);
    }
    lines
}

/// Whoever watches is sent away.
async fn ends(line: &mut Line) {
    let end = async { while line.part().await.unwrap().is_some() {} };
    tokio::time::timeout(SOON, end).await.expect("it goes on");
}

/// What the stand-in's encoder sends goes out five times within 1 Mbit/s.
#[tokio::test]
async fn who_watches_keeps_no_show_from_beginning_and_takes_no_line_from_a_platform() {
    let mut scene = Scene::owned_with_web().await;
    scene
        .restarts_with(async |store| {
            let studio = store.studio_of(OLIVIAS).unwrap().id;
            store.update_studio(studio, |studio| studio.quota.mbps = Some(1)).await.unwrap();
        })
        .await;
    let page = opened(&scene).await;
    // They come before there is anything to count by.
    let mut early = Vec::new();
    for _ in 0..20 {
        early.push(line(&page).await);
    }
    let alpha = add(&scene, OLIVIA, OLIVIAS, "Save").await;
    scene.hears(OLIVIAS, 0, "is saved.").await;
    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    let encoder = Encoder::new().unwrap();
    encoder.start(scene.told(OLIVIAS));
    scene.hears(OLIVIAS, 0, "Your picture is here").await;
    scene.asks(OLIVIA, OLIVIAS, "/status", "📷").await;
    scene.until("the rate", |_| kbps(&scene, OLIVIAS) > 170).await;
    scene.asks(OLIVIA, OLIVIAS, "/golive", "Live for").await;
    for line in &mut early {
        ends(line).await;
    }
    let mut late = filled(&page).await;
    assert!((2..=4).contains(&late.len()), "{} beside a platform", late.len());
    // They stay: each was judged by the rate.
    for line in &mut late {
        for _ in 0..8 {
            line.next('d').await.unwrap();
        }
    }
    flows(&alpha, 30).await;
    // Until another platform joins. What was let in at a higher rate may leave room by now.
    late.extend(filled(&page).await);
    scene.phone.say(OLIVIA, OLIVIAS, &format!("{OTHER_SERVER} {OTHER_KEY}")).unwrap();
    scene.taps_for(OLIVIA, OLIVIAS, "Save", "push.example.invalid is saved").await;
    for line in &mut late {
        ends(line).await;
    }
    encoder.close().await;
    scene.end().await;
}

#[tokio::test]
async fn in_a_group_the_page_is_an_operators_and_without_an_address_the_bot_says_what_its_host_must_do() {
    let scene = Scene::with_group().await;
    scene.asks(SAM, WEEKEND_SHOW, "/watch", "Only admins of this group can do that.").await;
    scene.asks(MING, WEEKEND_SHOW, "/watch", "This server has no address for a watch page.").await;
    scene.asks(OLIVIA, OLIVIAS, "观看页", "sets TELECAST_PUBLIC_URL").await;
    scene.end().await;
}

#[tokio::test]
async fn a_groups_audience_is_told_of_its_page_while_there_is_something_to_see() {
    let scene = Scene::owned_with_web().await;
    scene.phone.add_bot(OLIVIA, WEEKEND_SHOW).unwrap();
    scene.hears(WEEKEND_SHOW, 0, "I put this group’s live stream on many platforms").await;
    scene.asks(MING, WEEKEND_SHOW, "/watch", "Let people watch the shows on a page of your own?").await;
    scene.taps_for(MING, WEEKEND_SHOW, "Turn the page on", "People can watch here:").await;
    scene.hears(WEEKEND_SHOW, 0, "turned the watch page on").await;
    scene.asks(MING, WEEKEND_SHOW, "/announce", "No shows are announced here yet.").await;
    scene.taps_for(MING, WEEKEND_SHOW, "Announce", "Here I announce the shows of").await;
    scene.asks(MING, WEEKEND_SHOW, "/ingest", "give you server and key in private").await;
    let opened = scene.goes_private(MING, WEEKEND_SHOW).await;
    scene.hears(MINGS, opened, "推流").await;
    let encoder = Encoder::new().unwrap();
    encoder.start(scene.told(MINGS));
    scene.hears(MINGS, 0, "收到画面了").await;
    scene.asks(MING, WEEKEND_SHOW, "/golive", "on your watch page").await;
    let told = scene.hears(WEEKEND_SHOW, 0, "is live. Watch here:").await;
    assert!(told.text().contains("In the browser: https://live.example.com/telecast/w/"), "{}", told.text());
    scene.asks(MING, WEEKEND_SHOW, "/stoplive now", "The show is over.").await;
    scene.until("the audience is told", |phone| !phone.transcript(WEEKEND_SHOW).contains("is live. Watch here:")).await;
    let told = scene.phone.message(WEEKEND_SHOW, told.id).unwrap();
    assert!(told.text().contains("was live for") && !told.text().contains("https://"), "{}", told.text());
    encoder.close().await;
    scene.end().await;
}
