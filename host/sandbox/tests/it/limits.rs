//! What a guest does wrong fails that one call with its own word, and harms nobody else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use handover_handoff::delivery::{FailureReason, RetryAdvice};
use handover_handoff::vendor::StartRequest;
use handover_sandbox::{CallError, Generation, Limits, MapError, Sandbox};

use crate::house::{House, bounded, built, eventually, serving, version};
use crate::people::{NOW, callback, say, session};
use crate::vendor::Vendor;

/// Long enough for a guest that behaves, on a busy machine; short enough to wait for.
fn short() -> Limits {
    let brief = Duration::from_millis(300);
    Limits { call: brief, map: brief, ..Limits::default() }
}

/// A sinner beside a connector that behaves.
async fn beside_echo(sinner: &str, base: &str, limits: Limits) -> (House, Arc<Sandbox>, Arc<Generation>) {
    let mut house = House::new();
    house.drop_in(sinner, base, limits);
    house.grant("echo", "http://127.0.0.1:1");
    house.put("echo.wasm", &built("echo-v1"));
    let sandbox = house.open().await;
    let sinner = serving(&sandbox, sinner);
    (house, sandbox, sinner)
}

/// Sins several times at once; meanwhile a connector that behaves is called again and again, and answers.
async fn sin<T: Send + 'static>(
    sandbox: &Arc<Sandbox>,
    calls: Vec<impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let over = Arc::new(AtomicBool::new(false));
    let (echo, done) = (serving(sandbox, "echo"), Arc::clone(&over));
    let chat = tokio::spawn(async move {
        let mut said = 0;
        while !done.load(Ordering::Relaxed) || said == 0 {
            assert_eq!(bounded(say(&echo, "still here")).await.unwrap(), "before|1.0.0:still here");
            said += 1;
        }
    });
    let calls: Vec<_> = calls.into_iter().map(tokio::spawn).collect();
    let mut outcomes = Vec::new();
    for call in calls {
        outcomes.push(bounded(call).await.unwrap());
    }
    over.store(true, Ordering::Relaxed);
    chat.await.unwrap();
    outcomes
}

fn says(connector: &Arc<Generation>, text: &'static str) -> impl Future<Output = CallError> + Send + use<> {
    let connector = Arc::clone(connector);
    async move { say(&connector, text).await.unwrap_err() }
}

