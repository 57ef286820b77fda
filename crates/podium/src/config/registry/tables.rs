//! The tables of the documentation, made of the registry: `make settings` writes them.

use std::fs;
use std::path::Path;

use super::{Named, SECTIONS, Section, Setting};

const BEGIN: &str = "<!-- settings: ";
const END: &str = "<!-- end of settings -->";
/// With it set to `write`, what is out of date is written.
const WRITE: &str = "PODIUM_SETTINGS";

const HEAD: &str = "| variable | flag | key in the file | meaning | default |\n\
                    | --- | --- | --- | --- | --- |\n";

fn table(section: &Section) -> String {
    HEAD.to_owned() + &section.settings.iter().map(row).collect::<String>()
}

fn row(setting: &Setting) -> String {
    let (variable_file, key_file) =
        if setting.is_secret { (", `…_FILE`", ", `…_file`") } else { ("", "") };
    let flag = setting.flag.map(|(name, _)| format!("`--{name}`")).unwrap_or_default();
    format!(
        "| `{}`{variable_file} | {flag} | `{}`{key_file} | {} | {} |\n",
        setting.variable,
        setting.key(),
        setting.meaning,
        setting.default
    )
}

/// Everything, with examples as the file has them.
fn everything() -> String {
    let mut text = String::new();
    for section in &SECTIONS {
        text.push_str(&format!("\n### `[{}]`: {}\n\n", section.name, section.title));
        text.push_str("| key | variable | meaning | default | example |\n");
        text.push_str("| --- | --- | --- | --- | --- |\n");
        for setting in section.settings {
            let named = Named { setting, by_file: false };
            text.push_str(&format!(
                "| `{}` | `{}` | {} | {} | `{}` |\n",
                setting.key(),
                setting.variable,
                setting.meaning,
                setting.default,
                setting.kind.in_file(&named.example()),
            ));
        }
    }
    text + "\n"
}

/// The text with what stands between its marks made anew.
fn renewed(text: &str) -> String {
    let mut renewed = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (name, after) = after.split_once(" -->\n").expect("a mark ends with its line");
        let (_, after) = after.split_once(END).expect("a table ends with its mark");
        let made = match name {
            "all" => everything(),
            name => {
                let section = SECTIONS.iter().find(|section| section.name == name);
                table(section.unwrap_or_else(|| panic!("there is no section {name}")))
            }
        };
        renewed.push_str(&format!("{before}{BEGIN}{name} -->\n{made}{END}"));
        rest = after;
    }
    renewed + rest
}

#[test]
fn the_tables_of_the_documentation_are_those_of_the_registry() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for name in ["README.md", "docs/CONFIGURATION.md"] {
        let path = root.join(name);
        let text = fs::read_to_string(&path).expect("a chapter");
        let right = renewed(&text);
        if std::env::var(WRITE).is_ok_and(|wish| wish == "write") {
            fs::write(&path, &right).expect("it can be written");
        } else {
            assert!(text == right, "the settings in {name} are out of date: make settings");
        }
    }
}

#[test]
fn the_readme_has_every_section_once() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let text = fs::read_to_string(path).expect("the README");
    // Those of traces are a standard's own; they stand in docs/CONFIGURATION.md alone.
    for section in SECTIONS.iter().filter(|section| section.name != "otlp") {
        let mark = format!("{BEGIN}{} -->", section.name);
        assert_eq!(text.matches(&mark).count(), 1, "{mark}");
    }
}
