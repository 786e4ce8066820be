//! Pages written by hand: what is right passes, and each sin is found under its name.

use std::time::{Duration, Instant};

use handover_ledger::check::{Rule, Terms, session};
use handover_ledger::numbered::Author;
use handover_ledger::pages::{Heard, Opened, Pages, Receipt, Shown, What};

const TERMS: Terms = Terms { fresh: Duration::from_secs(20) };

/// Two messages each way, all arrived, and the agent has closed the chat.
fn well() -> Pages {
    let mut pages = Pages::default();
    shows(&mut pages, result("startConversation", "start"), None);
    pages.opened.push(Opened { id: "live-0".into(), session: "s".into() });
    for nth in 1..=2 {
        pages.begin(Author::Customer);
        pages.accept(Author::Customer);
        hears(&mut pages, nth);
        pages.begin(Author::Agent);
        pages.accept(Author::Agent);
        shows(&mut pages, What::Agent(nth), None);
        pages.receipts.insert(nth, Receipt { delivered: true, undelivered: false });
    }
    pages.say_goodbye(Author::Agent);
    pages.vendor_ended = Some(Instant::now());
    pages.accept_goodbye(Author::Agent);
    shows(&mut pages, What::Ended { unseen: 0 }, None);
    shows(&mut pages, result("sendMessage", "c-0-2"), None);
    pages
}

fn result(action: &str, of: &str) -> What {
    let status = (action == "startConversation").then(|| "queued".to_owned());
    What::Result { action: action.into(), of: of.into(), status }
}

fn shows(pages: &mut Pages, what: What, flagged: Option<&str>) {
    let at = pages.tick();
    pages.shown.push(Shown { what, flagged: flagged.map(str::to_owned), at, clock: Instant::now() });
}

fn hears(pages: &mut Pages, nth: u32) {
    let at = pages.tick();
    pages.heard.push(Heard { nth, at, clock: Instant::now() });
}

fn found(pages: &Pages) -> Vec<Rule> {
    session(0, pages, TERMS).violations.into_iter().map(|violation| violation.rule).collect()
}

/// The pages without what was shown of one kind.
fn without(what: &What) -> Pages {
    let mut pages = well();
    pages.shown.retain(|shown| shown.what != *what);
    pages
}

#[test]
fn what_is_right_passes() {
    let findings = session(0, &well(), TERMS);
    assert!(findings.violations.is_empty(), "{:?}", findings.violations);
    assert_eq!(findings.figures.to_vendor_delivered, 2);
    assert_eq!(findings.figures.to_customer_delivered, 2);
}

#[test]
fn a_message_that_is_nowhere_is_lost() {
    let mut pages = well();
    pages.heard.remove(0);
    assert_eq!(found(&pages), [Rule::Lost]);
    let mut pages = without(&What::Agent(1));
    pages.receipts.clear();
    assert_eq!(found(&pages), [Rule::Lost]);
}

#[test]
fn a_message_that_is_reported_is_not_lost() {
    let mut pages = well();
    pages.heard.pop();
    pages.shown.insert(3, Shown { what: What::NotDelivered, flagged: None, at: 100, clock: Instant::now() });
    let findings = session(0, &pages, TERMS);
    assert!(findings.violations.is_empty(), "{:?}", findings.violations);
    assert_eq!(findings.figures.to_vendor_reported, 1);

    let mut pages = well();
    pages.heard.pop();
    pages.shown[3].what = What::Ended { unseen: 1 };
    assert_eq!(session(0, &pages, TERMS).figures.to_vendor_reported, 1);
}

#[test]
fn one_notice_covers_one_message() {
    let mut pages = well();
    pages.heard.clear();
    pages.shown.insert(3, Shown { what: What::NotDelivered, flagged: None, at: 100, clock: Instant::now() });
    assert_eq!(found(&pages), [Rule::Lost]);
}

#[test]
fn a_repeat_must_be_flagged() {
    let mut pages = well();
    let again = pages.shown[2].clone();
    pages.shown.insert(3, again);
    assert_eq!(found(&pages), [Rule::Doubled]);
    pages.shown[3].flagged = Some("d".into());
    assert_eq!(found(&pages), []);
    let mut pages = well();
    hears(&mut pages, 2);
    assert_eq!(found(&pages), [Rule::Doubled]);
}

#[test]
fn order_is_kept() {
    let mut pages = well();
    pages.heard.swap(0, 1);
    pages.shown.swap(1, 2);
    assert_eq!(found(&pages), [Rule::OutOfOrder, Rule::OutOfOrder]);
}

#[test]
fn nothing_follows_the_end() {
    let mut pages = well();
    pages.begin(Author::Agent);
    pages.accept(Author::Agent);
    shows(&mut pages, What::Agent(3), None);
    assert_eq!(found(&pages), [Rule::AfterEnd]);
}

#[test]
fn control_comes_back_once() {
    assert_eq!(found(&without(&result("sendMessage", "c-0-2"))), [Rule::ControlKept]);
    let mut pages = well();
    shows(&mut pages, result("sendMessage", "c-0-2"), None);
    assert_eq!(found(&pages), [Rule::ControlTwice]);
    // The first message had been acknowledged long before.
    let mut pages = well();
    shows(&mut pages, result("sendMessage", "c-0-1"), None);
    assert_eq!(found(&pages), [Rule::ControlTwice]);
    // One that crossed the end is answered for itself.
    let mut pages = well();
    pages.begin(Author::Customer);
    shows(&mut pages, result("sendMessage", "c-0-3"), None);
    pages.accept(Author::Customer);
    assert_eq!(found(&pages), []);
}

#[test]
fn a_receipt_is_true() {
    let mut pages = without(&What::Agent(2));
    assert_eq!(found(&pages), [Rule::FalseReceipt, Rule::Lost]);
    pages.receipts.insert(2, Receipt { delivered: false, undelivered: true });
    assert_eq!(found(&pages), []);
}

#[test]
fn the_vendor_opens_one_conversation_and_learns_of_its_end() {
    let mut pages = well();
    pages.vendor_ended = None;
    assert_eq!(found(&pages), [Rule::EndUntold]);
    let mut pages = well();
    pages.opened.push(Opened { id: "live-0-2".into(), session: "t".into() });
    assert_eq!(found(&pages), [Rule::StartedTwice]);
}

#[test]
fn a_goodbye_overtakes_only_what_was_kept() {
    let mut pages = well();
    pages.goodbyes.clear();
    pages.heard.pop();
    pages.say_goodbye(Author::Customer);
    pages.accept_goodbye(Author::Customer);
    shows(&mut pages, result("endConversation", "end"), None);
    // The vendor was told of the end at once, and not of the message before it.
    assert_eq!(found(&pages), [Rule::Lost]);
    pages.vendor_ended = Some(Instant::now() + TERMS.fresh);
    assert_eq!(session(0, &pages, TERMS).figures.to_vendor_crossed_own, 1);
    assert_eq!(found(&pages), []);
}
