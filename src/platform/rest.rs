//! What else was written in a message that held a server and a key: given back to its writer, because the message itself is
//! deleted. Whatever could be a secret stays out.

use super::paste::Understood;

/// Longest text given back, in characters.
const MOST: usize = 600;

/// Shorter names and passwords are words as any.
const SHORTEST: usize = 3;

/// The lines of `text` that are more than server, key and their labels, with `•••` for what may not be shown.
#[must_use]
pub fn rest_of(text: &str, read: &Understood) -> Option<String> {
    let login = read.login.as_ref().or_else(|| read.server.as_ref().and_then(|server| server.login()));
    let login = login.map(|login| login.expose());
    let key = read.key.as_ref().map(|key| key.expose());
    let secrets = key.into_iter().chain(login.into_iter().flat_map(|(user, password)| [user, password]));
    let secrets: Vec<&str> = secrets.filter(|secret| secret.len() >= SHORTEST).collect();
    let all: Vec<&str> = text.split_whitespace().collect();
    let holds = |word: &&str| secrets.iter().any(|secret| word.contains(secret));
    let beside = |at: usize| {
        [at.checked_sub(1), at.checked_add(1)].into_iter().flatten().filter_map(|at| all.get(at)).any(holds)
    };
    let mut places = 0..;
    let lines = text.lines().filter_map(|line| {
        let words = line.split_whitespace().zip(places.by_ref());
        shown(words.map(|(word, at)| (word, beside(at))), &secrets)
    });
    let text: String = lines.collect::<Vec<_>>().join("\n").chars().take(MOST).collect();
    (!text.is_empty()).then_some(text)
}

/// A line without its secrets, where enough is left for somebody to have meant something by it. Of each word it is known whether
/// it stands beside a secret.
fn shown<'a>(line: impl Iterator<Item = (&'a str, bool)>, secrets: &[&str]) -> Option<String> {
    let (mut words, mut hidden) = (Vec::new(), false);
    for (word, beside) in line {
        let secret = |run: &str| may_be_secret(run, word, secrets) || (beside && may_be_torn_off(run));
        let parts: Vec<_> = runs(word).map(|run| if secret(run) { "•••" } else { run }).collect();
        hidden |= parts.contains(&"•••");
        words.push(parts.concat());
    }
    let line = words.join(" ");
    let plain = line.replace("•••", " ");
    let latin =
        plain.split_whitespace().filter(|word| word.bytes().filter(u8::is_ascii_alphabetic).count() > 1).count();
    let han = plain.chars().filter(|c| !c.is_ascii() && c.is_alphanumeric()).count();
    // A label takes a word or three, a sentence more.
    let (few_words, few_signs) = if hidden { (4, 8) } else { (3, 6) };
    (latin >= few_words || han >= few_signs).then_some(line)
}

/// The parts of a word that are of one script: a key may stand right behind Chinese words.
fn runs(word: &str) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        let ascii = rest.chars().next()?.is_ascii();
        let end = rest.char_indices().find(|(_, c)| c.is_ascii() != ascii).map_or(rest.len(), |(at, _)| at);
        let (run, after) = rest.split_at(end);
        rest = after;
        Some(run)
    })
}

fn may_be_secret(run: &str, word: &str, secrets: &[&str]) -> bool {
    let holds = |secret: &&str| run.contains(*secret) || (run.len() >= 6 && secret.contains(run));
    let letters = run.bytes().filter(u8::is_ascii_alphabetic).count();
    let strange = run.is_ascii() && run.len() >= 10 && (letters < run.len() || run.len() >= 20);
    strange || word.contains("://") || word.contains('@') || secrets.iter().any(holds)
}

/// Whether what stands beside a secret may be a piece of it that a line or a blank broke off: it is written as no word is.
fn may_be_torn_off(run: &str) -> bool {
    let run = run.trim_matches(|c: char| c.is_ascii_punctuation());
    let is_word = run.bytes().all(|c| c.is_ascii_alphabetic()) && run.bytes().skip(1).all(|c| c.is_ascii_lowercase());
    run.is_ascii() && !is_word
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::Catalogue;
    use crate::platform::paste::understand;

    fn rest(text: &str) -> Option<String> {
        rest_of(text, &understand(text, &Catalogue::builtin(), None))
    }

    #[test]
    fn what_was_written_beside_server_and_key_comes_back() {
        let server = "rtmp://push.example.com/live";
        for (text, back) in [
            (format!("{server} planted-key-0123456789"), None),
            (format!("Server: {server}\nStream key: planted-key-0123456789"), None),
            (format!("服务器地址：{server}\n串流密钥：planted-key-0123456789"), None),
            (
                format!("{server}\nplanted-key-0123456789\nWe begin at eight, please test the sound before."),
                Some("We begin at eight, please test the sound before."),
            ),
            (
                format!("hi all the key for tonight is planted-key-0123456789 please do not share\n{server}"),
                Some("hi all the key for tonight is ••• please do not share"),
            ),
            (
                format!("{server}\n今晚八点开始，请提前半小时试音，密钥：planted-key-0123456789"),
                Some("今晚八点开始，请提前半小时试音，密钥：•••"),
            ),
            // A key that a line or a blank broke in two.
            (
                format!("{server}\nour key for the show is PLANT\ned-key-0123456789 thanks to all"),
                Some("our key for the show is •••"),
            ),
            (
                format!("{server}\nhere is the key\nplanted-key-0123456789\nXy7, and thanks to all of you"),
                Some("here is the key\n••• and thanks to all of you"),
            ),
        ] {
            assert_eq!(rest(&text).as_deref(), back, "{text}");
        }
    }
}
