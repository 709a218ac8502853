-- Where an item was when something was told of it: what is told late from a space that it has left is not taken.
-- The same column stands in migrations/data/sqlite.
ALTER TABLE heard ADD COLUMN space TEXT COLLATE "C" NOT NULL DEFAULT '';
