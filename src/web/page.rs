//! The page, in the language of who asked for it.

use super::qr;
use crate::chat::CameraWords;
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
    let words = CameraWords::of(set_up.lang);
    let CameraWords { open, here, there, yours, .. } = words;
    whole(
        words.tag,
        &(words.title)(&studio),
        &format!(
            "<p><a class=\"go\" href=\"{href}\">{open}</a></p><p>{here}</p>{code}<p>{there}</p><p><small>{yours}</small></p>"
        ),
    )
}

/// For a link that is over, or none. Whoever comes is not known, and so is told in every language.
pub(super) fn over() -> String {
    let words = Lang::ALL.map(CameraWords::of).map(|words| format!("<p lang=\"{}\">{}</p>", words.tag, words.over));
    whole(CameraWords::of(Lang::default()).tag, "Telecast", &words.concat())
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

pub(super) fn escaped(text: &str) -> String {
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
