-- Server processes on this database. `beats` rises while a process lives, so that no clock is compared.
CREATE TABLE processes (
  process TEXT PRIMARY KEY,
  beats INTEGER NOT NULL,
  written_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Which process a device has come to lately, for processes that do not hear each other.
CREATE TABLE arrivals (
  device_id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  process TEXT NOT NULL,
  arrived_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX arrivals_by_time ON arrivals (arrived_at);

-- Limits that all processes count together. Keys are hashes: they tell neither an address nor a handle.
CREATE TABLE limits (
  key TEXT PRIMARY KEY,
  taken INTEGER NOT NULL,
  began_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX limits_by_end ON limits (ends_at);
