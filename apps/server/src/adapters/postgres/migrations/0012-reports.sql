-- What staff decide on: all reports about one person or one group. subject: an account id or a conversation id. decided_by: null for the operator.
-- done_at: when the act was done.
CREATE TABLE cases (
  case_id text COLLATE "C" PRIMARY KEY,
  about text NOT NULL CHECK (about IN ('person', 'room')),
  subject text COLLATE "C" NOT NULL,
  opened_at bigint NOT NULL,
  reported_at bigint NOT NULL,
  decided_at bigint,
  decided_by bigint REFERENCES accounts,
  act text,
  note text,
  done_at bigint
);
CREATE UNIQUE INDEX cases_open ON cases (about, subject) WHERE decided_at IS NULL;
CREATE INDEX cases_by_subject ON cases (subject);

-- copy: JSON of the reported entry and of some before it, as the log had them; seal: SHA-256 of it, in hexadecimal digits.
CREATE TABLE reports (
  reporter_key bigint NOT NULL REFERENCES accounts,
  report_id text COLLATE "C" NOT NULL,
  case_id text COLLATE "C" NOT NULL REFERENCES cases,
  reported_at bigint NOT NULL,
  reason text NOT NULL,
  text text,
  conversation_id text COLLATE "C",
  seq bigint,
  copy text,
  seal text,
  PRIMARY KEY (reporter_key, report_id)
);
CREATE INDEX reports_by_case ON reports (case_id, reporter_key);
