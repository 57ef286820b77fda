use std::path::PathBuf;

use super::*;
use crate::config::Config;

fn shown(variables: &[(&str, &str)]) -> Vec<InForce> {
    let sources = Sources::of(variables);
    let error = Config::from_sources(&sources, false).err();
    in_force(&sources, error.as_ref())
}

fn value(variables: &[(&str, &str)], place: &str) -> Value {
    let all = shown(variables);
    all.into_iter().find(|one| one.setting.place == place).expect(place).value
}

#[test]
fn secrets_are_there_or_not() {
    let secrets = registry::settings().filter(|setting| setting.is_secret);
    for setting in secrets {
        let value = value(&[(setting.variable, setting.example)], setting.place);
        let told = format!("{value:?}");
        let example = setting.example.rsplit(' ').next().expect("a word");
        assert!(!told.contains(example), "{told}");
        let file = format!("{}_FILE", setting.variable);
        let path = std::env::temp_dir().join("not there");
        let path = path.to_str().expect("text");
        let by_file = self::value(&[(&file, path)], setting.place);
        assert_eq!(by_file, Value::Refused, "{file}: there is no such file");
        assert_eq!(self::value(&[], setting.place), Value::Default);
    }
    assert_eq!(value(&[("LITELLM_API_KEY", "sk-canary")], "gateway.api_key"), Value::Secret);
    let headers = value(&[("PODIUM_GATEWAY_HEADERS", "A: canary, B: canary")], "gateway.headers");
    assert_eq!(headers, Value::Text("A: (set), B: (set)".to_owned()));
}

#[test]
fn what_is_refused_is_not_shown() {
    for (variable, text, place) in [
        ("LITELLM_BASE_URL", "http://ada:canary@gateway", "gateway.base_url"),
        ("LITELLM_API_KEY_HEADER", "X-Key: sk-canary", "gateway.api_key_header"),
        ("PODIUM_REFRESH", "sk-canary", "sync.refresh"),
        ("PODIUM_CORS_ORIGINS", "http://:canary@board.example.com", "server.cors_origins"),
    ] {
        assert_eq!(value(&[(variable, text)], place), Value::Refused, "{variable}");
    }
}

#[test]
fn addresses_lose_their_users() {
    for (text, shown) in [
        ("https://a.example.com/x@y", "https://a.example.com/x@y"),
        ("https://ada:word@a.example.com/x", "https://(hidden)@a.example.com/x"),
        ("a, http://u@b,http://d:e@f", "a, http://(hidden)@b,http://(hidden)@f"),
        ("://", "://"),
        ("email:ada@example.com", "email:ada@example.com"),
    ] {
        assert_eq!(without_user(text), shown, "{text}");
    }
}

#[test]
fn each_tells_what_it_comes_from() {
    let file = PathBuf::from("/etc/podium/podium.toml");
    for (origin, words) in [
        (Origin::Flag("listen"), "flag --listen"),
        (Origin::Environment("PODIUM_LISTEN".to_owned()), "environment PODIUM_LISTEN"),
        (Origin::DotEnv(3), ".env line 3"),
        (Origin::File(file, 7), "/etc/podium/podium.toml line 7"),
    ] {
        assert_eq!(origin.to_string(), words);
    }
    let all = shown(&[("PODIUM_LISTEN", ":8001")]);
    let [listen, port] = ["server.listen", "server.port"]
        .map(|place| all.iter().find(|one| one.setting.place == place).expect(place));
    assert_eq!(listen.origin, Some(Origin::Environment("PODIUM_LISTEN".to_owned())));
    assert_eq!((&port.value, &port.origin), (&Value::Default, &None));
}
