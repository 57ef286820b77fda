//! Backups beside a server that writes, restoring, and kills on the way.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use podium::clock::{Clock as _, SystemClock};
use reqwest::Method;
use serde_json::json;

use crate::child::Ended;
use crate::gateway::{DAYS, Gateway};
use crate::place::{Launch, Place};
use crate::server::Server;

const TOKEN: &str = "a-token-for-pushed-requests";

/// A command on what is stored in `directory`: it has the gateway's address, and no key.
pub(crate) fn stored(
    place: &Place,
    gateway: &Gateway,
    arguments: &[&str],
    directory: &str,
) -> Launch {
    place
        .podium(arguments)
        .with("LITELLM_BASE_URL", gateway.simulator.url())
        .with("PODIUM_DATA_DIR", place.path(directory))
}

async fn run(place: &Place, gateway: &Gateway, arguments: &[&str], directory: &str) -> Ended {
    stored(place, gateway, arguments, directory).run().await
}

#[track_caller]
pub(crate) fn assert_done(ended: &Ended) {
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[track_caller]
pub(crate) fn assert_refused(ended: &Ended, words: &str) {
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains(words), "{words}: {ended:?}");
    assert!(!ended.stderr.contains("panicked"), "{ended:?}");
}

/// A server that reads all days behind the scenes and takes pushes.
fn serve(place: &Place, gateway: &Gateway, directory: &str) -> Launch {
    place
        .serve(&gateway.simulator)
        .with("PODIUM_BACKFILL_DAYS", DAYS.to_string())
        .with("PODIUM_DATA_DIR", place.path(directory))
        .with("PODIUM_INGEST_TOKEN", TOKEN)
}

/// Requests as the gateway pushes them, each of 12 tokens, that began now.
async fn push(server: &Server, first: u64, count: u64) {
    let now = SystemClock.now().as_millisecond() as f64 / 1_000.0;
    let request = |n: u64| {
        json!({
            "id": format!("request-{n}"), "call_type": "acompletion", "status": "success",
            "response_cost": 0.5, "prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12,
            "startTime": now, "endTime": now + 1.5, "model": "openai/gpt-5.2",
            "model_group": "gpt", "custom_llm_provider": "openai",
            "metadata": {
                "user_api_key_hash": format!("key-{}", n % 50), "user_api_key_team_id": "t-pushed",
            },
        })
    };
    let body = serde_json::Value::Array((first..first + count).map(request).collect());
    let request = server.client.request(Method::POST, server.url("/ingest/litellm"));
    let request = request.header("Authorization", format!("Bearer {TOKEN}"));
    let answer = request.body(body.to_string()).send().await.expect("an answer");
    assert!(answer.status().is_success(), "{}", answer.status());
}

/// How many requests are known to be counted in `directory`.
async fn counted(place: &Place, gateway: &Gateway, directory: &str) -> u64 {
    let target = place.path(&format!("export of {directory}"));
    assert_done(&run(place, gateway, &["export", &path(&target)], directory).await);
    let manifest = std::fs::read(target.join("manifest.json")).expect("a manifest");
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).expect("JSON");
    let mut files = manifest["files"].as_array().expect("a list").iter();
    let file = files.find(|file| file["name"] == "counted_requests.parquet").expect("one of them");
    file["rows"].as_u64().expect("a number")
}

