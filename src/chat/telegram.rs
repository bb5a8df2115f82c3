//! The Bot API as this bot uses it: with its modules the only place that sends requests. Errors come out classified and
//! without the token; a request's or answer's text is never part of them.

/// Where and how a message is sent: alike for each kind, of which teloxide has a type and a trait each.
macro_rules! placed {
    ($request:expr, $post:expr) => {{
        let (mut request, post) = ($request, $post);
        if post.silent {
            request = request.disable_notification(true);
        }
        if post.protected {
            request = request.protect_content(true);
        }
        if let Some(topic) = post.topic {
            request = request.message_thread_id(tg::ThreadId(tg::MessageId(topic)));
        }
        if let Some(message) = post.reply_to {
            let reply = tg::ReplyParameters::new(tg::MessageId(message)).allow_sending_without_reply();
            request = request.reply_parameters(reply);
        }
        request
    }};
}

/// The same, and what stands under it.
macro_rules! addressed {
    ($request:expr, $post:expr) => {{
        let post = $post;
        let mut request = placed!($request, post);
        if !post.keyboard.is_empty() {
            request = request.reply_markup(keyboard(post));
        }
        request
    }};
}

mod fault;
mod pictures;
mod video;

pub(super) use fault::{Fault, Way};

use super::admins::Admin;
use super::page::{Post, Press};
use super::update::{self, Incoming};
use crate::domain::id::{ChatId, UserId};
use fault::fault;
use secrecy::{ExposeSecret, SecretString};
use std::collections::HashMap;
use std::future::IntoFuture;
use std::time::Duration;
use teloxide::payloads::{
    AnswerCallbackQuerySetters, EditMessageTextSetters, GetMyCommandsSetters, GetMyDescriptionSetters,
    GetMyShortDescriptionSetters, GetUpdatesSetters, PinChatMessageSetters, SendMessageSetters,
    SetChatMenuButtonSetters, SetMyCommandsSetters, SetMyDescriptionSetters, SetMyShortDescriptionSetters,
    UnpinChatMessageSetters,
};
use teloxide::requests::Requester;
use teloxide::types::{
    self as tg, AllowedUpdate, BotCommand, BotCommandScope, InlineKeyboardButton, InlineKeyboardMarkup, ParseMode,
};
use teloxide::{ApiError, Bot, RequestError};
use url::Url;

/// Which updates are asked for. `chat_member` comes only by name, and only to bots that are admins.
const WANTED: [AllowedUpdate; 4] =
    [AllowedUpdate::Message, AllowedUpdate::CallbackQuery, AllowedUpdate::MyChatMember, AllowedUpdate::ChatMember];

/// A bot at a Bot API server. No Debug: teloxide's prints the token.
#[derive(Clone)]
pub(super) struct Telegram {
    bot: Bot,
    poll: Bot,
    /// How long any request may take, beyond what it waits for on purpose.
    patience: Duration,
}

/// The settings cannot make an HTTP client.
#[derive(Debug, thiserror::Error)]
#[error("the proxy's address cannot be used")]
pub(super) struct BadProxy;

/// An answer to a tap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) text: String,
    /// A window to be closed instead of a passing line.
    pub(super) alert: bool,
    /// Opened at once: a link to this bot.
    pub(super) url: Option<String>,
}

impl Telegram {
    pub(super) fn new(
        token: &SecretString,
        api: &Url,
        proxy: Option<&SecretString>,
        patience: Duration,
    ) -> Result<Self, BadProxy> {
        let bot = |idle| {
            // No total timeout of its own: `ask` has one, which knows of the long poll.
            let client = reqwest::Client::builder()
                .connect_timeout(Duration::from_secs(5))
                .tcp_nodelay(true)
                .pool_max_idle_per_host(idle)
                .tcp_keepalive(Duration::from_secs(30));
            // A Bot API server on this machine is not behind a proxy; and the setting alone decides, not the shell's variables.
            let client = match proxy.filter(|_| !is_here(api)) {
                Some(proxy) => client.proxy(reqwest::Proxy::all(proxy.expose_secret()).map_err(|_| BadProxy)?),
                None => client.no_proxy(),
            };
            let client = client.build().map_err(|_| BadProxy)?;
            Ok(Bot::with_client(token.expose_secret(), client).set_api_url(api.clone()))
        };
        // Eight are left open of a burst of answers; the poll's one tells what became of the way, not of these.
        Ok(Self { bot: bot(8)?, poll: bot(1)?, patience })
    }

