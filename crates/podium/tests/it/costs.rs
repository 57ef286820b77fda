//! What was paid: refunds, and reserved capacity that is booked late.

use gateway_sim::{Counters, Version};

use crate::harness::{Podium, TODAY, YESTERDAY, gateway_of};
use crate::worlds::{Use, workshop};

#[tokio::test]
async fn a_refund_is_the_gateways_figure_at_every_endpoint() {
    for version in [Version::CURRENT, Version::OLDER] {
        let mut world = workshop();
        world.record(Use { spend: -1.0, prompt: 0, completion: 0, ..Use::default() }.row());
        let gateway = gateway_of(world, version).await;
        let podium = Podium::in_front_of(&gateway).await;
        let range = format!("start_date={TODAY}");
        let board = podium.get(&format!("/api/v1/leaderboard?{range}")).await.json();
        assert_eq!(board["meta"]["complete"], true, "{}", board["meta"]);
        let alpha = 0.01 + 0.25 + 0.03125 - 1.0;
        let spend = |value: &serde_json::Value| value.as_f64().expect("an amount");
        assert!((spend(&board["teams"][0]["spend_usd"]) - alpha).abs() < 1e-9, "{board}");
        assert!((spend(&board["totals"]["spend_usd"]) - alpha - 0.01).abs() < 1e-9, "{board}");
        let cells = podium.get(&format!("/tokens/cost-efficiency?{range}")).await.json();
        let of_alpha = cells["cells"].as_array().expect("cells").iter();
        let total: f64 = of_alpha
            .filter(|cell| cell["team"] == "Alpha")
            .map(|cell| spend(&cell["total_cost_unrounded"]))
            .sum();
        assert!((total - alpha).abs() < 1e-9, "{cells}");
        let activity = podium.get(&format!("/api/v1/activity?{range}&by=total")).await.json();
        let told = spend(&activity["series"][0]["values"]["spend_usd"][0]);
        assert!((told - alpha - 0.01).abs() < 1e-9, "{activity}");
    }
}

#[tokio::test]
async fn reserved_capacity_that_is_booked_late_is_part_of_cost() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let range = format!("start_date={YESTERDAY}&end_date={YESTERDAY}");
    podium.get(&format!("/tokens?{range}")).await.figures();
    gateway.change(|world| {
        let mut row = Use { date: YESTERDAY, ..Use::default() }.row();
        row.counters = Counters { flat_cost: 2.5, ..Counters::default() };
        world.record(row);
    });
    podium.look().await.expect("in step");
    let board = podium.get(&format!("/api/v1/leaderboard?{range}")).await.json();
    let alpha = &board["teams"][0];
    assert_eq!(
        [&alpha["spend_usd"], &alpha["request_spend_usd"], &alpha["flat_cost_usd"]],
        [2.51, 0.01, 2.5]
    );
    let cells = podium.get(&format!("/tokens/cost-efficiency?{range}")).await.json();
    let cell = &cells["cells"][0];
    assert_eq!((&cell["team"], &cell["total_cost"]), (&"Alpha".into(), &2.51.into()), "{cells}");
    let measures = "measures=spend_usd,request_spend_usd,flat_cost_usd";
    let activity = podium.get(&format!("/api/v1/activity?{range}&{measures}")).await.json();
    assert_eq!(activity["series"][0]["values"]["flat_cost_usd"][0], 2.5, "{activity}");
}
