//! The models that the gateway offers.

use serde::Deserialize;

use super::http::parse;
use super::wire::{from_json, or_default, text};
use super::{Error, KeyRights, LiteLlm};

/// A public model name and the provider's model behind it. A name with several deployments
/// appears once for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicModel {
    /// The name that callers use: the model group.
    pub model_group: String,
    /// The provider's name, where told.
    pub model: Option<String>,
    /// The public name, for a team's own model: its `model_group` is made up.
    pub public_name: Option<String>,
}

#[derive(Deserialize)]
struct WireModels {
    data: Option<Vec<Option<WireModel>>>,
}

#[derive(Deserialize)]
struct WireModel {
    #[serde(default, deserialize_with = "text")]
    model_name: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    litellm_params: WireParameters,
    #[serde(default, deserialize_with = "or_default")]
    model_info: WireInfo,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireInfo {
    #[serde(deserialize_with = "text")]
    team_public_model_name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireParameters {
    #[serde(deserialize_with = "text")]
    model: Option<String>,
}

/// The numbers that a version begins with, such as `1.106.2`: whatever else the gateway says
/// there is not passed on.
fn release(version: &str) -> Option<String> {
    let end = version.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(version.len());
    let numbers = version[..end].trim_end_matches('.');
    let is_release = numbers.len() <= 20 && numbers.split('.').count() >= 2;
    is_release.then(|| numbers.to_owned())
}

impl LiteLlm {
    /// The models of `GET /model/info`, or of `/v1/model/info` where that is missing.
    pub async fn models(&self) -> Result<Vec<PublicModel>, Error> {
        let body = match self.http.get("/model/info", &[]).await {
            Err(error) if error.is_unsupported() => self.http.get("/v1/model/info", &[]).await?,
            answer => answer?,
        };
        parse(body, |bytes| {
            let models: WireModels = from_json(bytes)?;
            let models = models.data.ok_or(Error::Shape("it has no list of models"))?;
            Ok(models
                .into_iter()
                .flatten()
                .filter_map(|model| {
                    Some(PublicModel {
                        model_group: model.model_name?,
                        model: model.litellm_params.model,
                        public_name: model.model_info.team_public_model_name,
                    })
                })
                .collect())
        })
        .await
    }

    /// The gateway's release, where its readiness answer tells it.
    pub async fn version(&self) -> Result<Option<String>, Error> {
        #[derive(Deserialize)]
        struct Readiness {
            #[serde(default, deserialize_with = "text")]
            litellm_version: Option<String>,
        }
        match self.http.get("/health/readiness", &[]).await {
            Ok(body) => {
                parse(body, |bytes| {
                    let version = from_json::<Readiness>(bytes)?.litellm_version;
                    Ok(version.as_deref().and_then(release))
                })
                .await
            }
            Err(error) if error.is_unsupported() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What the key may see. LiteLLM answers a plain user's key with 401 on team lists, but
    /// with 200 on activity, which then holds that user's usage only.
    pub async fn key_rights(&self) -> Result<KeyRights, Error> {
        match self.read_teams().await {
            Ok(_) => Ok(KeyRights::Everything),
            Err(Error::NarrowKey) => Ok(KeyRights::OwnUsageOnly),
            Err(error) => Err(error),
        }
    }
}
