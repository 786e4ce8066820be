//! Vendors that fail: every request of every step meets every fault once, and what was promised holds all the same.
//!
//! A message arrives once and in its place, or the customer is told; a start ends in an honest status, and the next one
//! works; an end ends it; signs that get lost take nothing with them.

mod files;
mod going;
mod message;
mod signs;
mod start;

use agent_desk::{Fault, Kind};
use anyhow::{Context, ensure};

use crate::house::House;
use crate::patience::eventually;
use crate::vendors::Step;

pub use message::outage;

/// One thing that goes wrong, once.
struct Wrong {
    name: &'static str,
    fault: Fault,
    /// It may go well the next time.
    passes: bool,
    /// Whoever made the request cannot know whether it had its effect.
    in_doubt: bool,
}

/// How many things go wrong with each request.
pub const WRONGS: usize = 13;

/// All that goes wrong with a request.
fn wrongs(request: &str, step: Step, says_gone: &[u16]) -> [Wrong; WRONGS] {
    let status = |status| Fault::status(request, status).times(1);
    let kind = |kind| Fault::new(request, kind).times(1);
    let wrong = |name, fault, passes, in_doubt| Wrong { name, fault, passes, in_doubt };
    // Who says that it is gone tells the truth when it comes to an end.
    let maybe_gone = |told: u16| {
        if step == Step::End && says_gone.contains(&told) { status(told).after() } else { status(told) }
    };
    [
        wrong("400", status(400), false, false),
        wrong("401", status(401), false, false),
        wrong("403", maybe_gone(403), false, false),
        wrong("404", maybe_gone(404), false, false),
        // There already: with its effect.
        wrong("409", status(409).after(), false, true),
        wrong("429", Fault { retry_after: Some(1), ..status(429) }, true, false),
        wrong("500", status(500), true, true),
        wrong("503", status(503), true, false),
        wrong("500 after its effect", status(500).after(), true, true),
        wrong("reset", kind(Kind::Reset), true, true),
        wrong("reset after its effect", kind(Kind::Reset).after(), true, true),
        wrong("timeout", kind(Kind::Hold), true, true),
        wrong("timeout after its effect", kind(Kind::Hold).after(), true, true),
    ]
}

/// Each fault once, each in a chat of its own; all that did not hold.
pub async fn at(house: &mut House, step: Step, request: &str) -> anyhow::Result<()> {
    let mut failed = Vec::new();
    for wrong in wrongs(request, step, house.simulator().says_gone()) {
        if step == Step::SignIn || request == "availability" {
            // What is asked for once and then kept: a new gateway knows nothing.
            house.restart().await?;
        }
        let played = match step {
            Step::SignIn | Step::Start => start::anew(house, &wrong).await,
            Step::Return => start::again(house, &wrong).await,
            Step::Message => message::sent(house, &wrong).await,
            Step::Doubt => message::in_doubt(house, &wrong).await,
            Step::FileToAgent => files::to_agent(house, &wrong).await,
            Step::FileToCustomer => files::to_customer(house, &wrong).await,
            Step::Typing => signs::typing(house, &wrong).await,
            Step::Receipt => signs::receipt(house, &wrong).await,
            Step::Notice => signs::notice(house, &wrong).await,
            Step::Renewal => going::renewal(house, &wrong).await,
            Step::Look => going::look(house, &wrong).await,
            Step::End => going::end(house, &wrong).await,
        };
        let played = played.and_then(|()| house.were_met());
        house.set_faults([])?;
        if let Err(error) = played.context(wrong.name) {
            failed.push(format!("{request}, {error:#}"));
        }
    }
    ensure!(failed.is_empty(), "{}", failed.join("\n"));
    Ok(())
}

/// Waits until the fault has met its request.
async fn met(house: &House) -> anyhow::Result<()> {
    eventually("the request that is to fail", || async {
        house.were_met().map_err(|error| error.to_string())
    })
    .await
}
