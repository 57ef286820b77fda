use super::*;

fn read_text(text: impl AsRef<[u8]>) -> Result<Read, String> {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("podium.toml");
    std::fs::write(&path, text).expect("written");
    find_and_read(Some(path), directory.path()).map(|read| read.expect("it is there"))
}

/// The faults without the name of the file.
fn faults(text: &str) -> Vec<String> {
    let read = read_text(text).expect("it can be read");
    let bare = |fault: &String| match fault.split_once("podium.toml ") {
        Some((_, bare)) => bare.to_owned(),
        None => fault.clone(),
    };
    read.faults.iter().map(bare).collect()
}

#[track_caller]
fn assert_sets(text: &str, expected: &[(&str, &str)]) {
    let read = read_text(text).expect("it can be read");
    assert_eq!(read.faults, [""; 0], "{text}");
    assert_eq!(read.layer.len(), expected.len(), "{text}");
    for (variable, value) in expected {
        assert_eq!(read.layer[*variable].text, *value, "{text}");
    }
}

#[test]
fn values_have_their_natural_forms() {
    assert_sets(
        "[sync]\nrefresh = 5\nbackfill_days = 0x1F\nlog_days = 1_0\n[server]\nhsts = true\n\
         answer_timeout = 2.5\nport = \"8001\"\ncors_origins = ['http://a', 'http://b']\n\
         frame_ancestors = [\"self\"]\n[store]\nmemory = 512\n",
        &[
            ("PODIUM_REFRESH", "5"),
            ("PODIUM_BACKFILL_DAYS", "31"),
            ("PODIUM_LOG_DAYS", "10"),
            ("PODIUM_HSTS", "true"),
            ("PODIUM_ANSWER_TIMEOUT", "2.5"),
            ("VITE_LEADERBOARD_BACKEND_PORT", "8001"),
            ("PODIUM_CORS_ORIGINS", "http://a,http://b"),
            ("PODIUM_FRAME_ANCESTORS", "self"),
            ("PODIUM_MEMORY", "512"),
        ],
    );
}

#[test]
fn tables_become_rows() {
    assert_sets(
        "[access.policy]\nanybody = [\"rank\", 'tokens']\nself = []\nteam = \"name rank\"\n\
         [access.team_members]\n\"team one\" = [\"group:a\", \"email:b@c\"]\n\
         [gateway.headers]\nCF-Id = \"an id\"\nX-List = \"a, b\"\n",
        &[
            ("PODIUM_POLICY", "anybody:rank tokens;self:;team:name rank"),
            ("PODIUM_TEAM_MEMBERS", "team one=group:a,email:b@c"),
            ("PODIUM_GATEWAY_HEADERS", "CF-Id:an id\nX-List:a, b"),
        ],
    );
    assert_sets("access.policy = 'team: none'", &[("PODIUM_POLICY", "team: none")]);
    assert_sets("[[gateway]]\nbase_url = 'http://a'\n", &[("LITELLM_BASE_URL", "http://a")]);
}

#[test]
fn paths_are_relative_to_the_file() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("etc");
    std::fs::create_dir(&path).expect("made");
    std::fs::write(
        path.join("podium.toml"),
        "[store]\ndata_dir = 'data'\n[server]\ntls_cert = '/abs.crt'\n[gateway]\napi_key_file = '../key'\n",
    )
    .expect("written");
    let read = find_and_read(Some(path.join("podium.toml")), directory.path());
    let layer = read.expect("it can be read").expect("it is there").layer;
    assert_eq!(Path::new(&layer["PODIUM_DATA_DIR"].text), path.join("data"));
    assert_eq!(layer["PODIUM_TLS_CERT"].text, "/abs.crt");
    assert_eq!(Path::new(&layer["LITELLM_API_KEY_FILE"].text), path.join("../key"));
    assert_sets("store.data_dir = ':memory:'", &[("PODIUM_DATA_DIR", ":memory:")]);
}

