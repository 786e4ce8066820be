-- Schema 2: values may be sealed. A document or parcel that is sealed begins with `sealed:`, where JSON cannot.
-- It only adds. Nodes that know schema 1 go on beside it until a key is configured: see keys.rs.

-- The id of the key that a row's document, parcel or request is sealed with; none where it is in the clear. What is
-- in the clear is indexed once there is a key to seal it with, so that nobody else pays for that.
ALTER TABLE sessions ADD COLUMN sealed_with text COLLATE "C";
ALTER TABLE deliveries ADD COLUMN sealed_with text COLLATE "C";
ALTER TABLE callbacks ADD COLUMN sealed_with text COLLATE "C";

CREATE INDEX sealed_sessions ON sessions (sealed_with, id) WHERE sealed_with IS NOT NULL;
CREATE INDEX sealed_deliveries ON deliveries (sealed_with, session, direction, seq)
    WHERE sealed_with IS NOT NULL;
CREATE INDEX sealed_callbacks ON callbacks (sealed_with, id) WHERE sealed_with IS NOT NULL;

-- Keys that have sealed something, each with what shows whether a key is the one that goes by its id.
CREATE TABLE keys (
    id    text COLLATE "C" PRIMARY KEY,
    proof bytea NOT NULL
);
