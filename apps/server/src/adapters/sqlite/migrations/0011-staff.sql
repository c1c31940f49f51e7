-- Acts of staff and security events, each row chained to the one before: hash is SHA-256 over the hash before and over the row. account_id: whom it is
-- about. details: JSON with ids, numbers and reasons, and never what anybody said.
CREATE TABLE journal (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  actor TEXT NOT NULL,
  account_id TEXT,
  details TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX journal_by_account ON journal (account_id, seq);
INSERT INTO journal (seq, at, kind, actor, account_id, details, hash) VALUES (0, 0, 'begun', 'system', NULL, '{}', '0000000000000000000000000000000000000000000000000000000000000000');

-- 1: a moderator, who is a member for programs from before there were any.
ALTER TABLE accounts ADD COLUMN moderator INTEGER NOT NULL DEFAULT 0;

-- Accounts that may not sign in or send. until_at: null for good.
CREATE TABLE suspensions (
  account_key INTEGER PRIMARY KEY REFERENCES accounts,
  suspension_id TEXT NOT NULL,
  began_at INTEGER NOT NULL,
  until_at INTEGER,
  reason TEXT NOT NULL,
  appeal TEXT NOT NULL
) STRICT;
