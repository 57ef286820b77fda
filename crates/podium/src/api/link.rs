//! The page's addresses: what a link shows, as far as its preview needs it.
//!
//! As in the page, what makes no sense in a link counts as not said.

use axum::http::{HeaderMap, Uri, header};
use form_urlencoded::Serializer;
use jiff::Timestamp;

use super::query::UsageQuery;
use crate::services::{PreviewOf, PreviewQuestion};
use crate::usage::{Day, DayRange, Measure};

/// What a link asks for.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) question: PreviewQuestion,
    pub(super) usage: UsageQuery,
}

/// What the page can rank by.
const RANKED_BY: [&str; 5] =
    ["tokens", "spend_usd", "requests", "success_rate", "usd_per_1k_tokens"];
/// The parameters of a link on which its preview depends.
const SHOWN: [&str; 9] =
    ["range", "start", "end", "tz", "measure", "team_id", "model", "provider", "unlisted"];

impl Link {
    /// What the preview of a link is of.
    pub(super) fn read(query: &str, now: Timestamp) -> Self {
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        let get = |wanted: &str| {
            let found = pairs.iter().find(|(name, value)| name == wanted && !value.is_empty());
            found.map(|(_, value)| &**value)
        };
        let named = |name: &str| Measure::named(name).expect("the registry has it");
        let (of, usual) = match (get("of"), get("team")) {
            (Some("team"), Some(id)) => (PreviewOf::Team(id.to_owned()), "tokens"),
            (Some("charts"), _) => (PreviewOf::Time, "tokens"),
            (Some("money"), _) => (PreviewOf::Time, "spend_usd"),
            _ => (PreviewOf::Board, "tokens"),
        };
        let chosen = get("measure").filter(|name| RANKED_BY.contains(name));
        let measure = match of {
            PreviewOf::Time => named(usual),
            _ => named(chosen.unwrap_or(usual)),
        };
        let only_tz = UsageQuery::of(get("tz").map(|tz| ("tz", tz)).into_iter());
        let (zone, tz) = only_tz.zone().unwrap_or((jiff::tz::TimeZone::UTC, "UTC".to_owned()));
        let days = days(get, Day::at(now, &zone));
        let [first, last] = [days.first(), days.last()].map(|day| day.to_string());
        let is_filter = |name: &str| ["team_id", "model", "provider"].contains(&name);
        let filters = pairs.iter().filter(|(name, value)| is_filter(name) && !value.is_empty());
        let mut meant: Vec<(&str, &str)> =
            vec![("start_date", &first), ("end_date", &last), ("tz", &tz)];
        meant.extend(filters.map(|(name, value)| (&**name, &**value)));
        if get("unlisted") == Some("on") {
            meant.push(("include", "unassigned,deleted"));
        }
        let usage = UsageQuery::of(meant.into_iter());
        Self { question: PreviewQuestion { of, measure, filter: usage.filter.clone() }, usage }
    }
}

/// The days of a link, seen from `today`; never in the future.
fn days<'a>(get: impl Fn(&str) -> Option<&'a str>, today: Day) -> DayRange {
    let day = |name: &str| Day::parse(get(name)?).ok().filter(|day| *day <= today);
    let own = day("start").zip(get("end").and_then(|end| Day::parse(end).ok()));
    if let Some(days) = own.and_then(|(first, last)| DayRange::new(first, last.min(today))) {
        return days;
    }
    let begins = |month: Option<i8>| {
        let date = today.date();
        Day::new(date.year(), month.unwrap_or(date.month()), 1).unwrap_or(today)
    };
    let first = match get("range") {
        Some("yesterday") => return DayRange::single(today.minus(1)),
        Some("week") => today.minus(6),
        Some("thirty") => today.minus(29),
        Some("month") => begins(None),
        Some("year") => begins(Some(1)),
        _ => today,
    };
    DayRange::new(first, today).unwrap_or(DayRange::single(today))
}

/// What the page says of itself to whoever shows a link to it; nothing where it is not known under
/// which address it is reached.
pub(super) fn tags(uri: &Uri, headers: &HeaderMap, reached: Reached<'_>) -> Option<String> {
    let root = reached.root(headers)?;
    let path = uri.path();
    let (of, title) = match path {
        "/charts" => ("charts", "Charts"),
        "/money" => ("money", "Money"),
        path if path.starts_with("/team/") => ("team", "A team"),
        _ => ("board", "Leaderboard"),
    };
    let mut query = Serializer::new(String::new());
    query.append_pair("of", of);
    if let Some(id) = path.strip_prefix("/team/") {
        query.append_pair("team", &percent_decoded(id));
    }
    for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        if SHOWN.contains(&&*name) {
            query.append_pair(&name, &value);
        }
    }
    let image = escaped(&format!("{root}/preview.png?{}", query.finish()));
    Some(format!(
        "<meta property=\"og:type\" content=\"website\">\
         <meta property=\"og:site_name\" content=\"Podium\">\
         <meta property=\"og:title\" content=\"{title} · Podium\">\
         <meta property=\"og:description\" content=\"{DESCRIPTION}\">\
         <meta property=\"og:image\" content=\"{image}\">\
         <meta property=\"og:image:type\" content=\"image/png\">\
         <meta property=\"og:image:width\" content=\"{}\">\
         <meta property=\"og:image:height\" content=\"{}\">\
         <meta name=\"twitter:card\" content=\"summary_large_image\">",
        crate::preview::WIDTH,
        crate::preview::HEIGHT,
    ))
}

const DESCRIPTION: &str = "Who used how much, of which model, when, at what cost: exact and live.";

