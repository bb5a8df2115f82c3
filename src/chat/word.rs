//! Words that answer what the bot has told, for who has no hand free for a button. Nothing is done here.

/// What somebody wants who answers with a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    End,
    Hold,
    /// With what the picture, or a restart of the bot's, has interrupted.
    GoOn,
    Retry,
    Mute,
    Status,
}

const WORDS: [(Word, &[&str]); 6] = [
    (Word::End, &["end", "end now", "end it", "stop", "stop now", "stop it", "finish"]),
    (Word::Hold, &["hold", "hold on", "keep", "keep me on air", "keep it", "stay", "wait"]),
    (Word::GoOn, &["go on", "continue", "resume"]),
    (Word::Retry, &["retry", "retry now", "try again"]),
    (Word::Mute, &["mute"]),
    (Word::Status, &["status"]),
];

const CHINESE: [(Word, &[&str]); 6] = [
    (Word::End, &["结束", "结束吧", "结束直播", "下播", "关播", "停播", "停止"]),
    (Word::Hold, &["保持", "继续保持", "等一下", "等等", "别断", "别停"]),
    (Word::GoOn, &["继续", "继续吧", "继续直播"]),
    (Word::Retry, &["重试", "再试", "再试一次", "立即重试"]),
    (Word::Mute, &["静音", "别响"]),
    (Word::Status, &["状态"]),
];

impl Word {
    /// Reads a message that is nothing but such a word, however it was capitalised and ended.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches(['.', '!', '。', '！', '~', '～']).trim_end().to_lowercase();
        let all = WORDS.iter().chain(&CHINESE);
        all.into_iter().find(|(_, words)| words.contains(&text.as_str())).map(|(word, _)| *word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_alone_is_one_and_a_sentence_is_none() {
        for (text, word) in [
            ("end", Word::End),
            (" Stop! ", Word::End),
            ("下播", Word::End),
            ("结束。", Word::End),
            ("HOLD", Word::Hold),
            ("保持", Word::Hold),
            ("Go on.", Word::GoOn),
            ("继续", Word::GoOn),
            ("重试", Word::Retry),
            ("静音～", Word::Mute),
            ("Status", Word::Status),
        ] {
            assert_eq!(Word::read(text), Some(word), "{text}");
        }
        for text in ["", "!", "the end", "stop that noise", "不要结束", "结束了吗", "/end", "hold the line please"]
        {
            assert_eq!(Word::read(text), None, "{text}");
        }
    }
}
