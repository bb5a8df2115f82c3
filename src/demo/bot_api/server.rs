//! HTTP in front of the world: `/bot<token>/<method>`, file downloads, and the page.

use super::fault::Trouble;
use super::params::{MAX_BODY, Params};
use super::refusal::{Answer, Refusal};
use super::world::Call;
use super::{Shared, methods, page, updates};
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use futures_util::stream::{StreamExt as _, iter, once};
use serde_json::{Value, json};
use std::future::pending;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// How long half an answer has to arrive, before its connection breaks.
const BREAK: Duration = Duration::from_millis(20);

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/{bot}/{method}", any(answer))
        .route("/file/{bot}/files/{id}", get(download))
        .merge(page::routes(&shared))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(shared)
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    Path((bot, method)): Path<(String, String)>,
    request: Request,
) -> Response {
    let method = method.to_ascii_lowercase();
    if let Err(refusal) = token(&shared, &bot) {
        return send(&refusal.body(), refusal.code);
    }
    let mut params = match Params::of(request).await {
        Ok(params) => params,
        Err(refusal) => return send(&refusal.body(), refusal.code),
    };
    let chat = params.peek_int("chat_id");
    let trouble = shared.with(|world| world.faults.next(&method, chat));
    let closed = shared.closing.cancelled();
    tokio::select! {
        response = carry_out(&shared, &method, &mut params, trouble) => response,
        () = closed => send(&Refusal::plain(500, "Internal Server Error: restart").body(), 500),
    }
}

fn token(shared: &Shared, bot: &str) -> Result<(), Refusal> {
    let token = bot.strip_prefix("bot").ok_or_else(|| Refusal::plain(404, "Not Found"))?;
    let formed = token.split_once(':').is_some_and(|(id, secret)| id.parse::<u64>().is_ok() && secret.len() >= 24);
    match token == shared.token {
        true => Ok(()),
        false if formed => Err(Refusal::plain(401, "Unauthorized")),
        false => Err(Refusal::plain(404, "Not Found")),
    }
}

async fn carry_out(shared: &Shared, method: &str, params: &mut Params, trouble: Option<Trouble>) -> Response {
    let staged = match trouble {
        Some(Trouble::TooMany(seconds)) => Some(Refusal::too_many(seconds)),
        Some(Trouble::Internal) => Some(Refusal::plain(500, "Internal Server Error")),
        Some(Trouble::NoVideos) => Some(Refusal::bad("not enough rights to send videos to the chat")),
        Some(Trouble::Conflict) => Some(Refusal::conflict()),
        Some(Trouble::Unauthorized) => Some(Refusal::plain(401, "Unauthorized")),
        Some(Trouble::BadGateway) => {
            note(shared, method, params, 502, &Value::Null, true);
            let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway\
                        </h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n";
            return (StatusCode::BAD_GATEWAY, [(header::CONTENT_TYPE, "text/html")], page).into_response();
        }
        Some(Trouble::Hang(time)) => {
            hang(time).await;
            None
        }
        Some(Trouble::Reset) | None => None,
    };
    let answer = match staged {
        Some(refusal) => Err(refusal),
        None if method == "getupdates" => updates::poll(shared, params).await,
        None => shared.with(|world| methods::call(world, method, params)),
    };
    let (body, code) = body_of(answer);
    let fault = matches!(trouble, Some(t) if !matches!(t, Trouble::Hang(_)));
    note(shared, method, params, code, &body, fault);
    if trouble == Some(Trouble::Reset) { break_off(&body) } else { send(&body, code) }
}

fn body_of(answer: Answer) -> (Value, u16) {
    match answer {
        Ok(result) => (json!({"ok": true, "result": result}), 200),
        Err(refusal) => (refusal.body(), refusal.code),
    }
}

async fn hang(time: Duration) {
    if time == Duration::MAX { pending().await } else { tokio::time::sleep(time).await }
}

fn note(shared: &Shared, method: &str, params: &Params, code: u16, response: &Value, fault: bool) {
    let shown = params.shown();
    let unread = params.unread();
    if !(unread.is_empty() || fault) {
        tracing::debug!(method, ?unread, "the Bot API stand-in did not look at these parameters");
    }
    shared.with(|world| {
        world.journal.request(method, &shown, &unread, response, fault);
        if method != "getupdates" {
            let (method, response) = (method.to_owned(), response.clone());
            world.remember(Call { method, params: shown, code, response });
        }
    });
}

fn send(body: &Value, code: u16) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, axum::Json(body)).into_response()
}

/// The first half of the answer, then the end of the connection.
fn break_off(body: &Value) -> Response {
    let text = body.to_string();
    let half = text.as_bytes()[..text.len() / 2].to_vec();
    // What is not out by then, headers and all, would never be.
    let end = once(async {
        tokio::time::sleep(BREAK).await;
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    });
    let body = Body::from_stream(iter([Ok(half)]).chain(end));
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

async fn download(State(shared): State<Arc<Shared>>, Path((bot, id)): Path<(String, String)>) -> Response {
    if let Err(refusal) = token(&shared, &bot) {
        return send(&refusal.body(), refusal.code);
    }
    match shared.with(|world| world.files.get(&id).map(|(_, bytes)| bytes.clone())) {
        Some(bytes) => ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response(),
        None => send(&Refusal::plain(404, "Not Found").body(), 404),
    }
}
