-- What patterns are made of: who wrote an item, and what an organisation adds to the patterns of a period.
-- The same tables stand in migrations/data/sqlite.

-- Of the author of the item a hash under the organisation's key; empty if the item names none. It is not part of what is sealed and
-- never leaves the region: a pattern needs so many people, and this tells them apart.
ALTER TABLE records ADD COLUMN author TEXT NOT NULL DEFAULT '';

-- What an organisation adds to the patterns of a period, sealed under its own key: with the key it is gone, as its records are.
CREATE TABLE pattern_parts (
    org_id TEXT COLLATE "C" NOT NULL,
    period TEXT COLLATE "C" NOT NULL,
    -- A hash of the rules by which it was computed: under others it is computed again.
    rules TEXT NOT NULL,
    -- What stood when it was computed: the epoch, and how many records had been stored and removed. As long as these are the same
    -- nothing changed.
    epoch BIGINT NOT NULL,
    stored BIGINT NOT NULL,
    removed BIGINT NOT NULL,
    -- Records that were read for it.
    records BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (org_id, period)
);

-- What is encrypted cannot be compressed.
ALTER TABLE pattern_parts ALTER COLUMN sealed SET STORAGE EXTERNAL;
