//! Where usage is kept: nowhere, with the user, or in a directory that was chosen, which one
//! process has to itself.

use std::path::Path;

use crate::gateway::{Gateway, Nowhere};
use crate::place::{Launch, Place};
use crate::server::Server;

/// `serve` in the user's own directory.
fn serve_per_user(place: &Place, gateway: &Gateway) -> Launch {
    place.serve(&gateway.simulator).without("PODIUM_DATA_DIR")
}

/// Starts `serve` on a directory with which it cannot work, and returns what it says.
async fn refusal(place: &Place, gateway: &Gateway, directory: &Path) -> String {
    let serve = place.serve(&gateway.simulator).with("PODIUM_DATA_DIR", directory);
    let ended = serve.run().await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("--data-dir"), "it says what to do: {ended:?}");
    assert!(!ended.stderr.contains("panicked"), "{ended:?}");
    ended.stderr
}

/// A database of three days, closed in order.
async fn database(place: &Place, gateway: &Gateway) -> std::path::PathBuf {
    let server = Server::start(place.serve(&gateway.simulator)).await;
    server.stores(3).await;
    assert_eq!(server.stop().await.code, Some(0));
    place.database()
}

#[tokio::test]
async fn memory_leaves_no_file() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    for launch in [
        place.podium(&["serve", "--port", "0", "--data-dir", ":memory:"]),
        place.podium(&["serve", "--port", "0"]).with("PODIUM_DATA_DIR", ":memory:"),
    ] {
        let server = Server::start(launch.in_front_of(&gateway.simulator)).await;
        assert_eq!(server.get(&format!("/tokens{}", gateway.range(11, 0))).await.status, 200);
        assert!(place.files().is_empty(), "{:?}", place.files());
        assert_eq!(server.stop().await.code, Some(0));
        assert!(place.files().is_empty(), "{:?}", place.files());
    }
}

#[tokio::test]
async fn without_a_choice_usage_is_kept_with_the_user() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    for (variable, directory, kept_in) in [
        ("XDG_DATA_HOME", "share", "share/podium"),
        ("HOME", "elsewhere", "elsewhere/.local/share/podium"),
    ] {
        let launch = serve_per_user(&place, &gateway).with(variable, place.path(directory));
        let server = Server::start(launch).await;
        assert_eq!(server.get(&format!("/tokens{}", gateway.only(5))).await.status, 200);
        assert_eq!(server.stop().await.code, Some(0));
        assert_eq!(place.database().parent(), Some(place.path(kept_in).as_path()));
        std::fs::remove_dir_all(place.path(directory)).expect("it is there");
        assert!(place.files().is_empty(), "and nowhere else: {:?}", place.files());
    }
}

#[tokio::test]
async fn a_second_podium_of_one_user_serves_from_memory_and_says_so() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let first = Server::start(serve_per_user(&place, &gateway)).await;
    let second = Server::start(serve_per_user(&place, &gateway)).await;
    let path = format!("/tokens{}", gateway.range(3, 1));
    assert_eq!(second.get(&path).await.figures(), first.get(&path).await.figures());
    let ended = second.stop().await;
    let warning = ended.stderr.lines().find(|line| line.contains("WARN")).unwrap_or_default();
    assert!(warning.contains("memory") && warning.contains("in use"), "{ended:?}");
    assert_eq!(ended.code, Some(0));
    assert!(!first.stop().await.stderr.contains("WARN"));
}

#[tokio::test]
async fn a_chosen_directory_in_use_is_refused() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let first = Server::start(place.serve(&gateway.simulator)).await;
    let said = refusal(&place, &gateway, &place.path("data")).await;
    assert!(said.contains("in use by another Podium"), "{said}");

    let sync = place.podium(&["sync"]).in_front_of(&gateway.simulator);
    let ended = sync.with("PODIUM_DATA_DIR", place.path("data")).run().await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("in use by another Podium"), "{ended:?}");
    assert_eq!(first.get(&format!("/tokens{}", gateway.only(4))).await.status, 200, "unmoved");
}

