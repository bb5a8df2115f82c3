//! 平台拒绝的含义，以及怎么办。

use crate::chat::advice::Meaning;
use crate::chat::said::Said;
use crate::platform::Means;

pub(super) fn refused(name: &Said, words: &Said, meaning: Option<&Meaning>, go_on: &str, studio: &str) -> String {
    let what = match meaning.map(|meaning| meaning.means) {
        None | Some(Means::Key) => "拒绝了串流密钥",
        Some(Means::KeyUsed) => "的串流密钥已经用过，不能再用",
        Some(Means::KeyExpired) => "的串流密钥已过期",
        Some(Means::NotStarted) => "在等你点开播",
        Some(Means::InUse) => "说有别人正在用这个密钥推流",
        Some(Means::OverLimit) => "不接受这么大的码率或画面",
        Some(Means::Address) => "不认识这个服务器地址",
        Some(Means::Login) => "不认可用户名或密码",
    };
    let said = if words.is_empty() { String::new() } else { format!("平台的原话：“{words}”。") };
    let mut cure = meaning.map_or_else(|| default_cure(Means::Key).to_owned(), cure);
    if meaning.is_some_and(|meaning| meaning.means == Means::NotStarted) {
        cure += "接下来一刻钟里，我每分钟再试一次。";
    }
    format!("<b>🔴 {studio}{name} {what}。</b>\n\n{said}{go_on}{cure}")
}

/// 怎么办：知道平台自己的做法时，用它的说法。
pub(super) fn cure(meaning: &Meaning) -> String {
    match &meaning.say {
        Some(say) => say.zh.to_string(),
        None => default_cure(meaning.means).to_owned(),
    }
}

fn default_cure(means: Means) -> &'static str {
    match means {
        Means::Key => "请到该平台看看密钥是否已更换、是否要先点开播，然后重试，或把新密钥发给我。",
        Means::KeyUsed => "请到那边新建一场直播，再点“换密钥”，把新密钥发给我。",
        Means::KeyExpired => "请到那边获取新密钥，再点“换密钥”，把它发给我。",
        Means::NotStarted => "请到那边点开播。",
        Means::InUse => "请停掉那边的其他推流；如果是你自己刚断开的连接，请等一分钟。然后重试。",
        Means::OverLimit => "请在摄像机或 OBS 里降低码率或分辨率，然后重试。",
        Means::Address => "请和那边显示的地址核对；如果不同，请点“换密钥”，把正确的地址和串流密钥一起发给我。",
        Means::Login => {
            "请到那边核对，再点“换密钥”，把写上正确用户名和密码的服务器地址（<code>rtmp://用户名:密码@服务器/应用名</code>）和串流密钥一起发给我。"
        }
    }
}
