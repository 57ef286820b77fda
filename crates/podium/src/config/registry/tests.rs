use std::collections::BTreeSet;

use super::*;
use crate::config::{Config, LogSettings, Sources, example};

/// The examples of all settings, each of which is right.
fn examples() -> Vec<(&'static str, &'static str)> {
    settings()
        .filter(|setting| !setting.place.is_empty())
        .map(|setting| (setting.variable, setting.example))
        .collect()
}

#[test]
fn every_example_is_right() {
    Config::from_sources(&Sources::of(&examples()), false).expect("no example is at fault");
}

#[test]
fn what_is_read_stands_in_the_registry_and_the_other_way_round() {
    let sources = Sources::of(&examples());
    Config::from_sources(&sources, false).expect("no example is at fault");
    LogSettings::read(&sources);
    let mut read = sources.asked.into_inner();
    // Read when the file is looked for.
    read.insert(FILE.variable.to_owned());
    let known: BTreeSet<String> = names().map(Named::variable).collect();
    let never_read: Vec<_> = known.difference(&read).collect();
    let not_known: Vec<_> = read.difference(&known).collect();
    assert!(never_read.is_empty(), "no parser reads {never_read:?}");
    assert!(not_known.is_empty(), "the registry has no {not_known:?}");
}

#[test]
fn each_stands_in_its_section_once() {
    let mut seen = BTreeSet::new();
    for section in &SECTIONS {
        for setting in section.settings {
            let (of, key) = setting.place.split_once('.').expect("section.key");
            assert_eq!(of, section.name, "{}", setting.variable);
            assert!(!key.is_empty() && !setting.meaning.is_empty() && !setting.example.is_empty());
        }
    }
    for named in names() {
        assert!(seen.insert(named.variable()), "{} twice", named.variable());
        assert!(seen.insert(named.place()), "{} twice", named.place());
        assert_eq!(by_variable(&named.variable()).expect("known").place(), named.place());
        assert!(!named.setting.is_secret || named.setting.flag.is_none(), "a secret as a flag");
    }
    let flags: BTreeSet<_> = settings().filter_map(|setting| setting.flag).collect();
    assert_eq!(flags.len(), settings().filter(|setting| setting.flag.is_some()).count());
}

#[test]
fn the_example_of_a_file_has_every_key_and_can_be_read() {
    let commented = example();
    assert!(commented.lines().all(|line| line.chars().count() <= 110), "{commented}");
    let keys: BTreeSet<String> = names().map(Named::key).collect();
    let is_key = |line: &&str| {
        let key = line.strip_prefix('#').and_then(|line| line.split(" = ").next());
        key.is_some_and(|key| keys.contains(key))
    };
    assert_eq!(commented.lines().filter(is_key).count(), names().count() - 1, "all but its own");
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("podium.toml");
    let read = |text: &str| {
        std::fs::write(&path, text).expect("written");
        crate::config::file::find_and_read(Some(path.clone()), directory.path())
            .expect("it can be read")
            .expect("it is there")
    };
    let untouched = read(&commented);
    assert!(untouched.faults.is_empty() && untouched.layer.is_empty(), "{:?}", untouched.faults);
    let all: Vec<&str> =
        commented.lines().map(|line| if is_key(&line) { &line[1..] } else { line }).collect();
    let all = read(&all.join("\n"));
    assert_eq!(all.faults, [""; 0]);
    for named in names().filter(|named| !named.setting.place.is_empty()) {
        let given = &all.layer[&named.variable()];
        let bare = |text: &str| text.replace(' ', "").replace(',', "\n");
        assert_eq!(bare(&given.text), bare(&named.example()), "{}", named.place());
    }
}
