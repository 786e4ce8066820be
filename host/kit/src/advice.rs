//! What a failed call must advise: the contract's words (`wit/types.wit`, `retry-advice` and `failure-reason`) as one
//! table.
//!
//! `never`: it will fail again. `safe`: nothing has happened at the vendor. `unknown-outcome`: it may have happened.

use handover_handoff::delivery::{Failure, FailureReason, RetryAdvice};
use handover_sandbox::CallError;

use crate::scenario::Exchange;
use crate::vendor::Fault;

/// Which call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Start,
    Send,
    End,
    /// Typing and receipts: what does not arrive is not told.
    Signal,
}

/// What may be advised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Advice {
    Never,
    /// After so many milliseconds, and no other pause.
    SafeAfter(u64),
    Safe,
    Unknown,
    /// `unknown-outcome`; or `safe`, where the vendor does such a request once however often it is made.
    UnknownUnlessRepeatable,
    /// The call may also succeed.
    Success,
}

/// One line of the table.
pub(crate) struct Rule {
    pub(crate) fault: Fault,
    pub(crate) name: &'static str,
    pub(crate) advice: &'static [Advice],
    /// Reasons, one of which a failure must have; empty where any will do.
    pub(crate) reasons: &'static [&'static str],
    pub(crate) why: &'static str,
}

/// The table. `start`, `send` and `end` are held against all of it.
pub(crate) const RULES: [Rule; 13] = [
    Rule {
        fault: Fault::Status(400, None),
        name: "400",
        advice: &[Advice::Never],
        reasons: &[],
        why: "the vendor refuses the request as it is: the same request is refused again",
    },
    Rule {
        fault: Fault::Status(401, None),
        name: "401",
        advice: &[Advice::Never],
        reasons: &["misconfigured"],
        why: "the credential does not work until the operator mends it",
    },
    Rule {
        fault: Fault::Status(403, None),
        name: "403",
        advice: &[Advice::Never],
        reasons: &["misconfigured"],
        why: "the credential may not do this until the operator mends it",
    },
    Rule {
        fault: Fault::Status(404, None),
        name: "404",
        advice: &[Advice::Never],
        reasons: &["conversation-gone"],
        why: "the vendor does not know the conversation, and will not",
    },
    Rule {
        fault: Fault::Status(409, None),
        name: "409",
        advice: &[Advice::Never, Advice::Success, Advice::Unknown],
        reasons: &[],
        why: "it contradicts what is there, or is there already",
    },
    Rule {
        fault: Fault::Status(413, None),
        name: "413",
        advice: &[Advice::Never],
        reasons: &["too-large", "rejected"],
        why: "the same request is as large the next time",
    },
    Rule {
        fault: Fault::Status(429, Some(7)),
        name: "429 with Retry-After: 7",
        advice: &[Advice::SafeAfter(7_000)],
        reasons: &["rate-limited"],
        why: "nothing has happened, and the vendor says when to come back: hand its pause on",
    },
    Rule {
        fault: Fault::Status(429, None),
        name: "429",
        advice: &[Advice::Safe],
        reasons: &["rate-limited"],
        why: "nothing has happened; too much at once",
    },
    Rule {
        fault: Fault::Status(500, None),
        name: "500",
        advice: &[Advice::UnknownUnlessRepeatable],
        reasons: &["unavailable"],
        why: "the vendor broke down on it, and may have done it before",
    },
    Rule {
        fault: Fault::Status(503, Some(5)),
        name: "503 with Retry-After: 5",
        advice: &[Advice::SafeAfter(5_000), Advice::Unknown],
        reasons: &["unavailable", "rate-limited"],
        why: "a vendor that says when to come back has not done it: hand its pause on",
    },
    Rule {
        fault: Fault::Reset,
        name: "a connection that breaks",
        advice: &[Advice::UnknownUnlessRepeatable],
        reasons: &["unavailable"],
        why: "the request was received and may have been done",
    },
    Rule {
        fault: Fault::Hang,
        name: "no answer in time",
        advice: &[Advice::UnknownUnlessRepeatable],
        reasons: &["unavailable", "timed-out"],
        why: "the request was received and may have been done",
    },
    Rule {
        fault: Fault::Garbage,
        name: "200 with an answer that is none",
        advice: &[Advice::Never, Advice::UnknownUnlessRepeatable, Advice::Success],
        reasons: &[],
        why: "the vendor took it: to make it again would do it twice",
    },
];

