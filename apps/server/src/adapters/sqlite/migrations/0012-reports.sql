-- What staff decide on: all reports about one person or one group. subject: an account id or a conversation id. decided_by: null for the operator.
-- done_at: when the act was done.
CREATE TABLE cases (
  case_id TEXT PRIMARY KEY,
  about TEXT NOT NULL CHECK (about IN ('person', 'room')),
  subject TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  reported_at INTEGER NOT NULL,
  decided_at INTEGER,
  decided_by INTEGER REFERENCES accounts,
  act TEXT,
  note TEXT,
  done_at INTEGER
) STRICT;
CREATE UNIQUE INDEX cases_open ON cases (about, subject) WHERE decided_at IS NULL;
CREATE INDEX cases_by_subject ON cases (subject);

-- copy: JSON of the reported entry and of some before it, as the log had them; seal: SHA-256 of it, in hexadecimal digits.
CREATE TABLE reports (
  reporter_key INTEGER NOT NULL REFERENCES accounts,
  report_id TEXT NOT NULL,
  case_id TEXT NOT NULL REFERENCES cases,
  reported_at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  text TEXT,
  conversation_id TEXT,
  seq INTEGER,
  copy TEXT,
  seal TEXT,
  PRIMARY KEY (reporter_key, report_id)
) STRICT;
CREATE INDEX reports_by_case ON reports (case_id, reporter_key);
