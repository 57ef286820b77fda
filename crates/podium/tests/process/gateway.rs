//! Simulated gateways with usage on each of the last days, seen from the system's clock: the
//! program reads it, too. Tests name their days once, so that midnight changes nothing.

use std::net::SocketAddr;

use gateway_sim::{DailyRow, Options, Simulator, Spec, Target, Version, World};
use jiff::ToSpan as _;
use jiff::civil::Date;
use podium::clock::{Clock as _, SystemClock};
use podium::usage::Day;
use tokio::net::TcpSocket;

/// How many days have usage, the last of them today.
pub(crate) const DAYS: u32 = 12;

/// A gateway of this world, by the system's clock.
pub(crate) async fn simulated(world: World, options: Options) -> Simulator {
    let clock = Some(gateway_sim::Clock::system());
    Simulator::start_with(world, Options { clock, ..options }).await.expect("a free port")
}

/// Gives each of `names` to a team, and to a key of it that was used on each of the last `days`, of
/// the model group that `model` says by the name and its place.
pub(crate) fn add_named(
    world: &mut World,
    names: &[&str],
    today: Date,
    days: i32,
    model: impl Fn(usize, &str) -> Option<String>,
) {
    for (number, name) in names.iter().enumerate() {
        let (team, key) = (format!("team-{number}"), format!("key-{number}"));
        world.add_team(&team, Some(name));
        world.add_key(&key, Some(name), Some(&team));
        for ago in 0..days {
            let mut row: DailyRow = world.rows_of(today).next().expect("every day has rows");
            row.date = today - ago.days();
            row.team_id = Some(team.clone());
            row.api_key.clone_from(&key);
            row.model_group = model(number, name);
            world.record(row);
        }
    }
}

pub(crate) struct Gateway {
    pub(crate) simulator: Simulator,
    today: Day,
}

impl Gateway {
    pub(crate) async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with_key(api_key: &str) -> Self {
        Self::with(Options { api_key: api_key.to_owned(), ..Options::default() }).await
    }

    pub(crate) async fn of_version(version: Version) -> Self {
        Self::with(Options { version, ..Options::default() }).await
    }

    async fn with(options: Options) -> Self {
        let today = SystemClock.today();
        let world = World::generate(&Spec::of_size(4, 2, 3, DAYS as usize, today.date()));
        Self { simulator: simulated(world, options).await, today }
    }

    /// The day so many days ago.
    pub(crate) fn day(&self, ago: u32) -> String {
        self.today.minus(ago).to_string()
    }

    /// A query for one day.
    pub(crate) fn only(&self, ago: u32) -> String {
        self.range(ago, ago)
    }

    /// A query for the days between two, both included.
    pub(crate) fn range(&self, from_ago: u32, to_ago: u32) -> String {
        format!("?start_date={}&end_date={}", self.day(from_ago), self.day(to_ago))
    }

    /// Queries for all days together and for each alone.
    pub(crate) fn ranges(&self) -> Vec<String> {
        std::iter::once(self.range(DAYS - 1, 0))
            .chain((0..DAYS).map(|ago| self.only(ago)))
            .collect()
    }
}

/// Questions for whole days, and not those for totals.
pub(crate) fn whole_days() -> Target {
    Target::exact("/team/daily/activity/aggregated").with("api_key_limit", "1000")
}

/// Questions for totals alone.
pub(crate) fn totals() -> Target {
    Target::exact("/team/daily/activity/aggregated").with("api_key_limit", "1")
}

/// A port at which nothing listens, as long as this value lives.
pub(crate) struct Nowhere(TcpSocket);

impl Nowhere {
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
        Self(socket)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().expect("bound"))
    }
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("bound").port()
}