#[tokio::test]
async fn backups_beside_a_server_that_writes_are_each_of_one_moment() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let server = Server::start(serve(&place, &gateway, "data")).await;
    server.stores(u64::from(DAYS)).await;
    let (is_over, pushed) = (AtomicBool::new(false), AtomicU64::new(0));
    // Some hundred pages a push: SQLite empties its log into the file again and again.
    let writing = async {
        while !is_over.load(Ordering::Relaxed) {
            let first = pushed.load(Ordering::Relaxed);
            push(&server, first, 400).await;
            pushed.store(first + 400, Ordering::Relaxed);
        }
    };
    let backing_up = async {
        let mut counted = Vec::new();
        for n in 0..4 {
            let before = pushed.load(Ordering::Relaxed);
            let file = place.path(&format!("{n}.tar.zst"));
            let ended = run(&place, &gateway, &["backup", &path(&file)], "data").await;
            assert_done(&ended);
            assert!(ended.stdout.contains("read back, and sound"), "{ended:?}");
            counted.push((file, before, pushed.load(Ordering::Relaxed)));
        }
        is_over.store(true, Ordering::Relaxed);
        counted
    };
    let ((), backups) = tokio::join!(writing, backing_up);
    let figures = server.figures(&[gateway.range(DAYS - 1, 1)]).await;
    let ended = server.stop().await;
    assert!(!ended.stderr.contains("ERROR"), "{}", ended.stderr);
    let _silence = gateway.simulator.hold("");
    for (n, (file, before, after)) in backups.iter().enumerate() {
        let directory = format!("restored-{n}");
        assert_done(&run(&place, &gateway, &["restore", &path(file)], &directory).await);
        let counted = counted(&place, &gateway, &directory).await;
        // The push under way may be in it or not; never a part of one.
        assert!((*before..=*after + 400).contains(&counted), "{before} {counted} {after}");
        assert_eq!(counted % 400, 0);
        let server = Server::start(serve(&place, &gateway, &directory)).await;
        assert_eq!(server.figures(&[gateway.range(DAYS - 1, 1)]).await, figures);
        server.child.kill();
    }
}

fn path(path: &Path) -> String {
    path.to_str().expect("a path in UTF-8").to_owned()
}

/// A directory with all days, and a backup of it.
async fn backed_up(place: &Place, gateway: &Gateway) -> PathBuf {
    let server = Server::start(serve(place, gateway, "data")).await;
    server.stores(u64::from(DAYS)).await;
    assert_eq!(server.stop().await.code, Some(0));
    let file = place.path("backup.tar.zst");
    assert_done(&run(place, gateway, &["backup", &path(&file)], "data").await);
    file
}

#[tokio::test]
async fn restoring_waits_for_nobody_and_loses_nothing() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let file = path(&backed_up(&place, &gateway).await);
    let server = Server::start(serve(&place, &gateway, "data")).await;
    let ended = run(&place, &gateway, &["restore", &file, "--force"], "data").await;
    assert_refused(&ended, "in use by another Podium");
    server.stop().await;
    assert_refused(&run(&place, &gateway, &["restore", &file], "data").await, "--force");
    let database = std::fs::read(database_of(&place)).expect("the database");
    assert_done(&run(&place, &gateway, &["restore", &file, "--force"], "data").await);
    let aside =
        place.files().into_iter().find(|file| file.to_string_lossy().contains(".replaced-"));
    let aside = std::fs::read(aside.expect("it is set aside")).expect("the old database");
    assert!(aside == database, "what was there is as it was");
    let harmed = place.path("harmed");
    let mut bytes = std::fs::read(&file).expect("the backup");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&harmed, bytes).expect("written");
    let files = place.files();
    let ended = run(&place, &gateway, &["restore", &path(&harmed), "--force"], "data").await;
    assert_refused(&ended, "the backup is damaged");
    assert_eq!(place.files(), files, "nothing was changed");
}

fn database_of(place: &Place) -> PathBuf {
    place.database()
}

#[tokio::test]
async fn a_backup_of_another_gateway_is_refused_unless_it_is_said_to_be_this_one() {
    let (place, gateway, other) = (Place::new(), Gateway::start().await, Gateway::start().await);
    let file = path(&backed_up(&place, &gateway).await);
    let restore = |more: &[&str]| {
        let arguments = [&["restore", file.as_str()][..], more].concat();
        stored(&place, &other, &arguments, "data")
    };
    assert_refused(&restore(&[]).run().await, "another gateway");
    assert_done(&restore(&["--as-this-gateway"]).run().await);
    let silence = other.simulator.hold("");
    let server = Server::start(serve(&place, &other, "data")).await;
    assert_eq!(server.get("/api/v1/status").await.json()["stored"]["days"], u64::from(DAYS));
    drop(silence);
}

