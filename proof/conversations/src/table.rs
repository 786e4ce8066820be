//! The table: rows by vendors, what came of each cell, and why.

use std::fmt::Write as _;
use std::time::Duration;

use crate::rows::WRONGS;
use crate::vendors::Checks;
use crate::{Row, Vendor};

/// What came of a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// It held.
    Ok,
    /// It did not, and why.
    Failed(Vec<String>),
    /// The vendor has no such thing; the source.
    VendorCannot(&'static str),
    /// The connector makes no such request.
    NoRequest,
}

impl Cell {
    fn word(&self) -> String {
        match self {
            Cell::Ok => "ok".to_owned(),
            Cell::Failed(why) if why.len() > 1 => format!("FAILED ×{}", why.len()),
            Cell::Failed(_) => "FAILED".to_owned(),
            Cell::VendorCannot(_) => "cannot".to_owned(),
            Cell::NoRequest => "–".to_owned(),
        }
    }

    fn is_played(&self) -> bool {
        matches!(self, Cell::Ok | Cell::Failed(_))
    }
}

/// All cells that were played.
#[derive(Debug)]
pub struct Table {
    /// The columns.
    pub vendors: Vec<&'static Vendor>,
    /// The rows, with a cell for each column.
    pub rows: Vec<(Row, Vec<Cell>)>,
    /// What was held against Zendesk's published schema: none where Zendesk was not played, and nothing where the
    /// schema was not given.
    pub zendesk: Option<Option<Checks>>,
    /// How long it took.
    pub took: Duration,
}

impl Table {
    /// Whether nothing failed, and no request was other than its vendor's schema says.
    pub fn holds(&self) -> bool {
        let checks = self.zendesk.iter().flatten();
        let as_described = checks.clone().all(|checks| checks.violations.is_empty());
        as_described
            && self.rows.iter().flat_map(|(_, cells)| cells).all(|cell| !matches!(cell, Cell::Failed(_)))
    }

    /// For a terminal: the table, then what failed, then what vendors cannot.
    pub fn plain(&self) -> String {
        let widest = self.rows.iter().map(|(row, _)| row.name().chars().count()).max().unwrap_or_default();
        let mut text = format!("{:widest$}", "");
        for vendor in &self.vendors {
            let _ = write!(text, "  {:10}", vendor.name);
        }
        for (row, cells) in &self.rows {
            let _ = write!(text, "\n{:widest$}", row.name());
            for cell in cells {
                let _ = write!(text, "  {:10}", cell.word());
            }
        }
        text.push_str("\n\n");
        for (vendor, row, why) in self.failures() {
            let _ = writeln!(text, "FAILED  {} · {}", vendor.name, row.name());
            for why in why.iter().flat_map(|why| why.lines()) {
                let _ = writeln!(text, "        {why}");
            }
        }
        for (vendor, row, source) in self.cannot() {
            let _ = writeln!(text, "vendor cannot: {} · {}: {source}", vendor.name, row.name());
        }
        for line in self.zendesk_lines() {
            let _ = write!(text, "\n{line}");
        }
        let _ = writeln!(text, "\n{}", self.summary());
        text
    }

    /// The same in Markdown.
    pub fn markdown(&self) -> String {
        let mut text = "| row |".to_owned();
        for vendor in &self.vendors {
            let _ = write!(text, " {} |", vendor.name);
        }
        let _ = write!(text, "\n|---|{}", "---|".repeat(self.vendors.len()));
        for (row, cells) in &self.rows {
            let _ = write!(text, "\n| {} |", row.name());
            for cell in cells {
                let word = cell.word();
                let word = if matches!(cell, Cell::VendorCannot(_)) { "*vendor cannot*" } else { &word };
                let _ = write!(text, " {word} |");
            }
        }
        text.push_str("\n\n");
        for (vendor, row, why) in self.failures() {
            let _ = writeln!(text, "- **FAILED** {}, {}: {}", vendor.name, row.name(), why.join("; "));
        }
        for (vendor, row, source) in self.cannot() {
            let _ = writeln!(text, "- *vendor cannot*: {}, {}: {source}", vendor.name, row.name());
        }
        for line in self.zendesk_lines() {
            let _ = write!(text, "\n{line}\n");
        }
        let _ = writeln!(text, "\n{}", self.summary());
        text
    }

    /// What is said of the requests to Zendesk.
    fn zendesk_lines(&self) -> Vec<String> {
        let Some(checks) = &self.zendesk else { return Vec::new() };
        let Some(checks) = checks else {
            return vec!["Requests to Zendesk, not validated: no schema given (--zendesk-schema)".to_owned()];
        };
        let all: usize = checks.counts.values().sum();
        let counts: Vec<_> =
            checks.counts.iter().map(|(operation, count)| format!("{operation} {count}")).collect();
        let mut lines = vec![format!(
            "Requests to Zendesk, held against its schema: {all}, of them {} not as it says: {}; besides {} of files, \
             which are no operations of it",
            checks.violations.len(),
            counts.join(", "),
            checks.beside
        )];
        lines
            .extend(checks.violations.iter().map(|violation| format!("NOT AS THE SCHEMA SAYS  {violation}")));
        lines
    }

    /// How many cells there are, what came of them, and how long it took.
    fn summary(&self) -> String {
        let cells = || self.rows.iter().flat_map(|(_, cells)| cells);
        let count = |is: fn(&Cell) -> bool| cells().filter(|cell| is(cell)).count();
        let requests = self.rows.iter().map(|(row, cells)| {
            let played = self.vendors.iter().zip(cells).filter(|(_, cell)| cell.is_played());
            played.map(|(vendor, _)| row.cells(vendor).iter().flatten().count()).sum::<usize>()
        });
        let requests: usize = requests.sum();
        format!(
            "{} cells: {} ok, {} failed, {} vendor cannot, {} no such request; {requests} requests met {} errors; {:.0} s",
            cells().count(),
            count(|cell| *cell == Cell::Ok),
            count(|cell| matches!(cell, Cell::Failed(_))),
            count(|cell| matches!(cell, Cell::VendorCannot(_))),
            count(|cell| *cell == Cell::NoRequest),
            requests * WRONGS,
            self.took.as_secs_f64()
        )
    }

    fn failures(&self) -> Vec<(&'static Vendor, Row, &Vec<String>)> {
        self.each(|cell| if let Cell::Failed(why) = cell { Some(why) } else { None })
    }

    fn cannot(&self) -> Vec<(&'static Vendor, Row, &'static str)> {
        self.each(|cell| if let Cell::VendorCannot(source) = cell { Some(*source) } else { None })
    }

    fn each<'a, T>(&'a self, pick: impl Fn(&'a Cell) -> Option<T>) -> Vec<(&'static Vendor, Row, T)> {
        let mut picked = Vec::new();
        for (nth, vendor) in self.vendors.iter().enumerate() {
            for (row, cells) in &self.rows {
                picked.extend(pick(&cells[nth]).map(|found| (*vendor, *row, found)));
            }
        }
        picked
    }
}
