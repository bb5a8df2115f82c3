//! The chat page and what feeds it. Only pages from this very server may use it: a foreign site that knows the port
//! could otherwise speak for the people here.

use super::deeds::{Manner, Tapped};
use super::methods::is_mp4;
use super::people::{Rights, Role};
use super::{Click, Shared, view};
use crate::service::watch::WATCHERS;
use axum::body::Body;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream::{Stream, unfold};
use serde::Deserialize;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use subtle::ConstantTimeEq as _;
use tokio::sync::watch;
use tokio::time::sleep;

/// Changes within this time reach the page together.
const GATHER: Duration = Duration::from_millis(30);

/// The cookie of who brought the key.
const COOKIE: &str = "telecast-console";

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self' blob:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) fn routes(shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    Router::new()
        .route("/", get(|| asset("text/html; charset=utf-8", include_str!("../page/index.html"))))
        .route("/page/style.css", get(|| asset("text/css", include_str!("../page/style.css"))))
        .route("/page/icon.svg", get(|| asset("image/svg+xml", include_str!("../page/icon.svg"))))
        .route("/page/app.js", get(|| asset("text/javascript", include_str!("../page/app.js"))))
        .route("/page/message.js", get(|| asset("text/javascript", include_str!("../page/message.js"))))
        .route("/page/side.js", get(|| asset("text/javascript", include_str!("../page/side.js"))))
        .route("/page/deeds.js", get(|| asset("text/javascript", include_str!("../page/deeds.js"))))
        .route("/page/dom.js", get(|| asset("text/javascript", include_str!("../page/dom.js"))))
        .route("/page/talk.js", get(|| asset("text/javascript", include_str!("../page/talk.js"))))
        .route("/page/words.js", get(|| asset("text/javascript", include_str!("../page/words.js"))))
        .route("/page/player.js", get(|| asset("text/javascript", include_str!("../../web/watch/player.js"))))
        .route("/page/film/{name}", get(film))
        .route("/page/view", get(view_now))
        .route("/page/live", get(live))
        .route("/page/file/{id}", get(file))
        .route("/page/do", post(act))
        .route("/side", get(side).post(click))
        .layer(from_fn_with_state(shared.clone(), key_holders_only))
        .layer(from_fn(own_pages_only))
}

async fn asset(kind: &'static str, text: &'static str) -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, kind), (header::CONTENT_SECURITY_POLICY, POLICY), (header::CACHE_CONTROL, "no-store")],
        text,
    )
}

/// Refuses foreign origins, and foreign names that point at this machine (DNS rebinding).
async fn own_pages_only(request: Request<Body>, next: Next) -> Response {
    if trusted(request.headers()) { next.run(request).await } else { StatusCode::FORBIDDEN.into_response() }
}

/// Where there is a key: lets in who brings it in the address, once, and afterwards their browser, by a cookie.
async fn key_holders_only(State(shared): State<Arc<Shared>>, request: Request<Body>, next: Next) -> Response {
    let Some(key) = &shared.key else { return next.run(request).await };
    let right = |given: &str| bool::from(given.as_bytes().ct_eq(key.as_bytes()));
    let cookies = request.headers().get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    if cookies.flat_map(|all| all.split("; ")).filter_map(|one| one.strip_prefix(COOKIE)?.strip_prefix('=')).any(right)
    {
        return next.run(request).await;
    }
    let query = request.uri().query().unwrap_or_default();
    let given = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "key");
    if request.uri().path() == "/" && given.is_some_and(|(_, given)| right(&given)) {
        let cookie = format!("{COOKIE}={key}; Path=/; HttpOnly; SameSite=Strict");
        // So that the key does not stay in sight.
        return (StatusCode::SEE_OTHER, [(header::LOCATION, "/".to_owned()), (header::SET_COOKIE, cookie)])
            .into_response();
    }
    (StatusCode::FORBIDDEN, "Open the whole address that Telecast's terminal shows, with its key.\n").into_response()
}

fn trusted(headers: &HeaderMap) -> bool {
    let text = |v: &HeaderValue| v.to_str().map(str::to_owned).unwrap_or_default();
    let host = headers.get(header::HOST).map(text).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
    let local = matches!(name, "localhost" | "127.0.0.1" | "[::1]");
    let own = headers.get(header::ORIGIN).is_none_or(|origin| text(origin) == format!("http://{host}"));
    local && own
}

#[derive(Deserialize)]
struct Who {
    #[serde(rename = "as")]
    user: i64,
}

async fn view_now(State(shared): State<Arc<Shared>>, Query(who): Query<Who>) -> Json<Value> {
    Json(shared.with(|world| view::of(world, who.user)))
}

/// Sends the whole view of a person at every change, and the side panel at its own: few bytes on a local line, and
/// nothing that could go out of step.
async fn live(
    State(shared): State<Arc<Shared>>,
    Query(who): Query<Who>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let seen = shared.seen.subscribe();
    let side = shared.side.subscribe();
    let start = Feed { shared, user: who.user, seen, side, first: true, pending: None };
    Sse::new(unfold(start, |mut feed| async move { feed.next().await.map(|event| (Ok(event), feed)) }))
}

