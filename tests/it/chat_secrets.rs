//! Keys in chat: what was written beside one, one's own on request, and what is left when somebody is forgotten.

use crate::chat_before::add;
use crate::rtmp_raw::Peer;
use crate::scene::{OLIVIAS, OTHER_KEY, OTHER_SERVER, SAMS, SOON, Scene};
use std::time::{Duration, SystemTime};
use telecast::demo::bot_api::{Action, MING, Message, OLIVIA, Role, SAM, WEEKEND_SHOW};
use telecast::domain::recording::{Container, RecordingName};
use telecast::store::{KeySource, Keyring, Store};
use tokio::net::TcpStream;

#[tokio::test]
async fn what_was_written_beside_a_key_comes_back_without_it() {
    let scene = Scene::owned().await;
    let text = format!("{OTHER_SERVER}\n{OTHER_KEY}\nWe begin at eight, please test the <sound> before.");
    let said = scene.phone.say(OLIVIA, OLIVIAS, &text).unwrap();
    let rest = scene.hears(OLIVIAS, said, "Here is the rest:").await;
    assert!(rest.text().ends_with("We begin at eight, please test the <sound> before."), "{}", rest.text());
    scene.phone.wait_for_button(OLIVIAS, "Save", SOON).await.unwrap();
    // A message that is nothing but a key has no rest.
    let plain = scene.phone.say(OLIVIA, OLIVIAS, &format!("Server: {OTHER_SERVER}\nKey: {OTHER_KEY}")).unwrap();
    scene.hears(OLIVIAS, plain, "Key: ••••6789").await;
    let rests = scene.phone.messages(OLIVIAS).into_iter().filter(|m| m.text().contains("Here is the rest:")).count();
    assert_eq!(rests, 1, "{}", scene.phone.transcript(OLIVIAS));
    scene.end().await;
}

#[tokio::test]
async fn a_key_of_somebody_who_may_not_add_it_is_deleted_and_that_is_said() {
    let mut scene = Scene::with_group().await;
    let said = scene.asks(SAM, SAMS, &format!("{OTHER_SERVER} {OTHER_KEY}"), "This is a private Telecast.").await.id;
    scene.hears(SAMS, said, "There was a key in your message, so I deleted it.").await;
    assert!(!scene.phone.transcript(SAMS).contains(OTHER_KEY), "{}", scene.phone.transcript(SAMS));
    // For a group that threw the bot out meanwhile.
    scene.asks(OLIVIA, WEEKEND_SHOW, "/addtarget", "add the platform in private").await;
    let opened = scene.goes_private(OLIVIA, WEEKEND_SHOW).await;
    scene.hears(OLIVIAS, opened, "周末直播 Weekend Show").await;
    scene.phone.set_bot_role(MING, WEEKEND_SHOW, Role::Kicked);
    let said =
        scene.asks(OLIVIA, OLIVIAS, &format!("{OTHER_SERVER} {OTHER_KEY}"), "not in that group any more").await.id;
    scene.hears(OLIVIAS, said, "There was a key in your message, so I deleted it.").await;
    assert!(!scene.phone.transcript(OLIVIAS).contains(OTHER_KEY), "{}", scene.phone.transcript(OLIVIAS));
    scene.expect_refusals();
    scene.end().await;
}

#[tokio::test]
async fn the_ingest_key_is_copied_by_a_button_shown_only_on_request_and_goes_by_itself_also_after_a_restart() {
    let mut scene = Scene::owned().await;
    let page = scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    let key = scene.told(OLIVIAS).key.expose().to_owned();
    assert!(!page.text().contains(&key) && page.text().contains("-••••"), "{}", page.text());
    let shown = scene.taps_for(OLIVIA, OLIVIAS, "Show the key", "Your key, for one minute.").await;
    assert!(shown.text().contains(&key) && shown.protected, "in full, and not to be passed on");
    scene.stop().await;
    let data = scene.data.path().to_owned();
    let store = Store::open(&data, Keyring::load_or_create(&data, &KeySource::Data).unwrap()).unwrap();
    let kept = store.vanishing();
    assert_eq!(kept.iter().map(|(chat, message, _)| (*chat, *message)).collect::<Vec<_>>(), [(OLIVIAS, shown.id)]);
    let left = kept[0].2.duration_since(SystemTime::now()).unwrap();
    assert!(left <= Duration::from_secs(60) && left > Duration::from_secs(30), "a minute from then: {left:?}");
    // As if the minute had passed meanwhile.
    store.note_vanishing(OLIVIAS, shown.id, SystemTime::now()).await.unwrap();
    store.close().await;
    drop(store);
    scene.start().await;
    scene.until("the key is gone", |phone| phone.deletions(OLIVIAS).contains(&shown.id)).await;
    assert!(!scene.phone.transcript(OLIVIAS).contains(&key));
    scene.end().await;
}

