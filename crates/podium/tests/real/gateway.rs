//! The gateway's plain endpoints, read page by page.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::civil::Date;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::sums::Sums;

/// A big answer stalls a gateway for everyone: no more than this at a time.
const AT_ONCE: usize = 2;
const PAGE_SIZE: &str = "1000";

/// The gateway that the environment names.
pub(crate) struct Gateway {
    pub(crate) base_url: String,
    pub(crate) api_key: String,
    client: reqwest::Client,
    turns: Semaphore,
    questions: AtomicUsize,
}

/// A page of `/team/daily/activity`, or its aggregated form.
#[derive(Deserialize)]
pub(crate) struct Page {
    pub(crate) results: Vec<DayPart>,
    pub(crate) metadata: Metadata,
}

/// What is told of a day.
#[derive(Deserialize)]
pub(crate) struct DayPart {
    pub(crate) date: Date,
    pub(crate) metrics: Sums,
    pub(crate) breakdown: Breakdown,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Breakdown {
    pub(crate) entities: HashMap<String, Part>,
    pub(crate) model_groups: HashMap<String, Part>,
}

/// A team or a model group.
#[derive(Deserialize)]
pub(crate) struct Part {
    pub(crate) metrics: Sums,
    #[serde(default)]
    pub(crate) api_key_breakdown: HashMap<String, KeyPart>,
}

#[derive(Deserialize)]
pub(crate) struct KeyPart {
    pub(crate) metrics: Sums,
    #[serde(default)]
    pub(crate) metadata: KeyMetadata,
}

#[derive(Default, Deserialize)]
pub(crate) struct KeyMetadata {
    pub(crate) key_alias: Option<String>,
}

/// The sums of a page, and how many pages there are.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Metadata {
    total_spend: f64,
    total_prompt_tokens: i64,
    total_completion_tokens: i64,
    total_tokens: i64,
    total_api_requests: i64,
    total_successful_requests: i64,
    total_failed_requests: i64,
    pub(crate) total_pages: u32,
}

impl Metadata {
    pub(crate) fn sums(&self) -> Sums {
        Sums {
            spend: self.total_spend,
            prompt_tokens: self.total_prompt_tokens,
            completion_tokens: self.total_completion_tokens,
            total_tokens: self.total_tokens,
            api_requests: self.total_api_requests,
            successful_requests: self.total_successful_requests,
            failed_requests: self.total_failed_requests,
        }
    }
}

/// A team of `/team/list`.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Team {
    pub(crate) team_id: String,
    pub(crate) team_alias: Option<String>,
}

impl Gateway {
    /// The gateway of `LITELLM_BASE_URL`, asked with `LITELLM_API_KEY`.
    pub(crate) fn from_environment() -> Gateway {
        let variable = |name: &str| {
            std::env::var(name).unwrap_or_else(|_| {
                panic!("set LITELLM_BASE_URL and LITELLM_API_KEY: {name} is missing")
            })
        };
        // The key goes into no message: a URL that cannot be read is not shown either.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Gateway {
            base_url: variable("LITELLM_BASE_URL").trim_end_matches('/').to_owned(),
            api_key: variable("LITELLM_API_KEY"),
            client: reqwest::Client::new(),
            turns: Semaphore::new(AT_ONCE),
            questions: AtomicUsize::new(0),
        }
    }

    /// How many questions were asked.
    pub(crate) fn questions(&self) -> usize {
        self.questions.load(Ordering::Relaxed)
    }

    /// All teams, in the gateway's order.
    pub(crate) async fn teams(&self) -> Vec<Team> {
        self.get("/team/list", &[]).await.expect("every gateway lists its teams")
    }

    /// All pages of all days from `first` to `last`, of one team or of everything.
    pub(crate) async fn pages(&self, first: Date, last: Date, team: Option<&str>) -> Vec<Page> {
        let (first, last) = (first.to_string(), last.to_string());
        let mut pages: Vec<Page> = Vec::new();
        loop {
            let number = (pages.len() + 1).to_string();
            let mut query = vec![
                ("start_date", first.as_str()),
                ("end_date", last.as_str()),
                ("page", number.as_str()),
                ("page_size", PAGE_SIZE),
            ];
            query.extend(team.map(|team| ("team_ids", team)));
            let page: Page = self
                .get("/team/daily/activity", &query)
                .await
                .expect("every gateway has daily activity");
            let is_last = pages.len() + 1 >= page.metadata.total_pages as usize;
            pages.push(page);
            if is_last {
                return pages;
            }
        }
    }

    /// The oldest day with usage up to `today`: that of the last row, since rows come newest
    /// first.
    pub(crate) async fn oldest_day(&self, today: Date) -> Option<Date> {
        let last = today.to_string();
        let page = async |number: u32| -> Page {
            let number = number.to_string();
            let query = [
                ("start_date", "2000-01-01"),
                ("end_date", last.as_str()),
                ("page", number.as_str()),
                ("page_size", "1"),
            ];
            self.get("/team/daily/activity", &query).await.expect("every gateway has activity")
        };
        let rows = page(1).await.metadata.total_pages;
        page(rows.max(1)).await.results.first().map(|day| day.date)
    }

    /// The gateway's own sums over days, in one pass; `None` where it has no such answer.
    pub(crate) async fn whole(&self, first: Date, last: Date) -> Option<Sums> {
        let (first, last) = (first.to_string(), last.to_string());
        let query =
            [("start_date", first.as_str()), ("end_date", last.as_str()), ("api_key_limit", "1")];
        let page: Option<Page> = self.get("/team/daily/activity/aggregated", &query).await;
        page.map(|page| page.metadata.sums())
    }

    /// Changes something over the management API, which must succeed.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.try_post(path, body).await;
        assert!(status.is_success(), "{path} was answered with {status}");
        answer
    }

    /// The same, whatever is answered.
    pub(crate) async fn try_post(&self, path: &str, body: &Value) -> (reqwest::StatusCode, Value) {
        let url = format!("{}{path}", self.base_url);
        let request = self.client.post(url).bearer_auth(&self.api_key).json(body);
        let response = request.send().await.expect("the gateway answers");
        (response.status(), response.json().await.unwrap_or_default())
    }

    /// An answer; `None` for 404.
    async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Option<T> {
        let _turn = self.turns.acquire().await.expect("turns are never closed");
        self.questions.fetch_add(1, Ordering::Relaxed);
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let response = self
            .client
            .get(format!("{}{path}?{query}", self.base_url))
            .bearer_auth(&self.api_key)
            .send()
            .await
            .expect("the gateway answers");
        let status = response.status();
        if status == reqwest::StatusCode::NOT_FOUND {
            return None;
        }
        assert!(status.is_success(), "{path} was answered with {status}");
        let body = response.bytes().await.expect("the gateway finishes its answer");
        Some(serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{path}: {error}")))
    }
}
