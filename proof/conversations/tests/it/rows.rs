//! Rows and vendors fit each other.

use std::collections::BTreeSet;

use handover_conversations::Row;
use handover_conversations::table::{Cell, Table};
use handover_conversations::vendors::ALL;

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
        took: std::time::Duration::ZERO,
    };
    assert!(table(Cell::VendorCannot("(source)")).holds());
    let failed = table(Cell::Failed(vec!["why".to_owned()]));
    assert!(!failed.holds());
    assert!(failed.plain().contains("FAILED  zendesk · start"), "{}", failed.plain());
    assert!(failed.markdown().contains("| ok | FAILED |"), "{}", failed.markdown());
}
