//! Messages with pictures in them: one alone, or an album.

use super::{Fault, Telegram, going_up, keyboard};
use crate::chat::page::Post;
use crate::domain::id::ChatId;
use bytes::Bytes;
use teloxide::payloads::{SendMediaGroupSetters as _, SendPhotoSetters as _};
use teloxide::requests::Requester as _;
use teloxide::types as tg;

impl Telegram {
    /// Sends the post's pictures with its text under them; the number of the first message: an album is several. There only
    /// the first picture has the text, since clients show it under the whole album where no other has one.
    pub(super) async fn send_pictures(&self, chat: ChatId, post: &Post) -> Result<i32, Fault> {
        let file = |picture: &Bytes| tg::InputFile::memory(picture.clone()).file_name("picture.jpg");
        let going_up = going_up(post.pictures.0.iter().map(Bytes::len).sum());
        let chat = tg::ChatId(chat.0);
        if let [only] = post.pictures.0.as_slice() {
            let request = self.bot.send_photo(chat, file(only)).caption(post.text.clone());
            let request = request.parse_mode(tg::ParseMode::Html);
            return Ok(self.ask(addressed!(request, post), going_up).await?.id.0);
        }
        let mut text = Some(post.text.clone());
        let album = post.pictures.0.iter().map(|picture| {
            let photo = tg::InputMediaPhoto::new(file(picture));
            tg::InputMedia::Photo(match text.take() {
                Some(text) => photo.caption(text).parse_mode(tg::ParseMode::Html),
                None => photo,
            })
        });
        let request = self.bot.send_media_group(chat, album.collect::<Vec<_>>());
        let sent = self.ask(placed!(request, post), going_up).await?;
        sent.first().map(|message| message.id.0).ok_or(Fault::Refused)
    }
}
