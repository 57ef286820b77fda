//! The simulated gateway, and a relay in front of it that counts bytes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gateway_sim::{Call, Clock, DailyRow, Options, Simulator, Spec, Version, World};
use jiff::ToSpan as _;
use jiff::civil::Date;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

pub(crate) const TEAMS: usize = 50;
pub(crate) const KEYS_PER_TEAM: usize = 3;
pub(crate) const MODELS: usize = 12;
pub(crate) const DAYS: i32 = 30;

/// A gateway with a month of usage of fifty teams.
pub(crate) struct BenchGateway {
    simulator: Simulator,
    relay: SocketAddr,
    sent_bytes: Arc<AtomicU64>,
    today: Date,
}

/// What Podium asked, by kind of question.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Questions {
    /// For the list of teams.
    pub(crate) teams: usize,
    /// For totals.
    pub(crate) totals: usize,
    /// For days in full.
    pub(crate) days: usize,
    /// For anything else.
    pub(crate) others: usize,
    /// What the gateway sent, heads included.
    pub(crate) bytes: u64,
}

impl BenchGateway {
    pub(crate) async fn start() -> BenchGateway {
        let clock = Clock::system();
        let today = clock.today();
        let days = usize::try_from(DAYS).expect("a month has days");
        let spec = Spec::of_size(TEAMS, KEYS_PER_TEAM, MODELS, days, today);
        Self::start_with(World::generate(&spec), clock, Version::CURRENT).await
    }

    pub(crate) async fn start_with(world: World, clock: Clock, version: Version) -> BenchGateway {
        let today = clock.today();
        let options = Options { clock: Some(clock), version, ..Options::default() };
        let simulator = Simulator::start_with(world, options).await.expect("a free port");
        let sent_bytes = Arc::new(AtomicU64::new(0));
        let target = simulator.url().trim_start_matches("http://").to_owned();
        let relay = relay(target, Arc::clone(&sent_bytes)).await.expect("a free port");
        BenchGateway { simulator, relay, sent_bytes, today }
    }

    /// Where Podium is told that the gateway is.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.relay)
    }

    /// Where it is without the relay.
    pub(crate) fn address(&self) -> SocketAddr {
        self.simulator.url().trim_start_matches("http://").parse().expect("an address")
    }

    pub(crate) fn key(&self) -> &str {
        self.simulator.api_key()
    }

    /// How many rows its daily table has.
    pub(crate) fn rows(&self) -> usize {
        self.simulator.change(|world| world.row_count())
    }

    /// The first and the last day with usage.
    pub(crate) fn days(&self) -> (Date, Date) {
        (self.today - (DAYS - 1).days(), self.today)
    }

    /// One more request on `day`.
    pub(crate) fn move_day(&self, day: Date) {
        self.simulator.change(|world| {
            let row: DailyRow = world.rows_of(day).next().expect("every day has rows");
            world.record(row);
        });
    }

    /// Forgets what was asked so far.
    pub(crate) fn forget_questions(&self) {
        self.simulator.clear_calls();
        self.sent_bytes.store(0, Ordering::Relaxed);
    }

    /// What was asked since it was last forgotten.
    pub(crate) fn questions(&self) -> Questions {
        let mut questions =
            Questions { bytes: self.sent_bytes.load(Ordering::Relaxed), ..Questions::default() };
        for call in self.simulator.calls() {
            *match kind(&call) {
                Kind::Teams => &mut questions.teams,
                Kind::Totals => &mut questions.totals,
                Kind::Day => &mut questions.days,
                Kind::Other => &mut questions.others,
            } += 1;
        }
        questions
    }

    pub(crate) async fn stop(self) {
        self.simulator.abort().await;
    }
}

enum Kind {
    Teams,
    Totals,
    Day,
    Other,
}

fn kind(call: &Call) -> Kind {
    match call.path.as_str() {
        "/v2/team/list" | "/team/list" => Kind::Teams,
        "/team/daily/activity/aggregated" if call.has("api_key_limit", "1") => Kind::Totals,
        "/team/daily/activity/aggregated" => Kind::Day,
        _ => Kind::Other,
    }
}

/// Passes connections on to `target` and counts what comes back.
async fn relay(target: String, sent_bytes: Arc<AtomicU64>) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let (target, sent_bytes) = (target.clone(), Arc::clone(&sent_bytes));
            tokio::spawn(async move { pass_on(near, &target, &sent_bytes).await });
        }
    });
    Ok(address)
}

async fn pass_on(near: TcpStream, target: &str, sent_bytes: &AtomicU64) -> std::io::Result<()> {
    let far = TcpStream::connect(target).await?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let (mut from_near, mut to_near) = near.into_split();
    let (mut from_far, mut to_far) = far.into_split();
    let asking = tokio::spawn(async move { tokio::io::copy(&mut from_near, &mut to_far).await });
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = from_far.read(&mut buffer).await?;
        if read == 0 {
            break;
        }
        sent_bytes.fetch_add(u64::try_from(read).unwrap_or_default(), Ordering::Relaxed);
        to_near.write_all(&buffer[..read]).await?;
    }
    asking.abort();
    Ok(())
}