/// Those of the table that leave in doubt how things stand at the vendor.
pub(crate) fn doubts() -> impl Iterator<Item = &'static Rule> {
    const NAMES: [&str; 4] =
        ["429 with Retry-After: 7", "500", "a connection that breaks", "200 with an answer that is none"];
    RULES.iter().filter(|rule| NAMES.contains(&rule.name))
}

/// No connection: nothing was sent. What asks by a language's own `fetch` is told less, and does right to be careful: at
/// worst a message that came once is flagged as a possible duplicate.
pub(crate) const UNREACHABLE: Rule = Rule {
    fault: Fault::Reset,
    name: "no connection",
    advice: &[Advice::Safe, Advice::Unknown],
    reasons: &["unavailable"],
    why: "nothing was sent: `safe`; or `unknown-outcome`, where that cannot be told from a lost answer",
};

/// What is wrong with how a call failed, or that it did not: what was wanted, and what came.
pub(crate) fn judge(
    rule: &Rule,
    kind: Kind,
    exchange: &Exchange,
    result: Result<(), CallError>,
) -> Option<(String, String)> {
    let status = match rule.fault {
        Fault::Status(status, _) => Some(status),
        _ => None,
    };
    let means = status.and_then(|status| exchange.means.get(&status.to_string())).map(String::as_str);
    let may_succeed = means == Some("success")
        || kind == Kind::Signal
        || rule.advice.contains(&Advice::Success)
        || (kind == Kind::End && matches!(status, Some(404 | 410)));
    let wanted = wanted(rule, kind, exchange, means, may_succeed);
    let failure = match result {
        Ok(()) if may_succeed => return None,
        Ok(()) => return Some((wanted, "success".to_owned())),
        // What broke down is no advice, whatever the host makes of it.
        Err(error @ (CallError::Trapped { .. } | CallError::OverLimit(_) | CallError::Unsupported(_))) => {
            return Some((wanted, error.to_string()));
        }
        Err(error) => error.into_failure(),
    };
    if means == Some("success") || (kind == Kind::Signal && failure.retry == RetryAdvice::Never) {
        let refused = means == Some("success");
        return refused.then(|| (wanted, told(&failure)));
    }
    let advised = rule.advice.iter().any(|advice| fits(*advice, failure.retry, exchange));
    let reason = failure.reason.as_str();
    let reasoned = match means {
        Some(meaning) => reason == meaning,
        // There is no conversation yet that could be gone.
        None if status == Some(404) && kind != Kind::Send => true,
        None => rule.reasons.is_empty() || rule.reasons.contains(&reason),
    };
    if advised && reasoned { None } else { Some((wanted, told(&failure))) }
}

fn fits(advice: Advice, told: RetryAdvice, exchange: &Exchange) -> bool {
    match (advice, told) {
        (Advice::Never, RetryAdvice::Never)
        | (Advice::Safe, RetryAdvice::Safe(_))
        | (Advice::Unknown | Advice::UnknownUnlessRepeatable, RetryAdvice::UnknownOutcome) => true,
        (Advice::SafeAfter(pause), RetryAdvice::Safe(after)) => after == Some(pause),
        (Advice::UnknownUnlessRepeatable, RetryAdvice::Safe(_)) => exchange.may_come_again(),
        _ => false,
    }
}

fn wanted(rule: &Rule, kind: Kind, exchange: &Exchange, means: Option<&str>, may_succeed: bool) -> String {
    let advice: Vec<String> = rule
        .advice
        .iter()
        .filter_map(|advice| match advice {
            Advice::Never => Some("`never`".to_owned()),
            Advice::Safe => Some("`safe`".to_owned()),
            Advice::SafeAfter(pause) => Some(format!("`safe` after {pause} ms")),
            Advice::UnknownUnlessRepeatable if exchange.may_come_again() => {
                Some("`unknown-outcome` or `safe`".to_owned())
            }
            Advice::Unknown | Advice::UnknownUnlessRepeatable => Some("`unknown-outcome`".to_owned()),
            Advice::Success => None,
        })
        .collect();
    let reasons = match means {
        Some("success") => return "success, as the scenario says".to_owned(),
        Some(meaning) => format!(" because `{meaning}`"),
        None if rule.reasons.is_empty() || (rule.name == "404" && kind != Kind::Send) => String::new(),
        None => format!(" because `{}`", rule.reasons.join("` or `")),
    };
    let success = if may_succeed { "success, or " } else { "" };
    format!("{success}{}{reasons}", advice.join(" or "))
}

