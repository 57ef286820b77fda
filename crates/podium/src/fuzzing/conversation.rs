//! A gateway that answers whatever it is asked with one of some answers: everything that is asked of
//! gateways ends, soon, with an answer or an error, and without a word of the gateway's in it.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::stage::{DAY, day, instant, runtime};
use crate::gateway::{Gateway, Limits, LiteLlm, LogWindow, PersonId, UsageSource as _};
use crate::usage::DayRange;

/// More questions than one look at a gateway may cost, however it lies.
const MOST_QUESTIONS: usize = 5_000;
/// A word that no sentence of Podium's has.
const CANARY: &str = "sk-canary";

/// Each line is an answer: a status and a body, as in `200 {"results":[]}`. They are given one after
/// the other, from the first on again after the last.
pub(super) fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let answers: Vec<Answer> = text.lines().take(32).filter_map(Answer::read).collect();
    if answers.is_empty() {
        return;
    }
    let stage = Stage::get();
    *stage.answers.lock().unwrap_or_else(PoisonError::into_inner) = answers;
    runtime().block_on(stage.talk());
}

#[derive(Clone, Debug)]
struct Answer {
    status: StatusCode,
    body: Bytes,
}

impl Answer {
    fn read(line: &str) -> Option<Self> {
        let (status, body) = line.split_once(' ')?;
        let status = StatusCode::from_bytes(status.as_bytes()).ok()?;
        // What waits for the gateway to be left alone waits for the clock.
        let is_final = status.as_u16() >= 200 && status != StatusCode::TOO_MANY_REQUESTS;
        is_final.then(|| Self { status, body: Bytes::copy_from_slice(body.as_bytes()) })
    }
}

type Answers = Arc<Mutex<Vec<Answer>>>;

struct Stage {
    gateway: LiteLlm,
    answers: Answers,
    asked: Arc<AtomicUsize>,
}

impl Stage {
    fn get() -> &'static Self {
        static STAGE: OnceLock<Stage> = OnceLock::new();
        STAGE.get_or_init(|| runtime().block_on(Self::begin()))
    }

    async fn begin() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let (answers, asked) = (Answers::default(), Arc::new(AtomicUsize::new(0)));
        tokio::spawn(serve(listener, Arc::clone(&answers), Arc::clone(&asked)));
        let url = format!("http://{address}").parse().expect("a URL");
        let gateway = Gateway { direct: true, ..Gateway::new(url, CANARY.into()) };
        // What a gateway cannot do is forgotten at once, so that each conversation is the first.
        let limits = Limits {
            retries: 0,
            ask_again: std::time::Duration::ZERO,
            answer_bytes: 1 << 20,
            ..Limits::default()
        };
        let gateway = LiteLlm::new(gateway, limits).expect("a client");
        Self { gateway, answers, asked }
    }

    async fn talk(&self) {
        let gateway = &self.gateway;
        let range = DayRange::new(day("2026-10-01"), day(DAY)).expect("a range");
        let window = LogWindow {
            from: instant("2026-11-23T09:00:00Z"),
            until: instant("2026-11-23T09:00:01Z"),
        };
        let key = "sk-somebody".into();
        self.ends("teams", gateway.teams()).await;
        self.ends("totals", gateway.totals(range)).await;
        self.ends("day", gateway.day(day(DAY))).await;
        self.ends("newest days", gateway.newest_days(range)).await;
        self.ends("oldest day", gateway.oldest_day(range)).await;
        self.ends("requests", gateway.requests(window)).await;
        self.ends("models", gateway.public_models()).await;
        self.ends("version", gateway.version()).await;
        self.ends("rights", gateway.key_rights()).await;
        self.ends("check", gateway.check_key()).await;
        self.ends("key", gateway.who_is(&key)).await;
        self.ends("hash", gateway.standing_of_key(&"a".repeat(64))).await;
        self.ends("user", gateway.person(PersonId::UserId("ada"))).await;
        self.ends("address", gateway.person(PersonId::Email("ada@example.com"))).await;
    }

    /// Lets a question end, with few enough asked for it.
    async fn ends<T>(
        &self,
        what: &str,
        question: impl Future<Output = Result<T, crate::gateway::Error>>,
    ) {
        self.asked.store(0, Ordering::Relaxed);
        if let Err(error) = question.await {
            let told = error.to_string();
            assert!(!told.contains(CANARY) && !told.contains('\n'), "{what}: {told}");
        }
        let asked = self.asked.load(Ordering::Relaxed);
        assert!(asked <= MOST_QUESTIONS, "{what} asks {asked} times");
    }
}

async fn serve(listener: TcpListener, answers: Answers, asked: Arc<AtomicUsize>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (answers, asked) = (Arc::clone(&answers), Arc::clone(&asked));
        let answer = hyper::service::service_fn(move |_: Request<Incoming>| {
            let turn = asked.fetch_add(1, Ordering::Relaxed);
            let answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
            // Whoever asks without end is stopped, to be told of.
            let stopped =
                Answer { status: StatusCode::INTERNAL_SERVER_ERROR, body: Bytes::default() };
            let is_endless = turn > MOST_QUESTIONS;
            let answer = if is_endless { stopped } else { answers[turn % answers.len()].clone() };
            let mut response = Response::new(axum::body::Body::from(answer.body));
            *response.status_mut() = answer.status;
            std::future::ready(Ok::<_, Infallible>(response))
        });
        let connection = hyper::server::conn::http1::Builder::new();
        tokio::spawn(connection.serve_connection(TokioIo::new(stream), answer));
    }
}
