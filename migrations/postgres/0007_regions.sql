-- Where each organisation's data is kept. Whoever was there before is in the first region of the catalogue.
-- The same columns stand in migrations/sqlite.

ALTER TABLE organisations ADD COLUMN region TEXT NOT NULL DEFAULT 'eu';

-- While it is on its way to another region nothing is taken in.
ALTER TABLE organisations ADD COLUMN moving_to TEXT;

CREATE INDEX organisations_by_region ON organisations (region, id);
