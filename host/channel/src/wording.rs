//! The words Handover itself says to the customer, in the customer's language.

use std::collections::HashMap;

use handover_handoff::notice::{FileRefusal, Notice};
use handover_handoff::session::EndReason;
use handover_handoff::vendor::QueueStatus;

use crate::markdown;

/// Built-in languages, in the order of [`Phrase::built_in`].
const LANGUAGES: [&str; 4] = ["en", "de", "fr", "es"];

macro_rules! phrases {
    ($($(#[$doc:meta])* $phrase:ident $key:literal [$($blank:literal)*]
        $en:literal $de:literal $fr:literal $es:literal)*) => {
        /// One thing to say.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Phrase { $($(#[$doc])* $phrase,)* }

        impl Phrase {
            /// All of them.
            pub const ALL: &[Phrase] = &[$(Phrase::$phrase,)*];

            /// As configuration spells it.
            pub fn key(self) -> &'static str {
                match self { $(Phrase::$phrase => $key,)* }
            }

            /// The names that may stand in braces in its text, and are filled in.
            pub fn blanks(self) -> &'static [&'static str] {
                match self { $(Phrase::$phrase => &[$($blank),*],)* }
            }

            /// English, German, French, Spanish.
            fn built_in(self) -> [&'static str; 4] {
                match self { $(Phrase::$phrase => [$en, $de, $fr, $es],)* }
            }
        }
    };
}

