//! Files of the customer's messages: they reach the vendor whole, and what becomes of them where they cannot.

use handover_handoff::Session;
use handover_handoff::delivery::RetryAdvice;
use handover_handoff::vendor::{Attachment, CustomerMessage};
use handover_sandbox::CallError;
use handover_sandbox::description::AttachmentMode;

use super::{exchanged, not_applicable, untold, verdict};
use crate::advice::{Kind, RULES, judge, told};
use crate::bench::{Bench, Given, Seat, content};
use crate::cast;
use crate::certificate::{Fault, Outcome};
use crate::scenario::FileCase;
use crate::vendor::{self, Asked};

const LOOK: &str = "`media.read` gives the whole file; its bytes are no text";

pub(super) async fn attachments(bench: &Bench) -> Outcome {
    let mode = bench.seat(Seat::Usual).map(|connector| connector.description().attachments.mode);
    let cases = &bench.scenario.files;
    match mode {
        Some(AttachmentMode::ByUrl) if cases.is_empty() => return by_address(bench).await,
        Some(AttachmentMode::Upload) if cases.is_empty() => {
            return untold(
                "[[file]] with the `exchanges` of a message that has a file; or [waived] attachments",
            );
        }
        Some(AttachmentMode::ByUrl | AttachmentMode::Upload) => {}
        _ => return not_applicable("it declares that the vendor takes no files"),
    }
    let begun = match bench.begun().await {
        Ok(session) => session,
        Err(why) => return Outcome::NotRun { why },
    };
    let uploads = mode == Some(AttachmentMode::Upload);
    let mut faults = Vec::new();
    for case in cases {
        faults.extend(arrives(bench, &begun, case, uploads).await);
        if uploads {
            faults.extend(withheld(bench, &begun, case).await);
        }
        faults.extend(refused(bench, &begun, case).await);
    }
    verdict(faults, format!("{} messages with files, and what fails of them", cases.len()))
}

/// One file without a text, whatever requests that makes.
async fn by_address(bench: &Bench) -> Outcome {
    let mut session = match bench.begun().await {
        Ok(session) => session,
        Err(why) => return Outcome::NotRun { why },
    };
    let mut message = cast::message(&bench.scenario, "");
    let file = bench.shelf.put("kit-photo.png", "image/png", content(""), Given::Whole);
    let url = file.url.clone();
    message.attachments.push(file);
    let all: Vec<String> = bench.scenario.exchanges.keys().cloned().collect();
    bench.allow(&all, bench.names(&session), None);
    let id = cast::message_id(&session, 1);
    let sent = bench.send(Seat::Usual, &mut session, id, &message, 1).await;
    let mut faults = Vec::new();
    let (at, look) =
        ("send, a file without a text", "`message.attachments`: with `by-url` the vendor gets the address");
    if let Err(error) = sent {
        faults.push(Fault::new(at, "the message arrives", error.to_string(), look));
    }
    let asked = bench.played().asked;
    if !asked.iter().any(|asked| names(asked, &url)) {
        let came = format!("{} requests without it", asked.len());
        faults.push(Fault::new(at, format!("a request with {url}"), came, look));
    }
    verdict(faults, "one file by its address")
}

/// However an address is escaped, its last part is plain.
fn names(asked: &Asked, url: &str) -> bool {
    let tail = url.rsplit('/').next().unwrap_or_default();
    String::from_utf8_lossy(&asked.body).contains(tail)
}

/// All of the file, as it is or in base64.
fn holds(asked: &Asked, body: &[u8]) -> bool {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    let within = |part: &[u8]| asked.body.windows(part.len().max(1)).any(|window| window == part);
    within(body) || within(STANDARD.encode(body).as_bytes()) || within(URL_SAFE.encode(body).as_bytes())
}

/// What separates the parts of a form.
fn separator(asked: &Asked) -> Option<&str> {
    let kind = asked.header("content-type").filter(|kind| kind.starts_with("multipart/"))?;
    let boundary = kind.split(';').find_map(|part| part.trim().strip_prefix("boundary="))?;
    Some(boundary.trim_matches('"'))
}

/// A message with the file, and what was sent of it; in any order where the file is withheld.
async fn send(
    bench: &Bench,
    begun: &Session,
    case: &FileCase,
    (body, given): (&[u8], Given),
    spoilt: Option<(usize, vendor::Fault)>,
) -> (Attachment, Result<(), CallError>) {
    let mut session = begun.clone();
    let id = cast::message_id(&session, 1);
    let file = bench.shelf.put(&case.file, &case.content_type, body.to_vec(), given);
    let mut names = bench.names_for(&session, id, &case.text);
    names.set("file.name", &file.name);
    names.set("file.type", &file.content_type);
    names.set("file.url", &file.url);
    names.set("file.size", body.len().to_string());
    match given {
        Given::Whole => bench.expect(&case.exchanges, names, spoilt),
        Given::NotNow | Given::Gone => bench.allow(&case.exchanges, names, spoilt),
    }
    let message =
        CustomerMessage { attachments: vec![file.clone()], ..cast::message(&bench.scenario, &case.text) };
    (file, bench.send(Seat::Usual, &mut session, id, &message, 1).await)
}

