-- What the wash of an organisation knows: the people it looks for and the terms that its admins set.
-- The same file stands in migrations/sqlite.

-- Counts the changes of terms and people; each change takes the next number.
ALTER TABLE organisations ADD COLUMN knowledge_version BIGINT NOT NULL DEFAULT 0;

CREATE TABLE terms (
    org_id TEXT NOT NULL REFERENCES organisations (id),
    -- How terms are compared: without case, accents and extra spaces.
    folded TEXT NOT NULL,
    term TEXT NOT NULL,
    -- Always removed, or never.
    removed BOOLEAN NOT NULL,
    added_at BIGINT NOT NULL,
    added_by TEXT NOT NULL REFERENCES accounts (id),
    PRIMARY KEY (org_id, folded)
);

-- Where the people of an organisation came from, and when.
CREATE TABLE people_sources (
    org_id TEXT NOT NULL REFERENCES organisations (id),
    source TEXT NOT NULL,
    people BIGINT NOT NULL,
    imported_at BIGINT NOT NULL,
    imported_by TEXT NOT NULL REFERENCES accounts (id),
    PRIMARY KEY (org_id, source)
);

-- Each list has one value a line.
CREATE TABLE people (
    org_id TEXT NOT NULL REFERENCES organisations (id),
    source TEXT NOT NULL,
    -- The place in the list, by name; an import gives them out anew.
    place BIGINT NOT NULL,
    names TEXT NOT NULL,
    handles TEXT NOT NULL,
    account_ids TEXT NOT NULL,
    emails TEXT NOT NULL,
    -- Everything above, folded as terms are.
    folded TEXT NOT NULL,
    PRIMARY KEY (org_id, source, place)
);

-- One line per change: who, when, and how many people came and went. It never says who they are.
CREATE TABLE knowledge_changes (
    org_id TEXT NOT NULL REFERENCES organisations (id),
    version BIGINT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    changed_at BIGINT NOT NULL,
    people_added BIGINT NOT NULL,
    people_changed BIGINT NOT NULL,
    people_removed BIGINT NOT NULL,
    PRIMARY KEY (org_id, version)
);

CREATE TABLE knowledge_change_terms (
    org_id TEXT NOT NULL REFERENCES organisations (id),
    version BIGINT NOT NULL,
    folded TEXT NOT NULL,
    term TEXT NOT NULL,
    -- Always removed, never removed, or null for not in the dictionary.
    old_removed BOOLEAN,
    new_removed BOOLEAN,
    PRIMARY KEY (org_id, version, folded)
);