/// Under which address Podium is reached.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reached<'a> {
    /// As it is configured.
    pub(super) public_url: Option<&'a str>,
    /// The path below which everything is.
    pub(super) base_path: &'a str,
}

impl Reached<'_> {
    /// The address of the page without a slash at its end: the one that is configured, else what
    /// the request says.
    fn root(self, headers: &HeaderMap) -> Option<String> {
        if let Some(url) = self.public_url {
            return Some(url.to_owned());
        }
        let host = headers.get(header::HOST)?.to_str().ok()?;
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
        if host.is_empty() || !host.bytes().all(fits) {
            return None;
        }
        let forwarded = headers.get("x-forwarded-proto").and_then(|proto| proto.to_str().ok());
        let scheme = if forwarded == Some("https") { "https" } else { "http" };
        Some(format!("{scheme}://{host}{}", self.base_path))
    }
}

fn percent_decoded(text: &str) -> String {
    // A plus of a path is a plus, and an ampersand ends nothing.
    let query = format!("x={}", text.replace('+', "%2B").replace('&', "%26"));
    form_urlencoded::parse(query.as_bytes()).next().map_or_else(String::new, |(_, id)| id.into())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Link {
        // In Berlin the next day has begun.
        Link::read(query, "2026-11-24T23:30:00Z".parse().expect("a time"))
    }

    fn days_of(query: &str) -> String {
        let link = read(query);
        link.usage.resolve(Day::new(2026, 11, 25).expect("a day")).expect("days").to_string()
    }

    #[test]
    fn days_are_those_that_the_page_shows() {
        for (query, days) in [
            ("", "2026-11-24..2026-11-24"),
            ("range=today&tz=Europe/Berlin", "2026-11-25..2026-11-25"),
            ("range=yesterday", "2026-11-23..2026-11-23"),
            ("range=week", "2026-11-18..2026-11-24"),
            ("range=thirty", "2026-10-26..2026-11-24"),
            ("range=month", "2026-11-01..2026-11-24"),
            ("range=year", "2026-01-01..2026-11-24"),
            ("start=2026-11-01&end=2026-11-03", "2026-11-01..2026-11-03"),
            ("start=2026-11-01&end=2030-01-01", "2026-11-01..2026-11-24"),
            ("start=2030-01-01&end=2030-01-02&range=week", "2026-11-18..2026-11-24"),
            ("start=2026-11-03&end=2026-11-01", "2026-11-24..2026-11-24"),
            ("range=ever&tz=Mars/Olympus", "2026-11-24..2026-11-24"),
        ] {
            assert_eq!(days_of(query), days, "{query}");
        }
    }

    #[test]
    fn what_is_shown_is_what_the_page_shows() {
        let told = |query: &str| {
            let question = read(query).question;
            (question.of, question.measure.name)
        };
        assert_eq!(told(""), (PreviewOf::Board, "tokens"));
        assert_eq!(told("of=board&measure=spend_usd"), (PreviewOf::Board, "spend_usd"));
        assert_eq!(told("measure=duration_p50_ms"), (PreviewOf::Board, "tokens"));
        assert_eq!(told("of=money&measure=requests"), (PreviewOf::Time, "spend_usd"));
        assert_eq!(told("of=team&team=a+b"), (PreviewOf::Team("a b".to_owned()), "tokens"));
        assert_eq!(told("of=team"), (PreviewOf::Board, "tokens"));
        assert_eq!(read("model=a&model=b&api_key=c").question.filter.0.len(), 1);
    }

    fn tags_of(uri: &str, headers: &[(&'static str, &str)], public_url: Option<&str>) -> String {
        let headers = headers.iter().map(|(name, value)| {
            (header::HeaderName::from_static(name), value.parse().expect("a value"))
        });
        let reached = Reached { public_url, base_path: "/podium" };
        let uri = uri.parse().expect("an address");
        tags(&uri, &headers.collect(), reached).unwrap_or_default()
    }

    #[test]
    fn the_picture_of_a_link_has_the_address_that_was_asked() {
        let host = ("host", "board.example.com:8000");
        let tags = tags_of("/?range=week&tz=Asia%2FTokyo&open=x", &[host], None);
        let image = "content=\"http://board.example.com:8000/podium/preview.png?of=board\
                     &amp;range=week&amp;tz=Asia%2FTokyo\"";
        assert!(tags.contains(image), "{tags}");
        let secure = tags_of("/charts", &[host, ("x-forwarded-proto", "https")], None);
        assert!(secure.contains("\"https://board.example.com:8000/podium/preview.png?of=charts\""));
        let public = tags_of("/team/a%22b+c", &[host], Some("https://podium.example.com"));
        let image = "\"https://podium.example.com/preview.png?of=team&amp;team=a%22b%2Bc\"";
        assert!(public.contains(image), "{public}");
        let odd = tags_of("/team/a&b%26c", &[host], Some("https://podium.example.com"));
        assert!(odd.contains("preview.png?of=team&amp;team=a%26b%26c\""), "{odd}");
    }

    #[test]
    fn a_host_that_is_none_is_not_repeated() {
        for host in ["a\"><script>", "a b", "", "a/b", "a@b"] {
            assert_eq!(tags_of("/", &[("host", host)], None), "", "{host}");
        }
        assert_eq!(tags_of("/", &[], None), "");
        let hostile = tags_of("/?range=%22%3E%3Cscript%3E", &[("host", "a")], None);
        assert!(!hostile.contains("<script>") && !hostile.contains("\"><s"), "{hostile}");
    }
}