#[test]
fn what_is_unknown_is_told_with_what_is_meant() {
    for (text, words) in [
        (
            "[gateway]\n\nbase_ulr = 'canary'",
            &["line 3: there is no base_ulr in [gateway]", "mean base_url?"][..],
        ),
        ("[gatewy]\nbase_url = 'canary'", &["line 1: there is no section [gatewy]", "[gateway]?"]),
        ("[nothing.like.it]", &["no section [nothing]", "there are [gateway], [sync]"]),
        ("[server]\nrefresh = 'canary'", &["line 2", "mean refresh in [sync]?"]),
        ("listen = 'canary'", &["line 1", "outside of the sections", "listen in [server]?"]),
        ("PODIUM_REFRESH = 'canary'", &["mean refresh in [sync]?"]),
        ("[sync]\nPODIUM_ACCESS = 'canary'", &["mean mode in [access]?"]),
        ("[sync]\nrefresh_file = 'canary'", &["there is no refresh_file"]),
        ("[sync]\n'a.b\\n' = 'canary'", &["there is no a.b\\\\n in [sync]", "knows refresh"]),
        ("server = 'canary'", &["server is a text, and must be a section: [server]"]),
        ("[[server]]", &["server is a list"]),
        ("[[gateway]]\n[[gateway]]\n", &["line 2: there is a second [[gateway]]", "one gateway"]),
        ("gateway = ['canary']", &["gateway is a text, and must be a section"]),
    ] {
        let faults = faults(text);
        let [fault] = &faults[..] else { panic!("{text}: {faults:?}") };
        assert!(words.iter().all(|words| fault.contains(words)), "{text}: {fault}");
        assert!(!fault.contains("canary"), "{fault}");
    }
}

#[test]
fn wrong_forms_are_told_without_the_value() {
    for (text, words) in [
        ("sync.backfill_days = 1.5", "is a number with a fraction, and must be a whole number"),
        ("sync.backfill_days = 1979-05-27", "is a date"),
        ("sync.backfill_days = 99999999999999999999", "is too large a number"),
        ("sync.refresh = inf", "is no finite number"),
        ("sync.refresh = -nan", "is no finite number"),
        ("sync.refresh = true", "is true or false, and must be a time in quotes"),
        ("server.hsts = 1", "is a whole number, and must be true or false"),
        ("server.listen = 8000", "is a whole number, and must be a text in quotes"),
        ("server.cors_origins = [1]", "lists a whole number"),
        ("server.cors_origins = ['']", "lists an empty text"),
        ("server.cors_origins = ['http://canary, b']", "holds ','"),
        ("access.policy = {team = 1}", "has a whole number, and must be a table"),
        ("access.policy = {'te:am' = ['canary']}", "has a name"),
        ("access.policy = {team = ['rank;self']}", "holds ';'"),
        ("access.policy.team.more = 1", "has a table, and must be"),
        ("access.team_members = {a = \"group:b;c=canary\"}", "holds a separator"),
        ("gateway.headers = {A = \"b\\nC: canary\"}", "several rows"),
        ("gateway.headers = {A = \"b, C: canary\"}", "several rows"),
        ("gateway.headers = {A = ['canary']}", "has a list"),
        ("gateway.api_key = {canary = 1}", "is a table, and must be a text in quotes"),
    ] {
        let faults = faults(text);
        let [fault] = &faults[..] else { panic!("{text}: {faults:?}") };
        assert!(fault.starts_with("line 1: ") && fault.contains(words), "{text}: {fault}");
        assert!(fault.contains("For example:\n  "), "{fault}");
        assert!(!fault.contains("canary"), "{fault}");
    }
}

#[test]
fn all_faults_are_told_at_once_by_line() {
    let faults = faults(
        "[gateway]\nbase_url = 1\napi_key = sk-canary\nurl = 'a'\n[gateway]\n[sync]\nrefresh = '1s'\n\
         refresh = '2s'\n[servr]\n",
    );
    let lines: Vec<&str> = faults.iter().filter_map(|fault| fault.split(':').next()).collect();
    assert_eq!(lines, ["line 2", "line 3", "line 4", "line 5", "line 8", "line 9"], "{faults:?}");
    assert!(faults[1].contains("not TOML") && faults[1].contains("quoted"), "{faults:?}");
    assert!(faults[3].contains("there already") && faults[4].contains("there already"));
    assert!(!faults.concat().contains("canary"), "{faults:?}");
}

