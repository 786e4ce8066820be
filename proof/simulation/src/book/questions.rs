//! What others ask the book, and what they tell it of acknowledgements.

use handover_handoff::session::Phase;
use handover_handoff::turn::{Request, Turn, Verdict};
use handover_handoff::{Session, SessionId};

use super::{Book, Status, Unread};
use crate::world::World;

impl Book {
    /// The bot was told that its turn was taken in (I4: then it was).
    pub fn acknowledged_to_the_bot(&self, world: &World, turn: &Turn, verdict: Option<&Verdict>) {
        let activity = turn.activity.clone().unwrap_or_default();
        let mut pages = self.pages();
        let named = !(turn.inline && matches!(turn.request, Request::Start(_)));
        let effect = !matches!(verdict, Some(Verdict::Unknown(_) | Verdict::Nothing));
        if named && effect && !pages.turns.contains(&activity) {
            world.broken("I4", format!("turn {activity} was acknowledged and is not committed"));
        }
        if let (Request::Message { message, .. }, Some(Verdict::Forwarded(_))) = (&turn.request, verdict)
            && !pages.texts.contains_key(&message.text)
        {
            world.broken("I4", format!("{:?} was acknowledged and is not committed", message.text));
        }
        if let (Request::Start(_), false) = (&turn.request, turn.inline) {
            pages.starts.push((turn.key.conversation.clone(), activity));
        }
    }

    /// The vendor was told that a message was taken in.
    pub fn acknowledged_to_the_agent(&self, world: &World, text: &str) {
        let pages = self.pages();
        // It may have been kept though nobody heard so, and read when its session was over.
        let known = pages.sessions.values().any(|page| page.tells_of(text));
        if !pages.texts.contains_key(text) && !pages.kept.contains_key(text) && !known {
            world.broken("I4", format!("{text:?} was acknowledged and is not committed"));
        }
    }

    /// A callback was kept unread.
    pub fn kept(&self, request: &str) {
        if let [key, _, "message", text] = request.split('|').collect::<Vec<_>>()[..] {
            let unread = Unread { key: key.to_owned(), read: None };
            self.pages().kept.entry(text.to_owned()).or_insert(unread);
        }
    }

    /// A callback that was kept is being read.
    pub fn read(&self, world: &World, request: &str) {
        if let Some(unread) = self.pages().kept.get_mut(request.rsplit('|').next().unwrap_or_default()) {
            unread.read = Some(world.elapsed());
        }
    }

    /// These sessions do not outlive their end.
    pub fn forgotten(&self, sessions: &[Session]) {
        let mut pages = self.pages();
        for session in sessions {
            if let Some(page) = pages.sessions.get_mut(&session.id) {
                page.forgotten = true;
            }
        }
    }

    /// Sessions that do not outlive their end, and may still be there.
    pub fn to_be_erased(&self) -> Vec<SessionId> {
        let pages = self.pages();
        let there = pages.sessions.values().filter(|page| page.forgotten && !page.erased);
        there.map(|page| page.session.id).collect()
    }

    /// A session is there no more.
    pub fn erased(&self, id: SessionId) {
        if let Some(page) = self.pages().sessions.get_mut(&id) {
            page.erased = true;
        }
    }

    /// The session, where it has just been opened.
    pub fn opened(&self, id: SessionId) -> Option<Session> {
        let pages = self.pages();
        let page = pages.sessions.get(&id).filter(|page| page.commits == 1)?;
        Some(page.session.clone())
    }

    /// Sessions that are open.
    pub fn open_sessions(&self) -> Vec<SessionId> {
        let pages = self.pages();
        let open = pages.sessions.values().filter(|page| page.session.phase.is_open());
        open.map(|page| page.session.id).collect()
    }

    /// Keys of open sessions of a connector, but for one.
    pub fn open_keys(&self, connector: &str, but: SessionId) -> Vec<String> {
        let pages = self.pages();
        let open =
            pages.sessions.values().map(|page| &page.session).filter(|session| {
                session.phase.is_open() && session.connector == connector && session.id != but
            });
        open.flat_map(|session| session.vendor.lookup_keys.first().cloned()).collect()
    }

    /// Whether an open session goes by this key.
    pub fn knows_key(&self, connector: &str, key: &str) -> bool {
        let pages = self.pages();
        let mut open = pages
            .sessions
            .values()
            .map(|page| &page.session)
            .filter(|session| session.phase.is_open() && session.connector == connector);
        open.any(|session| session.vendor.lookup_keys.iter().any(|known| known == key))
    }

    /// What is on its way, for people.
    pub fn pending(&self) -> Vec<String> {
        let pages = self.pages();
        let entries = pages.sessions.values().flat_map(|page| {
            let all = page.lanes.iter().flat_map(|lane| lane.entries.values());
            all.map(|entry| (&page.session.conversation.conversation, entry))
        });
        let pending = entries.filter(|(_, entry)| entry.status == Status::Pending);
        let line = |(conversation, entry): (&String, &super::Entry)| {
            let delivery = &entry.delivery;
            format!("{conversation}/{} {} {}", delivery.session, delivery.parcel.kind(), delivery.seq)
        };
        pending.map(line).collect()
    }

    /// How much was held and will never be asked for.
    pub fn left_behind(&self) -> u64 {
        let pages = self.pages();
        let kept = pages.sessions.values().filter(|page| !page.erased);
        let left = kept.flat_map(|page| {
            page.lanes[1].entries.values().filter(|entry| page.is_left_behind(&pages, entry))
        });
        left.count() as u64
    }

    /// Whether all sessions of a conversation have ended.
    pub fn is_over(&self, conversation: &str) -> bool {
        let pages = self.pages();
        let mut ours =
            pages.sessions.values().filter(|page| page.session.conversation.conversation == conversation);
        ours.all(|page| matches!(page.session.phase, Phase::Ended(_)))
    }
}
