//! `feed`: what a look brings, and a frame of the stream; the same look twice names the same events.

use handover_sandbox::{CallError, Frame, Gleaned};

use super::callbacks::compare;
use super::{exchanged, not_applicable, untold, verdict};
use crate::bench::{Bench, Seat};
use crate::cast;
use crate::certificate::{Fault, Outcome};
use crate::happening::Told;

pub(super) async fn read(bench: &Bench) -> Outcome {
    if !bench.exports("feed") {
        return not_applicable("it does not export `feed`");
    }
    if bench.scenario.polls.is_empty() {
        return untold(
            "[[poll]] with `exchanges` and `events`: one that brings some, and one that brings none",
        );
    }
    let session = match bench.begun().await {
        Ok(session) => session,
        Err(why) => return Outcome::NotRun { why },
    };
    let Some(connector) = bench.seat(Seat::Usual) else {
        return Outcome::NotRun { why: "the component no longer serves".to_owned() };
    };
    let (names, mut faults) = (bench.names(&session), Vec::new());
    for poll in &bench.scenario.polls {
        let at = format!("poll `{}`", poll.name);
        let mut session = session.clone();
        session.vendor.cursor.clone_from(&poll.cursor);
        let mut looks = Vec::new();
        for _ in 0..2 {
            bench.expect(&poll.exchanges, names.clone(), None);
            looks.push(bench.timed("poll", connector.poll(&session, cast::now())).await);
            faults.extend(exchanged(&at, &bench.played()));
        }
        faults.extend(gleaned(bench, &at, &looks[0], &poll.events));
        if let [Ok(first), Ok(second)] = &looks[..]
            && (&first.items, &first.cursor) != (&second.items, &second.cursor)
        {
            let look =
                "`item.dedupe-id` and `batch.cursor`: made of what the vendor tells, and of nothing else";
            faults.push(Fault::new(&at, format!("the same again: {first:?}"), format!("{second:?}"), look));
        }
    }
    for frame in &bench.scenario.frames {
        let at = format!("frame `{}`", frame.name);
        let json = frame.json.as_ref().map(ToString::to_string);
        let data = json.or_else(|| frame.data.clone()).unwrap_or_default().into_bytes();
        let told = Frame { name: frame.event.clone(), id: frame.id.clone(), data };
        let came = connector.read(&session, told, cast::now()).await;
        faults.extend(gleaned(bench, &at, &came, &frame.events));
    }
    verdict(faults, format!("{} looks, {} frames", bench.scenario.polls.len(), bench.scenario.frames.len()))
}

fn gleaned(
    bench: &Bench,
    at: &str,
    came: &Result<Gleaned, CallError>,
    wanted: &[serde_json::Map<String, serde_json::Value>],
) -> Vec<Fault> {
    match came {
        Ok(came) => {
            let told: Vec<Told> = came.items.iter().map(Told::gleaned).collect();
            compare(at, &told, wanted, &bench.names(&bench.session()))
        }
        Err(error) => vec![Fault::new(at, "what has happened", error.to_string(), "`feed` of the connector")],
    }
}
