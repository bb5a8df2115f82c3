//! What a screen says, so that two of the same kind are equal: without what is another each time.

use telecast::demo::bot_api::Message;

/// A message with its buttons. Numbers, lengths of time and made-up keys are marks.
pub(super) fn of(message: &Message) -> String {
    let mut text = plain(message.text());
    for row in &message.keyboard {
        let keys: Vec<_> = row.iter().map(|key| format!("[{}]", plain(&key.label))).collect();
        text.push('\n');
        text.push_str(&keys.join(" "));
    }
    text
}

fn plain(text: &str) -> String {
    let mut marked = String::new();
    for word in text.split_inclusive([' ', '\n', '：', '，', '。']) {
        // Before the dots stands the public part of an ingest key, behind them the end of a stream key.
        match word.find("••••") {
            Some(at) => {
                let start = word[..at].rfind('/').map_or(0, |slash| slash + 1);
                marked.push_str(&word[..start]);
                marked.push_str("••••");
                marked.push_str(
                    word[at..].trim_start_matches('•').trim_start_matches(|c: char| c.is_ascii_alphanumeric()),
                );
            }
            None => marked.push_str(word),
        }
    }
    let mut out = String::new();
    for c in marked.chars() {
        match c {
            '0'..='9' if out.ends_with('#') => {}
            '0'..='9' => out.push('#'),
            c => out.push(c),
        }
    }
    // `1 min 5 s` is one length of time, as `5 s` is.
    let mut out = out.replace("#.#", "#");
    for (long, short) in
        [("# min # s", "# s"), ("# min", "# s"), ("# 分 # 秒", "# 秒"), ("# 分钟", "# 秒"), ("# kB", "# MB")]
    {
        out = out.replace(long, short);
    }
    out
}
