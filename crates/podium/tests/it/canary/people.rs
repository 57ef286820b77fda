//! Who asks, and what they may see.

use std::time::Duration;

use gateway_sim::Simulator;
use jiff::SignedDuration;
use podium::access::{AccessSettings, Mode, Policy, Secret};
use podium::sync::Settings;

use super::stage::{DAYS, Eyes, NOBODY, OTTERS, Own, Stage};
use crate::harness::{NOW, Podium, Setup, TestClock, gateway_with_clock};

/// Whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Somebody who is not known.
    Anybody,
    /// A member of the otters.
    Member,
    /// The holder of a key without a team.
    Loose,
    /// The holder of an otters' key, where members see their keys alone.
    Keyholder,
    /// Somebody who sees all figures.
    Viewer,
    /// A member whose session is over.
    Expired,
}

impl Who {
    fn own(self) -> Own {
        match self {
            Self::Anybody | Self::Expired => Own::Nothing,
            Self::Member => Own::Team(OTTERS),
            Self::Loose => Own::Key(NOBODY),
            Self::Keyholder => Own::Key(OTTERS),
            Self::Viewer => Own::Everything,
        }
    }

    fn secret(self) -> Option<&'static str> {
        match self {
            Self::Anybody => None,
            Self::Member | Self::Keyholder | Self::Expired => Some("sk-canary-otter-1"),
            Self::Loose => Some("sk-canary-loose-1"),
            Self::Viewer => Some("sk-canary-viewer"),
        }
    }

    /// Somebody of the same role who sees something else.
    fn peer(self) -> Option<&'static str> {
        match self {
            Self::Member | Self::Keyholder => Some("sk-canary-heron-1"),
            Self::Loose => Some("sk-canary-loose-2"),
            _ => None,
        }
    }
}

/// A Podium, somebody who asks it, and those who may know more.
#[derive(Clone, Copy, Debug)]
pub struct Plot {
    pub who: Who,
    pub mode: Mode,
    /// What is shown of others, in the words of the policy.
    pub shown: &'static str,
    pub base_path: &'static str,
}

impl Plot {
    pub fn stage(self) -> Stage {
        let is_shown = self.mode == Mode::Board || !matches!(self.who, Who::Anybody | Who::Expired);
        let shown = if is_shown { self.shown } else { "none" };
        Stage { eyes: Eyes { own: self.who.own(), shown }, twin: 0 }
    }
}

/// The plot, played.
pub struct Play {
    pub podium: Podium,
    pub simulator: Simulator,
    pub base_path: &'static str,
    /// What each of them shows, as a cookie.
    pub who: Option<String>,
    pub peer: Option<String>,
    pub admin: String,
}

impl Play {
    pub async fn of(plot: Plot, stage: &Stage) -> Self {
        let clock = TestClock::at(NOW);
        let simulator =
            gateway_with_clock(stage.world(), gateway_sim::Version::CURRENT, clock.clone()).await;
        stage.bring_in_doubt(&simulator);
        let Plot { who, shown, base_path, .. } = plot;
        let rows = ["anybody", "self", "team"].map(|role| format!("{role}: {shown}"));
        let access = AccessSettings {
            mode: plot.mode,
            policy: Policy::parse(&rows.join("; ")).expect("a policy"),
            members_see_team: who != Who::Keyholder,
            secrets: vec![Secret::parse(&"canary".repeat(8)).expect("long enough")],
            ..AccessSettings::default()
        };
        let settings = Settings {
            refresh: Duration::from_secs(3_600),
            backfill_days: 0,
            log_days: 7,
            ..Settings::default()
        };
        let base_path = base_path.to_owned();
        let setup = Setup { clock, settings, access, base_path, ..Setup::default() };
        let podium = Podium::start(&simulator, setup).await;
        let base_path = plot.base_path;
        let mut play = Self {
            who: None,
            peer: None,
            admin: sign_in(&podium, base_path, "sk-canary-admin").await,
            podium,
            simulator,
            base_path,
        };
        play.read_everything().await;
        if let Some(secret) = who.secret() {
            play.who = Some(sign_in(&play.podium, base_path, secret).await);
        }
        if who == Who::Expired {
            play.podium.clock.pass(SignedDuration::from_hours(13));
            play.admin = sign_in(&play.podium, base_path, "sk-canary-admin").await;
            play.podium.look().await.expect("in step");
        }
        if let Some(secret) = who.peer() {
            play.peer = Some(sign_in(&play.podium, base_path, secret).await);
        }
        play
    }

    async fn read_everything(&self) {
        let path = format!("{}/tokens/hourly?start_date={}", self.base_path, DAYS[0]);
        let admin: [(&str, &str); 1] = [("Cookie", &self.admin)];
        let answer = self.podium.send(reqwest::Method::GET, &path, &admin).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        self.podium.look().await.expect("in step");
    }
}

/// The cookie of somebody who signs in; in mode open there is none.
async fn sign_in(podium: &Podium, base_path: &str, secret: &str) -> String {
    let body = format!("{{\"key\":\"{secret}\"}}");
    let answer = podium.post(&format!("{base_path}/api/v1/sign-in"), body).await;
    if answer.status == 404 {
        return "podium=none".to_owned();
    }
    assert_eq!(answer.status, 200, "{secret}: {}", answer.text);
    let cookie = answer.header("set-cookie").expect("a cookie");
    cookie.split(';').next().expect("a pair").to_owned()
}
