//! Messages with a film in them.

use super::{Fault, Telegram, keyboard};
use crate::chat::page::{Post, Video};
use crate::domain::id::ChatId;
use std::time::Duration;
use teloxide::payloads::SendVideoSetters as _;
use teloxide::requests::Requester as _;
use teloxide::types as tg;

/// So many bytes go up in a second where the line is slow: half a Mbit.
const SLOW: usize = 64 << 10;

impl Telegram {
    /// Sends `video` with the post's text under it; the message's number.
    pub(super) async fn send_video(&self, chat: ChatId, post: &Post, video: &Video) -> Result<i32, Fault> {
        let file = tg::InputFile::memory(video.file.clone()).file_name("telecast.mp4");
        let mut request = self
            .bot
            .send_video(tg::ChatId(chat.0), file)
            .caption(post.text.clone())
            .parse_mode(tg::ParseMode::Html)
            .duration(video.seconds)
            .supports_streaming(true);
        if video.width > 0 && video.height > 0 {
            request = request.width(video.width).height(video.height);
        }
        let going_up = Duration::from_secs((video.file.len() / SLOW) as u64);
        Ok(self.ask(addressed!(request, post), going_up).await?.id.0)
    }
}
