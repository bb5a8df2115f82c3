//! Pages that a figure writes say what the program does.

use telecast::platform::Catalogue;

/// docs/platforms.md was written from the catalogue and the expectations that are here now.
#[test]
fn the_page_of_platforms_is_up_to_date() {
    let page = std::fs::read_to_string("docs/platforms.md").unwrap();
    let again = "run tests/figures catalogue";
    for platform in Catalogue::builtin().all().iter().filter(|platform| platform.id != "custom") {
        let closed = platform.closed.as_ref().map(|closed| format!(" (closed {})", closed.since)).unwrap_or_default();
        let row = format!("| {}{closed} | {} |", platform.name.en, platform.name.zh);
        let row = page.lines().find(|line| line.starts_with(&row)).unwrap_or_else(|| panic!("no {row}: {again}"));
        let guesses: Vec<_> = platform.guesses.iter().map(|part| format!("{part:?}").to_lowercase()).collect();
        let guesses = if guesses.is_empty() { "–".to_owned() } else { guesses.join(", ") };
        assert!(row.ends_with(&format!("| {guesses} | {} |", platform.checked)), "{row}: {again}");
    }
    let expected: toml::Table = include_str!("../figure/catalogue/expected.toml").parse().unwrap();
    for case in expected["case"].as_array().unwrap() {
        let text = |field: &str| case[field].as_str().unwrap();
        let cells = format!("| `{}` | `{}` | `{}` | {} |", text("app"), text("tc_url"), text("name"), text("evidence"));
        assert!(page.contains(&cells), "no {cells}: {again}");
    }
    assert!(!page.contains('✗'), "what was published was not what is expected");
}

/// A third language is one module of `chat/text`, its line there, and its name in `domain/lang`: nothing else knows which
/// languages there are, but for what is known of platforms, which others read in English.
#[test]
fn only_the_catalogues_of_words_know_which_languages_there_are() {
    fn sources(dir: &std::path::Path, all: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { sources(&path, all) } else { all.push(path) }
        }
    }
    let (mut all, mut know) = (Vec::new(), Vec::new());
    sources(std::path::Path::new("src"), &mut all);
    for path in all.iter().filter(|path| path.extension().is_some_and(|ext| ext == "rs")) {
        let text = std::fs::read_to_string(path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let path = path.to_string_lossy().into_owned();
        if !path.contains("/tests") && ["Lang::En", "Lang::Zh"].iter().any(|name| code.contains(name)) {
            know.push(path);
        }
    }
    know.sort();
    let pages = ["src/platform/catalogue.rs", "src/platform/facts.rs"];
    assert_eq!(know, [&["src/chat/text/mod.rs"][..], &pages].concat());
}

/// Each screen that the page shows is there, in each language, and small.
#[test]
fn the_pictures_of_the_screens_are_there_and_small() {
    let page = std::fs::read_to_string("docs/screens.md").unwrap();
    let pictures: Vec<_> = page.split("src=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(pictures.len() >= 20, "{pictures:?}");
    for picture in &pictures {
        let size = std::fs::metadata(format!("docs/{picture}")).unwrap_or_else(|_| panic!("no {picture}")).len();
        assert!(size <= 60 * 1024, "{picture}: {size} bytes");
    }
    let in_language = |language: &str| pictures.iter().filter(|name| name.contains(language)).count();
    assert_eq!(in_language("/en-"), in_language("/zh-"));
}
