//! What a provider tells of a person, in an ID token or at its userinfo endpoint.

use serde_json::{Map, Value};

use super::{Part, SignOnError};

/// Claims by their names.
pub(super) type Claims = Map<String, Value>;

/// What is made of claims; nothing where a claim is missing or of another shape.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    email: Option<String>,
    email_verified: Option<bool>,
    pub(super) name: Option<String>,
    pub(super) groups: Option<Vec<String>>,
}

impl Told {
    pub(super) fn of(claims: &Claims, groups_claim: &str) -> Self {
        let text =
            |name: &str| claims.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty());
        Self {
            email: text("email").map(str::to_owned),
            email_verified: claims.get("email_verified").and_then(truth),
            name: text("name").or_else(|| text("preferred_username")).map(str::to_owned),
            groups: claim(claims, groups_claim).and_then(groups),
        }
    }

    /// What the userinfo endpoint tells, which must be of the same person.
    pub(super) fn of_user_info(
        answer: &[u8],
        subject: &str,
        groups_claim: &str,
    ) -> Result<Self, SignOnError> {
        let claims: Claims =
            serde_json::from_slice(answer).map_err(|_| SignOnError::Shape(Part::UserInfo))?;
        let told = claims.get("sub").and_then(Value::as_str);
        if told != Some(subject) {
            return Err(SignOnError::OtherPerson);
        }
        Ok(Self::of(&claims, groups_claim))
    }

    /// Whether nothing is missing that another endpoint may know.
    pub(super) fn is_whole(&self) -> bool {
        self.email.is_some() && self.groups.is_some()
    }

    /// With what is missing taken from `more`. An address that one of the two calls not verified
    /// stays so.
    pub(super) fn and(self, more: Self) -> Self {
        let verified = [self.email_verified, more.email_verified];
        Self {
            email: self.email.or(more.email),
            email_verified: verified.into_iter().flatten().reduce(|a, b| a && b),
            name: self.name.or(more.name),
            groups: self.groups.or(more.groups),
        }
    }

    /// The address, unless it is said not to be verified.
    pub(super) fn verified_email(&self) -> Option<String> {
        self.email.clone().filter(|_| self.email_verified != Some(false))
    }
}

/// The claim of that very name, or else the one that its dots lead to, as in Keycloak's
/// `realm_access.roles`.
fn claim<'a>(claims: &'a Claims, name: &str) -> Option<&'a Value> {
    claims.get(name).or_else(|| {
        let mut parts = name.split('.');
        let first = claims.get(parts.next()?)?;
        parts.try_fold(first, |within, part| within.get(part))
    })
}

/// A list of names, or one alone; what is no text is left out.
fn groups(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(all) => {
            Some(all.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        }
        _ => None,
    }
}

/// Some providers write truth as a text. What is neither counts as false.
fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Null => None,
        Value::Bool(is) => Some(*is),
        Value::String(text) => Some(text.eq_ignore_ascii_case("true")),
        _ => Some(false),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(claims: Value, groups_claim: &str) -> Told {
        Told::of(claims.as_object().expect("an object"), groups_claim)
    }

    #[test]
    fn an_address_that_is_not_verified_is_none() {
        for (verified, is_taken) in [
            (json!(null), true),
            (json!(true), true),
            (json!("true"), true),
            (json!(false), false),
            (json!("false"), false),
            (json!(0), false),
        ] {
            let told =
                told(json!({"email": "a@example.com", "email_verified": verified}), "groups");
            assert_eq!(told.verified_email().is_some(), is_taken, "{verified}");
        }
    }

    #[test]
    fn another_endpoint_does_not_make_an_address_verified() {
        let doubtful =
            || told(json!({"email": "a@example.com", "email_verified": false}), "groups");
        let sure = || told(json!({"email": "a@example.com", "email_verified": true}), "groups");
        assert_eq!(doubtful().and(sure()).verified_email(), None);
        assert_eq!(sure().and(doubtful()).verified_email(), None);
        assert!(sure().and(told(json!({}), "groups")).verified_email().is_some());
    }

    #[test]
    fn groups_are_found_by_name_or_by_dots() {
        let claims = json!({
            "groups": ["a", 1, "b"],
            "https://example.com/roles": "one",
            "realm_access": {"roles": ["deep"]},
            "number": 3,
        });
        for (name, groups) in [
            ("groups", Some(vec!["a", "b"])),
            ("https://example.com/roles", Some(vec!["one"])),
            ("realm_access.roles", Some(vec!["deep"])),
            ("realm_access.missing", None),
            ("missing", None),
            ("number", None),
            ("", None),
        ] {
            let found = told(claims.clone(), name).groups;
            let groups = groups.map(|all| all.into_iter().map(str::to_owned).collect());
            assert_eq!(found, groups, "{name}");
        }
    }

    #[test]
    fn what_is_told_of_another_person_is_refused() {
        let answer = br#"{"sub": "b", "email": "b@example.com"}"#;
        assert_eq!(Told::of_user_info(answer, "a", "groups"), Err(SignOnError::OtherPerson));
        assert_eq!(Told::of_user_info(b"{}", "a", "groups"), Err(SignOnError::OtherPerson));
        let shape = SignOnError::Shape(Part::UserInfo);
        assert_eq!(Told::of_user_info(b"[]", "a", "groups"), Err(shape));
    }
}
