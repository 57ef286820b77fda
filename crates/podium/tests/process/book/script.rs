//! A chapter as one script: its blocks in order, in one shell, as a reader has it.

use std::fmt::Write as _;
use std::path::Path;

use super::chapter::{Block, Chapter};
use crate::gateway::free_port;

/// What the documentation calls a gateway and its key, wherever one is meant.
const GATEWAY: &str = "https://litellm.example.com";
const GATEWAY_KEY: &str = "sk-…";
/// Podium's port in the documentation.
const PORT: &str = "8000";

/// What stands in for what a reader has.
pub(super) struct Stand<'a> {
    pub(super) gateway: &'a str,
    pub(super) gateway_key: &'a str,
    /// The port of the demo.
    pub(super) demo_port: u16,
    pub(super) python: &'a str,
}

/// Languages that run. `podium demo` and the like, which end when one ends them, are `sh server`.
pub(super) fn runs(block: &Block) -> bool {
    let is_run = matches!(block.language.as_str(), "sh" | "python" | "js" | "sql");
    is_run && !block.is_marked("no-run")
}

/// What a script begins with: a failing command ends it, and its server ends with it.
const BEGINNING: &str = r#"set -euo pipefail
server=
end() { if [ "$server" ]; then kill -- "-$server" || :; wait "$server" || :; server=; fi 2>/dev/null; }
trap end EXIT
ready() {
  for _ in $(seq 600); do
    curl --silent --fail --output /dev/null "http://127.0.0.1:$2/livez" && return
    kill -0 "$1" || { echo "it ended before it served" >&2; return 1; }
    sleep 0.1
  done
  return 1
}
"#;

/// Writes what `chapter` runs into `folder` and returns the script. Block `n` prints into `out/n` and
/// `err/n`; those of the last one that began are there when it fails.
pub(super) fn write(chapter: &Chapter, folder: &Path, stand: &Stand<'_>) -> String {
    let mut script = BEGINNING.to_owned();
    let mut port = stand.demo_port;
    for (number, block) in chapter.blocks.iter().enumerate().filter(|(_, block)| runs(block)) {
        let to = format!(">{0}/out/{number} 2>{0}/err/{number}", folder.display());
        if block.is_marked("server") {
            port = free_port();
        }
        let text = stand.put_in(&block.text, port);
        let name = folder.join(format!("{number}.{}", block.language));
        std::fs::write(&name, &text).expect("a block can be written");
        let name = name.display();
        let run = match block.language.as_str() {
            "sh" if block.is_marked("server") => format!(
                // The reader ends the one before, which has the data.
                "end\nset -m\n( export PODIUM_LISTEN=127.0.0.1:{port}\n{text}\n) {to} &\nset +m\n\
                 server=$!\nready $server {port} 2>>{}/err/{number}\n",
                folder.display()
            ),
            "sh" => format!("exec {to}\n{text}\n"),
            "js" => {
                let module = folder.join(format!("{number}.mjs"));
                std::fs::write(&module, &text).expect("a block can be written");
                format!("node {} {to}\n", module.display())
            }
            "sql" => format!("{} {}/sql.py {name} {to}\n", stand.python, folder.display()),
            _ => format!("{} {name} {to}\n", stand.python),
        };
        write!(script, "# {}\n{run}", chapter.place(block.line)).expect("memory");
    }
    script
}

impl Stand<'_> {
    fn put_in(&self, text: &str, port: u16) -> String {
        let text = text
            .replace(GATEWAY, self.gateway)
            .replace(GATEWAY_KEY, self.gateway_key)
            // The name may mean the sixth version's address first, where nothing listens.
            .replace("localhost:8000", "127.0.0.1:8000");
        replace_number(&text, PORT, &port.to_string())
    }
}

/// Replaces a number where it is no part of a longer one.
fn replace_number(text: &str, number: &str, by: &str) -> String {
    let mut replaced = String::new();
    let mut rest = text;
    while let Some(place) = rest.find(number) {
        let (before, behind) = (&rest[..place], &rest[place + number.len()..]);
        let is_whole = !before.ends_with(|one: char| one.is_ascii_digit())
            && !behind.starts_with(|one: char| one.is_ascii_digit());
        replaced.push_str(before);
        replaced.push_str(if is_whole { by } else { number });
        rest = behind;
    }
    replaced + rest
}

#[test]
fn a_port_is_replaced_where_it_is_one() {
    assert_eq!(replace_number("http://a:8000/ 18000 8000", "8000", "9"), "http://a:9/ 18000 9");
}