#[tokio::test]
async fn a_page_sets_up_a_camera_app_by_a_tap_for_ten_minutes_and_as_long_as_the_key_lasts() {
    let scene = Scene::owned_with_web().await;
    let page = scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    let code_of = |page: &Message| {
        let button = page.keyboard.iter().flatten().find(|button| button.label.contains("Set up Larix")).unwrap();
        let Action::Url(url) = &button.action else { panic!("{button:?}") };
        url.strip_prefix("https://live.example.com/telecast/s/").unwrap().to_owned()
    };
    let code = code_of(&page);
    let key = scene.told(OLIVIAS).key.expose().to_owned();
    let address = scene.app.as_ref().unwrap().web_addr().unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = |path: String| {
        let request = client.get(format!("http://{address}{path}")).send();
        async move {
            let answer = request.await.unwrap();
            let headers = format!("{:?}", answer.headers());
            (answer.status().as_u16(), headers, answer.text().await.unwrap())
        }
    };
    let (status, headers, text) = get(format!("/s/{code}")).await;
    let link = "larix://set/v1?conn[][url]=rtmp%3A%2F%2F127%2E0%2E0%2E1%3A";
    assert!(status == 200 && text.contains(link) && text.contains(&key.replace('-', "%2D")), "{text}");
    assert!(headers.contains("no-store") && headers.contains("no-referrer"), "{headers}");
    for other in [format!("/s/{}", code.replace(char::is_numeric, "0")), "/s/".to_owned(), "/".to_owned()] {
        let (status, _, text) = get(other).await;
        assert!(status == 404 && !text.contains(&key), "{text}");
    }
    // Another key is another page.
    scene.taps_for(OLIVIA, OLIVIAS, "New key", "Make a new key?").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Make a new key", "Here is your new key.").await;
    let (status, _, text) = get(format!("/s/{code}")).await;
    assert!(status == 404 && !text.contains("larix"), "whoever has the old link does not get the new key: {text}");
    let page = scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    let code = code_of(&page);
    assert_eq!(get(format!("/s/{code}")).await.0, 200);
    // Who is forgotten has none.
    scene.asks(OLIVIA, OLIVIAS, "/forget", "Forget everything about you?").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Forget everything", "you still own this Telecast").await;
    let (status, _, _) = get(format!("/s/{code}")).await;
    assert_eq!(status, 404);
    scene.end().await;
}

#[tokio::test]
async fn without_an_address_for_web_pages_there_is_none() {
    let scene = Scene::owned().await;
    let page = scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    assert!(!page.has_button("Set up Larix") && scene.app.as_ref().unwrap().web_addr().is_none());
    scene.end().await;
}

