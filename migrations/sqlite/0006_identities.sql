-- Whom a provider of sign-in vouches for, by what it calls them: that stays the same when an e-mail address changes hands.
-- The same file stands in migrations/postgres.

CREATE TABLE identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    linked_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject),
    -- Whoever has the address of an account later is somebody else to the provider, and must not get the account with it.
    UNIQUE (issuer, account_id)
);