async fn arrives(bench: &Bench, begun: &Session, case: &FileCase, uploads: bool) -> Vec<Fault> {
    let at = format!("file `{}`", case.name);
    let plain = content("");
    let (file, sent) = send(bench, begun, case, (&plain, Given::Whole), None).await;
    let played = bench.played();
    let mut faults = exchanged(&at, &played);
    if let Err(error) = sent {
        faults.push(Fault::new(&at, "the message arrives", error.to_string(), LOOK));
        return faults;
    }
    let there = |asked: &&Asked| if uploads { holds(asked, &plain) } else { names(asked, &file.url) };
    let Some(carrier) = played.asked.iter().find(there) else {
        let wanted = match uploads {
            true => format!("a request with all {} bytes of the file", plain.len()),
            false => format!("a request with {}", file.url),
        };
        faults.push(Fault::new(at, wanted, format!("{} requests without", played.asked.len()), LOOK));
        return faults;
    };
    // A file may hold what separates the parts: the customer chooses what is in it.
    let Some(first) = separator(carrier).filter(|_| uploads) else { return faults };
    let hostile = content(&format!("\r\n--{first}--\r\n--{first}\r\n"));
    drop(send(bench, begun, case, (&hostile, Given::Whole), None).await);
    let cut = bench.played().asked.iter().any(|asked| {
        let separator = separator(asked).map(|separator| format!("--{separator}"));
        separator.is_some_and(|separator| {
            hostile.windows(separator.len()).any(|window| window == separator.as_bytes())
        })
    });
    if cut {
        let look = "the `boundary` of a form must stand nowhere in its parts (RFC 7578, section 4.1)";
        let came = format!("the file holds the separator {first:?}, and the form is separated by it");
        faults.push(Fault::new(at, "the file arrives whole, whatever it holds", came, look));
    }
    faults
}

/// The channel does not give the file: now, or at all.
async fn withheld(bench: &Bench, begun: &Session, case: &FileCase) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (given, name) in [(Given::NotNow, "cannot be had now"), (Given::Gone, "is gone")] {
        let at = format!("file `{}`, which {name}", case.name);
        let (_, sent) = send(bench, begun, case, (&content(""), given), None).await;
        let played = bench.played();
        let look = "`media.error`: `unavailable` may come later, `gone` does not; read files before anything is said";
        let failure = match sent {
            // It may be told in the file's place.
            Ok(()) if !played.done.is_empty() => continue,
            Ok(()) => {
                faults.push(Fault::new(at, "a failure, or a word in its place", "success", look));
                continue;
            }
            Err(error @ (CallError::Trapped { .. } | CallError::OverLimit(_))) => {
                faults.push(Fault::new(at, "a failure", error.to_string(), look));
                continue;
            }
            Err(error) => error.into_failure(),
        };
        let (wanted, fits) = match given {
            Given::NotNow => ("`safe`", matches!(failure.retry, RetryAdvice::Safe(_))),
            _ => ("`never`", failure.retry == RetryAdvice::Never),
        };
        if !fits {
            faults.push(Fault::new(&at, wanted, told(&failure), look));
        }
        let again = |name: &&String| {
            !bench.scenario.exchanges.get(*name).is_some_and(|exchange| exchange.is_repeatable())
        };
        if let (Given::NotNow, Some(done)) = (given, played.done.iter().find(again)) {
            let came = format!("`{done}` has been done, and is done again with the next attempt");
            faults.push(Fault::new(at, "nothing said before the file is there", came, look));
        }
    }
    faults
}

/// Every failure at every request.
async fn refused(bench: &Bench, begun: &Session, case: &FileCase) -> Vec<Fault> {
    let mut faults = Vec::new();
    // What hangs is cut off as any call is.
    let rules = || RULES.iter().filter(|rule| rule.fault != vendor::Fault::Hang);
    for (at, name) in case.exchanges.iter().enumerate() {
        for rule in rules() {
            let spoilt = Some((at, rule.fault.clone()));
            let (_, sent) = send(bench, begun, case, (&content(""), Given::Whole), spoilt).await;
            let reached = bench.played().asked.len() > at;
            let Some(exchange) = bench.scenario.exchanges.get(name).filter(|_| reached) else { continue };
            if let Some((expected, came)) = judge(rule, Kind::Send, exchange, sent) {
                let at = format!("file `{}`, `{name}`: {}", case.name, rule.name);
                faults.push(Fault::new(at, expected, came, rule.why));
            }
        }
    }
    faults
}
