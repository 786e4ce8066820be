//! A connector's name, in the forms that languages write it in, put where the example's own name stands.

/// The example's name, which gives way.
pub(super) const EXAMPLE: &str = "contoso";

/// The same at the beginning of a sentence, of a type and of the vendor's own name.
const EXAMPLE_CAPITAL: &str = "Contoso";

const LONGEST: usize = 40;

/// What the example's files, the SDK or WIT's grammar use themselves, and what would make a package called as the SDK is.
const TAKEN: &[&str] = &[
    "as",
    "async",
    "bool",
    "borrow",
    "callback",
    "char",
    "connector",
    "constructor",
    "context",
    "credential",
    "descriptor",
    "description",
    "digest",
    "encoding",
    "enum",
    "event",
    "export",
    "failure",
    "flags",
    "from",
    "func",
    "future",
    "handoff",
    "handover",
    "http",
    "import",
    "include",
    "interface",
    "limits",
    "list",
    "log",
    "mapped",
    "message",
    "option",
    "own",
    "package",
    "receipt",
    "record",
    "refusal",
    "resource",
    "result",
    "self",
    "sent",
    "session",
    "signals",
    "static",
    "stream",
    "string",
    "text",
    "tuple",
    "type",
    "types",
    "update",
    "upstream",
    "use",
    "variant",
    "verification",
    "with",
    "world",
    "failure-reason",
    "text-format",
];

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum NameError {
    #[error(
        "`{0}` is no name for a connector: up to {LONGEST} small letters, digits and hyphens, and a letter at the \
         beginning and after each hyphen, as in `acme-desk`"
    )]
    Form(String),
    #[error("`{0}` means something else in a connector already: take the vendor's name, or `{0}-desk`")]
    Taken(String),
}

/// A name as in files and packages: `acme-desk`.
#[derive(Debug, Clone)]
pub(super) struct Name(String);

impl Name {
    pub(super) fn new(name: &str) -> Result<Self, NameError> {
        let word = |word: &str| {
            word.starts_with(|c: char| c.is_ascii_lowercase())
                && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        if name.len() > LONGEST || !name.split('-').all(word) {
            return Err(NameError::Form(name.to_owned()));
        }
        if TAKEN.contains(&name) {
            return Err(NameError::Taken(name.to_owned()));
        }
        Ok(Self(name.to_owned()))
    }

    /// As in `acme_desk_string_t`.
    fn snake(&self) -> String {
        self.0.replace('-', "_")
    }

    /// `Acme Desk`, or as a type `AcmeDesk`.
    fn capitals(&self, between: &str) -> String {
        let words = self.0.split('-').map(|word| word[..1].to_ascii_uppercase() + &word[1..]);
        words.collect::<Vec<_>>().join(between)
    }

    /// The text of the file `path` with this name in place of the example's.
    pub(super) fn put_into(&self, path: &str, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.to_ascii_lowercase().find(EXAMPLE) {
            let (before, from) = rest.split_at(at);
            let (found, after) = from.split_at(EXAMPLE.len());
            out.push_str(before);
            out.push_str(&if found == EXAMPLE_CAPITAL {
                self.capitals(if is_type(path, before, after) { "" } else { " " })
            } else if is_identifier(after) {
                self.snake()
            } else {
                self.0.clone()
            });
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

/// A type of Rust, where a vendor's name could not hold a space.
fn is_type(path: &str, before: &str, after: &str) -> bool {
    path.ends_with(".rs")
        && (after.starts_with([':', ';']) && !before.ends_with('"') || after.starts_with(" {"))
}

/// What C's and Rust's tools spell with underscores: identifiers, and the files of C's bindings.
fn is_identifier(after: &str) -> bool {
    let file = after.strip_prefix(".h").or_else(|| after.strip_prefix(".c"));
    after.starts_with('_') || file.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::{Name, NameError};

    #[test]
    fn a_name_takes_the_form_of_its_place() {
        let name = Name::new("acme-desk").expect("a name");
        let put = |path, text| name.put_into(path, text);
        assert_eq!(put("Cargo.toml", "name = \"contoso-connector\""), "name = \"acme-desk-connector\"");
        assert_eq!(put("a.rs", "use contoso_connector::Contoso;"), "use acme_desk_connector::AcmeDesk;");
        assert_eq!(put("a.rs", "impl Connector for Contoso {"), "impl Connector for AcmeDesk {");
        assert_eq!(put("a.rs", "//! The Contoso connector"), "//! The Acme Desk connector");
        assert_eq!(put("a.c", "#include \"contoso.h\""), "#include \"acme_desk.h\"");
        assert_eq!(put("Makefile", "bindings/contoso.c \\"), "bindings/acme_desk.c \\");
        assert_eq!(put("a.md", "dist/contoso.wasm"), "dist/acme-desk.wasm");
    }

    #[test]
    fn what_no_tool_could_take_is_refused() {
        for name in
            ["", "Acme", "acme desk", "acme_desk", "-acme", "acme-", "9to5", "acme-9", "../acme", "ácme"]
        {
            assert_eq!(Name::new(name).expect_err(name), NameError::Form(name.to_owned()));
        }
        assert!(matches!(Name::new("handover"), Err(NameError::Taken(_))));
        assert!(Name::new("acme2").is_ok());
    }
}