fn maps(connector: &Arc<Generation>, body: &'static str) -> impl Future<Output = MapError> + Send + use<> {
    let connector = Arc::clone(connector);
    async move { connector.map(callback(body)).await.unwrap_err() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endless_loop_ends_at_its_deadline() {
    let (_house, sandbox, sinner) = beside_echo("infinite-loop", "http://127.0.0.1:1", short()).await;
    let timed_out = CallError::TimedOut { limit_ms: 300, sent: false };
    assert_eq!(timed_out.to_string(), "the connector took longer than 300 ms");
    // More of them than there are threads to serve.
    for error in sin(&sandbox, (0..6).map(|_| says(&sinner, "")).collect()).await {
        assert_eq!(error, timed_out);
    }
    for error in sin(&sandbox, (0..6).map(|_| maps(&sinner, "")).collect()).await {
        assert_eq!(error, MapError::Call(timed_out.clone()));
    }
    let failure = timed_out.into_failure();
    assert_eq!((failure.reason, failure.retry), (FailureReason::TimedOut, RetryAdvice::Safe(None)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_gibibytes_are_not_to_be_had() {
    let limits = Limits { memory: 16 << 20, ..Limits::default() };
    let (_house, sandbox, sinner) = beside_echo("memory-hog", "http://127.0.0.1:1", limits).await;
    for error in sin(&sandbox, (0..3).map(|_| says(&sinner, "")).collect()).await {
        let text = error.to_string();
        assert!(text.starts_with("the connector wanted more than it may have: "), "{text}");
        assert!(text.ends_with(" bytes of memory, where it may have 16777216"), "{text}");
        let failure = error.into_failure();
        assert_eq!((failure.reason, failure.retry), (FailureReason::OverLimit, RetryAdvice::Never));
    }
    // One that copes with getting none is not punished for having asked.
    let refused = sin(&sandbox, vec![maps(&sinner, "")]).await;
    assert_eq!(refused, [MapError::Unmapped("was given: false".to_owned())]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trap_tells_the_panic_and_what_may_have_happened() {
    let vendor = Vendor::new().await;
    let (_house, sandbox, sinner) = beside_echo("traps", &vendor.base, Limits::default()).await;
    let errors = sin(&sandbox, vec![says(&sinner, "at once"), says(&sinner, "after a request")]).await;
    for (error, retry) in errors.into_iter().zip([RetryAdvice::Safe(None), RetryAdvice::UnknownOutcome]) {
        let text = error.to_string();
        assert!(text.starts_with("the connector broke down: "), "{text}");
        assert!(text.contains("unreachable") && text.contains("the cup is empty"), "{text}");
        assert!(text.contains("examples/traps.rs"), "where it was: {text}");
        assert!(!text.contains('\n'), "{text}");
        let failure = error.into_failure();
        assert_eq!((failure.reason, failure.retry), (FailureReason::Trapped, retry));
    }
    assert_eq!(vendor.asked().len(), 1);
    let refused = sin(&sandbox, vec![maps(&sinner, "abc")]).await;
    assert!(refused[0].to_string().contains("3 bytes are too many"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_stack_is_a_trap_like_any_other() {
    let (_house, sandbox, sinner) =
        beside_echo("recurses-without-end", "http://127.0.0.1:1", Limits::default()).await;
    for error in sin(&sandbox, vec![says(&sinner, "")]).await {
        assert!(error.to_string().contains("call stack exhausted"), "{error}");
        assert_eq!(error.into_failure().reason, FailureReason::Trapped);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_handed_back_has_a_measure() {
    let (_house, sandbox, sinner) =
        beside_echo("giant-answer", "http://127.0.0.1:1", Limits::default()).await;
    let errors = sin(&sandbox, vec![says(&sinner, "state"), says(&sinner, "larger state")]).await;
    let wanted = "the connector wanted more than it may have: ";
    assert_eq!(
        errors[0].to_string(),
        format!("{wanted}a state of 102400 bytes, where the contract gives it 65536")
    );
    assert_eq!(errors[1].to_string(), format!("{wanted}to hand over more than 5242880 bytes at once"));
    for error in errors {
        let failure = error.into_failure();
        assert_eq!((failure.reason, failure.retry), (FailureReason::OverLimit, RetryAdvice::Never));
    }
    for (body, words) in [
        ("answer", "at once"),
        ("many events", "wanted more"),
        ("many small events", "to tell 1001 events at once, where it may tell 1000"),
        ("long key", "a lookup key with 513 bytes, where there may be 512"),
        ("long message id", "a vendor's id with 513 bytes, where there may be 512"),
        ("many headers", "an answer with 65 headers, where there may be 64"),
        ("long names", "to hand back"),
        ("long dedupe id", "to hand back"),
    ] {
        let refused = sin(&sandbox, vec![maps(&sinner, body)]).await;
        assert!(matches!(&refused[0], MapError::Call(CallError::OverLimit(_))), "{body}: {refused:?}");
        assert!(refused[0].to_string().contains(words), "{body}: {refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_explanation_is_cut_and_cannot_play_with_the_terminal() {
    let (_house, sandbox, sinner) =
        beside_echo("giant-answer", "http://127.0.0.1:1", Limits { result: 16 << 20, ..Limits::default() })
            .await;
    let refused = sin(&sandbox, vec![maps(&sinner, "refusal")]).await;
    let failed = sin(&sandbox, vec![says(&sinner, "failure")]).await;
    for text in [refused[0].to_string(), failed[0].to_string()] {
        assert!(text.len() < 1_200 && !text.contains(char::is_control), "{} bytes: {text:?}", text.len());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_lines_is_dammed() {
    let (_house, sandbox, sinner) = beside_echo("log-flood", "http://127.0.0.1:1", Limits::default()).await;
    assert_eq!(say(&sinner, "only flood").await.unwrap(), "");
    // What explains a trap is kept to the last, one line only, cut, and without control characters.
    for error in sin(&sandbox, vec![says(&sinner, "and break down")]).await {
        let CallError::Trapped { log, .. } = &error else { panic!("{error:?}") };
        assert_eq!(log.len(), 4);
        assert!(log.iter().all(|line| line.chars().count() <= 2_000), "{log:?}");
        assert_eq!(log[3], "\u{fffd}[2Jthe last word");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_bytes_come_in_measure() {
    let (_house, sandbox, sinner) =
        beside_echo("asks-too-much-randomness", "http://127.0.0.1:1", Limits::default()).await;
    assert_eq!(say(&sinner, "1024").await.unwrap(), "has 1024 bytes");
    for error in sin(&sandbox, vec![says(&sinner, "1025"), says(&sinner, "4294967295")]).await {
        assert!(error.to_string().contains("random.bytes gives 1024 bytes at most"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_all_places_are_taken_calls_wait_callbacks_are_read_and_a_new_version_is_heard() {
    let vendor = Vendor::new().await;
    let mut house = House::new();
    house.grant("busy", &vendor.base).limits =
        Limits { concurrency: 2, call: Duration::from_secs(60), ..Limits::default() };
    house.put("busy.wasm", &built("echo-v1"));
    let sandbox = house.open().await;
    let busy = serving(&sandbox, "busy");
    let calls: Vec<_> = (0..3)
        .map(|_| {
            let busy = Arc::clone(&busy);
            tokio::spawn(async move { say(&busy, "wait at the gate").await })
        })
        .collect();
    vendor.at_the_gate(2).await;
    assert_eq!(bounded(busy.map(callback("message k hello"))).await.unwrap().events.len(), 1);
    house.put("busy.wasm", &built("echo-v2"));
    eventually(&sandbox, "the new version serves", || version(&sandbox, "busy").as_deref() == Some("2.0.0"))
        .await;
    assert_eq!(vendor.asked().len(), 2, "the third waits for a place");
    vendor.open_the_gate();
    for call in calls {
        assert_eq!(bounded(call).await.unwrap().unwrap(), "before|1.0.0:wait at the gate");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_finds_no_place_in_time_is_told_so_and_has_done_nothing() {
    let limits = Limits { concurrency: 1, call: Duration::from_secs(1), ..Limits::default() };
    let (_house, sandbox, sinner) = beside_echo("infinite-loop", "http://127.0.0.1:1", limits).await;
    let errors = sin(&sandbox, (0..6).map(|_| says(&sinner, "")).collect()).await;
    let busy = errors.iter().find(|error| matches!(error, CallError::Busy(_))).unwrap();
    assert_eq!(busy.to_string(), "1 calls of the connector are under way, and more may not be");
    let failure = busy.clone().into_failure();
    assert_eq!((failure.reason, failure.retry), (FailureReason::Unavailable, RetryAdvice::Safe(None)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_start_and_a_send_hand_back_has_a_measure_too() {
    let (_house, sandbox, sinner) =
        beside_echo("giant-answer", "http://127.0.0.1:1", Limits::default()).await;
    for (problem, words) in [
        ("state", "a state of 102400 bytes, where the contract gives it 65536"),
        ("progress", "a state of 102400 bytes, where the contract gives it 65536"),
        ("tokens", ", where it may hand back 1048576"),
        ("long key", "a lookup key with 513 bytes, where there may be 512"),
        ("many keys", "a session with 33 lookup keys at once, where there may be 32"),
        ("many events", "to tell 1001 events at once, where it may tell 1000"),
    ] {
        let request = StartRequest { problem: Some(problem.to_owned()), ..StartRequest::default() };
        let giant = Arc::clone(&sinner);
        let call = async move { giant.start(&session(), &request, 1, NOW).await.unwrap_err() };
        let error = sin(&sandbox, vec![call]).await.remove(0);
        assert!(matches!(error, CallError::OverLimit(_)), "{problem}: {error}");
        assert!(error.to_string().ends_with(words), "{problem}: {error}");
    }
    let error = sin(&sandbox, vec![says(&sinner, "long id")]).await.remove(0);
    assert_eq!(
        error,
        CallError::OverLimit("a vendor's message id with 513 bytes, where there may be 512".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_calls_of_the_host_is_stopped_by_its_cost() {
    let limits = Limits { host_calls: 3_000, call: Duration::from_secs(60), ..Limits::default() };
    let (_house, sandbox, sinner) = beside_echo("storms-the-host", "http://127.0.0.1:1", limits).await;
    let spent = CallError::OverLimit("calls of the host that cost more than 3000 together".to_owned());
    for which in ["log", "long lines", "clock", "random", "hmac", "verify", "jwt", "denied request"] {
        assert_eq!(sin(&sandbox, vec![says(&sinner, which)]).await.remove(0), spent, "{which}");
    }
    assert_eq!(spent.into_failure().retry, RetryAdvice::Never);
    let error = sin(&sandbox, vec![says(&sinner, "large hmac")]).await.remove(0);
    let words = "the connector broke down: crypto.hmac takes 4194304 bytes at most, not 5000000";
    assert!(error.to_string().starts_with(words), "{error}");
}
