//! What must not be found in the sources, and what must agree with them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

pub fn sources() -> Vec<(String, String)> {
    fn walk(directory: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(directory).expect("a source folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    paths
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&root).expect("below the root");
            (name.display().to_string(), fs::read_to_string(&path).expect("a source file"))
        })
        .filter(|(name, _)| !name.ends_with("tests.rs"))
        .collect()
}

/// The files, by name, whose code (comments aside) holds `needle`.
fn files_with(needle: &str) -> Vec<String> {
    let holds = |text: &str| {
        text.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(needle))
    };
    sources().into_iter().filter(|(_, text)| holds(text)).map(|(name, _)| name).collect()
}

fn assert_only_in(needle: &str, allowed: &[&str]) {
    let files = files_with(needle);
    assert!(!files.is_empty(), "{needle} is not used at all, so this rule is out of date");
    for file in files {
        assert!(allowed.iter().any(|place| file.starts_with(place)), "{needle} in {file}");
    }
}

#[test]
fn each_library_has_its_place() {
    assert_only_in("reqwest", &["gateway/", "sign_on/http", "telemetry/"]);
    assert_only_in("openidconnect", &["sign_on"]);
    assert_only_in("backon", &["gateway/"]);
    assert_only_in("rusqlite", &["store/"]);
    // Fuzzing, which the product is built without, asks as strangers do.
    assert_only_in("axum", &["api", "app", "fuzzing"]);
    assert_only_in("utoipa", &["access/", "api", "services/", "query/"]);
    assert_only_in("prometheus_client", &["api/metrics"]);
    assert_only_in("gateway_sim::", &["cli/demo.rs", "fuzzing"]);
}

#[test]
fn each_secret_is_exposed_in_one_place() {
    let mut files = files_with("expose_secret()");
    files.sort();
    assert_eq!(files, ["gateway/http.rs", "sign_on/token.rs"]);
}

#[test]
fn the_clock_is_read_in_one_place() {
    assert_eq!(files_with("Timestamp::now()"), ["clock.rs"]);
    assert_eq!(files_with("SystemTime::now()"), [""; 0]);
    for needle in ["Instant::now()", ".elapsed()"] {
        let files = files_with(needle);
        assert!(!files.iter().any(|name| name.starts_with("sync")), "{needle} in {files:?}");
    }
}

#[test]
fn only_the_command_line_prints() {
    for needle in ["println!", "eprintln!", "print!(", "dbg!("] {
        assert_eq!(files_with(needle), [""; 0], "{needle}");
    }
    assert_only_in("std::io::stdout", &["cli"]);
}

#[test]
fn nothing_is_global_or_unsafe() {
    for needle in ["static mut", "lazy_static", "LazyLock", "unsafe {"] {
        assert_eq!(files_with(needle), [""; 0], "{needle}");
    }
}

/// The modules of this crate that a source names in its paths: `crate::a::b`, and each of
/// `use crate::{a, b::c}`.
fn modules_named(text: &str) -> BTreeSet<String> {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let word = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut modules = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        let Some(list) = after.strip_prefix('{') else {
            modules.insert(word(after));
            continue;
        };
        let mut depth = 0;
        let mut is_first = true;
        for (at, c) in list.char_indices() {
            if depth == 0 && is_first && !c.is_whitespace() && c != '}' {
                modules.insert(word(&list[at..]));
                is_first = false;
            }
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => is_first = true,
                _ => {}
            }
        }
    }
    modules
}

#[test]
fn lists_of_modules_are_seen() {
    let text =
        "use crate::{access, store::{a, b},\n usage::Day};\n// crate::sync\ncrate::query::ask(";
    let seen: Vec<String> = modules_named(text).into_iter().collect();
    assert_eq!(seen, ["access", "query", "store", "usage"]);
}

#[test]
fn folders_know_only_what_lies_before_them() {
    let order = [
        "bounded_cache",
        "hashing",
        "meter",
        "telemetry",
        "usage",
        "gateway",
        "store",
        "transfer",
        "sync",
        "sign_on",
        "access",
        "query",
        "services",
        "preview",
        "api",
        "app",
        "cli",
    ];
    for (name, text) in sources() {
        let Some(place) = order.iter().position(|folder| {
            name == format!("{folder}.rs") || name.starts_with(&format!("{folder}/"))
        }) else {
            continue;
        };
        let named = modules_named(&text);
        for later in &order[place + 1..] {
            assert!(!named.contains(*later), "{name} knows {later}");
        }
        if name.starts_with("store") {
            assert!(!named.contains("gateway"), "the store knows the gateway: {name}");
        }
    }
}

#[test]
fn facts_are_read_by_queries_alone() {
    assert_only_in("SumQuestion", &["usage", "store", "query"]);
    for (name, text) in sources() {
        let asks = text.contains(".sum(&question)") || text.contains(".sum(question)");
        let may = ["query/", "store/"].iter().any(|folder| name.starts_with(folder));
        assert!(!asks || may, "{name} reads facts");
    }
}

#[test]
fn scopes_are_made_in_one_place() {
    assert_only_in("Scope::of(", &["access"]);
    assert_only_in("Extent {", &["access"]);
}

/// Which files of `sync/` each of them names; what lies in a folder belongs to its file.
fn parts_of_sync() -> BTreeMap<String, BTreeSet<String>> {
    let mut parts = BTreeMap::<String, BTreeSet<String>>::new();
    for (name, text) in sources() {
        let Some(part) = name.strip_prefix("sync/") else { continue };
        let part = part.split(['/', '.']).next().unwrap_or(part).to_owned();
        let roots = if name.matches('/').count() > 1 { "crate::sync::" } else { "super::" };
        let named = text.split(roots).skip(1).map(|rest| {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            rest[..end].to_owned()
        });
        parts.entry(part).or_default().extend(named);
    }
    parts
}

#[test]
fn the_parts_of_sync_know_each_other_one_way() {
    let mut parts = parts_of_sync();
    assert!(parts["looks"].contains("teams"), "{parts:?}");
    while !parts.is_empty() {
        let names: Vec<String> = parts.keys().cloned().collect();
        let knows_none = |name: &&String| !names.iter().any(|other| parts[*name].contains(other));
        let Some(last) = names.iter().find(knows_none) else { panic!("a circle in {parts:?}") };
        parts.remove(last);
    }
}

#[test]
fn the_committed_openapi_document_is_the_served_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi.json");
    let committed = fs::read_to_string(path).expect("openapi.json");
    assert!(committed == podium::api::openapi(), "openapi.json is out of date: make openapi");
}
