//! Sessions, their timers, the keys that vendors name them by, and the inbox as rows.

use deadpool_postgres::Client;
use handover_handoff::session::Phase;
use handover_handoff::{Session, SessionId, Timestamp};
use tokio_postgres::Row;

use super::fault::{self, Fault, Rows};
use super::names::plain;
use super::pipeline::{Pipeline, ask, values};
use super::sealed;
use crate::seal::{Keys, Place};
use crate::{Counts, Once, Subject};

const BY_CONVERSATION: &str =
    "SELECT id, document FROM sessions WHERE tenant = $1 AND channel = $2 AND conversation = $3
     ORDER BY open DESC, started DESC, id DESC LIMIT 1 FOR UPDATE";
const BY_ID: &str = "SELECT id, document FROM sessions WHERE id = $1 FOR UPDATE";
const BY_LOOKUP_KEY: &str = "SELECT s.id, s.document FROM lookup_keys k JOIN sessions s ON s.id = k.session
     WHERE k.connector = $1 AND k.key = $2 FOR UPDATE OF s";

const INSERT: &str = "INSERT INTO sessions (id, tenant, channel, conversation, connector, customer, phase, open,
         started, ended, document, sealed_with)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, CASE WHEN $7 = 'ended' THEN $10::bigint END, $11, $12)
     ON CONFLICT (id) DO UPDATE SET phase = excluded.phase, open = excluded.open, document = excluded.document,
         sealed_with = excluded.sealed_with, customer = excluded.customer,
         ended = CASE WHEN excluded.phase = 'ended' THEN coalesce(sessions.ended, excluded.ended) END";
const UPDATE: &str =
    "UPDATE sessions SET phase = $2, open = $3, customer = $4, document = $6, sealed_with = $7,
         ended = CASE WHEN $2 = 'ended' THEN coalesce(ended, $5::bigint) END
     WHERE id = $1";

const SET_TIMER: &str = "INSERT INTO timers (session, wake) VALUES ($1, $2)
     ON CONFLICT (session) DO UPDATE SET wake = excluded.wake WHERE timers.wake <> excluded.wake";
const STOP_TIMER: &str = "DELETE FROM timers WHERE session = $1";

const TAKE_IN: &str =
    "INSERT INTO inbox (scope, key, taken) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING true";

const SAVE_KEYS: &str = "INSERT INTO lookup_keys (connector, key, session)
     SELECT $1, key, $3 FROM unnest($2::text[]) AS new (key) ORDER BY key
     ON CONFLICT (connector, key) DO UPDATE SET session = excluded.session
         WHERE NOT EXISTS (SELECT FROM sessions s
                           WHERE s.id = lookup_keys.session AND s.open AND s.id <> excluded.session)
     RETURNING true";
const OWNER: &str = "SELECT s.id::text FROM lookup_keys k JOIN sessions s ON s.id = k.session
     WHERE k.connector = $1 AND k.key = ANY ($2::text[]) AND s.open AND s.id <> $3 LIMIT 1";

/// Takes a name in; no row where it was there. Waits while another transaction is about to.
pub(super) async fn take_in(pipeline: &mut Pipeline<'_>, once: &Once, now: Timestamp) -> Rows<()> {
    let (scope, key) = (plain(&once.scope).into_owned(), plain(&once.key).into_owned());
    pipeline.add(TAKE_IN, values![scope, key, fault::millis(now)?]).await
}

/// The session that a subject names; until the transaction ends nobody else decides on it.
pub(super) async fn find(pipeline: &mut Pipeline<'_>, subject: &Subject) -> Rows<()> {
    let own = |text: &str| plain(text).into_owned();
    match subject {
        Subject::Conversation(key) => {
            let values = values![own(&key.tenant), own(&key.channel), own(&key.conversation)];
            pipeline.add(BY_CONVERSATION, values).await
        }
        Subject::Session(id) => pipeline.add(BY_ID, values![id.0]).await,
        Subject::LookupKey { connector, key } => {
            pipeline.add(BY_LOOKUP_KEY, values![own(connector), own(key)]).await
        }
    }
}

/// The session that a row holds, whose id is in the one column and whose document is in the other.
pub(super) fn document(keys: &Keys, row: &Row, id: usize, document: usize) -> Rows<Session> {
    let id = SessionId(row.try_get(id)?);
    sealed::open(keys, "session", &Place::Session(id), row, document)
}

