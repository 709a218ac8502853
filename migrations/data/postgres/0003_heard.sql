-- What was last told of an item or of a part of it, so that an older message that comes late brings nothing back.
-- The same table stands in migrations/data/sqlite.
-- It names what it is about by keyed hashes, as records do, and holds nothing that was written. A row is forgotten after a day: what is
-- older than that is not taken anyway.
--
-- Of the first of these migrations: tenants.epoch grows when a withdrawal begins, when a new key seals, and when an organisation moves.
CREATE TABLE heard (
    org_id TEXT COLLATE "C" NOT NULL,
    item TEXT COLLATE "C" NOT NULL,
    -- Empty for the item itself, * for all of it: its parts as well.
    part TEXT COLLATE "C" NOT NULL,
    -- When it happened at its source. A removal counts as a microsecond later.
    at BIGINT NOT NULL,
    PRIMARY KEY (org_id, item, part)
);

CREATE INDEX heard_by_time ON heard (at);
