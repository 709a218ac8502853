-- Moves of organisations from one region to another.
-- The same table stands in migrations/sqlite.

CREATE TABLE moves (
    -- Also of its job, and of the withdrawal that empties the source.
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES organisations (id),
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    begun_at BIGINT NOT NULL,
    -- Since when the organisation is in the target.
    switched_at BIGINT,
    -- Since when nothing of it is left in the source.
    finished_at BIGINT
);

-- One at a time.
CREATE UNIQUE INDEX moves_open ON moves (org_id) WHERE finished_at IS NULL;
