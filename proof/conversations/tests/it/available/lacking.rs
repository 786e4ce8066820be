//! Of each vendor: what the section lacks is named by its key, with what the vendor calls it.

use super::doctor::{Said, ask};
use super::section::{Piece, Section, all, secrets};

const OTHER_KIND: &str = "{ kind = \"aws-sigv4\", service = \"s\", region = \"r\", access_key = \"file:key\", \
                          secret_key = \"file:key\" }";

async fn said(section: &Section, toml: &str) -> Said {
    ask(section.vendor, toml, &secrets(section.vendor)).await
}

#[tokio::test]
async fn without_a_section_and_with_an_empty_one_all_that_is_needed_is_named_at_once() {
    for section in all() {
        for toml in [String::new(), format!("[connectors.{}]\n", section.vendor)] {
            let said = said(&section, &toml).await;
            let needed = || section.pieces.iter().filter(|piece| piece.is_needed());
            said.fails(needed().map(|piece| piece.told.0).collect());
            for piece in needed() {
                said.tells(piece.told.0, "failed", piece.words);
            }
            let file = format!("{}.wasm", section.vendor);
            said.tells(&file, "skipped", &["does not load", &format!("[connectors.{}]", section.vendor)]);
        }
    }
}

#[tokio::test]
async fn a_piece_that_is_missing_is_named_and_no_other() {
    for section in all() {
        for missing in &section.pieces {
            let left =
                section.each(|piece| if piece.key == missing.key { String::new() } else { piece.line() });
            let said = said(&section, &left).await;
            let (step, state) = missing.told;
            said.tells(step, state, missing.words);
            let mut others = said.failed();
            // Nobody is where the section leads to.
            others.retain(|name| *name != step && !is_online(&section, name));
            assert_eq!(others, Vec::<&str>::new(), "{} without {}", section.vendor, missing.key);
        }
    }
}

#[tokio::test]
async fn settings_of_another_type_and_unknown_ones_and_credentials_of_another_kind_are_named() {
    for section in all() {
        let unknown = format!("connectors.{}.settings.nonsense", section.vendor);
        let other = |piece: &Piece| match piece {
            piece if piece.is_credential() => piece.with(OTHER_KIND),
            piece if piece.is_setting() => piece.with("4711"),
            piece => piece.line(),
        };
        let said = said(&section, &format!("{}{unknown} = 1\n", section.each(other))).await;
        let wrong = || section.pieces.iter().filter(|piece| piece.is_credential() || piece.is_setting());
        said.fails(wrong().map(|piece| piece.key).chain([unknown.as_str()]).collect());
        said.tells(&unknown, "failed", &["knows no such setting", "there are "]);
        for piece in wrong() {
            let what = if piece.is_setting() { "not of type \"string\"" } else { "of the kind aws-sigv4" };
            said.tells(piece.key, "failed", &[what]);
        }
    }
}

#[tokio::test]
async fn secrets_that_are_not_where_they_should_be_are_named_once() {
    for section in all().into_iter().filter(|section| section.pieces.iter().any(Piece::is_credential)) {
        let said = ask(section.vendor, &section.whole(), &[]).await;
        let mut failed = said.failed();
        // Nobody is where the section leads to.
        failed.retain(|name| *name != section.pieces[0].key);
        let credentials = || section.pieces.iter().filter(|piece| piece.is_credential());
        assert_eq!(failed.len(), credentials().count(), "{}: {failed:?}", section.vendor);
        for piece in credentials() {
            said.tells(piece.key, "failed", &["file:", "cannot be read", "check the path"]);
        }
    }
}

#[tokio::test]
async fn a_vendor_that_cannot_be_reached_is_named() {
    for section in all() {
        let said = said(&section, &section.whole()).await;
        let upstream = &section.pieces[0];
        said.tells(upstream.key, "failed", &["127.0.0.1:9 cannot be reached", "nobody listens there"]);
        let loads = format!("{}.wasm", section.vendor);
        said.tells(&loads, "ok", &["loads"]);
    }
}

/// Whether this is said of a vendor that does not answer.
fn is_online(section: &Section, name: &str) -> bool {
    let upstream = section.pieces[0].key;
    let signs_in = section.vendor == "genesys" && name == "connectors.genesys.credentials.api";
    name == upstream || signs_in
}
