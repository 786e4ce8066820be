//! The end of a session: the customer is told, control returns to the bot, and what was under way is accounted for.

use crate::address::Action;
use crate::beginning::answer_start;
use crate::decision::Draft;
use crate::delivery::{ActionResult, Parcel, ResultCode};
use crate::notice::Notice;
use crate::session::{Control, EndReason, Phase, StartStatus};

/// Ends an open session: the customer is told why, control returns to the bot, and the vendor is told unless it
/// knows.
pub(crate) fn end_session(draft: &mut Draft<'_>, reason: EndReason, vendor_knows: bool) {
    answer_start(draft, StartStatus::Failed);
    // Who has said goodbye here needs no news of it; where the vendor says so, it is news.
    if vendor_knows || !matches!(reason, EndReason::Customer | EndReason::Bot) {
        // Those that still wait to be carried may arrive or not; nothing can be told any more once they have not.
        let unseen = draft.session.in_hand;
        draft.post(Parcel::Notice(Notice::Ended { reason, unseen }));
    }
    close(draft, reason, vendor_knows);
}

/// Takes the session out of everybody's hands.
pub(crate) fn close(draft: &mut Draft<'_>, reason: EndReason, vendor_knows: bool) {
    draft.session.phase = if vendor_knows { Phase::Ended(reason) } else { Phase::Ending(reason) };
    draft.session.agent = None;
    if let Control::Skill { action } = &draft.session.control {
        let to = action.clone();
        draft.session.control = Control::Returning { further: 0 };
        draft.post(Parcel::ActionResult(ActionResult {
            to,
            code: ResultCode::CompletedSuccessfully,
            started: None,
        }));
    }
    if !vendor_knows {
        draft.post(Parcel::End { reason });
    }
}

/// A message that an end has overtaken did not arrive. Where the other side ended the session the news of it has counted
/// this message; who has left of their own accord has had no such news.
pub(crate) fn overtaken(draft: &mut Draft<'_>) {
    let left = EndReason::Customer;
    if matches!(draft.session.phase, Phase::Ending(reason) | Phase::Ended(reason) if reason == left) {
        draft.post(Parcel::Notice(Notice::NotDelivered));
    }
}

/// The bot has the result of its `sendMessage`, or never will.
pub(crate) fn returned(draft: &mut Draft<'_>, result: &ActionResult) {
    if let (Action::SendMessage, Control::Returning { further }) =
        (result.to.action, &mut draft.session.control)
    {
        match further.checked_sub(1) {
            Some(left) => *further = left,
            None => draft.session.control = Control::Bot,
        }
    }
}
