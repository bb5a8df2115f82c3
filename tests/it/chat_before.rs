//! What people are told before a show, or in its place: the stream against the platforms' limits, codecs that are not
//! taken, keys that are over, refusals in the platform's terms.

use crate::bed::encoder::Encoder as Ffmpeg;
use crate::bed::scratch;
use crate::chat_live::flows;
use crate::scene::{OLIVIAS, SOON, Scene};
use std::time::{Duration, Instant};
use telecast::demo::bot_api::OLIVIA;
use telecast::demo::encoder::Encoder;
use telecast::demo::platform::{Mood, Platform};

/// Two platforms on this machine, known by the name under which they are dialled.
fn known(by_address: &str, by_name: &str) -> String {
    let entry = |id: &str, name: &str, host: &str, rest: &str| {
        format!(
            "[[platform]]\nid = \"{id}\"\nname = {{ en = \"{name}\", zh = \"{name}\" }}\nchecked = \"2026-11\"\n\
             server_like = \"rtmp://{host}/live\"\nhosts = ['^{}$']\n\
             key = {{ kind = \"path-and-query\", hint = {{ en = \"Any.\", zh = \"随意\" }} }}\n{rest}\n",
            host.replace('.', "\\.")
        )
    };
    entry("alpha", "Alpha TV", "127.0.0.1", by_address) + &entry("beta", "Beta TV", "localhost", by_name)
}

/// Adds what is pasted, which is then called `name`.
pub(crate) async fn add(scene: &Scene, paste: &str, name: &str) {
    let said = scene.phone.say(OLIVIA, OLIVIAS, paste).unwrap();
    scene.phone.wait_for_button(OLIVIAS, "Save", SOON).await.unwrap();
    scene.taps(OLIVIA, OLIVIAS, "Save");
    scene.hears(OLIVIAS, said, &format!("{name} is saved.")).await;
}

fn by_name(platform: &Platform) -> String {
    format!("{}\n{}", platform.server(), platform.key()).replacen("127.0.0.1", "localhost", 1)
}

#[tokio::test]
async fn a_codec_that_is_not_taken_is_told_and_nothing_is_sent_there_and_limits_are_told_with_their_cure() {
    let scene = Scene::owned_knowing(&known(
        "limits = { v_codecs = [\"hevc\"] }",
        "limits = { v_codecs = [\"h264\"], max_res = \"320x180\", profile = \"baseline\" }",
    ))
    .await;
    let (alpha, beta) = (Platform::alpha_tv(None).await.unwrap(), Platform::alpha_tv(None).await.unwrap());
    add(&scene, &format!("{}\n{}", alpha.server(), alpha.key()), "Alpha TV").await;
    add(&scene, &by_name(&beta), "Beta TV").await;
    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    let encoder = Encoder::new().unwrap();
    encoder.start(scene.told(OLIVIAS));

    // Before the show, while nobody sees it.
    let told = scene.hears(OLIVIAS, 0, "Not everything fits yet.").await;
    for words in [
        "Alpha TV takes no H.264, so I send nothing there. In OBS, Settings → Output → Video Encoder",
        "Beta TV takes 320×180 at most, your picture has 640×360. In OBS: Settings → Video",
        "Beta TV takes H.264 up to its profile Baseline, yours is Main. In OBS, Settings → Output → Profile: choose baseline",
    ] {
        assert!(told.text().contains(words), "{}", told.text());
    }
    scene.asks(OLIVIA, OLIVIAS, "/golive", "Live for").await;
    scene.hears(OLIVIAS, told.id, "Alpha TV does not take H.264: I send nothing there.").await;
    flows(&beta, 30).await;
    let panel = scene.asks(OLIVIA, OLIVIAS, "/status", "Live for").await;
    assert!(panel.text().contains("It does not take H.264, so I send nothing there"), "{}", panel.text());
    assert!(alpha.received().connections.is_empty(), "it was dialled");
    let warned = scene.phone.messages(OLIVIAS).iter().filter(|m| m.text().contains("Not everything fits")).count();
    assert_eq!(warned, 1, "each warning is told once");
    encoder.close().await;
    scene.end().await;
}

