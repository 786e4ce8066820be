-- Schema 2: lanes lead to targets, several nodes may claim, and what is over is removed.

-- deadline is until when it is tried. connector is given to the dead, which are looked for by it.
ALTER TABLE deliveries ADD COLUMN deadline INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN connector TEXT;

-- What is held waits for ever; the rest gets the patience that decisions have had by default.
UPDATE deliveries SET deadline = CASE
    WHEN due = 9223372036854775807 THEN due
    WHEN json_extract(parcel, '$.kind') IN ('start', 'message', 'agent-message') THEN created + 120000
    ELSE created + 3600000
END WHERE status <> 'done' AND json_valid(parcel);
UPDATE deliveries SET connector = (SELECT connector FROM sessions WHERE sessions.id = deliveries.session)
WHERE status = 'dead';

DROP INDEX dead_deliveries;
CREATE INDEX dead_deliveries ON deliveries (session, direction, seq) WHERE status = 'dead';
CREATE INDEX dead_deliveries_by_connector ON deliveries (connector, session, direction, seq)
WHERE status = 'dead';

-- customer is the channel's id of the person, where there is one. ended is when the session became so. What is
-- forgotten does not outlive its end.
ALTER TABLE sessions ADD COLUMN customer TEXT;
ALTER TABLE sessions ADD COLUMN ended INTEGER;
ALTER TABLE sessions ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0;

UPDATE sessions SET customer = nullif(json_extract(document, '$.customer.id'), '') WHERE json_valid(document);
UPDATE sessions SET ended = max(started, coalesce(
    (SELECT max(settled) FROM deliveries WHERE deliveries.session = sessions.id), 0))
WHERE phase = 'ended';

CREATE INDEX sessions_by_customer ON sessions (customer, started) WHERE customer IS NOT NULL;
CREATE INDEX living_sessions ON sessions (phase, connector) WHERE phase <> 'ended';
CREATE INDEX ended_sessions ON sessions (ended) WHERE ended IS NOT NULL;
CREATE INDEX forgotten_sessions ON sessions (ended) WHERE forgotten = 1 AND ended IS NOT NULL;

CREATE INDEX lookup_keys_by_session ON lookup_keys (session);
CREATE INDEX inbox_by_taken ON inbox (taken);

-- I5: a lane with something pending. target is what it leads to; due is when it can be claimed: its first delivery's
-- time or, while somebody has it in hand, the end of that lease; stale is its first delivery's deadline; hand is the
-- place of the delivery that is under way, and holder the node that has it.
ALTER TABLE lanes RENAME TO lanes_1;
DROP INDEX lanes_by_due;
CREATE TABLE lanes (
    session   TEXT NOT NULL,
    direction TEXT NOT NULL,
    target    TEXT NOT NULL,
    due       INTEGER NOT NULL,
    stale     INTEGER NOT NULL,
    hand      INTEGER,
    holder    TEXT,
    PRIMARY KEY (session, direction)
) WITHOUT ROWID;

-- What was in hand has been so by nobody who is still there. The targets are filled in after this: they stand in the
-- sessions' documents.
INSERT INTO lanes (session, direction, target, due, stale, hand)
SELECT l.session, l.direction, '', l.due, d.deadline, CASE l.in_hand WHEN 1 THEN d.seq END
FROM lanes_1 l JOIN deliveries d ON d.session = l.session AND d.direction = l.direction AND d.seq = (
    SELECT min(seq) FROM deliveries
    WHERE session = l.session AND direction = l.direction AND status = 'pending');
DROP TABLE lanes_1;

CREATE INDEX lanes_by_due ON lanes (target, due);
CREATE INDEX free_lanes_by_stale ON lanes (target, stale) WHERE hand IS NULL;

-- Who has the database open, and when it was last heard of.
CREATE TABLE nodes (
    id   TEXT PRIMARY KEY,
    seen INTEGER NOT NULL
) WITHOUT ROWID;

-- What one node at a time does.
CREATE TABLE jobs (
    name   TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until  INTEGER NOT NULL
) WITHOUT ROWID;

-- Callbacks that nobody could read, in the order they came.
CREATE TABLE callbacks (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    connector TEXT NOT NULL,
    received  INTEGER NOT NULL,
    tried     TEXT NOT NULL,
    reason    TEXT NOT NULL,
    request   BLOB NOT NULL
);

CREATE INDEX callbacks_by_connector ON callbacks (connector);
CREATE INDEX callbacks_by_received ON callbacks (received);
