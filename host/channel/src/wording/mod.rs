//! The words Handover itself says to the customer, in the customer's language.

mod phrases;

use std::collections::HashMap;

use handover_handoff::notice::{FileRefusal, Notice};
use handover_handoff::session::EndReason;
use handover_handoff::vendor::QueueStatus;

use crate::markdown;
use phrases::LANGUAGES;
pub use phrases::Phrase;

/// An operator's own words that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordingError {
    /// No such phrase.
    #[error("there is no phrase `{0}`")]
    UnknownPhrase(String),
    /// Nothing to say.
    #[error("the text of `{0}` is empty")]
    Empty(&'static str),
    /// A name in braces that is never filled in.
    #[error("`{{{blank}}}` is not known in `{phrase}`")]
    UnknownBlank {
        /// The phrase.
        phrase: &'static str,
        /// What stands in the braces.
        blank: String,
    },
}

/// The words for everything, in every language there is: the built-in ones and the operator's.
#[derive(Debug, Clone, Default)]
pub struct Wording {
    /// By language tag in lower case.
    own: HashMap<String, HashMap<Phrase, String>>,
}

impl Wording {
    /// Replaces the text of a phrase, named by its key, for a language: `de`, or `de-AT` for Austria alone. Any
    /// language will do; phrases that it lacks are said in English. Texts are Markdown.
    pub fn replace(&mut self, language: &str, phrase: &str, text: &str) -> Result<(), WordingError> {
        let known = Phrase::ALL.iter().find(|known| known.key() == phrase).copied();
        let phrase = known.ok_or_else(|| WordingError::UnknownPhrase(phrase.to_owned()))?;
        if text.trim().is_empty() {
            return Err(WordingError::Empty(phrase.key()));
        }
        let mut rest = text;
        while let Some((_, behind)) = rest.split_once('{') {
            let (blank, behind) = behind.split_once('}').unwrap_or((behind, ""));
            if !phrase.blanks().contains(&blank) {
                let blank = blank.to_owned();
                return Err(WordingError::UnknownBlank { phrase: phrase.key(), blank });
            }
            rest = behind;
        }
        let language = self.own.entry(language.to_ascii_lowercase()).or_default();
        language.insert(phrase, text.to_owned());
        Ok(())
    }

    /// What to call a live agent without a name.
    pub fn agent(&self, locale: Option<&str>) -> String {
        self.say(Phrase::Agent, locale, &[])
    }

    /// An announcement, as Markdown.
    pub fn notice(&self, notice: &Notice, locale: Option<&str>) -> String {
        let named = |name: &Option<String>, with: Phrase, without: Phrase| match name.as_deref() {
            Some(name) if !name.trim().is_empty() => {
                self.say(with, locale, &[("name", markdown::name(name))])
            }
            _ => self.say(without, locale, &[]),
        };
        match notice {
            Notice::Queued(queue) => self.queued(queue, locale),
            Notice::AgentJoined { name } => named(name, Phrase::JoinedBy, Phrase::Joined),
            Notice::AgentLeft { name } => named(name, Phrase::LeftBy, Phrase::Left),
            Notice::Transferred { name } => named(name, Phrase::TransferredTo, Phrase::Transferred),
            Notice::NoAgents => self.say(Phrase::NoAgents, locale, &[]),
            Notice::StartFailed => self.say(Phrase::StartFailed, locale, &[]),
            Notice::Delayed => self.say(Phrase::Delayed, locale, &[]),
            Notice::NotDelivered => self.say(Phrase::NotDelivered, locale, &[]),
            Notice::FileNotDelivered { name, why } => {
                let name = ("name", markdown::name(name));
                match why {
                    FileRefusal::TooLarge(most) => {
                        self.say(Phrase::FileTooLarge, locale, &[name, ("size", size(*most))])
                    }
                    FileRefusal::Kind => self.say(Phrase::FileKind, locale, &[name]),
                    FileRefusal::Gone => self.say(Phrase::FileGone, locale, &[name]),
                }
            }
            Notice::Ended { reason, unseen } => {
                let ended = self.say(ended(*reason), locale, &[]);
                let unseen = match unseen {
                    0 => return ended,
                    1 => self.say(Phrase::UnseenOne, locale, &[]),
                    many => self.say(Phrase::UnseenMany, locale, &[("count", many.to_string())]),
                };
                format!("{ended} {unseen}")
            }
        }
    }

    fn queued(&self, queue: &QueueStatus, locale: Option<&str>) -> String {
        if let Some(text) = queue.text.as_deref().filter(|text| !text.trim().is_empty()) {
            return markdown::from_plain(text);
        }
        let minutes = queue.wait_seconds.map(|seconds| seconds.div_ceil(60));
        let phrase = match (queue.position, minutes) {
            (None, None) => Phrase::Queued,
            (Some(_), None) => Phrase::QueuedAt,
            (None, Some(0 | 1)) => Phrase::QueuedMinute,
            (None, Some(_)) => Phrase::QueuedMinutes,
            (Some(_), Some(0 | 1)) => Phrase::QueuedAtMinute,
            (Some(_), Some(_)) => Phrase::QueuedAtMinutes,
        };
        let position = queue.position.unwrap_or_default().to_string();
        let minutes = minutes.unwrap_or_default().to_string();
        self.say(phrase, locale, &[("position", position), ("minutes", minutes)])
    }

