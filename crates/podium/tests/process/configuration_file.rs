//! The configuration file as the process meets it, and what `podium config` tells of all places.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::child::Ended;
use crate::gateway::Gateway;
use crate::place::{Launch, Place};
use crate::server::Server;

/// The gateway's address and key, and a port that the system chooses.
fn complete(gateway: &Gateway) -> String {
    let url = gateway.simulator.url();
    format!(
        "[gateway]\nbase_url = \"{url}\"\napi_key_file = \"key\"\n\
         [sync]\nbackfill_days = 0\n[server]\nlisten = \"127.0.0.1:0\"\n[store]\ndata_dir = \"data\"\n"
    )
}

/// A place with a complete file in a directory of its own, and the key beside it.
fn configured(gateway: &Gateway) -> (Place, String) {
    let place = Place::new();
    std::fs::create_dir(place.path("etc")).expect("a new directory");
    place.write("etc/key", gateway.simulator.api_key());
    let file = place.write("etc/podium.toml", complete(gateway));
    (place, file.to_str().expect("text").to_owned())
}

/// The line about a setting, without superfluous spaces.
#[track_caller]
fn line(ended: &Ended, setting: &str) -> String {
    let begin = format!("{setting} ");
    let line = ended.stdout.lines().find(|line| line.starts_with(&begin));
    let line = line.unwrap_or_else(|| panic!("{setting} is not told: {ended:?}"));
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn everything_can_stand_in_the_file() {
    let gateway = Gateway::start().await;
    let (place, file) = configured(&gateway);
    let server = Server::start(place.podium(&["serve", "--config", &file])).await;
    assert_eq!(server.get("/tokens").await.status, 200);
    server.stores(3).await;
    let ended = server.stop().await;
    assert!(ended.stderr.contains(&file), "it says which file holds: {ended:?}");
    assert!(!ended.stderr.contains("WARN"), "{ended:?}");
    assert!(place.database().starts_with(place.path("etc/data")), "beside the file");
}

#[tokio::test]
async fn every_command_reads_it() {
    let gateway = Gateway::start().await;
    let (place, file) = configured(&gateway);
    for command in [
        &["check"] as &[&str],
        &["sync", "--from", "2026-01-01", "--to", "2026-01-01"],
        &["audit"],
        &["token", "create", "--role", "viewer"],
        &["token", "list"],
        &["access", "log"],
        &["config"],
    ] {
        let of_variable = place.podium(command).with("PODIUM_CONFIG", &file).run().await;
        assert_eq!(of_variable.code, Some(0), "{command:?}: {of_variable:?}");
        let of_flag = place.podium(command).arguments(&["--config", &file]).run().await;
        assert_eq!(of_flag.code, Some(0), "{command:?}: {of_flag:?}");
    }
    let check = place.podium(&["check", "--config", &file]).run().await;
    assert!(check.stdout.contains(&format!("configuration file: {file}\n")), "{check:?}");
    let demo = place.podium(&["demo", "--config", &file]);
    assert_eq!(Server::start_demo(demo).await.get("/livez").await.status, 200);
}

#[tokio::test]
async fn the_first_file_that_exists_is_taken() {
    let place = Place::new();
    let told = async |launch: Launch| line(&launch.run().await, "sync.refresh");
    let user = place.path("home/.config/podium");
    std::fs::create_dir_all(&user).expect("a new directory");
    std::fs::write(user.join("podium.toml"), "sync.refresh = '2s'").expect("written");
    let of_user = format!("2s {} line 1", user.join("podium.toml").display());
    assert_eq!(told(place.podium(&["config"])).await, format!("sync.refresh {of_user}"));

    let elsewhere = place.path("xdg/podium");
    std::fs::create_dir_all(&elsewhere).expect("a new directory");
    std::fs::write(elsewhere.join("podium.toml"), "\nsync.refresh = '3s'").expect("written");
    let of_xdg = place.podium(&["config"]).with("XDG_CONFIG_HOME", place.path("xdg"));
    let of_xdg = told(of_xdg).await;
    assert!(of_xdg.starts_with("sync.refresh 3s ") && of_xdg.ends_with(" line 2"), "{of_xdg}");

    let here = place.write("work/podium.toml", "sync.refresh = '4s'");
    let here = format!("sync.refresh 4s {} line 1", here.canonicalize().expect("it").display());
    assert_eq!(told(place.podium(&["config"])).await, here);
    assert_eq!(
        told(place.podium(&["config", "--config", "/dev/null"])).await,
        "sync.refresh 30s default"
    );
}

#[tokio::test]
async fn flags_environment_and_dotenv_win_over_it_in_this_order() {
    let place = Place::new();
    place.write(
        "work/podium.toml",
        "sync.refresh = '4s'\nsync.log_days = 4\nsync.backfill_days = 4\n\
                                     server.port = 4\n",
    );
    place.write("work/.env", "PODIUM_REFRESH=3s\n\nPODIUM_LOG_DAYS=3\nPODIUM_BACKFILL_DAYS=3\n");
    let ended = place
        .podium(&["config", "--refresh", "1s"])
        .with("PODIUM_REFRESH", "2s")
        .with("PODIUM_BACKFILL_DAYS", "2")
        .run()
        .await;
    assert_eq!(line(&ended, "sync.refresh"), "sync.refresh 1s flag --refresh");
    let backfill = line(&ended, "sync.backfill_days");
    assert_eq!(backfill, "sync.backfill_days 2 environment PODIUM_BACKFILL_DAYS");
    assert_eq!(line(&ended, "sync.log_days"), "sync.log_days 3 .env line 3");
    assert!(line(&ended, "server.port").ends_with("podium.toml line 4"), "{ended:?}");
    assert_eq!(line(&ended, "store.quarter_days"), "store.quarter_days 400 default");
}

#[tokio::test]
async fn no_secret_is_told() {
    let place = Place::new();
    place.write("key", "sk-canary-of-a-file");
    place.write(
        "work/podium.toml",
        "[gateway]\nbase_url = 'https://gateway'\napi_key_file = '../key'\n\
         [gateway.headers]\nX-Access = 'canary-header'\n\
         [access]\nsecret = ['canary-canary-canary-canary-canary']\n\
         [sign_on]\nissuer = 'https://ada:canary@id.example.com'\nclient_secret = 'canary'\n",
    );
    for arguments in [&["config"] as &[_], &["config", "--json"]] {
        let ended = place
            .podium(arguments)
            .with("PODIUM_INGEST_TOKEN", "canary-canary-canary")
            .with("PODIUM_ADMINS", "canary")
            .with("PODIUM_CANARY", "canary-value")
            .run()
            .await;
        assert_eq!(ended.code, Some(2), "the issuer and the admins are at fault: {ended:?}");
        let told = format!("{}{}", ended.stdout, ended.stderr).replace("PODIUM_CANARY", "");
        assert!(!told.contains("canary"), "{told}");
        assert!(ended.stderr.contains("line 9: sign_on.issuer is not"), "{ended:?}");
        assert!(ended.stderr.contains("PODIUM_ADMINS is not"), "{ended:?}");
    }
    let ended = place.podium(&["config"]).with("PODIUM_ADMINS", "canary").run().await;
    for told in [
        "gateway.api_key (set) ",
        "gateway.headers X-Access: (set) ",
        "ingest.token (not set) default",
        "access.secret (set) ",
        "access.admins (refused) environment PODIUM_ADMINS",
        "sign_on.issuer (refused) ",
        "sign_on.client_secret (set) ",
    ] {
        let setting = told.split(' ').next().expect("a name");
        assert!(line(&ended, setting).starts_with(told), "{told}: {ended:?}");
    }
}

#[tokio::test]
async fn machines_get_json() {
    let place = Place::new();
    let file = place.write("work/podium.toml", "[sync]\nrefresh = 5\n");
    let ended = place.podium(&["config", "--json", "--port", "0"]).run().await;
    let json: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    let file = file.canonicalize().expect("it").display().to_string();
    assert_eq!(json["file"], Value::from(file.clone()));
    let setting = |place: &str| {
        let all = json["settings"].as_array().expect("a list");
        all.iter().find(|setting| setting["setting"] == place).expect(place).clone()
    };
    let refresh = setting("sync.refresh");
    assert_eq!(refresh["value"], "5");
    assert_eq!(refresh["source"], serde_json::json!({ "from": "file", "path": file, "line": 2 }));
    assert_eq!(setting("server.port")["source"]["name"], "--port");
    let key = setting("gateway.api_key");
    assert_eq!((&key["secret"], &key["set"]), (&Value::from(true), &Value::from(false)));
    let faults = json["faults"].as_array().expect("a list");
    assert_eq!(faults.len(), 2, "there is no gateway: {faults:?}");
}

#[tokio::test]
async fn all_faults_are_told_at_once_and_the_rest_is_still_printed() {
    let place = Place::new();
    place.write(
        "work/podium.toml",
        "[gateway]\nbase_ulr = 'https://gateway'\napi_key = 5\n[sync]\nrefresh = 'soon'\n\
         backfill_days = 7\n[acess]\nmode = 'open'\n",
    );
    for command in ["serve", "check", "config"] {
        let ended = place.podium(&[command]).run().await;
        assert_eq!(ended.code, Some(2), "{ended:?}");
        for words in [
            "line 2: there is no base_ulr in [gateway]; did you mean base_url?",
            "line 3: gateway.api_key is a whole number",
            "line 5: sync.refresh is not a time",
            "refresh = \"30s\"",
            "line 7: there is no section [acess]; did you mean [access]?",
            "LITELLM_BASE_URL is missing",
        ] {
            assert!(ended.stderr.contains(words), "{words}: {ended:?}");
        }
        assert!(!ended.stderr.contains("LITELLM_API_KEY is missing"), "it is wrong: {ended:?}");
        assert!(!ended.stderr.contains("soon"), "{ended:?}");
        if command == "config" {
            assert!(line(&ended, "sync.backfill_days").starts_with("sync.backfill_days 7 "));
            let key = line(&ended, "gateway.api_key");
            assert!(key.starts_with("gateway.api_key (refused) ") && key.ends_with("line 3"));
        } else {
            assert_eq!(ended.stdout, "");
        }
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_told() {
    let place = Place::new();
    std::fs::create_dir(place.path("work/podium.toml")).expect("a new directory");
    for (arguments, words) in [
        (&["config"] as &[_], "podium.toml is a directory"),
        (&["config", "--config", "not.toml"], "not.toml does not exist"),
        (&["config", "--config", "/proc/self/mem"], "cannot be read"),
        (&["config", "--config", "/dev/zero"], "larger than 1 MB"),
    ] {
        let ended = place.podium(arguments).run().await;
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains(words), "{ended:?}");
        assert_eq!(ended.stderr.lines().count(), 1, "nothing else is at fault: {ended:?}");
    }
}

#[tokio::test]
async fn a_file_with_a_secret_that_others_may_read_is_warned_of() {
    let place = Place::new();
    let file = place.write("work/podium.toml", "[gateway]\napi_key = 'sk-canary'\n");
    let run = async |mode: u32| {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).expect("set");
        place.podium(&["config"]).run().await.stderr
    };
    let warned = run(0o644).await;
    assert!(warned.contains("WARN") && warned.contains("gateway.api_key_file"), "{warned}");
    assert!(!warned.contains("canary"), "{warned}");
    assert!(!run(0o600).await.contains("WARN"));
}

#[tokio::test]
async fn unknown_variables_are_warned_of_and_those_of_an_orchestrator_are_not() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    place.write("work/.env", "PODIUM_REFERSH=1s\nVITE_OTHER=1\n");
    let launch = place
        .serve(&gateway.simulator)
        .with("PODIUM_SERVICE_HOST", "10.0.0.1")
        .with("PODIUM_SERVICE_PORT_HTTP", "8000")
        .with("PODIUM_PORT", "tcp://10.0.0.1:8000")
        .with("PODIUM_PORT_8000_TCP_ADDR", "10.0.0.1")
        .with("PODIUM_ADMIN", "canary");
    let server = Server::start(launch).await;
    assert_eq!(server.get("/tokens").await.status, 200);
    let ended = server.stop().await;
    let warnings: Vec<&str> = ended.stderr.lines().filter(|line| line.contains("WARN")).collect();
    let [one, other] = warnings[..] else { panic!("not two: {warnings:?}") };
    assert!(one.contains("PODIUM_ADMIN ") && one.contains("PODIUM_ADMINS?"), "{one}");
    assert!(other.contains(".env line 1") && other.contains("PODIUM_REFRESH?"), "{other}");
    assert!(!ended.stderr.contains("canary"), "{ended:?}");
}

