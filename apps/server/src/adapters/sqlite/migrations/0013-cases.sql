-- 1: staff keep the account out, whether it was a member then or not.
ALTER TABLE barred ADD COLUMN by_staff INTEGER NOT NULL DEFAULT 0;

-- Bars of staff that a member has lifted, until the journal has them.
CREATE TABLE lifted_bars (
  conversation_key INTEGER NOT NULL REFERENCES conversations,
  account_key INTEGER NOT NULL REFERENCES accounts,
  lifted_by INTEGER NOT NULL REFERENCES accounts,
  PRIMARY KEY (conversation_key, account_key)
) STRICT, WITHOUT ROWID;

-- asked: JSON of the whole act that was decided; null in cases decided before.
ALTER TABLE cases ADD COLUMN asked TEXT;

-- Chance in hexadecimal digits, hashed before the copy; null in reports from before.
ALTER TABLE reports ADD COLUMN salt TEXT;
CREATE INDEX reports_by_conversation ON reports (conversation_id);
