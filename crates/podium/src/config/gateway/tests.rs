use secrecy::ExposeSecret as _;

use super::*;

#[test]
fn the_key_travels_where_it_is_told_to() {
    for (text, name, scheme) in [
        ("X-Litellm-Key", "x-litellm-key", None),
        ("Authorization: Bearer", "authorization", Some("Bearer")),
        ("authorization", "authorization", Some("Bearer")),
        ("Authorization: Token", "authorization", Some("Token")),
        ("api-key", "api-key", None),
    ] {
        let header = key_header(text).expect(text);
        assert_eq!((header.name.as_str(), header.scheme.as_deref()), (name, scheme), "{text}");
    }
    for text in ["", "two words", "Host", "X: two words", "ü"] {
        assert_eq!(key_header(text), None, "{text}");
    }
}

#[test]
fn headers_are_separated_by_commas_or_lines() {
    let read = |text: &str| -> Option<Vec<String>> {
        let headers = headers(text)?.into_iter();
        Some(headers.map(|(name, value)| format!("{name}={}", value.expose_secret())).collect())
    };
    let two = ["cf-access-client-id=a.b", "cf-access-client-secret=c"].map(str::to_owned);
    assert_eq!(read("CF-Access-Client-Id: a.b, CF-Access-Client-Secret: c"), Some(two.to_vec()));
    assert_eq!(read("CF-Access-Client-Id: a.b\nCF-Access-Client-Secret: c\n"), Some(two.into()));
    assert_eq!(read("X-List: a, b"), Some(vec!["x-list=a, b".to_owned()]));
    for text in ["no header", "X-Empty:", "Host: a", "Transfer-Encoding: chunked"] {
        assert_eq!(read(text), None, "{text}");
    }
}
