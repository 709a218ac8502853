-- The control plane: organisations, what they run, what their admins chose, and who may sign in.
-- The same file stands in migrations/postgres. Ids are UUIDv7 as text, times whole microseconds since 1970 UTC.

CREATE TABLE installation (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE organisations (
    id TEXT PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Counts the changes of its settings; each change takes the next number.
    version BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE subscriptions (
    org_id TEXT NOT NULL REFERENCES organisations (id),
    app TEXT NOT NULL,
    plan TEXT NOT NULL,
    trial BOOLEAN NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT,
    PRIMARY KEY (org_id, app, starts_at, trial)
);

CREATE TABLE exemptions (
    org_id TEXT NOT NULL REFERENCES organisations (id),
    exemption TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT,
    PRIMARY KEY (org_id, exemption, starts_at)
);

CREATE TABLE spaces (
    org_id TEXT NOT NULL REFERENCES organisations (id),
    app TEXT NOT NULL,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (org_id, app, key)
);

CREATE TABLE connectors (
    org_id TEXT NOT NULL REFERENCES organisations (id),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);

-- What was chosen. A setting that was removed keeps its row, so that a stale form is still recognised as stale.
CREATE TABLE settings (
    org_id TEXT NOT NULL REFERENCES organisations (id),
    setting TEXT NOT NULL,
    is_on BOOLEAN,
    chosen_at BIGINT NOT NULL,
    -- The organisation's version at which it last changed.
    version BIGINT NOT NULL,
    PRIMARY KEY (org_id, setting)
);

CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    -- support, operator, or null for people of a customer
    staff_role TEXT
);

CREATE TABLE memberships (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    org_id TEXT NOT NULL REFERENCES organisations (id),
    role TEXT NOT NULL,
    PRIMARY KEY (account_id, org_id)
);

-- One line per change: who, when, why. What it changed stands in change_items.
CREATE TABLE changes (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES organisations (id),
    version BIGINT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    changed_at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    reverts TEXT REFERENCES changes (id),
    UNIQUE (org_id, version)
);

CREATE TABLE change_items (
    change_id TEXT NOT NULL REFERENCES changes (id),
    org_id TEXT NOT NULL REFERENCES organisations (id),
    setting TEXT NOT NULL,
    old_on BOOLEAN,
    old_chosen_at BIGINT,
    new_on BOOLEAN,
    new_chosen_at BIGINT,
    PRIMARY KEY (change_id, setting)
);

CREATE INDEX change_items_by_setting ON change_items (org_id, setting);

-- Only a hash of the session id is kept: a copy of this table signs nobody in.
CREATE TABLE sessions (
    id_hash TEXT PRIMARY KEY,
    account_id TEXT REFERENCES accounts (id),
    data TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX sessions_by_expiry ON sessions (expires_at);
