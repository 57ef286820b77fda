//! `podium completions` and `podium man`: what shells and `man` are told of the command line.

use podium::config::registry;

use crate::place::Place;

const COMMANDS: [&str; 10] =
    ["serve", "demo", "sync", "audit", "token", "access", "check", "openapi", "completions", "man"];

#[tokio::test]
async fn completions_know_every_command() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ended = place.podium(&["completions", shell]).run().await;
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{shell}: {ended:?}");
        for word in COMMANDS.iter().chain(&["backfill-days", "live"]) {
            assert!(ended.stdout.contains(word), "{shell} does not know {word}");
        }
    }
    let ended = place.podium(&["completions", "tcsh"]).run().await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("bash") && ended.stderr.contains("fish"), "{ended:?}");
}

/// A shell is the judge of what is written for it.
#[tokio::test]
async fn bash_completes_a_flag() {
    let place = Place::new();
    let script = place.podium(&["completions", "bash"]).run().await.stdout;
    let script = place.write("completions.bash", script);
    let asks = "source \"$1\"; COMP_WORDS=(podium check --l) COMP_CWORD=2; \
                _podium podium --l check; echo \"${COMPREPLY[@]}\"";
    let mut bash = std::process::Command::new("bash");
    let said = bash.args(["-c", asks, "bash"]).arg(script).output().expect("bash is there");
    assert_eq!(String::from_utf8_lossy(&said.stdout).trim(), "--live --listen", "{said:?}");
}

#[tokio::test]
async fn the_manual_page_knows_commands_and_variables() {
    let ended = Place::new().podium(&["man"]).run().await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    let plain = ended.stdout.replace('\\', "");
    for section in ["NAME", "SYNOPSIS", "ENVIRONMENT", "FILES", "EXIT STATUS"] {
        assert!(
            plain.contains(&format!(".SH {section}\n")) || plain.contains(section),
            "{section}"
        );
    }
    for command in COMMANDS {
        assert!(plain.contains(&format!("podium-{command}")), "{command}");
    }
    for name in registry::names().map(registry::Named::variable) {
        assert!(plain.contains(&name), "{name}");
    }
}

#[tokio::test]
async fn each_command_has_a_page_of_its_own() {
    let place = Place::new();
    let pages = place.path("pages");
    let directory = pages.to_str().expect("a plain path");
    let ended = place.podium(&["man", "--out", directory]).run().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    for page in COMMANDS.map(|command| format!("podium-{command}.1")).iter().chain(&[
        "podium.1".to_owned(),
        "podium-token-create.1".to_owned(),
        "podium-access-log.1".to_owned(),
    ]) {
        let text = std::fs::read_to_string(pages.join(page)).unwrap_or_else(|_| panic!("{page}"));
        assert!(text.contains(".TH podium"), "{page}: {text}");
    }
    assert!(!pages.join("podium-help.1").exists(), "help is no command that needs a page");

    let file = place.write("a-file", "");
    let ended = place.podium(&["man", "--out", file.to_str().expect("a plain path")]).run().await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("--out") && ended.stderr.lines().count() == 1, "{ended:?}");
}
