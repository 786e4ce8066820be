//! The texts of a run: whose they are, in which session, and the how manyth: `c-12-3`, `a-12-3`.

use std::fmt;

/// Who wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// The customer.
    Customer,
    /// The live agent.
    Agent,
}

/// One text, unique in the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbered {
    /// Who wrote it.
    pub author: Author,
    /// In which session.
    pub session: u32,
    /// The first is 1.
    pub nth: u32,
}

impl Numbered {
    /// Reads a text; what stands before it, such as the sender's name, ends in a space.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.rsplit(' ').next()?;
        let (author, rest) = match text.split_once('-')? {
            ("c", rest) => (Author::Customer, rest),
            ("a", rest) => (Author::Agent, rest),
            _ => return None,
        };
        let (session, nth) = rest.split_once('-')?;
        Some(Self { author, session: session.parse().ok()?, nth: nth.parse().ok()? })
    }
}

impl fmt::Display for Numbered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let author = match self.author {
            Author::Customer => 'c',
            Author::Agent => 'a',
        };
        write!(f, "{author}-{}-{}", self.session, self.nth)
    }
}
