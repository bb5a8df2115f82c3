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
