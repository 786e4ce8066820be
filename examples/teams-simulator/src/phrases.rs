//! What the bot understands: the two topics of the handover, and some small talk.

/// What an utterance asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Intent {
    Escalate,
    Goodbye,
    Greeting,
    Help,
    Thanks,
    Unknown,
}

/// Lower case, words only: what is compared.
fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .replace(['\'', '\u{2019}'], "")
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The goodbye topic's phrases are taken whole: a customer who *mentions* a goodbye to a live agent does not mean to leave.
const GOODBYES: &[&str] = &[
    "bye",
    "bye bye",
    "bye for now",
    "bye now",
    "good bye",
    "goodbye",
    "no thank you goodbye",
    "see you later",
];

/// The ways the escalation topic's phrases begin …
const ASKINGS: &[&str] = &[
    "talk to",
    "talk with",
    "speak to",
    "speak with",
    "chat to",
    "chat with",
    "connect me to",
    "connect me with",
    "transfer me to",
    "put me through to",
    "hand me over to",
    "get me",
];
/// … whom they ask for …
const PERSONS: &[&str] = &[
    "person",
    "people",
    "human",
    "agent",
    "someone",
    "somebody",
    "representative",
    "operator",
    "advisor",
    "specialist",
    "support",
];
/// … and what may stand between.
const BETWEEN: &[&str] =
    &["a", "an", "the", "your", "some", "live", "real", "actual", "customer", "service", "support"];
/// Short ways of asking for the same thing.
const SHORT: &[&str] = &[
    "agent",
    "human",
    "person",
    "operator",
    "representative",
    "live agent",
    "live chat",
    "real person",
    "human please",
    "escalate",
    "contact support",
    "call support",
    "customer service",
];

pub(crate) fn is_goodbye(text: &str) -> bool {
    GOODBYES.contains(&words(text).join(" ").as_str())
}

fn asks_for_a_person(words: &[String]) -> bool {
    if SHORT.contains(&words.join(" ").as_str()) {
        return true;
    }
    ASKINGS.iter().any(|asking| {
        let asking: Vec<&str> = asking.split(' ').collect();
        words
            .windows(asking.len())
            .enumerate()
            .filter(|(_, window)| window.iter().zip(&asking).all(|(a, b)| a == b))
            .any(|(at, _)| {
                words[at + asking.len()..]
                    .iter()
                    .find(|word| PERSONS.contains(&word.as_str()) || !BETWEEN.contains(&word.as_str()))
                    .is_some_and(|word| PERSONS.contains(&word.as_str()))
            })
    })
}

pub(crate) fn intent(text: &str) -> Intent {
    let words = words(text);
    let is = |phrases: &[&str]| phrases.contains(&words.join(" ").as_str());
    if asks_for_a_person(&words) {
        Intent::Escalate
    } else if is_goodbye(text) {
        Intent::Goodbye
    } else if is(&["help", "help me", "i need help", "what can you do"]) {
        Intent::Help
    } else if is(&["thanks", "thank you", "thank you very much", "many thanks"]) {
        Intent::Thanks
    } else if matches!(words.first().map(String::as_str), Some("hi" | "hello" | "hey" | "good"))
        && words.len() <= 4
    {
        Intent::Greeting
    } else {
        Intent::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::{Intent, intent, is_goodbye};

    #[test]
    fn the_stock_phrases_escalate() {
        for phrase in [
            "Talk to agent",
            "Talk to a person",
            "I want to talk with a person",
            "please let me CHAT WITH A HUMAN!",
            "Connect me to a live agent",
            "can I speak to someone?",
            "speak with a real human",
            "talk to customer support",
            "Agent",
        ] {
            assert_eq!(intent(phrase), Intent::Escalate, "{phrase}");
        }
    }

    #[test]
    fn other_talk_does_not() {
        for phrase in ["I talk to my plants", "the agent was nice", "get me a coffee", ""] {
            assert_ne!(intent(phrase), Intent::Escalate, "{phrase}");
        }
    }

    #[test]
    fn a_goodbye_is_a_whole_utterance() {
        for phrase in
            ["Bye", "bye for now!", "Good bye", "Goodbye.", "No thank you. Goodbye.", "See you later"]
        {
            assert!(is_goodbye(phrase), "{phrase}");
        }
        for phrase in ["I said goodbye to my old laptop", "bye the way", ""] {
            assert!(!is_goodbye(phrase), "{phrase}");
        }
    }
}
