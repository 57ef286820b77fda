//! Commands that the documentation names: the program has them, and their flags.

use std::collections::BTreeMap;
use std::process::Command;

use super::chapter::Chapter;
use super::{assert_none, chapters};

/// What stands in front of a command besides what it is given.
const BEFORE: [&str; 5] = ["exec", "sudo", "time", "then", "do"];

/// Each use of `program`: where, and the words behind it.
pub(super) fn named(chapter: &Chapter, program: &str) -> Vec<(String, Vec<String>)> {
    let shell = chapter.blocks.iter().filter(|block| block.language == "sh");
    let lines = shell.flat_map(|block| {
        let joined = block.text.replace("\\\n", "  ");
        let lines: Vec<_> = (block.line + 1..).zip(joined.lines().map(str::to_owned)).collect();
        lines
    });
    let code = chapter.code.iter().map(|piece| (piece.line, piece.text.clone()));
    lines
        .chain(code)
        .flat_map(|(line, text)| {
            let uses = uses(&text, program).into_iter();
            uses.map(|words| (chapter.place(line), words)).collect::<Vec<_>>()
        })
        .collect()
}

/// The words behind `program` in each command of a line.
fn uses(line: &str, program: &str) -> Vec<Vec<String>> {
    let line = line.split(" #").next().unwrap_or_default();
    line.split(['|', ';', '&', '(', ')'])
        .filter_map(|command| {
            let mut words = command.split_whitespace().skip_while(|word| {
                BEFORE.contains(word) || (word.contains('=') && !word.starts_with('-'))
            });
            let is_it = |word: &str| word == program || word.ends_with(&format!("/{program}"));
            words.next().filter(|word| is_it(word))?;
            Some(words.map(|word| word.trim_matches(['"', '\'']).to_owned()).collect())
        })
        .collect()
}

/// What `--help` says of commands, asked for once each.
#[derive(Default)]
struct Helps(BTreeMap<Vec<String>, String>);

impl Helps {
    fn of(&mut self, path: &[String]) -> &str {
        self.0.entry(path.to_vec()).or_insert_with(|| {
            let help = Command::new(env!("CARGO_BIN_EXE_podium")).args(path).arg("--help").output();
            String::from_utf8(help.expect("the program starts").stdout).expect("text")
        })
    }

    /// What is wrong with the words behind `podium`.
    fn fault(&mut self, words: &[String]) -> Option<String> {
        let mut path: Vec<String> = Vec::new();
        for word in words {
            let help = self.of(&path);
            if let Some(flag) = word.strip_prefix("--") {
                let flag = flag.split('=').next().unwrap_or_default();
                if !has_flag(help, flag) {
                    return Some(format!("podium {} has no --{flag}", path.join(" ")));
                }
            } else if subcommands(help).contains(&word.as_str()) {
                path.push(word.clone());
            } else if path.is_empty() && word.starts_with(|one: char| one.is_ascii_lowercase()) {
                return Some(format!("podium has no command {word}"));
            }
        }
        None
    }
}

fn has_flag(help: &str, flag: &str) -> bool {
    let words = help.split(|letter: char| letter.is_whitespace() || ",=[]".contains(letter));
    words.into_iter().any(|word| word.strip_prefix("--") == Some(flag))
}

fn subcommands(help: &str) -> Vec<&str> {
    help.lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .collect()
}

#[test]
fn every_command_named_exists() {
    let mut helps = Helps::default();
    let mut faults = Vec::new();
    for (place, words) in chapters().iter().flat_map(|chapter| named(chapter, "podium")) {
        faults.extend(helps.fault(&words).map(|fault| format!("{place}: {fault}")));
    }
    assert_none(&faults);
}

#[test]
fn commands_are_found_in_lines() {
    let found = |line: &str| uses(line, "podium").into_iter().map(|words| words.join(" "));
    let all = |line: &str| found(line).collect::<Vec<_>>();
    assert_eq!(
        all("A=b podium sync --from x | podium check; echo podium"),
        ["sync --from x", "check"]
    );
    assert_eq!(all("exec target/release/podium serve  # podium demo"), ["serve"]);
    let mut helps = Helps::default();
    let mut fault =
        |words: &str| helps.fault(&words.split(' ').map(str::to_owned).collect::<Vec<_>>());
    assert_eq!(fault("token create --role viewer"), None);
    assert_eq!(
        fault("token create --rule x").as_deref(),
        Some("podium token create has no --rule")
    );
    assert_eq!(fault("server").as_deref(), Some("podium has no command server"));
}
