//! docs/platforms.md: what Telecast knows, and what was published.

use super::WITHOUT;
use super::refusals::Told;
use super::rows::Row;
use crate::bed::Result;
use std::fmt::Write as _;
use telecast::platform::{Catalogue, Closes, Platform, Tls, VideoCodec, When};

pub(super) fn text(catalogue: &Catalogue, rows: &[Row], refusals: &[Told]) -> Result<String> {
    let mut text = String::from(
        "# The platforms\n\n\
         Written by `tests/figures catalogue`. Each paste goes through Telecast's parser and composer, and is published by \
         its client to a recorder that stands under the platform's name; application, tcUrl and publish name must equal \
         what was written down by hand from the sources (tests/figure/catalogue/expected.toml). Nothing here was tried with \
         a live account. Keys and users' own hosts are made up.\n\n\
         Evidence for application, tcUrl and name: O official page or specification, S maintained source code, T issue or \
         pull request, 3 third-party page, G general knowledge, I inference; `?` marks a guess.\n\n\
         | platform | app | tcUrl | name | evidence | from | |\n|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let name = catalogue.get(&row.case.id).map_or(row.case.id.as_str(), |platform| platform.name.en.as_str());
        let case = &row.case;
        let verdict = if row.wrong().next().is_none() { "✓" } else { "✗" };
        let cells =
            [name, &code(&case.app), &code(&case.tc_url), &code(&case.name), &case.evidence, &case.from, verdict];
        writeln!(text, "| {} |", cells.join(" | "))?;
    }
    let names =
        |ids: &[&str]| ids.iter().filter_map(|id| catalogue.get(id)).map(|p| p.name.en.clone()).collect::<Vec<_>>();
    writeln!(
        text,
        "\nNot among them, for they give people no server and key to paste: {}.",
        names(&WITHOUT).join(", ")
    )?;
    text += "\n## What is known of each\n\n\
             | platform | 中文 | TLS | picture, kbit/s | keyframe, s | codecs | its owner presses | status page | guesses | checked |\n\
             |---|---|---|---|---|---|---|---|---|---|\n";
    for platform in catalogue.all().iter().filter(|platform| platform.id != "custom") {
        writeln!(text, "| {} |", known(platform).join(" | "))?;
    }
    text += "\n## How they say no\n\n\
             Played by the recorder, with these codes and times, to Telecast's client.\n\n\
             | platform | what it does | what Telecast takes it for | evidence | from | |\n|---|---|---|---|---|---|\n";
    for told in refusals {
        let case = &told.case;
        let name =
            catalogue.get(&case.id).filter(|p| p.id != "custom").map_or("any", |platform| platform.name.en.as_str());
        let command = if case.at == Closes::Connect { "connect" } else { "publish" };
        let start = if case.starts { ", says Publish.Start" } else { "" };
        let says = case.says.as_ref().map(|(code, why)| format!(", says {code} “{why}”")).unwrap_or_default();
        let does = format!("after {command}{start}{says}, hangs up {} s later", case.closes_s);
        let verdict = if told.wrong().is_none() { "✓" } else { "✗" };
        writeln!(text, "| {name} | {does} | {:?} | {} | {} | {verdict} |", case.means, case.evidence, case.from)?;
    }
    Ok(text)
}

fn known(platform: &Platform) -> [String; 10] {
    let or_dash = |value: Option<u32>| value.map_or_else(|| "–".to_owned(), |value| value.to_string());
    let limits = &platform.limits;
    let codecs = limits.v_codecs.iter().map(|codec| match codec {
        VideoCodec::H264 => "H.264",
        VideoCodec::Hevc => "HEVC",
        VideoCodec::Av1 => "AV1",
    });
    let codecs: Vec<_> = codecs.collect();
    let tls = match platform.tls {
        Tls::Yes => "as pasted",
        Tls::Only => "only",
        Tls::No => "no",
    };
    let press = platform.owner_press.as_ref().map(|press| match press.when {
        When::Before => "before",
        When::After => "after",
    });
    let guesses: Vec<_> = platform.guesses.iter().map(|part| format!("{part:?}").to_lowercase()).collect();
    let name = match &platform.closed {
        Some(closed) => format!("{} (closed {})", platform.name.en, closed.since),
        None => platform.name.en.clone(),
    };
    [
        name,
        platform.name.zh.clone(),
        tls.to_owned(),
        or_dash(limits.v_kbps),
        or_dash(limits.keyint_s),
        if codecs.is_empty() { "–".to_owned() } else { codecs.join(", ") },
        press.unwrap_or("–").to_owned(),
        if platform.status.is_empty() { "–".to_owned() } else { platform.status.len().to_string() },
        if guesses.is_empty() { "–".to_owned() } else { guesses.join(", ") },
        platform.checked.clone(),
    ]
}

fn code(text: &str) -> String {
    format!("`{text}`")
}
