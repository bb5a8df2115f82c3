//! Public pages, asked of a stand-in: what is asked, how often, and what is never asked. What is read in each platform's
//! answers is the figure `status`.

use crate::bed::pages::{Gate, ID, Manner, SECRET, StandIn};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use telecast::domain::id::{TargetId, UserId};
use telecast::domain::target::{Target, TargetName};
use telecast::platform::live_check::{Apps, HostApp, LiveCheck, Look, Sight, Web, can_ask};
use telecast::platform::{Access, Catalogue, Platform};

type Answer = Arc<dyn Fn(&Uri) -> Response + Send + Sync>;

/// A web server and the paths that it was asked for.
struct Served {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Served {
    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn check(&self) -> LiveCheck {
        check(&self.url(), None)
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

async fn served(answer: impl Fn(&Uri) -> Response + Send + Sync + 'static) -> Served {
    let asked = Arc::<Mutex<Vec<String>>>::default();
    let serve = |State((asked, answer)): State<(Arc<Mutex<Vec<String>>>, Answer)>, request: Request| async move {
        asked.lock().unwrap().push(request.uri().to_string());
        answer(request.uri())
    };
    let app = Router::new().fallback(serve).with_state((asked.clone(), Arc::new(answer) as Answer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    #[allow(clippy::disallowed_methods)]
    tokio::spawn(async { axum::serve(listener, app).await });
    Served { address, asked }
}

fn check(base: &str, proxy: Option<&str>) -> LiveCheck {
    // The stand-in is asked by its number, so nothing that has a name may be reached.
    LiveCheck::new(Web::new(Arc::new(|_| false), proxy, Some(base.parse().unwrap())).unwrap(), Apps::default())
}

fn target(platform: &str, place: Option<&str>) -> Target {
    Target {
        id: TargetId(1),
        name: TargetName::parse("B").unwrap(),
        platform: platform.into(),
        shown_server: String::new(),
        shown_key: String::new(),
        viewer_link: None,
        unlinked: false,
        status_id: place.map(Into::into),
        enabled: true,
        key_owner: UserId(1),
        rank: 0,
        flaw: None,
    }
}

fn platform(id: &str) -> Platform {
    Catalogue::builtin().get(id).unwrap().clone()
}

fn room(status: u8) -> Response {
    format!("{{\"code\":0,\"data\":{{\"room_id\":77,\"live_status\":{status}}}}}").into_response()
}

async fn pass(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_channel_is_asked_each_30_seconds_whoever_wants_to_know() {
    let page = served(|_| room(1)).await;
    let (check, bilibili, target) = (page.check(), platform("bilibili"), target("bilibili", Some("uid:4321")));
    let first = check.look(&bilibili, &target).await;
    let link = Some("https://live.bilibili.com/77".to_owned());
    assert_eq!(first, Look { sight: Some(Sight::Live), title: None, link });
    assert_eq!(page.asked(), 2, "the room, then how it is");
    assert_eq!(check.look(&bilibili, &target).await, first, "another studio gets the same answer");
    pass(29).await;
    assert_eq!(check.look(&bilibili, &target).await, first);
    assert_eq!(page.asked(), 2, "nobody asked");
    pass(7).await;
    assert_eq!(check.look(&bilibili, &target).await, first);
    assert_eq!(page.asked(), 3, "the room is known by now");
}

#[tokio::test]
async fn a_page_that_wants_to_be_left_alone_is_and_nothing_counts_as_offline() {
    let busy = || (header::RETRY_AFTER, "120");
    let page = served(move |_| (StatusCode::TOO_MANY_REQUESTS, [busy()], "{\"code\":0}").into_response()).await;
    let (check, bilibili) = (page.check(), platform("bilibili"));
    let look = async |room: &str| check.look(&bilibili, &target("bilibili", Some(room))).await;
    assert_eq!(look("room:77").await, Look::default());
    assert_eq!(look("room:78").await, Look::default());
    assert_eq!(page.asked(), 1, "the host is left alone, not the room only");
    pass(119).await;
    look("room:79").await;
    assert_eq!(page.asked(), 1);
    pass(26).await;
    look("room:77").await;
    assert_eq!(page.asked(), 2);
}

#[tokio::test]
async fn redirects_are_followed_within_a_host_and_to_the_open_web_only() {
    let secret = served(|_| room(1)).await;
    let inside = format!("{}/secret", secret.url());
    for to in [&inside, "https://10.0.0.1/x", "https://localhost/x", "https://private.example:8443/x", "http://a.b/x"] {
        let to = to.to_owned();
        let page = served(move |_| Redirect::temporary(&to).into_response()).await;
        let look = page.check().look(&platform("bilibili"), &target("bilibili", Some("room:77"))).await;
        assert_eq!(look, Look::default());
        assert_eq!(page.asked(), 1);
    }
    assert_eq!(secret.asked(), 0);
    let page =
        served(|uri| if uri.path() == "/moved" { room(1) } else { Redirect::temporary("/moved").into_response() });
    let page = page.await;
    let look = page.check().look(&platform("bilibili"), &target("bilibili", Some("room:77"))).await;
    assert_eq!(look.sight, Some(Sight::Live));
    let round = served(|_| Redirect::temporary("/round").into_response()).await;
    assert_eq!(round.check().look(&platform("bilibili"), &target("bilibili", Some("room:77"))).await, Look::default());
    assert_eq!(round.asked(), 4, "the question and three redirects");
}

#[tokio::test]
async fn a_server_of_somebodys_own_is_asked_by_its_name_only() {
    let page = served(|_| "{\"online\":true}".into_response()).await;
    let owncast = platform("owncast");
    let look = async |host: &str| page.check().look(&owncast, &target("owncast", Some(&format!("host:{host}")))).await;
    assert_eq!(look("watch.example.org").await.sight, Some(Sight::Live));
    for host in ["127.0.0.1", "10.0.0.1", "localhost", "a.example:22", "2130706433", "0x7f.1"] {
        assert_eq!(look(host).await.sight, None, "{host}");
    }
    assert_eq!(page.asked(), 1);
}

#[tokio::test]
async fn a_host_that_cannot_be_reached_is_asked_by_the_proxy_next_time_unless_a_person_named_it() {
    let proxy = served(|_| room(1)).await;
    let check = check("http://127.0.0.1:1", Some(&proxy.url()));
    let (bilibili, owncast) = (platform("bilibili"), platform("owncast"));
    let look = async || check.look(&bilibili, &target("bilibili", Some("room:77"))).await.sight;
    let own = async || check.look(&owncast, &target("owncast", Some("host:watch.example.org"))).await.sight;
    assert_eq!((look().await, own().await), (None, None));
    pass(80).await;
    assert_eq!((look().await, own().await), (Some(Sight::Live), None));
    assert_eq!(proxy.asked(), 1);
}

#[tokio::test]
async fn a_proxy_may_have_a_name_and_stand_where_no_page_may() {
    let proxy = served(|_| room(1)).await;
    let named = format!("http://localhost:{}", proxy.address.port());
    let check = check("http://127.0.0.1:1", Some(&named));
    let bilibili = platform("bilibili");
    let look = async || check.look(&bilibili, &target("bilibili", Some("room:77"))).await.sight;
    assert_eq!(look().await, None);
    pass(80).await;
    assert_eq!((look().await, proxy.asked()), (Some(Sight::Live), 1));
}

/// The host's applications with Twitch, Kick, Trovo and YouTube.
fn applications(secret: &str) -> Apps {
    let host = HostApp { id: Some(ID.into()), secret: Some(secret.into()) };
    Apps::new(["twitch", "kick", "trovo", "youtube"].map(|platform| (platform.to_owned(), host.clone())))
}

const TWITCH_LIVE: &str = r#"{"data":[{"type":"live","title":"a show"}],"pagination":{}}"#;

#[tokio::test]
async fn many_channels_share_one_token() {
    let gate = Arc::<Gate>::default();
    let pages = StandIn::gated(gate.clone(), Manner::Well, None, TWITCH_LIVE.into()).await.unwrap();
    let web = Web::new(Arc::new(|_| false), None, Some(pages.url().parse().unwrap())).unwrap();
    let (check, twitch) = (LiveCheck::new(web, applications(SECRET)), platform("twitch"));
    let targets = (0..8).map(|n| target("twitch", Some(&format!("login:name{n}"))));
    let targets: Vec<_> = targets.collect();
    let looks = futures_util::future::join_all(targets.iter().map(|target| check.look(&twitch, target))).await;
    assert!(looks.iter().all(|look| look.sight == Some(Sight::Live) && look.title.as_deref() == Some("a show")));
    assert_eq!((gate.issued(), pages.asked().len(), gate.faults()), (1, 9, vec![]));
}

#[tokio::test]
async fn a_secret_follows_no_redirect_and_goes_to_no_host_that_a_person_named() {
    for to in ["/moved", "https://elsewhere.example.com/token"] {
        let page = served(move |_| Redirect::temporary(to).into_response()).await;
        let web = || Web::new(Arc::new(|_| false), None, Some(page.url().parse().unwrap())).unwrap();
        for (id, place) in [("twitch", "login:a"), ("youtube", "video:AbCdEfGhIjK"), ("trovo", "user:a")] {
            let before = page.asked();
            let look = LiveCheck::new(web(), applications(SECRET)).look(&platform(id), &target(id, Some(place))).await;
            assert_eq!((look, page.asked() - before), (Look::default(), 1), "{id} {to}");
        }
    }
    let page = served(|_| "{}".into_response()).await;
    let web = Web::new(Arc::new(|_| false), None, Some(page.url().parse().unwrap())).unwrap();
    let mut owncast = platform("owncast");
    owncast.application = platform("trovo").application;
    owncast.status[0].access = Access::Application;
    let host = HostApp { id: Some(ID.into()), secret: None };
    let check = LiveCheck::new(web, Apps::new([("owncast".to_owned(), host)]));
    check.look(&owncast, &target("owncast", Some("host:watch.example.org"))).await;
    assert_eq!(page.asked(), 0);
}

/// What was logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(line);
        Ok(line.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_wrong_secret_is_told_to_the_host_once_and_no_secret_ever_is() {
    use tracing_subscriber::layer::SubscriberExt as _;
    let lines = Lines::default();
    let writer = lines.clone();
    let ours = tracing_subscriber::filter::Targets::new().with_target("telecast", tracing::Level::TRACE);
    let log = tracing_subscriber::fmt::layer().with_writer(move || writer.clone()).with_ansi(false);
    let _log = tracing::subscriber::set_default(tracing_subscriber::registry().with(ours).with(log));
    for (id, place) in [("twitch", "login:a"), ("kick", "slug:a"), ("youtube", "video:AbCdEfGhIjK")] {
        let pages = StandIn::gated(Arc::default(), Manner::Well, None, TWITCH_LIVE.into()).await.unwrap();
        let web = Web::new(Arc::new(|_| false), None, Some(pages.url().parse().unwrap())).unwrap();
        let check = LiveCheck::new(web, applications("planted+another/secret"));
        for _ in 0..40 {
            assert_eq!(check.look(&platform(id), &target(id, Some(place))).await.sight, None, "{id}");
            pass(30).await;
        }
        let gone = pages.url().parse().unwrap();
        pages.end().await;
        // Nobody answers there any more: the errors of the client name no secret either.
        let check = LiveCheck::new(Web::new(Arc::new(|_| false), None, Some(gone)).unwrap(), applications(SECRET));
        assert_eq!(check.look(&platform(id), &target(id, Some(place))).await, Look::default());
    }
    let lines = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert_eq!(lines.matches("WARN").count(), 3, "{lines}");
    assert!(lines.contains("Twitch") && lines.contains("Kick") && lines.contains("YouTube"), "{lines}");
    assert!(!lines.contains("planted"), "{lines}");
}

#[test]
fn platforms_are_asked_where_their_names_lead_to_a_page_without_a_login() {
    for (id, place, asked) in [
        ("bilibili", Some("uid:4321"), true),
        ("bilibili", Some("room:77"), true),
        ("bilibili", Some("77"), false),
        ("bilibili", None, false),
        ("odysee", Some("channel:x"), false),
        ("odysee", Some("claim:0a"), true),
        ("twitch", Some("login:x"), false),
        ("lexiang", Some("company:x;live:y"), false),
        ("custom", Some("room:77"), false),
    ] {
        assert_eq!(can_ask(&platform(id), &target(id, place), false).is_some(), asked, "{id} {place:?}");
    }
    // With an application of the host's, more can be.
    for (id, place, asked) in [
        ("twitch", Some("login:x"), true),
        ("twitch", Some("user:41234567"), true),
        ("kick", Some("slug:x"), true),
        ("trovo", Some("user:x"), true),
        ("kick", None, false),
        ("lexiang", Some("company:x;live:y"), false),
    ] {
        assert_eq!(can_ask(&platform(id), &target(id, place), true).is_some(), asked, "{id} {place:?}");
    }
}

/// A JPEG by its beginning, of so many bytes.
fn jpeg(size: usize) -> Vec<u8> {
    [&[0xff, 0xd8, 0xff][..], &vec![0; size - 3]].concat()
}

#[tokio::test]
async fn a_picture_is_taken_where_it_is_one_whole_of_a_mib_at_most_and_from_where_the_catalogue_says() {
    let twitch = || (platform("twitch"), target("twitch", Some("login:SomeName")));
    let taken = async |answer: fn() -> Response| {
        let page = served(move |uri| if uri.path() == "/moved" { jpeg(100).into_response() } else { answer() }).await;
        let (twitch, target) = twitch();
        let picture = page.check().picture(&twitch, &target).await;
        let asked = page.asked.lock().unwrap().clone();
        assert_eq!(asked, ["/static-cdn.jtvnw.net/previews-ttv/live_user_somename-640x360.jpg"]);
        picture.map(|picture| picture.file.len())
    };
    assert_eq!(taken(|| jpeg(1 << 20).into_response()).await, Some(1 << 20));
    assert_eq!(taken(|| b"\x89PNG\r\n\x1a\n more".into_response()).await, Some(13));
    assert_eq!(taken(|| jpeg((1 << 20) + 1).into_response()).await, None);
    assert_eq!(taken(|| "<html>".into_response()).await, None);
    assert_eq!(taken(|| (StatusCode::NOT_FOUND, jpeg(100)).into_response()).await, None);
    assert_eq!(taken(|| Redirect::temporary("/moved").into_response()).await, None, "the one that says “offline”");

    let page = served(|_| jpeg(100).into_response()).await;
    let (check, (twitch, target)) = (page.check(), twitch());
    assert!(check.picture(&twitch, &target).await.is_some());
    assert_eq!(check.picture(&twitch, &target).await, None, "each 30 s");
    pass(31).await;
    assert!(check.picture(&twitch, &target).await.is_some());
}

#[tokio::test]
async fn a_picture_that_never_ends_is_given_up() {
    let endless = || futures_util::stream::pending::<std::io::Result<axum::body::Bytes>>();
    let page = served(move |_| axum::body::Body::from_stream(endless()).into_response()).await;
    tokio::time::pause();
    let (check, began) = (page.check(), tokio::time::Instant::now());
    assert_eq!(check.picture(&platform("twitch"), &target("twitch", Some("login:a"))).await, None);
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_picture_is_found_by_the_names_that_are_known_and_only_of_a_room_that_is_live() {
    for (status, pictures) in [(1, 1), (0, 0), (2, 0)] {
        let page = served(move |uri| match uri.path() {
            "/i0.hdslb.com/bfs/a.jpg" => jpeg(100).into_response(),
            path if path.ends_with("/get_info") => format!(
                "{{\"code\":0,\"data\":{{\"live_status\":{status},\"keyframe\":\"http://i0.hdslb.com/bfs/a.jpg\"}}}}"
            )
            .into_response(),
            _ => room(1),
        });
        let page = page.await;
        let (check, bilibili, target) = (page.check(), platform("bilibili"), target("bilibili", Some("uid:4321")));
        assert_eq!(check.picture(&bilibili, &target).await, None);
        assert_eq!(page.asked(), 0, "its room is not known yet");
        check.look(&bilibili, &target).await;
        assert_eq!(check.picture(&bilibili, &target).await.is_some(), pictures == 1, "{status}");
        assert_eq!(page.asked(), 3 + pictures);
    }
    let page = served(|_| jpeg(100).into_response()).await;
    let (check, youtube) = (page.check(), platform("youtube"));
    assert_eq!(check.picture(&youtube, &target("youtube", Some("handle:a"))).await, None);
    assert!(check.picture(&youtube, &target("youtube", Some("video:AbCdEfGhIjK"))).await.is_some());
    assert_eq!(page.asked.lock().unwrap().clone(), ["/i.ytimg.com/vi/AbCdEfGhIjK/hqdefault_live.jpg"]);
    assert_eq!(check.picture(&platform("custom"), &target("custom", Some("video:a"))).await, None);
}

#[tokio::test]
async fn a_name_is_no_way_to_another_page() {
    let page = served(|_| "{}".into_response()).await;
    let (check, dlive) = (page.check(), platform("dlive"));
    check.look(&dlive, &target("dlive", Some("user:a\") { x }"))).await;
    assert_eq!(page.asked(), 0, "it could end the text that it stands in");
    check.look(&platform("tiktok"), &target("tiktok", Some("user:a&uniqueId=b#c?d"))).await;
    let asked = page.asked.lock().unwrap().pop().unwrap();
    assert!(asked.ends_with("&uniqueId=a%26uniqueId%3Db%23c%3Fd"), "{asked}");
}
