//! Asks the platform's public page whether viewers can see the show. An error is never an answer: `None`.

use crate::domain::target::Target;
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// How long one question may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Longest answer read, in bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// Asks public pages. Needs no account.
#[derive(Clone, Debug)]
pub struct LiveCheck {
    client: reqwest::Client,
    bilibili: Url,
}

impl LiveCheck {
    /// `bilibili` is the base of its API, such as `https://api.live.bilibili.com`.
    #[must_use]
    pub fn new(client: reqwest::Client, bilibili: Url) -> Self {
        Self { client, bilibili }
    }

    /// Whether viewers can see `target`; `None` when that cannot be known now, or for this platform at all.
    pub async fn is_on_air(&self, target: &Target) -> Option<bool> {
        let room = self.bilibili_room(target).await?;
        let answer = self.ask("room/v1/Room/room_init", "id", &room).await?;
        match answer.pointer("/data/live_status")?.as_u64()? {
            1 => Some(true),
            // 2 is a loop of old recordings.
            0 | 2 => Some(false),
            _ => None,
        }
    }

    /// Where people watch `target`, for platforms that tell it of a key.
    pub async fn viewer_link(&self, target: &Target) -> Option<String> {
        let room = self.bilibili_room(target).await?;
        Some(format!("https://live.bilibili.com/{room}"))
    }

    /// Whether there is a page to ask about `target`.
    #[must_use]
    pub fn can_ask(target: &Target) -> bool {
        target.platform == "bilibili" && target.status_id.is_some()
    }

    async fn bilibili_room(&self, target: &Target) -> Option<String> {
        let id = target.status_id.as_deref().filter(|_| target.platform == "bilibili")?;
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        match id.split_once(':')? {
            ("room", room) if digits(room) => Some(room.to_owned()),
            ("uid", uid) if digits(uid) => {
                let answer = self.ask("room/v2/Room/room_id_by_uid", "uid", uid).await?;
                let room = answer.pointer("/data/room_id")?.as_u64().filter(|room| *room != 0)?;
                Some(room.to_string())
            }
            _ => None,
        }
    }

    /// One question; `None` for anything but a whole JSON answer with code 0.
    async fn ask(&self, path: &str, name: &str, value: &str) -> Option<Value> {
        let mut url = self.bilibili.clone();
        url.path_segments_mut().ok()?.pop_if_empty().extend(path.split('/'));
        url.query_pairs_mut().append_pair(name, value);
        let asked = async {
            let mut response = self.client.get(url).timeout(TIMEOUT).send().await?.error_for_status()?;
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await? {
                if body.len() + chunk.len() > MAX_ANSWER {
                    return Ok(None);
                }
                body.extend_from_slice(&chunk);
            }
            Ok::<_, reqwest::Error>(Some(body))
        };
        let body = asked.await.inspect_err(|e| tracing::debug!(error = %e, "live check: no answer")).ok()??;
        let answer: Value = serde_json::from_slice(&body).ok()?;
        (answer.get("code")?.as_i64()? == 0).then_some(answer)
    }
}