    async fn ask<T>(
        &self,
        request: impl IntoFuture<Output = Result<T, RequestError>>,
        hold: Duration,
    ) -> Result<T, Fault> {
        match tokio::time::timeout(self.patience + hold, request.into_future()).await {
            Ok(answer) => answer.map_err(|error| fault(&error)),
            Err(_) => Err(Fault::Unreachable(Way::Silent)),
        }
    }

    async fn now<T>(&self, request: impl IntoFuture<Output = Result<T, RequestError>>) -> Result<T, Fault> {
        self.ask(request, Duration::ZERO).await
    }

    /// The bot's user name.
    pub(super) async fn name(&self) -> Result<String, Fault> {
        Ok(self.now(self.bot.get_me()).await?.username().to_owned())
    }

    /// Where updates are sent to instead of being polled for, if they are.
    pub(super) async fn webhook(&self) -> Result<Option<String>, Fault> {
        let info = self.now(self.bot.get_webhook_info()).await?;
        Ok(info.url.and_then(|url| url.host_str().map(str::to_owned)))
    }

    /// What has come since `offset`, waiting up to `hold` for something.
    pub(super) async fn updates(&self, offset: Option<i32>, hold: Duration) -> Result<Vec<Incoming>, Fault> {
        let request =
            self.poll.get_updates().timeout(u32::try_from(hold.as_secs()).unwrap_or(0)).allowed_updates(WANTED);
        let request = match offset {
            Some(offset) => request.offset(offset),
            None => request,
        };
        Ok(self.ask(request, hold).await?.into_iter().map(update::read).collect())
    }

    /// Sends a message; its number.
    pub(super) async fn send(&self, chat: ChatId, post: &Post) -> Result<i32, Fault> {
        if let Some(video) = &post.video {
            return self.send_video(chat, post, video).await;
        }
        if !post.pictures.0.is_empty() {
            return self.send_pictures(chat, post).await;
        }
        let request = self
            .bot
            .send_message(tg::ChatId(chat.0), post.text.clone())
            .parse_mode(ParseMode::Html)
            .link_preview_options(no_preview());
        Ok(self.now(addressed!(request, post)).await?.id.0)
    }

    /// Makes an own message another.
    pub(super) async fn edit(&self, chat: ChatId, message: i32, post: &Post) -> Result<(), Fault> {
        let request = self
            .bot
            .edit_message_text(tg::ChatId(chat.0), tg::MessageId(message), post.text.clone())
            .parse_mode(ParseMode::Html)
            .link_preview_options(no_preview())
            .reply_markup(keyboard(post));
        self.now(request).await.map(drop)
    }

    /// Deletes a message. One that is not there is deleted.
    pub(super) async fn delete(&self, chat: ChatId, message: i32) -> Result<(), Fault> {
        let delete = self.bot.delete_message(tg::ChatId(chat.0), tg::MessageId(message)).into_future();
        let gone = |error: &RequestError| matches!(error, RequestError::Api(ApiError::MessageToDeleteNotFound));
        let done =
            async move { delete.await.map(drop).or_else(|error| if gone(&error) { Ok(()) } else { Err(error) }) };
        self.now(done).await
    }

    /// Pins an own message, without a sound.
    pub(super) async fn pin(&self, chat: ChatId, message: i32) -> Result<(), Fault> {
        let request = self.bot.pin_chat_message(tg::ChatId(chat.0), tg::MessageId(message)).disable_notification(true);
        self.now(request).await.map(drop)
    }

    /// A message is pinned no more.
    pub(super) async fn unpin(&self, chat: ChatId, message: i32) -> Result<(), Fault> {
        let request = self.bot.unpin_chat_message(tg::ChatId(chat.0)).message_id(tg::MessageId(message));
        self.now(request).await.map(drop)
    }

