//! Holding calls back, and the record of calls.

use gateway_sim::{Simulator, Target};

use crate::client::{get, get_as};
use crate::story::{TODAY, day, two_teams, usage};

#[tokio::test]
async fn held_calls_see_the_world_of_their_release() {
    let simulator = Simulator::start(two_teams()).await.expect("a port");
    let path = format!("/team/daily/activity?{}", day(TODAY));
    let hold = simulator.hold("/team/daily");

    let asking = get(&simulator, &path);
    let changing = async {
        hold.arrived(1).await;
        assert_eq!(hold.count(), 1);
        simulator.change(|world| world.record(usage(TODAY, "red", "sk-red-1", "Big", 7)));
        hold.release();
    };
    let (answer, ()) = tokio::join!(asking, changing);

    assert_eq!(answer["metadata"]["total_api_requests"], 7);
    get(&simulator, &path).await;
}

#[tokio::test]
async fn calls_can_be_let_through_one_by_one() {
    let simulator = Simulator::start(two_teams()).await.expect("a port");
    let hold = simulator.hold(Target::exact("/team/list"));

    get(&simulator, "/v2/team/list").await;
    let letting = async {
        hold.arrived(1).await;
        hold.let_through(1);
    };
    tokio::join!(get(&simulator, "/team/list"), letting);
    hold.let_through(1);
    get(&simulator, "/team/list").await;

    assert_eq!(hold.count(), 2);
}

#[tokio::test]
async fn every_call_is_recorded() {
    let simulator = Simulator::start(two_teams()).await.expect("a port");

    get(&simulator, "/v2/team/list?page=1&page_size=100&team_alias=%C3%9Cn").await;
    get_as(&simulator, "/team/list", Some("sk-stranger")).await;

    let calls = simulator.calls();
    assert_eq!(calls.len(), 2);
    assert_eq!((calls[0].method.as_str(), calls[0].path.as_str()), ("GET", "/v2/team/list"));
    assert!(calls[0].has("page_size", "100"));
    assert_eq!(calls[0].param("team_alias"), Some("Ün"));
    assert!(calls[0].key_accepted);
    assert!(!calls[1].key_accepted);
    assert_eq!(calls[0].at.to_string(), "2026-11-20T12:00:00Z");
    simulator.clear_calls();
    assert_eq!(simulator.calls(), []);
}

#[tokio::test]
async fn one_can_wait_for_calls() {
    let simulator = Simulator::start(two_teams()).await.expect("a port");

    let waiting = simulator.until_calls("/team", 2);
    let calling = async {
        get(&simulator, "/team/list").await;
        get(&simulator, "/v1/models").await;
        get(&simulator, "/team/list").await;
    };
    tokio::join!(waiting, calling);
}
