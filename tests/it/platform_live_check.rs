//! The public status page, asked of a stand-in.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::collections::HashMap;
use telecast::domain::id::{TargetId, UserId};
use telecast::domain::target::{Target, TargetName};
use telecast::platform::live_check::LiveCheck;

/// Answers of the stand-in: of the uid look-up, and of the room.
#[derive(Clone)]
struct Page {
    room: (StatusCode, Value),
    status: (StatusCode, Value),
}

async fn served(page: Page) -> LiveCheck {
    type Asked = Query<HashMap<String, String>>;
    let app = Router::new()
        .route(
            "/base/room/v2/Room/room_id_by_uid",
            get(|State(page): State<Page>, Query(q): Asked| async move {
                assert_eq!(q["uid"], "4321");
                (page.room.0, Json(page.room.1))
            }),
        )
        .route(
            "/base/room/v1/Room/room_init",
            get(|State(page): State<Page>, Query(q): Asked| async move {
                assert_eq!(q["id"], "77");
                (page.status.0, Json(page.status.1))
            }),
        )
        .with_state(page);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/base/", listener.local_addr().unwrap());
    #[allow(clippy::disallowed_methods)]
    tokio::spawn(async { axum::serve(listener, app).await });
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    LiveCheck::new(client, base.parse().unwrap())
}

fn target(platform: &str, status_id: Option<&str>) -> Target {
    Target {
        id: TargetId(1),
        name: TargetName::parse("B").unwrap(),
        platform: platform.into(),
        shown_server: String::new(),
        shown_key: String::new(),
        viewer_link: None,
        status_id: status_id.map(Into::into),
        enabled: true,
        key_owner: UserId(1),
    }
}

fn room() -> (StatusCode, Value) {
    (StatusCode::OK, json!({"code": 0, "data": {"room_id": 77}}))
}

#[tokio::test]
async fn a_show_is_on_air_when_the_room_says_so() {
    for (status, on_air) in [(json!(1), Some(true)), (json!(0), Some(false)), (json!(2), Some(false)), (json!(9), None)]
    {
        let answer = json!({"code": 0, "data": {"live_status": status}});
        let check = served(Page { room: room(), status: (StatusCode::OK, answer) }).await;
        for id in ["uid:4321", "room:77"] {
            assert_eq!(check.is_on_air(&target("bilibili", Some(id))).await, on_air, "{id} {status}");
        }
        let link = check.viewer_link(&target("bilibili", Some("uid:4321"))).await;
        assert_eq!(link.as_deref(), Some("https://live.bilibili.com/77"));
    }
}

#[tokio::test]
async fn an_error_is_never_taken_for_offline() {
    let offline = json!({"code": 0, "data": {"live_status": 0}});
    let long = json!({"code": 0, "data": {"live_status": 0}, "pad": "x".repeat(70_000)});
    for status in [
        (StatusCode::INTERNAL_SERVER_ERROR, offline.clone()),
        (StatusCode::TOO_MANY_REQUESTS, offline.clone()),
        (StatusCode::OK, json!({"code": -412, "data": {"live_status": 0}})),
        (StatusCode::OK, json!("busy")),
        (StatusCode::OK, long),
    ] {
        let check = served(Page { room: room(), status }).await;
        assert_eq!(check.is_on_air(&target("bilibili", Some("room:77"))).await, None);
    }
    let unknown = (StatusCode::OK, json!({"code": 0, "data": {"room_id": 0}}));
    let check = served(Page { room: unknown, status: (StatusCode::OK, offline) }).await;
    assert_eq!(check.is_on_air(&target("bilibili", Some("uid:4321"))).await, None);
    let nobody =
        LiveCheck::new(reqwest::Client::builder().no_proxy().build().unwrap(), "http://127.0.0.1:1".parse().unwrap());
    assert_eq!(nobody.is_on_air(&target("bilibili", Some("room:77"))).await, None);
}

#[tokio::test]
async fn platforms_without_a_public_page_are_not_asked() {
    let check = served(Page { room: room(), status: room() }).await;
    for (platform, id) in
        [("youtube", Some("room:77")), ("bilibili", None), ("bilibili", Some("room:7/../7")), ("bilibili", Some("77"))]
    {
        assert_eq!(check.is_on_air(&target(platform, id)).await, None);
    }
    assert!(LiveCheck::can_ask(&target("bilibili", Some("room:77"))));
    assert!(!LiveCheck::can_ask(&target("twitch", Some("room:77"))));
}
