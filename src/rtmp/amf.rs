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

/// An object as bytes, its keys in this order.
pub(super) fn encode_object(fields: &[(&str, Amf0Value)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    write_object(fields.iter().map(|(name, value)| (*name, value)), &mut out);
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

fn write_object<'a>(fields: impl Iterator<Item = (&'a str, &'a Amf0Value)>, out: &mut Vec<u8>) {
    out.push(0x03);
    for (name, value) in fields {
        // A name that its length field cannot say does not occur in what is sent.
        let Ok(len) = u16::try_from(name.len()) else { continue };
        out.extend(len.to_be_bytes());
        out.extend(name.as_bytes());
        write(value, out);
    }
    out.extend([0, 0, 0x09]);
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
            let mut properties: Vec<_> = properties.iter().map(|(name, value)| (name.as_str(), value)).collect();
            properties.sort_unstable_by_key(|(name, _)| *name);
            write_object(properties.into_iter(), out);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtmp::fuzz;
    use proptest::prelude::*;

    fn text(text: &str) -> Amf0Value {
        Amf0Value::Utf8String(text.to_owned())
    }

    fn object(properties: impl IntoIterator<Item = (&'static str, Amf0Value)>) -> Amf0Value {
        Amf0Value::Object(properties.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    fn value() -> impl Strategy<Value = Amf0Value> {
        let leaf = prop_oneof![
            any::<f64>().prop_filter("NaN is not itself", |number| !number.is_nan()).prop_map(Amf0Value::Number),
            any::<bool>().prop_map(Amf0Value::Boolean),
            ".{0,40}".prop_map(Amf0Value::Utf8String),
            Just(Amf0Value::Null),
            Just(Amf0Value::Undefined),
        ];
        leaf.prop_recursive(5, 60, 8, |inner| {
            prop_oneof![
                prop::collection::hash_map(".{1,12}", inner.clone(), 0..8).prop_map(Amf0Value::Object),
                prop::collection::vec(inner, 0..8).prop_map(Amf0Value::StrictArray),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn rml_and_we_read_each_other(values in prop::collection::vec(value(), 3..8)) {
            let theirs = rml_amf0::serialize(&values).unwrap();
            prop_assert_eq!(decode(&theirs), Ok(values.clone()));
            let read = rml_amf0::deserialize(&mut encode(&values).as_slice()).unwrap();
            prop_assert_eq!(read, values);
        }

        #[test]
        fn a_payload_cut_short_is_a_fault_or_has_fewer_values(value in value()) {
            let wire = encode(std::slice::from_ref(&value));
            for len in 1..wire.len() {
                prop_assert_eq!(decode(&wire[..len]), Err(AmfFault::Short));
            }
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(prop_oneof![0_u8..0x12, any::<u8>()], 0..600)) {
            prop_assert!(fuzz::amf0(&bytes));
        }

        #[test]
        fn damaged_values_are_read_without_a_panic(
            values in prop::collection::vec(value(), 1..5),
            damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        ) {
            let mut wire = encode(&values);
            for (at, byte) in damage {
                let at = at.index(wire.len());
                wire[at] = byte;
            }
            prop_assert!(fuzz::amf0(&wire));
        }
    }

    #[test]
    fn nesting_is_read_to_its_limit_and_no_deeper() {
        let arrays = |depth: usize| [[0x0a, 0, 0, 0, 1].repeat(depth), vec![0x05]].concat();
        let objects = |depth: usize| [[0x03, 0, 1, b'a'].repeat(depth), vec![0x05], [0, 0, 9].repeat(depth)].concat();
        assert!(decode(&arrays(MAX_DEPTH)).is_ok() && decode(&objects(MAX_DEPTH)).is_ok());
        for depth in [MAX_DEPTH + 1, 1_000, 8_000] {
            assert_eq!(decode(&arrays(depth)), Err(AmfFault::TooDeep));
            assert_eq!(decode(&objects(depth)), Err(AmfFault::TooDeep));
        }
    }

    #[test]
    fn counts_and_lengths_that_lie_take_nothing() {
        assert_eq!(decode(&[0x0a, 0xff, 0xff, 0xff, 0xff]), Err(AmfFault::Short));
        assert_eq!(decode(&[0x0c, 0xff, 0xff, 0xff, 0xff, b'a']), Err(AmfFault::Short));
        assert_eq!(decode(&[0x02, 0xff, 0xff, b'a', b'b', b'c']), Err(AmfFault::Short));
        assert_eq!(decode(&[0x03, 0, 1, b'a', 0x05]), Err(AmfFault::Short), "an object without an end");
        assert_eq!(decode(&vec![0x05; MAX_VALUES]).unwrap().len(), MAX_VALUES);
        assert_eq!(decode(&vec![0x05; MAX_VALUES + 1]), Err(AmfFault::TooMany));
        assert_eq!(decode(&vec![0x05; MAX_BYTES + 1]), Err(AmfFault::TooLong));
        let ecma = [&[0x08, 0xff, 0xff, 0xff, 0xff, 0, 1, b'a', 0x05, 0, 0, 9][..]].concat();
        assert_eq!(decode(&ecma).unwrap()[0], object([("a", Amf0Value::Null)]), "an ECMA count is a hint");
    }

    #[test]
    fn a_command_has_three_values_whatever_was_sent() {
        assert_eq!(decode(&[]).unwrap(), vec![Amf0Value::Null; 3]);
        let read = decode(&encode(&[text("releaseStream"), Amf0Value::Number(2.0)])).unwrap();
        assert_eq!(read, [text("releaseStream"), Amf0Value::Number(2.0), Amf0Value::Null]);
    }

    #[test]
    fn values_that_the_library_does_not_know_do_not_hide_those_behind_them() {
        let wire = [
            &[0x0b, 0x40, 0x59, 0, 0, 0, 0, 0, 0, 0, 0][..], // date: 100 ms
            &[0x0c, 0, 0, 0, 2, b'h', b'i'],                 // long string
            &[0x0f, 0, 0, 0, 4, b'<', b'a', b'/', b'>'],     // XML
            &[0x0d],                                         // unsupported
            &[0x07, 0, 1],                                   // reference
            &[0x10, 0, 1, b'C', 0, 1, b'x', 0x05, 0, 0, 9],  // typed object
            &[0x02, 0, 3, b'e', b'n', b'd'],
        ];
        let (null, undefined) = (Amf0Value::Null, Amf0Value::Undefined);
        let typed = object([("x", Amf0Value::Null)]);
        let expected = [Amf0Value::Number(100.0), text("hi"), text("<a/>"), undefined, null, typed, text("end")];
        assert_eq!(decode(&wire.concat()).unwrap(), expected);
    }

    #[test]
    fn amf3_inside_ends_what_is_open_and_the_rest() {
        let wire = [&[0x02, 0, 1, b'a', 0x03, 0, 1, b'k', 0x0a, 0, 0, 0, 9, 0x11][..], &[0x0a, 0x0b, 1, 7]].concat();
        let array = Amf0Value::StrictArray(vec![Amf0Value::Null]);
        assert_eq!(decode(&wire).unwrap(), [text("a"), object([("k", array)]), Amf0Value::Null]);
    }

    #[test]
    fn unknown_markers_are_named() {
        assert_eq!(decode(&[0x05, 0x0e]), Err(AmfFault::Marker(0x0e)));
    }

    #[test]
    fn objects_are_written_the_same_each_time() {
        let wire = encode(&[object([("b", Amf0Value::Null), ("a", Amf0Value::Boolean(true))])]);
        assert_eq!(wire, [0x03, 0, 1, b'a', 1, 1, 0, 1, b'b', 0x05, 0, 0, 9]);
        let long = "x".repeat(70_000);
        assert_eq!(encode(&[text(&long)])[..5], [0x0c, 0, 1, 0x11, 0x70]);
    }
}
