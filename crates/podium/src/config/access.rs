//! Who may see what.

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::SignedDuration;

use super::duration;
use super::faults::Faults;
use crate::access::{AccessSettings, Mappings, Mode, Policy, Secret};

/// More keys than anybody would ask of a team.
const MOST_PEOPLE: usize = 1_000;

pub(super) fn access(faults: &mut Faults<'_>) -> AccessSettings {
    let usual = AccessSettings::default();
    let mode = faults.parsed("PODIUM_ACCESS", "open, board or private", |text| {
        Mode::ALL.into_iter().find(|mode| mode.name() == text)
    });
    let policy = faults.sources.get("PODIUM_POLICY").and_then(|text| match Policy::parse(text) {
        Ok(policy) => Some(policy),
        Err(fault) => {
            faults.add("PODIUM_POLICY", &fault);
            None
        }
    });
    let masks_keys = faults.parsed("PODIUM_MASK_KEYS", "true or false", truth);
    let floor = faults.parsed("PODIUM_PEOPLE_FLOOR", "a number from 1 to 1000", |text| {
        text.parse().ok().filter(|floor| (1..=MOST_PEOPLE).contains(floor))
    });
    let members = faults.parsed("PODIUM_MEMBERS_SEE", "team or keys", |text| match text {
        "team" => Some(true),
        "keys" => Some(false),
        _ => None,
    });
    const RULES: &str = "a list of email:…, domain:…, group:…, user:… or key:…";
    let admins = faults.parsed("PODIUM_ADMINS", RULES, Mappings::parse_rules);
    let viewers = faults.parsed("PODIUM_VIEWERS", RULES, Mappings::parse_rules);
    let teams = faults.parsed(
        "PODIUM_TEAM_MEMBERS",
        "rows of TEAM_ID=rules, separated by semicolons",
        Mappings::parse_teams,
    );
    let secrets = faults.secret(
        "PODIUM_SECRET",
        "texts of at least 32 visible ASCII characters, separated by commas, the newest first",
        |text| text.split(',').map(|one| Secret::parse(one.trim())).collect::<Option<Vec<_>>>(),
    );
    let session = faults.parsed("PODIUM_SESSION", "a time from 1m to 30d", |text| {
        let lasts = SignedDuration::try_from(duration::parse(text)?).ok()?;
        let fits = SignedDuration::from_mins(1)..=SignedDuration::from_hours(30 * 24);
        fits.contains(&lasts).then_some(lasts)
    });
    let token_in_address = faults.parsed("PODIUM_TOKEN_IN_ADDRESS", "true or false", truth);
    let proxies = faults.parsed(
        "PODIUM_TRUSTED_PROXIES",
        "a list of addresses or networks, separated by commas",
        |text| text.split(',').map(|one| network(one.trim())).collect::<Option<Vec<_>>>(),
    );
    AccessSettings {
        mode: mode.unwrap_or(usual.mode),
        policy: policy.unwrap_or(usual.policy),
        masks_keys: masks_keys.unwrap_or(usual.masks_keys),
        people_floor: floor.unwrap_or(usual.people_floor),
        members_see_team: members.unwrap_or(usual.members_see_team),
        mappings: Mappings {
            admins: admins.unwrap_or_default(),
            viewers: viewers.unwrap_or_default(),
            teams: teams.unwrap_or_default(),
        },
        secrets: secrets.unwrap_or_default(),
        session: session.unwrap_or(usual.session),
        token_in_address: token_in_address.unwrap_or(usual.token_in_address),
        trusted_proxies: proxies.unwrap_or_default(),
    }
}

pub(super) fn truth(text: &str) -> Option<bool> {
    match text {
        "true" | "1" | "yes" => Some(true),
        "false" | "0" | "no" => Some(false),
        _ => None,
    }
}

/// A network, or an address alone. All addresses at once would be everybody.
fn network(text: &str) -> Option<IpNet> {
    let address = |text: &str| text.parse::<IpAddr>().ok().map(IpNet::from);
    let network = text.parse().ok().or_else(|| address(text))?;
    (network.prefix_len() > 0).then_some(network)
}