#[tokio::test]
async fn whoever_is_forgotten_is_in_no_record_and_in_no_copy() {
    let mut scene = Scene::with_group().await;
    scene.asks(SAM, SAMS, "/start", "This is a private Telecast.").await;
    scene.taps_for(SAM, SAMS, "Ask for access", "I have asked the owner.").await;
    scene.hears(OLIVIAS, 0, "Sam asks to use your Telecast.").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Let in", "Sam can use this Telecast now.").await;
    scene.hears(SAMS, 0, "The owner has let you in.").await;
    let said = scene.phone.say(SAM, SAMS, &format!("{OTHER_SERVER} {OTHER_KEY}")).unwrap();
    scene.phone.wait_for_button(SAMS, "Save", SOON).await.unwrap();
    scene.taps(SAM, SAMS, "Save");
    scene.hears(SAMS, said, "is saved.").await;
    scene.asks(SAM, SAMS, "/ingest", "Stream Key:").await;
    scene.asks(SAM, SAMS, "/golive", "Waiting for your").await;
    // A copy of all that is made at each start.
    scene.stop().await;
    scene.phone.advance(Duration::from_secs(60));
    scene.start().await;
    let (number, data) = (SAM.0.to_string(), scene.data.path().to_owned());
    let copies = || {
        let all = std::fs::read_dir(data.join("exports")).unwrap();
        all.map(|copy| std::fs::read_to_string(copy.unwrap().path()).unwrap()).collect::<Vec<_>>().join("\n")
    };
    // As a number of its own, not as digits within a time or what is sealed.
    let named = |text: &str| {
        let mut words = text.split(|c: char| !c.is_alphanumeric());
        words.any(|word| word.trim_start_matches('0') == number)
    };
    assert!(named(&copies()));
    scene.asks(SAM, SAMS, "/forget", "Forget everything about you?").await;
    scene.taps_for(SAM, SAMS, "Forget everything", "I have forgotten you.").await;
    scene.until("the copies", |_| !named(&copies())).await;
    scene.stop().await;
    let store = Store::open(&data, Keyring::load_or_create(&data, &KeySource::Data).unwrap()).unwrap();
    assert!(store.studio_of(SAMS).is_none() && store.lent_by(SAM).is_empty());
    assert_eq!(store.person(SAM), telecast::store::Person::default());
    store.close().await;
    drop(store);
    assert!(!named(&copies()), "{}", copies());
    scene.phone.advance(Duration::from_secs(60));
    scene.start().await;
    scene.asks(SAM, SAMS, "/start", "This is a private Telecast.").await;
    scene.asks(MING, WEEKEND_SHOW, "/status", "Not live").await;
    scene.end().await;
}

#[tokio::test]
async fn the_owner_who_is_forgotten_owns_it_still_and_begins_anew() {
    let scene = Scene::owned().await;
    add(&scene, &format!("{OTHER_SERVER} {OTHER_KEY}"), "push.example.invalid").await;
    scene.asks(OLIVIA, OLIVIAS, "/forget", "Forget everything about you?").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Forget everything", "you still own this Telecast").await;
    scene.asks(OLIVIA, OLIVIAS, "/start", "◻️ Add a platform").await;
    scene.asks(OLIVIA, OLIVIAS, "/targets", "There is no platform yet.").await;
    scene.end().await;
}

#[tokio::test]
async fn no_encoder_that_comes_back_while_its_owner_is_forgotten_stays() {
    let scene = Scene::owned().await;
    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    let (key, at) = (scene.told(OLIVIAS).key, scene.app.as_ref().unwrap().ingest_addr());
    // Deleting them takes its time.
    let dir = scene.data.path().join("recordings/1");
    std::fs::create_dir_all(&dir).unwrap();
    for began in 0..5000 {
        let name = RecordingName { began, seconds: 1, container: Container::Mp4 }.to_string();
        std::fs::write(dir.join(name), "").unwrap();
    }
    scene.asks(OLIVIA, OLIVIAS, "/forget", "Forget everything about you?").await;
    scene.phone.wait_for_button(OLIVIAS, "Forget everything", SOON).await.unwrap();
    scene.taps(OLIVIA, OLIVIAS, "Forget everything");
    let mut held = Vec::new();
    // Each takes the place of the one before, until the key is known no more.
    loop {
        let mut peer = Peer::encoder(TcpStream::connect(at).await.unwrap(), key.expose()).await;
        let answer = loop {
            match peer.hear_command().await.expect("an answer") {
                (name, _, code) if name == "onStatus" => break code,
                _ => {}
            }
        };
        if answer != "NetStream.Publish.Start" {
            break;
        }
        held.push(peer);
    }
    for mut peer in held {
        // Long before one is closed for its silence.
        let closed = async { while peer.hear().await.is_some() {} };
        tokio::time::timeout(Duration::from_secs(10), closed).await.expect("an encoder of a studio that is gone");
    }
    scene.end().await;
}
