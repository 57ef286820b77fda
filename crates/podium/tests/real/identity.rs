//! Who is behind keys of all kinds, each made for this and removed afterwards.

use ::podium::clock::{Clock as _, SystemClock};
use ::podium::gateway::{
    Error, Gateway as Address, GatewayRole, KeyOwner, KeyStanding, Limits, LiteLlm, Person,
    PersonId,
};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::gateway::Gateway;

/// What the test makes at the gateway, and its names.
struct Made<'a> {
    gateway: &'a Gateway,
    mark: String,
    team_id: String,
    users: Vec<String>,
    keys: Vec<String>,
}

impl<'a> Made<'a> {
    async fn new(gateway: &'a Gateway) -> Self {
        let mark = format!("podium test {}", SystemClock.now().as_millisecond());
        let team = gateway.post("/team/new", &json!({ "team_alias": mark })).await;
        let team_id = text(&team, "team_id");
        Made { gateway, mark, team_id, users: Vec::new(), keys: Vec::new() }
    }

    /// A user with a role, in the team.
    async fn user(&mut self, role: &str) -> String {
        let email = self.email(role);
        let wanted = json!({ "user_email": email, "user_role": role, "auto_create_key": false });
        let user_id = text(&self.gateway.post("/user/new", &wanted).await, "user_id");
        let member = json!({ "role": "user", "user_id": user_id });
        let member = json!({ "team_id": self.team_id, "member": member });
        self.gateway.post("/team/member_add", &member).await;
        self.users.push(user_id.clone());
        user_id
    }

    fn email(&self, role: &str) -> String {
        format!("{role}-{}@example.test", self.mark.replace(' ', "-"))
    }

    /// A key that is named after the mark.
    async fn key(&mut self, name: &str, mut wanted: Value) -> SecretString {
        wanted["key_alias"] = json!(format!("{name} {}", self.mark));
        let key = text(&self.gateway.post("/key/generate", &wanted).await, "key");
        self.keys.push(key.clone());
        key.into()
    }

    /// Takes everything away again. The keys of users go with them, and deleted ones are gone.
    async fn removed(self) {
        for key in &self.keys {
            let _ = self.gateway.try_post("/key/delete", &json!({ "keys": [key] })).await;
        }
        self.gateway.post("/user/delete", &json!({ "user_ids": self.users })).await;
        self.gateway.post("/team/delete", &json!({ "team_ids": [self.team_id] })).await;
    }
}

fn text(answer: &Value, name: &str) -> String {
    answer[name].as_str().unwrap_or_else(|| panic!("no {name}")).to_owned()
}

fn client(gateway: &Gateway, api_key: SecretString) -> LiteLlm {
    let base_url = gateway.base_url.parse().expect("LITELLM_BASE_URL is an address");
    LiteLlm::new(Address::new(base_url, api_key), Limits::default()).expect("a client")
}

/// A key: what `who_is` said of it, and then `standing_of_key` of its hash.
struct Seen {
    name: &'static str,
    given: Result<KeyStanding, Error>,
    by_hash: Option<Result<KeyStanding, Error>>,
}

impl Seen {
    /// The owner, who must be the same both ways.
    fn owner(&self) -> &KeyOwner {
        match (&self.given, &self.by_hash) {
            (Ok(KeyStanding::Valid(owner)), Some(Ok(KeyStanding::Valid(same)))) => {
                assert_eq!(owner, same, "{}", self.name);
                owner
            }
            other => panic!("{}: {other:?}", self.name),
        }
    }

    fn is(&self, standing: &KeyStanding) -> bool {
        self.given.as_ref() == Ok(standing)
    }
}

