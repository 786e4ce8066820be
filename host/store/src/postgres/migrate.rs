//! The schema: brought up to date at the start, by one node, while others may go on with the one before.
//!
//! Files are numbered and only ever added to. One that adds without taking away or reinterpreting anything names the
//! oldest version that works beside it in `compatible_from`: nodes that know at least that one go on, and may be
//! started anew, during a rolling upgrade and after it. What has to take something away does so a release later,
//! once no node needs it.

use deadpool_postgres::Client;

use super::fault::Rows;
use super::keys;
use super::pipeline::{ask, values};
use crate::StoreError;
use crate::seal::Keys;

struct Migration {
    version: i64,
    /// The oldest schema a node may know and work on this one.
    compatible_from: i64,
    sql: &'static str,
}

const MIGRATIONS: [Migration; 2] = [
    Migration { version: 1, compatible_from: 1, sql: include_str!("migrations/0001_initial.sql") },
    Migration { version: 2, compatible_from: 1, sql: include_str!("migrations/0002_sealed.sql") },
];

/// Nodes that start at the same time wait for each other by this number, which means nothing else.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7318349394477056)";

/// Brings the schema up to date; one made by a newer version, or sealed with keys that are not there, is left alone.
pub(super) async fn migrate(client: &Client, keys: &Keys, place: &str) -> Rows<Result<(), StoreError>> {
    let known = MIGRATIONS[MIGRATIONS.len() - 1].version;
    // The wait for another node's migration, and the migration itself, may take longer than any operation.
    client.batch_execute("BEGIN; SET LOCAL statement_timeout = 0").await?;
    client.batch_execute(LOCK).await?;
    let there =
        ask(client, "SELECT current_schema() IS NOT NULL, to_regclass('migrations') IS NOT NULL", vec![]);
    let there = there.await?;
    let (schema, table): (bool, bool) = match there.first() {
        Some(row) => (row.try_get(0)?, row.try_get(1)?),
        None => (false, false),
    };
    if !schema {
        // The first name of the search path; asked for only where it is missing, because that takes a privilege.
        client
            .batch_execute(
                "DO $$ BEGIN EXECUTE 'CREATE SCHEMA ' ||
                     split_part(current_setting('search_path'), ',', 1); END $$",
            )
            .await?;
    }
    if !table {
        client
            .batch_execute(
                "CREATE TABLE migrations (
                     version bigint PRIMARY KEY,
                     compatible_from bigint NOT NULL,
                     applied timestamptz NOT NULL DEFAULT now())",
            )
            .await?;
    }
    let newest = "SELECT version, compatible_from FROM migrations ORDER BY version DESC LIMIT 1";
    let (found, compatible_from): (i64, i64) = match ask(client, newest, vec![]).await?.first() {
        Some(row) => (row.try_get(0)?, row.try_get(1)?),
        None => (0, 0),
    };
    if compatible_from > known {
        client.batch_execute("ROLLBACK").await?;
        return Ok(Err(StoreError::Newer { place: place.to_owned(), found, known }));
    }
    for migration in MIGRATIONS.iter().filter(|migration| migration.version > found) {
        client.batch_execute(migration.sql).await?;
        let applied = "INSERT INTO migrations (version, compatible_from) VALUES ($1, $2)";
        ask(client, applied, values![migration.version, migration.compatible_from]).await?;
    }
    if let Err(refused) = keys::check(client, keys, place).await? {
        client.batch_execute("ROLLBACK").await?;
        return Ok(Err(refused));
    }
    client.batch_execute("COMMIT").await?;
    Ok(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::MIGRATIONS;

    #[test]
    fn migrations_are_numbered_without_a_gap() {
        for (number, migration) in (1..).zip(&MIGRATIONS) {
            assert_eq!(migration.version, number);
            assert!(migration.compatible_from <= migration.version);
        }
    }
}