#[tokio::test]
async fn a_key_that_is_over_is_refused_at_golive_and_others_go_without_it() {
    let scene = Scene::owned_knowing(&known("", "")).await;
    let (alpha, beta) = (Platform::alpha_tv(None).await.unwrap(), Platform::alpha_tv(None).await.unwrap());
    add(&scene, &format!("{}\nmorning?expire=1700000000&sign=0a1b", alpha.server()), "Alpha TV").await;
    scene.asks(OLIVIA, OLIVIAS, "/golive", "I did not go live: the stream key for Alpha TV has expired.").await;
    scene.asks(OLIVIA, OLIVIAS, "/status", "Not live").await;

    add(&scene, &by_name(&beta), "Beta TV").await;
    let said = scene.phone.say(OLIVIA, OLIVIAS, "/golive").unwrap();
    scene.hears(OLIVIAS, said, "Waiting for your camera or OBS").await;
    scene.hears(OLIVIAS, said, "The stream key for Alpha TV has expired: I send nothing there.").await;
    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    let encoder = Encoder::new().unwrap();
    encoder.start(scene.told(OLIVIAS));
    flows(&beta, 30).await;
    assert!(alpha.received().connections.is_empty(), "it was dialled");
    encoder.close().await;
    scene.end().await;
}

#[tokio::test]
async fn a_refusal_is_told_in_the_platforms_terms() {
    let rule = "refusals = [{ text = \"key\", means = \"not-started\", \
                say = { en = \"Alpha wants you to press the red button first.\", zh = \"请先按红色按钮。\" } }]\n\
                owner_press = { when = \"before\", link = \"https://alpha.example/studio\", \
                say = { en = \"Press the red button first.\", zh = \"请先按红色按钮。\" } }";
    let scene = Scene::owned_knowing(&known(rule, "")).await;
    let alpha = Platform::alpha_tv(None).await.unwrap();
    add(&scene, &format!("{}\n{}", alpha.server(), alpha.key()), "Alpha TV").await;
    alpha.set_mood(Mood::Refusing);
    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    let encoder = Encoder::new().unwrap();
    encoder.start(scene.told(OLIVIAS));
    scene.hears(OLIVIAS, 0, "Your picture is here").await;
    let said = scene.phone.say(OLIVIA, OLIVIAS, "/golive").unwrap();
    let told = scene.hears(OLIVIAS, said, "Alpha TV waits for you to press start there.").await;
    let how = "Alpha wants you to press the red button first. https://alpha.example/studio";
    assert!(told.text().contains(how), "{}", told.text());
    encoder.close().await;
    scene.end().await;
}

#[tokio::test]
async fn a_keyframe_gap_is_told_once_it_was_seen_in_the_show_and_the_sum_of_all_streams_at_golive() {
    let dir = scratch().unwrap();
    let scene = Scene::owned_sending(&known("limits = { keyint_s = 2 }", ""), 1).await;
    let (alpha, beta) = (Platform::alpha_tv(None).await.unwrap(), Platform::alpha_tv(None).await.unwrap());
    add(&scene, &format!("{}\n{}", alpha.server(), alpha.key()), "Alpha TV").await;
    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    let point = scene.told(OLIVIAS);
    let url = format!("{}/{}", point.server.tc_url(), point.key.expose());
    let begun = Instant::now();
    let mut encoder = Ffmpeg::sparse("encoder", &url, 60, dir.path()).unwrap();
    scene.hears(OLIVIAS, 0, "Your picture is here").await;
    scene.asks(OLIVIA, OLIVIAS, "/golive", "Live for").await;
    flows(&alpha, 25).await;

    // One platform fits the uplink; the second keyframe comes after 10 s, and the stream is looked at again after 12.
    let told = scene.hears(OLIVIAS, 0, "Not everything fits yet.").await;
    assert!(begun.elapsed() > Duration::from_secs(10), "nobody can have seen the gap: {}", told.text());
    let gap = "Alpha TV wants a keyframe each 2 s, yours come each 10 s. In OBS, Settings → Output → Keyframe Interval";
    assert!(told.text().contains(gap) && !told.text().contains("Mbit/s"), "{}", told.text());

    scene.asks(OLIVIA, OLIVIAS, "/stoplive now", "The show is over.").await;
    add(&scene, &by_name(&beta), "Beta TV").await;
    let said = scene.phone.say(OLIVIA, OLIVIAS, "/golive").unwrap();
    let told = scene.hears(OLIVIAS, said, "Not everything fits yet.").await;
    let sum = "kbit/s to 2 platforms need 2 Mbit/s, but this Telecast can send 1.";
    assert!(told.text().contains(sum), "{}", told.text());
    flows(&beta, 25).await;
    encoder.proc.kill();
    scene.end().await;
}