phrases! {
    /// Stands for a live agent whose name is not known.
    Agent "agent" []
        "Agent" "Support" "Conseiller" "Agente"
    /// Waiting; nothing more is known.
    Queued "queued" []
        "You are in line. Somebody will be with you soon."
        "Sie sind in der Warteschlange. Gleich ist jemand für Sie da."
        "Vous êtes dans la file d'attente. Quelqu'un va bientôt vous répondre."
        "Está en la cola. Enseguida le atenderá una persona."
    /// Waiting at a place.
    QueuedAt "queued-at" ["position"]
        "You are number {position} in line. Somebody will be with you soon."
        "Sie sind Nummer {position} in der Warteschlange. Gleich ist jemand für Sie da."
        "Vous êtes numéro {position} dans la file d'attente. Quelqu'un va bientôt vous répondre."
        "Es el número {position} de la cola. Enseguida le atenderá una persona."
    /// Waiting for a minute or less.
    QueuedMinute "queued-minute" []
        "You are in line. It should take about a minute."
        "Sie sind in der Warteschlange. Es dauert etwa eine Minute."
        "Vous êtes dans la file d'attente. Comptez environ une minute."
        "Está en la cola. Tardaremos alrededor de un minuto."
    /// Waiting for some minutes.
    QueuedMinutes "queued-minutes" ["minutes"]
        "You are in line. It should take about {minutes} minutes."
        "Sie sind in der Warteschlange. Es dauert etwa {minutes} Minuten."
        "Vous êtes dans la file d'attente. Comptez environ {minutes} minutes."
        "Está en la cola. Tardaremos unos {minutes} minutos."
    /// Waiting at a place, for a minute or less.
    QueuedAtMinute "queued-at-minute" ["position"]
        "You are number {position} in line. It should take about a minute."
        "Sie sind Nummer {position} in der Warteschlange. Es dauert etwa eine Minute."
        "Vous êtes numéro {position} dans la file d'attente. Comptez environ une minute."
        "Es el número {position} de la cola. Tardaremos alrededor de un minuto."
    /// Waiting at a place, for some minutes.
    QueuedAtMinutes "queued-at-minutes" ["position" "minutes"]
        "You are number {position} in line. It should take about {minutes} minutes."
        "Sie sind Nummer {position} in der Warteschlange. Es dauert etwa {minutes} Minuten."
        "Vous êtes numéro {position} dans la file d'attente. Comptez environ {minutes} minutes."
        "Es el número {position} de la cola. Tardaremos unos {minutes} minutos."
    /// A live agent has come.
    Joined "agent-joined" []
        "You are now chatting with a person."
        "Sie chatten jetzt mit einem Menschen."
        "Vous discutez maintenant avec une personne."
        "Ahora está hablando con una persona."
    /// A live agent with a name has come.
    JoinedBy "agent-joined-by" ["name"]
        "You are now chatting with {name}."
        "Sie chatten jetzt mit {name}."
        "Vous discutez maintenant avec {name}."
        "Ahora está hablando con {name}."
    /// A live agent has gone; the conversation goes on.
    Left "agent-left" []
        "The person you were chatting with has left. Somebody else will be with you soon."
        "Ihr Gegenüber hat den Chat verlassen. Gleich ist jemand anderes für Sie da."
        "Votre interlocuteur a quitté la discussion. Quelqu'un d'autre va bientôt vous répondre."
        "La persona que le atendía ha salido del chat. Enseguida le atenderá otra."
    /// A live agent with a name has gone; the conversation goes on.
    LeftBy "agent-left-by" ["name"]
        "{name} has left the chat. Somebody else will be with you soon."
        "{name} hat den Chat verlassen. Gleich ist jemand anderes für Sie da."
        "{name} a quitté la discussion. Quelqu'un d'autre va bientôt vous répondre."
        "{name} ha salido del chat. Enseguida le atenderá otra persona."
    /// Somebody else takes over.
    Transferred "transferred" []
        "We are passing you on to somebody else."
        "Wir leiten Sie an jemand anderen weiter."
        "Nous vous passons quelqu'un d'autre."
        "Le pasamos con otra persona."
    /// Somebody with a name takes over.
    TransferredTo "transferred-to" ["name"]
        "We are passing you on to {name}."
        "Wir leiten Sie an {name} weiter."
        "Nous vous passons {name}."
        "Le pasamos con {name}."
    /// Nobody is there.
    NoAgents "no-agents" []
        "Sorry, nobody is available right now. Please try again later."
        "Leider ist gerade niemand da. Bitte versuchen Sie es später noch einmal."
        "Désolé, personne n'est disponible pour le moment. Veuillez réessayer plus tard."
        "Lo sentimos, ahora mismo no hay nadie disponible. Inténtelo más tarde."
    /// No conversation came about.
    StartFailed "start-failed" []
        "Sorry, we could not reach anybody for you. Please try again later."
        "Leider konnten wir niemanden für Sie erreichen. Bitte versuchen Sie es später noch einmal."
        "Désolé, nous n'avons pu joindre personne. Veuillez réessayer plus tard."
        "Lo sentimos, no hemos podido contactar con nadie. Inténtelo más tarde."
    /// The vendor does not answer for now.
    Delayed "delayed" []
        "We cannot reach your chat partner at the moment. We keep trying to deliver your message."
        "Ihr Gegenüber ist gerade nicht zu erreichen. Wir versuchen weiter, Ihre Nachricht zuzustellen."
        "Votre interlocuteur n'est pas joignable pour l'instant. Nous essayons toujours de transmettre votre message."
        "Ahora mismo no podemos contactar con la persona que le atiende. Seguimos intentando entregar su mensaje."
    /// A message did not reach the live agent.
    NotDelivered "not-delivered" []
        "Sorry, your last message did not get through. Please send it again."
        "Ihre letzte Nachricht kam leider nicht an. Bitte senden Sie sie noch einmal."
        "Désolé, votre dernier message n'est pas arrivé. Veuillez le renvoyer."
        "Lo sentimos, su último mensaje no ha llegado. Envíelo de nuevo, por favor."
    /// A file is larger than may be passed on.
    FileTooLarge "file-too-large" ["name" "size"]
        "The file {name} was not passed on: it is larger than {size}."
        "Die Datei {name} wurde nicht weitergegeben: Sie ist größer als {size}."
        "Le fichier {name} n'a pas été transmis : il dépasse {size}."
        "El archivo {name} no se ha enviado: supera los {size}."
    /// A file is of a kind that the vendor does not take.
    FileKind "file-kind" ["name"]
        "The file {name} was not passed on: files of this kind are not accepted."
        "Die Datei {name} wurde nicht weitergegeben: Dateien dieser Art werden nicht angenommen."
        "Le fichier {name} n'a pas été transmis : ce type de fichier n'est pas accepté."
        "El archivo {name} no se ha enviado: no se aceptan archivos de este tipo."
    /// A file cannot be had from the channel.
    FileGone "file-gone" ["name"]
        "The file {name} could not be passed on. Please send it again."
        "Die Datei {name} konnte nicht weitergegeben werden. Bitte senden Sie sie noch einmal."
        "Le fichier {name} n'a pas pu être transmis. Veuillez le renvoyer."
        "El archivo {name} no se ha podido enviar. Envíelo de nuevo, por favor."
    /// Ended by the customer or the bot.
    Ended "ended" []
        "The chat has ended."
        "Der Chat ist beendet."
        "La discussion est terminée."
        "El chat ha terminado."
    /// Ended by the live agent.
    EndedByAgent "ended-live-agent" []
        "The chat was closed. Thank you for getting in touch!"
        "Der Chat wurde geschlossen. Vielen Dank, dass Sie sich gemeldet haben!"
        "La discussion a été close. Merci de nous avoir contactés !"
        "El chat se ha cerrado. ¡Gracias por contactar con nosotros!"
    /// Ended because the customer was silent.
    EndedSilentCustomer "ended-customer-inactivity" []
        "The chat has ended because we have not heard from you for a while."
        "Der Chat ist beendet, weil wir eine Weile nichts von Ihnen gehört haben."
        "La discussion est terminée, car nous n'avons plus de nouvelles de vous."
        "El chat ha terminado porque hace un rato que no sabemos de usted."
    /// Ended because the live agent was silent.
    EndedSilentAgent "ended-agent-inactivity" []
        "Sorry, nobody has answered for a while, so the chat has ended. Please try again."
        "Leider hat eine Weile niemand geantwortet, der Chat ist beendet. Bitte versuchen Sie es noch einmal."
        "Désolé, personne n'a répondu depuis un moment : la discussion est terminée. Veuillez réessayer."
        "Lo sentimos, hace un rato que nadie responde y el chat ha terminado. Inténtelo de nuevo."
    /// Ended because nobody came.
    EndedNobodyCame "ended-queue-timeout" []
        "Sorry, nobody was free in time. Please try again later."
        "Leider war niemand rechtzeitig frei. Bitte versuchen Sie es später noch einmal."
        "Désolé, personne ne s'est libéré à temps. Veuillez réessayer plus tard."
        "Lo sentimos, nadie ha quedado libre a tiempo. Inténtelo más tarde."
    /// Ended because the vendor failed.
    EndedByFailure "ended-vendor-failure" []
        "Sorry, we lost the connection and the chat has ended. Please try again."
        "Leider ist die Verbindung abgebrochen, der Chat ist beendet. Bitte versuchen Sie es noch einmal."
        "Désolé, la connexion est perdue et la discussion est terminée. Veuillez réessayer."
        "Lo sentimos, se ha perdido la conexión y el chat ha terminado. Inténtelo de nuevo."
    /// Ended by an operator.
    EndedByOperator "ended-operator" []
        "The chat was ended by our team. Please start again if you still need help."
        "Unser Team hat den Chat beendet. Bitte beginnen Sie neu, wenn Sie noch Hilfe brauchen."
        "Notre équipe a mis fin à la discussion. Recommencez si vous avez encore besoin d'aide."
        "Nuestro equipo ha terminado el chat. Empiece de nuevo si aún necesita ayuda."
    /// Follows an end: one message may be lost.
    UnseenOne "unseen-one" []
        "Your last message may not have been seen."
        "Ihre letzte Nachricht wurde vielleicht nicht mehr gesehen."
        "Votre dernier message n'a peut-être pas été vu."
        "Puede que su último mensaje no se haya visto."
    /// Follows an end: several messages may be lost.
    UnseenMany "unseen-many" ["count"]
        "Your last {count} messages may not have been seen."
        "Ihre letzten {count} Nachrichten wurden vielleicht nicht mehr gesehen."
        "Vos {count} derniers messages n'ont peut-être pas été vus."
        "Puede que sus últimos {count} mensajes no se hayan visto."
}

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
