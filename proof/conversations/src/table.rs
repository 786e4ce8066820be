//! The table: rows by vendors, what came of each cell, and why.

use std::fmt::Write as _;
use std::time::Duration;

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
}

/// All cells that were played.
#[derive(Debug)]
pub struct Table {
    /// The columns.
    pub vendors: Vec<&'static Vendor>,
    /// The rows, with a cell for each column.
    pub rows: Vec<(Row, Vec<Cell>)>,
    /// How long it took.
    pub took: Duration,
}

impl Table {
    /// Whether nothing failed.
    pub fn holds(&self) -> bool {
        self.rows.iter().flat_map(|(_, cells)| cells).all(|cell| !matches!(cell, Cell::Failed(_)))
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
        let _ = writeln!(text, "\n\n{}", self.summary());
        for (vendor, row, why) in self.failures() {
            let _ = writeln!(text, "\nFAILED  {} · {}", vendor.name, row.name());
            for why in why.iter().flat_map(|why| why.lines()) {
                let _ = writeln!(text, "        {why}");
            }
        }
        for (vendor, row, source) in self.cannot() {
            let _ = write!(text, "\nvendor cannot: {} · {}: {source}", vendor.name, row.name());
        }
        text.push('\n');
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
        let _ = writeln!(text, "\n\n{}\n", self.summary());
        for (vendor, row, why) in self.failures() {
            let _ = writeln!(text, "- **FAILED** {}, {}: {}", vendor.name, row.name(), why.join("; "));
        }
        for (vendor, row, source) in self.cannot() {
            let _ = writeln!(text, "- *vendor cannot*: {}, {}: {source}", vendor.name, row.name());
        }
        text
    }

    fn summary(&self) -> String {
        let cells = || self.rows.iter().flat_map(|(_, cells)| cells);
        let count = |is: fn(&Cell) -> bool| cells().filter(|cell| is(cell)).count();
        format!(
            "{} ok, {} failed, {} vendor cannot, {} no such request; {:.0} s",
            count(|cell| *cell == Cell::Ok),
            count(|cell| matches!(cell, Cell::Failed(_))),
            count(|cell| matches!(cell, Cell::VendorCannot(_))),
            count(|cell| *cell == Cell::NoRequest),
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
