//! A target whose server asks for a login, in a broadcast.

use super::rig::{Rig, keyed_at, soon};
use crate::bed::field::{Door, LetIn, Method, Recorder};
use std::time::Duration;
use telecast::domain::id::TargetId;
use telecast::domain::status::{LoginFault, PushFailure, TargetState};

const WITHIN: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_login_opens_the_way_for_a_broadcast_and_a_wrong_one_is_a_refusal_that_names_itself() {
    let account = LetIn { app: "live".into(), user: "anna".into(), password: "s3cret".into() };
    let wowza = Recorder::start(Door::Login(Method::Adobe, account)).await.unwrap();
    let server = |login: &str| format!("rtmp://{login}@{}/live", wowza.address());
    let mut rig = Rig::new().await;
    rig.go_live(vec![keyed_at(1, &server("anna:s3cret"), "right"), keyed_at(2, &server("anna:guess"), "wrong")]).await;
    let mut encoder = rig.encoder().await;
    encoder.headers().await;
    encoder.gop(5_000).await;
    let heard = wowza.until("media behind a login", WITHIN, |heard| heard.media > 10).await.unwrap();
    assert_eq!(heard.with("publish").unwrap(), ["right", "live"]);
    let is_refused = |state: &TargetState| matches!(state, TargetState::Refused { retry_at: None });
    let (_, failure) = soon("the refusal", rig.state(TargetId(2), is_refused)).await;
    assert_eq!(failure, Some(PushFailure::Login(LoginFault::WrongPassword)));
    assert!(wowza.heard().iter().all(|heard| heard.with("publish") != Some(&["wrong".into(), "live".into()])));
    // Three attempts of three connections each beside the one that got in: nothing hammers an account.
    assert_eq!(wowza.heard().len(), 3 + 3 * 3);
    rig.close().await;
}
