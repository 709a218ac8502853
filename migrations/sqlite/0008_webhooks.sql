-- Webhooks: where Jira says what happened to a work item.
-- The same table stands in migrations/postgres.

CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES organisations (id),
    name TEXT NOT NULL,
    -- Encrypted under the master key, which is in no database, and bound to this row; none once it was revoked.
    secret BLOB,
    created_by TEXT NOT NULL REFERENCES accounts (id),
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    -- Written at most every few minutes.
    last_used_at BIGINT
);

CREATE INDEX webhooks_by_org ON webhooks (org_id, created_at);
