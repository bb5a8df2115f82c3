//! What an answer says: from bytes to what viewers see. Pure.

use super::embed;
use crate::domain::status::Sight;
use crate::platform::{Answer, Check, Shape, StatusPage};
use serde_json::Value;
use std::collections::BTreeMap;

/// Longest title taken, in characters.
const MAX_TITLE: usize = 100;

/// Bytes that are no answer of the page: an error, a login, another page in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

/// The names of a place, such as `room` with `77`.
pub type Names = BTreeMap<String, String>;

/// What `body` says by the rules of `page`; `None` where it is the page's answer, but says nothing.
///
/// # Errors
/// [`Unreadable`]; that is never *offline*.
pub fn read(page: &StatusPage, names: &Names, body: &[u8]) -> Result<Option<Sight>, Unreadable> {
    let answer = match &page.behind {
        None => serde_json::from_slice(body).ok(),
        Some(marker) => embed::find(&String::from_utf8_lossy(body), marker, page.escaped),
    };
    let answer = answer.ok_or(Unreadable)?;
    if !page.only_if.iter().all(|check| holds(check, &answer)) {
        return Err(Unreadable);
    }
    let pointer = pointer(&page.pointer, names).ok_or(Unreadable)?;
    let states = states(page, &pointer, &answer);
    let any = |answers: &[Answer]| states.iter().any(|state| answers.iter().any(|answer| fits(answer, *state)));
    let all = |answers: &[Answer]| states.iter().all(|state| answers.iter().any(|answer| fits(answer, *state)));
    Ok(if any(&page.live) {
        let replay = page.replay_if.iter().any(|check| holds(check, &answer));
        Some(if replay { Sight::Replay } else { Sight::Live })
    } else if any(&page.replay) {
        Some(Sight::Replay)
    } else if all(&page.offline) {
        Some(Sight::Offline)
    } else {
        None
    })
}

/// What is at `pointer` in `body`, where all of `only_if` is so: a number but 0, or a text.
pub(super) fn name(body: &[u8], pointer: &str, only_if: &[Check]) -> Option<String> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    if !only_if.iter().all(|check| holds(check, &answer)) {
        return None;
    }
    let found = match answer.pointer(pointer)? {
        Value::Number(number) if number.as_f64() != Some(0.0) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    (!found.is_empty() && found != "0").then_some(found)
}

/// The title at `pointer` in `body`.
pub(super) fn title(body: &[u8], pointer: &str) -> Option<String> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let title = answer.pointer(pointer)?.as_str()?.trim();
    (!title.is_empty()).then(|| title.chars().take(MAX_TITLE).collect())
}

/// `template` with names in place, as RFC 6901 escapes them.
fn pointer(template: &str, names: &Names) -> Option<String> {
    let escaped = names.iter().map(|(name, value)| (name.clone(), value.replace('~', "~0").replace('/', "~1")));
    crate::platform::viewer::fill(template, &escaped.collect())
}

/// Every state that the pointer leads to; one that is missing where it leads nowhere.
fn states<'a>(page: &StatusPage, pointer: &str, answer: &'a Value) -> Vec<Option<&'a Value>> {
    let Some((array, below)) = pointer.split_once("/*") else { return vec![answer.pointer(pointer)] };
    let elements = answer.pointer(array).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let wanted = page.pick.as_ref().map(|pick| (&pick.key, answer.pointer(&pick.same_as)));
    let picked = elements.iter().filter(|element| match wanted {
        None => true,
        Some((key, same_as)) => same_as.is_some() && element.get(key) == same_as,
    });
    let states: Vec<_> = picked.map(|element| element.pointer(below)).collect();
    if states.is_empty() { vec![None] } else { states }
}

fn holds(check: &Check, answer: &Value) -> bool {
    fits(&check.is, answer.pointer(&check.pointer))
}

