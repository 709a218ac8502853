-- Patterns that many organisations share, as they were published. What did not pass a threshold is in none of these tables.
-- The same tables stand in migrations/postgres.

-- The key of a period, encrypted under the master key. It is gone when the period is over.
CREATE TABLE pattern_keys (
    period TEXT PRIMARY KEY,
    wrapped BLOB,
    made_at BIGINT NOT NULL,
    dropped_at BIGINT
);

-- The work that makes a release: one at a time, by one worker at a time.
CREATE TABLE release_runs (
    id TEXT PRIMARY KEY,
    -- 'open' until it is finished, then null: so there is never a second one that is open.
    turn TEXT UNIQUE,
    period TEXT NOT NULL,
    state TEXT NOT NULL,
    -- What it is at, in a word, and how far: organisations.
    step TEXT NOT NULL,
    done BIGINT NOT NULL,
    total BIGINT NOT NULL,
    -- Regions that it waits for, with commas.
    waits_for TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    finished_at BIGINT,
    -- What it published.
    version BIGINT,
    worker TEXT,
    leased_until BIGINT
);

CREATE INDEX release_runs_by_time ON release_runs (made_at, id);

CREATE TABLE releases (
    version BIGINT PRIMARY KEY,
    period TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    catalogue TEXT NOT NULL,
    -- JSON: the rules that held, what was published and what was not, and how good suggestions from it are.
    head TEXT NOT NULL,
    report TEXT NOT NULL,
    measure TEXT NOT NULL
);

CREATE TABLE release_cells (
    version BIGINT NOT NULL REFERENCES releases (version),
    -- `type+priority=Bug|High`
    cell TEXT NOT NULL,
    organisations BIGINT NOT NULL,
    people BIGINT NOT NULL,
    PRIMARY KEY (version, cell)
);

-- Which organisations a release was computed with. It is for their receipts and for themselves, and is never shown to others.
CREATE TABLE release_parts (
    version BIGINT NOT NULL REFERENCES releases (version),
    org_id TEXT NOT NULL,
    PRIMARY KEY (version, org_id)
);

CREATE INDEX release_parts_by_org ON release_parts (org_id, version);

-- Which of them took something back since.
CREATE TABLE release_withdrawals (
    version BIGINT NOT NULL REFERENCES releases (version),
    org_id TEXT NOT NULL,
    withdrawn_at BIGINT NOT NULL,
    PRIMARY KEY (version, org_id)
);

-- What was published stays as it is.

CREATE TRIGGER releases_stay BEFORE UPDATE ON releases
BEGIN
    SELECT RAISE(ABORT, 'a release cannot be changed');
END;

CREATE TRIGGER releases_are_not_replaced BEFORE INSERT ON releases
WHEN EXISTS (SELECT 1 FROM releases WHERE version = NEW.version)
BEGIN
    SELECT RAISE(ABORT, 'a release cannot be replaced');
END;

CREATE TRIGGER releases_are_kept BEFORE DELETE ON releases
BEGIN
    SELECT RAISE(ABORT, 'a release cannot be deleted');
END;

CREATE TRIGGER release_cells_stay BEFORE UPDATE ON release_cells
BEGIN
    SELECT RAISE(ABORT, 'a release cannot be changed');
END;

CREATE TRIGGER release_cells_are_not_replaced BEFORE INSERT ON release_cells
WHEN EXISTS (SELECT 1 FROM release_cells WHERE version = NEW.version AND cell = NEW.cell)
BEGIN
    SELECT RAISE(ABORT, 'a release cannot be replaced');
END;

CREATE TRIGGER release_cells_are_kept BEFORE DELETE ON release_cells
BEGIN
    SELECT RAISE(ABORT, 'a release cannot be deleted');
END;

CREATE TRIGGER release_parts_stay BEFORE UPDATE ON release_parts
BEGIN
    SELECT RAISE(ABORT, 'a release cannot be changed');
END;

CREATE TRIGGER release_parts_are_not_replaced BEFORE INSERT ON release_parts
WHEN EXISTS (SELECT 1 FROM release_parts WHERE version = NEW.version AND org_id = NEW.org_id)
BEGIN
    SELECT RAISE(ABORT, 'a release cannot be replaced');
END;

CREATE TRIGGER release_parts_are_kept BEFORE DELETE ON release_parts
BEGIN
    SELECT RAISE(ABORT, 'a release cannot be deleted');
END;
