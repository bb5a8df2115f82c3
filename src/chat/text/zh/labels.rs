//! 按钮。

use super::span;
use crate::chat::label::Label;
use crate::domain::access::Policy;
use crate::domain::quota::Limit;

pub(in crate::chat::text) fn label(label: &Label) -> String {
    let words = match label {
        Label::Name(name) => return name.plain().to_owned(),
        Label::Target { name, on: true, flawed: true } => return format!("⚠️ {}", name.plain()),
        Label::Target { name, on: true, flawed: false } => return format!("🟢 {}", name.plain()),
        Label::Target { name, on: false, .. } => return format!("⚪ {}（关）", name.plain()),
        Label::TurnOffNamed(name) => return format!("关闭 {}", name.plain()),
        Label::RetryNamed(name) => return format!("🔁 重试 {}", name.plain()),
        Label::Withdraw(name) => return format!("收回 {}", name.plain()),
        Label::Time { time, chosen } => {
            let time = if time.is_zero() { "关闭".into() } else { span(*time) };
            return if *chosen { format!("✅ {time}") } else { time };
        }
        Label::Policy { policy, chosen } => {
            let policy = match policy {
                Policy::Any => "所有管理员",
                Policy::Video => "能管理视频聊天的管理员",
                Policy::Named => "由我指定的管理员",
            };
            return if *chosen { format!("✅ {policy}") } else { policy.into() };
        }
        Label::Operator { name, named: true } => return format!("✅ {}", name.plain()),
        Label::Operator { name, named: false } => return format!("◻️ {}", name.plain()),
        Label::Operators => "👥 谁可以操作",
        Label::AddTarget => "➕ 添加平台",
        Label::AddAnother => "➕ 再加一个",
        Label::GoLive => "🔴 开播",
        Label::StopNow => "⏹ 立即下播",
        Label::Stop => "⏹ 下播",
        Label::KeepLive => "继续直播",
        Label::EndNow => "⏹ 结束直播",
        Label::KeepHolding => "继续保持",
        Label::GoOn => "▶️ 继续",
        Label::Camera => "📷 推流设置",
        Label::Targets => "转播平台",
        Label::Status => "状态",
        Label::Help => "帮助",
        Label::Language => "语言",
        Label::English => "English",
        Label::Chinese => "中文",
        Label::Save => "✅ 保存",
        Label::SaveAnyway => "✅ 仍然保存",
        Label::ChangeName => "改名",
        Label::Cancel => "取消",
        Label::TurnOn => "打开",
        Label::TurnOff => "关闭",
        Label::Test => "测试",
        Label::TestAll => "🩺 全部测试",
        Label::Earlier => "↑ 上移",
        Label::Later => "↓ 下移",
        Label::NewKey => "换密钥",
        Label::Rename => "改名",
        Label::WatchLink => "观看链接",
        Label::RemoveLink => "删除链接",
        Label::Remove => "🗑 移除",
        Label::Undo => "↩️ 撤销",
        Label::Back => "‹ 返回",
        Label::Previous => "‹ 上一页",
        Label::OtherServer => "换服务器",
        Label::MorePlatforms => "更多平台 ›",
        Label::Next => "下一页 ›",
        Label::RetryNow => "🔁 立即重试",
        Label::ForgetAll => "全部删除",
        Label::Requests(count) => return format!("🙋 申请（{count}）"),
        Label::InviteFor { uses, lasts } => return format!("➕ {uses} 次，{}", span(*lasts)),
        Label::Revoke(number) => return format!("收回第 {number} 个"),
        Label::LimitOf(Limit::Targets) => "平台数",
        Label::LimitOf(Limit::Mbps) => "带宽",
        Label::LimitOf(Limit::Hours) => "时长",
        Label::Limit { limit, value, chosen } => {
            let value = match (value, limit) {
                (None, _) => "不限".to_owned(),
                (Some(value), Limit::Targets) => format!("{value} 个"),
                (Some(value), Limit::Mbps) => format!("{value} Mbit/s"),
                (Some(value), Limit::Hours) => format!("{value} 小时"),
            };
            return if *chosen { format!("✅ {value}") } else { value };
        }
        Label::AllStudios => "全部导播台",
        Label::Invites => "✉️ 邀请",
        Label::CopyLink => "📋 复制链接",
        Label::Drain => "🚧 停止开播，准备升级",
        Label::TakeShows => "▶️ 恢复开播",
        Label::Refresh => "🔄 刷新",
        Label::Block => "🚫 拉黑",
        Label::AskAccess => "申请使用",
        Label::LetIn => "✅ 允许",
        Label::Decline => "拒绝",
        Label::RunNow => "▶️ 现在执行",
        Label::ProveAdmin => "是我，继续",
        Label::OpenPrivate => "🔒 到私聊继续",
        Label::CopyServer => "📋 复制服务器",
        Label::CopyUrl => "📋 复制地址",
        Label::CopyKey => "📋 复制密钥",
        Label::Obs => "OBS",
        Label::Larix => "Larix",
        Label::TencentMeeting => "腾讯会议",
        Label::SetUpCamera => "📱 一键设置 Larix / 扫码",
        Label::ShowKey => "👁 显示密钥",
        Label::RenewKey => "换新密钥",
        Label::RenewKeyNow => "确定更换",
        Label::PullFrom => "🔗 拉流",
        Label::LetPlay => "📺 允许别人观看",
        Label::OtherUrl => "换地址",
        Label::StopPull => "⏹ 停止拉流",
        Label::Share => "✅ 允许别人观看",
        Label::Unshare => "关闭",
        Label::RenewReadKey => "换播放密钥",
        Label::FetchNow => "🔁 立即重新拉流",
        Label::Pin(false) => "📌 置顶状态面板",
        Label::Pin(true) => "✅ 置顶状态面板",
        Label::Announce(name) => return format!("📣 通知 {}", name.plain()),
        Label::Unannounce(name) => return format!("✖️ 取消 {}", name.plain()),
        Label::ToChannel => "➕ 添加频道",
        Label::ToGroup => "➕ 添加群组",
        Label::ToChats => "➕ 其他群或频道",
        Label::OnDuty => "🔔 我来值班",
        Label::OffDuty => "结束值班",
        Label::Mute => "🔕 静音 1 小时",
        Label::Unmute => "🔔 恢复响铃",
        Label::SetUpPrivately => "🔒 到私聊设置",
    };
    words.into()
}