fn fits(answer: &Answer, found: Option<&Value>) -> bool {
    match (answer, found) {
        (Answer::Flag(flag), Some(Value::Bool(found))) => flag == found,
        (Answer::Number(number), Some(Value::Number(found))) => found.as_i64() == Some(*number),
        (Answer::Number(number), Some(Value::String(found))) => found.parse() == Ok(*number),
        (Answer::Text(text), Some(Value::String(found))) => found.eq_ignore_ascii_case(text),
        (Answer::Shape { shape }, found) => match shape {
            Shape::Present => found.is_some_and(|found| !found.is_null()),
            Shape::Null => found.is_some_and(Value::is_null),
            Shape::Missing => found.is_none(),
            Shape::Filled => match found {
                Some(Value::Array(array)) => !array.is_empty(),
                Some(Value::Object(object)) => !object.is_empty(),
                Some(Value::String(text)) => !text.is_empty(),
                _ => false,
            },
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::Catalogue;
    use proptest::prelude::*;

    fn page(rules: &str) -> StatusPage {
        toml::from_str(&format!("url = \"https://a.b/\"\n{rules}")).unwrap()
    }

    fn says(rules: &str, body: &str) -> Result<Option<Sight>, Unreadable> {
        let names = Names::from([("id".into(), "a/b".into())]);
        read(&page(rules), &names, body.as_bytes())
    }

    #[test]
    fn a_number_may_come_as_text_and_a_text_in_any_case_but_nothing_else_changes_its_kind() {
        let rules = "pointer = \"/s\"\nlive = [1, \"on\", true]\noffline = [0, \"off\", false]";
        for live in ["1", "\"1\"", "\"ON\"", "true"] {
            assert_eq!(says(rules, &format!("{{\"s\":{live}}}")), Ok(Some(Sight::Live)), "{live}");
        }
        for nothing in ["2", "null", "\"true\"", "1.5", "[1]", "{}"] {
            assert_eq!(says(rules, &format!("{{\"s\":{nothing}}}")), Ok(None), "{nothing}");
        }
        assert_eq!(says(rules, "{}"), Ok(None), "what is missing says nothing unless the page's rules say so");
        assert_eq!(says(rules, "{\"s\":1} {"), Err(Unreadable), "all of it must be JSON");
    }

    #[test]
    fn of_an_array_only_the_picked_element_counts() {
        let rules =
            "pointer = \"/all/*/on\"\npick = { key = \"n\", same_as = \"/me\" }\nlive = [true]\noffline = [false]";
        let answer = |me: &str| format!("{{\"me\":{me},\"all\":[{{\"n\":1,\"on\":true}},{{\"n\":2,\"on\":false}}]}}");
        assert_eq!(says(rules, &answer("1")), Ok(Some(Sight::Live)));
        assert_eq!(says(rules, &answer("2")), Ok(Some(Sight::Offline)));
        assert_eq!(says(rules, &answer("3")), Ok(None));
        let any = "pointer = \"/all/*/on\"\nlive = [true]\noffline = [false]";
        assert_eq!(says(any, &answer("3")), Ok(Some(Sight::Live)), "without a pick any of them will do");
        assert_eq!(says(any, "{\"all\":[{\"on\":false},{}]}"), Ok(None), "offline is said by all or not at all");
        assert_eq!(says(any, "{\"all\":[]}"), Ok(None));
    }

    #[test]
    fn names_in_a_pointer_are_one_step_of_it() {
        assert_eq!(says("pointer = \"/x/{id}\"\nlive = [1]", "{\"x\":{\"a/b\":1}}"), Ok(Some(Sight::Live)));
        assert_eq!(says("pointer = \"/x/{other}\"\nlive = [1]", "{\"x\":1}"), Err(Unreadable));
    }

    proptest! {
        #[test]
        fn no_bytes_break_any_rule_of_the_catalogue(body in proptest::collection::vec(any::<u8>(), 0..300), cut in 0usize..40) {
            for page in Catalogue::builtin().all().iter().flat_map(|platform| &platform.status) {
                let marker = page.behind.clone().unwrap_or_default();
                let marked = [&marker.as_bytes()[..marker.len().saturating_sub(cut)], &body].concat();
                prop_assert!(!matches!(read(page, &Names::new(), &marked), Ok(Some(Sight::Offline))));
            }
        }
    }
}
