//! A request's way through a sink: a fault before it takes effect, the effect, a fault after it.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::faults::{Fault, Place};
use crate::wire::Cut;
use crate::world::World;

/// What will befall one request.
pub struct Fate<'a> {
    world: &'a World,
    place: Place,
    cut: &'a Cut,
    fault: Option<Fault>,
}

impl<'a> Fate<'a> {
    /// Draws it.
    pub fn draw(world: &'a World, place: Place, cut: &'a Cut) -> Self {
        let fault = world.faults.draw(place, &world.chance);
        world.requests.add();
        Self { world, place, cut, fault }
    }

    /// Spares the request this one.
    pub fn spare(&mut self, fault: Fault) {
        self.fault = self.fault.filter(|drawn| *drawn != fault);
    }

    /// The conversation gets nowhere for now: it is refused, and at times kept waiting for that, so that what queues
    /// behind grows old.
    pub fn outage(&mut self) {
        let hangs = self.place == Place::Vendor && self.world.chance.below(3) == 0;
        self.fault = Some(if hangs { Fault::HangBefore } else { Fault::Outage });
    }

    /// The answer where the request takes no effect; none where it does.
    pub async fn before(&self) -> Option<Response> {
        let fault = self.fault?;
        let answer = match (fault, self.place) {
            (Fault::Unavailable | Fault::Outage, Place::Vendor) => {
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
            (Fault::Unavailable | Fault::Outage, Place::Channel) => {
                StatusCode::SERVICE_UNAVAILABLE.into_response()
            }
            (Fault::Busy, _) => {
                let wait = [(header::RETRY_AFTER, HeaderValue::from_static("1"))];
                (StatusCode::TOO_MANY_REQUESTS, wait).into_response()
            }
            (Fault::Conflict, _) => StatusCode::PRECONDITION_FAILED.into_response(),
            (Fault::Forbidden, _) => StatusCode::FORBIDDEN.into_response(),
            (Fault::ResetBefore, _) => {
                self.cut.cut();
                StatusCode::OK.into_response()
            }
            (Fault::HangBefore, _) => {
                self.world.faults.count(fault);
                self.hang().await;
                return Some(StatusCode::INTERNAL_SERVER_ERROR.into_response());
            }
            _ => return None,
        };
        self.world.faults.count(fault);
        Some(answer)
    }

    /// The answer to a request that took effect.
    pub async fn after(&self, answer: Response) -> Response {
        match self.fault {
            Some(fault @ Fault::ResetAfter) => {
                self.world.faults.count(fault);
                self.cut.cut();
            }
            Some(fault @ Fault::HangAfter) => {
                self.world.faults.count(fault);
                self.hang().await;
            }
            Some(fault @ Fault::Slow) => {
                self.world.faults.count(fault);
                tokio::time::sleep(Duration::from_millis(self.world.chance.between(5, 120))).await;
            }
            _ => {}
        }
        answer
    }

    async fn hang(&self) {
        tokio::time::sleep(Duration::from_millis(self.world.options.call_ms + 500)).await;
    }
}
