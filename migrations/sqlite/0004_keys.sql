-- API keys, and the answers to requests that must not be done twice.
-- The same tables stand in migrations/postgres.

CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES organisations (id),
    name TEXT NOT NULL,
    -- With a space between them.
    scopes TEXT NOT NULL,
    -- SHA-256 of the key. The key itself is nowhere.
    hash TEXT NOT NULL UNIQUE,
    created_by TEXT NOT NULL REFERENCES accounts (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    -- Written at most every few minutes.
    last_used_at BIGINT
);

CREATE INDEX api_keys_by_org ON api_keys (org_id, created_at);

CREATE TABLE api_requests (
    -- A hash of the caller, the route and the key that the caller chose for the request.
    id TEXT PRIMARY KEY,
    body_hash TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    -- The answer; none while it is not known.
    status BIGINT,
    etag TEXT,
    body TEXT
);

CREATE INDEX api_requests_by_time ON api_requests (started_at);
