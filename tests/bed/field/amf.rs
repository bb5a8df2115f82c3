//! As much AMF0 as two ends of a publish need to say.

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number.
    Number(f64),
    /// A boolean.
    Bool(bool),
    /// A string.
    Text(String),
    /// An object or an ECMA array.
    Object(Vec<(String, Self)>),
    /// Null, undefined.
    Null,
}

impl Value {
    /// A string.
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// An object of strings.
    pub fn object(fields: &[(&str, &str)]) -> Self {
        Self::Object(fields.iter().map(|(key, value)| ((*key).to_owned(), Self::text(value))).collect())
    }

    /// A field of an object, as text.
    pub fn field(&self, name: &str) -> Option<&str> {
        let Self::Object(fields) = self else { return None };
        fields.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.as_text())
    }

    /// A string's text.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// A number.
    pub fn as_number(&self) -> Option<f64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }
}

/// Values to bytes.
pub fn encode(values: &[Value]) -> Vec<u8> {
    let mut out = Vec::new();
    values.iter().for_each(|value| write(value, &mut out));
    out
}

fn key(text: &str, out: &mut Vec<u8>) {
    out.extend((text.len() as u16).to_be_bytes());
    out.extend(text.as_bytes());
}

fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Number(number) => {
            out.push(0);
            out.extend(number.to_be_bytes());
        }
        Value::Bool(bool) => out.extend([1, u8::from(*bool)]),
        Value::Text(text) => {
            out.push(2);
            key(text, out);
        }
        Value::Object(fields) => {
            out.push(3);
            for (name, value) in fields {
                key(name, out);
                write(value, out);
            }
            out.extend([0, 0, 9]);
        }
        Value::Null => out.push(5),
    }
}

/// Bytes to values, as far as they can be read.
pub fn decode(bytes: &[u8]) -> Vec<Value> {
    let (mut rest, mut values) = (bytes, Vec::new());
    while let Some(value) = read(&mut rest, 0) {
        values.push(value);
    }
    values
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(count)?;
    *rest = left;
    Some(taken)
}

fn read_key(rest: &mut &[u8]) -> Option<String> {
    let length = u16::from_be_bytes(*take(rest, 2)?.first_chunk()?);
    Some(String::from_utf8_lossy(take(rest, usize::from(length))?).into_owned())
}

fn read(rest: &mut &[u8], depth: u8) -> Option<Value> {
    let marker = take(rest, 1)?[0];
    Some(match marker {
        0 => Value::Number(f64::from_be_bytes(*take(rest, 8)?.first_chunk()?)),
        1 => Value::Bool(take(rest, 1)?[0] != 0),
        2 => Value::Text(read_key(rest)?),
        3 | 8 if depth < 8 => {
            if marker == 8 {
                take(rest, 4)?;
            }
            let mut fields = Vec::new();
            loop {
                let name = read_key(rest)?;
                if name.is_empty() && rest.first() == Some(&9) {
                    take(rest, 1)?;
                    break Value::Object(fields);
                }
                fields.push((name, read(rest, depth + 1)?));
            }
        }
        5 | 6 => Value::Null,
        0x0a if depth < 8 => {
            let count = u32::from_be_bytes(*take(rest, 4)?.first_chunk()?);
            for _ in 0..count {
                read(rest, depth + 1)?;
            }
            Value::Null
        }
        _ => return None,
    })
}