#[tokio::test]
async fn what_cannot_be_backed_up_is_told_in_a_sentence() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let elsewhere = path(&place.path("backup.tar.zst"));
    let to = |file: &str, directory: &str| stored(&place, &gateway, &["backup", file], directory);
    let memory = to(&elsewhere, "data").with("PODIUM_DATA_DIR", ":memory:").run().await;
    assert_refused(&memory, "memory only");
    assert_refused(&to(&elsewhere, "none").run().await, "there is no usage at");
    let file = backed_up(&place, &gateway).await;
    assert_refused(&to(&path(&file), "data").run().await, "is there already");
    let inside = path(&place.path("data/backup.tar.zst"));
    assert_refused(&to(&inside, "data").run().await, "lies in the data directory");
    let nowhere = path(&place.path("none/backup.tar.zst"));
    assert_refused(&to(&nowhere, "data").run().await, "cannot write");
    let without = to(&elsewhere, "data").without("LITELLM_BASE_URL").run().await;
    assert_eq!(without.code, Some(2), "{without:?}");
    assert!(without.stderr.contains("LITELLM_BASE_URL is missing"), "{without:?}");
    assert!(!without.stderr.contains("LITELLM_API_KEY"), "no key is needed: {without:?}");
}

#[tokio::test]
async fn a_full_disk_leaves_no_half_backup() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let whole = backed_up(&place, &gateway).await;
    let files = place.files();
    let target = path(&place.path("another.tar.zst"));
    // No file may be longer than some kilobytes: as on a full disk, writing fails.
    let limited = format!("trap '' XFSZ; ulimit -f 40; exec \"$0\" backup {target}");
    let limited = place.shell(&limited).with("LITELLM_BASE_URL", gateway.simulator.url());
    let ended = limited.with("PODIUM_DATA_DIR", place.path("data")).run().await;
    assert_refused(&ended, "cannot write");
    assert_eq!(place.files(), files, "nothing is left");
    assert!(whole.exists());
}

#[tokio::test]
async fn a_backup_goes_through_pipes() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    backed_up(&place, &gateway).await;
    let (from, to) = (path(&place.path("data")), path(&place.path("piped")));
    let piped = format!(
        "set -o pipefail; \"$0\" backup - --data-dir '{from}' | \"$0\" restore - --data-dir '{to}'"
    );
    let piped = place.shell(&piped).with("LITELLM_BASE_URL", gateway.simulator.url());
    assert_done(&piped.run().await);
    let left = std::fs::read_dir(place.path("tmp")).expect("a directory").count();
    assert_eq!(left, 0, "nothing is left in the temporary directory");
}

#[tokio::test]
async fn tokens_are_in_the_backup_as_hashes_and_come_back() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let private = || serve(&place, &gateway, "data").with("PODIUM_ACCESS", "private");
    // In the mode in which everybody may ask how far it is.
    backed_up(&place, &gateway).await;
    let server = Server::start(private()).await;
    let token = |arguments: &[&str]| {
        place
            .podium(arguments)
            .in_front_of(&gateway.simulator)
            .with("PODIUM_DATA_DIR", place.path("data"))
            .with("PODIUM_ACCESS", "private")
    };
    let made = token(&["token", "create", "--role", "viewer"]).run().await;
    assert_done(&made);
    let text = made.stdout.trim().to_owned();
    let file = path(&place.path("backup.tar.zst"));
    assert_done(&run(&place, &gateway, &["backup", &file, "--force"], "data").await);
    server.stop().await;
    let unpacked = zstd::decode_all(std::fs::File::open(&file).expect("the backup")).expect("zstd");
    assert!(memchr::memmem::find(&unpacked, text.as_bytes()).is_none(), "the token itself");
    let key = gateway.simulator.api_key();
    assert!(memchr::memmem::find(&unpacked, key.as_bytes()).is_none(), "the gateway's key");
    let url = gateway.simulator.url().to_string();
    let host = url.trim_start_matches("http://");
    assert!(memchr::memmem::find(&unpacked, host.as_bytes()).is_none(), "the gateway's address");
    std::fs::remove_dir_all(place.path("data")).expect("all is lost");
    assert_done(&run(&place, &gateway, &["restore", &file], "data").await);
    let server = Server::start(private()).await;
    let authorization = format!("Bearer {text}");
    let headers = [("Authorization", authorization.as_str())];
    let answer = server.send(Method::GET, &format!("/tokens{}", gateway.only(1)), &headers).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    server.stop().await;
}

