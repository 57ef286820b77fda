use super::*;

const TEAM: &[Dimension] = &[Dimension::Team];
const BY_KEY: &[Dimension] = &[Dimension::Team, Dimension::ApiKey];
const BY_MODEL: &[Dimension] = &[Dimension::Model];

fn scope(own: &[&str], others: &str) -> Scope {
    let policy = super::super::Policy::parse(&format!("team: {others}")).expect(others);
    Scope::of(Extent {
        own: Own::Teams(own.iter().map(|id| Arc::from(*id)).collect()),
        others: policy.shown_to(super::super::Role::Team),
        masks_keys: true,
        people_floor: 3,
        pseudonyms: Pseudonyms::new(b"a secret"),
    })
}

fn subject<'a>(by: &'a [Dimension], columns: Columns) -> Subject<'a> {
    Subject { by, filtered: &[], columns, with_times: false, is_total: true, may_hide: true }
}

#[test]
fn what_is_not_shown_of_others_is_asked_of_oneself_alone() {
    let both = Columns::TOKENS.and(Columns::COST);
    for (others, by, columns, whose) in [
        ("name rank tokens", TEAM, Columns::TOKENS, Whose::Everyones),
        ("name rank tokens", TEAM, Columns::COST, Whose::Own),
        ("name rank tokens", BY_KEY, Columns::TOKENS, Whose::Own),
        ("name rank tokens", BY_MODEL, Columns::TOKENS, Whose::Own),
        ("name rank tokens models", BY_MODEL, Columns::TOKENS, Whose::Everyones),
        ("name rank tokens keys", BY_KEY, Columns::TOKENS, Whose::Everyones),
        ("name rank spend", TEAM, Columns::TOKENS, Whose::Everyones),
        ("name rank spend", BY_MODEL, Columns::TOKENS, Whose::Own),
        ("name rank", TEAM, both, Whose::Everyones),
        ("none", TEAM, Columns::TOKENS, Whose::Own),
    ] {
        let sight = scope(&["a"], others).sight(subject(by, columns));
        assert_eq!(sight.whose, whose, "{others}: {by:?}");
    }
}

#[test]
fn sums_that_are_not_shown_are_hidden_where_others_are() {
    let both = Columns::TOKENS.and(Columns::COST);
    let sight = scope(&["a"], "name rank tokens").sight(subject(TEAM, both));
    assert_eq!(sight, Sight { whose: Whose::Everyones, hidden: Columns::COST });
    let strict = Subject { may_hide: false, ..subject(TEAM, both) };
    assert_eq!(scope(&["a"], "name rank tokens").sight(strict).whose, Whose::Own);
    let ranks = scope(&["a"], "name rank").sight(subject(TEAM, Columns::TOKENS));
    assert!(ranks.hides_tokens() && ranks.whose == Whose::Everyones);
    let hours = Subject { is_total: false, ..subject(TEAM, Columns::TOKENS) };
    assert_eq!(scope(&["a"], "name rank").sight(hours).whose, Whose::Own, "ranks by the hour");
}

#[test]
fn a_filter_tells_as_much_as_telling_apart() {
    let filtered = Subject { filtered: BY_MODEL, ..subject(TEAM, Columns::TOKENS) };
    assert_eq!(scope(&["a"], "name rank tokens").sight(filtered).whose, Whose::Own);
    let by_rank = Subject { filtered: BY_MODEL, ..subject(TEAM, Columns::TOKENS) };
    assert_eq!(scope(&["a"], "name rank models").sight(by_rank).whose, Whose::Own);
}

#[test]
fn times_are_told_with_tokens() {
    let times = Subject { with_times: true, ..subject(TEAM, Columns::NONE) };
    assert_eq!(scope(&["a"], "name rank spend").sight(times).whose, Whose::Own);
    assert_eq!(scope(&["a"], "name rank tokens").sight(times).whose, Whose::Everyones);
}

#[test]
fn who_owns_nothing_is_told_only_what_is_shown_of_all() {
    let nobody = scope(&[], "name rank tokens");
    assert!(nobody.shows(subject(TEAM, Columns::TOKENS)));
    assert!(!nobody.shows(subject(TEAM, Columns::COST)));
    assert!(scope(&["a"], "name rank tokens").shows(subject(TEAM, Columns::COST)));
}

#[test]
fn scopes_are_equal_by_what_they_show() {
    assert_eq!(scope(&["a", "b"], "rank"), scope(&["b", "a"], "rank"));
    assert_ne!(scope(&["a"], "rank"), scope(&["b"], "rank"));
    assert_ne!(scope(&["a"], "rank"), scope(&["a"], "name rank"));
}

#[test]
fn other_teams_go_by_ids_that_tell_nothing() {
    let unnamed = scope(&["a"], "rank tokens");
    assert_eq!(unnamed.pseudonym("a"), None);
    let told = unnamed.pseudonym("b").expect("it is not named");
    assert!(told.starts_with("anon-") && told.len() == 17);
    assert_eq!(unnamed.pseudonym("b"), Some(told.clone()));
    assert_ne!(unnamed.pseudonym("c"), Some(told));
    assert_eq!(scope(&["a"], "name rank").pseudonym("b"), None);
}
