//! Pictures for links: drawn once a minute, whoever asks for them.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::App;
use super::answer::{Basis, Operation, Ready};
use super::cache::Body;
use super::error::ApiError;
use super::link::Link;
use crate::access::Scope;
use crate::bounded_cache::{Bounds, ComputingCache};
use crate::preview::{Artist, DrawError};
use crate::query::{is_joint, needs_requests};
use crate::services;
use crate::usage::{Dimension, Grain};

/// A link that is being shared is looked at by many within a minute.
pub(super) const KEPT: Duration = Duration::from_secs(60);
/// A picture has some 50 kB.
const MOST_KEPT: u64 = 64;

/// The pictures that were drawn lately.
#[derive(Clone, Debug)]
pub(super) struct Previews {
    artist: Arc<OnceLock<Option<Artist>>>,
    kept: ComputingCache<(String, Scope), Arc<Body>>,
}

impl Default for Previews {
    fn default() -> Self {
        let bounds = Bounds { live: Some(KEPT), ..Bounds::entries(MOST_KEPT) };
        Self { artist: Arc::default(), kept: ComputingCache::new(bounds) }
    }
}

impl From<DrawError> for ApiError {
    fn from(error: DrawError) -> Self {
        tracing::error!(%error, "a picture of a link could not be drawn");
        Self::Fault
    }
}

/// The picture of what a link leads to, as PNG.
pub(super) async fn picture(app: &App, link: Link, scope: &Scope) -> Result<Arc<Body>, ApiError> {
    let key = (format!("{link:?}"), scope.clone());
    let drawn = app.previews.kept.get_or_compute(key, draw(app, link, scope));
    match tokio::time::timeout(app.parts.limits.answer_timeout, drawn).await {
        Ok(drawn) => drawn.map_err(ApiError::Shared),
        Err(_) => Err(ApiError::Unready("The preview takes too long to draw".to_owned())),
    }
}

async fn draw(app: &App, link: Link, scope: &Scope) -> Result<Arc<Body>, ApiError> {
    let Link { question, usage } = link;
    let ready = Ready::make(app, &operation(&question), &usage, scope).await?;
    let artist = Arc::clone(&app.previews.artist);
    let draw = move || {
        let Some(artist) = artist.get_or_init(|| Artist::new(web_assets::fonts())) else {
            return Err(ApiError::NotImplemented(WITHOUT_PAGE.to_owned()));
        };
        let figures =
            ready.with_question(async |asked| Ok(services::preview(asked, &question).await?))?;
        Ok(Arc::new(Body::of(artist.draw(&figures)?)))
    };
    app.desk.clone().compute(draw).await
}

const WITHOUT_PAGE: &str = "This Podium was built without its page, whose font previews are \
                            drawn with. Build it with Node.js (make build).";

fn operation(question: &services::PreviewQuestion) -> Operation {
    let used = question.filter.dimensions().chain([Dimension::Team]);
    let is_of_requests = needs_requests(Grain::Total, used.clone(), &[question.measure]);
    Operation {
        from: if is_of_requests { Basis::QuarterHours } else { Basis::Days },
        is_joint: is_joint(used),
        ..Operation::of_days("get_preview", "team token usage")
    }
}
