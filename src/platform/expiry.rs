//! When a signed key stops being taken. Chinese CDNs check it again on every reconnect.

use crate::domain::secret::StreamKey;
use std::time::{Duration, SystemTime};

/// When `key` expires, where it says so: `txTime` and `wsTime` are hexadecimal Unix seconds, `volcTime`, `expire` and
/// the first field of `auth_key` decimal.
#[must_use]
pub fn expires_at(key: &StreamKey) -> Option<SystemTime> {
    let (_, query) = key.expose().split_once('?')?;
    let seconds = query.split('&').filter_map(|pair| pair.split_once('=')).find_map(|(name, value)| match name {
        "txTime" | "wsTime" => u64::from_str_radix(value, 16).ok(),
        "volcTime" | "expire" => value.parse().ok(),
        "auth_key" => value.split('-').next()?.parse().ok(),
        _ => None,
    })?;
    // 2001 to 2100: anything else is not a date.
    (1_000_000_000..4_102_444_800).contains(&seconds).then(|| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_of_signed_keys_tells_its_end() {
        for (key, seconds) in [
            ("s?txSecret=ab&txTime=65A0B0C0", Some(0x65A0_B0C0)),
            ("s?wsSecret=ab&wsTime=65a0b0c0&x=1", Some(0x65a0_b0c0)),
            ("s?auth_key=1700000000-0-0-abcdef", Some(1_700_000_000)),
            ("s?expire=1700000000&sign=ab", Some(1_700_000_000)),
            ("s?volcTime=1700000000&volcSecret=a", Some(1_700_000_000)),
            ("s?expire=3600", None),
            ("abcd-efgh", None),
            ("?streamname=live_1_2&key=3", None),
        ] {
            let at = expires_at(&StreamKey::parse(key).unwrap());
            assert_eq!(at, seconds.map(|s| SystemTime::UNIX_EPOCH + Duration::from_secs(s)), "{key}");
        }
    }
}