/// A failure in the contract's words.
pub(crate) fn told(failure: &Failure) -> String {
    let retry = match failure.retry {
        RetryAdvice::Never => "`never`".to_owned(),
        RetryAdvice::Safe(None) => "`safe`".to_owned(),
        RetryAdvice::Safe(Some(after)) => format!("`safe` after {after} ms"),
        RetryAdvice::UnknownOutcome => "`unknown-outcome`".to_owned(),
    };
    let key = match &failure.reason {
        FailureReason::Misconfigured(key) => format!("({key})"),
        _ => String::new(),
    };
    format!("{retry} because `{}`{key}: {}", failure.reason.as_str(), failure.detail)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn exchange(repeatable: bool) -> Exchange {
        let text =
            format!("request = \"POST /x\"\nrepeatable = {repeatable}\nmeans = {{ 403 = \"success\" }}");
        toml::from_str(&text).unwrap()
    }

    fn judged(name: &str, kind: Kind, repeatable: bool, retry: RetryAdvice, reason: FailureReason) -> bool {
        let rule = RULES.iter().find(|rule| rule.name == name).unwrap();
        let failure = Failure { reason, retry, detail: String::new() };
        judge(rule, kind, &exchange(repeatable), Err(CallError::Failed(failure))).is_none()
    }

    #[test]
    fn what_may_have_happened_is_safe_only_where_the_vendor_does_it_once() {
        let (unavailable, safe) = (FailureReason::Unavailable, RetryAdvice::Safe(None));
        assert!(!judged("500", Kind::Send, false, safe, unavailable.clone()));
        assert!(judged("500", Kind::Send, true, safe, unavailable.clone()));
        assert!(judged("500", Kind::Send, false, RetryAdvice::UnknownOutcome, unavailable.clone()));
        assert!(!judged("500", Kind::Send, true, RetryAdvice::Never, unavailable));
    }

    #[test]
    fn the_vendors_pause_is_handed_on() {
        let limited = FailureReason::RateLimited;
        let name = "429 with Retry-After: 7";
        assert!(judged(name, Kind::Start, false, RetryAdvice::Safe(Some(7_000)), limited.clone()));
        assert!(!judged(name, Kind::Start, false, RetryAdvice::Safe(None), limited.clone()));
        assert!(!judged(name, Kind::Start, false, RetryAdvice::Safe(Some(7)), limited));
    }

    #[test]
    fn who_cannot_tell_a_refused_connection_may_be_careful_but_must_not_give_up() {
        for (retry, taken) in [
            (RetryAdvice::Safe(None), true),
            (RetryAdvice::UnknownOutcome, true),
            (RetryAdvice::Never, false),
        ] {
            let failure = Failure { reason: FailureReason::Unavailable, retry, detail: String::new() };
            let judged = judge(&UNREACHABLE, Kind::Send, &exchange(false), Err(CallError::Failed(failure)));
            assert_eq!(judged.is_none(), taken, "{retry:?}");
        }
    }

    #[test]
    fn a_conversation_that_is_gone_has_ended() {
        let rule = RULES.iter().find(|rule| rule.name == "404").unwrap();
        assert!(judge(rule, Kind::End, &exchange(false), Ok(())).is_none());
        assert!(judge(rule, Kind::Send, &exchange(false), Ok(())).is_some());
    }

    #[test]
    fn a_scenario_may_say_what_a_status_means() {
        let rule = RULES.iter().find(|rule| rule.name == "403").unwrap();
        assert!(judge(rule, Kind::Send, &exchange(false), Ok(())).is_none());
    }
}
