//! 点按钮后的提示，以及命令列表。

use crate::chat::command::Listed;
use crate::chat::label::Toast;
use crate::chat::screen::No;
use crate::domain::access::Policy;

pub(in crate::chat::text) fn toast(toast: &Toast) -> String {
    match toast {
        Toast::Silent => String::new(),
        Toast::OldMenu => {
            "这个按钮已失效。要新的按钮，请发送 /status（直播）、/targets（平台）或 /announce（开播通知）。".into()
        }
        Toast::OldDraft => "这个按钮已失效。已保存的平台：/targets；添加平台：/addtarget".into(),
        Toast::NotYourMenu => "这是别人的菜单，请自己发送命令。".into(),
        Toast::No(reason) => no(reason),
        Toast::On(name) => format!("{} 已打开", name.plain()),
        Toast::Off(name) => format!("{} 已关闭", name.plain()),
        Toast::Retrying { name, now: true } => format!("正在重试 {}", name.plain()),
        Toast::Retrying { name, now: false } => format!("画面一来就重试 {}", name.plain()),
        Toast::Place { name, place, count } => format!("{} 现在排第 {place}，共 {count} 个。", name.plain()),
        Toast::KeptLive => "直播继续".into(),
        Toast::Kept => "继续保持".into(),
        Toast::BackAlready => "画面已经恢复了".into(),
        Toast::PausedAlready => "晚了一步：直播已暂停，恢复推流后会继续。".into(),
        Toast::FetchingNow => "正在重新拉流".into(),
        Toast::NotLive => "现在没有直播".into(),
        Toast::Posted(place) => format!("已发到“{place}”"),
        Toast::NotPosted(place) => format!("没能发到“{place}”：请检查我在那里能不能发视频"),
        Toast::MayNotPin => "把我设为能置顶消息的管理员后，我就会置顶".into(),
        Toast::Muted => "1 小时内，这个导播台的提醒不再响铃".into(),
        Toast::Unmuted => "已恢复：需要你处理时会响铃".into(),
    }
}

fn no(reason: &No) -> String {
    let words = match reason {
        No::Unclaimed => "这个 Telecast 还没有主人。",
        No::Private { .. } => "这是私人部署的 Telecast。",
        No::AdminsOnly => "只有本群管理员可以操作。匿名管理员请把我也设为管理员，或用本人身份发言。",
        No::OperatorsOnly(Policy::Named) => "本群只有指定的操作员可以这样做。",
        No::OperatorsOnly(Policy::Any | Policy::Video) => "本群只有能管理视频聊天的管理员可以这样做。",
        No::AppointersOnly => "只有能任命管理员的人可以决定谁来操作。",
        No::OutOfGroup => "我已经不在那个群里了。请把我重新拉进群，再点一次。",
        No::Denied(denied) => return super::host::denied_short(*denied),
        No::OwnerOnly => "只有这个 Telecast 的主人可以操作。",
        No::UnknownTarget => "这个平台已经不在了。",
        No::NotYours => "这个密钥是别人的。",
        No::Store => "没能保存，什么都没有改动。",
        No::Broken => "我这边出了问题，请再试一次。",
        No::TooManyPlaces { limit } => return format!("已经在 {limit} 个地方发开播通知了，请先去掉一个。"),
        No::AdminsUnknown => "Telegram 没有告诉我谁是管理员，请稍后再试。",
    };
    words.into()
}

pub(in crate::chat::text) fn listed(command: Listed) -> &'static str {
    match command {
        Listed::GoLive => "向所有平台开播",
        Listed::StopLive => "下播",
        Listed::Status => "直播和各平台的状态",
        Listed::Look => "看一眼正在推的画面",
        Listed::Clip => "把刚才半分钟存成视频",
        Listed::Recordings => "录制直播，取录像",
        Listed::Watch => "自己的观看页",
        Listed::Links => "观看链接",
        Listed::AddTarget => "添加转播平台",
        Listed::Targets => "开关、测试、改名、移除平台",
        Listed::Check => "测试每个平台能不能开播",
        Listed::Ingest => "推流用的服务器和密钥",
        Listed::MyKeys => "你交给我的串流密钥",
        Listed::Announce => "在哪里发开播通知",
        Listed::Settings => "断流后保持多久",
        Listed::Admin => "服务器上的直播、限额和邀请",
        Listed::Language => "中文 / English",
        Listed::Help => "我能做的事",
        Listed::Cancel => "退出当前操作",
    }
}
