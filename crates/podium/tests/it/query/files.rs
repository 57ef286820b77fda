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
async fn parquet_is_a_file_that_can_be_read_in_parts() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    for (path, name) in [
        ("/api/v1/facts.parquet?", "facts"),
        ("/api/v1/focus.parquet?", "focus"),
        ("/api/v1/query?by=team&format=parquet&", "podium"),
    ] {
        let path = &format!("{path}start_date=2026-11-23");
        let head = podium.send(Method::HEAD, path, &[]).await;
        let length: usize = header(&head, "content-length").parse().unwrap();
        assert_eq!((head.status.as_u16(), header(&head, "accept-ranges")), (200, "bytes"));
        let kept_as = format!("attachment; filename=\"{name}_2026-11-23_2026-11-24.parquet\"");
        assert_eq!(header(&head, "content-disposition"), kept_as);
        let last = format!("bytes={}-", length - 4);
        let part = podium.send(Method::GET, path, &[("range", &last)]).await;
        assert_eq!((part.status.as_u16(), part.text.as_str()), (206, "PAR1"), "{path}");
        assert_eq!(
            header(&part, "content-range"),
            format!("bytes {}-{}/{length}", length - 4, length - 1)
        );
        assert_eq!(header(&part, "etag"), header(&head, "etag"), "the same file");
        let beyond = podium.send(Method::GET, path, &[("range", "bytes=99999999-")]).await;
        assert_eq!(beyond.status, 416, "{path}");
    }
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

#[tokio::test]
async fn costs_are_told_as_focus_wants_them() {
    let gateway = gateway_of(workshop_with_a_rest(), Version::CURRENT).await;
    gateway.change(|world| {
        let team = None;
        let usage = crate::worlds::Use { team, key: "key-none", spend: 0.5, ..Default::default() };
        world.record(usage.row());
    });
    let podium = Podium::in_front_of(&gateway).await;
    let answer = podium.get("/api/v1/focus.csv?start_date=2026-11-23").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let mut lines = answer.text.split_terminator("\r\n").map(fields);
    let head = lines.next().expect("a head");
    assert_eq!((head.len(), head[0].as_str(), head[36].as_str()), (37, "BilledCost", "x_Requests"));
    let rows: Vec<std::collections::HashMap<String, String>> =
        lines.map(|row| head.iter().cloned().zip(row).collect()).collect();
    let of = |row: &std::collections::HashMap<String, String>, column: &str| row[column].clone();
    let sum = |column: &str| -> f64 {
        rows.iter().map(|row| of(row, column).parse::<f64>().expect("a decimal")).sum()
    };
    let everything = "include=unassigned,deleted&measures=tokens,spend_usd";
    let path = format!("/api/v1/query?start_date=2026-11-23&{everything}");
    let totals = podium.get(&path).await.json()["totals"].clone();
    assert!((sum("BilledCost") - totals["spend_usd"].as_f64().unwrap()).abs() < 1e-9);
    assert_eq!(sum("ConsumedQuantity"), totals["tokens"].as_f64().unwrap());
    let mut grains = std::collections::BTreeSet::new();
    for row in &rows {
        for cost in ["ContractedCost", "EffectiveCost", "ListCost"] {
            assert_eq!(of(row, cost), of(row, "BilledCost"));
        }
        assert!(of(row, "BilledCost").contains('.') && of(row, "PricingQuantity").contains('.'));
        let day = of(row, "ChargePeriodStart");
        assert!(day.ends_with("T00:00:00Z"), "{day}");
        assert_eq!(of(row, "BillingPeriodStart"), "2026-11-01T00:00:00Z");
        assert_eq!(of(row, "BillingPeriodEnd"), "2026-12-01T00:00:00Z");
        let tags: serde_json::Value = serde_json::from_str(&of(row, "Tags")).expect("JSON");
        assert!(tags.as_object().expect("flat").values().all(serde_json::Value::is_string));
        let columns = ["BillingAccountId", "SubAccountId", "ServiceName", "ProviderName"];
        let grain = columns.map(|column| of(row, column)).join("|");
        assert!(grains.insert(format!("{day}|{grain}")), "one row a grain: {grain}");
    }
    let find = |column: &str, value: &str| {
        rows.iter().find(|row| of(row, column) == value).unwrap_or_else(|| panic!("{value}"))
    };
    let sonnet = find("ServiceName", "acme/Anthropic/claude-sonnet-4.5");
    assert_eq!(of(sonnet, "ProviderName"), "anthropic", "{sonnet:?}");
    let rest = find("ServiceName", "unknown");
    assert_eq!(
        (of(rest, "ProviderName"), of(rest, "BilledCost")),
        ("unknown".into(), "2.75".into())
    );
    let without_team = find("BillingAccountId", "key-none");
    assert_eq!(of(without_team, "SubAccountId") + &of(without_team, "SubAccountType"), "");
    assert_eq!(podium.get("/api/v1/focus.csv?tz=Europe/Berlin").await.status, 400, "UTC alone");
    let parquet =
        podium.send(Method::HEAD, "/api/v1/focus.parquet?start_date=2026-11-23", &[]).await;
    assert_eq!(header(&parquet, "content-type"), "application/vnd.apache.parquet");
}

/// The fields of a line of CSV.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut is_quoted = false;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let field = fields.last_mut().expect("there is always one");
        match character {
            '"' if is_quoted && characters.peek() == Some(&'"') => {
                field.push('"');
                characters.next();
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(String::new()),
            other => field.push(other),
        }
    }
    fields
}
