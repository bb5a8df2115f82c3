//! docs/composition.md: what was compared, and in what programs differ.

use super::Said;
use super::fields::{DIFFERENCES, Fields};
use super::peers::{Form, Peer};
use crate::bed::Result;
use std::fmt::Write as _;
use std::path::Path;

pub(super) fn write(path: &Path, all: &[Said], counts: &[usize]) -> Result<()> {
    let mut text = String::from(
        "# What Telecast says to a platform\n\n\
         Written by `tests/figures compose-compare`: Telecast, Debian’s ffmpeg 5 and ffmpeg 9, GStreamer’s rtmpsink (librtmp) \
         and rtmp2sink, and OBS Studio 29 on a display that nobody sees push to one recorder that stands under each platform’s name and port, with TLS where it has that. \
         Every program but OBS, which has two boxes, is given server and key as one URL, and apart where it has options \
         for that. Keys are made up.\n\n\
         `app` and `tcUrl` are Telecast’s, the name is always the key, verbatim. ✓: application and name are the same in \
         both forms; apart: only where they are given apart.\n\n",
    );
    let peers: Vec<_> = Peer::ALL.iter().map(|peer| peer.name()).collect();
    writeln!(text, "| platform | app | tcUrl | {} |", peers.join(" | "))?;
    writeln!(text, "|---|---|---|{}", "---|".repeat(peers.len()))?;
    for said in all {
        let mut row = format!("| {} | `{}` | `{}` |", said.case.name, said.ours["app"], said.ours["tcUrl"]);
        for peer in Peer::ALL {
            let same = |form| {
                let all = |theirs: &Fields| ["app", "publish"].iter().all(|field| theirs[field] == said.ours[field]);
                said.theirs.get(&(peer, form)).is_none_or(all)
            };
            row += match (same(Form::Url), same(Form::Apart)) {
                (true, true) => " ✓ |",
                (false, true) => " apart |",
                _ => " – |",
            };
        }
        writeln!(text, "{row}")?;
    }
    text += "\n## In what they differ\n\n\
             All else that is said up to the publish is the same in every one of them: type `nonprivate`, the order of \
             `connect`’s fields, releaseStream, FCPublish, createStream and publish `live` in this order, with the same name.\n\n\
             | field | who does what | Telecast | seen |\n|---|---|---|---|\n";
    for (difference, count) in DIFFERENCES.iter().zip(counts) {
        writeln!(text, "| {} | {} | {} | {count} |", difference.field, difference.what, difference.ours)?;
    }
    Ok(std::fs::write(path, text)?)
}
