//! Counters begin at zero and count what is booked from then on.

use jiff::SignedDuration;
use podium::config::{DataDir, Serving};

use super::{book, scrape, start, tokens};
use crate::harness::{Podium, Setup, YESTERDAY};
use crate::worlds::Use;

const SONNET: &str = "acme/Anthropic/claude-sonnet-4.5";

#[tokio::test]
async fn what_is_booked_is_counted_as_tokens_tells_it() {
    let (gateway, podium) = start(Setup::default()).await;
    let (first, before) = (scrape(&podium).await, tokens(&podium).await);
    assert_eq!(first.sum("podium_usage_tokens_total", &[]), 0.0);
    let teams = first.values("podium_team_tokens_total", "team");
    assert_eq!(teams.into_iter().collect::<Vec<_>>(), ["Alpha", "Beta", "Quiet", "other"]);
    book(
        &gateway,
        &podium,
        [
            Use { prompt: 70, completion: 5, failures: 2, spend: 0.125, ..Use::default() },
            Use { team: Some("t-quiet"), key: "key-q", model: SONNET, prompt: 9, ..Use::default() },
        ],
    )
    .await;
    let (now, after) = (scrape(&podium).await, tokens(&podium).await);
    now.assert_not_below(&first);
    now.assert_adds_up();
    for ((team, after), (_, before)) in after.into_iter().zip(before) {
        let counted = now.sum("podium_team_tokens_total", &[("team", &team)]);
        assert_eq!(counted, (after - before) as f64, "{team}");
    }
    let alpha = [("team", "Alpha"), ("team_id", "t-alpha"), ("kind", "completion")];
    assert_eq!(now.sum("podium_team_tokens_total", &alpha), 5.0);
    assert_eq!(now.sum("podium_team_failed_requests_total", &alpha[..2]), 2.0);
    assert_eq!(now.sum("podium_team_requests_total", &alpha[..2]), 3.0);
    assert_eq!(now.sum("podium_team_spend_usd_total", &alpha[..2]), 0.125);
    assert_eq!(now.sum("podium_model_tokens_total", &[("model", SONNET)]), 29.0);
    assert_eq!(now.sum("podium_provider_tokens_total", &[("provider", "anthropic")]), 29.0);
}

#[tokio::test]
async fn midnight_and_what_comes_late_lose_nothing() {
    let (gateway, podium) = start(Setup::default()).await;
    let first = scrape(&podium).await;
    podium.clock.advance(13);
    let late = Use { prompt: 1_000, completion: 0, ..Use::default() };
    let today = Use { date: "2026-11-25", prompt: 30, completion: 0, ..Use::default() };
    let day_before = Use { date: YESTERDAY, prompt: 5, completion: 0, ..Use::default() };
    book(&gateway, &podium, [late, today, day_before]).await;
    let next = scrape(&podium).await;
    next.assert_not_below(&first);
    next.assert_adds_up();
    assert_eq!(next.sum("podium_team_tokens_total", &[("team", "Alpha")]), 1_035.0);
    assert_eq!(next.sum("podium_today_tokens", &[]), 30.0);
}

#[tokio::test]
async fn history_that_is_read_is_no_usage_of_now() {
    let (gateway, podium) = start(Setup::default()).await;
    let old = || Use { date: "2026-11-10", prompt: 1_000_000, ..Use::default() };
    gateway.change(|world| world.record(old().row()));
    let first = scrape(&podium).await;
    let answer = podium.get("/tokens?start_date=2026-11-10&end_date=2026-11-10").await.figures();
    assert!(answer.to_string().contains("1000020"), "{answer}");
    let next = scrape(&podium).await;
    next.assert_not_below(&first);
    assert_eq!(next.sum("podium_usage_tokens_total", &[]), 0.0);
    // What comes to that day from now on is.
    gateway.change(|world| world.record(Use { prompt: 7, completion: 0, ..old() }.row()));
    podium.audit("?start_date=2026-11-10&end_date=2026-11-10").await;
    let next = scrape(&podium).await;
    assert_eq!(next.sum("podium_usage_tokens_total", &[]), 7.0);
    next.assert_adds_up();
}

