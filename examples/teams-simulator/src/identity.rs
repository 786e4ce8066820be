//! Who the customer is, and the ids a channel gives to them and their conversation.
use serde::Serialize;
use uuid::Uuid;

/// The customer, and the ids a channel gives a conversation.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Identity {
    #[serde(rename = "conversationId")]
    pub id: String,
    pub user_id: String,
    pub aad_object_id: String,
    pub name: String,
    pub locale: String,
    pub channel_id: String,
    pub delivery_mode: String,
}

impl Identity {
    /// Ids in Teams' shape: `a:1…` for a personal chat, `29:…` for a user.
    pub fn new(name: String, locale: String, channel_id: String, delivery_mode: String) -> Self {
        let long = || format!("{}{}", Uuid::now_v7().simple(), Uuid::now_v7().simple());
        Self {
            id: format!("a:1{}", long()),
            user_id: format!("29:1{}", long()),
            aad_object_id: Uuid::now_v7().to_string(),
            name,
            locale,
            channel_id,
            delivery_mode,
        }
    }
}
