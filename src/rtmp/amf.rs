//! AMF0 (Action Message Format, 2007) to values and back, in bounds: no nesting, count or length of a stranger's takes
//! more than it brought. `rml_amf0` lends the value type; its own reader recurses as deep as it is told to.

use rml_amf0::Amf0Value;
use std::collections::HashMap;

/// The longest payload that is read, in bytes.
pub(super) const MAX_BYTES: usize = 64 * 1024;
/// How deep objects and arrays may lie in each other.
const MAX_DEPTH: usize = 16;
/// Values in one payload, those inside of others included.
const MAX_VALUES: usize = 1024;

/// Why a payload is no AMF0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum AmfFault {
    /// Longer than [`MAX_BYTES`].
    #[error("AMF0 of more than {MAX_BYTES} bytes")]
    TooLong,
    /// Deeper than [`MAX_DEPTH`].
    #[error("AMF0 nested deeper than {MAX_DEPTH}")]
    TooDeep,
    /// More than [`MAX_VALUES`].
    #[error("AMF0 of more than {MAX_VALUES} values")]
    TooMany,
    /// A value that goes on behind the end.
    #[error("AMF0 cut short")]
    Short,
    /// A type marker that the format does not have.
    #[error("AMF0 marker {0:#04x}")]
    Marker(u8),
}

/// The values of a command or data payload. Never fewer than three, since a command has a name, a transaction and an
/// object: what the sender left out is Null.
///
/// Text that is no UTF-8 has its faults replaced. A date becomes its milliseconds, XML its text, a typed object an
/// object, a reference Null. AMF3 inside AMF0 cannot be read: it is Null, and what is behind it is not there.
///
/// # Errors
/// [`AmfFault`]; nothing in it comes from the payload but a marker.
pub(super) fn decode(payload: &[u8]) -> Result<Vec<Amf0Value>, AmfFault> {
    if payload.len() > MAX_BYTES {
        return Err(AmfFault::TooLong);
    }
    let mut reader = Reader { rest: payload, values: 0, ended: false };
    let mut values = Vec::new();
    while !reader.rest.is_empty() {
        values.push(reader.value(0)?);
    }
    while values.len() < 3 {
        values.push(Amf0Value::Null);
    }
    Ok(values)
}

/// The values as bytes, keys of objects in alphabetic order.
pub(super) fn encode(values: &[Amf0Value]) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    values.iter().for_each(|value| write(value, &mut out));
    out
}

struct Reader<'a> {
    rest: &'a [u8],
    values: usize,
    /// AMF3 came: whatever is open ends here.
    ended: bool,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Amf0Value, AmfFault> {
        if depth > MAX_DEPTH {
            return Err(AmfFault::TooDeep);
        }
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(AmfFault::TooMany);
        }
        Ok(match self.u8()? {
            0x00 => Amf0Value::Number(self.number()?),
            0x01 => Amf0Value::Boolean(self.u8()? != 0),
            0x02 => Amf0Value::Utf8String(self.short_text()?),
            0x03 => Amf0Value::Object(self.properties(depth)?),
            0x05 => Amf0Value::Null,
            0x06 | 0x0d => Amf0Value::Undefined,
            0x07 => {
                self.take(2)?;
                Amf0Value::Null
            }
            0x08 => {
                // The count is a hint: the end marker is what counts.
                self.take(4)?;
                Amf0Value::Object(self.properties(depth)?)
            }
            0x0a => Amf0Value::StrictArray(self.array(depth)?),
            0x0b => {
                let at = self.number()?;
                self.take(2)?;
                Amf0Value::Number(at)
            }
            0x0c | 0x0f => {
                let len = self.u32()? as usize;
                Amf0Value::Utf8String(self.text(len)?)
            }
            0x10 => {
                self.short_text()?;
                Amf0Value::Object(self.properties(depth)?)
            }
            0x11 => {
                (self.rest, self.ended) = (&[], true);
                Amf0Value::Null
            }
            marker => return Err(AmfFault::Marker(marker)),
        })
    }

    fn properties(&mut self, depth: usize) -> Result<HashMap<String, Amf0Value>, AmfFault> {
        let mut properties = HashMap::new();
        while !self.ended {
            let name = self.short_text()?;
            if name.is_empty() && self.rest.first() == Some(&0x09) {
                self.take(1)?;
                break;
            }
            properties.insert(name, self.value(depth + 1)?);
        }
        Ok(properties)
    }

    fn array(&mut self, depth: usize) -> Result<Vec<Amf0Value>, AmfFault> {
        let count = self.u32()?;
        let mut items = Vec::new();
        for _ in 0..count {
            if self.ended {
                break;
            }
            items.push(self.value(depth + 1)?);
        }
        Ok(items)
    }

    fn short_text(&mut self) -> Result<String, AmfFault> {
        let &[a, b] = self.take(2)?.first_chunk().ok_or(AmfFault::Short)?;
        self.text(usize::from(u16::from_be_bytes([a, b])))
    }

    fn text(&mut self, len: usize) -> Result<String, AmfFault> {
        Ok(String::from_utf8_lossy(self.take(len)?).into_owned())
    }

    fn number(&mut self) -> Result<f64, AmfFault> {
        self.take(8)?.first_chunk().map(|bytes| f64::from_be_bytes(*bytes)).ok_or(AmfFault::Short)
    }

    fn u32(&mut self) -> Result<u32, AmfFault> {
        self.take(4)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes)).ok_or(AmfFault::Short)
    }

    fn u8(&mut self) -> Result<u8, AmfFault> {
        self.take(1)?.first().copied().ok_or(AmfFault::Short)
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], AmfFault> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(AmfFault::Short)?;
        self.rest = rest;
        Ok(taken)
    }
}

fn write(value: &Amf0Value, out: &mut Vec<u8>) {
    match value {
        Amf0Value::Number(number) => {
            out.push(0x00);
            out.extend(number.to_be_bytes());
        }
        Amf0Value::Boolean(boolean) => out.extend([0x01, u8::from(*boolean)]),
        Amf0Value::Utf8String(text) => match u16::try_from(text.len()) {
            Ok(len) => {
                out.push(0x02);
                out.extend(len.to_be_bytes());
                out.extend(text.as_bytes());
            }
            Err(_) => {
                out.push(0x0c);
                out.extend((text.len() as u32).to_be_bytes());
                out.extend(text.as_bytes());
            }
        },
        Amf0Value::Object(properties) => {
            out.push(0x03);
            let mut properties: Vec<_> = properties.iter().collect();
            properties.sort_unstable_by_key(|(name, _)| *name);
            for (name, value) in properties {
                // A name that its length field cannot say does not occur in what is sent.
                let Ok(len) = u16::try_from(name.len()) else { continue };
                out.extend(len.to_be_bytes());
                out.extend(name.as_bytes());
                write(value, out);
            }
            out.extend([0, 0, 0x09]);
        }
        Amf0Value::StrictArray(items) => {
            out.push(0x0a);
            out.extend((items.len() as u32).to_be_bytes());
            items.iter().for_each(|item| write(item, out));
        }
        Amf0Value::Null => out.push(0x05),
        Amf0Value::Undefined => out.push(0x06),
    }
}
