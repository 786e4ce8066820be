//! Mentions in a customer's text: the bot's own is for the channel and goes, others become names.

use crate::activity::Entity;
use crate::refusal::TEXT_LIMIT;

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
        let replaced = if of_bot {
            replace(&text, &shown, "")
        } else if shown.starts_with("<at") {
            replace(&text, &shown, name)
        } else {
            None
        };
        // A long name for a short mention, many times over, would make more of a text than anybody sent.
        if let Some(replaced) = replaced {
            text = replaced.trim().to_owned();
        }
    }
    text
}

/// Every occurrence, without regard to the case of ASCII letters; none where the text would become too long.
fn replace(text: &str, what: &str, with: &str) -> Option<String> {
    // Letter for letter as long as the text itself.
    let folded = text.to_ascii_lowercase();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (found, what) in folded.match_indices(&what.to_ascii_lowercase()) {
        out.push_str(&text[at..found]);
        out.push_str(with);
        if out.len() > TEXT_LIMIT {
            return None;
        }
        at = found + what.len();
    }
    out.push_str(&text[at..]);
    (out.len() <= TEXT_LIMIT).then_some(out)
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
    fn no_mention_makes_a_text_longer_than_any_may_be() {
        let name = "n".repeat(TEXT_LIMIT / 2);
        let entities = entities(serde_json::json!([
            {"type": "mention", "mentioned": {"id": "29:j", "name": name}, "text": "<at"},
            {"type": "mention", "mentioned": {"id": "29:k", "name": "Kim"}, "text": "<at>k</at>"},
        ]));
        let text = "<at>k</at>".repeat(3);
        assert_eq!(resolve(text, &entities, None), "KimKimKim");
        assert_eq!(resolve("<at".to_owned(), &entities, None), "n".repeat(TEXT_LIMIT / 2));
    }

    #[test]
    fn without_mentions_nothing_is_touched() {
        assert_eq!(resolve("  <at>x</at> ".to_owned(), &[], Some("28:bot")), "  <at>x</at> ");
        let hollow = entities(serde_json::json!([{"type": "mention", "text": ""}, {"type": "mention"}]));
        assert_eq!(resolve("a b".to_owned(), &hollow, None), "a b");
    }
}
