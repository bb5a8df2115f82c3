//! When a signed key stops being taken. Chinese CDNs check it again on every reconnect.

use crate::domain::secret::StreamKey;
use std::time::{Duration, SystemTime};

/// `wsTime` and `hwTime` are when the key was made or when it ends, as its owner set the CDN up: of the two readings, the one
/// that is kinder to the key counts, with the longest that such a key commonly holds.
const MAYBE_MADE: Duration = Duration::from_secs(24 * 60 * 60);

/// When `key` expires at the latest, where it says so: `txTime` is in hexadecimal Unix seconds, `volcTime`, `expire` and
/// the first field of `auth_key` in decimal; so is, a day before its end, the hexadecimal `wsTime` or `hwTime`.
#[must_use]
pub fn expires_at(key: &StreamKey) -> Option<SystemTime> {
    let (_, query) = key.expose().split_once('?')?;
    let hex = |value| u64::from_str_radix(value, 16).ok();
    let (seconds, more) = query.split('&').filter_map(|pair| pair.split_once('=')).find_map(|(name, value)| {
        Some(match name {
            "txTime" => (hex(value)?, Duration::ZERO),
            "wsTime" | "hwTime" => (hex(value)?, MAYBE_MADE),
            "volcTime" | "expire" => (value.parse().ok()?, Duration::ZERO),
            "auth_key" => (value.split('-').next()?.parse().ok()?, Duration::ZERO),
            _ => return None,
        })
    })?;
    // 2001 to 2100: anything else is not a date.
    let date = (1_000_000_000..4_102_444_800).contains(&seconds);
    date.then(|| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds) + more)
}

/// Whether `key` says that its time is over at `now`.
#[must_use]
pub fn is_over(key: &StreamKey, now: SystemTime) -> bool {
    expires_at(key).is_some_and(|at| at <= now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_of_signed_keys_tells_its_end() {
        for (key, seconds) in [
            ("s?txSecret=ab&txTime=65A0B0C0", Some(0x65A0_B0C0)),
            ("s?wsSecret=ab&wsTime=65a0b0c0&x=1", Some(0x65a0_b0c0 + 86_400)),
            ("s?hwSecret=ab&hwTime=65a0b0c0", Some(0x65a0_b0c0 + 86_400)),
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

    #[test]
    fn a_key_is_over_from_its_last_second_on_and_one_without_a_date_never() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let key = |text| StreamKey::parse(text).unwrap();
        let signed = key("s?expire=1700000000&sign=ab");
        assert_eq!([1_699_999_999, 1_700_000_000].map(|now| is_over(&signed, at(now))), [false, true]);
        assert!(!is_over(&key("abcd-efgh"), at(4_000_000_000)));
    }
}
