-- Schema 3: values may be sealed. A document or parcel that is sealed is a BLOB where one in the clear is TEXT.

-- The id of the key that a row's document, parcel or request is sealed with; none where it is in the clear. What is
-- in the clear is indexed once there is a key to seal it with, so that nobody else pays for that.
ALTER TABLE sessions ADD COLUMN sealed_with TEXT;
ALTER TABLE deliveries ADD COLUMN sealed_with TEXT;
ALTER TABLE callbacks ADD COLUMN sealed_with TEXT;

CREATE INDEX sealed_sessions ON sessions (sealed_with, id) WHERE sealed_with IS NOT NULL;
CREATE INDEX sealed_deliveries ON deliveries (sealed_with, session, direction, seq)
WHERE sealed_with IS NOT NULL;
CREATE INDEX sealed_callbacks ON callbacks (sealed_with, id) WHERE sealed_with IS NOT NULL;

-- Keys that have sealed something, each with what shows whether a key is the one that goes by its id.
CREATE TABLE keys (
    id    TEXT PRIMARY KEY,
    proof BLOB NOT NULL
) WITHOUT ROWID;