#[tokio::test]
async fn the_example_is_a_file_to_begin_with() {
    let place = Place::new();
    let example = place.podium(&["config", "example"]).run().await;
    assert_eq!((example.code, &*example.stderr), (Some(0), ""), "{example:?}");
    place.write("work/podium.toml", &example.stdout);
    let ended = place
        .podium(&["config"])
        .with("LITELLM_BASE_URL", "http://gateway")
        .with("LITELLM_API_KEY", "sk-sim")
        .run()
        .await;
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""), "{ended:?}");
}

/// Besides `podium config example`, which is made from the code.
#[tokio::test]
async fn the_file_of_the_documentation_is_one() {
    let chapter = include_str!("../../../../docs/CONFIGURATION.md");
    let (_, block) = chapter.split_once("```toml\n").expect("a file is shown");
    let (file, _) = block.split_once("```").expect("it has an end");
    let place = Place::new();
    for secret in ["litellm-key", "podium", "oidc"] {
        place.write(secret, "a-secret-of-more-than-thirty-two-letters");
    }
    let secrets = place.path("");
    let file = file.replace("/run/secrets/", &format!("{}/", secrets.display()));
    assert!(!file.contains("/run/secrets"), "{file}");
    let file = place.write("podium.toml", file);
    let ended = place.podium(&["config", "--config", file.to_str().expect("text")]).run().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(line(&ended, "access.mode").contains("private"), "{ended:?}");
}
