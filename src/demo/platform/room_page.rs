//! Bilibili's public room status, as far as Telecast asks for it: says `live` while a platform has a picture, and shows
//! one.

use super::Received;
use axum::extract::{Query, State};
use axum::http::header::LAST_MODIFIED;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, SystemTime};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What it shows of any show: to make a picture of the real one would take a decoder.
const KEYFRAME: &[u8] = include_bytes!("keyframe.jpg");
/// How long ago that was made, as it says.
const AGE: Duration = Duration::from_secs(20);

/// A running status page. Dropping it stops it.
#[derive(Debug)]
pub struct RoomPage {
    address: SocketAddr,
    tasks: TaskTracker,
    stop: CancellationToken,
}

#[derive(Deserialize)]
struct Asked {
    uid: Option<u64>,
    id: Option<u64>,
    room_id: Option<u64>,
}

impl RoomPage {
    /// Whose room it is: the number in the stream key. Longer than any of Bilibili's own.
    pub const UID: u64 = 999_999_999_999;
    /// The number of the room, longer than any of Bilibili's own.
    pub const ROOM: u64 = 888_888_888_888;

    /// Begins to tell of `received`.
    ///
    /// # Errors
    /// No port is free.
    pub async fn start(received: watch::Receiver<Received>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let router = Router::new()
            .route("/api.live.bilibili.com/room/v2/Room/room_id_by_uid", get(room))
            .route("/api.live.bilibili.com/room/v1/Room/room_init", get(status))
            .route("/api.live.bilibili.com/room/v1/Room/get_info", get(info))
            .route("/i0.hdslb.com/bfs/live-key-frame/alpha.jpg", get(keyframe))
            .with_state(received);
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let serve = axum::serve(listener, router).with_graceful_shutdown(stop.clone().cancelled_owned());
        tasks.spawn(async move { serve.await });
        tasks.close();
        Ok(Self { address, tasks, stop })
    }

    /// What stands for all public pages.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Frees the port.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

impl Drop for RoomPage {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn room(Query(asked): Query<Asked>) -> Json<Value> {
    Json(match asked.uid {
        Some(RoomPage::UID) => json!({"code": 0, "msg": "ok", "data": {"room_id": RoomPage::ROOM}}),
        _ => json!({"code": 404, "msg": "no such user", "data": {}}),
    })
}

async fn status(State(received): State<watch::Receiver<Received>>, Query(asked): Query<Asked>) -> Json<Value> {
    let seen = received.borrow().live().is_some_and(|live| live.keyframes > 0);
    Json(match asked.id {
        Some(RoomPage::ROOM) => json!({
            "code": 0, "msg": "ok",
            "data": {"room_id": RoomPage::ROOM, "uid": RoomPage::UID, "live_status": u8::from(seen)},
        }),
        _ => json!({"code": 60004, "msg": "no such room", "data": {}}),
    })
}

async fn info(State(received): State<watch::Receiver<Received>>, Query(asked): Query<Asked>) -> Json<Value> {
    let seen = received.borrow().live().is_some_and(|live| live.keyframes > 0);
    Json(match asked.room_id {
        Some(RoomPage::ROOM) => json!({
            "code": 0, "msg": "ok",
            "data": {
                "room_id": RoomPage::ROOM, "uid": RoomPage::UID, "live_status": u8::from(seen),
                "keyframe": "http://i0.hdslb.com/bfs/live-key-frame/alpha.jpg",
            },
        }),
        _ => json!({"code": 1, "msg": "no such room", "data": []}),
    })
}

async fn keyframe() -> impl IntoResponse {
    ([(LAST_MODIFIED, httpdate::fmt_http_date(SystemTime::now() - AGE))], KEYFRAME)
}
