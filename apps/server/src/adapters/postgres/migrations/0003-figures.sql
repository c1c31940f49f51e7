-- Accounts that the sentinel makes to try the messenger, and the invites by which it does.
ALTER TABLE accounts ADD COLUMN canary bigint NOT NULL DEFAULT 0 CHECK (canary IN (0, 1));
ALTER TABLE invites ADD COLUMN canary bigint NOT NULL DEFAULT 0 CHECK (canary IN (0, 1));
CREATE INDEX accounts_canary ON accounts (account_key) WHERE canary = 1;

-- When an account was last connected, and since when without a longer pause. Apart from accounts, whose rows others wait for.
CREATE TABLE account_activity (
  account_key bigint PRIMARY KEY REFERENCES accounts,
  active_since bigint NOT NULL,
  last_active_at bigint NOT NULL CHECK (last_active_at >= active_since)
);
CREATE INDEX account_activity_by_time ON account_activity (last_active_at);

-- What devices told, once they were back, of what they could not do. The id is the device's; the times are the server's.
CREATE TABLE outage_reports (
  account_key bigint NOT NULL REFERENCES accounts,
  report_id text COLLATE "C" NOT NULL,
  part text NOT NULL CHECK (part IN ('connection', 'sign-in')),
  began_at bigint NOT NULL,
  ended_at bigint NOT NULL CHECK (ended_at >= began_at),
  unsent bigint NOT NULL CHECK (unsent >= 0),
  PRIMARY KEY (account_key, report_id)
);
CREATE INDEX outage_reports_by_time ON outage_reports (ended_at);
