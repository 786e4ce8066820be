//! Dead letters for the operator: listed without their texts, shown whole when asked for, redriven in order, discarded.

use std::sync::Arc;

use axum::Extension;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use handover_handoff::SessionId;
use handover_handoff::delivery::Direction;
use handover_store::{DeadLetter, Place, Redrive, Store, StoreError, Which};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::audited::{Done, audited};
use super::door::Operator;
use super::{Admin, refused};
use crate::audit::Deed;

/// How many are listed where nobody says, and at most.
const PAGE: usize = 100;
const MOST: usize = 1_000;

/// Which dead letters.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Asked {
    /// One, as the list names it: session/direction/place.
    letter: Option<String>,
    session: Option<Uuid>,
    connector: Option<String>,
    /// All there are.
    all: bool,
    /// The list goes on behind this one.
    after: Option<String>,
    limit: Option<usize>,
}

impl Asked {
    fn which(&self) -> Which {
        Which { session: self.session.map(SessionId), connector: self.connector.clone() }
    }

    /// What the audit says of it.
    fn about(&self) -> String {
        let named = [
            ("letter", self.letter.clone()),
            ("session", self.session.map(|session| session.to_string())),
            ("connector", self.connector.clone()),
        ];
        let named: Vec<String> =
            named.into_iter().filter_map(|(what, name)| Some(format!("{what} {}", name?))).collect();
        if named.is_empty() { "all".to_owned() } else { named.join(", ") }
    }

    /// Nobody gets all by having forgotten to say which.
    fn says_which(&self) -> bool {
        self.all || self.letter.is_some() || self.session.is_some() || self.connector.is_some()
    }
}

pub(super) async fn list(State(admin): State<Admin>, Query(asked): Query<Asked>) -> Response {
    let after = match asked.after.as_deref().map(place) {
        None => None,
        Some(Ok(after)) => Some(after),
        Some(Err(why)) => return refused(StatusCode::BAD_REQUEST, why),
    };
    let limit = asked.limit.unwrap_or(PAGE).min(MOST);
    match admin.gateway.relay.store().dead_letters(asked.which(), after, limit).await {
        Ok(letters) => {
            let letters: Vec<Value> = letters.iter().map(line).collect();
            axum::Json(json!({ "letters": letters })).into_response()
        }
        Err(error) => unkept(error),
    }
}

pub(super) async fn show(
    State(admin): State<Admin>,
    Extension(operator): Extension<Operator>,
    Path((session, direction, seq)): Path<(String, String, String)>,
) -> Response {
    let wanted = match place(&format!("{session}/{direction}/{seq}")) {
        Ok(wanted) => wanted,
        Err(why) => return refused(StatusCode::BAD_REQUEST, why),
    };
    let store = Arc::clone(admin.gateway.relay.store());
    audited(&admin, Deed::new(operator.who, "show", name(&wanted)), async move {
        let which = Which { session: Some(wanted.session), connector: None };
        match store.dead_letters(which, None, MOST).await {
            Ok(letters) => match letters.iter().find(|letter| place_of(letter) == wanted) {
                Some(letter) => {
                    let mut line = line(letter);
                    line["parcel"] = json!(letter.delivery.parcel);
                    axum::Json(line).into_response().into()
                }
                None => refused(StatusCode::NOT_FOUND, "no such dead letter").into(),
            },
            Err(error) => unkept(error).into(),
        }
    })
    .await
}

