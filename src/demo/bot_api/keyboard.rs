//! Buttons. Inline keyboards are kept as typed rows; the other kinds of `reply_markup` are checked for form and kept
//! as they came, for the page to show.

use super::entities::checked_link;
use super::params::Params;
use super::refusal::Refusal;
use serde_json::{Map, Value, json};

const MAX_DATA: usize = 64;
const MAX_COPIED: usize = 256;
const MAX_BUTTONS: usize = 100;

/// A button under a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    /// What it says.
    pub label: String,
    /// What a tap does.
    pub action: Action,
    /// `primary`, `success` or `danger` (Bot API 9.4).
    pub style: Option<String>,
}

/// What a tap on a button does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Sends `callback_data` to the bot.
    Data(String),
    /// Opens a page or, for `t.me` addresses, a chat.
    Url(String),
    /// Puts a text on the clipboard.
    Copy(String),
    /// A kind that the stand-in shows but can't press, with its JSON.
    Other(String, Value),
}

/// Rows of buttons.
pub type Keyboard = Vec<Vec<Button>>;

/// What `reply_markup` may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Markup {
    Inline(Keyboard),
    /// A reply keyboard, its removal or a forced reply.
    Reply(Value),
}

impl Button {
    /// The JSON form.
    pub(super) fn json(&self) -> Value {
        let mut button = json!({"text": self.label});
        match &self.action {
            Action::Data(data) => button["callback_data"] = json!(data),
            Action::Url(url) => button["url"] = json!(url),
            Action::Copy(text) => button["copy_text"] = json!({"text": text}),
            Action::Other(field, value) => button[field] = value.clone(),
        }
        if let Some(style) = &self.style {
            button["style"] = json!(style);
        }
        button
    }
}

/// `InlineKeyboardMarkup` as JSON.
pub(super) fn inline_json(keyboard: &Keyboard) -> Value {
    let rows: Vec<Vec<Value>> = keyboard.iter().map(|row| row.iter().map(Button::json).collect()).collect();
    json!({"inline_keyboard": rows})
}

/// `reply_markup` of a request.
pub(super) fn markup_of(params: &mut Params) -> Result<Option<Markup>, Refusal> {
    let Some(value) = params.json("reply_markup", "can't parse reply keyboard markup JSON object")? else {
        return Ok(None);
    };
    let Value::Object(object) = &value else { return Err(Refusal::bad("object expected as reply markup")) };
    if object.contains_key("inline_keyboard") {
        let keyboard = inline(object)?;
        return Ok((!keyboard.is_empty()).then_some(Markup::Inline(keyboard)));
    }
    if object.contains_key("keyboard") {
        reply_rows(object)?;
    }
    Ok((!object.is_empty()).then_some(Markup::Reply(value)))
}

/// `reply_markup` of an edit, where only inline keyboards are taken.
pub(super) fn inline_of(params: &mut Params) -> Result<Option<Keyboard>, Refusal> {
    match markup_of(params)? {
        None => Ok(None),
        Some(Markup::Inline(keyboard)) => Ok(Some(keyboard)),
        Some(Markup::Reply(_)) => Err(Refusal::bad("inline keyboard expected")),
    }
}

fn inline(object: &Map<String, Value>) -> Result<Keyboard, Refusal> {
    let array_of_arrays =
        || Refusal::bad("field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays");
    let rows = object["inline_keyboard"].as_array().ok_or_else(array_of_arrays)?;
    let mut keyboard = Vec::new();
    for row in rows {
        let buttons: Result<Vec<Button>, Refusal> =
            row.as_array().ok_or_else(array_of_arrays)?.iter().map(button).collect();
        keyboard.push(buttons?);
    }
    keyboard.retain(|row: &Vec<Button>| !row.is_empty());
    if keyboard.iter().flatten().count() > MAX_BUTTONS {
        return Err(Refusal::bad("reply markup is too long"));
    }
    Ok(keyboard)
}

fn reply_rows(object: &Map<String, Value>) -> Result<(), Refusal> {
    let wrong = || Refusal::bad("field \"keyboard\" must be an Array of Arrays");
    for row in object["keyboard"].as_array().ok_or_else(wrong)? {
        for button in row.as_array().ok_or_else(wrong)? {
            match button.as_str().or_else(|| button.get("text").and_then(Value::as_str)) {
                Some("") => return Err(Refusal::bad("keyboard button text must be non-empty")),
                Some(_) => {}
                None => {
                    return Err(Refusal::bad(
                        "can't parse keyboard button: KeyboardButton must be a String or an Object",
                    ));
                }
            }
        }
    }
    Ok(())
}

fn button(value: &Value) -> Result<Button, Refusal> {
    let parse = |why: &str| Refusal::bad(format!("can't parse inline keyboard button: {why}"));
    let object = value.as_object().ok_or_else(|| parse("InlineKeyboardButton must be an Object"))?;
    let text = |name: &str| match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|t| !t.is_empty())),
        Some(_) => Err(parse(&format!("Field \"{name}\" must be of type String"))),
    };
    let label = match object.get("text") {
        Some(Value::String(label)) => label.trim().to_owned(),
        Some(_) => return Err(parse("Field \"text\" must be of type String")),
        None => return Err(parse("Can't find field \"text\"")),
    };
    let style = text("style")?.filter(|s| s != "default");
    if style.as_deref().is_some_and(|s| !matches!(s, "primary" | "success" | "danger")) {
        return Err(parse("invalid button style specified"));
    }
    let action = if let Some(url) = text("url")? {
        Action::Url(checked_link(&url).map_err(|why| Refusal::bad(format!("inline keyboard button {why}")))?)
    } else if let Some(data) = text("callback_data")? {
        if data.len() > MAX_DATA {
            return Err(Refusal::bad("BUTTON_DATA_INVALID"));
        }
        Action::Data(data)
    } else if let Some(copied) = object.get("copy_text") {
        let copied = copied.get("text").and_then(Value::as_str);
        let copied = copied.ok_or_else(|| parse("Can't find field \"text\""))?;
        if !(1..=MAX_COPIED).contains(&copied.chars().count()) {
            return Err(Refusal::bad("BUTTON_COPY_TEXT_INVALID"));
        }
        Action::Copy(copied.into())
    } else {
        let others = [
            "switch_inline_query",
            "switch_inline_query_chosen_chat",
            "switch_inline_query_current_chat",
            "web_app",
            "login_url",
        ];
        let other = others.iter().find_map(|name| object.get(*name).map(|v| Action::Other((*name).into(), v.clone())));
        other.ok_or_else(|| parse("Text buttons are unallowed in the inline keyboard"))?
    };
    if label.is_empty() {
        return Err(Refusal::bad("inline keyboard button text must be non-empty"));
    }
    Ok(Button { label, action, style })
}
