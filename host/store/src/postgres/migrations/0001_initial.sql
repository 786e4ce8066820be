-- Schema 1. Documents are JSON; columns beside them exist to be searched. They are `text` and not `jsonb`: nothing
-- looks into them, and what customers write may hold characters that `jsonb` refuses.
-- Texts that are compared are compared by their bytes.

CREATE TABLE sessions (
    id           uuid PRIMARY KEY,
    tenant       text COLLATE "C" NOT NULL,
    channel      text COLLATE "C" NOT NULL,
    conversation text COLLATE "C" NOT NULL,
    connector    text COLLATE "C" NOT NULL,
    customer     text COLLATE "C", -- the channel's id of the person, where there is one
    phase        text COLLATE "C" NOT NULL,
    open         boolean NOT NULL,
    started      bigint NOT NULL,
    ended        bigint,
    forgotten    boolean NOT NULL DEFAULT false, -- does not outlive its end
    document     text NOT NULL
    -- Most changes of a session touch no index: with room on its page they leave nothing for vacuum to do.
) WITH (fillfactor = 70, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

-- I1: one open session per channel conversation.
CREATE UNIQUE INDEX one_open_session ON sessions (tenant, channel, conversation) WHERE open;
CREATE INDEX sessions_by_conversation ON sessions (tenant, channel, conversation, open, started, id);
CREATE INDEX sessions_by_customer ON sessions (customer, started, id) WHERE customer IS NOT NULL;
CREATE INDEX living_sessions ON sessions (phase, connector) WHERE phase <> 'ended';
CREATE INDEX ended_sessions ON sessions (ended) WHERE ended IS NOT NULL;
CREATE INDEX forgotten_sessions ON sessions (ended) WHERE forgotten AND ended IS NOT NULL;

-- Apart from the sessions, because almost every change of a session moves its timer, and would change all indexes
-- of the wide row.
CREATE TABLE timers (
    session uuid PRIMARY KEY,
    wake    bigint NOT NULL
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
        autovacuum_vacuum_cost_delay = 0);

CREATE INDEX timers_by_wake ON timers (wake);

-- I2: a key names one session of one connector.
CREATE TABLE lookup_keys (
    connector text COLLATE "C" NOT NULL,
    key       text COLLATE "C" NOT NULL,
    session   uuid NOT NULL,
    PRIMARY KEY (connector, key)
);

CREATE INDEX lookup_keys_by_session ON lookup_keys (session);

-- I4: what was taken in once is not taken in again.
CREATE TABLE inbox (
    scope text COLLATE "C" NOT NULL,
    key   text COLLATE "C" NOT NULL,
    taken bigint NOT NULL,
    PRIMARY KEY (scope, key)
);

CREATE INDEX inbox_by_taken ON inbox (taken);

CREATE TABLE deliveries (
    session         uuid NOT NULL,
    direction       text COLLATE "C" NOT NULL,
    seq             bigint NOT NULL,
    status          text COLLATE "C" NOT NULL, -- pending, done, dead
    attempt         integer NOT NULL,
    created         bigint NOT NULL,
    due             bigint NOT NULL,
    deadline        bigint NOT NULL,
    maybe_duplicate boolean NOT NULL,
    settled         bigint,
    reason          text,
    connector       text COLLATE "C", -- given to the dead, which are looked for by it
    parcel          text NOT NULL,
    PRIMARY KEY (session, direction, seq)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

CREATE INDEX pending_deliveries ON deliveries (session, direction, seq) WHERE status = 'pending';
CREATE INDEX dead_deliveries ON deliveries (session, direction, seq) WHERE status = 'dead';
CREATE INDEX dead_deliveries_by_connector ON deliveries (connector, session, direction, seq)
    WHERE status = 'dead';

-- I5: a lane with something pending. Few rows that change all the time: vacuumed often and at full speed.
CREATE TABLE lanes (
    session   uuid NOT NULL,
    direction text COLLATE "C" NOT NULL,
    target    text COLLATE "C" NOT NULL,
    due       bigint NOT NULL, -- its first delivery's time or, while it is in hand, the end of that lease
    stale     bigint NOT NULL, -- its first delivery's deadline
    hand      bigint,          -- the place of the delivery that is under way
    attempt   integer,         -- which attempt of it that is
    holder    uuid,            -- the node that has it in hand
    PRIMARY KEY (session, direction)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
        autovacuum_vacuum_cost_delay = 0);

CREATE INDEX lanes_by_due ON lanes (target, due);
CREATE INDEX free_lanes_by_stale ON lanes (target, stale) WHERE hand IS NULL;

-- Who shares this database, by its own clock.
CREATE TABLE nodes (
    id   uuid PRIMARY KEY,
    seen timestamptz NOT NULL
);

-- What one node at a time does.
CREATE TABLE jobs (
    name   text COLLATE "C" PRIMARY KEY,
    holder uuid NOT NULL,
    until  bigint NOT NULL
);

CREATE TABLE callbacks (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    connector text COLLATE "C" NOT NULL,
    received  bigint NOT NULL,
    tried     text COLLATE "C" NOT NULL,
    reason    text NOT NULL,
    request   bytea NOT NULL
);

CREATE INDEX callbacks_by_connector ON callbacks (connector, id);
CREATE INDEX callbacks_by_received ON callbacks (received);
