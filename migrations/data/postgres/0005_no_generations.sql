-- When a key is renewed, every record is read in the order of its place: an index that each batch writes for that is not worth it.
DROP INDEX records_by_generation;
