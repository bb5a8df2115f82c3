//! Messages: what the phone API hands out, and their JSON form for the bot.

use super::entities::{Entity, Marked};
use super::keyboard::{Keyboard, inline_json};
use super::people::{ChatKind, GROUP_ANONYMOUS_BOT};
use super::world::World;
use serde_json::{Value, json};

/// A message in a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its number in the chat.
    pub id: i32,
    /// The chat.
    pub chat: i64,
    /// Who sent it; the bot's id for what the bot says.
    pub from: i64,
    /// An admin who writes in the group's name.
    pub anonymous: bool,
    /// Sent by the bot.
    pub by_bot: bool,
    /// When, Unix seconds.
    pub date: i64,
    /// When it was last edited, Unix seconds.
    pub edited: Option<i64>,
    /// What it holds.
    pub content: Content,
    /// The message that it answers.
    pub reply_to: Option<i32>,
    /// The album that it is of (`media_group_id`).
    pub album: Option<i64>,
    /// The topic that it is in.
    pub topic: Option<i32>,
    /// Forwarded from this user.
    pub forwarded_from: Option<i64>,
    /// Its inline buttons.
    pub keyboard: Keyboard,
    /// Made no sound (`disable_notification`).
    pub silent: bool,
    /// May not be forwarded or saved (`protect_content`).
    pub protected: bool,
    /// The bot's reaction, an emoji.
    pub reaction: Option<String>,
    /// Counts its changes, so that a page redraws only what changed.
    pub revision: u32,
}

/// What a message holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A text.
    Text(Marked),
    /// A photo with a caption.
    Photo(File, Marked),
    /// A video with a caption.
    Video(File, Marked),
    /// A file with a caption.
    Document(File, Marked),
    /// A line in the middle of the chat.
    Service(Service),
}

/// A file that the stand-in keeps. Its bytes are in the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// `file_id`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Bytes.
    pub size: usize,
    /// Width and height of a picture or video, pixels.
    pub pixels: (u32, u32),
    /// Length of a video, seconds.
    pub seconds: u32,
}

/// What happened in a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Service {
    /// These came, or were brought.
    Joined(Vec<i64>),
    /// This one went, or was thrown out.
    Left(i64),
    /// A message was pinned.
    Pinned(i32),
    /// The group becomes this supergroup.
    MigratedTo(i64),
    /// The supergroup was this group.
    MigratedFrom(i64),
}

impl Message {
    /// The words of a text or caption, or nothing.
    #[must_use]
    pub fn text(&self) -> &str {
        match &self.content {
            Content::Text(marked)
            | Content::Photo(_, marked)
            | Content::Video(_, marked)
            | Content::Document(_, marked) => &marked.text,
            Content::Service(_) => "",
        }
    }

    /// The labels of its buttons, row by row.
    #[must_use]
    pub fn labels(&self) -> Vec<&str> {
        self.keyboard.iter().flatten().map(|b| b.label.as_str()).collect()
    }

    /// Whether a button says this, or holds it in its label.
    #[must_use]
    pub fn has_button(&self, label: &str) -> bool {
        self.labels().iter().any(|l| l.contains(label))
    }

    /// `Message` of the Bot API.
    pub(super) fn json(&self, world: &World) -> Value {
        let mut message = self.json_alone(world);
        if let Some(first) = self.reply_to.and_then(|id| world.message(self.chat, id)) {
            message["reply_to_message"] = first.json_alone(world);
        }
        if let Content::Service(Service::Pinned(id)) = &self.content {
            message["pinned_message"] = match world.message(self.chat, *id) {
                Some(pinned) => pinned.json_alone(world),
                None => inaccessible(world.chat_json(self.chat), *id),
            };
        }
        message
    }

