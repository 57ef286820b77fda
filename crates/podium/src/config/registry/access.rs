//! Who may see what.

use super::{Kind, Rows, Section, Setting};

/// What parts rules.
const RULES: &[char] = &[',', '\n'];

pub(super) const SECTION: Section = Section {
    name: "access",
    title: "Who may see what",
    settings: &[
        Setting::new("access.mode", "PODIUM_ACCESS", Kind::Text)
            .flag("access", "MODE")
            .meaning(
                "what is seen without signing in: `open` (everything), `board` (the leaderboard) \
                 or `private` (nothing)",
            )
            .default("`open`")
            .example("board"),
        Setting::new(
            "access.policy",
            "PODIUM_POLICY",
            Kind::Rows(Rows { assign: ':', within: &[' ', ',', '\t'], between: &[';', '\n'] }),
        )
        .meaning(
            "what is shown of teams that are not one's own: rows of `anybody`, `team`, `self` with \
             `name`, `rank`, `tokens`, `spend`, `models`, `keys`, or `none`",
        )
        .default("`name rank tokens` for all")
        .example("anybody: rank tokens; team: name rank tokens spend"),
        Setting::new("access.people_floor", "PODIUM_PEOPLE_FLOOR", Kind::Number)
            .meaning("others' teams with fewer active keys are not told apart by key")
            .default("3")
            .example("3"),
        Setting::new("access.members_see", "PODIUM_MEMBERS_SEE", Kind::Text)
            .meaning("what members of a team see of it: `team`, or their own `keys`")
            .default("`team`")
            .example("keys"),
        Setting::new("access.admins", "PODIUM_ADMINS", Kind::List(RULES))
            .meaning(
                "who sees everything and makes tokens, besides the gateway's admins: `email:`, \
                 `domain:`, `group:`, `user:`, `key:`",
            )
            .example("email:ada@example.com, group:platform"),
        Setting::new("access.viewers", "PODIUM_VIEWERS", Kind::List(RULES))
            .meaning("who sees all teams, with keys masked, besides the gateway's viewers")
            .example("domain:example.com"),
        Setting::new(
            "access.team_members",
            "PODIUM_TEAM_MEMBERS",
            Kind::Rows(Rows { assign: '=', within: RULES, between: &[';', '\n'] }),
        )
        .meaning("who belongs to which team, besides what the gateway says: `TEAM_ID=rules; …`")
        .example("herons=email:bob@example.com; otters=group:team-otters"),
        Setting::new("access.mask_keys", "PODIUM_MASK_KEYS", Kind::Truth)
            .meaning("masks keys in mode `open`, too")
            .default("`false`")
            .example("true"),
        Setting::new("access.secret", "PODIUM_SECRET", Kind::List(&[',']))
            .meaning(
                "protects sessions, at least 32 characters; several (`new,old`) to change it; a \
                 secret",
            )
            .default("of the process: sessions end with it")
            .example("at-least-32-characters-chosen-at-random")
            .secret(),
        Setting::new("access.session", "PODIUM_SESSION", Kind::Time)
            .meaning("how long a session lasts")
            .default("`12h`")
            .example("12h"),
        Setting::new("access.token_in_address", "PODIUM_TOKEN_IN_ADDRESS", Kind::Truth)
            .meaning("allows `?token=` for tokens that were made for it")
            .default("`false`")
            .example("true"),
        Setting::new("access.trusted_proxies", "PODIUM_TRUSTED_PROXIES", Kind::List(&[',']))
            .meaning(
                "addresses and networks whose `X-Forwarded-…` headers say who asks and from where",
            )
            .example("127.0.0.1, 10.0.0.0/8"),
    ],
};
