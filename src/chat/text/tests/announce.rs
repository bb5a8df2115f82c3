//! What audiences read, and where they do.

use super::samples::{group, minutes, name};
use crate::chat::said::Said;
use crate::chat::screen::{Announce, Screen};
use crate::chat::view::LinkView;

pub(super) fn screens() -> Vec<Screen> {
    let link = |of: &str, page: &str| LinkView { name: Some(name(of)), link: Said::address(page) };
    let links =
        || vec![link("Bilibili", "https://live.bilibili.com/123"), link("YouTube", "https://youtu.be/x?a=1&b=2")];
    let (place, studio) = (|| name("Fans"), || name("Olivia"));
    let all = [
        Announce::Live { title: name("周末直播 Weekend Show"), links: links() },
        Announce::Over { title: name("周末直播 Weekend Show"), links: links(), lasted: minutes(133) },
        Announce::Clip { title: name("周末直播 Weekend Show"), links: links() },
        Announce::Clip { title: name("周末直播 Weekend Show"), links: vec![] },
        Announce::Places { places: vec![], studio: None },
        Announce::Places { places: vec![place(), name("粉丝群")], studio: group() },
        Announce::Here { studios: vec![] },
        Announce::Here { studios: vec![studio(), name("周末直播")] },
        Announce::Channel { place: place() },
        Announce::Added { place: place(), studio: studio() },
        Announce::Gone { place: place(), studio: studio() },
        Announce::NotYourChat { place: place() },
    ];
    all.map(Screen::Announce).into()
}
