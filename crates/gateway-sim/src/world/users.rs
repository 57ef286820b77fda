//! Users: the people behind keys.

use jiff::Timestamp;

use super::World;
use crate::clock::start_of;

/// A user of the gateway.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// Unique; a UUID in a real gateway, unless it came from single sign-on.
    pub user_id: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// What the user may do.
    pub role: Role,
    /// The teams that the user is a member of.
    pub team_ids: Vec<String>,
    /// When the user was made.
    pub created_at: Timestamp,
}

/// What a user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything.
    Admin,
    /// Reading everything.
    AdminViewer,
    /// What plain users do.
    InternalUser,
}

impl Role {
    /// What the gateway calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Role::Admin => "proxy_admin",
            Role::AdminViewer => "proxy_admin_viewer",
            Role::InternalUser => "internal_user",
        }
    }

    /// Whether all usage and all lists are shown.
    pub(crate) fn sees_everything(self) -> bool {
        matches!(self, Role::Admin | Role::AdminViewer)
    }
}

impl World {
    /// Adds a user who is a member of teams, or does nothing when the id is taken.
    pub fn add_user(&mut self, user_id: &str, email: Option<&str>, role: Role, team_ids: &[&str]) {
        if self.user(user_id).is_none() {
            self.users.push(User {
                user_id: user_id.to_owned(),
                email: email.map(str::to_owned),
                role,
                team_ids: team_ids.iter().map(|team| (*team).to_owned()).collect(),
                created_at: start_of(self.today),
            });
        }
    }

    /// Gives a user another role.
    pub fn set_role(&mut self, user_id: &str, role: Role) {
        if let Some(user) = self.user_mut(user_id) {
            user.role = role;
        }
    }

    /// Makes a user a member of these teams alone.
    pub fn set_teams(&mut self, user_id: &str, team_ids: &[&str]) {
        if let Some(user) = self.user_mut(user_id) {
            user.team_ids = team_ids.iter().map(|team| (*team).to_owned()).collect();
        }
    }

    /// Deletes a user. The gateway forgets the user's keys with it, without a record of them.
    pub fn delete_user(&mut self, user_id: &str) {
        self.users.retain(|user| user.user_id != user_id);
        self.keys.retain(|_, key| key.user_id.as_deref() != Some(user_id));
    }

    /// The user with an id.
    pub fn user(&self, user_id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.user_id == user_id)
    }

    /// All users, in the order they were added.
    pub fn users(&self) -> &[User] {
        &self.users
    }

    fn user_mut(&mut self, user_id: &str) -> Option<&mut User> {
        self.users.iter_mut().find(|user| user.user_id == user_id)
    }
}