pub(super) async fn redrive(
    State(admin): State<Admin>,
    Extension(operator): Extension<Operator>,
    asked: Result<axum::Json<Asked>, JsonRejection>,
) -> Response {
    let (asked, one) = match which(asked) {
        Ok(asked) => asked,
        Err(why) => return refused(StatusCode::BAD_REQUEST, why),
    };
    let relay = Arc::clone(&admin.gateway.relay);
    audited(&admin, Deed::new(operator.who, "redrive", asked.about()), async move {
        let (queued, refusals) = match one {
            Some(one) => match relay.redrive(one).await {
                Ok(Redrive::Queued) => (1, Vec::new()),
                Ok(Redrive::Refused(why)) => (0, vec![(one, why)]),
                Ok(Redrive::Unknown) => {
                    return refused(StatusCode::NOT_FOUND, "no such dead letter").into();
                }
                Err(error) => return unkept(error).into(),
            },
            None => match relay.redrive_all(asked.which()).await {
                Ok(redriven) => (redriven.queued, redriven.refused),
                Err(error) => return unkept(error).into(),
            },
        };
        let detail = format!("{queued} on their way again, {} refused", refusals.len());
        let refusals: Vec<Value> = refusals
            .iter()
            .map(|(place, why)| json!({ "letter": name(place), "reason": why.as_str() }))
            .collect();
        let answer = json!({ "queued": queued, "refused": refusals });
        Done { response: axum::Json(answer).into_response(), detail }
    })
    .await
}

pub(super) async fn discard(
    State(admin): State<Admin>,
    Extension(operator): Extension<Operator>,
    asked: Result<axum::Json<Asked>, JsonRejection>,
) -> Response {
    let (asked, one) = match which(asked) {
        Ok(asked) => asked,
        Err(why) => return refused(StatusCode::BAD_REQUEST, why),
    };
    let store = Arc::clone(admin.gateway.relay.store());
    audited(&admin, Deed::new(operator.who, "discard", asked.about()), async move {
        let done = match one {
            Some(one) => store.discard(one).await.map(usize::from),
            None => discard_all(&*store, asked.which()).await,
        };
        match done {
            Ok(discarded) => Done {
                response: axum::Json(json!({ "discarded": discarded })).into_response(),
                detail: format!("{discarded} discarded"),
            },
            Err(error) => unkept(error).into(),
        }
    })
    .await
}

/// What was asked for, and the one letter where it is about one.
fn which(asked: Result<axum::Json<Asked>, JsonRejection>) -> Result<(Asked, Option<Place>), String> {
    let axum::Json(asked) = asked.map_err(|why| why.body_text())?;
    if !asked.says_which() {
        return Err("say which: letter, session, connector or all".to_owned());
    }
    let one = asked.letter.as_deref().map(place).transpose()?;
    Ok((asked, one))
}

async fn discard_all(store: &dyn Store, which: Which) -> Result<usize, StoreError> {
    let mut discarded = 0;
    loop {
        let letters = store.dead_letters(which.clone(), None, PAGE).await?;
        if letters.is_empty() {
            return Ok(discarded);
        }
        for letter in &letters {
            discarded += usize::from(store.discard(place_of(letter)).await?);
        }
    }
}

/// Everything but what was said.
fn line(letter: &DeadLetter) -> Value {
    let delivery = &letter.delivery;
    json!({
        "letter": name(&place_of(letter)),
        "connector": letter.connector,
        "kind": delivery.parcel.kind(),
        "reason": letter.reason,
        "attempts": delivery.attempt,
        "written": delivery.created,
        "givenUp": letter.given_up,
        "mayHaveArrived": delivery.maybe_duplicate,
    })
}

fn place_of(letter: &DeadLetter) -> Place {
    let delivery = &letter.delivery;
    Place { session: delivery.session, direction: delivery.direction, seq: delivery.seq }
}

fn name(place: &Place) -> String {
    format!("{}/{}/{}", place.session, place.direction.as_str(), place.seq)
}

fn place(name: &str) -> Result<Place, String> {
    let parsed = || {
        let mut parts = name.split('/');
        let session = SessionId(parts.next()?.parse().ok()?);
        let direction = parts.next()?;
        let direction = Direction::ALL.into_iter().find(|known| known.as_str() == direction)?;
        let seq = parts.next()?.parse().ok()?;
        parts.next().is_none().then_some(Place { session, direction, seq })
    };
    parsed()
        .ok_or_else(|| format!("`{name}` names no dead letter; the list names them session/direction/place"))
}

fn unkept(error: StoreError) -> Response {
    tracing::error!(reason = %error, "the store could not do what an operator asked for");
    refused(StatusCode::SERVICE_UNAVAILABLE, error)
}
