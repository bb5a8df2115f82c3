//! How many buttons stand beside each other on a phone 360 pixels wide, so that none is cut or broken: a row that does
//! not fit becomes several. Knows no language; `tests/figures words` measures in a browser what it lets through.

use super::page::Key;

/// All buttons of a row together, in hundredths of the letters' size.
const ROW: usize = 2090;
/// Between two of them.
const GAP: usize = 29;
/// Left and right of the words in one, together.
const INSIDE: usize = 72;

/// `rows`, each broken where it must be. A label that is too long even alone ends with “…”.
pub(super) fn fitted(rows: Vec<Vec<Key>>) -> Vec<Vec<Key>> {
    rows.into_iter().flat_map(broken).collect()
}

/// In as few rows as it takes, each as long as the others but the last.
fn broken(row: Vec<Key>) -> Vec<Vec<Key>> {
    let fits = |long: &usize| row.iter().all(|key| width(&key.label) <= room(*long));
    let long = (1..=row.len()).map(|rows| row.len().div_ceil(rows)).find(fits).unwrap_or(1);
    let mut rows: Vec<Vec<Key>> = row.chunks(long).map(<[Key]>::to_vec).collect();
    rows.iter_mut().flatten().for_each(|key| cut(&mut key.label));
    rows
}

/// Whether as many buttons as wide as `label` stand beside each other.
#[cfg(test)]
pub(super) fn share(label: &str, count: usize) -> bool {
    width(label) <= room(count)
}

/// How wide the words on each of `count` buttons in a row may be.
fn room(count: usize) -> usize {
    ((ROW + GAP) / count.max(1)).saturating_sub(GAP + INSIDE)
}

fn cut(label: &mut String) {
    if width(label) <= room(1) {
        return;
    }
    while width(label) + one('…') > room(1) && label.pop().is_some() {}
    label.truncate(label.trim_end().len());
    label.push('…');
}

/// How wide words are in DejaVu Sans Bold, which is wider than what phones have.
fn width(words: &str) -> usize {
    words.chars().map(one).sum()
}

fn one(c: char) -> usize {
    match c {
        // What only changes the character before it.
        '\u{fe0f}' | '\u{200d}' => 0,
        'i' | 'j' | 'l' | 'I' | 'J' | ' ' | '.' | ',' | ':' | ';' | '\'' | '’' | '|' | '·' | '/' => 38,
        'f' | 'r' | 't' | '-' | '!' | '(' | ')' | '‹' | '›' => 50,
        'c' | 's' | 'z' => 60,
        'a' | 'e' | 'k' | 'o' | 'v' | 'x' | 'y' | 'E' | 'F' | 'L' | 'T' => 69,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 104,
        'A' | 'B' | 'C' | 'K' | 'P' | 'R' | 'S' | 'V' | 'X' | 'Y' | 'Z' => 77,
        'A'..='Z' => 86,
        '!'..='~' => 72,
        '\u{2190}'..='\u{2bff}' | '\u{1f000}'.. => 126,
        '…' | '“' | '”' | '\u{2e80}'.. => 100,
        _ => 84,
    }
}

#[cfg(test)]
mod tests {
    use super::super::page::Press;
    use super::*;

    fn rows(labels: &[&[&str]]) -> Vec<Vec<String>> {
        let key = |label: &&str| Key { label: (*label).into(), press: Press::Data(String::new()) };
        let rows = labels.iter().map(|row| row.iter().map(key).collect()).collect();
        fitted(rows).into_iter().map(|row| row.into_iter().map(|key| key.label).collect()).collect()
    }

    #[test]
    fn a_row_that_does_not_fit_becomes_several_in_the_same_order() {
        assert_eq!(rows(&[&["⏹ Stop", "Test", "Off"]]), [["⏹ Stop", "Test", "Off"]]);
        let four = ["✅ 10 min", "➕ Add platform", "⏹ Stop", "Platforms"];
        assert_eq!(rows(&[&four, &["Yes"]]), [&four[..2], &four[2..], &["Yes"]]);
        assert_eq!(rows(&[&["⏹ 下播", "转播平台", "关闭"]]), [["⏹ 下播", "转播平台", "关闭"]]);
        assert_eq!(rows(&[&[], &["A rather long name of a platform", "No"]]).len(), 2);
    }

    #[test]
    fn a_label_that_is_too_long_alone_is_cut_and_says_so() {
        let long = "直播".repeat(16);
        let cut = &rows(&[&[&long, "No"]])[0][0];
        assert!(cut.ends_with('…') && width(cut) <= room(1) && width(cut) > room(1) - 200, "{cut}");
        assert!(room(1) > room(2) && room(2) > room(3) && room(8) < 200, "{}", room(8));
        assert_eq!(rows(&[&["Exactly as it is"]])[0][0], "Exactly as it is");
    }
}