#[tokio::test]
async fn a_directory_is_taken_over_from_a_podium_that_is_just_ending() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let old = Server::start(place.serve(&gateway.simulator)).await;
    old.stores(3).await;
    let new = place.serve(&gateway.simulator).start();
    old.stop().await;
    let listening = new.stderr.line(|line| line.contains("listening").then_some(())).await;
    assert!(listening.is_some(), "{}", new.stderr.text());
}

#[tokio::test]
async fn two_gateways_share_a_directory_and_no_figures() {
    let (place, one, nowhere) = (Place::new(), Gateway::start().await, Nowhere::new());
    database(&place, &one).await;
    let launch = place.serve(&one.simulator).with("LITELLM_BASE_URL", nowhere.url());
    let other = Server::start(launch).await;
    assert_eq!(other.get(&format!("/tokens{}", one.only(0))).await.status, 502);
}

#[tokio::test]
async fn a_database_of_a_newer_podium_is_refused_and_left_alone() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let path = database(&place, &gateway).await;
    // SQLite's header has `user_version` there.
    let mut newer = std::fs::read(&path).expect("the database");
    newer[60..64].copy_from_slice(&1_000_u32.to_be_bytes());
    std::fs::write(&path, &newer).expect("it can be written");

    let said = refusal(&place, &gateway, &place.path("data")).await;
    assert!(said.contains("newer Podium") && said.contains("1000"), "{said}");
    assert_eq!(place.files(), [path.as_path()], "nothing was put beside it");
    assert!(std::fs::read(&path).expect("the database") == newer, "not a byte was changed");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_set_aside_whole() {
    for content in ["a letter to someone, longer than a header. ".repeat(100), "short".to_owned()] {
        let (place, gateway) = (Place::new(), Gateway::start().await);
        let path = database(&place, &gateway).await;
        std::fs::write(&path, &content).expect("it can be written");
        let server = Server::start(place.serve(&gateway.simulator)).await;
        server.stores(3).await;
        let ended = server.stop().await;
        assert!(ended.stderr.contains("it was set aside"), "{ended:?}");
        let files = place.files();
        let aside = files.iter().find(|file| file.to_string_lossy().contains(".damaged-"));
        let aside = aside.unwrap_or_else(|| panic!("nothing is set aside: {files:?}"));
        assert_eq!(std::fs::read_to_string(aside).expect("the file"), content);
    }
}

#[tokio::test]
async fn a_directory_that_cannot_be_written_is_refused() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let file = place.write("file", "no directory");
    let said = refusal(&place, &gateway, &file.join("data")).await;
    assert!(said.contains("cannot open") && said.contains("permissions"), "{said}");

    let path = database(&place, &gateway).await;
    std::fs::remove_file(&path).expect("it is there");
    std::fs::create_dir(&path).expect("its place is free");
    let said = refusal(&place, &gateway, &place.path("data")).await;
    assert!(said.contains("cannot open"), "{said}");

    let locked = place.path("locked");
    std::fs::create_dir(&locked).expect("a new directory");
    let mut permissions = std::fs::metadata(&locked).expect("it is there").permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&locked, permissions).expect("it is ours");
    // Nothing is locked for the superuser.
    if std::fs::write(locked.join("probe"), "").is_err() {
        let said = refusal(&place, &gateway, &locked).await;
        assert!(said.contains("cannot open"), "{said}");
    }
}

#[tokio::test]
async fn a_user_whose_directory_cannot_be_written_is_served_from_memory() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let file = place.write("file", "no directory");
    let launch = serve_per_user(&place, &gateway).with("XDG_DATA_HOME", file.join("share"));
    let server = Server::start(launch).await;
    assert_eq!(server.get(&format!("/tokens{}", gateway.only(2))).await.status, 200);
    assert!(server.stop().await.stderr.contains("memory"));
}

#[tokio::test]
async fn relative_directories_are_those_of_the_working_directory() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let work = place.path("tmp");
    let launch =
        place.serve(&gateway.simulator).inside(&work).arguments(&["--data-dir", "kept/here"]);
    let server = Server::start(launch).await;
    server.stores(3).await;
    server.stop().await;
    assert_eq!(place.database().parent(), Some(work.join("kept/here").as_path()));
}