async fn look(client: &LiteLlm, name: &'static str, key: &SecretString) -> Seen {
    let given = client.who_is(key).await;
    let by_hash = match &given {
        Ok(KeyStanding::Valid(owner)) => Some(client.standing_of_key(&owner.api_key).await),
        _ => None,
    };
    Seen { name, given, by_hash }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a real gateway: make test-real"]
async fn keys_of_all_kinds_are_who_they_are() {
    let gateway = Gateway::from_environment();
    let own = client(&gateway, gateway.api_key.clone().into());
    let mut made = Made::new(&gateway).await;
    let team_id = made.team_id.clone();
    let (admin, viewer) = (made.user("proxy_admin").await, made.user("proxy_admin_viewer").await);
    let user = made.user("internal_user").await;

    let in_team = json!({ "team_id": team_id });
    let blocked = made.key("blocked", in_team.clone()).await;
    let deleted = made.key("deleted", in_team.clone()).await;
    let raw = |made: &Made<'_>, at: usize| made.keys[at].clone();
    gateway.post("/key/block", &json!({ "key": raw(&made, 0) })).await;
    gateway.post("/key/delete", &json!({ "keys": [raw(&made, 1)] })).await;
    let keys = [
        ("team", made.key("team", json!({ "team_id": team_id, "duration": "1d" })).await),
        ("nobody", made.key("nobody", json!({})).await),
        ("both", made.key("both", json!({ "team_id": team_id, "user_id": user })).await),
        (
            "narrow",
            made.key(
                "narrow",
                json!({ "team_id": team_id, "allowed_routes": ["/chat/completions"] }),
            )
            .await,
        ),
        ("admin", made.key("admin", json!({ "user_id": admin })).await),
        ("viewer", made.key("viewer", json!({ "user_id": viewer })).await),
    ];
    let mut seen = Vec::new();
    for (name, key) in &keys {
        seen.push(look(&own, name, key).await);
    }
    let refused = [
        (look(&own, "blocked", &blocked).await, KeyStanding::Blocked),
        (look(&own, "deleted", &deleted).await, KeyStanding::Unknown),
        (look(&own, "never made", &"sk-never-made-by-anybody".into()).await, KeyStanding::Unknown),
    ];
    let itself = own.who_is(&gateway.api_key.clone().into()).await;
    let viewers = client(&gateway, keys[5].1.clone());
    let by_viewer = look(&viewers, "both, asked by a viewer", &keys[2].1).await;
    let by_id = viewers.person(PersonId::UserId(&user)).await;
    let email = made.email("internal_user");
    let by_email = own.person(PersonId::Email(&email.to_uppercase())).await;
    let nobody = own.person(PersonId::Email("nobody@example.test")).await;
    let plain = client(&gateway, keys[2].1.clone());
    let by_plain = plain.person(PersonId::Email(&email)).await;
    made.removed().await;

    for (seen, standing) in &refused {
        assert!(seen.is(standing), "{}: {:?}", seen.name, seen.given);
    }
    let [team, nobodys, both, narrow, by_admin, of_viewer] = &seen[..] else { panic!("six keys") };
    assert_eq!(team.owner().team_id.as_deref(), Some(team_id.as_str()));
    assert_eq!((&team.owner().user_id, team.owner().role), (&None, GatewayRole::Other));
    assert!(team.owner().expires_at.is_some_and(|end| end > SystemClock.now()));
    assert_eq!((&nobodys.owner().team_id, &nobodys.owner().user_id), (&None, &None));
    assert_eq!(both.owner().user_id.as_deref(), Some(user.as_str()));
    assert_eq!(both.owner(), by_viewer.owner());
    assert_eq!(narrow.owner().team_id, team.owner().team_id);
    assert_eq!(by_admin.owner().role, GatewayRole::Admin);
    assert_eq!(of_viewer.owner().role, GatewayRole::AdminViewer);
    assert!(matches!(itself, Ok(KeyStanding::Valid(_))), "{itself:?}");

    let person = Person {
        user_id: user,
        email: Some(email),
        role: GatewayRole::Other,
        team_ids: vec![team_id],
        api_keys: vec![both.owner().api_key.clone()],
    };
    assert_eq!(by_id, Ok(Some(person.clone())));
    assert_eq!(by_email, Ok(Some(person)));
    assert_eq!(nobody, Ok(None));
    assert_eq!(by_plain, Err(Error::IdentityRefused));
}
