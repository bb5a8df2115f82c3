//! A QR code (ISO/IEC 18004) as SVG.

use qrcodegen::{QrCode, QrCodeEcc};
use std::fmt::Write as _;

/// Empty modules around a code.
const QUIET: i32 = 4;

/// `text` as a black and white picture; nothing where it is too long.
pub(super) fn svg(text: &str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let (size, whole) = (code.size(), code.size() + 2 * QUIET);
    let mut path = String::new();
    for (x, y) in (0..size).flat_map(|y| (0..size).map(move |x| (x, y))).filter(|(x, y)| code.get_module(*x, *y)) {
        let _ = write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET);
    }
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {whole} {whole}\" role=\"img\" aria-label=\"QR\" \
         shape-rendering=\"crispEdges\"><rect width=\"{whole}\" height=\"{whole}\" fill=\"#fff\"/><path d=\"{path}\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_becomes_a_picture_and_what_is_too_long_none() {
        let svg = svg("larix://set/v1?conn[][url]=rtmp%3A%2F%2Fa%2Flive%2Fkey").unwrap();
        assert!(svg.starts_with("<svg ") && svg.matches("h1v1h-1z").count() > 200, "{svg}");
        assert_eq!(super::svg(&"x".repeat(5000)), None);
    }
}
