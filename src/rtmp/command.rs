//! Commands and what they are made of (RTMP 1.0, §7.2): a name, a transaction id, an object, arguments.

use super::amf::{self, AmfFault};
use super::message::Message;
use rml_amf0::Amf0Value;

/// Message types that carry commands: AMF0, and AMF3 whose first byte says that AMF0 follows.
pub(super) const COMMAND: u8 = 20;
const COMMAND_AMF3: u8 = 17;

/// A command that came.
pub(super) struct Command {
    pub name: String,
    pub transaction: f64,
    pub object: Amf0Value,
    pub arguments: Vec<Amf0Value>,
}

impl Command {
    /// Reads the command in `message`; `None` where it is of another type, or has no name.
    pub(super) fn read(message: &Message) -> Result<Option<Self>, AmfFault> {
        let payload = match message.kind {
            COMMAND => &message.payload[..],
            COMMAND_AMF3 => message.payload.strip_prefix(&[0]).unwrap_or(&message.payload),
            _ => return Ok(None),
        };
        let mut values = amf::decode(payload)?.into_iter();
        let Some(Amf0Value::Utf8String(name)) = values.next() else { return Ok(None) };
        let transaction = match values.next() {
            Some(Amf0Value::Number(number)) if number.is_finite() => number,
            _ => 0.0,
        };
        let object = values.next().unwrap_or(Amf0Value::Null);
        Ok(Some(Self { name, transaction, object, arguments: values.collect() }))
    }

    /// The argument at `index` as text; empty where it is none.
    pub(super) fn text(&self, index: usize) -> &str {
        match self.arguments.get(index) {
            Some(Amf0Value::Utf8String(text)) => text,
            _ => "",
        }
    }
}

/// The value of `key` in an object, as text.
pub(super) fn text_of<'a>(object: &'a Amf0Value, key: &str) -> Option<&'a str> {
    match field(object, key)? {
        Amf0Value::Utf8String(text) => Some(text),
        _ => None,
    }
}

/// The value of `key` in an object.
pub(super) fn field<'a>(object: &'a Amf0Value, key: &str) -> Option<&'a Amf0Value> {
    match object {
        Amf0Value::Object(fields) => fields.get(key),
        _ => None,
    }
}

/// A string value.
pub(super) fn text(text: &str) -> Amf0Value {
    Amf0Value::Utf8String(text.to_owned())
}

/// An object value.
pub(super) fn object<const N: usize>(fields: [(&str, Amf0Value); N]) -> Amf0Value {
    Amf0Value::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// The information object of `onStatus`, `_result` and `_error`: `level` is `status` or `error`.
pub(super) fn info(level: &str, code: &str, description: &str) -> Amf0Value {
    object([("level", text(level)), ("code", text(code)), ("description", text(description))])
}
