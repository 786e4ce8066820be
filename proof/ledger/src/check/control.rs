//! Beginnings and ends: control comes back once for each time it was given, and both sides learn of the end.

use std::collections::HashMap;

use super::{Figures, Rule, Violate};
use crate::numbered::{Author, Numbered};
use crate::pages::{Pages, Shown};

pub(super) fn check(pages: &Pages, figures: &mut Figures, violate: &mut Violate<'_>) {
    figures.sessions += 1;
    figures.failed += u64::from(pages.is_failed());
    let left = pages.goodbye(Author::Customer);
    let first_end = |action| pages.results(action).next().map(|(shown, _)| shown.at);
    let ends = (first_end("endConversation"), first_end("sendMessage"));
    figures.ended_by_customer += u64::from(ends.0.is_some() && ends.1.is_none());
    figures.ended_by_agent += u64::from(ends.1.is_some() && !pages.is_failed());

    for action in ["startConversation", "sendMessage", "endConversation"] {
        once(pages, action, figures, violate);
    }
    let written = pages.customer.iter().any(|said| said.accepted.is_some());
    let kept = [
        ("startConversation", pages.start_status().is_none()),
        ("endConversation", left.is_some_and(|left| left.accepted.is_some()) && ends.0.is_none()),
        ("sendMessage", left.is_none() && written && ends.1.is_none()),
    ];
    for (action, _) in kept.iter().filter(|(_, kept)| *kept) {
        violate(None, Rule::ControlKept, format!("action {action} was never ended"));
    }
    if left.is_none() && ends.1.is_some() && pages.end_told().is_none() {
        violate(None, Rule::EndUntold, "the bot has control, and the customer was not told why".to_owned());
    }
    match pages.vendor_ended {
        Some(_) => {}
        // Its answer was lost, and the gateway gave up: it does not know what it would have to end.
        None if pages.is_failed() => figures.orphans += u64::from(!pages.opened.is_empty()),
        None if pages.opened.is_empty() => {}
        None => violate(None, Rule::EndUntold, format!("{} is still open", pages.opened[0].id)),
    }
}

/// Each action that was asked for is ended once; repeats are flagged.
fn once(pages: &Pages, action: &str, figures: &mut Figures, violate: &mut Violate<'_>) {
    let mut by_activity: HashMap<&str, Vec<&Shown>> = HashMap::new();
    for (shown, of) in pages.results(action) {
        by_activity.entry(of).or_default().push(shown);
    }
    for (of, times) in &by_activity {
        let plain = times.iter().filter(|one| one.flagged.is_none()).count();
        figures.results_flagged += u64::try_from(times.len() - 1).unwrap_or_default();
        if plain > 1 {
            let what =
                format!("{action} of {of:?} was ended {} times, {plain} of them unflagged", times.len());
            violate(None, Rule::ControlTwice, what);
        }
    }
    let Some((first, of_first)) = pages.results(action).next() else { return };
    for of in by_activity.keys().filter(|of| **of != of_first) {
        // A message that crossed the end gives control once more, and gets it back once more.
        let crossed = Numbered::read(of)
            .and_then(|one| pages.customer.get(usize::try_from(one.nth).ok()?.checked_sub(1)?))
            .is_some_and(|said| said.accepted.is_none_or(|accepted| accepted > first.at));
        if action != "sendMessage" || !crossed {
            violate(None, Rule::ControlTwice, format!("{action} was ended for {of_first:?} and for {of:?}"));
        }
    }
}
