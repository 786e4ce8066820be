//! What there is to say, and how it is said in the languages that are built in.

/// Built-in languages, in the order of [`Phrase::built_in`].
pub(super) const LANGUAGES: [&str; 4] = ["en", "de", "fr", "es"];

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
            pub(super) fn built_in(self) -> [&'static str; 4] {
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
