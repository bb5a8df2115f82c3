//! Every screen in every language, side by side: read the snapshots as a tired person with a phone would.

mod adding;
mod announce;
mod checks;
mod forewarn;
mod host;
mod look;
mod panels;
mod recordings;
mod rights;
mod samples;
mod short;
mod sources;
mod stream;
mod watch;
mod weekly;

use super::*;
use crate::chat::rows;
use crate::chat::said::Said;
use crate::chat::screen::{Add, Announce, Target};
use crate::chat::view::{FailureView, LinkView};
use std::fmt::Debug;

/// Each sample in English and in Chinese; what others have to say in it differs as well.
fn side_by_side<T: Debug>(en: &[T], zh: &[T], words: impl Fn(Lang, &T) -> String) -> String {
    assert_eq!(en.len(), zh.len());
    let mut text = String::new();
    for (en, zh) in en.iter().zip(zh) {
        let said: String = format!("{en:?}").chars().take(72).collect();
        text += &format!("## {said}\n{}\n--\n{}\n\n", words(Lang::En, en), words(Lang::Zh, zh));
    }
    text
}

/// The same with samples that say the same to everybody.
fn both<T: Debug>(samples: &[T], words: impl Fn(Lang, &T) -> String) -> String {
    side_by_side(samples, samples, words)
}

#[test]
fn every_screen_is_as_it_was_read_and_approved() {
    for ((name, en), (_, zh)) in samples::screens(Lang::En).into_iter().zip(samples::screens(Lang::Zh)) {
        insta::assert_snapshot!(name, side_by_side(&en, &zh, page));
    }
}

#[test]
fn every_button_toast_and_command_is_as_it_was_read_and_approved() {
    insta::assert_snapshot!("labels", both(&short::labels(), label));
    insta::assert_snapshot!("camera", both(&["Olivia"], camera));
    insta::assert_snapshot!("watch_page", both(&["page"], |lang, _| watch::page(lang)));
    insta::assert_snapshot!("toasts", both(&short::toasts(), toast));
    let listings = [Listed::PRIVATE, Listed::MEMBERS, Listed::ADMINS, &[Listed::Admin]].concat();
    insta::assert_snapshot!("commands", both(&listings, |lang, command| listed(lang, *command).to_owned()));
    insta::assert_snapshot!(
        "profile",
        both(&["long", "short"], |lang, part| {
            let (long, short) = profile(lang);
            if *part == "long" { long } else { short }.to_owned()
        })
    );
}

fn camera(lang: Lang, studio: &&str) -> String {
    let words = CameraWords::of(lang);
    [words.tag, &(words.title)(studio), words.open, words.here, words.there, words.yours, words.over].join("\n")
}

/// What `tests/figures words` measures in a browser: each button, and with how many of its kind it may share a row.
#[test]
fn no_button_needs_more_than_a_row_and_how_many_share_one_is_known() {
    let mut all = Vec::new();
    for lang in Lang::ALL {
        for shown in short::labels().iter().map(|known| label(lang, known)) {
            let most = (1..=4).rev().find(|count| rows::share(&shown, *count));
            all.push(format!("{} {shown}", most.unwrap_or_else(|| panic!("{shown} is cut"))));
        }
    }
    all.dedup();
    insta::assert_snapshot!("rows", all.join("\n"));
}

#[test]
fn a_server_that_does_not_let_one_in_is_told_from_one_that_does_not_answer() {
    let refused =
        short::LOGIN_FAULTS.map(FailureView::Login).into_iter().chain([FailureView::Refused(Said::words("no"))]);
    for (lang, answers) in [(Lang::En, "the server answers, but"), (Lang::Zh, "服务器有响应，但")] {
        for failure in refused.clone().chain([FailureView::Down]) {
            let check = checks::failed(failure.clone());
            let new = page(lang, &Screen::Add(Add::Understood(Box::new(adding::understood(lang, check.clone())))));
            let old = page(lang, &Screen::Target(Target::Tested { name: Said::name("Main"), check }));
            for text in [new, old] {
                assert_eq!(text.contains(answers), failure != FailureView::Down, "{text}");
            }
        }
    }
}

#[test]
fn every_message_begins_with_what_happened_and_closes_what_it_opens() {
    for lang in [Lang::En, Lang::Zh] {
        let screens = samples::screens(lang).into_iter();
        for (name, screen) in screens.flat_map(|(name, screens)| screens.into_iter().map(move |screen| (name, screen)))
        {
            let text = page(lang, &screen);
            assert!(text.starts_with("<b>"), "{name}: {text}");
            for tag in ["b", "code", "tg-spoiler"] {
                let count = |part: String| text.matches(&part).count();
                assert_eq!(count(format!("<{tag}>")), count(format!("</{tag}>")), "{name}: {text}");
            }
            assert!(!text.contains("\n\n\n") && !text.contains("  \n") && text.trim() == text, "{name}: {text}");
        }
    }
}

#[test]
fn names_with_markup_stay_names() {
    let evil = Said::name("<i>A&B</i> 🎬");
    let screen = Screen::Target(crate::chat::screen::Target::Renamed { name: evil });
    for lang in [Lang::En, Lang::Zh] {
        assert!(page(lang, &screen).contains("&lt;i&gt;A&amp;B&lt;/i&gt; 🎬"));
    }
}

#[test]
fn a_message_that_is_too_long_is_cut_where_no_markup_is_open() {
    let line = "<b>0123456789</b>\n";
    let cut = fit(line.repeat(400), MAX_PAGE);
    assert!(cut.chars().count() <= MAX_PAGE + 2 && cut.ends_with("</b>\n…"), "{}", &cut[cut.len() - 40..]);
}

#[test]
fn what_stands_under_a_film_is_short_enough_however_many_platforms_show_it() {
    let link = |n| LinkView { name: Some(Said::name(&format!("Platform {n}"))), link: Said::address(&"x".repeat(80)) };
    let clip = Announce::Clip { title: Said::name("Olivia"), links: (0..20).map(link).collect() };
    for lang in [Lang::En, Lang::Zh] {
        assert!(caption(lang, &Screen::Announce(clip.clone())).chars().count() <= 1024);
    }
}

#[test]
fn telegram_takes_the_profile_and_the_list_of_commands() {
    for lang in [Lang::En, Lang::Zh] {
        let (long, short) = profile(lang);
        assert!(long.chars().count() <= 512 && short.chars().count() <= 120);
        for command in Listed::PRIVATE.iter().chain(Listed::ADMINS) {
            assert!((1..=256).contains(&listed(lang, *command).chars().count()));
        }
    }
}
