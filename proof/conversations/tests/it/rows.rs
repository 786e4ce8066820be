//! Rows and vendors fit each other.

use std::collections::BTreeSet;

use handover_conversations::Row;
use handover_conversations::table::{Cell, Table};
use handover_conversations::vendors::{ALL, Checks};

#[test]
fn every_row_has_a_name_of_its_own() {
    let names: BTreeSet<_> = Row::ALL.into_iter().map(Row::name).collect();
    assert_eq!(names.len(), Row::ALL.len());
}

#[test]
fn every_vendor_starts_sends_and_ends_by_requests_that_can_fail() {
    for vendor in ALL {
        for row in [Row::ErrorsStarting, Row::ErrorsSending, Row::ErrorsEnding] {
            assert!(!row.cells(vendor).is_empty(), "{} {}", vendor.name, row.name());
        }
    }
}

#[test]
fn what_a_vendor_cannot_has_its_source_in_parentheses_or_quotes() {
    for vendor in ALL {
        for source in Row::ALL.into_iter().filter_map(vendor.cannot) {
            assert!(source.contains('(') || source.contains('"'), "{}: {source}", vendor.name);
        }
    }
}

#[test]
fn no_vendor_is_excused_from_messages_ends_restarts_and_swaps() {
    let needed =
        [Row::Start, Row::Messages, Row::Echo, Row::EndByAgent, Row::EndByCustomer, Row::Restart, Row::Swap];
    for vendor in ALL {
        assert!(needed.into_iter().all(|row| (vendor.cannot)(row).is_none()), "{}", vendor.name);
    }
}

#[test]
fn one_failed_cell_fails_the_table() {
    let table = |cell| Table {
        vendors: vec![ALL[0], ALL[1]],
        rows: vec![(Row::Start, vec![Cell::Ok, cell])],
        zendesk: None,
        took: std::time::Duration::ZERO,
    };
    assert!(table(Cell::VendorCannot("(source)")).holds());
    let failed = table(Cell::Failed(vec!["why".to_owned()]));
    assert!(!failed.holds());
    assert!(failed.plain().contains("FAILED  zendesk · start"), "{}", failed.plain());
    assert!(failed.markdown().contains("| ok | FAILED |"), "{}", failed.markdown());
}

#[test]
fn a_request_that_is_not_as_the_schema_says_fails_the_table_and_one_that_was_not_held_against_it_is_told() {
    let table = |zendesk| Table {
        vendors: vec![ALL[0], ALL[1]],
        rows: vec![
            (Row::ErrorsEnding, vec![Cell::Ok, Cell::NoRequest]),
            (Row::Queue, vec![Cell::Ok, Cell::Ok]),
        ],
        zendesk,
        took: std::time::Duration::ZERO,
    };
    let mut checks = Checks { counts: [("PostMessage".to_owned(), 7)].into(), ..Checks::default() };
    let held = table(Some(Some(checks.clone())));
    assert!(held.holds());
    assert!(held.plain().contains("held against its schema: 7, of them 0 not as it says: PostMessage 7"));
    let end = "4 cells: 3 ok, 0 failed, 0 vendor cannot, 1 no such request; 1 requests met 13 errors; 0 s\n";
    assert!(held.plain().ends_with(end), "{}", held.plain());
    assert!(held.markdown().ends_with(end), "{}", held.markdown());
    checks.violations.push("PostMessage: author is missing".to_owned());
    let violated = table(Some(Some(checks)));
    assert!(!violated.holds());
    assert!(violated.plain().contains("author is missing"), "{}", violated.plain());
    let unknown = table(Some(None));
    assert!(unknown.holds());
    assert!(unknown.markdown().contains("not validated: no schema given"), "{}", unknown.markdown());
    assert!(!table(None).plain().contains("Zendesk, "));
}
