//! What /look and /clip say.

use crate::chat::said::Said;
use crate::chat::screen::{LookView, Screen};
use crate::service::{Scene, Sound};
use std::time::Duration;

pub(super) fn screens() -> Vec<Screen> {
    let clip = |scene, size, sound| LookView::Clip { scene, lasts: Duration::from_millis(2_040), size, sound };
    let full = Some((1920, 1080));
    let all = [
        clip(Scene::OnAir, full, Sound::There),
        clip(Scene::OnAir, None, Sound::None),
        clip(Scene::OnAir, full, Sound::Silent),
        clip(Scene::Before, full, Sound::There),
        clip(Scene::Before, full, Sound::LeftOut),
        clip(Scene::Held, full, Sound::There),
        LookView::Clip { scene: Scene::Past, lasts: Duration::from_millis(31_480), size: full, sound: Sound::There },
        clip(Scene::Past, None, Sound::None),
        LookView::Shown(vec![(Said::name("Twitch"), Some(Duration::from_secs(40)))]),
        LookView::Shown(vec![(Said::name("YouTube"), None)]),
        LookView::Shown(vec![
            (Said::name("Bilibili"), Some(Duration::from_secs(1))),
            (Said::name("Twitch <main>"), Some(Duration::from_secs(180))),
            (Said::name("YouTube"), None),
        ]),
        LookView::NoSource,
        LookView::NoPicture,
        LookView::SoundOnly,
        LookView::SilenceOnly,
        LookView::Codec(Some("VP9")),
        LookView::Codec(None),
        LookView::TooLong,
        LookView::UnderWay,
        LookView::NotOn,
        LookView::Disk { full: true },
        LookView::Disk { full: false },
        LookView::NotSent,
    ];
    all.map(Screen::Look).into()
}
