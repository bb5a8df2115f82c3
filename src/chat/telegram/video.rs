//! Messages with a film in them, here and once more elsewhere.

use super::{Fault, Telegram, going_up, keyboard};
use crate::chat::page::{Post, Video};
use crate::domain::announce::Spot;
use crate::domain::id::ChatId;
use teloxide::payloads::{CopyMessageSetters as _, SendVideoSetters as _};
use teloxide::requests::Requester as _;
use teloxide::types as tg;

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
        Ok(self.ask(addressed!(request, post), going_up(video.file.len())).await?.id.0)
    }

    /// Posts an own message there too, with another text under it and without its buttons.
    pub(in crate::chat) async fn copy(&self, from: ChatId, message: i32, to: Spot, text: &str) -> Result<(), Fault> {
        let (chat, message) = (tg::ChatId(to.chat.0), tg::MessageId(message));
        let request = self.bot.copy_message(chat, tg::ChatId(from.0), message);
        let mut request = request.caption(text).parse_mode(tg::ParseMode::Html);
        if let Some(topic) = to.topic {
            request = request.message_thread_id(tg::ThreadId(tg::MessageId(topic)));
        }
        self.now(request).await.map(drop)
    }
}