#[tokio::test]
async fn kills_while_restoring_leave_the_old_or_the_new() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let file = path(&backed_up(&place, &gateway).await);
    // What is there otherwise: three days.
    let old = place.path("old");
    let few = place.serve(&gateway.simulator).with("PODIUM_DATA_DIR", &old);
    let server = Server::start(few).await;
    server.stores(3).await;
    server.stop().await;
    let _silence = gateway.simulator.hold("");
    let mut dice = fastrand::Rng::with_seed(20_261_124);
    let kills = std::env::var("PODIUM_KILLS").map_or(12, |kills| kills.parse().expect("a number"));
    let mut outcomes = [0, 0];
    for turn in 0..kills {
        let directory = format!("killed-{turn}");
        std::fs::create_dir(place.path(&directory)).expect("a new directory");
        for entry in std::fs::read_dir(&old).expect("a directory") {
            let entry = entry.expect("a file");
            std::fs::copy(entry.path(), place.path(&directory).join(entry.file_name()))
                .expect("a copy");
        }
        let restoring =
            stored(&place, &gateway, &["restore", &file, "--force"], &directory).start();
        // What it writes beside the old file tells how far it is.
        let far = dice.usize(0..4);
        let is_there = |suffix: &str| {
            std::fs::read_dir(place.path(&directory)).is_ok_and(|entries| {
                let mut names = entries.filter_map(Result::ok).map(|entry| entry.file_name());
                names.any(|name| name.to_string_lossy().ends_with(suffix))
            })
        };
        let mark = [".lock", ".incoming", ".switch", "-partial"][far];
        tokio::select! {
            () = async {
                while !is_there(mark) {
                    tokio::task::yield_now().await;
                }
            } => {}
            () = restoring.stderr.closed() => {}
        }
        for _ in 0..dice.usize(0..50) {
            tokio::task::yield_now().await;
        }
        restoring.kill();
        let server = Server::start(
            place.serve(&gateway.simulator).with("PODIUM_DATA_DIR", place.path(&directory)),
        )
        .await;
        let days = server.get("/api/v1/status").await.json()["stored"]["days"].as_u64();
        match days {
            Some(3) => outcomes[0] += 1,
            Some(days) if days == u64::from(DAYS) => outcomes[1] += 1,
            days => panic!("neither old nor new: {days:?}"),
        }
        let ended = server.child.kill();
        assert!(!ended.stderr.contains("ERROR"), "{}", ended.stderr);
    }
    assert_eq!(outcomes.iter().sum::<usize>(), kills, "{outcomes:?}");
}

#[tokio::test]
async fn a_backup_that_was_killed_is_in_nobodys_way() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    backed_up(&place, &gateway).await;
    let target = place.path("killed.tar.zst");
    let partial = place.path(".killed.tar.zst.partial");
    for _ in 0..6 {
        let backing_up = stored(&place, &gateway, &["backup", &path(&target)], "data").start();
        tokio::select! {
            () = async {
                while !partial.exists() {
                    tokio::task::yield_now().await;
                }
            } => {}
            () = backing_up.stderr.closed() => {}
        }
        backing_up.kill();
        if target.exists() {
            // It was whole by then.
            std::fs::remove_file(&target).expect("it is there");
        }
    }
    assert_done(&run(&place, &gateway, &["backup", &path(&target)], "data").await);
    assert!(target.exists() && !partial.exists());
}
