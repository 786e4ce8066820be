//! Requests on behalf of one visitor.

use handover_connector::http::{self, Method, Outgoing};

use crate::API;
use crate::visitor::Visitor;

/// Where everything but the stream lies.
pub const BASE: &str = "/iamessage/api/v2";

/// A request to what belongs to a conversation.
pub fn of_conversation<'a>(
    visitor: &Visitor,
    method: Method,
    conversation: &str,
    rest: &str,
) -> Outgoing<'a> {
    with_token(visitor, http::request(method, API, format!("{BASE}/conversation/{conversation}{rest}")))
}

/// A request with the visitor's token.
pub fn with_token<'a>(visitor: &Visitor, request: Outgoing<'a>) -> Outgoing<'a> {
    request.header("authorization", format!("Bearer {}", visitor.access_token))
}
