//! Mentions in a customer's text: the bot's own is for the channel and goes, others become names.

use crate::activity::Entity;

/// More mentions than this in one message are left as they stand.
const MOST: usize = 50;

/// The text as a person would read it, as the SDKs do it: without the mention of the bot, without the markup of
/// the others, trimmed where anything was taken out.
pub(crate) fn resolve(text: String, entities: &[Entity], bot: Option<&str>) -> String {
    let mut text = text;
    let mentions = entities.iter().filter(|entity| entity.kind.as_deref() == Some("mention"));
    for mention in mentions.take(MOST) {
        let mentioned = mention.mentioned.as_ref();
        let name = mentioned.and_then(|who| who.name.as_deref()).unwrap_or_default();
        let shown = match mention.text.as_deref() {
            Some(shown) => shown.to_owned(),
            None => format!("<at>{name}</at>"),
        };
        if shown.trim().is_empty() {
            continue;
        }
        let of_bot = bot.is_some() && mentioned.and_then(|who| who.id.as_deref()) == bot;
        if of_bot {
            text = replace(&text, &shown, "").trim().to_owned();
        } else if shown.starts_with("<at") {
            text = replace(&text, &shown, name).trim().to_owned();
        }
    }
    text
}

/// Every occurrence, without regard to the case of ASCII letters.
fn replace(text: &str, what: &str, with: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        match rest.get(..what.len()) {
            Some(front) if front.eq_ignore_ascii_case(what) => {
                out.push_str(with);
                rest = &rest[what.len()..];
            }
            _ => {
                out.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entities(json: serde_json::Value) -> Vec<Entity> {
        serde_json::from_value(json).expect("entities")
    }

    #[test]
    fn the_bot_is_taken_out_and_others_are_named() {
        let entities = entities(serde_json::json!([
            {"type": "mention", "mentioned": {"id": "28:bot", "name": "Contoso Agent"},
             "text": "<at>Contoso Agent</at>"},
            {"type": "mention", "mentioned": {"id": "29:j", "name": "Jörg"}, "text": "<at>Jörg</at>"},
            {"type": "clientInfo", "locale": "de-DE"},
        ]));
        let text = "<AT>contoso agent</AT> frag <at>Jörg</at> ".to_owned();
        assert_eq!(resolve(text, &entities, Some("28:bot")), "frag Jörg");
    }

    #[test]
    fn a_mention_without_text_is_found_by_the_name() {
        let entities = entities(serde_json::json!([
            {"type": "mention", "mentioned": {"id": "28:bot", "name": "Bot"}}
        ]));
        assert_eq!(resolve("hi <at>Bot</at>!".to_owned(), &entities, Some("28:bot")), "hi !");
    }

    #[test]
    fn without_mentions_nothing_is_touched() {
        assert_eq!(resolve("  <at>x</at> ".to_owned(), &[], Some("28:bot")), "  <at>x</at> ");
        let hollow = entities(serde_json::json!([{"type": "mention", "text": ""}, {"type": "mention"}]));
        assert_eq!(resolve("a b".to_owned(), &hollow, None), "a b");
    }
}
