-- The record: what was seen and said, in order, chained by hashes. See chain.ts for the hash, kinds.ts for the numbers of kinds, pack.ts for bodies.
CREATE TABLE entries (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  body TEXT NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

-- What was said is little among the observations, and is asked for by kind.
CREATE INDEX entries_said ON entries (kind, seq) WHERE kind > 2;

-- Entries whose bodies were let go, about a thousand to a row. `rows` holds for each: seq - first_seq (2 bytes), at - first_at (4 bytes), kind
-- (1 byte), SHA-256 of the body (32 bytes), big-endian. Their own hashes follow from these and from the hash before; that of the last is kept.
CREATE TABLE let_go (
  first_seq INTEGER PRIMARY KEY,
  last_seq INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  rows BLOB NOT NULL,
  last_hash BLOB NOT NULL CHECK (length(last_hash) = 32)
) STRICT;

-- A hand that slips is told no. A hand that means it is found by the hashes.
CREATE TRIGGER entries_dense BEFORE INSERT ON entries WHEN NEW.seq <> coalesce((SELECT max(seq) FROM entries), 0) + 1
BEGIN SELECT raise(ABORT, 'the record is append-only: the next entry follows the last'); END;
CREATE TRIGGER entries_unchanged BEFORE UPDATE ON entries
BEGIN SELECT raise(ABORT, 'the record is append-only: append a correction'); END;
CREATE TRIGGER entries_kept BEFORE DELETE ON entries
WHEN OLD.kind > 2 OR NOT EXISTS (SELECT 1 FROM let_go WHERE OLD.seq BETWEEN first_seq AND last_seq)
BEGIN SELECT raise(ABORT, 'the record is append-only: append a correction'); END;
CREATE TRIGGER let_go_unchanged BEFORE UPDATE ON let_go
BEGIN SELECT raise(ABORT, 'the record is append-only'); END;
CREATE TRIGGER let_go_kept BEFORE DELETE ON let_go
BEGIN SELECT raise(ABORT, 'the record is append-only'); END;