#[tokio::test]
async fn a_restart_begins_anew_and_takes_nothing_for_new_that_was_there() {
    let directory = tempfile::tempdir().expect("a directory");
    let setup = || Setup { data: DataDir::At(directory.path().to_owned()), ..Setup::default() };
    let (gateway, mut podium) = start(setup()).await;
    scrape(&podium).await;
    book(&gateway, &podium, [Use::default()]).await;
    assert_eq!(scrape(&podium).await.sum("podium_usage_tokens_total", &[]), 120.0);
    podium.stop().await;
    // While it is away, today and a day before move, and one of long ago.
    gateway.change(|world| {
        for date in [crate::harness::TODAY, YESTERDAY] {
            world.record(Use { date, prompt: 5_000, ..Use::default() }.row());
        }
    });
    let again = setup();
    again.clock.pass(SignedDuration::from_mins(10));
    let podium = Podium::start(&gateway, again).await;
    let unknown = scrape(&podium).await;
    assert_eq!(unknown.named("podium_usage_tokens_total").count(), 0, "not before it has looked");
    podium.look().await.expect("in step");
    assert_eq!(scrape(&podium).await.sum("podium_usage_tokens_total", &[]), 0.0);
    book(&gateway, &podium, [Use { prompt: 1, completion: 0, ..Use::default() }]).await;
    let next = scrape(&podium).await;
    assert_eq!(next.sum("podium_usage_tokens_total", &[]), 1.0);
    next.assert_adds_up();
}

#[tokio::test]
async fn what_the_gateway_takes_back_makes_nothing_less() {
    let (gateway, podium) = start(Setup::default()).await;
    scrape(&podium).await;
    book(&gateway, &podium, [Use { prompt: 80, completion: 0, ..Use::default() }]).await;
    let before = scrape(&podium).await;
    let less =
        |prompt| Use { prompt, completion: 0, spend: -0.005, successes: 0, ..Use::default() };
    book(&gateway, &podium, [less(-50)]).await;
    let held = scrape(&podium).await;
    held.assert_not_below(&before);
    held.assert_adds_up();
    assert_eq!(held.sum("podium_usage_tokens_total", &[]), 80.0);
    book(&gateway, &podium, [Use { prompt: 60, completion: 0, ..Use::default() }]).await;
    let next = scrape(&podium).await;
    next.assert_not_below(&held);
    next.assert_adds_up();
    assert_eq!(next.sum("podium_usage_tokens_total", &[]), 90.0, "80, less 50, and 60 more");
}

#[tokio::test]
async fn no_more_names_have_series_than_are_wanted() {
    let top = |metrics_top| Setup {
        serving: Serving { metrics_top, ..Serving::default() },
        ..Setup::default()
    };
    for (most, named) in
        [(0, vec![]), (1, vec!["Alpha", "other"]), (2, vec!["Alpha", "Beta", "other"])]
    {
        let (gateway, podium) = start(top(most)).await;
        let first = scrape(&podium).await;
        let teams = first.values("podium_team_tokens_total", "team");
        assert_eq!(teams.into_iter().collect::<Vec<_>>(), named);
        let beta = Use { team: Some("t-beta"), key: "key-b1", ..Use::default() };
        book(&gateway, &podium, [Use::default(), beta]).await;
        let next = scrape(&podium).await;
        next.assert_not_below(&first);
        assert_eq!(next.sum("podium_usage_tokens_total", &[]), 240.0);
        if most > 0 {
            next.assert_adds_up();
        }
        if most == 1 {
            assert_eq!(next.sum("podium_team_tokens_total", &[("team", "other")]), 120.0);
        }
    }
}