    /// Whether the bot may pin messages in a group.
    pub(super) async fn may_pin(&self, group: ChatId) -> Result<bool, Fault> {
        let me = self.now(self.bot.get_me()).await?.id;
        let member = self.now(self.bot.get_chat_member(tg::ChatId(group.0), me)).await?;
        Ok(matches!(&member.kind, tg::ChatMemberKind::Administrator(admin) if admin.can_pin_messages))
    }

    /// Answers a tap.
    pub(super) async fn answer(&self, query: &str, answer: &Answer) -> Result<(), Fault> {
        let mut request = self.bot.answer_callback_query(tg::CallbackQueryId(query.to_owned()));
        if !answer.text.is_empty() {
            request = request.text(answer.text.clone()).show_alert(answer.alert);
        }
        if let Some(url) = answer.url.as_deref().and_then(|url| Url::parse(url).ok()) {
            request = request.url(url);
        }
        self.now(request).await.map(drop)
    }

    /// Who may run a group.
    pub(super) async fn admins(&self, chat: ChatId) -> Result<HashMap<UserId, Admin>, Fault> {
        let admins = self.now(self.bot.get_chat_administrators(tg::ChatId(chat.0))).await?;
        let people = admins.into_iter().filter(|admin| !admin.user.is_bot);
        let admin = |admin: tg::ChatMember| {
            let powers = update::powers(&admin)?;
            Some((UserId(admin.user.id.0), Admin { powers, name: admin.user.full_name() }))
        };
        Ok(people.filter_map(admin).collect())
    }

    /// Sees to it that a list of commands is as given; does nothing where it is.
    pub(super) async fn set_commands(
        &self,
        scope: BotCommandScope,
        language: Option<&str>,
        commands: Vec<BotCommand>,
    ) -> Result<(), Fault> {
        let mut get = self.bot.get_my_commands().scope(scope.clone());
        let mut set = self.bot.set_my_commands(commands.clone()).scope(scope);
        if let Some(language) = language {
            get = get.language_code(language);
            set = set.language_code(language);
        }
        if self.now(get).await? != commands {
            self.now(set).await?;
        }
        Ok(())
    }

    /// Sees to it that the button beside the text box opens the commands.
    pub(super) async fn set_menu(&self) -> Result<(), Fault> {
        if self.now(self.bot.get_chat_menu_button()).await? != tg::MenuButton::Commands {
            self.now(self.bot.set_chat_menu_button().menu_button(tg::MenuButton::Commands)).await?;
        }
        Ok(())
    }

    /// Sees to it that the bot's descriptions are as given.
    pub(super) async fn set_descriptions(&self, language: Option<&str>, long: &str, short: &str) -> Result<(), Fault> {
        let (mut get, mut set) = (self.bot.get_my_description(), self.bot.set_my_description().description(long));
        let mut get_short = self.bot.get_my_short_description();
        let mut set_short = self.bot.set_my_short_description().short_description(short);
        if let Some(language) = language {
            get = get.language_code(language);
            set = set.language_code(language);
            get_short = get_short.language_code(language);
            set_short = set_short.language_code(language);
        }
        if self.now(get).await?.description != long {
            self.now(set).await?;
        }
        if self.now(get_short).await?.short_description != short {
            self.now(set_short).await?;
        }
        Ok(())
    }
}

/// How long so many bytes take where the line is slow: half a Mbit.
fn going_up(bytes: usize) -> Duration {
    Duration::from_secs((bytes / (64 << 10)) as u64)
}

fn is_here(api: &Url) -> bool {
    match api.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn no_preview() -> tg::LinkPreviewOptions {
    tg::LinkPreviewOptions {
        is_disabled: true,
        url: None,
        prefer_small_media: false,
        prefer_large_media: false,
        show_above_text: false,
    }
}

fn keyboard(post: &Post) -> InlineKeyboardMarkup {
    InlineKeyboardMarkup::new(post.keyboard.iter().map(|row| {
        row.iter().filter_map(|key| {
            let label = key.label.clone();
            Some(match &key.press {
                Press::Data(data) => InlineKeyboardButton::callback(label, data.clone()),
                Press::Copy(text) => {
                    InlineKeyboardButton::copy_text_button(label, tg::CopyTextButton { text: text.clone() })
                }
                Press::Open(link) => InlineKeyboardButton::url(label, Url::parse(link).ok()?),
            })
        })
    }))
}