    fn say(&self, phrase: Phrase, locale: Option<&str>, blanks: &[(&str, String)]) -> String {
        let template = self.template(phrase, locale);
        let mut said = String::with_capacity(template.len() + 16);
        let mut rest = template;
        // In one pass: what is filled in may have braces of its own.
        while let Some((before, behind)) = rest.split_once('{') {
            let (blank, behind) = behind.split_once('}').unwrap_or((behind, ""));
            said.push_str(before);
            if let Some((_, value)) = blanks.iter().find(|(name, _)| *name == blank) {
                said.push_str(value);
            }
            rest = behind;
        }
        said.push_str(rest);
        said
    }

    /// The operator's own words come first, the whole tag before the language alone, English last.
    fn template(&self, phrase: Phrase, locale: Option<&str>) -> &str {
        let tag = locale.unwrap_or("en").replace('_', "-").to_ascii_lowercase();
        let language = tag.split('-').next().unwrap_or("en");
        let own = |tag: &str| self.own.get(tag).and_then(|own| own.get(&phrase));
        if let Some(own) = own(&tag).or_else(|| own(language)) {
            return own;
        }
        let built_in = phrase.built_in();
        match LANGUAGES.iter().position(|known| *known == language) {
            Some(place) => built_in[place],
            None => own("en").map_or(built_in[0], String::as_str),
        }
    }
}

/// A number of bytes, for people.
fn size(bytes: u64) -> String {
    const MIB: u64 = 1 << 20;
    match bytes {
        MIB.. => format!("{} MB", bytes / MIB),
        1024.. => format!("{} KB", bytes / 1024),
        _ => format!("{bytes} B"),
    }
}

fn ended(reason: EndReason) -> Phrase {
    match reason {
        EndReason::Customer | EndReason::Bot => Phrase::Ended,
        EndReason::LiveAgent => Phrase::EndedByAgent,
        EndReason::CustomerInactivity => Phrase::EndedSilentCustomer,
        EndReason::AgentInactivity => Phrase::EndedSilentAgent,
        EndReason::QueueTimeout => Phrase::EndedNobodyCame,
        EndReason::VendorFailure => Phrase::EndedByFailure,
        EndReason::Operator => Phrase::EndedByOperator,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_texts_use_their_blanks_and_no_others() {
        for phrase in Phrase::ALL {
            for text in phrase.built_in() {
                let mut wording = Wording::default();
                wording.replace("xx", phrase.key(), text).expect("a usable text");
                for blank in phrase.blanks() {
                    assert!(text.contains(&format!("{{{blank}}}")), "{text}");
                }
            }
        }
    }

    #[test]
    fn languages_are_found_by_tag_then_language_then_english() {
        let mut wording = Wording::default();
        let ended = |wording: &Wording, locale| {
            wording.notice(&Notice::Ended { reason: EndReason::Bot, unseen: 0 }, locale)
        };
        assert_eq!(ended(&wording, None), "The chat has ended.");
        assert_eq!(ended(&wording, Some("de-AT")), "Der Chat ist beendet.");
        assert_eq!(ended(&wording, Some("FR_ca")), "La discussion est terminée.");
        assert_eq!(ended(&wording, Some("tlh")), "The chat has ended.");
        wording.replace("de-AT", "ended", "Baba!").expect("a usable text");
        wording.replace("tlh", "ended", "Qapla'").expect("a usable text");
        assert_eq!(ended(&wording, Some("de-at")), "Baba!");
        assert_eq!(ended(&wording, Some("de-DE")), "Der Chat ist beendet.");
        assert_eq!(ended(&wording, Some("tlh-001")), "Qapla'");
    }

    #[test]
    fn facts_are_filled_in() {
        let wording = Wording::default();
        let joined = |name: Option<&str>| Notice::AgentJoined { name: name.map(str::to_owned) };
        assert_eq!(
            wording.notice(&joined(Some("*Eve* {count}")), None),
            "You are now chatting with \\*Eve\\* {count}."
        );
        assert_eq!(wording.notice(&joined(Some(" ")), None), "You are now chatting with a person.");
        let queued = QueueStatus { position: Some(3), wait_seconds: Some(150), text: None };
        assert_eq!(
            wording.notice(&Notice::Queued(queued), Some("en-GB")),
            "You are number 3 in line. It should take about 3 minutes."
        );
        let lost = Notice::Ended { reason: EndReason::LiveAgent, unseen: 2 };
        assert!(wording.notice(&lost, None).ends_with("Your last 2 messages may not have been seen."));
    }

    #[test]
    fn unusable_words_are_refused() {
        let mut wording = Wording::default();
        let unknown = WordingError::UnknownPhrase("endet".to_owned());
        assert_eq!(wording.replace("de", "endet", "x"), Err(unknown));
        assert_eq!(wording.replace("de", "ended", " "), Err(WordingError::Empty("ended")));
        let blank = WordingError::UnknownBlank { phrase: "ended", blank: "name".to_owned() };
        assert_eq!(wording.replace("de", "ended", "tschüs {name}"), Err(blank));
    }
}
