//! Answers as files.

use gateway_sim::Version;
use reqwest::Method;

use super::{header, workshop_with_a_rest};
use crate::harness::{Podium, gateway_of};
use crate::worlds::workshop;

const PATH: &str =
    "/api/v1/query?start_date=2026-11-23&by=team,model&measures=tokens,spend_usd&grain=1d";

#[tokio::test]
async fn csv_ndjson_and_markdown_have_the_same_rows() {
    let gateway = gateway_of(workshop_with_a_rest(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let csv = podium.get(&format!("{PATH}&format=csv")).await;
    assert_eq!(header(&csv, "content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(
        header(&csv, "content-disposition"),
        "attachment; filename=\"podium_2026-11-23_2026-11-24.csv\""
    );
    let lines: Vec<&str> = csv.text.split("\r\n").collect();
    assert_eq!(lines[0], "bucket,team,team_id,model,tokens,spend_usd");
    assert_eq!(lines[1], "2026-11-23T00:00:00+00:00,Alpha,t-alpha,acme/OpenAI/gpt-5.2,55,0.01");
    assert_eq!(lines.len(), 1 + 6 + 1);
    let accepted = podium.send(Method::GET, PATH, &[("accept", "application/x-ndjson")]).await;
    assert_eq!(header(&accepted, "content-type"), "application/x-ndjson");
    let rows: Vec<serde_json::Value> =
        accepted.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((rows.len(), &rows[0]["tokens"]), (6, &serde_json::json!(55)));
    let markdown = podium.get(&format!("{PATH}&format=markdown")).await.text;
    assert!(markdown.starts_with("| bucket | team |"), "{markdown}");
    assert_eq!(markdown.lines().count(), 2 + 6);
}

#[tokio::test]
async fn csv_is_as_spreadsheets_want_it() {
    let mut world = workshop();
    world.add_team("t-evil", Some("=HYPERLINK(\"http://evil\")"));
    world.record(
        crate::worlds::Use { team: Some("t-evil"), key: "key-e", ..Default::default() }.row(),
    );
    let gateway = gateway_of(world, Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let path = "/api/v1/query?start_date=2026-11-24&by=team&measures=tokens,spend_usd&format=csv";
    let german = podium.get(&format!("{path}&bom=true&decimal=comma")).await.text;
    assert!(german.starts_with("\u{feff}team;team_id;tokens;spend_usd\r\n"), "{german}");
    assert!(german.contains("\r\nAlpha;t-alpha;1627;0,29125\r\n"), "{german}");
    assert!(german.contains("\"'=HYPERLINK(\"\"http://evil\"\")\""), "{german}");
}

#[tokio::test]
async fn the_facts_are_a_file_that_can_be_read_in_parts() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let path = "/api/v1/facts.parquet?start_date=2026-11-23";
    let head = podium.send(Method::HEAD, path, &[]).await;
    let length: usize = header(&head, "content-length").parse().unwrap();
    assert_eq!((head.status.as_u16(), header(&head, "accept-ranges")), (200, "bytes"));
    let last = format!("bytes={}-", length - 4);
    let part = podium.send(Method::GET, path, &[("range", &last)]).await;
    assert_eq!((part.status.as_u16(), part.text.as_str()), (206, "PAR1"));
    assert_eq!(
        header(&part, "content-range"),
        format!("bytes {}-{}/{length}", length - 4, length - 1)
    );
    assert_eq!(header(&part, "etag"), header(&head, "etag"), "the same file");
    let beyond = podium.send(Method::GET, path, &[("range", "bytes=99999999-")]).await;
    assert_eq!(beyond.status, 416);
    assert_eq!(podium.get("/api/v1/facts.parquet?start_date=x").await.status, 400);
}

#[tokio::test]
async fn a_failure_before_the_first_row_is_an_error_and_no_file() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let path = "/api/v1/query?start_date=2026-11-24&by=model,provider&format=csv";
    let answer = podium.get(path).await;
    assert_eq!(answer.status, 400);
    assert!(answer.detail().contains("request logs"), "{}", answer.text);
}
