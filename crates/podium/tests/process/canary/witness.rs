//! Finds a secret wherever it turns up: whole, in parts, in Base64, in a URL.

use std::collections::HashMap;

use crate::child::Ended;
use crate::place::Place;
use crate::server::Answer;

/// Parts of this length give a secret away.
const PART: usize = 8;

pub(super) struct Witness {
    /// Each part of each form, with the name of the form.
    parts: HashMap<[u8; PART], &'static str>,
}

impl Witness {
    pub(super) fn of(secret: &str) -> Self {
        let in_url: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let mut forms = vec![("as it is", secret.to_owned()), ("in a URL", in_url)];
        for before in 0..3 {
            // Three bytes make four letters, so the text depends on how many bytes precede it;
            // the letters at its ends depend on its neighbours, too.
            let base64 = base64(&[&vec![0; before], secret.as_bytes()].concat());
            let own = base64[4..base64.len() - 4].to_owned();
            forms.push(("in URL-safe Base64", own.replace('+', "-").replace('/', "_")));
            forms.push(("in Base64", own));
        }
        let mut parts = HashMap::new();
        for (name, form) in forms {
            for part in form.as_bytes().windows(PART) {
                parts.entry(part.try_into().expect("a part of that length")).or_insert(name);
            }
        }
        Self { parts }
    }

    fn find(&self, bytes: &[u8]) -> Option<(&'static str, usize)> {
        bytes.windows(PART).enumerate().find_map(|(at, part)| Some((*self.parts.get(part)?, at)))
    }

    #[track_caller]
    pub(super) fn search(&self, place: &str, bytes: &[u8]) {
        if let Some((form, at)) = self.find(bytes) {
            let around = &bytes[at.saturating_sub(100)..bytes.len().min(at + 100)];
            panic!("{place} has a part of the key {form}: {}", String::from_utf8_lossy(around));
        }
    }

    #[track_caller]
    pub(super) fn search_output(&self, command: &str, ended: &Ended) {
        self.search(&format!("standard output of {command}"), ended.stdout.as_bytes());
        self.search(&format!("standard error of {command}"), ended.stderr.as_bytes());
        assert!(!ended.stderr.contains("panicked"), "{command}: {}", ended.stderr);
    }

    #[track_caller]
    pub(super) fn search_answer(&self, path: &str, answer: &Answer) {
        self.search(&format!("the answer to {path}"), answer.text.as_bytes());
        for (name, value) in &answer.headers {
            self.search(&format!("a header of the answer to {path}"), name.as_str().as_bytes());
            self.search(&format!("a header of the answer to {path}"), value.as_bytes());
        }
    }

    /// Searches names and contents of all files.
    #[track_caller]
    pub(super) fn search_files(&self, place: &Place) {
        for path in place.files() {
            self.search("the name of a file", path.as_os_str().as_encoded_bytes());
            // SQLite removes its log at any moment.
            let content = std::fs::read(&path).unwrap_or_default();
            self.search(&path.display().to_string(), &content);
        }
    }
}

/// Base64 without padding.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, i| bits << 8 | usize::from(*group.get(i).unwrap_or(&0)));
        for i in 0..=group.len() {
            text.push(char::from(LETTERS[bits >> (18 - 6 * i) & 63]));
        }
    }
    text
}

#[test]
fn the_witness_knows_the_key_in_every_form() {
    let witness = Witness::of(super::KEY);
    let found = |text: &str| witness.find(text.as_bytes()).map(|(form, _)| form);
    assert_eq!(found("nothing to see: sk-sim, sk-cana, sk-…"), None);
    assert_eq!(found(&format!("Authorization: Bearer {}", super::KEY)), Some("as it is"));
    assert_eq!(found("…t5%Kd8~R…"), Some("as it is"));
    assert_eq!(found("key=Lp2%3DVt5%25Kd8"), Some("in a URL"));
    for before in ["", "u", "us", "user:", "Bearer "] {
        let text = base64(format!("{before}{}@", super::KEY).as_bytes());
        assert!(found(&text).is_some_and(|form| form.ends_with("Base64")), "{before}");
    }
    assert_eq!(base64(b"any carnal pleas"), "YW55IGNhcm5hbCBwbGVhcw");
}
