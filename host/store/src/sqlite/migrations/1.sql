-- Schema 1. Documents are JSON; columns beside them exist to be searched.

CREATE TABLE sessions (
    id           TEXT PRIMARY KEY,
    tenant       TEXT NOT NULL,
    channel      TEXT NOT NULL,
    conversation TEXT NOT NULL,
    connector    TEXT NOT NULL,
    phase        TEXT NOT NULL,
    open         INTEGER NOT NULL,
    started      INTEGER NOT NULL,
    wake         INTEGER,
    document     TEXT NOT NULL
) WITHOUT ROWID;

-- I1: one open session per channel conversation.
CREATE UNIQUE INDEX one_open_session ON sessions (tenant, channel, conversation) WHERE open = 1;
CREATE INDEX sessions_by_conversation ON sessions (tenant, channel, conversation, open, started);
CREATE INDEX sessions_by_wake ON sessions (wake) WHERE wake IS NOT NULL;

-- I2: a key names one session of one connector.
CREATE TABLE lookup_keys (
    connector TEXT NOT NULL,
    key       TEXT NOT NULL,
    session   TEXT NOT NULL,
    PRIMARY KEY (connector, key)
) WITHOUT ROWID;

-- I4: what was taken in once is not taken in again.
CREATE TABLE inbox (
    scope TEXT NOT NULL,
    key   TEXT NOT NULL,
    taken INTEGER NOT NULL,
    PRIMARY KEY (scope, key)
) WITHOUT ROWID;

CREATE TABLE deliveries (
    session         TEXT NOT NULL,
    direction       TEXT NOT NULL,
    seq             INTEGER NOT NULL,
    status          TEXT NOT NULL, -- pending, done, dead
    attempt         INTEGER NOT NULL,
    created         INTEGER NOT NULL,
    due             INTEGER NOT NULL,
    maybe_duplicate INTEGER NOT NULL,
    settled         INTEGER,
    reason          TEXT,
    parcel          TEXT NOT NULL,
    PRIMARY KEY (session, direction, seq)
) WITHOUT ROWID;

CREATE INDEX pending_deliveries ON deliveries (session, direction, seq) WHERE status = 'pending';
CREATE INDEX dead_deliveries ON deliveries (settled) WHERE status = 'dead';

-- I5: a lane with something pending. due is when it can be claimed: its first delivery's time or, while somebody
-- has it in hand, the end of that lease.
CREATE TABLE lanes (
    session   TEXT NOT NULL,
    direction TEXT NOT NULL,
    due       INTEGER NOT NULL,
    in_hand   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (session, direction)
) WITHOUT ROWID;

CREATE INDEX lanes_by_due ON lanes (due);
