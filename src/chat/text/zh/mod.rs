//! 简体中文。

mod add;
mod announce;
mod check;
mod forewarn;
mod hello;
mod host;
mod labels;
mod look;
mod news;
mod panel;
mod recordings;
mod refusal;
mod rights;
mod show;
mod sources;
mod stream;
mod target;
mod toasts;
mod watch;
mod weekly;

use super::{CameraWords, Words};
use labels::label;
use toasts::{listed, toast};

use crate::chat::command::Listed;
use crate::chat::screen::Screen;
use crate::chat::view::LinkView;
use std::time::Duration;

pub(super) const WORDS: Words = Words {
    page,
    toast,
    label,
    listed,
    profile: (DESCRIPTION, SHORT_DESCRIPTION),
    commands: &[
        ("开播", Listed::GoLive),
        ("下播", Listed::StopLive),
        ("关播", Listed::StopLive),
        ("停播", Listed::StopLive),
        ("结束直播", Listed::StopLive),
        ("检查", Listed::Check),
        ("测试", Listed::Check),
        ("状态", Listed::Status),
        ("画面", Listed::Look),
        ("看画面", Listed::Look),
        ("片段", Listed::Clip),
        ("录像", Listed::Recordings),
        ("录制", Listed::Recordings),
        ("剪辑", Listed::Clip),
        ("链接", Listed::Links),
        ("观看页", Listed::Watch),
        ("平台", Listed::Targets),
        ("推流", Listed::Ingest),
        ("设置", Listed::Settings),
        ("帮助", Listed::Help),
        ("取消", Listed::Cancel),
    ],
    now: &["立即", "马上"],
    camera: CameraWords {
        tag: "zh-CN",
        title: |studio| format!("给“{studio}”推流"),
        open: "在 Larix 中打开",
        here: "在这部手机上：点上面的按钮。需要先安装 Larix Broadcaster。",
        there: "在另一部手机上：用相机扫这个码，或在 Larix 的“设置 → Larix Grove”里扫码。",
        yours: "密钥只属于你，请不要给别人看这个页面。页面十分钟内有效。",
        over: "链接已失效，请回到聊天中再点一次按钮。",
    },
    page_words: watch::PAGE,
};

const DESCRIPTION: &str = "Telecast 群播 · 在聊天里，一键全网开播。\n\n从 OBS、手机或腾讯会议推来一路画面，群播同时转推到哔哩哔哩、YouTube、Twitch 等多个平台，并在这里告诉你每个平台的状态。\n\n点“开始”即可。";
const SHORT_DESCRIPTION: &str = "Telecast 群播 · 在聊天里，一键全网开播：推一路，播全网。";

fn page(screen: &Screen) -> String {
    match screen {
        Screen::Hello(screen) => hello::hello(screen),
        Screen::Group(screen) => hello::group(screen),
        Screen::Access(screen) => hello::access(screen),
        Screen::No(reason) => hello::no(reason),
        Screen::Add(screen) => add::add(screen),
        Screen::Target(screen) => target::target(screen),
        Screen::Keys(screen) => target::keys(screen),
        Screen::Ingest(screen) => target::ingest(screen),
        Screen::Pulled(screen) => sources::pulled(screen),
        Screen::Played(screen) => sources::played(screen),
        Screen::Settings(screen) => rights::settings(screen),
        Screen::Operators(view) => rights::operators(view),
        Screen::Host(screen) => host::host(screen),
        Screen::Show(screen) => show::show(screen),
        Screen::Look(screen) => look::look(screen),
        Screen::Recordings(screen) => recordings::recordings(screen),
        Screen::Weekly(screen) => weekly::weekly(screen),
        Screen::Watch(view) => watch::watch(view),
        Screen::Announce(screen) => announce::announce(screen),
        Screen::Panel(view) => panel::panel(view),
        Screen::News(news) => news::news(news),
    }
}

/// 一行观看链接。
fn link(link: &LinkView) -> String {
    match &link.name {
        Some(name) => format!("\n{name}：{}", link.link),
        None => format!("\n观看页：{}", link.link),
    }
}

/// `2 小时 13 分`。
fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0, s) => format!("{s} 秒"),
        (0, 0, m, 0) => format!("{m} 分钟"),
        (0, 0, m, s) => format!("{m} 分 {s} 秒"),
        (0, h, 0, _) => format!("{h} 小时"),
        (0, h, m, _) => format!("{h} 小时 {m} 分"),
        (d, 0, ..) => format!("{d} 天"),
        (d, h, ..) => format!("{d} 天 {h} 小时"),
    }
}
