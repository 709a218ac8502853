-- A region's data: what was contributed, the ledger of it, and the work that removes it.
-- The same tables stand in migrations/data/postgres.
-- Every key begins with the organisation, so that a database of several machines can keep each organisation on one of them.
-- The control plane may be in the same database: nothing here refers to it.

-- How far the region has come with an organisation. The row is the lock that its batches and withdrawals queue on.
CREATE TABLE tenants (
    org_id TEXT PRIMARY KEY,
    -- The number of the last change of settings that was acted on.
    version BIGINT NOT NULL,
    -- How many withdrawals began.
    epoch BIGINT NOT NULL
);

-- The answers to batches, for a sender who sends one again.
CREATE TABLE batches (
    org_id TEXT NOT NULL,
    key TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    answer TEXT NOT NULL,
    stored_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, key)
);

CREATE INDEX batches_by_time ON batches (stored_at);

CREATE TABLE records (
    org_id TEXT NOT NULL,
    -- Hashes under the organisation's key: which item of the source, and which part of it; empty for the item as a whole.
    item TEXT NOT NULL,
    part TEXT NOT NULL,
    kind TEXT NOT NULL,
    app TEXT NOT NULL,
    -- Empty for what has none.
    space TEXT NOT NULL,
    -- The generation of the key that sealed it.
    generation BIGINT NOT NULL,
    -- A keyed hash of what was sealed.
    digest TEXT NOT NULL,
    -- The settings and the catalogue under which it was contributed.
    version BIGINT NOT NULL,
    catalogue TEXT NOT NULL,
    -- A withdrawal that begins later takes it.
    epoch BIGINT NOT NULL,
    stored_at BIGINT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (org_id, item, part, kind)
);

-- With the epoch in it, what is held is counted without reading a record.
CREATE INDEX records_by_group ON records (org_id, app, space, kind, stored_at, epoch);
CREATE INDEX records_by_time ON records (org_id, stored_at);
CREATE INDEX records_by_generation ON records (org_id, generation);

-- What was contributed and removed, a line for each day, group and version of the settings under which it was contributed.
CREATE TABLE ledger (
    org_id TEXT NOT NULL,
    day TEXT NOT NULL,
    app TEXT NOT NULL,
    space TEXT NOT NULL,
    kind TEXT NOT NULL,
    version BIGINT NOT NULL,
    items BIGINT NOT NULL,
    fields BIGINT NOT NULL,
    removed BIGINT NOT NULL,
    PRIMARY KEY (org_id, day, app, space, kind, version)
);

-- How often each kind of personal data was found in what was contributed.
CREATE TABLE ledger_found (
    org_id TEXT NOT NULL,
    day TEXT NOT NULL,
    app TEXT NOT NULL,
    space TEXT NOT NULL,
    version BIGINT NOT NULL,
    kind TEXT NOT NULL,
    times BIGINT NOT NULL,
    PRIMARY KEY (org_id, day, app, space, version, kind)
);

CREATE TABLE withdrawals (
    org_id TEXT NOT NULL,
    id TEXT NOT NULL,
    cause TEXT NOT NULL,
    because TEXT NOT NULL,
    version BIGINT NOT NULL,
    -- Only records below it are meant.
    epoch BIGINT NOT NULL,
    -- Everything of the organisation is meant, also of groups that are not listed.
    whole BOOLEAN NOT NULL,
    stored_before BIGINT,
    -- The keys up to this generation are destroyed.
    key_generation BIGINT NOT NULL,
    since BIGINT NOT NULL,
    due_in_app BIGINT NOT NULL,
    due BIGINT NOT NULL,
    total BIGINT NOT NULL,
    removed BIGINT NOT NULL,
    finished_at BIGINT,
    receipt TEXT,
    PRIMARY KEY (org_id, id)
);

CREATE INDEX withdrawals_by_epoch ON withdrawals (org_id, epoch, id);
CREATE INDEX withdrawals_open ON withdrawals (due_in_app, due) WHERE receipt IS NULL;

CREATE TABLE withdrawal_groups (
    org_id TEXT NOT NULL,
    id TEXT NOT NULL,
    app TEXT NOT NULL,
    space TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- Records that stood when it began, and that were removed since.
    total BIGINT NOT NULL,
    removed BIGINT NOT NULL,
    PRIMARY KEY (org_id, id, app, space, kind),
    FOREIGN KEY (org_id, id) REFERENCES withdrawals (org_id, id)
);

CREATE TABLE jobs (
    org_id TEXT NOT NULL,
    id TEXT NOT NULL,
    task TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL,
    done BIGINT NOT NULL,
    total BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    finished_at BIGINT,
    -- Whose it is, and until when if nothing is heard of them. Only of a running job.
    worker TEXT,
    leased_until BIGINT,
    PRIMARY KEY (org_id, id)
);

CREATE INDEX jobs_by_state ON jobs (state, due_at);
CREATE INDEX jobs_by_time ON jobs (org_id, created_at, id);
