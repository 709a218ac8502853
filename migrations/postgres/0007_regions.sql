-- Where each organisation's data is kept. Whoever was there before is in the first region of the built-in catalogue.
-- The same column stands in migrations/sqlite.

ALTER TABLE organisations ADD COLUMN region TEXT NOT NULL DEFAULT 'eu';

CREATE INDEX organisations_by_region ON organisations (region, id);
