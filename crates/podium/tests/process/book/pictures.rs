//! Pictures in the documentation: there, shown, light and dark alike, and small.

use std::collections::BTreeMap;
use std::fs;

use super::{assert_none, chapters, root};

const MOST_BYTES: usize = 150_000;
const MOST_BYTES_IN_ALL: usize = 1_000_000;

/// Width and height of a WebP picture as browsers write it.
fn size(name: &str, bytes: &[u8]) -> (u32, u32) {
    assert!(bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP"), "{name}: no WebP");
    let number = |at: usize, length: usize| {
        let bytes = bytes.get(at..at + length).unwrap_or_default();
        bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte))
    };
    match bytes.get(12..16) {
        Some(b"VP8 ") => (number(26, 2) & 0x3fff, number(28, 2) & 0x3fff),
        Some(b"VP8L") => ((number(21, 4) & 0x3fff) + 1, (number(21, 4) >> 14 & 0x3fff) + 1),
        Some(b"VP8X") => (number(24, 3) + 1, number(27, 3) + 1),
        kind => panic!("{name}: a kind of WebP that nobody knows: {kind:?}"),
    }
}

#[test]
fn pictures_are_there_shown_and_small() {
    let mut faults = Vec::new();
    let mut sizes = BTreeMap::new();
    let mut bytes_in_all = 0;
    let shown: String = chapters().iter().map(|chapter| chapter.text.as_str()).collect();
    for entry in fs::read_dir(root().join("docs/images")).expect("make screenshots") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = fs::read(&path).expect("a picture");
        bytes_in_all += bytes.len();
        if bytes.len() > MOST_BYTES {
            faults.push(format!("{name}: {} bytes, more than {MOST_BYTES}", bytes.len()));
        }
        if !shown.contains(&format!("images/{name}")) {
            faults.push(format!("{name} is shown nowhere"));
        }
        sizes.insert(name.clone(), size(&name, &bytes));
    }
    for (name, (width, height)) in &sizes {
        let other = match name.strip_suffix("-light.webp") {
            Some(view) => format!("{view}-dark.webp"),
            None => name.replace("-dark.", "-light."),
        };
        if sizes.get(&other) != Some(&(*width, *height)) || *width < 1_200 {
            faults.push(format!("{name}: {width} × {height}, {other}: {:?}", sizes.get(&other)));
        }
    }
    if bytes_in_all > MOST_BYTES_IN_ALL {
        faults.push(format!("all pictures: {bytes_in_all} bytes, more than {MOST_BYTES_IN_ALL}"));
    }
    assert_none(&faults);
    assert!(!sizes.is_empty(), "there are none: make screenshots");
}
