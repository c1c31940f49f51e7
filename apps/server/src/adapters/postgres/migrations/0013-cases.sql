-- 1: staff keep the account out, whether it was a member then or not.
ALTER TABLE barred ADD COLUMN by_staff integer NOT NULL DEFAULT 0;

-- Bars of staff that a member has lifted, until the journal has them.
CREATE TABLE lifted_bars (
  conversation_key bigint NOT NULL REFERENCES conversations,
  account_key bigint NOT NULL REFERENCES accounts,
  lifted_by bigint NOT NULL REFERENCES accounts,
  PRIMARY KEY (conversation_key, account_key)
);

-- asked: JSON of the whole act that was decided; null in cases decided before.
ALTER TABLE cases ADD COLUMN asked text;

-- Chance in hexadecimal digits, hashed before the copy; null in reports from before.
ALTER TABLE reports ADD COLUMN salt text;
CREATE INDEX reports_by_conversation ON reports (conversation_id);
