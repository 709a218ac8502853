-- People and their roles: invitations that are open, and the way from an account to its sessions.
-- The same file stands in migrations/postgres.

-- Whoever holds the link of an invitation may accept it; only a hash of what stands in the link is kept. An invitation that
-- was accepted or withdrawn is gone from here; the audit log tells of it.
CREATE TABLE invitations (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES organisations (id),
    token_hash TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    invited_by TEXT NOT NULL REFERENCES accounts (id),
    invited_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX invitations_by_org ON invitations (org_id, invited_at);

CREATE INDEX sessions_by_account ON sessions (account_id);

CREATE INDEX memberships_by_org ON memberships (org_id);
