//! How somebody becomes a visitor: by a key, a person's word, a session or a token.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;

use super::standing::{self, BELIEVED_FOR, Standing};
use super::{Access, Account, Event, How, LogEntry, Refusal, Session, Visitor};
use crate::gateway::MASTER_KEY;
use crate::store::Error;

/// What is known of who asks without asking anybody.
#[derive(Debug)]
pub enum Seen {
    /// This is who.
    Known(Arc<Visitor>),
    /// The gateway has to be asked first, see [`Access::ask`].
    Unasked,
    /// They are nobody, and why.
    Refused(Refusal),
}

/// Somebody who signed in.
#[derive(Debug)]
pub struct Entered {
    /// What their browser keeps.
    pub session: Session,
    /// Who they are.
    pub visitor: Arc<Visitor>,
}

/// Why somebody could not sign in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// They failed too often.
    #[error("There were too many failed attempts; try again in {} seconds", .0.as_secs().max(1))]
    TooOften(Duration),
    /// They are not let in, and how often they may still try.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl Access {
    /// Who a session belongs to.
    pub fn by_session(&self, session: &Session) -> Seen {
        let now = self.now();
        if self.end_of(session) <= now || self.0.ended.has(session) {
            return Seen::Refused(Refusal::SessionEnded);
        }
        match self.0.standings.get(&session.account, now) {
            Some(standing) => Seen::Known(self.visitor(session, &standing)),
            None => Seen::Unasked,
        }
    }

    /// Who a person is of whom a trusted proxy speaks.
    pub fn by_proxy(&self, account: Account) -> (Session, Seen) {
        let now = self.now();
        let session = Session::begin(account, How::Proxy, now, BELIEVED_FOR);
        match self.0.standings.get(&session.account, now) {
            Some(standing) => {
                let visitor = self.visitor(&session, &standing);
                (session, Seen::Known(visitor))
            }
            None => (session, Seen::Unasked),
        }
    }

    /// Asks the gateway once more who a session belongs to.
    pub async fn ask(&self, session: &Session) -> Result<Arc<Visitor>, Refusal> {
        let now = self.now();
        let asked = self.0.standings.ask(&session.account, &self.0.settings, now).await;
        let asked = asked.inspect_err(|refusal| {
            if refusal.is_final() {
                self.lost(session, refusal);
            }
        })?;
        if let Some(before) = asked.before.filter(|before| differs(before, &asked.now)) {
            self.0.keeper.log(LogEntry {
                who: asked.now.name.clone().or_else(|| Some(masked(&session.account))),
                role: Some(asked.now.role.name().to_owned()),
                detail: Some(format!("was {}", before.role.name())),
                ..self.0.keeper.entry(Event::RoleChanged)
            });
        }
        Ok(self.visitor(session, &asked.now))
    }

    /// Ends the session of an account that is gone, so that nobody is asked about it again.
    fn lost(&self, session: &Session, refusal: &Refusal) {
        if self.0.ended.has(session) {
            return;
        }
        let now = self.now();
        if let Err(error) = self.0.ended.end(session, false, now, self.0.settings.session) {
            tracing::error!(%error, "a session of an account that is gone cannot be ended");
        }
        self.0.keeper.log(LogEntry {
            who: Some(masked(&session.account)),
            detail: Some(refusal.to_string()),
            ..self.0.keeper.entry(Event::AccessLost)
        });
    }

    /// Signs somebody in with their key of the gateway. `names` are what failures count for besides
    /// the key; `from` is told in the log.
    pub async fn sign_in(
        &self,
        key: String,
        names: &[String],
        from: Option<String>,
    ) -> Result<Entered, SignInError> {
        let mut names = names.to_vec();
        names.push(format!("account {}", self.0.pseudonyms.of_secret(&key)));
        if let Some(wait) = self.0.limits.wait(&names) {
            return Err(SignInError::TooOften(wait));
        }
        let _turn = self.0.standings.turn().await;
        if let Some(wait) = self.0.limits.wait(&names) {
            return Err(SignInError::TooOften(wait));
        }
        let now = self.now();
        let said = self.0.gateway.who_is(&SecretString::from(key)).await.map_err(Refusal::Unsaid);
        let standing = said.and_then(|said| {
            let owner = standing::owner(said)?;
            let hash = owner.api_key.clone();
            Ok((hash, standing::of_key(owner, &self.0.settings, now)?))
        });
        match standing {
            Ok((hash, standing)) => {
                let account = Account::Key { hash };
                Ok(self.enter(account, How::Key, Arc::new(standing), from))
            }
            Err(refusal) => {
                if refusal.is_final() {
                    self.0.limits.failed(&names);
                    let detail = Some(refusal.to_string());
                    self.0.keeper.log(LogEntry {
                        from,
                        detail,
                        ..self.0.keeper.entry(Event::SignInFailed)
                    });
                }
                Err(refusal.into())
            }
        }
    }

    /// Signs in somebody of whom a provider of single sign-on speaks.
    pub async fn sign_on(
        &self,
        account: Account,
        from: Option<String>,
    ) -> Result<Entered, Refusal> {
        let account = self.with_groups_that_matter(account);
        self.0.standings.forget(&account);
        let asked = self.0.standings.ask(&account, &self.0.settings, self.now()).await?;
        Ok(self.enter(account, How::SingleSignOn, asked.now, from))
    }

    /// Only the groups that some rule names are remembered.
    pub fn with_groups_that_matter(&self, account: Account) -> Account {
        match account {
            Account::Person { user, email, name, groups } => {
                let groups = self.0.settings.mappings.groups_among(&groups);
                Account::Person { user, email, name, groups }
            }
            key => key,
        }
    }

    fn enter(
        &self,
        account: Account,
        how: How,
        standing: Arc<Standing>,
        from: Option<String>,
    ) -> Entered {
        self.0.standings.put(&account, Arc::clone(&standing));
        let is_master = matches!(&account, Account::Key { hash } if hash == MASTER_KEY);
        let lasts = match self.0.settings.session {
            // The gateway says nothing of its master key to others, so nobody can ask again.
            lasts if is_master => lasts.min(BELIEVED_FOR),
            lasts => lasts,
        };
        let session = Session::begin(account, how, self.now(), lasts);
        let visitor = self.visitor(&session, &standing);
        self.0.keeper.log(LogEntry {
            who: visitor.name.clone().or_else(|| Some(masked(&session.account))),
            role: Some(visitor.role.name().to_owned()),
            from,
            ..self.0.keeper.entry(Event::SignIn)
        });
        Entered { session, visitor }
    }

    /// When a session ends. No longer than they last now: what was ended is remembered no longer.
    fn end_of(&self, session: &Session) -> Timestamp {
        let latest = session.began_at.saturating_add(self.0.settings.session);
        latest.map_or(session.expires_at, |latest| latest.min(session.expires_at))
    }

    /// Ends a session, or all of its account. One that is over ends nothing more.
    pub fn sign_out(&self, session: &Session, everywhere: bool) -> Result<(), Error> {
        if matches!(self.by_session(session), Seen::Refused(_)) {
            return Ok(());
        }
        let now = self.now();
        self.0.ended.end(session, everywhere, now, self.0.settings.session)?;
        let detail = everywhere.then(|| "everywhere".to_owned());
        let who = Some(masked(&session.account));
        self.0.keeper.log(LogEntry { who, detail, ..self.0.keeper.entry(Event::SignOut) });
        Ok(())
    }

    /// Who shows a token; in an address only those that were made for it, where that is allowed.
    pub fn by_token(&self, text: &str, is_in_address: bool) -> Result<Arc<Visitor>, Refusal> {
        let now = self.now();
        let token = self.0.tokens.find(text, now).ok_or(Refusal::Token)?;
        let may_be_there = self.0.settings.token_in_address && token.in_address;
        if is_in_address && !may_be_there {
            return Err(Refusal::Token);
        }
        if self.0.tokens.is_used(&token.id, now) {
            let _ = self.0.keeper.book.note_use(&token.id, now);
        }
        let role = token.role.role();
        Ok(Arc::new(Visitor {
            role,
            how: How::Token,
            scope: self.scope(role, &token.teams, &[]),
            name: Some(token.name),
            teams: token.teams,
            expires_at: token.expires_at,
            account: None,
            token_id: Some(token.id),
        }))
    }

    /// Whether a visitor still is who they were, and sees the same. Proxies are asked for with every
    /// request; so what somebody reaches through one ends with what the gateway says of them.
    pub async fn still(&self, visitor: &Visitor, session: Option<&Session>) -> bool {
        let now = match (visitor.how, session, &visitor.token_id) {
            (How::Open | How::None, ..) => return true,
            (How::Token, _, Some(id)) => {
                return self.0.tokens.is_good(id, self.now());
            }
            (How::Key | How::SingleSignOn, Some(session), _) => match self.by_session(session) {
                Seen::Known(now) => Some(now),
                Seen::Unasked => self.ask(session).await.ok(),
                Seen::Refused(_) => None,
            },
            (How::Proxy, ..) => match visitor.account.clone().map(|of| self.by_proxy(of)) {
                Some((_, Seen::Known(now))) => Some(now),
                Some((session, Seen::Unasked)) => self.ask(&session).await.ok(),
                _ => None,
            },
            _ => None,
        };
        now.is_some_and(|now| now.scope == visitor.scope && now.role == visitor.role)
    }

    fn visitor(&self, session: &Session, standing: &Standing) -> Arc<Visitor> {
        let ends = self.end_of(session);
        Arc::new(Visitor {
            role: standing.role,
            how: session.how,
            name: standing.name.clone(),
            teams: standing.teams.clone(),
            scope: self.scope(standing.role, &standing.teams, &standing.keys),
            expires_at: Some(standing.expires_at.map_or(ends, |at| at.min(ends))),
            account: Some(session.account.clone()),
            token_id: None,
        })
    }
}

fn differs(before: &Standing, now: &Standing) -> bool {
    (before.role, &before.teams, &before.keys) != (now.role, &now.teams, &now.keys)
}

/// An account as the log tells it.
fn masked(account: &Account) -> String {
    match account {
        Account::Key { hash } if hash != MASTER_KEY && hash.is_ascii() && hash.len() >= 16 => {
            format!("{}…{}", &hash[..4], &hash[hash.len() - 4..])
        }
        Account::Key { hash } => hash.clone(),
        Account::Person { user, email, .. } => email.clone().unwrap_or_else(|| user.clone()),
    }
}
