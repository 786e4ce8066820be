//! The live agent's files on their way to the customer: what only this gateway may fetch gets an address of its own.

use handover_handoff::Timestamp;
use handover_handoff::delivery::{Delivery, Parcel};

use super::Media;

/// What a connector calls a file by that only the host may fetch: `upstream:NAME/PATH`.
const UPSTREAM: &str = "upstream:";

impl Media {
    /// The delivery with addresses that the customer's channel can fetch; all others stay as they are.
    pub(crate) fn for_customer(&self, delivery: &Delivery, now: Timestamp) -> Delivery {
        let mut delivery = delivery.clone();
        let Parcel::AgentMessage(message) = &delivery.parcel else { return delivery };
        let mut files = message.attachments.clone();
        for (nth, file) in files.iter_mut().enumerate() {
            if at_upstream(&file.url).is_some()
                && let Some(address) = self.address(&delivery, nth, now)
            {
                file.url = address;
            }
        }
        if let Parcel::AgentMessage(message) = &mut delivery.parcel {
            message.attachments = files;
        }
        delivery
    }
}

/// The upstream and the path of a file that only the host may fetch.
pub(super) fn at_upstream(url: &str) -> Option<(&str, &str)> {
    let rest = url.strip_prefix(UPSTREAM)?;
    let slash = rest.find('/')?;
    Some(rest.split_at(slash)).filter(|(name, _)| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::at_upstream;

    #[test]
    fn an_upstream_and_a_path_are_told_apart() {
        assert_eq!(at_upstream("upstream:api/v2/files/1?a=b"), Some(("api", "/v2/files/1?a=b")));
        for other in ["https://files.example/1", "upstream:api", "upstream:/v2", "api/v2", ""] {
            assert_eq!(at_upstream(other), None, "{other}");
        }
    }
}
