//! Commands of the documentation, run as readers would.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use gateway_sim::{Live, Options, Simulator, Spec, World};
use podium::clock::{Clock as _, SystemClock};
use tokio::process::Command;

use super::chapter::{Block, Chapter};
use super::printed::{Printed, end_of};
use super::script::{self, Stand, runs};
use super::{assert_none, chapters};
use crate::place::{Place, clock};
use crate::server::Server;

/// Far longer than a chapter takes; only one that would never end meets it.
const WATCHDOG: Duration = Duration::from_secs(300);

/// A gateway with usage until now, as everybody's own: a month, a week of request logs, live.
async fn gateway() -> Simulator {
    let now = SystemClock.now();
    let spec = Spec { now: Some(now), ..Spec::workshop(SystemClock.today().date()) };
    let world = World::generate(&spec);
    let live = Live::continuing(&world, &spec);
    let options = Options { clock: Some(gateway_sim::Clock::system()), ..Options::default() };
    let simulator = Simulator::start_with(world, options).await.expect("a free port");
    simulator.go_live(live);
    simulator
}

#[tokio::test]
#[ignore = "needs curl, Node.js, and Python with packages: make test-docs"]
async fn every_command_runs() {
    let python = std::env::var("PODIUM_READERS_PYTHON").expect("make test-docs sets it");
    let only = std::env::var("PODIUM_BOOK").unwrap_or_default();
    let gateway = gateway().await;
    let place = Place::new();
    let launch = place.podium(&["demo", "--port", "0"]).with("PODIUM_LISTEN", "127.0.0.1");
    let demo = Server::start_demo(launch).await;
    let (_, port) = demo.address().rsplit_once(':').expect("a port");
    let stand = Stand {
        gateway: &gateway.url(),
        gateway_key: gateway.api_key(),
        demo_port: port.parse().expect("a number"),
        python: &python,
    };
    let mut faults = Vec::new();
    for chapter in chapters().iter().filter(|chapter| chapter.name.contains(&only)) {
        faults.extend(run(chapter, &stand).await);
    }
    demo.stop().await;
    gateway.stop().await;
    assert_none(&faults);
}

/// Runs a chapter in a place of its own; what went wrong, with where it stands.
async fn run(chapter: &Chapter, stand: &Stand<'_>) -> Vec<String> {
    let place = Place::new();
    let folder = place.path("tmp/blocks");
    for name in ["out", "err", "bin"] {
        std::fs::create_dir_all(folder.join(name)).expect("a folder");
    }
    let podium = folder.join("bin/podium");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_podium"), podium).expect("a link");
    std::fs::write(folder.join("sql.py"), include_str!("sql.py")).expect("a file");
    let path = place.write("tmp/blocks/all.sh", script::write(chapter, &folder, stand));
    let began = std::time::Instant::now();
    let failed = ended(&path, &place, stand).await.err();
    let printed = Printed { chapter, folder };
    let mut faults: Vec<String> = failed.map(|how| printed.last(&how)).into_iter().collect();
    if faults.is_empty() {
        faults = printed.differences();
    }
    faults.extend(unreadable(chapter, stand.python).await);
    let blocks = chapter.blocks.iter().filter(|block| runs(block)).count();
    tell(&format!("{}: {blocks} blocks ran in {:.1?}", chapter.name, began.elapsed()));
    faults
}

#[expect(clippy::print_stderr, reason = "who waits sees how far it is")]
fn tell(line: &str) {
    eprintln!("{line}");
}

/// Runs a script to its end, and ends it with all that it started.
async fn ended(script: &Path, place: &Place, stand: &Stand<'_>) -> Result<(), String> {
    let usual = std::env::var("PATH").unwrap_or_default();
    let bin = place.path("tmp/blocks/bin");
    let mut command = Command::new("bash");
    command
        .arg(script)
        .current_dir(place.path("work"))
        .env_clear()
        .envs(clock())
        .env("PATH", format!("{}:{usual}", bin.display()))
        .env("HOME", place.path("home"))
        .env("TMPDIR", place.path("tmp"))
        .env("LANG", "C.UTF-8")
        .env("LITELLM_BASE_URL", stand.gateway)
        .env("LITELLM_API_KEY", stand.gateway_key)
        .env("PODIUM_DATA_DIR", place.path("data"))
        // Of its own, so that what hangs can be ended with all of it.
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().expect("bash");
    match tokio::time::timeout(WATCHDOG, child.wait()).await {
        Ok(status) => match status.expect("it was not waited for before") {
            status if status.success() => Ok(()),
            status => Err(status.to_string()),
        },
        Err(_) => {
            let group = format!("-{}", child.id().expect("it runs"));
            // Servers have groups of their own; the script ends them at its end.
            let _ = Command::new("kill").args(["--", &group]).status().await;
            let _ = child.wait().await;
            Err(format!("not within {WATCHDOG:?}"))
        }
    }
}

/// YAML and TOML that Python cannot read.
async fn unreadable(chapter: &Chapter, python: &str) -> Vec<String> {
    const READ: &str = "import sys, tomllib, yaml\n\
         text = sys.argv[2]\n\
         list(yaml.safe_load_all(text)) if sys.argv[1] == 'yaml' else tomllib.loads(text)";
    let mut faults = Vec::new();
    let is_it = |block: &&Block| ["yaml", "toml"].contains(&block.language.as_str());
    for block in chapter.blocks.iter().filter(is_it) {
        let read = Command::new(python).args(["-c", READ, &block.language, &block.text]).output();
        let read = read.await.expect("Python starts");
        if !read.status.success() {
            let why = String::from_utf8_lossy(&read.stderr).into_owned();
            faults.push(format!("{}: {}", chapter.place(block.line), end_of(&why)));
        }
    }
    faults
}
