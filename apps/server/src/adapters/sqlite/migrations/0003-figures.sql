-- Accounts that the sentinel makes to try the messenger, and the invites by which it does.
ALTER TABLE accounts ADD COLUMN canary INTEGER NOT NULL DEFAULT 0 CHECK (canary IN (0, 1));
ALTER TABLE invites ADD COLUMN canary INTEGER NOT NULL DEFAULT 0 CHECK (canary IN (0, 1));
CREATE INDEX accounts_canary ON accounts (account_key) WHERE canary = 1;

-- When an account was last connected, and since when without a longer pause. Apart from accounts, whose rows others wait for.
CREATE TABLE account_activity (
  account_key INTEGER PRIMARY KEY REFERENCES accounts,
  active_since INTEGER NOT NULL,
  last_active_at INTEGER NOT NULL CHECK (last_active_at >= active_since)
) STRICT;
CREATE INDEX account_activity_by_time ON account_activity (last_active_at);

-- What devices told, once they were back, of what they could not do. The id is the device's; the times are the server's.
CREATE TABLE outage_reports (
  account_key INTEGER NOT NULL REFERENCES accounts,
  report_id TEXT NOT NULL,
  part TEXT NOT NULL CHECK (part IN ('connection', 'sign-in')),
  began_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL CHECK (ended_at >= began_at),
  unsent INTEGER NOT NULL CHECK (unsent >= 0),
  PRIMARY KEY (account_key, report_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX outage_reports_by_time ON outage_reports (ended_at);
