//! Requests to Podium: how long they take, by route, method and kind of answer, and how many are
//! under way. Routes are those of the table in `gate`, never the addresses that are asked for.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::http::{Method, StatusCode};

use super::exposition::Exposition;
use crate::api::{gate, page};
use crate::meter::DurationMeter;

/// A route, by its place in the table of needs; the page and its files, and what is none, come after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) struct Route(u8);

const BEYOND_THE_TABLE: [&str; 3] = ["page", "/assets/{path}", "none"];
const ROUTES: usize = gate::ROUTES + BEYOND_THE_TABLE.len();
const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "DELETE", "OPTIONS", "other"];
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// From where answers about usage came.
#[derive(Clone, Copy, Debug)]
pub(in crate::api) enum AnsweredFrom {
    /// The same address, asked lately.
    Address,
    /// The same question.
    Cache,
    /// It was computed, or waited for with others.
    Store,
}

const ANSWERED_FROM: [&str; 3] = ["address", "cache", "store"];

type ByClass = [DurationMeter; CLASSES.len()];

/// Counts requests.
#[derive(Debug)]
pub(in crate::api) struct HttpMeter {
    /// By route and method; there from the first request on.
    times: [[OnceLock<Box<ByClass>>; METHODS.len()]; ROUTES],
    answered_from: [AtomicU64; ANSWERED_FROM.len()],
    under_way: Arc<AtomicUsize>,
}

/// A request that is under way, as long as it is.
#[derive(Debug)]
pub(in crate::api) struct UnderWay(Arc<AtomicUsize>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Route {
    /// The route of a path, which may lie below the base path.
    pub(in crate::api) fn of(path: &str, base_path: &str) -> Self {
        let below = path.strip_prefix(base_path).filter(|path| path.starts_with('/'));
        let path = below.unwrap_or(if path == base_path { "/" } else { path });
        let place = match gate::route(path) {
            Some(place) => place,
            None if path.starts_with("/assets/") => gate::ROUTES + 1,
            None if page::is_page(path) => gate::ROUTES,
            None => gate::ROUTES + 2,
        };
        Self(u8::try_from(place).unwrap_or(u8::MAX))
    }

    /// Its pattern; `None` for the page, its files and what is none.
    pub(in crate::api) fn pattern(self) -> Option<&'static str> {
        gate::pattern(usize::from(self.0))
    }

    fn name(place: usize) -> &'static str {
        gate::pattern(place)
            .or_else(|| BEYOND_THE_TABLE.get(place.checked_sub(gate::ROUTES)?).copied())
            .unwrap_or("none")
    }
}

impl Default for HttpMeter {
    fn default() -> Self {
        Self {
            times: std::array::from_fn(|_| Default::default()),
            answered_from: Default::default(),
            under_way: Arc::default(),
        }
    }
}

impl HttpMeter {
    /// Counts a request that was answered so far that its body can be sent.
    pub(in crate::api) fn add(
        &self,
        route: Route,
        method: &Method,
        status: StatusCode,
        took: Duration,
    ) {
        let known = METHODS.iter().position(|name| *name == method.as_str());
        let method = known.unwrap_or(METHODS.len() - 1);
        let Some(methods) = self.times.get(usize::from(route.0)) else { return };
        let class = usize::from(status.as_u16() / 100).saturating_sub(1).min(CLASSES.len() - 1);
        methods[method].get_or_init(Box::default)[class].add(took);
    }

    /// Counts where an answer came from.
    pub(in crate::api) fn answered_from(&self, from: AnsweredFrom) {
        self.answered_from[from as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// One is under way as long as the value lives.
    pub(in crate::api) fn under_way(&self) -> UnderWay {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay(Arc::clone(&self.under_way))
    }

    /// Tells what was counted.
    pub(super) fn tell(&self, to: &mut Exposition) {
        let mut times = Vec::new();
        for (route, methods) in self.times.iter().enumerate() {
            for (method, classes) in METHODS.iter().zip(methods) {
                for (class, meter) in
                    CLASSES.iter().zip(classes.get().into_iter().flat_map(|c| &**c))
                {
                    let durations = meter.read();
                    let labels =
                        vec![("route", Route::name(route)), ("method", *method), ("class", *class)];
                    times.extend((durations.count() > 0).then_some((labels, durations)));
                }
            }
        }
        to.durations(
            "podium_http_request_duration_seconds",
            "Time to answer requests to Podium, until the body begins",
            times,
        );
        to.gauge(
            "podium_http_requests_in_flight",
            "Requests to Podium that wait for an answer, this one included",
            self.under_way.load(Ordering::Relaxed),
        );
        let mut answers =
            to.counters("podium_answers", "Answers about usage, by where they came from");
        for (from, count) in ANSWERED_FROM.iter().zip(&self.answered_from) {
            answers.add(&[("from", from)], count.load(Ordering::Relaxed));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_counted_under_their_routes() {
        let name = |path: &str, base: &str| Route::name(usize::from(Route::of(path, base).0));
        for (path, route) in [
            ("/tokens", "/tokens"),
            ("/tokens/", "/tokens"),
            ("/api/v1/tokens/0123", "/api/v1/tokens/{id}"),
            ("/docs/swagger.js", "/docs/{file}"),
            ("/team/t-1", "page"),
            ("/", "page"),
            ("/assets/index.js", "/assets/{path}"),
            ("/wp-login.php", "none"),
            ("/tokens/secret", "none"),
        ] {
            assert_eq!(name(path, ""), route, "{path}");
            assert_eq!(name(&format!("/podium{path}"), "/podium"), route, "{path}");
        }
        assert_eq!(name("/podium", "/podium"), "page");
    }

    #[test]
    fn every_kind_of_answer_has_a_place() {
        let meter = HttpMeter::default();
        for (status, method) in [(200, "GET"), (304, "HEAD"), (404, "BREW"), (503, "POST")] {
            let (status, method) = (
                StatusCode::from_u16(status).expect("a status"),
                Method::from_bytes(method.as_bytes()).expect("a method"),
            );
            meter.add(Route::of("/tokens", ""), &method, status, Duration::from_micros(5));
        }
        let mut told = Exposition::default();
        meter.tell(&mut told);
        let text = told.write(super::super::Format::Text).expect("text");
        let count = "podium_http_request_duration_seconds_count{route=\"/tokens\",";
        for labels in
            ["GET\",class=\"2xx", "HEAD\",class=\"3xx", "other\",class=\"4xx", "POST\",class=\"5xx"]
        {
            assert!(text.contains(&format!("{count}method=\"{labels}\"}} 1")), "{labels}: {text}");
        }
    }
}