/// Writes a session as it has become; `known` where it was loaded in this transaction.
pub(super) async fn save(
    pipeline: &mut Pipeline<'_>,
    keys: &Keys,
    session: &Session,
    known: bool,
    now: Timestamp,
) -> Rows<()> {
    let (phase, open) = (session.phase.as_str(), session.phase.is_open());
    let (now, sealed_with) = (fault::millis(now)?, keys.current().map(str::to_owned));
    let document = sealed::seal(keys, "session", &Place::Session(session.id), session)?;
    let customer = Some(&session.customer.id).filter(|id| !id.is_empty()).map(|id| plain(id).into_owned());
    if known {
        return pipeline
            .add(UPDATE, values![session.id.0, phase, open, customer, now, document, sealed_with])
            .await;
    }
    let own = |text: &str| plain(text).into_owned();
    let key = &session.conversation;
    let values = values![
        session.id.0,
        own(&key.tenant),
        own(&key.channel),
        own(&key.conversation),
        own(&session.connector),
        customer,
        phase,
        open,
        fault::millis(session.marks.started)?,
        now,
        document,
        sealed_with,
    ];
    pipeline.add(INSERT, values).await
}

/// Sets a session's timer.
pub(super) async fn wake(
    pipeline: &mut Pipeline<'_>,
    session: SessionId,
    wake: Option<Timestamp>,
) -> Rows<()> {
    match wake {
        Some(at) => pipeline.add(SET_TIMER, values![session.0, fault::millis(at)?]).await,
        None => pipeline.add(STOP_TIMER, values![session.0]).await,
    }
}

/// Lets callbacks find a session by keys it has got. A key that a vendor uses again belongs to the session that got
/// it last, unless the one that had it is still open; keys that this one had `before` are left alone, they may be
/// another's by now.
pub(super) async fn save_keys(client: &Client, session: &Session, before: &[String]) -> Rows<()> {
    let keys = session.vendor.lookup_keys.iter().filter(|key| !before.contains(key));
    let mut keys: Vec<String> = keys.map(|key| plain(key).into_owned()).collect();
    keys.sort_unstable();
    keys.dedup();
    if keys.is_empty() {
        return Ok(());
    }
    let connector = plain(&session.connector).into_owned();
    let values = values![connector.clone(), keys.clone(), session.id.0];
    if ask(client, SAVE_KEYS, values).await?.len() == keys.len() {
        return Ok(());
    }
    let owner = ask(client, OWNER, values![connector, keys, session.id.0]).await?;
    let owner = match owner.first() {
        Some(row) => row.try_get(0)?,
        None => "unknown".to_owned(),
    };
    Err(Fault::KeyTaken { connector: session.connector.clone(), owner })
}

/// One session, as it is.
pub(super) async fn session(client: &Client, keys: &Keys, id: SessionId) -> Rows<Option<Session>> {
    let rows = ask(client, "SELECT id, document FROM sessions WHERE id = $1", values![id.0]).await?;
    rows.first().map(|row| document(keys, row, 0, 1)).transpose()
}

/// Whether a session of this connector waits for its vendor.
pub(super) async fn starting(client: &Client, connector: &str) -> Rows<bool> {
    let sql = "SELECT true FROM sessions WHERE phase = $1 AND phase <> 'ended' AND connector = $2 LIMIT 1";
    let values = values![Phase::Requested.as_str(), plain(connector).into_owned()];
    Ok(!ask(client, sql, values).await?.is_empty())
}

/// How much of everything there is; each is counted along an index that holds no more than what is counted.
pub(super) async fn counts(client: &Client) -> Rows<Counts> {
    let mut pipeline = Pipeline::new(client);
    let phases = "SELECT phase, count(*) FROM sessions WHERE phase <> 'ended' GROUP BY phase";
    pipeline.add(phases, vec![]).await?;
    pipeline.add("SELECT count(*) FROM deliveries WHERE status = 'pending'", vec![]).await?;
    pipeline.add("SELECT count(*) FROM deliveries WHERE status = 'dead'", vec![]).await?;
    pipeline.add("SELECT connector, count(*) FROM callbacks GROUP BY connector", vec![]).await?;
    let mut answers = pipeline.run().await?;
    let named = |row: Row| Ok((row.try_get(0)?, fault::number(row.try_get(1)?)?));
    let number = |row: Option<Row>| match row {
        Some(row) => fault::number(row.try_get(0)?),
        None => Ok(0),
    };
    Ok(Counts {
        sessions: answers.rows().into_iter().map(named).collect::<Rows<_>>()?,
        pending: number(answers.row())?,
        dead: number(answers.row())?,
        unread: answers.rows().into_iter().map(named).collect::<Rows<_>>()?,
    })
}
