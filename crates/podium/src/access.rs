//! Who asks, and what they may see: the only place where a [`Scope`] is made.
//!
//! Whoever asks becomes a [`Visitor`]: by a session, a token, a trusted proxy, or as anybody. What
//! a visitor may see follows from their role and the policy. Who people and keys are is known to
//! the gateway and to the single sign-on; here is only what follows from it, asked again every hour.

mod book;
mod ended;
mod enter;
mod keeper;
mod limits;
mod mapping;
mod policy;
mod scope;
mod session;
mod standing;
mod tokens;
mod visitor;

use std::sync::Arc;

use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};

use self::ended::Ended;
use self::scope::{Extent, Own, Pseudonyms};
use self::standing::Standings;
use self::tokens::Tokens;
use crate::clock::Clock;
use crate::gateway::LiteLlm;

pub use book::{Event, LogEntry};
pub use enter::{Entered, Seen, SignInError};
pub use keeper::Keeper;
pub use limits::{Allowance, BURST, SignInLimits, WINDOW, counted_as};
pub use mapping::{Mapping, Mappings, Rule};
pub use policy::{Policy, Show, Shown};
pub use scope::{Scope, Sight, Subject, Whose};
pub use session::{Secret, Session};
pub use standing::{Account, Refusal};
pub use tokens::{MadeToken, PREFIX as TOKEN_PREFIX, Token, TokenRole, TokenWish};
pub use visitor::{How, Role, Visitor};

/// What may be seen without signing in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Everything.
    #[default]
    Open,
    /// The leaderboard.
    Board,
    /// Nothing.
    Private,
}

impl Mode {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Open, Self::Board, Self::Private];

    /// Its name in the configuration and in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Board => "board",
            Self::Private => "private",
        }
    }
}

/// How access is configured.
#[derive(Clone, Debug)]
pub struct AccessSettings {
    /// What may be seen without signing in.
    pub mode: Mode,
    /// What is shown of others.
    pub policy: Policy,
    /// Whether keys are masked in mode `open`, too.
    pub masks_keys: bool,
    /// Teams with fewer active keys are not told apart by key.
    pub people_floor: usize,
    /// Whether members of a team see the whole team, or their own keys alone.
    pub members_see_team: bool,
    /// Who has which role, besides what the gateway says.
    pub mappings: Mappings,
    /// Sign cookies, the newest first; without one they last as long as the process.
    pub secrets: Vec<Secret>,
    /// How long a session lasts.
    pub session: SignedDuration,
    /// Whether tokens made for it may stand in addresses.
    pub token_in_address: bool,
    /// Proxies whose word is taken for who asks, and from where.
    pub trusted_proxies: Vec<IpNet>,
}

impl Default for AccessSettings {
    fn default() -> Self {
        Self {
            mode: Mode::Open,
            policy: Policy::default(),
            masks_keys: false,
            people_floor: 3,
            members_see_team: true,
            mappings: Mappings::default(),
            secrets: Vec::new(),
            session: SignedDuration::from_hours(12),
            token_in_address: false,
            trusted_proxies: Vec::new(),
        }
    }
}

/// Knows who asks. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Access(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: AccessSettings,
    /// What whoever is not known sees.
    anybody: Arc<Visitor>,
    pseudonyms: Pseudonyms,
    gateway: Arc<LiteLlm>,
    standings: Standings,
    tokens: Tokens,
    ended: Ended,
    keeper: Keeper,
    limits: SignInLimits,
    clock: Arc<dyn Clock>,
}

impl Access {
    /// Puts it together; asks nobody anything.
    pub fn new(
        mut settings: AccessSettings,
        gateway: Arc<LiteLlm>,
        keeper: Keeper,
        clock: Arc<dyn Clock>,
    ) -> Self {
        if settings.secrets.is_empty() {
            settings.secrets.push(Secret::random());
        }
        let pseudonyms = Pseudonyms::new(settings.secrets[0].bytes());
        let (own, others) = match settings.mode {
            Mode::Open => (Own::Everything, Shown::ALL),
            Mode::Board => (Own::nothing(), settings.policy.shown_to(Role::Anybody)),
            Mode::Private => (Own::nothing(), Shown::default()),
        };
        let is_open = settings.mode == Mode::Open;
        let scope = Scope::of(Extent {
            own,
            others,
            masks_keys: settings.masks_keys || !is_open,
            people_floor: if is_open { 1 } else { settings.people_floor },
            pseudonyms: pseudonyms.clone(),
        });
        let how = if is_open { How::Open } else { How::None };
        let anybody = Arc::new(Visitor::anybody(how, scope));
        Self(Arc::new(Inner {
            anybody,
            pseudonyms,
            standings: Standings::new(Arc::clone(&gateway)),
            gateway,
            tokens: Tokens::new(Arc::clone(&keeper.book)),
            ended: Ended::new(Arc::clone(&keeper.book)),
            keeper,
            limits: SignInLimits::default(),
            clock,
            settings,
        }))
    }

    /// What may be seen without signing in.
    pub fn mode(&self) -> Mode {
        self.0.settings.mode
    }

    /// How it is configured.
    pub fn settings(&self) -> &AccessSettings {
        &self.0.settings
    }

    /// Whoever is not known.
    pub fn anybody(&self) -> Arc<Visitor> {
        Arc::clone(&self.0.anybody)
    }

    /// What is shown of others to a visitor.
    pub fn shown_to(&self, visitor: &Visitor) -> Shown {
        match (visitor.role, self.mode()) {
            (Role::Anybody, Mode::Open) => Shown::ALL,
            (Role::Anybody, Mode::Private) => Shown::default(),
            (role, _) => self.0.settings.policy.shown_to(role),
        }
    }

    /// Tokens and the access log.
    pub fn keeper(&self) -> &Keeper {
        &self.0.keeper
    }

    /// How often signing in may fail.
    pub fn limits(&self) -> &SignInLimits {
        &self.0.limits
    }

    /// What somebody of a role with these teams or keys sees.
    fn scope(&self, role: Role, teams: &[String], keys: &[String]) -> Scope {
        let set = |ids: &[String]| ids.iter().map(|id| Arc::from(id.as_str())).collect();
        let own = match role {
            Role::Viewer | Role::Admin => Own::Everything,
            Role::OwnKeys => Own::Keys(set(keys)),
            Role::Team | Role::Anybody => Own::Teams(set(teams)),
        };
        Scope::of(Extent {
            own,
            others: self.0.settings.policy.shown_to(role),
            masks_keys: role != Role::Admin,
            people_floor: if role == Role::Admin { 1 } else { self.0.settings.people_floor },
            pseudonyms: self.0.pseudonyms.clone(),
        })
    }

    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }
}
