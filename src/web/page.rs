//! The page's words, in the language of who asked for it.

use super::qr;
use crate::domain::lang::Lang;
use crate::service::SetUp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

const STYLE: &str = "body{font:17px/1.5 system-ui,sans-serif;max-width:26rem;margin:0 auto;padding:1.5rem 1rem;color:#111;\
    background:#fff}a.go{display:block;text-align:center;background:#2a7ae2;color:#fff;padding:.9rem;border-radius:.7rem;\
    text-decoration:none;font-weight:600}svg{width:100%;height:auto}small{color:#555}@media(prefers-color-scheme:dark)\
    {body{color:#eee;background:#111}small{color:#aaa}}";

/// Server and key for Larix Broadcaster, by a tap or by a camera.
pub(super) fn camera(set_up: &SetUp) -> String {
    let link = larix(&format!("{}/{}", set_up.server.trim_end_matches('/'), set_up.key.expose()), &set_up.studio);
    let code = qr::svg(&link).unwrap_or_default();
    let studio = escaped(&set_up.studio);
    let href = escaped(&link);
    let (lang, title, words) = match set_up.lang {
        Lang::En => (
            "en",
            format!("Camera for {studio}"),
            [
                "Open in Larix",
                "On this phone: tap the button. Larix Broadcaster must be installed.",
                "On another phone: point its camera at this code, or scan it in Larix: Settings, Larix Grove.",
                "The key is yours alone: show this page to nobody. It works for ten minutes.",
            ],
        ),
        Lang::Zh => (
            "zh-CN",
            format!("给“{studio}”推流"),
            [
                "在 Larix 中打开",
                "在这部手机上：点上面的按钮。需要先安装 Larix Broadcaster。",
                "在另一部手机上：用相机扫这个码，或在 Larix 的“设置 → Larix Grove”里扫码。",
                "密钥只属于你，请不要给别人看这个页面。页面十分钟内有效。",
            ],
        ),
    };
    let [open, here, there, yours] = words;
    whole(
        lang,
        &title,
        &format!(
            "<p><a class=\"go\" href=\"{href}\">{open}</a></p><p>{here}</p>{code}<p>{there}</p><p><small>{yours}</small></p>"
        ),
    )
}

/// For a link that is over, or none. Whoever comes is not known, and so is told in both languages.
pub(super) fn over() -> String {
    let words = "<p>This link is over. Go back to the chat and tap the button again.</p>\
                 <p>链接已失效，请回到聊天中再点一次按钮。</p>";
    whole("en", "Telecast", words)
}

fn whole(lang: &str, title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"{lang}\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"robots\" content=\"noindex\">\
         <title>{title}</title><style>{STYLE}</style><h1>{title}</h1>{body}</html>"
    )
}

/// Larix Grove: only the URL is required, the name is what the connection is called in the app.
fn larix(url: &str, name: &str) -> String {
    let coded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let name: String = name.chars().take(40).collect();
    format!("larix://set/v1?conn[][url]={}&conn[][name]={}&conn[][mode]=av", coded(url), coded(&name))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::secret::IngestKey;

    #[test]
    fn the_page_holds_the_link_once_for_a_tap_and_once_for_a_camera_and_no_markup_of_others() {
        let set_up = SetUp {
            server: "rtmp://live.example.com/live".into(),
            key: IngestKey::from_stream_name("k3mpa-0123456789abcdefghjkmnpqrs"),
            studio: "<b>\"A&B\" 周末".into(),
            lang: Lang::Zh,
        };
        let page = camera(&set_up);
        let url = "conn[][url]=rtmp%3A%2F%2Flive%2Eexample%2Ecom%2Flive%2Fk3mpa%2D0123456789abcdefghjkmnpqrs&amp;";
        assert_eq!(page.matches(url).count(), 1, "{page}");
        assert!(page.contains("<svg ") && page.contains("在 Larix 中打开"), "{page}");
        assert!(page.contains("&lt;b&gt;&quot;A&amp;B&quot;") && !page.contains("<b>"), "{page}");
        assert!(over().contains("链接已失效"));
    }
}
