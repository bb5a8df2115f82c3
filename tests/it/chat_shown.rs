//! /look, and what platforms show: their pictures behind the film of what is sent.

use crate::chat_before::add;
use crate::chat_live::flows;
use crate::scene::{OLIVIAS, SOON, Scene};
use axum::Router;
use axum::http::header::{LAST_MODIFIED, LOCATION};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use std::time::{Duration, Instant, SystemTime};
use telecast::demo::bot_api::{Content, Message, OLIVIA, Phone};
use telecast::demo::encoder::Encoder;
use telecast::demo::platform::Platform;

const JPEG: &[u8] = include_bytes!("../../src/demo/platform/keyframe.jpg");

/// From the words to the film, whatever platforms do.
const PROMPT: Duration = Duration::from_secs(2);
/// How long platforms are waited for, and a little for their pictures to go out.
const PATIENCE: Duration = Duration::from_secs(4);

/// One platform whose page tells where its picture is, and one whose picture has an address of its own.
const KNOWN: &str = r#"
[[platform]]
id = "told"
name = { en = "Told TV", zh = "转告台" }
checked = "2026-11"
server_like = "rtmp://127.0.0.1/live"
hosts = ['^127\.0\.0\.1$']
settle_s = 1
key = { kind = "path-and-query", hint = { en = "Any.", zh = "随意" } }
viewer = { key = 'live_(?P<uid>[0-9]+)_' }
thumbnail = { url = "https://told.example.com/info?id={uid}", pointer = "/cover", only_if = [{ pointer = "/code", is = 0 }] }

[[platform]]
id = "direct"
name = { en = "Direct TV", zh = "直达台" }
checked = "2026-11"
server_like = "rtmp://localhost/live"
hosts = ['^localhost$']
settle_s = 1
key = { kind = "path-and-query", hint = { en = "Any.", zh = "随意" } }
viewer = { key = 'live_(?P<uid>[0-9]+)_' }
thumbnail = { url = "https://direct.example.com/live_{uid}.jpg" }
"#;

fn picture(old: u64) -> Response {
    let made = httpdate::fmt_http_date(SystemTime::now() - Duration::from_secs(old));
    ([(LAST_MODIFIED, made)], JPEG).into_response()
}

/// What stands for all public pages.
async fn pages(direct: fn() -> Response) -> url::Url {
    let answer = move |uri: Uri| async move {
        match uri.path() {
            "/told.example.com/info" => r#"{"code":0,"cover":"http://pictures.example.com/a.jpg"}"#.into_response(),
            "/pictures.example.com/a.jpg" => picture(45),
            path if path.starts_with("/direct.example.com/") => direct(),
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    #[allow(clippy::disallowed_methods)]
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    url.parse().unwrap()
}

/// The film that answers /look, and the `pictures` that come behind it.
async fn looked(direct: fn() -> Response, pictures: usize) -> (Message, Vec<Message>) {
    let scene = Box::pin(Scene::owned_seeing(KNOWN, pages(direct).await)).await;
    let (alpha, beta) = (Platform::alpha_tv(None).await.unwrap(), Platform::alpha_tv(None).await.unwrap());
    add(&scene, &format!("{}\n{}", alpha.server(), alpha.key()), "Told TV").await;
    add(&scene, &format!("{}\n{}", beta.server(), beta.key()).replacen("127.0.0.1", "localhost", 1), "Direct TV").await;
    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    let encoder = Encoder::new().unwrap();
    encoder.start(scene.told(OLIVIAS));
    scene.asks(OLIVIA, OLIVIAS, "/golive", "Live for").await;
    flows(&alpha, 30).await;
    flows(&beta, 30).await;
    scene.hears(OLIVIAS, 0, "Told TV · sending").await;
    scene.hears(OLIVIAS, 0, "Direct TV · sending").await;
    let asked = scene.phone.say(OLIVIA, OLIVIAS, "/look").unwrap();
    let began = Instant::now();
    let newer = |phone: &Phone, kind: fn(&Content) -> bool| -> Vec<_> {
        phone.messages(OLIVIAS).into_iter().filter(|message| message.id > asked && kind(&message.content)).collect()
    };
    let film = |phone: &Phone| newer(phone, |content| matches!(content, Content::Video(..))).pop();
    let film = scene.phone.wait("the film", SOON, film).await.unwrap();
    assert!(began.elapsed() <= PROMPT, "{:?}", began.elapsed());
    let photos = |phone: &Phone| {
        Some(newer(phone, |content| matches!(content, Content::Photo(..)))).filter(|photos| photos.len() == pictures)
    };
    let photos = scene.phone.wait("the pictures", SOON, photos).await.unwrap();
    assert!(began.elapsed() <= PROMPT + PATIENCE, "{:?}", began.elapsed());
    // Who looks again at once gets the film alone: platforms are asked each 30 s.
    let last = photos.last().map_or(film.id, |photo| photo.id);
    scene.asks(OLIVIA, OLIVIAS, "/look", "What you send now").await;
    encoder.close().await;
    scene.asks(OLIVIA, OLIVIAS, "/stoplive now", "The show is over.").await;
    let more = scene.phone.messages(OLIVIAS).into_iter().filter(|message| message.id > last);
    assert_eq!(more.filter(|message| matches!(message.content, Content::Photo(..))).count(), 0);
    scene.end().await;
    (film, photos)
}

#[tokio::test]
async fn what_platforms_show_comes_behind_the_film_as_an_album_that_tells_how_old_each_picture_is() {
    let (film, photos) = looked(|| picture(190), 2).await;
    assert!(photos.iter().all(|photo| photo.reply_to == Some(film.id) && photo.album.is_some()));
    assert_eq!(
        photos[0].text(),
        "📺 What your platforms show, picture by picture:\n1. Told TV: about 40 s old\n2. Direct TV: about 3 min old"
    );
    assert_eq!(photos[1].text(), "", "else clients show no words under the album");
}

#[tokio::test]
async fn a_platform_that_sends_elsewhere_for_its_picture_shows_none_and_the_other_one_is_a_photo() {
    let offline = || (StatusCode::FOUND, [(LOCATION, "/pictures.example.com/a.jpg")]).into_response();
    let (film, photos) = looked(offline, 1).await;
    assert_eq!((photos[0].reply_to, photos[0].album), (Some(film.id), None));
    assert_eq!(photos[0].text(), "📺 Told TV shows this: a picture about 40 s old.");
}

#[tokio::test]
async fn a_platform_that_does_not_end_its_answer_holds_up_neither_the_film_nor_the_others_picture() {
    let endless = || {
        let nothing = futures_util::stream::pending::<std::io::Result<axum::body::Bytes>>();
        axum::body::Body::from_stream(nothing).into_response()
    };
    let (film, photos) = looked(endless, 1).await;
    assert_eq!((photos[0].reply_to, photos[0].album), (Some(film.id), None));
    assert!(photos[0].text().starts_with("📺 Told TV shows this"), "{}", photos[0].text());
}
