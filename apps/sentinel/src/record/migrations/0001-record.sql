-- The record: what was seen and said, in order, chained by hashes. See chain.ts for the hash.
CREATE TABLE entries (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  -- Canonical JSON.
  body TEXT NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX entries_by_kind ON entries (kind, seq);

-- Evidence of finished hours: unbroken runs of entries. See segments.ts.
CREATE TABLE segments (
  first_seq INTEGER PRIMARY KEY,
  last_seq INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  -- The hash before the first entry, and that of the last one.
  hash_before BLOB NOT NULL CHECK (length(hash_before) = 32),
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  -- Null when the entries were dropped because of their age.
  packed BLOB
) STRICT;

-- A hand that slips is told no. A hand that means it is found by the hashes.
CREATE TRIGGER entries_dense BEFORE INSERT ON entries
WHEN NEW.seq <> max(coalesce((SELECT max(seq) FROM entries), 0), coalesce((SELECT max(last_seq) FROM segments), 0)) + 1
BEGIN SELECT raise(ABORT, 'the record is append-only: the next entry follows the last'); END;
CREATE TRIGGER entries_unchanged BEFORE UPDATE ON entries
BEGIN SELECT raise(ABORT, 'the record is append-only: append a correction'); END;
CREATE TRIGGER entries_kept BEFORE DELETE ON entries
WHEN NOT EXISTS (SELECT 1 FROM segments WHERE OLD.seq BETWEEN first_seq AND last_seq)
BEGIN SELECT raise(ABORT, 'the record is append-only: append a correction'); END;
CREATE TRIGGER segments_unchanged BEFORE UPDATE ON segments
WHEN NEW.packed IS NOT NULL OR (OLD.first_seq, OLD.last_seq, OLD.first_at, OLD.last_at, OLD.hash_before, OLD.hash)
  IS NOT (NEW.first_seq, NEW.last_seq, NEW.first_at, NEW.last_at, NEW.hash_before, NEW.hash)
BEGIN SELECT raise(ABORT, 'the record is append-only'); END;
CREATE TRIGGER segments_kept BEFORE DELETE ON segments
BEGIN SELECT raise(ABORT, 'the record is append-only'); END;
