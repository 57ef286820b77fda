//! `podium completions` and `podium man`: what a shell and `man` want to know of the command line.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Command};
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, italic, roman};

use super::say;
use crate::config::registry;

#[derive(Args)]
pub(super) struct CompletionsOptions {
    /// The shell for which completions are printed
    shell: Shell,
}

#[derive(Args)]
pub(super) struct ManOptions {
    /// Write a page a command into this directory instead
    #[arg(long, value_name = "DIRECTORY")]
    out: Option<PathBuf>,
}

/// Prints what makes a shell complete `podium`.
pub(super) fn completions(options: &CompletionsOptions, mut command: Command) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut command, "podium", &mut script);
    say(String::from_utf8_lossy(&script).trim_end());
    ExitCode::SUCCESS
}

/// Prints the page about `podium`, or writes one for it and each of its commands.
pub(super) fn man(options: &ManOptions, command: Command) -> anyhow::Result<ExitCode> {
    // Names the pages of the commands after the program; `help` has none.
    let mut command = command.disable_help_subcommand(true);
    command.build();
    match &options.out {
        None => {
            let mut page = Vec::new();
            write_page(command, &mut page)?;
            say(String::from_utf8_lossy(&page).trim_end());
        }
        Some(directory) => {
            let written =
                fs::create_dir_all(directory).and_then(|()| write_all(command, directory));
            written.with_context(|| {
                format!("{} cannot be written; name another in --out", directory.display())
            })?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn write_all(command: Command, directory: &Path) -> io::Result<()> {
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        write_all(inner.clone(), directory)?;
    }
    let name = Man::new(command.clone()).get_filename();
    let mut page = Vec::new();
    write_page(command, &mut page)?;
    fs::write(directory.join(name), page)
}

fn write_page(command: Command, page: &mut Vec<u8>) -> io::Result<()> {
    let is_whole = command.get_name() == "podium";
    let has_commands = command.has_subcommands();
    let source = concat!("podium ", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command).source(source).manual("Podium");
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    if has_commands {
        man.render_subcommands_section(page)?;
    }
    if is_whole {
        whole_program().to_writer(page)?;
    } else {
        see_also("podium(1)").to_writer(page)?;
    }
    Ok(())
}

/// What holds for every command: variables, files and exit codes.
fn whole_program() -> Roff {
    let mut page = Roff::new();
    page.control("SH", ["ENVIRONMENT"]);
    page.text([roman(
        "Flags win over these variables, those over a .env file in the working directory, and \
         that over the configuration file, whose key stands behind each variable.",
    )]);
    for named in registry::names() {
        page.control("TP", [])
            .text([bold(named.variable()), roman(format!("  {}", named.place()))]);
        let meaning = match named.by_file {
            true => "A file that holds it".to_owned(),
            false => named.setting.headline(),
        };
        page.text([roman(format!("{meaning}. For example: ")), italic(named.example())]);
    }
    page.control("SH", ["FILES"]);
    for (path, what) in [
        (
            "/etc/podium/podium.toml",
            "the configuration file, unless there is one in the working directory or of the user",
        ),
        ("/etc/default/podium", "variables of its service"),
        ("/etc/podium/litellm-api-key", "the gateway's key, read by its service"),
        ("/var/lib/podium", "its stored usage, one file a gateway"),
        ("~/.local/share/podium", "stored usage of a user who sets no PODIUM_DATA_DIR"),
    ] {
        page.control("TP", []).text([italic(path)]).text([roman(what)]);
    }
    page.control("SH", ["EXIT STATUS"]);
    for (code, what) in [
        ("0", "all went well"),
        ("1", "something failed, or differs; a sentence says what, and what to do about it"),
        ("2", "the command line or the configuration is wrong"),
    ] {
        page.control("TP", []).text([bold(code)]).text([roman(what)]);
    }
    page
}

fn see_also(page: &str) -> Roff {
    let mut section = Roff::new();
    section.control("SH", ["SEE ALSO"]).text([roman(page)]);
    section
}
