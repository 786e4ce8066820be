//! Every failure at every request of every call: what the connector advises, against the table in [`crate::advice`].

use handover_handoff::Session;
use handover_handoff::session::EndReason;
use handover_sandbox::CallError;

use super::{untold, verdict};
use crate::advice::{Advice, Kind, RULES, Rule, UNREACHABLE, judge, told};
use crate::bench::{Bench, Seat};
use crate::cast;
use crate::certificate::{Fault, Outcome};
use crate::scenario::RefusalCase;
use crate::vendor;

pub(super) async fn start(bench: &Bench) -> Outcome {
    all(bench, Kind::Start, "start").await
}

pub(super) async fn send(bench: &Bench) -> Outcome {
    all(bench, Kind::Send, "send").await
}

pub(super) async fn end(bench: &Bench) -> Outcome {
    all(bench, Kind::End, "end").await
}

async fn all(bench: &Bench, kind: Kind, name: &str) -> Outcome {
    let exchanges = exchanges(bench, kind);
    if exchanges.is_empty() {
        return super::not_applicable("the scenario says that it makes no request");
    }
    let begun = match bench.begun().await {
        Ok(session) => session,
        Err(why) if kind != Kind::Start => return Outcome::NotRun { why },
        Err(_) => bench.session(),
    };
    let (mut faults, mut tried) = (Vec::new(), 0);
    for (at, exchange) in exchanges.iter().enumerate() {
        for rule in &RULES {
            let seat = if rule.fault == vendor::Fault::Hang { Seat::Hasty } else { Seat::Usual };
            let spoilt = Some((at, rule.fault.clone()));
            let result = call(bench, kind, seat, &begun, spoilt).await;
            if bench.played().asked.len() <= at {
                // It did not get so far: an exchange that may be left out.
                continue;
            }
            tried += 1;
            faults.extend(fault(bench, rule, kind, name, exchange, result));
        }
    }
    let result = call(bench, kind, Seat::Cut, &begun, None).await;
    faults.extend(fault(bench, &UNREACHABLE, kind, name, &exchanges[0], result));
    verdict(faults, format!("{} failures at {} requests", tried + 1, exchanges.len()))
}

fn fault(
    bench: &Bench,
    rule: &Rule,
    kind: Kind,
    name: &str,
    exchange: &str,
    result: Result<(), CallError>,
) -> Option<Fault> {
    let told = bench.scenario.exchanges.get(exchange)?;
    let (expected, came) = judge(rule, kind, told, result)?;
    let at = format!("{name}, `{exchange}`: {}", rule.name);
    let mut look = if rule.name.chars().all(|c| c.is_ascii_digit()) {
        format!("{}; where it means something else here: `means.{} = \"a reason\"`", rule.why, rule.name)
    } else {
        rule.why.to_owned()
    };
    if came.starts_with("`safe`")
        && !told.may_come_again()
        && rule.advice.contains(&Advice::UnknownUnlessRepeatable)
    {
        look.push_str("; or `repeatable = true`, where the vendor knows it again");
    }
    Some(Fault::new(at, expected, came, look))
}

fn exchanges(bench: &Bench, kind: Kind) -> &[String] {
    match kind {
        Kind::Start => &bench.scenario.start.exchanges,
        Kind::Send => &bench.scenario.send.exchanges,
        Kind::End => &bench.scenario.end.exchanges,
        Kind::Signal => &[],
    }
}

/// One call with one exchange spoilt.
async fn call(
    bench: &Bench,
    kind: Kind,
    seat: Seat,
    begun: &Session,
    spoilt: Option<(usize, vendor::Fault)>,
) -> Result<(), CallError> {
    match kind {
        Kind::Start => {
            let mut session = bench.session();
            let garbled = matches!(spoilt, Some((_, vendor::Fault::Garbage)));
            bench.expect(exchanges(bench, kind), bench.names(&session), spoilt);
            let driven = bench.drive(seat, &mut session, 1).await;
            let wanted = bench.names_of_session(&session, &bench.scenario.start.lookup_keys);
            driven.result?;
            let keys = &session.vendor.lookup_keys;
            // Some of them may be known without the answer.
            if garbled && (keys.is_empty() || !keys.iter().all(|key| wanted.contains(key))) {
                let keys = format!("a start with the lookup keys {:?}", session.vendor.lookup_keys);
                return Err(CallError::OverLimit(keys));
            }
            Ok(())
        }
        Kind::Send => {
            let mut session = begun.clone();
            let id = cast::message_id(&session, 1);
            bench.expect_message(&session, id, cast::HELLO, spoilt);
            bench.send(seat, &mut session, id, &cast::message(&bench.scenario, cast::HELLO), 1).await
        }
        Kind::End | Kind::Signal => {
            let mut session = begun.clone();
            bench.expect(exchanges(bench, Kind::End), bench.names(&session), spoilt);
            bench.end(seat, &mut session, EndReason::Customer).await
        }
    }
}

pub(super) async fn refusals(bench: &Bench) -> Outcome {
    let cases = &bench.scenario.refusals;
    if cases.is_empty() {
        return untold(
            "a [[refusal]] for each no that the vendor says in a way of its own (nobody there, closed, too long); or \
             [waived] refusals",
        );
    }
    let begun = match bench.begun().await {
        Ok(session) => session,
        Err(why) => return Outcome::NotRun { why },
    };
    let mut faults = Vec::new();
    for case in cases {
        faults.extend(refusal(bench, case, &begun).await);
    }
    verdict(faults, format!("{} refusals", cases.len()))
}

async fn refusal(bench: &Bench, case: &RefusalCase, begun: &Session) -> Option<Fault> {
    let kind = match case.call.as_str() {
        "start" => Kind::Start,
        "send" => Kind::Send,
        _ => Kind::End,
    };
    let at = exchanges(bench, kind).iter().position(|name| *name == case.exchange)?;
    let answer = vendor::Fault::Answer(Box::new(case.answer.clone()));
    let result = call(bench, kind, Seat::Usual, begun, Some((at, answer))).await;
    let wanted = match &case.retry {
        Some(retry) => format!("`{retry}` because `{}`", case.reason),
        None => format!("`{}`", case.reason),
    };
    let name = format!("{}, refusal `{}`", case.call, case.name);
    let look = "what the connector reads of the vendor's answer";
    let failure = match result {
        Ok(()) if case.reason == "success" => return None,
        Ok(()) => return Some(Fault::new(name, wanted, "success", look)),
        Err(error) => error.into_failure(),
    };
    let shown = told(&failure);
    let advised = case.retry.as_ref().is_none_or(|retry| shown.starts_with(&format!("`{retry}`")));
    let fits = failure.reason.as_str() == case.reason && advised;
    (!fits).then(|| Fault::new(name, wanted, shown, look))
}
