//! What requests are made of, read strictly: a member that nobody knows is refused, and so are ids that are no
//! lower-case UUIDs.

use axum::{
    Json,
    extract::{FromRequest, Request},
};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{Organization, refusal::Refusal};

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let body = Json::<T>::from_request(request, state).await;
        body.map(|Json(body)| Self(body)).map_err(|error| Refusal::bad(error.body_text()))
    }
}

/// The query of requests that only say for which deployment they are.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Deployment {
    pub(crate) es_developer_name: Option<String>,
}

/// Refuses another deployment than this organization's.
pub(crate) fn check_deployment(organization: &Organization, name: Option<&str>) -> Result<(), Refusal> {
    match name {
        Some(name) if name == organization.config.deployment => Ok(()),
        Some(_) => Err(Refusal::bad("The esDeveloperName isn't valid.")),
        None => Err(Refusal::bad("Specify the esDeveloperName.")),
    }
}

/// Refuses what is no lower-case UUID; `name` is the member it stands in.
pub(crate) fn check_id(name: &str, id: &str) -> Result<(), Refusal> {
    let fits = |(place, byte): (usize, u8)| match place {
        8 | 13 | 18 | 23 => byte == b'-',
        // The variant of RFC 9562, which the vendor is reported to check.
        19 => b"89ab".contains(&byte),
        _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
    };
    if id.len() == 36 && id.bytes().enumerate().all(fits) {
        return Ok(());
    }
    Err(Refusal::bad(format!("Specify the {name} in UUID format. The UUID must be in lowercase.")))
}