    fn json_alone(&self, world: &World) -> Value {
        let chat = world.chat_json(self.chat);
        let mut message = json!({"message_id": self.id, "date": self.date});
        if world.chats.get(&self.chat).is_some_and(|chat| chat.kind == ChatKind::Channel) {
            message["sender_chat"] = chat.clone();
        } else if self.anonymous {
            message["from"] = world.user_json(GROUP_ANONYMOUS_BOT);
            message["sender_chat"] = chat.clone();
        } else {
            message["from"] = world.user_json(self.from);
        }
        message["chat"] = chat;
        if let Some(topic) = self.topic {
            message["message_thread_id"] = json!(topic);
            message["is_topic_message"] = json!(true);
        }
        if let Some(album) = self.album {
            message["media_group_id"] = json!(album.to_string());
        }
        if let Some(edited) = self.edited {
            message["edit_date"] = json!(edited);
        }
        if let Some(user) = self.forwarded_from {
            message["forward_origin"] =
                json!({"type": "user", "date": self.date, "sender_user": world.user_json(user)});
        }
        if self.protected {
            message["has_protected_content"] = json!(true);
        }
        if !self.keyboard.is_empty() {
            message["reply_markup"] = inline_json(&self.keyboard);
        }
        self.content_json(&mut message, world);
        message
    }

    fn content_json(&self, message: &mut Value, world: &World) {
        let entities =
            |list: &[Entity]| -> Vec<Value> { list.iter().map(|e| e.json(|id| world.user_json(id))).collect() };
        match &self.content {
            Content::Text(marked) => {
                message["text"] = json!(marked.text);
                if !marked.entities.is_empty() {
                    message["entities"] = json!(entities(&marked.entities));
                }
                return;
            }
            Content::Photo(file, _) => message["photo"] = json!([file.photo_json()]),
            Content::Video(file, _) => message["video"] = file.video_json(),
            Content::Document(file, _) => message["document"] = file.json(),
            Content::Service(Service::Joined(users)) => {
                message["new_chat_members"] = users.iter().map(|&id| world.user_json(id)).collect();
            }
            Content::Service(Service::Left(user)) => message["left_chat_member"] = world.user_json(*user),
            Content::Service(Service::MigratedTo(id)) => message["migrate_to_chat_id"] = json!(id),
            Content::Service(Service::MigratedFrom(id)) => message["migrate_from_chat_id"] = json!(id),
            Content::Service(Service::Pinned(_)) => {}
        }
        if let Content::Photo(_, caption) | Content::Video(_, caption) | Content::Document(_, caption) = &self.content
            && !caption.text.is_empty()
        {
            message["caption"] = json!(caption.text);
            if !caption.entities.is_empty() {
                message["caption_entities"] = json!(entities(&caption.entities));
            }
        }
    }
}

/// `InaccessibleMessage`: deleted, or too old for the bot.
pub(super) fn inaccessible(chat: Value, id: i32) -> Value {
    json!({"chat": chat, "message_id": id, "date": 0})
}

impl File {
    /// A short id of the file that no client can download with.
    fn unique(&self) -> String {
        format!("u{}", self.id)
    }

    /// `Document` and, with a path, `File` of the Bot API.
    pub(super) fn json(&self) -> Value {
        json!({"file_id": self.id, "file_unique_id": self.unique(), "file_name": self.name, "file_size": self.size})
    }

    fn photo_json(&self) -> Value {
        let (width, height) = self.pixels;
        json!({"file_id": self.id, "file_unique_id": self.unique(), "file_size": self.size, "width": width, "height": height})
    }

    fn video_json(&self) -> Value {
        let mut video = self.json();
        let (width, height) = self.pixels;
        (video["width"], video["height"], video["duration"]) = (json!(width), json!(height), json!(self.seconds));
        video["mime_type"] = json!("video/mp4");
        video
    }

    /// `File` of `getFile`.
    pub(super) fn download_json(&self) -> Value {
        let path = format!("files/{}", self.id);
        json!({"file_id": self.id, "file_unique_id": self.unique(), "file_size": self.size, "file_path": path})
    }
}
