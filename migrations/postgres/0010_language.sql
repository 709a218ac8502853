-- In which language an account is told things: `en`, `de`; without one it is as the browser says.
-- The same file stands in migrations/sqlite.

ALTER TABLE accounts ADD COLUMN language TEXT;
