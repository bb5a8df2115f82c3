//! 首次使用、群组、准入、拒绝。

use super::{host, rights};
use crate::chat::said::Said;
use crate::chat::screen::{Access, Group, Hello, No};

pub(super) fn hello(screen: &Hello) -> String {
    match screen {
        Hello::Welcome { targets, camera, show, host } => welcome(*targets, *camera, *show, host.as_ref()),
        Hello::Server(host) => format!("<b>交出密钥之前请留意：这是 {host} 的服务器。</b>\n\n{SERVER}"),
        Hello::NotUnderstood => "<b>没看懂这句话。</b>\n\n请点下面的按钮，或发送 /help。".into(),
        Hello::Claimed => "<b>这个 Telecast 现在归你了。</b>\n\n只有你和你允许的人可以使用。你把我拉进的群可以直接使用。\n\n先添加一个转播平台：观众在哪里看。".into(),
        Hello::AlreadyOwner => "<b>这个 Telecast 本来就是你的。</b>".into(),
        Hello::ClaimWrong => "<b>这个认领码无效。</b>\n\n可能已经用过了。部署者可以在控制台看到正确的认领码。".into(),
        Hello::LinkExpired => "<b>这个链接已失效。</b>\n\n链接只能由本人使用一次，十分钟内有效。请回去再点一次按钮。".into(),
        Hello::Help => "<b>我能做的事</b>\n\n/golive 或“开播”：向所有已打开的平台开播\n/stoplive 或“下播”：结束直播（“下播 立即”不需确认）\n/status 或“状态”：每个平台的情况\n/look 或“画面”：看看正在推的画面\n/clip 或“片段”：把刚才半分钟存成视频，“片段 60”是一分钟\n/recordings 或“录像”：录制直播，取录像\n/addtarget：添加转播平台\n/targets：开关、排序、改名、移除平台\n/check 或“测试”：开播前逐个测试，观众看不到\n/ingest：推流用的服务器和密钥\n/links 或“链接”：观看链接\n/watch 或“观看页”：自己的观看页\n/announce：开播时通知其他群\n/mykeys：你交给我的串流密钥；/forget 全部删除\n/settings：断流后保持多久\n/language：中文或 English\n/cancel：退出当前操作".into(),
        Hello::GroupHelp => "<b>我在群里能做的事</b>\n\n所有人：/status 直播状态，/links 观看链接\n管理员：/golive 开播，/stoplive 下播，/look 看画面，/clip 截片段，/recordings 录像，/addtarget，/targets，/check 测试，/ingest，/watch 观看页，/announce 开播通知，/settings，/language\n\n串流密钥只在私聊中接收。".into(),
        Hello::Language => "<b>请选择语言。</b>\n\nWhich language?".into(),
        Hello::LanguageSet => "<b>好的，以后用中文。</b>".into(),
        Hello::Cancelled => "<b>已取消</b>，没有保存任何内容。".into(),
        Hello::NothingToCancel => "<b>当前没有可取消的操作。</b>\n\n要结束直播，请发送“下播”或 /stoplive。".into(),
        Hello::Late { command, minutes } => {
            format!("<b>你在 {minutes} 分钟前发送了 {command}，当时我不在线。</b>\n\n现在执行吗？")
        }
        Hello::LateTap { label, minutes } => {
            let button = label.as_ref().map_or("按钮".to_owned(), |label| format!("“{label}”"));
            format!("<b>你点{button}时我不在线，可能已过去 {minutes} 分钟。</b>\n\n现在执行吗？")
        }
    }
}

/// 部署者能做什么。
const SERVER: &str = "部署者看得到你的画面，也有能力使用你交给我的密钥，请确认信得过再继续。密钥随时可以收回：/mykeys；/forget 删除你的全部数据。";

fn welcome(targets: usize, camera: bool, show: Option<bool>, host: Option<&Said>) -> String {
    let mut text = match (targets, show) {
        (_, Some(true)) => "<b>正在直播。</b>".to_owned(),
        (0, _) => "<b>Telecast 群播 · 在聊天里，一键全网开播</b>".to_owned(),
        (_, _) => "<b>群播已就绪。</b>".to_owned(),
    };
    if let Some(host) = host {
        text += &format!("\n\n⚠️ 这是 {host} 的服务器。{SERVER}");
    }
    text += "\n\n你推一路流给我，我同时转推到你的所有平台。只需三步：\n";
    text += &match targets {
        0 => "1. ◻️ 添加转播平台：观众在哪里看。\n".to_owned(),
        _ => format!("1. ✅ 已有 {targets} 个转播平台。\n"),
    };
    text +=
        if camera { "2. ✅ 已收到你的推流。\n" } else { "2. ◻️ 用摄像机、手机或 OBS 推流。\n" };
    text + match show {
        Some(true) => "3. ✅ 正在直播，发送“状态”查看每个平台。",
        Some(false) => "3. ⏳ 推流到了就自动开播。",
        None => "3. ◻️ 开播。",
    }
}

