//! An example of the configuration file: every key, with what it means.

use super::registry::{self, FILE, Named, SECTIONS};

const HEAD: &str = "\
# Podium's configuration. What stands here is the weakest: flags win over environment variables,
# those over a .env file, and that over this file. `podium config` shows what is in force.
# Take away the # before what you want to set. Relative paths are relative to this file.
";

/// The example, in which nothing is set.
pub fn example() -> String {
    let mut text = HEAD.to_owned();
    text.push_str(&wrapped(&format!("It is looked for here: {}.", plain(FILE.default))));
    for section in &SECTIONS {
        text.push_str(&format!("\n# {}\n[{}]\n", section.title, section.name));
        let of_section =
            |named: &Named| named.setting.place.split('.').next() == Some(section.name);
        for named in registry::names().filter(of_section) {
            text.push_str(&entry(named));
        }
    }
    text
}

fn entry(named: Named) -> String {
    let (setting, variable) = (named.setting, named.variable());
    let about = match (named.by_file, setting.flag) {
        (true, _) => format!("A file that holds it instead. {variable}."),
        (false, None) => format!("{} {variable}.", meaning_and_default(named)),
        (false, Some((flag, _))) => {
            format!("{} {variable}, --{flag}.", meaning_and_default(named))
        }
    };
    let value = named.kind().in_file(&named.example());
    format!("{}#{} = {value}\n", wrapped(&about), named.key())
}

fn meaning_and_default(named: Named) -> String {
    format!("{} ({}).", named.setting.headline(), plain(named.setting.default))
}

/// Without the marks of code.
fn plain(text: &str) -> String {
    text.replace('`', "")
}

/// Comments of lines that are not too long.
fn wrapped(text: &str) -> String {
    let mut lines = String::new();
    let mut line = String::from("#");
    for word in text.split_whitespace() {
        if line.len() + word.len() > 98 {
            lines.push_str(&line);
            lines.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    lines + &line + "\n"
}
