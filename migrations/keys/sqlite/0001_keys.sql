-- The keys of a region's organisations, each encrypted under the master key, which is never in a database.
-- The same table stands in migrations/keys/postgres.

CREATE TABLE data_keys (
    org_id TEXT NOT NULL,
    -- From 1.
    generation BIGINT NOT NULL,
    -- None once it is destroyed.
    wrapped BLOB,
    made_at BIGINT NOT NULL,
    -- Since when nothing new is sealed with it.
    retired_at BIGINT,
    destroyed_at BIGINT,
    PRIMARY KEY (org_id, generation),
    CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);
