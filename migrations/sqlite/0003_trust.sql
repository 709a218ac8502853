-- Who may be trusted with what, and the log that shows it: the audit log and the reviews of support.
-- The same tables stand in migrations/postgres.

-- Every log: one of each organisation, and 'installation'. The row is the lock that appends of one log queue on.
CREATE TABLE audit_heads (
    scope TEXT PRIMARY KEY,
    sequence BIGINT NOT NULL,
    hash TEXT NOT NULL,
    -- Of the last entry. The time in a log never goes back, so a span of time is a span of numbers.
    at BIGINT NOT NULL
);

-- The body is the canonical JSON that was hashed, byte by byte; everything else is read out of it.
CREATE TABLE audit_entries (
    scope TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    body TEXT NOT NULL,
    hash TEXT NOT NULL,
    at BIGINT NOT NULL GENERATED ALWAYS AS (body ->> 'at') VIRTUAL,
    action TEXT NOT NULL GENERATED ALWAYS AS (body ->> 'action') VIRTUAL,
    actor TEXT NOT NULL GENERATED ALWAYS AS (body ->> '$.actor.id') VIRTUAL,
    actor_kind TEXT NOT NULL GENERATED ALWAYS AS (body ->> '$.actor.kind') VIRTUAL,
    outcome TEXT NOT NULL GENERATED ALWAYS AS (body ->> 'outcome') VIRTUAL,
    PRIMARY KEY (scope, sequence)
);

CREATE INDEX audit_by_time ON audit_entries (scope, at, sequence);
CREATE INDEX audit_by_action ON audit_entries (scope, action, sequence, actor, actor_kind, outcome);
CREATE INDEX audit_by_actor ON audit_entries (scope, actor, sequence, actor_kind, action, outcome);
CREATE INDEX audit_by_actor_kind ON audit_entries (scope, actor_kind, sequence, actor, action, outcome);
CREATE INDEX audit_by_outcome ON audit_entries (scope, outcome, sequence, actor, actor_kind, action);

-- What an entry is about, for the search: the kind of its resource, the kind with the id, and each setting that it changed.
CREATE TABLE audit_resources (
    scope TEXT NOT NULL,
    resource TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (scope, resource, sequence)
) WITHOUT ROWID;

CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries
BEGIN
    SELECT RAISE(ABORT, 'an entry of the audit log cannot be changed');
END;

-- Replacing a row fires no trigger for its deletion.
CREATE TRIGGER audit_entries_are_not_replaced BEFORE INSERT ON audit_entries
WHEN EXISTS (SELECT 1 FROM audit_entries WHERE scope = NEW.scope AND sequence = NEW.sequence)
BEGIN
    SELECT RAISE(ABORT, 'an entry of the audit log cannot be replaced');
END;

CREATE TRIGGER audit_entries_are_kept BEFORE DELETE ON audit_entries
BEGIN
    SELECT RAISE(ABORT, 'an entry of the audit log cannot be deleted');
END;

-- Whether an admin has to allow each look of support.
ALTER TABLE organisations ADD COLUMN support_must_ask BOOLEAN NOT NULL DEFAULT FALSE;

CREATE TABLE support_reviews (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES organisations (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    purpose TEXT NOT NULL,
    case_number TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    starts_at BIGINT,
    ends_at BIGINT,
    ended_at BIGINT,
    ended_by TEXT REFERENCES accounts (id)
);

CREATE INDEX support_reviews_by_org ON support_reviews (org_id, asked_at);