pub(super) fn group(screen: &Group) -> String {
    match screen {
        Group::Hello => "<b>大家好！我把本群的一路直播同时转推到多个平台。</b>\n\n由管理员开播和下播；所有人都可以用 /status 看状态、/links 看观看链接。串流密钥只在私聊中接收。".into(),
        Group::Stranger { asked: false } => "<b>这是私人部署的 Telecast。</b>\n\n哪些群可以使用，由它的主人决定。".into(),
        Group::Stranger { asked: true } => "<b>这是私人部署的 Telecast。</b>\n\n已经向它的主人申请本群使用，请等待答复。".into(),
        Group::AddInPrivate => "<b>请到私聊中添加平台。</b>\n\n串流密钥不能发在群里：拿到密钥的人可以冒用你的直播间。".into(),
        Group::IngestInPrivate => "<b>我在私聊中把服务器和密钥发给你。</b>\n\n密钥只属于你。".into(),
        Group::KeysInPrivate => "<b>串流密钥只给本人看。</b>\n\n请到私聊中查看。".into(),
        Group::KeyPosted { deleted: true } => "<b>有人在群里发了串流密钥，消息我已删除。</b>\n\n可能已有人看到：请到平台更换密钥，再私聊发给我。".into(),
        Group::KeyPosted { deleted: false } => "<b>有人在群里发了串流密钥，而我没有删除消息的权限。</b>\n\n请手动删除那条消息。群里所有人都能看到它：请到平台更换密钥，再私聊发给我。".into(),
        Group::ProveAdmin => "<b>你正以群的名义发言，我无法确认你是谁。</b>\n\n请点下面的按钮，以本人身份继续。只有我能看到是你。".into(),
    }
}

pub(super) fn access(screen: &Access) -> String {
    match screen {
        Access::Asked => "<b>已向主人提出申请。</b>\n\n有结果我会告诉你。".into(),
        Access::AskedBefore => "<b>之前已经申请过了。</b>\n\n有结果我会告诉你。".into(),
        Access::LetIn => "<b>不用申请，你已经可以使用。</b>\n\n发送 /start 开始。".into(),
        Access::Question { name, group: false } => {
            format!("<b>{name} 申请使用你的 Telecast。</b>\n\n对方会有自己的导播台，并占用你的带宽。")
        }
        Access::Question { name, group: true } => {
            format!("<b>群“{name}”申请使用你的 Telecast。</b>\n\n该群管理员可以开播，并占用你的带宽。")
        }
        Access::Answered { name, yes: true } => format!("<b>已允许 {name} 使用。</b>"),
        Access::Answered { name, yes: false } => format!("<b>已拒绝 {name} 使用。</b>"),
        Access::InviteOver => "<b>这个邀请链接已失效。</b>\n\n可能已经用完或过期，请向给你链接的人要一个新的。".into(),
        Access::Declined => "<b>主人没有同意这次申请。</b>\n\n这里还不能使用这个 Telecast。如有误会，请直接联系主人，对方之后仍可以发来邀请。".into(),
        Access::Welcome => "<b>主人已允许你使用。</b>\n\n发送 /start 开始。".into(),
    }
}

pub(super) fn no(reason: &No) -> String {
    match reason {
        No::Unclaimed => "<b>这个 Telecast 还没有主人。</b>\n\n部署者可以在控制台找到认领链接。".into(),
        No::Private { asked: false } => "<b>这是私人部署的 Telecast。</b>\n\n谁可以使用，由它的主人决定。".into(),
        No::Private { asked: true } => "<b>这是私人部署的 Telecast。</b>\n\n你的申请已经转给它的主人。".into(),
        No::AdminsOnly => "<b>只有本群管理员可以这样做。</b>\n\n所有人都可以用 /status 和 /links。".into(),
        No::OperatorsOnly(policy) => rights::operators_only(*policy),
        No::AppointersOnly => rights::APPOINTERS_ONLY.into(),
        No::OutOfGroup => "<b>我已经不在那个群里了。</b>\n\n什么都没有改动。请把我重新拉进群，再点一次。".into(),
        No::Denied(denied) => host::denied(*denied),
        No::OwnerOnly => "<b>只有这个 Telecast 的主人可以这样做。</b>".into(),
        No::UnknownTarget => "<b>这个平台已经不在了。</b>\n\n发送 /targets 查看现有平台。".into(),
        No::NotYours => "<b>这个密钥是别人的。</b>\n\n只有本人可以收回；管理员可以用 /targets 移除平台。".into(),
        No::Store => "<b>没能保存，什么都没有改动。</b>\n\n请再试一次。部署者可以在日志里看到原因。".into(),
        No::Broken => "<b>我这边出了问题。</b>\n\n请再试一次。部署者可以在日志里看到原因。".into(),
        No::TooManyPlaces { limit } => {
            format!("<b>已经在 {limit} 个地方发开播通知了。</b>\n\n请先在私聊里用 /announce 去掉一个。")
        }
        No::AdminsUnknown => "<b>Telegram 没有告诉我谁是管理员。</b>\n\n什么都没有改动，请稍后再试。".into(),
    }
}