#[test]
fn whatever_it_holds_has_an_end() {
    let deep_tables = format!("[{}a]", "a.".repeat(100_000));
    for text in [
        format!("a = {}", "[".repeat(10_000)),
        format!("[gateway]\nheaders = {}1{}", "{a=".repeat(10_000), "}".repeat(10_000)),
        format!("[server]\ncors_origins = {}{}", "[".repeat(10_000), "]".repeat(10_000)),
        deep_tables.clone(),
        deep_tables.trim_matches(['[', ']']).to_owned() + " = 1",
        "= = =\n".repeat(10_000),
        "[[gateway]]\n".repeat(10_000),
        (0..10_000).map(|number| format!("[s{number}]\n")).collect(),
        "\"".repeat(10_000),
        "\u{0}".repeat(1_000),
    ] {
        let read = read_text(&text).expect("it can be read");
        let begin: String = text.chars().take(20).collect();
        assert!(!read.faults.is_empty(), "{begin}");
        assert!(read.faults.len() <= 21, "{begin}: {} faults", read.faults.len());
        let told: usize = read.faults.iter().map(String::len).sum();
        assert!(told < 10_000, "{begin}: {told} bytes of faults");
    }
    let entries = "'http://a',".repeat(50_000);
    assert_sets(
        &format!("server.cors_origins = [{entries}]"),
        &[("PODIUM_CORS_ORIGINS", &"http://a,".repeat(50_000)[..450_000 - 1])],
    );
}

#[test]
fn files_of_other_systems_and_other_kinds() {
    assert_sets("\u{feff}[sync]\r\nrefresh = '1s'\r\n", &[("PODIUM_REFRESH", "1s")]);
    assert_sets("", &[]);
    let no_text = read_text(b"[sync]\n# canary \xff\n").expect_err("no text");
    assert!(no_text.contains("line 2 is not text") && !no_text.contains("canary"), "{no_text}");
    let large = read_text(vec![b'#'; (1 << 20) + 1]).expect_err("too large");
    assert!(large.contains("larger than 1 MB"), "{large}");
    let directory = tempfile::tempdir().expect("a directory");
    let missing = find_and_read(Some(directory.path().join("not.toml")), directory.path());
    assert!(missing.expect_err("missing").contains("does not exist. Name another"));
    let itself = find_and_read(Some(directory.path().to_owned()), directory.path());
    assert!(itself.expect_err("a directory").contains("is a directory"));
}

#[test]
fn the_first_place_is_the_working_directory_and_the_last_the_machines() {
    let places = usual_places(Path::new("/work"));
    assert_eq!(places.first().map(PathBuf::as_path), Some(Path::new("/work/podium.toml")));
    assert_eq!(places.last().map(PathBuf::as_path), Some(Path::new("/etc/podium/podium.toml")));
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("podium.toml"), "").expect("written");
    let found = find_and_read(None, directory.path()).expect("it can be read");
    assert_eq!(found.expect("found").path, directory.path().join("podium.toml"));
}

#[test]
fn a_secret_that_others_may_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("podium.toml");
    let warning = |text: &str, mode: u32| {
        std::fs::write(&path, text).expect("written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("set");
        let read = find_and_read(Some(path.clone()), directory.path());
        read.expect("it can be read").expect("it is there").warning
    };
    let told = warning("gateway.api_key = 'sk-canary'", 0o644).expect("others may read it");
    assert!(told.contains("gateway.api_key_file") && told.contains("chmod 600"), "{told}");
    assert!(!told.contains("canary"), "{told}");
    assert!(warning("gateway.api_key = 'sk-canary'", 0o640).is_some());
    assert_eq!(warning("gateway.api_key = 'sk-canary'", 0o600), None);
    assert_eq!(warning("gateway.api_key_file = 'key'\nsync.refresh = '1s'", 0o644), None);
    assert_eq!(warning("gateway.api_key = ''", 0o644), None);
}