struct Feed {
    shared: Arc<Shared>,
    user: i64,
    seen: watch::Receiver<u64>,
    side: watch::Receiver<super::Side>,
    first: bool,
    pending: Option<Event>,
}

impl Feed {
    async fn next(&mut self) -> Option<Event> {
        if let Some(event) = self.pending.take() {
            return Some(event);
        }
        if std::mem::take(&mut self.first) {
            self.seen.mark_unchanged();
            self.pending = Some(self.side_event());
            return Some(self.view_event());
        }
        let closing = self.shared.closing.clone();
        tokio::select! {
            changed = self.seen.changed() => {
                changed.ok()?;
                sleep(GATHER).await;
                self.seen.mark_unchanged();
                Some(self.view_event())
            }
            changed = self.side.changed() => {
                changed.ok()?;
                Some(self.side_event())
            }
            () = closing.cancelled() => None,
        }
    }

    fn view_event(&self) -> Event {
        let view = self.shared.with(|world| view::of(world, self.user));
        Event::default().event("view").data(view.to_string())
    }

    fn side_event(&mut self) -> Event {
        let side = json!(*self.side.borrow_and_update());
        Event::default().event("side").data(side.to_string())
    }
}

/// The line of a film, as a watch page has it.
async fn film(State(shared): State<Arc<Shared>>, Path(name): Path<String>) -> Response {
    let hall = shared.films.lock().unwrap_or_else(PoisonError::into_inner).get(&name).cloned();
    let Some(watcher) = hall.and_then(|hall| hall.enter(WATCHERS, None)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let line =
        unfold(watcher, |mut watcher| async move { Some((Ok::<_, Infallible>(watcher.next().await?), watcher)) });
    ([(header::CONTENT_TYPE, "application/octet-stream")], Body::from_stream(line)).into_response()
}

async fn file(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Response {
    let Some((file, bytes)) = shared.with(|world| world.files.get(&id).cloned()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // Never as something that a browser would run.
    let kind = match bytes.first() {
        Some(0x89) if file.pixels != (0, 0) => "image/png",
        Some(0xff) if file.pixels != (0, 0) => "image/jpeg",
        _ if is_mp4(&bytes) => "video/mp4",
        _ => "application/octet-stream",
    };
    ([(header::CONTENT_TYPE, kind), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], bytes).into_response()
}

/// What a person does on the page.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Deed {
    Say { user: i64, chat: i64, text: String, reply_to: Option<i32> },
    Tap { user: i64, chat: i64, message: i32, row: usize, column: usize },
    Open { user: i64, link: String },
    AddBot { user: i64, chat: i64 },
    BotAdmin { user: i64, chat: i64, admin: bool },
    Block { user: i64, blocked: bool },
}

async fn act(State(shared): State<Arc<Shared>>, Json(deed): Json<Deed>) -> Response {
    let done = shared.with(|world| match deed {
        Deed::Say { user, chat, text, reply_to } => {
            let text: String = text.trim().chars().take(4096).collect();
            if text.is_empty() {
                return Err("nothing was written".into());
            }
            world.say(user, chat, &text, Manner { reply_to, ..Manner::default() }).map(|id| json!({"id": id}))
        }
        Deed::Tap { user, chat, message, row, column } => {
            world.tap_at(user, chat, message, row, column).map(|tapped| match tapped {
                Tapped::Asked(query) => json!({"query": query}),
                Tapped::Link(url) => json!({"url": url}),
                Tapped::Copied(text) => json!({"copied": text}),
            })
        }
        Deed::Open { user, link } => match world.deep_link(&link) {
            Some((kind, payload)) if kind == "start" => {
                let text = format!("/start {payload}");
                world.say(user, user, &text, Manner::default()).map(|id| json!({"chat": user, "id": id}))
            }
            Some(_) => Err("choose the group in the list and add the bot there".into()),
            None => Ok(json!({"url": link})),
        },
        Deed::AddBot { user, chat } => world.bring(user, chat, "", Role::Member).map(|()| json!({})),
        Deed::BotAdmin { user, chat, admin } => {
            let role = if admin { Role::Admin(Rights::ALL) } else { Role::Member };
            world.set_role(chat, user, world.bot.id, role);
            Ok(json!({}))
        }
        Deed::Block { user, blocked } => {
            world.set_blocked(user, blocked);
            Ok(json!({}))
        }
    });
    match done {
        Ok(done) => Json(done).into_response(),
        Err(words) => (StatusCode::CONFLICT, Json(json!({"error": words}))).into_response(),
    }
}

async fn side(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(json!(*shared.side.borrow()))
}

#[derive(Deserialize)]
struct Clicked {
    click: Click,
}

async fn click(State(shared): State<Arc<Shared>>, Json(clicked): Json<Clicked>) -> StatusCode {
    match &shared.clicks {
        Some(clicks) if clicks.try_send(clicked.click).is_ok() => StatusCode::NO_CONTENT,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}
